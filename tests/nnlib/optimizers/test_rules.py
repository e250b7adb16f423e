"""Update rules against hand-worked values, the papers' equations, their own properties, and PyTorch's numbers."""

from math import inf, nan, prod, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib.gradcheck import relative_error
from nnlib.optimizers import (
    OPTIMIZERS,
    adadelta,
    adagrad,
    adam,
    adamw,
    momentum,
    nadam,
    nesterov,
    rmsprop,
    sgd,
)

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=30)
REQUIRED = {
    name: {"learning_rate": 0.1} for name in OPTIMIZERS if OPTIMIZERS[name].settings["learning_rate"] is None
}
ROWS = [pytest.param(name, rule, id=name) for name, rule in OPTIMIZERS.items()]
KEYS = [
    "sgd learning_rate=0.1",
    "sgd learning_rate=0.1 weight_decay=0.3",
    "momentum learning_rate=0.1 mu=0.9",
    "momentum learning_rate=0.05 mu=0.6 weight_decay=0.3",
    "nesterov learning_rate=0.1 mu=0.9",
    "nesterov learning_rate=0.05 mu=0.6 weight_decay=0.3",
    "adagrad",
    "adagrad learning_rate=0.2 epsilon=0.05 weight_decay=0.3",
    "rmsprop",
    "rmsprop learning_rate=0.2 rho=0.7 epsilon=0.05 weight_decay=0.3",
    "adadelta",
    "adadelta learning_rate=0.5 rho=0.7 epsilon=0.05 weight_decay=0.3",
    "adam",
    "adam learning_rate=0.2 beta1=0.6 beta2=0.8 epsilon=0.05 weight_decay=0.3",
    "adam beta1=0 beta2=0",
    "adamw",
    "adamw learning_rate=0.2 beta1=0.6 beta2=0.8 epsilon=0.05 weight_decay=0.3",
    "nadam",
    "nadam learning_rate=0.2 beta1=0.6 beta2=0.8 epsilon=0.05 weight_decay=0.3 momentum_decay=0.5",
]
COURSES = ["ordinary", "tiny", "huge", "mixed"]


def trajectory(key, w, gradients):
    """The parameters after each step, from the start `w` and zero state."""
    name, *words = key.split()
    chosen = {k: float(v) for k, v in (word.split("=") for word in words)}
    rule = OPTIMIZERS[name]
    slots, path = [np.zeros_like(w)] * len(rule.slots), []
    for t, g in enumerate(gradients, 1):
        w, *slots = step(rule, w, g, slots, t, **chosen)
        path.append(w)
    return np.array(path)


def step(rule, w, g, slots, t=1, **chosen):
    """One step of any rule, as a list of the parameters and the slots."""
    result = rule.step(w, g, *slots, *([t] if rule.counted else []), **chosen)
    return list(result) if rule.slots else [result]


def first(name, w, g, **chosen):
    """The parameters after the first step."""
    rule = OPTIMIZERS[name]
    zeros = np.zeros_like(w, dtype=np.result_type(w, np.float16))
    return step(rule, w, g, [zeros] * len(rule.slots), **{**REQUIRED.get(name, {}), **chosen})[0]


# From w = 1, g = 3 and a state that is not zero; λ = 0.5 makes the coupled gradient 3.5.
@pytest.mark.parametrize(
    ("got", "want"),
    [
        (sgd(1.0, 3.0, 0.1), [0.7]),
        (sgd(1.0, 3.0, 0.1, 0.5), [0.65]),
        (momentum(1.0, 3.0, 2.0, 0.1, 0.9), [0.52, 4.8]),  # v = 1.8 + 3
        (momentum(1.0, 3.0, 2.0, 0.1, 0.9, 0.5), [0.47, 5.3]),
        (nesterov(1.0, 3.0, 2.0, 0.1, 0.9), [0.268, 4.8]),  # 1 − 0.1·(3 + 4.32)
        (nesterov(1.0, 3.0, 2.0, 0.1, 0.9, 0.5), [0.173, 5.3]),  # 1 − 0.1·(3.5 + 4.77)
        (adagrad(1.0, 3.0, 16.0, 0.1, 1.0), [0.95, 25]),  # 1 − 0.3 / (5 + 1)
        (adagrad(1.0, 3.0, 3.75, 0.1, 0.5, 0.5), [0.9222222222, 16]),  # 1 − 0.35 / 4.5
        (rmsprop(1.0, 3.0, 1.0, 0.1, 0.625, 1.0), [0.9, 4]),  # s = 0.625 + 3.375
        (rmsprop(1.0, 3.0, 1.0, 0.1, 0.625, 1.0, 0.5), [0.8934375286, 5.21875]),  # √s = 2.284458
        (adadelta(1.0, 3.0, 1.0, 3.0, 0.5, 0.625, 1.0), [-0.3416407865, 4, 4.575]),  # Δ = 3·2/√5
        (adadelta(1.0, 3.0, 1.0, 3.0, 0.5, 0.625, 1.0, 0.5), [-0.4035131799, 5.21875, 4.8297738693]),
        (adam(1.0, 3.0, 2.0, 1.0, 2, 0.1, 0.5, 0.5, 1.0), [0.9069418296, 2.5, 5]),  # m̂ = 10/3, v̂ = 20/3
        (adam(1.0, 3.0, 2.0, 1.0, 2, 0.1, 0.5, 0.5, 1.0, 0.5), [0.9076892911, 2.75, 6.625]),
        (adamw(1.0, 3.0, 2.0, 1.0, 2, 0.1, 0.5, 0.5, 1.0, 0.5), [0.8569418296, 2.5, 5]),
    ],
)
def test_values_worked_by_hand(got, want):
    np.testing.assert_allclose(np.ravel(got), want, rtol=0, atol=1e-10)


@pytest.mark.parametrize("t", [1, 2, 30, 49, 50, 51, 60, 300])
@pytest.mark.parametrize("momentum_decay", [0.0, 0.004, 1.0])
def test_nadam_is_dozats_formula(t, momentum_decay):
    def mu(i):
        return 0.9 * (1 - 0.96 ** (i * momentum_decay) / 2)

    m, v = 0.9 * 2 + 0.1 * 3.5, 0.8 * 1 + 0.2 * 3.5**2
    m_hat = mu(t + 1) * m / (1 - prod(mu(i) for i in range(1, t + 2)))
    m_hat += (1 - mu(t)) * 3.5 / (1 - prod(mu(i) for i in range(1, t + 1)))
    w = 1 - 0.1 * m_hat / (sqrt(v / (1 - 0.8**t)) + 0.25)
    got = nadam(1.0, 3.0, 2.0, 1.0, t, 0.1, 0.9, 0.8, 0.25, 0.5, momentum_decay)
    np.testing.assert_allclose(got, (w, m, v), rtol=1e-14)


@pytest.mark.parametrize("name", ["adam", "adamw", "nadam"])
def test_a_millionth_step_needs_no_correction_and_no_time(name):
    last = OPTIMIZERS[name].step(0.5, 3.0, 2.0, 1.0, 10**6)
    np.testing.assert_allclose(OPTIMIZERS[name].step(0.5, 3.0, 2.0, 1.0, 10**9), last, rtol=1e-12)


@pytest.mark.parametrize("course", COURSES)
@pytest.mark.parametrize("key", KEYS)
def test_pytorch_agrees(key, course, golden):
    golden = golden("optimizers")
    got = trajectory(key, golden[f"{course}/w"], golden[f"{course}/gradients"])
    for ours, theirs in zip(got, golden[f"{course}/{key}"], strict=True):
        assert relative_error(ours, theirs) <= 1e-10


@pytest.mark.oracle
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("key", KEYS)
def test_pytorch_agrees_live(key, seed, pytorch):
    oracle = pytorch("optimizers")
    for w, gradients in oracle.courses(np.random.default_rng(seed), 80, (4, 5)).values():
        want = oracle.trajectory(key, w, gradients)
        for ours, theirs in zip(trajectory(key, w, gradients), want, strict=True):
            assert relative_error(ours, theirs) <= 1e-10


@pytest.mark.oracle
def test_every_rule_and_setting_is_compared_with_pytorch(pytorch):
    assert list(pytorch("optimizers").OPTIMIZERS) == KEYS
    for name, rule in OPTIMIZERS.items():
        compared = " ".join(key for key in KEYS if key.split()[0] == name)
        assert all(f"{setting}=" in compared for setting in rule.settings)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_adams_first_step_is_the_learning_rate_whatever_the_gradients_scale(name):
    g = np.array([1e-4, -1e-2, 1.0, -1e6, 1e12])
    np.testing.assert_allclose(first(name, 0 * g, g, learning_rate=0.01), -0.01 * np.sign(g), rtol=2e-4)


@pytest.mark.parametrize("name", ["adam", "adamw"])
@SETTINGS
@given(g=st.floats(1e-6, 1e6), beta1=st.floats(0, 0.999), beta2=st.floats(0, 0.9999))
def test_a_constant_gradient_moves_adam_evenly_from_the_first_step_on(name, g, beta1, beta2):
    """Both corrections undo the start at 0 exactly, which a t that is off by one would not."""
    gradients = np.full((6, 1), g)
    path = trajectory(f"{name} beta1={beta1} beta2={beta2} weight_decay=0", np.zeros(1), gradients)
    even = -1e-3 * g / (g + 1e-8) * np.arange(1, 7)
    np.testing.assert_allclose(path[:, 0], even, rtol=1e-10)


# At a gradient of ε itself the step halves if ε stands outside the root; inside, it would be 1e-4 of η.
@pytest.mark.parametrize(
    ("name", "chosen"), [("adagrad", {"epsilon": 1e-8}), ("rmsprop", {"rho": 0}), ("adam", {}), ("adamw", {})]
)
def test_epsilon_stands_outside_the_root(name, chosen):
    w = first(name, np.zeros(1), np.array([1e-8]), learning_rate=1.0, **chosen)
    np.testing.assert_allclose(w, -0.5, rtol=1e-12)


def test_epsilon_stands_outside_nadams_root():
    far, near = (first("nadam", np.zeros(1), np.array([g]))[0] for g in (1.0, 1e-8))
    np.testing.assert_allclose(near / far, 0.5, rtol=1e-7)


def test_epsilon_stands_inside_both_roots_of_adadelta():
    w = first("adadelta", np.zeros(1), np.array([1e-8]), rho=0, epsilon=1e-16)
    np.testing.assert_allclose(w, -1e-8 / sqrt(2), rtol=1e-12)


def test_adams_epsilon_counts_as_the_corrected_root_does():
    """Added to √v instead of √v̂ it would count 32 times as much at t = 1."""
    np.testing.assert_allclose(first("adam", np.zeros(1), np.ones(1), epsilon=1.0), -0.0005, rtol=1e-12)


def test_adamw_shrinks_all_weights_at_one_rate_and_adam_with_l2_does_not():
    w, g = np.array([1.0, 1.0]), np.array([1e-3, 1e3])
    decoupled = first("adamw", w, g, weight_decay=0.1) - first("adamw", w, g, weight_decay=0.0)
    np.testing.assert_allclose(decoupled, -1e-3 * 0.1 * w, rtol=1e-9)
    coupled = first("adam", w, g, weight_decay=0.1) - first("adam", w, g)
    assert np.abs(coupled).max() < 1e-6  # m̂/√v̂ is near 1 with λ·w and without
    np.testing.assert_array_equal(first("adam", w, g), first("adamw", w, g, weight_decay=0.0))


@pytest.mark.parametrize(("name", "rule"), ROWS)
def test_coupled_weight_decay_is_the_gradient_of_an_l2_penalty(name, rule):
    w, g = np.random.default_rng(1).normal(size=(2, 3, 4))
    slots = [np.abs(np.random.default_rng(2).normal(size=(3, 4))) for _ in rule.slots]
    chosen = REQUIRED.get(name, {})
    decayed = step(rule, w, g, slots, weight_decay=0.2, **chosen)
    penalised = step(rule, w, g + 0.2 * w, slots, weight_decay=0.0, **chosen)
    for a, b in zip(decayed, penalised, strict=True):
        assert (relative_error(a, b) < 1e-15) is (name != "adamw")


def test_momentum_follows_a_constant_gradient_with_the_learning_rate_over_one_minus_mu():
    path = trajectory("momentum learning_rate=0.1 mu=0.8", np.zeros(1), np.ones((200, 1)))
    np.testing.assert_allclose(np.diff(path[:, 0])[-1], -0.1 / (1 - 0.8), rtol=1e-12)
    assert path[0, 0] == -0.1  # v₁ = g, without dampening


@pytest.mark.parametrize("rule", [momentum, nesterov])
def test_momentum_without_mu_is_gradient_descent(rule):
    w, g, v = np.random.default_rng(3).normal(size=(3, 4))
    np.testing.assert_array_equal(rule(w, g, v, 0.1, mu=0.0)[0], sgd(w, g, 0.1))


def test_nesterov_runs_through_the_points_where_sutskever_takes_gradients():
    """θ ← θ + ν with ν ← μ·ν − η·∇f(θ + μ·ν), equations 3 and 4 of the paper; our w is θ + μ·ν."""
    mu, eta = 0.8, 0.03

    def gradient(x):
        return np.array([x[0] ** 3 - x[1], 4 * x[1] + np.sin(x[0])])

    theta, nu = np.array([1.5, -2.0]), np.zeros(2)
    w, v = theta, np.zeros(2)
    for _ in range(25):
        w, v = nesterov(w, gradient(w), v, eta, mu)
        nu = mu * nu - eta * gradient(theta + mu * nu)
        theta = theta + nu
        np.testing.assert_allclose(w, theta + mu * nu, rtol=0, atol=1e-13)


def test_adagrads_steps_shrink_like_one_over_the_root_of_t():
    path = trajectory("adagrad learning_rate=0.1", np.zeros(1), np.full((9, 1), 7.0))
    np.testing.assert_allclose(-np.diff(path[:, 0], prepend=0), 0.1 / np.sqrt(np.arange(1, 10)), rtol=1e-9)


def test_rmsprops_first_step_is_not_corrected():
    np.testing.assert_allclose(first("rmsprop", np.zeros(1), np.ones(1), epsilon=1e-12), -0.1, rtol=1e-9)


@pytest.mark.parametrize(("name", "rule"), ROWS)
def test_the_first_step_goes_against_the_gradient(name, rule):
    g = np.array([-1e5, -1.0, -1e-5, 1e-5, 1.0, 1e5])
    w = first(name, np.zeros(6), g, weight_decay=0.0)
    np.testing.assert_array_equal(np.sign(w), -np.sign(g))
    assert first(name, np.ones(1), np.zeros(1), weight_decay=0.0) == 1


@pytest.mark.parametrize(("name", "rule"), ROWS)
def test_every_rule_descends_into_a_bowl(name, rule):
    curvature = np.array([1.0, 3.0, 10.0])
    chosen = {
        "adagrad": {"learning_rate": 0.5},
        "adadelta": {"learning_rate": 0.1, "epsilon": 1e-3},
    }.get(name, {"learning_rate": 0.02})
    w = start = np.array([1.0, -2.0, 1.5])
    slots = [np.zeros(3) for _ in rule.slots]
    for t in range(1, 501):
        w, *slots = step(rule, w, curvature * w, slots, t, weight_decay=0.0, **chosen)
    assert np.linalg.norm(w) < 0.02 * np.linalg.norm(start)


def steps_to_a_millionth(rule, learning_rate, mu=None):
    """On a bowl in 20-D of condition number 100, from ones: steps until ‖w‖ has fallen to 1e-6 of its start."""
    curvature, w, v, t = np.geomspace(1, 100, 20), np.ones(20), np.zeros(20), 0
    while np.linalg.norm(w) >= 1e-6 * sqrt(20):
        if mu is None:
            w = rule(w, curvature * w, learning_rate)
        else:
            w, v = rule(w, curvature * w, v, learning_rate, mu)
        t += 1
    return t


def test_momentum_needs_about_the_root_of_the_steps():
    q = (10 - 1) / (10 + 1)  # (√κ − 1) / (√κ + 1)
    assert steps_to_a_millionth(sgd, 2 / (1 + 100)) == 634
    assert steps_to_a_millionth(nesterov, 1 / 100, q) == 142  # θ of the test above needs 143
    assert steps_to_a_millionth(momentum, 4 / (1 + 10) ** 2, q**2) == 87


@pytest.mark.parametrize(("factor", "converges"), [(0.999, True), (1.001, False)])
def test_gradient_descent_converges_up_to_two_over_the_largest_curvature(factor, converges):
    curvature, w = np.array([1.0, 50.0]), np.ones(2)
    for _ in range(8000):
        w = sgd(w, curvature * w, factor * 2 / 50)
    assert (np.abs(w).max() < 1e-5) == converges
    assert converges or np.abs(w).max() > 1e5


@pytest.mark.parametrize(("name", "rule"), ROWS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (4, 3), (2, 3, 4)])
def test_shape_and_dtype_are_kept_and_nothing_is_modified_or_shared(name, rule, dtype, shape):
    rng = np.random.default_rng(5)
    arguments = [np.abs(rng.normal(size=shape)).astype(dtype)[...] for _ in range(2 + len(rule.slots))]
    arguments = [np.asarray(argument, dtype) for argument in arguments]
    before = [argument.copy() for argument in arguments]
    w, g, *slots = arguments
    # np.float64 settings would widen float32 if they were used as they are.
    chosen = {k: np.float64(0.1 if v is None else v) for k, v in rule.settings.items() if k != "weight_decay"}
    results = step(rule, w, g, slots, np.int64(3), weight_decay=np.float64(0.1), **chosen)
    assert len(results) == 1 + len(slots)
    for result in results:
        assert (type(result), result.shape, result.dtype) == (np.ndarray, shape, dtype)
        assert result.base is None
        assert not any(np.shares_memory(result, argument) for argument in arguments)
    for argument, old in zip(arguments, before, strict=True):
        np.testing.assert_array_equal(argument, old)


@pytest.mark.parametrize(("name", "rule"), ROWS)
def test_numbers_integers_and_lists_are_taken_as_float64_and_g_in_the_dtype_of_w(name, rule):
    slots = [[[1, 4]] for _ in rule.slots]
    chosen = REQUIRED.get(name, {})
    want = step(
        rule, np.array([[1.0, 2.0]]), np.array([[3.0, -1.0]]), [np.array([[1.0, 4.0]])] * len(slots), **chosen
    )
    got = step(rule, [[1, 2]], [[3, -1]], slots, **chosen)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == np.float64
    mixed = step(rule, np.float32([[1, 2]]), np.array([[3.0, -1.0]]), slots, **chosen)
    assert all(a.dtype == np.float32 for a in mixed)
    with pytest.raises(TypeError, match="g must hold real numbers, got dtype complex128"):
        first(name, np.ones(2), np.ones(2) * 1j)


@pytest.mark.parametrize("key", KEYS)
def test_float32_follows_float64(key):
    rng = np.random.default_rng(8)
    w, gradients = rng.normal(size=4).astype(np.float32), rng.normal(size=(20, 4)).astype(np.float32)
    got = trajectory(key, w, gradients)
    assert got.dtype == np.float32
    # 20 steps of a few roundings of 6e-8 each
    assert relative_error(got, trajectory(key, w.astype(np.float64), gradients)) < 2e-6


@pytest.mark.parametrize(("name", "rule"), ROWS)
@SETTINGS
@given(shape=hnp.array_shapes(max_dims=3, max_side=4), t=st.integers(1, 2000), seed=st.integers(0, 2**32 - 1))
def test_every_entry_is_updated_by_itself(name, rule, shape, t, seed):
    rng, chosen = np.random.default_rng(seed), REQUIRED.get(name, {})
    w, g, *slots = 10 ** rng.uniform(-100, 20, size=(2 + len(rule.slots), *shape))
    g *= rng.choice([-1, 0, 1], size=shape)
    i = tuple(rng.integers(shape))
    with np.errstate(all="raise"):
        whole = step(rule, w, g, slots, t, **chosen)
        alone = step(rule, w[i], g[i], [slot[i] for slot in slots], t, **chosen)
    assert all(np.isfinite(a).all() for a in whole)
    assert [a[i] for a in whole] == alone


@pytest.mark.parametrize(("name", "rule"), ROWS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_vanishing_gradients_raise_no_floating_point_signal(name, rule, dtype):
    tiny = np.finfo(dtype).tiny
    g = np.array([0, tiny / 8, -tiny, 1e3 * tiny, np.sqrt(tiny)], dtype)
    with np.errstate(all="raise"):
        w = first(name, np.zeros(5, dtype), g)
    assert np.isfinite(w).all()


def test_a_square_that_overflows_warns_and_stops_its_entry_alone():
    g = np.array([1e25, 1.0], np.float32)
    with pytest.warns(RuntimeWarning, match="overflow"):
        w = first("adam", np.ones(2, np.float32), g)
    np.testing.assert_allclose(w, [1, 0.999], rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: adam(1.0, 1.0, 0.0, 0.0, 0), "t must be a whole number from 1 on, got 0"),
        (lambda: adamw(1.0, 1.0, 0.0, 0.0, -1), "t must be a whole number from 1 on, got -1"),
        (lambda: nadam(1.0, 1.0, 0.0, 0.0, 1.5), "t must be a whole number from 1 on, got 1.5"),
        (lambda: adam(1.0, 1.0, 0.0, 0.0, nan), "t must be a whole number from 1 on, got nan"),
        (lambda: adam(1.0, 1.0, 0.0, 0.0, inf), "t must be a whole number from 1 on, got inf"),
        (lambda: sgd(1.0, 1.0, -0.1), "learning_rate must be at least 0 and finite, got -0.1"),
        (lambda: sgd(1.0, 1.0, inf), "learning_rate must be at least 0 and finite, got inf"),
        (lambda: sgd(1.0, 1.0, nan), "learning_rate must be at least 0 and finite, got nan"),
        (lambda: sgd(1.0, 1.0, 0.1, -1), "weight_decay must be at least 0 and finite, got -1"),
        (lambda: momentum(1.0, 1.0, 0.0, 0.1, mu=1), r"mu must be in \[0, 1\), got 1"),
        (lambda: rmsprop(1.0, 1.0, 0.0, rho=-0.1), r"rho must be in \[0, 1\), got -0.1"),
        (lambda: adam(1.0, 1.0, 0.0, 0.0, 1, beta1=1.0), r"beta1 must be in \[0, 1\), got 1.0"),
        (lambda: adam(1.0, 1.0, 0.0, 0.0, 1, beta2=nan), r"beta2 must be in \[0, 1\), got nan"),
        (lambda: adagrad(1.0, 1.0, 0.0, epsilon=0), "epsilon must be positive and finite, got 0"),
        (lambda: adadelta(1.0, 1.0, 0.0, 0.0, epsilon=inf), "epsilon must be positive and finite, got inf"),
        (
            lambda: nadam(1.0, 1.0, 0.0, 0.0, 1, momentum_decay=-1),
            "momentum_decay must be at least 0 and finite, got -1",
        ),
        (
            lambda: sgd(np.ones((2, 3)), np.ones(3), 0.1),
            r"g must have the shape of w, \(2, 3\), got \(3,\)",
        ),
        (
            lambda: adam(np.ones(3), np.ones(3), np.ones(3), np.ones(()), 1),
            r"v must have the shape of w, \(3,\), got \(\)",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_learning_rate_of_zero_moves_nothing():
    for name in OPTIMIZERS:
        assert first(name, np.ones(1), np.ones(1), learning_rate=0) == 1


def test_the_table_says_what_the_signatures_say():
    assert [(name, rule.step.__name__) for name, rule in OPTIMIZERS.items()] == [(n, n) for n in OPTIMIZERS]
    assert OPTIMIZERS["sgd"].slots == ()
    assert OPTIMIZERS["sgd"].settings == {"learning_rate": None, "weight_decay": 0.0}
    assert OPTIMIZERS["adadelta"].slots == ("s", "d")
    assert [name for name, rule in OPTIMIZERS.items() if rule.counted] == ["adam", "adamw", "nadam"]
