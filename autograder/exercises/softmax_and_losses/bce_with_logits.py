"""`bce_with_logits`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import OVERFLOW, TOO_CLOSE, VALUE, VALUE32, VALUE_EXTREME


def zeros_and_ones(rng, *shapes):
    return [
        (rng.uniform(-4, 4, size=shape), rng.integers(0, 2, size=shape).astype(float)) for shape in shapes
    ]


def labels(rng):
    inputs = zeros_and_ones(rng, (6,), (4, 3))
    for _, t in inputs:
        t.flat[:2] = 0, 1
    return inputs


def one_label(rng):
    return [(rng.uniform(1, 3, size=(1,)), np.array([t])) for t in (0.0, 1.0)]


def soft_labels(rng):
    return [(rng.uniform(-4, 4, size=(5, 2)), rng.uniform(0.2, 0.8, size=(5, 2)))]


def large_logits(rng):
    z = np.concatenate([[1e4, -1e4, 1e4, -1e4, 0.0], rng.uniform(800, 5000, 2) * [-1, 1]])
    return [(z, np.array([1.0, 0, 0, 1, 1, 0, 1]))]


def large_logits32(rng):
    return [(z.astype(np.float32), t.astype(np.float32)) for z, t in large_logits(rng)]


def single_precision_labels(rng):
    return [(z.astype(np.float32), t.astype(np.float32)) for z, t in labels(rng)]


LABELS = Case("yes and no", "z of shapes (6,) and (4, 3), targets 0 and 1", labels, weight=4)
ONE_LABEL = Case("one prediction", "z of shape (1,)", one_label, weight=1)
SOFT = Case("soft targets", "targets between 0.2 and 0.8", soft_labels, weight=2)


def bce_with_logits_two_steps(z, target):
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1, e) / (1 + e)
    return -(target * np.log(p) + (1 - target) * np.log(1 - p)).mean()


def bce_with_logits_clipped(z, target):
    e = np.exp(-np.abs(z))
    p = np.clip(np.where(z >= 0, 1, e) / (1 + e), 1e-7, 1 - 1e-7)
    return -(target * np.log(p) + (1 - target) * np.log(1 - p)).mean()


def bce_with_logits_exp_overflow(z, target):
    return (np.log(1 + np.exp(z)) - z * target).mean()


def bce_with_logits_yes_alone(z, target):
    return (target * (np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z))))).mean()


def bce_with_logits_sign_lost(z, target):
    return -(np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))).mean()


def bce_with_logits_sum(z, target):
    return (np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))).sum()


def bce_with_logits_examples_only(z, target):
    return (np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))).sum() / len(z)


def bce_with_logits_minus_and_plus(z, target):
    return (np.maximum(-z * target, 0) + np.log1p(np.exp(-np.abs(z * target)))).mean()


def bce_with_logits_swapped(z, target):
    return (np.maximum(z, 0) - z * (1 - target) + np.log1p(np.exp(-np.abs(z)))).mean()


def bce_with_logits_per_entry(z, target):
    return np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))


def bce_with_logits_target_ignored(z, target):
    return (np.maximum(-z, 0) + np.log1p(np.exp(-np.abs(z)))).mean()


def bce_with_logits_epsilon(z, target):
    e = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1, e) / (1 + e)
    return -(target * np.log(p + 1e-12) + (1 - target) * np.log(1 - p + 1e-12)).mean()


def bce_with_logits_hard_targets_only(z, target):
    rest = np.log1p(np.exp(-np.abs(z)))
    return (np.where(target == 1, np.maximum(-z, 0), np.maximum(z, 0)) + rest).mean()


EXERCISE = Exercise(
    name="bce_with_logits",
    reference=nnlib.bce_with_logits,
    points=0,
    compare=VALUE,
    needs=("logsumexp",),
    cases=(
        LABELS,
        ONE_LABEL,
        SOFT,
        Case(
            "large logits",
            "|z| up to 10,000: sure, and right or wrong",
            large_logits,
            weight=2,
            compare=VALUE_EXTREME,
        ),
        Case("large logits in float32", "the same in float32", large_logits32, weight=1, compare=VALUE32),
        Case("float32", "float32 in; one number out", single_precision_labels, weight=1, compare=VALUE32),
    ),
    mistakes=(
        Mistake(
            bce_with_logits_two_steps,
            "Right for moderate logits; but a sure answer's probability is rounded to 0 or 1, and log(0) is −infinity. "
            "Take the logarithm on paper, before you compute.",
            card="fused-cross-entropy",
            no_distractor=OVERFLOW,
        ),
        Mistake(
            bce_with_logits_clipped,
            "However wrong an answer is, it costs you at most 16.1, which is −log(1e-7). Clipping throws away what the "
            "logits still know.",
            card="fused-cross-entropy",
            no_distractor=TOO_CLOSE,
        ),
        Mistake(
            bce_with_logits_exp_overflow,
            "Your formula is right and has no probability in it, but `np.exp(z)` overflows. Softplus of lesson 01 had "
            "the same trouble: what was taken out there?",
            card="softplus-stable",
            no_distractor=OVERFLOW,
        ),
        Mistake(
            bce_with_logits_yes_alone,
            "Entries with target 0 cost you nothing, however wrong they are. The formula has two terms.",
            card="bce-formula",
        ),
        Mistake(
            bce_with_logits_sign_lost,
            "Your loss is negative. The logarithm of a number below 1 is negative: what does the formula do about that?",
            card="bce-formula",
        ),
        Mistake(
            bce_with_logits_sum,
            "Your loss grows with the number of entries. Is a sum asked for, or a mean?",
            card="bce-convention",
        ),
        Mistake(
            bce_with_logits_examples_only,
            "Right for a vector, too large for a table: here every entry is a prediction of its own. Over how many "
            "numbers is the mean taken?",
            card="bce-convention",
        ),
        Mistake(
            bce_with_logits_minus_and_plus,
            "This is the form for targets −1 and 1. With target 0 it says log 2 whatever the logit is. Here the targets "
            "are 0 and 1, or between.",
            card="bce-convention",
        ),
        Mistake(
            bce_with_logits_swapped,
            "You reward the wrong answers: the terms of target 1 and target 0 have changed places.",
            card="bce-formula",
        ),
        Mistake(
            bce_with_logits_per_entry,
            "You return one number for each entry, and each is right. A loss is one number for the whole batch.",
            card="loss-is-one-number",
        ),
        Mistake(
            bce_with_logits_target_ignored,
            "You charge every entry as if its target were 1; `target` changes nothing.",
            card="bce-formula",
        ),
        Mistake(
            bce_with_logits_epsilon,
            "A sure and wrong answer should cost thousands here and costs you at most 27.6, which is −log(1e-12). The "
            "small number hides a rounded probability and does not cure it.",
            card="fused-cross-entropy",
            no_distractor=TOO_CLOSE,
        ),
        Mistake(
            bce_with_logits_hard_targets_only,
            "Right for targets 0 and 1; one of 0.3 or 0.7 counts as 0 in your answer. Which of the formula's two terms "
            "does such an entry pay for, and with which weight?",
            card="bce-formula",
        ),
    ),
    hints=(
        "−log σ(z) = softplus(−z), and −log(1 − σ(z)) = softplus(z). Put both into the formula.",
        "softplus(−z) = softplus(z) − z. So one softplus is enough: which term is left beside it?",
        "softplus(z) = max(z, 0) + log(1 + e^(−|z|)), from lesson 01.",
    ),
)
