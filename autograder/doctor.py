"""Whether this machine and this course are fit for grading, and how to mend what is not."""

import importlib.metadata
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import db_url
from .course import Course, CourseError
from .roster import read as read_roster
from .sandbox import isolation

OK, WARN, FAIL = "ok", "warn", "fail"
NBGRADER = "0.9.6"
JUPYTERLAB = (4, 5)  # from the first, before the second
PYTHON = (3, 11)
GIB = 2**30
PLENTY, SCARCE = 5 * GIB, GIB // 2


@dataclass(frozen=True)
class Finding:
    """One line of the examination.

    Attributes:
        mend: what to do about it, "" where nothing is to be done.
    """

    level: str
    what: str
    says: str
    mend: str = ""


def examine(course: Course) -> Iterator[Finding]:
    """Look at everything, the slow sandbox last; writes nothing to the course."""
    yield python()
    yield nbgrader()
    yield jupyterlab()
    yield bytecode(os.environ)
    yield fonts()
    yield cores()
    yield disk(course)
    yield lessons(course)
    yield seed(course)
    yield roster(course)
    yield database(course)
    yield from sandbox()


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON:
        return Finding(FAIL, "Python", version, f"install Python {'.'.join(map(str, PYTHON))} or newer")
    return Finding(OK, "Python", version)


def nbgrader() -> Finding:
    version = _version("nbgrader")
    if version == NBGRADER:
        return Finding(OK, "nbgrader", version)
    return Finding(FAIL, "nbgrader", version or "not installed", f"pip install nbgrader=={NBGRADER}")


def jupyterlab() -> Finding:
    version, (first, last) = _version("jupyterlab"), JUPYTERLAB
    if not version:
        mend = "pip install jupyterlab; without it nobody can mark written answers in formgrader"
        return Finding(WARN, "JupyterLab", "not installed", mend)
    if not first <= int(version.partition(".")[0]) < last:
        return Finding(WARN, "JupyterLab", version, f'pip install "jupyterlab>={first},<{last}"')
    return Finding(OK, "JupyterLab", version)


def bytecode(environment) -> Finding:
    if environment.get("PYTHONDONTWRITEBYTECODE"):
        mend = "unset PYTHONDONTWRITEBYTECODE: every start compiles all libraries anew, nbgrader takes three times as long"
        return Finding(WARN, "bytecode", "PYTHONDONTWRITEBYTECODE is set", mend)
    return Finding(OK, "bytecode", "is kept")


def fonts() -> Finding:
    import matplotlib
    from matplotlib import font_manager

    cache = Path(matplotlib.get_cachedir())
    name = f"fontlist-v{font_manager.FontManager.__version__}.json"
    if "MPLCONFIGDIR" not in os.environ and not os.access(cache, os.W_OK):
        mend = "set MPLCONFIGDIR to a folder that can be written; every run searches all fonts"
        return Finding(WARN, "fonts", f"{cache} cannot be written", mend)
    if not (cache / name).exists():
        mend = "it is made the first time a figure is drawn; if it never is, set MPLCONFIGDIR to a folder that can be written"
        return Finding(WARN, "fonts", f"no list of fonts in {cache}", mend)
    return Finding(OK, "fonts", f"list in {cache}")


def cores() -> Finding:
    number = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding(OK, "cores", f"{number}: `autograder grade --jobs {number}` uses them all")


def disk(course: Course) -> Finding:
    free = shutil.disk_usage(course.root).free
    says = f"{free / GIB:.1f} GiB free for {course.root}"
    if free < SCARCE:
        return Finding(FAIL, "disk", says, "make room: gradebook, feedback and graded notebooks may not fit")
    if free < PLENTY:
        return Finding(
            WARN, "disk", says, "a large class may need more; graded notebooks with figures take most"
        )
    return Finding(OK, "disk", says)


def lessons(course: Course) -> Finding:
    found = sorted(path.parent.name for path in course.root.glob("lessons/*/*.ipynb"))
    if not found:
        return Finding(FAIL, "lessons", f"none in {course.root}/lessons", "run `autograder release`")
    return Finding(OK, "lessons", ", ".join(found))


def seed(course: Course) -> Finding:
    try:
        course.seed()
    except CourseError as error:
        mend = (
            "bring .course/seed back from a backup" if course.gradebook.exists() else "run `autograder init`"
        )
        return Finding(FAIL, "seed", str(error), mend)
    mode = stat.S_IMODE(course.seed_file.stat().st_mode)
    if mode & 0o077:
        mend = f"chmod 600 {course.seed_file}: who reads it knows the hidden inputs"
        return Finding(FAIL, "seed", f"others may read it (mode {mode:o})", mend)
    return Finding(OK, "seed", f"{course.seed_file}; keep a copy of it elsewhere")


def roster(course: Course) -> Finding:
    try:
        people = read_roster(course).people
    except CourseError as error:
        return Finding(
            FAIL, "roster", str(error), "mend that line, or make it anew with `autograder roster FILE`"
        )
    if not people:
        mend = "`autograder roster FILE`, with a list that Canvas or Moodle exports; needed to exchange marks with them"
        return Finding(WARN, "roster", "no roster.csv", mend)
    return Finding(OK, "roster", f"{len(people)} people")


def database(course: Course) -> Finding:
    """Opens, is whole, has nbgrader's tables, and can be locked for writing; writes nothing."""
    try:
        url = course.db_url
    except CourseError as error:
        return Finding(FAIL, "gradebook", str(error), "mend nbgrader_config.py")
    path = db_url.sqlite_file(url)
    if path is None:
        return _server(url)
    if not path.exists():
        if os.access(course.root, os.W_OK):
            return Finding(OK, "gradebook", "none yet; the first grading makes it")
        return Finding(
            FAIL, "gradebook", f"{course.root} cannot be written", "give yourself the right to write there"
        )
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return Finding(
            FAIL, "gradebook", f"{path} or its folder cannot be written", f"chmod u+w {path} {path.parent}"
        )
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=1)
        try:
            whole = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            tables = {
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        mend = "close what else has it open (formgrader, another grading), and look whether the disk is full"
        return Finding(FAIL, "gradebook", f"{path}: {error}", mend)
    except sqlite3.DatabaseError as error:
        return Finding(FAIL, "gradebook", f"{path}: {error}", "bring it back from a backup")
    if whole != "ok" or not {"assignment", "student", "grade"} <= tables:
        says = f"{path} is damaged ({whole})" if whole != "ok" else f"{path} is no gradebook of nbgrader's"
        return Finding(FAIL, "gradebook", says, "bring it back from a backup")
    return Finding(OK, "gradebook", f"{path} opens, is whole and not locked")


def _server(url):
    """A database that is no file: whether it answers, and holds a gradebook or nothing."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    name = db_url.shown(url)
    try:
        engine = db_url.engine_of(url)
        try:
            tables = set(inspect(engine).get_table_names())
        finally:
            engine.dispose()
    except CourseError as error:
        return Finding(FAIL, "gradebook", str(error), "install the driver")
    except SQLAlchemyError as error:
        mend = "look whether its server runs and lets you in; c.CourseDirectory.db_url in nbgrader_config.py names it"
        return Finding(FAIL, "gradebook", f"{name}: {db_url.said(error, url)}", mend)
    if tables and not {"assignment", "student", "grade"} <= tables:
        return Finding(
            FAIL, "gradebook", f"{name} holds other things than a gradebook", "name an empty database"
        )
    return Finding(
        OK, "gradebook", f"{name} opens" + ("" if tables else "; the first grading makes its tables")
    )


def sandbox() -> Iterator[Finding]:
    """Tries a sandbox for real; system calls are filtered where libseccomp is installed."""
    from .sandbox.launch import describe

    try:
        says = describe()
    except isolation.CannotIsolate as error:
        yield Finding(
            FAIL, "sandbox", str(error), "see docs/instructor.md, “When the sandbox does not start”"
        )
        return
    yield Finding(OK, "sandbox", says)
    if "not filtered" in says:
        mend = "apt-get install libseccomp2 (or your system's package of that library)"
        yield Finding(WARN, "libseccomp", "missing: system calls are not filtered", mend)
    else:
        yield Finding(OK, "libseccomp", "filters system calls")


def _version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
