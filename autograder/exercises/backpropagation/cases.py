"""What several exercises of this lesson share: inputs, tolerances, reasons."""

from itertools import pairwise

import numpy as np

from ..schema import Compare

# Sums of float32 numbers near 1 differ in the seventh digit with the order of adding.
SUMS = Compare(atol32=1e-5)
# Products of numbers near 10,000 are rounded at 1e-8, however small their sum turns out.
LARGE = Compare(atol=1e-4, atol32=1e2, rtol32=1e-4)
# An upstream of 1e-8 must not disappear within the tolerance.
TINY = Compare(atol=1e-20, atol32=1e-13)

LAYER = "(N, D, H) all different"


def network(rng, widths, activation):
    """Parameters for each pair of neighbouring widths, scaled so that units neither die nor saturate."""
    gain = 2.0 if activation == "sigmoid" else 1.4
    return [
        (gain * rng.normal(size=(D, H)) / D**0.5, rng.normal(scale=0.3, size=H)) for D, H in pairwise(widths)
    ]


def passes(widths, activation, N):
    """A draw of (X, parameters, activation)."""
    return lambda rng: [(rng.normal(size=(N, widths[0])), network(rng, widths, activation), activation)]


def two_draws(first, second):
    return lambda rng: first(rng) + second(rng)


def in_single_precision(draw):
    def drawn(rng):
        return [
            (
                X.astype(np.float32),
                [(W.astype(np.float32), b.astype(np.float32)) for W, b in parameters],
                activation,
            )
            for X, parameters, activation in draw(rng)
        ]

    return drawn


def with_scale(draw, scale):
    """The same networks, their inputs multiplied by `scale`."""
    return lambda rng: [(scale * X, parameters, activation) for X, parameters, activation in draw(rng)]


def with_negative_output(draw):
    """The first output of a ReLU net below zero wherever a hidden unit is active, so that a bend there shows."""

    def drawn(rng):
        inputs = draw(rng)
        for _, parameters, _ in inputs:
            weights = parameters[-1][0]
            weights[:, 0] = -np.abs(weights[:, 0])
        return inputs

    return drawn


TANH_PASS = two_draws(passes([3, 4, 2], "tanh", 5), passes([2, 5, 4, 3], "tanh", 6))
SIGMOID_PASS = two_draws(passes([3, 4, 2], "sigmoid", 5), passes([2, 5, 4, 3], "sigmoid", 6))
RELU_PASS = two_draws(passes([3, 7, 2], "relu", 9), passes([2, 8, 6, 3], "relu", 10))
SINGLE_PASS = in_single_precision(
    lambda rng: [
        *passes([3, 4, 2], "tanh", 5)(rng),
        *passes([3, 4, 2], "sigmoid", 5)(rng),
        *passes([3, 7, 2], "relu", 9)(rng),
    ]
)
ONE_LAYER_PASS = passes([3, 2], "tanh", 5)
ONE_EXAMPLE_PASS = passes([3, 4, 2], "tanh", 1)
LARGE_PASS = with_scale(with_negative_output(passes([3, 7, 2], "relu", 9)), 1e4)
