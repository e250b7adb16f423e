"""Questions on lesson 07: by what a gradient shrinks or grows on its way through the layers.

A ratio that spans many decades is asked for as its logarithm: some outlets round it to 0.
"""

import math
from functools import partial

import numpy as np

import nnlib

from ...exercises import find
from ..display import bracketed, in_latex
from ..template import Draft, Entries, template
from ..wrong import misconception, mistakes_of
from .tools import apart, saying

CAUSES = "vanishing and exploding: causes and effects"
REMEDIES = "vanishing and exploding: remedies"
ask = partial(template, version=1, lesson="07_vanishing_and_exploding")
# The exercise returns a ratio, and what its mistakes say is said of that.
_OF_LOGARITHMS = {
    "upside_down": "The sign of the logarithm is turned round: you took the ratio the other way up.",
    "root_forgotten": "Your logarithm is twice the right one. n σ_w² s is what ‖δ‖² is multiplied by; the ratio asked for is "
    "one of norms.",
}


@ask(
    id="chain-delta-log",
    kind="numeric",
    topic=CAUSES,
    bloom="apply",
    difficulty=2,
    params={"w": (0.5, 1, 1.5, 2, 3, 5.5, 6, 8, 12), "z": (0.0, 1.0, 2.0), "depth": (6, 9, 11, 16, 21, 31)},
    given=lambda p: abs(math.log10(p.w * math.exp(-p.z) / (1 + math.exp(-p.z)) ** 2)) > 0.04,
    atol=0.02,
    cards=("delta-factor", "sigmoid-slope-quarter"),
)
def chain_delta_log(p):
    slope, steps = float(nnlib.sigmoid_grad(p.z)), p.depth - 1
    kept = ("one_layer_too_many", "slope_left_out", "upside_down", "depth_as_factor")
    return Draft(
        stem=rf"A chain of {p.depth} layers has one sigmoid unit in each; every weight is {p.w:g} and every $z$ is "
        rf"{p.z:g}, where the slope is {slope:.4g}. What is $\log_{{10}}(\delta_1/\delta_{{{p.depth}}})$, to two decimals?",
        key=steps * math.log10(p.w * slope),
        check=lambda: math.log10(math.prod([p.w / (2 + 2 * math.cosh(p.z))] * steps)),
        wrong=(
            *saying(
                _OF_LOGARITHMS,
                mistakes_of("predict_ratio", p.depth, 1.0, float(p.w), slope**2, take=np.log10, only=kept),
            ),
            misconception("weights-left-out", steps * math.log10(slope)),
        ),
        explain=rf"One step back multiplies by slope times weight, ${slope:.4g} \cdot {p.w:g} = {p.w * slope:.4g}$, and "
        rf"there are {steps} of them: ${steps} \cdot \log_{{10}} {p.w * slope:.4g} = "
        rf"{steps * math.log10(p.w * slope):.2f}$.",
    )


@ask(
    id="predicted-ratio-log",
    kind="single",
    topic=CAUSES,
    bloom="apply",
    difficulty=3,
    params={
        "width": (20, 50, 100, 200, 400),
        "std": (0.01, 0.02, 0.05, 0.1, 0.2, 0.3),
        "square_slope": (0.0625, 0.25, 0.5),
        "depth": (6, 11, 21),
    },
    given=lambda p: abs(math.log10(p.width * p.std**2 * p.square_slope)) > 0.1,
    cards=("delta-factor",),
)
def predicted_ratio_log(p):
    c, steps = p.width * p.std**2 * p.square_slope, p.depth - 1
    given = p.depth, p.width, p.std, p.square_slope
    return Draft(
        stem=rf"A net has {p.depth} layers of {p.width} units without biases, just initialised: its weights are independent, with mean "
        rf"0 and standard deviation $\sigma_w = {p.std:g}$. The mean of $f'(z)^2$ is {p.square_slope:g} in every layer. Which "
        rf"$\log_{{10}}(\|\delta_1\|/\|\delta_{{{p.depth}}}\|)$ does the formula of `predict_ratio` give?",
        key=math.log10(find("predict_ratio").reference(*given)),
        check=lambda: steps * (math.log(p.width * p.square_slope) / 2 + math.log(p.std)) / math.log(10),
        wrong=saying(_OF_LOGARITHMS, mistakes_of("predict_ratio", *given, take=np.log10)),
        explain=rf"$n \sigma_w^2 s = {p.width} \cdot {p.std:g}^2 \cdot {p.square_slope:g} = {in_latex(c)}$. The norm changes "
        rf"by the root of that in each of {steps} steps: $\frac{{{steps}}}{{2}} \log_{{10}} {in_latex(c)} = "
        rf"{steps / 2 * math.log10(c):.2f}$.",
    )


@ask(
    id="sigmoid-at-its-best-in-steps",
    kind="cloze",
    topic=CAUSES,
    bloom="apply",
    difficulty=2,
    params={"width": (25, 64, 100, 400), "multiple": (0.5, 1.0, 2.0, 3.0, 6.0, 8.0), "depth": (11, 21, 31)},
    cards=("delta-factor", "sigmoid-or-relu"),
)
def sigmoid_at_its_best_in_steps(p):
    std, steps = p.multiple / p.width**0.5, p.depth - 1
    slope = float(nnlib.sigmoid_grad(0.0))
    return Draft(
        stem=rf"A sigmoid net of {p.depth} layers and {p.width} units has weights of standard deviation $\sigma_w = {std:g}$, and every "
        "unit is at its steepest. The mean of $f'(z)^2$ is then [[s]], one step back multiplies $\\|\\delta\\|$ by [[factor]], and "
        f"there are [[steps]] steps, so that the gradient [[verdict]] (write *vanishes* or *explodes*).",
        key={
            "s": slope**2,
            "factor": find("predict_ratio").reference(2, p.width, std, slope**2),
            "steps": steps,
            "verdict": "explodes" if p.multiple * slope > 1 else "vanishes",
        },
        check=lambda: {
            "s": 1 / 16,
            "factor": p.multiple / 4,
            "steps": len(range(1, p.depth)),
            "verdict": ("vanishes", "explodes")[p.multiple > 4],
        },
        explain=rf"$s = \frac{{1}}{{16}}$, and $\sqrt{{{p.width} \cdot {std:g}^2/16}} = {p.multiple / 4:g}$. Over {steps} steps that is "
        rf"${p.multiple / 4:g}^{{{steps}}} \approx {in_latex((p.multiple / 4) ** steps)}$. The weights decide, not sigmoid alone.",
    )


@ask(
    id="relu-scale-for-factor-one",
    kind="single",
    topic=REMEDIES,
    bloom="apply",
    difficulty=2,
    params={"width": tuple(2 * k * k for k in range(2, 41))},
    cards=("he-scale", "delta-factor"),
)
def relu_scale_for_factor_one(p):
    n = p.width
    return Draft(
        stem=rf"ReLU layers of {n} units, no biases, just initialised: the weights are independent, with mean 0. By the formula "
        r"of `predict_ratio`, which standard deviation $\sigma_w$ lets the net hand back $\delta$ neither smaller nor larger, "
        "step by step?",
        key=nnlib.gain("relu") / n**0.5,
        check=lambda: math.exp((math.log(2) - math.log(n)) / 2),
        wrong=(
            misconception("relu-scale-variance", 2 / n),
            misconception("relu-scale-half-left-out", 1 / n**0.5),
            misconception("relu-scale-half-upside-down", (0.5 / n) ** 0.5),
            misconception("relu-scale-width-not-rooted", 2**0.5 / n),
        ),
        explain=rf"The factor $\sqrt{{n \sigma_w^2 s}}$ is to be 1, and half of the slopes are 1, so $s = \frac12$: "
        rf"$\sigma_w = \sqrt{{2/{n}}} = {(2 / n) ** 0.5:.3g}$.",
    )


@ask(
    id="nets-in-order-of-delta",
    kind="order",
    topic=CAUSES,
    bloom="analyse",
    difficulty=3,
    params={
        "widths": Entries((16, 36, 64, 100, 144, 256), (4,)),
        "stds": Entries((0.02, 0.05, 0.1, 0.15, 0.25, 0.4, 1.0), (4,), distinct=True),
    },
    given=lambda p: min(np.diff(np.sort(p.widths * p.stds**2)) / np.sort(p.widths * p.stds**2)[1:]) > 0.1,
    cards=("delta-factor", "sigmoid-or-relu"),
)
def nets_in_order_of_delta(p):
    nets = list(zip(p.widths.tolist(), p.stds.tolist(), strict=True))
    text = {net: rf"$n = {net[0]:g}$, $\sigma_w = {net[1]:g}$" for net in nets}
    ratio = find("predict_ratio").reference
    ordered = sorted(nets, key=lambda net: ratio(11, net[0], net[1], 0.5))
    factors = ", ".join(f"{(n / 2) ** 0.5 * std:.3g}" for n, std in ordered)
    return Draft(
        stem=r"Four bias-free ReLU nets of 11 layers are just initialised: the weights are independent, with mean 0 and the "
        r"standard deviation $\sigma_w$ below; $n$ is the width. Order the nets by the *predicted* "
        r"$\|\delta_1\|/\|\delta_{11}\|$ (the formula of `predict_ratio`): first the one whose gradients vanish most, last the one whose gradients grow most.",
        key=tuple(text[net] for net in ordered),
        check=lambda: tuple(text[net] for net in sorted(nets, key=lambda net: net[0] * net[1] * net[1])),
        explain=rf"One step back multiplies by $\sqrt{{n \sigma_w^2 / 2}}$; in this order the factors are {factors}.",
    )


@ask(
    id="relu-weight-gradients-alike",
    kind="numeric",
    topic=CAUSES,
    bloom="analyse",
    difficulty=4,
    params={"w": Entries((0.1, 0.2, 0.25, 0.5, 2, 4, 5), (3,), distinct=True), "dW": (0.4, -0.8, 1.2, -2.0)},
    given=lambda p: apart([p.w[0] / p.w[2], 1, p.w[2] / p.w[0], 1 / p.w[1] / p.w[2], p.w[1] * p.w[2]]),
    cards=("relu-weight-gradients",),
)
def relu_weight_gradients_alike(p):
    w1, w2, w3 = p.w.tolist()
    x, upstream = np.array([[1.0]]), np.array([[p.dW / (w2 * w3)]])
    a = nnlib.relu(nnlib.relu(x * w1) * w2)
    dW3 = float(nnlib.linear_backward(upstream, a, np.array([[w3]]))[1][0, 0])
    return Draft(
        stem="Three layers of one ReLU unit each, no biases, the last one linear; the single example's $z$ is positive everywhere. "
        rf"$W_1 = {w1:g}$, $W_2 = {w2:g}$, $W_3 = {w3:g}$, and $dW_1 = {p.dW:g}$. What is $dW_3$?",
        key=dW3,
        check=lambda: w1 * p.dW / w3,
        wrong=(
            misconception("same-dw-in-every-layer", p.dW),
            misconception("dw-follows-weights", p.dW * w3 / w1),
            misconception("delta-for-dw", p.dW / (w2 * w3)),
            misconception("dw-through-weights", p.dW * w2 * w3),
        ),
        explain=rf"$W_l\,dW_l$ is the same number in every layer, here ${w1:g} \cdot {bracketed(p.dW)} = {w1 * p.dW:g}$, so $dW_3 = "
        rf"{w1 * p.dW:g}/{w3:g} = {w1 * p.dW / w3:.3g}$. The sizes of $dW$ do not show whether $\delta$ vanishes.",
    )


TEMPLATES = (
    chain_delta_log,
    predicted_ratio_log,
    sigmoid_at_its_best_in_steps,
    relu_scale_for_factor_one,
    nets_in_order_of_delta,
    relu_weight_gradients_alike,
)
