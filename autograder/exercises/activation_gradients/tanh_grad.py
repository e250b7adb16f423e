"""`tanh_grad`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

from dataclasses import replace

import numpy as np

import nnlib

from ..activations.cases import EXTREMES, SAME_VALUES
from ..schema import Exercise, Mistake
from .cases import FLOAT32, ONLY_ROUNDING, ORDINARY, SHAPES, TAILS, both_signs


def tanh_tails(rng):
    return [(both_signs(rng, 20, 340),), (both_signs(rng, 10, 43).astype(np.float32),)]


def tanh_grad_value_for_slope(z):
    return np.tanh(z)


def tanh_grad_square_forgotten(z):
    return 1 - np.tanh(z)


def tanh_grad_z_for_t(z):
    return 1 - z**2


def tanh_grad_tanh_twice(z):
    return 1 - np.tanh(np.tanh(z)) ** 2


def tanh_grad_rule_of_sigmoid(z):
    t = np.tanh(z)
    return t * (1 - t)


def tanh_grad_plus_for_minus(z):
    return 1 + np.tanh(z) ** 2


def tanh_grad_one_forgotten(z):
    return -(np.tanh(z) ** 2)


def tanh_grad_cosh_not_squared(z):
    e = np.exp(-np.abs(z))
    return 2 * e / (1 + e**2)


def tanh_grad_inner_two_forgotten(z):
    e = np.exp(-2 * np.abs(z))
    return 2 * e / (1 + e) ** 2


def tanh_grad_argument_not_doubled(z):
    e = np.exp(-np.abs(z))
    return 4 * e / (1 + e) ** 2


def tanh_grad_tail_rounded_away(z):
    return 1 - np.tanh(z) ** 2


def tanh_grad_cosh_overflow(z):
    return 1 / np.cosh(z) ** 2


def tanh_grad_slope_of_sigmoid(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def tanh_grad_sign_lost(z):
    return np.tanh(z) ** 2 - 1


def tanh_grad_value_squared(z):
    return np.tanh(z) ** 2


def tanh_grad_square_inside(z):
    return 1 - np.tanh(z**2)


EXERCISE = Exercise(
    name="tanh_grad",
    reference=nnlib.tanh_grad,
    points=2,
    needs=("sigmoid_grad",),
    cases=(ORDINARY, replace(EXTREMES, weight=1), SHAPES, FLOAT32, replace(TAILS, draw=tanh_tails)),
    mistakes=(
        Mistake(
            tanh_grad_value_for_slope,
            "Your answer equals tanh(z) itself, which is negative on the left. A rising curve has no negative slope.",
            card="value-and-slope",
        ),
        Mistake(
            tanh_grad_square_forgotten,
            "You return 1 − tanh(z): nearly 2 on the far left, where the curve is flat. What happens to tanh(z) in the "
            "formula before it is subtracted?",
            card="tanh-grad-formula",
        ),
        Mistake(
            tanh_grad_z_for_t,
            "You return 1 − z², a parabola. The rule 1 − t² speaks of tanh's output t, and your function is given its "
            "input. What has to be computed first?",
            card="grad-takes-input",
        ),
        Mistake(
            tanh_grad_tanh_twice,
            "Your slope is taken at tanh(z) where it should be taken at z: tanh has been applied twice.",
            card="grad-takes-input",
        ),
        Mistake(
            tanh_grad_rule_of_sigmoid,
            "You return t(1 − t), the sigmoid's rule with tanh's output. At z = 0 it gives 0, where tanh is steepest. "
            "Why does the sigmoid's rule not carry over?",
            card="tanh-grad-formula",
        ),
        Mistake(
            tanh_grad_plus_for_minus,
            "You return slopes from 1 to 2; tanh is never steeper than 1, and nearly flat far from zero. Look at the "
            "sign in your formula.",
            card="tanh-grad-formula",
        ),
        Mistake(
            tanh_grad_one_forgotten,
            "At z = 0 you return 0, and −1 far out. The square is there, with its sign; what is it subtracted from?",
            card="tanh-grad-formula",
        ),
        Mistake(
            tanh_grad_cosh_not_squared,
            "Right at z = 0, too large everywhere else: 0.648 at z = 1, where the slope is 0.420. You return "
            "1/cosh(z), which is 2/(e^z + e^(−z)). To which power should that stand?",
            card="tanh-grad-formula",
        ),
        Mistake(
            tanh_grad_inner_two_forgotten,
            "Every slope is half of what it should be. In 2σ(2z) − 1 the number 2 stands twice, and the chain rule counts "
            "both.",
            card="chain-rule",
        ),
        Mistake(
            tanh_grad_argument_not_doubled,
            "Right at z = 0, but your hill is twice as wide as it should be. At which point is σ′ to be taken in the "
            "derivative of 2σ(2z) − 1?",
            card="chain-rule",
        ),
        Mistake(
            tanh_grad_tail_rounded_away,
            "Right to the eye, but far from zero you return exactly 0, where the slope is tiny: tanh(z)² has been "
            "rounded to 1 before it is subtracted. Which other form of the slope in the text has no subtraction?",
            card="tanh-grad-tail",
            no_distractor=ONLY_ROUNDING,
        ),
        Mistake(
            tanh_grad_cosh_overflow,
            "Your values are right, but `np.cosh` overflows on the way for |z| above 710 (89 in float32), and its square "
            "sooner. Divide by the large exponential before you compute, as in lesson 01.",
            card="tanh-overflow",
            no_distractor=SAME_VALUES,
        ),
        Mistake(
            tanh_grad_slope_of_sigmoid,
            "This is the slope of the sigmoid: ¼ at z = 0, where tanh has slope 1. Tanh is a sigmoid, twice as high "
            "and run through twice as fast.",
            card="tanh-and-sigmoid",
        ),
        Mistake(
            tanh_grad_sign_lost,
            "The size is right, but every slope is negative, and tanh rises. What is subtracted from what?",
            card="tanh-grad-formula",
        ),
        Mistake(
            tanh_grad_value_squared,
            "You return t², which is 0 at z = 0, where tanh is steepest, and 1 far out, where it is flat. Which part "
            "of the rule is missing?",
            card="tanh-grad-formula",
        ),
        Mistake(
            tanh_grad_square_inside,
            "At z = 1 you return 0.238, and the slope is 0.420. Which number does the rule square, what goes into tanh "
            "or what comes out?",
            card="tanh-grad-formula",
        ),
    ),
    hints=(
        "tanh(z) = 2σ(2z) − 1. You can differentiate the right side with the chain rule.",
        "The constant −1 drops out; the outer 2 stays; the inner 2 comes out as another factor.",
        "Your `sigmoid_grad` keeps its tails already. Ask it for its value at 2z.",
    ),
)
