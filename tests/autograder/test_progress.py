"""Marks are kept from check to check, and nothing that stands in the file can break a lesson."""

import json

import numpy as np
import pytest

from autograder import check, progress
from autograder.exercises import bank, lessons
from autograder.progress import progress_file


@pytest.fixture(autouse=True)
def file(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return progress_file()


def line(name):
    return next(line for line in repr(progress()).splitlines() if line.strip().startswith(f"{name}:"))


def right(z):
    z = np.asarray(z)
    return np.where(z > 0, z, np.zeros((), z.dtype))


def test_at_first_nothing_is_checked(file):
    assert not file.exists()
    assert repr(progress()).startswith("01_activations: not begun, 14 marks")
    assert len(repr(progress()).splitlines()) == len(lessons())


def test_the_newest_mark_counts_also_in_another_session(file):
    check("relu", lambda z: z)
    assert line("relu") == "  relu: 0 of 2"
    check("relu", right)
    assert line("relu") == "  relu: 2 of 2"
    assert repr(progress()).startswith("01_activations: 2 of 14 marks")
    assert json.loads(file.read_text()) == {"relu": 1.0}


def test_the_table_has_every_lesson_and_every_exercise():
    page = progress()._repr_html_()
    assert page.count("<summary") == len(lessons())
    assert page.count('<th scope="row"') == len(bank())
    assert "not checked yet" in page


def test_a_lesson_is_open_from_its_first_check_until_all_is_right(file):
    def opened():
        return progress()._repr_html_().count("<details open")

    assert opened() == 0
    check("relu", lambda z: z)
    assert opened() == 1
    marked = [exercise.name for exercise in lessons()["01_activations"] if exercise.points]
    file.write_text(json.dumps(dict.fromkeys(marked, 1.0)))
    assert opened() == 0
    assert "✓ 01_activations: 14 of 14 marks" in progress()._repr_html_()


def test_nothing_is_kept_while_a_notebook_is_graded(file, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    check("relu", right)
    assert not file.exists()


@pytest.mark.parametrize(
    "content", ["", "{", "[1, 2]", "null", '{"relu": "all"}', '{"relu": NaN}', '{"relu": 7}', '{"gone": 1.0}']
)
def test_a_spoilt_file_is_no_mark_and_no_error(file, content):
    file.parent.mkdir(parents=True)
    file.write_text(content)
    assert repr(progress()).startswith("01_activations: not begun")
    check("relu", right)
    assert line("relu") == "  relu: 2 of 2"


def test_a_home_that_cannot_be_written_fails_no_check(file):
    file.parent.parent.mkdir(parents=True, exist_ok=True)
    file.parent.write_text("a file where the folder should be")
    assert check("relu", right) == 2
    assert repr(progress()).startswith("01_activations: not begun")


def test_nothing_is_left_beside_the_file(file):
    check("relu", right)
    assert [path.name for path in file.parent.iterdir()] == ["marks.json"]
