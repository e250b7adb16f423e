"""PyTorch's softmax and its vector-Jacobian product."""

import numpy as np
import torch


def softmax(z, upstream, axis):
    """Softmax and its vector-Jacobian product."""
    z = torch.tensor(z, requires_grad=True)
    value = torch.softmax(z, dim=axis)
    (gradient,) = torch.autograd.grad(value, z, torch.tensor(upstream))
    return value.detach().numpy(), gradient.numpy()


def arrays():
    rng = np.random.default_rng(2013)
    z = rng.normal(scale=4, size=(3, 5, 4))
    z[0, 0], z[1, 1] = [1e4, 1e4 - 1, -1e4, 0], [-1e3, -1e3, -1001, -2e3]
    upstream = rng.normal(size=z.shape)
    found = {"z": z, "upstream": upstream}
    for axis in (0, 1, -1):
        found[f"{axis}/value"], found[f"{axis}/vjp"] = softmax(z, upstream, axis)
    return found
