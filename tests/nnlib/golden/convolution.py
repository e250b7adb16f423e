"""PyTorch's convolution and pooling of images, with their gradients."""

import numpy as np
import torch
from torch.nn import functional as F

# Name: images (N, C, h, w), kernels (F, kh, kw), stride (down, right), padding (rows, columns).
CONVOLUTIONS = {
    "same size": ((4, 2, 5, 6), (3, 3, 3), (1, 1), (1, 1)),
    "one example": ((1, 3, 4, 5), (2, 2, 3), (1, 1), (0, 0)),
    "strides": ((2, 3, 8, 9), (4, 3, 2), (2, 3), (1, 2)),
    "uncovered": ((3, 2, 6, 7), (5, 1, 2), (4, 3), (0, 0)),
    "wide padding": ((2, 3, 2, 4), (4, 1, 2), (1, 2), (2, 3)),
}
# Name: images, size (kh, kw), stride.
POOLS = {
    "side by side": ((4, 2, 6, 4), (2, 2), (2, 2)),
    "one example": ((1, 3, 4, 6), (2, 3), (2, 3)),
    "overlapping": ((2, 3, 6, 7), (3, 2), (1, 1)),
    "uncovered": ((3, 2, 7, 8), (2, 3), (4, 3)),
}


def convolution(X, W, b, upstream, stride, padding):
    """Convolution and its gradients at X, W and b."""
    inputs = [torch.tensor(t, requires_grad=True) for t in (X, W, b)]
    Y = F.conv2d(*inputs, stride=tuple(map(int, stride)), padding=tuple(map(int, padding)))
    gradients = torch.autograd.grad(Y, inputs, torch.tensor(upstream))
    return [Y.detach().numpy(), *(gradient.numpy() for gradient in gradients)]


def pool(kind, X, upstream, size, stride):
    """Pooling, of the kind "max" or "avg", and its gradient at X."""
    X = torch.tensor(X, requires_grad=True)
    f = {"max": F.max_pool2d, "avg": F.avg_pool2d}[kind]
    Y = f(X, tuple(map(int, size)), stride=tuple(map(int, stride)))
    (gradient,) = torch.autograd.grad(Y, X, torch.tensor(upstream))
    return [Y.detach().numpy(), gradient.numpy()]


def arrays():
    rng = np.random.default_rng(1998)
    found = {}

    def keep(name, **values):
        found.update({f"{name}/{key}": np.asarray(value) for key, value in values.items()})

    for name, (shape, (outputs, *kernel), stride, padding) in CONVOLUTIONS.items():
        X, b = rng.normal(size=shape), rng.normal(size=outputs)
        W = rng.normal(size=(outputs, shape[1], *kernel))
        oh, ow = (
            (n + 2 * p - k) // s + 1 for n, p, k, s in zip(shape[2:], padding, kernel, stride, strict=True)
        )
        upstream = rng.normal(size=(shape[0], outputs, oh, ow))
        Y, dX, dW, db = convolution(X, W, b, upstream, stride, padding)
        keep(f"convolution {name}", X=X, W=W, b=b, upstream=upstream, stride=stride, padding=padding)
        keep(f"convolution {name}", Y=Y, dX=dX, dW=dW, db=db)
    for name, (shape, size, stride) in POOLS.items():
        # Whole numbers from a small range: most windows hold their maximum more than once.
        X = rng.integers(-2, 3, size=shape).astype(np.float64)
        oh, ow = ((n - k) // s + 1 for n, k, s in zip(shape[2:], size, stride, strict=True))
        upstream = rng.normal(size=(*shape[:2], oh, ow))
        keep(f"pool {name}", X=X, upstream=upstream, size=size, stride=stride)
        for kind in ("max", "avg"):
            Y, dX = pool(kind, X, upstream, size, stride)
            keep(f"pool {name}", **{f"{kind} Y": Y, f"{kind} dX": dX})
    return found
