"""`adagrad`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ... import drives
from ..schema import Exercise, Mistake
from .cases import DEFAULTS, SAME_STEP, common_cases, default_case, default_epsilon_case


def rate_and_epsilon(rng):
    return float(rng.uniform(0.05, 0.3)), float(rng.uniform(1e-3, 1e-2))


def rate_and_tiny_epsilon(rng):
    return float(rng.uniform(0.05, 0.3)), 1e-8


def adagrad_epsilon_inside(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s = s + g * g
    return w - learning_rate * g / np.sqrt(s + epsilon), s


def adagrad_epsilon_left_out(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s = s + g * g
    return w - learning_rate * g / np.sqrt(s), s


def adagrad_root_forgotten(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s = s + g * g
    return w - learning_rate * g / (s + epsilon), s


def adagrad_square_forgotten(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s = s + np.abs(g)
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def adagrad_old_sum(w, g, s, learning_rate=0.01, epsilon=1e-10):
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s + g * g


def adagrad_sum_not_kept(w, g, s, learning_rate=0.01, epsilon=1e-10):
    return w - learning_rate * g / (np.sqrt(s + g * g) + epsilon), s


def adagrad_newest_alone(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s = g * g
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def adagrad_one_rate_for_all(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s = s + (g * g).sum()
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def adagrad_no_gradient(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s = s + g * g
    return w - learning_rate / (np.sqrt(s) + epsilon), s


def adagrad_in_place(w, g, s, learning_rate=0.01, epsilon=1e-10):
    s += g * g
    w -= learning_rate * g / (np.sqrt(s) + epsilon)
    return w, s


def adagrad_default_epsilon(w, g, s, learning_rate=0.01, epsilon=1e-8):
    s = s + g * g
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


EXERCISE = Exercise(
    name="adagrad",
    reference=nnlib.adagrad,
    drive=drives.run_rule,
    parts=("w", "s"),
    points=2,
    cases=(
        *common_cases(("square",), rate_and_epsilon, tiny=rate_and_tiny_epsilon),
        default_case(
            ("square",), rate_and_epsilon, "called without learning_rate and epsilon", compare=DEFAULTS
        ),
        default_epsilon_case(("square",), rate_and_epsilon, "called without learning_rate and epsilon"),
    ),
    mistakes=(
        Mistake(
            adagrad_epsilon_inside,
            "Your epsilon stands under the root, where a small number becomes a larger one: √1e-10 is 1e-5. The "
            "exercise adds it to the root.",
            card="epsilon-place",
        ),
        Mistake(
            adagrad_epsilon_left_out,
            "Where a parameter has seen no gradient yet, 0 is divided by 0. Which argument of yours is not used?",
            card="epsilon-place",
            no_distractor="it differs from the right value only where the sum is tiny",
        ),
        Mistake(
            adagrad_default_epsilon,
            "Right wherever epsilon is passed; without it, tiny gradients move w too little. Compare the defaults in your "
            "first line with those of the task: this rule has one of its own.",
            card="adagrad-formula",
            no_distractor="it differs from the right value only where epsilon is not passed",
        ),
        Mistake(
            adagrad_root_forgotten,
            "You divide by the sum of squares itself. Then a gradient ten times as large makes a step of a tenth of "
            "the size. What makes a sum of squares comparable with g again?",
            card="adagrad-formula",
        ),
        Mistake(
            adagrad_square_forgotten,
            "Your s adds up sizes. With s = 16 and g = 3 the new s should be 25, and yours is 19. What is added to s?",
            card="adagrad-formula",
        ),
        Mistake(
            adagrad_old_sum,
            "You divide by the sum from before this step. On the first step that is 0, and w makes a gigantic jump. Which "
            "of the two lines comes first?",
            card="adagrad-formula",
        ),
        Mistake(
            adagrad_sum_not_kept,
            "One step of w is right, but you return s as it came: nothing adds up from step to step.",
            card="optimizer-state",
        ),
        Mistake(
            adagrad_newest_alone,
            "Your s holds the newest gradient only, so every step has the same size. What becomes of the old s?",
            card="adagrad-formula",
        ),
        Mistake(
            adagrad_one_rate_for_all,
            "All entries of w share one sum. The point of AdaGrad is one for each parameter: which operation in your "
            "code mixes the entries?",
            card="adagrad-formula",
        ),
        Mistake(
            adagrad_no_gradient,
            "Your step has a size but no direction: every parameter goes down. What is divided by the root?",
            card="adagrad-formula",
        ),
        Mistake(
            adagrad_in_place,
            "Each single step is right, but `+=` and `-=` write into the caller's arrays: five steps that were kept all "
            "came out as the last one. Which way of writing it makes new arrays?",
            card="in-place-update",
            no_distractor=SAME_STEP,
        ),
    ),
    hints=(
        "First add the new squares to s, each entry to its own; then use the new s.",
        "s_new = s + g², entry by entry; the step is learning_rate · g divided by (√s_new + epsilon). Return w and "
        "s_new.",
    ),
)
