"""A course small enough to grade in seconds: lesson 01 without its pictures and experiments."""

import os
import shutil
import tempfile
from pathlib import Path

import nbformat
import pytest

from autograder import demo
from autograder.course import Course
from autograder.notebooks import released_path, worked_path

ROOT = Path(__file__).parents[1]
LESSON = demo.LESSON


def pytest_configure():
    """No test writes to the marks of the person who runs it."""
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="marks-")


def pytest_collection_modifyitems(items):
    """What is marked as long is a sample's rest; its neighbours run always."""
    if os.environ.get("LONG") != "all":
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="long; for all: LONG=all pytest"))


def pytest_unconfigure():
    shutil.rmtree(os.environ["XDG_STATE_HOME"], ignore_errors=True)


def _only_graded(notebook):
    """The setup cell and the cells that nbgrader knows."""
    first_code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells = [cell for cell in notebook.cells if cell is first_code or "nbgrader" in cell.metadata]
    return notebook


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def released():
    return nbformat.v4.reads(released_path(ROOT, LESSON).read_text())


@pytest.fixture(scope="session")
def worked():
    return nbformat.v4.reads(worked_path(ROOT, LESSON).read_text())


@pytest.fixture(scope="session")
def small_released():
    return _only_graded(nbformat.v4.reads(released_path(ROOT, LESSON).read_text()))


@pytest.fixture(scope="session")
def small_worked():
    return _only_graded(nbformat.v4.reads(worked_path(ROOT, LESSON).read_text()))


@pytest.fixture(scope="session")
def make_course(small_released, small_worked, tmp_path_factory):
    """A function from {student: function that writes a notebook} to a course of the small lesson."""

    def make(submissions, released=small_released, worked=small_worked):
        course = Course(tmp_path_factory.mktemp("course"))
        for place, notebook in (
            (released_path(course.root, LESSON), released),
            (worked_path(course.root, LESSON), worked),
        ):
            place.parent.mkdir(parents=True)
            nbformat.write(notebook, place)
        shutil.copy(ROOT / "nbgrader_config.py", course.root)
        course.init()
        for student, write in submissions.items():
            folder = course.submitted(student, LESSON)
            folder.mkdir(parents=True)
            write(folder / f"{LESSON}.ipynb")
        return course

    return make
