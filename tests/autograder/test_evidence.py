"""What is gathered of an answer in this process."""

from functools import partial

import numpy as np
import pytest

from autograder.drives import AS_WRITTEN, WITH_REFERENCES, Outcome
from autograder.evidence import JUDGED, gather, group, origin
from autograder.exercises import bank, find


class Callable:
    def __call__(self, z):
        return np.maximum(z, 0)


class LosesItself(Callable):
    """An honest slip: `__getattr__` asks for an attribute that is not there, which calls it again."""

    def __getattr__(self, name):
        return self.settings[name]


class AnswersEverything(Callable):
    def __getattr__(self, name):
        return 42


@pytest.mark.parametrize("name", bank())
def test_there_is_one_outcome_for_each_input(name):
    exercise = find(name)
    evidence = gather(exercise, lambda *inputs: inputs[0], seed=5)
    wanted = {case: len(drawn) for case, drawn in exercise.inputs(5).items()}
    assert {case: len(seen) for case, seen in evidence.outcomes[AS_WRITTEN].items()} == wanted
    assert (evidence.seed, evidence.state, list(evidence.outcomes)) == (5, JUDGED, [AS_WRITTEN])


def test_an_exercise_with_needs_has_two_variants():
    needs = {"sigmoid": find("sigmoid").reference}
    evidence = gather(find("swish"), lambda z, beta=1.0: z, needs=needs, namespace={})
    assert list(evidence.outcomes) == [AS_WRITTEN, WITH_REFERENCES]


def test_the_reference_works_again_afterwards():
    for exercise in bank().values():
        gather(exercise, exercise.reference)
        inputs = exercise.inputs()[exercise.cases[0].name][0]
        assert exercise.drive(exercise.reference, *inputs) is not None


def test_outcomes_are_grouped_in_the_order_in_which_they_came():
    one, two, three = (Outcome(i) for i in range(3))
    seen = [("a", "x", one), ("b", "x", two), ("a", "x", three), ("a", "y", two)]
    assert group(seen) == {"a": {"x": (one, three), "y": (two,)}, "b": {"x": (two,)}}
    assert group([]) == {}


def test_the_origin_is_the_file_that_the_code_names():
    assert origin(test_the_origin_is_the_file_that_the_code_names) == __file__
    assert origin(eval(compile("lambda z: z", "cell 3", "eval"))) == "cell 3"


@pytest.mark.parametrize(
    "answer",
    [None, 3, np.maximum, partial(max, 0), Callable(), AnswersEverything(), LosesItself()],
    ids=lambda answer: type(answer).__name__,
)
def test_what_has_no_code_has_no_origin(answer):
    assert origin(answer) == ""


def test_an_object_whose_attributes_raise_is_judged_by_its_values(verdict_on):
    assert verdict_on("relu", LosesItself()).passed
