"""Questions on lesson 05: whole networks."""

from functools import partial

import numpy as np

import nnlib

from ...exercises import find
from ..display import tex
from ..template import Draft, Entries, grid, template
from ..wrong import misconception, mistakes_of
from .backpropagation import FUNCTIONS, NOT_ZERO, STEP
from .tools import saying

ask = partial(template, lesson="05_backpropagation", version=1)
SMALLEST = 0.05  # of a key: near 0 the tolerance would let anything pass
ROUNDED = 2e-4  # what the rounding of the numbers in the stem may cost
CHAIN = {
    "w": Entries(grid(-2, 2, 0.5, exclude=[0]), (3,)),
    "b": Entries((-0.5, 0.5, 1.0), (3,)),
    "x": (-1.0, -0.5, 0.5, 1.0, 1.5),
    "activation": ("tanh", "sigmoid"),
}


def chain(p):
    """Three layers of one unit each, as `nnlib` takes them."""
    return np.array([[p.x]]), [(np.array([[w]]), np.array([b])) for w, b in zip(p.w, p.b, strict=True)]


def of_forward(of, out):
    """The number asked for of what the forward pass of a chain returns."""
    return {"Z_2": lambda: out[1][1], "A_2": lambda: out[0][2], "A_3": lambda: out[0][3]}[of]().item()


def of_backward(of, out):
    """The number asked for of what the backward pass of a chain returns."""
    return {"dX": lambda: out[0], "dW_1": lambda: out[1][0][0], "dW_2": lambda: out[1][1][0]}[of]().item()


def backward_inputs(p):
    """What `mlp_backward` is given for a chain."""
    X, parameters = chain(p)
    return np.array([[float(p.u)]]), *nnlib.mlp_forward(X, parameters, p.activation), parameters, p.activation


@ask(
    id="mlp-forward-chain", version=2, objectives=("carry out the forward pass of an MLP",),
    kind="numeric", topic="forward, loss, backward", bloom="apply", difficulty=2, atol=ROUNDED,
    params={**CHAIN, "of": ("Z_2", "A_2", "A_3")},
    given=lambda p: abs(of_forward(p.of, nnlib.mlp_forward(*chain(p), p.activation))) > SMALLEST,
    cards=("mlp-forward", "linear-output", "what-to-keep"),
)  # fmt: skip
def mlp_forward_chain(p):
    X, parameters = chain(p)
    take = partial(of_forward, p.of)

    def by_hand():
        (w1, w2, w3), (b1, b2, b3) = p.w.tolist(), p.b.tolist()
        f = FUNCTIONS[p.activation]
        z2 = w2 * f(w1 * p.x + b1).real + b2
        return {"Z_2": z2, "A_2": f(z2).real, "A_3": w3 * f(z2).real + b3}[p.of]

    right = _, Z = nnlib.mlp_forward(X, parameters, p.activation)
    return Draft(
        stem=f"An MLP has three layers of one unit each, with the weights $w = {tex(p.w)}$, the biases $b = {tex(p.b)}$ "
        f"(first layer first) and the activation {p.activation}. The input is ${p.x:g}$. The last layer "
        f"has no activation. What is ${p.of}$, to three significant digits?",
        key=take(right),
        check=by_hand,
        wrong=mistakes_of("mlp_forward", X, parameters, p.activation, take=take),
        explain=rf"$Z_1 = {Z[0].item():.4g}$, then $Z_2 = {Z[1].item():.4g}$ from its activation, then "
        rf"$Z_3 = {Z[2].item():.4g}$. The output $A_3$ is $Z_3$ itself: the last layer stays linear.",
    )


@ask(
    id="mlp-backward-chain", version=2, objectives=("carry out the backward pass of an MLP",),
    kind="numeric", topic="reuse of intermediates", bloom="apply", difficulty=4, atol=ROUNDED,
    params={**CHAIN, "u": (-2, 1, 2, 3), "of": ("dW_1", "dW_2", "dX")},
    given=lambda p: abs(of_backward(p.of, nnlib.mlp_backward(*backward_inputs(p)))) > SMALLEST,
    cards=("mlp-backward-delta", "derivative-at-z", "linear-backward-dw"),
)  # fmt: skip
def mlp_backward_chain(p):
    _, A, Z, *_ = given = backward_inputs(p)
    take = partial(of_backward, p.of)

    def nudged():
        (w1, w2, w3), (b1, b2, b3) = p.w.tolist(), p.b.tolist()
        x, w1, w2 = (
            value + 1j * STEP * (name == p.of) for name, value in (("dX", p.x), ("dW_1", w1), ("dW_2", w2))
        )
        f = FUNCTIONS[p.activation]
        return (p.u * (w3 * f(w2 * f(w1 * x + b1) + b2) + b3)).imag / STEP

    right = nnlib.mlp_backward(*given)
    delta_1, delta_2 = right[1][0][1].item(), right[1][1][1].item()  # db is δ for a single example
    slope = "1 - a^2" if p.activation == "tanh" else "a(1 - a)"
    return Draft(
        stem=f"Three layers of one unit each, activation {p.activation} (the last layer has no activation), "
        f"weights $w = {tex(p.w)}$ (first layer first). The forward pass kept $A_0 = {p.x:g}$, $Z_1 = {Z[0].item():.4g}$, $A_1 = {A[1].item():.4g}$, "
        f"$Z_2 = {Z[1].item():.4g}$, $A_2 = {A[2].item():.4g}$. The upstream at the output is ${p.u}$. What is {p.of}, to "
        "three significant digits?",
        key=take(right),
        check=nudged,
        wrong=mistakes_of(
            "mlp_backward",
            *given,
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
    given=lambda p: p.Z_1.min() < 0 < p.Z_1.max() and p.W_2[0, 1] != p.W_2[1, 0],
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
        stem="An MLP of two layers with ReLU has one input, two hidden units and two outputs; the last layer "
        f"has no activation. For a batch of two examples it kept $X = {tex(p.X)}$, $Z_1 = {tex(p.Z_1)}$ and $Z_2 = {tex(p.Z_2)}$. The second layer has the weights "
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


def tied_net(p):
    """X, W and b of a tied autoencoder with one input and one unit."""
    return p.x[:, None], np.array([[p.w]]), np.array([p.b])


def of_trace(of, out):
    """The number asked for of what `backward_trace` returns."""
    return out[("dP", "dS", "dG", "dZ", "dX", "dW", "db").index(of)].flat[0].item()


@ask(
    id="tied-net-trace", version=2, objectives=("find every gradient of a graph in which numbers are used twice",),
    kind="numeric", topic="reuse of intermediates", bloom="analyse", difficulty=5, atol=ROUNDED,
    params={
        "x": Entries(NOT_ZERO, (2,), distinct=True),
        "w": (-1.0, -0.5, 0.5, 1.0),
        "b": (-0.5, 0.0, 0.5),
        "of": ("dS", "dZ", "dX", "dW", "db"),
    },
    given=lambda p: abs(of_trace(p.of, find("backward_trace").reference(*tied_net(p)))) > SMALLEST,
    cards=("reuse-adds-gradients", "accumulate-not-overwrite", "upstream-carries-the-mean"),
)  # fmt: skip
def tied_net_trace(p):
    X, W, b = tied_net(p)
    Z = X @ W + b
    G = nnlib.sigmoid(Z)
    S = Z * G
    right = find("backward_trace").reference(X, W, b)
    take = partial(of_trace, p.of)

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
        f"What is {where}, to three significant digits?",
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
        wrong=saying(
            {
                "mean_over_entries": "Already dP is too small, by the factor D: your mean runs over all N·D entries. What does "
                "this loss divide by?"
            },
            mistakes_of(
                "backward_trace",
                *(p.X, W, b),
                take=lambda out: out[0][0],
                only=("n_forgotten", "mean_over_entries", "half_forgotten", "error_reversed"),
            ),
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
    mlp_forward_chain,
    mlp_backward_chain,
    mlp_backward_relu,
    tied_net_trace,
    tied_net_first_step,
    price_of_differences,
)
