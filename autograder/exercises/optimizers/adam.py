"""`adam`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ... import drives
from ..schema import Compare, Exercise, Mistake
from .cases import (
    SAME_STEP,
    adam_first,
    adam_settings,
    adam_tiny,
    common_cases,
    default_case,
    default_epsilon_case,
)

# With the defaults Adam's steps are short, and the decay's share of them is near 1e-9.
SHORT_STEPS = Compare(rtol=1e-9, atol=1e-10)


def adam_no_correction(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - learning_rate * m / (np.sqrt(v) + epsilon), m, v


def adam_second_uncorrected(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - learning_rate * m / (1 - beta1**t) / (np.sqrt(v) + epsilon), m, v


def adam_t_from_zero(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - np.float64(beta1) ** (t - 1)), v / (1 - np.float64(beta2) ** (t - 1))
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adam_t_one_too_many(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1 ** (t + 1)), v / (1 - beta2 ** (t + 1))
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adam_t_not_used(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1), v / (1 - beta2)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adam_corrected_state(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
    v = (beta2 * v + (1 - beta2) * g * g) / (1 - beta2**t)
    return w - learning_rate * m / (np.sqrt(v) + epsilon), m, v


def adam_betas_swapped(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta2 * m + (1 - beta2) * g
    v = beta1 * v + (1 - beta1) * g * g
    m_hat, v_hat = m / (1 - beta2**t), v / (1 - beta1**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adam_one_beta_for_both(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta1**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adam_shares_swapped(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = (1 - beta1) * m + beta1 * g
    v = (1 - beta2) * v + beta2 * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adam_epsilon_inside(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / np.sqrt(v_hat + epsilon), m, v


def adam_epsilon_before_correction(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    step = learning_rate * (1 - beta2**t) ** 0.5 / (1 - beta1**t)
    return w - step * m / (np.sqrt(v) + epsilon), m, v


def adam_root_forgotten(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (v_hat + epsilon), m, v


def adam_gradient_for_mean(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - learning_rate * g / (np.sqrt(v / (1 - beta2**t)) + epsilon), m, v


def adam_square_of_mean(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m * m
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adam_state_not_kept(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m_hat = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
    v_hat = (beta2 * v + (1 - beta2) * g * g) / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adam_in_place(w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    w -= learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)
    return w, m, v


EXERCISE = Exercise(
    name="adam",
    reference=nnlib.adam,
    drive=drives.run_rule,
    parts=("w", "m", "v"),
    points=4,
    cases=(
        *common_cases(("mean", "square"), adam_settings, first=adam_first, tiny=adam_tiny),
        default_case(
            ("mean", "square"),
            adam_settings,
            "called with w, g, m, v and t alone",
            kept=1,
            compare=SHORT_STEPS,
        ),
        default_epsilon_case(
            ("mean", "square"), adam_first, "called with w, g, m, v and t = 1 alone", kept=1
        ),
    ),
    mistakes=(
        Mistake(
            adam_no_correction,
            "Your means start at 0 and are not corrected for it, so the first steps come out wrong: t is not used. What "
            "are m and v divided by before the step?",
            card="adam-bias-correction",
        ),
        Mistake(
            adam_second_uncorrected,
            "m is corrected for its start at 0, v is not. Both started there.",
            card="adam-bias-correction",
        ),
        Mistake(
            adam_t_from_zero,
            "On the first step you divide by 1 − β⁰, which is 0. In this course the first step has t = 1: is something "
            "subtracted from t?",
            card="adam-t",
        ),
        Mistake(
            adam_t_one_too_many,
            "Your corrections use t + 1. The t that comes in is already the number of this step, and the first is 1.",
            card="adam-t",
        ),
        Mistake(
            adam_t_not_used,
            "Right at t = 1 and wrong later: your corrections do not change with t. Where does the power go?",
            card="adam-bias-correction",
        ),
        Mistake(
            adam_corrected_state,
            "You return the corrected means as the state, so the next step corrects them again. The corrected ones serve "
            "this step alone; give them names of their own.",
            card="adam-state",
        ),
        Mistake(
            adam_betas_swapped,
            "β₁ and β₂ have changed places: β₁ belongs to m, the mean of gradients, β₂ to v, the mean of squares.",
            card="adam-formula",
        ),
        Mistake(
            adam_one_beta_for_both,
            "Your m and v are right, but both are corrected with β₁. v grew with other shares: at t = 1, v̂ should be g².",
            card="adam-bias-correction",
        ),
        Mistake(
            adam_shares_swapped,
            "Your shares are exchanged: with β₁ = 0.9, nine tenths of the *old* mean are kept. What is left for the new "
            "gradient?",
            card="moving-average",
        ),
        Mistake(
            adam_epsilon_inside,
            "Your epsilon stands under the root, where 1e-8 becomes 1e-4: tiny gradients then hardly move w. The "
            "exercise adds it to the root.",
            card="epsilon-place",
        ),
        Mistake(
            adam_epsilon_before_correction,
            "Your corrections are folded into the step size, which is the same on paper except for one thing: epsilon is "
            "now added to √v, not to the root of the corrected v. At t = 1 that makes it much larger.",
            card="epsilon-place",
        ),
        Mistake(
            adam_root_forgotten,
            "You divide by the mean *square*; then a gradient ten times as large makes a step of a tenth of the "
            "size. What brings it back to the units of g?",
            card="adam-formula",
        ),
        Mistake(
            adam_gradient_for_mean,
            "Your m is right but does nothing: the step is taken along g. That is RMSprop with a correction. Which of "
            "the two goes into the step?",
            card="adam-formula",
        ),
        Mistake(
            adam_square_of_mean,
            "Your v averages the squares of m. It should average the squares of something that is newer.",
            card="adam-formula",
        ),
        Mistake(
            adam_state_not_kept,
            "One step of w is right, but m and v are returned as they came: the next step knows nothing of this one.",
            card="optimizer-state",
        ),
        Mistake(
            adam_in_place,
            "Each single step is right, but `*=`, `+=` and `-=` write into the caller's arrays: five steps that were kept "
            "all came out as the last one. Which way of writing it makes new arrays?",
            card="in-place-update",
            no_distractor=SAME_STEP,
        ),
    ),
    hints=(
        "Four lines: the new m, the new v, the two corrected ones under new names, the step.",
        "At t = 1 from zeros, m̂ must be g itself and v̂ must be g². Check your corrections there.",
        "Return the m and v from before the correction; epsilon is added to the root of the corrected v.",
    ),
)
