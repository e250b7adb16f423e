"""Questions on lesson 09."""

import math
from functools import partial
from types import SimpleNamespace

import numpy as np

import nnlib

from ..display import listed
from ..template import Draft, Entries, template
from ..wrong import misconception

ask = partial(template, version=1, lesson="09_normalisation_and_regularisation")
EPSILON = 1e-5
WHOLE = tuple(float(n) for n in range(-4, 13))


def _moments(xs):
    """Mean and biased variance of a few numbers, much quicker than by NumPy."""
    mean = sum(xs) / len(xs)
    return mean, sum((x - mean) ** 2 for x in xs) / len(xs)


def _normalised(xs, epsilon=EPSILON):
    """Mean 0 and variance 1, by a loop and without `nnlib`; also for complex numbers."""
    mean, variance = _moments(xs)
    return [(x - mean) / (variance + epsilon) ** 0.5 for x in xs]


@ask(
    id="batch-norm-of-a-channel",
    kind="vector",
    topic="normalisation",
    bloom="apply",
    difficulty=2,
    params={
        "x": Entries(WHOLE, (3,), distinct=True),
        "gamma": (-2.0, 2.0, 3.0, 5.0),
        "beta": (-4.0, -1.0, 1.0, 4.0, 10.0),
    },
    given=lambda p: _moments(p.x.tolist())[1] > 2,
    objectives=("compute batch norm's forward pass",),
    cards=("batch-norm-forward", "two-variances"),
)
def batch_norm_of_a_channel(p):
    x, gamma, beta = p.x, p.gamma, p.beta
    one = np.ones(1)
    mean, variance = _moments(x.tolist())
    centred, std = x - mean, math.sqrt(variance)
    return Draft(
        stem=rf"One channel of a batch holds ${listed(x)}$. Batch norm in training has $\gamma = "
        rf"{gamma:g}$, $\beta = {beta:g}$ and an ε that is too small to matter. What comes out, to three "
        "significant digits?",
        key=nnlib.batch_norm_forward(x[:, None], gamma * one, beta * one, 0 * one, one)[0][:, 0],
        check=lambda: np.array([gamma * z + beta for z in _normalised(x.tolist())]),
        wrong=(
            misconception("unbiased-normalising", gamma * centred / math.sqrt(1.5 * variance) + beta),
            misconception("divides-by-variance", gamma * centred / variance + beta),
            misconception("forgets-scale-and-shift", centred / std),
            misconception("forgets-to-centre", gamma * x / std + beta),
        ),
        explain=rf"The mean is ${mean:.4g}$ and the variance, over M = 3, {variance:.4g}, with root "
        rf"{std:.4g}. So $\hat{{x}}$ is ${listed((centred / std).round(3))}$; the result is ${gamma:g} "
        rf"\cdot \hat{{x}} + ({beta:g})$.",
    )


@ask(
    id="running-variance-after-a-batch",
    kind="numeric",
    topic="normalisation",
    bloom="apply",
    difficulty=3,
    params={
        "x": Entries(WHOLE, (3,), distinct=True),
        "before": (1.0, 2.0, 5.0),
        "momentum": (0.1, 0.2, 0.3),
    },
    given=lambda p: _moments(p.x.tolist())[1] > 6,
    rtol=5e-3,
    digits=4,
    objectives=("update running statistics",),
    cards=("running-statistics", "two-variances"),
)
def running_variance_after_a_batch(p):
    x, before, m = p.x, p.before, p.momentum
    one = np.ones(1)
    biased = _moments(x.tolist())[1]
    unbiased = 1.5 * biased
    return Draft(
        stem=f"A channel's running variance is {before:g}, and a training batch holds ${listed(x)}$. What "
        f"is the running variance after it, with momentum {m:g} and by this course's convention? Give four "
        "significant digits.",
        key=float(nnlib.batch_norm_forward(x[:, None], one, one, one, before * one, momentum=m)[2][0]),
        check=lambda: (
            before + m * (((x[0] - x[1]) ** 2 + (x[0] - x[2]) ** 2 + (x[1] - x[2]) ** 2) / 6 - before)
        ),
        wrong=(
            misconception("momentum-reversed", m * before + (1 - m) * unbiased),
            misconception("biased-running-variance", (1 - m) * before + m * biased),
            misconception("running-becomes-the-batch", unbiased),
        ),
        explain=f"The unbiased variance of the batch is {unbiased:.4g} (over M − 1 = 2). {1 - m:g} · "
        f"{before:g} + {m:g} · {unbiased:.4g} = {(1 - m) * before + m * unbiased:.4g}.",
    )


@ask(
    id="batch-norm-input-gradient",
    kind="numeric",
    topic="normalisation",
    bloom="apply",
    difficulty=4,
    params={
        "middle": (-1.0, 0.0, 2.0, 5.0),
        "apart": (1.0, 2.0, 3.0),
        "gamma": (-2.0, 1.0, 2.0, 3.0),
        "u": Entries((-6.0, -3.0, 0.0, 3.0, 6.0, 9.0), (3,)),
    },
    # The three gradients stand as 1 : −2 : 1, by the part of U that is neither constant nor in proportion to X.
    given=lambda p: p.u[0] - 2 * p.u[1] + p.u[2] != 0 and p.u[0] != 0 and p.u[0] != p.u[2] and p.u.sum() != 0,
    rtol=5e-3,
    objectives=("compute batch norm's backward pass",),
    cards=("batch-norm-backward",),
)
def batch_norm_input_gradient(p):
    x, u, gamma = p.middle + p.apart * np.array([-1.0, 0.0, 1.0]), p.u, p.gamma
    std = math.sqrt(2 / 3) * p.apart
    xhat = (x - p.middle) / std
    factor, mean_u, mean_ux = gamma / std, sum(u.tolist()) / 3, float(u @ xhat) / 3
    value = factor * (u[0] - mean_u - xhat[0] * mean_ux)

    def derived():
        nudged = [complex(x[0], 1e-30), *x[1:]]
        return sum(gamma * ui * zi.imag for ui, zi in zip(u, _normalised(nudged), strict=True)) / 1e-30

    return Draft(
        stem=rf"Batch norm in training, one channel: $X = ({listed(x)})$, $\gamma = {gamma:g}$, ε "
        rf"negligible, upstream gradient $U = ({listed(u)})$. What is the gradient at the *first* entry of "
        "X, to four significant digits?",
        key=float(nnlib.batch_norm_backward(u[:, None], x[:, None], np.array([gamma]), EPSILON)[0][0, 0]),
        check=derived,
        wrong=(
            misconception("statistics-taken-as-constants", factor * u[0]),
            misconception("variance-taken-as-constant", factor * (u[0] - mean_u)),
            misconception("mean-taken-as-constant", factor * (u[0] - xhat[0] * mean_ux)),
            misconception("divides-by-variance", value / std),
        ),
        explain=rf"$\sigma = {std:.4g}$, $\hat{{x}} = ({listed(xhat.round(3))})$, the mean of $U$ is "
        rf"${mean_u:.4g}$, that of $U \hat{{x}}$ is ${mean_ux:.4g}$. So ${factor:.4g} \cdot ({u[0]:g} - "
        rf"({mean_u:.4g}) - ({xhat[0]:.4g}) \cdot ({mean_ux:.4g})) = {value:.3g}$.",
    )


@ask(
    id="layer-norm-of-an-example",
    kind="vector",
    topic="normalisation",
    bloom="apply",
    difficulty=2,
    params={"x": Entries(WHOLE, (2, 3), distinct=True)},
    given=lambda p: _moments(p.x[0].tolist())[1] > 2 and abs(sum(p.x[0]) - sum(p.x[1])) > 3,
    objectives=("tell layer norm from batch norm",),
    cards=("batch-or-layer-norm",),
)
def layer_norm_of_an_example(p):
    x, first = p.x, p.x[0]
    mean, variance = _moments(first.tolist())
    of_all, variance_of_all = _moments(x.ravel().tolist())
    return Draft(
        stem=f"Two examples with three features: $({listed(x[0])})$ and $({listed(x[1])})$. What does "
        "*layer norm* (γ = 1, β = 0, ε negligible) make of the first example? Give three significant digits.",
        key=nnlib.layer_norm_forward(x, np.ones(3), np.zeros(3))[0],
        check=lambda: np.array(_normalised(first.tolist())),
        wrong=(
            misconception("layer-norm-over-the-batch", np.sign(first - x[1])),
            misconception("normalises-everything-together", (first - of_all) / math.sqrt(variance_of_all)),
            misconception("unbiased-normalising", (first - mean) / math.sqrt(1.5 * variance)),
            misconception("forgets-to-centre", first / math.sqrt(variance)),
        ),
        explain=f"The first example has mean ${mean:.4g}$ and standard deviation {math.sqrt(variance):.4g} "
        "over its own three features. The second example plays no part.",
    )


@ask(
    id="dropout-of-four-units",
    kind="vector",
    topic="regularisation",
    bloom="apply",
    difficulty=2,
    params={
        "x": Entries((-6.0, -3.0, 3.0, 6.0, 9.0, 12.0), (4,)),
        "u": Entries((0.05, 0.1, 0.15, 0.5, 0.6, 0.8, 0.9), (4,), distinct=True),
        "rate": (0.2, 0.25, 0.4),
    },
    given=lambda p: 1 <= int((p.u < p.rate).sum()) <= 2,
    objectives=("compute inverted dropout",),
    cards=("inverted-dropout",),
)
def dropout_of_four_units(p):
    x, u, rate = p.x, p.u, p.rate
    kept = u >= rate
    drawn = SimpleNamespace(random=lambda shape: u)  # dropout asks its generator for these numbers
    return Draft(
        stem=f"Inverted dropout with rate {rate:g} gets $X = ({listed(x)})$ in training and draws $u = "
        f"({listed(u)})$. An entry is dropped where u is below the rate. What does it return?",
        key=nnlib.dropout(x, rate, drawn)[0],
        check=lambda: np.array([0.0 if ui < rate else xi / (1 - rate) for xi, ui in zip(x, u, strict=True)]),
        wrong=(
            misconception("dropout-not-rescaled", x * kept),
            misconception("dropout-scales-the-wrong-way", x * kept * (1 - rate)),
            misconception("dropout-rate-is-keep-rate", x * ~kept / rate),
            misconception("dropout-divides-by-rate", x * kept / rate),
            misconception("dropout-in-evaluation", x),
        ),
        explain=f"Entries with u below {rate:g} are dropped. The others are divided by 1 − {rate:g} = "
        f"{1 - rate:g}, which keeps the expected value.",
    )


@ask(
    id="elastic-net-gradient",
    kind="vector",
    topic="regularisation",
    bloom="apply",
    difficulty=2,
    params={
        "w": Entries((-4.0, -3.0, -2.0, 2.0, 3.0, 5.0), (2,), distinct=True),
        "l1": (0.1, 0.2, 0.5),
        "l2": (0.1, 0.3, 0.4),
    },
    given=lambda p: p.w.min() < 0,
    objectives=("compute what penalties add to a gradient",),
    cards=("l1-gradient", "l2-gradient"),
)
def elastic_net_gradient(p):
    w, a, b = np.append(p.w, 0.0), p.l1, p.l2
    sign = np.sign(w)
    return Draft(
        stem=r"The penalty is $\lambda_1 \sum |w_i| + \frac12 \lambda_2 \sum w_i^2$ with $\lambda_1 = "
        rf"{a:g}$ and $\lambda_2 = {b:g}$. What is its gradient at $w = ({listed(w)})$, with 0 as the "
        "subgradient of $|w|$ at 0?",
        key=nnlib.elastic_net_penalty_grad(w, a, b),
        check=lambda: np.array([a * math.copysign(1, x) + b * x if x else 0.0 for x in w]),
        wrong=(
            misconception("l2-factor-two", a * sign + 2 * b * w),
            misconception("l1-without-sign", a * np.abs(sign) + b * w),
            misconception("penalties-swapped", b * sign + a * w),
            misconception("penalty-moves-zero-weights", np.where(w == 0, a, a * sign + b * w)),
        ),
        explain=rf"$\lambda_1 \operatorname{{sign}}(w_i) + \lambda_2 w_i$: the first is ${a:g} \cdot "
        rf"({sign[0]:g}) + {b:g} \cdot ({w[0]:g}) = {a * sign[0] + b * w[0]:.4g}$. At 0 both terms are 0.",
    )


TEMPLATES = (
    batch_norm_of_a_channel,
    running_variance_after_a_batch,
    batch_norm_input_gradient,
    layer_norm_of_an_example,
    dropout_of_four_units,
    elastic_net_gradient,
)
