"""Questions on lesson 02: slopes of several activations side by side."""

import math
from functools import cache, partial

import numpy as np

import nnlib

from ...exercises import find
from ..template import Draft, template
from .tools import saying, worked

ask = partial(
    template, version=1, lesson="02_activation_gradients", topic="activation gradients", bloom="apply"
)
NAMES = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU (slope 0.01)",
    "gelu": "GELU",
}


@ask(
    id="slopes-at-one-point", version=2, kind="vector", difficulty=3, claim=1, bloom="evaluate",
    cards=("gradient-at-a-point", "table-with-points"), params={"z": (-2.0, -1.5, -0.5, 0.5, 1.5, 2.0)},
    objectives=("correct a table of slopes that does not say where they were taken",),
)  # fmt: skip
def slopes_at_one_point(p):
    e = math.exp(p.z)
    s, t = 1 / (1 + math.exp(-p.z)), (e * e - 1) / (e * e + 1)
    slopes = [float(nnlib.ACTIVATIONS[name].grad(p.z)) for name in list(NAMES)[:4]]
    return Draft(
        stem="An article gives the slopes of sigmoid, tanh, ReLU and leaky ReLU (slope 0.01) as 0.25, 0.42, 1 and 0.01, "
        rf"each at another point. What are the four at the same point, $z = {p.z:g}$?",
        key=np.array(slopes),
        check=lambda: [s * (1 - s), 1 - t * t, float(p.z > 0), 1.0 if p.z > 0 else 0.01],
        wrong=[
            _taking(wrong, _slopes_of_four)
            for wrong in saying(_OTHER_SLOPES, worked("gradient_table", (p.z,), only=tuple(_OTHER_SLOPES)))
        ],
        explain=rf"$s(1 - s) = {slopes[0]:.3f}$ with $s = {s:.4f}$; $1 - t^2 = {slopes[1]:.3f}$ with $t = {t:.4f}$; the other two "
        f"only ask whether z is above 0: {slopes[2]:g} and {slopes[3]:g}.",
    )


# Of a list of slopes, not of a table. `columns_swapped` gives the same list as `value_twice`.
_OTHER_SLOPES = {
    "slope_at_the_output": "These slopes are taken at f(z), the unit's answer. At which number should they be taken?",
    "alphabetical": "The functions stand in the order of the alphabet, GELU among them. The question names another order.",
    "of_the_article": "These are the article's own numbers, each of them from another point.",
    "value_twice": "These are the values of the functions, not their slopes.",
}
_OTHER_SHAPES = ("points_left_out", "axes_swapped", "quantity_first", "flat")


@cache
def _shape_of_table(points):
    return np.shape(find("gradient_table").reference(np.array(points)))


def _taking(wrong, take):
    """A kept wrong table, of which one part is asked for."""
    return wrong._replace(compute=lambda: take(wrong.compute()))


def _slopes_of_four(table):
    return table[:4, 0, 2]


@ask(
    id="table-entry", kind="vector", difficulty=3, cards=("table-with-points", "value-and-slope"),
    params={
        "points": ((-2.0, 0.0, 0.5, 3.0), (0.0, -1.0, 1.5, 2.0), (1.0, -0.5, 2.0, 0.0), (-3.0, 1.5, -1.0, 0.0)),
        "i": range(5), "j": range(4),
    },
)  # fmt: skip
def table_entry(p):
    name, z = list(NAMES)[p.i], p.points[p.j]
    f, grad = nnlib.ACTIVATIONS[name]
    value, slope = float(f(z)), float(grad(z))
    gate, density = _normal(z)
    hint = rf" ($\Phi({z:g}) = {gate:.4g}$ and $\varphi({z:g}) = {density:.4g}$.)" if name == "gelu" else ""
    return Draft(
        stem=f"`gradient_table(points)` is called with points = {list(p.points)}".replace("-", "−")
        + f". Its rows stand in the order sigmoid, tanh, ReLU, leaky ReLU, GELU. Each entry is point, value, slope; "
        f"indices count from 0, and a kink takes the left slope. What is the entry `[{p.i}, {p.j}]`?{hint}",
        key=np.array([z, value, slope]),
        check=lambda: [z, *_by_hand(name, z)],
        # What comes out of a table with two axes is one number; `table-shape` asks about that mistake.
        wrong=[
            _taking(wrong, lambda table: table[p.i, p.j])
            for wrong in worked("gradient_table", p.points)
            if wrong.mistake != "gradient_table.flat"
        ],
        explain=f"Row {p.i} is {NAMES[name]}, and point {p.j} is {z:g}: the point, the value {value:.4g} and the slope "
        f"{slope:.4g}, in this order.".replace("-", "−"),
    )


def _normal(z):
    """Φ and φ."""
    return math.erfc(-z / math.sqrt(2)) / 2, math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _by_hand(name, z):
    """Value and slope of the table's functions, from `math` alone."""
    s, t = (1 + math.tanh(z / 2)) / 2, math.tanh(z)
    gate, density = _normal(z)
    leak = 1.0 if z > 0 else 0.01
    return {
        "sigmoid": (s, s * (1 - s)),
        "tanh": (t, 1 - t * t),
        "relu": (max(0.0, z), float(z > 0)),
        "leaky_relu": (leak * z, leak),
        "gelu": (z * gate, gate + z * density),
    }[name]


@ask(
    id="table-shape", kind="single", difficulty=2, bloom="understand", cards=("table-with-points",),
    params={"P": (2, 4, 6, 7, 8)},
)  # fmt: skip
def table_shape(p):
    points = tuple(np.linspace(-2, 2, p.P).tolist())
    return Draft(
        stem=f"A table holds, for 5 activations and {p.P} points, the point, the value and the slope there. Activation comes "
        "first, then the point, then the three numbers. Which shape has the array?",
        key=_shape_of_table(points),
        check=lambda: (len(NAMES), len(points), len(("point", "value", "slope"))),
        wrong=[_taking(wrong, np.shape) for wrong in worked("gradient_table", points, only=_OTHER_SHAPES)],
        explain=f"One axis for each thing to choose: `[i, j, k]` is activation i of 5, point j of {p.P}, number k of 3.",
    )


@ask(
    id="order-of-slopes", version=2, kind="order", bloom="analyse", difficulty=3, cards=("gradient-at-a-point", "largest-slopes"),
    params={"z": (-2.0, -1.0, -0.25, 0.25, 0.5, 2.0, 2.5, 3.0)},
)  # fmt: skip
def order_of_slopes(p):
    names = {
        name: text for name, text in NAMES.items() if name != "relu"
    }  # it ties with leaky ReLU on the right
    slopes = {text: float(nnlib.ACTIVATIONS[name].grad(p.z)) for name, text in names.items()}
    order = sorted(slopes, key=slopes.get)
    return Draft(
        stem=rf"Sort these activations by their slope at $z = {p.z:g}$, the smallest first.",
        key=tuple(order),
        check=lambda: tuple(sorted(names.values(), key={names[n]: _by_hand(n, p.z)[1] for n in names}.get)),
        explain="; ".join(f"{text}: {slopes[text]:.4f}".replace("-", "−") for text in order) + ".",
    )


TEMPLATES = (
    slopes_at_one_point,
    table_entry,
    table_shape,
    order_of_slopes,
)
