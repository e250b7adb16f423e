"""Points in the plane and noisy curves."""

import math

import numpy as np
import pytest

from nnlib.data.points import CURVES, Curve, blobs, moons, regression_curve, spirals, xor

SETS = {
    "moons": (moons, 2),
    "spirals": (spirals, 2),
    "three spirals": (lambda n, rng, **noise: spirals(n, rng, classes=3, **noise), 3),
    "xor": (xor, 2),
}


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("make", "classes"), SETS.values(), ids=SETS)
@pytest.mark.parametrize("n", [4, 5, 6, 103])
def test_classes_are_balanced_and_types_are_as_stated(make, classes, n):
    X, y = make(n, rng())
    assert (X.shape, X.dtype) == ((n, 2), np.float64)
    assert (y.shape, y.dtype) == ((n,), np.int64)
    assert np.ptp(np.bincount(y, minlength=classes)) <= 1


@pytest.mark.parametrize("make", [moons, spirals, xor, blobs, regression_curve])
def test_the_seed_decides_all_and_global_state_is_untouched(make):
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = make(40, rng(1)), make(40, rng(1)), make(40, rng(2))
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize(("make", "classes"), SETS.values(), ids=SETS)
def test_noise_has_the_stated_standard_deviation_and_moves_nothing_else(make, classes):
    clean, labels = make(4000, rng(5), noise=0)
    noisy, y = make(4000, rng(5), noise=0.3)
    np.testing.assert_array_equal(y, labels)
    strays = noisy - clean  # the draws differ in size alone
    assert abs(strays.std() - 0.3) < 0.3 * 5 / math.sqrt(2 * strays.size)
    assert np.abs(strays.mean(axis=0)).max() < 0.3 * 5 / math.sqrt(4000)
    assert abs(np.corrcoef(strays.T)[0, 1]) < 5 / math.sqrt(4000)


@pytest.mark.parametrize(
    ("make", "defaults"),
    [
        (moons, {"noise": 0.1}),
        (spirals, {"classes": 2, "turns": 1.0, "noise": 0.02}),
        (xor, {"noise": 0.2}),
        (blobs, {"classes": 3, "features": 2, "spread": 1.0, "distance": 4.0}),
        (regression_curve, {"curve": "sine", "noise": 0.1}),
    ],
)
def test_defaults_are_as_documented(make, defaults):
    for a, b in zip(make(20, rng()), make(20, rng(), **defaults), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("make", "classes"), SETS.values(), ids=SETS)
def test_rows_are_shuffled(make, classes):
    X, y = make(600, rng(2), noise=0)
    assert abs(np.mean(y[1:] == y[:-1]) - 1 / classes) < 0.1
    steps = np.linalg.norm(np.diff(X, axis=0), axis=1)
    assert np.median(steps) > 0.3  # neighbours in order would be 0.01 apart


def test_moons_lie_evenly_on_their_half_circles():
    X, y = moons(41, rng(), noise=0)
    for label, size, centre, sign in ((0, 21, (0, 0), 1), (1, 20, (1, 0.5), -1)):
        x, up = (sign * (X[y == label] - centre)).T
        np.testing.assert_allclose(np.hypot(x, up), 1, rtol=1e-14)
        np.testing.assert_allclose(np.sort(np.arctan2(up, x)), np.linspace(0, np.pi, size), atol=1e-14)


def test_scikit_learn_makes_the_same_moons():
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is not installed")
    wanted, labels = datasets.make_moons(30, shuffle=False)
    X, y = moons(30, rng(), noise=0)
    X, y = np.round(X, 9) + 0.0, y  # so that ties are sorted alike
    wanted = np.round(wanted, 9) + 0.0
    for label in (0, 1):
        a, b = X[y == label], wanted[labels == label]
        np.testing.assert_allclose(a[np.lexsort(a.T)], b[np.lexsort(b.T)], atol=1e-8)


def test_arms_of_spirals_are_rotations_of_one_another():
    X, y = spirals(90, rng(), classes=3, turns=1.5, noise=0)
    z = X[:, 0] + 1j * X[:, 1]
    for label in range(3):
        arm = z[y == label]
        r = np.sort(np.abs(arm))
        np.testing.assert_allclose(r, np.arange(1, 31) / 30, rtol=1e-14)
        turned = arm * np.exp(-2j * np.pi * (1.5 * np.abs(arm) + label / 3))
        np.testing.assert_allclose(turned, np.abs(arm), atol=1e-14)


def test_spirals_of_no_turns_are_rays_and_negative_turns_mirror_them():
    X, y = spirals(40, rng(), classes=4, turns=0, noise=0)
    np.testing.assert_allclose(np.mod(np.arctan2(X[:, 1], X[:, 0]), 2 * np.pi), y * np.pi / 2, atol=1e-9)
    left, _ = spirals(40, rng(), turns=2, noise=0)
    right, _ = spirals(40, rng(), turns=-2, noise=0)
    np.testing.assert_allclose(right, left * [1, -1], atol=1e-14)


def test_xor_is_the_exclusive_or_of_the_signs_on_four_equal_corners():
    X, y = xor(40, rng(), noise=0)
    corners, sizes = np.unique(X, axis=0, return_counts=True)
    assert corners.tolist() == [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    assert sizes.tolist() == [10] * 4
    np.testing.assert_array_equal(y, (X[:, 0] > 0) ^ (X[:, 1] > 0))


def test_no_line_separates_xor_or_moons():
    for make in (moons, xor):
        X, y = make(200, rng(), noise=0)
        angles = np.linspace(0, np.pi, 181)
        for direction in np.stack([np.cos(angles), np.sin(angles)], axis=1):
            order = np.sort((X @ direction)[y == 0]), np.sort((X @ direction)[y == 1])
            assert order[0][0] <= order[1][-1]
            assert order[1][0] <= order[0][-1]


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("features", [1, 2, 5])
def test_neighbouring_blobs_are_exactly_the_distance_apart_around_zero(classes, features):
    X, y = blobs(4 * classes, rng(), classes, features, spread=0, distance=3.0)
    assert X.shape == (4 * classes, features)
    centres = np.stack([X[y == k][0] for k in range(classes)])
    np.testing.assert_array_equal(X, centres[y])
    np.testing.assert_allclose(np.linalg.norm(np.diff(centres, axis=0), axis=1), 3, rtol=1e-13)
    np.testing.assert_allclose(centres.mean(axis=0), 0, atol=1e-14)
    apart = np.linalg.norm(centres[:, None] - centres, axis=2)[np.triu_indices(classes, 1)]
    assert apart.min() > 3 - 1e-12


def test_blobs_have_the_stated_spread_and_the_stated_best_error():
    X, y = blobs(40_000, rng(1), classes=2, spread=1.5, distance=3.0)
    wrong = np.mean((X[:, 0] < 0) != y)
    best = math.erfc(3 / (2 * 1.5) / math.sqrt(2)) / 2
    assert abs(wrong - best) < 5 * math.sqrt(best * (1 - best) / 40_000)
    np.testing.assert_allclose(X[y == 1].std(axis=0), 1.5, rtol=5 / math.sqrt(40_000))


def test_one_blob_is_at_zero_and_so_are_blobs_no_distance_apart():
    np.testing.assert_array_equal(blobs(3, rng(), classes=1, spread=0)[0], 0)
    np.testing.assert_array_equal(blobs(3, rng(), spread=0, distance=0)[0], 0)


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_without_noise_is_its_function_over_its_domain(name):
    row = CURVES[name]
    assert isinstance(row, Curve)
    X, y = regression_curve(500, rng(1), curve=name, noise=0)
    assert X.shape == y.shape == (500, 1)
    assert X.dtype == y.dtype == np.float64
    np.testing.assert_array_equal(y, row.f(X))
    width = row.high - row.low
    assert row.low <= X.min() < row.low + 0.03 * width
    assert row.high - 0.03 * width < X.max() <= row.high
    assert abs(X.mean() - (row.low + row.high) / 2) < 5 * width / math.sqrt(12 * 500)


def test_curves_have_their_usual_domains():
    domains = {name: (row.low, row.high) for name, row in CURVES.items()}
    one = (-1, 1)
    assert domains == {"sine": (0, 1), "cubic": one, "runge": one, "sinc": (-10, 10), "step": one}
    assert all(row.source for row in CURVES.values())


def test_curves_have_the_values_of_their_formulas():
    x = np.array([-0.5, 0.0, 0.25])
    for name, wanted in {
        "sine": [0.0, 0.0, 1.0],
        "cubic": [-0.125, 0.0, 0.015625],
        "runge": [1 / 7.25, 1.0, 1 / 2.5625],
        "sinc": [math.sin(0.5) / 0.5, 1.0, math.sin(0.25) / 0.25],
        "step": [-1.0, 1.0, 1.0],
    }.items():
        np.testing.assert_allclose(CURVES[name].f(x), wanted, atol=1e-15, err_msg=name)


def test_noise_on_a_curve_is_on_y_alone():
    X, y = regression_curve(5000, rng(4), noise=0)
    same, noisy = regression_curve(5000, rng(4), noise=0.2)
    np.testing.assert_array_equal(X, same)
    assert abs((noisy - y).std() - 0.2) < 0.2 * 5 / math.sqrt(2 * 5000)


NOISY = "noise must be 0 or more, and finite, got "


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: moons(1, r), "n must be a whole number, at least 2, got 1"),
        (lambda r: moons(10.0, r), "n must be a whole number, at least 2, got 10.0"),
        (lambda r: moons(10, r, noise=-0.1), NOISY + "-0.1"),
        (lambda r: spirals(2, r, classes=3), "n must be a whole number, at least 3, got 2"),
        (lambda r: spirals(9, r, classes=1), "classes must be a whole number, at least 2, got 1"),
        (lambda r: spirals(9, r, turns=math.inf), "turns must be finite, got inf"),
        (lambda r: spirals(9, r, noise=math.nan), NOISY + "nan"),
        (lambda r: xor(3, r), "n must be a whole number, at least 4, got 3"),
        (lambda r: xor(8, r, noise=math.inf), NOISY + "inf"),
        (lambda r: blobs(2, r), "n must be a whole number, at least 3, got 2"),
        (lambda r: blobs(9, r, classes=0), "classes must be a whole number, at least 1, got 0"),
        (lambda r: blobs(9, r, features=0), "features must be a whole number, at least 1, got 0"),
        (lambda r: blobs(9, r, spread=-1), "spread must be 0 or more, and finite, got -1"),
        (lambda r: blobs(9, r, distance=math.inf), "distance must be 0 or more, and finite, got inf"),
        (lambda r: blobs(9, r, distance=-1), "distance must be 0 or more, and finite, got -1"),
        (lambda r: regression_curve(0, r), "n must be a whole number, at least 1, got 0"),
        (lambda r: regression_curve(5, r, noise=-1), NOISY + "-1"),
        (lambda r: regression_curve(5, r, curve="cosine"), "curve must be one of sine, .*, got 'cosine'"),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(rng())
