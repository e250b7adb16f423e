"""Questions on lesson 10: gradient descent, learning rates, and rules beside each other.

Keys come from the library's update rules, second derivations from formulas by hand.
"""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import bracketed, in_latex, tex
from ..template import Draft, Entries, template
from ..wrong import misconception, mistakes_of
from .tools import apart

RULES = "optimizers"
RATE = "learning rate"
ask = partial(template, version=1, lesson="10_optimizers")


@ask(
    id="sgd-one-step",
    kind="vector",
    topic=RULES,
    bloom="apply",
    difficulty=1,
    params={
        "w": Entries((-2, -1, 0.5, 1, 3), (2,), distinct=True),
        "g": Entries((-4, -2.5, -0.5, 0.4, 2, 5), (2,), distinct=True),
        "rate": (0.1, 0.2, 0.5),
    },
    given=lambda p: np.abs(p.g).max() > 1 and np.abs(p.w - p.rate * p.g).min() > 0.01,
    cards=("sgd-formula", "descent-direction"),
)
def sgd_one_step(p):
    return Draft(
        stem=rf"Gradient descent stands at $w = {tex(p.w)}$, where the gradient is $g = {tex(p.g)}$. Where is it after one step "
        rf"with learning rate $\eta = {p.rate:g}$?",
        key=nnlib.sgd(p.w, p.g, p.rate),
        check=lambda: [math.fsum((a, -p.rate * b)) for a, b in zip(p.w.tolist(), p.g.tolist(), strict=True)],
        wrong=mistakes_of("sgd", p.w, p.g, p.rate),
        explain=rf"$w - \eta g$, each entry by itself: the step is ${tex(-p.rate * p.g)}$.",
    )


@ask(
    id="two-steps-in-a-bowl",
    kind="numeric",
    topic=RATE,
    bloom="apply",
    difficulty=2,
    params={"curvature": (2, 4, 5, 8), "start": (-10, 1, 5, 100), "rate": (0.05, 0.1, 0.15, 0.3, 0.4)},
    given=lambda p: abs(1 - p.rate * p.curvature) > 0.05,
    cards=("bowl-factor", "learning-rate-bound"),
)
def two_steps_in_a_bowl(p):
    c, w = float(p.curvature), float(p.start)
    for _ in range(2):
        w = float(nnlib.sgd(w, c * w, p.rate))
    factor = 1 - p.rate * c
    return Draft(
        stem=rf"The loss is $\frac12 \lambda w^2$ with $\lambda = {c:g}$. Gradient descent starts at $w = {p.start:g}$ with "
        rf"$\eta = {p.rate:g}$. Where is it after **two** steps?",
        key=w,
        check=lambda: p.start * (1 - 2 * p.rate * c + (p.rate * c) ** 2),
        wrong=(
            misconception("bowl-steps-added", p.start * (1 - 2 * p.rate * c)),
            misconception("bowl-one-step", p.start * factor),
            misconception("bowl-half-kept", p.start * (1 - p.rate * c / 2) ** 2),
            misconception("sgd.plus_for_minus", p.start * (1 + p.rate * c) ** 2),
            misconception("sgd.shrinks_weights", p.start * (1 - p.rate) ** 2),
        ),
        explain=rf"The gradient is $\lambda w$, so each step multiplies $w$ by $1 - \eta\lambda = {factor:g}$: "
        rf"${p.start:g} \cdot {bracketed(factor)}^2 = {in_latex(w)}$.",
    )


@ask(
    id="largest-stable-rate",
    version=2,
    kind="single",
    topic=RATE,
    bloom="apply",
    difficulty=3,
    claim=14,
    params={"a": Entries((0.5, 1, 2, 4, 5, 10, 25, 50), (2,), distinct=True), "start": (10, 100, 1000)},
    cards=("learning-rate-bound", "curvature-not-size"),
)
def largest_stable_rate(p):
    a, b = p.a.tolist()
    top = max(a, b)
    # The steepest direction is the one in which a step of rate 1 goes furthest below where it started.
    most = 1 - min(nnlib.sgd(np.ones(2), 2 * p.a, 1.0).tolist())
    terms = " + ".join(rf"{c:g}\,w_{i}^2" if c != 1 else f"w_{i}^2" for i, c in ((1, a), (2, b)))
    return Draft(
        stem=rf"$\mathrm{{loss}} = {terms}$. Below which learning rate does gradient descent converge from "
        rf"$w = ({p.start}, {p.start})$?",
        key=2 / most,
        check=lambda: bisected(lambda rate: all(abs(1 - 2 * rate * c) < 1 for c in (a, b))),
        wrong=(
            misconception("curvature-half-left-out", 2 / top),
            misconception("rate-one-over-curvature", 0.5 / top),
            misconception("smallest-curvature-decides", 1 / min(a, b)),
            misconception("rate-from-gradient-size", 1 / (2 * top * p.start)),
        ),
        explain=rf"The curvatures are the second derivatives, {2 * a:g} and {2 * b:g}. The largest decides: "
        rf"$\eta < 2/\lambda_{{max}} = 2/{2 * top:g} = {1 / top:g}$, from any start.",
    )


def bisected(holds):
    """The end of where a condition holds, from 0 on."""
    low, high = 0.0, 1e3
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


@ask(
    id="which-rates-converge",
    kind="multiple",
    topic=RATE,
    bloom="analyse",
    difficulty=3,
    params={"curvature": (0.4, 2, 4, 5, 8, 10, 20), "start": (0.001, 1, 1000)},
    cards=("learning-rate-bound", "bowl-factor"),
)
def which_rates_converge(p):
    c = p.curvature
    text = {share: rf"$\eta = {share / c:.4g}$" for share in (0.25, 1.5, 1.9, 2.0, 2.1, 3.0)}
    converges = [share for share in text if abs(float(nnlib.sgd(1.0, c, share / c))) < 1 - 1e-9]
    return Draft(
        stem=rf"$\mathrm{{loss}} = \frac12 \cdot {c:g} \cdot w^2$, start at $w = {p.start:g}$. With which of these learning rates does "
        "gradient descent converge to the minimum?",
        key=tuple(text[share] for share in converges),
        check=lambda: tuple(t for share, t in text.items() if -1 + 1e-9 < math.fsum((1, -share)) < 1),
        wrong=(
            misconception("bound-itself-converges", text[2.0]),
            misconception("just-above-converges", text[2.1]),
            misconception("jumping-across-converges", text[3.0]),
        ),
        explain=rf"Each step multiplies $w$ by $1 - {c:g}\,\eta$, which is between −1 and 1 for $0 < \eta < {2 / c:g}$. At "
        rf"{2 / c:g} itself it swings for ever. The start does not matter.",
    )


@ask(
    id="l2-penalty-with-sgd",
    kind="single",
    topic="regularisation",
    bloom="apply",
    difficulty=2,
    params={
        "w": (-4.0, -2.5, 2.0, 3.0, 5.0, 8.0),
        "g": (-3.0, -1.5, 1.0, 2.0, 4.0),
        "rate": (0.1, 0.2),
        "decay": (0.2, 0.4, 0.5),
    },
    given=lambda p: apart(l2_values(p)),
    cards=("adamw-decoupled", "sgd-formula"),
)
def l2_penalty_with_sgd(p):
    _, forgotten, grown, alone, by_sign = l2_values(p)
    shrunk = 1 - p.rate * p.decay
    return Draft(
        stem=rf"The penalty $\frac12 \lambda w^2$ with $\lambda = {p.decay:g}$ is added to a loss whose gradient at $w = {p.w:g}$ is "
        rf"${p.g:g}$. Where does one step of SGD with $\eta = {p.rate:g}$ lead?",
        key=float(nnlib.sgd(p.w, p.g, p.rate, weight_decay=p.decay)),
        check=lambda: shrunk * p.w - p.rate * p.g,
        wrong=(
            misconception("penalty-left-out", forgotten),
            misconception("adamw.weights_grow", grown),
            misconception("adamw.rate_forgotten", alone),
            misconception("adamw.decay_by_sign", by_sign),
        ),
        explain=rf"The penalty adds $\lambda w$ to the gradient: ${p.w:g} - {p.rate:g}\,({p.g:g} + {p.decay:g} \cdot {bracketed(p.w)})$. For "
        rf"SGD that is the same as shrinking $w$ by the factor ${shrunk:g}$ first.",
    )


def l2_values(p):
    plain, decay = p.w - p.rate * p.g, p.decay * p.w
    return (
        plain - p.rate * decay,
        plain,
        plain + p.rate * decay,
        plain - decay,
        plain - p.rate * math.copysign(p.decay, p.w),
    )


# By which power of the loss's scale the steps grow, and how the rules are called.
POWERS = {"sgd": 1, "momentum": 1, "nesterov": 1, "adagrad": 0, "rmsprop": 0, "adam": 0}
NAMES = {
    "sgd": "SGD",
    "momentum": "momentum",
    "nesterov": "Nesterov's rule",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSprop",
    "adam": "Adam",
}


@ask(
    id="loss-times-a-number",
    kind="single",
    topic="learning rate",
    bloom="understand",
    difficulty=2,
    claim=14,
    params={"rule": tuple(POWERS), "scale": (9, 25, 100, 400), "g": (0.3, 2.0, -5.0)},
    cards=("scale-of-the-loss", "momentum-not-adaptive"),
)
def loss_times_a_number(p):
    row = nnlib.OPTIMIZERS[p.rule]
    rest = (*(0.0 for _ in row.slots), *((1,) if row.counted else ()), 0.01)

    def first(g):
        got = row.step(0.0, g, *rest)
        return float(got[0] if row.slots else got)

    k = p.scale
    return Draft(
        stem=f"The loss, and so every gradient, is multiplied by {k}; nothing else changes, and the gradients are far above ε. By what is the "
        f"first step of {NAMES[p.rule]} multiplied?",
        key=first(k * p.g) / first(p.g),
        check=lambda: float(k ** POWERS[p.rule]),
        wrong=(
            misconception(
                "every-rule-adapts" if POWERS[p.rule] else "every-rule-scales",
                float(k ** (1 - POWERS[p.rule])),
            ),
            misconception("step-grows-like-root", k**0.5),
            misconception("step-shrinks-with-scale", 1 / k),
            misconception("step-grows-like-square", float(k * k)),
        ),
        explain="The step is a multiple of the gradient, so it grows with it: momentum and its kin adapt nothing."
        if POWERS[p.rule]
        else "The gradient is divided by a root of its own squares, in which the scale cancels.",
    )


@ask(
    id="rules-by-first-step",
    kind="order",
    topic=RULES,
    bloom="analyse",
    difficulty=3,
    params={
        "g": (0.02, 0.05, 0.1, 0.2, 0.3, 0.7, 2.0, 3.0, 4.0, 7.0, 8.0, 20.0, 30.0, 50.0),
        "rate": (0.001, 0.002, 0.01),
    },
    cards=("adam-first-step", "rmsprop-first-step", "nesterov-formula"),
)
def rules_by_first_step(p):
    given = 0.0, p.g, 0.0
    sizes = {
        "SGD": -float(nnlib.sgd(0.0, p.g, p.rate)),
        r"Nesterov ($\mu = 0.9$)": -float(nnlib.nesterov(*given, p.rate)[0]),
        r"RMSprop ($\rho = 0.99$)": -float(nnlib.rmsprop(*given, p.rate)[0]),
        "Adam": -float(nnlib.adam(*given, 0.0, 1, p.rate)[0]),
    }
    by_hand = dict(zip(sizes, (p.g, 1.9 * p.g, 10.0, 1.0), strict=True))
    return Draft(
        stem=rf"All rules start with their state at 0 and $\eta = {p.rate:g}$; the first gradient is {p.g:g}. Nesterov's step is "
        r"$\eta(g + \mu v)$ with the new $v$. Order them by the length of the first step, shortest first.",
        key=tuple(sorted(sizes, key=sizes.get)),
        check=lambda: tuple(sorted(by_hand, key=by_hand.get)),
        explain=rf"In units of $\eta$: SGD $g = {p.g:g}$; Nesterov $g + \mu g = {1.9 * p.g:g}$; Adam 1, as its means are corrected; RMSprop "
        r"$1/\sqrt{1 - \rho} = 10$, as nothing corrects its start.",
    )


TEMPLATES = (
    sgd_one_step,
    two_steps_in_a_bowl,
    largest_stable_rate,
    which_rates_converge,
    l2_penalty_with_sgd,
    loss_times_a_number,
    rules_by_first_step,
)
