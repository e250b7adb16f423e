"""Questions as a notebook that `autograder grade` marks: each student has variants of their own.

Put the folder into the course's `lessons/`. Right answers stand nowhere in it: the grader works them out again, for the
student whose folder it is. nbgrader's own `autograde` leaves the answers to be marked by hand.
"""

from pathlib import Path

import nbformat

from ...course import write_text
from ...notebooks import KERNEL, cell_settings, release_name
from .. import graded
from ..question import Question
from ..static import Card

HOW = """# {title}

Write your id, as the course knows you, between the quotes, and run the cell. Then run the others one by one: each shows a
question, made for you, and below it is room for your answer: a letter such as `"B"`, letters such as `"A C"`, a number,
or a list of numbers. Whether it is right you learn when the notebook is graded."""


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write `<name>/<name>.ipynb`, named after the lesson, or `quiz` where there are several."""
    lessons = {question.lesson for question in questions}
    name = f"quiz_{next(iter(lessons))}" if len(lessons) == 1 else "quiz"
    path = place / name / f"{name}.ipynb"
    write_text(path, nbformat.writes(notebook(questions, name, title), version=nbformat.NO_CONVERT) + "\n")
    return [path]


def left_out(questions: list[Question]) -> dict[str, str]:
    """Essays stay with a person, as written answers; everything is carried."""
    return {}


def notebook(questions: list[Question], name: str, title: str) -> nbformat.NotebookNode:
    """The notebook of a quiz called `name`, from which variants are drawn too."""
    cells = [
        _text(HOW.format(title=title)),
        _code(
            f'from autograder.quiz.ask import ask, received\n\nquiz = "{name}"\nstudent = ""',
            graded.STUDENT_ID,
            solution=True,
        ),
    ]
    for number, question in enumerate(questions, 1):
        cells.append(_text(f"## Question {number}"))
        cells += _essay(question) if question.kind == "essay" else _asked(question)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:03}"
    made = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    made.metadata["nnlib_course"] = {"release": release_name(cells)}
    made.nbformat, made.nbformat_minor = 4, 5
    return made


def _asked(question):
    variable = graded.variable(question.id)
    answer = f"{variable} = None  # your answer in place of None"
    received = f'received("{question.id}", {variable}, student, quiz)'
    return [
        _code(f'ask("{question.id}", student, quiz)', f"{variable}-question"),
        _code(answer, variable, grade=True, solution=True, points=question.points),
        _code(received, variable + graded.ASKED_FOR),
    ]


def _essay(question):
    rubric = "\n".join(f"- {criterion.points:g}: {criterion.says}" for criterion in question.rubric)
    answer = _text("*Your answer here.*")
    name = f"written_{question.id.replace('-', '_')}"
    answer.metadata["nbgrader"] = cell_settings(
        name, "markdown", grade=True, solution=True, points=question.points
    )
    return [_text(f"{question.stem}\n\nMarked by a person:\n\n{rubric}"), answer]


def _text(source):
    return nbformat.v4.new_markdown_cell(source)


def _code(source, grade_id, **settings):
    cell = nbformat.v4.new_code_cell(source)
    cell.metadata["nbgrader"] = cell_settings(grade_id, "code", **settings)
    if not settings.get("solution"):
        cell.metadata["nbgrader"]["locked"] = True
    return cell
