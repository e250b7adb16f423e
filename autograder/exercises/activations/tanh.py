"""`tanh`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Exercise, Mistake
from .cases import EXTREMES, FLOAT32, ORDINARY, SHAPES


def tanh_exp_overflow(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def tanh_one_sided_overflow(z):
    return (np.exp(2 * z) - 1) / (np.exp(2 * z) + 1)


def tanh_one_sided_underflow(z):
    return (1 - np.exp(-2 * z)) / (1 + np.exp(-2 * z))


def tanh_half_the_slope(z):
    e = np.exp(-np.abs(z))
    return np.sign(z) * (1 - e) / (1 + e)


def tanh_sinh(z):
    z = np.clip(z, -80, 80)
    return (np.exp(z) - np.exp(-z)) / 2


def tanh_sign_lost(z):
    e = np.exp(-2 * np.abs(z))
    return (1 - e) / (1 + e)


def tanh_upside_down(z):
    e = np.exp(-2 * np.abs(z))
    return -np.sign(z) * (1 - e) / (1 + e)


EXERCISE = Exercise(
    name="tanh",
    reference=nnlib.tanh,
    points=2,
    cases=(ORDINARY, EXTREMES, SHAPES, FLOAT32),
    mistakes=(
        Mistake(
            tanh_exp_overflow,
            "Right near zero, NaN far from it: there both the numerator and the denominator become infinite. Divide "
            "both by the larger exponential before you compute.",
            card="tanh-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            tanh_one_sided_overflow,
            "Right for negative z, NaN for large positive z: `np.exp(2 * z)` overflows on one side. What could stand "
            "in the exponent that is never positive?",
            card="tanh-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            tanh_one_sided_underflow,
            "Right for positive z, NaN for large negative z: `np.exp(-2 * z)` overflows on one side. What could stand "
            "in the exponent that is never positive?",
            card="tanh-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
        Mistake(
            tanh_half_the_slope,
            "Your curve is tanh(z/2): it reaches the right limits too slowly. Divide (e^z − e^(−z)) / (e^z + e^(−z)) by "
            "e^z above and below, and look at the exponent that you get.",
            card="tanh-and-sigmoid",
        ),
        Mistake(
            tanh_sinh,
            "Your values grow without bound; tanh stays between −1 and 1. The numerator is there. What is it divided by?",
            card="tanh-formula",
        ),
        Mistake(
            tanh_sign_lost,
            "Your curve is the same on both sides of zero; tanh is odd: tanh(−z) = −tanh(z). Where did the sign of z go?",
            card="tanh-formula",
        ),
        Mistake(
            tanh_upside_down,
            "Your curve falls from 1 to −1; tanh rises. Which exponential is subtracted from which?",
            card="tanh-formula",
        ),
    ),
    hints=(
        "Try z = 1000 on paper: which parts of the formula become infinite?",
        "tanh is odd. Compute it for |z| first, and give the sign back at the end.",
        "For z ≥ 0, divide numerator and denominator by e^z: only e^(−2z) is left, which is never above 1.",
    ),
)
