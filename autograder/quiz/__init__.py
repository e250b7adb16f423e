"""Questions and cards from the bank: keys from the reference, wrong options from the named mistakes.

bank/         templates (Python) and static questions, misconceptions and cards (YAML), a pair of files a lesson
question.py   what a question is, ready for any outlet
template.py   questions that compute: parameters, key, second derivation, wrong answers
static.py     questions, misconceptions and cards that are written out, from YAML
gates.py      what every question must pass
"""
