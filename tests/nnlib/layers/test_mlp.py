"""The multilayer perceptron against values worked by hand, the complex step, and the layers that it is made of."""

from itertools import pairwise

import numpy as np
import pytest

from nnlib import ACTIVATIONS, central_difference, gradient_errors, relative_error
from nnlib.layers.containers import Sequential
from nnlib.layers.linear import Linear
from nnlib.layers.mlp import mlp_backward, mlp_forward


def drawn(sizes, n=6, seed=0, dtype=np.float64):
    """X, upstream and parameters of a net with layers of `sizes`."""
    rng = np.random.default_rng(seed)
    X, upstream = rng.normal(size=(n, sizes[0])).astype(dtype), rng.normal(size=(n, sizes[-1])).astype(dtype)
    pairs = pairwise(sizes)
    parameters = [(rng.normal(size=s).astype(dtype), rng.normal(size=s[1]).astype(dtype)) for s in pairs]
    return X, upstream, parameters


def test_values_worked_by_hand():
    """tanh'(0) = 1 and tanh(0) = 0, so the hidden unit that gets 0 hands on all, and its own output counts nothing."""
    W1, b1 = np.array([[1.0, 2.0]]), np.array([-3.0, 1.0])
    W2, b2 = np.array([[5.0], [7.0]]), np.array([0.25])
    A, Z = mlp_forward(np.array([[3.0]]), [(W1, b1), (W2, b2)], "tanh")
    np.testing.assert_array_equal(Z[0], [[0, 7]])
    np.testing.assert_array_equal(A[1], [[0, np.tanh(7)]])
    np.testing.assert_allclose(A[2], 0.25 + 7 * np.tanh(7), rtol=1e-15)
    dX, [(dW1, db1), (dW2, db2)] = mlp_backward(np.array([[2.0]]), A, Z, [(W1, b1), (W2, b2)], "tanh")
    slope = 1 / np.cosh(7) ** 2
    np.testing.assert_allclose(dW2, [[0], [2 * np.tanh(7)]], rtol=1e-15)
    np.testing.assert_allclose(db2, [2])
    np.testing.assert_allclose(db1, [10, 14 * slope], rtol=1e-13)
    np.testing.assert_allclose(dW1, [[30, 42 * slope]], rtol=1e-13)
    np.testing.assert_allclose(dX, [[10 + 28 * slope]], rtol=1e-13)


def test_what_is_kept():
    X, _, parameters = drawn([5, 4, 7, 3])
    A, Z = mlp_forward(X, parameters)
    assert [a.shape for a in A] == [(6, 5), (6, 4), (6, 7), (6, 3)]
    assert [z.shape for z in Z] == [(6, 4), (6, 7), (6, 3)]
    np.testing.assert_array_equal(A[0], X)
    for layer, (W, b) in enumerate(parameters):
        np.testing.assert_allclose(Z[layer], A[layer] @ W + b, rtol=1e-14)
    for layer in (1, 2):
        np.testing.assert_array_equal(A[layer], np.maximum(Z[layer - 1], 0))
    np.testing.assert_array_equal(A[3], Z[2])
    assert (A[3] < 0).any()  # no activation after the last


def test_gradients_are_the_complex_step():
    X, upstream, parameters = drawn([5, 4, 7, 3], n=2)

    def loss(X, parameters):
        a = X
        for W, b in parameters[:-1]:
            a = np.tanh(a @ W + b)
        return np.sum(upstream * (a @ parameters[-1][0] + parameters[-1][1]))

    def gradient(f, x):
        found = np.empty(x.shape)
        for i in np.ndindex(x.shape):
            bumped = x.astype(complex)
            bumped[i] += 1e-30j
            found[i] = f(bumped).imag / 1e-30
        return found

    dX, gradients = mlp_backward(upstream, *mlp_forward(X, parameters, "tanh"), parameters, "tanh")
    assert relative_error(dX, gradient(lambda x: loss(x, parameters), X)) < 1e-13
    for layer in range(3):
        for part in range(2):

            def changed(value, layer=layer, part=part):
                new = [list(pair) for pair in parameters]
                new[layer][part] = value
                return loss(X, new)

            wanted = gradient(changed, parameters[layer][part])
            assert relative_error(gradients[layer][part], wanted) < 1e-13, (layer, part)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("sizes", [[5, 3], [4, 1, 3], [2, 6, 3, 5, 1]])
def test_it_is_the_network_of_its_layers(sizes, activation):
    X, upstream, parameters = drawn(sizes, seed=1)
    layers = []
    for W, b in parameters:
        layer = Linear(*W.shape, np.random.default_rng(0))
        layer.load_state_dict({"W": W, "b": b})
        layers += [layer, activation]
    net = Sequential(layers[:-1])
    A, Z = mlp_forward(X, parameters, activation)
    np.testing.assert_allclose(net(X), A[-1], rtol=1e-13)
    dX, gradients = mlp_backward(upstream, A, Z, parameters, activation)
    np.testing.assert_allclose(net.backward(upstream), dX, rtol=1e-12)
    named = {
        f"{2 * i}.{name}": g for i, pair in enumerate(gradients) for name, g in zip("Wb", pair, strict=True)
    }
    assert max(gradient_errors(net.gradients, named).values()) < 1e-13


def test_relu_s_gradients_are_central_differences():
    X, upstream, parameters = drawn([3, 5, 2], n=4, seed=2)
    A, Z = mlp_forward(X, parameters)
    assert np.abs(Z[0]).min() > 1e-3  # no kink within the step
    dX, _ = mlp_backward(upstream, A, Z, parameters)
    numerical = central_difference(lambda x: np.sum(upstream * mlp_forward(x, parameters)[0][-1]), X)
    assert relative_error(dX, numerical) < 1e-8


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_nothing_is_modified_or_aliased(dtype):
    X, upstream, parameters = drawn([5, 4, 3], dtype=dtype)
    arguments = [X, upstream, *(array for pair in parameters for array in pair)]
    before = [array.copy() for array in arguments]
    A, Z = mlp_forward(X, parameters)
    kept = [array.copy() for array in A + Z]
    dX, gradients = mlp_backward(upstream, A, Z, parameters)
    outputs = [dX, *(array for pair in gradients for array in pair)]
    for old, now in zip(before + kept, arguments + A + Z, strict=True):
        np.testing.assert_array_equal(old, now)
    assert {array.dtype for array in A + Z + outputs} == {np.dtype(dtype)}
    assert not any(np.shares_memory(a, b) for a in arguments for b in A + Z + outputs)
    assert not any(np.shares_memory(a, b) for a in A + Z for b in outputs)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda X, U, p: mlp_forward(X, []),
            r"parameters must hold a pair \(W, b\) for each layer, got none",
        ),
        (lambda X, U, p: mlp_backward(U, [X], [], []), "parameters must hold a pair"),
        (lambda X, U, p: mlp_forward(X, p, "softmax"), "activation must be one of sigmoid, .* got 'softmax'"),
        (
            lambda X, U, p: mlp_backward(U, *mlp_forward(X, p), p, "id"),
            "activation must be one of .* got 'id'",
        ),
        (lambda X, U, p: mlp_forward(X, p[::-1]), r"\(6, 5\), \(4, 3\), \(3,\)"),
        (lambda X, U, p: mlp_backward(U, [X], [X], p), "A and Z must hold 3 and 2 arrays, got 1 and 1"),
        (lambda X, U, p: mlp_backward(U, [X] * 3, [X], p), "A and Z must hold 3 and 2 arrays, got 3 and 1"),
        (lambda X, U, p: mlp_backward(U[:, 1:], *mlp_forward(X, p), p), r"got \(6, 2\), \(6, 4\), \(4, 3\)"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(*drawn([5, 4, 3]))
