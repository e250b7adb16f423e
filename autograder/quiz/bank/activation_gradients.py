"""Questions on lesson 02: slopes of activation functions, saturation, and what passes backward."""

import math
from functools import cache, partial

import numpy as np

import nnlib

from ...exercises import find
from ..display import shown
from ..template import Draft, Entries, grid, misconception, mistakes_of, template, value_of
from .activations import apart, described, worked

LESSON = "02_activation_gradients"
question = partial(template, version=1, lesson=LESSON, topic="activation gradients", bloom="apply")

NAMES = {
    "sigmoid": "sigmoid",
    "tanh": "tanh",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU (slope 0.01)",
    "gelu": "GELU",
}


@question(
    id="sigmoid-slope-from-output", kind="single", difficulty=2, rtol=1e-3,
    cards=("sigmoid-grad-formula", "grad-takes-input"), params={"s": (0.1, 0.2, 0.25, 0.3, 0.4, 0.6, 0.7, 0.75, 0.8, 0.95)},
    objectives=("find the slope of a sigmoid from its answer",),
)  # fmt: skip
def sigmoid_slope_from_output(p):
    z = math.log(p.s / (1 - p.s))
    return Draft(
        stem=rf"A sigmoid unit answers {p.s:g}; its pre-activation was $z = {z:.3f}$. How steep is $\sigma$ at this $z$?",
        key=float(nnlib.sigmoid_grad(z)),
        check=lambda: p.s * (1 - p.s),
        wrong=mistakes_of("sigmoid_grad", z),
        explain=rf"$\sigma'(z) = s(1 - s) = {p.s:g} \cdot {1 - p.s:g} = {p.s * (1 - p.s):g}$, with the output $s$.",
        hints=("The short rule is written with the output, and that is the number you are given.",),
    )


@question(
    id="sigmoid-nudge", kind="numeric", difficulty=2, cards=("slope-as-prediction", "value-and-slope"),
    params={"z": grid(-3, 3, 0.5, exclude=[0, 2]), "dz": (0.02, 0.05, 0.2)},
    objectives=("say what a slope predicts",), rtol=2e-2,
)  # fmt: skip
def sigmoid_nudge(p):
    s = float(nnlib.sigmoid(p.z))
    slope = math.exp(p.z) / (1 + math.exp(p.z)) ** 2
    return Draft(
        stem=rf"At $z = {p.z:g}$ a sigmoid unit answers {s:.4f}. Now $z$ grows by {p.dz:g}. By about how much does the "
        "answer grow, judged by the slope? (three digits)",
        key=float(nnlib.sigmoid_grad(p.z)) * p.dz,
        check=lambda: slope * p.dz,
        wrong=[
            *mistakes_of("sigmoid_grad", p.z, take=lambda out: out * p.dz),
            misconception("slope-taken-for-the-change", slope),
        ],
        explain=rf"$\Delta a \approx \sigma'(z)\,\Delta z = {s:.4f} \cdot {1 - s:.4f} \cdot {p.dz:g} = {slope * p.dz:.5f}$.",
    )


# What an error of one form does to the other form is nothing.
_OF_BOTH_FORMS = ("value_for_slope", "gate_only", "product_of_slopes", "z_forgotten", "minus_for_plus")
_OF_ERF = ("density_not_scaled", "density_of_erf", "tanh_always", "root_not_taken", "z_replaced")
_OF_TANH = ("form_ignored", "inner_forgotten", "three_forgotten", "slope_at_the_output")

# `square_forgotten` gives the same number as one of the others on either side of 0, so it is not among these.
_SIGMOID_ERRORS = {
    "value_for_slope": "It returns $s$.",
    "one_minus_s": "It returns $1 - s$.",
    "z_for_s": "It returns $z(1 - z)$.",
    "sigmoid_twice": r"It returns $\sigma'(s)$.",
    "inner_sign_lost": "It returns $-s(1 - s)$.",
    "outer_only": "It returns $s^2$.",
    "rule_of_tanh": "It returns $1 - s^2$.",
    "plus_for_minus": "It returns $s(1 + s)$.",
    "largest_slope": r"It returns $\tfrac14$, wherever it is.",
}


def _wrong_sigmoid_slopes(z):
    """What each of these errors gives, by hand."""
    s = (1 + math.tanh(z / 2)) / 2
    t = (1 + math.tanh(s / 2)) / 2
    return dict(
        zip(
            _SIGMOID_ERRORS,
            (s, 1 - s, z * (1 - z), t * (1 - t), -s * (1 - s), s * s, 1 - s * s, s * (1 + s), 0.25),
            strict=True,
        )
    )


@question(
    id="sigmoid-slope-find-the-error", kind="find-the-error", bloom="analyse", difficulty=3,
    cards=("sigmoid-grad-formula", "value-and-slope", "grad-takes-input"),
    params={"z": grid(-3, 3, 0.25, exclude=[0]), "error": tuple(_SIGMOID_ERRORS)},
    given=lambda p: apart([*_wrong_sigmoid_slopes(p.z).values(), math.exp(p.z) / (1 + math.exp(p.z)) ** 2]),
    objectives=("tell from a number what a program did wrong",),
)  # fmt: skip
def sigmoid_slope_find_the_error(p):
    (wrong,) = mistakes_of("sigmoid_grad", p.z, only=(p.error,))
    seen, s = value_of(wrong), float(nnlib.sigmoid(p.z))

    def named_by_hand():
        found = [k for k, v in _wrong_sigmoid_slopes(p.z).items() if math.isclose(v, seen, rel_tol=1e-9)]
        return " or ".join(_SIGMOID_ERRORS[name] for name in found)

    return Draft(
        stem=rf"A function should return $\sigma'({p.z:g})$. It returns {shown(seen, 4)}. What does it do? "
        rf"($s = \sigma({p.z:g}) = {s:.4f}$)",
        key=_SIGMOID_ERRORS[p.error],
        check=named_by_hand,
        wrong=described("sigmoid_grad", {k: v for k, v in _SIGMOID_ERRORS.items() if k != p.error}, p.z),
        explain=rf"Right would be $s(1 - s) = {float(nnlib.sigmoid_grad(p.z)):.4f}$. {_SIGMOID_ERRORS[p.error]} "
        f"That is {shown(seen, 4)} here.",
    )


@question(
    id="tanh-slope-from-output", kind="single", difficulty=2, cards=("tanh-grad-formula",),
    params={"t": (-0.9, -0.8, -0.7, -0.6, -0.4, -0.3, -0.2, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9)},
)  # fmt: skip
def tanh_slope_from_output(p):
    z = math.atanh(p.t)
    return Draft(
        stem=rf"A tanh unit answers $t = {p.t:g}$ at $z = {z:.3f}$. How steep is tanh there?",
        key=float(nnlib.tanh_grad(z)),
        check=lambda: (1 - p.t) * (1 + p.t),
        wrong=mistakes_of("tanh_grad", z),
        explain=rf"$\tanh'(z) = 1 - t^2 = 1 - {p.t**2:g} = {1 - p.t**2:g}$.",
    )


@question(
    id="tanh-slope-from-sigmoid", kind="numeric", difficulty=3, cards=("chain-rule", "tanh-and-sigmoid"),
    params={"z": grid(-2, 2, 0.25, exclude=[0, 1])}, objectives=("differentiate tanh(z) = 2σ(2z) − 1",),
)  # fmt: skip
def tanh_slope_from_sigmoid(p):
    slope = float(nnlib.sigmoid_grad(2 * p.z))
    return Draft(
        stem=rf"$\tanh(z) = 2\sigma(2z) - 1$, and $\sigma'({2 * p.z:g}) = {slope:.5f}$. What is $\tanh'({p.z:g})$, to three digits?",
        key=float(nnlib.tanh_grad(p.z)),
        check=lambda: 1 / math.cosh(p.z) ** 2,
        wrong=mistakes_of("tanh_grad", p.z),
        explain=rf"The outer 2 stays and the inner $2z$ brings out another: $4\,\sigma'({2 * p.z:g}) = 4 \cdot {slope:.5f} = {4 * slope:.4f}$.",
    )


def _turned(values, place):
    """The values in another order, so that the kink stands anywhere."""
    return np.array([*values[place:], *values[:place]], dtype=float)


@question(
    id="relu-slopes", kind="vector", difficulty=1, cards=("relu-grad-formula", "relu-kink"),
    params={"left": (-4, -3, -2, -1.5, -0.5), "low": (0.25, 0.5, 0.75), "high": (1.5, 2, 3, 5), "place": range(4)},
    objectives=("give the slopes of ReLU, with the course's convention at 0",),
)  # fmt: skip
def relu_slopes(p):
    z = _turned((p.left, p.low, 0, p.high), p.place)
    return Draft(
        stem=f"What are the slopes of ReLU at $z =$ {shown(z)}? At 0 take this course's convention, the left limit.",
        key=nnlib.relu_grad(z),
        check=lambda: [float(x > 0) for x in z.tolist()],
        wrong=mistakes_of("relu_grad", z),
        explain=f"1 at {p.low:g} and {p.high:g}, 0 at {p.left:g}".replace("-", "−")
        + ", and at 0 the slope of the left side, 0.",
    )


@question(
    id="leaky-relu-slopes", kind="vector", difficulty=2, cards=("leaky-relu-grad-formula", "leaky-relu-kink"),
    params={
        "left": (-4, -3, -2, -1.5, -0.5), "right": (0.5, 1.5, 2, 3, 5), "place": range(3),
        "slope": (0.01, 0.01, 0.05, 0.1, 0.2, 0.3),
    },
)  # fmt: skip
def leaky_relu_slopes(p):
    z = _turned((p.left, 0, p.right), p.place)
    inputs = (
        (z,) if p.slope == 0.01 else (z, p.slope)
    )  # who changes the default is seen only where it is used
    asked = "slope left at its default, 0.01" if p.slope == 0.01 else f"slope = {p.slope:g}"
    return Draft(
        stem=f"What are the slopes of leaky ReLU, with {asked}, at $z =$ {shown(z)}? At 0 take the left limit.",
        key=nnlib.leaky_relu_grad(*inputs),
        check=lambda: [1.0 if x > 0 else p.slope for x in z.tolist()],
        wrong=mistakes_of("leaky_relu_grad", *inputs),
        explain=f"1 where z > 0, else {p.slope:g}, also at 0; how far from 0 the point lies does not matter.",
    )


@question(
    id="gelu-slope-erf", kind="single", difficulty=4, rtol=1e-3, digits=4, cards=("product-rule", "normal-density"),
    params={"z": (-2.5, -2.0, -1.5, -0.5, 0.5, 1.5, 2.0)}, objectives=("differentiate a product with the product rule",),
)  # fmt: skip
def gelu_slope_erf(p):
    gate, density = math.erfc(-p.z / math.sqrt(2)) / 2, math.exp(-(p.z**2) / 2) / math.sqrt(2 * math.pi)
    return Draft(
        stem=rf"At $z = {p.z:g}$ a table gives $\Phi(z) = {gate:.5f}$ and $e^{{-z^2/2}} = {math.exp(-(p.z**2) / 2):.5f}$. "
        r'How steep is gelu there, in the form "erf"? ($\sqrt{2\pi} = 2.5066$)',
        key=float(nnlib.gelu_grad(p.z)),
        check=lambda: gate + p.z * density,
        wrong=worked("gelu_grad", p.z, "erf", only=_OF_BOTH_FORMS + _OF_ERF),
        explain=rf"$\Phi(z) + z\,\varphi(z)$ with $\varphi(z) = {density:.5f}$: ${gate:.5f} + ({p.z:g}) \cdot {density:.5f} = {gate + p.z * density:.5f}$.",
    )


@question(
    id="gelu-slope-tanh", kind="numeric", difficulty=5, rtol=1e-3, digits=4, cards=("chain-rule", "product-rule", "gelu-forms"),
    params={"z": (-2.5, -2.0, -1.5, -0.5, 0.5, 1.5, 2.0)},
)  # fmt: skip
def gelu_slope_tanh(p):
    c = math.sqrt(2 / math.pi)
    u, inner = c * (p.z + 0.044715 * p.z**3), c * (1 + 3 * 0.044715 * p.z**2)
    t = math.tanh(u)

    def by_complex_step():
        v = complex(p.z, 1e-20)
        w = 2 * c * (v + 0.044715 * v**3)
        # e^w by its real and imaginary part, so that `math` is enough
        e = math.exp(w.real) * complex(math.cos(w.imag), math.sin(w.imag))
        return (v * e / (1 + e)).imag / 1e-20

    return Draft(
        stem=rf'gelu in the form "tanh" is $z \cdot \tfrac12(1 + \tanh u)$ with $u = \sqrt{{2/\pi}}\,(z + 0.044715\,z^3)$. '
        rf"At $z = {p.z:g}$, $\tanh u = {t:.5f}$ and $\sqrt{{2/\pi}} = 0.79788$. What is the slope, to four digits?",
        key=float(nnlib.gelu_grad(p.z, "tanh")),
        check=by_complex_step,
        wrong=worked("gelu_grad", p.z, "tanh", only=_OF_BOTH_FORMS + _OF_TANH),
        explain=rf"$u' = 0.79788\,(1 + 3 \cdot 0.044715\,z^2) = {inner:.5f}$, so the slope is $\tfrac12(1 + \tanh u) + "
        rf"\tfrac12 z(1 - \tanh^2 u)\,u' = {(1 + t) / 2:.5f} + ({p.z * (1 - t * t) * inner / 2:.5f})$.",
    )


@question(
    id="slopes-at-one-point", kind="vector", difficulty=3, claim=1, bloom="evaluate",
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
            _taking(wrong, _slopes_of_four) for wrong in worked("gradient_table", (p.z,), only=_OTHER_SLOPES)
        ],
        explain=rf"$s(1 - s) = {slopes[0]:.3f}$ with $s = {s:.4f}$; $1 - t^2 = {slopes[1]:.3f}$ with $t = {t:.4f}$; the other two "
        f"only ask whether z is above 0: {slopes[2]:g} and {slopes[3]:g}.",
    )


_OTHER_SLOPES = ("columns_swapped", "slope_at_the_output", "alphabetical", "of_the_article", "value_twice")
_OTHER_SHAPES = ("points_left_out", "axes_swapped", "quantity_first", "flat")


@cache
def _shape_of_table(points):
    return np.shape(find("gradient_table").reference(np.array(points)))


def _taking(wrong, take):
    """A kept wrong table, of which one part is asked for."""
    return wrong._replace(compute=lambda: take(wrong.compute()))


def _slopes_of_four(table):
    return table[:4, 0, 2]


@question(
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
    return Draft(
        stem=f"`gradient_table(points)` is called with points = {list(p.points)}".replace("-", "−")
        + f". Its rows stand in the order sigmoid, tanh, ReLU, leaky ReLU, GELU. What is the entry `[{p.i}, {p.j}]`?",
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


def _by_hand(name, z):
    """Value and slope of the table's functions, from `math` alone."""
    s, t = (1 + math.tanh(z / 2)) / 2, math.tanh(z)
    gate, density = math.erfc(-z / math.sqrt(2)) / 2, math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    leak = 1.0 if z > 0 else 0.01
    return {
        "sigmoid": (s, s * (1 - s)),
        "tanh": (t, 1 - t * t),
        "relu": (max(0.0, z), float(z > 0)),
        "leaky_relu": (leak * z, leak),
        "gelu": (z * gate, gate + z * density),
    }[name]


@question(
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


@question(
    id="order-of-slopes", kind="order", bloom="analyse", difficulty=3, cards=("gradient-at-a-point", "largest-slopes"),
    params={"z": (-2.0, -1.5, -1.0, -0.25, 0.25, 0.5, 1.5, 2.0, 2.5, 3.0)},
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


@question(
    id="saturated-or-not", kind="cloze", difficulty=3, rtol=2e-2, topic="saturation and dying units",
    cards=("saturation", "largest-slopes"),
    params={"name": ("sigmoid", "tanh"), "z": (-7.0, -5.0, -4.0, -3.5, -2.5, -1.5, 1.5, 2.0, 3.5, 4.0, 5.0, 7.0)},
    objectives=("decide whether a unit is saturated",),
)  # fmt: skip
def saturated_or_not(p):
    slope, top = float(nnlib.ACTIVATIONS[p.name].grad(p.z)), float(nnlib.ACTIVATIONS[p.name].grad(0.0))
    # both hills are 1/cosh² of a stretched z
    hill = 1 / math.cosh(p.z if p.name == "tanh" else p.z / 2) ** 2
    yes, no = ("saturated", "yes"), ("not saturated", "unsaturated", "not", "no")
    verdict = yes if slope < 0.01 * top else no
    return Draft(
        stem=f"A {p.name} unit sits at $z = {p.z:g}$. Its slope there is [[slope]], which is [[percent]] % of the largest "
        "slope of the function. A unit below 1 % counts as saturated: this one is [[verdict]] "
        '("saturated" or "not saturated").',
        key={"slope": slope, "percent": 100 * slope / top, "verdict": verdict[0]},
        check=lambda: {
            "slope": hill * (1.0 if p.name == "tanh" else 0.25),
            "percent": 100 * hill,
            "verdict": "saturated" if hill < 0.01 else "not saturated",
        },
        accepted={"verdict": verdict[1:]},
        explain=f"The largest slope, at 0, is {top:g}. At ${p.z:g}$ it is {slope:.4g}, so {100 * slope / top:.3g} % of it. "
        "The border lies at about $|z| = 6$ for sigmoid and 3 for tanh.",
    )


@question(
    id="saturated-share", kind="single", difficulty=3, bloom="analyse", topic="saturation and dying units",
    cards=("saturation",),
    params={
        "name": ("sigmoid", "tanh"),
        "z": Entries((-12, -9, -7, -5, -4, -3.5, -2, -1, 0, 1, 2, 3.5, 4, 5, 7, 9), (10,), distinct=True),
    },
    given=lambda p: len({round(share, 1) for share in _shares(p)}) == 4,
    objectives=("measure the share of saturated units",),
)  # fmt: skip
def saturated_share(p):
    _, other, right_side, unsaturated = _shares(p)
    slope = nnlib.ACTIVATIONS[p.name].grad
    listed = ", ".join(f"{x:g}" for x in p.z.tolist()).replace("-", "−")
    return Draft(
        stem=f"Ten {p.name} units have the pre-activations {listed}. Which share of them is "
        "saturated (slope below 1 % of the largest)?",
        key=float(np.mean(slope(p.z) < 0.01 * slope(0.0))),
        check=lambda: _shares(p)[0],
        wrong=[
            misconception("threshold-of-the-other", other),
            misconception("saturated-on-the-right-only", right_side),
            misconception("steep-taken-for-saturated", unsaturated),
        ],
        explain=f"A {p.name} unit is saturated beyond about |z| = {'6' if p.name == 'sigmoid' else '3'}, on both sides: that is the case "
        f"for {round(10 * _shares(p)[0])} of the ten.",
    )


def _shares(p):
    """Saturated share; with the other function's border; counted on the right only; not saturated."""
    borders = {"sigmoid": 2 * math.acosh(10), "tanh": math.acosh(10)}
    border = borders.pop(p.name)
    z = p.z.tolist()
    share = sum(abs(x) > border for x in z) / 10
    other = sum(abs(x) > max(borders.values()) for x in z) / 10
    return share, other, sum(x > border for x in z) / 10, 1 - share


@question(
    id="dead-relu-unit", kind="single", difficulty=4, bloom="analyse", topic="saturation and dying units",
    cards=("dying-relu",),
    params={"up": (1, 2, 3), "down": (-3, -2, -1), "margin": (0.5, 1, 2), "small": (0.5, 1), "swap": range(2)},
    objectives=("tell a dead unit from one that is often off",),
)  # fmt: skip
def dead_relu_unit(p):
    # The dead one has a weight above 0, and each of the others has a look of death about it.
    units = [
        (p.up, p.down, -p.up - p.margin),
        (p.down - 1, p.down, p.small),
        (p.up + 1, p.up, -2 * p.up - 1 + p.small / 2),
        (p.down - 2, p.up + 2, -p.up - 2 + p.small),
    ]
    units = [(w2, w1, b) if p.swap else (w1, w2, b) for w1, w2, b in units]
    corners = np.array([(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)])
    texts = [f"$w = ({w1:g}, {w2:g})$, $b = {b:g}$" for w1, w2, b in units]
    dead = [not nnlib.relu(corners @ np.array([w1, w2]) + b).any() for w1, w2, b in units]
    w1, w2, b = units[0]
    return Draft(
        stem="Four ReLU units look at examples with two inputs, each anywhere from 0 to 1. Which unit is dead: 0 for every "
        "such example?",
        key=texts[dead.index(True)],
        check=lambda: " or ".join(
            text for text, (w1, w2, b) in zip(texts, units, strict=True) if b + max(w1, 0) + max(w2, 0) <= 0
        ),
        wrong=[
            misconception("negative-weights-taken-for-death", texts[1]),
            misconception("negative-bias-taken-for-death", texts[2]),
            misconception("often-off-taken-for-death", texts[3]),
        ],
        explain=f"Take the best example for each unit: 1 where the weight is positive, 0 where it is negative. For {texts[0]} that "
        f"gives $z = {max(w1, w2):g} {b:+g} = {max(w1, w2) + b:g}$, still not above 0; each of the others gets above 0 somewhere.",
    )


@question(
    id="slope-times-weight", kind="single", difficulty=3, claim=12, topic="saturation and dying units",
    cards=("slope-times-weights",),
    params={"z": (0.0, 1.0, -1.0, 2.0), "w": (0.5, 2.0, 3.0, 6.0, 8.0, 10.0), "layers": (3, 4, 5)},
    objectives=("predict whether a signal shrinks or grows on its way back",),
)  # fmt: skip
def slope_times_weight(p):
    slope = math.exp(p.z) / (1 + math.exp(p.z)) ** 2
    grows = "grows" if p.w * slope > 1 else "shrinks"
    return Draft(
        stem=f"{p.layers} sigmoid layers of one unit each, every weight {p.w:g}, every unit at $z = {p.z:g}$. A signal goes "
        rf"backward through all of them. By which factor is it multiplied? ($\sigma'({p.z:g}) = {slope:.4f}$)",
        key=(p.w * float(nnlib.sigmoid_grad(p.z))) ** p.layers,
        check=lambda: math.prod([p.w * slope] * p.layers),
        wrong=[
            misconception("slope-without-weight", lambda: slope**p.layers),
            misconception("weight-without-slope", lambda: p.w**p.layers),
            misconception("layers-add-up", lambda: p.layers * p.w * slope),
            *mistakes_of(
                "sigmoid_grad", p.z, only=("value_for_slope",), take=lambda s: (p.w * s) ** p.layers
            ),
        ],
        explain=rf"Each layer multiplies by $w\,\sigma'(z) = {p.w:g} \cdot {slope:.4f} = {p.w * slope:.4f}$; "
        f"{p.layers} of them make {shown((p.w * slope) ** p.layers)}. The signal {grows}: slope and weight decide together.",
    )


TEMPLATES = (
    sigmoid_slope_from_output,
    sigmoid_nudge,
    sigmoid_slope_find_the_error,
    tanh_slope_from_output,
    tanh_slope_from_sigmoid,
    relu_slopes,
    leaky_relu_slopes,
    gelu_slope_erf,
    gelu_slope_tanh,
    slopes_at_one_point,
    table_entry,
    table_shape,
    order_of_slopes,
    saturated_or_not,
    saturated_share,
    dead_relu_unit,
    slope_times_weight,
)
