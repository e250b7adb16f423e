"""`cross_entropy_grad`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import (
    EXTREME,
    OVERFLOW,
    ROW_UNDERFLOW,
    equal_scores,
    examples,
    large_examples,
    large_examples32,
    one_example,
    single_precision_examples,
)


def cross_entropy_grad_not_divided(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(z)), target] -= 1
    return p


def cross_entropy_grad_over_entries(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(z)), target] -= 1
    return p / z.size


def cross_entropy_grad_sign_lost(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(z)), target] -= 1
    return -p / len(z)


def cross_entropy_grad_target_forgotten(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True) / len(z)


def cross_entropy_grad_true_class_alone(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    g = np.zeros_like(z)
    n = np.arange(len(z))
    g[n, target] = (p[n, target] - 1) / len(z)
    return g


def cross_entropy_grad_whole_columns(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[:, target] -= 1
    return p / len(z)


def cross_entropy_grad_class_number(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return ((p - target[:, None]) / len(z)).astype(z.dtype)


def cross_entropy_grad_at_shares(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    g = np.zeros_like(z)
    n = np.arange(len(z))
    g[n, target] = -1 / p[n, target] / len(z)
    return g


def cross_entropy_grad_diagonal_twice(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    t = np.zeros_like(z)
    t[np.arange(len(z)), target] = 1
    return (p - t) * p * (1 - p) / len(z)


def cross_entropy_grad_softmax_twice(z, target):
    for _ in range(2):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        z = e / e.sum(axis=1, keepdims=True)
    z[np.arange(len(z)), target] -= 1
    return z / len(z)


def cross_entropy_grad_exp_overflow(z, target):
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(z)), target] -= 1
    return p / len(z)


def cross_entropy_grad_global_maximum(z, target):
    e = np.exp(z - z.max())
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(z)), target] -= 1
    return p / len(z)


def cross_entropy_grad_scores(z, target):
    g = z.copy()
    g[np.arange(len(z)), target] -= 1
    return g / len(z)


def cross_entropy_grad_whole_rows(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[target] -= 1
    return p / len(z)


def cross_entropy_grad_divided_by_classes(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(z)), target] -= 1
    return p / z.shape[1]


def cross_entropy_grad_mean_on_one_part(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    p[np.arange(len(z)), target] -= 1 / len(z)
    return p


def cross_entropy_grad_one_hot_too_narrow(z, target):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    t = np.zeros((len(z), target.max() + 1), dtype=z.dtype)
    t[np.arange(len(z)), target] = 1
    return (p - t) / len(z)


EXERCISE = Exercise(
    name="cross_entropy_grad",
    reference=nnlib.cross_entropy_grad,
    points=2,
    needs=("softmax",),
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
            weight=2,
            compare=EXTREME,
        ),
        Case("large scores in float32", "the same in float32", large_examples32, weight=1, compare=EXTREME),
        Case("float32", "float32 in, float32 out", single_precision_examples, weight=1),
    ),
    mistakes=(
        Mistake(
            cross_entropy_grad_not_divided,
            "Your gradient belongs to the sum of the losses, so it is right for one example only. The loss is a mean: "
            "what did that leave in front?",
            card="mean-in-the-gradient",
        ),
        Mistake(
            cross_entropy_grad_over_entries,
            "Too small by the number of classes. The loss is a mean over N examples, and you divide by N · K.",
            card="mean-in-the-gradient",
        ),
        Mistake(
            cross_entropy_grad_sign_lost,
            "Every sign is turned round. Raising the score of the true class makes the loss fall: which sign must its "
            "entry have?",
            card="cross-entropy-grad",
        ),
        Mistake(
            cross_entropy_grad_target_forgotten,
            "Your rows are all positive, and `target` changes nothing. The entries of a row should add up to 0: what is "
            "missing at the true class?",
            card="cross-entropy-grad",
        ),
        Mistake(
            cross_entropy_grad_true_class_alone,
            "The entry of the true class is right; the others are 0 in your answer. Raising a wrong score also makes "
            "the loss grow, through the sum in the softmax.",
            card="cross-entropy-grad",
        ),
        Mistake(
            cross_entropy_grad_whole_columns,
            "Right for one example, wrong for several: `[:, target]` changes whole columns. Change one entry in each row.",
            card="pick-one-per-row",
        ),
        Mistake(
            cross_entropy_grad_class_number,
            "You take the number of the class away from the shares, as if class 2 were twice class 1. The target of "
            "the formula is a row of zeros with a single 1.",
            card="one-hot",
        ),
        Mistake(
            cross_entropy_grad_at_shares,
            "−1/p is the gradient at the shares. Asked for is the gradient at the scores: the softmax lies between.",
            card="cross-entropy-grad",
        ),
        Mistake(
            cross_entropy_grad_diagonal_twice,
            "The bracket is right, but then you multiply by p(1 − p) as well. The derivative of the softmax is already "
            "in the bracket.",
            card="cross-entropy-grad",
        ),
        Mistake(
            cross_entropy_grad_softmax_twice,
            "Your shares are too even: even a sure answer leaves a large gradient. How often is the softmax taken?",
            card="softmax-twice",
        ),
        Mistake(
            cross_entropy_grad_exp_overflow,
            "The formula of the gradient is right, but its exponential overflows for large scores. Your `softmax` has "
            "solved this already.",
            card="softmax-shift",
            no_distractor=OVERFLOW,
        ),
        Mistake(
            cross_entropy_grad_global_maximum,
            "One maximum for the whole batch makes rows far below it 0 / 0, which is nan. Each row needs its own.",
            card="softmax-shift",
            no_distractor=ROW_UNDERFLOW,
        ),
        Mistake(
            cross_entropy_grad_scores,
            "You take 1 away from a score. Prediction minus target: what must become of the scores before they are a "
            "prediction?",
            card="cross-entropy-grad",
        ),
        Mistake(
            cross_entropy_grad_whole_rows,
            "`p[target]` takes whole rows, chosen by the number of a class. You want one entry in each row: two "
            "indices are needed.",
            card="pick-one-per-row",
        ),
        Mistake(
            cross_entropy_grad_divided_by_classes,
            "You divide by the number of classes. Over what does the loss take its mean?",
            card="mean-in-the-gradient",
        ),
        Mistake(
            cross_entropy_grad_mean_on_one_part,
            "Your 1/N stands at the target alone, so the rows do not add up to 0. It belongs to the whole difference.",
            card="mean-in-the-gradient",
        ),
        Mistake(
            cross_entropy_grad_one_hot_too_narrow,
            "Right while the last class occurs in the batch; where it does not, your one-hot rows are too short. Which "
            "argument knows how many classes there are?",
            card="one-hot",
            no_distractor="where it does not fail it is right",
        ),
    ),
    hints=(
        "What happens to the loss if the score of the true class rises? And if another score rises? Each row of your "
        "answer must add up to 0.",
        "Prediction minus target: the prediction is softmax(z), the target a row with a 1 at the true class. Over "
        "how many examples is the loss a mean?",
        "Compute p = softmax(z), take 1 away at `p[np.arange(N), target]`, and divide all of it by N.",
    ),
)
