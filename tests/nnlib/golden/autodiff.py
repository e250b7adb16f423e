"""PyTorch's first and second derivatives of single operations, of a small network and of a test landscape."""

import numpy as np
import torch

LABELS = torch.tensor([2, 0, 2, 1])


def network(X, W1, b1, W2, b2):
    hidden = torch.tanh(X @ W1 + b1)
    return torch.nn.functional.cross_entropy(hidden @ W2 + b2, LABELS)


# Name: the shapes of the inputs, and the function; what has "positive" in its name gets positive inputs.
CASES = {
    "add": ([(2, 3, 4), (3, 1)], lambda a, b: a + b),
    "subtract": ([(3, 1), (2, 3, 4)], lambda a, b: a - b),
    "multiply": ([(4,), (2, 1, 4)], lambda a, b: a * b),
    "divide": ([(2, 3), (3,)], lambda a, b: a / b),
    "negative": ([(2, 3)], lambda a: -a),
    "numbers": ([(3,)], lambda a: 2 / (3 - 2 * a) + (a - 1) / 4 + 5),
    "square": ([(3, 2)], lambda a: a**2),
    "cube": ([(3, 2)], lambda a: a**3),
    "inverse square": ([(3, 2)], lambda a: a**-2),
    "positive power": ([(3, 2)], lambda a: a**2.5),
    "matrix @ matrix": ([(2, 3), (3, 4)], lambda a, b: a @ b),
    "vector @ matrix": ([(3,), (3, 4)], lambda a, b: a @ b),
    "matrix @ vector": ([(2, 3), (3,)], lambda a, b: a @ b),
    "vector @ vector": ([(3,), (3,)], lambda a, b: a @ b),
    "stack @ stack": ([(2, 1, 3, 4), (5, 4, 2)], lambda a, b: a @ b),
    "stack @ vector": ([(2, 3, 4), (4,)], lambda a, b: a @ b),
    "vector @ stack": ([(3,), (2, 3, 4)], lambda a, b: a @ b),
    "exp": ([(2, 3)], torch.exp),
    "positive log": ([(2, 3)], torch.log),
    "positive sqrt": ([(2, 3)], torch.sqrt),
    "sin": ([(2, 3)], torch.sin),
    "cos": ([(2, 3)], torch.cos),
    "tanh": ([(2, 3)], torch.tanh),
    "sigmoid": ([(2, 3)], torch.sigmoid),
    "relu": ([(2, 3)], torch.relu),
    "abs": ([(2, 3)], torch.abs),
    "maximum": ([(2, 3), (3,)], torch.maximum),
    "sum": ([(2, 3)], lambda a: (a * a).sum()),
    "sum over axes": ([(2, 3, 4)], lambda a: (a * a).sum(dim=(0, 2), keepdim=True)),
    "mean": ([(2, 3, 4)], lambda a: (a * a).mean(dim=1)),
    "max": ([(2, 5)], lambda a: torch.amax(a * a, dim=1)),
    "max of all": ([(2, 3)], lambda a: (a * a).max()),
    "reshape": ([(2, 3, 4)], lambda a: a.reshape(4, 6) ** 2),
    "transpose": ([(2, 3, 4)], lambda a: a.permute(2, 0, 1) ** 2),
    "T": ([(2, 3)], lambda a: a.T**2),
    "slice": ([(4, 5)], lambda a: a[1:, ::2] ** 2),
    "repeated index": ([(4, 3)], lambda a: a[torch.tensor([3, 0, 3, 3])] ** 2),
    "pairs of indices": ([(4, 3)], lambda a: a[torch.arange(4), LABELS] ** 2),
    "concatenate": ([(2, 3), (2, 1)], lambda a, b: torch.cat([a, b, a], dim=1) ** 2),
    "stack": ([(2, 3), (2, 3)], lambda a, b: torch.stack([a, b], dim=-1) ** 2),
    "logsumexp": ([(2, 3)], lambda a: torch.logsumexp(a, dim=1)),
    "softmax": ([(2, 3)], lambda a: torch.softmax(a, dim=0)),
    "cross_entropy": ([(4, 3)], lambda a: torch.nn.functional.cross_entropy(a, LABELS)),
    "network": ([(4, 2), (2, 5), (5,), (5, 3), (3,)], network),
    "rosenbrock": ([(4,)], lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()),
}


def draw(name, rng):
    """Inputs away from kinks at 0, and the directions of the second derivative."""
    inputs = [rng.normal(size=shape) for shape in CASES[name][0]]
    inputs = [np.abs(x) + 0.2 if "positive" in name else x + 0.2 * np.sign(x) for x in inputs]
    return inputs, [rng.normal(size=x.shape) for x in inputs]


def derivatives(name, inputs, directions, upstream):
    """y = f(inputs), the gradients g_i of ⟨upstream, y⟩, and the gradients of Σ ⟨direction_i, g_i⟩."""
    inputs = [torch.tensor(x, requires_grad=True) for x in inputs]
    y = CASES[name][1](*inputs)
    first = torch.autograd.grad(y, inputs, torch.tensor(upstream), create_graph=True)
    total = sum((g * torch.tensor(v)).sum() for g, v in zip(first, directions, strict=True))
    second = [None] * len(inputs)
    if total.requires_grad:
        second = torch.autograd.grad(total, inputs, allow_unused=True)
    second = [torch.zeros_like(x) if g is None else g for x, g in zip(inputs, second, strict=True)]
    return y.detach().numpy(), [g.detach().numpy() for g in first], [g.numpy(force=True) for g in second]


def ties(X, upstream):
    """Gradients of the maximum of each row, and of the larger of X and its mirror image, at equal entries."""
    X, upstream = torch.tensor(X, requires_grad=True), torch.tensor(upstream)
    rows = torch.autograd.grad(torch.amax(X, dim=1), X, upstream[:, 0])[0]
    pairs = torch.autograd.grad(torch.maximum(X, X.detach().flip(1)), X, upstream)[0]
    return rows.numpy(), pairs.numpy()


def arrays():
    rng = np.random.default_rng(1992)
    found = {}
    for name, (_, f) in CASES.items():
        inputs, directions = draw(name, rng)
        upstream = rng.normal(size=f(*map(torch.tensor, inputs)).shape)
        value, first, second = derivatives(name, inputs, directions, upstream)
        columns = {"inputs": inputs, "directions": directions, "first": first, "second": second}
        for kind, tensors in columns.items():  # one array for all inputs: headers cost more than numbers
            found[f"{name}/{kind}"] = np.concatenate([tensor.ravel() for tensor in tensors])
        found[f"{name}/upstream"], found[f"{name}/value"] = upstream, value
    found["ties/X"], found["ties/upstream"] = (
        rng.integers(0, 2, (5, 4)).astype(float),
        rng.normal(size=(5, 4)),
    )
    found["ties/max"], found["ties/maximum"] = ties(found["ties/X"], found["ties/upstream"])
    return found
