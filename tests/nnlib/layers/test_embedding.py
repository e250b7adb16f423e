"""Embeddings against the linear layer that they stand for: the product with one-hot vectors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import central_difference, relative_error
from nnlib.layers.containers import Sequential
from nnlib.layers.embedding import Embedding, embedding_backward, embedding_forward

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=60)
W = np.arange(10.0).reshape(5, 2)


def test_values_worked_by_hand():
    np.testing.assert_array_equal(
        embedding_forward([[4, 0], [0, 1]], W), [[[8, 9], [0, 1]], [[0, 1], [2, 3]]]
    )
    upstream = np.array([[[1.0, 2], [10, 20]], [[100, 200], [1000, 2000]]])
    dW = embedding_backward(upstream, [[4, 0], [0, 1]], W)
    np.testing.assert_array_equal(dW, [[110, 220], [1000, 2000], [0, 0], [0, 0], [1, 2]])


@SETTINGS
@given(data=st.data())
def test_it_is_the_product_with_one_hot_vectors(data):
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6))
    words, features = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 4))
    integer = data.draw(st.sampled_from([np.int8, np.uint8, np.int32, np.int64, np.uint64]))
    indices = data.draw(hnp.arrays(integer, shape, elements=st.integers(0, words - 1)))
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    rng = np.random.default_rng(0)
    table = rng.normal(size=(words, features)).astype(dtype)
    upstream = rng.normal(size=(*shape, features)).astype(dtype)
    before = indices.copy(), table.copy(), upstream.copy()
    one_hot = np.eye(words, dtype=dtype)[indices.astype(int)]
    Y, dW = embedding_forward(indices, table), embedding_backward(upstream, indices, table)
    np.testing.assert_array_equal(Y, one_hot @ table)
    wanted = one_hot.reshape(-1, words).T @ upstream.reshape(-1, features)
    np.testing.assert_allclose(dW, wanted, rtol=0, atol=1e-13 if dtype == np.float64 else 1e-4)
    assert Y.dtype == dW.dtype == dtype
    assert not np.shares_memory(Y, table)
    for argument, old in zip((indices, table, upstream), before, strict=True):
        np.testing.assert_array_equal(argument, old)


def test_narrow_indices_do_not_overflow():
    """200 · 3 does not fit into the uint8 that 200 came in."""
    indices = np.array([200, 255, 200], np.uint8)
    dW = embedding_backward(np.ones((3, 3)), indices, np.zeros((256, 3)))
    np.testing.assert_array_equal(dW[[200, 255]], [[2, 2, 2], [1, 1, 1]])
    assert dW.sum() == 9


def test_a_table_in_any_memory_order_will_do():
    indices, upstream = np.array([3, 1, 3]), np.arange(6.0).reshape(3, 2)
    table = np.asfortranarray(W)
    np.testing.assert_array_equal(
        embedding_backward(upstream, indices, table), [[0, 0], [2, 3], [0, 0], [4, 6], [0, 0]]
    )
    np.testing.assert_array_equal(
        embedding_backward(upstream[::-1], indices[::-1], W), embedding_backward(upstream, indices, W)
    )


@pytest.mark.parametrize("shape", [(), (7,), (2, 3)])
def test_the_gradient_is_the_central_difference(shape):
    rng = np.random.default_rng(1)
    indices, upstream = rng.integers(5, size=shape), rng.normal(size=(*shape, 2))
    numerical = central_difference(lambda w: np.sum(upstream * embedding_forward(indices, w)), W)
    assert relative_error(embedding_backward(upstream, indices, W), numerical) < 1e-8


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: embedding_forward([0, 5], W), ValueError, r"^indices must be in \[0, 5\), got 5$"),
        (lambda: embedding_forward([[0, 3], [-1, 9]], W), ValueError, r"indices must be in \[0, 5\), got -1"),
        (lambda: embedding_forward([1.0], W), TypeError, "indices must be integers, got dtype float64"),
        (lambda: embedding_forward([True], W), TypeError, "indices must be integers, got dtype bool"),
        (lambda: embedding_forward([1], W[0]), ValueError, r"W must have shape \(V, D\), got \(2,\)"),
        (lambda: embedding_backward(np.ones(2), 5, W), ValueError, r"indices must be in \[0, 5\), got 5"),
        (lambda: embedding_backward(np.ones(2), 1.0, W), TypeError, "indices must be integers"),
        (lambda: embedding_backward(np.ones(2), [1, 1], W), ValueError, r"shape \(2, 2\), got \(2,\)"),
        (lambda: embedding_backward(np.ones((1, 2)), [1, 1], W), ValueError, r"shape \(2, 2\), got \(1, 2\)"),
        (lambda: embedding_backward(np.ones((1, 3)), [1], W), ValueError, r"shape \(1, 2\), got \(1, 3\)"),
        (
            lambda: embedding_backward(np.ones((1, 2)), [1], W[None]),
            ValueError,
            r"W must have shape \(V, D\)",
        ),
    ],
)
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_layer_names_itself_when_it_refuses():
    layer = Embedding(5, 2, np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"^Embedding\(5, 2\): indices must be in \[0, 5\), got 7$"):
        layer([7])
    with pytest.raises(
        TypeError, match=r"^layer 0, Embedding\(5, 2\): indices must be integers, got dtype float64"
    ):
        Sequential([layer])(np.ones((2, 3)))


def test_the_layer_draws_from_the_standard_normal_distribution():
    """The mean of n = 40,000 has the deviation 1/√n = 0.005, their variance √(2/n): five of them."""
    table = Embedding(400, 100, np.random.default_rng(3)).parameters["W"]
    assert abs(table.mean()) < 5 * 0.005
    assert abs(table.var() - 1) < 5 * np.sqrt(2 / 40_000)
    single = Embedding(400, 100, np.random.default_rng(3), dtype=np.float32).parameters["W"]
    np.testing.assert_array_equal(single, table.astype(np.float32))


def test_the_layer_forgets_the_words_of_the_last_batch():
    layer = Embedding(5, 2, np.random.default_rng(4))
    for indices in ([0, 0, 1], [3, 3, 3]):
        layer(indices)
        assert layer.backward(np.ones((3, 2))) is None
        np.testing.assert_array_equal(layer.gradients["W"][:, 0], np.bincount(indices, minlength=5))
