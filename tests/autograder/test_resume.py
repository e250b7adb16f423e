"""Grading that is killed at any moment and started again ends in the same gradebook.

Two kills by default, spread over the run; KILLS=24 for the whole, half of them between the first and the last commit.
"""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder import demo
from autograder.course import Course
from autograder.gradebook import Book

LESSON = demo.LESSON
KILLS = int(os.environ.get("KILLS", "2"))


@pytest.fixture(scope="module")
def course(make_course, small_released, small_worked):
    right = {name: cell.source for name, cell in demo.solution_cells(small_worked).items()}
    return make_course(
        {
            f"student-{i}": demo.filled(small_released, right | (demo.mistaken(i) if i % 2 else {}))
            for i in range(8)
        }
    )


def begin(course):
    with (course.root / "said.txt").open("w") as errors:
        return subprocess.Popen(
            [Path(sys.executable).parent / "autograder", "grade", LESSON, "--jobs", "2"],
            cwd=course.root,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )


def said(course):
    return (course.root / "said.txt").read_text()


def marks(course):
    """What the gradebook says, and every page and notebook that was written."""
    with Book(course.gradebook) as book:
        rows = book.rows(LESSON)
    folders = [course.root / name for name in ("feedback", "autograded")]
    files = {
        str(p.relative_to(course.root)): p.read_text() for f in folders for p in f.rglob("*") if p.is_file()
    }
    return rows, files, course.grades.read_text()


def committed(course):
    """How many submissions are in the gradebook now."""
    try:
        with sqlite3.connect(f"file:{course.gradebook}?mode=ro", uri=True) as book:
            return book.execute("select count(*) from submitted_assignment").fetchone()[0]
    except sqlite3.Error:  # not there yet, or just being made
        return 0


@pytest.fixture(scope="module")
def whole(course):
    """An undisturbed run: its marks, and when its first and its last commit came, as shares of its length."""
    started, first, last = time.monotonic(), None, None
    process = begin(course)
    while process.poll() is None:
        count = committed(course)
        if count and first is None:
            first = time.monotonic() - started
        if count == 8 and last is None:
            last = time.monotonic() - started
        time.sleep(0.02)
    assert process.returncode == 0, said(course)
    return marks(course), (time.monotonic() - started, first, last or first)


def fresh(course):
    """The same class, nothing graded."""
    for name in ("feedback", "autograded", ".course/runs", ".course/results"):
        shutil.rmtree(course.root / name, ignore_errors=True)
    for path in (course.gradebook, course.grades, *course.root.glob("gradebook.db-*")):
        path.unlink(missing_ok=True)


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_any_moment_it_ends_the_same(course, whole, number):
    expected, (length, first, last) = whole
    rng = random.Random(number)
    moment = rng.uniform(first, last) if number % 2 else rng.uniform(0, length)
    fresh(course)
    process = begin(course)
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert begin(course).wait(timeout=120) == 0, said(course)
    assert marks(course) == expected
    assert not list(Path(course.root).rglob("*.part"))


def test_the_course_is_where_the_test_thinks_it_is(course):
    assert isinstance(course, Course)
    assert len(course.students(LESSON)) == 8
