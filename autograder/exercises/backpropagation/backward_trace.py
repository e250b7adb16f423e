"""`backward_trace`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Compare, Exercise, Mistake
from .cases import LAYER


def autoencoders(rng):
    return [autoencoder(rng, 5, 3, 2), autoencoder(rng, 4, 2, 6), autoencoder(rng, 7, 4, 3)]


def autoencoder(rng, N, D, H):
    """Inputs, weights and biases of the net of `backward_trace`."""
    return rng.normal(size=(N, D)), rng.normal(size=(D, H)), rng.normal(size=H)


def one_example_traced(rng):
    return [autoencoder(rng, 1, 3, 2)]


def one_hidden_unit(rng):
    return [autoencoder(rng, 5, 3, 1)]


def large_inputs_traced(rng):
    X, W, b = autoencoder(rng, 5, 3, 2)
    X *= 1e3
    X[0] = 0  # large inputs shut or open a gate for good; this row leaves it half open,
    X[3:] = -X[1:3]  # and of an input and its opposite one opens it
    return [(X, W, b), (X.astype(np.float32), W.astype(np.float32), b.astype(np.float32))]


def zero_weights(rng):
    X, W, b = autoencoder(rng, 5, 3, 2)
    return [(X, np.zeros_like(W), b)]


def single_precision_traced(rng):
    return [tuple(a.astype(np.float32) for a in autoencoder(rng, 5, 3, 2))]


def backward_trace_value_branch_dropped(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T - dP, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def backward_trace_gate_branch_dropped(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G
    return dP, dS, dG, dZ, dZ @ W.T - dP, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def backward_trace_decoder_use_overwritten(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T - dP, X.T @ dZ, dZ.sum(axis=0)


def backward_trace_both_overwritten(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)


def backward_trace_encoder_use_dropped(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T - dP, dP.T @ S, dZ.sum(axis=0)


def backward_trace_target_use_dropped(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def backward_trace_target_sign(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T + dP, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def backward_trace_derivative_at_gate(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    GG = 0.5 * (1 + np.tanh(G / 2))
    dZ = dS * G + dG * GG * (1 - GG)
    return dP, dS, dG, dZ, dZ @ W.T - dP, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def backward_trace_n_forgotten(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = S @ W.T - X
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T - dP, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def backward_trace_mean_over_entries(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / X.size
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T - dP, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def backward_trace_half_forgotten(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = 2 * (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T - dP, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def backward_trace_error_reversed(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (X - S @ W.T) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T - dP, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def backward_trace_bias_mean(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dS, dG, dZ, dZ @ W.T - dP, X.T @ dZ + dP.T @ S, dZ.mean(axis=0)


def backward_trace_ds_overwritten(X, W, b):
    Z = X @ W + b
    G = 0.5 * (1 + np.tanh(Z / 2))
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * G * (1 - G)
    return dP, dZ.copy(), dG, dZ, dZ @ W.T - dP, X.T @ dZ + dP.T @ S, dZ.sum(axis=0)


def reference_backward_trace(X, W, b):
    """Every gradient of loss = Σ (P − X)² / 2N, where Z = X W + b, G = σ(Z), S = Z·G, P = S Wᵀ.

    Z, W and X are each used twice, so their gradients are sums of two terms.
    """
    Z = X @ W + b
    G = nnlib.sigmoid(Z)
    S = Z * G
    P = S @ W.T
    dP = (P - X) / len(X)
    dS, dWT, _ = nnlib.linear_backward(dP, S, W.T)
    dG = dS * Z
    dZ = dS * G + dG * nnlib.sigmoid_grad(Z)
    dX, dW, db = nnlib.linear_backward(dZ, X, W)
    return dP, dS, dG, dZ, dX - dP, dW + dWT.T, db


EXERCISE = Exercise(
    name="backward_trace",
    reference=reference_backward_trace,
    points=3,
    needs=("linear_backward",),
    # Each gradient passes through several sums, so float32 answers drift apart a little more.
    compare=Compare(atol32=1e-4, rtol32=1e-4),
    parts=("dP", "dS", "dG", "dZ", "dX", "dW", "db"),
    cases=(
        Case("several shapes", LAYER, autoencoders, weight=5),
        Case("one example", "N = 1", one_example_traced, weight=1),
        Case("one hidden unit", "H = 1", one_hidden_unit, weight=1),
        Case(
            "large inputs",
            "inputs near 1,000 and a row of zeros, in float32 and float64",
            large_inputs_traced,
            weight=1,
            # dG and dW hold products near 1e8, rounded at 1e-8 in float64 and at 10 in float32
            compare=Compare(rtol=1e-9, atol=1e-5, rtol32=1e-3, atol32=1e3),
        ),
        Case("zero weights", "W = 0: the net answers 0", zero_weights, weight=1),
        Case("float32", "float32 in, float32 out", single_precision_traced, weight=1),
    ),
    mistakes=(
        Mistake(
            backward_trace_value_branch_dropped,
            "dP, dS and dG are right; dZ holds one of its two terms, the one through the gate. Count the arrows that "
            "leave Z in the graph.",
            card="reuse-adds-gradients",
        ),
        Mistake(
            backward_trace_gate_branch_dropped,
            "dP, dS and dG are right; dZ treats the gate G as a constant, so its dG is never used. Count the arrows "
            "that leave Z in the graph.",
            card="reuse-adds-gradients",
        ),
        Mistake(
            backward_trace_decoder_use_overwritten,
            "Everything is right but dW: it holds what came back from the first product, X W. Was something there before "
            "that, which has been overwritten?",
            card="accumulate-not-overwrite",
        ),
        Mistake(
            backward_trace_both_overwritten,
            "Everything is right but dX and dW: each holds what came back from the first product, X W, alone. Was something "
            "in them before that?",
            card="accumulate-not-overwrite",
        ),
        Mistake(
            backward_trace_encoder_use_dropped,
            "Everything is right but dW: it holds what came back from the second product, S Wᵀ. Where else does W stand "
            "in the forward pass?",
            card="accumulate-not-overwrite",
        ),
        Mistake(
            backward_trace_target_use_dropped,
            "Everything is right but dX: it holds what came back through the net. Where else does X stand in the "
            "forward pass?",
            card="reuse-adds-gradients",
        ),
        Mistake(
            backward_trace_target_sign,
            "Everything is right but dX, where one of its two terms has the wrong sign. With which sign does X stand "
            "in the error P − X?",
            card="reuse-adds-gradients",
        ),
        Mistake(
            backward_trace_derivative_at_gate,
            "dP, dS and dG are right; in dZ the derivative of the sigmoid is taken at G, its output. At which number "
            "was the sigmoid itself taken?",
            card="derivative-at-z",
        ),
        Mistake(
            backward_trace_n_forgotten,
            "Already dP is too large, by the factor N: the loss is a mean over the examples.",
            card="upstream-carries-the-mean",
        ),
        Mistake(
            backward_trace_mean_over_entries,
            "Already dP is too small, by the factor D: your mean runs over all N·D entries. What does the loss in line 5 "
            "divide by?",
            card="upstream-carries-the-mean",
        ),
        Mistake(
            backward_trace_half_forgotten,
            "Already dP is twice what it should be. What does the ½ in the loss do to the 2 of the square's "
            "derivative?",
            card="half-in-the-loss",
        ),
        Mistake(
            backward_trace_error_reversed,
            "Already dP has the wrong sign: the loss should rise when P moves further above X.",
            card="half-in-the-loss",
        ),
        Mistake(
            backward_trace_bias_mean,
            "Everything is right but db, which is too small by the factor N. The 1/N of the loss is in dZ already.",
            card="bias-gradient-sum",
        ),
        Mistake(
            backward_trace_ds_overwritten,
            "Everything is right but dS, which has become dZ. Do both names stand for one array in your code? Then "
            "`*=` or `+=` on the one changes the other.",
            card="accumulate-not-overwrite",
        ),
    ),
    hints=(
        "Go through the forward pass from its last line to its first. For each line, write down the gradient of every "
        "name on its right-hand side.",
        "Three names stand on two right-hand sides each: Z, W and X. Start each at what the later use gives, then add "
        "what the earlier use gives.",
        "For P = S Wᵀ call `linear_backward(dP, S, W.T)`. Its second answer is the gradient at W.T; W itself has the "
        "shape (D, H).",
    ),
)
