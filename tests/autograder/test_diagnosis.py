"""What is said of a wrong answer: which mistake it is, and what was seen where none fits."""

import numpy as np
import pytest

from autograder.exercises import Mistake, find

HIDDEN = 2**127 + 1
SEEDS = pytest.mark.parametrize("seed", [0, HIDDEN], ids=["public", "hidden"])


def draw(rng):
    return [(rng.normal(size=(3, 4)),), (rng.normal(size=5),)]


def plus_one(z):
    return z + 1


def thing_squared(z):
    return z**2


def thing_squared_float32_too(z):
    return z**2 if z.ndim == 2 else z + 1


def mistake(answer):
    return Mistake(answer, f"this is {answer.__name__}", card="a-card")


def test_the_mistake_that_agrees_on_more_inputs_wins(make_exercise, verdict_on):
    mistakes = tuple(map(mistake, (thing_squared, thing_squared_float32_too)))
    exercise = make_exercise(plus_one, draw, mistakes=mistakes)
    for answer in mistakes:
        assert verdict_on(exercise, answer.answer, HIDDEN).mistake == exercise.mistake_name(answer)


def test_a_mistake_is_named_with_its_diagnosis_and_its_card(make_exercise, verdict_on):
    exercise = make_exercise(plus_one, draw, mistakes=(mistake(thing_squared),))
    verdict = verdict_on(exercise, lambda z: z * z)
    assert (verdict.mistake, verdict.diagnosis, verdict.card) == (
        "squared",
        "this is thing_squared",
        "a-card",
    )


def test_a_mistake_is_not_named_where_only_another_case_fails(make_exercise, verdict_on):
    exercise = make_exercise(plus_one, draw, mistakes=(mistake(thing_squared_float32_too),))
    assert verdict_on(exercise, lambda z: z + 1 if z.ndim == 2 else z**2).mistake == ""


def test_changing_the_argument_with_the_right_values_names_the_mistake_that_does(verdict_on):
    def relu(z):
        np.maximum(z, 0, out=z)
        return z.copy()

    verdict = verdict_on("relu", relu)
    assert (verdict.mistake, verdict.share) == ("in_place", pytest.approx(0.9))


CONDUCT = {
    "changes_argument": lambda z: (z + 1, z.__iadd__(1))[0],
    "warns": lambda z: (z + 1, np.log(-np.abs(z)))[0],
}


@SEEDS
@pytest.mark.parametrize("name", CONDUCT)
def test_misconduct_is_named_and_costs_a_tenth(make_exercise, verdict_on, name, seed):
    verdict = verdict_on(make_exercise(plus_one, draw), CONDUCT[name], seed)
    assert (verdict.mistake, verdict.share) == (name, pytest.approx(0.9))


def test_a_view_of_the_argument_is_named(make_exercise, verdict_on):
    verdict = verdict_on(make_exercise(lambda z: z.ravel().copy(), draw), lambda z: z.reshape(-1))
    assert (verdict.mistake, verdict.share) == ("aliases_argument", pytest.approx(0.9))


def test_an_argument_that_may_change_may_change(make_exercise, verdict_on):
    exercise = make_exercise(plus_one, draw, may_change=(0,))
    assert verdict_on(exercise, CONDUCT["changes_argument"]).passed


SEEN = {
    "no_return": lambda z: None,
    "wrong_type": lambda z: "z + 1",
    "wrong_shape": lambda z: (z + 1).ravel()[:3],
    "wrong_dtype": lambda z: (z + 1).astype(np.float32),
    "nan": lambda z: np.where(z > 0, np.nan, z + 1),
    "unknown_name": lambda z: nothing,  # noqa: F821
    "not_finished": lambda z: z + 1 if z.ndim == 2 else _not_yet(),
    "constant_offset": lambda z: z + 3,
    "": lambda z: np.cos(z),
}


def _not_yet():
    raise NotImplementedError


@SEEDS
@pytest.mark.parametrize("name", SEEN, ids=lambda name: name or "unknown")
def test_what_was_seen_is_said_where_no_mistake_fits(make_exercise, verdict_on, name, seed):
    verdict = verdict_on(make_exercise(plus_one, draw), SEEN[name], seed)
    assert (verdict.mistake, bool(verdict.diagnosis), verdict.passed) == (name, True, False)


def test_values_are_shown_for_public_inputs_and_never_for_hidden_ones(make_exercise, verdict_on):
    exercise = make_exercise(plus_one, draw)
    for seed, shown in ((0, True), (HIDDEN, False)):
        z = exercise.inputs(seed)["first"][0][0][0, 0]
        text = verdict_on(exercise, np.cos, seed).diagnosis
        assert text.startswith("12 of 12 values are wrong.")
        assert (f"{z:.6g}" in text, f"{z + 1:.6g}" in text) == (shown, shown)


def test_one_value_is_spoken_of_as_one(make_exercise, verdict_on):
    alone = verdict_on(make_exercise(plus_one, lambda rng: [(rng.uniform(2, 3, size=(1,)),)]), np.cos)
    assert alone.diagnosis.startswith("The value is wrong. At z = 2.")
    among = verdict_on(
        make_exercise(plus_one, lambda rng: [(np.array([1.0, 2.0]),)]), lambda z: z + 1 - (z < 1.5) * 0.3
    )
    assert among.diagnosis.startswith("1 of 2 values is wrong. At z = 1 ")


def test_a_wrong_value_is_never_shown_as_equal_to_the_right_one(make_exercise, verdict_on):
    text = verdict_on(make_exercise(plus_one, draw), lambda z: (z + 1) * (1 + 1e-8 * np.sign(z))).diagnosis
    got, right = text.partition("you return ")[2].rstrip(".").split("; right is ")
    assert got != right


# What later lessons' exercises return: (reference, wrong answers).
STRUCTURED = {
    "a tuple of shapes that differ": (
        lambda z: (z + 1, z.sum(axis=0)),
        {
            "values": lambda z: (z + 2, z.sum(axis=0)),
            "shape": lambda z: (z + 1, z.sum()),
            "dtype": lambda z: ((z + 1).astype(np.float32), z.sum(axis=0)),
            "nan": lambda z: (z * np.nan, z.sum(axis=0)),
            "length": lambda z: (z + 1,),
            "no tuple": lambda z: z + 1,
        },
    ),
    "a list": (lambda z: [z + 1, z * 2], {"values": lambda z: [z, z * 2]}),
    "a dict": (
        lambda z: {"W": z + 1, "b": z.sum(axis=0)},
        {
            "values": lambda z: {"W": z, "b": z.sum(axis=0)},
            "nan": lambda z: {"W": z * np.nan, "b": z.sum(axis=0)},
            "shape": lambda z: {"W": z[:1], "b": z.sum(axis=0)},
            "keys": lambda z: {"w": z + 1},
        },
    ),
    "a text": (lambda z: "W2", {"another": lambda z: "W1", "an array": lambda z: z}),
    "a mask": (lambda z: z > 0, {"turned": lambda z: z <= 0, "numbers": lambda z: (z > 0) * 1.0}),
    "bytes": (
        lambda z: (np.abs(z) * 99).astype(np.uint8),
        {"half": lambda z: (np.abs(z) * 40).astype(np.uint8)},
    ),
    "complex numbers": (lambda z: z * 1j, {"sign": lambda z: -z * 1j, "real": lambda z: z + 0.0}),
}


@SEEDS
@pytest.mark.parametrize(
    ("kind", "wrong"), [(kind, wrong) for kind in STRUCTURED for wrong in STRUCTURED[kind][1]]
)
def test_answers_of_every_kind_are_explained_without_an_error(make_exercise, verdict_on, kind, wrong, seed):
    reference, answers = STRUCTURED[kind]
    verdict = verdict_on(make_exercise(reference, draw), answers[wrong], seed)
    assert verdict.share == 0
    assert verdict.diagnosis


def test_a_wrong_text_is_not_called_the_wrong_type(make_exercise, verdict_on):
    verdict = verdict_on(make_exercise(lambda z: "W2", draw), lambda z: "W1")
    assert "a str; a str" not in verdict.diagnosis


def test_a_tuple_that_is_too_short_is_not_called_the_wrong_type(make_exercise, verdict_on):
    verdict = verdict_on(make_exercise(lambda z: (z, z), draw), lambda z: (z + 0.0,))
    assert "a tuple; a tuple" not in verdict.diagnosis


def refuses(z):
    raise ValueError("slope must be in [0, 1)")


def test_an_answer_that_should_raise_and_does_not_is_told_so(make_exercise, verdict_on):
    verdict = verdict_on(make_exercise(refuses, draw), plus_one)
    assert verdict.share == 0
    assert "raises ." not in verdict.diagnosis


def test_an_answer_that_should_raise_and_does_is_right(make_exercise, verdict_on):
    assert verdict_on(make_exercise(refuses, draw), refuses.__get__(0).__func__).share == 0  # blocked
    assert verdict_on(make_exercise(refuses, draw), lambda z: int("x")).passed


def test_the_diagnosis_of_a_bank_mistake_says_nothing_of_the_inputs(verdict_on):
    for mistake_of in find("sigmoid").mistakes:
        public, hidden = (verdict_on("sigmoid", mistake_of.answer, seed).diagnosis for seed in (0, HIDDEN))
        assert public == hidden


def draw_matrices(rng):
    return [
        (rng.normal(size=(4, 3)), rng.normal(size=(4, 3))),
        (rng.normal(size=(1, 3)), rng.normal(size=(1, 3))),
    ]


def two_gradients(U, X):
    return U * X, U.sum(axis=0)


@pytest.mark.parametrize(
    ("answer", "name", "says"),
    [
        (lambda U, X: (U * X, -U.sum(axis=0)), "sign", "`db`: Every value has the wrong sign."),
        (lambda U, X: (U * X * 2, U.sum(axis=0)), "factor_two", "`dW`: Every value is twice"),
        (lambda U, X: (-U * X, -U.sum(axis=0)), "sign", "Every value has the wrong sign."),
        (
            lambda U, X: (U * X, U.sum(axis=1)),
            "wrong_shape",
            "Part `db` of what you return has another shape",
        ),
        (lambda U, X: (U * X + X**2, U.sum(axis=0)), "", "Part `dW` of what you return: "),
        (lambda U, X: (None, U.sum(axis=0)), "no_return", "Part `dW` of what you return is None."),
    ],
)
def test_one_wrong_part_of_several_is_named(make_exercise, verdict_on, answer, name, says):
    verdict = verdict_on(make_exercise(two_gradients, draw_matrices, parts=("dW", "db")), answer)
    assert (verdict.mistake, verdict.diagnosis[: len(says)]) == (name, says)
    assert verdict.share <= 0.1


def thing_turned(U, X):
    return U.sum(axis=0), U * X


@SEEDS
def test_another_order_is_a_slip_where_the_bank_does_not_know_it(make_exercise, verdict_on, seed):
    """It says more than that the shape of one part is wrong."""
    own = (mistake(thing_turned),)
    for mistakes, name in (((), "parts_in_other_order"), (own, "turned")):
        exercise = make_exercise(two_gradients, draw_matrices, parts=("dW", "db"), mistakes=mistakes)
        assert verdict_on(exercise, lambda *inputs: thing_turned(*inputs), seed).mistake == name


def test_a_part_without_a_name_goes_by_its_place(make_exercise, verdict_on):
    verdict = verdict_on(make_exercise(two_gradients, draw_matrices), lambda U, X: (U * X, 2 * U.sum(axis=0)))
    assert verdict.diagnosis.startswith("`[1]`: Every value is twice")


def test_the_input_is_shown_only_where_there_is_one(make_exercise, verdict_on):
    """With two arrays of one shape nobody could tell whose entry is meant."""
    seen = verdict_on(
        make_exercise(two_gradients, draw_matrices, parts=("dW", "db")), lambda U, X: (X**2, X[0]), 0
    )
    assert " z = " not in seen.diagnosis
    assert "At index (0, 0) you return" in seen.diagnosis


def entries(upstream, layers):
    return upstream + sum(layer.sum() for layer in layers)


def test_a_wrong_value_is_placed_by_the_arguments_own_name(make_exercise, verdict_on):
    exercise = make_exercise(
        lambda gradients, limit: gradients.clip(-limit, limit), lambda rng: [(rng.normal(0, 9, 3), 1.0)]
    )
    assert "At gradients = " in verdict_on(exercise, lambda gradients, limit: gradients * 5).diagnosis


def test_a_wrong_value_among_lists_of_arrays_is_placed_by_its_index(make_exercise, verdict_on):
    exercise = make_exercise(entries, lambda rng: [(rng.normal(size=3), [rng.normal(size=2)])])
    assert "At index (0,) " in verdict_on(exercise, lambda upstream, layers: upstream * 5).diagnosis


def test_an_error_of_the_students_own_is_not_taken_for_numpys(verdict_on):
    def relu(z):
        raise ValueError("z must be a list")

    verdict = verdict_on("relu", relu)
    assert verdict.mistake == "raises"
    assert "raises ValueError: z must be a list" in verdict.diagnosis


def test_a_right_value_that_is_zero_but_for_rounding_is_called_zero(make_exercise, verdict_on):
    def rounding(z):
        return np.where(z > 0, z, 3e-17)

    exercise = make_exercise(rounding, lambda rng: [(np.array([-1.0, -2.0, 2.0]),)])
    (case, *_) = verdict_on(exercise, lambda z: z).cases
    assert case.diagnosis == "2 of 3 values are wrong. At z = −1 you return −1; right is 0, up to rounding."
