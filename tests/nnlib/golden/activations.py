"""PyTorch's values and derivatives of every activation, in float64 and float32."""

import numpy as np
import torch
from torch.nn import functional as F

# Each key is an activation's name in nnlib, then its parameters.
ACTIVATIONS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "leaky_relu slope=0.2": lambda z: F.leaky_relu(z, 0.2),
    "elu": F.elu,
    "elu alpha=2.5": lambda z: F.elu(z, 2.5),
    "selu": F.selu,
    # By default the identity from z = 20 on, which is 2e-9 off; at 40 it is exact, and exp is still finite.
    "softplus": lambda z: F.softplus(z, threshold=40),
    "swish": F.silu,
    "swish beta=1.5": lambda z: z * torch.sigmoid(1.5 * z),
    "gelu": F.gelu,
    "gelu form=tanh": lambda z: F.gelu(z, approximate="tanh"),
    "mish": F.mish,
}


def points(rng):
    """Ordinary values, the kink, small and large ones."""
    ordinary = np.concatenate([np.linspace(-12, 12, 49), rng.normal(scale=3, size=40)])
    extreme = [0.0, 1e-8, -1e-8, 1e-3, -1e-3, 30.0, -30.0, 100.0, -100.0, 1e3, -1e3, 1e4, -1e4]
    return np.concatenate([ordinary, extreme]).astype(np.float32).astype(np.float64)  # exact in both dtypes


def activation(key, z):
    """Value and derivative at the array `z`, in its dtype."""
    z = torch.tensor(z, requires_grad=True)
    value = ACTIVATIONS[key](z)
    (gradient,) = torch.autograd.grad(value, z, torch.ones_like(value))
    return value.detach().numpy(), gradient.numpy()


def arrays():
    z = points(np.random.default_rng(2013))
    found = {"z": z}
    for dtype in ("float64", "float32"):
        for key in ACTIVATIONS:
            value, gradient = activation(key, z.astype(dtype))
            found[f"{dtype}/{key}/value"], found[f"{dtype}/{key}/gradient"] = value, gradient
    return found
