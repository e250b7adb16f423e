"""Convolution against its definition, loop by loop, numbers worked by hand, the complex step and PyTorch."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.gradcheck import relative_error
from nnlib.layers.convolution import Conv2d, conv2d_backward, conv2d_forward, shifted_slices

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=30)
# Images (N, C, h, w), kernels (F, kh, kw), stride, padding.
CASES = {
    "plain": ((2, 3, 4, 5), (4, 3, 2), 1, 0),
    "one example": ((1, 3, 4, 5), (2, 2, 3), 1, 0),
    "one channel": ((3, 1, 4, 5), (2, 2, 3), 1, 0),
    "same size": ((2, 3, 2, 4), (4, 3, 3), 1, 1),
    "single pixels": ((2, 3, 4, 5), (4, 1, 1), 1, 0),
    "whole image": ((2, 3, 4, 5), (6, 4, 5), 1, 0),
    "strides": ((2, 3, 5, 6), (4, 3, 2), (2, 3), 0),
    "uncovered": ((2, 3, 6, 7), (4, 1, 2), (4, 3), 0),
    "stride and padding": ((2, 3, 3, 2), (4, 3, 2), (1, 2), (2, 1)),
    "wide padding": ((2, 3, 2, 4), (5, 1, 2), 2, (3, 2)),
}
TOLERANCE = {np.float64: 1e-13, np.float32: 1e-5}  # sums of at most 60 products, each rounded


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def seven_loops(X, W, b, stride, padding):
    """The definition, transcribed; X, W and b may be complex."""
    (N, C, h, w), (F, _, kh, kw) = X.shape, W.shape
    (down, right), (rows, columns) = pair(stride), pair(padding)
    oh, ow = (h + 2 * rows - kh) // down + 1, (w + 2 * columns - kw) // right + 1
    Y = np.zeros((N, F, oh, ow), np.result_type(X, W, b))
    for n in range(N):
        for f in range(F):
            for y in range(oh):
                for x in range(ow):
                    Y[n, f, y, x] = b[f]
                    for c in range(C):
                        for i in range(kh):
                            for j in range(kw):
                                row, column = down * y + i - rows, right * x + j - columns
                                if 0 <= row < h and 0 <= column < w:
                                    Y[n, f, y, x] += W[f, c, i, j] * X[n, c, row, column]
    return Y


def drawn(case, seed=0, dtype=np.float64):
    shape, (outputs, *kernel), stride, padding = case
    rng = np.random.default_rng(seed)
    X, W = rng.normal(size=shape), rng.normal(size=(outputs, shape[1], *kernel))
    b = rng.normal(size=outputs)
    down, right = pair(stride)
    rows, columns = pair(padding)
    oh = (shape[2] + 2 * rows - kernel[0]) // down + 1
    ow = (shape[3] + 2 * columns - kernel[1]) // right + 1
    upstream = rng.normal(size=(shape[0], outputs, oh, ow))
    return [t.astype(dtype) for t in (X, W, b, upstream)]


def complex_gradient(f, x):
    """∂f/∂x, one entry at a time, f being analytic."""
    gradient = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[i] += 1e-20j
        gradient[i] = f(moved).imag / 1e-20
    return gradient


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_forward_is_the_definition(case, dtype):
    X, W, b, _ = drawn(case, dtype=dtype)
    Y = conv2d_forward(X, W, b, *case[2:])
    assert Y.dtype == dtype
    assert relative_error(Y, seven_loops(X, W, b, *case[2:])) < TOLERANCE[dtype]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_backward_is_the_complex_step(case):
    X, W, b, upstream = drawn(case, seed=1)
    settings = case[2:]
    dX, dW, db = conv2d_backward(upstream, X, W, *settings)
    small = {"X": X[:1], "W": W, "b": b}  # examples do not mix, so dX of the first one needs that one only

    def loss(name, value, examples, u):
        tensors = {**small, "X": examples, name: value}
        return np.sum(seven_loops(*tensors.values(), *settings) * u)

    want = complex_gradient(lambda x: loss("X", x, x, upstream[:1]), X[:1])
    assert relative_error(dX[:1], want) < 1e-13
    # W and b by a random direction each: all entries by the definition's loops would take minutes.
    rng = np.random.default_rng(2)
    for name, gradient, value in (("W", dW, W), ("b", db, b)):
        for _ in range(4):
            direction = rng.normal(size=value.shape)
            slope = loss(name, value + 1e-20j * direction, X, upstream).imag / 1e-20
            assert np.sum(gradient * direction) == pytest.approx(slope, rel=1e-11)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("scale", [1e-8, 1, 1e4])
def test_backward_is_linear_in_upstream_at_every_scale(scale, dtype):
    case = CASES["stride and padding"]
    X, W, _, upstream = drawn(case, dtype=dtype)
    found = conv2d_backward(dtype(scale) * upstream, X, W, *case[2:])
    unscaled = conv2d_backward(*(t.astype(np.float64) for t in (upstream, X, W)), *case[2:])
    for got, want in zip(found, unscaled, strict=True):
        assert got.dtype == dtype
        assert relative_error(got, scale * want) < TOLERANCE[dtype]


def test_the_kernel_is_not_flipped():
    X = np.arange(12.0).reshape(1, 1, 3, 4)
    W = np.array([[[[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]]])  # looks one pixel to the right
    Y = conv2d_forward(X, W, np.zeros(1), padding=1)
    np.testing.assert_array_equal(Y[0, 0], [[1, 2, 3, 0], [5, 6, 7, 0], [9, 10, 11, 0]])


def test_worked_by_hand():
    X = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[1.0, 0.0, -1.0], [2.0, 0.0, -2.0]]]])
    W = np.array([[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 0.0], [0.0, -5.0]]]])
    np.testing.assert_array_equal(conv2d_forward(X, W, np.array([0.5])), [[[[37 + 5 + 0.5, 47 + 10 + 0.5]]]])
    dX, dW, db = conv2d_backward(np.array([[[[1.0, -2.0]]]]), X, W)
    np.testing.assert_array_equal(dX[0, 0], [[1, 0, -4], [3, -2, -8]])
    np.testing.assert_array_equal(dX[0, 1], [[5, -10, 0], [0, -5, 10]])
    np.testing.assert_array_equal(dW[0], [[[-3, -4], [-6, -7]], [[1, 2], [2, 4]]])
    np.testing.assert_array_equal(db, [-1])


def test_pixels_that_no_window_covers_have_gradient_zero():
    X, W, _, upstream = drawn(((2, 3, 6, 7), (4, 2, 2), (2, 2), 0))
    X[..., 6:] = np.nan
    dX, dW, _ = conv2d_backward(upstream, X, W, stride=2)
    np.testing.assert_array_equal(dX[..., 6:], 0)
    assert (dX[..., :6] != 0).all()
    assert np.isfinite(dW).all()


@SETTINGS
@given(data=st.data())
def test_any_shape_agrees_with_the_definition(data):
    draw = lambda low, high: data.draw(st.integers(low, high))  # noqa: E731
    kernel, padding = (draw(1, 3), draw(1, 3)), (draw(0, 1), draw(0, 2))
    h, w = (max(k - 2 * p, 1) + draw(0, 2) for k, p in zip(kernel, padding, strict=True))
    case = ((draw(1, 2), draw(1, 3), h, w), (draw(1, 2), *kernel), (draw(1, 3), draw(1, 3)), padding)
    X, W, b, upstream = drawn(case, seed=draw(0, 99))
    before = [t.copy() for t in (X, W, b, upstream)]
    Y = conv2d_forward(X, W, b, *case[2:])
    want = seven_loops(X, W, b, *case[2:])
    np.testing.assert_allclose(Y, want, rtol=0, atol=1e-13)
    dX, dW, db = conv2d_backward(upstream, X, W, *case[2:])
    assert dX.shape == X.shape
    # Y is linear in X and, b apart, in W, so both give the same number: ⟨dX, X⟩ = ⟨dW, W⟩ = ⟨U, Y − b⟩.
    total = np.sum(upstream * (want - b[:, None, None]))
    for product in (np.sum(dX * X), np.sum(dW * W)):
        assert product == pytest.approx(total, abs=1e-11)
    np.testing.assert_allclose(db, upstream.sum(axis=(0, 2, 3)), rtol=0, atol=1e-13)
    for array, old in zip((X, W, b, upstream), before, strict=True):
        np.testing.assert_array_equal(array, old)
        assert not any(np.shares_memory(array, result) for result in (Y, dX, dW, db))


def test_zeros_and_no_examples_are_taken():
    W, b = np.ones((4, 3, 2, 2)), np.arange(4.0)
    Y = conv2d_forward(np.zeros((2, 3, 5, 4)), W, b)
    np.testing.assert_array_equal(Y, np.broadcast_to(b[:, None, None], (2, 4, 4, 3)))
    none = np.zeros((0, 3, 5, 4))
    assert conv2d_forward(none, W, b).shape == (0, 4, 4, 3)
    dX, dW, db = conv2d_backward(np.zeros((0, 4, 4, 3)), none, W)
    assert dX.shape == none.shape
    assert not dW.any()
    assert not db.any()


def test_integers_and_lists_become_float64():
    Y = conv2d_forward([[[[1, 2], [3, 4]]]], [[[[1, 10]]]], [0], padding=[0, 1])
    assert Y.dtype == np.float64
    np.testing.assert_array_equal(Y, [[[[10, 21, 2], [30, 43, 4]]]])


def test_float32_images_and_float64_weights_give_float64():
    X, W, b, upstream = drawn(CASES["plain"])
    assert conv2d_forward(X.astype(np.float32), W, b).dtype == np.float64
    dX, dW, db = conv2d_backward(upstream.astype(np.float32), X.astype(np.float32), W)
    assert [t.dtype for t in (dX, dW, db)] == [np.float64, np.float32, np.float32]


def test_shifted_slices_are_views_of_every_window():
    X = np.arange(42.0).reshape(6, 7)
    slices = shifted_slices(X, (2, 3), (3, 2))
    assert [part.shape for part in slices] == [(2, 3)] * 6
    for y in range(2):
        for x in range(3):
            window = np.array([part[y, x] for part in slices]).reshape(2, 3)
            np.testing.assert_array_equal(window, X[3 * y : 3 * y + 2, 2 * x : 2 * x + 3])
    for part in slices:
        part += 100
    covered = np.zeros((6, 7), bool)
    covered[[0, 1, 3, 4]] = True
    np.testing.assert_array_equal(X > 99, covered)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda X, W, b: conv2d_forward(X[0], W, b), r"got \(3, 4, 5\), \(4, 3, 3, 2\), \(4,\)"),
        (lambda X, W, b: conv2d_forward(X[0, :, :3], W, b), r"got \(3, 3, 5\), \(4, 3, 3, 2\), \(4,\)"),
        (lambda X, W, b: conv2d_forward(X, W[0], b), r"\(F, C, kh, kw\) and \(F,\), got .* \(3, 3, 2\), "),
        (lambda X, W, b: conv2d_forward(X, W[:, 1:], b), r"got .*, \(4, 2, 3, 2\), \(4,\)"),
        (lambda X, W, b: conv2d_forward(X, W, b[1:]), r"got .*, \(4, 3, 3, 2\), \(3,\)"),
        (lambda X, W, b: conv2d_forward(X, W, b[None]), r"got .*, \(4, 3, 3, 2\), \(1, 4\)"),
        (lambda X, W, b: conv2d_forward(X[:, :, :2], W, b), "window of 3 x 2 must fit .* got 2 x 5"),
        (lambda X, W, b: conv2d_forward(X[..., :1], W, b), "window of 3 x 2 must fit .* got 4 x 1"),
        (lambda X, W, b: conv2d_forward(X, W, b, stride=0), "stride must be .* at least 1, .* got 0"),
        (lambda X, W, b: conv2d_forward(X, W, b, stride=(1, 2, 3)), r"stride must be .* got \(1, 2, 3\)"),
        (lambda X, W, b: conv2d_forward(X, W, b, stride=1.0), r"stride must be a whole number .* got 1\.0"),
        (lambda X, W, b: conv2d_forward(X, W, b, padding=(0, -1)), r"padding must be .* at least 0, .*-1"),
        (lambda X, W, b: conv2d_backward(X, X[0], W), r"\(F, C, kh, kw\), got \(3, 4, 5\), "),
        (lambda X, W, b: conv2d_backward(X, X[0, :, :3], W), r"got \(3, 3, 5\), \(4, 3, 3, 2\)"),
        (lambda X, W, b: conv2d_backward(X, X, W[0]), r"got \(2, 3, 4, 5\), \(3, 3, 2\)"),
        (lambda X, W, b: conv2d_backward(X, X, W[:, 1:]), r"got \(2, 3, 4, 5\), \(4, 2, 3, 2\)"),
        (lambda X, W, b: conv2d_backward(X, X, W), r"shape \(2, 4, 2, 4\), got \(2, 3, 4, 5\)"),
        (lambda X, W, b: Conv2d(3, 4, 0, np.random.default_rng(0)), "kernel must be .* at least 1, .* got 0"),
        (lambda X, W, b: Conv2d(3, 4, 2, np.random.default_rng(0), stride=0), "stride must be .* got 0"),
        (lambda X, W, b: Conv2d(3, 4, 2, np.random.default_rng(0), padding=-1), "padding must be .* got -1"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(*drawn(CASES["plain"])[:3])


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_layer_is_its_functions(case, dtype, bias):
    shape, (outputs, *kernel), *settings = case
    X, W, b, upstream = drawn(case, dtype=dtype)
    layer = Conv2d(shape[1], outputs, tuple(kernel), np.random.default_rng(3), *settings, bias, dtype=dtype)
    layer.flatten()
    slots = dict(layer.gradients)
    layer.parameters["W"][...] = W
    if bias:
        layer.parameters["b"][...] = b
    else:
        b = np.zeros_like(b)
    Y = layer(X)
    assert Y.dtype == dtype
    np.testing.assert_array_equal(Y, conv2d_forward(X, W, b, *settings))
    dX, dW, db = conv2d_backward(upstream, X, W, *settings)
    np.testing.assert_array_equal(layer.backward(upstream), dX)
    assert relative_error(layer.gradients["W"], dW) < TOLERANCE[dtype]
    if bias:
        assert relative_error(layer.gradients["b"], db) < TOLERANCE[dtype]
    assert list(layer.gradients) == (["W", "b"] if bias else ["W"])
    assert all(layer.gradients[name] is slot for name, slot in slots.items())


def test_the_layer_overwrites_gradients_and_can_skip_that_of_its_input():
    layer = Conv2d(1, 2, 2, np.random.default_rng(0))
    X, upstream = np.random.default_rng(1).normal(size=(2, 3, 1, 4, 5))[0], np.ones((3, 2, 3, 4))
    for _ in range(2):
        layer(X)
        assert layer.backward(upstream, wrt_input=False) is None
    _, dW, db = conv2d_backward(upstream, X, layer.parameters["W"])
    np.testing.assert_allclose(layer.gradients["W"], dW, rtol=1e-13)
    np.testing.assert_array_equal(layer.gradients["b"], db)


def test_the_layer_keeps_nothing_of_the_callers_input():
    layer = Conv2d(1, 2, 1, np.random.default_rng(0))
    X, upstream = np.ones((3, 1, 4, 5)), np.ones((3, 2, 4, 5))
    layer(X)
    X[...] = 7
    layer.backward(upstream)
    np.testing.assert_array_equal(layer.gradients["W"].ravel(), [60, 60])


def test_the_layer_takes_an_initializer_in_any_memory_order():
    def transposed(shape, rng, dtype):
        return rng.normal(size=shape[::-1]).astype(dtype).T

    layer = Conv2d(3, 4, (2, 3), np.random.default_rng(0), initializer=transposed)
    assert layer.parameters["W"].shape == (4, 3, 2, 3)
    X = np.random.default_rng(1).normal(size=(2, 3, 4, 5))
    upstream = np.ones(layer(X).shape)
    layer.backward(upstream)
    assert (
        relative_error(layer.gradients["W"], conv2d_backward(upstream, X, layer.parameters["W"])[1]) < 1e-13
    )


def test_the_layer_starts_from_its_initializer_and_zero_biases():
    seen = {}

    def marked(shape, rng, dtype):
        seen.update(shape=shape, rng=rng, dtype=dtype)
        return np.full(shape, 2, dtype)

    rng = np.random.default_rng(0)
    layer = Conv2d(3, 4, (2, 5), rng, initializer=marked, dtype=np.float32)
    assert seen == {"shape": (4, 3, 2, 5), "rng": rng, "dtype": np.float32}
    assert (layer.parameters["W"] == 2).all()
    assert layer.parameters["W"].dtype == layer.parameters["b"].dtype == np.float32
    np.testing.assert_array_equal(layer.parameters["b"], np.zeros(4))
    std = Conv2d(30, 40, (3, 5), rng).parameters["W"].std()
    assert std == pytest.approx(np.sqrt(2 / (30 * 3 * 5)), rel=0.05)  # He's; 18,000 draws, 9 deviations


def test_the_layer_takes_inputs_in_its_own_dtype():
    layer = Conv2d(3, 4, 2, np.random.default_rng(0), dtype=np.float32)
    for X in (np.ones((2, 3, 4, 5)), np.ones((2, 3, 4, 5), int)):
        assert layer(X).dtype == np.float32
        assert layer.backward(np.ones((2, 4, 3, 4), np.float32)).dtype == np.float32


def test_the_layer_names_itself_where_shapes_do_not_fit():
    layer = Conv2d(3, 4, (5, 2), np.random.default_rng(0), stride=(1, 2), padding=(1, 0), bias=False)
    text = "Conv2d(3, 4, (5, 2), stride=(1, 2), padding=(1, 0), bias=False)"
    assert repr(layer) == text
    assert layer(np.zeros((2, 3, 3, 2))).shape == (2, 4, 1, 1)
    for shape in [(3, 6, 6), (2, 4, 6, 6), (2, 3, 2, 6), (2, 3, 6, 1)]:
        with pytest.raises(ValueError, match="input must have shape") as error:
            layer(np.zeros(shape))
        assert str(error.value) == f"{text}: input must have shape (N, 3, 3 or more, 2 or more), got {shape}"
    layer(np.zeros((2, 3, 4, 6)))
    with pytest.raises(ValueError, match=r"upstream must have shape \(2, 4, 2, 3\), got \(2, 4, 3, 2\)"):
        layer.backward(np.zeros((2, 4, 3, 2)))
    with pytest.raises(RuntimeError, match="backward needs a forward pass"):
        Conv2d(3, 4, 2, np.random.default_rng(0)).backward(np.zeros((2, 4, 3, 2)))


def test_pytorch_agrees(golden):
    arrays = golden("convolution")
    names = [key.removesuffix("/dW") for key in arrays if key.endswith("/dW")]
    assert len(names) == 5
    for name in names:
        t = {key.rpartition("/")[2]: array for key, array in arrays.items() if key.startswith(f"{name}/")}
        settings = tuple(t["stride"].tolist()), tuple(t["padding"].tolist())
        assert relative_error(conv2d_forward(t["X"], t["W"], t["b"], *settings), t["Y"]) < 1e-13
        gradients = conv2d_backward(t["upstream"], t["X"], t["W"], *settings)
        for got, want in zip(gradients, (t["dX"], t["dW"], t["db"]), strict=True):
            assert relative_error(got, want) < 1e-13


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_pytorch_agrees_live(case, dtype, pytorch):
    X, W, b, upstream = drawn(case, seed=5, dtype=dtype)
    found = conv2d_forward(X, W, b, *case[2:]), *conv2d_backward(upstream, X, W, *case[2:])
    wanted = pytorch("convolution").convolution(X, W, b, upstream, *map(pair, case[2:]))
    for got, want in zip(found, wanted, strict=True):
        assert relative_error(got, want) < TOLERANCE[dtype]
