"""The linear layer against values worked by hand and the identities that define a gradient of linear maps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.layers.linear import Linear, linear_backward, linear_forward

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=60)


def test_values_worked_by_hand():
    X, W, b = (
        np.array([[1.0, 2.0], [3.0, -1.0]]),
        np.array([[1.0, 0.0, 2.0], [0.5, -1.0, 1.0]]),
        np.array([10.0, 20, 30]),
    )
    np.testing.assert_array_equal(linear_forward(X, W, b), [[12, 18, 34], [12.5, 21, 35]])
    dX, dW, db = linear_backward(np.array([[1.0, 0, -1], [2, 1, 0]]), X, W)
    np.testing.assert_array_equal(dX, [[-1, -0.5], [2, 0]])
    np.testing.assert_array_equal(dW, [[7, 3, -1], [0, -1, -2]])
    np.testing.assert_array_equal(db, [3, 1, -1])


@SETTINGS
@given(data=st.data())
def test_gradients_are_the_adjoints_of_the_map(data):
    """⟨U, f(X + E) − f(X)⟩ = ⟨dX, E⟩ for every E, and so for W and b, as f is linear in each."""
    batch = tuple(data.draw(st.lists(st.integers(1, 4), max_size=3)))
    D, H = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 5))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    (X, EX), (W, EW), (b, Eb) = (rng.normal(size=(2, *shape)) for shape in [(*batch, D), (D, H), (H,)])
    upstream = rng.normal(size=(*batch, H))
    Y, dX, dW, db = linear_forward(X, W, b), *linear_backward(upstream, X, W)
    assert (Y.shape, dX.shape, dW.shape, db.shape) == (upstream.shape, X.shape, W.shape, b.shape)
    for changed, gradient, direction in [
        (linear_forward(X + EX, W, b), dX, EX),
        (linear_forward(X, W + EW, b), dW, EW),
        (linear_forward(X, W, b + Eb), db, Eb),
    ]:
        np.testing.assert_allclose(np.sum(upstream * (changed - Y)), np.sum(gradient * direction), atol=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_nothing_is_modified_or_aliased(dtype):
    rng = np.random.default_rng(0)
    shapes = [(5, 4), (4, 3), (3,), (5, 3)]
    X, W, b, upstream = arguments = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    before = [a.copy() for a in arguments]
    outputs = [linear_forward(X, W, b), *linear_backward(upstream, X, W)]
    assert {a.dtype for a in outputs} == {np.dtype(dtype)}
    for a, old in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(a, old)
        assert not any(np.shares_memory(a, output) for output in outputs)


def test_integers_and_lists_are_taken_and_no_examples_too():
    assert linear_forward([[1, 2]], [[3], [4]], [5]).tolist() == [[16.0]]
    dX, dW, db = linear_backward(np.ones((0, 3)), np.ones((0, 2)), np.ones((2, 3)))
    assert (dX.shape, dW.tolist(), db.tolist()) == ((0, 2), [[0, 0, 0]] * 2, [0, 0, 0])


def ones(*shapes):
    return [np.ones(shape) for shape in shapes]


@pytest.mark.parametrize("shapes", [[(5, 4), (3, 4), (3,)], [(5, 4), (4, 3), (4,)], [(5, 4), (4, 3), (1, 3)],
                                    [(5, 4), (4,), ()], [(), (4, 3), (3,)], [(4, 5), (4, 3), (3,)]])  # fmt: skip
def test_wrong_shapes_forward_are_named(shapes):
    with pytest.raises(ValueError) as error:  # noqa: PT011  (the whole message is compared)
        linear_forward(*ones(*shapes))
    wanted = "X, W and b must have shapes (..., D), (D, H) and (H,), got "
    assert str(error.value) == wanted + ", ".join(map(str, shapes))


@pytest.mark.parametrize("shapes", [[(5, 4), (5, 4), (4, 3)], [(1, 3), (5, 4), (4, 3)], [(5, 3), (5, 4), (3, 4)],
                                    [(3,), (), (4, 3)], [(5,), (5, 4), (4,)], [(2, 5, 3), (5, 4), (4, 3)]])  # fmt: skip
def test_wrong_shapes_backward_are_named(shapes):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        linear_backward(*ones(*shapes))
    wanted = "upstream, X and W must have shapes (..., H), (..., D) and (D, H), got "
    assert str(error.value) == wanted + ", ".join(map(str, shapes))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(5, 4), (1, 4), (4,), (2, 5, 4)])
def test_the_layer_is_the_function(shape, bias):
    rng = np.random.default_rng(1)
    layer = Linear(4, 3, rng, bias=bias)
    X, upstream = rng.normal(size=shape), rng.normal(size=(*shape[:-1], 3))
    W, b = layer.parameters["W"], np.zeros(3)
    if bias:
        np.testing.assert_array_equal(layer.parameters["b"], 0)
        b = layer.parameters["b"]
        b[...] = rng.normal(size=3)
    np.testing.assert_array_equal(layer(X), linear_forward(X, W, b))
    dX, dW, db = linear_backward(upstream, X, W)
    np.testing.assert_allclose(layer.backward(upstream), dX, rtol=1e-14)
    np.testing.assert_allclose(layer.gradients["W"], dW, rtol=1e-14)
    assert list(layer.gradients) == ["W", "b"][: 1 + bias]
    if bias:
        np.testing.assert_allclose(layer.gradients["b"], db, rtol=1e-14)
    assert layer.backward(upstream, wrt_input=False) is None


def test_the_layer_draws_its_weights_with_the_initializer():
    calls = []

    def initializer(shape, rng, dtype):
        calls.append((shape, rng, dtype))
        return np.full(shape, 0.5, dtype)

    rng = np.random.default_rng(2)
    layer = Linear(4, 3, rng, initializer=initializer, dtype=np.float32)
    assert calls == [((4, 3), rng, np.float32)]
    np.testing.assert_array_equal(layer.parameters["W"], np.full((4, 3), 0.5))
    assert layer(np.ones((2, 4))).dtype == np.float32
    # He's: variance 2 / D, within five deviations, each √(2 / 40,000) of it
    W = Linear(400, 100, rng).parameters["W"]
    assert abs(W.var() * 400 / 2 - 1) < 5 * np.sqrt(2 / 40_000)


def test_the_layer_s_name_says_its_size():
    rng = np.random.default_rng(3)
    assert (
        repr([Linear(4, 3, rng), Linear(4, 3, rng, bias=False)]) == "[Linear(4, 3), Linear(4, 3, bias=False)]"
    )
