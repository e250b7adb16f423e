"""Activations against four oracles: hand-worked values, mpmath, the complex step, and PyTorch's numbers."""

from math import inf, log, pi, sqrt

import mpmath
import numpy as np
import pytest
from autograd import make_jvp, make_vjp
from autograd import numpy as anp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nnlib
from nnlib import ACTIVATIONS, central_difference, softmax, softmax_jacobian, softmax_vjp
from nnlib.activations import _SELU_ALPHA, _SELU_SCALE

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=100)
DTYPES = [np.float16, np.float32, np.float64, np.longdouble]
FUNCTIONS = {f.__name__: f for row in ACTIVATIONS.values() for f in row}
MONOTONE = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "softplus"]
KINKED = [
    ("relu", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"slope": 0.3}),
    ("elu", {"alpha": 2.5}),
    ("selu", {}),
]
# For |a − b| / (1 + |b|): a few roundings (1e-16 or 6e-8) in each of two programs.
TOLERANCE = {"float64": 1e-12, "float32": 1e-6}

# The definitions, in arbitrary precision; mpmath differentiates them itself.
TRUE = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: max(z, mpmath.mpf(0)),
    "leaky_relu": lambda z: z if z > 0 else mpmath.mpf(0.01) * z,
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "selu": lambda z: _SELU_SCALE * (z if z > 0 else _SELU_ALPHA * mpmath.expm1(z)),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "swish": lambda z: z / (1 + mpmath.exp(-z)),
    "swish beta=1.5": lambda z: z / (1 + mpmath.exp(-1.5 * z)),
    "gelu": lambda z: z * mpmath.ncdf(z),
    "gelu form=tanh": lambda z: (
        z / (1 + mpmath.exp(-2 * mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf(0.044715) * z**3)))
    ),
    "mish": lambda z: z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))),
}


def _erf_series(z):
    """Maclaurin series, good for complex |z| < 4."""
    term, total = z, z
    for n in range(1, 100):
        term = -term * z * z / n
        total = total + term / (2 * n + 1)
    return 2 / sqrt(pi) * total


# Textbook formulas for complex z near the real axis, where none of them overflows.
ANALYTIC = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: np.where(z.real > 0, z, 0),
    "leaky_relu": lambda z: np.where(z.real > 0, z, 0.01 * z),
    "leaky_relu slope=0.2": lambda z: np.where(z.real > 0, z, 0.2 * z),
    "elu": lambda z: np.where(z.real > 0, z, np.exp(z) - 1),
    "elu alpha=2.5": lambda z: np.where(z.real > 0, z, 2.5 * (np.exp(z) - 1)),
    "selu": lambda z: 1.0507009873554805 * np.where(z.real > 0, z, 1.6732632423543772 * (np.exp(z) - 1)),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "swish": lambda z: z / (1 + np.exp(-z)),
    "swish beta=1.5": lambda z: z / (1 + np.exp(-1.5 * z)),
    "gelu": lambda z: z / 2 * (1 + _erf_series(z / sqrt(2))),
    "gelu form=tanh": lambda z: z / 2 * (1 + np.tanh(sqrt(2 / pi) * (z + 0.044715 * z**3))),
    "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
}


def parse(key):
    """'swish beta=1.5' -> the row of swish and {'beta': 1.5}."""
    name, *words = key.split()
    parameters = dict(word.split("=") for word in words)
    return ACTIVATIONS[name], {k: v if k == "form" else float(v) for k, v in parameters.items()}


def worst(got, want):
    """The largest |a − b| / (1 + |b|)."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    return np.max(np.abs(got - want) / (1 + np.abs(want)))


def reals(dtype=np.float64, limit=1e4, shape=None):
    width = np.dtype(dtype).itemsize * 8
    shape = hnp.array_shapes(min_dims=0, min_side=0, max_dims=3) if shape is None else shape
    return hnp.arrays(dtype, shape, elements=st.floats(-limit, limit, width=width))


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (nnlib.sigmoid(2), 0.880797),  # 1 / (1 + e⁻²) = 1 / 1.135335
        (nnlib.sigmoid_grad(0), 0.25),
        (nnlib.sigmoid_grad(2), 0.104994),  # 0.880797 · 0.119203
        (nnlib.tanh(1), 0.761594),
        (nnlib.tanh_grad(1), 0.419974),  # 1 − 0.761594²
        (nnlib.relu(-3), 0),
        (nnlib.leaky_relu(-3), -0.03),
        (nnlib.elu(-1), -0.632121),  # e⁻¹ − 1
        (nnlib.elu_grad(-1, alpha=2), 0.735759),
        (nnlib.selu(1), 1.050701),
        (nnlib.selu(-1), -1.111331),  # −1.758099 · 0.632121
        (nnlib.softplus(0), 0.693147),
        (nnlib.softplus(1), 1.313262),
        (nnlib.swish(1), 0.731059),
        (nnlib.swish_grad(1), 0.927671),  # 0.731059 + 0.196612
        (nnlib.swish(3, beta=0), 1.5),
        (nnlib.gelu(1), 0.841345),
        (nnlib.gelu(1, "tanh"), 0.841192),
        (nnlib.gelu_grad(1), 1.083315),  # 0.841345 + 0.241971
        (nnlib.mish(0), 0),
        (nnlib.mish_grad(0), 0.6),  # tanh(log 2) = (4 − 1) / (4 + 1)
        (nnlib.mish(1), 0.865098),
        (softmax([0, log(3)])[1], 0.75),
    ],
)
def test_values_worked_by_hand(got, want):
    np.testing.assert_allclose(got, want, rtol=0, atol=5.1e-7)


# z·1e-16 is lost from every exponent, and GELU's is z²/2 or z³/28 at |z| = 37: 1e-12 leaves room for that.
@pytest.mark.parametrize("key", TRUE)
def test_values_and_gradients_keep_their_digits_in_the_tails(key):
    row, parameters = parse(key)
    scale = 0.5 if parameters.get("form") == "tanh" else 0.66 if parameters.get("beta") else 1.0
    points = np.array([-700, -300, -100, -50, -37, -20, -10, -5, -2, -1, -0.5, -1e-3, -1e-8, -1e-100]) * scale
    points = np.concatenate([points, [1e-100, 1e-8, 1e-3, 0.5, 1, 2, 5, 10, 20, 37, 50, 100, 300, 350]])
    with mpmath.workdps(800):  # tanh(350) differs from 1 in its 304th digit
        exact = [mpmath.mpf(float(z)) for z in points]
        value = np.array([float(TRUE[key](z)) for z in exact])
        slope = np.array([float(mpmath.diff(TRUE[key], z, h=mpmath.mpf(10) ** -390)) for z in exact])
    # The smallest normal float64: below it digits are lost by nature.
    np.testing.assert_allclose(row.f(points, **parameters), value, rtol=1e-12, atol=2.3e-308)
    np.testing.assert_allclose(row.grad(points, **parameters), slope, rtol=1e-12, atol=2.3e-308)


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_float32_has_the_tails_of_float64(f):
    z = np.arange(-104, 105, dtype=np.float32)
    # Products such as β·z cost 100·6e-8; a subnormal float32 is a multiple of 1.4e-45.
    np.testing.assert_allclose(f(z), f(z.astype(np.float64)), rtol=2e-6, atol=1e-42)


def test_float32_tails_reach_into_the_subnormals():
    np.testing.assert_allclose(nnlib.sigmoid(np.float32(-90)), 8.194e-40, rtol=1e-3)
    np.testing.assert_allclose(nnlib.softplus(np.float32(-90)), 8.194e-40, rtol=1e-3)
    np.testing.assert_allclose(nnlib.elu_grad(np.float32(-90)), 8.194e-40, rtol=1e-3)
    np.testing.assert_allclose(nnlib.swish(np.float32(-90)), -7.375e-38, rtol=1e-3)
    np.testing.assert_allclose(nnlib.mish(np.float32(-90)), -7.375e-38, rtol=1e-3)
    np.testing.assert_allclose(nnlib.gelu(np.float32(-13)), -7.953e-38, rtol=1e-3)


def test_selu_keeps_mean_0_and_variance_1():
    def moment(power):
        f = TRUE["selu"]
        return mpmath.quad(lambda z: f(z) ** power * mpmath.npdf(z), [-mpmath.inf, 0, mpmath.inf])

    assert abs(moment(1)) < 1e-14
    assert abs(moment(2) - 1) < 1e-14


def test_the_forms_of_gelu_differ_by_less_than_the_docstring_says():
    z = np.linspace(-6, 6, 2401)
    assert 4e-4 < np.abs(nnlib.gelu(z) - nnlib.gelu(z, "tanh")).max() < 5e-4


@pytest.mark.parametrize("key", ANALYTIC)
def test_gradient_is_the_complex_step_of_the_textbook_formula(key):
    row, parameters = parse(key)
    z = np.random.default_rng(7).uniform(-3, 3, 500)  # beyond, the series for erf cancels
    slope = ANALYTIC[key](z + 1e-30j).imag / 1e-30
    np.testing.assert_allclose(row.f(z, **parameters), ANALYTIC[key](z + 0j).real, rtol=0, atol=1e-13)
    np.testing.assert_allclose(row.grad(z, **parameters), slope, rtol=0, atol=1e-13)


@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_gradient_is_the_central_difference_away_from_the_kink(row):
    z = np.concatenate([np.linspace(-8, -0.1, 80), np.linspace(0.1, 8, 80)])
    np.testing.assert_allclose(row.grad(z), central_difference(row.f, z, elementwise=True), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("name", "parameters"), KINKED)
def test_gradient_at_the_kink_is_the_left_limit(name, parameters):
    f, grad = ACTIVATIONS[name]
    h = 2.0**-20
    left = (f(0.0, **parameters) - f(-h, **parameters)) / h
    right = (f(h, **parameters) - f(0.0, **parameters)) / h
    np.testing.assert_allclose(grad(0.0, **parameters), left, rtol=0, atol=4 * h)
    np.testing.assert_allclose(grad(-0.0, **parameters), left, rtol=0, atol=4 * h)
    np.testing.assert_allclose(grad(h, **parameters), right, rtol=0, atol=1e-9)
    assert abs(left - right) > 0.1


def test_gradients_at_zero_are_the_stated_ones():
    assert nnlib.relu_grad(0) == 0
    assert nnlib.leaky_relu_grad(0, slope=0.2) == 0.2
    assert nnlib.elu_grad(0, alpha=3) == 3
    assert nnlib.selu_grad(0) == _SELU_SCALE * _SELU_ALPHA


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("key", ANALYTIC)
def test_pytorch_agrees(key, dtype, golden):
    golden = golden("activations")
    row, parameters = parse(key)
    z = golden["z"].astype(dtype)
    assert worst(row.f(z, **parameters), golden[f"{dtype}/{key}/value"]) <= TOLERANCE[dtype]
    assert worst(row.grad(z, **parameters), golden[f"{dtype}/{key}/gradient"]) <= TOLERANCE[dtype]


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_pytorch_agrees_on_softmax(axis, golden):
    golden = golden("softmax")
    z, upstream = golden["z"], golden["upstream"]
    assert worst(softmax(z, axis), golden[f"{axis}/value"]) <= 1e-12
    assert worst(softmax_vjp(z, upstream, axis), golden[f"{axis}/vjp"]) <= 1e-12


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("key", ANALYTIC)
def test_pytorch_agrees_live(key, dtype, pytorch):
    rng = np.random.default_rng(11)
    z = np.concatenate([rng.normal(scale=s, size=2000) for s in (0.01, 1, 5, 30, 3000)]).astype(dtype)
    # PyTorch in float64 at the same points: its own float32 strays by 1.01e-6 (gelu form=tanh), ours by 1.3e-7.
    value, gradient = pytorch("activations").activation(key, z.astype(np.float64))
    row, parameters = parse(key)
    assert worst(row.f(z, **parameters), value) <= TOLERANCE[dtype]
    assert worst(row.grad(z, **parameters), gradient) <= TOLERANCE[dtype]


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_pytorch_agrees_on_softmax_live(axis, dtype, pytorch):
    rng = np.random.default_rng(12)
    z, upstream = rng.normal(scale=[[1], [10], [1000]], size=(2, 4, 3, 5)).astype(dtype)
    value, gradient = pytorch("softmax").softmax(z, upstream, axis)
    assert worst(softmax(z, axis), value) <= TOLERANCE[dtype]
    scale = np.abs(upstream).max()  # the product is linear in the upstream gradient
    assert worst(softmax_vjp(z, upstream, axis) / scale, gradient / scale) <= TOLERANCE[dtype]


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes_raise_no_floating_point_signal(f, dtype):
    tiny = np.finfo(dtype).tiny
    z = [
        -inf,
        -1e4,
        -1e3,
        -750,
        -104,
        -90,
        -38,
        -tiny,
        -tiny / 4,
        0,
        tiny / 4,
        tiny,
        38,
        90,
        750,
        1e3,
        1e4,
        inf,
    ]
    with np.errstate(all="raise"):
        value = f(np.array(z, dtype))
        assert not np.isnan(value).any()
        assert np.isfinite(value[1:-1]).all()
        assert np.isnan(f(dtype(np.nan)))


@pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_largest_floats_give_no_nan_and_no_warning(row, dtype):
    z = np.array([-np.finfo(dtype).max, np.finfo(dtype).max])
    with np.errstate(all="raise"):
        assert not np.isnan([row.f(z), row.grad(z)]).any()


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (4, 3), (2, 3, 4)])
def test_shape_and_dtype_are_kept(f, dtype, shape):
    value = f(np.full(shape, -0.7, dtype))
    assert value.shape == shape
    assert value.dtype == dtype


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_integers_lists_and_views_are_taken(f):
    z = np.arange(-6, 6).reshape(3, 4)
    assert f(z).dtype == np.float64
    np.testing.assert_array_equal(f(z), f(z.astype(float)))
    np.testing.assert_array_equal(f(z.tolist()), f(z))
    np.testing.assert_array_equal(f(z.T[::-1]), f(z).T[::-1])
    with pytest.raises(TypeError, match="z must hold real numbers, got dtype complex128"):
        f(z + 1j)


@pytest.mark.parametrize("key", [key for key in ANALYTIC if "=" in key and "form" not in key])
def test_a_numpy_parameter_does_not_widen_float32(key):
    row, parameters = parse(key)
    parameters = {name: np.float64(value) for name, value in parameters.items()}
    for f in row:
        assert f(np.ones(2, np.float32), **parameters).dtype == np.float32
        assert f(np.float32(-1), **parameters).dtype == np.float32


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
@SETTINGS
@given(data=st.data())
def test_the_argument_is_neither_modified_nor_aliased(f, data):
    z = data.draw(st.one_of(reals(np.float64), reals(np.float32)))
    before = z.copy()
    with np.errstate(all="raise"):
        value = f(z)
    np.testing.assert_array_equal(z, before)
    assert value.shape == z.shape
    assert value.dtype == z.dtype
    assert not np.shares_memory(value, z)
    assert np.isfinite(value).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nnlib.swish(1.0, beta=inf), "beta must be finite, got inf"),
        (lambda: nnlib.swish_grad(1.0, beta=np.nan), "beta must be finite, got nan"),
        (lambda: nnlib.gelu(1.0, form="x"), 'form must be "erf" or "tanh", got \'x\''),
        (lambda: nnlib.gelu_grad(1.0, form=None), 'form must be "erf" or "tanh", got None'),
        (lambda: softmax_vjp(np.ones(3), np.ones((1, 3))), r"shape of z, \(3,\), got \(1, 3\)"),
        (lambda: softmax_jacobian(1.0), "z must have an axis of classes, got a single number"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("f", [nnlib.elu, nnlib.elu_grad])
@pytest.mark.parametrize("alpha", [0, -1, float("inf"), float("nan")])
def test_elu_needs_a_positive_finite_alpha(f, alpha):
    with pytest.raises(ValueError, match=f"alpha must be positive and finite, got {alpha}"):
        f(1.0, alpha=alpha)


@pytest.mark.parametrize("f", [nnlib.leaky_relu, nnlib.leaky_relu_grad])
@pytest.mark.parametrize("slope", [-0.1, 1, 1.2, float("nan")])
def test_leaky_relu_needs_a_slope_from_0_to_below_1(f, slope):
    with pytest.raises(ValueError, match=rf"slope must be in \[0, 1\), got {slope}"):
        f(1.0, slope=slope)


@SETTINGS
@given(reals())
def test_symmetries(z):
    np.testing.assert_allclose(nnlib.sigmoid(-z), 1 - nnlib.sigmoid(z), rtol=0, atol=2.3e-16)
    np.testing.assert_array_equal(nnlib.sigmoid_grad(-z), nnlib.sigmoid_grad(z))
    np.testing.assert_array_equal(nnlib.tanh(-z), -nnlib.tanh(z))
    np.testing.assert_array_equal(nnlib.tanh_grad(-z), nnlib.tanh_grad(z))
    # f(z) − f(−z) = z: softplus, and every z·gate(z) whose gate is 1 − gate(−z)
    for f in (nnlib.softplus, nnlib.swish, nnlib.gelu):
        np.testing.assert_allclose(f(z) - f(-z), z, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("name", MONOTONE)
@SETTINGS
@given(z=reals(shape=hnp.array_shapes(max_dims=1)))
def test_monotone_activations_never_fall(name, z):
    value = ACTIVATIONS[name].f(np.sort(z))
    assert (np.diff(value) >= -2.3e-16 * np.abs(value[1:])).all()
    assert (ACTIVATIONS[name].grad(z) >= 0).all()


@SETTINGS
@given(reals())
def test_bounds(z):
    assert (np.abs(nnlib.sigmoid(z) - 0.5) <= 0.5).all()
    assert (nnlib.sigmoid_grad(z) <= 0.25 * (1 + 4.5e-16)).all()  # the last digit is rounded
    assert (nnlib.tanh_grad(z) <= 1 + 4.5e-16).all()
    assert (nnlib.softplus(z) >= nnlib.relu(z)).all()
    assert (nnlib.swish(z) > -0.2785).all()
    assert (nnlib.gelu(z) > -0.17).all()
    assert (nnlib.mish(z) > -0.3089).all()


@SETTINGS
@given(reals(shape=hnp.array_shapes(min_dims=1, max_dims=3)), st.floats(-100, 100))
def test_softmax_sums_to_one_and_ignores_a_shift(z, shift):
    with np.errstate(all="raise"):
        s = softmax(z)
    assert s.shape == z.shape
    assert (s >= 0).all()
    np.testing.assert_allclose(s.sum(axis=-1), 1, rtol=1e-15)
    # z + shift is rounded: by 1e-12 at |z| = 1e4, and the exponent with it.
    np.testing.assert_allclose(softmax(z + shift), s, rtol=0, atol=1e-11)


@SETTINGS
@given(data=st.data())
def test_softmax_vjp_is_the_jacobian_transposed_times_upstream(data):
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3))
    z, upstream = data.draw(reals(limit=30, shape=shape)), data.draw(reals(limit=5, shape=shape))
    before = z.copy(), upstream.copy()
    with np.errstate(all="raise"):
        product, jacobian = softmax_vjp(z, upstream), softmax_jacobian(z)
    np.testing.assert_allclose(product, np.einsum("...ij,...i->...j", jacobian, upstream), rtol=0, atol=1e-14)
    np.testing.assert_allclose(jacobian.sum(axis=-1), 0, atol=1e-15)
    np.testing.assert_array_equal(z, before[0])
    np.testing.assert_array_equal(upstream, before[1])


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax_vjp_agrees_with_hips_autograd(axis):
    def textbook(z):
        e = anp.exp(z)
        return e / anp.sum(e, axis=axis, keepdims=True)

    rng = np.random.default_rng(3)
    z, upstream = rng.normal(scale=3, size=(2, 4, 3, 5))[:, 0]
    vjp, value = make_vjp(textbook)(z)
    np.testing.assert_allclose(softmax(z, axis), value, rtol=1e-14)
    np.testing.assert_allclose(softmax_vjp(z, upstream, axis), vjp(upstream), rtol=0, atol=1e-15)


def test_softmax_jacobian_agrees_with_hips_autograd():
    z = np.array([0.3, -2.0, 5.0, 1.0])
    columns = [make_jvp(lambda z: anp.exp(z) / anp.sum(anp.exp(z)))(z)(unit)[1] for unit in np.eye(4)]
    np.testing.assert_allclose(softmax_jacobian(z), np.stack(columns, axis=1), rtol=0, atol=1e-15)


def test_softmax_of_two_classes_is_the_sigmoid_of_their_difference():
    z = np.random.default_rng(4).normal(scale=200, size=(500, 2))
    np.testing.assert_allclose(softmax(z)[:, 0], nnlib.sigmoid(z[:, 0] - z[:, 1]), rtol=1e-13)


def test_softmax_shifts_each_row_by_its_own_maximum():
    z = np.array([[1000.0, 1000.0], [-1000.0, -1000.0], [1e4, -1e4]])
    np.testing.assert_array_equal(softmax(z), [[0.5, 0.5], [0.5, 0.5], [1, 0]])
    np.testing.assert_array_equal(softmax(z[:2], axis=0), [[1, 1], [0, 0]])


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_keeps_dtype_and_takes_any_shape(dtype):
    assert softmax(dtype(3)) == 1
    assert softmax_vjp(dtype(3), dtype(2)) == 0
    for shape in [(0,), (3, 0), (0, 3), (2, 3, 4)]:
        z = np.ones(shape, dtype)
        for result in (softmax(z), softmax_vjp(z, z.astype(np.float64))):
            assert result.shape == shape
            assert result.dtype == dtype
        assert softmax_jacobian(z).shape == (*shape, shape[-1])
        assert softmax_jacobian(z).dtype == dtype


def test_a_masked_score_has_probability_zero():
    np.testing.assert_array_equal(softmax([0.0, -inf, 0.0]), [0.5, 0, 0.5])
