"""Layers inside layers: names, order, and the sum of a branch and its shortcut."""

import numpy as np
import pytest

from nnlib import central_difference, relative_error
from nnlib.layers.activation import ActivationLayer
from nnlib.layers.base import Layer
from nnlib.layers.containers import Container, Residual, Sequential, residual_backward, residual_forward
from nnlib.layers.linear import Linear
from nnlib.layers.normalization import BatchNorm


def linear(inputs, outputs, seed=0):
    return Linear(inputs, outputs, np.random.default_rng(seed))


class Affine(Layer):
    """scale · x + 1; writes into `calls` what it is asked."""

    def __init__(self, scale, calls):
        super().__init__()
        self.scale, self.calls = scale, calls

    def forward(self, x):
        self.calls.append(("forward", self.scale))
        return self.scale * x + 1

    def backward(self, upstream, wrt_input=True):
        self.calls.append(("backward", self.scale, wrt_input))
        return self.scale * upstream


def test_a_network_runs_its_layers_in_order_and_back():
    calls = []
    net = Sequential([Affine(2, calls), Affine(3, calls), Affine(5, calls)])
    assert net(np.array([1.0])).tolist() == [5 * (3 * (2 * 1 + 1) + 1) + 1]
    assert net.backward(np.array([1.0])).tolist() == [30]
    net.backward(np.array([1.0]), wrt_input=False)
    assert calls[:3] == [("forward", 2), ("forward", 3), ("forward", 5)]
    assert calls[3:6] == [("backward", 5, True), ("backward", 3, True), ("backward", 2, True)]
    assert calls[6:] == [("backward", 5, True), ("backward", 3, True), ("backward", 2, False)]


def test_names_lead_to_the_place_in_the_network():
    inner = Sequential([linear(3, 3), "relu", BatchNorm(3)])
    net = Sequential([linear(2, 3), Residual(inner, shortcut=linear(3, 3)), "tanh"])
    assert list(net.parameters) == [
        *("0.W", "0.b", "1.branch.0.W", "1.branch.0.b", "1.branch.2.gamma", "1.branch.2.beta"),
        *("1.shortcut.W", "1.shortcut.b"),
    ]
    assert list(net.gradients) == list(net.parameters)
    assert list(net.buffers) == ["1.branch.2.running_mean", "1.branch.2.running_var"]
    assert net.parameters["1.branch.0.W"] is inner.layers["0"].parameters["W"]
    assert [leaf.name for leaf in net.leaves()] == [
        "0",
        "1.branch.0",
        "1.branch.1",
        "1.branch.2",
        "1.shortcut",
        "2",
    ]
    assert (net.name, net.layers["1"].name, inner.name) == ("", "1", "1.branch")
    assert str(net.leaves()[2]) == "layer 1.branch.1, ActivationLayer('relu')"
    assert net.size == 9 + 12 + 6 + 12


def test_a_string_stands_for_an_activation():
    net = Sequential(["tanh"])
    assert isinstance(net.layers["0"], ActivationLayer)
    np.testing.assert_array_equal(net(np.ones(2)), np.tanh(np.ones(2)))
    assert repr(Sequential(["tanh", linear(2, 3)])) == "Sequential([ActivationLayer('tanh'), Linear(2, 3)])"
    np.testing.assert_array_equal(Residual("relu")(np.array([2.0, -1.0])), [4, -1])


def test_a_container_starts_in_training_with_the_layers_that_it_is_given():
    layer = linear(2, 2)
    pair = Container({"first": layer, "second": "relu"})
    assert pair.training
    assert pair.layers["first"] is layer
    assert (layer.name, list(pair.parameters)) == ("first", ["first.W", "first.b"])


def test_what_is_no_layer_is_refused():
    for wrong, kind in ((np.tanh, "ufunc"), (None, "NoneType"), (Linear, "type")):
        with pytest.raises(TypeError, match=f"layer 1 must be a Layer or an activation's name, got {kind}"):
            Sequential(["relu", wrong])
    with pytest.raises(ValueError, match=r"activation must be one of .* got 'rulu'"):
        Sequential(["rulu"])


@pytest.mark.parametrize(
    "make", [lambda: linear(2, 2), lambda: ActivationLayer("relu"), lambda: Sequential([])]
)
def test_a_layer_twice_is_refused_at_any_depth(make):
    layer = make()
    for wrong in (
        lambda: Sequential([layer, layer]),
        lambda: Residual(layer, layer),
        lambda: Sequential([layer, "relu", Sequential([Residual(layer)])]),
        lambda: Container({"a": Sequential([layer]), "b": layer}),
    ):
        with pytest.raises(ValueError, match="only once, because its gradient is overwritten"):
            wrong()
    Sequential([layer, make()])


def test_an_empty_network_is_the_identity():
    x = np.arange(6.0).reshape(2, 3)
    net = Sequential([])
    np.testing.assert_array_equal(net(x), x)
    np.testing.assert_array_equal(net.backward(x), x)
    assert (net.size, net.state_dict(), repr(net)) == (0, {}, "Sequential([])")


def test_residual_functions_worked_by_hand():
    X = np.array([1.0, -2.0, 3.0])
    np.testing.assert_array_equal(residual_forward(X, lambda x: x**2), [2, 2, 12])
    np.testing.assert_array_equal(
        residual_backward(np.array([1.0, 10, -1]), lambda u: 2 * X * u), [3, -30, -7]
    )


def test_a_branch_of_zero_leaves_the_identity():
    X = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    for f in (residual_forward, residual_backward):
        out = f(X, np.zeros_like)
        np.testing.assert_array_equal(out, X)
        assert out.dtype == np.float32
        assert not np.shares_memory(out, X)
        assert f([1, 2], lambda x: x).dtype == np.float64


def test_the_residual_gradient_is_the_central_difference():
    rng = np.random.default_rng(1)
    X, upstream, W = rng.normal(size=(5, 3)), rng.normal(size=(5, 3)), rng.normal(size=(3, 3))
    numerical = central_difference(
        lambda x: np.sum(upstream * residual_forward(x, lambda x: np.tanh(x @ W))), X
    )
    dX = residual_backward(upstream, lambda u: (u * (1 - np.tanh(X @ W) ** 2)) @ W.T)
    assert relative_error(dX, numerical) < 1e-8


def test_a_branch_of_another_shape_is_refused_although_it_would_broadcast():
    X = np.ones((4, 3))
    with pytest.raises(ValueError, match=r"branch\(X\) must have shape \(4, 3\), got \(4, 1\)"):
        residual_forward(X, lambda x: x[:, :1])
    with pytest.raises(ValueError, match=r"branch_backward\(upstream\) must have shape \(4, 3\), got \(3,\)"):
        residual_backward(X, lambda u: u[0])
    net = Sequential(["relu", Residual(linear(3, 1))])
    with pytest.raises(
        ValueError, match=r"^layer 1, Residual\(Linear\(3, 1\)\): .* one shape, got \(4, 1\) and \(4, 3\)"
    ):
        net(X)
    with pytest.raises(
        ValueError, match=r"^Residual\(Linear\(3, 2\), Linear\(3, 1\)\): .* got \(4, 2\) and \(4, 1\)"
    ):
        Residual(linear(3, 2), shortcut=linear(3, 1))(X)


def test_a_residual_block_adds_its_shortcut():
    rng = np.random.default_rng(2)
    X, upstream = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    branch, shortcut = linear(3, 2, seed=3), linear(3, 2, seed=4)
    block = Residual(branch, shortcut)
    np.testing.assert_allclose(block(X), branch(X) + shortcut(X), rtol=1e-15)
    both = branch.parameters["W"] + shortcut.parameters["W"]
    np.testing.assert_allclose(block.backward(upstream), upstream @ both.T, rtol=1e-14)
    np.testing.assert_allclose(block.gradients["branch.W"], X.T @ upstream, rtol=1e-14)
    np.testing.assert_allclose(block.gradients["shortcut.W"], X.T @ upstream, rtol=1e-14)
    assert block.backward(upstream, wrt_input=False) is None
    assert Residual(linear(3, 3)).forward(np.ones((2, 3), int)).dtype == np.float64


def test_the_input_s_gradient_is_asked_of_inner_layers_only_where_it_is_wanted():
    calls = []
    block = Residual(Affine(2, calls), Affine(3, calls))
    assert block(np.array([1.0])).tolist() == [7]
    assert block.backward(np.array([1.0])).tolist() == [5]
    assert block.backward(np.array([1.0]), wrt_input=False) is None
    assert [call[2] for call in calls[2:]] == [True, True, False, False]


def test_a_container_has_no_parameters_of_its_own():
    with pytest.raises(TypeError, match=r"Sequential\(\[.*\]\) holds layers; add W to one of them"):
        Sequential(["relu"]).add_parameter("W", np.ones(2))
