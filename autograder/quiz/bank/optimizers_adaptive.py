"""Questions on lesson 10: AdaGrad and RMSprop."""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import bracketed, tex
from ..template import Draft, Entries, template
from ..wrong import misconception, mistakes_of
from .tools import after_steps, everything, first, walked

ask = partial(template, version=1, lesson="10_optimizers", topic="optimizers")


@ask(
    id="adagrad-two-parameters",
    kind="vector",
    bloom="apply",
    difficulty=2,
    params={
        "w": Entries((-2, -1, 1, 1.5, 3), (2,)),
        "legs": (
            ((3, 4), (6, 8)),
            ((4, 3), (-5, 12)),
            ((-8, 6), (3, 4)),
            ((12, 5), (-4, 3)),
            ((6, 8), (15, 8)),
        ),
        "rate": (0.1, 0.5, 2.0),
    },
    given=lambda p: (
        min(abs(w - p.rate * g / math.hypot(g, old)) for w, (g, old) in zip(p.w, p.legs, strict=True)) > 0.05
    ),
    cards=("adagrad-formula",),
)
def adagrad_two_parameters(p):
    g, old = np.array(p.legs, dtype=float).T
    roots = np.hypot(g, old).tolist()
    return Draft(
        stem=rf"AdaGrad, $\eta = {p.rate:g}$, ε negligible: $w = {tex(p.w)}$, $g = {tex(g)}$, and the sums of squares so far are "
        rf"$s = {tex(old**2)}$. What is $w$ after the step, to three significant digits?",
        key=nnlib.adagrad(p.w, g, old**2, p.rate)[0],
        check=lambda: [w - p.rate * x / r for w, x, r in zip(p.w.tolist(), g.tolist(), roots, strict=True)],
        wrong=mistakes_of("adagrad", p.w, g, old**2, p.rate, take=first, only=ADAGRAD_WRONG),
        explain=rf"Each entry has its own sum: $s + g^2$ has the roots {roots[0]:g} and {roots[1]:g}. The step is $-\eta g$ divided by "
        "that, entry by entry.",
    )


ADAGRAD_WRONG = (
    "root_forgotten",
    "square_forgotten",
    "old_sum",
    "newest_alone",
    "one_rate_for_all",
    "no_gradient",
)


@ask(
    id="adagrad-second-step",
    kind="numeric",
    bloom="apply",
    difficulty=3,
    params={
        "w": (-1.0, 1.0, 2.0),
        "g": ((3, 4), (-4, 3), (8, -6), (5, 12), (-12, -5), (15, 8), (20, -15), (6, 8)),
        "rate": (0.25, 0.4, 0.5),
    },
    given=lambda p: abs(p.w - p.rate * (math.copysign(1, p.g[0]) + p.g[1] / math.hypot(*p.g))) > 0.05,
    cards=("adagrad-formula", "optimizer-state"),
)
def adagrad_second_step(p):
    first, second = p.g
    root = math.hypot(*p.g)
    return Draft(
        stem=rf"AdaGrad starts at $w = {p.w:g}$ with $s = 0$ and $\eta = {p.rate:g}$ (ε negligible). The first two gradients are ${first}$ "
        f"and ${second}$. Where is $w$ after the **second** step?",
        key=walked(nnlib.adagrad, p.w, p.g, p.rate),
        check=lambda: p.w - p.rate * (math.copysign(1, first) + math.sin(math.atan2(second, abs(first)))),
        wrong=(
            *after_steps(
                "adagrad",
                p.w,
                p.g,
                p.rate,
                only=("sum_not_kept", "square_forgotten", "root_forgotten", "no_gradient"),
            ),
            misconception("first-step-is-the-gradient", p.w - p.rate * (first + second / root)),
        ),
        explain=rf"The first step has the size $\eta$, as $s = {first**2}$. Then $s = {first**2 + second**2}$, whose root is {root:g}, "
        rf"so the second step is $-{p.rate:g} \cdot {bracketed(second)}/{root:g}$.",
    )


@ask(
    id="adagrad-step-number",
    kind="single",
    bloom="understand",
    difficulty=2,
    params={"t": (4, 9, 16, 25, 64, 100, 400), "g": (2.0, 3.0, 5.0), "rate": (0.02, 0.1, 1.0)},
    cards=("adagrad-dies-out",),
)
def adagrad_step_number(p):
    before = (p.t - 1) * p.g**2
    return Draft(
        stem=rf"Every gradient is {p.g:g}. How long is AdaGrad's step number {p.t} with $\eta = {p.rate:g}$ (ε negligible)?",
        key=-float(nnlib.adagrad(0.0, p.g, before, p.rate)[0]),
        check=lambda: p.rate * math.exp(-math.log(p.t) / 2),
        wrong=(
            *mistakes_of(
                "adagrad",
                0.0,
                p.g,
                before,
                p.rate,
                take=lambda out: -out[0],
                only=("root_forgotten", "newest_alone"),
            ),
            misconception("adagrad-like-one-over-t", p.rate / p.t),
            misconception("adagrad-step-grows", p.rate * p.t**0.5),
            misconception("sgd-step-for-adagrad", p.rate * p.g),
        ),
        explain=rf"$s = {p.t} \cdot {p.g:g}^2$, so the step is $\eta \cdot {p.g:g}/({p.g:g}\sqrt{{{p.t}}}) = {p.rate:g}/"
        rf"{p.t**0.5:g} = {p.rate / p.t**0.5:.3g}$. AdaGrad's steps die out like $1/\sqrt t$.",
    )


@ask(
    id="rmsprop-what-is-returned",
    kind="vector",
    bloom="apply",
    difficulty=3,
    params={
        "w": (0.5, 2.0, -1.0),
        "g": (2.0, -3.0, 4.0, -6.0),
        "s": (0.0, 4.0, 9.0, 25.0),
        "rate": (0.1, 0.3),
        "rho": (0.75, 0.9),
    },
    given=lambda p: abs(p.w - p.rate * p.g / math.sqrt(p.rho * p.s + (1 - p.rho) * p.g**2)) > 0.05,
    cards=("rmsprop-formula", "moving-average"),
)
def rmsprop_what_is_returned(p):
    s = p.rho * p.s + (1 - p.rho) * p.g**2
    return Draft(
        stem=rf"`rmsprop` is called with $w = {p.w:g}$, $g = {p.g:g}$, $s = {p.s:g}$, $\eta = {p.rate:g}$ and $\rho = {p.rho:g}$; ε is "
        "negligible. What does it return, to three significant digits: the new $w$, then the new $s$?",
        key=everything(nnlib.rmsprop(p.w, p.g, p.s, p.rate, p.rho)),
        check=lambda: rms_by_hand(p),
        wrong=mistakes_of("rmsprop", p.w, p.g, p.s, p.rate, p.rho, take=everything, only=RMS_WRONG),
        explain=rf"$s = {p.rho:g} \cdot {p.s:g} + {1 - p.rho:.3g} \cdot {p.g**2:g} = {s:g}$ is a mean of squares, and the step "
        rf"$-{p.rate:g} \cdot {bracketed(p.g)}/\sqrt{{{s:g}}} = {-p.rate * p.g / s**0.5:.4f}$.",
    )


RMS_WRONG = (
    "shares_swapped",
    "sum_for_mean",
    "adagrad",
    "share_squared",
    "root_forgotten",
    "old_mean",
    "corrected",
    "root_returned",
    "mean_not_kept",
    "starts_at_first_square",
)


def rms_by_hand(p):
    root = math.hypot(math.sqrt(p.rho * p.s), math.sqrt(1 - p.rho) * p.g)
    return [p.w - p.rate * p.g / root, root**2]


@ask(
    id="rmsprop-first-step",
    kind="single",
    bloom="understand",
    difficulty=2,
    params={
        "rho": (0.75, 0.8, 0.9, 0.95, 0.96, 0.98, 0.99),
        "g": (-20.0, -6.0, -0.3, 0.2, 0.5, 4.0, 15.0, 50.0),
    },
    cards=("rmsprop-formula", "rmsprop-first-step"),
)
def rmsprop_first_step(p):
    return Draft(
        stem=rf"RMSprop with $\rho = {p.rho:g}$ starts with $s = 0$, and the first gradient is ${p.g:g}$ (ε negligible). How long is the "
        r"first step, in units of $\eta$?",
        key=abs(float(nnlib.rmsprop(0.0, p.g, 0.0, 1.0, p.rho)[0])),
        check=lambda: (1 - p.rho) ** -0.5,
        wrong=(
            *mistakes_of(
                "rmsprop", 0.0, p.g, 0.0, 1.0, p.rho, take=lambda out: np.abs(out[0]), only=RMS_FIRST
            ),
            misconception("rms-first-not-rooted", 1 / (1 - p.rho)),
        ),
        explain=rf"$s = {1 - p.rho:.3g}\,g^2$, whose root is ${math.sqrt(1 - p.rho):.3g}\,|g|$: the step is $\eta/{math.sqrt(1 - p.rho):.3g} = "
        rf"{(1 - p.rho) ** -0.5:.3g}\,\eta$, whatever $g$ is. Nothing corrects the start at 0.",
    )


RMS_FIRST = ("shares_swapped", "corrected", "starts_at_first_square", "share_squared", "root_forgotten")


TEMPLATES = (
    adagrad_two_parameters,
    adagrad_second_step,
    adagrad_step_number,
    rmsprop_what_is_returned,
    rmsprop_first_step,
)
