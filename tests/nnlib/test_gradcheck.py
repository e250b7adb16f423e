"""Numerical derivatives: their accuracy, their step, and the errors they are compared by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import central_difference, complex_step, gradient_errors, relative_error

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=100)


def quadratic(x):
    return np.sum(np.arange(1, x.size + 1).reshape(x.shape) * x**2)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,), (2, 1, 2)])
def test_central_difference_has_the_shape_of_x(shape):
    x = np.random.default_rng(0).normal(size=shape)
    wanted = 2 * np.arange(1, x.size + 1).reshape(shape) * x
    gradient = central_difference(quadratic, x)
    assert gradient.shape == shape
    # f is of order 10, so its rounding error over h, 1e-15 / 6e-6, is a few 1e-10.
    np.testing.assert_allclose(gradient, wanted, atol=2e-9)


# Both errors at the best step are near ε^(2/3): 4e-11 in float64, 2e-5 in float32.
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-9), (np.float32, 3e-4)])
@pytest.mark.parametrize("centre", [0.0, 1.0, 1000.0])
def test_the_default_step_suits_the_dtype_and_the_size_of_x(dtype, tolerance, centre):
    x = np.array([centre - 0.3, centre, centre + 2], dtype)
    gradient = central_difference(lambda x: (x / (1 + centre)) ** 3, x, elementwise=True)
    wanted = 3 * x.astype(np.float64) ** 2 / (1 + centre) ** 3
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, wanted, atol=tolerance)


@pytest.mark.parametrize(("dtype", "worse"), [(np.float64, [1e-1, 1e-12]), (np.float32, [0.5, 1e-6])])
def test_a_much_larger_or_smaller_step_is_worse(dtype, worse):
    x = np.linspace(0.5, 2, 50, dtype=dtype)
    true = np.exp(x.astype(np.float64))

    def error(h):
        return np.abs(central_difference(np.exp, x, h, elementwise=True) - true).max()

    assert all(error(h) > 20 * error(None) for h in worse)


def test_elementwise_and_entry_by_entry_agree():
    x = np.random.default_rng(1).normal(size=(2, 3))
    whole = central_difference(np.tanh, x, elementwise=True)
    np.testing.assert_allclose(central_difference(lambda x: np.tanh(x).sum(), x), whole, atol=1e-9)


def test_a_kink_gets_the_mean_of_both_sides():
    assert central_difference(lambda x: np.maximum(x, 0), 0.0) == 0.5


def test_central_difference_takes_integers_without_truncating_the_step():
    np.testing.assert_allclose(central_difference(lambda x: np.sum(x**2), [1, 2, 3]), [2, 4, 6], rtol=1e-9)


def test_neither_x_nor_what_f_was_given_is_used_again():
    x = np.ones(3)

    def spoils_its_argument(x):
        total = np.sum(x**2)
        x[:] = np.nan
        return total

    np.testing.assert_allclose(central_difference(spoils_its_argument, x), 2, rtol=1e-9)
    np.testing.assert_array_equal(x, 1)


def test_an_output_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"f must return one number, got shape \(3,\)"):
        central_difference(np.tanh, np.ones(3))
    with pytest.raises(ValueError, match=r"f must return shape \(3,\), got shape \(\)"):
        central_difference(np.sum, np.ones(3), elementwise=True)
    with pytest.raises(ValueError, match=r"f must return shape \(3,\), got shape \(\)"):
        complex_step(np.sum, np.ones(3))


@pytest.mark.parametrize("h", [0, -1e-5, np.inf, np.nan])
@pytest.mark.parametrize("derivative", [central_difference, complex_step])
def test_a_step_must_be_positive_and_finite(derivative, h):
    with pytest.raises(ValueError, match=f"h must be positive and finite, got {h}"):
        derivative(np.sin, 1.0, h)


@SETTINGS
@given(st.floats(-3, 3))
def test_complex_step_is_right_to_the_last_digits(x):
    wanted = np.cos(x) * np.exp(np.sin(x))
    np.testing.assert_allclose(complex_step(lambda z: np.exp(np.sin(z)), x), wanted, rtol=1e-14, atol=1e-15)


def test_complex_step_works_where_differences_cancel():
    # 1e10 + sin x: a difference loses ten digits, the imaginary part none.
    np.testing.assert_allclose(complex_step(lambda z: 1e10 + np.sin(z), 1.0), np.cos(1.0), rtol=1e-15)
    assert abs(central_difference(lambda x: 1e10 + np.sin(x), 1.0) - np.cos(1.0)) > 1e-3


def test_complex_step_refuses_what_drops_the_imaginary_part():
    with pytest.raises(TypeError, match="f must return complex numbers"):
        complex_step(np.abs, np.ones(2))


def test_relative_error_worked_by_hand():
    assert relative_error([3.0, 0.0], [0.0, 4.0]) == 5 / 4
    assert relative_error([1.0, 2.0], [-1.0, -2.0]) == 2
    assert relative_error([0.0, 0.0], [0.0, 0.0]) == 0
    assert relative_error(np.zeros((0, 3)), np.zeros((0, 3))) == 0
    assert relative_error(0.0, 1e-300) == 1


@SETTINGS
@given(
    st.lists(st.floats(-10, 10), min_size=1, max_size=5), st.sampled_from([1e-300, 1e-160, 1.0, 1e160, 1e300])
)
def test_relative_error_is_symmetric_and_has_no_units(values, unit):
    a, b = np.array(values), np.array(values) + 1
    assert relative_error(a, b) == relative_error(b, a)
    np.testing.assert_allclose(relative_error(a * unit, b * unit), relative_error(a, b), rtol=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_relative_error_passes_no_tolerance_where_a_number_is_missing(bad):
    assert np.isnan(relative_error([1.0, bad], [1.0, bad]))


def test_relative_error_refuses_to_broadcast():
    with pytest.raises(ValueError, match=r"same shape, got \(3,\) and \(1, 3\)"):
        relative_error(np.ones(3), np.ones((1, 3)))


def test_one_wrong_small_tensor_stands_out():
    wanted = {"W1": np.full(4, 1e-9), "W2": np.ones(4)}
    errors = gradient_errors({"W2": np.ones(4), "W1": -wanted["W1"]}, wanted)
    assert errors == {"W1": 2.0, "W2": 0.0}
    assert list(errors) == ["W1", "W2"]


def test_gradient_errors_names_what_does_not_match():
    with pytest.raises(ValueError, match=r"computed must name \['W', 'b'\], got \['W'\]"):
        gradient_errors({"W": 1.0}, {"W": 1.0, "b": 2.0})
    with pytest.raises(ValueError, match=r"W must have shape \(2,\), got \(1, 2\)"):
        gradient_errors({"W": np.ones((1, 2))}, {"W": np.ones(2)})
