"""Pooling against its definition, numbers worked by hand, central differences and PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.gradcheck import central_difference, relative_error
from nnlib.layers.pooling import (
    AvgPool2d,
    MaxPool2d,
    avg_pool_backward,
    avg_pool_forward,
    max_pool_backward,
    max_pool_forward,
)

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=50)
KINDS = {
    "max": (max_pool_forward, max_pool_backward, MaxPool2d, np.max),
    "avg": (avg_pool_forward, avg_pool_backward, AvgPool2d, np.mean),
}
# Images (N, C, h, w), size, stride.
CASES = {
    "side by side": ((2, 3, 4, 6), 2, None),
    "one example": ((1, 3, 4, 5), (2, 3), None),
    "single pixels": ((2, 3, 4, 5), 1, None),
    "pixels skipped": ((2, 3, 4, 5), 1, (3, 2)),
    "whole image": ((2, 3, 4, 5), (4, 5), None),
    "overlapping": ((2, 3, 5, 6), (3, 2), 1),
    "overlapping downwards": ((2, 3, 7, 6), (3, 2), (2, 3)),
    "uncovered": ((2, 3, 7, 5), (3, 2), None),
    "apart": ((2, 3, 8, 7), 2, (3, 4)),
}
DTYPES = [np.float32, np.float64]
TOLERANCE = {np.float64: 1e-14, np.float32: 1e-6}  # means of at most 20 numbers, each sum rounded
nan, inf = np.nan, np.inf


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def windows(X, size, stride):
    """Every window with its place in the output, as the definition has it."""
    (kh, kw), (down, right) = pair(size), pair(size if stride is None else stride)
    for y in range((X.shape[2] - kh) // down + 1):
        for x in range((X.shape[3] - kw) // right + 1):
            yield y, x, X[:, :, down * y : down * y + kh, right * x : right * x + kw]


def definition(reduce, X, size, stride):
    last_y, last_x, _ = list(windows(X, size, stride))[-1]
    Y = np.empty((*X.shape[:2], last_y + 1, last_x + 1), X.dtype)
    for y, x, window in windows(X, size, stride):
        Y[:, :, y, x] = reduce(window, axis=(2, 3))
    return Y


def drawn(case, seed=0, dtype=np.float64):
    """Images whose pixels all differ, by 0.1 or more, and an upstream gradient."""
    shape, size, stride = case
    rng = np.random.default_rng(seed)
    X = (rng.permutation(np.prod(shape)).reshape(shape) / 10 - 3).astype(dtype)
    return X, rng.normal(size=definition(np.max, X, size, stride).shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_forward_is_the_definition(case, kind, dtype):
    f, _, _, reduce = KINDS[kind]
    X, _ = drawn(case, dtype=dtype)
    Y = f(X, *case[1:])
    assert Y.dtype == dtype
    assert relative_error(Y, definition(reduce, X, *case[1:])) <= (kind == "avg") * TOLERANCE[dtype]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_backward_is_the_central_difference(case, kind):
    f, backward, _, _ = KINDS[kind]
    X, upstream = drawn(case, seed=1)
    # Linear until two pixels meet, which differ by 0.1 or more, so a wide step has no truncation error.
    want = central_difference(lambda x: np.sum(f(x, *case[1:]) * upstream), X, h=1e-2)
    assert relative_error(backward(upstream, X, *case[1:]), want) < 1e-10


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [1e-8, 1e4])
def test_backward_is_linear_in_upstream_at_every_scale(scale, dtype, kind):
    backward = KINDS[kind][1]
    X, upstream = drawn(CASES["overlapping"], dtype=dtype)
    found = backward(dtype(scale) * upstream, X, (3, 2), 1)
    assert found.dtype == dtype
    want = scale * backward(upstream.astype(np.float64), X.astype(np.float64), (3, 2), 1)
    assert relative_error(found, want) < 3e-7


def test_max_pooling_worked_by_hand():
    X = np.array([[[[1.0, 5.0, 0.0], [3.0, 4.0, 7.0], [6.0, 2.0, -1.0]]]])
    np.testing.assert_array_equal(max_pool_forward(X, 2, 1), [[[[5, 7], [6, 7]]]])
    dX = max_pool_backward(np.array([[[[1.0, 10.0], [100.0, 1000.0]]]]), X, 2, 1)
    np.testing.assert_array_equal(dX[0, 0], [[0, 1, 0], [0, 0, 1010], [100, 0, 0]])
    np.testing.assert_array_equal(max_pool_forward(-X, 2), [[[[-1]]]])  # not 0


def test_average_pooling_worked_by_hand():
    X = np.array([[[[1.0, 5.0, 0.0], [3.0, 4.0, 7.0], [6.0, 2.0, -1.0]]]])
    np.testing.assert_array_equal(avg_pool_forward(X, (2, 1), 1), [[[[2, 4.5, 3.5], [4.5, 3, 3]]]])
    dX = avg_pool_backward(np.array([[[[2.0, 4.0, 6.0], [20.0, 40.0, 60.0]]]]), X, (2, 1), 1)
    np.testing.assert_array_equal(dX[0, 0], [[1, 2, 3], [11, 22, 33], [10, 20, 30]])


@pytest.mark.parametrize(
    ("window", "maximum", "taker"),
    [
        ([2, 7, 7, 7], 7, 1),
        ([5, 5, 5, 5], 5, 0),
        ([0.0, -0.0, -1, -1], 0, 0),
        ([1, 2, 9, 9], 9, 2),
        ([-inf, -inf, -inf, -inf], -inf, 0),
        ([1, inf, inf, 0], inf, 1),
        ([nan, 9, 9, 9], nan, 0),
        ([1, nan, 5, nan], nan, 3),
        ([nan, nan, inf, 0], nan, 1),
    ],
)
def test_one_of_equal_maxima_takes_the_gradient(window, maximum, taker):
    """The first in row-major order, but the last nan, as PyTorch has it."""
    X = np.full((1, 1, 4, 2), -3.0)
    X[0, 0, :2] = np.reshape(window, (2, 2))
    X[0, 0, 3, 1] = 8
    np.testing.assert_array_equal(max_pool_forward(X, 2), [[[[maximum], [8]]]])
    dX = max_pool_backward(np.array([[[[2.5], [-4.0]]]]), X, 2).ravel()
    assert dX[taker] == 2.5
    assert dX[7] == -4
    assert np.count_nonzero(dX) == 2


def test_a_flat_image_gives_each_overlapping_window_to_its_first_pixel():
    dX = max_pool_backward(np.ones((2, 3, 2, 3)), np.zeros((2, 3, 3, 4)), 2, 1)
    np.testing.assert_array_equal(dX[..., :2, :3], 1)
    assert dX.sum() == 36


def test_average_pooling_keeps_nan_to_its_window():
    X = np.array([[[[1.0, nan, 2.0, 4.0]]]])
    np.testing.assert_array_equal(avg_pool_forward(X, (1, 2)), [[[[nan, 3]]]])
    np.testing.assert_array_equal(
        avg_pool_backward(np.ones((1, 1, 1, 2)), X, (1, 2)), np.full((1, 1, 1, 4), 0.5)
    )


@pytest.mark.parametrize("kind", KINDS)
@SETTINGS
@given(data=st.data())
def test_any_shape_keeps_its_contract(kind, data):
    f, backward, _, reduce = KINDS[kind]
    draw = lambda low, high: data.draw(st.integers(low, high))  # noqa: E731
    size, stride = (draw(1, 3), draw(1, 3)), (draw(1, 4), draw(1, 4))
    shape = (draw(1, 3), draw(1, 3), size[0] + draw(0, 4), size[1] + draw(0, 4))
    rng = np.random.default_rng(draw(0, 99))
    X = rng.integers(-2, 3, size=shape).astype(data.draw(st.sampled_from(DTYPES)))  # ties
    if data.draw(st.booleans()):
        X = np.asfortranarray(X)
    Y = f(X, size, stride)
    np.testing.assert_allclose(Y, definition(reduce, X, size, stride), rtol=1e-6)
    upstream = rng.integers(-9, 10, size=Y.shape).astype(X.dtype)
    before = X.copy(), upstream.copy()
    dX = backward(upstream, X, size, stride)
    assert dX.shape == X.shape
    assert dX.dtype == X.dtype
    # Each window hands over all of its gradient, and Y is linear in X while the maxima stay where they are.
    assert np.sum(dX, dtype=float) == pytest.approx(np.sum(upstream), abs=1e-4)
    assert np.sum(dX * X, dtype=float) == pytest.approx(np.sum(upstream * Y, dtype=float), abs=1e-3)
    for array, old in zip((X, upstream), before, strict=True):
        np.testing.assert_array_equal(array, old)
        assert not np.shares_memory(array, Y)
        assert not np.shares_memory(array, dX)


@pytest.mark.parametrize("kind", KINDS)
def test_integers_lists_and_no_examples_are_taken(kind):
    f, backward, _, _ = KINDS[kind]
    Y = f([[[[4, 4], [4, 4]]]], [2, 1])
    assert Y.dtype == np.float64
    np.testing.assert_array_equal(Y, [[[[4, 4]]]])
    assert backward([[[[1, 2]]]], [[[[4, 4], [4, 4]]]], [2, 1]).dtype == np.float64
    none = np.zeros((0, 3, 4, 5), np.float32)
    assert f(none, 2).shape == (0, 3, 2, 2)
    assert backward(np.zeros((0, 3, 2, 2)), none, 2).shape == none.shape
    assert backward(np.zeros((2, 3, 2, 2)), np.zeros((2, 3, 4, 5), np.float32), 2).dtype == np.float32


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("shape", "arguments", "message"),
    [
        ((3, 4, 5), (2,), r"X must have shape \(N, C, h, w\), got \(3, 4, 5\)"),
        ((2, 3, 4, 5), (0,), "size must be a whole number of at least 1, or a pair of them, got 0"),
        ((2, 3, 4, 5), ((2, 2, 2),), r"size must be .* got \(2, 2, 2\)"),
        ((2, 3, 4, 5), (2.0,), r"size must be .* got 2\.0"),
        ((2, 3, 4, 5), (2, (1, 0)), r"stride must be .* at least 1, .* got \(1, 0\)"),
        ((2, 3, 4, 5), (5,), "a window of 5 x 5 must fit into the image, got 4 x 5"),
        ((2, 3, 4, 5), ((1, 6),), "a window of 1 x 6 must fit into the image, got 4 x 5"),
    ],
)
def test_wrong_arguments_are_named(kind, shape, arguments, message):
    f, backward, _, _ = KINDS[kind]
    with pytest.raises(ValueError, match=message):
        f(np.zeros(shape), *arguments)
    with pytest.raises(ValueError, match=message):
        backward(np.zeros((2, 3, 2, 2)), np.zeros(shape), *arguments)


@pytest.mark.parametrize("kind", KINDS)
def test_an_upstream_of_another_shape_is_refused(kind):
    for shape in [(2, 3, 1, 1), (2, 3, 2, 3), (1, 3, 2, 2), (3, 2, 2)]:
        with pytest.raises(ValueError, match=r"upstream must have shape \(2, 3, 2, 2\), got"):
            KINDS[kind][1](np.zeros(shape), np.zeros((2, 3, 4, 5)), 2)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_layer_is_its_functions(case, kind, dtype):
    f, backward, layer, _ = KINDS[kind]
    X, upstream = drawn(case, seed=2, dtype=dtype)
    layer = layer(*case[1:])
    Y = layer(X)
    assert Y.dtype == dtype
    np.testing.assert_array_equal(Y, f(X, *case[1:]))
    np.testing.assert_array_equal(layer.backward(upstream), backward(upstream, X, *case[1:]))
    assert layer.backward(upstream, wrt_input=False) is None
    assert layer.parameters == {}


@pytest.mark.parametrize("kind", KINDS)
def test_the_layer_names_itself_where_shapes_do_not_fit(kind):
    layer = KINDS[kind][2]
    name = layer.__name__
    assert repr(layer(2)) == f"{name}(2)"
    assert repr(layer((2, 3), stride=1)) == f"{name}((2, 3), stride=1)"
    with pytest.raises(ValueError, match="input must") as error:
        layer(2)(np.zeros((3, 4, 5)))
    assert str(error.value) == f"{name}(2): input must have shape (N, C, h, w), got (3, 4, 5)"
    for shape in [(1, 1, 1, 3), (1, 1, 2, 2)]:
        with pytest.raises(ValueError, match=r"with room for a window of \(2, 3\), got \(1, 1, ") as error:
            layer((2, 3))(np.zeros(shape))
        assert str(error.value).startswith(f"{name}((2, 3)): input must have shape")
    assert layer((2, 3))(np.zeros((1, 1, 2, 3))).shape == (1, 1, 1, 1)
    with pytest.raises(RuntimeError, match="backward needs a forward pass"):
        layer(2).backward(np.zeros((1, 1, 1, 1)))


def test_pytorch_agrees(golden):
    arrays = golden("convolution")
    names = [key.removesuffix("/max dX") for key in arrays if key.endswith("/max dX")]
    assert len(names) == 4
    for name in names:
        t = {key.rpartition("/")[2]: array for key, array in arrays.items() if key.startswith(f"{name}/")}
        settings = tuple(t["size"].tolist()), tuple(t["stride"].tolist())
        for kind, (f, backward, _, _) in KINDS.items():
            np.testing.assert_allclose(f(t["X"], *settings), t[f"{kind} Y"], rtol=1e-14)
            assert relative_error(backward(t["upstream"], t["X"], *settings), t[f"{kind} dX"]) < 1e-14


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_pytorch_agrees_live(case, kind, dtype, pytorch):
    f, backward, _, _ = KINDS[kind]
    shape, size, stride = case
    stride = size if stride is None else stride
    _, upstream = drawn(case, seed=3, dtype=dtype)
    rng = np.random.default_rng(4)
    X = rng.integers(-2, 3, size=shape).astype(dtype)
    X[rng.random(shape) < 0.1] = nan
    Y, dX = pytorch("convolution").pool(kind, X, upstream, pair(size), pair(stride))
    np.testing.assert_allclose(f(X, size, stride), Y, rtol=TOLERANCE[dtype])
    assert relative_error(backward(upstream, X, size, stride), dX) < TOLERANCE[dtype]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("size", "stride", "name"), [(0, None, "size"), (2.0, None, "size"), (2, (1, 0), "stride")]
)
def test_a_senseless_window_is_refused_when_the_layer_is_made(kind, size, stride, name):
    with pytest.raises(
        ValueError, match=f"{name} must be a whole number of at least 1, or a pair of them, got"
    ):
        KINDS[kind][2](size, stride)
