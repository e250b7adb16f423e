"""Answers that were written without sight of the bank: wrong ones fail and are mostly named, right ones pass."""

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from autograder.evidence import gather
from autograder.exercises import find
from autograder.judge import judge

SEEDS = (0, 1, 2**127 + 1)
NAMED = 30  # of 40: the bank cannot foresee everything


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ANSWERS = load(Path(__file__).parents[1] / "answers_01.py")


def rows(table):
    return [(exercise, answer) for exercise, answers in table.items() for answer in answers]


def each(table):
    names = rows(table)
    return pytest.mark.parametrize(("exercise", "answer"), names, ids=["-".join(row) for row in names])


@cache
def verdict(exercise, source, seed):
    namespace = {"np": np}
    exec(compile(source, "<cell>", "exec"), namespace)
    needs = {name: find(name).reference for name in find(exercise).needs}
    evidence = gather(find(exercise), namespace[exercise], seed, needs, namespace)
    return judge(find(exercise), evidence)


@each(ANSWERS.WRONG)
def test_a_wrong_answer_is_rejected_and_told_something(exercise, answer):
    for seed in SEEDS:
        got = verdict(exercise, ANSWERS.WRONG[exercise][answer], seed)
        assert not got.passed
        assert got.share < 1
        assert got.diagnosis


@each(ANSWERS.RIGHT)
def test_a_right_answer_passes_in_whatever_style(exercise, answer):
    for seed in SEEDS:
        got = verdict(exercise, ANSWERS.RIGHT[exercise][answer], seed)
        assert got.passed, got.diagnosis


@pytest.mark.parametrize("seed", SEEDS)
def test_most_wrong_answers_are_named(seed):
    wrong = rows(ANSWERS.WRONG)
    named = [verdict(exercise, ANSWERS.WRONG[exercise][answer], seed).mistake for exercise, answer in wrong]
    assert len(wrong) >= 40
    assert sum(map(bool, named)) >= NAMED
