"""`logsumexp`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

from dataclasses import replace

import numpy as np

import nnlib

from ..schema import Exercise, Mistake
from .cases import AXES, FAR_APART, FLOAT32, LARGE, OVERFLOW, ROW_UNDERFLOW, SCORES, SHAPES


def large_ties(rng):
    """The two largest scores of a row are equal, so that the result lies log 2 above them."""
    z = rng.uniform(-9e3, 0, size=(4, 3))
    z[:, :2] = rng.uniform(1e3, 9e3, size=(4, 1))
    z[0], z[1] = [1e4, 1e4, -1e4], [-9e3, -1e4, -9e3]
    return [(z,), (z.astype(np.float32),)]


def logsumexp_exp_overflow(z, axis=-1):
    return np.log(np.exp(z).sum(axis=axis))


def logsumexp_shift_not_undone(z, axis=-1):
    return np.log(np.exp(z - z.max(axis=axis, keepdims=True)).sum(axis=axis))


def logsumexp_global_maximum(z, axis=-1):
    m = z.max()
    return m + np.log(np.exp(z - m).sum(axis=axis))


def logsumexp_axis_kept(z, axis=-1):
    m = z.max(axis=axis, keepdims=True)
    return m + np.log(np.exp(z - m).sum(axis=axis, keepdims=True))


def logsumexp_axis_ignored(z, axis=-1):
    m = z.max(axis=-1, keepdims=True)
    return m[..., 0] + np.log(np.exp(z - m).sum(axis=-1))


def logsumexp_no_logarithm(z, axis=-1):
    return np.exp(z).sum(axis=axis)


def logsumexp_mean(z, axis=-1):
    m = z.max(axis=axis, keepdims=True)
    return m.squeeze(axis) + np.log(np.exp(z - m).mean(axis=axis))


def logsumexp_hard_maximum(z, axis=-1):
    return z.max(axis=axis)


def logsumexp_logarithm_first(z, axis=-1):
    return np.log(np.exp(np.clip(z, -80, 80))).sum(axis=axis)


def logsumexp_base_two(z, axis=-1):
    m = z.max(axis=axis, keepdims=True)
    return m.squeeze(axis) + np.log2(np.exp(z - m).sum(axis=axis))


def logsumexp_shift_subtracted(z, axis=-1):
    m = z.max(axis=axis, keepdims=True)
    return np.log(np.exp(z - m).sum(axis=axis)) - m.squeeze(axis)


EXERCISE = Exercise(
    name="logsumexp",
    reference=nnlib.logsumexp,
    points=2,
    cases=(SCORES, AXES, FAR_APART, replace(LARGE, draw=large_ties), SHAPES, FLOAT32),
    mistakes=(
        Mistake(
            logsumexp_exp_overflow,
            "Right on paper; but for large scores `np.exp` gives infinity, and for very negative ones a sum of 0 whose "
            "logarithm is −infinity. What can be taken out of the logarithm first?",
            card="logsumexp-trick",
            no_distractor=OVERFLOW,
        ),
        Mistake(
            logsumexp_shift_not_undone,
            "Your result lies between 0 and log K, however large the scores are. Something was taken out before the "
            "exponential and never put back.",
            card="logsumexp-trick",
        ),
        Mistake(
            logsumexp_global_maximum,
            "One maximum for the whole batch: rows far below it become a sum of zeros, and log(0) is −infinity. Each "
            "row needs its own.",
            card="logsumexp-trick",
            no_distractor=ROW_UNDERFLOW,
        ),
        Mistake(
            logsumexp_axis_kept,
            "Your values are right, but the axis of the classes is still there with length 1. The result has the "
            "shape of z without that axis.",
            card="logsumexp-shape",
        ),
        Mistake(
            logsumexp_axis_ignored,
            "Right for the last axis only: the argument `axis` is not used everywhere it should be.",
            card="logsumexp-shape",
            no_distractor="it is right for the last axis, the one that a question asks for",
        ),
        Mistake(
            logsumexp_no_logarithm,
            "This is the sum of the exponentials. Read the name from right to left: one step is missing.",
            card="logsumexp-formula",
        ),
        Mistake(
            logsumexp_mean,
            "Too small by log K in every row: you average the exponentials. What does the name say?",
            card="logsumexp-formula",
        ),
        Mistake(
            logsumexp_hard_maximum,
            "This is the plain maximum. logsumexp lies above it: for [0, 0] it is log 2 = 0.693.",
            card="logsumexp-formula",
        ),
        Mistake(
            logsumexp_logarithm_first,
            "The logarithm cancels your exponential, and what is left is a sum of the scores. In which order do "
            "exponential, sum and logarithm come?",
            card="logsumexp-formula",
        ),
        Mistake(
            logsumexp_base_two,
            "The part above the maximum is too large by a factor of 1.44. To which base is the logarithm?",
            card="nats",
        ),
        Mistake(
            logsumexp_shift_subtracted,
            "For [1000, 1000] you return about −999: the maximum comes back with the wrong sign.",
            card="logsumexp-trick",
        ),
    ),
    hints=(
        "Write Σ exp(z_k) as exp(m) · Σ exp(z_k − m). What does the logarithm make of a product?",
        "You need the maximum twice, in two shapes: with the axis to subtract it, without the axis to add it. "
        "`np.squeeze(m, axis)` takes an axis of length 1 away.",
        "Check [1000, 1000]: the answer is 1000 + log 2. Check [[0, 0], [1e4, 0]]: two numbers come out.",
    ),
)
