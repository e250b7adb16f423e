"""Questions on lesson 11."""

import math
from functools import partial

import numpy as np

import nnlib

from ..template import Draft, Entries, template
from ..wrong import misconception

ask = partial(template, version=1, lesson="11_learning_rate_batches_landscapes")
_RNG = np.random.default_rng(
    0
)  # the order of the examples does not matter here, only into how many batches they go


@ask(
    id="step-decay-rate",
    kind="numeric",
    topic="learning rate",
    bloom="apply",
    difficulty=2,
    params={
        "rate": (0.1, 0.4, 1.0, 2.0),
        "every": (10, 20, 30),
        "factor": (0.1, 0.2, 0.5),
        "stair": (2, 3),
        "past": (0, 5, 9),
    },
    given=lambda p: p.past or p.stair == 3,  # else a smooth decay would agree with the stairs
    rtol=5e-3,
    objectives=("compute a step decay",),
    cards=("step-decay-counting",),
)
def step_decay_rate(p):
    rate, every, factor = p.rate, p.every, p.factor
    t = p.stair * every + p.past
    return Draft(
        stem=f"Step decay starts at η₀ = {rate:g} and multiplies the rate by {factor:g} after every {every} "
        f"steps. Steps count from 0. What is the rate at t = {t}?",
        key=nnlib.step_decay(t, rate, every, factor),
        check=lambda: rate * math.prod(factor for jump in range(every, t + 1, every)),
        wrong=(
            misconception("stairs-counted-from-one", rate * factor ** (t // every + 1)),
            misconception("stairs-start-late", rate * factor ** (t // every - 1)),
            misconception("stairs-made-smooth", rate * factor ** (t / every)),
            misconception("decays-only-once", rate * factor),
        ),
        explain=rf"$\lfloor {t} / {every} \rfloor = {t // every}$, and ${rate:g} \cdot "
        rf"{factor:g}^{{{t // every}}} = {rate * factor ** (t // every):.4g}$.",
    )


@ask(
    id="warmup-rate",
    kind="single",
    topic="learning rate",
    bloom="apply",
    difficulty=2,
    params={"rate": (0.1, 0.2, 0.4), "warmup": (5, 8, 10, 20), "t": (1, 2, 3), "total": (50, 100)},
    objectives=("compute a warm-up",),
    cards=("warmup-and-cosine",),
)
def warmup_rate(p):
    rate, warmup, t, total = p.rate, p.warmup, p.t, p.total
    return Draft(
        stem=f"{warmup} steps of linear warm-up to η = {rate:g} are followed by a cosine decay, {total} "
        f"steps in all. Steps count from 0. What is the rate at t = {t}, by this course's convention?",
        key=nnlib.cosine_warmup(t, rate, warmup, total),
        check=lambda: sum(rate / warmup for _ in range(t + 1)),
        wrong=(
            misconception("warmup-begins-at-zero", rate * t / warmup),
            misconception("warmup-time-counts-as-decay", rate * (1 + math.cos(math.pi * t / total)) / 2),
            misconception("cosine-runs-upwards", rate * (1 - (t + 1) / warmup)),
            misconception("warmup-one-step-ahead", rate * (t + 2) / warmup),
        ),
        explain=rf"$\eta (t + 1)/\text{{warmup}} = {rate:g} \cdot {t + 1} / {warmup} = "
        rf"{rate * (t + 1) / warmup:.4g}$. The first step, t = 0, is not lost to a rate of 0.",
    )


@ask(
    id="cosine-rate",
    kind="numeric",
    topic="learning rate",
    bloom="apply",
    difficulty=3,
    params={"rate": (0.1, 0.2, 0.4, 1.0), "warmup": (10, 20), "span": (60, 120, 180), "sixths": (1, 2, 4, 5)},
    rtol=5e-3,
    objectives=("compute a cosine decay",),
    cards=("warmup-and-cosine",),
)
def cosine_rate(p):
    rate, warmup, total = p.rate, p.warmup, p.warmup + p.span
    t = warmup + p.span * p.sixths // 6
    left = (1 + math.cos(math.pi * p.sixths / 6)) / 2
    return Draft(
        stem=f"A rate of {rate:g} is reached after {warmup} steps of warm-up and then decays by half a "
        f"cosine to 0, {total} steps in all. Steps count from 0; the rate would be 0 at t = {total}. What is "
        f"the rate at t = {t}, to four significant digits?",
        key=nnlib.cosine_warmup(t, rate, warmup, total),
        check=lambda: rate * math.sin(math.pi / 2 * (total - t) / (total - warmup)) ** 2,
        wrong=(
            misconception("warmup-time-counts-as-decay", rate * (1 + math.cos(math.pi * t / total)) / 2),
            misconception("cosine-without-half", 2 * rate * left),
            misconception("decay-is-a-straight-line", rate * (total - t) / (total - warmup)),
            misconception("cosine-runs-upwards", rate * (1 - left)),
        ),
        explain=rf"Of the {total - warmup} steps after the warm-up, {t - warmup} are done, that is "
        rf"{p.sixths}/6. ${rate:g} \cdot \frac12 (1 + \cos({p.sixths}\pi/6)) = {rate * left:.3g}$.",
    )


@ask(
    id="steps-of-a-training",
    kind="numeric",
    topic="batch, stochastic, mini-batch",
    bloom="apply",
    difficulty=1,
    params={"n": (50, 70, 90, 110, 130), "batch": (8, 16, 32), "epochs": (3, 4, 10)},
    given=lambda p: p.n % p.batch,
    rtol=1e-6,
    objectives=("count steps, batches and epochs",),
    cards=("step-batch-epoch",),
)
def steps_of_a_training(p):
    n, batch, epochs = p.n, p.batch, p.epochs
    batches = nnlib.minibatches(n, batch, _RNG)
    return Draft(
        stem=f"{n} examples are used in batches of {batch}, the last batch of an epoch being shorter, for "
        f"{epochs} epochs. How many updates does the net get?",
        key=len(batches) * epochs,
        check=lambda: epochs * sum(1 for _ in range(0, n, batch)),
        wrong=(
            misconception("last-batch-is-lost", n // batch * epochs),
            misconception("epochs-forgotten", len(batches)),
            misconception("steps-and-epochs-confused", n * epochs),
        ),
        explain=f"{n}/{batch} = {n / batch:.4g}, so an epoch has {len(batches)} batches, the last of "
        f"{n % batch} examples. {len(batches)} · {epochs} = {len(batches) * epochs}.",
    )


@ask(
    id="noise-scale-of-four",
    kind="numeric",
    topic="batch, stochastic, mini-batch",
    bloom="apply",
    difficulty=4,
    params={"g": Entries(tuple(float(n) for n in range(-3, 10)), (4,), distinct=True)},
    given=lambda p: (
        (s := float(p.g.sum())) ** 2 / 2 > float(p.g @ p.g) > s * s / 4 + 8
    ),  # mean² > variance > 2
    rtol=5e-3,
    objectives=("estimate a noise scale",),
    cards=("noise-scale",),
)
def noise_scale_of_four(p):
    g = p.g.tolist()
    mean = sum(g) / 4
    variance = sum((x - mean) ** 2 for x in g) / 3
    square = mean * mean - variance / 4
    pairs = [(a, b) for i, a in enumerate(g) for b in g[i + 1 :]]
    return Draft(
        stem=f"A net with one weight has the gradients ${', '.join(f'{x:g}' for x in g)}$ on four examples. "
        "Estimate the noise scale tr Σ / |G|², with an unbiased estimate above and one below the line, to "
        "three significant digits.",
        key=nnlib.noise_scale(p.g[:, None]),
        # A product of two examples' gradients has the expected value G², half a squared difference has Σ.
        check=lambda: sum((a - b) ** 2 / 2 for a, b in pairs) / sum(a * b for a, b in pairs),
        wrong=(
            misconception("noise-scale-uncorrected", variance / mean**2),
            misconception("noise-scale-upside-down", square / variance),
            misconception("noise-scale-of-the-std", math.sqrt(variance / square)),
        ),
        explain=f"The mean is {mean:g}, the variance (over N − 1) {variance:.4g}. The squared mean less the "
        f"noise in it is {mean * mean:.4g} − {variance:.4g}/4 = {square:.4g}. {variance:.4g} / {square:.4g} "
        f"= {variance / square:.3g} examples.",
    )


@ask(
    id="rate-of-a-range-test",
    version=2,
    kind="single",
    topic="learning rate",
    bloom="apply",
    difficulty=2,
    params={"low": (1e-5, 1e-4, 1e-3), "decades": (2, 4), "total": (5, 9), "part": (1, 2, 3)},
    # The key is no power of ten, or another option is one too.
    given=lambda p: p.part != 2 if p.decades == 2 else p.total == 5,
    objectives=("lay out a range test",),
    cards=("range-test",),
)
def rate_of_a_range_test(p):
    low, total = p.low, p.total
    high = low * 10**p.decades
    t = (total - 1) // 4 * p.part
    return Draft(
        stem=f"A learning-rate range test goes from {low:g} to {high:g} *exponentially* in {total} steps, t = 0 to "
        f"{total - 1}. Which rate does it use at t = {t}?",
        key=nnlib.exponential_sweep(t, low, high, total),
        check=lambda: math.exp(math.log(low) + p.part / 4 * (math.log(high) - math.log(low))),
        wrong=(
            misconception("rates-spaced-evenly", low + (high - low) * p.part / 4),
            misconception("range-test-off-by-one", low * (high / low) ** (t / total)),
            misconception("range-test-off-by-one", low * (high / low) ** ((t + 1) / (total - 1))),
            misconception("range-test-runs-down", high * (low / high) ** (p.part / 4)),
        ),
        explain=f"t = {t} is {p.part}/4 of the way, on a log scale: {low:g} · {high / low:g}^({p.part}/4) = "
        f"{low * (high / low) ** (p.part / 4):.3g}.",
    )


@ask(
    id="two-steps-at-a-saddle",
    kind="vector",
    topic="landscapes",
    bloom="apply",
    difficulty=3,
    params={
        "x": (1.0, 2.0, 3.0),
        "y": (-0.5, 0.1, 0.2),
        "rate": (0.1, 0.2, 0.25),
    },
    objectives=("follow descent at a saddle",),
    cards=("saddles-slow-down",),
)
def two_steps_at_a_saddle(p):
    x, y, rate = p.x, p.y, p.rate
    w = np.array([x, y])
    for _ in range(2):
        w = nnlib.sgd(w, np.array([2 * w[0], -2 * w[1]]), rate)
    less, more = 1 - 2 * rate, 1 + 2 * rate
    return Draft(
        stem=rf"Gradient descent on $f(x, y) = x^2 - y^2$ starts at $({x:g}, {y:g})$ with rate {rate:g}. "
        "Where is it after two steps?",
        key=w,
        check=lambda: np.array([x * (1 - 4 * rate + 4 * rate**2), y * (1 + 4 * rate + 4 * rate**2)]),
        wrong=(
            misconception("moves-uphill-at-a-saddle", np.array([x * less**2, y * less**2])),
            misconception("saddles-trap-descent", np.array([x * less**2, y])),
            misconception("nudge-does-not-grow", np.array([x * less**2, y * (1 + 4 * rate)])),
        ),
        explain=f"The gradient is (2x, −2y). Each step multiplies x by 1 − 2 · {rate:g} = {less:g} and y by "
        f"1 + 2 · {rate:g} = {more:g}.",
        hints=("Write down the gradient, and mind its second sign.",),
    )


TEMPLATES = (
    step_decay_rate,
    warmup_rate,
    cosine_rate,
    steps_of_a_training,
    noise_scale_of_four,
    rate_of_a_range_test,
    two_steps_at_a_saddle,
)
