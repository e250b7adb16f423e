"""Gradient clipping against values worked by hand, exact arithmetic, and PyTorch."""

from math import inf, nan

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib import relative_error
from nnlib.clipping import clip_by_global_norm, clip_by_norm, clip_by_value, global_norm

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=50)
# As in golden/clipping.py, which only a machine with PyTorch can import.
SHAPES = {"W1": (4, 7), "b1": (7,), "kernel": (3, 2, 2, 3), "scale": ()}
BOUNDS = (0.05, 1.0, 6.0, 1e3)
SCALES = {"plain": 1.0, "tiny": 1e-8, "huge": 1e4}
EPS = {np.float16: 9.8e-4, np.float32: 1.2e-7, np.float64: 2.3e-16}


def clip_globally(gradients, max_norm):
    return clip_by_global_norm(gradients, max_norm)[0]


CLIPS = {"value": clip_by_value, "norm": clip_by_norm, "global norm": clip_globally}


def tensors(dtype=np.float64, limit=1e4):
    width = np.dtype(dtype).itemsize * 8
    shape = hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=4)
    # Subnormal numbers lose digits by nature; the tests of extremes have some.
    entries = st.floats(-limit, limit, width=width, allow_subnormal=False)
    return st.lists(hnp.arrays(dtype, shape, elements=entries), max_size=4)


def pytorch_factor(norm, max_norm):
    """What PyTorch's 1e-6 in the denominator makes of our factor min(1, max_norm / norm)."""
    return min(1, max_norm / (norm + 1e-6)) / min(1, max_norm / norm)


def test_values_worked_by_hand():
    gradients = {"W": np.array([[6.0, 0.0, -8.0]]), "b": np.array([24.0])}  # norms 10, 24 and, together, 26
    assert global_norm(gradients) == 26
    clipped, norm = clip_by_global_norm(gradients, 13)
    assert norm == 26
    np.testing.assert_allclose(clipped["W"], [[3, 0, -4]], rtol=1e-15)
    np.testing.assert_allclose(clipped["b"], [12], rtol=1e-15)
    own = clip_by_norm(gradients, 12)
    np.testing.assert_array_equal(own["W"], [[6, 0, -8]])
    np.testing.assert_allclose(own["b"], [12], rtol=1e-15)
    cut = clip_by_value(gradients, 7)
    np.testing.assert_array_equal(cut["W"], [[6, 0, -7]])
    np.testing.assert_array_equal(cut["b"], [7])


@pytest.mark.parametrize("key", SCALES)
@pytest.mark.parametrize("bound", BOUNDS)
def test_pytorch_agrees(bound, key, golden):
    golden = golden("clipping")
    gradients = {name: SCALES[key] * golden[name] for name in SHAPES}
    clipped, norm = clip_by_global_norm(gradients, bound)
    np.testing.assert_allclose(norm, golden[f"{key}/{bound}/norm"], rtol=1e-12)
    own, by_value = clip_by_norm(gradients, bound), clip_by_value(gradients, bound)
    for name, g in gradients.items():
        theirs = golden[f"{key}/{bound}/global/{name}"]
        assert relative_error(clipped[name] * pytorch_factor(norm, bound), theirs) < 1e-12
        theirs = golden[f"{key}/{bound}/own/{name}"]
        assert relative_error(own[name] * pytorch_factor(global_norm(g), bound), theirs) < 1e-12
        np.testing.assert_array_equal(by_value[name], golden[f"{key}/{bound}/value/{name}"])


@pytest.mark.oracle
@pytest.mark.parametrize("bound", BOUNDS)
def test_pytorch_agrees_live(bound, pytorch):
    rng = np.random.default_rng(31)
    gradients = [rng.normal(scale=scale, size=(5, 3)) for scale in (1e-6, 0.1, 3.0)]
    theirs, their_norm = pytorch("clipping").clip_by_global_norm(gradients, bound)
    ours, norm = clip_by_global_norm(gradients, bound)
    np.testing.assert_allclose(norm, their_norm, rtol=1e-12)
    for mine, other in zip(ours, theirs, strict=True):
        assert relative_error(mine * pytorch_factor(norm, bound), other) < 1e-12
    for mine, other in zip(
        clip_by_value(gradients, bound), pytorch("clipping").clip_by_value(gradients, bound), strict=True
    ):
        np.testing.assert_array_equal(mine, other)


# Five tensors: a nan, infinities, and finite ones.
NONFINITE = [[1.0, nan], [2.0, -3.0], [inf, 0.5], [-inf], [nan, inf, 4.0]]


@pytest.mark.oracle
@pytest.mark.parametrize("chosen", [(0, 1), (1, 2), (1, 3), (1, 4), (0, 1, 2), (1, 2, 3)])
def test_nan_and_inf_spread_as_in_pytorch(chosen, pytorch):
    gradients = [np.array(NONFINITE[i]) for i in chosen]
    theirs, their_norm = pytorch("clipping").clip_by_global_norm(gradients, 1.0)
    ours, norm = clip_by_global_norm(gradients, 1.0)
    np.testing.assert_equal(norm, their_norm)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine, other)
    for mine, other in zip(
        clip_by_value(gradients, 1.0), pytorch("clipping").clip_by_value(gradients, 1.0), strict=True
    ):
        np.testing.assert_array_equal(mine, other)


def test_a_nan_makes_everything_nan_and_an_infinity_only_itself():
    clipped, norm = clip_by_global_norm([np.array([1.0, nan]), np.array([2.0])], 10.0)
    assert np.isnan(norm)
    assert np.isnan(clipped[0]).all()
    assert np.isnan(clipped[1]).all()
    clipped, norm = clip_by_global_norm([np.array([1.0, -inf]), np.array([2.0])], 10.0)
    assert norm == inf
    np.testing.assert_array_equal(clipped[0], [0, nan])
    np.testing.assert_array_equal(clipped[1], [0])
    own = clip_by_norm([np.array([1.0, nan]), np.array([2.0])], 10.0)
    assert np.isnan(own[0]).all()
    np.testing.assert_array_equal(own[1], [2])
    np.testing.assert_array_equal(clip_by_value(np.array([nan, -inf, inf, 1.0]), 3), [nan, -3, 3, 1])


@pytest.mark.parametrize("wrong", [nan, inf, -inf])
def test_nan_and_inf_are_errors_on_request(wrong):
    gradients = [np.ones(3), np.array([1.0, wrong])]
    with pytest.raises(ValueError, match=f"gradients must be finite, got a norm of {abs(wrong)}"):
        clip_by_global_norm(gradients, 1.0, error_if_nonfinite=True)
    assert clip_by_global_norm([np.full(4, 2.0)], 1.0, error_if_nonfinite=True)[1] == 4


@SETTINGS
@given(tensors(limit=1e300))
def test_the_norm_is_that_of_exact_arithmetic(gradients):
    with mpmath.workdps(400):
        true = mpmath.sqrt(
            sum((mpmath.mpf(float(x)) ** 2 for g in gradients for x in g.ravel()), mpmath.mpf(0))
        )
        np.testing.assert_allclose(global_norm(gradients), float(true), rtol=1e-14)


@pytest.mark.parametrize(
    ("entry", "dtype"),
    [
        (1e200, np.float64),
        (1e-200, np.float64),
        (5e-324, np.float64),
        (1e38, np.float32),
        (1e-38, np.float32),
    ],
)
def test_extreme_norms_neither_overflow_nor_vanish(entry, dtype):
    gradients = [np.full((2, 4), entry, dtype), np.full(8, -entry, dtype)]
    with np.errstate(all="raise"):
        norm = global_norm(gradients)
        clipped, before = clip_by_global_norm(gradients, 2.0)
    assert norm == before == 4 * float(dtype(entry))
    if entry > 1:
        for g in clipped:
            np.testing.assert_allclose(np.abs(g), 0.5, rtol=1e-6)
    else:
        np.testing.assert_array_equal(clipped[0], gradients[0])


@pytest.mark.parametrize("max_norm", [1e-30, 1e-5, 1.0])
def test_clipping_keeps_its_digits_where_the_norm_or_the_factor_leaves_the_dtype(max_norm):
    gradients = np.full((3, 3), np.float32(3e38))  # the norm is 9e38: beyond float32
    np.testing.assert_allclose(clip_by_norm(gradients, max_norm), max_norm / 3, rtol=1e-6)
    gradients = [np.full(4, 1.7e308), np.full(5, -1.7e308)]  # beyond float64, so the norm says inf
    clipped, norm = clip_by_global_norm(gradients, max_norm)
    assert norm == inf
    np.testing.assert_allclose(clipped[1], -max_norm / 3, rtol=1e-14)


def test_dtypes_may_be_mixed():
    (a, b), norm = clip_by_global_norm([np.array([3e200]), np.array([4.0], np.float32)], 1.0)
    assert norm == 3e200
    assert (a.dtype, b.dtype) == (np.float64, np.float32)
    np.testing.assert_allclose(a, 1, rtol=1e-15)
    assert b == 0


@pytest.mark.parametrize("clip", CLIPS.values(), ids=CLIPS)
@pytest.mark.parametrize("scale", [0.0, 1e-300, 1e-8, 0.1])
def test_what_is_within_the_bound_comes_back_bit_for_bit(clip, scale):
    g = scale * np.random.default_rng(5).uniform(-1, 1, (3, 4, 5))  # the norm is below scale·√60
    assert clip(g, 0.8).tobytes() == g.tobytes()
    assert clip(g, inf).tobytes() == g.tobytes()


def test_a_gradient_exactly_at_the_bound_is_not_changed():
    g = np.array([0.6, 0.8])
    assert global_norm(g) == 1
    np.testing.assert_array_equal(clip_by_norm(g, 1.0), g)
    np.testing.assert_array_equal(clip_globally([g], 1.0)[0], g)


@SETTINGS
@given(tensors(), st.floats(1e-3, 1e3))
def test_clipping_by_global_norm_bounds_the_norm_and_keeps_the_direction(gradients, max_norm):
    with np.errstate(all="raise"):
        clipped, norm = clip_by_global_norm(gradients, max_norm)
    np.testing.assert_allclose(global_norm(clipped), min(norm, max_norm), rtol=1e-14)
    for g, c in zip(gradients, clipped, strict=True):
        np.testing.assert_allclose(c, g * min(1, max_norm / norm) if norm else g, rtol=1e-13, atol=1e-300)


@SETTINGS
@given(tensors(), st.floats(1e-3, 1e3))
def test_clipping_by_norm_bounds_each_tensor_by_itself(gradients, max_norm):
    for g, c in zip(gradients, clip_by_norm(gradients, max_norm), strict=True):
        np.testing.assert_allclose(global_norm(c), min(global_norm(g), max_norm), rtol=1e-14)
        np.testing.assert_array_equal(c, clip_by_norm(g, max_norm))
        np.testing.assert_array_equal(np.sign(c), np.sign(g))


@SETTINGS
@given(tensors(), st.floats(1e-3, 1e3))
def test_clipping_by_value_bounds_each_entry_and_changes_no_other(gradients, limit):
    for g, c in zip(gradients, clip_by_value(gradients, limit), strict=True):
        inside = np.abs(g) <= limit
        np.testing.assert_array_equal(np.where(inside, c, 0), np.where(inside, g, 0))
        np.testing.assert_array_equal(np.where(inside, limit, np.abs(c)), np.full(g.shape, limit))
        np.testing.assert_array_equal(np.sign(c), np.sign(g))


@pytest.mark.parametrize("bound", [1e-3, 1e6])
@pytest.mark.parametrize("clip", CLIPS.values(), ids=CLIPS)
@pytest.mark.parametrize("dtype", EPS)
def test_arguments_are_kept_and_results_are_new(dtype, clip, bound):
    rng = np.random.default_rng(6)
    gradients = {name: np.asarray(rng.normal(size=shape), dtype) for name, shape in SHAPES.items()}
    before = {name: g.copy() for name, g in gradients.items()}
    clipped = clip(gradients, bound)
    assert type(clipped) is dict
    assert list(clipped) == list(gradients)
    for name, g in gradients.items():
        np.testing.assert_array_equal(g, before[name])
        assert clipped[name].shape == g.shape
        assert clipped[name].dtype == dtype
        assert not np.shares_memory(clipped[name], g)
        exact = clip({n: x.astype(np.float64) for n, x in before.items()}, bound)[name]
        np.testing.assert_allclose(
            clipped[name], exact, rtol=2 * EPS[dtype], atol=6e-8 * (dtype is np.float16)
        )


@pytest.mark.parametrize("clip", CLIPS.values(), ids=CLIPS)
def test_containers_come_back_as_they_were(clip):
    a, b = np.array([3.0, 4.0]), np.array([[12.0]])
    as_list = clip([a, b], 2.0)
    as_tuple = clip((a, b), 2.0)
    as_dict = clip({"a": a, 1: b}, 2.0)
    assert (type(as_list), type(as_tuple), list(as_dict)) == (list, tuple, ["a", 1])
    for first, second in (as_list, as_tuple, as_dict.values()):
        np.testing.assert_array_equal(first, as_list[0])
        np.testing.assert_array_equal(second, as_list[1])
    np.testing.assert_array_equal(clip([a], 2.0)[0], clip(a, 2.0))
    assert clip([], 2.0) == []
    assert clip({}, 2.0) == {}
    assert clip(np.zeros((0, 3)), 2.0).shape == (0, 3)
    assert clip([np.array([8, -9])], 2.0)[0].dtype == np.float64


def test_an_empty_gradient_has_norm_zero():
    for nothing in ([], {}, [np.zeros((2, 0))], np.zeros(3)):
        assert global_norm(nothing) == 0
    assert type(global_norm([np.ones(4, np.float32)])) is float


def test_a_limit_beyond_the_dtype_is_no_limit():
    g = np.array([1.0, -3e38], np.float32)
    np.testing.assert_array_equal(clip_by_value(g, 1e300), g)


@pytest.mark.parametrize("wrong", [0, -1.0, nan])
def test_a_bound_must_be_positive(wrong):
    with pytest.raises(ValueError, match=f"limit must be positive, got {wrong}"):
        clip_by_value([np.ones(2)], wrong)
    for clip in (clip_by_norm, clip_by_global_norm):
        with pytest.raises(ValueError, match=f"max_norm must be positive, got {wrong}"):
            clip([np.ones(2)], wrong)


def test_what_is_no_gradient_is_named():
    with pytest.raises(TypeError, match="W must hold real numbers, got dtype complex128"):
        global_norm({"W": np.ones(2) * 1j})
    with pytest.raises(TypeError, match="gradients must hold real numbers, got dtype object"):
        global_norm({"W": np.ones(2)}.values())
