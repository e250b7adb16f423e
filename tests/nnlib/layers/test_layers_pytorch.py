"""The functions of the layers against PyTorch's numbers, kept and fresh, to 1e-10 of each tensor's norm."""

import numpy as np
import pytest

from nnlib import relative_error
from nnlib.layers.containers import residual_backward, residual_forward
from nnlib.layers.embedding import embedding_backward, embedding_forward
from nnlib.layers.linear import linear_backward, linear_forward
from nnlib.layers.mlp import mlp_backward, mlp_forward
from nnlib.layers.normalization import (
    batch_norm_backward,
    batch_norm_forward,
    layer_norm_backward,
    layer_norm_forward,
)


def linear(X, W, b, upstream):
    dX, dW, db = linear_backward(upstream, X, W)
    return {"Y": linear_forward(X, W, b), "dX": dX, "dW": dW, "db": db}


def batch_norm(X, gamma, beta, running_mean, running_var, upstream, epsilon=1e-5, **settings):
    Y, mean, var = batch_norm_forward(X, gamma, beta, running_mean, running_var, epsilon=epsilon, **settings)
    outputs = {"Y": Y, "running_mean": mean, "running_var": var}
    if not settings.get("training", True):
        return outputs
    dX, dgamma, dbeta = batch_norm_backward(upstream, X, gamma, epsilon)
    return outputs | {"dX": dX, "dgamma": dgamma, "dbeta": dbeta}


def layer_norm(X, gamma, beta, upstream, epsilon=1e-5):
    dX, dgamma, dbeta = layer_norm_backward(upstream, X, gamma, epsilon)
    return {"Y": layer_norm_forward(X, gamma, beta, epsilon), "dX": dX, "dgamma": dgamma, "dbeta": dbeta}


def embedding(indices, W, upstream):
    return {"Y": embedding_forward(indices, W), "dW": embedding_backward(upstream, indices, W)}


def residual(X, W, b, upstream):
    slope = 1 - np.tanh(X @ W + b) ** 2
    return {
        "Y": residual_forward(X, lambda X: np.tanh(linear_forward(X, W, b))),
        "dX": residual_backward(upstream, lambda U: linear_backward(U * slope, X, W)[0]),
    }


def mlp(X, upstream, activation, **arrays):
    parameters = [(arrays[f"W{layer}"], arrays[f"b{layer}"]) for layer in range(3)]
    A, Z = mlp_forward(X, parameters, activation)
    dX, gradients = mlp_backward(upstream, A, Z, parameters, activation)
    found = {"Y": A[-1], "dX": dX}
    for layer, (dW, db) in enumerate(gradients):
        found |= {f"dW{layer}": dW, f"db{layer}": db}
    return found


CASES = {
    "linear": (linear, {}),
    "linear one example": (linear, {}),
    "linear sequences": (linear, {}),
    "batch_norm": (batch_norm, {}),
    "batch_norm two examples": (batch_norm, {}),
    "batch_norm one image": (batch_norm, {}),
    "batch_norm images": (batch_norm, {"momentum": 0.3, "epsilon": 0.1}),
    "batch_norm sequences": (batch_norm, {}),
    "batch_norm evaluation": (batch_norm, {"training": False, "epsilon": 1e-3}),
    "batch_norm small": (batch_norm, {}),
    "batch_norm large": (batch_norm, {}),
    "layer_norm": (layer_norm, {}),
    "layer_norm sequences": (layer_norm, {"epsilon": 0.1}),
    "layer_norm small": (layer_norm, {}),
    "layer_norm large": (layer_norm, {}),
    "embedding": (embedding, {}),
    "residual": (residual, {}),
    "mlp relu": (mlp, {"activation": "relu"}),
    "mlp tanh": (mlp, {"activation": "tanh"}),
    "mlp gelu": (mlp, {"activation": "gelu"}),
}
# The digits that cancel when 1e4 is subtracted from numbers near it are lost in both programs.
TOLERANCE = 1e-10


def check(name, inputs, wanted):
    function, settings = CASES[name]
    for key, value in function(**inputs, upstream=wanted["upstream"], **settings).items():
        assert relative_error(value, wanted[key]) < TOLERANCE, key
        assert value.dtype == np.float64


def test_every_kept_case_is_compared(golden):
    assert {key.partition("/")[0] for key in golden("layers")} == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_pytorch_agrees(name, golden):
    kept = golden("layers")
    inputs = {key.split("/")[2]: value for key, value in kept.items() if key.startswith(f"{name}/in/")}
    wanted = {key.split("/")[2]: value for key, value in kept.items() if key.startswith(f"{name}/out/")}
    check(name, inputs, wanted)


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", CASES)
def test_pytorch_agrees_live(name, seed, pytorch):
    inputs = pytorch("layers").draw(name, np.random.default_rng(seed))
    check(name, inputs, pytorch("layers").compute(name, inputs))


@pytest.mark.oracle
def test_a_tiny_upstream_gives_pytorch_s_tiny_gradients(pytorch):
    for name in ("batch_norm small", "layer_norm small", "mlp tanh"):
        inputs = pytorch("layers").draw(name, np.random.default_rng(8))
        upstream = 1e-8 * pytorch("layers").compute(name, inputs)["upstream"]
        check(name, inputs, pytorch("layers").compute(name, inputs, upstream))
