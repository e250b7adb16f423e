"""`weighted_sum`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

from ... import drives
from ..schema import Case, Exercise, Mistake


def neurons(rng):
    return [
        (rng.normal(size=(5, 3)), rng.normal(size=3), float(rng.uniform(0.5, 2)), "tanh"),
        (rng.normal(size=(3, 4)), rng.normal(size=4), float(rng.uniform(-2, -0.5)), "rectify"),
    ]


def one_example(rng):
    # Small products, for far from zero tanh is 1 whatever went wrong before it.
    return [(rng.normal(scale=0.3, size=(1, 6)), rng.normal(size=6), float(rng.uniform(0.2, 0.6)), "tanh")]


def other_functions(rng):
    X, w = rng.normal(size=(4, 2)), rng.normal(size=2)
    return [(X, w, 1.5, name) for name in ("identity", "square")]


def single_precision_neuron(rng):
    X, w = rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=3).astype(np.float32)
    return [(X, w, 0.5, "tanh")]


def weighted_sum_bias_dropped(X, w, b, f):
    return f(X @ w)


def weighted_sum_bias_after(X, w, b, f):
    return f(X @ w) + b


def weighted_sum_no_activation(X, w, b, f):
    return X @ w + b


def weighted_sum_no_sum(X, w, b, f):
    return f(X * w + b)


def weighted_sum_over_examples(X, w, b, f):
    return f((X * w).sum(axis=0) + b)


def weighted_sum_bias_times_inputs(X, w, b, f):
    return f((X * w + b).sum(axis=1))


def weighted_sum_activation_first(X, w, b, f):
    return f(X) @ w + b


def weighted_sum_mean(X, w, b, f):
    return f((X * w).mean(axis=1) + b)


def weighted_sum_own_function(X, w, b, f):
    return 1 / (1 + np.exp(-(X @ w + b)))


def reference_weighted_sum(X, w, b, f):
    """A neuron: f(X·w + b), X (N, D), w (D,), b a number, f elementwise; result (N,)."""
    return f(X @ w + b)


EXERCISE = Exercise(
    name="weighted_sum",
    reference=reference_weighted_sum,
    drive=drives.call_with_function,
    points=3,
    cases=(
        Case("several examples", "X of shape (5, 3) and (3, 4), a bias of either sign", neurons, weight=4),
        Case("one example", "X of shape (1, 6)", one_example, weight=1),
        Case("other functions", "f another function than the one in the text", other_functions, weight=2),
        Case("float32", "float32 in, float32 out", single_precision_neuron, weight=1),
    ),
    mistakes=(
        Mistake(
            weighted_sum_bias_dropped,
            "Your values are those of a neuron without a bias. Where should b come in?",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_bias_after,
            "The bias is added after the activation. Does it belong inside f or outside?",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_no_activation,
            "This is the weighted sum itself; f has not been applied to it.",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_no_sum,
            "You return N × D numbers; a neuron gives one for each example. The products have not been added up.",
            card="neuron-shapes",
        ),
        Mistake(
            weighted_sum_over_examples,
            "You return D numbers, one for each input; there should be N, one for each example. Along which axis are "
            "the products added up?",
            card="neuron-shapes",
        ),
        Mistake(
            weighted_sum_bias_times_inputs,
            "The bias is counted once for each input, D times in all. How often does one neuron add its b?",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_activation_first,
            "f is applied to the inputs, before anything has been added up. What does the text put into f?",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_own_function,
            "Your neuron always applies σ. The activation comes as the argument `f`: another one may be asked for.",
            card="neuron-formula",
        ),
        Mistake(
            weighted_sum_mean,
            "Your products come out too small by the factor D. Sum or mean: which one does the text take over the D "
            "inputs?",
            card="neuron-formula",
        ),
    ),
    hints=(
        "Write down the shapes: X is (N, D), w is (D,). Which product of the two has shape (N,)?",
        "`X @ w` gives one number for each example. What is still to be added, and what is still to be applied?",
    ),
)
