"""What a person should look at, and why: the list that stands between the grader and the marks.

Nothing in it has cost anybody marks. Most urgent come those whose 0 may be wrong, then those whose
marks may not be their own, then what only needs a look.
"""

import inspect
import json
import re
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from .class_report import read
from .course import Course, CourseError
from .evidence import MISSING, STOPPED
from .exercises import bank
from .notebooks import released_path, worked_path
from .reports import write_grades
from .similarity import Pair, similar_pairs
from .text import clean_text

# What a row can be about, the most urgent first, and what to do about it.
UNGRADED = "not graded"
STOPPED_EARLY = "stopped"
NOT_FOUND = "no answer found"
FROM_NNLIB = "from nnlib"
ALIKE = "alike"
ODD = "odd submission"
CHECKS_EDITED = "checks edited"
WRITTEN = "written answers"
TODO = {
    UNGRADED: "open the submission; ask for a new one, or mark by hand",
    STOPPED_EARLY: "see what stopped it; grade again with a longer limit if it was only slow",
    NOT_FOUND: "look for the answer under another name",
    FROM_NNLIB: "see whether the answer is the student's own",
    ALIKE: "compare the notebooks, and talk to the students before anything else",
    ODD: "see whether an answer or a file was lost",
    CHECKS_EDITED: "nothing for the marks, which no check cell can change",
    WRITTEN: "mark in nbgrader's formgrader",
}
URGENCY = {about: number for number, about in enumerate(TODO, start=1)}
MAX_GRADED_BYTES = 200 * 2**20
MANY_CHECKS = 3  # one edited check is an accident or an experiment
WORKED, LIBRARY = "the worked solution", "nnlib's own source"

# Findings that need nobody: the grader put the cell back, or graded by the release it came from.
_ROUTINE = re.compile(r"it came from the older release \w+|it does not say which release .*")
_CHECK = re.compile(r"the check cell \S+ (?:was edited|was deleted|stands twice);.*")


@dataclass(frozen=True)
class Row:
    """One reason to look at one submission.

    Attributes:
        urgency: 1 is the most urgent.
        about: one of the kinds in TODO.
        why: what was seen.
    """

    urgency: int
    student: str
    about: str
    why: str
    todo: str


def review(course: Course, lesson: str) -> list[Row]:
    """Every reason to look at a submission of a lesson, the most urgent first.

    Raises:
        CourseError: nothing of the lesson has been graded, or a graded notebook is broken.
    """
    summaries = read(course, lesson)
    found = [(s["student"], *reason) for s in summaries for reason in reasons(s)]
    found += [(student, ALIKE, why) for student, why in _alike(course, lesson, summaries)]
    rows = [
        Row(URGENCY[about], clean_text(student), about, clean_text(why), TODO[about])
        for student, about, why in found
    ]
    return sorted(rows, key=lambda row: (row.urgency, row.student, row.why))


def reasons(summary: dict) -> list[tuple[str, str]]:
    """What one submission's summary gives to look at, as (about, why)."""
    if summary["problem"]:
        return [(UNGRADED, summary["problem"])]
    exercises = summary["exercises"]
    provenance = [f"{e['exercise']}: {text}" for e in exercises for text in e["review"]]
    findings = [
        text for text in summary["findings"] if text not in provenance and not _ROUTINE.fullmatch(text)
    ]
    checks = [text for text in findings if _CHECK.fullmatch(text)]
    stopped = [text for text in findings if text.startswith("stopped")]
    lost = [e["exercise"] for e in exercises if e["state"] == STOPPED]
    missing = [e["exercise"] for e in exercises if e["state"] == MISSING]
    if lost and not stopped:
        stopped = ["stopped"]
    found = [(STOPPED_EARLY, f"{text}; not reached: {', '.join(lost)}" if lost else text) for text in stopped]
    if missing:
        found.append((NOT_FOUND, f"nothing of this name when its check came: {', '.join(missing)}"))
    said = defaultdict(list)
    for exercise in exercises:
        for text in exercise["review"]:
            said[text].append(exercise["exercise"])
    found += [(FROM_NNLIB, f"{', '.join(names)}: {text}") for text, names in said.items()]
    found += [(ODD, text) for text in findings if text not in checks and not text.startswith("stopped")]
    if len(checks) >= MANY_CHECKS:
        found.append(
            (CHECKS_EDITED, f"{len(checks)} check cells were edited, doubled or deleted, and put back")
        )
    if summary["waiting"]:
        found.append((WRITTEN, f"waiting: {', '.join(summary['waiting'])}"))
    return found


def table(rows: list[Row], lesson: str) -> Table:
    """The list for a terminal; written answers, which nearly everybody has, are one line."""
    found = Table(title=f"{lesson}: what a person should look at")
    for name in ("student", "about", "why", "what to do"):
        found.add_column(name, overflow="fold")
    for row in rows:
        if row.about != WRITTEN:
            texts = (row.student, row.about, row.why.replace("\n", " "), row.todo)
            found.add_row(*map(escape, texts))
    waiting = sum(row.about == WRITTEN for row in rows)
    if waiting:
        found.add_row(f"{waiting} submissions", WRITTEN, "wait for a person", TODO[WRITTEN])
    counts = Counter(row.about for row in rows)
    found.caption = ", ".join(f"{about}: {n}" for about, n in counts.items()) or "nothing to look at"
    return found


def write(course: Course, lesson: str, rows: list[Row]) -> Path:
    """Write the list as CSV, safe to open in a spreadsheet, and return its place."""
    place = course.root / "reports" / f"{lesson}-review.csv"
    write_grades(place, [asdict(row) for row in rows])
    return place


def _alike(course, lesson, summaries):
    """(student, why) for those whose notebooks are alike beyond chance."""
    notebooks = {s["student"]: _answers(course, lesson, s["student"]) for s in summaries if not s["problem"]}
    models = _models(course, lesson)
    if models.keys() & notebooks.keys():  # a student's folder can have any name
        models = {f"({name})": answers for name, answers in models.items()}
    skeleton = {name: cell["source"] for name, cell in _solutions(released_path(course.root, lesson)).items()}
    pairs = similar_pairs(notebooks | models, skeleton, frozenset(models))
    partners = defaultdict(list)
    for pair in pairs:
        for student, other in ((pair.first, pair.second), (pair.second, pair.first)):
            if student not in models:
                partners[student].append((other, pair))
    return [(student, _says(found)) for student, found in partners.items()]


def _says(found: list[tuple[str, Pair]]) -> str:
    """The most surprising partner, and who else."""
    (other, pair), *more = found
    text = (
        f"{len(pair.same)} of {pair.of} long answers equal those of {other} but for layout, comments and names "
        f"({', '.join(name.removesuffix('-solution') for name in pair.same)}); {pair.rare} of them nobody else wrote"
    )
    others = [name for name, _ in more]
    return text + (
        f". Also alike: {', '.join(others[:5])}{' and more' if len(others) > 5 else ''}" if others else ""
    )


def _models(course, lesson):
    """Known solutions that a student could have copied: the worked one, and the library's source."""
    models, worked = {}, worked_path(course.root, lesson)
    if worked.exists():
        models[WORKED] = {name: cell["source"] for name, cell in _solutions(worked).items()}
    models[LIBRARY] = {
        f"{name}-solution": inspect.getsource(exercise.reference)
        for name, exercise in bank().items()
        if inspect.isfunction(exercise.reference) or inspect.isclass(exercise.reference)
    }
    return models


def _answers(course, lesson, student):
    path = course.autograded(student, lesson) / f"{lesson}.ipynb"
    if not path.exists():  # its page could not be written; the marks stand, the comparison lacks it
        return {}
    return {name: cell["source"] for name, cell in _solutions(path).items() if cell["cell_type"] == "code"}


def _solutions(path):
    """The solution cells of a notebook that the course itself wrote."""
    if path.is_symlink() or path.stat().st_size > MAX_GRADED_BYTES:
        raise CourseError(
            f"{path} is a link or very large, and so not what the grader wrote. Grade it again."
        )
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError) as error:
        raise CourseError(f"{path} is no notebook any more ({error}). Grade it again.") from error
    settings = [(cell["metadata"].get("nbgrader", {}), cell) for cell in cells]
    return {
        nbgrader["grade_id"]: {**cell, "source": "".join(cell["source"])}
        for nbgrader, cell in settings
        if nbgrader.get("solution")
    }
