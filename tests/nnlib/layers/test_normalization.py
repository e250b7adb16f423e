"""Normalisations against values worked by hand, the complex step of their definitions, and each other."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import central_difference, relative_error
from nnlib.layers.containers import Sequential
from nnlib.layers.normalization import (
    BatchNorm,
    LayerNorm,
    batch_norm_backward,
    batch_norm_forward,
    layer_norm_backward,
    layer_norm_forward,
)

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=60)
BATCH_SHAPES = [(2, 3), (5, 3), (4, 1), (1, 3, 2), (4, 3, 5), (2, 3, 4, 2)]
ROW_SHAPES = [(4,), (1, 4), (5, 4), (2, 3, 4), (5, 1)]
STATE = {"running_mean": np.array([0.5, -1.0, 2.0]), "running_var": np.array([0.25, 4.0, 1.0])}


def batch_norm(X, gamma, beta, epsilon):
    """The definition, for complex numbers too: channel by channel."""
    Y = np.empty(X.shape, np.result_type(X, gamma, beta))
    for c in range(X.shape[1]):
        channel = X[:, c]
        mean = channel.sum() / channel.size
        variance = ((channel - mean) ** 2).sum() / channel.size
        Y[:, c] = gamma[c] * (channel - mean) / np.sqrt(variance + epsilon) + beta[c]
    return Y


def layer_norm(X, gamma, beta, epsilon):
    """The definition, for complex numbers too: row by row."""
    Y = np.empty(X.shape, np.result_type(X, gamma, beta))
    for i in np.ndindex(X.shape[:-1]):
        mean = X[i].sum() / X[i].size
        variance = ((X[i] - mean) ** 2).sum() / X[i].size
        Y[i] = gamma * (X[i] - mean) / np.sqrt(variance + epsilon) + beta
    return Y


def gradient(f, x):
    """Gradient of a scalar analytic function by the complex step, entry by entry."""
    found = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape, complex)
        step[i] = 1e-30j
        found[i] = f(x + step).imag / 1e-30
    return found


def drawn(shape, features, seed=0, scale=1.0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    X, upstream = scale * rng.normal(size=shape), rng.normal(size=shape)
    gamma, beta = rng.normal(size=(2, features))
    return [a.astype(dtype) for a in (upstream, X, gamma, beta)]


def plain(X, **changed):
    """Batch normalisation in training with γ = 1, β = 0 and fresh running statistics, in the dtype of X."""
    zeros, ones = np.zeros(X.shape[1], X.dtype), np.ones(X.shape[1], X.dtype)
    parts = {"gamma": ones, "beta": zeros, "running_mean": zeros, "running_var": ones}
    return batch_norm_forward(X, **{**parts, **changed})


def test_values_worked_by_hand():
    X = np.array([[1.0], [3.0], [8.0]])  # mean 4, squares 9 + 1 + 16 = 26: variances 26/3 and 26/2
    state = {"running_mean": np.array([10.0]), "running_var": np.array([20.0])}
    Y, mean, var = plain(X, **state, gamma=np.array([2.0]), beta=np.array([0.5]))
    np.testing.assert_allclose(Y.ravel(), 0.5 + 2 * np.array([-3, -1, 4]) / sqrt(26 / 3 + 1e-5), rtol=1e-14)
    np.testing.assert_allclose(mean, 0.9 * 10 + 0.1 * 4, rtol=1e-15)
    np.testing.assert_allclose(var, 0.9 * 20 + 0.1 * 13, rtol=1e-15)
    Y, mean, var = plain(X, **state, training=False)
    np.testing.assert_allclose(Y.ravel(), np.array([-9, -7, -2]) / sqrt(20 + 1e-5), rtol=1e-14)
    assert (mean, var) == (10, 20)
    Y = layer_norm_forward(X.T, np.array([1.0, 2.0, 3.0]), np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(Y[0], [-3 / 2.94394, -2 / 2.94394, 1 + 12 / 2.94394], rtol=1e-5)


def test_momentum_weighs_the_batch():
    X = np.array([[1.0, 5.0], [3.0, 5.0]])
    for momentum, mean, var in [(0, [0, 0], [1, 1]), (1, [2, 5], [2, 0]), (0.25, [0.5, 1.25], [1.25, 0.75])]:
        _, *moved = plain(X, momentum=momentum)
        np.testing.assert_allclose(moved, [mean, var], rtol=1e-15)


def test_epsilon_stands_inside_the_root():
    X = np.array([[-1e-3, -2.0], [1e-3, 2.0]])  # variances 1e-6 and 4
    Y, *_ = plain(X)
    np.testing.assert_allclose(Y[1], [1e-3 / sqrt(1.1e-5), 2 / sqrt(4.00001)], rtol=1e-14)
    np.testing.assert_allclose(layer_norm_forward(X.T, *np.eye(2)[[0, 0]])[0, 0], 1 - 1e-3 / sqrt(1.1e-5))
    np.testing.assert_allclose(plain(X, epsilon=5)[0][1], [1e-3 / sqrt(5.000001), 2 / 3], rtol=1e-14)


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
@pytest.mark.parametrize("shape", BATCH_SHAPES)
def test_batch_norm_s_gradients_are_the_complex_step_of_its_definition(shape, scale):
    upstream, X, gamma, beta = drawn(shape, shape[1], scale=scale)
    for epsilon in (1e-5, 0.1):
        found = batch_norm_backward(upstream, X, gamma, epsilon)
        Y, *_ = plain(X, gamma=gamma, beta=beta, epsilon=epsilon)
        assert relative_error(Y, batch_norm(X, gamma, beta, epsilon)) < 1e-13
        wanted = (
            gradient(lambda x, e=epsilon: (upstream * batch_norm(x, gamma, beta, e)).sum(), X),
            gradient(lambda g, e=epsilon: (upstream * batch_norm(X, g, beta, e)).sum(), gamma),
            gradient(lambda b, e=epsilon: (upstream * batch_norm(X, gamma, b, e)).sum(), beta),
        )
        # For two numbers at ±1000 the terms of dX cancel to ε/σ², 1e-11: digits are lost by nature.
        atol = 1e-13 * np.abs(gamma / X.std(axis=(0, *range(2, X.ndim)))).max()
        np.testing.assert_allclose(found[0], wanted[0], rtol=1e-11, atol=atol)
        assert relative_error(found[1], wanted[1]) < 1e-13
        assert relative_error(found[2], wanted[2]) < 1e-13


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
@pytest.mark.parametrize("shape", ROW_SHAPES)
def test_layer_norm_s_gradients_are_the_complex_step_of_its_definition(shape, scale):
    upstream, X, gamma, beta = drawn(shape, shape[-1], scale=scale)
    for epsilon in (1e-5, 0.1):
        found = layer_norm_backward(upstream, X, gamma, epsilon)
        Y = layer_norm_forward(X, gamma, beta, epsilon)
        assert relative_error(Y, layer_norm(X, gamma, beta, epsilon)) < 1e-13
        wanted = (
            gradient(lambda x, e=epsilon: (upstream * layer_norm(x, gamma, beta, e)).sum(), X),
            gradient(lambda g, e=epsilon: (upstream * layer_norm(X, g, beta, e)).sum(), gamma),
            gradient(lambda b, e=epsilon: (upstream * layer_norm(X, gamma, b, e)).sum(), beta),
        )
        for value, true in zip(found, wanted, strict=True):
            assert relative_error(value, true) < 1e-12


def test_gradients_scale_with_a_tiny_upstream():
    upstream, X, gamma, _ = drawn((5, 3), 3)
    for backward in (batch_norm_backward, layer_norm_backward):
        for tiny, value in zip(
            backward(1e-8 * upstream, X, gamma), backward(upstream, X, gamma), strict=True
        ):
            assert relative_error(tiny, 1e-8 * value) < 1e-13


def test_the_sum_of_squares_has_nearly_no_gradient():
    """Why a check of batch norm must not reduce by a sum: the true gradient is 0, and a wrong one passes."""
    _, X, gamma, _ = drawn((6, 3), 3)
    Y, *_ = plain(X)
    dX, *_ = batch_norm_backward(2 * Y, X, np.ones(3))
    assert np.abs(dX).max() < 1e-3  # of the order of ε/σ²
    dX, *_ = batch_norm_backward(np.ones((6, 3)), X, gamma)
    assert np.abs(dX).max() < 1e-14


@pytest.mark.parametrize("shape", [(4, 3, 5), (2, 3, 4, 2)])
def test_positions_count_as_examples(shape):
    upstream, X, gamma, beta = drawn(shape, 3)

    def as_rows(values):
        return np.moveaxis(values, 1, -1).reshape(-1, 3)

    for training in (True, False):
        whole = batch_norm_forward(X, gamma, beta, **STATE, training=training)
        rows = batch_norm_forward(as_rows(X), gamma, beta, **STATE, training=training)
        np.testing.assert_allclose(as_rows(whole[0]), rows[0], rtol=1e-12)
        np.testing.assert_allclose(whole[1:], rows[1:], rtol=1e-13)
    whole, rows = (
        batch_norm_backward(upstream, X, gamma),
        batch_norm_backward(as_rows(upstream), as_rows(X), gamma),
    )
    np.testing.assert_allclose(as_rows(whole[0]), rows[0], rtol=0, atol=1e-14)


def test_layer_norm_is_the_batch_norm_of_the_transpose():
    X = drawn((5, 4), 4)[1]
    np.testing.assert_allclose(layer_norm_forward(X, np.ones(4), np.zeros(4)), plain(X.T)[0].T, rtol=1e-12)


def test_a_feature_alone_is_normalised_to_beta():
    assert layer_norm_forward(np.array([[7.0], [9.0]]), np.ones(1), np.array([0.5])).tolist() == [
        [0.5],
        [0.5],
    ]


@SETTINGS
@given(data=st.data())
def test_batch_norm_standardises_any_shape_and_dtype(data):
    shape = data.draw(hnp.array_shapes(min_dims=2, max_dims=4, max_side=5).filter(lambda s: s[0] > 1))
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    X = data.draw(hnp.arrays(dtype, shape, elements=st.floats(-1e4, 1e4, width=32)))
    before = X.copy()
    Y, mean, var = plain(X)
    np.testing.assert_array_equal(X, before)
    assert Y.shape == X.shape
    assert {Y.dtype, mean.dtype, var.dtype} == {np.dtype(dtype)}
    # Next to 1e4 the mean is rounded by 1e-12 or 1e-3, and divided by √ε = 3e-3 where all numbers are equal.
    axes, slack = (0, *range(2, X.ndim)), 1e-9 if dtype == np.float64 else 1.0
    np.testing.assert_allclose(Y.mean(axes), 0, atol=slack)
    assert (Y.var(axes) <= 1 + slack).all()


def test_shift_and_scale_of_a_channel_are_forgotten():
    X = drawn((6, 3), 3)[1]
    moved = np.array([7.0, 1e4, 0.5]) * X + np.array([300, -1e4, 0])
    np.testing.assert_allclose(plain(moved, epsilon=1e-12)[0], plain(X, epsilon=1e-12)[0], rtol=0, atol=1e-10)
    moved = layer_norm_forward(7 * X + 300, np.ones(3), np.zeros(3), epsilon=1e-12)
    np.testing.assert_allclose(
        moved, layer_norm_forward(X, np.ones(3), np.zeros(3), epsilon=1e-12), atol=1e-10
    )


def test_nothing_aliases_and_nothing_is_modified():
    upstream, X, gamma, beta = drawn((4, 3), 3)
    state = {name: value.copy() for name, value in STATE.items()}
    arguments = [upstream, X, gamma, beta, *state.values()]
    before = [a.copy() for a in arguments]
    outputs = [
        *batch_norm_forward(X, gamma, beta, **state),
        *batch_norm_forward(X, gamma, beta, **state, training=False),
        *batch_norm_backward(upstream, X, gamma),
        layer_norm_forward(X, gamma, beta),
        *layer_norm_backward(upstream, X, gamma),
    ]
    for argument, old in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, old)
        assert not any(np.shares_memory(argument, output) for output in outputs)


def test_dtypes_are_kept_and_integers_become_float64():
    for dtype in (np.float32, np.float64):
        upstream, X, gamma, beta = drawn((4, 3), 3, dtype=dtype)
        state = {name: value.astype(dtype) for name, value in STATE.items()}
        results = [
            *batch_norm_forward(X, gamma, beta, **state, momentum=np.float64(0.1), epsilon=np.float64(1e-5)),
            *batch_norm_forward(X, gamma, beta, **state, training=False),
            *batch_norm_backward(upstream, X, gamma, np.float64(1e-5)),
            layer_norm_forward(X, gamma, beta, np.float64(1e-5)),
            *layer_norm_backward(upstream, X, gamma, np.float64(1e-5)),
        ]
        assert {value.dtype for value in results} == {np.dtype(dtype)}
    X = np.arange(6).reshape(3, 2)
    assert plain(X, gamma=[1, 1], beta=[0, 0])[0].dtype == np.float64
    assert layer_norm_forward(X, [1, 1], [0, 0]).dtype == np.float64


E = np.ones((4, 3)), np.ones(3), np.zeros(3), np.zeros(3), np.ones(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plain(np.ones((1, 3))), r"training needs two or more numbers a channel, got shape \(1, 3\)"),
        (lambda: plain(np.ones((0, 3))), r"training needs two or more numbers a channel, got shape \(0, 3\)"),
        (lambda: plain(np.ones((1, 3, 1, 1))), r"two or more numbers a channel, got shape \(1, 3, 1, 1\)"),
        (
            lambda: batch_norm_backward(np.ones((1, 3)), np.ones((1, 3)), np.ones(3)),
            "two or more numbers a channel",
        ),
        (
            lambda: batch_norm_forward(np.ones(3), *E[1:]),
            r"X must have shape \(N, C\) or \(N, C, ...\).*got \(3,\)",
        ),
        (lambda: plain(np.ones((2, 0))), r"C at least 1, got \(2, 0\)"),
        (lambda: plain(np.ones((4, 3)), gamma=np.ones(4)), r"gamma must have shape \(3,\), got \(4,\)"),
        (lambda: plain(np.ones((4, 3)), beta=np.ones((1, 3))), r"beta must have shape \(3,\), got \(1, 3\)"),
        (
            lambda: plain(np.ones((4, 3)), running_mean=np.ones(1)),
            r"running_mean must have shape \(3,\), got \(1,\)",
        ),
        (lambda: plain(np.ones((4, 3)), running_var=1.0), r"running_var must have shape \(3,\), got \(\)"),
        (lambda: batch_norm_forward(*E, momentum=1.1), r"momentum must be in \[0, 1\], got 1.1"),
        (lambda: batch_norm_forward(*E, epsilon=0), "epsilon must be positive and finite, got 0"),
        (
            lambda: batch_norm_backward(E[0], E[0], E[1], epsilon=-1),
            "epsilon must be positive and finite, got -1",
        ),
        (lambda: batch_norm_backward(E[0], E[0], np.ones(4)), r"gamma must have shape \(3,\), got \(4,\)"),
        (lambda: batch_norm_backward(E[0][:1], E[0], E[1]), r"shape of X, \(4, 3\), got \(1, 3\)"),
        (lambda: layer_norm_forward(1.0, *E[1:3]), r"X must have shape \(..., D\), D at least 1, got \(\)"),
        (lambda: layer_norm_forward(np.ones((2, 0)), [], []), r"D at least 1, got \(2, 0\)"),
        (lambda: layer_norm_forward(E[0].T, *E[1:3]), r"gamma must have shape \(4,\), got \(3,\)"),
        (lambda: layer_norm_forward(*E[:2], np.ones(4)), r"beta must have shape \(3,\), got \(4,\)"),
        (lambda: layer_norm_forward(*E[:3], epsilon=np.inf), "epsilon must be positive and finite, got inf"),
        (lambda: layer_norm_backward(E[0][0], E[0], E[1]), r"shape of X, \(4, 3\), got \(3,\)"),
        (lambda: layer_norm_backward(E[0], E[0], np.ones(1)), r"gamma must have shape \(3,\), got \(1,\)"),
        (lambda: layer_norm_backward(E[0], E[0], E[1], 0), "epsilon must be positive and finite, got 0"),
        (lambda: BatchNorm(3, momentum=-0.1), r"momentum must be in \[0, 1\], got -0.1"),
        (lambda: BatchNorm(3, epsilon=0), "epsilon must be positive and finite, got 0"),
        (lambda: LayerNorm(3, epsilon=0), "epsilon must be positive and finite, got 0"),
        (
            lambda: Sequential(["relu", BatchNorm(3)])(np.ones((1, 3))),
            r"^layer 1, BatchNorm\(3\): training needs two",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_one_example_is_enough_in_evaluation():
    X = np.array([[1.0, 2.0, 3.0]])
    Y, *_ = plain(X, **STATE, training=False)
    np.testing.assert_allclose(
        Y, (X - STATE["running_mean"]) / np.sqrt(STATE["running_var"] + 1e-5), rtol=1e-14
    )
    assert BatchNorm(3).eval()(X).shape == (1, 3)


def test_the_layer_is_the_function_batch_after_batch():
    rng = np.random.default_rng(4)
    layer = BatchNorm(3, momentum=0.3, epsilon=0.1)
    mean, var = layer.buffers["running_mean"], layer.buffers["running_var"]  # written in place
    for parameter in layer.parameters.values():
        parameter[...] = rng.normal(size=3)
    gamma, beta = layer.parameters.values()
    wanted = np.zeros(3), np.ones(3)
    for n in (2, 5, 4):
        X, upstream = rng.normal(size=(2, n, 3, 2))
        Y, *wanted = batch_norm_forward(X, gamma, beta, *wanted, momentum=0.3, epsilon=0.1)
        np.testing.assert_allclose(layer(X), Y, rtol=1e-15)
        np.testing.assert_allclose((mean, var), wanted, rtol=1e-15)
        dX, dgamma, dbeta = batch_norm_backward(upstream, X, gamma, epsilon=0.1)
        np.testing.assert_allclose(layer.backward(upstream), dX, rtol=1e-14)
        np.testing.assert_allclose(list(layer.gradients.values()), (dgamma, dbeta), rtol=1e-14)
    Y, *_ = batch_norm_forward(X, gamma, beta, *wanted, training=False, epsilon=0.1)
    np.testing.assert_allclose(layer.eval()(X), Y, rtol=1e-14)


def test_backward_belongs_to_the_mode_of_the_forward_pass():
    upstream, X, *_ = drawn((4, 3), 3)
    layer = BatchNorm(3)
    layer(X)
    np.testing.assert_allclose(
        layer.eval().backward(upstream), batch_norm_backward(upstream, X, np.ones(3))[0]
    )
    layer(X)
    sigma = np.sqrt(layer.buffers["running_var"] + 1e-5)
    np.testing.assert_allclose(layer.train().backward(upstream), upstream / sigma, rtol=1e-14)


def test_the_settings_of_layers_are_used():
    upstream, X, gamma, beta = drawn((4, 3), 3, scale=0.1)
    layer = LayerNorm(3, epsilon=0.5)
    layer.load_state_dict({"gamma": gamma, "beta": beta})
    np.testing.assert_array_equal(layer(X), layer_norm_forward(X, gamma, beta, epsilon=0.5))
    dX, dgamma, dbeta = layer_norm_backward(upstream, X, gamma, epsilon=0.5)
    np.testing.assert_array_equal(layer.backward(upstream), dX)
    np.testing.assert_array_equal(list(layer.gradients.values()), (dgamma, dbeta))
    numerical = central_difference(lambda x: np.sum(upstream * layer(x)), X)
    assert relative_error(dX, numerical) < 1e-8
    assert repr([BatchNorm(3), layer]) == "[BatchNorm(3), LayerNorm(3)]"
