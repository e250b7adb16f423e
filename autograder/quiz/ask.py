"""What the cells of a quiz notebook call: they show a question, and say whether an answer has the right form.

Right or wrong is told by the grader alone, later.
"""

from ..render import render
from . import answers, bank, graded
from .markup import html, inline
from .question import CHOICE, QuizError


class Asked:
    """A question as a notebook shows it, options with letters, without its key."""

    def __init__(self, question):
        self.question = question

    def __repr__(self):
        lines = [self.question.stem, *(f"{chr(65 + i)}: {o.text}" for i, o in enumerate(self._options()))]
        return "\n".join([*lines, f"Answer with {answers.expected(self.question)}."])

    def _repr_html_(self):
        return render(
            "asked.html",
            stem=html(self.question.stem),
            options=[inline(option.text) for option in self._options()],
            expected=answers.expected(self.question),
        )

    def _options(self):
        listed = self.question.kind in (*CHOICE, "multiple", "order")
        return self.question.options if listed else ()


def ask(question: str, student: str, quiz: str) -> Asked:
    """The variant of a question that a student gets in a quiz.

    Args:
        question: its id.
        student: your id, as the course knows you.
        quiz: the notebook's name.
    Raises:
        QuizError: there is no such question, or no id.
    """
    if not isinstance(student, str) or not student.strip():
        raise QuizError('your id is missing: write it between the quotes of `student = ""` and run that cell')
    return Asked(bank.question(question, student, quiz))


def received(question: str, answer: object, student: str, quiz: str) -> str:
    """Whether an answer has a form that can be read; not whether it is right."""
    asked = ask(question, student, quiz).question
    if answer is None or answer is ...:
        return f"no answer yet: assign {answers.expected(asked)}"
    try:
        graded.understood(asked, answer)
    except QuizError as error:
        return str(error)
    return "received; it is marked when the notebook is graded"
