"""`softplus`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Exercise, Mistake
from .cases import EXTREMES, FLOAT32, ORDINARY, SHAPES, TAILS


def softplus_exp_overflow(z):
    return np.log(1 + np.exp(z))


def softplus_log1p_overflow(z):
    return np.log1p(np.exp(z))


def softplus_tail_rounded_away(z):
    return np.maximum(z, 0) + np.log(1 + np.exp(-np.abs(z)))


def softplus_base_two(z):
    return np.maximum(z, 0) + np.log2(1 + np.exp(-np.abs(z)))


def softplus_base_ten(z):
    return np.maximum(z, 0) + np.log10(1 + np.exp(-np.abs(z)))


def softplus_safe_on_one_side(z):
    return z + np.log1p(np.exp(-z))


def softplus_line_forgotten(z):
    return np.log1p(np.exp(-np.abs(z)))


def softplus_one_forgotten(z):
    return np.log(np.exp(np.clip(z, -80, 80)))


def softplus_relu(z):
    return np.maximum(z, 0)


EXERCISE = Exercise(
    name="softplus",
    reference=nnlib.softplus,
    points=3,
    cases=(ORDINARY, EXTREMES, SHAPES, FLOAT32, TAILS),
    mistakes=(
        Mistake(
            softplus_exp_overflow,
            "Right on paper, but `np.exp(z)` becomes infinite for large z, where the answer is about z. What can be "
            "taken out of the logarithm there, so that no exponential of a positive number is left?",
            card="softplus-stable",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            softplus_log1p_overflow,
            "`log1p` keeps the small tail, well done; for large z `np.exp(z)` still becomes infinite, where the answer "
            "is about z. Take the large part out of the logarithm.",
            card="softplus-stable",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            softplus_tail_rounded_away,
            "Stable for large z, but exactly 0 for very negative z: 1 + 1e-22 rounds to 1 before the logarithm sees it. "
            "NumPy has a logarithm made for numbers near 1.",
            card="log1p",
            no_distractor="it differs from the right value only by rounding",
        ),
        Mistake(
            softplus_base_two,
            "softplus(0) should be 0.693, the natural logarithm of 2. Which base does your logarithm have?",
            card="softplus-formula",
        ),
        Mistake(
            softplus_base_ten,
            "softplus(0) should be 0.693, the natural logarithm of 2; yours is 0.301. Which base does your logarithm have?",
            card="softplus-formula",
        ),
        Mistake(
            softplus_safe_on_one_side,
            "Right for positive z, infinite for very negative z: `np.exp(-z)` overflows there. What could stand in "
            "the exponent that is never positive?",
            card="softplus-stable",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            softplus_line_forgotten,
            "Right for negative z, but for positive z your curve goes back to 0; it should rise like z. When e^z was "
            "taken out of the logarithm, what had to be added?",
            card="softplus-stable",
        ),
        Mistake(
            softplus_one_forgotten,
            "The logarithm of e^z is z itself: your curve is a straight line. What stands beside e^z inside the "
            "logarithm?",
            card="softplus-formula",
        ),
        Mistake(
            softplus_relu,
            "This is ReLU, with its sharp corner at 0. Softplus is the smooth version: softplus(0) is 0.693.",
            card="softplus-formula",
        ),
    ),
    hints=(
        "Try z = 1000: e^z is infinite, but the answer is 1000. Which part of the sum 1 + e^z matters there?",
        "log(1 + e^z) = z + log(1 + e^(−z)) is safe for z ≥ 0, and the form you began with for z < 0. Can one line say both?",
        "max(z, 0) + log(1 + e^(−|z|)), with a logarithm that is exact near 1: see `np.log1p`.",
    ),
)
