"""What several of these tests need: a lesson's skeleton, small exercises, verdicts."""

import json
from pathlib import Path

import nbformat
import pytest

from autograder.evidence import gather
from autograder.exercises import Case, Exercise, find
from autograder.judge import judge

LESSON = "01_activations"


@pytest.fixture
def skeleton():
    """The released notebook of lesson 01."""
    path = Path(__file__).parents[2] / "lessons" / LESSON / f"{LESSON}.ipynb"
    return nbformat.read(path, as_version=4)


@pytest.fixture
def submitted(skeleton):
    """The released notebook as plain data, as a student would hand it in."""
    return json.loads(nbformat.writes(skeleton))


@pytest.fixture
def make_exercise():
    """An exercise called `thing` over two cases that draw their inputs with `draw`."""

    def make(reference, draw, **settings):
        cases = (Case("first", "one thing", draw, weight=3), Case("second", "another thing", draw))
        settings = {"points": 2, "mistakes": (), "hints": ("look again", "look closely"), **settings}
        return Exercise(name="thing", reference=reference, cases=cases, **settings)

    return make


@pytest.fixture
def verdict_on():
    """The verdict on an answer to an exercise of the bank, or to one made here."""

    def verdict_on(exercise, answer, seed=0, **where):
        exercise = find(exercise) if isinstance(exercise, str) else exercise
        return judge(exercise, gather(exercise, answer, seed, **where))

    return verdict_on
