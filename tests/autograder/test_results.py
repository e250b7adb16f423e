"""What is kept of a graded submission: marks and mistakes, no answers."""

import json

import pytest

from autograder import pool, results
from autograder.demo import filled, mistaken
from autograder.grading import grade_class

LESSON = "01_activations"


@pytest.fixture(scope="module")
def course(make_course, small_released):
    wrong = filled(small_released, mistaken(0))
    course = make_course({"someone": wrong, "broken": lambda path: path.write_text("{")})
    with pool.local() as workers:
        list(grade_class(course, LESSON, course.students(LESSON), workers))
    return course


def test_every_submission_has_its_summary(course):
    broken, someone = results.read(course, LESSON)
    assert (broken["student"], someone["student"]) == ("broken", "someone")
    assert "JSON is broken" in broken["problem"]
    assert someone["score"] < someone["points"] == 14
    assert someone["exercises"][0]["mistake"] == "exp_overflow"
    assert someone["exercises"][0]["cases"]["ordinary values"] is True


def test_no_answer_is_kept_with_the_marks(course):
    text = (course.results(LESSON) / "someone.json").read_text()
    assert "def sigmoid" not in text
    assert json.loads(text)["waiting"] == []
