"""`leaky_relu`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import KINK, SHAPES, at_the_kink, extremes, ordinary, single_precision


def ordinary_slopes(rng):
    z = rng.uniform(-4, 4, size=(3, 5))
    return [(z, slope) for slope in (0.1, float(rng.uniform(0.2, 0.9)), 0.0)]


def extreme_slopes(rng):
    return [(*z, float(rng.uniform(0.05, 0.5))) for z in extremes(rng)]


def single_precision_slopes(rng):
    return [(*z, 0.2) for z in single_precision(rng)]


def slopes_at_the_kink(rng):
    return [(*z, 0.3) for z in at_the_kink(rng)]


def leaky_relu_wrong_side(z, slope=0.01):
    return np.where(z > 0, slope * z, z)


def leaky_relu_slope_ignored(z, slope=0.01):
    return np.where(z > 0, z, 0.01 * z)


def leaky_relu_slope_for_value(z, slope=0.01):
    return np.where(z > 0, z, slope).astype(z.dtype)


def leaky_relu_sign_lost(z, slope=0.01):
    return np.where(z > 0, z, -slope * z)


def leaky_relu_no_leak(z, slope=0.01):
    return np.where(z > 0, z, 0 * z)


def leaky_relu_divided(z, slope=0.01):
    return np.where(z > 0, z, z / max(slope, 1e-6))


EXERCISE = Exercise(
    name="leaky_relu",
    reference=nnlib.leaky_relu,
    points=2,
    cases=(
        Case("slopes", "z between −4 and 4 with several slopes", ordinary_slopes, weight=4),
        Case("default slope", "called without a slope: 0.01", ordinary, weight=2),
        Case("extreme values", "|z| up to 10,000, in float32 and float64", extreme_slopes, weight=1),
        SHAPES,
        Case("float32", "float32 in, float32 out", single_precision_slopes, weight=1),
        Case("at the kink", KINK.says, slopes_at_the_kink, weight=1, compare=KINK.compare),
    ),
    mistakes=(
        Mistake(
            leaky_relu_wrong_side,
            "The slope is on the positive side. Which side of zero should leak?",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_slope_ignored,
            "Right for slope = 0.01 only: the argument `slope` is not used. Look for a number written where the name "
            "should stand.",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_slope_for_value,
            "For negative z you return the slope itself, the same number everywhere. A line with that slope through 0 "
            "has which value at z?",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_sign_lost,
            "Negative inputs come out positive. The line for z < 0 goes on downwards through 0; look at its sign.",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_no_leak,
            "Negative inputs become 0: that is the plain ReLU. What should still come through when z < 0?",
            card="leaky-relu-formula",
        ),
        Mistake(
            leaky_relu_divided,
            "For negative z your line is far too steep: you divide by the slope. What does a slope do to z?",
            card="leaky-relu-formula",
        ),
    ),
    hints=(
        "It is ReLU with one side changed. Write down what comes out for z = −2 and slope = 0.1.",
        "`np.where(z > 0, …, …)`: the first value is as in ReLU, the second one is a straight line through 0.",
    ),
)
