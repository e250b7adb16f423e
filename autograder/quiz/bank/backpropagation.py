"""Questions on lesson 05: the chain rule through one neuron, and broadcasting backwards."""

import cmath
import math
from functools import partial

import numpy as np

import nnlib

from ..display import bracketed, tex
from ..template import Draft, Entries, grid, template
from ..wrong import misconception, mistakes_of

ask = partial(template, lesson="05_backpropagation", version=1)
WHOLE = grid(-3, 3, 1)
NOT_ZERO = grid(-3, 3, 1, exclude=[0])
STEP = 1e-30  # of the complex step: f(x + ih) = f(x) + ih·f'(x), with nothing to cancel
FUNCTIONS = {"tanh": cmath.tanh, "sigmoid": lambda z: 1 / (1 + cmath.exp(-z))}


@ask(
    id="neuron-backwards", objectives=("walk backwards through a graph with the chain rule",),
    kind="numeric", topic="chain rule", bloom="apply", difficulty=2,
    params={"x": NOT_ZERO, "w": grid(-2, 2, 0.5, exclude=[0]), "b": WHOLE, "y": (0, 1), "of": ("w", "b", "x")},
    given=lambda p: abs(p.w * p.x + p.b) <= 2 and p.x not in (1, p.w), atol=1e-4,
    cards=("chain-rule", "local-derivative", "derivative-at-z"),
)  # fmt: skip
def neuron_backwards(p):
    z = p.w * p.x + p.b
    a, slope = float(nnlib.sigmoid(z)), float(nnlib.sigmoid_grad(z))
    local = {"w": p.x, "b": 1.0, "x": p.w}[p.of]

    def nudged():
        w, b, x = (value + 1j * STEP * (name == p.of) for name, value in (("w", p.w), ("b", p.b), ("x", p.x)))
        return ((FUNCTIONS["sigmoid"](w * x + b) - p.y) ** 2 / 2).imag / STEP

    return Draft(
        stem=rf"A neuron has $x = {p.x:g}$, $w = {p.w:g}$, $b = {p.b:g}$, so $z = wx + b = {z:g}$ and "
        rf"$a = \sigma(z) = {a:.4f}$. The answer should be {p.y}, and the loss is $\frac12 (a - {p.y})^2$. "
        f"What is d{p.of}, to three significant digits? (d{p.of} stands for ∂loss/∂{p.of}.)",
        key=(a - p.y) * slope * local,
        check=nudged,
        wrong=(
            misconception("slope-left-out", (a - p.y) * local),
            misconception("slope-at-the-output", (a - p.y) * float(nnlib.sigmoid_grad(a)) * local),
            misconception("local-derivatives-added", a - p.y + slope + local),
            misconception("wanted-minus-answer", (p.y - a) * slope * local),
        ),
        explain=rf"Along the path: $(a - y) \cdot \sigma'(z) \cdot {bracketed(local, 4)} = {a - p.y:.4f} \cdot {slope:.4f} "
        rf"\cdot {bracketed(local, 4)} = {(a - p.y) * slope * local:.4f}$.",
    )


@ask(
    id="relu-neuron-walk", objectives=("walk forwards and backwards through a graph",),
    kind="cloze", topic="forward, loss, backward", bloom="apply", difficulty=1,
    params={"x": NOT_ZERO, "w": NOT_ZERO, "b": WHOLE, "y": WHOLE},
    given=lambda p: p.x != 1 and p.w * p.x + p.b not in (0, p.y) and p.w * p.x + p.b - p.y < 14, cards=("forward-loss-backward", "chain-rule"),
)  # fmt: skip
def relu_neuron_walk(p):
    z = np.array([p.w * p.x + p.b])
    a, slope = float(nnlib.relu(z)[0]), float(nnlib.relu_grad(z)[0])
    on = p.w * p.x + p.b > 0
    return Draft(
        stem=rf"A neuron with ReLU has $x = {p.x:g}$, $w = {p.w:g}$, $b = {p.b:g}$. Forward: $z$ = [[z]] and $a$ = [[a]]. "
        rf"Loss: it is $\frac12 (a - y)^2$ with $y = {p.y:g}$, that is [[loss]]. Backward: da = [[da]], dz = [[dz]] and "
        "dw = [[dw]]. (da stands for ∂loss/∂a, and so on.)",
        key={
            "z": float(z[0]),
            "a": a,
            "loss": nnlib.mse(np.array([a]), np.array([p.y])),
            "da": a - p.y,
            "dz": (a - p.y) * slope,
            "dw": (a - p.y) * slope * p.x,
        },
        check=lambda: {
            "z": p.w * p.x + p.b,
            "a": (p.w * p.x + p.b) * on,
            "loss": ((p.w * p.x + p.b) * on - p.y) ** 2 / 2,
            "da": (p.w * p.x + p.b) * on - p.y,
            "dz": (p.w * p.x + p.b - p.y) * on,
            "dw": (p.w * p.x + p.b - p.y) * p.x * on,
        },
        explain=f"z is {'above' if on else 'below'} 0, so ReLU lets {'everything' if on else 'nothing'} through, and its "
        f"slope is {slope:g}: $dz = {bracketed(a - p.y, 4)} \\cdot {slope:g}$, and dw is ${p.x:g}$ times that.",
    )


@ask(
    id="swish-by-two-paths", objectives=("add the shares of a number that is used twice",),
    kind="numeric", topic="chain rule", bloom="apply", difficulty=3,
    params={"z": grid(-2, 2, 0.25, exclude=[0]), "ds": (-3, -2, 2, 3, 4)}, atol=1e-4,
    cards=("reuse-adds-gradients", "accumulate-not-overwrite"),
)  # fmt: skip
def swish_by_two_paths(p):
    g = float(nnlib.sigmoid(p.z))
    straight, gate = p.ds * g, p.ds * p.z * g * (1 - g)
    return Draft(
        stem=rf"A gate multiplies: $s = z \cdot g$ with $g = \sigma(z)$. At $z = {p.z:g}$, where $g = {g:.4f}$, the "
        f"gradient $ds = {p.ds}$ arrives. What is dz, to three significant digits? (dz stands for ∂loss/∂z.)",
        key=p.ds * float(nnlib.swish_grad(p.z)),
        check=lambda: p.ds * ((x := p.z + 1j * STEP) * FUNCTIONS["sigmoid"](x)).imag / STEP,
        wrong=(
            misconception("straight-path-only", straight),
            misconception("gate-path-only", gate),
            misconception("paths-multiplied", p.ds * g * p.z * g * (1 - g)),
            misconception("gate-not-differentiated", p.ds * (g + p.z * g)),
        ),
        explain=rf"Two arrows leave $z$. Straight: ${bracketed(p.ds, 4)} \cdot {g:.4f} = {straight:.4f}$. Through the gate: "
        rf"${bracketed(p.ds, 4)} \cdot {bracketed(p.z, 4)} \cdot \sigma'(z) = {gate:.4f}$. They add up.",
    )


@ask(
    id="unbroadcast-to-shape", objectives=("undo broadcasting",),
    kind="single", topic="chain rule", bloom="apply", difficulty=3,
    params={
        "G": Entries(grid(1, 9, 1), (2, 3), distinct=True),
        "shape": ((3,), (1, 3), (2, 1), (1, 1), (1,), ()),
    },
    cards=("unbroadcast-two-kinds", "reuse-adds-gradients", "broadcasting-aligns-right"),
)  # fmt: skip
def unbroadcast_to_shape(p):
    # By hand: entry (i, j) goes back to the number that was copied there.
    rows, columns = (1, 1, *p.shape)[-2:]

    def collected():
        total = np.zeros((rows, columns))
        for i in range(2):
            for j in range(3):
                total[i if rows > 1 else 0, j if columns > 1 else 0] += p.G[i, j]
        return total.reshape(p.shape)

    return Draft(
        stem=f"An array of shape `{p.shape}` was broadcast to `(2, 3)`, and the gradient at the result is $G = {tex(p.G)}$. "
        "What is the gradient at the array?",
        key=nnlib.unbroadcast(p.G, p.shape),
        check=collected,
        wrong=mistakes_of("unbroadcast", p.G, p.shape),
        explain=f"Each number was copied {6 // math.prod(p.shape)} times. The gradients of its copies add up, and the "
        f"answer has the shape `{p.shape}`.",
    )


@ask(
    id="unbroadcast-equal-gradients", objectives=("undo broadcasting",),
    kind="numeric", topic="chain rule", bloom="understand", difficulty=2,
    params={
        "shapes": (
            *(((32, 4), (4,)), ((16, 5), (5,)), ((8, 6), (8, 1)), ((4, 3, 5), (3, 1)), ((2, 6, 3), (1, 3))),
            *(((6, 4), ()), ((5, 8), (1, 1)), ((3, 4, 5), (5,))),
        ),
        "c": (0.25, 0.5, 1.5, 2.0, 3.0, -0.5, -2.0),
    },
    cards=("unbroadcast-two-kinds", "reuse-adds-gradients"),
)  # fmt: skip
def unbroadcast_equal_gradients(p):
    big, small = p.shapes
    G = np.full(big, p.c)
    copies = math.prod(big) // math.prod(small)
    return Draft(
        stem=f"An array of shape `{small}` was added to one of shape `{big}`. At the result the gradient is ${p.c:g}$ "
        "everywhere. What is each entry of the small array's gradient?",
        key=float(nnlib.unbroadcast(G, small).flat[0]),
        check=lambda: sum(p.c for _ in range(copies)),
        wrong=(
            *mistakes_of("unbroadcast", G, small, take=lambda total: float(np.ravel(total)[0])),
            misconception("counts-its-own-entries", p.c * math.prod(small)),
        ),
        explain=rf"${math.prod(big)} / {math.prod(small)} = {copies}$ copies were made of each entry, and each brings "
        rf"${p.c:g}$ back: ${copies} \cdot {bracketed(p.c, 4)} = {copies * p.c:g}$.",
    )


TEMPLATES = (
    neuron_backwards,
    relu_neuron_walk,
    swish_by_two_paths,
    unbroadcast_to_shape,
    unbroadcast_equal_gradients,
)
