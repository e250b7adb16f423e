"""What several exercises of this lesson share: inputs, tolerances, reasons."""

import numpy as np

from ..schema import Case, Compare

# Far in the tail the right answer is tiny; only a relative tolerance can see whether it is right.
# float32 numbers below 1e-38 have few digits left.
TAIL = Compare(rtol=1e-9, atol=0.0, rtol32=2e-3, atol32=0.0)

SAME_VALUES = "its values are right; only what it does beside them is not"


def ordinary(rng):
    return [(rng.uniform(-4, 4, size=7),), (rng.uniform(-15, 15, size=(3, 5)),)]


def shapes(rng):
    return [(np.asarray(rng.normal(size=shape)),) for shape in ((1,), (4, 1), (2, 3, 5), ())]


def extremes(rng):
    z = np.concatenate([[-1e4, -1e3, 1e3, 1e4, 0.0], rng.uniform(100, 5000, 4) * [-1, 1, -1, 1]])
    return [(z,), (z.astype(np.float32),)]


def single_precision(rng):
    return [(rng.uniform(-4, 4, size=(3, 4)).astype(np.float32),)]


def tails(rng):
    return [(rng.uniform(-700, -40, size=6),), (rng.uniform(-95, -89.5, size=6).astype(np.float32),)]


ORDINARY = Case("ordinary values", "z between −15 and 15", ordinary, weight=4)
SHAPES = Case("shapes", "shapes (1,), (4, 1), (2, 3, 5) and ()", shapes, weight=1)
EXTREMES = Case("extreme values", "|z| up to 10,000, in float32 and float64", extremes, weight=3)
FLOAT32 = Case("float32", "float32 in, float32 out", single_precision, weight=1)
TAILS = Case(
    "the small tail", "far below zero, where the answer is tiny but not 0", tails, weight=1, compare=TAIL
)


def at_the_kink(rng):
    tiny = rng.uniform(1e-12, 1e-8, 3)
    return [(np.concatenate([[0.0], tiny, -tiny]),), (tiny,), (-tiny,)]


KINK = Case(
    "at the kink",
    "z = 0 and its near neighbours on both sides and on one",
    at_the_kink,
    weight=1,
    compare=Compare(rtol=1e-9, atol=0.0),
)
