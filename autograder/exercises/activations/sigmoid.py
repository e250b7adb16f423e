"""`sigmoid`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

from dataclasses import replace

import numpy as np

import nnlib

from ..schema import Exercise, Mistake
from .cases import EXTREMES, FLOAT32, ORDINARY, SAME_VALUES, SHAPES, TAILS


def sigmoid_exp_overflow(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_sign_lost(z):
    return 1 / (1 + np.exp(np.clip(z, -700, 700)))


def sigmoid_base_two(z):
    return 1 / (1 + 2.0 ** np.clip(-z, -1000, 1000))


def sigmoid_tail_rounded_away(z):
    return (0.5 * (1 + np.tanh(z / 2))).astype(z.dtype)


def sigmoid_minus_for_plus(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 - e, e)


def sigmoid_numerator_of_one(z):
    e = np.exp(-np.abs(z))
    return 1 / (1 + e)


def sigmoid_both_sides_computed(z):
    return np.where(z >= 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))


EXERCISE = Exercise(
    name="sigmoid",
    reference=nnlib.sigmoid,
    points=2,
    # The naive formula is right at ±10,000, by luck: 1/∞ is 0. Its overflow shows in the tail.
    cases=(ORDINARY, replace(EXTREMES, weight=2), SHAPES, FLOAT32, replace(TAILS, weight=3)),
    mistakes=(
        Mistake(
            sigmoid_exp_overflow,
            "Your formula is right on paper, but `np.exp(-z)` leaves the range of floating-point numbers when z is "
            "very negative. Which other form of σ(z) has only exponentials of numbers that are not positive?",
            card="sigmoid-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            sigmoid_sign_lost,
            "Your values fall from 1 to 0 as z grows; σ rises. Look at the sign in the exponent.",
            card="sigmoid-formula",
        ),
        Mistake(
            sigmoid_base_two,
            "Your curve has the right shape but is too flat: σ(1) should be 0.731. Which number is being raised to "
            "the power −z?",
            card="sigmoid-formula",
        ),
        Mistake(
            sigmoid_tail_rounded_away,
            "Far below zero you return exactly 0, where the answer is tiny but not 0. Somewhere a tiny number is added "
            "to a number near 1 (or to −1), and rounding swallows it.",
            card="sigmoid-tail",
            no_distractor="it differs from the right value only by rounding",
        ),
        Mistake(
            sigmoid_minus_for_plus,
            "Right far from zero only: at z = 0 you return 0, and σ(0) should be ½. One exponential is enough. What "
            "does the formula divide by?",
            card="sigmoid-formula",
        ),
        Mistake(
            sigmoid_numerator_of_one,
            "Your values are right for z ≥ 0 and mirrored for z < 0: both sides come out above ½. With e = exp(−|z|), "
            "what is the numerator when z is negative?",
            card="sigmoid-overflow",
        ),
        Mistake(
            sigmoid_both_sides_computed,
            "Your values are right, and both formulas are; but `np.where` computes both for every element before it "
            "picks, and the one that it does not pick overflows. Which single exponential is safe everywhere?",
            card="sigmoid-overflow",
            no_distractor=SAME_VALUES,
        ),
    ),
    hints=(
        "Try z = −1000 on paper. Which part of 1/(1 + e^(−z)) becomes huge?",
        "Multiply the numerator and the denominator by e^z. For which z is this second form the safe one?",
        "`np.where(z >= 0, a, b)` picks elementwise but computes both a and b. An exponential of −|z| is safe on both sides.",
    ),
)
