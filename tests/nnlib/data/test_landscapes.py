"""Quadratics of a given condition number, and the classic landscapes."""

import numpy as np
import pytest

from nnlib.data.landscapes import LANDSCAPES, quadratic
from nnlib.gradcheck import central_difference, complex_step

# The published formulas, transcribed a second time, and analytic, so that the complex step can differentiate them.
FORMULAS = {
    "ravine": lambda x, y: (x * x + 100 * y * y) / 2,
    "rosenbrock": lambda x, y: 100 * (y - x * x) ** 2 + (1 - x) ** 2,
    "himmelblau": lambda x, y: (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
    "beale": lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    "rastrigin": lambda x, y: 20 + x * x - 10 * np.cos(2 * np.pi * x) + y * y - 10 * np.cos(2 * np.pi * y),
    "saddle": lambda x, y: x * x - y * y,
    "monkey_saddle": lambda x, y: x**3 - 3 * x * y * y,
    "plateau": lambda x, y: 1 - np.exp(-(x * x + y * y) / 2),
}
ROWS = {
    **LANDSCAPES,
    "rotated": quadratic(50, 2, np.random.default_rng(8), minimum=[0.5, -2.0]),
    "linear": quadratic(30, 5, np.random.default_rng(9), spacing="linear"),
}
rows = pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)


def points(row, n=60, seed=0):
    low, high = np.array(row.domain).T
    return np.random.default_rng(seed).uniform(low, high, size=(n, len(low)))


def test_every_landscape_has_its_formula_here():
    assert set(FORMULAS) == set(LANDSCAPES)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_f_is_the_published_formula_and_grad_its_complex_step(name):
    row, formula = LANDSCAPES[name], FORMULAS[name]
    p = points(row)
    x, y = p.T
    scale = np.abs(formula(x, y)).max()
    np.testing.assert_allclose(row.f(p), formula(x, y), rtol=0, atol=1e-15 * scale)
    grad = np.stack([complex_step(lambda z: formula(z, y), x), complex_step(lambda z: formula(x, z), y)], 1)
    np.testing.assert_allclose(row.grad(p), grad, rtol=0, atol=1e-14 * np.abs(grad).max())


@rows
def test_grad_and_hessian_are_central_differences(row):
    for p in points(row, n=12, seed=1):
        grad = row.grad(p)
        np.testing.assert_allclose(
            grad,
            central_difference(row.f, p),
            rtol=0,
            atol=1e-8 * (1 + np.abs(row.f(p)) + np.abs(grad).max()),
        )
        H = row.hessian(p)
        columns = [central_difference(lambda q, i=i: row.grad(q)[i], p) for i in range(len(p))]
        np.testing.assert_allclose(H, columns, rtol=0, atol=1e-8 * (1 + np.abs(H).max() + np.abs(grad).max()))
        np.testing.assert_array_equal(H, H.T)


@rows
def test_minima_are_flat_convex_and_nowhere_undercut(row):
    if not len(row.minima):
        return
    least = row.f(row.minima)
    np.testing.assert_allclose(least, 0, atol=1e-28)
    assert np.abs(row.grad(row.minima)).max() < 1e-12
    assert np.linalg.eigvalsh(row.hessian(row.minima)).min() > 0.1
    assert row.f(points(row, n=2000)).min() > 0
    assert row.f(row.start) > 0.1


@rows
def test_start_and_minima_lie_in_the_domain(row):
    low, high = np.array(row.domain).T
    assert row.minima.ndim == 2
    assert row.minima.shape[1] == row.start.size == len(row.domain)
    if row is not ROWS["linear"]:  # in more than two dimensions the unit steps of all eigenvectors may add up
        for p in (row.start, *row.minima):
            assert ((low <= p) & (p <= high)).all()
    assert row.source


def test_starts_and_domains_are_the_usual_ones():
    def square(reach):
        return ((-reach, reach), (-reach, reach))

    assert {name: (row.start.tolist(), row.domain) for name, row in LANDSCAPES.items()} == {
        "ravine": ([1, 1], square(1.5)),
        "rosenbrock": ([-1.2, 1], ((-2, 2), (-1, 3))),
        "himmelblau": ([0, 0], square(5)),
        "beale": ([1, 1], square(4.5)),
        "rastrigin": ([3.3, -2.3], square(5.12)),
        "saddle": ([1, 0], square(2)),
        "monkey_saddle": ([1, 0], square(2)),
        "plateau": ([3, 3], square(5)),
    }


@rows
def test_any_shape_of_points_goes_in_and_the_dtype_is_kept(row):
    D = len(row.domain)
    p = points(row, n=24)
    grid = p.reshape(2, 3, 4, D)
    for f, shape in ((row.f, ()), (row.grad, (D,)), (row.hessian, (D, D))):
        whole = f(p)
        assert whole.shape == (24, *shape)
        np.testing.assert_array_equal(f(grid), whole.reshape(2, 3, 4, *shape))
        np.testing.assert_allclose(f(p[5]), whole[5], rtol=1e-12, atol=1e-12)
        assert f(p[:0]).shape == (0, *shape)
        narrow = f(p.astype(np.float32))
        assert narrow.dtype == np.float32
        np.testing.assert_allclose(narrow, whole, rtol=0, atol=1e-5 * np.abs(whole).max())
        assert f(p[0].astype(np.float32)).dtype == np.float32
        assert f([1] * D).dtype == np.float64
        assert f([0] * D).shape == shape


@rows
def test_points_are_neither_modified_nor_aliased(row):
    p = points(row)
    before = p.copy()
    for f in (row.f, row.grad, row.hessian):
        value = f(p)
        assert not np.shares_memory(value, p)
        value[...] = 7  # nor is what it returned its own
        assert not (f(p) == 7).all()
    np.testing.assert_array_equal(p, before)


@rows
def test_start_and_minima_cannot_be_written_to(row):
    with pytest.raises(ValueError, match="read-only"):
        row.start[0] = 5
    with pytest.raises(ValueError, match="read-only"):
        row.minima[...] = 5


@rows
def test_points_of_another_dimension_are_refused(row):
    D = len(row.domain)
    for f in (row.f, row.grad, row.hessian):
        for wrong in (np.zeros(D + 1), np.zeros((D, 7)), 1.0):
            with pytest.raises(ValueError, match=rf"points must have shape \(..., {D}\), got"):
                f(wrong)
        with pytest.raises(TypeError, match="points must hold real numbers"):
            f(np.zeros(D, complex))


@pytest.mark.parametrize("spacing", ["log", "linear"])
@pytest.mark.parametrize(("condition", "D"), [(1, 1), (1, 4), (10, 2), (1e4, 3), (100, 20)])
def test_the_condition_number_is_exact_and_rotated_nearly_so(spacing, condition, D):
    plain = quadratic(condition, D, spacing=spacing)
    A = plain.hessian(plain.start)
    assert np.count_nonzero(A - np.diag(A.diagonal())) == 0
    eigenvalues = A.diagonal()
    assert (eigenvalues[0], eigenvalues[-1]) == (1, condition)
    if D > 1:
        gaps = np.diff(np.log(eigenvalues) if spacing == "log" else eigenvalues)
        np.testing.assert_allclose(gaps, gaps[0], rtol=1e-9)
    rotated = quadratic(condition, D, np.random.default_rng(2), spacing)
    B = rotated.hessian(rotated.start)
    np.testing.assert_allclose(np.linalg.eigvalsh(B), eigenvalues, atol=1e-13 * condition)
    if D > 1 and condition > 1:
        assert np.abs(B - np.diag(B.diagonal())).max() > 0.1


def test_the_minimum_is_where_it_was_put_and_b_is_A_times_it():
    m = np.array([1.0, -2.0, 0.5])
    row = quadratic(20, 3, np.random.default_rng(1), minimum=m)
    A, x = row.hessian(m), np.array([0.3, 0.1, -1.0])
    np.testing.assert_array_equal(row.minima, [m])
    assert row.f(m) == 0
    np.testing.assert_allclose(row.f(x), x @ A @ x / 2 - (A @ m) @ x + m @ A @ m / 2, rtol=1e-13)
    np.testing.assert_allclose(row.grad(x), A @ x - A @ m, rtol=1e-12)
    assert row.domain == ((-1.0, 3.0), (-4.0, 0.0), (-1.5, 2.5))
    m[:] = 9  # the landscape keeps its own copy
    assert row.f([1.0, -2.0, 0.5]) == 0


def steps_to(row, rate, tolerance=1e-6):
    x = row.start
    for step in range(100_000):
        if np.linalg.norm(x - row.minima[0]) <= tolerance * np.linalg.norm(row.start - row.minima[0]):
            return step
        x = x - rate * row.grad(x)
    raise AssertionError("no convergence")


def test_a_rotation_changes_no_count_of_steps():
    rate = 2 / 101  # 2 / (λ_1 + λ_D), the best constant one
    plain = steps_to(quadratic(100, 20), rate)
    for seed in range(3):
        assert (
            steps_to(quadratic(100, 20, np.random.default_rng(seed), minimum=np.arange(20.0)), rate) == plain
        )


def test_steps_above_two_over_the_condition_number_diverge():
    row = quadratic(100, 5, np.random.default_rng(0))
    for factor, grows in ((0.99, False), (1.01, True)):
        x = row.start
        for _ in range(600):
            x = x - factor * 2 / 100 * row.grad(x)
        assert (row.f(x) > row.f(row.start)) == grows


def test_rotations_depend_on_the_seed_and_prefer_no_direction():
    first, again, other = (quadratic(9, 3, np.random.default_rng(s)).hessian(np.zeros(3)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    draw = np.random.default_rng(3)
    starts = np.array([quadratic(9, 2, draw).start for _ in range(500)])
    np.testing.assert_allclose(np.linalg.norm(starts, axis=1), np.sqrt(2), rtol=1e-12)
    assert np.abs(starts.mean(axis=0)).max() < 5 / np.sqrt(500)


def test_saddles_have_no_minimum_and_the_start_leads_into_them():
    for name in ("saddle", "monkey_saddle"):
        row = LANDSCAPES[name]
        assert row.minima.shape == (0, 2)
        np.testing.assert_array_equal(row.grad([0.0, 0.0]), 0)
        assert row.start[1] == row.grad(row.start)[1] == 0
    assert np.linalg.eigvalsh(LANDSCAPES["saddle"].hessian([0, 0])).tolist() == [-2, 2]
    np.testing.assert_array_equal(LANDSCAPES["monkey_saddle"].hessian([0, 0]), 0)


def test_the_plateau_is_flat_and_underflows_silently():
    row = LANDSCAPES["plateau"]
    assert np.linalg.norm(row.grad(row.start)) < 1e-3
    with np.errstate(all="raise"):
        for scale in (30.0, 1e3):
            assert row.f([scale, scale]) == 1
            assert np.isfinite(row.grad([scale, scale])).all()
            assert np.isfinite(row.hessian([scale, scale])).all()
    assert row.f([1e-9, 0]) == 5e-19  # 1 − exp would round to 0


def test_himmelblau_has_four_minima_of_equal_depth_and_a_maximum_between():
    row = LANDSCAPES["himmelblau"]
    assert row.minima.shape == (4, 2)
    assert np.unique(row.minima.round(3), axis=0).shape == (4, 2)
    top = np.array([-0.270845, -0.923039])
    assert np.abs(row.grad(top)).max() < 1e-4
    assert np.linalg.eigvalsh(row.hessian(top)).max() < 0


def test_rastrigin_has_a_local_minimum_near_every_whole_number():
    row = LANDSCAPES["rastrigin"]
    k = np.arange(-4, 5) * 0.995
    grid = np.stack(np.meshgrid(k, k), axis=-1)
    assert np.linalg.eigvalsh(row.hessian(grid)).min() > 0
    assert np.abs(row.grad(grid)).max() < 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quadratic(0.5, 2), "condition must be at least 1 and finite, got 0.5"),
        (lambda: quadratic(np.inf, 2), "condition must be at least 1 and finite, got inf"),
        (lambda: quadratic(3, 1), "condition must be 1 in one dimension, got 3"),
        (lambda: quadratic(3, 0), "dimensions must be a whole number, at least 1, got 0"),
        (lambda: quadratic(3, 2.5), "dimensions must be a whole number, at least 1, got 2.5"),
        (lambda: quadratic(3, 2, spacing="even"), 'spacing must be "log" or "linear", got \'even\''),
        (lambda: quadratic(3, 2, minimum=[1.0]), r"minimum must have shape \(2,\), got \(1,\)"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
