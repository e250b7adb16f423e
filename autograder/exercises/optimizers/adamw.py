"""`adamw`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ... import drives
from ..schema import Case, Compare, Exercise, Mistake
from .cases import (
    SAME_STEP,
    adam_first,
    adam_settings,
    adam_tiny,
    common_cases,
    default_case,
    default_epsilon_case,
    drawer,
)

SHORT_DECAY = Compare(rtol=1e-11, atol=1e-11)


def adamw_settings(rng):
    return *adam_settings(rng), float(rng.uniform(0.3, 0.6))


def adamw_first(rng):
    return *adam_first(rng), float(rng.uniform(0.3, 0.6))


def adamw_tiny(rng):
    return *adam_tiny(rng), float(rng.uniform(0.3, 0.6))


def no_decay(rng):
    return [(*inputs, 0.0) for inputs in drawer(("mean", "square"), adam_settings)(rng)]


def adamw_coupled(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    g = g + weight_decay * w
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adamw_coupled_in_m(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    m = beta1 * m + (1 - beta1) * (g + weight_decay * w)
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adamw_decay_divided(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * (m_hat + weight_decay * w) / (np.sqrt(v_hat) + epsilon), m, v


def adamw_rate_forgotten(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - weight_decay * w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adamw_decay_after(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    w = w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)
    return w * (1 - learning_rate * weight_decay), m, v


def adamw_decay_forgotten(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adamw_weights_grow(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w * (1 + learning_rate * weight_decay) - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


def adamw_decay_by_sign(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    step = m_hat / (np.sqrt(v_hat) + epsilon) + weight_decay * np.sign(w)
    return w - learning_rate * step, m, v


def adamw_settings_not_passed(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    w = w - learning_rate * weight_decay * w
    m = 0.9 * m + (1 - 0.9) * g
    v = 0.999 * v + (1 - 0.999) * g * g
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return w - 0.001 * m_hat / (np.sqrt(v_hat) + 1e-8), m, v


def adamw_decay_in_place(
    w, g, m, v, t, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, weight_decay=0.01
):
    w *= 1 - learning_rate * weight_decay
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (np.sqrt(v_hat) + epsilon), m, v


EXERCISE = Exercise(
    name="adamw",
    reference=nnlib.adamw,
    drive=drives.run_rule,
    needs=("adam",),
    parts=("w", "m", "v"),
    points=3,
    cases=(
        *common_cases(("mean", "square"), adamw_settings, first=adamw_first, tiny=adamw_tiny),
        Case("no decay", "weight_decay = 0: Adam's own step", no_decay, weight=1),
        default_case(
            ("mean", "square"),
            adamw_settings,
            "called with w, g, m, v and t alone",
            kept=1,
            compare=SHORT_DECAY,
        ),
        default_epsilon_case(
            ("mean", "square"), adamw_first, "called with w, g, m, v and t = 1 alone", kept=1
        ),
    ),
    mistakes=(
        Mistake(
            adamw_coupled,
            "Your decay joins the gradient, so it passes through both means and is divided by √v̂ with all the rest: this "
            "is Adam with an L2 penalty. AdamW keeps the decay away from the means.",
            card="adamw-decoupled",
        ),
        Mistake(
            adamw_coupled_in_m,
            "Your v is clean, but the decay still enters m, so it is averaged and divided by √v̂. Should the means know "
            "of the decay at all?",
            card="adamw-decoupled",
        ),
        Mistake(
            adamw_decay_divided,
            "Your means are right, but the decay is divided by √v̂ together with m̂. Should the decay be divided as "
            "well?",
            card="adamw-decoupled",
        ),
        Mistake(
            adamw_rate_forgotten,
            "Your weights shrink by the share λ in every step, whatever the learning rate is. In this exercise the decay is "
            "multiplied by the learning rate too.",
            card="adamw-formula",
        ),
        Mistake(
            adamw_decay_after,
            "You shrink w after Adam's step, so a part of the step itself is shrunk. The text says which comes first.",
            card="adamw-formula",
        ),
        Mistake(
            adamw_decay_forgotten,
            "This is Adam's step, and a right one: `weight_decay` is not used.",
            card="adamw-formula",
        ),
        Mistake(
            adamw_weights_grow,
            "Your decay makes weights larger. Look at its sign.",
            card="adamw-formula",
        ),
        Mistake(
            adamw_decay_by_sign,
            "Every weight shrinks by the same amount in your step; it should shrink by the same *share* of itself.",
            card="adamw-formula",
        ),
        Mistake(
            adamw_settings_not_passed,
            "The decay is right, but Adam's part of the step always has the default settings. If you call your `adam`: "
            "what does it know of this call's learning rate and betas?",
            card="adamw-formula",
        ),
        Mistake(
            adamw_decay_in_place,
            "The new w is right, but the shrinking was written into the caller's w, from which others still read. Which "
            "way of writing it makes a new array?",
            card="in-place-update",
            no_distractor=SAME_STEP,
        ),
    ),
    hints=(
        "Which of w, m and v should the decay touch, and which should know nothing of it?",
        "First shrink w, in a new array: w − learning_rate · weight_decay · w.",
        "Then call your `adam` with the shrunk w, the plain g, and *all* the settings of this call.",
    ),
)
