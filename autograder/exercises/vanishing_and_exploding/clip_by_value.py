"""`clip_by_value`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import SAME_VALUES


def ordinary_gradients(rng):
    return [
        (rng.normal(0, 3, (4, 5)), 1.5),
        (rng.normal(0, 1, (3, 2)), 0.4),
        (rng.normal(0, 900, (7,)), 250.0),
    ]


def within_the_limit(rng):
    return [
        (rng.uniform(-1, 1, (3, 4)), 2.0),
        (rng.normal(0, 1e-8, (5, 2)), 1.0),
        (np.zeros((2, 3)), 1.0),
        (np.array([1.25, -1.25, 0.5]), 1.25),
    ]


def one_sided(rng):
    return [(rng.uniform(3, 9, (2, 4)), 2.5), (-rng.uniform(3, 9, (4, 1)), 2.5)]


def exploded_entries(rng):
    g = rng.normal(0, 1e4, (3, 4))
    g[0, 0], g[2, 3] = np.inf, -np.inf
    return [(g, 0.5), (g.astype(np.float32), 0.5)]


def single_precision_gradients(rng):
    return [(rng.normal(0, 3, (3, 5)).astype(np.float32), 1.5)]


def clip_by_value_upper_side_only(gradients, limit):
    return np.minimum(gradients, limit)


def clip_by_value_sign_lost(gradients, limit):
    return np.minimum(np.abs(gradients), limit).astype(gradients.dtype)


def clip_by_value_large_sign_lost(gradients, limit):
    return np.where(np.abs(gradients) > limit, limit, gradients).astype(gradients.dtype)


def clip_by_value_always_at_limit(gradients, limit):
    return (limit * np.sign(gradients)).astype(gradients.dtype)


def clip_by_value_set_to_zero(gradients, limit):
    return np.where(np.abs(gradients) <= limit, gradients, 0).astype(gradients.dtype)


def clip_by_value_scaled(gradients, limit):
    largest = np.max(np.abs(gradients))
    return gradients * (limit / largest) if largest > limit else gradients.copy()


def clip_by_value_by_norm(gradients, limit):
    norm = np.sqrt(np.sum(gradients**2))
    return gradients * (limit / norm) if norm > limit else gradients.copy()


def clip_by_value_limit_ignored(gradients, limit):
    return np.clip(gradients, -1.0, 1.0)


def clip_by_value_from_zero(gradients, limit):
    return np.clip(gradients, 0, limit)


def clip_by_value_in_place(gradients, limit):
    gradients[gradients > limit] = limit
    gradients[gradients < -limit] = -limit
    return gradients


EXERCISE = Exercise(
    name="clip_by_value",
    reference=nnlib.clip_by_value,
    points=1,
    cases=(
        Case(
            "ordinary gradients",
            "some entries within the limit and some beyond",
            ordinary_gradients,
            weight=4,
        ),
        Case(
            "within the limit",
            "nothing to cut; also 1e-8, 0 and the limit itself",
            within_the_limit,
            weight=2,
        ),
        Case("one side", "all entries far above the limit, or all far below", one_sided, weight=1),
        Case("exploded", "entries of ±10,000 and ±inf", exploded_entries, weight=1),
        Case("float32", "float32 in, float32 out", single_precision_gradients, weight=1),
    ),
    mistakes=(
        Mistake(
            clip_by_value_upper_side_only,
            "Large positive entries are cut, large negative ones pass. How far may an entry go below 0?",
            card="clip-by-value",
        ),
        Mistake(
            clip_by_value_sign_lost,
            "Your entries are all positive. The sign of a gradient says in which direction the loss rises; where did it go?",
            card="clip-by-value",
        ),
        Mistake(
            clip_by_value_large_sign_lost,
            "Entries far below 0 have become +limit; the others are right. To which end of the range is such an entry nearer?",
            card="clip-by-value",
        ),
        Mistake(
            clip_by_value_always_at_limit,
            "Every entry has become ±limit, the small ones too. Clipping never makes an entry larger.",
            card="clip-by-value",
        ),
        Mistake(
            clip_by_value_set_to_zero,
            "Entries beyond the limit have become 0. They should become as large as they are allowed to be.",
            card="clip-by-value",
        ),
        Mistake(
            clip_by_value_scaled,
            "You scale all entries by one factor, so that small entries shrink too. Here each entry is treated by itself.",
            card="clip-norm-or-value",
        ),
        Mistake(
            clip_by_value_by_norm,
            "You bound the norm of the whole array. That is the next exercise; here each entry has the limit for itself.",
            card="clip-norm-or-value",
        ),
        Mistake(
            clip_by_value_limit_ignored,
            "Your answer cuts at ±1 whatever `limit` is.",
            card="clip-by-value",
        ),
        Mistake(
            clip_by_value_from_zero,
            "Your negative entries have become 0. What is the lower end of the range [−limit, limit]?",
            card="clip-by-value",
        ),
        Mistake(
            clip_by_value_in_place,
            "Your values are right, but your function wrote into the array that it was given. Return a new array.",
            card="clip-new-array",
            no_distractor=SAME_VALUES,
        ),
    ),
    hints=(
        "What should become of 7, of 0.5 and of −3 if the limit is 1?",
        "`np.clip(a, low, high)` treats each entry by itself and returns a new array.",
    ),
)
