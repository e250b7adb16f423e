"""Questions on lesson 12."""

import math
from functools import partial

import numpy as np

import nnlib

from ..display import in_latex, listed, tex
from ..template import Draft, Entries, template
from ..wrong import misconception
from .tools import saying

ask = partial(template, version=1, lesson="12_applications")
_MODEL = nnlib.Linear(3, 2, np.random.default_rng(0))  # its weights are set for each question
SMALL = tuple(float(n) for n in range(-3, 4))


@ask(
    id="convolution-of-an-image",
    kind="matrix",
    topic="applications",
    bloom="apply",
    difficulty=2,
    params={
        "x": Entries(SMALL, (3, 3)),
        "w": Entries((-2.0, -1.0, 0.0, 1.0, 2.0), (2, 2), distinct=True),
        "b": (-1.0, 1.0, 2.0),
    },
    objectives=("compute a convolution",),
    cards=("convolution-unflipped",),
)
def convolution_of_an_image(p):
    x, w, b = p.x, p.w, p.b

    def slid(kernel):
        return np.array(
            [
                [sum(kernel[i, j] * x[r + i, c + j] for i in (0, 1) for j in (0, 1)) for c in (0, 1)]
                for r in (0, 1)
            ]
        )

    products = " + ".join(rf"({k:g}) \cdot ({v:g})" for k, v in zip(w.flat, x[:2, :2].flat, strict=True))
    return Draft(
        stem=f"A convolution layer has the bias ${b:g}$ and one kernel, the second of these matrices. What "
        f"does it make of the first one (stride 1, no padding)?\n\n$$X = {tex(x, 6)}, \\quad W = "
        f"{tex(w, 6)}$$",
        key=nnlib.conv2d_forward(x[None, None], w[None, None], np.array([b]))[0, 0],
        check=lambda: slid(w) + b,
        wrong=(
            misconception("kernel-is-flipped", lambda: slid(w[::-1, ::-1]) + b),
            misconception("convolution-forgets-bias", lambda: slid(w)),
            misconception("kernel-sum-without-weights", lambda: slid(np.ones((2, 2))) + b),
        ),
        explain=rf"The kernel isn't flipped. First entry: ${products} + ({b:g}) = "
        rf"{(w * x[:2, :2]).sum() + b:g}$.",
    )


@ask(
    id="shape-after-convolution",
    kind="single",
    topic="applications",
    bloom="apply",
    difficulty=2,
    params={
        "c": (2, 3),
        "f": (4, 5),
        "size": (7, 9, 11, 13),
        "k": (3, 5),
        "stride": (2, 3),
        "padding": (1, 2),
    },
    objectives=("compute the shape of a convolution's output",),
    cards=("convolution-size",),
)
def shape_after_convolution(p):
    c, f, size, k, s, pad = p.c, p.f, p.size, p.k, p.stride, p.padding
    out = nnlib.conv2d_forward(
        np.zeros((1, c, size, size)), np.zeros((f, c, k, k)), np.zeros(f), s, pad
    ).shape

    def shape(side, channels=f):
        return (1, channels, side, side)

    return Draft(
        stem=f"One image of {size} × {size} with {c} channels goes through {f} kernels of {k} × {k}, with "
        f"stride {s} and padding {pad}. Which shape comes out?",
        key=out,
        check=lambda: shape(len(range(-pad, size + pad - k + 1, s))),
        wrong=(
            misconception("output-without-padding", shape((size - k) // s + 1)),
            misconception("padding-on-one-side", shape((size + pad - k) // s + 1)),
            misconception("output-without-stride", shape(size + 2 * pad - k + 1)),
            misconception("forgets-last-window", shape((size + 2 * pad - k) // s)),
            misconception("outputs-have-input-channels", shape((size + 2 * pad - k) // s + 1, c)),
        ),
        explain=rf"$\lfloor ({size} + 2 \cdot {pad} - {k}) / {s} \rfloor + 1 = {out[2]}$ in each direction, "
        rf"and one channel for each of the {f} kernels.",
    )


@ask(
    id="gradient-through-max-pooling",
    kind="matrix",
    topic="applications",
    bloom="apply",
    difficulty=2,
    params={
        "x": Entries(tuple(float(n) for n in range(1, 10)), (2, 4), distinct=True),
        "u": Entries((-8.0, -4.0, 4.0, 8.0, 12.0), (2,)),
    },
    objectives=("compute max pooling's backward pass",),
    cards=("max-pooling-gradient",),
)
def gradient_through_max_pooling(p):
    x, u = p.x, p.u
    each = np.repeat(u, 2)[None].repeat(2, 0)
    top = np.array([[x[:, c // 2 * 2 : c // 2 * 2 + 2].max() for c in range(4)]] * 2)
    return Draft(
        stem="Max pooling with windows of 2 × 2 has seen the matrix below, and gets the upstream gradients "
        f"${listed(u)}$ for its two windows. What is the gradient at the matrix?\n\n$${tex(x, 6)}$$",
        key=nnlib.max_pool_backward(u[None, None, None], x[None, None], 2)[0, 0],
        check=lambda: np.array(
            [
                [
                    u[c // 2]
                    if all(x[r, c] >= x[a, b] for a in (0, 1) for b in (c // 2 * 2, c // 2 * 2 + 1))
                    else 0.0
                    for c in range(4)
                ]
                for r in (0, 1)
            ]
        ),
        wrong=(
            misconception("pooling-shares-the-gradient", each / 4),
            misconception("pooling-gives-to-all", each),
            misconception("pooling-hands-on-values", np.where(x == top, x, 0.0)),
        ),
        explain=f"The maxima are {top[0, 0]:g} on the left and {top[0, 2]:g} on the right. They get "
        f"${u[0]:g}$ and ${u[1]:g}$, all others 0.",
    )


@ask(
    id="recurrent-weight-gradient",
    kind="numeric",
    topic="feed-forward and recurrent use",
    bloom="apply",
    difficulty=4,
    params={
        "x": Entries((-2.0, -1.0, 1.0, 2.0, 3.0), (3,)),
        "w": (-2.0, -0.5, 0.5, 2.0, 3.0),
        "u": (-1.0, 1.0, 2.0),
    },
    given=lambda p: abs(p.x[1] + 2 * p.w * p.x[0]) > 0.2,
    objectives=("carry out backpropagation through time",),
    cards=("through-time-sum",),
)
def recurrent_weight_gradient(p):
    x, w, u = p.x.tolist(), p.w, p.u
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    upstream = np.zeros((1, 3, 1))
    upstream[0, 2, 0] = u
    dWh = nnlib.rnn_backward(upstream, p.x[None, :, None], zero, one, w * one, zero[0], "identity")[3]
    h1 = x[0]
    h2 = x[1] + w * h1
    return Draft(
        stem=rf"A linear recurrent unit $h_t = x_t + w h_{{t-1}}$ with $h_0 = 0$ and $w = {w:g}$ reads "
        rf"${listed(x)}$. The loss's gradient at $h_3$ is ${u:g}$. What is $\partial\,\text{{loss}} / "
        r"\partial w$?",
        key=float(dWh[0, 0]),
        check=lambda: u * (x[1] + 2 * w * x[0]),  # h_3 = x_3 + w x_2 + w² x_1, differentiated
        wrong=(
            misconception("only-the-last-step-counts", u * h2),
            misconception("shared-weight-averages", u * (h2 + w * h1) / 3),
            misconception("forgets-the-recurrent-term", u * (h2 + h1)),
            misconception("shared-weight-keeps-one", u * w * h1),
        ),
        explain=rf"$h_1 = {h1:g}$ and $h_2 = {h2:g}$. The third step adds ${u:g} \cdot h_2 = {u * h2:g}$; "
        rf"the gradient at $h_2$ is ${u:g} \cdot ({w:g}) = {u * w:g}$, so the second step adds ${u * w:g} "
        rf"\cdot h_1 = {u * w * h1:g}$. The first adds 0, as $h_0 = 0$. The sum is ${u * (h2 + w * h1):g}$.",
    )


# Both usually stand beside a sum over the steps; this question has a product.
ONE_FACTOR_A_STEP = {
    "only-the-last-step-counts": "Each step multiplies by w; you have counted one step.",
    "shared-weight-averages": "Nothing is divided by the number of steps: the factors multiply.",
}


@ask(
    id="gradient-across-time",
    kind="single",
    topic="feed-forward and recurrent use",
    bloom="apply",
    difficulty=2,
    params={"w": (-0.5, 0.2, 0.4, 0.5, 1.5, 2.0, 3.0), "steps": (4, 5, 6)},
    objectives=("predict a gradient across time",),
    cards=("through-time-product",),
)
def gradient_across_time(p):
    w, steps = p.w, p.steps
    one, zero = np.ones((1, 1)), np.zeros((1, 1))
    upstream = np.zeros((1, steps, 1))
    upstream[0, -1, 0] = 1.0
    dh = nnlib.rnn_backward(upstream, np.zeros((1, steps, 1)), zero, one, w * one, zero[0], "identity")[1]
    return Draft(
        stem=rf"In a linear recurrent unit $h_t = x_t + w h_{{t-1}}$ with $w = {w:g}$, what is $\partial "
        rf"h_{steps} / \partial h_0$?",
        key=float(dh[0, 0]),
        check=lambda: math.copysign(math.exp(steps * math.log(abs(w))), w if steps % 2 else 1),
        wrong=saying(
            ONE_FACTOR_A_STEP,
            (
                misconception("recurrent-factor-once-too-few", w ** (steps - 1)),
                misconception("recurrent-factors-add", steps * w),
                misconception("only-the-last-step-counts", w),
                misconception("shared-weight-averages", w**steps / steps),
            ),
        ),
        explain=rf"Each of the {steps} steps multiplies by $w$: $({w:g})^{steps} = {in_latex(w**steps)}$.",
    )


@ask(
    id="lstm-cell-after-a-step",
    version=2,
    kind="numeric",
    topic="feed-forward and recurrent use",
    bloom="apply",
    difficulty=3,
    params={"z": Entries((-2.0, -1.0, 0.5, 1.0, 2.0), (4,), distinct=True), "c": (-2.0, 1.5, 2.0, 3.0)},
    rtol=1e-2,
    objectives=("compute an LSTM's cell",),
    cards=("lstm-equations",),
)
def lstm_cell_after_a_step(p):
    z, c = p.z, p.c
    one, zero = np.zeros((1, 1)), np.zeros((1, 4))
    key = float(nnlib.lstm_step_forward(one, one, np.array([[c]]), zero, zero, z)[1][0, 0])
    s = [1 / (1 + math.exp(-v)) for v in z]
    i, f, o, g = s[0], s[1], s[3], math.tanh(z[2])
    return Draft(
        stem=f"An LSTM has one unit and the cell $c = {c:g}$. In this step the sums before the gates, in "
        f"the order (i, f, g, o), are $z = ({listed(z)})$. What is the new cell, to three significant digits?",
        key=key,
        check=lambda: (
            c * (1 + math.tanh(z[1] / 2)) / 2
            + (1 + math.tanh(z[0] / 2)) / 2 * (1 - 2 / (1 + math.exp(2 * z[2])))
        ),
        wrong=(
            misconception("cell-forgets-to-forget", c + i * g),
            misconception("cell-for-state", o * math.tanh(key)),
            misconception("candidate-without-gate", f * c + g),
            misconception("candidate-through-a-sigmoid", f * c + i * s[2]),
        ),
        explain=rf"$i = \sigma({z[0]:g}) = {i:.3f}$, $f = \sigma({z[1]:g}) = {f:.3f}$, $g = \tanh({z[2]:g}) "
        rf"= {g:.3f}$. The cell is ${f:.3f} \cdot ({c:g}) + {i:.3f} \cdot ({g:.3f}) = {key:.3f}$. The "
        "output gate has no part in it.",
    )


def _bends(maps, first, second):
    """Whether ReLU has something to cut and something to keep, and neither map nor its weight is empty."""
    mixed = [first * a + second * b for a, b in zip(*maps, strict=True)]
    return min(mixed) < 0 < max(mixed) and first and second and all(map(any, maps))


@ask(
    id="grad-cam-of-two-maps",
    kind="vector",
    topic="interpreting decisions",
    bloom="apply",
    difficulty=3,
    params={
        "a": Entries((0.0, 1.0, 2.0, 3.0), (2, 3)),
        "g": Entries((-6.0, -3.0, 0.0, 3.0, 6.0), (2, 3)),
    },
    given=lambda p: _bends(p.a.tolist(), *map(sum, p.g.tolist())),
    objectives=("compute a Grad-CAM map",),
    cards=("grad-cam-steps",),
)
def grad_cam_of_two_maps(p):
    a, g = p.a, p.g
    alpha = g.sum(axis=1) / 3
    mixed = alpha @ a
    return Draft(
        stem=f"Two feature maps of three positions are $A_1 = ({listed(a[0])})$ and $A_2 = "
        f"({listed(a[1])})$. The gradients of a class's score at them are $({listed(g[0])})$ and "
        f"$({listed(g[1])})$. What is the Grad-CAM map?",
        key=nnlib.grad_cam(a[None, :, None], g[None, :, None])[0, 0],
        check=lambda: np.array([max(sum(sum(g[k]) / 3 * a[k, x] for k in (0, 1)), 0.0) for x in range(3)]),
        wrong=(
            misconception("grad-cam-without-relu", mixed),
            misconception("grad-cam-without-weights", a.sum(axis=0)),
            misconception("grad-cam-sums-gradients", np.maximum(3 * mixed, 0)),
            misconception("grad-cam-place-by-place", np.maximum((a * g).sum(axis=0), 0)),
        ),
        explain=f"The mean gradients are ${alpha[0]:.3g}$ and ${alpha[1]:.3g}$. The weighted sum of the "
        f"maps is $({listed(mixed.round(3))})$, and ReLU cuts what is negative.",
    )


@ask(
    id="saliency-of-a-linear-model",
    kind="vector",
    topic="interpreting decisions",
    bloom="apply",
    difficulty=2,
    params={
        "w": Entries((-5.0, -4.0, -3.0, -2.0, 2.0, 3.0, 4.0, 6.0), (3, 2), distinct=True),
        "x": Entries((0.5, 2.0, 3.0), (3,)),
        "k": (0, 1),
    },
    given=lambda p: p.w[:, p.k].min() < 0,
    objectives=("compute a saliency",),
    cards=("saliency-is",),
)
def saliency_of_a_linear_model(p):
    w, x, k = p.w, p.x, p.k
    _MODEL.parameters["W"][:] = w
    return Draft(
        stem="A linear model has two scores, $xW$, with the $W$ below. What is the saliency of the input "
        f"$({listed(x)})$ for class {k}, where classes count from 0?\n\n$$W = {tex(w, 6)}$$",
        key=nnlib.saliency(_MODEL, x[None], k)[0],
        check=lambda: np.array([abs(((x + 0.5 * e) @ w - (x - 0.5 * e) @ w)[k]) for e in np.eye(3)]),
        wrong=(
            misconception("saliency-keeps-the-sign", w[:, k]),
            misconception("saliency-of-another-class", np.abs(w[:, 1 - k])),
            misconception("saliency-times-input", np.abs(w[:, k]) * x),
        ),
        explain=rf"The score is linear, so its gradient at the input is column {k} of $W$, "
        rf"$({listed(w[:, k])})$, whatever the input. Saliency is its absolute value.",
    )


@ask(
    id="attack-on-three-pixels",
    kind="vector",
    topic="adversarial examples",
    bloom="apply",
    difficulty=2,
    params={
        "x": Entries((0.3, 0.4, 0.5, 0.6, 0.7), (2,)),
        "edge": ((0.95, 1.0), (0.98, 0.5), (0.02, -2.0), (0.05, -0.5)),
        "g": Entries((-3.0, -2.0, -0.5, 0.5, 2.0, 4.0), (2,)),
        "epsilon": (0.1, 0.2),
    },
    rtol=5e-3,
    objectives=("carry out an attack by the fast gradient sign method",),
    cards=("fgsm-formula",),
)
def attack_on_three_pixels(p):
    x, g, epsilon = np.append(p.x, p.edge[0]), np.append(p.g, p.edge[1]), p.epsilon
    step = epsilon * np.sign(g)
    return Draft(
        stem=f"Three pixels in [0, 1] are $({listed(x)})$, and the gradient of the loss at them is "
        f"$({listed(g)})$. What does the fast gradient sign method with ε = {epsilon:g} make of them, if the "
        "result is to stay in [0, 1]?",
        key=nnlib.fgsm(x, g, epsilon, 0.0, 1.0),
        check=lambda: np.array(
            [min(max(a + math.copysign(epsilon, b), 0.0), 1.0) for a, b in zip(x, g, strict=True)]
        ),
        wrong=(
            misconception("attack-goes-downhill", np.clip(x - step, 0, 1)),
            misconception("attack-without-sign", np.clip(x + epsilon * g, 0, 1)),
            misconception("attack-leaves-the-range", x + step),
        ),
        explain=f"The signs are $({listed(np.sign(g))})$. The first pixel becomes ${x[0]:g} + "
        f"({step[0]:g}) = {x[0] + step[0]:g}$; the third would be ${x[2] + step[2]:g}$ and is clipped to "
        f"{min(max(x[2] + step[2], 0), 1):g}.",
    )


TEMPLATES = (
    convolution_of_an_image,
    shape_after_convolution,
    gradient_through_max_pooling,
    recurrent_weight_gradient,
    gradient_across_time,
    lstm_cell_after_a_step,
    grad_cam_of_two_maps,
    saliency_of_a_linear_model,
    attack_on_three_pixels,
)
