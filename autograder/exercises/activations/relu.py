"""`relu`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Exercise, Mistake
from .cases import EXTREMES, FLOAT32, KINK, ORDINARY, SAME_VALUES, SHAPES

NEEDS_ARRAY = "it fails on anything but a plain number"


def relu_in_place(z):
    z[z < 0] = 0
    return z


def relu_slope_for_value(z):
    return (z > 0).astype(z.dtype)


def relu_wrong_side(z):
    return np.minimum(0, z)


def relu_absolute_value(z):
    return np.abs(z)


def relu_identity(z):
    return z.copy()


def relu_builtin_max(z):
    return max(0, z)


def relu_largest_element(z):
    return np.max(z, 0)


EXERCISE = Exercise(
    name="relu",
    reference=nnlib.relu,
    points=2,
    cases=(ORDINARY, EXTREMES, SHAPES, FLOAT32, KINK),
    mistakes=(
        Mistake(
            relu_in_place,
            "Your values are right, but your function wrote into the array that it was given. Whoever called it may "
            "still need z. Return a new array.",
            card="relu-new-array",
            no_distractor=SAME_VALUES,
        ),
        Mistake(
            relu_slope_for_value,
            "You return 1 wherever z is positive: that is the slope of ReLU. What is its value there?",
            card="relu-and-its-slope",
        ),
        Mistake(
            relu_wrong_side,
            "You keep the negative side and cut off the positive one. Which of the two does ReLU let through?",
            card="relu-formula",
        ),
        Mistake(
            relu_absolute_value,
            "Negative inputs come out positive: that is |z|. What should become of them?",
            card="relu-formula",
        ),
        Mistake(
            relu_identity,
            "Negative inputs pass unchanged, so there is no bend: this is the identity. What should become of them?",
            card="relu-formula",
        ),
        Mistake(
            relu_builtin_max,
            "Python's `max` compares whole objects, and an array has no single truth value. NumPy has a function that "
            "takes the larger of two values elementwise.",
            card="elementwise",
            no_distractor=NEEDS_ARRAY,
        ),
        Mistake(
            relu_largest_element,
            "`np.max(z, 0)` is the largest element along axis 0. NumPy's function with a longer name compares two "
            "arguments elementwise.",
            card="elementwise",
            no_distractor="it gives another shape, and the right value for a plain number",
        ),
    ),
    hints=(
        "There are two cases: z above 0, and all the rest. Say in words what comes out in each.",
        "NumPy compares elementwise with `np.maximum`, or picks elementwise with `np.where`.",
    ),
)
