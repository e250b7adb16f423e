"""Questions on lesson 03: squared error and cross-entropy; softmax stands in `softmax_and_losses.py`."""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import tex
from ..template import Draft, Entries, grid, template
from ..wrong import mistakes_of
from .softmax_and_losses import SHARES, WHOLE, tidy

ask = partial(template, lesson="03_softmax_and_losses", version=1)
CLASSES = tuple((first, second) for first in range(3) for second in range(3))


@ask(
    id="mse-of-table", objectives=("compute the squared error in a stated convention",),
    kind="single", topic="losses", bloom="apply", difficulty=2, digits=4,
    params={"a": Entries(WHOLE, (2, 3)), "t": Entries(WHOLE, (2, 3))},
    given=lambda p: np.count_nonzero(p.a - p.t) >= 3, cards=("mse-formula", "mse-convention"),
)  # fmt: skip
def mse_of_table(p):
    squares = [(a - t) ** 2 for a, t in zip(p.a.ravel().tolist(), p.t.ravel().tolist(), strict=True)]
    return Draft(
        stem=f"The predictions are $a = {tex(p.a)}$, the targets $t = {tex(p.t)}$. "
        "What does `mse(a, t)` return, in this course's convention?",
        key=nnlib.mse(p.a, p.t),
        check=lambda: math.fsum(squares) / 12,
        wrong=mistakes_of("mse", p.a, p.t),
        explain=f"The six squares add up to {sum(squares):g}. Half of their mean over all entries is "
        rf"$\frac{{{sum(squares):g}}}{{2 \cdot 6}} = {sum(squares) / 12:.4g}$.",
    )


@ask(
    id="mse-gradient", objectives=("state where the 1/M of a gradient comes from",),
    kind="matrix", topic="losses", bloom="apply", difficulty=2,
    params={"a": Entries(WHOLE, (2, 3)), "t": Entries(WHOLE, (2, 3))},
    given=lambda p: np.count_nonzero(p.a - p.t) >= 4, cards=("mse-grad", "mean-in-the-gradient"),
)  # fmt: skip
def mse_gradient(p):
    return Draft(
        stem=f"The predictions are $a = {tex(p.a)}$, the targets $t = {tex(p.t)}$; the loss is half the mean of the "
        "squared differences over all entries. Write down its gradient at $a$, to three significant digits.",
        key=nnlib.mse_grad(p.a, p.t),
        check=lambda: np.array(
            [[(a - t) / 6 for a, t in zip(*rows, strict=True)] for rows in zip(p.a, p.t, strict=True)]
        ),
        wrong=mistakes_of("mse_grad", p.a, p.t),
        explain=f"The 2 of the square and the ½ cancel; the mean over M = 6 entries stays: $(a - t)/6$ with "
        f"$a - t = {tex(p.a - p.t)}$.",
    )


@ask(
    id="cross-entropy-of-batch", objectives=("compute cross-entropy from scores",),
    kind="single", topic="losses", bloom="apply", difficulty=3,
    params={"odds": Entries(grid(1, 6, 1), (2, 3)), "y": CLASSES},
    cards=("cross-entropy-formula", "cross-entropy-convention"),
)  # fmt: skip
def cross_entropy_of_batch(p):
    z, y = np.log(p.odds), np.array(p.y)
    shares = [row[k] / sum(row) for row, k in zip(p.odds.tolist(), p.y, strict=True)]
    return Draft(
        stem=f"Two examples, three classes. The exponentials of the scores are $e^z = {tex(p.odds)}$, the true classes "
        f"are {p.y[0]} and {p.y[1]} (counted from 0). What does `cross_entropy(z, y)` return, in nats?",
        key=nnlib.cross_entropy(z, y),
        check=lambda: -math.log(shares[0] * shares[1]) / 2,
        wrong=mistakes_of("cross_entropy", z, y),
        explain=f"The shares of the true classes are {shares[0]:.4g} and {shares[1]:.4g}, their surprises "
        f"{-math.log(shares[0]):.4f} and {-math.log(shares[1]):.4f}; L is the mean of these two.",
    )


@ask(
    id="cross-entropy-equal-scores", objectives=("say what loss an untrained net starts from",),
    kind="numeric", topic="losses", bloom="understand", difficulty=2,
    params={"K": (3, 4, 5, 6, 8, 12, 20, 50, 100), "N": (4, 6, 8)}, digits=4, cards=("loss-of-no-idea", "nats"),
)  # fmt: skip
def cross_entropy_equal_scores(p):
    z, y = np.zeros((p.N, p.K)), np.arange(p.N) % p.K
    return Draft(
        stem=f"An untrained net gives all {p.K} classes the same score. What is its cross-entropy on a batch of "
        f"{p.N} examples, in nats? Three significant digits.",
        key=nnlib.cross_entropy(z, y),
        check=lambda: math.log(p.K),
        wrong=mistakes_of(
            "cross_entropy",
            z,
            y,
            only=("sum", "over_entries", "base_two", "no_logarithm", "both_terms", "sign_lost"),
        ),
        explain=rf"Every share is $1/{p.K}$, every surprise $\log {p.K} = {math.log(p.K):.4f}$, and so is their mean.",
    )


@ask(
    id="cross-entropy-order", objectives=("say what cross-entropy sees of the scores",),
    kind="order", topic="losses", bloom="analyse", difficulty=3,
    params={"z": Entries(grid(-4, 4, 1), (4, 2))}, given=lambda p: len({*(p.z[:, 1] - p.z[:, 0])}) == 4,
    cards=("cross-entropy-formula", "softmax-shift"),
)  # fmt: skip
def cross_entropy_order(p):
    losses = nnlib.logsumexp(p.z) - p.z[:, 0]
    texts = [f"scores ${tex(row)}$" for row in p.z]
    return Draft(
        stem="Four nets answer the same yes-or-no question with two scores each; class 0 is right. "
        "Put them in order of their cross-entropy, the smallest first.",
        key=tuple(texts[i] for i in np.argsort(losses)),
        check=lambda: tuple(sorted(texts, key=lambda text: _lead(p.z[texts.index(text)]))),
        explain=r"Only the difference counts: $L = \log(1 + e^{z_1 - z_0})$ grows with $z_1 - z_0$, here "
        f"{', '.join(f'${d:g}$' for d in sorted(p.z[:, 1] - p.z[:, 0]))}.",
        hints=("Take the same number away from both scores of a net: what happens to its loss?",),
    )


def _lead(scores):
    return scores[1] - scores[0]


@ask(
    id="cross-entropy-gradient", objectives=("use prediction minus target",),
    kind="matrix", topic="losses", bloom="apply", difficulty=3,
    params={"first": SHARES, "second": SHARES, "y": CLASSES}, given=lambda p: p.first != p.second,
    cards=("cross-entropy-grad", "mean-in-the-gradient", "one-hot"),
)  # fmt: skip
def cross_entropy_gradient(p):
    shares, y = np.array([p.first, p.second]), np.array(p.y)
    z = np.log(shares)
    return Draft(
        stem=rf"Two examples have the scores $z = \log p$ with the shares $p = {tex(shares)}$; their true classes are "
        f"{p.y[0]} and {p.y[1]} (counted from 0). What is the gradient of the *mean* cross-entropy of the two at $z$?",
        key=tidy(nnlib.cross_entropy_grad(z, y)),
        check=lambda: np.array(
            [
                [(share - (k == true)) / 2 for k, share in enumerate(row)]
                for row, true in zip((p.first, p.second), p.y, strict=True)
            ]
        ),
        wrong=mistakes_of("cross_entropy_grad", z, y, take=tidy),
        explain=f"Prediction minus target, divided by N = 2: take 1 away from {p.first[p.y[0]]} in the first row and "
        f"from {p.second[p.y[1]]} in the second, then halve everything. Each row adds up to 0.",
    )


@ask(
    id="bce-of-table", objectives=("compute binary cross-entropy from logits",),
    kind="single", topic="losses", bloom="apply", difficulty=3,
    params={"share": Entries((0.1, 0.2, 0.25, 0.4, 0.6, 0.8, 0.9), (2, 2)), "t": Entries((0, 1), (2, 2))},
    given=lambda p: 0 < p.t.sum() < 4, cards=("bce-formula", "bce-convention"),
)  # fmt: skip
def bce_of_table(p):
    z = np.log(p.share / (1 - p.share))
    right = [s if t else 1 - s for s, t in zip(p.share.ravel().tolist(), p.t.ravel().tolist(), strict=True)]
    return Draft(
        stem=rf"Two yes-or-no questions are asked about each of two pictures (rows). The logits have $\sigma(z) = {tex(p.share)}$, "
        f"the targets are $t = {tex(p.t)}$. What does `bce_with_logits(z, t)` return, in nats?",
        key=nnlib.bce_with_logits(z, p.t),
        check=lambda: -math.log(math.prod(right)) / 4,
        wrong=mistakes_of(
            "bce_with_logits",
            z,
            p.t,
            only=(
                *("yes_alone", "sign_lost", "sum", "examples_only"),
                *("minus_and_plus", "swapped", "per_entry", "target_ignored"),
            ),
        ),
        explain=f"The probabilities of what is right are {', '.join(f'{r:.4g}' for r in right)}. "
        "L is the mean of their four surprises.",
    )


@ask(
    id="bce-soft-target", objectives=("compute binary cross-entropy from logits",),
    kind="numeric", topic="losses", bloom="apply", difficulty=3,
    params={"share": (0.1, 0.2, 0.25, 0.4, 0.6, 0.75, 0.9), "t": (0.1, 0.2, 0.3, 0.7, 0.8, 0.9)},
    cards=("bce-formula",),
)  # fmt: skip
def bce_soft_target(p):
    z, t = np.log([p.share / (1 - p.share)]), np.array([p.t])
    yes, no = -math.log(p.share), -math.log(1 - p.share)
    return Draft(
        stem=rf"A net's probability of yes is $\sigma(z) = {p.share}$. The target is {p.t}: that share of the people "
        "asked said yes. What is the binary cross-entropy of this one prediction, in nats? Three significant digits.",
        key=nnlib.bce_with_logits(z, t),
        check=lambda: p.t * yes + (1 - p.t) * no,
        wrong=mistakes_of(
            "bce_with_logits",
            z,
            t,
            only=(
                "yes_alone",
                "sign_lost",
                "swapped",
                "target_ignored",
                "hard_targets_only",
                "minus_and_plus",
            ),
        ),
        explain=rf"Both terms count: ${p.t} \cdot {yes:.4f} + {1 - p.t:.1g} \cdot {no:.4f}$.",
    )


TEMPLATES = (
    mse_of_table,
    mse_gradient,
    cross_entropy_of_batch,
    cross_entropy_equal_scores,
    cross_entropy_order,
    cross_entropy_gradient,
    bce_of_table,
    bce_soft_target,
)
