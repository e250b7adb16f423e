"""Every hostile submission earns what it deserves, did what it tries, and touched nobody else."""

import math
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from nbconvert import HTMLExporter

from autograder import review
from autograder.answer_key import answer_key
from autograder.drives import AS_WRITTEN
from autograder.evidence import Evidence
from autograder.exercises import bank
from autograder.judge import judge

from . import machine, malformed, mark, odd, reader
from .conftest import SECRET
from .rows import CONTROLS, FULL, LESSON

HOSTILE = [row for group in (mark, machine, reader, malformed) for row in group.ROWS]
ENDLESS = list(machine.ENDLESS)


def each(rows, test):
    """Rows as parameters, with what fails today marked, and what CI leaves out skipped."""
    parameters = []
    for row in rows:
        marks = []
        if test in row.open:
            marks.append(pytest.mark.xfail(strict=True, reason=row.open[test]))
        if row.sampled_out:
            marks.append(
                pytest.mark.skip(
                    reason="slow, and not in the sample; for all: HOSTILE=all pytest tests/hostile"
                )
            )
        parameters.append(pytest.param(row, id=row.name, marks=marks))
    return parameters


def class_of(row, request):
    return request.getfixturevalue("hasty" if row in ENDLESS else "graded")


@pytest.mark.parametrize("row", each([*HOSTILE, *ENDLESS], "mark"))
def test_it_gets_the_mark_that_it_deserves(row, request):
    graded = class_of(row, request)
    result = graded.seen[row.name].result
    assert math.isfinite(result.score)
    assert "The grader itself failed" not in result.problem
    assert result.score == row.mark, [(v.exercise, v.score) for v in result.verdicts]
    assert graded.book[row.folder]["score"] == row.mark


@pytest.mark.parametrize("row", each([*HOSTILE, *ENDLESS], "ran"))
def test_the_attack_ran(row, request):
    seen = class_of(row, request).seen[row.name]
    assert row.ran(seen), f"{seen.findings}\n--\n{seen.text[:3000]}\n--\n{seen.diagnoses[:2000]}"


@pytest.mark.parametrize("row", each([r for r in HOSTILE if r.review], "review"))
def test_a_person_is_told_to_look_at_it(row, graded):
    told = [r.why for r in graded.review if r.student == row.folder and r.about != review.WRITTEN]
    assert any("nnlib" in why for why in told), told


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in CONTROLS])
def test_the_control_gets_full_marks(row, graded):
    seen = graded.seen[row.name]
    assert (seen.result.score, graded.book[row.name]["score"]) == (FULL, FULL)
    assert row.ran(seen)
    assert not seen.result.findings


def test_every_row_names_its_control_and_none_has_the_name_of_another():
    every = [*HOSTILE, *ENDLESS, *odd.ROWS, *CONTROLS]
    assert {row.control for row in every} <= {row.name for row in CONTROLS}
    assert len({row.name for row in every}) == len({row.folder for row in every}) == len(every)
    assert len(HOSTILE) + len(ENDLESS) >= 60
    assert len(odd.ROWS) >= 12


@pytest.mark.parametrize("row", each(odd.ROWS, "mark"))
def test_an_honest_oddity_gets_full_marks(row, graded):
    seen = graded.seen[row.name]
    lost = [(v.exercise, v.diagnosis) for v in seen.result.verdicts if v.share < 1]
    assert (seen.result.score, lost) == (FULL, []), seen.findings
    assert graded.book[row.folder]["score"] == FULL
    assert row.ran(seen), f"{seen.findings}\n--\n{seen.text[:3000]}"


@pytest.mark.parametrize("class_", ["graded", "hasty"])
def test_each_honest_neighbour_gets_exactly_its_own_mark(class_, request):
    graded = request.getfixturevalue(class_)
    for name, mark_ in graded.neighbours.items():
        assert (name, graded.seen[name].result.score, graded.book[name]["score"]) == (name, mark_, mark_)
        assert not graded.seen[name].result.findings


@pytest.mark.parametrize("class_", ["graded", "hasty"])
def test_no_secret_stands_in_what_students_get(class_, request):
    graded = request.getfixturevalue(class_)
    secrets = (SECRET, graded.course.seed_file.read_text().strip())
    for name, seen in graded.seen.items():
        shown = seen.page + seen.autograded
        assert [secret for secret in secrets if secret in shown] == [], name


@pytest.mark.parametrize("class_", ["graded", "hasty"])
def test_the_course_holds_no_file_that_a_submission_made(class_, request):
    course = request.getfixturevalue(class_).course
    made = {path.name for path in course.root.iterdir()}
    assert made == {"lessons", "solutions", "submitted", "autograded", "feedback", ".course", "gradebook.db",
                    "grades.csv", "nbgrader_config.py", "instructor.txt"}  # fmt: skip
    for folder in (course.root / "autograded", course.root / "feedback"):
        assert {path.name for path in folder.rglob("*") if path.is_file()} <= {
            f"{LESSON}.ipynb",
            f"{LESSON}.html",
        }


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in reader.ROWS])
def test_the_graded_notebook_shown_as_formgrader_shows_it_runs_nothing(row, graded):
    """nbconvert renders it as it is, its own styles and scripts apart."""
    place = graded.course.autograded(row.folder, LESSON) / f"{LESSON}.ipynb"
    if place.exists():
        body, _ = HTMLExporter(template_name="basic").from_filename(str(place))
        assert reader.dangers(body) == []


@pytest.mark.parametrize("class_", ["graded", "hasty"])
def test_no_process_of_a_submission_is_left(class_, request):
    request.getfixturevalue(class_)
    left = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes()
        except OSError:  # it has ended
            continue
        left += [words] if any(word in words for word in machine.DETACHED_WORDS) else []
    assert left == []


def test_no_submission_reached_a_server_on_this_machine(graded, listener):
    assert listener.calls == 0
    with socket.create_connection(("127.0.0.1", listener.port)) as connection:
        connection.recv(1)  # until it has been counted: it would have heard them
    assert listener.calls == 1


def test_a_list_counts_where_several_things_are_returned():
    """The other honest oddity, which lesson 01 has no exercise for."""
    seen = 0
    for exercise in bank().values():
        key = answer_key(exercise, 3)
        if not any(isinstance(r.value, tuple) for rights in key.right.values() for r in rights):
            continue
        outcomes = {
            case: tuple(
                replace(r, value=list(r.value) if isinstance(r.value, tuple) else r.value) for r in rights
            )
            for case, rights in key.right.items()
        }
        seen += 1
        assert judge(exercise, Evidence(3, outcomes={AS_WRITTEN: outcomes})).share == 1, exercise.name
    assert seen
