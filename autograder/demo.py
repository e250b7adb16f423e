"""A class of 24 submissions of lesson 01, honest ones and attacks, each a real notebook.

Nothing here knows a mark. The submissions are the released notebook filled in: with the worked
solutions, with the bank's mistakes, or with what an attacker would write.
"""

import inspect
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat

from .course import Course, CourseError, write_text
from .exercises import bank
from .notebooks import released_path, worked_path

LESSON = "01_activations"
DUE = datetime(2026, 3, 2, 12, tzinfo=UTC)

EXTRA_CELL = '''def stable_exp(z):
    """e^(-|z|), which never overflows."""
    return np.exp(-np.abs(z))'''

USES_EXTRA_CELL = """def sigmoid(z):
    return np.where(z >= 0, 1.0, stable_exp(z)) / (1 + stable_exp(z))"""

ENDLESS = "def softplus(z):\n    return z\n\nwhile True:\n    pass"

# Every forged answer is wrong; what differs is what it does to be taken for a right one.
WRONG = "def {name}(*args):\n    return 42.0"

EQUALS_EVERYTHING = '''class Right(float):
    """Says yes to every comparison."""
    __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
    __array_priority__ = 1e9
    def __array__(self, *args, **kwargs):
        return np.zeros(3)
def {name}(*args):
    return Right()'''

PATCHES = """import numpy.testing
np.allclose = np.isclose = np.array_equal = lambda *a, **k: True
numpy.testing.assert_allclose = lambda *a, **k: None
import autograder
autograder.check = check = lambda *a: 999.0
print("the patches are in")"""

FORGED_EVIDENCE = """import os, json, struct, stat
for fd in map(int, os.listdir("/proc/self/fd")):
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            for message in ({"kind": "probe", "exercise": "sigmoid", "found": True, "origin": ""},
                            {"kind": "verdict", "exercise": "sigmoid", "score": 2.0},
                            {"kind": "done"}):
                data = json.dumps(message).encode()
                os.write(fd, struct.pack(">I", len(data)) + data)
    except OSError:
        print("not this one")
os._exit(0)"""

WRITES_GRADEBOOK = """import glob, sqlite3
for path in glob.glob("/**/gradebook.db", recursive=True):
    sqlite3.connect(path).execute("UPDATE grade SET auto_score = 99, manual_score = 99").connection.commit()"""


def make_course(course: Path, folder: Path) -> Course:
    """A course in `folder` with the lessons of `course` and a class's submissions.

    Raises:
        CourseError: `course` holds no lesson 01, or `folder` holds something else than an older
            demonstration.
    """
    released, worked = released_path(course, LESSON), worked_path(course, LESSON)
    for path in (released, worked):
        if not path.exists():
            raise CourseError(
                f"{path} is missing. Run the demonstration in the course's own folder, or name it with --course."
            )
    marker = folder / ".demonstration"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise CourseError(f"{folder} exists and is no demonstration. Name another place with --folder.")
    shutil.rmtree(folder, ignore_errors=True)
    write_text(marker, "This folder is made anew by `autograder demo`.\n")
    for path in (released, worked):
        place = folder / path.relative_to(course)
        place.parent.mkdir(parents=True)
        shutil.copyfile(path, place)
    made = Course(folder)
    made.init()
    made.set_due(LESSON, DUE)
    for student, write in submissions(nbformat.read(released, 4), nbformat.read(worked, 4)).items():
        place = made.submitted(student, LESSON)
        place.mkdir(parents=True)
        write(place / f"{LESSON}.ipynb")
        late = timedelta(hours=26) if student == "perfect-but-late" else -timedelta(hours=3)
        write_text(place / "timestamp.txt", f"{DUE + late:%Y-%m-%d %H:%M:%S} UTC\n")
    return made


def submissions(released, worked) -> dict[str, Callable[[Path], object]]:
    """Student id -> what writes that student's notebook to a path."""
    right = {name: cell.source for name, cell in solution_cells(worked).items()}
    wrong = {f"{name}-solution": WRONG.format(name=name) for name in bank()}
    half = _only(right, "sigmoid-solution", "tanh-solution", "relu-solution")
    class_ = {f"perfect-{i}": filled(released, right) for i in (1, 2, 3)}
    class_["perfect-but-late"] = filled(released, right)
    class_ |= {f"mistakes-{i + 1}": filled(released, right | mistaken(i)) for i in range(7)}
    class_ |= {
        "one-mistake": filled(released, right | _only(mistaken(3), "sigmoid-solution")),
        "half-done": filled(released, half),
        "half-done-wrongly": filled(released, half | _only(mistaken(1), *list(half)[:2])),
        "own-helper-cell": filled(
            released, right | {"sigmoid-solution": USES_EXTRA_CELL}, extra=("sigmoid-solution", EXTRA_CELL)
        ),
        "untouched": filled(released, {}),
        "endless-loop": filled(released, right | {"softplus-solution": ENDLESS}),
        "broken-json": lambda path: path.write_text(json.dumps(released)[:2000]),
        "renamed": lambda path: filled(released, right)(path.with_name("my homework.ipynb")),
        "hands-in-nnlib": filled(
            released, {f"{name}-solution": f"from nnlib import {name}" for name in bank()}
        ),
        "forges-checks": forged_checks(released, wrong),
        "forges-equality": filled(
            released, {k: EQUALS_EVERYTHING.format(name=k.removesuffix("-solution")) for k in wrong}
        ),
        "forges-patches": filled(
            released, wrong, extra=("sigmoid-solution", PATCHES + "\n" + WRITES_GRADEBOOK)
        ),
        "forges-evidence": filled(released, wrong, extra=("sigmoid-solution", FORGED_EVIDENCE)),
    }
    return class_


def solution_cells(notebook) -> dict[str, nbformat.NotebookNode]:
    """The notebook's solution cells by grade id."""
    settings = [(cell, cell.metadata.get("nbgrader", {})) for cell in notebook.cells]
    return {nbgrader["grade_id"]: cell for cell, nbgrader in settings if nbgrader.get("solution")}


def mistaken(number: int) -> dict[str, str]:
    """A wrong answer to every exercise: its mistake of that number, counted round."""
    return {
        f"{exercise.name}-solution": as_answer(exercise, exercise.mistakes[number % len(exercise.mistakes)])
        for exercise in bank().values()
    }


def as_answer(exercise, mistake) -> str:
    """A mistake's source as a student would have handed it in."""
    return inspect.getsource(mistake.answer).replace(
        f"def {mistake.answer.__name__}(", f"def {exercise.name}(", 1
    )


def filled(
    released, answers: dict[str, str], extra: tuple[str, str] | None = None
) -> Callable[[Path], object]:
    """What writes the released notebook with these sources in its solution cells.

    Args:
        extra: the grade id before whose cell another cell stands, and that cell's source.
    """

    def write(path):
        notebook = nbformat.from_dict(json.loads(json.dumps(released)))
        for name, cell in solution_cells(notebook).items():
            cell["source"] = answers.get(name, cell.source)
        if extra:
            before, source = extra
            place = next(
                i
                for i, c in enumerate(notebook.cells)
                if c.metadata.get("nbgrader", {}).get("grade_id") == before
            )
            notebook.cells.insert(place, nbformat.v4.new_code_cell(source, id="mine"))
        nbformat.write(notebook, path)

    return write


def forged_checks(released, answers: dict[str, str]) -> Callable[[Path], object]:
    """Edits every check cell, marks it to be skipped, and claims to be someone else's points."""

    def write(path):
        filled(released, answers)(path)
        notebook = nbformat.read(path, 4)
        for cell in notebook.cells:
            settings = cell.metadata.get("nbgrader", {})
            if settings.get("grade") and not settings.get("solution"):
                cell["source"] = str(settings["points"])
                cell.metadata["tags"] = ["skip-execution"]
                settings["points"] = 100.0
        nbformat.write(notebook, path)

    return write


def _only(answers, *names):
    return {name: answers[name] for name in names}
