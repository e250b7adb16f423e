"""Questions on lesson 01: neurons and small networks."""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import bracketed, shown
from ..template import Draft, Entries, grid, template
from ..wrong import misconception, mistakes_of, value_of
from .tools import apart, described

ask = partial(template, version=1, lesson="01_activations", topic="activation functions", bloom="apply")


@ask(
    id="neuron-of-a-batch", kind="vector", difficulty=2, topic="activations: purpose and definition",
    cards=("neuron-formula", "neuron-shapes"),
    params={
        "X": Entries((-2, -1, 0, 1, 2, 3), (2, 3)),
        "w": Entries((-2, -1, 0.5, 1, 2), (3,)),
        "b": (-1.5, -0.5, 0.5, 1.5),
    },
    given=lambda p: (z := p.X @ p.w + p.b).min() < -0.4 and z.max() > 0.4,
    objectives=("compute a neuron for several examples at once",),
)  # fmt: skip
def neuron_of_a_batch(p):
    z = p.X @ p.w + p.b
    return Draft(
        stem=f"A ReLU neuron has the weights $w =$ {shown(p.w)} and the bias $b = {p.b:g}$. What does it answer for the "
        f"two examples (rows)?\n\n{shown(p.X)}",
        key=nnlib.relu(z),
        check=lambda: [
            max(0.0, sum(x * w for x, w in zip(row, p.w.tolist(), strict=True)) + p.b) for row in p.X.tolist()
        ],
        wrong=mistakes_of("weighted_sum", p.X, p.w, p.b, "rectify"),
        explain=f"One number for each row: the weighted sums with the bias are {shown(z)}, and ReLU makes the negative ones 0.",
    )


@ask(
    id="neuron-shape", kind="single", difficulty=2, bloom="understand", topic="activations: purpose and definition",
    cards=("neuron-shapes",), params={"N": (2, 4, 5, 6, 8, 10, 32), "D": (3, 7, 12, 20)},
)  # fmt: skip
def neuron_shape(p):
    X, w = np.ones((p.N, p.D)), np.ones(p.D)
    return Draft(
        stem=f"`X` holds {p.N} examples of {p.D} inputs, shape `({p.N}, {p.D})`; `w` has shape `({p.D},)` and `b` is a number. "
        "What shape has the neuron's answer, `f(X @ w + b)`?",
        key=np.shape(nnlib.relu(X @ w + 1.0)),
        check=lambda: (len([row.sum() for row in X]),),
        wrong=[
            *mistakes_of(
                "weighted_sum", X, w, 1.0, "rectify", only=("no_sum", "over_examples"), take=np.shape
            ),
            misconception("one-answer-for-the-batch", ()),
            misconception("answer-kept-as-a-column", (p.N, 1)),
        ],
        explain=f"Each of the {p.N} rows is multiplied by the weights and added up to one number; f keeps the shape.",
    )


_NEURON_ERRORS = {
    "bias_dropped": "The bias is left out.",
    "bias_after": "The bias is added after the activation.",
    "no_activation": "The activation is not applied.",
    "bias_times_inputs": "The bias is added once for each input.",
    "activation_first": "The inputs go through tanh, the sum does not.",
    "own_function": "Sigmoid is applied in place of tanh.",
    "mean": "The products are averaged, not added up.",
}


def _neurons_with_errors(p):
    """What each of these errors gives, by hand."""
    products = [x * w for x, w in zip(p.x.tolist(), p.w.tolist(), strict=True)]
    total = sum(products)
    return {
        "bias_dropped": math.tanh(total),
        "bias_after": math.tanh(total) + p.b,
        "no_activation": total + p.b,
        "bias_times_inputs": math.tanh(total + 3 * p.b),
        "activation_first": sum(math.tanh(x) * w for x, w in zip(p.x.tolist(), p.w.tolist(), strict=True))
        + p.b,
        "own_function": 1 / (1 + math.exp(-total - p.b)),
        "mean": math.tanh(total / 3 + p.b),
    }


@ask(
    id="neuron-find-the-error", kind="find-the-error", bloom="analyse", difficulty=4,
    topic="activations: purpose and definition", cards=("neuron-formula",),
    params={
        "x": Entries((-2, -1, -0.5, 0.5, 1, 2), (3,)),
        "w": Entries((-1, -0.5, 0.5, 1), (3,)),
        "b": (-0.75, -0.5, 0.5, 0.75),
        "error": tuple(_NEURON_ERRORS),
    },
    given=lambda p: apart([*_neurons_with_errors(p).values(), math.tanh(float(p.x @ p.w) + p.b)]),
)  # fmt: skip
def neuron_find_the_error(p):
    inputs = p.x.reshape(1, 3), p.w, p.b, "tanh"
    (wrong,) = mistakes_of("weighted_sum", *inputs, only=(p.error,), take=lambda out: out[0])
    seen, z = value_of(wrong), float(p.x @ p.w) + p.b

    def named_by_hand():
        found = [
            name for name, value in _neurons_with_errors(p).items() if math.isclose(value, seen, rel_tol=1e-9)
        ]
        return " or ".join(_NEURON_ERRORS[name] for name in found)

    return Draft(
        stem=f"A neuron with tanh has $x =$ {shown(p.x)}, $w =$ {shown(p.w)} and $b = {p.b:g}$. A program answers "
        f"{shown(seen, 4)}. Which error does it make?",
        key=_NEURON_ERRORS[p.error],
        check=named_by_hand,
        wrong=described("weighted_sum", {k: v for k, v in _NEURON_ERRORS.items() if k != p.error}, *inputs),
        explain=rf"Right would be $z = {z:.4g}$ and $\tanh(z) = {float(nnlib.tanh(z)):.4f}$. "
        f"{_NEURON_ERRORS[p.error]} That gives {shown(seen, 4)}.",
    )


def _signed(number):
    """A whole number with its sign, as a further term of a sum."""
    return f"{'-' if number < 0 else '+'} {abs(number)}"


@ask(
    id="collapse-two-layers", kind="vector", difficulty=2, topic="activations: purpose and definition",
    cards=("why-nonlinear",),
    params={"w1": (-3, -2, 2, 3, 4), "b1": (-3, -2, -1, 1, 2, 3), "w2": (-3, -2, 2, 3, 5), "b2": (-4, -1, 1, 4)},
    given=lambda p: p.w1 + p.w2 != p.w1 * p.w2 and p.b1 * (p.w2 - 1) != 0,
    objectives=("show that layers without an activation are one layer",),
)  # fmt: skip
def collapse_two_layers(p):
    at = nnlib.linear_forward(np.array([[0.0], [1.0]]), np.array([[float(p.w1)]]), np.array([float(p.b1)]))
    start, after = (
        nnlib.linear_forward(at, np.array([[float(p.w2)]]), np.array([float(p.b2)])).ravel().tolist()
    )
    w, b = p.w1 * p.w2, p.b1 * p.w2 + p.b2
    return Draft(
        stem=f"Two layers of one unit each, without an activation: $a = {p.w1}x {_signed(p.b1)}$, then $y = {p.w2}a {_signed(p.b2)}$. "
        "Which single layer $y = wx + b$ is that? Give $(w, b)$.",
        key=np.array([after - start, start]),
        check=lambda: [w, b],
        wrong=[
            misconception("biases-of-layers-add-up", lambda: np.array([w, p.b1 + p.b2])),
            misconception("weights-of-layers-add-up", lambda: np.array([p.w1 + p.w2, b])),
            misconception("first-bias-lost", lambda: np.array([w, p.b2])),
        ],
        explain=f"Put one into the other: $w = {p.w1} \\cdot {bracketed(p.w2)} = {w}$, and the first bias goes through the second "
        f"weight: $b = {p.b1} \\cdot {bracketed(p.w2)} {_signed(p.b2)} = {b}$.",
    )


@ask(
    id="two-relu-units", kind="single", difficulty=3, topic="universal approximation",
    cards=("relu-formula", "why-nonlinear"),
    params={"x": grid(-2, 3, 0.5), "k": (-2, -1, 1, 2), "v": (-5, 2, 3), "u": (2, 3, 4)},
    given=lambda p: p.x not in (p.k, 1) and (p.x > p.k) != (p.x < 1),
    objectives=("follow a number through a small ReLU network",),
)  # fmt: skip
def two_relu_units(p):
    z, v = np.array([p.x - p.k, 1 - p.x]), np.array([p.u, p.v])
    return Draft(
        stem=f"A network draws its curve with two ReLU units: $y = {p.u}\\,\\mathrm{{relu}}(x {-p.k:+d}) "
        rf"{p.v:+d}\,\mathrm{{relu}}(1 - x)$. What is $y$ at $x = {p.x:g}$?",
        key=float(nnlib.relu(z) @ v),
        check=lambda: p.u * max(0.0, p.x - p.k) + p.v * max(0.0, 1 - p.x),
        wrong=[
            *mistakes_of("relu", z, take=lambda a: a @ v),
            misconception("one-relu-for-the-sum", lambda: max(0.0, float(z @ v))),
        ],
        explain=f"The two pre-activations are {z[0]:g} and {z[1]:g}; ReLU gives {max(0, z[0]):g} and {max(0, z[1]):g}; "
        f"$y = {p.u} \\cdot {max(0, z[0]):g} {p.v:+d} \\cdot {max(0, z[1]):g}$.".replace(
            "are -", "are −"
        ).replace("and -", "and −"),
    )


@ask(
    id="sigmoid-is-softmax-of-two", kind="single", difficulty=3, claim=17, topic="choice of activation", rtol=1e-2,
    cards=("sigmoid-is-softmax-of-two",), params={"no": grid(-2, 2, 0.5, exclude=[0]), "yes": grid(-1.5, 3, 0.5, exclude=[0])},
    given=lambda p: abs(p.yes - p.no) >= 0.5 and p.yes + p.no != 0 and abs(p.yes - p.no) <= 4,
    objectives=("turn a two-unit softmax into a sigmoid",),
)  # fmt: skip
def two_unit_softmax(p):
    z = p.yes - p.no
    return Draft(
        stem=rf"A network has two outputs, $z_0 = {p.no:g}$ for no and $z_1 = {p.yes:g}$ for yes, and softmax makes shares "
        "of them. What is the share of yes? (One sigmoid will do.)",
        key=float(nnlib.sigmoid(z)),
        check=lambda: math.exp(p.yes) / (math.exp(p.no) + math.exp(p.yes)),
        wrong=[
            *mistakes_of("sigmoid", z),
            misconception("sigmoid-of-one-score", lambda: 1 / (1 + math.exp(-p.yes))),
            misconception("scores-shared-without-exp", lambda: p.yes / (p.yes + p.no)),
        ],
        explain=rf"The share of yes is $\sigma(z_1 - z_0) = \sigma({z:g}) = {1 / (1 + math.exp(-z)):.3f}$: only the difference counts.",
    )


@ask(
    id="recurrent-two-steps", kind="numeric", difficulty=3, topic="feed-forward and recurrent use",
    cards=("feed-forward-recurrent",),
    params={"w": (-1.5, -1.0, 0.5, 1.5, 2.0), "x1": (-1.0, -0.5, 0.5, 1.0, 1.5), "x2": (-0.5, -0.25, 0.25, 0.5, 1.0)},
    given=lambda p: 0.2 < abs(p.w * math.tanh(p.x1) + p.x2) < 2,
    objectives=("use one activation again and again in a recurrent unit",),
)  # fmt: skip
def recurrent_two_steps(p):
    h1 = float(nnlib.tanh(p.x1))
    z = p.w * h1 + p.x2
    weight = "-" if p.w == -1 else rf"{p.w:g}\,"

    def by_exponentials():
        first = (math.exp(2 * p.x1) - 1) / (math.exp(2 * p.x1) + 1)
        e = math.exp(2 * (p.w * first + p.x2))
        return (e - 1) / (e + 1)

    return Draft(
        stem=rf"A recurrent unit remembers: $h_t = \tanh({weight}h_{{t-1}} + x_t)$, with $h_0 = 0$. It sees "
        rf"$x_1 = {p.x1:g}$ and then $x_2 = {p.x2:g}$. What is $h_2$, to three significant digits?",
        key=float(nnlib.tanh(z)),
        check=by_exponentials,
        wrong=[
            *mistakes_of("tanh", z),
            misconception("state-not-fed-back", lambda: math.tanh(p.x2)),
            misconception("activation-at-the-end-only", lambda: math.tanh(p.w * p.x1 + p.x2)),
        ],
        explain=rf"$h_1 = \tanh({p.x1:g}) = {h1:.4f}$, then $z = {p.w:g} \cdot {bracketed(round(h1, 4))} {p.x2:+g} = {z:.4f}$ and "
        rf"$h_2 = \tanh({z:.4f}) = {math.tanh(z):.4f}$.",
    )


TEMPLATES = (
    neuron_of_a_batch,
    neuron_shape,
    neuron_find_the_error,
    collapse_two_layers,
    two_relu_units,
    two_unit_softmax,
    recurrent_two_steps,
)
