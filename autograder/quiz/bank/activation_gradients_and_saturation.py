"""Questions on lesson 02: saturated and dead units."""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import shown
from ..template import Draft, Entries, template
from ..wrong import misconception, mistakes_of
from .tools import saying

ask = partial(
    template, version=1, lesson="02_activation_gradients", topic="activation gradients", bloom="apply"
)


@ask(
    id="saturated-or-not", version=2, kind="cloze", difficulty=3, rtol=2e-2, topic="saturation and dying units",
    cards=("saturation", "largest-slopes"),
    params={"name": ("sigmoid", "tanh"), "z": (-7.0, -5.0, -4.0, -3.5, -2.5, -1.5, 1.5, 2.0, 3.5, 4.0, 5.0, 7.0)},
    given=lambda p: p.name == "sigmoid" or abs(p.z) <= 4,
    objectives=("decide whether a unit is saturated",),
)  # fmt: skip
def saturated_or_not(p):
    slope, top = float(nnlib.ACTIVATIONS[p.name].grad(p.z)), float(nnlib.ACTIVATIONS[p.name].grad(0.0))
    # both hills are 1/cosh² of a stretched z
    hill = 1 / math.cosh(p.z if p.name == "tanh" else p.z / 2) ** 2
    power = -abs(p.z) * (2 if p.name == "tanh" else 1)
    yes, no = ("saturated", "yes"), ("not saturated", "unsaturated", "not", "no")
    verdict = yes if slope < 0.01 * top else no
    return Draft(
        stem=f"A {p.name} unit sits at $z = {p.z:g}$. Its slope there is [[slope]], which is [[percent]] % of the largest "
        f"slope of the function (three significant digits; $e^{{{power:g}}} = {math.exp(power):.4g}$). A unit below 1 % counts as saturated: this one is [[verdict]] "
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


@ask(
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


_BORDERS = 2 * math.acosh(10), math.acosh(10)  # where the slopes of sigmoid and tanh are 1 % of the largest


def _shares(p):
    """Saturated share; with the other function's border; counted on the right only; not saturated."""
    border, of_other = _BORDERS if p.name == "sigmoid" else _BORDERS[::-1]
    z = p.z.tolist()
    share = sum(abs(x) > border for x in z) / 10
    other = sum(abs(x) > of_other for x in z) / 10
    return share, other, sum(x > border for x in z) / 10, 1 - share


@ask(
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


@ask(
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
            *saying(
                {
                    "value_for_slope": "This multiplies by the height σ(z) at each layer where the slope σ′(z) belongs."
                },
                mistakes_of(
                    "sigmoid_grad", p.z, only=("value_for_slope",), take=lambda s: (p.w * s) ** p.layers
                ),
            ),
        ],
        explain=rf"Each layer multiplies by $w\,\sigma'(z) = {p.w:g} \cdot {slope:.4f} = {p.w * slope:.4f}$; "
        f"{p.layers} of them make {shown((p.w * slope) ** p.layers)}. The signal {grows}: slope and weight decide together.",
    )


TEMPLATES = (
    saturated_or_not,
    saturated_share,
    dead_relu_unit,
    slope_times_weight,
)
