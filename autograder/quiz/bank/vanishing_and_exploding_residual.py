"""Questions on lesson 07: residual blocks."""

import math
from functools import partial

import numpy as np

import nnlib

from ...exercises import find
from ..display import bracketed, in_latex, tex
from ..template import Draft, template
from ..wrong import misconception, mistakes_of
from .tools import saying, second, worked

ask = partial(
    template, version=1, lesson="07_vanishing_and_exploding", topic="vanishing and exploding: remedies"
)
IN_BRANCH = ("slope_left_out", "slope_not_squared", "slope_of_the_slope", "value_for_slope")
IN_DX = ("shortcut_forgotten", "shortcut_only", "input_for_upstream", "one_for_upstream", "branch_multiplied")
IN_DW = ("shortcut_in_weights", "mean_over_examples", "upstream_after_shortcut")


def residual_inputs(p):
    return tuple(np.array(a, dtype=float) for a in (p.U, p.X, p.W, p.V))


@ask(
    id="residual-block-dx",
    kind="numeric",
    atol=1e-3,
    bloom="apply",
    difficulty=3,
    params={
        "U": (((2.0,),), ((-1.0,),), ((3.0,),), ((0.5,),)),
        "X": (((1.0,),), ((-2.0,),), ((2.0,),)),
        "W": (((0.3,),), ((-0.4,),), ((0.25,),)),
        "V": (((1.5,),), ((2.0,),), ((-0.6,),), ((-3.0,),)),
    },
    given=lambda p: abs(1 + p.V[0][0] * p.W[0][0] / math.cosh(p.X[0][0] * p.W[0][0]) ** 2) > 0.1,
    cards=("residual-gradient", "tanh-slope"),
)
def residual_block_dx(p):
    given = residual_inputs(p)
    u, x, w, v = (float(a[0, 0]) for a in given)
    a = math.tanh(x * w)
    slope = 1 - a * a
    return Draft(
        stem=rf"A residual block with one unit, $Y = X + \tanh(XW)\,V$, has $X = {x:g}$, $W = {w:g}$ and $V = {v:g}$. The upstream "
        rf"gradient is ${u:g}$. What is $dX$, to three significant digits? ($\tanh({x * w:g}) = {a:.4f}$)",
        key=float(find("residual_backward").reference(*given)[0][0, 0]),
        check=lambda: (u * ((x + 1e-30j) + np.tanh((x + 1e-30j) * w) * v)).imag / 1e-30,
        wrong=saying(
            {"shortcut_forgotten": "This is the dX of the branch alone. In how many ways does X reach Y?"},
            mistakes_of("residual_backward", *given, take=lambda out: out[0][0, 0], only=IN_BRANCH + IN_DX),
        ),
        explain=rf"Two ways add up. The shortcut hands back ${u:g}$; the branch $u \cdot V \cdot (1 - a^2) \cdot W = {u:g} \cdot "
        rf"{bracketed(v)} \cdot {slope:.4f} \cdot {bracketed(w)} = {u * v * slope * w:.4f}$.",
    )


@ask(
    id="residual-block-dw",
    kind="matrix",
    atol=1e-3,
    bloom="apply",
    difficulty=4,
    params={
        "U": (((2.0, 1.0), (-1.0, 3.0)), ((1.0, -2.0), (0.5, 1.0))),
        "X": (((1.0, 0.0), (-1.0, 2.0)), ((0.0, 2.0), (1.0, 1.0)), ((1.0, -1.0), (0.0, 1.0))),
        "W": (((0.5,), (-0.25,)), ((-0.4,), (0.3,)), ((0.75,), (0.5,))),
        "V": (((2.0, -1.0),), ((1.0, 3.0),), ((-1.5, 1.0),)),
    },
    cards=("residual-branch", "tanh-slope"),
)
def residual_block_dw(p):
    U, X, W, V = given = residual_inputs(p)
    a = np.tanh(X @ W).ravel()
    return Draft(
        stem=r"A residual block $Y = X + \tanh(XW)\,V$ is given 2 examples:"
        rf" $X = {tex(X)}$, $W = {tex(W)}$, $V = {tex(V)}$, upstream $U = {tex(U)}$. "
        rf"$\tanh(XW)$ is ${a[0]:.4f}$ and ${a[1]:.4f}$. What is $dW$, to three significant digits?",
        key=find("residual_backward").reference(*given)[1],
        check=lambda: [[slope_in_w(p, i)] for i in range(2)],
        wrong=worked("residual_backward", p.U, p.X, p.W, p.V, take=second, only=IN_BRANCH + IN_DW),
        explain=r"$dZ = (U V^\mathsf{T})(1 - a^2)$, for each example, and $dW = X^\mathsf{T} dZ$ adds the examples up. "
        "The shortcut does not pass through $W$.",
        hints=("The shortcut plays no part in $dW$: it is lesson 05's backward pass.",),
    )


def slope_in_w(p, i):
    """∂⟨U, Y⟩/∂W_i by complex step, in a loop of plain numbers."""
    w = [row[0] + (1e-30j if k == i else 0) for k, row in enumerate(p.W)]
    loss = 0
    for u, x in zip(p.U, p.X, strict=True):
        a = np.tanh(x[0] * w[0] + x[1] * w[1])
        loss += sum(u_j * (x_j + a * v_j) for u_j, x_j, v_j in zip(u, x, p.V[0], strict=True))
    return loss.imag / 1e-30


@ask(
    id="residual-chain-factor",
    kind="numeric",
    bloom="apply",
    difficulty=2,
    params={"b": (-0.3, -0.2, -0.1, -0.05, 0.04, 0.05, 0.15, 0.2, 0.25), "blocks": (5, 6, 8, 10, 12, 20)},
    cards=("residual-gradient", "residual-growth"),
)
def residual_chain_factor(p):
    b, L = p.b, p.blocks
    one = float(nnlib.residual_backward(np.array([1.0]), lambda U: b * U)[0])
    return Draft(
        stem=f"{L} residual blocks of one unit stand in a row, and every branch has the slope ${b:g}$ at its point. How many times as "
        "large as at the output is the gradient at the input, to three significant digits?",
        key=one**L,
        check=lambda: math.exp(L * math.log1p(b)),
        wrong=(
            misconception("residual_backward.shortcut_forgotten", b**L)._replace(
                says="This is the factor of the branches alone. X also reaches Y directly."
            ),
            misconception("residual_backward.shortcut_only", 1.0),
            misconception("residual-steps-added-up", 1 + L * b),
            misconception("residual-one-block-alone", 1 + b),
        ),
        explain=rf"Each block multiplies by $1 + {bracketed(b)} = {1 + b:g}$, and ${1 + b:g}^{{{L}}} = {in_latex((1 + b) ** L)}$. "
        rf"Without shortcuts it would be ${bracketed(b)}^{{{L}}} = {in_latex(b**L)}$.",
    )


TEMPLATES = (
    residual_block_dx,
    residual_block_dw,
    residual_chain_factor,
)
