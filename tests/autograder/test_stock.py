"""Stock `nbgrader autograde` gives honest notebooks the same scores."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import demo, pool
from autograder.gradebook import Book
from autograder.grading import grade_class

LESSON = demo.LESSON
BIN = Path(sys.executable).parent
HONEST = ("perfect-1", "one-mistake", "half-done", "half-done-wrongly", "own-helper-cell", "untouched")


def nbgrader(course, *words):
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [BIN / "nbgrader", *words],
        cwd=course.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.fixture(scope="module")
def both(make_course, small_released, small_worked):
    """The marks of each honest student: (ours, stock nbgrader's)."""
    submissions = demo.submissions(small_released, small_worked)
    names = [*HONEST, *(name for name in submissions if name.startswith("mistakes-"))]
    ours = make_course({name: submissions[name] for name in names})
    stock = make_course({name: submissions[name] for name in names})
    shutil.rmtree(stock.root / "lessons")
    nbgrader(stock, "generate_assignment", LESSON)
    nbgrader(stock, "autograde", LESSON)
    with pool.local(2) as workers:
        assert len(list(grade_class(ours, LESSON, names, workers))) == len(names)
    return marks(ours), marks(stock)


def marks(course):
    with Book(course.gradebook) as book:
        return {row["student"]: row for row in book.rows(LESSON)}


def test_every_honest_submission_gets_the_same_marks_from_both(both):
    ours, stock = both
    assert ours.keys() == stock.keys()
    assert len(ours) == 13
    assert ours == stock


def test_the_comparison_is_between_different_marks(both):
    assert len({row["score"] for row in both[0].values()}) >= 8
