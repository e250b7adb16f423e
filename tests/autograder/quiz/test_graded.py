"""Answers from a notebook: whatever a variable holds, there is a verdict, and only the right answer earns it."""

import numpy as np
import pytest

from autograder.drives import AS_WRITTEN, Outcome
from autograder.evidence import Evidence, group
from autograder.quiz import bank
from autograder.quiz.answers import in_order
from autograder.quiz.graded import judge_answer, questions, variable
from autograder.quiz.question import CHOICE

ODD = [
    None, True, 1j, np.nan, np.inf, "", "\ud800", "9" * 1999, "1e400", "10^-9999999", "x" * 5000, 10**300,
    [], [None], [{}], [[1, 2], [3]], [["a"]], ["A", 1], ("A", ("B",)), [True, False], {"a": np.zeros(2)},
    np.zeros(0), np.zeros((1, 1, 1)), np.array(1j), np.full(3, np.nan), [np.zeros(3)] * 4, (np.zeros(2), "A"),
]  # fmt: skip


def of_each_kind():
    """One computed and one written question of each kind that a program marks."""
    found = {}
    for name in questions().values():
        question = bank.question(name, "ada", "quiz")
        found.setdefault((question.kind, bool(question.params)), name)
    return sorted(name for (kind, _), name in found.items() if kind != "essay")


def judged(name, value):
    evidence = Evidence(1, outcomes=group([(AS_WRITTEN, "answer", Outcome(value=value))]))
    return judge_answer(variable(name), 2.0, evidence, "ada", "quiz")


@pytest.mark.parametrize("name", of_each_kind())
def test_an_odd_answer_earns_nothing_and_is_told_something(name):
    for value in ODD:
        got = judged(name, value)
        assert (got.score, got.points) == (0, 2), value
        assert got.diagnosis, value


def test_a_number_for_a_letter_is_told_to_be_one():
    assert "type one letter from A to D" in judged("sigmoid-value", 0.5).diagnosis


@pytest.mark.parametrize("name", of_each_kind())
def test_the_right_answer_earns_all_marks(name):
    question = bank.question(name, "ada", "quiz")
    letters = {option.text: chr(ord("A") + i) for i, option in enumerate(question.options)}
    if question.kind == "cloze":
        key = [blank.answers[0] for blank in in_order(question)]
    elif question.kind == "order":
        key = [letters[text] for text in question.key]
    elif question.kind in (*CHOICE, "multiple"):
        key = [letters[option.text] for option in question.options if option.right]
    else:
        key = question.key
    assert judged(name, key).score == 2
