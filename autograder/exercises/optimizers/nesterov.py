"""`nesterov`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import nnlib

from ... import drives
from ..schema import Exercise, Mistake
from .cases import SAME_STEP, common_cases, default_case, rate_and_mu


def nesterov_heavy_ball(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    return w - learning_rate * v, v


def nesterov_gradient_left_out(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    return w - learning_rate * mu * v, v


def nesterov_mu_left_out(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    return w - learning_rate * (g + v), v


def nesterov_velocity_twice(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    return w - learning_rate * (v + mu * v), v


def nesterov_mu_outside_bracket(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    return w - learning_rate * mu * (g + v), v


def nesterov_dampened(w, g, v, learning_rate, mu=0.9):
    v = mu * v + (1 - mu) * g
    return w - learning_rate * (g + mu * v), v


def nesterov_look_ahead_kept(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    v = g + mu * v
    return w - learning_rate * v, v


def nesterov_uphill(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    return w + learning_rate * (g + mu * v), v


def nesterov_velocity_not_kept(w, g, v, learning_rate, mu=0.9):
    return w - learning_rate * (g + mu * (mu * v + g)), v


def nesterov_rate_in_velocity(w, g, v, learning_rate, mu=0.9):
    v = mu * v - learning_rate * g
    return w + mu * v - learning_rate * g, v


def nesterov_in_place(w, g, v, learning_rate, mu=0.9):
    v *= mu
    v += g
    w -= learning_rate * (g + mu * v)
    return w, v


EXERCISE = Exercise(
    name="nesterov",
    reference=nnlib.nesterov,
    drive=drives.run_rule,
    parts=("w", "v"),
    points=0,
    cases=(
        *common_cases(("mean",), rate_and_mu),
        default_case(("mean",), rate_and_mu, "called without mu: 0.9", kept=1),
    ),
    mistakes=(
        Mistake(
            nesterov_heavy_ball,
            "This is momentum, and a right one. Nesterov's step looks ahead: what is added to g in the last line?",
            card="nesterov-formula",
        ),
        Mistake(
            nesterov_gradient_left_out,
            "w moves along μ times the velocity alone. What else stands in the bracket of the formula?",
            card="nesterov-formula",
        ),
        Mistake(
            nesterov_mu_left_out,
            "Your step adds the whole velocity to g. The velocity fades by a factor when one looks one step ahead.",
            card="nesterov-formula",
        ),
        Mistake(
            nesterov_velocity_twice,
            "Your step holds the velocity twice, once whole and once with μ. In one of these places the formula has "
            "another quantity.",
            card="nesterov-formula",
        ),
        Mistake(
            nesterov_mu_outside_bracket,
            "In your step μ multiplies the gradient as well. Which of the two in the bracket fades?",
            card="nesterov-formula",
        ),
        Mistake(
            nesterov_dampened,
            "Your velocity is a *mean* of gradients, with the factor 1 − μ. In this course it is a sum that forgets: the "
            "first velocity is g.",
            card="momentum-formula",
        ),
        Mistake(
            nesterov_look_ahead_kept,
            "w is right, but you return the look-ahead as the velocity. It serves this step alone; which v goes into the "
            "next step?",
            card="optimizer-state",
        ),
        Mistake(
            nesterov_uphill,
            "Your step goes uphill. Look at the sign of the last line.",
            card="descent-direction",
        ),
        Mistake(
            nesterov_velocity_not_kept,
            "One step of w is right, but you return the velocity as it came: the next step knows nothing of this one.",
            card="optimizer-state",
        ),
        Mistake(
            nesterov_rate_in_velocity,
            "Your velocity contains the learning rate and a sign, as in some books; here it is in the units of the "
            "gradient, and the learning rate comes in when w moves.",
            card="momentum-formula",
        ),
        Mistake(
            nesterov_in_place,
            "Each single step is right, but `*=`, `+=` and `-=` write into the caller's arrays: five steps that were kept "
            "all came out as the last one. Which way of writing it makes new arrays?",
            card="in-place-update",
            no_distractor=SAME_STEP,
        ),
    ),
    hints=(
        "The velocity is the same as in `momentum`. Only the line that moves w differs.",
        "The bracket holds g and mu times the *new* velocity. Return that velocity, not the bracket.",
    ),
)
