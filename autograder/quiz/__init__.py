"""Questions and cards from the bank: keys from the reference, wrong options from the named mistakes.

bank/         templates (Python) and static questions, misconceptions and cards (YAML)
question.py   what a question is, ready for any outlet
template.py   questions that compute: parameters, key, second derivation; wrong.py: their wrong answers
static.py     questions, misconceptions and cards that are written out, from YAML
gates.py      what every question must pass
outlets/      one module for each format: Moodle, Canvas, Anki, a web page, print, notebooks …; build.py writes them all
answers.py    what was answered: read, marked, and the mistake behind it
taking/       quizzes and cards in the terminal
ask.py        a question in a notebook; graded.py marks it, practise.py shows some in a lesson
analysis/     what a class answered, and which questions did their work
"""
