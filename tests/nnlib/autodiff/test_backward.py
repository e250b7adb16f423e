"""The parts of a backward pass: sums over broadcast axes, shared maxima, and the order of the nodes."""

import random

import numpy as np
import pytest
from autograd import make_vjp
from autograd import numpy as anp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib.autodiff import max_backward, topological_order, unbroadcast

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=100)


@st.composite
def broadcasts(draw):
    """A shape, and a larger one that it broadcasts to."""
    result = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    shape = tuple(draw(st.sampled_from([1, n])) for n in result)
    return shape[draw(st.integers(0, len(shape))) :], result


def copies_gathered(gradient, shape):
    """`unbroadcast` by its definition: each entry of the gradient goes to the one that it is a copy of."""
    places = np.broadcast_to(np.arange(np.prod(shape, dtype=int)).reshape(shape), gradient.shape)
    total = np.zeros(shape)
    np.add.at(total.reshape(-1), places, gradient)
    return total


@SETTINGS
@given(broadcasts(), st.sampled_from([np.float32, np.float64]), st.integers(0, 2**32 - 1))
def test_unbroadcast_sums_what_broadcasting_copied(shapes, dtype, seed):
    shape, result = shapes
    gradient = np.random.default_rng(seed).integers(-9, 9, result).astype(dtype)
    before = gradient.copy()
    total = unbroadcast(gradient, shape)
    assert isinstance(total, np.ndarray)
    assert total.shape == shape
    assert total.dtype == dtype
    assert not np.shares_memory(total, gradient)
    np.testing.assert_array_equal(total, copies_gathered(gradient, shape))
    np.testing.assert_array_equal(gradient, before)


def test_unbroadcast_worked_by_hand():
    G = [[1, 2, 3], [10, 20, 30]]
    np.testing.assert_array_equal(unbroadcast(G, (3,)), [11, 22, 33])
    np.testing.assert_array_equal(unbroadcast(G, (1, 3)), [[11, 22, 33]])
    np.testing.assert_array_equal(unbroadcast(G, (2, 1)), [[6], [60]])
    np.testing.assert_array_equal(unbroadcast(G, (1,)), [66])
    assert unbroadcast(G, ()) == 66
    assert unbroadcast(G, [2, 3]).dtype == np.float64


@pytest.mark.parametrize("shape", [(2,), (3, 2), (1, 2, 3), (2, 3, 1), (0,), (4, 3)])
def test_unbroadcast_refuses_a_shape_that_does_not_broadcast(shape):
    with pytest.raises(ValueError, match=r"must broadcast to that of gradient, \(2, 3\), got \("):
        unbroadcast(np.ones((2, 3)), shape)


def test_unbroadcast_and_max_backward_take_real_numbers_alone():
    with pytest.raises(TypeError, match="gradient must hold real numbers"):
        unbroadcast(np.ones(2) * 1j, (1,))
    with pytest.raises(TypeError, match="X must hold real numbers"):
        max_backward(1.0, np.ones(2) * 1j)


def test_max_backward_worked_by_hand():
    X = [[1, 5, 5], [7, 2, 0], [3, 3, 3]]
    np.testing.assert_array_equal(
        max_backward([4.0, -1.0, 6.0], X, axis=1), [[0, 2, 2], [-1, 0, 0], [2, 2, 2]]
    )
    np.testing.assert_array_equal(max_backward([1.0, 2.0, 3.0], X, axis=0), [[0, 2, 3], [1, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(max_backward(3.0, X), [[0, 0, 0], [3, 0, 0], [0, 0, 0]])
    assert max_backward(2.0, 5.0) == 2


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 2), (2, 0)])
@pytest.mark.parametrize("values", [2, 3, 1000])  # few values, many ties
def test_max_backward_agrees_with_hips_autograd(axis, values):
    rng = np.random.default_rng(values)
    X = rng.integers(0, values, (3, 4, 5)).astype(float)
    vjp, top = make_vjp(lambda x: anp.max(x, axis=axis))(X)
    upstream = rng.normal(size=np.shape(top))
    before = X.copy(), upstream.copy()
    np.testing.assert_allclose(max_backward(upstream, X, axis), vjp(upstream), rtol=1e-15)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(upstream, before[1])


def test_max_backward_agrees_with_pytorch_at_ties(golden):
    golden = golden("autodiff")
    X, upstream = golden["ties/X"], golden["ties/upstream"][:, 0]
    np.testing.assert_allclose(max_backward(upstream, X, axis=1), golden["ties/max"], rtol=1e-15)


@SETTINGS
@given(hnp.arrays(np.float32, hnp.array_shapes(max_dims=3), elements=st.integers(-2, 2)), st.data())
def test_max_backward_gives_away_the_whole_gradient(X, data):
    axis = data.draw(st.sampled_from([None, *range(X.ndim)]))
    upstream = np.random.default_rng(X.size).normal(size=X.max(axis=axis).shape)
    dX = max_backward(upstream, X, axis)
    assert dX.dtype == X.dtype
    assert dX.shape == X.shape
    np.testing.assert_allclose(dX.sum(axis=axis), upstream, rtol=1e-5, atol=1e-6)
    assert (dX[np.broadcast_to(X.max(axis=axis, keepdims=True), X.shape) != X] == 0).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 1), (1, 2)])
def test_max_backward_refuses_an_upstream_of_another_shape(shape):
    with pytest.raises(ValueError, match=r"shape of the maximum, \(2,\), got"):
        max_backward(np.ones(shape), np.ones((2, 3)), axis=1)


def test_a_shared_node_is_listed_once_and_after_its_parents():
    graph = {"a": (), "b": ("a", "a"), "c": ("b", "b")}
    assert topological_order("c", graph.get) == ["a", "b", "c"]
    assert topological_order("a", graph.get) == ["a"]


@pytest.mark.parametrize("graph", [{"r": "as", "s": "a", "a": ""}, {"r": "sa", "s": "a", "a": ""}])
def test_a_parent_reached_by_two_ways_waits_for_the_longer(graph):
    assert topological_order("r", graph.get) == ["a", "s", "r"]


@SETTINGS
@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
def test_every_ancestor_comes_once_and_before_what_depends_on_it(seed, size):
    rng = random.Random(seed)
    names = rng.sample(range(1000), size)
    graph = {name: rng.choices(names[:i], k=rng.randint(0, 3)) if i else [] for i, name in enumerate(names)}
    order = topological_order(names[-1], graph.get)
    ancestors, todo = set(), [names[-1]]
    while todo:
        node = todo.pop()
        ancestors.add(node)
        todo.extend(graph[node])
    assert sorted(order) == sorted(ancestors)
    assert order[-1] == names[-1]
    place = {node: i for i, node in enumerate(order)}
    assert all(place[parent] < place[node] for node in order for parent in graph[node])


@pytest.mark.parametrize("length", [5_000, 50_000])
def test_a_long_chain_needs_no_recursion(length):
    order = topological_order(length, lambda node: (node - 1, node - 1) if node else ())
    assert order == list(range(length + 1))


def test_a_ladder_is_not_walked_once_for_each_of_its_paths():
    visits = []

    def parents(node):
        visits.append(node)
        return (node - 1, node - 2) if node > 1 else ()

    topological_order(1000, parents)  # about 10²⁰⁸ paths
    assert len(visits) == 1001
