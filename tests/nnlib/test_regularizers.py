"""Penalties against hand-worked values, numerical derivatives, and PyTorch's weight decay."""

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import regularizers
from nnlib.gradcheck import central_difference, relative_error
from nnlib.regularizers import REGULARIZERS

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=100)
STRENGTHS = {"l1": {"strength": 0.3}, "l2": {"strength": 0.7}, "elastic_net": {"l1": 0.3, "l2": 0.7}}
ROWS = [(row, STRENGTHS[name]) for name, row in REGULARIZERS.items()]


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (regularizers.l1_penalty([[1, -2], [0, 3]], 0.5), 3),  # 0.5 · 6
        (regularizers.l1_penalty_grad([1, -2, 0], 0.5), [0.5, -0.5, 0]),
        (regularizers.l2_penalty([[1, -2], [0, 3]], 0.5), 3.5),  # ½ · 0.5 · 14
        (regularizers.l2_penalty_grad([1, -2, 0], 0.5), [0.5, -1, 0]),
        (regularizers.elastic_net_penalty([[1, -2], [0, 3]], 0.5, 2), 17),  # 3 + 14
        (regularizers.elastic_net_penalty_grad([1, -2, 0], 0.5, 2), [2.5, -4.5, 0]),
        (regularizers.elastic_net_penalty([3], l1=2, l2=0), 6),
        (regularizers.elastic_net_penalty([3], l1=0, l2=2), 9),
        (regularizers.l2_penalty(np.zeros((0, 3)), 1), 0),
    ],
)
def test_values_worked_by_hand(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-15)


@pytest.mark.parametrize(("row", "strengths"), ROWS, ids=REGULARIZERS)
@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_gradient_is_the_central_difference_away_from_zero(row, strengths, scale):
    rng = np.random.default_rng(3)
    w = scale * rng.choice([-1, 1], size=(3, 4)) * rng.uniform(0.5, 2, size=(3, 4))
    numeric = central_difference(lambda w: row.f(w, **strengths), w, h=1e-5 * scale)
    assert relative_error(row.grad(w, **strengths), numeric) < 1e-8


def test_l2_is_the_complex_step_of_half_the_squared_norm():
    w = np.array([[0.3, -2.0], [1e-8, 4e3]])
    bumped = w + 1e-30j * np.eye(4).reshape(4, 2, 2)
    slopes = (0.7 / 2 * (bumped**2).sum(axis=(1, 2))).imag / 1e-30
    np.testing.assert_allclose(regularizers.l2_penalty_grad(w, 0.7).ravel(), slopes, rtol=1e-15)


def test_the_kink_has_the_mean_of_both_slopes():
    np.testing.assert_array_equal(regularizers.l1_penalty_grad([0.0, -0.0], 3), [0, 0])
    np.testing.assert_array_equal(regularizers.elastic_net_penalty_grad([0.0, -0.0], 3, 2), [0, 0])


@pytest.mark.oracle
@pytest.mark.parametrize("strength", [0.0, 1e-4, 2.5])
def test_l2_is_pytorchs_coupled_weight_decay(strength):
    torch = pytest.importorskip("torch")
    w = np.random.default_rng(4).normal(size=(5, 3))
    parameter = torch.nn.Parameter(torch.tensor(w))
    parameter.grad = torch.zeros_like(parameter)
    torch.optim.SGD([parameter], lr=1.0, weight_decay=strength).step()
    np.testing.assert_allclose(
        w - parameter.detach().numpy(), regularizers.l2_penalty_grad(w, strength), rtol=0, atol=1e-15
    )


@pytest.mark.oracle
@pytest.mark.parametrize(("row", "strengths"), ROWS, ids=REGULARIZERS)
def test_pytorch_differentiates_the_penalties_alike(row, strengths):
    torch = pytest.importorskip("torch")
    w = np.random.default_rng(5).normal(size=(4, 2))
    w[1, 1] = 0
    l1 = strengths["l1"] if "l1" in strengths else strengths["strength"] * (row is REGULARIZERS["l1"])
    l2 = strengths["l2"] if "l2" in strengths else strengths["strength"] * (row is REGULARIZERS["l2"])
    tensor = torch.tensor(w, requires_grad=True)
    value = l1 * tensor.abs().sum() + l2 / 2 * (tensor**2).sum()
    (gradient,) = torch.autograd.grad(value, tensor)
    assert relative_error(row.f(w, **strengths), value.item()) < 1e-14
    assert relative_error(row.grad(w, **strengths), gradient.numpy()) < 1e-14


@pytest.mark.parametrize(("row", "strengths"), ROWS, ids=REGULARIZERS)
@SETTINGS
@given(data=st.data())
def test_the_argument_is_neither_modified_nor_aliased(row, strengths, data):
    dtype = data.draw(st.sampled_from([np.float32, np.float64]))
    elements = st.floats(-1e4, 1e4, width=32 if dtype == np.float32 else 64)
    w = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_dims=3), elements=elements))
    before = w.copy()
    # Strengths from NumPy must not widen float32.
    strengths = {name: np.float64(value) for name, value in strengths.items()}
    with np.errstate(all="raise"):
        value, gradient = row.f(w, **strengths), row.grad(w, **strengths)
    assert type(value) is float
    assert 0 <= value < inf
    assert gradient.shape == w.shape
    assert gradient.dtype == dtype
    assert not np.shares_memory(gradient, w)
    np.testing.assert_array_equal(w, before)
    # A pull towards 0, of the same force from both sides.
    assert (gradient * np.sign(w) >= 0).all()
    np.testing.assert_array_equal(row.grad(-w, **strengths), -gradient)


def test_a_strength_of_one_still_gives_a_new_array():
    w = np.array([1.0, -1.0])
    for row, strengths in ROWS:
        assert not np.shares_memory(row.grad(w, **dict.fromkeys(strengths, 1)), w)


@pytest.mark.parametrize(("row", "strengths"), ROWS, ids=REGULARIZERS)
def test_the_largest_and_smallest_floats_do_not_warn(row, strengths):
    for dtype in (np.float32, np.float64):
        info = np.finfo(dtype)
        with np.errstate(all="raise"):
            for w in (info.max, -info.max, info.tiny, info.smallest_subnormal):
                assert row.f(np.array([w, w], dtype), **strengths) >= 0
                assert not np.isnan(row.grad(np.array([w, w], dtype), **dict.fromkeys(strengths, 2.5))).any()


@pytest.mark.parametrize("value", [-0.1, inf, nan])
def test_wrong_strengths_are_named(value):
    for row, strengths in ROWS:
        for name in strengths:
            for f in row:
                with pytest.raises(ValueError, match=f"^{name} must be 0 or more and finite, got {value}"):
                    f(np.ones(3), **(strengths | {name: value}))


def test_complex_weights_are_refused():
    for row, strengths in ROWS:
        for f in row:
            with pytest.raises(TypeError, match="w must hold real numbers, got dtype complex128"):
                f(np.ones(3) + 1j, **strengths)


def test_each_row_of_the_table_holds_the_functions_of_its_name():
    for name, row in REGULARIZERS.items():
        assert [f.__name__ for f in row] == [f"{name}_penalty", f"{name}_penalty_grad"]
