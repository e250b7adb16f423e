"""`sgd`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ... import drives
from ..schema import Exercise, Mistake
from .cases import SAME_STEP, common_cases


def rate(rng):
    return (float(rng.uniform(0.05, 0.3)),)


def sgd_plus_for_minus(w, g, learning_rate):
    return w + learning_rate * g


def sgd_rate_forgotten(w, g, learning_rate):
    return w - g


def sgd_step_alone(w, g, learning_rate):
    return -learning_rate * g


def sgd_in_place(w, g, learning_rate):
    w -= learning_rate * g
    return w


def sgd_unit_length(w, g, learning_rate):
    return w - learning_rate * g / (np.sqrt((g * g).sum()) + 1e-12).astype(g.dtype)


def sgd_sign_alone(w, g, learning_rate):
    return w - learning_rate * np.sign(g)


def sgd_mean_over_entries(w, g, learning_rate):
    return w - learning_rate * g / max(g.size, 2)


def sgd_shrinks_weights(w, g, learning_rate):
    return w - learning_rate * w


def sgd_multiplies_w(w, g, learning_rate):
    return (1 - learning_rate * g) * w


def sgd_clipped_at_one(w, g, learning_rate):
    return w - learning_rate * np.clip(g, -1, 1)


EXERCISE = Exercise(
    name="sgd",
    reference=nnlib.sgd,
    drive=drives.run_rule,
    points=1,
    cases=common_cases((), rate),
    mistakes=(
        Mistake(
            sgd_plus_for_minus,
            "Your step goes uphill: the loss would rise. The gradient points to steepest ascent. Which way should w go?",
            card="descent-direction",
        ),
        Mistake(
            sgd_rate_forgotten,
            "You subtract the whole gradient. Which number decides how long the step is?",
            card="sgd-formula",
        ),
        Mistake(
            sgd_step_alone,
            "This is the step itself. The exercise asks for the parameters after the step.",
            card="sgd-formula",
        ),
        Mistake(
            sgd_in_place,
            "Each single step is right, but it is written into the caller's array: five steps that were kept for a plot "
            "all came out as the last one. `w -= …` changes an array; which way of writing it makes a new one?",
            card="in-place-update",
            no_distractor=SAME_STEP,
        ),
        Mistake(
            sgd_unit_length,
            "All your steps have the same length, whatever the size of the gradient. Gradient descent takes the gradient "
            "as it is: long steps where it is steep, short ones where it is flat.",
            card="sgd-formula",
        ),
        Mistake(
            sgd_sign_alone,
            "Every entry moves by the same amount: you use the gradient's sign and not its size.",
            card="sgd-formula",
        ),
        Mistake(
            sgd_mean_over_entries,
            "Your steps are too short, by the number of entries of w. A mean over *examples* is part of the loss and is "
            "already in g. Is there a reason to divide again?",
            card="sgd-formula",
        ),
        Mistake(
            sgd_shrinks_weights,
            "Your step does not depend on the gradient: w shrinks towards 0. What should the learning rate multiply?",
            card="sgd-formula",
        ),
        Mistake(
            sgd_multiplies_w,
            "Your step multiplies w, so an entry at 0 never moves, however steep it is there. Is there a product with w "
            "in the formula?",
            card="sgd-formula",
        ),
        Mistake(
            sgd_clipped_at_one,
            "Right for gradients between −1 and 1; longer ones are cut off. That is a trick of its own. This rule takes "
            "the gradient as it is.",
            card="sgd-formula",
        ),
    ),
    hints=(
        "The gradient says in which direction the loss rises fastest. Go the other way.",
        "The step is the learning rate times the gradient; `w - …` makes a new array, `w -= …` does not.",
    ),
    parts=("w",),
)
