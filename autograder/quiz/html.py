"""Questions as one HTML page: native controls, maths as MathML, no script, nothing loaded."""

from ..render import render
from .question import Question


def page(questions: list[Question], title: str) -> str:
    """A page on which each question's answer unfolds below its options."""
    return render("quiz.html", questions=questions, title=title)
