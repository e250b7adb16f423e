"""`mse_grad`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import RELATIVE, TABLES, VECTORS, large_pairs, near_pairs, one_entry, single_precision_pairs


def mse_grad_factor_two(prediction, target):
    return 2 * (prediction - target) / prediction.size


def mse_grad_not_divided(prediction, target):
    return prediction - target


def mse_grad_examples_only(prediction, target):
    return (prediction - target) / len(prediction)


def mse_grad_at_target(prediction, target):
    return (target - prediction) / prediction.size


def mse_grad_half_kept(prediction, target):
    return (prediction - target) / (2 * prediction.size)


def mse_grad_sign_alone(prediction, target):
    return np.sign(prediction - target) / prediction.size


def mse_grad_summed_up(prediction, target):
    return (prediction - target).mean()


def mse_grad_plain_sum(prediction, target):
    return 2 * (prediction - target)


def mse_grad_two_over_rows(prediction, target):
    return 2 * (prediction - target) / len(prediction)


def mse_grad_target_forgotten(prediction, target):
    return prediction / prediction.size


def mse_grad_squares(prediction, target):
    return (prediction - target) ** 2 / prediction.size


def mse_grad_floor_division(prediction, target):
    return (prediction - target) // prediction.size


EXERCISE = Exercise(
    name="mse_grad",
    reference=nnlib.mse_grad,
    points=0,
    cases=(
        TABLES,
        VECTORS,
        Case(
            "one entry, and zeros", "shapes (1,) and (1, 1), and a prediction of zeros", one_entry, weight=1
        ),
        Case("large errors", "predictions of about 10,000", large_pairs, weight=1),
        Case("tiny errors", "errors of about 1e-8", near_pairs, weight=1, compare=RELATIVE),
        Case("float32", "float32 in, float32 out", single_precision_pairs, weight=1),
    ),
    mistakes=(
        Mistake(
            mse_grad_factor_two,
            "Twice what it should be: this is the gradient of a loss without the ½. What does the ½ do to the 2 that "
            "the square brings down?",
            card="mse-grad",
        ),
        Mistake(
            mse_grad_not_divided,
            "Your gradient belongs to half the *sum* of the squared errors. The loss is half their mean: what did "
            "that leave in front?",
            card="mean-in-the-gradient",
        ),
        Mistake(
            mse_grad_examples_only,
            "Right for a vector, too large for a table. The loss is a mean over all entries and you divide by the "
            "number of rows.",
            card="mean-in-the-gradient",
        ),
        Mistake(
            mse_grad_at_target,
            "Every sign is turned round: if the prediction is too large, making it larger still should make the loss "
            "grow. Which of the two is being varied?",
            card="mse-grad",
        ),
        Mistake(
            mse_grad_half_kept,
            "Half of what it should be: a factor ½ is still there after the derivative of the square has been taken.",
            card="mse-grad",
        ),
        Mistake(
            mse_grad_sign_alone,
            "An entry that is wrong by 0.1 and one that is wrong by 10 get the same gradient from you. What is the "
            "slope of a parabola far from its lowest point?",
            card="mse-grad",
        ),
        Mistake(
            mse_grad_summed_up,
            "You return one number; a gradient has one entry for each prediction. The mean of the loss has been turned "
            "into a mean of slopes.",
            card="gradient-shape",
        ),
        Mistake(
            mse_grad_plain_sum,
            "This is the gradient of a sum of squares. The loss has a ½ and is a mean: both change the factor in "
            "front.",
            card="mse-grad",
        ),
        Mistake(
            mse_grad_two_over_rows,
            "Two things are off: the ½ of the loss is missing, and you divide by the number of rows where the loss "
            "divides by the number of entries.",
            card="mse-grad",
        ),
        Mistake(
            mse_grad_target_forgotten,
            "Your gradient does not look at `target`: a perfect prediction should get the gradient 0.",
            card="mse-grad",
        ),
        Mistake(
            mse_grad_squares,
            "None of your entries is negative, so the step would always have the same sign. What is the derivative of "
            "a square?",
            card="mse-grad",
        ),
        Mistake(
            mse_grad_floor_division,
            "Your gradient has whole numbers only, and small errors give 0 or −1. Which of Python's two divisions "
            "rounds down?",
            card="mse-grad",
        ),
    ),
    hints=(
        "Change one prediction only, and ask how fast ½·(a − t)²/M changes.",
        "The square brings down a 2. Which factor of the loss does it meet, and which one stays?",
    ),
)
