"""Questions on lesson 04."""

import math
from functools import partial
from itertools import pairwise

import numpy as np

import nnlib

from ..template import Draft, Entries, grid, template
from ..wrong import misconception

ask = partial(template, version=1, lesson="04_gradient_checking", topic="gradient checking")


@ask(
    id="central-difference-cube",
    kind="numeric",
    bloom="apply",
    difficulty=2,
    params={"x": grid(-2, 2, 0.25, exclude=[-0.25, 0, 0.25]), "h": (0.25, 0.5, 1.0), "k": (1.0, 2.0, 3.0)},
    rtol=2e-3,
    digits=4,
    objectives=("compute a central difference",),
    cards=("central-difference-formula",),
)
def central_difference_cube(p):
    x, h, k = p.x, p.h, p.k
    up, down = k * (x + h) ** 3, k * (x - h) ** 3
    f = f"{k:g}x^3" if k != 1 else "x^3"
    return Draft(
        stem=rf"What is the *central difference* of $f(x) = {f}$ at $x = {x:g}$ with step $h = {h:g}$? Give "
        "four significant digits.",
        key=float(nnlib.central_difference(lambda x: k * x**3, np.array(x), h)),
        check=lambda: k * (3 * x * x + h * h),
        wrong=(
            misconception("difference-is-exact", 3 * k * x * x),
            misconception("one-sided-is-as-good", (up - k * x**3) / h),
            misconception("divides-by-h-not-2h", (up - down) / h),
            misconception("complex-step-has-plus-sign", k * (3 * x * x - h * h)),
        ),
        explain=rf"$\frac{{f({x + h:g}) - f({x - h:g})}}{{2 \cdot {h:g}}} = "
        rf"\frac{{{up:.6g} - ({down:.6g})}}{{{2 * h:g}}} = {(up - down) / (2 * h):.6g}$. The true slope is "
        rf"{3 * k * x * x:.6g}; the rest is the truncation error.",
        hints=("Evaluate f on both sides of the point.",),
    )


@ask(
    id="complex-step-cube",
    kind="single",
    bloom="apply",
    difficulty=3,
    params={"x": grid(0.75, 2.5, 0.25), "h": (0.25, 0.5)},
    rtol=2e-3,
    digits=4,
    objectives=("compute a complex step",),
    cards=("complex-step-formula",),
)
def complex_step_cube(p):
    x, h = p.x, p.h
    return Draft(
        stem=rf"To see its truncation error, take a complex step as large as $h = {h:g}$. What is "
        rf"$\operatorname{{Im}} f(x + ih) / h$ for $f(x) = x^3$ at $x = {x:g}$?",
        key=float(nnlib.complex_step(lambda z: z**3, np.array(x), h)),
        check=lambda: 3 * x * x - h * h,
        wrong=(
            misconception("complex-step-has-plus-sign", 3 * x * x + h * h),
            misconception("difference-is-exact", 3 * x * x)._replace(
                says="A step this large has an error of its own, −h²·f'''/6."
            ),
            misconception("takes-real-part", (x**3 - 3 * x * h * h) / h),
            misconception("forgets-to-divide-by-step", (3 * x * x - h * h) * h),
        ),
        explain="$(x + ih)^3 = x^3 - 3xh^2 + i(3x^2 h - h^3)$. The imaginary part over $h$ is $3x^2 - h^2 "
        rf"= {3 * x * x:.6g} - {h * h:g} = {3 * x * x - h * h:.6g}$. With $h = 10^{{-20}}$ nothing of this "
        "error is left.",
    )


@ask(
    id="step-across-kink",
    kind="numeric",
    bloom="analyse",
    difficulty=3,
    params={"share": grid(0.1, 0.8, 0.1), "h": (0.1, 0.01, 0.001), "sign": (-1.0, 1.0)},
    rtol=1e-2,
    objectives=("predict a numerical slope near a kink",),
    cards=("check-at-a-kink",),
)
def step_across_kink(p):
    z, h = round(p.sign * p.share, 1) * p.h, p.h
    return Draft(
        stem=f"A ReLU unit stands at $z = {z:g}$. What slope does a central difference with step $h = "
        f"{h:g}$ find? Give three significant digits.",
        key=float(nnlib.central_difference(nnlib.relu, np.array(z), h)),
        check=lambda: (z + h) / (2 * h),
        wrong=(
            misconception("difference-is-exact", 1.0 if z > 0 else 0.0)._replace(
                says="The step reaches across the kink, so the quotient is not the slope at z."
            ),
            misconception("kink-average-is-the-slope", 0.5),
            misconception("divides-by-h-not-2h", (z + h) / h),
            misconception("kink-means-bug", 0.0 if z > 0 else 1.0),
        ),
        explain=f"$f(z + h) = {z + h:g}$, and $f(z - h) = 0$, as ${z - h:g}$ is negative. So ${z + h:g} / "
        f"{2 * h:g} = {(z + h) / (2 * h):.3g}$. The step crosses the kink, so that both slopes are mixed.",
    )


def _tell_apart(a, d):
    """Whether this course's relative error and three others of a and a + d differ by more than is tolerated."""
    size, other, apart = math.hypot(*a), math.hypot(a[0] + d[0], a[1] + d[1]), math.hypot(*d)
    larger = max(size, other)
    found = sorted((apart / larger, apart, apart / (size + other), abs(size - other) / larger))
    return all(y > 1.03 * x for x, y in pairwise(found))


@ask(
    id="relative-error-value",
    kind="numeric",
    bloom="apply",
    difficulty=2,
    params={"a": Entries((-4.0, -3.0, -2.0, 2.0, 3.0, 4.0), (2,)), "d": Entries((-1.0, 0.5, 1.0), (2,))},
    given=lambda p: _tell_apart(p.a.tolist(), p.d.tolist()),
    rtol=1e-2,
    objectives=("compare two gradients",),
    cards=("relative-error-formula",),
)
def relative_error_value(p):
    a, b = p.a, p.a + p.d
    size, other, apart = math.hypot(*a), math.hypot(*b), math.hypot(*p.d)
    return Draft(
        stem=f"A backward pass gives the gradient $({b[0]:g}, {b[1]:g})$, central differences give "
        f"$({a[0]:g}, {a[1]:g})$. What is the relative error of this tensor, by this course's convention? "
        "Give three significant digits.",
        key=nnlib.relative_error(b, a),
        check=lambda: (
            (
                sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
                / max(a[0] ** 2 + a[1] ** 2, b[0] ** 2 + b[1] ** 2)
            )
            ** 0.5
        ),
        wrong=(
            misconception("absolute-error-is-enough", apart),
            misconception("divides-by-the-sum", apart / (size + other)),
            misconception(
                "largest-error-of-an-entry",
                lambda: max(abs(x - y) / max(abs(x), abs(y)) for x, y in zip(a, b, strict=True)),
            ),
            misconception("compares-norms-only", abs(size - other) / max(size, other)),
        ),
        explain=rf"$\|a - b\| = {apart:.4g}$; the norms are {size:.4g} and {other:.4g}. Divided by the "
        rf"larger: {apart / max(size, other):.3g}.",
    )


TEMPLATES = (central_difference_cube, complex_step_cube, step_across_kink, relative_error_value)
