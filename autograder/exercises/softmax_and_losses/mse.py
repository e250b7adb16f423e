"""`mse`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Compare, Exercise, Mistake
from .cases import TABLES, VALUE, VALUE32, VECTORS, large_pairs, near_pairs, one_entry, single_precision_pairs

RELATIVE_VALUE = Compare(rtol=1e-9, atol=0.0, dtype=False)


def mse_half_forgotten(prediction, target):
    return ((prediction - target) ** 2).mean()


def mse_sum(prediction, target):
    return 0.5 * ((prediction - target) ** 2).sum()


def mse_examples_only(prediction, target):
    return ((prediction - target) ** 2).sum() / (2 * len(prediction))


def mse_root(prediction, target):
    return np.sqrt(((prediction - target) ** 2).mean())


def mse_absolute(prediction, target):
    return 0.5 * np.abs(prediction - target).mean()


def mse_per_example(prediction, target):
    return 0.5 * ((prediction - target) ** 2).mean(axis=-1)


def mse_square_of_mean(prediction, target):
    return 0.5 * (prediction - target).mean() ** 2


def mse_not_squared(prediction, target):
    return 0.5 * (prediction - target).mean()


def mse_doubled(prediction, target):
    return 2 * ((prediction - target) ** 2).mean()


def mse_times_size(prediction, target):
    return ((prediction - target) ** 2).sum() / 2 * prediction.size


def mse_spectral_norm(prediction, target):
    difference = prediction - target
    return np.linalg.norm(difference, 2) ** 2 / (2 * difference.size)


EXERCISE = Exercise(
    name="mse",
    reference=nnlib.mse,
    points=1,
    compare=VALUE,
    cases=(
        TABLES,
        VECTORS,
        Case(
            "one entry, and zeros", "shapes (1,) and (1, 1), and a prediction of zeros", one_entry, weight=1
        ),
        Case("large errors", "predictions of about 10,000", large_pairs, weight=1),
        Case("tiny errors", "errors of about 1e-8", near_pairs, weight=1, compare=RELATIVE_VALUE),
        Case("float32", "float32 in; one number out", single_precision_pairs, weight=1, compare=VALUE32),
    ),
    mistakes=(
        Mistake(
            mse_half_forgotten,
            "Your loss is twice as large as asked for. The lesson's convention has a factor in front of the mean, "
            "which other books leave out.",
            card="mse-convention",
        ),
        Mistake(
            mse_sum,
            "Your loss grows with the number of entries: a batch twice as large would count twice as wrong. Is a sum "
            "asked for, or a mean?",
            card="mse-convention",
        ),
        Mistake(
            mse_examples_only,
            "Right for a vector, too large for a table: you divide by the number of rows. Over how many numbers was "
            "the sum taken?",
            card="mse-convention",
        ),
        Mistake(
            mse_root,
            "This is a root mean squared error, in the unit of the target. The loss asked for is in the squared unit: "
            "look at what you do last.",
            card="mse-formula",
        ),
        Mistake(
            mse_absolute,
            "An error of 10 counts ten times as much as an error of 1 in your loss; here it should count a hundred "
            "times as much. What is done to each difference?",
            card="mse-formula",
        ),
        Mistake(
            mse_per_example,
            "You return one number for each row. A loss is one number for the whole batch: along which axes does your "
            "mean go?",
            card="loss-is-one-number",
        ),
        Mistake(
            mse_square_of_mean,
            "Errors of +3 and −3 cancel in your loss. What comes first, the square or the mean?",
            card="mse-formula",
        ),
        Mistake(
            mse_not_squared,
            "Your loss can be negative, and errors of +3 and −3 cancel in it. What should happen to each difference "
            "before the mean?",
            card="mse-formula",
        ),
        Mistake(
            mse_doubled,
            "Four times what it should be: there is a factor of 2 where the lesson's convention has ½.",
            card="mse-convention",
        ),
        Mistake(
            mse_times_size,
            "Right for a single entry only; with every further one your loss grows. Python reads `/ 2 * M` from left to "
            "right: where do brackets belong?",
            card="mse-formula",
        ),
        Mistake(
            mse_spectral_norm,
            "Right for a vector, too small for a table: there `np.linalg.norm(…, 2)` is not the root of the sum of "
            "all squares. What does it give without the 2?",
            card="mse-formula",
        ),
    ),
    hints=(
        "Three steps: differences, their squares, then one mean over every entry.",
        "`(...).mean()` without an axis averages over all entries, whatever the shape. What does the ½ do to it?",
    ),
)
