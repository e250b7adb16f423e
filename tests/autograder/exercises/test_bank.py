"""The bank tests itself: every mistake is rejected and named, every reference is right and guarded."""

import re
from collections import Counter
from functools import cache, partial
from types import FunctionType

import numpy as np
import pytest

from autograder.drives import probe
from autograder.evidence import gather
from autograder.exercises import bank, find, lessons
from autograder.judge import judge

HIDDEN = (1, 20_260_301, 2**127 + 1)
EXERCISES = pytest.mark.parametrize("exercise", bank().values(), ids=list(bank()))
MISTAKES = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [(exercise, mistake) for exercise in bank().values() for mistake in exercise.mistakes],
    ids=[mistake.answer.__name__ for exercise in bank().values() for mistake in exercise.mistakes],
)
# STYLE.md's words that belittle, and those of a poor diagnosis.
FORBIDDEN = r"(?i)\b(simply|obviously|just|clearly|easy|easily|trivial|of course|AssertionError|not equal)\b"


@cache
def verdict(name, answer, seed):
    return judge(find(name), gather(find(name), answer, seed))


@MISTAKES
@pytest.mark.parametrize("seed", [0, *HIDDEN])
def test_every_mistake_is_rejected_and_named(exercise, mistake, seed):
    got = verdict(exercise.name, mistake.answer, seed)
    assert not got.passed
    assert (got.mistake, got.diagnosis, got.card) == (
        exercise.mistake_name(mistake),
        mistake.diagnosis,
        mistake.card,
    )


def passed(exercise, mistake, seed):
    got = judge(exercise, gather(exercise, mistake.answer, seed))
    return tuple((case.name, case.passed) for case in got.cases)


@MISTAKES
def test_the_notebooks_check_and_the_hidden_grade_agree_on_every_mistake(exercise, mistake):
    assert len({passed(exercise, mistake, seed) for seed in (0, *HIDDEN)}) == 1


@pytest.mark.long
@EXERCISES
def test_no_seed_gives_a_mistake_more_than_another(exercise):
    for mistake in exercise.mistakes:
        seen = {passed(exercise, mistake, seed): seed for seed in range(1000, 1100)}
        assert len(seen) == 1, (mistake.answer.__name__, seen)


def copied(function):
    """The same code in a new function object."""
    copy = FunctionType(
        function.__code__,
        function.__globals__,
        "copy",
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


@EXERCISES
@pytest.mark.parametrize("seed", [0, *HIDDEN])
def test_a_copy_of_the_references_code_earns_everything(exercise, seed):
    got = verdict(exercise.name, copied(exercise.reference), seed)
    assert (got.share, got.score) == (1.0, exercise.points)


WAYS = {
    "alias": lambda f: f,
    "partial": partial,
    "wrapper": lambda f: lambda *inputs: f(*inputs),
    "a method": lambda f: type("Model", (), {"f": staticmethod(f)})().f,
    "a second wrapper": lambda f: np.errstate()(lambda *inputs: f(*inputs)),
}


@EXERCISES
@pytest.mark.parametrize("way", WAYS)
def test_the_reference_itself_earns_nothing_and_says_why(exercise, way):
    got = verdict(exercise.name, WAYS[way](exercise.reference), HIDDEN[0])
    assert (got.share, got.mistake) == (0, "reference_used")
    assert "course's own function" in got.diagnosis


@EXERCISES
def test_an_exercise_has_what_everything_else_is_made_from(exercise):
    assert re.fullmatch("[a-z][a-z0-9_]*", exercise.name)
    assert len(exercise.mistakes) >= 4
    assert len(exercise.hints) >= 2
    assert len(exercise.cases) >= 2
    assert exercise.points >= 0
    assert all(need in bank() for need in exercise.needs)
    assert all(case.weight > 0 and case.says for case in exercise.cases)
    assert all(drawn for drawn in exercise.inputs().values())


@MISTAKES
def test_a_diagnosis_says_something_and_nothing_that_belittles(exercise, mistake):
    assert len(mistake.diagnosis) > 30
    assert not re.search(FORBIDDEN, mistake.diagnosis)
    assert mistake.diagnosis.count("`") % 2 == 0
    assert mistake.answer.__name__.startswith(f"{exercise.name}_")
    assert re.fullmatch("[a-z][a-z0-9-]+", mistake.card)


@EXERCISES
def test_diagnoses_and_names_of_mistakes_are_unique(exercise):
    for texts in (
        [mistake.diagnosis for mistake in exercise.mistakes],
        [mistake.answer.__name__ for mistake in exercise.mistakes],
        list(exercise.hints),
    ):
        assert max(Counter(texts).values()) == 1


@EXERCISES
def test_hints_and_cases_say_nothing_that_belittles(exercise):
    for text in (*exercise.hints, *(case.says for case in exercise.cases)):
        assert text
        assert not re.search(FORBIDDEN, text)


@EXERCISES
def test_no_hint_or_diagnosis_is_the_references_own_line(exercise):
    from inspect import getsource

    last = getsource(exercise.reference).strip().splitlines()[-1].strip().removeprefix("return ")
    texts = [*exercise.hints, *(mistake.diagnosis for mistake in exercise.mistakes)]
    assert not any(last in text for text in texts)


def arrays(value):
    """The arrays of an answer, which may nest them in lists, tuples and dicts."""
    if isinstance(value, dict):
        value = [value[name] for name in sorted(value)]
    if isinstance(value, list | tuple):
        return [array for part in value for array in arrays(part)]
    return [np.asarray(value)]


def all_finite(value):
    return all(np.isfinite(array).all() for array in arrays(value))


def seen_by_eye(exercise, mistake):
    """The largest differences from the right values that a reader could see, over all probes."""
    for drawn in exercise.inputs().values():
        for inputs in drawn:
            want = probe(exercise.drive, exercise.reference, inputs).value
            got = probe(exercise.drive, mistake.answer, inputs)
            if not got.error and all_finite(got.value):
                pairs = list(zip(arrays(got.value), arrays(want), strict=False))
                same_shape = [a.shape for a in arrays(got.value)] == [a.shape for a in arrays(want)]
                yield max(np.abs(a - b).max() for a, b in pairs) if same_shape else np.inf


@MISTAKES
def test_a_mistake_without_a_flag_can_be_a_distractor(exercise, mistake):
    if mistake.no_distractor:
        assert len(mistake.no_distractor) > 20
    else:
        assert max(seen_by_eye(exercise, mistake), default=0) > 1e-4


@EXERCISES
def test_at_least_three_mistakes_can_be_distractors(exercise):
    assert sum(not mistake.no_distractor for mistake in exercise.mistakes) >= 3


@EXERCISES
def test_the_reference_behaves_as_is_asked_of_students(exercise):
    for seed in (0, *HIDDEN):
        for drawn in exercise.inputs(seed).values():
            for inputs in drawn:
                seen = probe(exercise.drive, exercise.reference, inputs)
                assert (seen.error, seen.warnings, seen.changed, seen.aliased) == ("", (), (), ())
                assert all_finite(seen.value)


# The names are part of the course's contract.
SYLLABUS = {
    "01_activations": "sigmoid tanh relu leaky_relu softplus gelu swish weighted_sum",
    "02_activation_gradients": "sigmoid_grad tanh_grad relu_grad leaky_relu_grad gelu_grad gradient_table",
    "03_softmax_and_losses": "softmax softmax_vjp logsumexp mse mse_grad bce_with_logits cross_entropy cross_entropy_grad",
    "05_backpropagation": "linear_backward unbroadcast mlp_forward mlp_backward backward_trace",
    "07_vanishing_and_exploding": "layer_statistics predict_ratio dead_fraction clip_by_global_norm clip_by_value residual_backward",
    "10_optimizers": "sgd momentum nesterov adagrad rmsprop adam adamw conjugate_gradient",
}


@pytest.mark.parametrize("lesson", SYLLABUS)
def test_a_lesson_has_the_exercises_of_the_syllabus_and_at_most_six_with_marks(lesson):
    exercises = lessons()[lesson]
    assert {exercise.name for exercise in exercises} == set(SYLLABUS[lesson].split())
    assert 4 <= len([exercise for exercise in exercises if exercise.points]) <= 6
    assert sum(exercise.points for exercise in exercises) == 14
