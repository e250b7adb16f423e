"""Activation layers are the functions of the table, and softmax with its vector-Jacobian product."""

import numpy as np
import pytest

from nnlib import ACTIVATIONS, softmax, softmax_vjp
from nnlib.layers.activation import ActivationLayer, SoftmaxLayer

SETTINGS = [
    ("leaky_relu", {"slope": 0.3}),
    ("elu", {"alpha": 2.0}),
    ("swish", {"beta": 1.5}),
    ("gelu", {"form": "tanh"}),
]


@pytest.mark.parametrize(("name", "settings"), [*((name, {}) for name in ACTIVATIONS), *SETTINGS])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_layer_is_the_function_and_upstream_times_its_derivative(name, settings, dtype):
    z, upstream = np.random.default_rng(0).normal(scale=2, size=(2, 4, 3)).astype(dtype)
    layer = ActivationLayer(name, **settings)
    f, grad = ACTIVATIONS[name]
    np.testing.assert_array_equal(layer(z), f(z, **settings))
    np.testing.assert_array_equal(layer.backward(upstream), upstream * grad(z, **settings))
    assert layer.backward(upstream).dtype == dtype
    assert layer.backward(upstream, wrt_input=False) is None
    assert layer.parameters == layer.gradients == {}


@pytest.mark.parametrize("shape", [(4, 3), (5,), (2, 3, 4)])
def test_softmax_is_along_the_last_axis(shape):
    z, upstream = np.random.default_rng(1).normal(scale=2, size=(2, *shape))
    layer = SoftmaxLayer()
    np.testing.assert_array_equal(layer(z), softmax(z, axis=-1))
    np.testing.assert_array_equal(layer.backward(upstream), softmax_vjp(z, upstream, axis=-1))
    assert layer.backward(upstream, wrt_input=False) is None


def test_integers_become_floats():
    assert ActivationLayer("relu")([[1, -2]]).tolist() == [[1.0, 0.0]]
    assert SoftmaxLayer()([[1, 1]]).tolist() == [[0.5, 0.5]]


def test_an_unknown_activation_is_named():
    with pytest.raises(ValueError, match=r"activation must be one of sigmoid, tanh, relu, .*, got 'step'"):
        ActivationLayer("step")
    with pytest.raises(ValueError, match=r"slope must be in \[0, 1\), got 2"):
        ActivationLayer("leaky_relu", slope=2)(np.ones(3))


def test_a_layer_s_name_says_its_settings():
    assert repr(ActivationLayer("relu")) == "ActivationLayer('relu')"
    assert repr(ActivationLayer("gelu", form="tanh")) == "ActivationLayer('gelu', form='tanh')"
    assert repr(SoftmaxLayer()) == "SoftmaxLayer()"
