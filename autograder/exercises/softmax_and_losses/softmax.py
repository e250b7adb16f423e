"""`softmax`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import (
    AXES,
    FAILS,
    FAR_APART,
    FLOAT32,
    LARGE,
    OVERFLOW,
    RELATIVE,
    ROW_UNDERFLOW,
    SCORES,
    SHAPES,
    TOO_CLOSE,
)


def unlikely_classes(rng):
    """One score far below the others: its share is tiny and not 0."""
    z = rng.uniform(-1, 1, size=(3, 4))
    z[:, 2] -= rng.uniform(50, 300, size=3)
    return [(z,)]


def softmax_exp_overflow(z, axis=-1):
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)


def softmax_axis_zero(z, axis=-1):
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


def softmax_axis_ignored(z, axis=-1):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_global_maximum(z, axis=-1):
    e = np.exp(z - z.max())
    return e / e.sum(axis=axis, keepdims=True)


def softmax_global_sum(z, axis=-1):
    e = np.exp(z - z.max())
    return e / e.sum()


def softmax_axis_lost(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis)


def softmax_not_divided(z, axis=-1):
    return np.exp(z - z.max(axis=axis, keepdims=True))


def softmax_sigmoid(z, axis=-1):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def softmax_base_two(z, axis=-1):
    e = 2 ** (z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_of_softmax(z, axis=-1):
    for _ in range(2):
        e = np.exp(z - z.max(axis=axis, keepdims=True))
        z = e / e.sum(axis=axis, keepdims=True)
    return z


def softmax_logarithm(z, axis=-1):
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def softmax_epsilon(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-6)


def softmax_sign_lost(z, axis=-1):
    e = np.exp(z.min(axis=axis, keepdims=True) - z)
    return e / e.sum(axis=axis, keepdims=True)


def softmax_shares_of_scores(z, axis=-1):
    return z / z.sum(axis=axis, keepdims=True)


def softmax_clipped(z, axis=-1):
    e = np.exp(np.clip(z, -700, 700))
    return e / e.sum(axis=axis, keepdims=True)


def softmax_largest_size(z, axis=-1):
    e = np.exp(z - np.abs(z).max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


EXERCISE = Exercise(
    name="softmax",
    reference=nnlib.softmax,
    points=3,
    cases=(
        SCORES,
        AXES,
        FAR_APART,
        LARGE,
        SHAPES,
        FLOAT32,
        Case(
            "unlikely classes",
            "a class whose share is tiny but not 0",
            unlikely_classes,
            weight=1,
            compare=RELATIVE,
        ),
    ),
    mistakes=(
        Mistake(
            softmax_exp_overflow,
            "Your formula is right on paper, but `np.exp` leaves the range of floating-point numbers for large scores, "
            "and infinity divided by infinity is nan. Which number can be taken away from a whole row without changing "
            "its shares?",
            card="softmax-shift",
            no_distractor=OVERFLOW,
        ),
        Mistake(
            softmax_axis_zero,
            "Your columns add up to 1, whatever `axis` says. In a batch each row is one example: along which axis do "
            "its classes lie?",
            card="softmax-axis",
        ),
        Mistake(
            softmax_axis_ignored,
            "Right for the last axis only: you do not look at the argument `axis`. Both the maximum and the sum need it.",
            card="softmax-axis",
            no_distractor="it is right for the last axis, the one that a question asks for",
        ),
        Mistake(
            softmax_global_maximum,
            "You take one maximum away from the whole batch. In a row that lies far below it every exponential is 0, "
            "and 0 / 0 is nan. Whose maximum does a row need?",
            card="softmax-shift",
            no_distractor=ROW_UNDERFLOW,
        ),
        Mistake(
            softmax_global_sum,
            "The whole batch adds up to 1 in your answer; each example by itself should. Look at the sum you divide by.",
            card="softmax-axis",
        ),
        Mistake(
            softmax_axis_lost,
            "Your sum has lost an axis, so NumPy lines it up with the wrong one, or cannot line it up at all. Write the "
            "shapes of both sides of the division next to each other.",
            card="softmax-keepdims",
            no_distractor=FAILS,
        ),
        Mistake(
            softmax_not_divided,
            "Your largest share is 1 in every row: these are the exponentials themselves. What turns them into shares "
            "of a whole?",
            card="softmax-formula",
        ),
        Mistake(
            softmax_sigmoid,
            "Each of your numbers depends on its own score alone: this is a sigmoid. The shares of a row have to know "
            "of each other, because together they make 1.",
            card="softmax-not-elementwise",
        ),
        Mistake(
            softmax_base_two,
            "Your rows add up to 1 but are too even: one unit of score should multiply the odds by 2.718. Which number "
            "is raised to the power z?",
            card="softmax-formula",
        ),
        Mistake(
            softmax_of_softmax,
            "Your rows add up to 1 and are far too even: no share is ever more than 2.718 times another. How often "
            "are scores turned into shares?",
            card="softmax-twice",
        ),
        Mistake(
            softmax_logarithm,
            "Your numbers are negative: these are logarithms of shares, useful later, but not what is asked for here.",
            card="softmax-formula",
        ),
        Mistake(
            softmax_epsilon,
            "Your rows add up to a little less than 1. After the shift the largest exponential is 1, so the sum can "
            "never be 0: what does your small extra number protect against?",
            card="softmax-shift",
            no_distractor=TOO_CLOSE,
        ),
        Mistake(
            softmax_sign_lost,
            "The lowest score gets the largest share. Look at the sign in the exponent.",
            card="softmax-formula",
        ),
        Mistake(
            softmax_shares_of_scores,
            "You divide the scores by their sum. Scores may be negative or add up to 0: what makes positive numbers "
            "of them first?",
            card="softmax-formula",
        ),
        Mistake(
            softmax_clipped,
            "Clipping makes all large scores equal, so that 9,999 and 10,000 get the same share. Only differences "
            "matter to softmax: what can be subtracted without touching them?",
            card="softmax-shift",
            no_distractor="it differs from the right value only for scores beyond 700",
        ),
        Mistake(
            softmax_largest_size,
            "Right for ordinary scores; but in a row that lies far below zero every exponential is 0, and 0 / 0 is "
            "nan. Which exponent should the largest score of a row have after the shift? Which one does it have in "
            "your code for [−1000, −1001]?",
            card="softmax-shift",
            no_distractor=ROW_UNDERFLOW,
        ),
    ),
    hints=(
        "Three steps: shift each row, take exponentials, divide by their sum. Which two of the three need `axis`?",
        "`z.max(axis=1)` of a (5, 3) array has shape (5,), and `z` minus that fails. `keepdims=True` keeps it (5, 1).",
        "After the shift the largest exponent of every row is 0. Check yours on the row [1000, 1000].",
    ),
)
