"""`swish`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import SHAPES, TAIL, extremes, ordinary, single_precision, tails


def with_beta(draw):
    """The inputs of `draw`, each with a β of its own."""
    return lambda rng: [(*inputs, float(rng.uniform(1.5, 3))) for inputs in draw(rng)]


def small_and_large_beta(rng):
    z = rng.uniform(-4, 4, size=(3, 5))
    return [(z, beta) for beta in (0.0, 0.3, float(rng.uniform(1.5, 3)))]


def stable_tails(rng):
    return [(z / 2, 2.0) for (z,) in tails(rng)]


def swish_beta_dropped(z, beta=1.0):
    e = np.exp(-np.abs(z))
    return z * np.where(z >= 0, 1, e) / (1 + e)


def swish_beta_outside(z, beta=1.0):
    e = np.exp(-np.abs(z))
    return beta * z * np.where(z >= 0, 1, e) / (1 + e)


def swish_beta_twice(z, beta=1.0):
    e = np.exp(-np.abs(beta * z))
    return beta * z * np.where(z >= 0, 1, e) / (1 + e)


def swish_z_forgotten(z, beta=1.0):
    e = np.exp(-np.abs(beta * z))
    return np.where(z >= 0, 1, e) / (1 + e)


def swish_sign_lost(z, beta=1.0):
    e = np.exp(-np.abs(beta * z))
    return z * np.where(z >= 0, e, 1) / (1 + e)


def swish_exp_overflow(z, beta=1.0):
    return z / (1 + np.exp(-beta * z))


EXERCISE = Exercise(
    name="swish",
    reference=nnlib.swish,
    points=0,
    needs=("sigmoid",),
    cases=(
        Case("default β", "called without β: 1", ordinary, weight=2),
        Case("several β", "β = 0, 0.3 and above 1", small_and_large_beta, weight=4),
        Case("extreme values", "|z| up to 10,000, in float32 and float64", with_beta(extremes), weight=2),
        SHAPES,
        Case("float32", "float32 in, float32 out", with_beta(single_precision), weight=1),
        Case(
            "the small tail",
            "far below zero, where the answer is tiny but not 0",
            stable_tails,
            weight=1,
            compare=TAIL,
        ),
    ),
    mistakes=(
        Mistake(
            swish_beta_dropped,
            "Right for β = 1 only: the argument `beta` is not used. Where does β stand in the formula?",
            card="swish-formula",
        ),
        Mistake(
            swish_beta_outside,
            "In your answer β makes the whole curve higher. In the formula it sets how hard the gate closes. Where "
            "must it stand for that?",
            card="swish-formula",
        ),
        Mistake(
            swish_beta_twice,
            "β stands in two places of your answer. In which of them does it set how hard the gate closes?",
            card="swish-formula",
        ),
        Mistake(
            swish_z_forgotten,
            "This is the gate σ(βz) alone, between 0 and 1. What passes through the gate?",
            card="swish-formula",
        ),
        Mistake(
            swish_sign_lost,
            "The gate opens on the wrong side: large positive z should pass, large negative z should not. Look at the "
            "sign in the exponent.",
            card="swish-formula",
        ),
        Mistake(
            swish_exp_overflow,
            "Right on paper, but `np.exp(-beta * z)` leaves the range of floating-point numbers when z is very "
            "negative. Your `sigmoid` has solved this already.",
            card="sigmoid-overflow",
            no_distractor="it differs from the right value only where the exponential overflows",
        ),
    ),
    hints=(
        "You have a stable `sigmoid`: what should its argument be?",
        "swish(z, β) is z times a gate between 0 and 1. Check yours at β = 0, where the gate is half open everywhere.",
    ),
)
