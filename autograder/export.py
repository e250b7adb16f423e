"""Marks and feedback pages as a learning management system takes them in."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from . import collect, db_url, lms
from .course import Course, CourseError, write_text
from .gradebook import Book
from .render import marks as decimals
from .reports import spreadsheet_safe
from .roster import Roster, folded, read_csv

FORMATS = ("canvas", "moodle", "csv", "json")
_CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_MOODLE_COLUMNS = ("Full name", "Username", "ID number", "Email address")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages give the same archive


@dataclass
class Export:
    """What was written, and about whom it says nothing.

    Attributes:
        count: how many people's marks or pages it holds.
        missing: (who, why): nothing was handed in, or the system could not tell who it is.
        unfinished: whose written answers still wait for a mark; what is exported may rise.
    """

    path: Path
    count: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)


def marks(course: Course, lesson: str) -> list[dict]:
    """One row a student from the gradebook, as in grades.csv.

    Raises:
        CourseError: nothing of the lesson has been graded.
    """
    rows = []
    if db_url.exists(course.db_url):
        with Book(course.db_url, course.root) as book:
            rows = book.rows(lesson)
    if not rows:
        raise CourseError(
            f"{db_url.shown(course.db_url)} holds no marks of {lesson}. Run `autograder grade {lesson}` first."
        )
    return rows


def export_marks(
    course: Course,
    lesson: str,
    rows: list[dict],
    roster: Roster,
    how: str,
    title: str = "",
    path: Path | None = None,
) -> Export:
    """Write the marks in one of `FORMATS`.

    Args:
        title: what the system calls the assignment; for Canvas with its number, "Activations (4711)".
    Raises:
        CourseError: Canvas and Moodle cannot be told who is who without a roster.
    """
    suffix = "json" if how == "json" else "csv"
    made = Export(path or place(course, f"{lesson}-{how}.{suffix}"))
    made.unfinished = [row["student"] for row in rows if row["needs_manual_grade"]]
    if how in (lms.CANVAS, lms.MOODLE):
        if not roster:
            raise CourseError(
                f"{course.root}/roster.csv is missing, and {how.capitalize()} cannot be told who is who. Make it with "
                f"`autograder roster FILE` from a list of the course that {how.capitalize()} exports."
            )
        table = (_canvas if how == lms.CANVAS else _moodle)(rows, roster, title or lesson, made)
        write_text(made.path, as_csv(table))
    else:
        full = [{"student": row["student"], **_person(roster, row["student"]), **row} for row in rows]
        made.count = len(full)
        text = json.dumps(full, ensure_ascii=False, indent=1) + "\n"
        write_text(made.path, text if how == "json" else as_csv([list(full[0]), *map(_values, full)]))
    known = {row["student"] for row in rows}
    made.missing += [
        (person.student, "handed nothing in") for person in roster.people if person.student not in known
    ]
    return made


def fill_worksheet(rows: list[dict], roster: Roster, worksheet: Path, made: Export) -> None:
    """Moodle's own grading worksheet with the column Grade filled in, all else as it came.

    Raises:
        CourseError: it is no such worksheet.
    """
    lines, header = read_csv(worksheet)
    if not {"Identifier", "Grade", "Last modified (grade)"} <= set(header):
        raise CourseError(
            f"{worksheet} is no grading worksheet of Moodle's in English: it needs the columns Identifier, Grade and "
            "Last modified (grade)."
        )
    scores = {row["student"]: row for row in rows}
    table = [header]
    for line in lines:
        email, name = line.get("Email address", ""), line.get("Full name", "")
        person = roster.by_id("email", email) if email else None
        people = [person] if person else roster.by_name(name)
        row = scores.pop(people[0].student, None) if len(people) == 1 else None
        if row:
            line["Grade"] = decimals(row["score"])
            made.count += 1
        else:
            why = "has no marks" if len(people) == 1 else "nobody, or several, in roster.csv"
            made.missing.append((name or line["Identifier"], why))
        table.append([line[column] for column in header])
    made.missing += [(student, f"is not in {worksheet.name}") for student in scores]
    write_text(made.path, as_csv(table))


def export_feedback(course: Course, lesson: str, how: str, path: Path | None = None) -> Export:
    """The feedback pages as an archive: named as Canvas or Moodle wants them back, or a folder a student.

    Raises:
        CourseError: there is none.
    """
    made = Export(path or place(course, f"{lesson}-feedback-{how}.zip"))
    pages = {page.parents[1].name: page for page in course.root.glob(f"feedback/*/{lesson}/{lesson}.html")}
    if not pages:
        raise CourseError(f"there is no feedback on {lesson}. Run `autograder grade {lesson}` first.")
    index = collect.read_index(course, lesson)
    made.path.parent.mkdir(parents=True, exist_ok=True)
    beside = made.path.with_name(made.path.name + ".part")
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, page in sorted(pages.items()):
            known = index.get(student, {})
            if how != lms.PLAIN and known.get("kind") != how:
                made.missing.append(
                    (student, f"was not collected from {how.capitalize()}, which has a number for it")
                )
                continue
            name = {
                lms.CANVAS: f"{known.get('prefix')}_{lesson}-feedback.html",
                lms.MOODLE: f"{known.get('prefix')}_/{lesson}-feedback.html",  # older versions want the last _
                lms.PLAIN: f"{student}/{lesson}.html",
            }[how]
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, page.read_bytes())
            made.count += 1
    beside.replace(made.path)
    return made


def place(course: Course, name: str) -> Path:
    """Where an export goes: a folder of the course that git ignores, for it holds personal data."""
    folder = course.root / "exports"
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_text(ignore, "*\n")
    return folder / name


def as_csv(table: list[list]) -> str:
    """Lines of a CSV file in which no text is a formula; Moodle's - for "nothing" is none."""
    text = io.StringIO()
    safe = [[value if value == "-" else spreadsheet_safe(value) for value in row] for row in table]
    csv.writer(text, lineterminator="\n").writerows(safe)
    return text.getvalue()


def _canvas(rows, roster, title, made):
    """Canvas finds people by ID, then by the SIS ids; the row of points must say what the marks are out of."""
    points = max(row["max_score"] for row in rows)
    table = [[*_CANVAS_COLUMNS, title], ["    Points Possible", "", "", "", "", decimals(points)]]
    for row, person in _known(rows, roster, made):
        ids = (person.canvas_id, person.sis_user_id, person.sis_login_id)
        if not any(ids):
            made.missing.append(
                (person.student, "has none of canvas_id, sis_user_id and sis_login_id in roster.csv")
            )
            continue
        table.append([person.name, *ids, person.section, decimals(row["score"])])
    made.count = len(table) - 2
    return table


def _moodle(rows, roster, title, made):
    table = [[*_MOODLE_COLUMNS, f"Assignment: {title} (Real)"]]
    for row, person in _known(rows, roster, made):
        ids = (person.moodle_username, person.moodle_idnumber, person.email)
        if not any(ids):
            made.missing.append(
                (person.student, "has none of email, moodle_username and moodle_idnumber in roster.csv")
            )
            continue
        table.append([person.name, *ids, decimals(row["score"])])
    made.count = len(table) - 1
    return table


def _known(rows, roster, made):
    by_folded = {folded(student): person for student, person in roster.by_student.items()}
    for row in rows:
        person = by_folded.get(folded(row["student"]))
        if person is None:
            made.missing.append((row["student"], "is not in roster.csv"))
        else:
            yield row, person


def _person(roster, student):
    person = roster.by_student.get(student)
    return {"name": person.name if person else "", "email": person.email if person else ""}


def _values(row):
    return [decimals(value) if isinstance(value, float) else value for value in row.values()]
