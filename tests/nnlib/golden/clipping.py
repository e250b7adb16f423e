"""PyTorch's gradient clipping."""

import numpy as np
import torch
from torch.nn import utils

SHAPES = {"W1": (4, 7), "b1": (7,), "kernel": (3, 2, 2, 3), "scale": ()}
BOUNDS = (0.05, 1.0, 6.0, 1e3)
SCALES = {"plain": 1.0, "tiny": 1e-8, "huge": 1e4}


def _parameters(tensors):
    found = []
    for gradient in tensors:
        found.append(torch.nn.Parameter(torch.zeros(gradient.shape, dtype=torch.float64)))
        found[-1].grad = torch.tensor(gradient)
    return found


def clip_by_global_norm(tensors, max_norm):
    """Clipped tensors and the norm before; PyTorch divides by the norm + 1e-6."""
    parameters = _parameters(tensors)
    norm = utils.clip_grad_norm_(parameters, max_norm)
    return [p.grad.numpy() for p in parameters], float(norm)


def clip_by_value(tensors, limit):
    parameters = _parameters(tensors)
    utils.clip_grad_value_(parameters, limit)
    return [p.grad.numpy() for p in parameters]


def arrays():
    rng = np.random.default_rng(1211)
    found = {name: np.array(rng.normal(size=shape)) for name, shape in SHAPES.items()}
    gradients = list(found.values())
    for key, scale in SCALES.items():
        tensors = [scale * g for g in gradients]
        for bound in BOUNDS:
            clipped, norm = clip_by_global_norm(tensors, bound)
            found[f"{key}/{bound}/norm"] = np.array(norm)
            for name, joint, by_value in zip(SHAPES, clipped, clip_by_value(tensors, bound), strict=True):
                found[f"{key}/{bound}/global/{name}"] = joint
                found[f"{key}/{bound}/value/{name}"] = by_value
                found[f"{key}/{bound}/own/{name}"] = clip_by_global_norm([scale * found[name]], bound)[0][0]
    return found
