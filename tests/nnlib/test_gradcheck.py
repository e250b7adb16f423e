"""Numerical derivatives: their accuracy, their step, and the errors they are compared by."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib import central_difference, complex_step, gradient_errors, relative_error
from nnlib.gradcheck import directional_check, numerical_gradients

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


def test_the_default_step_is_the_cube_root_of_epsilon_times_x_beyond_1():
    points = []
    central_difference(lambda x: points.append(x) or np.sum(x), np.array([0.5, 4.0]))
    steps = np.abs(np.array(points) - [0.5, 4.0]).max(axis=1)
    np.testing.assert_allclose(steps, 2.0 ** (-52 / 3) * np.array([1, 1, 4, 4]), rtol=1e-9)


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


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,), (1, 2, 2)])
def test_complex_step_of_a_scalar_function_is_its_gradient(shape):
    x = np.random.default_rng(2).normal(size=shape)
    before = x.copy()
    gradient = complex_step(lambda z: np.sum(np.exp(z)) * np.sum(z), x, elementwise=False)
    assert gradient.shape == shape
    np.testing.assert_allclose(gradient, np.exp(x) * x.sum() + np.exp(x).sum(), rtol=1e-14)
    np.testing.assert_array_equal(x, before)


def test_complex_step_entry_by_entry_has_the_same_checks():
    with pytest.raises(ValueError, match=r"f must return one number, got shape \(3,\)"):
        complex_step(np.sin, np.ones(3), elementwise=False)
    with pytest.raises(TypeError, match="f must return complex numbers for complex x, got dtype float64"):
        complex_step(lambda z: np.abs(z).sum(), np.ones(3), elementwise=False)
    with pytest.raises(ValueError, match="h must be positive and finite, got 0"):
        complex_step(np.sum, np.ones(3), 0, elementwise=False)
    assert complex_step(np.sum, np.ones(2, np.float32), elementwise=False).dtype == np.float64
    np.testing.assert_array_equal(complex_step(lambda z: z[0] * z[1], [2, 3], 0.5, elementwise=False), [3, 2])


def test_complex_step_entry_by_entry_gives_f_a_new_array_each_time():
    def spoils_its_argument(z):
        total = np.sum(z**2)
        z[:] = np.nan
        return total

    np.testing.assert_allclose(
        complex_step(spoils_its_argument, np.ones(3), elementwise=False), 2, rtol=1e-15
    )


def product(p):
    """Σ_ij sin(W)_ij · b_j"""
    return np.sum(np.sin(p["W"]) @ p["b"]) * p["s"]


def product_gradients(p):
    rows = np.sin(p["W"]).sum(axis=0)
    return {"W": np.cos(p["W"]) * p["b"] * p["s"], "b": rows * p["s"], "s": rows @ p["b"]}


def product_point(dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    shapes = {"W": (4, 3), "b": (3,), "s": ()}
    return {name: rng.normal(size=shape).astype(dtype) for name, shape in shapes.items()}


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-9), (np.float32, 1e-3)])
def test_numerical_gradients_are_those_of_each_tensor(dtype, tolerance):
    point = product_point(dtype)
    before = {name: array.copy() for name, array in point.items()}
    found = numerical_gradients(product, point)
    assert list(found) == ["W", "b", "s"]
    assert all(found[name].dtype == dtype for name in found)
    errors = gradient_errors(product_gradients(point), found)
    assert max(errors.values()) < tolerance
    assert all(np.array_equal(point[name], before[name]) for name in point)


def test_numerical_gradients_use_the_given_step():
    # (x + h)³ − (x − h)³ over 2h is 3x² + h²
    found = numerical_gradients(lambda p: p["x"] ** 3, {"x": np.array(2.0)}, h=0.5)
    np.testing.assert_allclose(found["x"], 12.25, rtol=1e-15)
    with pytest.raises(ValueError, match="h must be positive and finite, got -1"):
        numerical_gradients(lambda p: p["x"] ** 3, {"x": 2.0}, h=-1)


def test_numerical_gradients_bear_a_function_that_spoils_its_arguments():
    def spoils(p):
        total = product(p)
        for array in p.values():
            array[...] = np.nan
        return total

    errors = gradient_errors(product_gradients(product_point()), numerical_gradients(spoils, product_point()))
    assert max(errors.values()) < 1e-9


def test_a_wrong_sign_shows_in_its_own_tensor_alone():
    point = product_point()
    wrong = product_gradients(point)
    wrong["b"] = -wrong["b"]
    by_entry = gradient_errors(wrong, numerical_gradients(product, point))
    by_direction = directional_check(product, wrong, point, np.random.default_rng(1))
    for errors in (by_entry, by_direction):
        assert list(errors) == ["W", "b", "s"]
        assert errors["b"] > 1.999
        assert max(errors["W"], errors["s"]) < 1e-8


# ε^(2/3) is 4e-11 in float64 and 2e-5 in float32, times how much f and its third derivative exceed its gradient.
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-8), (np.float32, 1e-3)])
@pytest.mark.parametrize("size", [1, 10, 10_000])
@pytest.mark.parametrize("scale", [1.0, 100.0])
def test_a_right_gradient_passes_whatever_the_size_and_scale(dtype, tolerance, size, scale):
    rng = np.random.default_rng(size)
    x = (scale * rng.normal(size=size)).astype(dtype)
    weights = rng.normal(size=size).astype(dtype)

    def f(x):
        return np.sum(weights * (x / scale) ** 3, dtype=np.float64)

    gradient = 3 * weights * (x / scale) ** 2 / scale
    assert directional_check(f, gradient, x, rng) < tolerance


def test_an_error_of_one_entry_in_a_hundred_shows_with_its_size():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(20, 5))
    gradient = 2 * x
    gradient[7, 3] += 0.01 * np.linalg.norm(gradient)
    error = directional_check(lambda x: np.sum(x**2), gradient, x, rng, directions=200)
    assert 0.005 < error < 0.02


@pytest.mark.parametrize(
    "wrong", [lambda g: -g, lambda g: 2 * g, lambda g: g.T.reshape(g.shape), lambda g: g * 0, np.abs]
)
def test_wrong_gradients_do_not_pass(wrong):
    rng = np.random.default_rng(4)
    x = rng.normal(size=(3, 4))
    assert directional_check(lambda x: np.sum(x**4), wrong(4 * x**3), x, rng) > 0.1


def test_the_directions_are_random_unit_vectors_and_as_many_as_asked():
    points = []

    def f(x):
        points.append(x)
        return np.sum(x**2)

    x = np.full((2, 3), 3.0)
    directional_check(f, 2 * x, x, np.random.default_rng(5), directions=4, h=0.25)
    steps = np.array(points).reshape(4, 2, 2, 3) - x
    np.testing.assert_allclose(np.linalg.norm(steps, axis=(2, 3)), 0.25, rtol=1e-14)
    np.testing.assert_allclose(steps[:, 0], -steps[:, 1], rtol=1e-14)
    assert np.linalg.matrix_rank(steps[:, 0].reshape(4, 6)) == 4
    points.clear()
    directional_check(f, 2 * x, x, np.random.default_rng(5))
    assert len(points) == 20
    # the default step is ∛ε·‖x‖, or ∛ε near the origin
    assert np.linalg.norm(points[0] - x) == pytest.approx(6.0555e-6 * 3 * np.sqrt(6), rel=1e-4)
    points.clear()
    directional_check(f, 0 * x, 0 * x, np.random.default_rng(5))
    assert np.linalg.norm(points[0]) == pytest.approx(6.0555e-6, rel=1e-4)


def test_a_given_step_leaves_its_truncation_error():
    # x³ at 2 with h = 1/2: differences give 12.25 for 12
    error = directional_check(lambda x: x**3, 12.0, 2.0, np.random.default_rng(0), directions=1, h=0.5)
    np.testing.assert_allclose(error, 0.25 / 12.25, rtol=1e-14)


def test_one_seed_gives_one_error_and_arguments_stay_as_they_are():
    x, gradient = np.arange(4.0), np.ones(4)
    first, second = (
        directional_check(lambda x: np.sum(x**2), gradient, x, np.random.default_rng(6)) for _ in range(2)
    )
    assert first == second
    np.testing.assert_array_equal(x, np.arange(4))
    np.testing.assert_array_equal(gradient, np.ones(4))


def test_a_tensor_without_entries_has_no_error():
    assert directional_check(np.sum, np.zeros((0, 3)), np.zeros((0, 3)), np.random.default_rng(0)) == 0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((np.sum, np.ones((3, 1)), np.ones(3)), {}, r"shape of x, \(3,\), got \(3, 1\)"),
        ((np.sum, {"a": 1.0}, {"b": 1.0}), {}, r"gradient must name \['b'\], got \['a'\]"),
        ((np.sin, np.ones(3), np.ones(3)), {}, r"f must return one number, got shape \(3,\)"),
        ((np.sum, 1.0, 1.0), {"h": 0}, "h must be positive and finite, got 0"),
        ((np.sum, 1.0, 1.0), {"directions": 0}, "directions must be a whole number of 1 or more, got 0"),
        ((np.sum, 1.0, 1.0), {"directions": 1.5}, "directions must be a whole number of 1 or more, got 1.5"),
    ],
)
def test_directional_check_names_mistakes(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        directional_check(*arguments, np.random.default_rng(0), **options)
