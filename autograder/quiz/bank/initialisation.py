"""Questions on lesson 08."""

import math
from functools import cache, partial

import numpy as np

import nnlib

from ..template import Draft, grid, template
from ..wrong import misconception

ask = partial(template, version=1, lesson="08_initialisation", topic="initialisation")


class _Ends(np.random.Generator):
    """Draws the upper end of an interval and one standard deviation, so that an initializer shows its "
    "scale."""

    def __init__(self):
        super().__init__(np.random.PCG64(0))

    def uniform(self, low, high, size):
        return np.full(size, float(high))

    def standard_normal(self, size):
        return np.ones(size)


_ENDS = _Ends()


@cache
def _rotation(gain):
    return nnlib.orthogonal((2, 2), np.random.default_rng(0), gain=gain)


@ask(
    id="xavier-uniform-bound",
    kind="numeric",
    bloom="apply",
    difficulty=2,
    params={"inputs": (16, 20, 24, 30, 40, 60), "units": (10, 50, 80, 100)},
    given=lambda p: max(p.inputs, p.units) / min(p.inputs, p.units) > 1.2,
    objectives=("compute the scale of Xavier's weights",),
    cards=("xavier-formula", "uniform-bound"),
)
def xavier_uniform_bound(p):
    d, h = p.inputs, p.units
    return Draft(
        stem=f"A layer with {d} inputs and {h} units gets Xavier's *uniform* weights, U[−b, b], with gain "
        "1. What is b, to three significant digits?",
        key=float(nnlib.xavier_uniform((d, h), _ENDS)[0, 0]),
        check=lambda: math.sqrt(3) * math.sqrt(1 / ((d + h) / 2)),
        wrong=(
            misconception("uniform-bound-without-root-three", math.sqrt(2 / (d + h))),
            misconception("lecun-in-place-of-xavier", math.sqrt(3 / d)),
            misconception("he-in-place-of-xavier", math.sqrt(6 / d)),
            misconception("std-for-variance", 6 / (d + h)),
        ),
        explain=rf"The variance is $2 / ({d} + {h}) = {2 / (d + h):.4g}$. A uniform bound is $\sqrt 3$ "
        rf"standard deviations: $\sqrt{{6 / {d + h}}} = {math.sqrt(6 / (d + h)):.3g}$.",
    )


@ask(
    id="he-std-of-a-kernel",
    kind="single",
    bloom="apply",
    difficulty=3,
    params={"channels": (2, 3, 4, 8), "kernels": (5, 10, 16), "side": (3, 5)},
    objectives=("compute the scale of He's weights for a kernel",),
    cards=("he-formula", "fans-of-a-kernel"),
)
def he_std_of_a_kernel(p):
    c, f, k = p.channels, p.kernels, p.side
    fan = c * k * k
    return Draft(
        stem=f"A convolution has {f} kernels of {k} × {k} on {c} channels, followed by ReLU. Which standard "
        "deviation do He's normal weights have (fan_in)?",
        key=float(nnlib.he_normal((f, c, k, k), _ENDS)[0, 0, 0, 0]),
        check=lambda: 1 / math.sqrt(sum(0.5 for _ in range(c) for _ in range(k) for _ in range(k))),
        wrong=(
            misconception("fan-out-for-fan-in", math.sqrt(2 / (f * k * k))),
            misconception("kernel-area-forgotten", math.sqrt(2 / c)),
            misconception("kernel-channels-forgotten", math.sqrt(2 / (k * k))),
            misconception("forgets-relu-half", math.sqrt(1 / fan)),
            misconception("std-for-variance", 2 / fan),
        ),
        explain=rf"fan_in is ${c} \cdot {k} \cdot {k} = {fan}$, so the standard deviation is "
        rf"$\sqrt{{2 / {fan}}} = {math.sqrt(2 / fan):.3g}$.",
    )


@ask(
    id="gain-of-leaky-relu",
    kind="numeric",
    bloom="apply",
    difficulty=3,
    params={"slope": grid(0.2, 0.9, 0.05)},
    rtol=5e-3,
    objectives=("derive the gain of an activation",),
    cards=("gain-definition",),
)
def gain_of_leaky_relu(p):
    s = round(p.slope, 2)
    square = (1 + s * s) / 2
    return Draft(
        stem=f"What is the gain of a leaky ReLU with slope {s:g} on the negative side, to three significant digits?",
        key=nnlib.gain("leaky_relu", slope=s),
        check=lambda: math.sqrt(2) / math.hypot(1, s),
        wrong=(
            misconception("gain-of-relu-for-all", math.sqrt(2)),
            misconception("gain-without-root", 1 / square),
            misconception("slope-not-squared", math.sqrt(2 / (1 + s))),
            misconception("gain-upside-down", math.sqrt(square)),
        ),
        explain=rf"$E[f(z)^2] = \frac12 + \frac12 \cdot {s:g}^2 = {square:.4g}$, and the gain is "
        rf"$1/\sqrt{{{square:.4g}}} = {1 / math.sqrt(square):.3g}$.",
    )


@ask(
    id="length-through-orthogonal-layers",
    kind="numeric",
    bloom="apply",
    difficulty=2,
    params={
        "x": ((3.0, 4.0), (6.0, 8.0), (5.0, 12.0), (8.0, 15.0)),
        "gain": (0.5, 1.5, 2.0, 3.0),
        "layers": (2, 3, 4),
    },
    given=lambda p: p.gain * p.layers not in (1, p.gain**p.layers),
    digits=4,
    objectives=("follow a length through orthogonal layers",),
    cards=("orthogonal-weights",),
)
def length_through_orthogonal_layers(p):
    a, b = p.x
    g, layers = p.gain, p.layers
    # One matrix serves as every layer: each keeps lengths, up to its gain.
    out = np.array([a, b])
    for _ in range(layers):
        out = out @ _rotation(g)
    size = math.hypot(a, b)
    return Draft(
        stem=f"The vector ({a:g}, {b:g}) passes {layers} linear layers without biases. Their weights are "
        f"orthogonal 2 × 2 matrices times the gain {g:g}. How long is the result?",
        key=math.hypot(*out),
        check=lambda: math.exp(layers * math.log(g)) * math.sqrt(a * a + b * b),
        wrong=(
            misconception("orthogonal-ignores-gain", size),
            misconception("gains-add-up", size * g * layers),
            misconception("gain-upside-down", size / g**layers)._replace(
                says="Each layer multiplies by the gain; you divided."
            ),
        ),
        explain=rf"The length of the vector is {size:g}. Each layer multiplies it by {g:g}: ${size:g} \cdot "
        rf"{g:g}^{layers} = {size * g**layers:g}$.",
    )


TEMPLATES = (xavier_uniform_bound, he_std_of_a_kernel, gain_of_leaky_relu, length_through_orthogonal_layers)
