"""Flatten: one row for each example, in C order."""

import numpy as np
import pytest

from nnlib.layers.flatten import Flatten


@pytest.mark.parametrize(
    ("shape", "flat"),
    [
        ((3, 2, 4, 5), (3, 40)),
        ((1, 2, 3), (1, 6)),
        ((3, 2), (3, 2)),
        ((3,), (3, 1)),
        ((0, 2, 4), (0, 8)),
        ((2, 0), (2, 0)),
    ],
)
def test_examples_stay_and_the_rest_becomes_one_row(shape, flat):
    X = np.arange(np.prod(shape), dtype=float).reshape(shape)
    layer = Flatten()
    Y = layer(X)
    assert Y.shape == flat
    np.testing.assert_array_equal(Y.ravel(), X.ravel())
    np.testing.assert_array_equal(layer.backward(2 * Y), 2 * X)
    assert layer.backward(Y, wrt_input=False) is None


def test_the_order_is_that_of_the_axes_whatever_the_memory_holds():
    X = np.arange(24.0).reshape(4, 3, 2).T
    np.testing.assert_array_equal(Flatten()(X)[1], [1, 7, 13, 19, 3, 9, 15, 21, 5, 11, 17, 23])


def test_integers_become_floats():
    assert Flatten()(np.ones((2, 3), int)).dtype == np.float64
    assert Flatten()(np.ones((2, 3), np.float32)).dtype == np.float32
    assert repr(Flatten()) == "Flatten()"
