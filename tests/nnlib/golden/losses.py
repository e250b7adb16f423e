"""PyTorch's losses with their gradients at the first argument, in this library's conventions."""

import numpy as np
import torch
from torch.nn import functional as F

# The two factors are conventions that the docstrings state: half the mean square, and a hinge not divided by K.
LOSSES = {
    "mse": lambda y, t: F.mse_loss(y, t) / 2,
    "mae": F.l1_loss,
    "huber": F.huber_loss,
    "bce_with_logits": F.binary_cross_entropy_with_logits,
    "cross_entropy": F.cross_entropy,
    "hinge": lambda s, y, margin=1.0: s.shape[1] * F.multi_margin_loss(s, y, margin=margin),
}
CASES = {
    "mse": ("mse", {}),
    "mae": ("mae", {}),
    "huber": ("huber", {}),
    "huber delta=0.3": ("huber", {"delta": 0.3}),
    "bce_with_logits": ("bce_with_logits", {}),
    "cross_entropy": ("cross_entropy", {}),
    "cross_entropy label_smoothing=0.1": ("cross_entropy", {"label_smoothing": 0.1}),
    "cross_entropy of rows": ("cross_entropy", {}),
    "cross_entropy of rows label_smoothing=0.3": ("cross_entropy", {"label_smoothing": 0.3}),
    "hinge": ("hinge", {}),
    "hinge margin=0.5": ("hinge", {"margin": 0.5}),
}


def loss(name, output, target, settings):
    """Value and gradient of the loss `name`."""
    output = torch.tensor(output, requires_grad=True)
    value = LOSSES[name](output, torch.tensor(target), **settings)
    (gradient,) = torch.autograd.grad(value, output)
    return value.detach().numpy(), gradient.numpy()


def logsumexp(z, axis):
    """logsumexp and its gradient."""
    z = torch.tensor(z, requires_grad=True)
    value = torch.logsumexp(z, dim=axis)
    (gradient,) = torch.autograd.grad(value.sum(), z)
    return value.detach().numpy(), gradient.numpy()


def inputs(rng, case, N, K, scale=3.0):
    """An output and a target that fit the loss: (N, K) numbers, and numbers, labels, classes or probabilities."""
    name, _ = CASES[case]
    output = rng.normal(scale=scale, size=(N, K))
    if "rows" in case:
        return output, rng.dirichlet(np.ones(K), size=N)
    if name in ("cross_entropy", "hinge"):
        return output, rng.integers(0, K, size=N)
    if name == "bce_with_logits":
        return output, np.where(rng.random((N, K)) < 0.7, rng.integers(0, 2, (N, K)), rng.random((N, K)))
    return output, rng.normal(scale=scale, size=(N, K))


def arrays():
    rng = np.random.default_rng(1964)
    found = {}
    for case, (name, settings) in CASES.items():
        for place, (N, K, scale) in {"usual": (7, 5, 3.0), "one": (1, 3, 1.0), "large": (6, 4, 1e4)}.items():
            output, target = inputs(rng, case, N, K, scale)
            key = f"{case}/{place}"
            found[f"{key}/output"], found[f"{key}/target"] = output, target
            found[f"{key}/value"], found[f"{key}/gradient"] = loss(name, output, target, settings)
    found["logsumexp/z"] = z = rng.normal(scale=[[1], [10], [1e4]], size=(2, 3, 5))
    for axis in (0, 1, -1):
        found[f"logsumexp/{axis}/value"], found[f"logsumexp/{axis}/gradient"] = logsumexp(z, axis)
    return found
