"""PyTorch's recurrent networks: states of all steps, and gradients in the layout (D, G·H) of the weights."""

import numpy as np
import torch

NAMES = {
    "rnn tanh": ("X", "h", "Wx", "Wh", "b"),
    "rnn relu": ("X", "h", "Wx", "Wh", "b"),
    "lstm": ("X", "h", "c", "Wx", "Wh", "b"),
    "gru": ("X", "h", "Wx", "Wh", "bx", "bh"),
}
GATES = {"rnn tanh": 1, "rnn relu": 1, "lstm": 4, "gru": 3}
# One layer, no dropout, training, one direction, batch first.
SETTINGS = (True, 1, 0.0, True, False, True)


def states(kind, X, h, *rest):
    """(N, T, H) states, and for the LSTM cells, of all steps."""
    if kind == "lstm":
        c, Wx, Wh, b = rest
        cells, outputs = [], []
        for x in X.unbind(1):
            h, c = torch.lstm_cell(x, (h, c), Wx.T, Wh.T, b, torch.zeros_like(b))
            outputs.append(h)
            cells.append(c)
        return torch.stack(outputs, 1), torch.stack(cells, 1)  # torch.lstm gives the last cell alone
    Wx, Wh, bx, *bh = rest
    weights = [Wx.T, Wh.T, bx, *(bh or [torch.zeros_like(bx)])]
    run = {"rnn tanh": torch.rnn_tanh, "rnn relu": torch.rnn_relu, "gru": torch.gru}[kind]
    return (run(X, h[None], weights, *SETTINGS)[0],)


def sequence(kind, arguments, upstreams):
    """Outputs, and the gradients of Σ upstream·output, in the order of NAMES[kind]."""
    leaves = [torch.tensor(argument, requires_grad=True) for argument in arguments]
    outputs = states(kind, *leaves)
    gradients = torch.autograd.grad(outputs, leaves, [torch.tensor(upstream) for upstream in upstreams])
    return [y.detach().numpy() for y in outputs], [g.numpy() for g in gradients]


def random_case(kind, rng, N, T, D, H, scale=1.0):
    """Arguments and upstream gradients of a sequence."""
    width = GATES[kind] * H
    shapes = {"X": (N, T, D), "h": (N, H), "c": (N, H), "Wx": (D, width), "Wh": (H, width)}
    arguments = [rng.normal(size=shapes.get(name, (width,))) for name in NAMES[kind]]
    arguments[0] *= scale
    return arguments, [rng.normal(size=(N, T, H)) for _ in range(2 if kind == "lstm" else 1)]


def arrays():
    # Inputs of ±4 close and open gates. Far larger ones would compare rounding: 1 − tanh² has few digits there.
    found = {}
    for kind in NAMES:
        rng = np.random.default_rng(1997)
        for case, (*sizes, scale) in {
            "ordinary": (4, 6, 3, 5, 1.0),
            "one step of one example": (1, 1, 3, 2, 1.0),
            "saturated": (2, 5, 3, 4, 4.0),
        }.items():
            arguments, upstreams = random_case(kind, rng, *sizes, scale)
            outputs, gradients = sequence(kind, arguments, upstreams)
            for part, values in {
                "argument": arguments,
                "upstream": upstreams,
                "output": outputs,
                "gradient": gradients,
            }.items():
                found |= {f"{kind}/{case}/{part}/{i}": value for i, value in enumerate(values)}
    return found
