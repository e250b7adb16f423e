"""Removes all that a course keeps of one student."""

import csv
import glob
import io
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from . import db_url, roster
from .course import Course, CourseError, write_text
from .gradebook import Book
from .reports import spreadsheet_safe

# Where one student's own things lie: folders of the course by student, folders of its state by lesson.
FOLDERS = ("submitted/{}", "autograded/{}", "feedback/{}")
STATE = ("collected/*/{}", "runs/*/{}.json.gz", "results/*/{}.json", "failures/*/{}.txt")
MADE_AGAIN = ("exports", "reports")  # they speak of the whole class, and are made anew by their commands


@dataclass
class Kept:
    """What is kept of one student.

    Attributes:
        paths: folders and files that are the student's alone.
        tables: CSV files with lines of the student.
        shared: folders with files on the whole class, which may name the student.
        marked: whether there is a gradebook that may hold marks.
    """

    student: str
    paths: list[Path] = field(default_factory=list)
    tables: list[Path] = field(default_factory=list)
    shared: list[Path] = field(default_factory=list)
    marked: bool = False


def find(course: Course, student: str) -> Kept:
    """What there is to remove; nothing is changed.

    Raises:
        CourseError: that is no student's id, or a table cannot be read.
    """
    if not student.strip() or student in (".", "..") or any(sign in student for sign in "/\\\0"):
        raise CourseError(
            f"{student!r} is no student's id: a folder in submitted/, or the column student in roster.csv."
        )
    kept = Kept(student, marked=db_url.exists(course.db_url))
    name = glob.escape(student)
    for root, patterns in ((course.root, FOLDERS), (course.state, STATE)):
        kept.paths += [path for pattern in patterns for path in sorted(root.glob(pattern.format(name)))]
    kept.tables = [path for path in (course.root / "roster.csv", course.grades) if _lines_of(path, student)]
    kept.shared = [course.root / name for name in MADE_AGAIN if (course.root / name).is_dir()]
    return kept


def remove(course: Course, kept: Kept) -> list[str]:
    """Remove it; returns a line on each thing that was removed. One that was broken off can be done again.

    Raises:
        CourseError: there is nothing, or something cannot be removed.
    """
    done = []
    if kept.marked:
        with Book(course.db_url, course.root) as book:
            if book.forget(kept.student):
                done.append(f"{book.name}: the student and all marks")
    if not (done or kept.paths or kept.tables):
        raise CourseError(
            f"nothing is kept of {kept.student}: no such id in submitted/, roster.csv or the gradebook."
        )
    for path in (*kept.paths, *kept.shared):
        _remove(path)
        done.append(str(path.relative_to(course.root)))
    for path in kept.tables:
        count = _lines_of(path, kept.student)
        _write_without(path, kept.student)
        done.append(f"{path.relative_to(course.root)}: {count} line" + ("s" if count > 1 else ""))
    return done


def _remove(path):
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()  # a link, and not what it points to
    except OSError as error:
        raise CourseError(
            f"{path} cannot be removed ({error.strerror}). Mend that, and do the same again."
        ) from error


def _rows(path):
    return roster.read_csv(path) if path.exists() and path.stat().st_size else ([], [])


def _lines_of(path, student):
    return sum(_names(row, student) for row in _rows(path)[0])


def _names(row, student):
    return row.get("student") in (student, spreadsheet_safe(student))


def _write_without(path, student):
    rows, header = _rows(path)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for row in rows if not _names(row, student))
    write_text(path, text.getvalue())
