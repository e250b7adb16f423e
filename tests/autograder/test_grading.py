"""A class through rebuild, sandbox, judge, gradebook and files."""

import csv
import json
import stat
import threading

import nbformat
import pytest

from autograder import demo, grading, pool
from autograder.course import CourseError
from autograder.gradebook import Book
from autograder.grading import grade_class
from autograder.sandbox.conversation import Limits

LESSON = demo.LESSON
FORGERS = ("forges-checks", "forges-equality", "forges-patches", "forges-evidence", "hands-in-nnlib")
UNREADABLE = ("broken-json", "renamed", "a-link", "format-3", "no-cells")
FULL = 14.0


def grade(course, students=None):
    with pool.local(2) as workers:
        results = grade_class(
            course, LESSON, students or course.students(LESSON), workers, Limits(cell_seconds=8)
        )
        return {result.student: result for result in results}


def a_link(path):
    secret = path.parents[3] / ".course" / "seed"
    path.symlink_to(secret)


@pytest.fixture(scope="module")
def course(make_course, small_released, small_worked):
    submissions = demo.submissions(small_released, small_worked)
    wanted = (
        "perfect-1",
        "untouched",
        "half-done",
        "own-helper-cell",
        "endless-loop",
        *FORGERS,
        *UNREADABLE[:2],
    )
    chosen = {name: submissions[name] for name in wanted}
    right = {name: cell.source for name, cell in demo.solution_cells(small_worked).items()}
    chosen["right-with-edited-checks"] = demo.forged_checks(small_released, right)
    chosen["a-link"] = a_link
    chosen["format-3"] = lambda path: path.write_text('{"nbformat": 3, "worksheets": []}')
    chosen["no-cells"] = lambda path: path.write_text('{"nbformat": 4, "cells": 3}')
    chosen["=cmd|'calc'!A0"] = submissions["perfect-2"]
    return make_course(chosen)


@pytest.fixture(scope="module")
def results(course):
    return grade(course)


def test_the_worked_solution_gets_full_marks(results):
    assert results["perfect-1"].score == results["perfect-1"].points == FULL
    assert all(verdict.share == 1 for verdict in results["perfect-1"].verdicts)


def test_the_untouched_lesson_gets_nothing_and_is_called_not_started(results):
    assert results["untouched"].score == 0
    assert {verdict.state for verdict in results["untouched"].verdicts} == {"not started yet"}
    assert not results["untouched"].findings


def test_a_half_done_notebook_gets_the_marks_of_its_half(results):
    assert results["half-done"].score == 6


def test_a_helper_in_a_cell_of_its_own_is_kept_in_its_place(results):
    assert results["own-helper-cell"].score == FULL


def test_an_endless_cell_costs_its_own_exercise_and_no_other(results):
    shares = {verdict.exercise: verdict.share for verdict in results["endless-loop"].verdicts}
    assert shares.pop("softplus") < 1
    assert set(shares.values()) == {1.0}


@pytest.mark.parametrize("student", FORGERS)
def test_a_forger_gets_nothing(results, student):
    assert [verdict.share for verdict in results[student].verdicts] == [0.0] * 8


@pytest.mark.parametrize("student", FORGERS)
def test_the_forgery_ran_and_was_not_merely_broken(course, results, student):
    result = results[student]
    text = json.dumps([cell.outputs for cell in result.notebook.cells if cell.cell_type == "code"])
    seen = {
        "forges-checks": "was edited" in " ".join(result.findings),
        "forges-equality": all(v.cases for v in result.verdicts),  # its objects were used and judged
        "forges-patches": "the patches are in" in text,
        "forges-evidence": any("no evidence" in finding for finding in result.findings),
        "hands-in-nnlib": all("nnlib" in finding for finding in result.findings),
    }
    assert seen[student]


def test_the_same_notebooks_with_right_answers_and_no_forgery_get_full_marks(results):
    """The control: a forger's notebook differs from these in its answers and its forgery alone."""
    assert results["perfect-1"].score == results["own-helper-cell"].score == FULL


def test_edited_check_cells_cost_a_right_answer_nothing(results):
    assert results["right-with-edited-checks"].score == FULL
    assert any("was edited" in finding for finding in results["right-with-edited-checks"].findings)


@pytest.mark.parametrize("student", UNREADABLE)
def test_what_cannot_be_read_gets_0_and_one_line_that_says_what_to_do(results, student):
    problem = results[student].problem
    assert results[student].score == 0
    assert "\n" not in problem
    assert problem.startswith(f"{LESSON}.ipynb")
    assert any(advice in problem for advice in ("hand in", "hand it in", "rename it", "has no list"))


def test_nothing_of_a_linked_secret_is_shown(course, results):
    seed = course.seed_file.read_text().strip()
    page = course.feedback("a-link", LESSON) / f"{LESSON}.html"
    assert seed not in page.read_text()


def test_every_submission_has_its_files(course, results):
    for student, result in results.items():
        assert (course.feedback(student, LESSON) / f"{LESSON}.html").exists()
        graded = course.autograded(student, LESSON) / f"{LESSON}.ipynb"
        assert graded.exists() == (not result.problem)
        if graded.exists():
            nbformat.validate(nbformat.read(graded, 4))


def test_the_gradebook_holds_the_same_marks(course, results):
    with Book(course.gradebook) as book:
        rows = {row["student"]: row for row in book.rows(LESSON)}
    assert {student: row["score"] for student, row in rows.items()} == {
        s: r.score for s, r in results.items()
    }
    assert rows["perfect-1"]["needs_manual_grade"]
    assert not rows["untouched"]["needs_manual_grade"]


def test_grades_csv_is_safe_in_a_spreadsheet(course, results):
    with course.grades.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(results)
    assert not [value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@"))]
    assert "'=cmd|'calc'!A0" in {row["student"] for row in rows}


def test_the_seed_is_private(course):
    assert stat.S_IMODE(course.seed_file.stat().st_mode) == 0o600


def test_a_second_run_gives_the_same_marks(course, results):
    again = grade(course, ["perfect-1", "half-done"])
    assert {student: result.score for student, result in again.items()} == {"perfect-1": FULL, "half-done": 6}


def test_an_older_mark_does_not_stand_when_a_broken_notebook_follows(
    make_course, small_released, small_worked
):
    submissions = demo.submissions(small_released, small_worked)
    course = make_course({"someone": submissions["perfect-1"]})
    assert grade(course)["someone"].score == FULL
    submissions["broken-json"](course.submitted("someone", LESSON) / f"{LESSON}.ipynb")
    grade(course)
    with Book(course.gradebook) as book:
        assert book.rows(LESSON)[0]["score"] == 0
    assert not (course.autograded("someone", LESSON) / f"{LESSON}.ipynb").exists()


def test_a_fault_of_the_graders_own_costs_no_other_student_anything(
    make_course, small_released, small_worked, monkeypatch
):
    submissions = demo.submissions(small_released, small_worked)
    course = make_course({"unlucky": submissions["perfect-1"], "neighbour": submissions["perfect-2"]})
    rebuild = grading.rebuild

    def faulty(skeleton, submitted):
        if threading.current_thread().task == "unlucky":
            raise ZeroDivisionError
        return rebuild(skeleton, submitted)

    def remember(task, course, result, grade_one=grading._grade):
        threading.current_thread().task = task.student
        return grade_one(task, course, result)

    monkeypatch.setattr(grading, "_grade", remember)
    monkeypatch.setattr(grading, "rebuild", faulty)
    results = grade(course)
    assert results["neighbour"].score == FULL
    assert results["unlucky"].score == 0
    assert "a person has to look at it" in results["unlucky"].problem
    assert "ZeroDivisionError" in (course.state / "failures" / LESSON / "unlucky.txt").read_text()


def test_a_page_that_cannot_be_made_costs_no_other_student_anything(
    make_course, small_released, small_worked, monkeypatch
):
    submissions = demo.submissions(small_released, small_worked)
    course = make_course({"unlucky": submissions["untouched"], "neighbour": submissions["half-done"]})
    page = grading.feedback.page

    def faulty(result, skeleton):
        if result.student == "unlucky" and not result.problem:
            raise ZeroDivisionError
        return page(result, skeleton)

    monkeypatch.setattr(grading.feedback, "page", faulty)
    results = grade(course)
    assert results["neighbour"].score == 6
    assert "a person has to look at it" in results["unlucky"].problem
    assert "could not be graded" in (course.feedback("unlucky", LESSON) / f"{LESSON}.html").read_text()


def test_a_gradebook_that_is_none_is_one_clear_line(make_course, small_released, small_worked):
    course = make_course({"someone": demo.submissions(small_released, small_worked)["untouched"]})
    course.gradebook.write_text("this is no database")
    with pytest.raises(CourseError, match=r"gradebook\.db is no gradebook"):
        grade(course)


def test_marks_given_by_a_person_survive_regrading(make_course, small_released, small_worked):
    course = make_course({"someone": demo.submissions(small_released, small_worked)["perfect-1"]})
    grade(course)
    with Book(course.gradebook) as book:
        grade_row = book._book.find_grade("why_nonlinear", LESSON, LESSON, "someone")
        grade_row.manual_score = 2.5
        book._book.db.commit()
    grade(course)
    with Book(course.gradebook) as book:
        assert book.rows(LESSON)[0]["why_nonlinear"] == 2.5
        assert book.rows(LESSON)[0]["score"] == FULL + 2.5
