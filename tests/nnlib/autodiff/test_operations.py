"""Every operation of the engine against PyTorch, HIPS autograd, the complex step and differences, to second order."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from autograd import grad, make_vjp
from autograd import numpy as anp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlib.autodiff import Tensor, gradients
from nnlib.gradcheck import complex_step, numerical_gradients, relative_error

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=60)
LABELS = np.array([2, 0, 2, 1])
EXACT = 1e-12  # relative to a tensor's norm: a few roundings of 1e-16 in each of two programs


class Case(NamedTuple):
    """The shapes of the inputs, and one function in tensors and in HIPS autograd's NumPy."""

    shapes: list
    f: Callable
    numpys: Callable | None = None  # None: the same text serves both
    analytic: bool = True

    @property
    def textbook(self):
        return self.numpys or self.f


class Numbers(NamedTuple):
    """Where the derivatives of a case are taken, and what PyTorch made of them."""

    inputs: list
    directions: list
    first: list
    second: list
    upstream: np.ndarray
    value: np.ndarray


def anp_logsumexp(a, axis):
    return anp.log(anp.sum(anp.exp(a), axis=axis, keepdims=True))


def anp_cross_entropy(a):
    return -anp.mean((a - anp_logsumexp(a, 1))[np.arange(4), LABELS])


# The names and shapes of tests/nnlib/golden/autodiff.py.
CASES = {
    "add": Case([(2, 3, 4), (3, 1)], lambda a, b: a + b),
    "subtract": Case([(3, 1), (2, 3, 4)], lambda a, b: a - b),
    "multiply": Case([(4,), (2, 1, 4)], lambda a, b: a * b),
    "divide": Case([(2, 3), (3,)], lambda a, b: a / b),
    "negative": Case([(2, 3)], lambda a: -a),
    "numbers": Case([(3,)], lambda a: 2 / (3 - 2 * a) + (a - 1) / 4 + 5),
    "square": Case([(3, 2)], lambda a: a**2),
    "cube": Case([(3, 2)], lambda a: a**3),
    "inverse square": Case([(3, 2)], lambda a: a**-2),
    "positive power": Case([(3, 2)], lambda a: a**2.5),
    "matrix @ matrix": Case([(2, 3), (3, 4)], lambda a, b: a @ b),
    "vector @ matrix": Case([(3,), (3, 4)], lambda a, b: a @ b),
    "matrix @ vector": Case([(2, 3), (3,)], lambda a, b: a @ b),
    "vector @ vector": Case([(3,), (3,)], lambda a, b: a @ b),
    "stack @ stack": Case([(2, 1, 3, 4), (5, 4, 2)], lambda a, b: a @ b),
    "stack @ vector": Case([(2, 3, 4), (4,)], lambda a, b: a @ b),
    "vector @ stack": Case([(3,), (2, 3, 4)], lambda a, b: a @ b),
    "exp": Case([(2, 3)], lambda a: a.exp(), anp.exp),
    "positive log": Case([(2, 3)], lambda a: a.log(), anp.log),
    "positive sqrt": Case([(2, 3)], lambda a: a.sqrt(), anp.sqrt),
    "sin": Case([(2, 3)], lambda a: a.sin(), anp.sin),
    "cos": Case([(2, 3)], lambda a: a.cos(), anp.cos),
    "tanh": Case([(2, 3)], lambda a: a.tanh(), anp.tanh),
    "sigmoid": Case([(2, 3)], lambda a: a.sigmoid(), lambda a: 1 / (1 + anp.exp(-a))),
    "relu": Case([(2, 3)], lambda a: a.relu(), lambda a: anp.maximum(a, 0), analytic=False),
    "abs": Case([(2, 3)], lambda a: abs(a), anp.abs, analytic=False),
    "maximum": Case([(2, 3), (3,)], lambda a, b: a.maximum(b), anp.maximum, analytic=False),
    "sum": Case([(2, 3)], lambda a: (a * a).sum(), lambda a: anp.sum(a * a)),
    "sum over axes": Case([(2, 3, 4)], lambda a: (a * a).sum(axis=(0, 2), keepdims=True)),
    "mean": Case([(2, 3, 4)], lambda a: (a * a).mean(axis=1), lambda a: anp.mean(a * a, axis=1)),
    "max": Case([(2, 5)], lambda a: (a * a).max(axis=1), lambda a: anp.max(a * a, axis=1), analytic=False),
    "max of all": Case([(2, 3)], lambda a: (a * a).max(), lambda a: anp.max(a * a), analytic=False),
    "reshape": Case([(2, 3, 4)], lambda a: a.reshape(4, 6) ** 2, lambda a: anp.reshape(a, (4, 6)) ** 2),
    "transpose": Case(
        [(2, 3, 4)], lambda a: a.transpose(2, 0, 1) ** 2, lambda a: anp.transpose(a, (2, 0, 1)) ** 2
    ),
    "T": Case([(2, 3)], lambda a: a.T**2),
    "slice": Case([(4, 5)], lambda a: a[1:, ::2] ** 2),
    "repeated index": Case([(4, 3)], lambda a: a[[3, 0, 3, 3]] ** 2),
    "pairs of indices": Case([(4, 3)], lambda a: a[np.arange(4), LABELS] ** 2),
    "concatenate": Case(
        [(2, 3), (2, 1)],
        lambda a, b: Tensor.concatenate([a, b, a], axis=1) ** 2,
        lambda a, b: anp.concatenate([a, b, a], axis=1) ** 2,
    ),
    "stack": Case(
        [(2, 3), (2, 3)],
        lambda a, b: Tensor.stack([a, b], axis=-1) ** 2,
        lambda a, b: anp.concatenate([a[..., None], b[..., None]], axis=-1) ** 2,
    ),
    "logsumexp": Case([(2, 3)], lambda a: a.logsumexp(axis=1), lambda a: anp_logsumexp(a, 1)[:, 0]),
    "softmax": Case([(2, 3)], lambda a: a.softmax(axis=0), lambda a: anp.exp(a - anp_logsumexp(a, 0))),
    "cross_entropy": Case([(4, 3)], lambda a: a.cross_entropy(LABELS), anp_cross_entropy),
    "network": Case(
        [(4, 2), (2, 5), (5,), (5, 3), (3,)],
        lambda X, W1, b1, W2, b2: ((X @ W1 + b1).tanh() @ W2 + b2).cross_entropy(LABELS),
        lambda X, W1, b1, W2, b2: anp_cross_entropy(anp.tanh(X @ W1 + b1) @ W2 + b2),
    ),
    "rosenbrock": Case([(4,)], lambda x: (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()),
}


@pytest.fixture(scope="module")
def numbers(golden):
    """A function from a case's name to its kept numbers."""
    kept = golden("autodiff")

    def load(name):
        shapes = CASES[name].shapes
        ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes])
        lists = []
        for kind in ("inputs", "directions", "first", "second"):
            pieces = np.split(kept[f"{name}/{kind}"], ends[:-1])
            lists.append([piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)])
        return Numbers(*lists, kept[f"{name}/upstream"], kept[f"{name}/value"])

    return load


def derivatives(f, inputs, directions, upstream):
    """y = f(inputs), the gradients g_i of ⟨upstream, y⟩, and the gradients of Σ ⟨direction_i, g_i⟩."""
    inputs = [Tensor(x, requires_grad=True) for x in inputs]
    y = f(*inputs)
    y.backward(upstream)
    first = gradients(y, inputs, upstream)
    for x, g in zip(inputs, first, strict=True):
        np.testing.assert_array_equal(x.grad, g.data)
    total = sum((g * v).sum() for g, v in zip(first, directions, strict=True))
    return y.data, [x.grad for x in inputs], [g.data for g in gradients(total, inputs)]


def assert_close(got, want, tolerance=EXACT):
    assert len(got) == len(want)
    assert max(relative_error(a, b) for a, b in zip(got, want, strict=True)) <= tolerance


@pytest.mark.parametrize("name", CASES)
def test_pytorch_agrees(name, numbers):
    n = numbers(name)
    value, first, second = derivatives(CASES[name].f, n.inputs, n.directions, n.upstream)
    assert_close([value], [n.value])
    assert_close(first, n.first)
    assert_close(second, n.second)


def test_every_kept_case_is_tested(golden):
    assert {key.partition("/")[0] for key in golden("autodiff")} == {*CASES, "ties"}


@pytest.mark.oracle
@pytest.mark.parametrize("name", CASES)
def test_pytorch_agrees_live(name, pytorch):
    rng = np.random.default_rng(29)
    topic = pytorch("autodiff")
    for _ in range(3):
        inputs, directions = topic.draw(name, rng)
        upstream = rng.normal(size=CASES[name].f(*map(Tensor, inputs)).shape)
        got = derivatives(CASES[name].f, inputs, directions, upstream)
        want = topic.derivatives(name, inputs, directions, upstream)
        assert_close([got[0]], [want[0]])
        assert_close(got[1], want[1])
        assert_close(got[2], want[2])


@pytest.mark.parametrize("name", CASES)
def test_hips_autograd_agrees(name, numbers):
    n, f = numbers(name), CASES[name].textbook
    places = range(len(n.inputs))

    def slope_along_the_directions(*inputs):
        first = [grad(lambda *x: anp.sum(n.upstream * f(*x)), i)(*inputs) for i in places]
        return sum(anp.sum(g * v) for g, v in zip(first, n.directions, strict=True))

    value, first, second = derivatives(CASES[name].f, n.inputs, n.directions, n.upstream)
    assert_close([value], [f(*n.inputs)])
    assert_close(first, [make_vjp(f, i)(*n.inputs)[0](n.upstream) for i in places])
    if any(np.any(g) for g in second):  # HIPS autograd warns where a slope is constant
        assert_close(second, [grad(slope_along_the_directions, i)(*n.inputs) for i in places])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.analytic])
def test_the_complex_step_agrees(name, numbers):
    n, f = numbers(name), CASES[name].textbook
    first = derivatives(CASES[name].f, n.inputs, n.directions, n.upstream)[1]
    for i, computed in enumerate(first):

        def scalar(z, i=i):
            return np.sum(n.upstream * f(*n.inputs[:i], z, *n.inputs[i + 1 :]))

        assert_close([computed], [complex_step(scalar, n.inputs[i], elementwise=False)])


@pytest.mark.parametrize("name", CASES)
def test_differences_of_its_own_values_and_gradients_agree(name, numbers):
    n, f = numbers(name), CASES[name].f

    def value(x):
        return np.sum(f(*map(Tensor, x.values())).data * n.upstream)

    def slope(x):
        inputs = [Tensor(array, requires_grad=True) for array in x.values()]
        f(*inputs).backward(n.upstream)
        return sum(np.sum(x.grad * v) for x, v in zip(inputs, n.directions, strict=True))

    _, *computed = derivatives(f, n.inputs, n.directions, n.upstream)
    for tensors, scalar in zip(computed, (value, slope), strict=True):
        wanted = numerical_gradients(scalar, dict(enumerate(n.inputs)))
        for i, tensor in enumerate(tensors):  # second derivatives may be 0, which has no relative error
            np.testing.assert_allclose(tensor, wanted[i], rtol=0, atol=1e-7 * (1 + np.abs(tensor).max()))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
def test_dtype_is_kept_in_values_and_gradients(name, dtype, numbers):
    n = numbers(name)
    value, *computed = derivatives(
        CASES[name].f, [x.astype(dtype) for x in n.inputs], n.directions, n.upstream
    )
    assert isinstance(value, np.ndarray)
    assert {array.dtype for array in [value, *computed[0], *computed[1]]} == {np.dtype(dtype)}
    assert_close(computed[0], n.first, tolerance=1e-5 if dtype == np.float32 else EXACT)


@SETTINGS
@given(
    hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4),
    st.sampled_from(["add", "subtract", "multiply", "divide", "maximum"]),
    st.integers(0, 2**32 - 1),
)
def test_broadcast_operands_get_gradients_of_their_own_shape(shapes, name, seed):
    rng = np.random.default_rng(seed)
    inputs = [rng.uniform(0.5, 2, shape) for shape in shapes.input_shapes]
    upstream = rng.normal(size=shapes.result_shape)
    a, b = (Tensor(x, requires_grad=True) for x in inputs)
    CASES[name].f(a, b).backward(upstream)
    for i, t in enumerate((a, b)):
        assert t.grad.shape == t.shape
        want = make_vjp(CASES[name].textbook, i)(*inputs)[0](upstream)
        np.testing.assert_allclose(t.grad, want, rtol=1e-12, atol=1e-14)
