"""`residual_backward`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Compare, Exercise, Mistake
from .cases import SAME_VALUES


def block(rng, N, D, H, scale=1.0, dtype=np.float64):
    """upstream (N, D), X (N, D), W (D, H), V (H, D) of a residual block."""
    U, X = rng.normal(0, rng.uniform(0.5, 2.0, D), (N, D)), rng.normal(0, 1, (N, D))
    W, V = rng.normal(0, scale, (D, H)), rng.normal(0, 1, (H, D))
    return tuple(array.astype(dtype) for array in (U, X, W, V))


def several_blocks(rng):
    return [block(rng, 4, 3, 5, 0.5), block(rng, 2, 6, 3, 0.5), block(rng, 5, 2, 4, 0.5)]


def one_example_block(rng):
    return [block(rng, 1, 4, 3, 0.5), block(rng, 1, 1, 2, 0.5)]


def closed_branches(rng):
    U, X, W, V = block(rng, 3, 4, 2, 0.5)
    return [(U, X, W, np.zeros_like(V)), (U, X, np.zeros_like(W), V), (np.zeros_like(U), X, W, V)]


def saturated_blocks(rng):
    return [block(rng, 3, 4, 5, 1e3), block(rng, 4, 2, 3, 3.0)]


def tiny_upstream(rng):
    U, X, W, V = block(rng, 3, 5, 4, 0.5)
    return [(U * 1e-8, X, W, V)]


def single_precision_block(rng):
    return [block(rng, 4, 3, 5, 0.5, np.float32)]


def residual_backward_shortcut_forgotten(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * (1 - A**2)
    return dZ @ W.T, X.T @ dZ, A.T @ upstream


def residual_backward_shortcut_only(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * (1 - A**2)
    return upstream.copy(), X.T @ dZ, A.T @ upstream


def residual_backward_input_for_upstream(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * (1 - A**2)
    return X + dZ @ W.T, X.T @ dZ, A.T @ upstream


def residual_backward_one_for_upstream(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * (1 - A**2)
    return 1 + dZ @ W.T, X.T @ dZ, A.T @ upstream


def residual_backward_branch_multiplied(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * (1 - A**2)
    return upstream * (dZ @ W.T), X.T @ dZ, A.T @ upstream


def residual_backward_slope_left_out(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = upstream @ V.T
    return upstream + dZ @ W.T, X.T @ dZ, A.T @ upstream


def residual_backward_slope_not_squared(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * (1 - A)
    return upstream + dZ @ W.T, X.T @ dZ, A.T @ upstream


def residual_backward_slope_of_the_slope(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * (1 - np.tanh(A) ** 2)
    return upstream + dZ @ W.T, X.T @ dZ, A.T @ upstream


def residual_backward_value_for_slope(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * A
    return upstream + dZ @ W.T, X.T @ dZ, A.T @ upstream


def residual_backward_shortcut_in_weights(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * (1 - A**2)
    return upstream + dZ @ W.T, W + X.T @ dZ, V + A.T @ upstream


def residual_backward_mean_over_examples(upstream, X, W, V):
    A = np.tanh(X @ W)
    dZ = (upstream @ V.T) * (1 - A**2)
    return upstream + dZ @ W.T, X.T @ dZ / len(X), A.T @ upstream / len(X)


def residual_backward_upstream_after_shortcut(upstream, X, W, V):
    A = np.tanh(X @ W)
    U = upstream + (upstream @ V.T * (1 - A**2)) @ W.T
    dZ = (U @ V.T) * (1 - A**2)
    return U, X.T @ dZ, A.T @ U


def residual_backward_in_place(upstream, X, W, V):
    A = np.tanh(X @ W)
    dV = A.T @ upstream
    dZ = (upstream @ V.T) * (1 - A**2)
    upstream += dZ @ W.T
    return upstream, X.T @ dZ, dV


def reference_residual_backward(upstream, X, W, V):
    """Gradients (dX, dW, dV) of the residual block Y = X + tanh(X W) V."""
    Z = X @ W
    grown = {}

    def branch_backward(U):
        dA, grown["dV"], _ = nnlib.linear_backward(U, nnlib.tanh(Z), V)
        dX, grown["dW"], _ = nnlib.linear_backward(dA * nnlib.tanh_grad(Z), X, W)
        return dX

    dX = nnlib.residual_backward(upstream, branch_backward)
    return dX, grown["dW"], grown["dV"]


# Where tanh has levelled off, 1 − A² and tanh's other forms differ by rounding: an absolute tolerance forgives that.
ROUNDED = Compare(rtol=1e-8, atol=1e-11, rtol32=1e-4, atol32=1e-5)

EXERCISE = Exercise(
    name="residual_backward",
    reference=reference_residual_backward,
    points=3,
    parts=("dX", "dW", "dV"),
    compare=ROUNDED,
    cases=(
        Case("several blocks", "N, D and H all different", several_blocks, weight=4),
        Case("one example", "N = 1; also D = 1", one_example_block, weight=1),
        Case("closed branches", "V, W or the upstream gradient are all 0", closed_branches, weight=2),
        Case("levelled off", "pre-activations up to ±1,000s: tanh is flat there", saturated_blocks, weight=1),
        Case(
            "tiny upstream",
            "an upstream gradient of 1e-8",
            tiny_upstream,
            weight=1,
            compare=Compare(rtol=1e-7, atol=1e-19),
        ),
        Case("float32", "float32 in, float32 out", single_precision_block, weight=1),
    ),
    mistakes=(
        Mistake(
            residual_backward_shortcut_forgotten,
            "Your dW and dV are right; your dX is that of the branch alone. In how many ways does X reach Y?",
            card="residual-gradient",
        ),
        Mistake(
            residual_backward_shortcut_only,
            "Your dX is the upstream gradient, as if the branch did not depend on X. In how many ways does X reach Y?",
            card="residual-gradient",
        ),
        Mistake(
            residual_backward_input_for_upstream,
            "In dX you add X to the branch's part. That is what the forward pass does. What comes back through the shortcut?",
            card="residual-gradient",
        ),
        Mistake(
            residual_backward_one_for_upstream,
            "In dX you add 1. The slope of the shortcut is 1, true; but the chain rule multiplies a slope by something.",
            card="residual-gradient",
        ),
        Mistake(
            residual_backward_branch_multiplied,
            "In dX the two ways are multiplied. Y is a sum of two things that depend on X: what does the chain rule do there?",
            card="residual-gradient",
        ),
        Mistake(
            residual_backward_slope_left_out,
            "Your dV is right; on the way to W and X the slope of tanh is missing.",
            card="residual-branch",
        ),
        Mistake(
            residual_backward_slope_not_squared,
            "Your slope of tanh is 1 − tanh(X W), which comes near 2 for very negative numbers. A slope of tanh lies "
            "between 0 and 1.",
            card="tanh-slope",
        ),
        Mistake(
            residual_backward_slope_of_the_slope,
            "Your slope is taken at tanh(X W), which has been through tanh once already. At which point is it needed?",
            card="tanh-slope",
        ),
        Mistake(
            residual_backward_value_for_slope,
            "You multiply by tanh itself where its slope belongs.",
            card="tanh-slope",
        ),
        Mistake(
            residual_backward_shortcut_in_weights,
            "Your dX is right; but you have added something to dW and dV as well. Does the shortcut pass through W or V?",
            card="residual-gradient",
        ),
        Mistake(
            residual_backward_mean_over_examples,
            "Your dW and dV are divided by N. The upstream gradient carries the loss's 1/N already: here the examples add up.",
            card="residual-branch",
        ),
        Mistake(
            residual_backward_upstream_after_shortcut,
            "Your dX is right, but dW and dV were computed from dX in place of the upstream gradient. What reaches the "
            "branch's *output*?",
            card="residual-branch",
        ),
        Mistake(
            residual_backward_in_place,
            "Your values are right, but `+=` wrote into the upstream gradient that your function was given. Other parts of "
            "the net may still need it.",
            card="residual-new-array",
            no_distractor=SAME_VALUES,
        ),
    ),
    hints=(
        "Draw the block: X goes along two ways, which meet in a sum. Each way hands a gradient back to X; they add up.",
        "The branch is what lesson 05 did: upstream @ V.T, times the slope of tanh, is the gradient at X @ W.",
        "Call hint 2's gradient dZ, and tanh(X W) A. Then dW = X.T @ dZ, dV = A.T @ upstream, and dX has the "
        "branch's dZ @ W.T and one more term.",
    ),
)
