"""Questions on lesson 06."""

from functools import partial

import numpy as np

import nnlib

from ..display import bracketed
from ..template import Draft, Entries, template
from ..wrong import misconception

ask = partial(template, version=1, lesson="06_autodiff", topic="automatic differentiation")


@ask(
    id="diamond-gradient",
    kind="single",
    bloom="apply",
    difficulty=3,
    params={"x": (-3.0, -2.0, 2.0, 3.0, 4.0), "k": (2.0, 3.0, 5.0, 7.0)},
    given=lambda p: abs(p.x + p.k) > 0.5,
    objectives=("follow all ways through a graph",),
    cards=("accumulate-gradients",),
)
def diamond_gradient(p):
    x, k = p.x, p.k
    leaf = nnlib.Tensor(x, requires_grad=True)
    b = leaf * leaf
    c = b + leaf * k
    (b * c).backward()
    through_c, direct = x * x, x * x + k * x  # ∂loss/∂c and c itself, ∂loss/∂b as far as loss sees b itself
    return Draft(
        stem=rf"Given $b = x^2$, $c = b + {k:g}x$ and $\text{{loss}} = b \cdot c$. What is "
        rf"$\partial\,\text{{loss}} / \partial x$ at $x = {x:g}$?",
        key=float(leaf.grad),
        check=lambda: 4 * x**3 + 3 * k * x * x,
        wrong=(
            misconception("overwrites-shared-gradient", through_c * k),
            misconception("drops-second-path", direct * 2 * x + through_c * k),
            misconception("drops-second-path", (direct + through_c) * 2 * x),
            misconception("multiplies-the-paths", direct * through_c * 2 * x + through_c * k),
            misconception("value-for-gradient", x * x * direct),
        ),
        explain=rf"$\partial\,\text{{loss}}/\partial c = b = {x * x:g}$. $b$ is used twice: $c + b = "
        rf"{direct:g} + {x * x:g} = {direct + x * x:g}$. $x$ is used in $b$ and in $c$: ${direct + x * x:g} "
        rf"\cdot 2x + {x * x:g} \cdot {k:g} = {(direct + x * x) * 2 * x + x * x * k:g}$.",
        hints=("How many ways lead from x to the loss?",),
    )


@ask(
    id="max-with-ties",
    kind="vector",
    bloom="apply",
    difficulty=2,
    params={
        "row": Entries((0.0, 1.0, 2.0, 5.0, 5.0, 7.0, 7.0), (4,)),
        "u": (-12.0, -6.0, 6.0, 12.0, 18.0),
    },
    given=lambda p: 2 <= int(np.sum(p.row == p.row.max())) <= 3,
    objectives=("differentiate a maximum with ties",),
    cards=("max-ties",),
)
def max_with_ties(p):
    row, u = p.row, p.u
    top = row.max()
    attained = row == top
    k = int(attained.sum())
    first = np.zeros(4)
    first[int(attained.argmax())] = u
    entries = ", ".join(f"{x:g}" for x in row)
    return Draft(
        stem=f"The maximum of $X = ({entries})$ has the upstream gradient ${u:g}$. What is the gradient at "
        "X, by this course's convention for equal entries?",
        key=nnlib.max_backward(np.array(u), row),
        check=lambda: np.array([u / list(row).count(top) if x == top else 0.0 for x in row]),
        wrong=(
            misconception("all-maxima-get-all", np.where(attained, u, 0.0)),
            misconception("first-maximum-gets-all", first),
            misconception("shares-over-all-entries", np.full(4, u / 4)),
        ),
        explain=f"{k} entries equal the maximum, {top:g}. Each gets ${u:g}/{k} = {u / k:g}$, the others 0.",
    )


@ask(
    id="backward-called-again",
    kind="numeric",
    bloom="apply",
    difficulty=2,
    params={"w": (-4.0, -3.0, -2.0, 3.0, 5.0), "x": (-2.0, 3.0, 4.0), "calls": (2, 3, 4)},
    given=lambda p: abs(p.w * p.x) != 2,
    objectives=("predict what repeated calls of backward leave",),
    cards=("zero-grad",),
)
def backward_called_again(p):
    w, x, calls = p.w, p.x, p.calls
    leaf = nnlib.Tensor(w, requires_grad=True)
    loss = leaf * leaf * x
    for _ in range(calls):
        loss.backward()
    times = {2: "twice", 3: "three times", 4: "four times"}[calls]
    return Draft(
        stem=rf"A leaf of this course's `Tensor`, $w = {w:g}$, gives $\text{{loss}} = {x:g} w^2$. `loss.backward()` is called {times}, "
        "without `zero_grad`. What does `w.grad` hold?",
        key=float(leaf.grad),
        check=lambda: sum(x * ((w + 0.5) ** 2 - (w - 0.5) ** 2) for _ in range(calls)),
        wrong=(
            misconception("gradient-is-reset-by-itself", 2 * w * x),
            misconception("multiplies-the-paths", (2 * w * x) ** calls),
            misconception("value-for-gradient", x * w * w),
            misconception("drops-second-path", calls * w * x),
        ),
        explain=rf"One call adds $2 \cdot {bracketed(x)} \cdot {bracketed(w)} = {2 * w * x:g}$. {calls} calls leave "
        rf"${2 * w * x * calls:g}$.",
    )


TEMPLATES = (diamond_gradient, max_with_ties, backward_called_again)
