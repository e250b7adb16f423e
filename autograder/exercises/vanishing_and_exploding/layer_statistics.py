"""`layer_statistics`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

from ..schema import Case, Exercise, Mistake
from .cases import NO_OVERFLOW, RELATIVE, SINGLE, TINY_ONLY


def signals(rng, shapes, scale=1.0, dtype=np.float64):
    """Outputs A with zeros and negative numbers among them, and δ, for layers of the given shapes."""
    A, deltas = [], []
    for shape in shapes:
        a = rng.normal(0.3, 1.0, shape)
        a[rng.random(shape) < 0.3] = 0.0
        A.append((scale * a).astype(dtype))
        deltas.append((scale * rng.normal(0.0, rng.uniform(0.1, 3.0), shape)).astype(dtype))
    return A, deltas


def several_layers(rng):
    return [
        signals(rng, [(5, 3), (5, 7), (5, 4)]),
        signals(rng, [(2, 6), (2, 3)]),
        signals(rng, [(4, 2), (4, 5), (4, 3)], scale=1e4),
    ]


def single_layer_statistics(rng):
    return [signals(rng, [(1, 6)]), signals(rng, [(1, 3), (1, 1), (1, 4)])]


def silent_layers(rng):
    A, deltas = signals(rng, [(3, 4), (3, 2), (3, 5)])
    A[1][:, :], deltas[0][:, :] = 0.0, 0.0
    A[2][:, 0] = 0.0
    return [(A, deltas)]


def vanished(rng):
    A, deltas = signals(rng, [(4, 3), (4, 5), (4, 2)])
    deltas = [d * 10.0**-k for d, k in zip(deltas, (24, 16, 8), strict=True)]
    A32, deltas32 = signals(rng, [(4, 3), (4, 5), (4, 2)], dtype=np.float32)
    deltas32 = [(d * 10.0**-k).astype(np.float32) for d, k in zip(deltas32, (30, 26, 8), strict=True)]
    return [(A, deltas), (A32, deltas32)]


def tiny_signals(rng):
    """Outputs of both signs, none of them 0 but those of the first example."""

    def drawn(scale, dtype):
        A, deltas = signals(rng, [(4, 3), (4, 6)], dtype=dtype)
        A = [scale * rng.uniform(0.5, 2.0, a.shape) for a in A]
        for a in A:
            a[0], a[1] = 0.0, -a[1]
        return [a.astype(dtype) for a in A], deltas

    return [drawn(1e-12, np.float64), drawn(1e-30, np.float64), drawn(1e-12, np.float32)]


def single_precision_signals(rng):
    return [signals(rng, [(5, 3), (5, 6)], dtype=np.float32)]


def layer_statistics_mean_for_rms(A, deltas):
    return (
        np.array([np.mean(a.astype(float)) for a in A]),
        np.array([np.linalg.norm(d.astype(float)) for d in deltas]),
        np.array([np.mean(a == 0) for a in A]),
    )


def layer_statistics_std_for_rms(A, deltas):
    return (
        np.array([np.std(a.astype(float)) for a in A]),
        np.array([np.linalg.norm(d.astype(float)) for d in deltas]),
        np.array([np.mean(a == 0) for a in A]),
    )


def layer_statistics_mean_of_example_rms(A, deltas):
    return (
        np.array([np.mean(np.sqrt(np.mean(a.astype(float) ** 2, axis=1))) for a in A]),
        np.array([np.linalg.norm(d.astype(float)) for d in deltas]),
        np.array([np.mean(a == 0) for a in A]),
    )


def layer_statistics_norm_for_rms(A, deltas):
    return (
        np.array([np.linalg.norm(a.astype(float)) for a in A]),
        np.array([np.linalg.norm(d.astype(float)) for d in deltas]),
        np.array([np.mean(a == 0) for a in A]),
    )


def layer_statistics_delta_averaged(A, deltas):
    return (
        np.array([np.sqrt(np.mean(a.astype(float) ** 2)) for a in A]),
        np.array([np.sqrt(np.mean(d.astype(float) ** 2)) for d in deltas]),
        np.array([np.mean(a == 0) for a in A]),
    )


def layer_statistics_root_forgotten(A, deltas):
    return (
        np.array([np.mean(a.astype(float) ** 2) for a in A]),
        np.array([np.sum(d.astype(float) ** 2) for d in deltas]),
        np.array([np.mean(a == 0) for a in A]),
    )


def layer_statistics_negative_counted(A, deltas):
    return (
        np.array([np.sqrt(np.mean(a.astype(float) ** 2)) for a in A]),
        np.array([np.linalg.norm(d.astype(float)) for d in deltas]),
        np.array([np.mean(a <= 0) for a in A]),
    )


def layer_statistics_nearly_zero(A, deltas):
    return (
        np.array([np.sqrt(np.mean(a.astype(float) ** 2)) for a in A]),
        np.array([np.linalg.norm(d.astype(float)) for d in deltas]),
        np.array([np.mean(np.isclose(a, 0)) for a in A]),
    )


def layer_statistics_units_for_outputs(A, deltas):
    return (
        np.array([np.sqrt(np.mean(a.astype(float) ** 2)) for a in A]),
        np.array([np.linalg.norm(d.astype(float)) for d in deltas]),
        np.array([np.mean((a == 0).all(axis=0)) for a in A]),
    )


def layer_statistics_order_reversed(A, deltas):
    return (
        np.array([np.sqrt(np.mean(a.astype(float) ** 2)) for a in A]),
        np.array([np.linalg.norm(d.astype(float)) for d in deltas[::-1]]),
        np.array([np.mean(a == 0) for a in A]),
    )


def layer_statistics_squares_underflow(A, deltas):
    return (
        np.array([float(np.sqrt(np.mean(a**2))) for a in A]),
        np.array([float(np.sqrt(np.sum(d**2))) for d in deltas]),
        np.array([np.mean(a == 0) for a in A]),
    )


def reference_layer_statistics(A, deltas):
    """For each layer, in float64: the outputs' root mean square, ‖δ‖, and the share of outputs that are 0."""
    activation = [np.sqrt(np.mean(np.square(a, dtype=np.float64))) for a in A]
    delta = [np.sqrt(np.sum(np.square(d, dtype=np.float64))) for d in deltas]
    zero = [np.mean(a == 0) for a in A]
    return np.array(activation), np.array(delta), np.array(zero)


EXERCISE = Exercise(
    name="layer_statistics",
    reference=reference_layer_statistics,
    points=3,
    compare=RELATIVE,
    parts=("activation", "delta", "zero"),
    cases=(
        Case(
            "several layers",
            "two or three layers of different widths, up to ±10,000",
            several_layers,
            weight=4,
        ),
        Case("one example", "N = 1, one layer or three", single_layer_statistics, weight=1),
        Case(
            "tiny outputs",
            "outputs near 1e-12 and 1e-30, and some that are 0",
            tiny_signals,
            weight=1,
            compare=SINGLE,
        ),
        Case("silent layers", "layers whose outputs or whose δ are all 0", silent_layers, weight=1),
        Case(
            "float32",
            "float32 in, three float64 arrays out",
            single_precision_signals,
            weight=1,
            compare=SINGLE,
        ),
        Case(
            "vanished signals",
            "δ down to 1e-30, in float64 and float32",
            vanished,
            weight=2,
            compare=SINGLE,
        ),
    ),
    mistakes=(
        Mistake(
            layer_statistics_mean_for_rms,
            "Your first array holds the outputs' plain mean, in which positive and negative outputs cancel. What does a "
            "*root mean square* do with the numbers before it takes the mean?",
            card="layer-statistics",
        ),
        Mistake(
            layer_statistics_std_for_rms,
            "Your first array is a standard deviation: it measures from the mean. The size of a signal is measured from 0.",
            card="layer-statistics",
        ),
        Mistake(
            layer_statistics_mean_of_example_rms,
            "Your first array is right for one example only: you take a root for each example and then the mean of the "
            "roots. How many roots does the formula have for a layer?",
            card="layer-statistics",
        ),
        Mistake(
            layer_statistics_norm_for_rms,
            "Your first array grows with the number of units and examples. The text asks for a mean there and for a sum "
            "elsewhere: which is which?",
            card="layer-statistics",
        ),
        Mistake(
            layer_statistics_delta_averaged,
            "Your second array is the root *mean* square of δ. Compare the formulas of the first and the second array: one "
            "divides by the number of entries.",
            card="layer-statistics",
        ),
        Mistake(
            layer_statistics_root_forgotten,
            "A δ of [3, 4] has the norm 5; yours says 25. One step of the formula is still to come, in the first "
            "array and in the second.",
            card="layer-statistics",
        ),
        Mistake(
            layer_statistics_negative_counted,
            "Your third array counts outputs below 0 as well. A layer after tanh or leaky ReLU has many of them, and they "
            "carry a signal.",
            card="zero-outputs",
        ),
        Mistake(
            layer_statistics_nearly_zero,
            "Outputs of 1e-12 count as zeros in your third array. Small is not 0: which comparison do you make?",
            card="zero-outputs",
            no_distractor=TINY_ONLY,
        ),
        Mistake(
            layer_statistics_units_for_outputs,
            "Your third array counts units that are 0 for *every* example; a later exercise asks for that. What "
            "share of the single outputs is 0?",
            card="zero-outputs",
        ),
        Mistake(
            layer_statistics_order_reversed,
            "The norms of δ are right, but they stand in the order of the backward pass. Which layer does `deltas[0]` "
            "belong to?",
            card="layer-statistics",
        ),
        Mistake(
            layer_statistics_squares_underflow,
            "Right, until δ is very small in float32: then you report a norm of 0 for a δ that is not 0. What is the "
            "square of 1e-30, and what is the smallest number that float32 can hold?",
            card="squares-underflow",
            no_distractor=NO_OVERFLOW,
        ),
    ),
    hints=(
        "Write it for one array first: one line each for the root mean square, the norm and the share of zeros.",
        "`np.mean(a == 0)` is a share: True counts as 1. The other two differ only in `mean` and `sum`.",
        "Squares leave float32's range long before the numbers do. `d.astype(np.float64)` comes before the square.",
    ),
)
