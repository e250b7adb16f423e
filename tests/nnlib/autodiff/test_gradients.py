"""Gradients of gradients, and products with the Hessian."""

import numpy as np
import pytest
from autograd import elementwise_grad, grad
from autograd import numpy as anp

from nnlib.autodiff import Tensor, gradients, hessian_vector_product, no_grad
from nnlib.gradcheck import relative_error

LABELS = np.array([2, 0, 2, 1])


def test_gradients_of_gradients_go_as_deep_as_one_likes():
    x = Tensor(0.7, requires_grad=True)
    y = slope = x.tanh() * x**3
    want = f = lambda x: anp.tanh(x) * x**3
    for _ in range(4):
        [slope] = gradients(slope, [x])
        want = elementwise_grad(want)
        np.testing.assert_allclose(slope.data, want(0.7), rtol=1e-11)
    assert x.grad is None
    np.testing.assert_allclose(y.data, f(0.7), rtol=1e-15)


def test_gradients_are_taken_at_intermediates_and_are_zero_where_nothing_depends():
    a, b = Tensor([1.0, 2.0], requires_grad=True), Tensor(np.ones((2, 3)), requires_grad=True)
    h = a * 3
    y = (h * h).sum()
    at_h, at_b, at_y = gradients(y, [h, b, y])
    np.testing.assert_array_equal(at_h.data, [6, 12])
    np.testing.assert_array_equal(at_b.data, np.zeros((2, 3)))
    assert at_y.data == 1


def test_hessian_vector_products_worked_by_hand():
    # f = x²y: H = [[2y, 2x], [2x, 0]]
    x = np.array([3.0, 5.0])
    for v, want in ([1, 0], [10, 6]), ([0, 1], [6, 0]), ([1, -1], [4, 6]):
        np.testing.assert_allclose(hessian_vector_product(lambda t: t[0] ** 2 * t[1], x, v), want, rtol=1e-15)


def test_hessian_vector_product_is_the_matrix_of_a_quadratic():
    rng = np.random.default_rng(6)
    A, b = rng.normal(size=(5, 5)), rng.normal(size=5)
    x, v = rng.normal(size=(2, 5))
    before = x.copy(), v.copy()
    got = hessian_vector_product(lambda t: t @ A @ t / 2 + b @ t, x, v)
    np.testing.assert_allclose(got, (A + A.T) / 2 @ v, rtol=1e-13)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(v, before[1])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_hessian_vector_product_is_rosenbrocks(dtype):
    x, v = np.array([-1.2, 1.0, 0.3], dtype), np.array([0.5, -2.0, 1.0], dtype)
    H = np.zeros((3, 3))
    for i in range(2):
        H[i, i] += 1200 * float(x[i]) ** 2 - 400 * float(x[i + 1]) + 2
        H[i + 1, i + 1] += 200
        H[i, i + 1] = H[i + 1, i] = -400 * float(x[i])
    got = hessian_vector_product(rosenbrock, x, v)
    assert got.dtype == dtype
    assert relative_error(got, H @ v) <= (1e-6 if dtype == np.float32 else 1e-14)


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def anp_cross_entropy(a):
    return -anp.mean((a - anp.log(anp.sum(anp.exp(a), axis=1, keepdims=True)))[np.arange(4), LABELS])


def flat_network(w, X, tanh, loss):
    return loss(tanh(X @ w[:10].reshape((2, 5)) + w[10:15]) @ w[15:30].reshape((5, 3)) + w[30:])


def test_hessian_vector_product_of_a_network_agrees_with_hips_autograd():
    rng = np.random.default_rng(8)
    X, w, v = rng.normal(size=(4, 2)), rng.normal(size=33), rng.normal(size=33)
    got = hessian_vector_product(
        lambda w: flat_network(w, X, Tensor.tanh, lambda z: z.cross_entropy(LABELS)), w, v
    )
    slope = grad(lambda w: flat_network(w, X, anp.tanh, anp_cross_entropy))
    want = grad(lambda w: anp.dot(slope(w), v))(w)
    assert relative_error(got, want) <= 1e-12
    difference = (slope(w + 1e-5 * v) - slope(w - 1e-5 * v)) / 2e-5
    assert relative_error(got, difference) < 1e-8


def test_hessian_vector_product_of_a_constant_or_a_linear_function_is_zero():
    x, v = np.ones(3), np.arange(3.0)
    for f in (lambda t: t.sum(), lambda t: Tensor(1.0), lambda t: (t @ [1.0, 2.0, 3.0]).relu()):
        np.testing.assert_array_equal(hessian_vector_product(f, x, v), np.zeros(3))


def test_hessian_vector_product_works_inside_no_grad_and_leaves_it_on():
    w = Tensor(1.0, requires_grad=True)
    with no_grad():
        assert hessian_vector_product(lambda t: t**3, 2.0, 1.0) == 12
        with pytest.raises(ValueError, match=r"upstream must have shape \(3,\), got \(2,\)"):
            hessian_vector_product(lambda t: (t**3).sum(), np.ones(3), np.ones(2))
        assert not (w * w).requires_grad
    with pytest.raises(ValueError, match=r"output of shape \(3,\) needs an upstream"):
        hessian_vector_product(lambda t: t**3, np.ones(3), np.ones(3))
