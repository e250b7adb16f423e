"""`rmsprop`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ... import drives
from ..schema import Exercise, Mistake
from .cases import DEFAULTS, SAME_STEP, common_cases, default_case, default_epsilon_case


def rmsprop_settings(rng):
    return float(rng.uniform(0.05, 0.3)), float(rng.uniform(0.6, 0.8)), float(rng.uniform(1e-3, 1e-2))


def rmsprop_tiny(rng):
    return float(rng.uniform(0.05, 0.3)), float(rng.uniform(0.6, 0.8)), 1e-8


def rmsprop_epsilon_inside(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = rho * s + (1 - rho) * g * g
    return w - learning_rate * g / np.sqrt(s + epsilon), s


def rmsprop_epsilon_left_out(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = rho * s + (1 - rho) * g * g
    return w - learning_rate * g / np.sqrt(s), s


def rmsprop_shares_swapped(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = (1 - rho) * s + rho * g * g
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def rmsprop_sum_for_mean(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = rho * s + g * g
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def rmsprop_adagrad(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = s + g * g
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def rmsprop_share_squared(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = rho * s + ((1 - rho) * g) ** 2
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def rmsprop_root_forgotten(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = rho * s + (1 - rho) * g * g
    return w - learning_rate * g / (s + epsilon), s


def rmsprop_old_mean(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    return w - learning_rate * g / (np.sqrt(s) + epsilon), rho * s + (1 - rho) * g * g


def rmsprop_corrected(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = rho * s + (1 - rho) * g * g
    return w - learning_rate * g / (np.sqrt(s / (1 - rho)) + epsilon), s


def rmsprop_mean_not_kept(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    return w - learning_rate * g / (np.sqrt(rho * s + (1 - rho) * g * g) + epsilon), s


def rmsprop_in_place(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s *= rho
    s += (1 - rho) * g * g
    w -= learning_rate * g / (np.sqrt(s) + epsilon)
    return w, s


def rmsprop_default_rho(w, g, s, learning_rate=0.01, rho=0.9, epsilon=1e-8):
    s = rho * s + (1 - rho) * g * g
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


def rmsprop_root_returned(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = np.sqrt(rho * s + (1 - rho) * g * g)
    return w - learning_rate * g / (s + epsilon), s


def rmsprop_starts_at_first_square(w, g, s, learning_rate=0.01, rho=0.99, epsilon=1e-8):
    s = np.where(s == 0, g * g, rho * s + (1 - rho) * g * g)
    return w - learning_rate * g / (np.sqrt(s) + epsilon), s


EXERCISE = Exercise(
    name="rmsprop",
    reference=nnlib.rmsprop,
    drive=drives.run_rule,
    parts=("w", "s"),
    points=2,
    cases=(
        *common_cases(("square",), rmsprop_settings, tiny=rmsprop_tiny),
        default_case(
            ("square",), rmsprop_settings, "called without learning_rate, rho and epsilon", compare=DEFAULTS
        ),
        default_epsilon_case(("square",), rmsprop_settings, "called without learning_rate, rho and epsilon"),
    ),
    mistakes=(
        Mistake(
            rmsprop_epsilon_inside,
            "Your epsilon stands under the root, where a small number becomes a larger one: √1e-8 is 1e-4. The exercise "
            "adds it to the root.",
            card="epsilon-place",
        ),
        Mistake(
            rmsprop_epsilon_left_out,
            "Where the mean square is 0, you divide 0 by 0. Which argument of yours is not used?",
            card="epsilon-place",
            no_distractor="it differs from the right value only where the mean is tiny",
        ),
        Mistake(
            rmsprop_shares_swapped,
            "Your two shares are exchanged: with ρ = 0.99, only 1 % of the old mean would be left after one step. Which "
            "share is *kept*?",
            card="moving-average",
        ),
        Mistake(
            rmsprop_sum_for_mean,
            "Your s is a sum that forgets; a mean needs shares that add up to 1. What multiplies the new square?",
            card="moving-average",
        ),
        Mistake(
            rmsprop_adagrad,
            "Your s forgets nothing: this is AdaGrad. Where does ρ come in?",
            card="rmsprop-formula",
        ),
        Mistake(
            rmsprop_share_squared,
            "The factor 1 − ρ is inside your square, so it counts twice. What exactly is squared in the formula?",
            card="moving-average",
        ),
        Mistake(
            rmsprop_root_forgotten,
            "You divide by the mean *square*. The R in the name is missing.",
            card="rmsprop-formula",
        ),
        Mistake(
            rmsprop_old_mean,
            "You divide by the mean from before this step. On the first step that is 0, and w makes a gigantic jump. "
            "Which of the two lines comes first?",
            card="rmsprop-formula",
        ),
        Mistake(
            rmsprop_corrected,
            "You divide the mean by 1 − ρ. A correction for the start at 0 is part of Adam, and there it depends on t; "
            "this rule has none.",
            card="rmsprop-formula",
        ),
        Mistake(
            rmsprop_starts_at_first_square,
            "Where s is 0 you take the new square whole. That cures the long first step, but this rule has no cure: which "
            "share of the square comes in, also at the start?",
            card="rmsprop-formula",
        ),
        Mistake(
            rmsprop_default_rho,
            "Right wherever ρ is passed, and wrong without it. Compare the defaults in your first line with those of the "
            "task.",
            card="rmsprop-formula",
            no_distractor="it differs from the right value only where ρ is not passed",
        ),
        Mistake(
            rmsprop_root_returned,
            "One step of w is right, but the s that you return is a root. The next step averages squares: which of the "
            "two does it need?",
            card="optimizer-state",
        ),
        Mistake(
            rmsprop_mean_not_kept,
            "One step of w is right, but you return s as it came: the next step knows nothing of this one.",
            card="optimizer-state",
        ),
        Mistake(
            rmsprop_in_place,
            "Each single step is right, but `*=`, `+=` and `-=` write into the caller's arrays: five steps that were kept "
            "all came out as the last one. Which way of writing it makes new arrays?",
            card="in-place-update",
            no_distractor=SAME_STEP,
        ),
    ),
    hints=(
        "It is your `adagrad` with another first line: a mean that forgets in place of a sum.",
        "A mean of two numbers with shares ρ and 1 − ρ. Which of them is old, which new?",
        "s_new = rho · s + (1 − rho) · g²; the rest is as in `adagrad`. Return s_new, not its root.",
    ),
)
