"""What an exercise is: shares that add up, inputs that depend on seed and case alone."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from autograder.exercises import Case, Compare, bank, find
from autograder.exercises.schema import PUBLIC_SEED

EXERCISES = pytest.mark.parametrize("exercise", bank().values(), ids=list(bank()))


def draw(rng):
    return [(rng.normal(size=3),)]


def flat(inputs):
    return [(case, pickle.dumps(a)) for case, drawn in inputs.items() for i in drawn for a in i]


@pytest.mark.parametrize("conduct", [-0.01, 0.11, 1, float("nan")])
def test_conduct_carries_a_tenth_at_most(make_exercise, conduct):
    with pytest.raises(ValueError, match="conduct must be in"):
        make_exercise(np.abs, draw, conduct=conduct)


@pytest.mark.parametrize("conduct", [0, 0.05, 0.1])
def test_the_shares_add_up_to_one(make_exercise, conduct):
    exercise = make_exercise(np.abs, draw, conduct=conduct)
    assert sum(exercise.weights().values()) + exercise.conduct == pytest.approx(1)
    assert exercise.weights()["first"] == pytest.approx(3 * exercise.weights()["second"])


def test_two_cases_of_one_name_are_refused(make_exercise):
    exercise = make_exercise(np.abs, draw)
    with pytest.raises(ValueError, match="same name"):
        replace(exercise, cases=exercise.cases * 2)


@EXERCISES
def test_the_same_seed_draws_the_same_inputs_and_another_seed_others(exercise):
    assert flat(exercise.inputs(5)) == flat(exercise.inputs(5)) != flat(exercise.inputs(6))
    assert flat(exercise.inputs()) == flat(exercise.inputs(PUBLIC_SEED))


def test_every_bit_of_a_private_seed_counts(make_exercise):
    exercise = make_exercise(np.abs, draw)
    drawn = {tuple(flat(exercise.inputs(seed))) for seed in (0, 1, 2**32, 2**64, 2**127, 2**128 - 1)}
    assert len(drawn) == 6


def test_a_new_case_or_another_order_changes_no_other_input(make_exercise):
    exercise = make_exercise(np.abs, draw)
    more = replace(exercise, cases=(Case("third", "one more", draw), *reversed(exercise.cases)))
    assert set(flat(exercise.inputs(7))) < set(flat(more.inputs(7)))


def test_two_cases_with_the_same_draw_get_different_inputs(make_exercise):
    (_, first), (_, second) = flat(make_exercise(np.abs, draw).inputs())
    assert first != second


def test_the_tolerance_comes_from_the_dtype():
    compare = Compare(rtol=1, atol=2, rtol32=3, atol32=4)
    assert compare.tolerances(np.dtype(np.float32)) == (3, 4)
    assert compare.tolerances(np.dtype(np.float64)) == compare.tolerances(np.dtype(np.int64)) == (1, 2)


def test_a_mistake_is_called_by_its_function_without_the_exercises_name():
    exercise = find("leaky_relu")
    assert exercise.mistake_name(exercise.mistakes[0]) == "wrong_side"


def test_an_exercise_is_found_by_its_name_and_a_misspelt_one_is_guessed():
    assert find("tanh").name == "tanh"
    with pytest.raises(KeyError, match="did you mean tanh"):
        find("tahn")
    with pytest.raises(KeyError, match="there are sigmoid"):
        find("zzzz")


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128, np.int64])
def test_close_is_numpys_own_comparison(dtype):
    special = (
        [0, 1, -1, 1e-13]
        if dtype == np.int64
        else [0, 1, 1 + 1e-12, -1, 1e-13, np.inf, -np.inf, np.nan, 1e30]
    )
    numbers = np.array(special).astype(dtype)
    got, want = (a.ravel() for a in np.meshgrid(numbers, numbers))
    compare = Compare()
    rtol, atol = compare.tolerances(want.dtype)
    with np.errstate(all="ignore"):
        right = np.isclose(got, want, rtol=rtol, atol=atol, equal_nan=True)
        assert np.array_equal(compare.close(got, want), right)
        each = [
            compare.close(a, b) for a, b in zip(got, want, strict=True)
        ]  # where the quick way alone may answer
    assert np.array_equal(each, right)
