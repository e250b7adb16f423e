"""LSUV against its paper's algorithm, written out here."""

from math import nan, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import ACTIVATIONS
from nnlib.initializers import he_normal, lsuv, orthogonal
from nnlib.layers import Linear, Sequential
from nnlib.layers.base import Layer
from nnlib.layers.containers import Container


def generator(seed=2015):
    return np.random.default_rng(seed)


class Kernel(Layer):
    """A convolution with a field of one pixel, and a record of the modes it ran in."""

    def __init__(self, inputs, outputs, rng, dtype=np.float64):
        super().__init__()
        self.add_parameter("W", he_normal((outputs, inputs, 1, 1), rng, dtype=dtype))
        self.modes = set()

    def forward(self, x):
        self.modes.add(self.training)
        return np.einsum("ncij,oc->noij", x, self.parameters["W"][:, :, 0, 0])


class Shortcut(Container):
    """x + inner(x): the first inner layer, too, sees x."""

    def forward(self, x):
        y = x
        for layer in self.layers.values():
            y = layer.forward(y)
        return x + y


class TwoMatrices(Layer):
    """What LSUV leaves alone, as it cannot know which of the two to scale."""

    def __init__(self):
        super().__init__()
        self.add_parameter("W_x", np.eye(3))
        self.add_parameter("W_h", np.eye(3))

    def forward(self, x):
        return x


def paper_algorithm(X, weights, biases, f, rng, tolerance=0.1, trials=10):
    """Algorithm 1 of Mishkin & Matas (2016), for a chain of linear layers with f between them."""
    weights = [orthogonal(W.shape, rng) for W in weights]
    count = 0
    for layer in range(len(weights)):
        trial = 0
        while True:
            B = X
            for k in range(layer + 1):
                B = (f(B) if k else B) @ weights[k] + biases[k]
            if abs(np.var(B) - 1.0) < tolerance or trial >= trials:
                break
            weights[layer] = weights[layer] / np.sqrt(np.var(B))
            trial += 1
        count += trial
    return weights, count


def chain(activation, rng, dtype=np.float64):
    return Sequential(
        [
            Linear(7, 12, rng, dtype=dtype),
            activation,
            Linear(12, 9, rng, dtype=dtype),
            activation,
            Linear(9, 4, rng, dtype=dtype),
        ]
    )


@pytest.mark.parametrize("spread", [0, 0.5])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_lsuv_is_the_algorithm_of_the_paper(activation, spread):
    rng = generator()
    X = rng.normal(2, 3, size=(40, 7))
    model = chain(activation, rng)
    for name, b in model.parameters.items():
        if name.endswith("b"):
            b[...] = rng.normal(scale=spread, size=b.shape)
    old = model.state_dict()
    for tolerance in (0.1, 1e-6):
        wanted, count = paper_algorithm(
            X,
            [old[f"{k}.W"] for k in (0, 2, 4)],
            [old[f"{k}.b"] for k in (0, 2, 4)],
            ACTIVATIONS[activation].f,
            generator(1),
            tolerance,
            trials=60,
        )
        assert lsuv(model, X, generator(1), tolerance, trials=60) == count >= 2
        if tolerance < 0.1 and spread:
            assert count > 6  # biases make more than one scaling necessary
        for k, W in zip((0, 2, 4), wanted, strict=True):
            np.testing.assert_allclose(model.parameters[f"{k}.W"], W, rtol=1e-11)
            np.testing.assert_array_equal(model.parameters[f"{k}.b"], old[f"{k}.b"])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(derandomize=True, database=None, deadline=None, max_examples=20)
@given(scale=st.floats(-8, 8), seed=st.integers(0, 10**6))
def test_lsuv_gives_every_layer_unit_variance_whatever_the_scale_of_the_inputs(dtype, scale, seed):
    rng = generator(seed)
    X = (10**scale * rng.normal(size=(30, 7))).astype(dtype)
    before = X.copy()
    model = chain("leaky_relu", rng, dtype)  # ReLU may leave no unit of so small a layer alive
    arrays = model.parameters
    assert lsuv(model, X, rng) <= 3
    np.testing.assert_array_equal(X, before)
    y = X
    for leaf in model.leaves():
        y = leaf(y)
        if leaf.parameters:
            assert abs(np.var(y, dtype=np.float64) - 1) < 0.1
    for name, array in model.parameters.items():
        assert array is arrays[name]
        assert array.dtype == dtype


def test_lsuv_scales_kernels_and_branches_but_not_two_matrices():
    rng = generator()
    inner = [Kernel(3, 5, rng), Kernel(5, 3, rng)]
    recurrent = TwoMatrices()
    model = Sequential([Shortcut({"a": inner[0], "f": "tanh", "b": inner[1]}), Kernel(3, 2, rng)])
    X = rng.normal(scale=4, size=(6, 3, 5, 4))
    assert lsuv(model, X, rng) == 3
    first = inner[0](X)
    np.testing.assert_allclose(np.var(first), 1, rtol=1e-12)
    second = inner[1](np.tanh(first))
    np.testing.assert_allclose(np.var(second), 1, rtol=1e-12)
    np.testing.assert_allclose(np.var(model(X)), 1, rtol=1e-12)
    W = inner[0].parameters["W"][:, :, 0, 0]
    np.testing.assert_allclose(W.T @ W, W[:, 0] @ W[:, 0] * np.eye(3), atol=1e-12)
    assert lsuv(Sequential([recurrent]), rng.normal(size=(4, 3)), rng) == 0
    np.testing.assert_array_equal(recurrent.parameters["W_x"], np.eye(3))


def test_lsuv_does_not_scale_what_is_within_the_tolerance():
    """A square orthogonal matrix keeps the variance of centred inputs."""
    rng = generator()
    X = rng.normal(size=(50, 6))
    X = (X - X.mean()) / X.std() * sqrt(1.08)
    layer = Linear(6, 6, rng)
    assert lsuv(layer, X, generator(1)) == 0
    np.testing.assert_array_equal(layer.parameters["W"], orthogonal((6, 6), generator(1)))
    assert lsuv(layer, X, generator(1), tolerance=0.01) == 1


def test_lsuv_runs_in_evaluation_mode_and_restores_every_mode():
    rng = generator()
    frozen, learning = Kernel(3, 2, rng), Kernel(2, 2, rng)
    model = Sequential([frozen, learning])
    frozen.training = False
    lsuv(model, rng.normal(size=(6, 3, 2, 2)), rng)
    assert frozen.modes == learning.modes == {False}
    assert (frozen.training, learning.training, model.training) == (False, True, True)
    assert "forward" not in vars(learning)


@pytest.mark.parametrize(
    ("inputs", "bias", "message"),
    [
        (0.0, 0.0, r"layer 0, Linear\(3, 2\): output must have a positive, finite variance on X, got 0.0"),
        (nan, 0.0, r"layer 0, Linear\(3, 2\): output must have .*, got nan"),
        (1.0, 9.0, r"layer 0, Linear\(3, 2\): output still has variance 81 on X after 10 scalings"),
    ],
)
def test_lsuv_says_which_layer_cannot_have_unit_variance(inputs, bias, message):
    rng = generator()
    model = Sequential([Linear(3, 2, rng)])
    model.parameters["0.b"][...] = [bias, -bias]
    with pytest.raises(ValueError, match=message):
        lsuv(model, inputs * rng.normal(size=(5, 3)), rng)
    assert model.leaves()[0].training
    assert "forward" not in vars(model.leaves()[0])


def test_lsuv_checks_its_settings():
    model, X = Linear(3, 2, generator()), np.ones((2, 3))
    before = model.state_dict()
    for wrong, message in (
        ({"tolerance": 0}, "tolerance must be positive, got 0"),
        ({"trials": 0}, "trials must be 1 or more, got 0"),
    ):
        with pytest.raises(ValueError, match=message):
            lsuv(model, X, generator(), **wrong)
    with pytest.raises(TypeError, match="rng must be"):
        lsuv(model, X, 0)
    np.testing.assert_array_equal(model.parameters["W"], before["W"])
