"""Write PyTorch's values of every activation to small .npz files beside this script.

Run it where torch 2.13.0 is installed: `python tests/nnlib/golden/write_golden.py`. It imports nothing of nnlib,
so the numbers owe nothing to the code that they test. Members have a fixed date and no compression: the same
PyTorch on the same processor writes the same bytes.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

HERE = Path(__file__).parent

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


def softmax(z, upstream, axis):
    """Softmax and its vector-Jacobian product."""
    z = torch.tensor(z, requires_grad=True)
    value = torch.softmax(z, dim=axis)
    (gradient,) = torch.autograd.grad(value, z, torch.tensor(upstream))
    return value.detach().numpy(), gradient.numpy()


def save(path, arrays):
    """Like `numpy.savez`, but without the time of day."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.save(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), member.getvalue())


def main():
    rng = np.random.default_rng(2013)
    z = points(rng)
    arrays = {"z": z}
    for dtype in ("float64", "float32"):
        for key in ACTIVATIONS:
            value, gradient = activation(key, z.astype(dtype))
            arrays[f"{dtype}/{key}/value"], arrays[f"{dtype}/{key}/gradient"] = value, gradient
    save(HERE / "activations.npz", arrays)

    z = rng.normal(scale=4, size=(3, 5, 4))
    z[0, 0], z[1, 1] = [1e4, 1e4 - 1, -1e4, 0], [-1e3, -1e3, -1001, -2e3]
    upstream = rng.normal(size=z.shape)
    arrays = {"z": z, "upstream": upstream}
    for axis in (0, 1, -1):
        arrays[f"{axis}/value"], arrays[f"{axis}/vjp"] = softmax(z, upstream, axis)
    save(HERE / "softmax.npz", arrays)

    x = np.concatenate([np.linspace(-6, 6, 97), [0.46875, -0.46875, 10.0, 20.0, 26.0, 1e4, -1e4]])
    save(
        HERE / "special.npz", {"x": x, "erf": torch.erf(torch.tensor(x)), "erfc": torch.erfc(torch.tensor(x))}
    )


if __name__ == "__main__":
    main()
