"""Conjugate gradients and Newton's step against the papers' equations and what theory promises."""

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.gradcheck import relative_error
from nnlib.optimizers import conjugate_gradient, newton_step

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=60)


def matrix(eigenvalues, rng):
    """A symmetric matrix with these eigenvalues and random eigenvectors."""
    Q = np.linalg.qr(rng.normal(size=(len(eigenvalues), len(eigenvalues))))[0]
    A = Q * eigenvalues @ Q.T
    return (A + A.T) / 2


def steps(residual_norms):
    return len(residual_norms) - 1


def test_two_steps_of_shewchuks_example():
    """A = [[3, 2], [2, 6]], b = (2, −8) from (−2, −2): solution (2, −2), first residual (12, 8)."""
    A, b, x0 = np.array([[3.0, 2.0], [2.0, 6.0]]), np.array([2.0, -8.0]), np.array([-2.0, -2.0])
    halfway, norms = conjugate_gradient(A, b, x0, max_steps=1)
    alpha = 208 / 1200  # (12² + 8²) / (12·52 + 8·72)
    np.testing.assert_allclose(halfway, [-2 + 12 * alpha, -2 + 8 * alpha], rtol=1e-14)
    np.testing.assert_allclose(norms, [sqrt(208), np.hypot(12 - 52 * alpha, 8 - 72 * alpha)], rtol=1e-14)
    x, norms = conjugate_gradient(A, b, x0)
    np.testing.assert_allclose(x, [2, -2], rtol=1e-14)
    assert steps(norms) == 2


def test_each_step_is_hestenes_and_stiefels():
    """Their a_i = (p_i, r_i)/(p_i, A p_i) and b_i = −(r_{i+1}, A p_i)/(p_i, A p_i), with r from its definition."""
    rng = np.random.default_rng(1)
    A, b, x0 = matrix(np.geomspace(1, 30, 7), rng), rng.normal(size=7), rng.normal(size=7)
    x, r = x0, b - A @ x0
    p, residuals, directions = r, [], []
    for i in range(7):
        got, norms = conjugate_gradient(A, b, x0, max_steps=i)
        np.testing.assert_allclose(got, x, rtol=0, atol=1e-11)
        np.testing.assert_allclose(norms[-1], np.linalg.norm(r), rtol=1e-8)
        residuals.append(r)
        directions.append(p)
        x = x + (p @ r) / (p @ A @ p) * p
        r = b - A @ x
        p = r - (r @ A @ p) / (p @ A @ p) * p
    R, P = np.array(residuals), np.array(directions)
    for gram in (R @ R.T, P @ A @ P.T):  # orthogonal residuals, conjugate directions
        gram = gram / np.sqrt(np.outer(np.diag(gram), np.diag(gram)))
        np.testing.assert_allclose(gram, np.eye(7), rtol=0, atol=1e-7)


def test_k_steps_find_the_best_point_of_the_krylov_space():
    rng = np.random.default_rng(2)
    A, b = matrix(np.geomspace(1, 50, 9), rng), rng.normal(size=9)
    root = np.linalg.cholesky(A).T  # ‖x − x*‖ in the norm of A is ‖root (x − x*)‖
    space = []
    for k in range(1, 6):
        space.append(np.linalg.matrix_power(A, k - 1) @ b)
        K = np.array(space).T
        best = K @ np.linalg.lstsq(root @ K, root @ np.linalg.solve(A, b))[0]
        np.testing.assert_allclose(conjugate_gradient(A, b, max_steps=k)[0], best, rtol=0, atol=1e-9)


@pytest.mark.parametrize("distinct", [1, 2, 3, 5])
def test_it_takes_as_many_steps_as_there_are_different_eigenvalues(distinct):
    rng = np.random.default_rng(distinct)
    A = matrix(np.resize([1.0, 4.0, 9.0, 2.0, 6.0][:distinct], 12), rng)
    b = rng.normal(size=12)
    x, norms = conjugate_gradient(A, b)
    assert steps(norms) == distinct
    assert relative_error(A @ x, b) < 1e-10


def test_condition_number_100_in_20_dimensions_takes_23_steps():
    """From ones to the minimum at 0, the error to 1e-6: gradient descent takes 634 (see test_rules.py)."""
    curvature = np.geomspace(1, 100, 20)
    error = [
        np.linalg.norm(conjugate_gradient(lambda p: curvature * p, np.zeros(20), np.ones(20), max_steps=k)[0])
        for k in range(30)
    ]
    assert next(k for k in range(30) if error[k] < 1e-6 * error[0]) == 23  # 20 without rounding
    even = conjugate_gradient(np.diag(np.linspace(1, 100, 20)), np.zeros(20), np.ones(20), 1e-6)
    assert steps(even[1]) == 20


def test_the_error_stays_below_chebyshevs_bound():
    rng = np.random.default_rng(4)
    A, b = matrix(np.geomspace(1, 400, 60), rng), rng.normal(size=60)
    solution, rate = np.linalg.solve(A, b), (20 - 1) / (20 + 1)
    for k in range(0, 60, 5):
        e = conjugate_gradient(A, b, max_steps=k)[0] - solution
        assert sqrt(e @ A @ e) <= 2 * rate**k * sqrt(solution @ A @ solution) * (1 + 1e-12)


@SETTINGS
@given(st.integers(1, 12), st.floats(1, 1e4), st.floats(-8, 8), st.integers(0, 2**32 - 1))
def test_it_solves_what_a_direct_solver_solves(n, condition, exponent, seed):
    rng = np.random.default_rng(seed)
    A, b = matrix(np.geomspace(1, condition, n), rng), 10**exponent * rng.normal(size=n)
    before = A.copy(), b.copy()
    x, norms = conjugate_gradient(A, b)
    y, same = conjugate_gradient(lambda p: A @ p, b)
    np.testing.assert_array_equal(A, before[0])
    np.testing.assert_array_equal(b, before[1])
    assert relative_error(x, np.linalg.solve(A, b)) < 1e-10 * condition + 1e-12
    assert relative_error(x, y) < 1e-10 * condition
    assert norms[-1] <= 1e-10 * norms[0]
    assert steps(same) <= 10 * n


def test_the_start_counts_and_is_not_modified():
    rng = np.random.default_rng(5)
    A, b = matrix(np.geomspace(1, 10, 6), rng), rng.normal(size=6)
    solution = np.linalg.solve(A, b)
    x0 = solution.copy()
    x, norms = conjugate_gradient(A, b, x0)
    assert steps(norms) == 0
    np.testing.assert_array_equal(x, solution)
    assert not np.shares_memory(x, x0)
    x0 = solution + 1e6
    x, norms = conjugate_gradient(A, b, x0, tolerance=1e-15)
    np.testing.assert_array_equal(x0, solution + 1e6)
    np.testing.assert_allclose(norms[0], np.linalg.norm(b - A @ x0), rtol=1e-12)
    np.testing.assert_allclose(x, solution, atol=1e-8)


def test_the_tolerance_is_relative_to_the_larger_of_b_and_the_first_residual():
    A, b = np.diag([1.0, 10.0, 100.0]), np.array([3.0, 4.0, 0.0])
    assert conjugate_gradient(A, b, tolerance=0.5)[1][-1] <= 2.5
    near = np.array([3.0, 0.4, 4e-3])  # a residual of 0.4
    assert steps(conjugate_gradient(A, b, near, tolerance=0.1)[1]) == 0
    assert steps(conjugate_gradient(A, b, near, tolerance=0.07)[1]) > 0
    x, norms = conjugate_gradient(A, np.zeros(3), np.ones(3), tolerance=1e-12)
    assert norms[-1] <= 1e-12 * norms[0]
    np.testing.assert_allclose(x, 0, atol=1e-12)
    assert steps(conjugate_gradient(A, np.zeros(3))[1]) == 0


def test_it_stops_after_max_steps_and_by_default_after_ten_n():
    A, b = np.diag(np.arange(1.0, 9.0)), np.ones(8)
    turn = np.array([[1.0, 10.0], [-10.0, 1.0]])  # not symmetric: each residual is 10 times the last
    assert steps(conjugate_gradient(lambda p: turn @ p, np.ones(2))[1]) == 20
    assert steps(conjugate_gradient(A, b, max_steps=3)[1]) == 3
    x, norms = conjugate_gradient(A, b, max_steps=0)
    np.testing.assert_array_equal(x, 0)
    np.testing.assert_allclose(norms, [sqrt(8)])


def test_float32_stays_float32():
    A, b = np.diag(np.float32([1, 2, 5])), np.float32([1, 2, 3])
    x, _ = conjugate_gradient(A.astype(np.float64), b, [1, 1, 1], tolerance=1e-5)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x, [1, 1, 0.6], rtol=1e-5)
    assert conjugate_gradient(A, [1, 2, 3])[0].dtype == np.float64


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([np.diag([1.0, -1.0]), np.ones(2)], "A must be positive definite, got pᵀA p = 0 for"),
        ([np.diag([1.0, -3.0]), np.ones(2)], "A must be positive definite, got pᵀA p = -2 for"),
        ([lambda p: p * np.nan, np.ones(2)], "A must be positive definite, got pᵀA p = nan for"),
        ([np.array([[2.0, 1.0], [0.5, 2.0]]), np.ones(2)], "A must be symmetric, got .* differ by 0.5"),
        ([np.eye(3), np.ones(2)], r"A must have shape \(2, 2\) to fit b, got \(3, 3\)"),
        ([np.eye(2), np.ones((2, 1))], r"b must have shape \(n,\), got \(2, 1\)"),
        ([np.eye(2), np.ones(2), np.ones(3)], r"x0 must have the shape of b, \(2,\), got \(3,\)"),
        ([lambda p: p[:1], np.ones(2)], r"A_times\(p\) must have the shape of b, \(2,\), got \(1,\)"),
        ([np.eye(2), np.ones(2), None, 0], r"tolerance must be in \(0, 1\), got 0"),
        ([np.eye(2), np.ones(2), None, 1], r"tolerance must be in \(0, 1\), got 1"),
        ([np.eye(2), np.ones(2), None, 1e-9, -1], "max_steps must be a whole number from 0 on, got -1"),
        ([np.eye(2), np.ones(2), None, 1e-9, 1.5], "max_steps must be a whole number from 0 on, got 1.5"),
    ],
)
def test_wrong_arguments_of_conjugate_gradient_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        conjugate_gradient(*arguments)


@SETTINGS
@given(st.integers(1, 8), st.floats(1, 1e6), st.integers(0, 2**32 - 1))
def test_newton_ends_in_one_step_on_a_quadratic_of_any_kind(n, condition, seed):
    """A minimum, a saddle or a maximum: it goes to where the gradient is zero."""
    rng = np.random.default_rng(seed)
    H = matrix(np.geomspace(1, condition, n) * rng.choice([-1, 1], n), rng)
    w, solution = rng.normal(size=(2, n))
    np.testing.assert_allclose(newton_step(w, H @ (w - solution), H), solution, rtol=0, atol=1e-8)


def test_newton_doubles_the_right_digits():
    w, error = np.array([0.3]), []  # f = cosh(w) − 2w, f' = sinh(w) − 2
    for _ in range(7):
        w = newton_step(w, np.sinh(w) - 2, np.cosh(w)[:, None])
        error.append(abs(w[0] - np.arcsinh(2)))
    assert error[-1] < 1e-15
    assert error[4] < error[3] ** 1.8


def test_newton_goes_up_towards_a_saddle_and_damping_turns_it_down():
    H, w = np.diag([2.0, -2.0]), np.array([1.0, 0.5])
    np.testing.assert_allclose(newton_step(w, H @ w, H), [0, 0], atol=1e-15)
    np.testing.assert_allclose(newton_step(w, H @ w, H, damping=3.0), [0.6, 1.5])  # 1 − 2/5, 0.5 + 1/1
    np.testing.assert_allclose(newton_step(w, H @ w, H, damping=1e9), w - 1e-9 * (H @ w), rtol=1e-14)


def test_newton_takes_parameters_of_any_shape_and_modifies_nothing():
    rng = np.random.default_rng(6)
    w, g, H = rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), matrix(np.arange(1.0, 7.0), rng)
    before = [a.copy() for a in (w, g, H)]
    got = newton_step(w, g, H, damping=0.5)
    want = w.ravel() - np.linalg.inv(H + 0.5 * np.eye(6)) @ g.ravel()
    np.testing.assert_allclose(got, want.reshape(2, 3), rtol=1e-12)
    for a, old in zip((w, g, H), before, strict=True):
        np.testing.assert_array_equal(a, old)
    assert newton_step(w.astype(np.float32), g, H).dtype == np.float32
    np.testing.assert_allclose(newton_step(3.0, 4.0, [[2.0]]), 1)


def test_newton_takes_badly_scaled_hessians():
    np.testing.assert_allclose(newton_step([0.0, 0.0], [1e-20, 1e20], np.diag([1e-20, 1e20])), [-1, -1])


@pytest.mark.parametrize("n", [2, 3, 5])
def test_newton_refuses_a_singular_hessian_also_where_rounding_hides_it(n):
    H = np.arange(1.0, n * n + 1).reshape(n, n)
    H = H if n == 3 else np.ones((n, n)) / 3
    g = np.eye(n)[0]
    with pytest.raises(ValueError, match="H \\+ damping·I must be invertible, and is not with damping = 0"):
        newton_step(np.zeros(n), g, H)
    assert np.isfinite(newton_step(np.zeros(n), g, H, damping=0.1)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([np.ones(2), np.ones(3), np.eye(2)], r"shapes \(2,\) and \(2, 2\), got \(3,\) and \(2, 2\)"),
        ([np.ones(2), np.ones(2), np.ones(2)], r"shapes \(2,\) and \(2, 2\), got \(2,\) and \(2,\)"),
        ([np.ones(2), np.ones(2), np.eye(2), -0.1], "damping must be at least 0 and finite, got -0.1"),
        ([np.ones(2), np.ones(2), np.eye(2), inf], "damping must be at least 0 and finite, got inf"),
    ],
)
def test_wrong_arguments_of_newton_step_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        newton_step(*arguments)
