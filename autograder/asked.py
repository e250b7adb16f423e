"""What a notebook is asked: the bank's exercises, and quiz questions under the names of their answers."""

from nbformat import NotebookNode

from . import exercises
from .evidence import Evidence
from .exercises import Exercise
from .judge import Verdict, judge
from .quiz import graded


def find(name: str) -> Exercise:
    """The exercise called `name`, or the quiz question whose answer has this name.

    Raises:
        UnknownExercise: there is none, a KeyError.
    """
    if name.startswith(graded.PREFIX) and name in graded.questions():
        return graded.as_exercise(name)
    return exercises.find(name)


def names(skeleton: NotebookNode) -> dict[str, float]:
    """What a released notebook asks by program, in its order, with its points there."""
    found = {}
    for cell in skeleton.cells:
        settings = cell.metadata.get("nbgrader", {})
        name = settings.get("grade_id", "")
        if settings.get("grade") and (name in exercises.bank() or _is_quiz(name)):
            found[name] = float(settings.get("points", 0))
    return found


def at(cell: NotebookNode) -> str:
    """What is asked where this cell stands: at an exercise's check, or after a quiz answer; "" elsewhere."""
    settings = cell.metadata.get("nbgrader", {})
    name = settings.get("grade_id", "")
    if settings.get("solution"):
        return ""
    if settings.get("grade") and name in exercises.bank():
        return name
    name = name.removesuffix(graded.ASKED_FOR) if name.endswith(graded.ASKED_FOR) else ""
    return name if _is_quiz(name) else ""


def verdict(name: str, points: float, evidence: Evidence, student: str, lesson: str) -> Verdict:
    """The verdict on one student's answer."""
    if name in exercises.bank():
        return judge(exercises.find(name), evidence)
    return graded.judge_answer(name, points, evidence, student, lesson)


def _is_quiz(name):
    return name.startswith(graded.PREFIX) and name in graded.questions()
