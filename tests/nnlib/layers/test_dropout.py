"""Dropout against its stated rule, its expected value, and the mode it is in."""

import numpy as np
import pytest

from nnlib.layers.containers import Sequential
from nnlib.layers.dropout import Dropout, dropout, dropout_backward


@pytest.mark.parametrize("shape", [(), (4,), (5, 3), (2, 3, 4), (0, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mask_follows_the_stated_rule(shape, dtype):
    X = np.random.default_rng(0).normal(size=shape).astype(dtype)
    before = X.copy()
    Y, mask = dropout(X, 0.3, np.random.default_rng(1))
    u = np.random.default_rng(1).random(shape)  # the same units in both dtypes
    np.testing.assert_allclose(
        mask, np.where(u >= 0.3, 1 / 0.7, 0), rtol=1e-7 if dtype == np.float32 else 1e-15
    )
    np.testing.assert_array_equal(Y, X * mask)
    np.testing.assert_array_equal(X, before)
    assert Y.dtype == mask.dtype == dtype
    assert Y.shape == mask.shape == shape


# The share of dropped units among n = 200,000 has the deviation √(p(1 − p)/n) ≤ 0.0011: five of them, one false
# alarm in 1.7 million; the mean of the mask has √(p/(1 − p)/n), at most 0.0067.
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_share_of_rate_is_dropped_and_the_mean_stays(rate):
    n = 200_000
    Y, mask = dropout(np.ones(n), rate, np.random.default_rng(2))
    assert abs(np.mean(mask == 0) - rate) < 5 * np.sqrt(rate * (1 - rate) / n)
    assert abs(Y.mean() - 1) < 5 * np.sqrt(rate / (1 - rate) / n)
    assert set(mask.tolist()) == {0, 1 / (1 - rate)}


def test_every_call_draws_a_fresh_mask():
    rng = np.random.default_rng(3)
    masks = [dropout(np.ones((8, 16)), 0.5, rng)[1] for _ in range(3)]
    assert (masks[0] != masks[1]).any()
    assert (masks[1] != masks[2]).any()
    assert (masks[0][0] != masks[0][1]).any()  # and one for each example


def test_a_rate_of_0_drops_nothing():
    Y, mask = dropout(np.arange(1000.0), 0, np.random.default_rng(4))
    np.testing.assert_array_equal(Y, np.arange(1000.0))
    np.testing.assert_array_equal(mask, 1)
    np.testing.assert_array_equal(Dropout(0, np.random.default_rng(4))(Y), Y)


def test_a_draw_equal_to_rate_is_kept():
    """u lies in [0, 1), so u >= rate has the probability 1 − rate, and at rate 0 even u = 0 is kept."""

    class Fixed:
        def random(self, shape):
            return np.array([0.0, 0.25, 0.5, 0.75])

    assert dropout(np.ones(4), 0.5, Fixed())[1].tolist() == [0, 0, 2, 2]
    assert dropout(np.ones(4), 0, Fixed())[1].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_evaluation_is_a_copy_with_a_mask_of_ones_and_draws_nothing(dtype):
    X = np.random.default_rng(5).normal(size=(5, 3)).astype(dtype)
    Y, mask = dropout(X, 0.9, rng=None, training=False)
    np.testing.assert_array_equal(Y, X)
    np.testing.assert_array_equal(mask, np.ones((5, 3)))
    assert Y.dtype == mask.dtype == dtype
    assert not np.shares_memory(X, Y)


def test_backward_multiplies_by_the_mask():
    rng = np.random.default_rng(6)
    upstream, X = rng.normal(size=(2, 5, 3))
    _, mask = dropout(X, 0.4, rng)
    dX = dropout_backward(upstream, mask)
    np.testing.assert_array_equal(dX, upstream * mask)
    assert not np.shares_memory(dX, upstream)
    assert dropout_backward(upstream.astype(np.float32), mask.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dropout(np.ones(3), 1, None), r"rate must be in \[0, 1\), got 1"),
        (lambda: dropout(np.ones(3), -0.1, None), r"rate must be in \[0, 1\), got -0.1"),
        (lambda: dropout(np.ones(3), np.nan, None, training=False), r"rate must be in \[0, 1\), got nan"),
        (lambda: Dropout(1, None), r"rate must be in \[0, 1\), got 1"),
        (
            lambda: dropout_backward(np.ones((1, 3)), np.ones((5, 3))),
            r"shape of mask, \(5, 3\), got \(1, 3\)",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_layer_hands_back_through_the_mask_of_its_last_forward_pass():
    layer = Dropout(0.5, np.random.default_rng(7))
    X, upstream = np.random.default_rng(8).uniform(1, 2, size=(2, 6, 4))
    for _ in range(3):
        Y = layer(X)
        np.testing.assert_array_equal(layer.backward(upstream), upstream * (Y / X))
    layer(X)
    np.testing.assert_array_equal(layer.eval()(X), X)
    np.testing.assert_array_equal(layer.backward(upstream), upstream)
    assert repr(layer) == "Dropout(0.5)"


def test_a_network_switches_its_dropout():
    net = Sequential([Dropout(0.5, np.random.default_rng(9))])
    X = np.ones((50, 4))
    assert (net(X) == 0).any()
    np.testing.assert_array_equal(net.eval()(X), X)
    assert (net.train()(X) == 0).any()
