"""`leaky_relu_grad`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..activations import leaky_relu
from ..activations.cases import EXTREMES, KINK
from ..activations.leaky_relu import extreme_slopes, slopes_at_the_kink
from ..schema import Case, Exercise, Mistake
from .cases import ONLY_DTYPE, SHAPES, ordinary, spread

ordinary_slopes = spread(leaky_relu.ordinary_slopes)
single_precision_slopes = spread(leaky_relu.single_precision_slopes)


def leaky_relu_grad_one_at_zero(z, slope=0.01):
    return np.where(z >= 0, 1, slope).astype(z.dtype)


def leaky_relu_grad_mean_at_zero(z, slope=0.01):
    return np.where(z > 0, 1, np.where(z < 0, slope, (1 + slope) / 2)).astype(z.dtype)


def leaky_relu_grad_zero_at_zero(z, slope=0.01):
    return np.where(z > 0, 1, np.where(z < 0, slope, 0)).astype(z.dtype)


def leaky_relu_grad_no_leak(z, slope=0.01):
    return (z > 0).astype(z.dtype)


def leaky_relu_grad_value_for_slope(z, slope=0.01):
    return np.where(z > 0, z, slope * z)


def leaky_relu_grad_value_on_the_left(z, slope=0.01):
    return np.where(z > 0, 1, slope * z).astype(z.dtype)


def leaky_relu_grad_falls_on_the_left(z, slope=0.01):
    return np.where(z > 0, 1, -slope).astype(z.dtype)


def leaky_relu_grad_slope_ignored(z, slope=0.01):
    return np.where(z > 0, 1, 0.01).astype(z.dtype)


def leaky_relu_grad_wrong_side(z, slope=0.01):
    return np.where(z > 0, slope, 1).astype(z.dtype)


def leaky_relu_grad_float64_always(z, slope=0.01):
    return np.where(z > 0, 1.0, slope)


def leaky_relu_grad_divided_by_z(z, slope=0.01):
    return np.where(z > 0, z, slope * z) / z


def leaky_relu_grad_value_on_the_right(z, slope=0.01):
    return np.where(z > 0, z, slope).astype(z.dtype)


def leaky_relu_grad_other_default(z, slope=0.1):
    return np.where(z > 0, 1, slope).astype(z.dtype)


def leaky_relu_grad_one_minus_slope(z, slope=0.01):
    return np.where(z > 0, 1, 1 - slope).astype(z.dtype)


def leaky_relu_grad_second_mask_sees_first(z, slope=0.01):
    g = z.copy()
    g[g <= 0] = slope
    g[g > 0] = 1
    return g


EXERCISE = Exercise(
    name="leaky_relu_grad",
    reference=nnlib.leaky_relu_grad,
    points=2,
    cases=(
        Case("slopes", "z between −4 and 4 with several slopes", ordinary_slopes, weight=4),
        Case("default slope", "called without a slope: 0.01", ordinary, weight=1),
        Case("extreme values", EXTREMES.says, extreme_slopes, weight=1),
        SHAPES,
        Case("float32", "float32 in, float32 out", single_precision_slopes, weight=1),
        Case("at the kink", KINK.says, slopes_at_the_kink, weight=3, compare=KINK.compare),
    ),
    mistakes=(
        Mistake(
            leaky_relu_grad_one_at_zero,
            "Right everywhere but at z = 0, where you return 1, the slope on the right. Which side does the exercise "
            "choose there?",
            card="leaky-relu-kink",
        ),
        Mistake(
            leaky_relu_grad_mean_at_zero,
            "Right everywhere but at z = 0, where you return the mean of both slopes. Which side does the exercise "
            "choose there?",
            card="leaky-relu-kink",
        ),
        Mistake(
            leaky_relu_grad_zero_at_zero,
            "Right everywhere but at z = 0, where you return 0. That is the convention for ReLU, and by the same rule "
            "(the left limit) leaky ReLU has another value.",
            card="leaky-relu-kink",
        ),
        Mistake(
            leaky_relu_grad_no_leak,
            "Your left side is flat: this is the derivative of ReLU. What does `slope` mean?",
            card="leaky-relu-grad-formula",
        ),
        Mistake(
            leaky_relu_grad_value_for_slope,
            "Your answer equals leaky_relu(z) itself: it changes with z. How steep is each of its two straight lines?",
            card="value-and-slope",
        ),
        Mistake(
            leaky_relu_grad_value_on_the_left,
            "Right for z > 0. On the left you return slope · z, which is the height of the line. How steep is that line?",
            card="value-and-slope",
        ),
        Mistake(
            leaky_relu_grad_falls_on_the_left,
            "On the left your slope is negative, but leaky ReLU rises there too, slowly. A negative height is not a "
            "negative slope.",
            card="leaky-relu-grad-formula",
        ),
        Mistake(
            leaky_relu_grad_slope_ignored,
            "Right for slope = 0.01 only: the argument `slope` is not used. Look for a number written where the name "
            "should stand.",
            card="leaky-relu-grad-formula",
        ),
        Mistake(
            leaky_relu_grad_wrong_side,
            "The two slopes have changed places. Which side of zero leaks?",
            card="leaky-relu-grad-formula",
        ),
        Mistake(
            leaky_relu_grad_float64_always,
            "Your values are right; for a float32 z you return float64. `np.where` knows nothing of z when both of its "
            "choices are plain numbers.",
            card="keep-dtype",
            no_distractor=ONLY_DTYPE,
        ),
        Mistake(
            leaky_relu_grad_divided_by_z,
            "Right except at z = 0, where 0/0 gives NaN. Say the slope of each side directly; no division is needed.",
            card="leaky-relu-kink",
            no_distractor="it differs from the right value only at 0, where it is NaN",
        ),
        Mistake(
            leaky_relu_grad_value_on_the_right,
            "Right for z ≤ 0. On the right you return z, which is the height of the line. How steep is that line?",
            card="value-and-slope",
        ),
        Mistake(
            leaky_relu_grad_other_default,
            "Right whenever a slope is given. Called without one, yours is 0.1; compare your first line with the "
            "signature in the text.",
            card="leaky-relu-grad-formula",
        ),
        Mistake(
            leaky_relu_grad_one_minus_slope,
            "On the left you return 1 − slope. `slope` is the steepness that is left there, and not what is taken "
            "away.",
            card="leaky-relu-grad-formula",
        ),
        Mistake(
            leaky_relu_grad_second_mask_sees_first,
            "With a slope above 0 you return 1 on both sides. If you assign twice, your second mask finds the numbers "
            "that the first has written: from which array should a mask be taken?",
            card="leaky-relu-grad-formula",
        ),
    ),
    hints=(
        "Leaky ReLU is made of two straight lines. Write the slope of each beside it.",
        "`np.where(z > 0, …, …)` picks elementwise. To which of its choices does z = 0 go?",
        "If the dtype is wrong at the end, `.astype(z.dtype)` mends it.",
    ),
)
