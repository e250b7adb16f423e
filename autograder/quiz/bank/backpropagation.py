"""Questions on lesson 05."""

import cmath
import math
from functools import partial

import numpy as np

import nnlib

from ...exercises import find
from ..display import shown
from ..template import Draft, Entries, Wrong, grid, misconception, mistakes_of, template, value_of

LESSON = "05_backpropagation"
ask = partial(template, lesson=LESSON, version=1)

WHOLE = grid(-3, 3, 1)
NOT_ZERO = grid(-3, 3, 1, exclude=[0])
STEP = 1e-30  # of the complex step: f(x + ih) = f(x) + ih·f'(x), with nothing to cancel
FUNCTIONS = {"tanh": cmath.tanh, "sigmoid": lambda z: 1 / (1 + cmath.exp(-z))}


def tex(array, digits=3):
    """A number or an array as LaTeX, to stand within a formula."""
    return shown(np.asarray(array), digits).strip("$").replace("−", "-")


def factor(number):
    """A number as a factor of a product: in brackets where it is negative."""
    return f"({number:.4g})" if number < 0 else f"{number:.4g}"


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
        f"What is d{p.of}, to three digits?",
        key=(a - p.y) * slope * local,
        check=nudged,
        wrong=(
            misconception("slope-left-out", (a - p.y) * local),
            misconception("slope-at-the-output", (a - p.y) * float(nnlib.sigmoid_grad(a)) * local),
            misconception("local-derivatives-added", a - p.y + slope + local),
            misconception("wanted-minus-answer", (p.y - a) * slope * local),
        ),
        explain=rf"Along the path: $(a - y) \cdot \sigma'(z) \cdot {factor(local)} = {a - p.y:.4f} \cdot {slope:.4f} "
        rf"\cdot {factor(local)} = {(a - p.y) * slope * local:.4f}$.",
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
        "dw = [[dw]].",
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
        f"slope is {slope:g}: $dz = {factor(a - p.y)} \\cdot {slope:g}$, and dw is ${p.x:g}$ times that.",
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
        f"gradient $ds = {p.ds}$ arrives. What is dz, to three digits?",
        key=p.ds * float(nnlib.swish_grad(p.z)),
        check=lambda: p.ds * ((x := p.z + 1j * STEP) * FUNCTIONS["sigmoid"](x)).imag / STEP,
        wrong=(
            misconception("straight-path-only", straight),
            misconception("gate-path-only", gate),
            misconception("paths-multiplied", p.ds * g * p.z * g * (1 - g)),
            misconception("gate-not-differentiated", p.ds * (g + p.z * g)),
        ),
        explain=rf"Two arrows leave $z$. Straight: ${factor(p.ds)} \cdot {g:.4f} = {straight:.4f}$. Through the gate: "
        rf"${factor(p.ds)} \cdot {factor(p.z)} \cdot \sigma'(z) = {gate:.4f}$. They add up.",
    )


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
        explain=rf"$X^\top U$ has the shape (3, 2) of W. Its first entry is ${factor(p.X[0, 0])} \cdot "
        rf"{factor(p.U[0, 0])} + {factor(p.X[1, 0])} \cdot {factor(p.U[1, 0])} = {p.X[:, 0] @ p.U[:, 0]:g}$, a sum over "
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
        explain=rf"Each input reaches both units: the first gets ${factor(p.u[0])} \cdot {factor(p.W[0, 0])} + "
        rf"{factor(p.u[1])} \cdot {factor(p.W[0, 1])} = {p.W[0] @ p.u:g}$. In all it is $u W^\top$.",
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
    made = {
        slip: value_of(next(mistakes_of("linear_backward", *given, take=lambda out: out[2], only=(slip,))))
        for slip in SLIPS
    }

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
        wrong=[
            Wrong(f"linear_backward.{slip}", f"That would give {shown(made[slip])}.", lambda text=text: text)
            for slip, text in SLIPS.items()
            if slip != p.slip
        ],
        explain=f"Right is {shown(nnlib.linear_backward(*given)[2])}: each column added up.",
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
        rf"${p.c:g}$ back: ${copies} \cdot {factor(p.c)} = {copies * p.c:g}$.",
    )


CHAIN = {
    "w": Entries(grid(-2, 2, 0.5, exclude=[0]), (3,)),
    "b": Entries((-0.5, 0.5, 1.0), (3,)),
    "x": (-1.0, -0.5, 0.5, 1.0, 1.5),
    "activation": ("tanh", "sigmoid"),
}


def chain(p):
    """Three layers of one unit each, as `nnlib` takes them."""
    return np.array([[p.x]]), [(np.array([[w]]), np.array([b])) for w, b in zip(p.w, p.b, strict=True)]


@ask(
    id="mlp-forward-chain", objectives=("carry out the forward pass of an MLP",),
    kind="numeric", topic="forward, loss, backward", bloom="apply", difficulty=2, atol=2e-3,
    params={**CHAIN, "of": ("Z_2", "A_2", "A_3")}, cards=("mlp-forward", "linear-output", "what-to-keep"),
)  # fmt: skip
def mlp_forward_chain(p):
    X, parameters = chain(p)

    def take(out):
        return {"Z_2": lambda: out[1][1], "A_2": lambda: out[0][2], "A_3": lambda: out[0][3]}[p.of]().item()

    def by_hand():
        (w1, w2, w3), (b1, b2, b3) = p.w.tolist(), p.b.tolist()
        f = FUNCTIONS[p.activation]
        z2 = w2 * f(w1 * p.x + b1).real + b2
        return {"Z_2": z2, "A_2": f(z2).real, "A_3": w3 * f(z2).real + b3}[p.of]

    Z = nnlib.mlp_forward(X, parameters, p.activation)[1]
    return Draft(
        stem=f"An MLP has three layers of one unit each, with the weights $w = {tex(p.w)}$, the biases $b = {tex(p.b)}$ "
        f"(first layer first) and the activation {p.activation}. The input is ${p.x:g}$. What is ${p.of}$, to three digits?",
        key=take(nnlib.mlp_forward(X, parameters, p.activation)),
        check=by_hand,
        wrong=mistakes_of("mlp_forward", X, parameters, p.activation, take=take),
        explain=rf"$Z_1 = {Z[0].item():.4g}$, then $Z_2 = {Z[1].item():.4g}$ from its activation, then "
        rf"$Z_3 = {Z[2].item():.4g}$. The output $A_3$ is $Z_3$ itself: the last layer stays linear.",
    )


@ask(
    id="mlp-backward-chain", objectives=("carry out the backward pass of an MLP",),
    kind="numeric", topic="reuse of intermediates", bloom="apply", difficulty=4, atol=2e-3,
    params={**CHAIN, "u": (-2, 1, 2, 3), "of": ("dW_1", "dW_2", "dX")},
    cards=("mlp-backward-delta", "derivative-at-z", "linear-backward-dw"),
)  # fmt: skip
def mlp_backward_chain(p):
    X, parameters = chain(p)
    A, Z = nnlib.mlp_forward(X, parameters, p.activation)
    upstream = np.array([[float(p.u)]])

    def take(out):
        return {"dX": lambda: out[0], "dW_1": lambda: out[1][0][0], "dW_2": lambda: out[1][1][0]}[
            p.of
        ]().item()

    def nudged():
        (w1, w2, w3), (b1, b2, b3) = p.w.tolist(), p.b.tolist()
        x, w1, w2 = (
            value + 1j * STEP * (name == p.of) for name, value in (("dX", p.x), ("dW_1", w1), ("dW_2", w2))
        )
        f = FUNCTIONS[p.activation]
        return (p.u * (w3 * f(w2 * f(w1 * x + b1) + b2) + b3)).imag / STEP

    right = nnlib.mlp_backward(upstream, A, Z, parameters, p.activation)
    delta_1, delta_2 = right[1][0][1].item(), right[1][1][1].item()  # db is δ for a single example
    slope = "1 - a^2" if p.activation == "tanh" else "a(1 - a)"
    return Draft(
        stem=f"Three layers of one unit each, activation {p.activation}, weights $w = {tex(p.w)}$ (first layer first). "
        f"The forward pass kept $A_0 = {p.x:g}$, $Z_1 = {Z[0].item():.4g}$, $A_1 = {A[1].item():.4g}$, "
        f"$Z_2 = {Z[1].item():.4g}$, $A_2 = {A[2].item():.4g}$. The upstream at the output is ${p.u}$. What is {p.of}?",
        key=take(right),
        check=nudged,
        wrong=mistakes_of(
            "mlp_backward",
            *(upstream, A, Z, parameters, p.activation),
            take=take,
            only=(
                *("derivative_at_a", "output_formula_on_z", "derivative_dropped", "bent_output"),
                *("weights_from_z", "bent_input", "update_first"),
            ),
        ),
        explain=rf"$\delta_3 = {p.u}$, for the output is linear. Then $\delta_2 = \delta_3\,w_3\,f'(Z_2) = {delta_2:.4g}$ and "
        rf"$\delta_1 = \delta_2\,w_2\,f'(Z_1) = {delta_1:.4g}$, with $f'(z) = {slope}$ for $a = f(z)$. Last, "
        r"$dW_l = A_{l-1}\,\delta_l$ and $dX = \delta_1\,w_1$.",
    )


@ask(
    id="mlp-backward-relu", objectives=("carry out the backward pass of an MLP",),
    kind="vector", topic="reuse of intermediates", bloom="apply", difficulty=4,
    params={
        "X": Entries(NOT_ZERO, (2, 1)),
        "Z_1": Entries(NOT_ZERO, (2, 2)),
        "W_2": Entries(NOT_ZERO, (2, 2)),
        "Z_2": Entries(NOT_ZERO, (2, 2)),
        "U": Entries(NOT_ZERO, (2, 2)),
    },
    given=lambda p: (p.Z_1 > 0).any() and (p.Z_1 < 0).any() and p.W_2[0, 1] != p.W_2[1, 0],
    cards=("mlp-backward-delta", "linear-output", "linear-backward-dx"),
)  # fmt: skip
def mlp_backward_relu(p):
    net = [(np.ones((1, 2)), np.zeros(2)), (p.W_2, np.zeros(2))]
    A, Z = [p.X, nnlib.relu(p.Z_1), p.Z_2], [p.Z_1, p.Z_2]

    def by_hand():
        total = np.zeros(2)
        for n in range(2):
            for h in range(2):
                if p.Z_1[n, h] > 0:
                    total[h] += p.X[n, 0] * sum(p.U[n, k] * p.W_2[h, k] for k in range(2))
        return total

    return Draft(
        stem="An MLP of two layers with ReLU has one input, two hidden units and two outputs. For a batch of two examples "
        f"it kept $X = {tex(p.X)}$, $Z_1 = {tex(p.Z_1)}$ and $Z_2 = {tex(p.Z_2)}$. The second layer has the weights "
        f"$W_2 = {tex(p.W_2)}$, the upstream at the output is $U = {tex(p.U)}$. What is the one row of $dW_1$?",
        key=nnlib.mlp_backward(p.U, A, Z, net, "relu")[1][0][0][0],
        check=by_hand,
        wrong=mistakes_of(
            "mlp_backward",
            *(p.U, A, Z, net, "relu"),
            take=lambda out: out[1][0][0][0],
            only=("derivative_dropped", "reshaped", "divided_by_n", "update_first", "bent_output"),
        ),
        explain=rf"The output is linear, so $\delta_2 = U$. $dA_1 = U W_2^\top = {tex(p.U @ p.W_2.T)}$; where $Z_1$ is "
        rf"negative, ReLU lets nothing back: $\delta_1 = {tex((p.U @ p.W_2.T) * (p.Z_1 > 0))}$. Then "
        r"$dW_1 = X^\top \delta_1$.",
    )


@ask(
    id="tied-net-trace", objectives=("find every gradient of a graph in which numbers are used twice",),
    kind="numeric", topic="reuse of intermediates", bloom="analyse", difficulty=5, atol=2e-3,
    params={
        "x": Entries(NOT_ZERO, (2,), distinct=True),
        "w": (-1.0, -0.5, 0.5, 1.0),
        "b": (-0.5, 0.0, 0.5),
        "of": ("dS", "dZ", "dX", "dW", "db"),
    },
    cards=("reuse-adds-gradients", "accumulate-not-overwrite", "upstream-carries-the-mean"),
)  # fmt: skip
def tied_net_trace(p):
    X, W, b = p.x[:, None], np.array([[p.w]]), np.array([p.b])
    Z = X @ W + b
    G = nnlib.sigmoid(Z)
    S = Z * G
    right = find("backward_trace").reference(X, W, b)

    def take(out):
        return out[("dP", "dS", "dG", "dZ", "dX", "dW", "db").index(p.of)].flat[0].item()

    def nudged():
        def loss(x, w, b, bias_of_first=0.0, code_of_first=0.0):
            total = 0
            for n, xn in enumerate((x, p.x[1])):
                z = xn * w + b + bias_of_first * (n == 0)
                s = z * FUNCTIONS["sigmoid"](z) + code_of_first * (n == 0)
                total += (s * w - xn) ** 2 / 4
            return total

        names = ("dX", "dW", "db", "dZ", "dS")
        x, w, b, *first = (
            value + 1j * STEP * (name == p.of)
            for name, value in zip(names, (p.x[0], p.w, p.b, 0, 0), strict=True)
        )
        return loss(x, w, b, *first).imag / STEP

    where = f"the first entry of {p.of}" if p.of in ("dS", "dZ", "dX") else p.of
    return Draft(
        stem=r"A tied autoencoder computes $Z = XW + b$, $G = \sigma(Z)$, $S = Z \cdot G$, $P = S W^\top$ and "
        rf"$\mathrm{{loss}} = \frac{{1}}{{2N}} \sum (P - X)^2$. Here N = 2, D = H = 1, $X = {tex(X)}$, $W = {p.w:g}$ and "
        rf"$b = {p.b:g}$, so $Z = {tex(Z)}$, $G = {tex(G, 4)}$, $S = {tex(S, 4)}$ and $P = {tex(S * p.w, 4)}$. "
        f"What is {where}?",
        key=take(right),
        check=nudged,
        wrong=mistakes_of(
            "backward_trace",
            *(X, W, b),
            take=take,
            only=(
                *(
                    "value_branch_dropped",
                    "gate_branch_dropped",
                    "decoder_use_overwritten",
                    "both_overwritten",
                ),
                *("encoder_use_dropped", "target_use_dropped", "target_sign", "derivative_at_gate"),
                *("n_forgotten", "half_forgotten", "error_reversed", "bias_mean", "ds_overwritten"),
            ),
        ),
        explain=rf"From the last line up: $dP = (P - X)/2 = {tex(right[0], 4)}$, $dS = dP\,W$, $dG = dS \cdot Z$. $Z$ is used "
        rf"twice: $dZ = dS \cdot G + dG \cdot G(1 - G) = {tex(right[3], 4)}$. So are $X$ and $W$: $dX = dZ\,W - dP$ and "
        rf"$dW = X^\top dZ + dP^\top S$. Last, $db = \sum_n dZ$. So it is ${take(right):.4g}$.",
    )


@ask(
    id="tied-net-first-step", objectives=("find the upstream of a loss",),
    kind="vector", topic="forward, loss, backward", bloom="apply", difficulty=2,
    params={"X": Entries(NOT_ZERO, (2, 3))}, given=lambda p: p.X[0].tolist() != p.X[1].tolist(),
    cards=("upstream-carries-the-mean", "half-in-the-loss"),
)  # fmt: skip
def tied_net_first_step(p):
    W, b = np.zeros((3, 2)), np.zeros(2)
    return Draft(
        stem=f"A tied autoencoder is to give back $X = {tex(p.X)}$, two examples. Its weights are still 0, so it "
        r"answers $P = 0$ everywhere. The loss is $\frac{1}{2N} \sum (P - X)^2$. What is the first row of dP?",
        key=find("backward_trace").reference(p.X, W, b)[0][0],
        check=lambda: np.array([-x / 2 for x in p.X[0].tolist()]),
        wrong=mistakes_of(
            "backward_trace",
            *(p.X, W, b),
            take=lambda out: out[0][0],
            only=("n_forgotten", "mean_over_entries", "half_forgotten", "error_reversed"),
        ),
        explain=f"$dP = (P - X)/N$: the ½ and the 2 of the square cancel, and N = 2 examples, not 6 entries, are what the "
        f"loss divides by. So it is $-{tex(p.X[0])}/2$.",
    )


@ask(
    id="price-of-differences", objectives=("say what one gradient costs",),
    kind="numeric", topic="reuse of intermediates", bloom="apply", difficulty=2, rtol=1e-3,
    params={"D": (2, 3, 5, 10), "H": (4, 8, 20), "K": (1, 2, 3)}, cards=("price-of-a-gradient",),
)  # fmt: skip
def price_of_differences(p):
    net = [(np.zeros((p.D, p.H)), np.zeros(p.H)), (np.zeros((p.H, p.K)), np.zeros(p.K))]
    A, Z = nnlib.mlp_forward(np.zeros((1, p.D)), net, "tanh")
    _, gradients = nnlib.mlp_backward(np.zeros((1, p.K)), A, Z, net, "tanh")
    weights = p.D * p.H + p.H * p.K
    return Draft(
        stem=f"An MLP has {p.D} inputs, {p.H} hidden units and {p.K} output{'s' * (p.K > 1)}, with biases. How many forward "
        "passes do central differences need for the gradient at all of its parameters?",
        key=2 * sum(part.size for pair in gradients for part in pair),
        check=lambda: 2 * ((p.D + 1) * p.H + (p.H + 1) * p.K),
        wrong=(
            misconception("one-pass-each", weights + p.H + p.K),
            misconception("biases-not-counted", 2 * weights),
            misconception("price-of-backprop", 3),
            misconception("two-passes-in-all", 2),
        ),
        explain=f"There are {p.D} · {p.H} + {p.H} · {p.K} = {weights} weights and {p.H} + {p.K} biases, and each is nudged "
        "to both sides. Backpropagation pays about 3 passes, whatever that number is.",
    )


TEMPLATES = (
    *(
        neuron_backwards,
        relu_neuron_walk,
        swish_by_two_paths,
        linear_weights_gradient,
        linear_inputs_gradient,
    ),
    *(linear_gradient_shapes, linear_bias_gradient, bias_diagnosis, unbroadcast_to_shape),
    *(unbroadcast_equal_gradients, mlp_forward_chain, mlp_backward_chain, mlp_backward_relu),
    *(tied_net_trace, tied_net_first_step, price_of_differences),
)
