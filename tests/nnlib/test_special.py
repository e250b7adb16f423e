"""erf and erfc against 40-digit values, PyTorch's values, and their symmetries."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import erf, erfc, gaussian_mean

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=200)
EXACT = {erf: mpmath.erf, erfc: mpmath.erfc}
DTYPES = [np.float16, np.float32, np.float64, np.longdouble]


def relative_errors(f, points):
    with mpmath.workdps(40):
        true = [EXACT[f](mpmath.mpf(float(x))) for x in points]
        return np.array(
            [float(abs(got / want - 1)) for got, want in zip(f(points).tolist(), true, strict=True)]
        )


# Cody states about 6e-19 for the fits: what remains is a handful of roundings of 1.1e-16 each.
@pytest.mark.parametrize("f", EXACT)
def test_last_digits_hold_in_every_region(f):
    rng = np.random.default_rng(1969)
    boundaries = np.array([0.46875, 4.0])
    boundaries = np.concatenate([boundaries, np.nextafter(boundaries, 0), np.nextafter(boundaries, 9)])
    points = np.concatenate([rng.uniform(0, 0.5, 200), rng.uniform(0.4, 5, 300), rng.uniform(4, 26.5, 300)])
    points = np.concatenate([points, boundaries, 10.0 ** -np.arange(1, 300, 20)])
    assert relative_errors(f, np.concatenate([points, -points])).max() < 1e-15


def test_the_tail_of_erfc_keeps_its_digits():
    points = np.array([5.0, 10.0, 20.0, 25.0, 26.5])
    assert relative_errors(erfc, points).max() < 1e-15
    assert erfc(26.5) < 1e-300


def test_erfc_fades_through_subnormals_to_zero():
    np.testing.assert_allclose(erfc(27.0), 5.237048923789e-319, rtol=1e-4)  # four digits are left
    assert erfc(28.0) == 0


def test_values_worked_by_hand():
    # The series 2/√π·(x − x³/3 + x⁵/10 − x⁷/42 + x⁹/216 − …) at x = 1/2, in seven digits.
    np.testing.assert_allclose(erf(0.5), 0.5204999, atol=5e-8)
    np.testing.assert_allclose(erf(1.0), 0.8427008, atol=5e-8)
    np.testing.assert_allclose(erfc(2.0), 0.0046777, atol=5e-8)


def test_pytorch_agrees(golden):
    golden = golden("special")
    np.testing.assert_allclose(erf(golden["x"]), golden["erf"], rtol=1e-14)
    np.testing.assert_allclose(erfc(golden["x"]), golden["erfc"], rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("dtype", DTYPES)
def test_extremes_raise_no_floating_point_signal(dtype):
    largest = np.finfo(dtype).max
    x = np.array([-np.inf, -largest, -1e4, 0, np.finfo(dtype).tiny, 9.5, 27, 1e4, largest, np.inf], dtype)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(erf(x)[[0, 1, 2, 3, 7, 8, 9]], [-1, -1, -1, 0, 1, 1, 1])
        np.testing.assert_array_equal(erfc(x)[[0, 1, 2, 3, 7, 8, 9]], [2, 2, 2, 1, 0, 0, 0])


@pytest.mark.parametrize("f", EXACT)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 0, 3), (4, 3)])
def test_shape_and_dtype_are_kept(f, dtype, shape):
    x = np.full(shape, 0.7, dtype)
    assert f(x).shape == shape
    assert f(x).dtype == dtype


@pytest.mark.parametrize("f", EXACT)
def test_float32_is_correctly_rounded_down_to_subnormals(f):
    x = np.linspace(-10, 10, 401, dtype=np.float32)
    np.testing.assert_array_equal(f(x), f(x.astype(np.float64)).astype(np.float32))


@pytest.mark.parametrize("f", EXACT)
def test_integers_become_float64_and_nan_stays(f):
    assert f([1, 2]).dtype == np.float64
    assert np.isnan(f(np.nan))
    with pytest.raises(TypeError, match="x must hold real numbers"):
        f(1j)


@SETTINGS
@given(st.floats(-1e4, 1e4))
def test_symmetries(x):
    assert erf(-x) == -erf(x)
    # One rounding near 1 and one near 2.
    np.testing.assert_allclose(erf(x) + erfc(x), 1, rtol=0, atol=2.3e-16)
    np.testing.assert_allclose(erfc(-x), 2 - erfc(x), rtol=0, atol=2.3e-16)


@SETTINGS
@given(st.floats(-30, 30), st.floats(1e-6, 1))
def test_erf_never_falls_and_erfc_never_rises(x, step):
    assert erf(x) <= erf(x + step)
    assert erfc(x) >= erfc(x + step)


@pytest.mark.parametrize(("power", "wanted"), [(0, 1), (1, 0), (2, 1), (3, 0), (4, 3), (6, 15), (8, 105)])
def test_the_moments_of_the_normal_distribution(power, wanted):
    assert gaussian_mean(lambda z: z**power) == pytest.approx(wanted, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("slope", [1e-3, 1, 1e3])
def test_a_bend_of_any_sharpness_is_integrated(slope):
    with mpmath.workdps(30):
        wanted = float(
            mpmath.quad(
                lambda z: mpmath.tanh(slope * z) ** 2 * mpmath.npdf(z),
                [-12, -1, -10 / slope / 2, 0, 10 / slope / 2, 1, 12],
            )
        )
    assert gaussian_mean(lambda z: np.tanh(slope * z) ** 2) == pytest.approx(wanted, rel=1e-12)


def test_a_function_cannot_spoil_the_points():
    def spoil(z):
        z[:] = 0

    with pytest.raises(ValueError, match="read-only"):
        gaussian_mean(spoil)
