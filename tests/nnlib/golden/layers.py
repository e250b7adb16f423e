"""PyTorch's linear layer, normalisations, embedding, residual block and multilayer perceptron, with their gradients."""

import numpy as np
import torch
from torch.nn import functional as F

ACTIVATIONS = {"relu": F.relu, "tanh": torch.tanh, "gelu": F.gelu}


def _linear(t):
    return {"Y": t["X"] @ t["W"] + t["b"]}


def _batch_norm(t, training=True, momentum=0.1, epsilon=1e-5):
    mean, var = t["running_mean"].clone(), t["running_var"].clone()  # PyTorch writes to them
    Y = F.batch_norm(t["X"], mean, var, t["gamma"], t["beta"], training, momentum, epsilon)
    return {"Y": Y, "running_mean": mean, "running_var": var}


def _layer_norm(t, epsilon=1e-5):
    return {"Y": F.layer_norm(t["X"], t["X"].shape[-1:], t["gamma"], t["beta"], epsilon)}


def _embedding(t):
    return {"Y": F.embedding(t["indices"], t["W"])}


def _residual(t):
    return {"Y": t["X"] + torch.tanh(t["X"] @ t["W"] + t["b"])}


def _mlp(t, activation):
    a = t["X"]
    for layer in range(3):
        a = a @ t[f"W{layer}"] + t[f"b{layer}"]
        if layer < 2:
            a = ACTIVATIONS[activation](a)
    return {"Y": a}


# Name: PyTorch's function, its settings, the shapes of its inputs. The first shape is that of the input.
CASES = {
    "linear": (_linear, {}, {"X": (5, 4), "W": (4, 3), "b": (3,)}),
    "linear one example": (_linear, {}, {"X": (1, 4), "W": (4, 3), "b": (3,)}),
    "linear sequences": (_linear, {}, {"X": (2, 5, 4), "W": (4, 3), "b": (3,)}),
    "batch_norm": (_batch_norm, {}, {"X": (6, 4)}),
    "batch_norm two examples": (_batch_norm, {}, {"X": (2, 3)}),
    "batch_norm one image": (_batch_norm, {}, {"X": (1, 3, 2, 5)}),
    "batch_norm images": (_batch_norm, {"momentum": 0.3, "epsilon": 0.1}, {"X": (4, 3, 2, 5)}),
    "batch_norm sequences": (_batch_norm, {}, {"X": (4, 3, 5)}),
    "batch_norm evaluation": (_batch_norm, {"training": False, "epsilon": 1e-3}, {"X": (4, 3, 2, 5)}),
    "batch_norm small": (_batch_norm, {}, {"X": (6, 4)}),
    "batch_norm large": (_batch_norm, {}, {"X": (6, 4)}),
    "layer_norm": (_layer_norm, {}, {"X": (6, 4)}),
    "layer_norm sequences": (_layer_norm, {"epsilon": 0.1}, {"X": (2, 3, 5)}),
    "layer_norm small": (_layer_norm, {}, {"X": (6, 4)}),
    "layer_norm large": (_layer_norm, {}, {"X": (6, 4)}),
    "embedding": (_embedding, {}, {"indices": (3, 7), "W": (5, 4)}),
    "residual": (_residual, {}, {"X": (5, 4), "W": (4, 4), "b": (4,)}),
    **{
        f"mlp {activation}": (
            _mlp,
            {"activation": activation},
            {"X": (6, 5), "W0": (5, 4), "b0": (4,), "W1": (4, 7), "b1": (7,), "W2": (7, 3), "b2": (3,)},
        )
        for activation in ACTIVATIONS
    },
}


def draw(name, rng):
    """Inputs of a case: arrays by name."""
    function, _, shapes = CASES[name]
    shapes = dict(shapes)
    if function in (_batch_norm, _layer_norm):
        features = (shapes["X"][1 if function is _batch_norm else -1],)
        shapes |= {"gamma": features, "beta": features}
    if function is _batch_norm:
        shapes |= {"running_mean": features, "running_var": features}
    inputs = {key: rng.normal(size=shape) for key, shape in shapes.items()}
    if "running_var" in inputs:
        inputs["running_var"] = np.exp(inputs["running_var"])
    if "indices" in inputs:
        inputs["indices"] = rng.integers(shapes["W"][0] - 1, size=shapes["indices"])  # the last never comes
    if name.endswith("small"):
        inputs["X"] *= 2e-3  # the variance is near epsilon, so it shows where that stands
    if name.endswith("large"):
        inputs["X"] = 1e4 + 10 * inputs["X"]
    return inputs


def compute(name, inputs, upstream=None):
    """Outputs, then gradients ("dX" for "X"); a random upstream gradient is drawn unless it is given."""
    function, settings, _ = CASES[name]
    tensors = {key: torch.tensor(value) for key, value in inputs.items()}
    learned = [key for key in inputs if not key.startswith(("running", "indices"))]
    for key in learned:
        tensors[key].requires_grad_()
    outputs = function(tensors, **settings)
    if upstream is None:
        upstream = np.random.default_rng(7).normal(size=outputs["Y"].shape)
    gradients = torch.autograd.grad(
        outputs["Y"], [tensors[key] for key in learned], torch.tensor(upstream, dtype=outputs["Y"].dtype)
    )
    found = {key: value.detach().numpy() for key, value in outputs.items()}
    found |= {f"d{key}": value.numpy() for key, value in zip(learned, gradients, strict=True)}
    return {"upstream": upstream, **found}


def arrays():
    rng, found = np.random.default_rng(2015), {}
    for name in CASES:
        inputs = draw(name, rng)
        found |= {f"{name}/in/{key}": value for key, value in inputs.items()}
        found |= {f"{name}/out/{key}": value for key, value in compute(name, inputs).items()}
    return found
