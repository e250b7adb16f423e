"""`sigmoid_grad`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

from dataclasses import replace

import numpy as np

import nnlib

from ..activations.cases import EXTREMES
from ..schema import Exercise, Mistake
from .cases import FLOAT32, ONLY_ROUNDING, ORDINARY, SHAPES, TAILS

ONLY_OVERFLOW = "it differs from the right value only where the exponential overflows"


def sigmoid_grad_value_for_slope(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_grad_one_minus_s(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, e, 1) / (1 + e)


def sigmoid_grad_z_for_s(z):
    return z * (1 - z)


def sigmoid_grad_sigmoid_twice(z):
    e = np.exp(-np.abs(z))
    s = 1 / (1 + np.exp(-np.where(z >= 0, 1, e) / (1 + e)))
    return s * (1 - s)


def sigmoid_grad_tail_rounded_away(z):
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1, e) / (1 + e)
    return s * (1 - s)


def sigmoid_grad_exp_overflow(z):
    return np.exp(-z) / (1 + np.exp(-z)) ** 2


def sigmoid_grad_inner_sign_lost(z):
    e = np.exp(-np.abs(z))
    return -e / (1 + e) ** 2


def sigmoid_grad_square_forgotten(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e)


def sigmoid_grad_outer_only(z):
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1, e) / (1 + e)
    return s**2


def sigmoid_grad_rule_of_tanh(z):
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1, e) / (1 + e)
    return 1 - s**2


def sigmoid_grad_plus_for_minus(z):
    e = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1, e) / (1 + e)
    return s * (1 + s)


def sigmoid_grad_largest_slope(z):
    return np.full_like(z, 0.25)


def sigmoid_grad_measured(z):
    h, heights = 1e-6, []
    for x in (z - h, z + h):
        e = np.exp(-np.abs(x))
        heights.append(np.where(x >= 0, 1, e) / (1 + e))
    return (heights[1] - heights[0]) / (2 * h)


def sigmoid_grad_clipped(z):
    e = np.exp(-np.abs(z))
    s = np.clip(np.where(z >= 0, 1, e) / (1 + e), 1e-7, 1 - 1e-7)
    return s * (1 - s)


EXERCISE = Exercise(
    name="sigmoid_grad",
    reference=nnlib.sigmoid_grad,
    points=3,
    cases=(ORDINARY, replace(EXTREMES, weight=2), SHAPES, FLOAT32, TAILS),
    mistakes=(
        Mistake(
            sigmoid_grad_value_for_slope,
            "Your answer equals σ(z) itself. Which of the two did the exercise ask for, the height of the curve or its "
            "slope?",
            card="value-and-slope",
        ),
        Mistake(
            sigmoid_grad_one_minus_s,
            "You return 1 − σ(z), which falls from 1 to 0. It is one of the two factors of the slope. Which is missing?",
            card="sigmoid-grad-formula",
        ),
        Mistake(
            sigmoid_grad_z_for_s,
            "You return z(1 − z), a parabola. The rule s(1 − s) speaks of the sigmoid's output s, and your function is "
            "given its input. What has to be computed first?",
            card="grad-takes-input",
        ),
        Mistake(
            sigmoid_grad_sigmoid_twice,
            "Your slope is taken at σ(z) where it should be taken at z: the sigmoid has been applied twice. Which of your "
            "lines expects z, and which expects s?",
            card="grad-takes-input",
        ),
        Mistake(
            sigmoid_grad_tail_rounded_away,
            "Right to the eye, but for large positive z you return exactly 0, where the slope is tiny: 1 − s is 0 as "
            "soon as s has been rounded to 1. Lesson 01 showed that 1 − σ(z) has another name.",
            card="sigmoid-grad-tail",
            no_distractor=ONLY_ROUNDING,
        ),
        Mistake(
            sigmoid_grad_exp_overflow,
            "Right on paper, but `np.exp(-z)` becomes infinite for very negative z, and ∞/∞ is NaN. The slope is the "
            "same at z and at −z: on which side is the exponential safe?",
            card="sigmoid-overflow",
            no_distractor=ONLY_OVERFLOW,
        ),
        Mistake(
            sigmoid_grad_inner_sign_lost,
            "The size is right, but every slope is negative, and σ rises. The chain rule brings out one minus from the "
            "power −1 and another from the exponent −z. Has each been counted?",
            card="sigmoid-grad-formula",
        ),
        Mistake(
            sigmoid_grad_square_forgotten,
            "At z = 0 you return ½; the slope there is ¼. To which power does the denominator stand after "
            "differentiating (1 + e^(−z))^(−1)?",
            card="sigmoid-grad-formula",
        ),
        Mistake(
            sigmoid_grad_outer_only,
            "You return s², which is 1/u² with u = 1 + e^(−z). But for its sign that is the outer part of the chain "
            "rule alone. What is the derivative of the inner part, u?",
            card="chain-rule",
        ),
        Mistake(
            sigmoid_grad_rule_of_tanh,
            "You return 1 − s². That is the rule for another function of this lesson. How steep is a sigmoid at z = "
            "−1000, and what do you return there?",
            card="sigmoid-grad-formula",
        ),
        Mistake(
            sigmoid_grad_plus_for_minus,
            "You return s(1 + s), which rises to 2 on the far right, where the curve is flat. Look at the sign in "
            "your second factor.",
            card="sigmoid-grad-formula",
        ),
        Mistake(
            sigmoid_grad_largest_slope,
            "You return ¼ for every z. That is the largest slope, and it belongs to one point. Which slopes have the "
            "others?",
            card="gradient-at-a-point",
        ),
        Mistake(
            sigmoid_grad_measured,
            "Your slopes look measured, with a small step: two nearly equal heights are subtracted. That leaves some "
            "10 digits, in float32 almost none, and far to the right 0. What does the text derive on paper?",
            card="sigmoid-grad-formula",
            no_distractor=ONLY_ROUNDING,
        ),
        Mistake(
            sigmoid_grad_clipped,
            "Right near zero, but far from it your slope stays at 1e-7, where it should go on falling. Clipping s throws "
            "its small tail away. In which form is neither factor rounded to 0?",
            card="sigmoid-grad-tail",
            no_distractor="it differs from the right value only far from zero, by 1e-7",
        ),
    ),
    hints=(
        "The rule σ′ = s(1 − s) is written with the output s, but your function gets the input z.",
        "1 − σ(z) = σ(−z). Written with this, nothing is subtracted, so nothing is rounded away.",
        "With e = exp(−|z|): one of σ(z) and σ(−z) is 1/(1 + e), the other e/(1 + e). Multiply them.",
    ),
)
