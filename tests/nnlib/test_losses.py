"""Losses against hand-worked values, mpmath, the complex step, central differences, and PyTorch's numbers."""

from math import inf, log, nan

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import losses
from nnlib.activations import softmax
from nnlib.gradcheck import central_difference, relative_error
from nnlib.losses import LOSSES, find_loss, logsumexp, logsumexp_grad

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=50)
# Each case: the row of the table, its settings, and whether its targets are rows of probabilities.
CASES = {
    "mse": ("mse", {}, False),
    "mae": ("mae", {}, False),
    "huber": ("huber", {}, False),
    "huber delta=0.3": ("huber", {"delta": 0.3}, False),
    "bce_with_logits": ("bce_with_logits", {}, False),
    "cross_entropy": ("cross_entropy", {}, False),
    "cross_entropy label_smoothing=0.1": ("cross_entropy", {"label_smoothing": 0.1}, False),
    "cross_entropy of rows": ("cross_entropy", {}, True),
    "cross_entropy of rows label_smoothing=0.3": ("cross_entropy", {"label_smoothing": 0.3}, True),
    "hinge": ("hinge", {}, False),
    "hinge margin=0.5": ("hinge", {"margin": 0.5}, False),
}
SHAPES = [(1, 3), (7, 5), (5, 2), (3, 1), (12, 7)]
# A few roundings of 1e-16 or 6e-8 in each of two programs, some of them of exponents near 10.
TOLERANCE = {"float64": 1e-12, "float32": 2e-6}


def draw(case, shape=(7, 5), seed=0, scale=3.0, dtype="float64"):
    """An output and a target that fit the loss."""
    name, _, rows = CASES[case]
    rng = np.random.default_rng([seed, *shape])
    output = rng.normal(scale=scale, size=shape).astype(dtype)
    if rows:
        return output, rng.dirichlet(np.ones(shape[1]), size=shape[0]).astype(dtype)
    if name in ("cross_entropy", "hinge"):
        return output, rng.integers(0, shape[1], size=shape[0])
    if name == "bce_with_logits":
        return output, np.where(rng.random(shape) < 0.7, rng.integers(0, 2, shape), rng.random(shape)).astype(
            dtype
        )
    return output, rng.normal(scale=scale, size=shape).astype(dtype)


def all_three(case, output, target):
    """Value and gradient, first from the two single functions, then from the joint one."""
    name, parameters, _ = CASES[case]
    row = LOSSES[name]
    yield row.f(output, target, **parameters), row.grad(output, target, **parameters)
    yield row.f_and_grad(output, target, **parameters)


def one_hot(y, K):
    return np.eye(K)[y]


# The definitions, entry by entry, of complex outputs too: mpmath takes what Python's operators take.
def _textbook_cross_entropy(z, target, label_smoothing=0.0, exp=np.exp, log=np.log):
    N, K = z.shape
    t = one_hot(target, K) if target.ndim == 1 else target
    total = 0
    for n in range(N):
        partition = sum(exp(z[n, k]) for k in range(K))
        for k in range(K):
            q = (1 - label_smoothing) * t[n, k] + label_smoothing / K
            total = total - q * log(exp(z[n, k]) / partition) if q else total
    return total / N


def _textbook_bce(z, t, exp=np.exp, log=np.log):
    parts = [
        t * log(1 / (1 + exp(-z))) + (1 - t) * log(1 / (1 + exp(z)))
        for z, t in zip(z.ravel(), t.ravel(), strict=True)
    ]
    return -sum(parts) / len(parts)


ANALYTIC = {
    "mse": lambda y, t: ((y - t) ** 2).sum() / (2 * y.size),
    "bce_with_logits": _textbook_bce,
    "cross_entropy": _textbook_cross_entropy,
}


def complex_gradient(f, x, h=1e-30):
    """∂f/∂x entry by entry, for one analytic f of all entries."""
    gradient = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        bumped = x.astype(complex)
        bumped[i] += 1j * h
        gradient[i] = f(bumped).imag / h
    return gradient


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (logsumexp([0, log(3)]), 1.386294),  # log 4
        (logsumexp([[0, 0], [0, log(3)]], axis=0)[1], 1.386294),
        (losses.mse([[1, 2], [3, 4]], [[1, 0], [0, 4]]), 1.625),  # (0 + 4 + 9 + 0) / (2 · 4)
        (losses.mse(3, 1), 2),
        (losses.mse_grad([1, 2], [1, 0])[1], 1),
        (losses.mae([1, 2, 3, 0], [1, 0, 4, 3]), 1.5),  # (0 + 2 + 1 + 3) / 4
        (losses.huber([0.5, 3], [0, 0]), 1.3125),  # (½·¼ + (3 − ½)) / 2
        (losses.huber([0.5, -3], [0, 0], delta=2), 2.0625),  # (½·¼ + 2·(3 − 1)) / 2
        (losses.huber_grad([0.5, -3], [0, 0], delta=2)[1], -1),
        (losses.bce_with_logits([0], [0.3]), 0.693147),
        (losses.bce_with_logits([2], [1]), 0.126928),  # log(1 + e⁻²)
        (losses.bce_with_logits([2], [0]), 2.126928),
        (losses.bce_with_logits_grad([2], [1])[0], -0.119203),  # σ(2) − 1
        (losses.cross_entropy([[0, log(3)]], [0]), 1.386294),  # −log ¼
        (losses.cross_entropy([[0, log(3)]], [1]), 0.287682),  # −log ¾
        (
            losses.cross_entropy([[0, log(3)]], [0], label_smoothing=0.2),
            1.276433,
        ),  # 0.9·1.386294 + 0.1·0.287682
        (
            losses.cross_entropy([[0, log(3)], [0, 0]], [[0.5, 0.5], [0, 1]]),
            0.765068,
        ),  # (0.836988 + 0.693147) / 2
        (losses.cross_entropy_grad([[0, log(3)], [0, 0]], [0, 1])[0, 1], 0.375),
        (losses.cross_entropy_grad([[0, log(3)]], [0], label_smoothing=0.2)[0, 0], -0.65),  # 0.25 − 0.9
        (losses.hinge([[3, 2.5, 1], [0, 2, 1]], [0, 2]), 1.25),  # (0.5 + 0 + 0 + 2) / 2
        (losses.hinge([[3, 2.5, 1]], [0], margin=3), 3.5),  # 2.5 + 1
        (losses.hinge_grad([[3, 2.5, 1]], [0], margin=3)[0, 0], -2),
    ],
)
def test_values_worked_by_hand(got, want):
    np.testing.assert_allclose(got, want, rtol=0, atol=5.1e-7)


@pytest.mark.parametrize("shape", SHAPES[:4])
@pytest.mark.parametrize("case", [case for case in CASES if CASES[case][0] in ANALYTIC])
def test_value_and_gradient_are_those_of_the_textbook_formula(case, shape):
    name, parameters, _ = CASES[case]
    output, target = draw(case, shape)
    value = ANALYTIC[name](output, target, **parameters)
    gradient = complex_gradient(lambda x: ANALYTIC[name](x, target, **parameters), output)
    for got in all_three(case, output, target):
        np.testing.assert_allclose(got[0], value, rtol=1e-13, atol=1e-15)
        # For K = 1 the gradient is 0, and the complex step leaves a rounding of it.
        assert np.abs(got[1]).max() < 1e-15 or relative_error(got[1], gradient) < 1e-13


@pytest.mark.parametrize("case", CASES)
def test_gradient_is_the_central_difference_away_from_kinks(case):
    name, parameters, _ = CASES[case]
    output, target = draw(case, (6, 4), seed=5)
    numeric = central_difference(lambda x: LOSSES[name].f(x, target, **parameters), output)
    for _, gradient in all_three(case, output, target):
        assert relative_error(gradient, numeric) < 1e-8


@pytest.mark.parametrize("place", ["usual", "one", "large"])
@pytest.mark.parametrize("case", CASES)
def test_pytorch_agrees(case, place, golden):
    kept = {
        name.rpartition("/")[2]: a
        for name, a in golden("losses").items()
        if name.startswith(f"{case}/{place}/")
    }
    for value, gradient in all_three(case, kept["output"], kept["target"]):
        assert relative_error(value, kept["value"]) <= 1e-12
        assert relative_error(gradient, kept["gradient"]) <= 1e-12


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_pytorch_agrees_on_logsumexp(axis, golden):
    golden = golden("losses")
    z = golden["logsumexp/z"]
    assert relative_error(logsumexp(z, axis), golden[f"logsumexp/{axis}/value"]) <= 1e-14
    assert relative_error(logsumexp_grad(z, axis), golden[f"logsumexp/{axis}/gradient"]) <= 1e-12


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("case", CASES)
def test_pytorch_agrees_live(case, dtype, pytorch):
    name, parameters, _ = CASES[case]
    for shape, scale in [((1, 7), 3), ((9, 4), 0.1), ((64, 10), 3), ((12, 5), 100)]:
        output, target = draw(case, shape, seed=11, scale=scale, dtype=dtype)
        # PyTorch in float64 at the same points; it wants the target in float64 too where that is no class.
        wide = target.astype(np.float64) if target.ndim == 2 else target
        value, gradient = pytorch("losses").loss(name, output.astype(np.float64), wide, parameters)
        for got in all_three(case, output, target):
            assert relative_error(got[0], value) <= TOLERANCE[dtype]
            assert relative_error(got[1], gradient) <= TOLERANCE[dtype]


@pytest.mark.oracle
def test_pytorch_has_the_conventions_that_the_docstrings_state(pytorch):
    F = pytorch("losses").F
    y, t = np.array([[0.2, -3.0], [4.0, 1.0]]), np.array([[0.0, 0.5], [4.0, -1.0]])
    tensors = pytorch("losses").torch.tensor(np.stack([y, t]))
    assert losses.mse(y, t) == pytest.approx(F.mse_loss(*tensors).item() / 2, rel=1e-14)
    assert losses.huber(y, t, 0.7) == pytest.approx(
        0.7 * F.smooth_l1_loss(*tensors, beta=0.7).item(), rel=1e-14
    )
    for name, output, target in [("mae", y, y), ("hinge", np.array([[2.0, 1.0, 0.0]]), np.array([0]))]:
        _, gradient = pytorch("losses").loss(name, output, target, {})
        np.testing.assert_array_equal(LOSSES[name].grad(output, target), gradient)  # at a kink


def test_kinks_have_the_stated_gradients():
    np.testing.assert_array_equal(losses.mae_grad([2.0, -1.0, 0.0], [2.0, -1.0, -0.0]), [0, 0, 0])
    # Scores 2, 1, 1: both wrong classes stand exactly at the margin.
    np.testing.assert_array_equal(losses.hinge_grad([[2.0, 1.0, 1.0]], [0]), [[0, 0, 0]])
    np.testing.assert_array_equal(losses.hinge_grad([[2.0, 1.0, 1.0 + 1e-9]], [0]), [[-1, 0, 1]])
    np.testing.assert_array_equal(losses.huber_grad([1.0, -1.0, 0.0], [0.0] * 3) * 3, [1, -1, 0])


@pytest.mark.parametrize("case", [case for case in CASES if "cross" in case])
@pytest.mark.parametrize("K", [2, 5])
@pytest.mark.parametrize("gap", [1e-8, 1, 20, 40, 300, 700])
def test_cross_entropy_keeps_its_digits_however_sure_the_prediction(case, K, gap):
    _, parameters, rows = CASES[case]
    z = np.zeros((1, K)) - 0.25 * np.arange(K)
    z[0, 0] = gap
    for y in (0, K - 1):
        target = one_hot([y], K) if rows else np.array([y])
        with mpmath.workdps(400):
            exact = np.array([[mpmath.mpf(x) for x in z[0]]], dtype=object)
            value = float(
                _textbook_cross_entropy(exact, target, **parameters, exp=mpmath.exp, log=mpmath.log)
            )
            e = [mpmath.exp(x) for x in exact[0]]
            alpha = mpmath.mpf(parameters.get("label_smoothing", 0.0))
            wanted = [float(e[k] / sum(e) - (1 - alpha) * (k == y) - alpha / K) for k in range(K)]
        for got in all_three(case, z, target):
            np.testing.assert_allclose(got[0], value, rtol=2e-13)
            # With smoothing, q itself is rounded to 1e-16.
            np.testing.assert_allclose(got[1][0], wanted, rtol=2e-13, atol=3e-16 if parameters else 0)


@pytest.mark.parametrize("z", [-700, -300, -40, -20, -1, -1e-8, 1e-8, 1, 20, 40, 300, 700])
@pytest.mark.parametrize("t", [0, 1])
def test_bce_keeps_its_digits_however_sure_the_prediction(z, t):
    with mpmath.workdps(400):
        exact = mpmath.mpf(z)
        value = float(mpmath.log1p(mpmath.exp(exact if t == 0 else -exact)))
        gradient = float(1 / (1 + mpmath.exp(-exact)) - t)
    for got in all_three("bce_with_logits", np.array([float(z)]), np.array([t])):
        np.testing.assert_allclose(got[0], value, rtol=1e-15)
        np.testing.assert_allclose(got[1][0], gradient, rtol=1e-15)


@pytest.mark.parametrize("case", ["cross_entropy", "bce_with_logits"])
def test_a_sure_and_right_float32_prediction_still_has_a_loss_and_a_gradient(case):
    z = np.array([[25.0, 0.0]], np.float32)
    target = np.array([0]) if case == "cross_entropy" else np.array([[1, 0.5]])
    for value, gradient in all_three(case, z, target):
        assert value > 5e-12
        assert -5e-12 > gradient[0, 0] > -2e-11  # −exp(−25), over 1 or 2 entries


@pytest.mark.parametrize("gap", [0, 1e-10, 0.3, 30, 40, 300, 700])
def test_logsumexp_keeps_its_digits_near_zero(gap):
    z = np.array([[0.0, -gap], [-gap, -gap], [-gap, 0.0]])
    with mpmath.workdps(400):
        wanted = [float(mpmath.log(sum(mpmath.exp(mpmath.mpf(x)) for x in row))) for row in z]
    np.testing.assert_allclose(logsumexp(z), wanted, rtol=1e-14)


def test_logsumexp_takes_what_scipy_takes():
    with np.errstate(all="raise"):
        rows = [
            [1e4, 1e4],
            [-1e4, -1e4],
            [1e4, -1e4],
            [inf, 1e4],
            [-inf, 3],
            [-inf, -inf],
            [inf, -inf],
            [inf, inf],
        ]
        np.testing.assert_allclose(
            logsumexp(rows), [1e4 + log(2), log(2) - 1e4, 1e4, inf, 3, -inf, inf, inf], rtol=1e-15
        )
        assert np.isnan(logsumexp([[nan, 1.0], [inf, nan]])).all()
        assert logsumexp(7.5) == 7.5
        np.testing.assert_array_equal(logsumexp(np.ones((2, 0))), [-inf, -inf])
        z = np.random.default_rng(1).normal(size=(2, 3, 4))
        np.testing.assert_allclose(logsumexp(z, None), np.log(np.exp(z).sum()), rtol=1e-14)
        np.testing.assert_allclose(logsumexp(z, (0, 2)), np.log(np.exp(z).sum(axis=(0, 2))), rtol=1e-14)
        limit = np.finfo(np.float64).max
        assert logsumexp([limit, -limit]) == limit


@SETTINGS
@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3), elements=st.floats(-1e4, 1e4)),
    st.floats(-1e3, 1e3),
)
def test_logsumexp_is_a_smooth_maximum(z, shift):
    before = z.copy()
    with np.errstate(all="raise"):
        value = logsumexp(z)
    np.testing.assert_array_equal(z, before)
    assert value.shape == z.shape[:-1]
    largest = z.max(axis=-1)
    assert (value >= largest).all()
    assert (value <= largest + log(z.shape[-1]) + 1e-11).all()
    np.testing.assert_allclose(logsumexp(z + shift), value + shift, rtol=0, atol=1e-11)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_logsumexp_grad_is_its_derivative(axis):
    rng = np.random.default_rng(2)
    z = rng.normal(scale=2, size=(3, 4, 5))
    upstream = rng.normal(size=logsumexp(z, axis).shape)
    gradient = np.expand_dims(upstream, axis) * logsumexp_grad(z, axis)
    numeric = complex_gradient(lambda z: (upstream * np.log(np.exp(z).sum(axis=axis))).sum(), z)
    assert relative_error(gradient, numeric) < 1e-14


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logsumexp_keeps_dtype(dtype):
    for z in (np.ones((2, 3), dtype), dtype(3), np.ones(4, dtype)):
        assert logsumexp(z).dtype == logsumexp_grad(z).dtype == dtype
    assert logsumexp([1, 2]).dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("case", CASES)
def test_types_shapes_and_arguments_are_kept(case, shape, dtype):
    output, target = draw(case, shape, dtype=dtype)
    before = output.copy(), target.copy()
    wide = target.astype(np.float64) if target.dtype.kind == "f" else target.astype(np.uint8)
    for given_target in (target, wide, target.tolist()):
        for value, gradient in all_three(case, output, given_target):
            assert type(value) is float
            assert value >= 0
            assert gradient.dtype == dtype
            assert gradient.shape == shape
            assert not np.shares_memory(gradient, output)
            assert not np.shares_memory(gradient, target)
            gradient += 1  # it is the caller's own
    np.testing.assert_array_equal(output, before[0])
    np.testing.assert_array_equal(target, before[1])


@pytest.mark.parametrize("case", CASES)
def test_both_at_once_are_the_two_apart_in_any_memory_order(case):
    output, target = draw(case, (33, 6))
    (value, gradient), joint = all_three(case, output, target)
    for again in (joint, *all_three(case, np.asfortranarray(output), target)):
        assert again[0] == pytest.approx(value, rel=1e-14)
        np.testing.assert_allclose(again[1], gradient, rtol=1e-13, atol=1e-17)


@pytest.mark.parametrize("case", CASES)
def test_the_mean_of_a_doubled_batch_is_the_same_and_its_gradient_half(case):
    output, target = draw(case, (6, 4))
    for once, twice in zip(
        all_three(case, output, target),
        all_three(case, np.tile(output, (2, 1)), np.concatenate([target, target])),
        strict=True,
    ):
        assert twice[0] == pytest.approx(once[0], rel=1e-14)
        np.testing.assert_allclose(twice[1], np.tile(once[1], (2, 1)) / 2, rtol=1e-14)


@pytest.mark.parametrize("case", CASES)
@settings(SETTINGS, max_examples=20)
@given(data=st.data())
def test_finite_arguments_neither_warn_nor_give_nan(case, data):
    dtype = data.draw(st.sampled_from(["float32", "float64"]))
    limit = float(np.finfo(dtype).max) if data.draw(st.booleans()) else 1e4
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    elements = st.floats(-limit, limit, width=32 if dtype == "float32" else 64)
    output = data.draw(hnp.arrays(dtype, shape, elements=elements))
    _, target = draw(case, shape, seed=data.draw(st.integers(0, 9)), dtype=dtype)
    with np.errstate(all="raise"):
        for value, gradient in all_three(case, output, target):
            assert value >= 0
            assert np.isfinite(value) or limit > 1e4
            assert not np.isnan(gradient).any()


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("case", CASES)
def test_what_diverged_shows_in_the_loss_and_warns_nowhere(case, bad):
    output, target = draw(case)
    output[2] = bad
    with np.errstate(all="raise"):
        for value, _ in all_three(case, output, target):
            assert not np.isfinite(value)


def test_a_masked_class_adds_nothing_and_the_true_one_infinitely_much():
    z = np.array([[0.0, -inf, 0.0]])
    for target in (np.array([0]), np.array([[1, 0, 0]]), np.array([[0.5, 0, 0.5]])):
        for value, gradient in all_three("cross_entropy", z, target):
            assert value == pytest.approx(log(2), rel=1e-15)
            assert gradient[0, 1] == 0
    for value, gradient in all_three("cross_entropy", z, np.array([1])):
        assert value == inf
        np.testing.assert_array_equal(gradient, [[0.5, -1, 0.5]])


def test_a_perfect_prediction_costs_nothing():
    z = np.array([[1e4, -1e4, 0.0]])
    for case, output, target in [
        ("cross_entropy", z, np.array([0])),
        ("cross_entropy of rows", z, np.array([[1, 0, 0]])),
        ("hinge", z, np.array([0])),
        ("bce_with_logits", z[:, :2], np.array([[1, 0]])),
        ("mse", z, z),
        ("mae", z, z),
        ("huber", z, z),
    ]:
        for value, gradient in all_three(case, output, target):
            assert str(value) == "0.0"  # and not -0.0
            assert not gradient.any()
            assert not np.signbit(gradient).any()


@SETTINGS
@given(st.data())
def test_cross_entropy_in_its_properties(data):
    N, K = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    z = data.draw(hnp.arrays(np.float64, (N, K), elements=st.floats(-50, 50)))
    y = data.draw(hnp.arrays(np.int64, N, elements=st.integers(0, K - 1)))
    smoothing = data.draw(st.sampled_from([0.0, 0.1, 0.9]))
    value, gradient = losses.cross_entropy_and_grad(z, y, smoothing)
    rows = losses.cross_entropy_and_grad(z, one_hot(y, K), smoothing)
    assert rows[0] == pytest.approx(value, rel=1e-12, abs=1e-300)
    np.testing.assert_allclose(rows[1], gradient, rtol=1e-12, atol=3e-16)
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=3e-16)
    q = (1 - smoothing) * one_hot(y, K) + smoothing / K
    np.testing.assert_allclose(gradient, (softmax(z) - q) / N, rtol=0, atol=5e-16)
    shifted = losses.cross_entropy(z + 7.5, y, smoothing)  # rounds z by 7e-15
    assert shifted == pytest.approx(value, rel=1e-12, abs=2e-14)


def test_equal_logits_cost_log_k():
    for K in (1, 2, 9):
        assert losses.cross_entropy(np.full((4, K), -3.5), [0] * 4) == pytest.approx(log(K), rel=1e-15)


def test_bce_is_the_cross_entropy_of_two_classes():
    rng = np.random.default_rng(6)
    z, y = rng.normal(scale=5, size=30), rng.integers(0, 2, size=30)
    pairs = np.stack([np.zeros(30), z], axis=1)
    assert losses.bce_with_logits(z, y) == pytest.approx(losses.cross_entropy(pairs, y), rel=1e-14)
    np.testing.assert_allclose(
        losses.bce_with_logits_grad(z, y), losses.cross_entropy_grad(pairs, y)[:, 1], rtol=1e-12
    )


def test_the_hinge_of_two_classes_is_the_binary_hinge():
    rng = np.random.default_rng(7)
    scores, y = rng.normal(size=(30, 2)), rng.integers(0, 2, size=30)
    sign, difference = 2 * y - 1, scores[:, 1] - scores[:, 0]
    wanted = np.maximum(0, 0.8 - sign * difference).mean()
    assert losses.hinge(scores, y, margin=0.8) == pytest.approx(wanted, rel=1e-14)


def test_huber_becomes_the_squared_or_the_absolute_error_where_delta_is_huge_or_tiny():
    y, t = draw("huber", (8, 3))
    np.testing.assert_allclose(losses.huber(y, t, delta=1e3), losses.mse(y, t), rtol=1e-14)
    np.testing.assert_allclose(losses.huber(y, t, delta=1e-9) / 1e-9, losses.mae(y, t), rtol=1e-8)
    np.testing.assert_array_equal(losses.huber_grad(y, t, delta=1e3), losses.mse_grad(y, t))


@pytest.mark.parametrize("case", ["mse", "mae", "huber", "bce_with_logits"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4)])
def test_losses_of_single_entries_take_any_shape(case, shape):
    output, target = np.full(shape, 2.0), np.ones(shape)
    for value, gradient in all_three(case, output, target):
        assert type(value) is float
        assert np.shape(gradient) == shape


def test_a_numpy_setting_does_not_widen_float32():
    for case, setting in {"huber": "delta", "cross_entropy": "label_smoothing", "hinge": "margin"}.items():
        row, (output, target) = LOSSES[case], draw(case, dtype="float32")
        assert row.grad(output, target, **{setting: np.float64(0.5)}).dtype == np.float32
        assert row.f_and_grad(output, target, **{setting: np.float64(0.5)})[1].dtype == np.float32


def test_each_row_of_the_table_holds_the_functions_of_its_name():
    for name, row in LOSSES.items():
        assert [f.__name__ for f in row] == [name, f"{name}_grad", f"{name}_and_grad"]


Z = np.zeros((4, 3))
WRONG = [
    (
        "mse",
        np.ones((4, 1)),
        np.ones(4),
        {},
        r"target must have the shape of prediction, \(4, 1\), got \(4,\)",
    ),
    ("mae", np.ones(0), np.ones(0), {}, r"prediction must not be empty, got shape \(0,\)"),
    ("huber", Z, Z, {"delta": 0}, "delta must be positive and finite, got 0"),
    ("huber", Z, Z, {"delta": inf}, "delta must be positive and finite, got inf"),
    ("bce_with_logits", Z, Z[0], {}, r"target must have the shape of z, \(4, 3\), got \(3,\)"),
    ("bce_with_logits", Z, Z - 1, {}, r"target must be in \[0, 1\], got -1.0"),
    (
        "bce_with_logits",
        Z,
        np.linspace(0, 2.75, 12).reshape(4, 3),
        {},
        r"target must be in \[0, 1\], got 1.25",
    ),
    ("bce_with_logits", Z, Z + 1.01, {}, r"target must be in \[0, 1\], got 1.01"),
    ("bce_with_logits", Z, Z + nan, {}, r"target must be in \[0, 1\], got nan"),
    ("cross_entropy", Z[0], [0], {}, r"z must have shape \(N, K\), N and K at least 1, got \(3,\)"),
    ("cross_entropy", Z[:0], [], {}, r"z must have shape \(N, K\), N and K at least 1, got \(0, 3\)"),
    ("cross_entropy", Z, [0, 1, 2, 3], {}, r"target must hold classes in \[0, 3\), got 3"),
    ("cross_entropy", Z, [0, -1, 2, 3], {}, r"target must hold classes in \[0, 3\), got -1"),
    (
        "cross_entropy",
        Z,
        [0, 1, 5, -4],
        {"label_smoothing": 0.1},
        r"target must hold classes in \[0, 3\), got 5",
    ),
    (
        "cross_entropy",
        Z,
        [0, 1, 2],
        {},
        r"target must have shape \(4,\), one class for each example, got \(3,\)",
    ),
    ("cross_entropy", Z, [0], {}, r"target must have shape \(4,\), one class for each example, got \(1,\)"),
    (
        "cross_entropy",
        Z,
        np.zeros((4, 1), int),
        {},
        r"target must have shape \(4,\) or \(4, 3\), got \(4, 1\)",
    ),
    ("cross_entropy", Z, 0, {}, r"target must have shape \(4,\) or \(4, 3\), got \(\)"),
    ("cross_entropy", Z, Z, {}, r"target must have rows that sum to 1, got 0.0 in row 0"),
    ("cross_entropy", Z, np.eye(4, 3), {}, r"target must have rows that sum to 1, got 0.0 in row 3"),
    ("cross_entropy", Z, Z + np.array([2, -1, 0]), {}, "target must hold probabilities, got -1.0"),
    ("cross_entropy", Z, Z + nan, {}, "target must hold probabilities, got nan"),
    ("cross_entropy", Z, [0] * 4, {"label_smoothing": 1}, r"label_smoothing must be in \[0, 1\), got 1"),
    (
        "cross_entropy",
        Z,
        [0] * 4,
        {"label_smoothing": -0.1},
        r"label_smoothing must be in \[0, 1\), got -0.1",
    ),
    ("cross_entropy", Z, [0] * 4, {"label_smoothing": nan}, r"label_smoothing must be in \[0, 1\), got nan"),
    ("hinge", Z[0], [0], {}, r"scores must have shape \(N, K\), N and K at least 1, got \(3,\)"),
    ("hinge", Z, [0, 1, 2, 3], {}, r"target must hold classes in \[0, 3\), got 3"),
    ("hinge", Z, Z, {}, r"target must have shape \(4,\), one class for each example, got \(4, 3\)"),
    ("hinge", Z, [0] * 4, {"margin": 0}, "margin must be positive and finite, got 0"),
    ("hinge", Z, [0] * 4, {"margin": inf}, "margin must be positive and finite, got inf"),
]


@pytest.mark.parametrize(("name", "output", "target", "parameters", "message"), WRONG)
def test_wrong_arguments_are_named(name, output, target, parameters, message):
    for f in LOSSES[name]:
        with pytest.raises(ValueError, match=message):
            f(output, target, **parameters)


@pytest.mark.parametrize(
    ("name", "output", "target", "message"),
    [
        ("cross_entropy", Z, [0.0] * 4, "target must hold classes as integers, got dtype float64"),
        ("cross_entropy", Z, [True] * 4, "target must hold classes as integers, got dtype bool"),
        ("hinge", Z, [0.0] * 4, "target must hold classes as integers, got dtype float64"),
        ("mse", Z + 1j, Z, "prediction must hold real numbers, got dtype complex128"),
        ("mae", Z, Z + 1j, "target must hold real numbers, got dtype complex128"),
        ("bce_with_logits", Z + 1j, Z, "z must hold real numbers, got dtype complex128"),
    ],
)
def test_wrong_kinds_of_numbers_are_named(name, output, target, message):
    for f in LOSSES[name]:
        with pytest.raises(TypeError, match=message):
            f(output, target)


def test_targets_rounded_to_float16_are_still_probabilities():
    t = np.random.default_rng(8).dirichlet(np.ones(50), size=6).astype(np.float16)
    assert losses.cross_entropy(np.zeros((6, 50)), t) == pytest.approx(log(50), rel=1e-3)


def test_a_loss_is_found_by_its_name_or_is_one_already():
    assert find_loss("hinge") is LOSSES["hinge"]
    assert find_loss(LOSSES["mse"]) is LOSSES["mse"]
    with pytest.raises(ValueError, match=r"loss must be one of mse, .*, hinge, got 'crossentropy'"):
        find_loss("crossentropy")
