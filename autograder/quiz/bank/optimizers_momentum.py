"""Questions on lesson 10: momentum and Nesterov's rule."""

import math
from functools import partial

import nnlib

from ..display import bracketed
from ..template import Draft, template
from ..wrong import misconception, mistakes_of
from .tools import after_steps, apart, besides, everything, first, that_explains, walked

ask = partial(template, version=1, lesson="10_optimizers", topic="optimizers")
BALL = (
    "dampened",
    "old_velocity",
    "velocity_unused",
    "rate_twice",
    "mu_forgotten",
    "mu_on_the_gradient",
    "mu_fixed",
    "velocity_not_kept",
    "uphill",
)


@ask(
    id="heavy-ball-second-step",
    kind="numeric",
    bloom="apply",
    difficulty=3,
    params={
        "w": (-1.0, 2.0, 3.0),
        "g": ((4, 2), (2, -1), (-3, -2), (5, 1)),
        "rate": (0.05, 0.1, 0.2),
        "mu": (0.5, 0.8),
    },
    given=lambda p: abs(p.w - p.rate * (p.g[0] * (1 + p.mu) + p.g[1])) > 0.1,
    cards=("momentum-formula", "optimizer-state"),
)
def heavy_ball_second_step(p):
    first, second = p.g
    v = p.mu * first + second
    return Draft(
        stem=rf"Momentum (the heavy ball: $v \leftarrow \mu v + g$, $w \leftarrow w - \eta v$) starts at $w = {p.w:g}$ with $v = 0$, "
        rf"$\eta = {p.rate:g}$ and $\mu = {p.mu:g}$. The first two "
        f"gradients are ${first}$ and ${second}$. Where is $w$ after the **second** step?",
        key=walked(nnlib.momentum, p.w, p.g, p.rate, p.mu),
        check=lambda: p.w - p.rate * ((1 + p.mu) * first + second),
        wrong=after_steps("momentum", p.w, p.g, p.rate, p.mu, only=BALL),
        explain=rf"$v$ is ${first}$, then ${p.mu:g} \cdot {bracketed(first)} + {bracketed(second)} = {v:g}$. So $w = {p.w:g} - {p.rate:g} \cdot {bracketed(first)} - "
        rf"{p.rate:g} \cdot {bracketed(v)} = {p.w - p.rate * (first + v):g}$.",
    )


@ask(
    id="momentum-what-is-returned",
    kind="vector",
    bloom="apply",
    difficulty=2,
    params={
        "w": (0.5, 1.5, -2.0),
        "g": (3.0, -4.0, 2.0),
        "v": (5.0, -6.0, 8.0),
        "rate": (0.05, 0.1, 0.25),
        "mu": (0.5, 0.75, 0.8),
    },
    given=lambda p: abs(p.mu * p.v + p.g) > 0.1 and abs(p.w - p.rate * (p.mu * p.v + p.g)) > 0.01,
    cards=("momentum-formula", "momentum-order"),
)
def momentum_what_is_returned(p):
    v = p.mu * p.v + p.g
    return Draft(
        stem=rf"`momentum` is called with $w = {p.w:g}$, $g = {p.g:g}$, $v = {p.v:g}$, $\eta = {p.rate:g}$, $\mu = {p.mu:g}$. With "
        r"$v \leftarrow \mu v + g$, $w \leftarrow w - \eta v$, what does it return: the new $w$, then the new $v$?",
        key=everything(nnlib.momentum(p.w, p.g, p.v, p.rate, p.mu)),
        check=lambda: [p.w - p.rate * p.mu * p.v - p.rate * p.g, p.g + p.v - (1 - p.mu) * p.v],
        wrong=mistakes_of("momentum", p.w, p.g, p.v, p.rate, p.mu, take=everything),
        explain=rf"First $v = {p.mu:g} \cdot {bracketed(p.v)} + {bracketed(p.g)} = {v:g}$, a sum that forgets, then "
        rf"$w = {p.w:g} - {p.rate:g} \cdot {bracketed(v)} = {p.w - p.rate * v:g}$.",
    )


@ask(
    id="momentum-in-the-long-run",
    kind="single",
    bloom="understand",
    difficulty=2,
    claim=11,
    params={"mu": (0.5, 0.75, 0.8, 0.9, 0.95), "g": (0.5, 2.0, 4.0), "rate": (0.01, 0.02, 0.1)},
    cards=("momentum-long-run", "momentum-not-adaptive"),
)
def momentum_in_the_long_run(p):
    step, v = p.rate * p.g, p.g / (1 - p.mu)
    return Draft(
        stem=rf"Every gradient is {p.g:g}. Momentum ($v \leftarrow \mu v + g$, $w \leftarrow w - \eta v$) runs with $\eta = {p.rate:g}$ and "
        rf"$\mu = {p.mu:g}$. How long are its steps in the end?",
        key=-float(nnlib.momentum(0.0, p.g, v, p.rate, p.mu)[0]),
        check=lambda: step * math.fsum(p.mu**k for k in range(2000)),
        wrong=(
            misconception("momentum.dampened", step),
            misconception("momentum-one-echo", step * (1 + p.mu)),
            misconception("momentum-over-mu", step / p.mu),
            misconception("momentum.rate_twice", step * p.rate / (1 - p.mu)),
        ),
        explain=rf"The velocity becomes $g(1 + \mu + \mu^2 + \dots) = g/(1 - \mu) = {v:g}$, and a step is $\eta$ times that: "
        rf"{p.rate * v:.3g}. A larger gradient makes a larger step: nothing adapts.",
    )


@ask(
    id="nesterov-what-is-returned",
    kind="vector",
    bloom="apply",
    difficulty=3,
    params={
        "w": (0.5, 1.0, -2.0),
        "g": (3.0, -4.0, 2.0),
        "v": (6.0, -2.5, 10.0),
        "rate": (0.05, 0.1, 0.2),
        "mu": (0.5, 0.8),
    },
    given=lambda p: (
        abs(p.mu * p.v + p.g) > 0.1 and abs(p.w - p.rate * (p.g + p.mu * (p.mu * p.v + p.g))) > 0.01
    ),
    cards=("nesterov-formula",),
)
def nesterov_what_is_returned(p):
    v = p.mu * p.v + p.g
    ahead = p.g + p.mu * v
    return Draft(
        stem=rf"`nesterov` is called with $w = {p.w:g}$, $g = {p.g:g}$, $v = {p.v:g}$, $\eta = {p.rate:g}$, $\mu = {p.mu:g}$. With "
        r"$v \leftarrow \mu v + g$, $w \leftarrow w - \eta(g + \mu v)$ (the new $v$), what does it return: the new $w$, then the new $v$?",
        key=everything(nnlib.nesterov(p.w, p.g, p.v, p.rate, p.mu)),
        check=lambda: [p.w - p.rate * ((1 + p.mu) * p.g + p.mu**2 * p.v), p.g + p.mu * p.v],
        wrong=mistakes_of("nesterov", p.w, p.g, p.v, p.rate, p.mu, take=everything),
        explain=rf"$v = {p.mu:g} \cdot {bracketed(p.v)} + {bracketed(p.g)} = {v:g}$, as for momentum. The step looks ahead with the new $v$: "
        rf"$g + \mu v = {ahead:g}$, so $w = {p.w:g} - {p.rate:g} \cdot {bracketed(ahead)} = {p.w - p.rate * ahead:g}$.",
    )


# What a student may have written for momentum, and the w that it gives.
BALLS = {
    "dampened": (r"the new gradient was multiplied by $1 - \mu$", lambda w, g, v, r, u: w - r * (u * v + g - u * g)),
    "old_velocity": ("$w$ moved before the velocity was updated", lambda w, g, v, r, u: w - r * v),
    "velocity_unused": ("$w$ moved along the gradient alone", lambda w, g, v, r, u: w - r * g),
    "rate_twice": (r"$\eta$ is in the velocity and in the step", lambda w, g, v, r, u: w - r * (u * v + r * g)),
    "mu_forgotten": (r"$\mu$ was left out of the velocity", lambda w, g, v, r, u: w - r * (v + g)),
    "mu_on_the_gradient": (r"$\mu$ multiplies $g$ where it should multiply $v$", lambda w, g, v, r, u: w - r * (v + u * g)),
    "uphill": ("the step goes uphill", lambda w, g, v, r, u: w + r * (u * v + g)),
}  # fmt: skip


@ask(
    id="momentum-find-the-error",
    kind="find-the-error",
    bloom="analyse",
    difficulty=3,
    params={
        "bug": tuple(BALLS),
        "w": (1.0, 4.0),
        "g": (-3.0, 2.0, 5.0),
        "v": (-4.0, 6.0, 10.0),
        "rate": (0.1, 0.2),
        "mu": (0.6, 0.8),
    },
    given=lambda p: apart([f(p.w, p.g, p.v, p.rate, p.mu) for _, f in BALLS.values()]),
    cards=("momentum-formula", "momentum-order"),
)
def momentum_find_the_error(p):
    given = p.w, p.g, p.v, p.rate, p.mu
    (bug,) = mistakes_of("momentum", *given, take=first, only=(p.bug,))
    got, right = bug.compute(), float(nnlib.momentum(*given)[0])
    return Draft(
        stem=rf"Momentum with $\eta = {p.rate:g}$, $\mu = {p.mu:g}$ at $w = {p.w:g}$, $v = {p.v:g}$ gets the gradient ${p.g:g}$. A student's "
        f"program moves $w$ to ${got:.4g}$, where ${right:.4g}$ is right. What went wrong?",
        key=BALLS[p.bug][0],
        check=lambda: that_explains(got, {text: f(*given) for text, f in BALLS.values()}),
        wrong=besides("momentum", BALLS, p.bug),
        explain=rf"Right is $v = {p.mu:g} \cdot {bracketed(p.v)} + {bracketed(p.g)} = {p.mu * p.v + p.g:g}$ and then $w - \eta v = {right:.4g}$. The value "
        f"${got:.4g}$ comes out where {BALLS[p.bug][0]}.",
    )


TEMPLATES = (
    heavy_ball_second_step,
    momentum_what_is_returned,
    momentum_in_the_long_run,
    nesterov_what_is_returned,
    momentum_find_the_error,
)
