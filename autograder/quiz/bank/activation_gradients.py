"""Questions on lesson 02: slopes at a point."""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import shown
from ..template import Draft, grid, template
from ..wrong import misconception, mistakes_of, value_of
from .tools import apart, described, saying, worked

ask = partial(
    template, version=1, lesson="02_activation_gradients", topic="activation gradients", bloom="apply"
)


@ask(
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


# By what each mistake of the exercise multiplies.
_FACTORS = {
    "value_for_slope": "σ(z), the height of the curve",
    "one_minus_s": "1 − s, with s = σ(z)",
    "z_for_s": "z(1 − z)",
    "sigmoid_twice": "σ′(σ(z))",
    "inner_sign_lost": "−σ′(z)",
    "square_forgotten": "e^(−|z|)/(1 + e^(−|z|)), without the square",
    "outer_only": "s², with s = σ(z)",
    "rule_of_tanh": "1 − s², with s = σ(z)",
    "plus_for_minus": "s(1 + s), with s = σ(z)",
    "largest_slope": "¼, the largest slope",
}


@ask(
    id="sigmoid-nudge", kind="numeric", difficulty=2, cards=("slope-as-prediction", "value-and-slope"),
    params={"z": grid(-3, 3, 0.5, exclude=[0, 2]), "dz": (0.02, 0.05, 0.2)},
    objectives=("say what a slope predicts",), rtol=2e-2,
)  # fmt: skip
def sigmoid_nudge(p):
    s = float(nnlib.sigmoid(p.z))
    slope = math.exp(p.z) / (1 + math.exp(p.z)) ** 2
    return Draft(
        stem=rf"At $z = {p.z:g}$ a sigmoid unit answers {s:.4f}. Now $z$ grows by {p.dz:g}. By about how much does the "
        "answer grow, judged by the slope? (three significant digits)",
        key=float(nnlib.sigmoid_grad(p.z)) * p.dz,
        check=lambda: slope * p.dz,
        wrong=[
            *saying(
                {
                    name: f"In place of the slope you multiplied Δz by {factor}."
                    for name, factor in _FACTORS.items()
                },
                mistakes_of("sigmoid_grad", p.z, take=lambda out: out * p.dz),
            ),
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


@ask(
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


@ask(
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


@ask(
    id="tanh-slope-from-sigmoid", kind="numeric", difficulty=3, cards=("chain-rule", "tanh-and-sigmoid"),
    params={"z": grid(-2, 2, 0.25, exclude=[0, 1])}, objectives=("differentiate tanh(z) = 2σ(2z) − 1",),
)  # fmt: skip
def tanh_slope_from_sigmoid(p):
    slope = float(nnlib.sigmoid_grad(2 * p.z))
    return Draft(
        stem=rf"$\tanh(z) = 2\sigma(2z) - 1$, and $\sigma'({2 * p.z:g}) = {slope:.5f}$. What is $\tanh'({p.z:g})$, to three significant digits?",
        key=float(nnlib.tanh_grad(p.z)),
        check=lambda: 1 / math.cosh(p.z) ** 2,
        wrong=mistakes_of("tanh_grad", p.z),
        explain=rf"The outer 2 stays and the inner $2z$ brings out another: $4\,\sigma'({2 * p.z:g}) = 4 \cdot {slope:.5f} = {4 * slope:.4f}$.",
    )


def _turned(values, place):
    """The values in another order, so that the kink stands anywhere."""
    return np.array([*values[place:], *values[:place]], dtype=float)


@ask(
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


@ask(
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


@ask(
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


@ask(
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
        rf"At $z = {p.z:g}$, $\tanh u = {t:.5f}$ and $\sqrt{{2/\pi}} = 0.79788$. What is the slope, to four significant digits?",
        key=float(nnlib.gelu_grad(p.z, "tanh")),
        check=by_complex_step,
        wrong=worked("gelu_grad", p.z, "tanh", only=_OF_BOTH_FORMS + _OF_TANH),
        explain=rf"$u' = 0.79788\,(1 + 3 \cdot 0.044715\,z^2) = {inner:.5f}$, so the slope is $\tfrac12(1 + \tanh u) + "
        rf"\tfrac12 z(1 - \tanh^2 u)\,u' = {(1 + t) / 2:.5f} + ({p.z * (1 - t * t) * inner / 2:.5f})$.",
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
)
