"""The engine itself: which gradients gather where, shapes and dtypes, mistakes, memory, and no_grad."""

import gc
import threading
import tracemalloc
import weakref

import numpy as np
import pytest
from autograd import make_vjp
from autograd import numpy as anp

import nnlib
from nnlib.autodiff import Tensor, gradients, no_grad


def test_a_graph_worked_by_hand():
    # L = (wx + b)²  with w = 2, x = 3, b = −1: z = 5, ∂L/∂z = 10, ∂L/∂w = 10·3, ∂L/∂x = 10·2, ∂L/∂b = 10
    w, x, b = (Tensor(value, requires_grad=True) for value in (2.0, 3.0, -1.0))
    z = w * x + b
    loss = z * z
    loss.backward()
    assert [float(t.grad) for t in (w, x, b)] == [30, 20, 10]
    assert (loss.operation, z.operation, w.operation) == ("*", "+", "")
    assert loss.parents == (z, z)
    assert float(loss) == 25


def test_a_diamond_counts_every_path():
    a = Tensor(3.0, requires_grad=True)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad == 4
    d = a * b * c  # 8a³
    a.zero_grad()
    d.backward()
    assert a.grad == 24 * 9


def test_repeated_calls_add_to_leaves_and_leave_nothing_in_between():
    a = Tensor([1.0, 2.0], requires_grad=True)
    b = a * 3
    loss = (b * b).sum()
    for calls in (1, 2, 3):
        loss.backward()
        np.testing.assert_array_equal(a.grad, calls * np.array([18.0, 36.0]))
        assert b.grad is None
        assert loss.grad is None
    (b * 2).sum().backward()  # another output over the same part of the graph
    np.testing.assert_array_equal(a.grad, [60, 114])
    a.zero_grad()
    assert a.grad is None
    loss.backward()
    np.testing.assert_array_equal(a.grad, [18, 36])


def test_gradients_are_arrays_of_their_own():
    a, b = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)
    upstream = np.array([5.0, 6.0])
    (a + b).backward(upstream)
    assert not np.shares_memory(a.grad, b.grad)
    assert not np.shares_memory(a.grad, upstream)
    held = a.grad
    (a + b).backward(upstream)
    np.testing.assert_array_equal(held, [5, 6])
    a.backward(upstream)
    np.testing.assert_array_equal(a.grad, [15, 18])
    np.testing.assert_array_equal(upstream, [5, 6])
    scalar = Tensor(2.0, requires_grad=True)
    for _ in range(2):
        scalar.backward()
        assert isinstance(scalar.grad, np.ndarray)


def test_a_tensor_copies_its_data_and_operations_keep_theirs():
    values = np.arange(6.0).reshape(2, 3)
    a = Tensor(values, requires_grad=True)
    values[:] = -1
    np.testing.assert_array_equal(a.data.ravel(), range(6))
    before = a.data.copy()
    ((a @ a.T).exp().sum() + (a * a)[0, 1] + a.softmax().max()).backward()
    np.testing.assert_array_equal(a.data, before)


@pytest.mark.parametrize("number", [2, 2.0, True, np.float64(2), np.int64(2), np.arange(3), np.ones(3, bool)])
def test_numbers_and_whole_numbers_do_not_widen_float32(number):
    a = Tensor(np.ones(3, np.float32), requires_grad=True)
    for y in (a * number, number * a, a + number, number - a, a.maximum(number), number / (a + 1)):
        assert y.data.dtype == np.float32


def test_a_wider_partner_widens_the_result_and_not_the_gradient():
    a, b = Tensor(np.ones(3, np.float32), requires_grad=True), Tensor(np.ones((2, 3)), requires_grad=True)
    y = (a * b).sum()
    y.backward()
    assert y.data.dtype == b.grad.dtype == np.float64
    assert a.grad.dtype == np.float32
    np.testing.assert_array_equal(a.grad, [2, 2, 2])
    [da, db] = gradients(a @ np.ones(3) * b.sum(), [a, b])
    assert (da.data.dtype, db.data.dtype) == (np.float32, np.float64)


def test_arrays_stand_on_either_side():
    X, w = np.arange(6.0).reshape(2, 3), Tensor([1.0, 2.0, 4.0], requires_grad=True)
    for left, right in [
        (X * w, w * X),
        (X + w, w + X),
        (X - w, -(w - X)),
        (X / w, (w / (X + 9) * (X + 9)) ** -1 * X),
        (X @ w, w @ X.T),
        (np.float64(3) * w, w * [3, 3, 3]),
    ]:
        assert isinstance(left, Tensor)
        np.testing.assert_allclose(left.data, right.data, rtol=1e-14)
        [a], [b] = (gradients(y.sum(), [w]) for y in (left, right))
        np.testing.assert_allclose(a.data, b.data, rtol=1e-14)
    with pytest.raises(TypeError):
        np.exp(w)


@pytest.mark.parametrize("axis", [None, 0, -1, 1, (0, 2), (-1, 0), ()])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("reduction", ["sum", "mean", "max"])
def test_reductions_have_numpys_shapes_and_values(reduction, axis, keepdims):
    a = Tensor(np.random.default_rng(3).normal(size=(2, 3, 4)), requires_grad=True)
    y = getattr(a, reduction)(axis=axis, keepdims=keepdims)
    want = getattr(np, reduction)(a.data, axis=axis, keepdims=keepdims)
    assert y.shape == want.shape
    np.testing.assert_allclose(y.data, want, rtol=1e-14)
    upstream = np.random.default_rng(4).normal(size=y.shape)
    y.backward(upstream)
    f = getattr(anp, reduction)
    wanted = (
        make_vjp(lambda x: f(x, axis=axis, keepdims=keepdims))(a.data)[0](upstream)
        if axis != ()
        else upstream
    )
    np.testing.assert_allclose(a.grad, wanted, rtol=1e-14)


def test_the_mean_of_nothing_has_an_empty_gradient():
    a = Tensor(np.zeros((0, 3)), requires_grad=True)
    a.mean(axis=1).backward(np.zeros(0))
    assert a.grad.shape == (0, 3)


def test_ties_and_kinks_get_the_stated_gradients(golden):
    golden = golden("autodiff")
    X, upstream = golden["ties/X"], golden["ties/upstream"]
    a = Tensor(X, requires_grad=True)
    [rows] = gradients(a.max(axis=1), [a], upstream[:, 0])
    np.testing.assert_allclose(rows.data, golden["ties/max"], rtol=1e-15)
    b = Tensor(X[:, ::-1], requires_grad=True)
    first, second = gradients(a.maximum(b), [a, b], upstream)
    np.testing.assert_allclose(first.data, golden["ties/maximum"], rtol=1e-15)
    np.testing.assert_allclose(first.data + second.data, upstream, rtol=1e-15)
    zero = Tensor([0.0, -0.0], requires_grad=True)
    for y in (zero.relu(), abs(zero), zero**2, zero**0):
        assert not gradients(y.sum(), [zero])[0].data.any()
    np.testing.assert_array_equal(gradients((zero**1).sum(), [zero])[0].data, 1)


def test_gradients_keep_their_digits_in_the_tails():
    z = np.array([-700.0, -40.0, -1.0, 0.0, 1.0, 40.0, 300.0])
    for name in ("tanh", "sigmoid"):
        a = Tensor(z, requires_grad=True)
        getattr(a, name)().backward(np.ones(7))
        np.testing.assert_allclose(a.grad, getattr(nnlib, f"{name}_grad")(z), rtol=1e-13)


def test_large_logits_neither_overflow_nor_warn():
    z = Tensor([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4 - 1]], requires_grad=True)
    loss = z.cross_entropy([1, 0])
    loss.backward()
    np.testing.assert_allclose(float(loss), (2e4 + np.log(2 + np.exp(-1))) / 2, rtol=1e-14)
    s = 1 / (2 + np.exp(-1))
    np.testing.assert_allclose(z.grad, [[0.5, -0.5, 0], [(s - 1) / 2, s / 2, (1 - 2 * s) / 2]], atol=1e-12)
    np.testing.assert_array_equal(z[:1].softmax(axis=1).data, [[1, 0, 0]])
    assert z.logsumexp().shape == ()
    assert z.logsumexp(axis=0, keepdims=True).shape == (1, 3)


@pytest.mark.parametrize("index", [0, -1, (1, 2), slice(None, None, -1), (..., None), [[0, 1], [1, 1]], None])
def test_indexing_is_numpys_and_so_is_its_adjoint(index):
    a = Tensor(np.arange(12.0).reshape(3, 4), requires_grad=True)
    y = a[index]
    index = np.array(index) if isinstance(index, list) else index
    np.testing.assert_array_equal(y.data, a.data[index])
    upstream = np.random.default_rng(1).normal(size=y.shape)
    y.backward(upstream)
    np.testing.assert_allclose(a.grad, make_vjp(lambda x: x[index])(a.data)[0](upstream), rtol=1e-15)


def test_a_mask_and_rows_are_taken():
    a = Tensor([[1.0, -2.0], [3.0, 0.5]], requires_grad=True)
    (a[a.data > 0.7] * [10.0, 20.0]).sum().backward()
    np.testing.assert_array_equal(a.grad, [[10, 0], [20, 0]])
    assert [row.shape for row in a] == [(2,), (2,)]


@pytest.mark.parametrize("axes", [(), (1, 0, 2), (2, 0, 1), (-1, 0, -2)])
def test_transposes_are_undone(axes):
    a = Tensor(np.random.default_rng(2).normal(size=(2, 3, 4)), requires_grad=True)
    y = a.transpose(*axes)
    np.testing.assert_array_equal(y.data, np.transpose(a.data, axes or None))
    y.backward(y.data)
    np.testing.assert_array_equal(a.grad, a.data)
    np.testing.assert_array_equal(a.T.data, a.data.T)
    np.testing.assert_array_equal(a.mT.data, a.data.mT)


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_joined_tensors_get_their_own_part_back(axis):
    a, b = (Tensor(np.full((2, 3), value), requires_grad=True) for value in (1.0, 2.0))
    for joined, numpys in ((Tensor.concatenate, np.concatenate), (Tensor.stack, np.stack)):
        y = joined([a, np.zeros((2, 3)), b], axis)
        np.testing.assert_array_equal(y.data, numpys([a.data, np.zeros((2, 3)), b.data], axis))
        da, db = gradients(y, [a, b], y.data)
        np.testing.assert_array_equal(da.data, a.data)
        np.testing.assert_array_equal(db.data, b.data)


def test_tensors_are_joined_along_the_first_axis_by_default():
    a, b = Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0]])
    np.testing.assert_array_equal(Tensor.concatenate([a, b]).data, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(Tensor.stack([a, b]).data, [[[1, 2]], [[3, 4]]])
    np.testing.assert_array_equal(b.log_softmax().data, b.log_softmax(axis=1).data)
    np.testing.assert_array_equal(b.softmax().data, b.softmax(axis=1).data)


def test_what_needs_no_gradient_is_not_in_the_graph():
    X, w = Tensor(np.ones((5, 2))), Tensor([1.0, 2.0], requires_grad=True)
    y = (X * 2 + 1) @ w
    y.backward(np.ones(5))
    assert X.grad is None
    assert not (X * 2).requires_grad
    assert (X * w).parents == (w,)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda a: (a * 2).backward(), ValueError, r"output of shape \(2,\) needs an upstream gradient"),
        (lambda a: gradients(a, [a]), ValueError, r"output of shape \(2,\) needs an upstream gradient"),
        (lambda a: a.backward(np.ones((1, 2))), ValueError, r"must have shape \(2,\), got \(1, 2\)"),
        (lambda a: a.sum().backward([1.0]), ValueError, r"must have shape \(\), got \(1,\)"),
        (
            lambda a: Tensor(1.0).backward(),
            ValueError,
            "backward needs a tensor computed, outside no_grad, from",
        ),
        (lambda a: gradients(a.sum(), a), TypeError, "must be a sequence of Tensors, got one Tensor"),
        (lambda a: gradients(a.sum(), [Tensor(1.0)]), ValueError, "each input must have requires_grad=True"),
        (lambda a: a**a, TypeError, "the exponent must be a number, got Tensor"),
        (lambda a: a + "b", TypeError, "operand must hold real numbers, got dtype <U1"),
        (lambda a: a * 1j, TypeError, "operand must hold real numbers, got dtype complex128"),
        (lambda a: Tensor(a), TypeError, "data must hold real numbers, got dtype object"),
        (lambda a: a.cross_entropy([0, 1]), ValueError, r"\(N, K\) and \(N,\), got \(2,\) and \(2,\)"),
        (lambda a: a.reshape(1, 2).cross_entropy([2]), ValueError, "labels must be in 0 to 1, got 2 to 2"),
        (lambda a: a.reshape(1, 2).cross_entropy([-1]), ValueError, "labels must be in 0 to 1, got -1 to -1"),
        (lambda a: a.reshape(1, 2).cross_entropy([0.0]), ValueError, "integer labels"),
        (lambda a: a @ np.ones((3, 2)), ValueError, "matmul"),
    ],
)
def test_mistakes_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call(Tensor([1.0, 2.0], requires_grad=True))


def test_an_output_of_one_number_needs_no_upstream_whatever_its_shape():
    a = Tensor([[3.0]], requires_grad=True)
    (a * a).backward()
    assert a.grad == [[6]]


def test_a_tensor_shows_its_values():
    assert repr(Tensor([1, 2])) == "Tensor([1., 2.])"
    assert repr(Tensor(np.eye(2))) == "Tensor([[1., 0.],\n        [0., 1.]])"
    assert repr(Tensor(1.5, requires_grad=True)) == "Tensor(1.5, requires_grad=True)"


def test_a_long_chain_needs_no_recursion():
    a = Tensor(1.0, requires_grad=True)
    y = a
    for _ in range(5_000):
        y = y + a
    y.backward()
    assert a.grad == 5_001
    [slope] = gradients(y * y, [a])
    assert slope.data == 2 * 5_001**2


def test_the_end_of_a_deep_graph_does_not_overflow_the_stack():
    y = Tensor(1.0, requires_grad=True)
    for _ in range(100_000):
        y = -y
    del y  # Python takes the chain apart from one tensor to the next
    gc.collect()


def test_a_graph_dies_with_its_output():
    w = Tensor(np.ones(3), requires_grad=True)
    collecting = gc.isenabled()
    gc.disable()  # counting references must do: nothing may point in a circle
    try:
        hidden = (w * 2).exp().tanh().sigmoid().sqrt() / 3
        alive = weakref.ref(hidden)
        loss = (hidden.max() + hidden.softmax().sum() + hidden[0] ** 3).sum()
        del hidden
        loss.backward()
        [slope] = gradients(loss, [w])
        assert alive() is not None
        del loss, slope
        assert alive() is None
    finally:
        if collecting:
            gc.enable()


def test_memory_does_not_grow_in_a_training_loop():
    w = Tensor(np.ones((100, 100)), requires_grad=True)

    def step():
        w.zero_grad()
        ((w @ w).tanh() ** 2).mean().backward()
        w.data = w.data - 0.1 * w.grad

    step()
    tracemalloc.start()
    step()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(20):
        step()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 80_000  # one matrix; each step makes a dozen


def test_no_grad_records_nothing_and_ends_with_its_block():
    w = Tensor([1.0, 2.0], requires_grad=True)
    block = no_grad()
    with block:
        with block, no_grad():
            assert not (w * w).requires_grad
        y = (w * w).sum()
        assert not y.requires_grad
        assert y.parents == ()
        with pytest.raises(ValueError, match="outside no_grad"):
            y.backward()
    assert (w * w).requires_grad
    with pytest.raises(ZeroDivisionError), no_grad():
        1 / 0  # noqa: B018
    assert (w * w).requires_grad


def test_no_grad_keeps_no_memory():
    w = Tensor(np.ones(10_000), requires_grad=True)
    with no_grad():
        y = w * 2
        first = weakref.ref(y)
        y = y * 2
        assert first() is None


def test_no_grad_holds_for_its_own_thread_alone():
    w, seen = Tensor(1.0, requires_grad=True), []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append((w * w).requires_grad))
        thread.start()
        thread.join()
    assert seen == [True]


def test_backward_may_be_called_in_no_grad_and_records_nothing():
    w = Tensor(3.0, requires_grad=True)
    y = w * w
    with no_grad():
        y.backward()
        [slope] = gradients(y, [w])
    assert w.grad == slope.data == 6
    assert not slope.requires_grad
    [slope] = gradients(y, [w])
    assert slope.requires_grad
