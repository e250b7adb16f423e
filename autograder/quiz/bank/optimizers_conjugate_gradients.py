"""Questions on lesson 10: conjugate gradients."""

from functools import partial

import numpy as np

import nnlib

from ..display import tex
from ..template import Draft, template
from ..wrong import misconception
from .tools import first, worked

ask = partial(template, version=1, lesson="10_optimizers", topic="optimizers")


@ask(
    id="conjugate-gradient-first-step",
    kind="vector",
    atol=1e-3,
    bloom="apply",
    difficulty=4,
    params={
        "A": (
            ((2.0, 0.0), (0.0, 4.0)),
            ((4.0, 1.0), (1.0, 2.0)),
            ((3.0, -1.0), (-1.0, 2.0)),
            ((5.0, 2.0), (2.0, 3.0)),
        ),
        "b": ((1.0, 2.0), (3.0, -1.0), (2.0, 5.0), (-2.0, 4.0)),
        "x": ((1.0, 1.0), (-1.0, 2.0), (2.0, 0.0)),
    },
    given=lambda p: max(map(abs, residual(p))) > 0 and min(map(abs, first_cg(p))) > 0.02,
    cards=("cg-residual", "cg-step-length"),
)
def conjugate_gradient_first_step(p):
    A, b, x = np.array(p.A), np.array(p.b), np.array(p.x)
    r = residual(p)
    full = misconception("cg-unit-step", x + np.array(r))
    return Draft(
        stem=rf"Conjugate gradients for $Ax = b$ with $A = {tex(A)}$ and $b = {tex(b)}$ start at ${tex(x)}$. Where are they after **one** step, "
        "to three significant digits?",
        key=nnlib.conjugate_gradient(A, b, x, 1e-10, 1)[0],
        check=lambda: first_cg(p),
        wrong=(
            *worked(
                "conjugate_gradient",
                *(p.A, p.b, p.x, 1e-10, 1),
                take=first,
                only=("start_ignored", "residual_upside_down"),
            ),
            full,
            misconception("cg-alpha-upside-down", lambda: x + np.array(r) / step_length(p)),
        ),
        explain=rf"$r = b - Ax = ({r[0]:g}, {r[1]:g})$, and $\alpha = r^\mathsf{{T}}r / r^\mathsf{{T}}Ar = {step_length(p):.4g}$. The step is "
        r"$\alpha r$: the best length along the residual, without a learning rate.",
    )


def residual(p):
    return [b - sum(a * x for a, x in zip(row, p.x, strict=True)) for row, b in zip(p.A, p.b, strict=True)]


def step_length(p):
    (a, c), (_, d) = p.A
    r, s = residual(p)
    return (r * r + s * s) / (a * r * r + 2 * c * r * s + d * s * s)


def first_cg(p):
    return [x + step_length(p) * r for x, r in zip(p.x, residual(p), strict=True)]


@ask(
    id="conjugate-gradient-two-steps",
    kind="vector",
    bloom="analyse",
    difficulty=3,
    claim=9,
    params={
        "A": (
            ((4.0, 1.0), (1.0, 2.0)),
            ((3.0, -1.0), (-1.0, 2.0)),
            ((5.0, 2.0), (2.0, 1.0)),
            ((2.0, 1.0), (1.0, 3.0)),
        ),
        "x": ((1.0, -1.0), (-2.0, 1.0), (2.0, 3.0), (-1.0, 3.0)),
        "start": ((0.5, 0.0), (0.0, 2.0), (-1.0, -1.0)),
    },
    cards=("cg-direction", "first-order-variants"),
)
def conjugate_gradient_two_steps(p):
    A, x = np.array(p.A), np.array(p.x)
    b, start = A @ x, np.array(p.start)
    (a, c), (_, d) = p.A
    return Draft(
        stem=rf"Conjugate gradients for $Ax = b$ with $A = {tex(A)}$ and $b = {tex(b)}$ start at ${tex(start)}$. Where are they after **two** "
        "steps, without rounding?",
        key=nnlib.conjugate_gradient(A, b, start, 1e-10, 2)[0],
        check=lambda: [(d * b[0] - c * b[1]) / (a * d - c * c), (a * b[1] - c * b[0]) / (a * d - c * c)],
        wrong=worked("conjugate_gradient", p.A, tuple(b.tolist()), p.start, 1e-10, 2, take=first),
        explain=rf"No more steps are needed than there are dimensions: after two steps $Ax = b$ is solved, by ${tex(x)}$. Gradient descent would "
        "only come closer.",
        hints=("How many steps do conjugate gradients need at most in two dimensions?",),
    )


TEMPLATES = (
    conjugate_gradient_first_step,
    conjugate_gradient_two_steps,
)
