"""`relu_grad`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

from dataclasses import replace

import numpy as np

import nnlib

from ..activations.cases import EXTREMES, KINK, SAME_VALUES
from ..activations.relu import NEEDS_ARRAY
from ..schema import Exercise, Mistake
from .cases import FLOAT32, ONLY_DTYPE, ORDINARY, SHAPES


def relu_grad_one_at_zero(z):
    return (z >= 0).astype(z.dtype)


def relu_grad_half_at_zero(z):
    return np.heaviside(z, 0.5).astype(z.dtype)


def relu_grad_value_for_slope(z):
    return np.maximum(z, 0)


def relu_grad_sign(z):
    return np.sign(z)


def relu_grad_truth_values(z):
    return z > 0


def relu_grad_float64_always(z):
    return np.where(z > 0, 1.0, 0.0)


def relu_grad_integers(z):
    return np.where(z > 0, 1, 0)


def relu_grad_in_place(z):
    z[z <= 0] = 0
    z[z > 0] = 1
    return z


def relu_grad_value_over_z(z):
    return np.maximum(z, 0) / z


def relu_grad_wrong_side(z):
    return (z < 0).astype(z.dtype)


def relu_grad_always_one(z):
    return np.ones_like(z)


def relu_grad_plain_if(z):
    if z > 0:
        return 1.0
    return 0.0


def relu_grad_value_clipped(z):
    return np.clip(z, 0, 1)


def relu_grad_one_as_floor(z):
    return np.maximum(z, 1)


EXERCISE = Exercise(
    name="relu_grad",
    reference=nnlib.relu_grad,
    points=2,
    cases=(ORDINARY, replace(EXTREMES, weight=1), SHAPES, FLOAT32, replace(KINK, weight=3)),
    mistakes=(
        Mistake(
            relu_grad_one_at_zero,
            "Right everywhere but at z = 0, where you return 1. There is no slope there, so a convention decides. Which "
            "one does the exercise state?",
            card="relu-kink",
        ),
        Mistake(
            relu_grad_half_at_zero,
            "Right everywhere but at z = 0, where you return ½, the mean of both sides. Some books do that; which "
            "convention does the exercise state?",
            card="relu-kink",
        ),
        Mistake(
            relu_grad_value_for_slope,
            "Your answer equals relu(z) itself: it grows with z. How steep is the line that it runs along?",
            card="value-and-slope",
        ),
        Mistake(
            relu_grad_sign,
            "On the left you return −1, as |z| would have it. Does ReLU fall there, or is it flat?",
            card="relu-grad-formula",
        ),
        Mistake(
            relu_grad_truth_values,
            "You return True and False; the exercise asks for floats of the dtype of z. Arrays have a method that "
            "changes the dtype.",
            card="keep-dtype",
            no_distractor=ONLY_DTYPE,
        ),
        Mistake(
            relu_grad_float64_always,
            "Your values are right; for a float32 z you return float64. `np.where` knows nothing of z when both of its "
            "choices are plain numbers.",
            card="keep-dtype",
            no_distractor=ONLY_DTYPE,
        ),
        Mistake(
            relu_grad_integers,
            "Your values are right, but they are integers: `np.where` took the dtype of your plain 1 and 0. Which dtype "
            "does the exercise ask for?",
            card="keep-dtype",
            no_distractor=ONLY_DTYPE,
        ),
        Mistake(
            relu_grad_in_place,
            "Your values are right, but your function wrote into the array that it was given. Whoever called it still "
            "needs z. Return a new array.",
            card="relu-new-array",
            no_distractor=SAME_VALUES,
        ),
        Mistake(
            relu_grad_value_over_z,
            "Right except at z = 0, where 0/0 gives NaN. A height divided by z is a slope only for a straight line "
            "through 0, and one NaN spreads through a whole network.",
            card="relu-kink",
            no_distractor="it differs from the right value only at 0, where it is NaN",
        ),
        Mistake(
            relu_grad_wrong_side,
            "You return 1 on the left and 0 on the right. On which side does ReLU rise?",
            card="relu-grad-formula",
        ),
        Mistake(
            relu_grad_always_one,
            "You return 1 everywhere, the slope of the line z. ReLU follows that line on one side only.",
            card="relu-grad-formula",
        ),
        Mistake(
            relu_grad_plain_if,
            "An `if` looks at one truth value, and z > 0 has as many as z has elements. Which expression keeps them all?",
            card="elementwise",
            no_distractor=NEEDS_ARRAY,
        ),
        Mistake(
            relu_grad_value_clipped,
            "Between 0 and 1 you return z itself: a height, cut off at 1. The slope jumps at the kink and does not "
            "climb.",
            card="value-and-slope",
        ),
        Mistake(
            relu_grad_one_as_floor,
            "You return the larger of z and 1. The slope takes two values only: name them, and the side each belongs "
            "to.",
            card="relu-grad-formula",
        ),
    ),
    hints=(
        "Two straight lines make up ReLU. What is the slope of each, and which one does z = 0 belong to by convention?",
        "`z > 0` is an array of True and False. Turned into numbers, True is 1.",
        "`.astype(z.dtype)` gives an array the dtype of z.",
    ),
)
