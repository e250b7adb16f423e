"""Questions on lesson 05: the gradients of a linear layer."""

from functools import partial

import numpy as np

import nnlib

from ..display import bracketed, shown, tex
from ..template import Draft, Entries, template
from ..wrong import misconception, mistakes_of
from .backpropagation import NOT_ZERO, WHOLE
from .tools import values_of, would_give

ask = partial(template, lesson="05_backpropagation", version=1)


@ask(
    id="linear-weights-gradient", objectives=("derive the backward pass of a linear layer",),
    kind="matrix", topic="chain rule", bloom="apply", difficulty=2,
    params={"X": Entries(NOT_ZERO, (2, 3)), "U": Entries(NOT_ZERO, (2, 2))},
    cards=("linear-backward-dw", "gradient-shape", "upstream"),
)  # fmt: skip
def linear_weights_gradient(p):
    return Draft(
        stem=f"A linear layer $Y = XW + b$ met the inputs $X = {tex(p.X)}$, and from the side of the loss comes "
        f"$U = {tex(p.U)}$. What is dW?",
        key=nnlib.linear_backward(p.U, p.X, np.zeros((3, 2)))[1],
        check=lambda: np.array(
            [[sum(p.X[n, d] * p.U[n, h] for n in range(2)) for h in range(2)] for d in range(3)]
        ),
        wrong=(
            *mistakes_of(
                "linear_backward",
                *(p.U, p.X, np.zeros((3, 2))),
                take=lambda out: out[1],
                only=("weights_transposed", "divided_by_n", "upstream_ignored"),
            ),
            misconception("last-example-only", p.X[-1][:, None] * p.U[-1]),
        ),
        explain=rf"$X^\top U$ has the shape (3, 2) of W. Its first entry is ${bracketed(p.X[0, 0], 4)} \cdot "
        rf"{bracketed(p.U[0, 0], 4)} + {bracketed(p.X[1, 0], 4)} \cdot {bracketed(p.U[1, 0], 4)} = {p.X[:, 0] @ p.U[:, 0]:g}$, a sum over "
        "both examples.",
    )


@ask(
    id="linear-inputs-gradient", objectives=("derive the backward pass of a linear layer",),
    kind="vector", topic="chain rule", bloom="apply", difficulty=2,
    params={"W": Entries(WHOLE, (3, 2), distinct=True), "u": Entries(NOT_ZERO, (2,), distinct=True)},
    cards=("linear-backward-dx", "upstream"),
)  # fmt: skip
def linear_inputs_gradient(p):
    U, X = p.u[None], np.ones((1, 3))
    return Draft(
        stem=f"A linear layer with three inputs and two units has the weights $W = {tex(p.W)}$. For one example the "
        f"upstream is $u = {tex(p.u)}$. What is the gradient at its three inputs?",
        key=nnlib.linear_backward(U, X, p.W)[0][0],
        check=lambda: np.array([sum(p.u[h] * p.W[d, h] for h in range(2)) for d in range(3)]),
        wrong=(
            *mistakes_of(
                "linear_backward",
                U,
                X,
                p.W,
                take=lambda out: out[0][0],
                only=("reshaped", "upstream_ignored"),
            ),
            misconception("first-unit-only", p.u[0] * p.W[:, 0]),
            misconception("units-averaged", p.W @ p.u / 2),
        ),
        explain=rf"Each input reaches both units: the first gets ${bracketed(p.u[0], 4)} \cdot {bracketed(p.W[0, 0], 4)} + "
        rf"{bracketed(p.u[1], 4)} \cdot {bracketed(p.W[0, 1], 4)} = {p.W[0] @ p.u:g}$. In all it is $u W^\top$.",
    )


@ask(
    id="linear-gradient-shapes", objectives=("tell the shape of a gradient",),
    kind="single", topic="chain rule", bloom="understand", difficulty=1,
    params={"N": (8, 16, 32), "D": (3, 5, 6), "H": (2, 4, 7), "of": ("W", "b", "X")},
    cards=("gradient-shape", "bias-gradient-sum"),
)  # fmt: skip
def linear_gradient_shapes(p):
    inputs = np.zeros((p.N, p.H)), np.zeros((p.N, p.D)), np.zeros((p.D, p.H))
    place = "XWb".index(p.of)
    kept = {"W": ("weights_transposed",), "X": ()}.get(
        p.of, ("bias_not_summed", "bias_over_units", "bias_one_number")
    )
    others = {
        "W": [("shape-of-the-upstream", (p.N, p.H)), ("shape-of-the-inputs", (p.N, p.D))],
        "X": [
            ("shape-of-the-upstream", (p.N, p.H)),
            ("shape-of-the-weights", (p.D, p.H)),
            ("examples-summed-in-dx", (p.D,)),
        ],
        "b": [("shape-of-the-inputs", (p.N, p.D))],
    }[p.of]
    return Draft(
        stem=f"A layer $Y = XW + b$ has {p.D} inputs and {p.H} units; the batch has {p.N} examples. Which shape has the "
        f"gradient d{p.of}?",
        key=np.shape(nnlib.linear_backward(*inputs)[place]),
        check=lambda: {"W": (p.D, p.H), "b": (p.H,), "X": (p.N, p.D)}[p.of],
        wrong=(
            *(
                mistakes_of("linear_backward", *inputs, take=lambda out: np.shape(out[place]), only=kept)
                if kept
                else ()
            ),
            *(misconception(name, shape) for name, shape in others),
        ),
        explain=f"A gradient has the shape of what it belongs to, here of {p.of}. The products and sums have to give that.",
    )


@ask(
    id="linear-bias-gradient", objectives=("say why the gradient of a bias is a sum",),
    kind="single", topic="chain rule", bloom="apply", difficulty=2,
    params={"U": Entries(WHOLE, (3, 2))}, given=lambda p: p.U.sum(axis=0).all() and p.U.sum() != 0,
    cards=("bias-gradient-sum", "upstream-carries-the-mean"),
)  # fmt: skip
def linear_bias_gradient(p):
    X, W = np.ones((3, 1)), np.ones((1, 2))
    return Draft(
        stem=f"A layer of two units met three examples. The upstream at its outputs is $U = {tex(p.U)}$. What is db?",
        key=nnlib.linear_backward(p.U, X, W)[2],
        check=lambda: np.array([sum(column) for column in zip(*p.U.tolist(), strict=True)]),
        wrong=mistakes_of(
            "linear_backward",
            *(p.U, X, W),
            take=lambda out: out[2],
            only=(
                *("bias_not_summed", "bias_mean", "bias_over_units", "bias_one_number"),
                *("bias_last_example", "divided_by_n", "upstream_ignored"),
            ),
        ),
        explain="Each bias is used by all three examples, so what comes back from them adds up: "
        f"{' and '.join(f'${n:g}$' for n in p.U.sum(axis=0))}, one sum for each unit.",
    )


SLIPS = {
    "bias_mean": "the mean over the examples was taken",
    "bias_over_units": "the sum ran along the units",
    "bias_one_number": "everything was summed up to one number",
    "bias_last_example": "only the last example was kept",
    "upstream_ignored": "the upstream was taken to be 1 everywhere",
}


@ask(
    id="bias-diagnosis", objectives=("find an error from the numbers that it makes",),
    kind="find-the-error", topic="chain rule", bloom="analyse", difficulty=3,
    params={"U": Entries(WHOLE, (3, 2)), "slip": tuple(SLIPS)},
    given=lambda p: len({tuple(v) for v in (p.U[-1], p.U.sum(axis=0), p.U.mean(axis=0), (3, 3))}) == 4,
    cards=("bias-gradient-sum", "upstream"),
)  # fmt: skip
def bias_diagnosis(p):
    given = p.U, np.ones((3, 1)), np.ones((1, 2))
    made = values_of("linear_backward", SLIPS, *given, take=lambda out: out[2])

    def derived():
        seen, U = np.ravel(made[p.slip]).tolist(), p.U.tolist()
        formulas = {
            "bias_mean": [sum(column) / 3 for column in zip(*U, strict=True)],
            "bias_over_units": [sum(row) for row in U],
            "bias_one_number": [sum(map(sum, U))],
            "bias_last_example": U[2],
            "upstream_ignored": [3, 3],
        }
        [slip] = [slip for slip, value in formulas.items() if np.array_equal(value, seen)]
        return SLIPS[slip]

    return Draft(
        stem=f"The upstream at a layer's outputs is $U = {tex(p.U)}$ (three examples, two units). A student's backward "
        f"pass says that db is ${tex(made[p.slip])}$. What went wrong?",
        key=SLIPS[p.slip],
        check=derived,
        wrong=would_give("linear_backward", SLIPS, p.slip, made),
        explain=f"Right is {shown(nnlib.linear_backward(*given)[2])}: each column added up.",
    )


TEMPLATES = (
    linear_weights_gradient,
    linear_inputs_gradient,
    linear_gradient_shapes,
    linear_bias_gradient,
    bias_diagnosis,
)
