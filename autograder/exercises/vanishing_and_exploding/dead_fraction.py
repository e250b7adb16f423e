"""`dead_fraction`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import TINY_ONLY

EQUAL_AT_ONE = "it may equal the right value on a small example"


def relu_outputs(rng, N, H, dead=0):
    """Outputs (N, H) of ReLU units, each alive but the first `dead`, the columns shuffled."""
    A = np.maximum(rng.normal(-0.3, 1.0, (N, H)), 0)
    A[rng.integers(N, size=H), np.arange(H)] = rng.uniform(0.1, 2.0, H)
    A[:, :dead] = 0.0
    return A[:, rng.permutation(H)]


def relu_layers(rng):
    A = relu_outputs(rng, 6, 9, dead=2)
    A[4] = 0.0  # an example that no unit answers
    A[0] = np.where((A != 0).any(axis=0), rng.uniform(0.1, 1.0, 9), 0.0)
    return [(A,), (relu_outputs(rng, 40, 7, dead=3),), (relu_outputs(rng, 3, 11, dead=4) * 1e4,)]


def leaky_outputs(rng):
    A = rng.normal(0.0, 1.0, (4, 7))
    A[:, 0] = 0.0
    A[:, 1] = -rng.uniform(0.1, 1.0, 4)
    A[:, 2] = [1.5, -1.5, 0.0, 0.0]
    A[:, 3] = [0.0, 0.0, -2.0, 0.0]
    return [(A,), (A * 1e-8,)]


def broken_outputs(rng):
    A = relu_outputs(rng, 4, 8, dead=2)
    alive = np.flatnonzero((A != 0).any(axis=0))
    A[:, alive[0]] = np.nan
    A[:, alive[1]] = [0.0, np.nan, 0.0, 0.0]
    A[:, alive[2]] = [np.nan, 1.0, 0.0, np.nan]
    A[:, alive[3]] = [np.inf, 0.0, np.nan, 0.0]
    return [(A,)]


def one_example_and_more_axes(rng):
    maps = relu_outputs(rng, 3, 2 * 4 * 5, dead=7).reshape(3, 2, 4, 5)
    return [(relu_outputs(rng, 1, 6, dead=2),), (relu_outputs(rng, 5, 1, dead=1),), (maps,)]


def single_precision_outputs(rng):
    return [(relu_outputs(rng, 5, 8, dead=3).astype(np.float32),)]


def dead_fraction_share_of_zeros(activations):
    return float(np.mean((activations == 0) | ~np.isfinite(activations)))


def dead_fraction_over_units(activations):
    A = np.where(np.isfinite(activations), activations, 0)
    return float(np.mean((A == 0).all(axis=1)))


def dead_fraction_nan_alive(activations):
    return float(np.mean((activations == 0).all(axis=0)))


def dead_fraction_negative_dead(activations):
    A = np.where(np.isfinite(activations), activations, 0)
    return float(np.mean((A <= 0).all(axis=0)))


def dead_fraction_once_is_enough(activations):
    A = np.where(np.isfinite(activations), activations, 0)
    return float(np.mean((A == 0).any(axis=0)))


def dead_fraction_share_alive(activations):
    A = np.where(np.isfinite(activations), activations, 0)
    return float(np.mean((A != 0).any(axis=0)))


def dead_fraction_count(activations):
    A = np.where(np.isfinite(activations), activations, 0)
    return float(np.sum((A == 0).all(axis=0)))


def dead_fraction_sum_is_zero(activations):
    return float(np.mean(np.sum(activations, axis=0) == 0))


def dead_fraction_nearly_zero(activations):
    A = np.where(np.isfinite(activations), activations, 0)
    return float(np.mean((np.abs(A) < 1e-6).all(axis=0)))


def dead_fraction_one_nan_kills(activations):
    return float(np.mean((activations == 0).all(axis=0) | ~np.isfinite(activations).all(axis=0)))


def dead_fraction_inf_alive(activations):
    return float(np.mean((np.nan_to_num(activations) == 0).all(axis=0)))


def dead_fraction_places_joined(activations):
    A = np.where(np.isfinite(activations), activations, 0)
    return float(np.mean((A.reshape(-1, A.shape[-1]) == 0).all(axis=0)))


EXERCISE = Exercise(
    name="dead_fraction",
    reference=nnlib.dead_fraction,
    points=2,
    cases=(
        Case("ReLU layers", "(6, 9), (40, 7) and (3, 11), some units dead", relu_layers, weight=4),
        Case("outputs of either sign", "negative outputs, and outputs that cancel", leaky_outputs, weight=2),
        Case("nan and inf", "units of which some or all outputs are nan or inf", broken_outputs, weight=2),
        Case("shapes", "one example, one unit, and (3, 2, 4, 5)", one_example_and_more_axes, weight=1),
        Case("float32", "float32 in, a plain number out", single_precision_outputs, weight=1),
    ),
    mistakes=(
        Mistake(
            dead_fraction_share_of_zeros,
            "You return the share of *outputs* that are 0. A healthy ReLU unit is 0 for many examples. What must hold over "
            "all examples before a unit counts as dead?",
            card="dead-unit",
        ),
        Mistake(
            dead_fraction_over_units,
            "You look along the wrong axis: you have counted examples that no unit answers. The rows are examples, the "
            "columns units.",
            card="dead-unit",
        ),
        Mistake(
            dead_fraction_nan_alive,
            "Right without nan. With it, you count units as alive that put out no useful number: nan == 0 is False. "
            "Read again what makes a unit alive.",
            card="dead-unit-nan",
            no_distractor="it differs from the right value only where there is a nan",
        ),
        Mistake(
            dead_fraction_negative_dead,
            "A unit whose outputs are negative counts as dead in your answer. Could such an output pass a gradient on?",
            card="dead-unit",
        ),
        Mistake(
            dead_fraction_once_is_enough,
            "In your answer one example with output 0 is enough for a unit to be dead. `any` or `all`?",
            card="dead-unit",
        ),
        Mistake(
            dead_fraction_share_alive,
            "You return the share of units that are *alive*.",
            card="dead-unit",
        ),
        Mistake(
            dead_fraction_count,
            "You return how many units are dead; a fraction lies between 0 and 1.",
            card="dead-unit",
        ),
        Mistake(
            dead_fraction_sum_is_zero,
            "You add the outputs up and look for sums of 0. Where outputs have both signs they can cancel, and one nan makes "
            "its whole sum nan. Ask each output, and not their sum.",
            card="dead-unit",
            no_distractor=EQUAL_AT_ONE,
        ),
        Mistake(
            dead_fraction_nearly_zero,
            "Outputs of 1e-8 count as 0 in your answer. Small is not dead: a gradient passes wherever the output is not "
            "exactly 0.",
            card="dead-unit",
            no_distractor=TINY_ONLY,
        ),
        Mistake(
            dead_fraction_one_nan_kills,
            "A unit with a finite output other than 0 counts as alive, even if another of its outputs is nan. In your "
            "answer one nan is enough to be dead.",
            card="dead-unit-nan",
            no_distractor="it differs from the right value only where there is a nan",
        ),
        Mistake(
            dead_fraction_inf_alive,
            "Right for nan. A unit whose only outputs other than 0 are nan and inf counts as alive in your answer: is inf a "
            "finite number?",
            card="dead-unit-nan",
            no_distractor="it differs from the right value only where there is an inf",
        ),
        Mistake(
            dead_fraction_places_joined,
            "Right for (N, H). For images you put many places together and call them one unit. Which axis alone holds the "
            "examples?",
            card="dead-unit",
            no_distractor="it differs from the right value only where there are more than two axes",
        ),
    ),
    hints=(
        "Ask each output first: is it a finite number other than 0? That gives an array of True and False.",
        "A unit is alive if *any* example gives it such an output. Along which axis are the examples?",
        "nan != 0 is True in NumPy. `np.isfinite` tells nan and inf from numbers.",
    ),
)
