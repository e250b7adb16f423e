"""`momentum`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import nnlib

from ... import drives
from ..schema import Exercise, Mistake
from .cases import SAME_STEP, common_cases, default_case, rate_and_mu

NO_VALUE = "it does not return what a single option could show"


def momentum_dampened(w, g, v, learning_rate, mu=0.9):
    v = mu * v + (1 - mu) * g
    return w - learning_rate * v, v


def momentum_old_velocity(w, g, v, learning_rate, mu=0.9):
    return w - learning_rate * v, mu * v + g


def momentum_velocity_unused(w, g, v, learning_rate, mu=0.9):
    return w - learning_rate * g, mu * v + g


def momentum_rate_in_velocity(w, g, v, learning_rate, mu=0.9):
    v = mu * v - learning_rate * g
    return w + v, v


def momentum_rate_twice(w, g, v, learning_rate, mu=0.9):
    v = mu * v + learning_rate * g
    return w - learning_rate * v, v


def momentum_mu_forgotten(w, g, v, learning_rate, mu=0.9):
    v = v + g
    return w - learning_rate * v, v


def momentum_mu_on_the_gradient(w, g, v, learning_rate, mu=0.9):
    v = v + mu * g
    return w - learning_rate * v, v


def momentum_velocity_not_kept(w, g, v, learning_rate, mu=0.9):
    return w - learning_rate * (mu * v + g), v


def momentum_velocity_not_returned(w, g, v, learning_rate, mu=0.9):
    return w - learning_rate * (mu * v + g)


def momentum_swapped(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    return v, w - learning_rate * v


def momentum_uphill(w, g, v, learning_rate, mu=0.9):
    v = mu * v + g
    return w + learning_rate * v, v


def momentum_in_place(w, g, v, learning_rate, mu=0.9):
    v *= mu
    v += g
    w -= learning_rate * v
    return w, v


def momentum_mu_fixed(w, g, v, learning_rate, mu=0.9):
    v = 0.9 * v + g
    return w - learning_rate * v, v


EXERCISE = Exercise(
    name="momentum",
    reference=nnlib.momentum,
    drive=drives.run_rule,
    parts=("w", "v"),
    points=2,
    cases=(
        *common_cases(("mean",), rate_and_mu),
        default_case(("mean",), rate_and_mu, "called without mu: 0.9", kept=1),
    ),
    mistakes=(
        Mistake(
            momentum_dampened,
            "Your velocity is a *mean* of gradients, with the factor 1 − μ. That is a convention of other books; in this "
            "exercise the velocity is a *sum* that forgets: with μ = 0.9 and v = 0, one step gives v = g.",
            card="momentum-formula",
        ),
        Mistake(
            momentum_old_velocity,
            "w moves with the velocity from before this step, so the newest gradient comes one step too late. Which of "
            "the two lines is computed first?",
            card="momentum-order",
        ),
        Mistake(
            momentum_velocity_unused,
            "Your velocity is right, but w moves along the gradient alone: this is gradient descent. What should w move "
            "along?",
            card="momentum-formula",
        ),
        Mistake(
            momentum_rate_in_velocity,
            "Your velocity contains the learning rate and a sign. Some books write it so; here v is in the units of the "
            "gradient, and the learning rate comes in when w moves.",
            card="momentum-formula",
        ),
        Mistake(
            momentum_rate_twice,
            "The learning rate comes in twice, in the velocity and in the step. Only one of the two is in the formula.",
            card="momentum-formula",
        ),
        Mistake(
            momentum_mu_forgotten,
            "Your velocity forgets nothing: it would go on for ever on a flat floor. What multiplies the old velocity?",
            card="momentum-formula",
        ),
        Mistake(
            momentum_mu_on_the_gradient,
            "μ multiplies the new gradient in your velocity. Which of the two should fade from step to step?",
            card="momentum-formula",
        ),
        Mistake(
            momentum_mu_fixed,
            "Right for μ = 0.9 and wrong for every other. Which argument of yours is not used?",
            card="momentum-formula",
        ),
        Mistake(
            momentum_velocity_not_kept,
            "One step of w is right, but you return the velocity as it came: the next step knows nothing of this one.",
            card="optimizer-state",
        ),
        Mistake(
            momentum_velocity_not_returned,
            "You return w alone. The next step needs the new velocity too: return both, in the order of the text.",
            card="optimizer-state",
            no_distractor=NO_VALUE,
        ),
        Mistake(
            momentum_swapped,
            "The two things that you return are right, but in the other order: first the parameters, then the velocity.",
            card="optimizer-state",
        ),
        Mistake(
            momentum_uphill,
            "Your velocity is right, and w moves along it: uphill. Look at the sign of the last line.",
            card="descent-direction",
        ),
        Mistake(
            momentum_in_place,
            "Each single step is right, but `*=`, `+=` and `-=` write into the caller's arrays: five steps that were kept "
            "all came out as the last one. Which way of writing it makes new arrays?",
            card="in-place-update",
            no_distractor=SAME_STEP,
        ),
    ),
    hints=(
        "Two lines: first the new velocity, then the step with it. Try μ = 0: it must be your `sgd`.",
        "v_new = mu · v + g, and w moves by −learning_rate · v_new. Return both.",
    ),
)
