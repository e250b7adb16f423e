"""From a lesson's one source, `solutions/NN_topic.md`, to both of its notebooks.

The worked notebook gets the bank's points and check cells; nbgrader's own generate step makes the
students' notebook of it. Both are committed, and a second build changes no byte.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from . import database
from .exercises import find

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
SCHEMA_VERSION = 3


class BadLesson(Exception):
    """A lesson's source cannot be built; the text says which cell and why."""


def sources(course: Path) -> list[Path]:
    """The sources of all lessons, in order."""
    return sorted((course / "solutions").glob("[0-9][0-9]_*.md"))


def worked_path(course: Path, lesson: str) -> Path:
    return course / "solutions" / lesson / f"{lesson}.ipynb"


def released_path(course: Path, lesson: str) -> Path:
    return course / "lessons" / lesson / f"{lesson}.ipynb"


def build(source: Path) -> dict[str, bytes]:
    """Both notebooks of one lesson: {"worked": bytes, "released": bytes}.

    Raises:
        BadLesson: an exercise is unknown or stands twice, or a solution is not marked.
    """
    lesson = source.stem
    worked = worked_notebook(source)
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        place = worked_path(course, lesson)
        place.parent.mkdir(parents=True)
        place.write_bytes(_bytes(worked))
        _generate(course, lesson)
        released = nbformat.read(released_path(course, lesson), as_version=4)
    return {"worked": _bytes(worked), "released": _bytes(released)}


def build_all(course: Path) -> list[Path]:
    """Build every lesson and write what changed; returns the files written."""
    written = []
    for path, content in _built(course):
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_suffix(".part")
            beside.write_bytes(content)
            beside.replace(path)
            written.append(path)
    return written


def stale(course: Path) -> list[Path]:
    """The notebooks that a build would change."""
    return [path for path, content in _built(course) if not path.exists() or path.read_bytes() != content]


def worked_notebook(source: Path) -> NotebookNode:
    """The notebook with solutions: MyST cells, each exercise followed by its check cell.

    A cell's metadata in the source may be:

    - `exercise`: the name of an exercise of the bank, on the code cell that solves it;
    - `written` and `points`: on the Markdown cell that answers a question which a person marks;
    - `folded`: on a code cell that only draws, shown as a line to unfold.

    Raises:
        BadLesson: an exercise is unknown or stands twice, or a solution is not marked.
    """
    import jupytext

    cells, seen = [], set()
    for cell in jupytext.read(source, fmt="md:myst").cells:
        try:
            made = _made(cell)
        except (KeyError, ValueError) as error:
            raise BadLesson(
                f"{source.name}: {error.args[0]}; the cell begins {cell.source[:50]!r}"
            ) from error
        names = {
            made_cell.metadata["nbgrader"]["grade_id"]
            for made_cell in made
            if "nbgrader" in made_cell.metadata
        }
        if names & seen:
            raise BadLesson(
                f"{source.name}: {min(names & seen)} stands twice; a name may be used once in the course"
            )
        seen |= names
        cells += made
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:03d}"
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    notebook.metadata["nnlib_course"] = {"lesson": source.stem, "release": release_name(cells)}
    return notebook


def _made(cell):
    """The one or two cells that a cell of the source becomes."""
    given, cell["metadata"] = cell.metadata, NotebookNode()
    name, written = given.pop("exercise", None), given.pop("written", None)
    points, folded = given.pop("points", None), given.pop("folded", False)
    if given:
        raise ValueError(f"a cell has unknown metadata {dict(given)}")
    _check_solution_marks(cell, bool(name or written))
    if folded:
        cell.metadata["jupyter"] = {"source_hidden": True}
    if name:
        if cell.cell_type != "code":
            raise ValueError(f"the exercise {name} must stand on a code cell")
        cell.metadata["nbgrader"] = cell_settings(f"{name}-solution", "code", solution=True)
        return [cell, _check_cell(name)]
    if written:
        if cell.cell_type != "markdown" or not isinstance(points, int | float):
            raise ValueError(
                f"the written question {written} must stand on a Markdown cell, with points as a number"
            )
        settings = cell_settings(written, "markdown", solution=True, grade=True, points=float(points))
        cell.metadata["nbgrader"] = settings
    return [cell]


def _check_cell(name):
    cell = nbformat.v4.new_code_cell(f'check("{name}")')
    cell.metadata["nbgrader"] = cell_settings(name, "code", grade=True, points=float(find(name).points))
    return cell


def cell_settings(
    grade_id: str, cell_type: str, grade: bool = False, solution: bool = False, points: float | None = None
) -> dict:
    """A cell's metadata for nbgrader, format 3."""
    settings = {
        "cell_type": cell_type,
        "grade": grade,
        "grade_id": grade_id,
        "locked": grade and not solution,
        "schema_version": SCHEMA_VERSION,
        "solution": solution,
        "task": False,
    }
    return settings if points is None else {**settings, "points": points}


def _check_solution_marks(cell, wanted):
    marks = [mark in cell.source for mark in ("### BEGIN SOLUTION", "### END SOLUTION")]
    if wanted and not all(marks):
        raise ValueError("an exercise's cell has no ### BEGIN SOLUTION … ### END SOLUTION")
    if not wanted and any(marks):
        raise ValueError("a solution stands in a cell that names no exercise")


def release_name(cells: list[NotebookNode]) -> str:
    """A short name for this very version of a lesson: any change of a cell changes it."""
    content = [[cell.cell_type, cell.source, cell.metadata] for cell in cells]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _generate(course, lesson):
    """nbgrader's generate step on a course of its own, database included."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = "lessons"
    config.CourseDirectory.assignment_id = lesson
    coursedir = CourseDirectory(config=config)
    database.stamp(coursedir.db_url)
    converter = GenerateAssignment(coursedir=coursedir, config=config)
    converter.log.setLevel("ERROR")
    converter.start()


def _bytes(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return (nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n").encode()


def _built(course):
    found = sources(course)
    if not found:
        raise BadLesson(f"no lessons: there is no solutions/NN_topic.md in {course}")
    owner: dict[str, str] = {}
    for source in found:
        for kind, content in build(source).items():
            if kind == "worked":
                _claim_names(owner, source, json.loads(content))
            place = worked_path if kind == "worked" else released_path
            yield place(course, source.stem), content


def _claim_names(owner, source, notebook):
    """An exercise stands in exactly one lesson."""
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name and owner.setdefault(name, source.name) != source.name:
            raise BadLesson(f"{source.name}: {name} stands in {owner[name]} too")
