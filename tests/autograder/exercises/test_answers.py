"""Answers that were written without sight of the bank: wrong ones fail and are mostly named, right ones pass."""

import importlib.util
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from autograder.evidence import gather
from autograder.exercises import find, lessons
from autograder.judge import judge

SEEDS = (0, 1, 2**127 + 1)
NAMED = 0.75  # of a lesson's wrong answers, at least: the bank cannot foresee everything


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ANSWERS = {path.stem: load(path) for path in sorted(Path(__file__).parents[1].glob("answers_*.py"))}


def each(table):
    """Every answer of every lesson: (file, exercise, name)."""
    rows = [
        (stem, exercise, name)
        for stem, module in ANSWERS.items()
        for exercise, answers in getattr(module, table).items()
        for name in answers
    ]
    ids = ["-".join(row[1:]) for row in rows]
    return pytest.mark.parametrize(("stem", "exercise", "name"), rows, ids=ids)


@cache
def verdict(exercise, source, seed):
    needs = {name: find(name).reference for name in find(exercise).needs}
    namespace = {"np": np, **needs}
    exec(compile(source, "<cell>", "exec"), namespace)
    evidence = gather(find(exercise), namespace[exercise], seed, needs, namespace)
    return judge(find(exercise), evidence)


@each("WRONG")
def test_a_wrong_answer_is_rejected_and_told_something(stem, exercise, name):
    for seed in SEEDS:
        got = verdict(exercise, ANSWERS[stem].WRONG[exercise][name], seed)
        assert not got.passed
        assert got.share < 1
        assert got.diagnosis


@each("RIGHT")
def test_a_right_answer_passes_in_whatever_style(stem, exercise, name):
    for seed in SEEDS:
        got = verdict(exercise, ANSWERS[stem].RIGHT[exercise][name], seed)
        assert got.passed, got.diagnosis


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("stem", ANSWERS)
def test_most_wrong_answers_are_named(stem, seed):
    wrong = [(exercise, source) for exercise, of in ANSWERS[stem].WRONG.items() for source in of.values()]
    named = [verdict(exercise, source, seed).mistake for exercise, source in wrong]
    assert sum(map(bool, named)) >= NAMED * len(named)


@pytest.mark.parametrize("lesson", lessons())
def test_every_exercise_has_five_wrong_and_five_right_answers(lesson):
    answers = ANSWERS[f"answers_{lesson[:2]}"]
    for table in (answers.WRONG, answers.RIGHT):
        assert list(table) == [exercise.name for exercise in lessons()[lesson]]
        assert all(len(of) >= 5 for of in table.values())
