"""Initialisers: their distributions, and the gain against mpmath. LSUV is tested in test_lsuv.py.

Statistical tests draw from a fixed seed. With another they would raise a false alarm with a chance of at most
ALARM, about one in a million.
"""

from math import inf, log, nan, pi, sqrt

import mpmath
import numpy as np
import pytest

from nnlib import ACTIVATIONS
from nnlib.initializers import (
    INITIALIZERS,
    constant_init,
    fans,
    gain,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    normal_init,
    orthogonal,
    uniform_init,
    xavier_normal,
    xavier_uniform,
    zeros_init,
)
from nnlib.layers import Linear

ALARM = 1e-6
SHAPES = {"linear": (350, 250), "convolution": (90, 40, 3, 5)}  # many entries, all axes different
FANS = {"linear": (350, 250), "convolution": (600, 1350)}
RANDOM = [name for name in INITIALIZERS if name not in ("zeros", "constant")]
# The standard deviation, by the papers' formulas.
STD = {
    "normal": lambda fan_in, fan_out: 0.01,
    "uniform": lambda fan_in, fan_out: 0.05 / sqrt(3),
    "lecun_normal": lambda fan_in, fan_out: sqrt(1 / fan_in),
    "lecun_uniform": lambda fan_in, fan_out: sqrt(1 / fan_in),
    "xavier_normal": lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
    "xavier_uniform": lambda fan_in, fan_out: sqrt(2 / (fan_in + fan_out)),
    "he_normal": lambda fan_in, fan_out: sqrt(2 / fan_in),
    "he_uniform": lambda fan_in, fan_out: sqrt(2 / fan_in),
}


def generator(seed=2015):
    return np.random.default_rng(seed)


def normal_cdf(x):
    order = np.argsort(x)
    result = np.empty_like(x)
    result[order] = [float(mpmath.ncdf(value)) for value in x[order]]
    return result


def largest_gap(cumulative):
    """Kolmogorov's distance of draws from their distribution, from its values at the draws."""
    u, n = np.sort(cumulative), len(cumulative)
    return max(np.max(np.arange(1, n + 1) / n - u), np.max(u - np.arange(n) / n))


def allowed_gap(n, alarm=ALARM):
    """Massart's bound on that distance, which holds for every n."""
    return sqrt(log(2 / alarm) / (2 * n))


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("name", STD)
def test_mean_and_variance_are_those_of_the_paper(name, kind):
    w = INITIALIZERS[name](SHAPES[kind], generator()).ravel() / STD[name](*FANS[kind])
    kurtosis = 1.8 if "uniform" in name else 3
    # Normal by the central limit theorem, and beyond 4.9 standard deviations with a chance of ALARM.
    assert abs(w.mean()) < 4.9 / sqrt(w.size)
    assert abs(np.mean(w**2) - 1) < 4.9 * sqrt((kurtosis - 1) / w.size)


@pytest.mark.parametrize("name", STD)
def test_the_distribution_is_normal_or_uniform_as_the_name_says(name):
    w = INITIALIZERS[name]((90, 70), generator()).ravel() / STD[name](90, 70)
    if "uniform" in name:
        cumulative = (w / sqrt(3) + 1) / 2
    else:
        cumulative = normal_cdf(w)
    assert largest_gap(cumulative) < allowed_gap(w.size)


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("name", [name for name in STD if "uniform" in name])
def test_uniform_weights_fill_their_interval_and_never_leave_it(name, kind):
    bound = sqrt(3) * STD[name](*FANS[kind])
    w = INITIALIZERS[name](SHAPES[kind], generator())
    missing = log(2 / ALARM) / (
        w.size / 2
    )  # the share of either half that no draw hits with a chance of ALARM
    assert bound * (1 - missing) < w.max() <= bound * (1 + 1e-15)
    assert -bound * (1 + 1e-15) <= w.min() < -bound * (1 - missing)


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("name", STD)
def test_the_scale_is_exact(name, kind):
    """The same draws by `normal_init` or `uniform_init`, to the last digits."""
    std = STD[name](*FANS[kind])
    if "uniform" in name:
        wanted = uniform_init(SHAPES[kind], generator(), sqrt(3) * std)
    else:
        wanted = normal_init(SHAPES[kind], generator(), std)
    np.testing.assert_allclose(INITIALIZERS[name](SHAPES[kind], generator()), wanted, rtol=1e-14)


@pytest.mark.parametrize("shape", [(7, 3), (4, 5, 2, 3)])
@pytest.mark.parametrize("f", [lecun_normal, lecun_uniform, xavier_normal, xavier_uniform, orthogonal])
def test_a_gain_multiplies_the_weights(f, shape):
    np.testing.assert_allclose(f(shape, generator(), 2.5), 2.5 * f(shape, generator()), rtol=1e-14)
    np.testing.assert_array_equal(f(shape, generator(), gain=0), np.zeros(shape))


@pytest.mark.parametrize("shape", [(7, 3), (4, 5, 2, 3)])
def test_he_takes_mode_and_slope(shape):
    fan_in, fan_out = fans(shape)
    for he, lecun in ((he_normal, lecun_normal), (he_uniform, lecun_uniform)):
        plain = he(shape, generator())
        np.testing.assert_allclose(plain, lecun(shape, generator(), sqrt(2)), rtol=1e-14)
        np.testing.assert_array_equal(he(shape, generator(), "fan_in"), plain)
        by_out = he(shape, generator(), "fan_out")
        np.testing.assert_allclose(by_out, plain * sqrt(fan_in / fan_out), rtol=1e-14)
        leaky = he(shape, generator(), slope=-0.3)
        np.testing.assert_allclose(
            leaky, lecun(shape, generator(), gain("leaky_relu", slope=0.3)), rtol=1e-12
        )


@pytest.mark.parametrize("name", INITIALIZERS)
def test_a_layer_can_call_every_row(name):
    for shape in ((6, 4), (1, 3), (3, 1), (2, 3, 4, 5), (3, 2, 4)):
        wide = INITIALIZERS[name](shape, generator(), dtype=np.float64)
        narrow = INITIALIZERS[name](shape, generator(), dtype=np.float32)
        assert (wide.shape, narrow.shape) == (shape, shape)
        assert (wide.dtype, narrow.dtype) == (np.float64, np.float32)
        np.testing.assert_array_equal(narrow, wide.astype(np.float32))
        np.testing.assert_array_equal(INITIALIZERS[name](list(shape), generator()), wide)
        assert wide.flags.c_contiguous
        assert wide.flags.writeable
    layer = Linear(5, 3, generator(), initializer=INITIALIZERS[name], dtype=np.float32)
    assert layer.parameters["W"].shape == (5, 3)


@pytest.mark.parametrize("name", RANDOM)
def test_weights_come_from_the_generator_alone(name):
    rng = generator()
    first, second = (INITIALIZERS[name]((6, 4), rng) for _ in range(2))
    np.testing.assert_array_equal(INITIALIZERS[name]((6, 4), generator()), first)
    assert (first != second).all()
    for wrong in (None, 0, np.random):
        with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator, got \w+"):
            INITIALIZERS[name]((6, 4), wrong)


def test_zeros_and_constants():
    np.testing.assert_array_equal(zeros_init((2, 3)), [[0, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(constant_init((2, 3)), np.full((2, 3), 0.1))
    np.testing.assert_array_equal(constant_init(4, value=-2), [-2, -2, -2, -2])
    for f in (normal_init, uniform_init):
        assert f((), generator()).shape == ()
        np.testing.assert_array_equal(f((2,), generator(), 0), [0, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fans((3,)), r"shape must have two or more axes, none empty, got \(3,\)"),
        (lambda: fans((0, 3)), r"shape must have two or more axes, none empty, got \(0, 3\)"),
        (lambda: he_normal((4, 3, 0), generator()), r"got \(4, 3, 0\)"),
        (lambda: orthogonal((4,), generator()), r"got \(4,\)"),
        (lambda: constant_init((2,), value=nan), "value must be finite, got nan"),
        (lambda: normal_init((2,), generator(), -1), "std must be 0 or more and finite, got -1"),
        (lambda: uniform_init((2,), generator(), inf), "bound must be 0 or more and finite, got inf"),
        (lambda: xavier_normal((2, 3), generator(), -1), "gain must be 0 or more and finite, got -1"),
        (lambda: orthogonal((2, 3), generator(), nan), "gain must be 0 or more and finite, got nan"),
        (lambda: he_normal((2, 3), generator(), "in"), 'mode must be "fan_in" or "fan_out", got \'in\''),
        (lambda: he_uniform((2, 3), generator(), slope=inf), "slope must be finite, got inf"),
        (lambda: gain("linear"), "activation must be one of sigmoid, tanh, .*, got 'linear'"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_fans_of_linear_layers_and_convolutions():
    assert fans((64, 10)) == (64, 10)
    assert fans([16, 3, 5, 4]) == (60, 320)
    assert fans((16, 3, 5)) == (15, 80)


@pytest.mark.oracle
@pytest.mark.parametrize("shape", [(7, 3), (7, 3, 5), (7, 3, 5, 4), (7, 3, 5, 4, 2)])
def test_pytorch_has_the_same_fans(shape):
    torch = pytest.importorskip("torch")
    weights = torch.empty(shape if len(shape) > 2 else shape[::-1])  # PyTorch stores (H, D)
    assert torch.nn.init._calculate_fan_in_and_fan_out(weights) == fans(shape)


@pytest.mark.oracle
@pytest.mark.parametrize("shape", [(120, 45), (30, 12, 3, 5)])
@pytest.mark.parametrize(
    ("ours", "theirs", "settings"),
    [
        (xavier_normal, "xavier_normal_", {}),
        (xavier_uniform, "xavier_uniform_", {}),
        (he_normal, "kaiming_normal_", {}),
        (he_uniform, "kaiming_uniform_", {}),
        (he_normal, "kaiming_normal_", {"mode": "fan_out"}),
        (he_uniform, "kaiming_uniform_", {"mode": "fan_out"}),
        (orthogonal, "orthogonal_", {}),
    ],
)
def test_pytorch_draws_from_the_same_distribution(ours, theirs, settings, shape):
    torch = pytest.importorskip("torch")
    weights = torch.empty(shape if len(shape) > 2 else shape[::-1], dtype=torch.float64)
    getattr(torch.nn.init, theirs)(weights, **settings, generator=torch.Generator().manual_seed(3))
    a, b = np.sort(ours(shape, generator(), **settings), axis=None), np.sort(weights.numpy(), axis=None)
    points = np.concatenate([a, b])
    gap = np.max(np.abs(np.searchsorted(a, points, "right") - np.searchsorted(b, points, "right"))) / a.size
    assert gap < 2 * allowed_gap(a.size, ALARM / 2)  # each is that near to the common distribution
    assert 0.97 < np.std(a) / np.std(b) < 1.03


@pytest.mark.parametrize(
    "shape", [(7, 4), (4, 7), (5, 5), (1, 6), (6, 1), (1, 1), (20, 2, 3, 3), (2, 3, 3, 4), (4, 6, 2)]
)
def test_orthogonal_matrices_are_orthogonal(shape):
    for scale in (1, 1.7):
        W = orthogonal(shape, generator(), scale).reshape(shape[0], -1)
        product = W.T @ W if W.shape[0] >= W.shape[1] else W @ W.T
        np.testing.assert_allclose(product, scale**2 * np.eye(len(product)), rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 1), (3, 2), (3, 3), (2, 3)])
def test_orthogonal_matrices_are_uniform(shape):
    """A coordinate of a random point on the sphere is uniform in [−1, 1] (Archimedes). QR's own signs are not."""
    rng = generator()
    draws = np.stack([orthogonal(shape, rng).ravel() for _ in range(1500)])
    for entry in draws.T:
        assert largest_gap((entry + 1) / 2) < allowed_gap(1500, ALARM / 9)
    # Of the square ones half are rotations, half reflections.
    if shape == (3, 3):
        signs = np.linalg.det(draws.reshape(-1, 3, 3))
        assert abs(signs.mean()) < 2 * allowed_gap(1500)


TRUE = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "tanh": mpmath.tanh,
    "relu": lambda z: max(z, 0),
    "leaky_relu": lambda z: z if z > 0 else mpmath.mpf(0.01) * z,
    "leaky_relu slope=0.3": lambda z: z if z > 0 else mpmath.mpf(0.3) * z,
    "elu": lambda z: z if z > 0 else mpmath.expm1(z),
    "elu alpha=2.5": lambda z: z if z > 0 else 2.5 * mpmath.expm1(z),
    "selu": lambda z: (
        1.0507009873554804934 * (z if z > 0 else mpmath.mpf("1.6732632423543772848") * mpmath.expm1(z))
    ),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "swish": lambda z: z / (1 + mpmath.exp(-z)),
    "swish beta=40": lambda z: z / (1 + mpmath.exp(-40 * z)),
    "swish beta=0": lambda z: z / 2,
    "gelu": lambda z: z * mpmath.ncdf(z),
    "gelu form=tanh": lambda z: (
        z / (1 + mpmath.exp(-2 * mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf(0.044715) * z**3)))
    ),
    "mish": lambda z: z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))),
}


def test_every_activation_has_a_gain():
    assert {key.split()[0] for key in TRUE} == ACTIVATIONS.keys()


@pytest.mark.parametrize("key", TRUE)
def test_the_gain_is_that_of_mpmath(key):
    name, *words = key.split()
    parameters = {k: v if k == "form" else float(v) for k, v in (word.split("=") for word in words)}
    panels = [-15, -8, -4, -2, -1, -0.3, -0.1, 0, 0.1, 0.3, 1, 2, 4, 8, 15]
    with mpmath.workdps(20):
        moment = mpmath.quad(lambda z: TRUE[key](z) ** 2 * mpmath.npdf(z), panels, maxdegree=5)
        np.testing.assert_allclose(gain(name, **parameters), float(1 / mpmath.sqrt(moment)), rtol=1e-12)


def test_gains_known_in_closed_form():
    assert type(gain("tanh")) is float
    np.testing.assert_allclose(gain("relu"), sqrt(2), rtol=1e-14)
    np.testing.assert_allclose(gain("leaky_relu", slope=0.5), sqrt(2 / 1.25), rtol=1e-14)
    np.testing.assert_allclose(gain("selu"), 1, rtol=1e-14)  # its fixed point
    np.testing.assert_allclose(gain("swish", beta=0), 2, rtol=1e-14)
    # z² Φ(z)²: expand Φ about ½; E[z²Φ²] = 1/3 + 1/(2π√3)
    np.testing.assert_allclose(gain("gelu"), (1 / 3 + 1 / (2 * pi * sqrt(3))) ** -0.5, rtol=1e-14)
    for beta in (1e3, 1e6, 1e9):  # towards ReLU: the difference falls as 1/β³
        with np.errstate(all="raise", under="raise"):
            np.testing.assert_allclose(gain("swish", beta=beta), sqrt(2), rtol=3 / beta**3 + 1e-14)


@pytest.mark.oracle
def test_pytorch_agrees_on_the_gain_of_relu_and_of_nothing_else():
    torch = pytest.importorskip("torch")
    theirs = torch.nn.init.calculate_gain
    np.testing.assert_allclose(gain("relu"), theirs("relu"), rtol=1e-14)
    np.testing.assert_allclose(gain("leaky_relu", slope=0.2), theirs("leaky_relu", 0.2), rtol=1e-14)
    # The pairs that the docstring names.
    pairs = [(round(gain(name), 2), theirs(name)) for name in ("tanh", "sigmoid", "selu")]
    assert pairs == [(1.59, 5 / 3), (1.85, 1), (1.0, 3 / 4)]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_weights_with_the_gain_of_an_activation_pass_on_its_variance(name):
    rng = generator()
    W = lecun_normal((300, 4000), rng, gain(name))
    outputs = ACTIVATIONS[name].f(rng.normal(size=(150, 300))) @ W
    assert abs(np.mean(outputs**2) - 1) < 0.15  # 4.9 standard deviations of at most 0.03
