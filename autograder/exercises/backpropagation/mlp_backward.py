"""`mlp_backward`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import (
    LARGE,
    LARGE_PASS,
    ONE_EXAMPLE_PASS,
    ONE_LAYER_PASS,
    RELU_PASS,
    SIGMOID_PASS,
    SINGLE_PASS,
    SUMS,
    TANH_PASS,
    TINY,
    passes,
)


def with_zeros(draw):
    """The same networks, without biases, on one row of zeros and others: Z is then exactly 0 there."""

    def drawn(rng):
        [(X, parameters, activation)] = draw(rng)
        X[0] = 0
        return [(X, [(W, np.zeros_like(b)) for W, b in parameters], activation)]

    return drawn


DEEP_PASS = passes([2, 3, 4, 5, 4, 3, 2], "tanh", 7)

ZERO_PASS = with_zeros(passes([3, 7, 2], "relu", 9))


def backwards(draw):
    """For each network drawn, a random upstream and all that its forward pass kept."""

    def drawn(rng):
        inputs = []
        for X, parameters, activation in draw(rng):
            A, Z = nnlib.mlp_forward(X, parameters, activation)
            upstream = rng.normal(size=A[-1].shape).astype(X.dtype)
            inputs.append((upstream, A, Z, parameters, activation))
        return inputs

    return drawn


def tiny_backwards(rng):
    return [(1e-8 * upstream, *rest) for upstream, *rest in backwards(TANH_PASS)(rng)]


def mlp_backward_derivative_at_a(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(z.dtype),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        dA = delta @ parameters[i][0].T
        delta = dA * grad(A[i])
    return dA, gradients[::-1]


def mlp_backward_output_formula_on_z(upstream, A, Z, parameters, activation):
    grad = {
        "tanh": lambda a: 1 - a**2,
        "relu": lambda a: (a > 0).astype(a.dtype),
        "sigmoid": lambda a: a * (1 - a),
    }[activation]
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        dA = delta @ parameters[i][0].T
        if i > 0:
            delta = dA * grad(Z[i - 1])
    return dA, gradients[::-1]


def mlp_backward_derivative_dropped(upstream, A, Z, parameters, activation):
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        delta = delta @ parameters[i][0].T
    return delta, gradients[::-1]


def mlp_backward_reshaped(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(z.dtype),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        W = parameters[i][0]
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        dA = delta @ W.reshape(W.shape[::-1])
        if i > 0:
            delta = dA * grad(Z[i - 1])
    return dA, gradients[::-1]


def mlp_backward_last_first(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(z.dtype),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        dA = delta @ parameters[i][0].T
        if i > 0:
            delta = dA * grad(Z[i - 1])
    return dA, gradients


def mlp_backward_bent_output(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(z.dtype),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    gradients, dA = [], upstream
    for i in reversed(range(len(parameters))):
        delta = dA * grad(Z[i])
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        dA = delta @ parameters[i][0].T
    return dA, gradients[::-1]


def mlp_backward_weights_from_z(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(z.dtype),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        came_in = Z[i - 1] if i > 0 else A[0]
        gradients.append((came_in.T @ delta, delta.sum(axis=0)))
        dA = delta @ parameters[i][0].T
        if i > 0:
            delta = dA * grad(Z[i - 1])
    return dA, gradients[::-1]


def mlp_backward_bent_input(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(z.dtype),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        delta = (delta @ parameters[i][0].T) * grad(Z[i - 1] if i > 0 else A[0])
    return delta, gradients[::-1]


def mlp_backward_divided_by_n(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(z.dtype),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    N, gradients, delta = len(upstream), [], upstream
    for i in reversed(range(len(parameters))):
        gradients.append((A[i].T @ delta / N, delta.sum(axis=0) / N))
        dA = delta @ parameters[i][0].T
        if i > 0:
            delta = dA * grad(Z[i - 1])
    return dA, gradients[::-1]


def mlp_backward_update_first(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(z.dtype),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        dW, db = A[i].T @ delta, delta.sum(axis=0)
        gradients.append((dW, db))
        dA = delta @ (parameters[i][0] - 0.1 * dW).T
        if i > 0:
            delta = dA * grad(Z[i - 1])
    return dA, gradients[::-1]


def mlp_backward_relu_one_at_zero(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z >= 0).astype(z.dtype),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        dA = delta @ parameters[i][0].T
        if i > 0:
            delta = dA * grad(Z[i - 1])
    return dA, gradients[::-1]


def mlp_backward_mask_float64(upstream, A, Z, parameters, activation):
    def sigmoid(z):
        return 0.5 * (1 + np.tanh(z / 2))

    grad = {
        "tanh": lambda z: 1 - np.tanh(z) ** 2,
        "relu": lambda z: (z > 0).astype(np.float64),
        "sigmoid": lambda z: sigmoid(z) * (1 - sigmoid(z)),
    }[activation]
    gradients, delta = [], upstream
    for i in reversed(range(len(parameters))):
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        dA = delta @ parameters[i][0].T
        if i > 0:
            delta = dA * grad(Z[i - 1])
    return dA, gradients[::-1]


EXERCISE = Exercise(
    name="mlp_backward",
    reference=nnlib.mlp_backward,
    points=4,
    needs=("linear_backward",),
    compare=SUMS,
    parts=("dX", "gradients"),
    cases=(
        Case("tanh", "two and three layers with tanh", backwards(TANH_PASS), weight=3),
        Case("sigmoid", "two and three layers with sigmoid", backwards(SIGMOID_PASS), weight=2),
        Case("relu", "two and three layers with ReLU", backwards(RELU_PASS), weight=2),
        Case(
            "one layer",
            "a network of a single layer: it has no bend at all",
            backwards(ONE_LAYER_PASS),
            weight=1,
        ),
        Case("six layers", "six layers with tanh", backwards(DEEP_PASS), weight=1),
        Case("one example", "N = 1", backwards(ONE_EXAMPLE_PASS), weight=1),
        Case("at the kink", "ReLU where z is exactly 0: f′(0) = 0", backwards(ZERO_PASS), weight=1),
        Case("large inputs", "inputs near 10,000", backwards(LARGE_PASS), weight=1, compare=LARGE),
        Case("tiny gradients", "an upstream near 1e-8", tiny_backwards, weight=1, compare=TINY),
        Case("float32", "float32 in, float32 out, with each activation", backwards(SINGLE_PASS), weight=1),
    ),
    mistakes=(
        Mistake(
            mlp_backward_derivative_at_a,
            "Right for ReLU, wrong for tanh and sigmoid: f′ is taken at the activation. At which number was f itself "
            "taken in the forward pass?",
            card="derivative-at-z",
        ),
        Mistake(
            mlp_backward_output_formula_on_z,
            "Right for ReLU, wrong for tanh and sigmoid: your f′ is written in terms of the output (such as a(1 − a)), "
            "but it is given the pre-activation. Which of the two does your formula expect?",
            card="derivative-at-z",
        ),
        Mistake(
            mlp_backward_derivative_dropped,
            "The last layer's gradients are right; before it the factor f′ is missing. What does δ pass on its way "
            "from one layer to the one before?",
            card="mlp-backward-delta",
        ),
        Mistake(
            mlp_backward_reshaped,
            "The last layer's dW is right, but δ goes back through W reshaped, which keeps the numbers in reading "
            "order. Which operation swaps rows and columns?",
            card="linear-backward-dx",
        ),
        Mistake(
            mlp_backward_last_first,
            "The gradients are right, but the last layer's pair comes first. The list should run like `parameters`.",
            card="gradient-shape",
            no_distractor="its gradients are right; only their order is not",
        ),
        Mistake(
            mlp_backward_bent_output,
            "Already the last layer's dW is wrong: you multiply the upstream by f′ there. Did the forward pass bend the "
            "output?",
            card="linear-output",
        ),
        Mistake(
            mlp_backward_weights_from_z,
            "All is right but the dW of the second layer and of those after it: they are built from pre-activations. "
            "What did each layer multiply its weights with in the forward pass?",
            card="linear-backward-dw",
        ),
        Mistake(
            mlp_backward_bent_input,
            "Every dW and db is right, but dX has one factor f′ too many. Was an activation applied to X?",
            card="mlp-backward-delta",
        ),
        Mistake(
            mlp_backward_divided_by_n,
            "dX is right, but every dW and db is divided by N. If the loss is a mean, where does its 1/N already stand?",
            card="upstream-carries-the-mean",
        ),
        Mistake(
            mlp_backward_update_first,
            "The last layer's gradients are right; the earlier ones have been sent back through weights that were "
            "changed on the way. Backpropagation computes gradients at one point. Whose job is the change?",
            card="backprop-is-no-optimizer",
        ),
        Mistake(
            mlp_backward_relu_one_at_zero,
            "Right everywhere but where ReLU's z is exactly 0: your slope is 1 there. To which side does the "
            "exercise count 0?",
            card="relu-kink",
            no_distractor="it differs from the right value only where a z is exactly 0",
        ),
        Mistake(
            mlp_backward_mask_float64,
            "Your values are right; with ReLU, float32 comes back as float64. Which type have the zeros and ones that you "
            "multiply with?",
            card="keep-dtype",
            no_distractor="its values are right; only their type is not",
        ),
    ),
    hints=(
        "Two names carry everything: δ, the gradient at Z of this layer, and dA, the gradient at its input. Which line "
        "makes dA from δ, and which makes the next δ from dA?",
        "`linear_backward(delta, A[i], W)` gives you dA, dW and db of layer i, counted from 0. How does i run?",
        "The number before the bend that made A[i] is Z[i − 1]. For i = 0 there was no bend.",
    ),
)
