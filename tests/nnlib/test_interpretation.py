"""Gradients at the input: saliency, Grad-CAM and the fast gradient sign method."""

import numpy as np
import pytest

from nnlib.diagnostics import trace
from nnlib.gradcheck import central_difference, relative_error
from nnlib.interpretation import fgsm, grad_cam, input_gradient, saliency
from nnlib.layers import Conv2d, Flatten, Linear, Sequential
from nnlib.losses import LOSSES


@pytest.fixture
def net():
    rng = np.random.default_rng(0)
    return Sequential([Linear(5, 7, rng), "tanh", Linear(7, 3, rng)]).eval()


X = np.random.default_rng(1).normal(size=(4, 5))


def test_the_input_gradient_is_that_of_the_loss(net):
    y = np.array([0, 2, 1, 1])
    wanted = central_difference(lambda x: LOSSES["cross_entropy"].f(net.forward(x), y), X)
    assert relative_error(input_gradient(net, "cross_entropy", X, y), wanted) < 1e-8
    np.testing.assert_array_equal(
        input_gradient(net, LOSSES["cross_entropy"], X, y), input_gradient(net, "cross_entropy", X, y)
    )


@pytest.mark.parametrize("classes", [1, [0, 2, 1, 1]])
def test_saliency_is_the_size_of_the_score_s_gradient_at_the_input(net, classes):
    places = np.broadcast_to(classes, 4)
    wanted = central_difference(lambda x: net.forward(x)[np.arange(4), places].sum(), X)
    found = saliency(net, X, classes)
    assert found.shape == X.shape
    assert (wanted < 0).any()
    assert relative_error(found, np.abs(wanted)) < 1e-8


@pytest.mark.parametrize("classes", [3, -1, [0, 0, 0, 3]])
def test_saliency_needs_a_class_of_the_model(net, classes):
    with pytest.raises(ValueError, match=r"classes must be in \[0, 3\), got"):
        saliency(net, X, classes)


def test_grad_cam_is_the_papers_sum():
    rng = np.random.default_rng(0)
    A, G = rng.normal(size=(2, 2, 3, 4, 5))
    found = grad_cam(A, G)
    assert found.shape == (2, 4, 5)
    for n in range(2):
        total = np.zeros((4, 5))
        for k in range(3):
            total += G[n, k].sum() / 20 * A[n, k]
        np.testing.assert_allclose(found[n], np.where(total > 0, total, 0), atol=1e-14)
    assert (found == 0).any()


def test_grad_cam_of_a_net_comes_from_its_trace():
    """A filter that finds a dark dot, and a class that asks for it: the map is largest at the dot."""
    rng = np.random.default_rng(0)
    net = Sequential([Conv2d(1, 2, 3, rng, padding=1), "relu", Flatten(), Linear(2 * 36, 2, rng)]).eval()
    net.parameters["0.W"][...] = 0
    net.parameters["0.W"][0, 0, 1, 1] = 1
    net.parameters["0.W"][1, 0, 1, 1] = -1
    net.parameters["3.W"][...] = np.repeat(np.eye(2), 36, axis=0)
    image = np.zeros((1, 1, 6, 6))
    image[0, 0, 2, 4] = 5
    relu = trace(net, image, np.array([[1.0, 0.0]]))[1]
    found = grad_cam(relu.output, relu.delta)
    assert np.unravel_index(found.argmax(), found.shape) == (0, 2, 4)
    assert (found > 0).sum() == 1


@pytest.mark.parametrize("shapes", [((1, 2, 3, 3), (1, 2, 3, 4)), ((2, 3, 3), (2, 3, 3))])
def test_grad_cam_needs_two_stacks_of_maps(shapes):
    with pytest.raises(ValueError, match="feature_maps and gradients must have one shape"):
        grad_cam(*map(np.ones, shapes))


def test_fgsm_moves_each_input_by_epsilon_uphill(net):
    y = np.array([0, 2, 1, 1])
    g = input_gradient(net, "cross_entropy", X, y)
    moved = fgsm(X, g, 0.01)
    np.testing.assert_allclose(np.abs(moved - X), 0.01, rtol=1e-9)
    loss = LOSSES["cross_entropy"].f
    rise = loss(net.forward(moved), y) - loss(net.forward(X), y)
    assert rise == pytest.approx(0.01 * np.abs(g).sum(), rel=0.05)


def test_fgsm_stays_in_the_range_and_where_the_gradient_is_0():
    x = np.array([0.0, 1.0, 0.5, 0.5], np.float32)
    moved = fgsm(x, np.array([-1.0, 1.0, 0.0, 1e-30]), 0.25, low=0, high=1)
    np.testing.assert_array_equal(moved, [0, 1, 0.5, 0.75])
    assert moved.dtype == np.float32
    np.testing.assert_array_equal(x, [0, 1, 0.5, 0.5])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones(2), np.ones(3), 0.1), r"gradient must have the shape of X, \(2,\), got \(3,\)"),
        ((np.ones(2), np.ones(2), -0.1), "epsilon must be 0 or more and finite, got -0.1"),
        ((np.ones(2), np.ones(2), 0.1, 1, 0), "low must not be above high, got 1 and 0"),
    ],
)
def test_fgsm_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        fgsm(*arguments)
