"""`linear_backward`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import LARGE, LAYER, SUMS, TINY


def layer(rng, N, D, H):
    """An upstream gradient, inputs and weights of one linear layer."""
    return rng.normal(size=(N, H)), rng.normal(size=(N, D)), rng.normal(size=(D, H))


def layers(rng):
    return [layer(rng, 5, 3, 4), layer(rng, 4, 6, 2), layer(rng, 3, 2, 7)]


def one_example(rng):
    return [layer(rng, 1, 3, 4)]


def one_unit(rng):
    return [layer(rng, 5, 3, 1), layer(rng, 5, 1, 3)]


def large_layers(rng):
    large = tuple(1e4 * a for a in layer(rng, 5, 3, 4))
    return [large, tuple(a.astype(np.float32) for a in large)]


def tiny_upstream(rng):
    upstream, X, W = layer(rng, 5, 3, 4)
    return [(1e-8 * upstream, X, W)]


def zeros(rng):
    upstream, X, W = layer(rng, 5, 3, 4)
    return [(np.zeros_like(upstream), X, W), (upstream, np.zeros_like(X), W)]


def single_precision(rng):
    return [tuple(a.astype(np.float32) for a in layer(rng, 5, 3, 4))]


def linear_backward_weights_transposed(upstream, X, W):
    return upstream @ W.T, upstream.T @ X, upstream.sum(axis=0)


def linear_backward_reshaped(upstream, X, W):
    return upstream @ W.reshape(W.shape[::-1]), X.T @ upstream, upstream.sum(axis=0)


def linear_backward_bias_not_summed(upstream, X, W):
    return upstream @ W.T, X.T @ upstream, upstream.copy()


def linear_backward_bias_mean(upstream, X, W):
    return upstream @ W.T, X.T @ upstream, upstream.mean(axis=0)


def linear_backward_bias_over_units(upstream, X, W):
    return upstream @ W.T, X.T @ upstream, upstream.sum(axis=1)


def linear_backward_bias_row(upstream, X, W):
    return upstream @ W.T, X.T @ upstream, upstream.sum(axis=0, keepdims=True)


def linear_backward_bias_one_number(upstream, X, W):
    return upstream @ W.T, X.T @ upstream, upstream.sum()


def linear_backward_bias_last_example(upstream, X, W):
    return upstream @ W.T, X.T @ upstream, upstream[-1].copy()


def linear_backward_divided_by_n(upstream, X, W):
    N = len(X)
    return upstream @ W.T, X.T @ upstream / N, upstream.sum(axis=0) / N


def linear_backward_upstream_ignored(upstream, X, W):
    ones = np.ones_like(upstream)
    return ones @ W.T, X.T @ ones, ones.sum(axis=0)


def linear_backward_wrong_order(upstream, X, W):
    return X.T @ upstream, upstream.sum(axis=0), upstream @ W.T


EXERCISE = Exercise(
    name="linear_backward",
    reference=nnlib.linear_backward,
    points=3,
    cases=(
        Case("several shapes", f"{LAYER}, a random upstream", layers, weight=4),
        Case("one example", "N = 1", one_example, weight=1),
        Case("one unit, one input", "H = 1, then D = 1", one_unit, weight=1),
        Case(
            "large values",
            "numbers near 10,000, in float32 and float64",
            large_layers,
            weight=1,
            compare=LARGE,
        ),
        Case("tiny gradients", "an upstream near 1e-8", tiny_upstream, weight=1, compare=TINY),
        Case("zeros", "an upstream of zeros, then inputs of zeros", zeros, weight=1),
        Case("float32", "float32 in, float32 out", single_precision, weight=1),
    ),
    compare=SUMS,
    parts=("dX", "dW", "db"),
    mistakes=(
        Mistake(
            linear_backward_weights_transposed,
            "Your dW has the shape of W turned on its side, (H, D). A gradient has one number for each number of the "
            "array it belongs to. Which of the two factors must be turned to get (D, H)?",
            card="linear-backward-dw",
        ),
        Mistake(
            linear_backward_reshaped,
            "Your dX has the right shape and wrong numbers: W was reshaped into (H, D), which keeps its numbers in "
            "reading order. Which operation swaps rows and columns?",
            card="linear-backward-dx",
        ),
        Mistake(
            linear_backward_bias_not_summed,
            "Your db has one row for each example, but b has a single row that every example uses. What becomes of the "
            "gradients of a number that is used N times?",
            card="bias-gradient-sum",
        ),
        Mistake(
            linear_backward_bias_mean,
            "Your db is right for one example and too small, by the factor N, for several. Each use of b adds its "
            "share; if the loss is a mean, where does its 1/N already stand?",
            card="bias-gradient-sum",
        ),
        Mistake(
            linear_backward_bias_over_units,
            "Your db has one number for each example: the sum ran along the units. Which axis was added by "
            "broadcasting b?",
            card="bias-gradient-sum",
        ),
        Mistake(
            linear_backward_bias_row,
            "The numbers in your db are right, but it has two axes and b has one. Did the sum keep an axis of length 1?",
            card="gradient-shape",
            no_distractor="its numbers are right; only its shape is not",
        ),
        Mistake(
            linear_backward_bias_one_number,
            "Your db is a single number for all units together; each unit has a bias of its own. Over which axes did "
            "you sum?",
            card="bias-gradient-sum",
        ),
        Mistake(
            linear_backward_bias_last_example,
            "Your db is the last example's upstream, as if the others had been forgotten on the way. If you add in a loop: "
            "`=` and `=+` set a name anew.",
            card="bias-gradient-sum",
        ),
        Mistake(
            linear_backward_divided_by_n,
            "Your dW and db are right for one example and too small, by the factor N, for several. This layer does "
            "not know the loss. If the loss is a mean, where does its 1/N already stand?",
            card="upstream-carries-the-mean",
        ),
        Mistake(
            linear_backward_upstream_ignored,
            "Your gradients are those of the sum of all outputs: they do not depend on `upstream`. How much does each "
            "output matter to the loss?",
            card="upstream",
        ),
        Mistake(
            linear_backward_wrong_order,
            "The three gradients are there, in another order than the text asks for: dX, dW, db.",
            card="gradient-shape",
            no_distractor="its gradients are right; only their order is not",
        ),
    ),
    hints=(
        "Write the shapes down first: upstream (N, H), X (N, D), W (D, H). Each gradient has the shape of its array, and "
        "for dX and dW only one product of two of the three fits.",
        "Take N = D = H = 1: y = x·w + b. What are ∂y/∂x, ∂y/∂w and ∂y/∂b? Each is multiplied by the upstream.",
        "W and b are used once for each example, so their gradients are sums over N. In dW the matrix product does the "
        "summing; in db you do.",
    ),
)
