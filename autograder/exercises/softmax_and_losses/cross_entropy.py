"""`cross_entropy`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import (
    OVERFLOW,
    TOO_CLOSE,
    VALUE,
    VALUE32,
    VALUE_EXTREME,
    equal_scores,
    examples,
    large_examples,
    large_examples32,
    one_example,
    single_precision_examples,
)


def cross_entropy_sum(z, target):
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(z)), target].sum()


def cross_entropy_over_entries(z, target):
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(z)), target].sum() / z.size


def cross_entropy_sign_lost(z, target):
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return log_p[np.arange(len(z)), target].mean()


def cross_entropy_softmax_twice(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    log_p = p - np.log(np.exp(p).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(z)), target].mean()


def cross_entropy_whole_columns(z, target):
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[:, target].mean()


def cross_entropy_two_steps(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(z)), target]).mean()


def cross_entropy_epsilon(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(z)), target] + 1e-12).mean()


def cross_entropy_clipped(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = np.clip(e / e.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    return -np.log(p[np.arange(len(z)), target]).mean()


def cross_entropy_overflow(z, target):
    return (np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), target]).mean()


def cross_entropy_base_two(z, target):
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(z)), target].mean() / np.log(2)


def cross_entropy_favourite(z, target):
    z = z - z.max(axis=1, keepdims=True)
    return np.log(np.exp(z).sum(axis=1)).mean()


def cross_entropy_axis_zero(z, target):
    z = z - z.max(axis=0, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=0, keepdims=True))
    return -log_p[np.arange(len(z)), target].mean()


def cross_entropy_no_logarithm(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return (1 - p[np.arange(len(z)), target]).mean()


def cross_entropy_per_example(z, target):
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(z)), target]


def cross_entropy_both_terms(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    t = np.eye(z.shape[1])[target]
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).sum() / len(z)


def cross_entropy_larger_epsilon(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(z)), target] + 1e-8).mean()


def cross_entropy_flat_take(z, target):
    m = z.max(axis=1)
    logsumexp = m + np.log(np.exp(z - m[:, None]).sum(axis=1))
    return (logsumexp - np.take(z, target)).mean()


def cross_entropy_first_example(z, target):
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[0, target[0]]


def cross_entropy_classes_from_one(z, target):
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(z)), target - 1].mean()


EXERCISE = Exercise(
    name="cross_entropy",
    reference=nnlib.cross_entropy,
    points=3,
    compare=VALUE,
    needs=("logsumexp", "softmax"),
    cases=(
        Case(
            "examples",
            "z of shapes (5, 3) and (4, 6); in the second not every class occurs",
            examples,
            weight=4,
        ),
        Case("one example", "z of shape (1, 4)", one_example, weight=1),
        Case("equal scores", "all scores of a row equal, K = 2 and 5", equal_scores, weight=1),
        Case(
            "large scores",
            "|z| up to 10,000: sure, and right or wrong",
            large_examples,
            weight=3,
            compare=VALUE_EXTREME,
        ),
        Case(
            "large scores in float32",
            "the same in float32",
            large_examples32,
            weight=1,
            compare=VALUE32,
        ),
        Case("float32", "float32 in; one number out", single_precision_examples, weight=1, compare=VALUE32),
    ),
    mistakes=(
        Mistake(
            cross_entropy_sum,
            "Your loss grows with the number of examples: a batch of four counts four times. Is a sum asked for, or a "
            "mean?",
            card="cross-entropy-convention",
        ),
        Mistake(
            cross_entropy_over_entries,
            "Too small by the number of classes: you divide by all entries of z. Each example has one true class and "
            "gives one number; how many such numbers are there?",
            card="cross-entropy-convention",
        ),
        Mistake(
            cross_entropy_sign_lost,
            "Your loss is negative, and best where it should be worst. The logarithm of a number below 1 is negative: "
            "what does the formula do about that?",
            card="cross-entropy-formula",
        ),
        Mistake(
            cross_entropy_softmax_twice,
            "Your loss is never near 0, even for a sure and right answer. How often is a softmax taken on the way from "
            "scores to loss?",
            card="softmax-twice",
        ),
        Mistake(
            cross_entropy_whole_columns,
            "Right for one example, wrong for several: `[:, target]` takes whole columns, N × N numbers. You need one "
            "number from each row.",
            card="pick-one-per-row",
        ),
        Mistake(
            cross_entropy_two_steps,
            "Right for moderate scores; but for a sure and wrong answer the share is rounded to 0 and its logarithm is "
            "−infinity. Never form the share: what is log(exp(a)/b)?",
            card="fused-cross-entropy",
            no_distractor=OVERFLOW,
        ),
        Mistake(
            cross_entropy_epsilon,
            "A sure and wrong answer should cost thousands here and costs you at most 27.6, which is −log(1e-12). The "
            "small number hides the rounded share and does not cure it. Work with scores instead of shares.",
            card="fused-cross-entropy",
            no_distractor=TOO_CLOSE,
        ),
        Mistake(
            cross_entropy_clipped,
            "However wrong an answer is, it costs you at most 16.1, which is −log(1e-7). Clipping the shares throws "
            "away what the scores still know. Work with scores instead of shares.",
            card="fused-cross-entropy",
            no_distractor=TOO_CLOSE,
        ),
        Mistake(
            cross_entropy_overflow,
            "Right for moderate scores; for large ones an exponential overflows, or a whole row of them is 0. Your "
            "`logsumexp` has solved this already: how is the loss written with it?",
            card="logsumexp-trick",
            no_distractor=OVERFLOW,
        ),
        Mistake(
            cross_entropy_base_two,
            "Everything is too large by a factor of 1.44: your loss is in bits. This course measures in nats.",
            card="nats",
        ),
        Mistake(
            cross_entropy_favourite,
            "You charge for the class with the largest score, and `target` changes nothing. Whose share does the loss "
            "look at?",
            card="cross-entropy-formula",
        ),
        Mistake(
            cross_entropy_axis_zero,
            "Your shares add up to 1 down the columns, so examples compete with each other. Each row is one example: "
            "along which axis do its classes lie?",
            card="softmax-axis",
        ),
        Mistake(
            cross_entropy_no_logarithm,
            "Your loss never exceeds 1: it is one minus the share of the true class. Where is the logarithm?",
            card="cross-entropy-formula",
        ),
        Mistake(
            cross_entropy_per_example,
            "You return one number for each example, and each is right. A loss is one number for the whole batch.",
            card="loss-is-one-number",
        ),
        Mistake(
            cross_entropy_both_terms,
            "You also charge for log(1 − p) of the wrong classes: that belongs to K separate yes-or-no questions. "
            "Here one choice among K is made, and one share for each example counts.",
            card="cross-entropy-formula",
        ),
        Mistake(
            cross_entropy_larger_epsilon,
            "Your loss is a little too small everywhere, and a sure and wrong answer costs at most 18.4, which is "
            "−log(1e-8). A small number inside the logarithm changes the answer. Work with scores instead of shares.",
            card="fused-cross-entropy",
            no_distractor=TOO_CLOSE,
        ),
        Mistake(
            cross_entropy_flat_take,
            "Right for one example, wrong for several: the scores of your true classes all come from the top of the "
            "table. Without an axis `np.take` counts through z as one long row.",
            card="pick-one-per-row",
        ),
        Mistake(
            cross_entropy_first_example,
            "You return the loss of the first example; the others change nothing. If you go through the rows in a loop: "
            "where does its `return` stand?",
            card="cross-entropy-convention",
        ),
        Mistake(
            cross_entropy_classes_from_one,
            "Each row is charged for the column before that of its true class, and class 0 for the last column. From "
            "which number on are the classes counted here?",
            card="pick-one-per-row",
        ),
    ),
    hints=(
        "For one row: −log p_y = −log( exp(z_y) / Σ exp(z_k) ). Split the logarithm of the quotient before you compute.",
        "Two numbers for each row are enough: its logsumexp and the score of its true class.",
        "`z[np.arange(N), target]` takes from row n the entry in column target[n].",
    ),
)
