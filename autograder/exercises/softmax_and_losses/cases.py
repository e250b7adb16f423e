"""What several exercises of this lesson share: inputs, tolerances, reasons."""

import numpy as np

from ..schema import Case, Compare

# A loss is one number, a Python float in the reference: its dtype says nothing about the argument's.
VALUE = Compare(dtype=False)
VALUE32 = Compare(rtol=1e-4, atol=1e-5, dtype=False)
# Near ±10,000 a float64 has 12 digits after the point, a float32 three.
VALUE_EXTREME = Compare(rtol=1e-9, atol=1e-9, dtype=False)
EXTREME = Compare(rtol=1e-9, atol=1e-9, rtol32=2e-3, atol32=1e-6)
# A tiny answer can be judged only by its relative error.
RELATIVE = Compare(rtol=1e-9, atol=0.0, rtol32=2e-3, atol32=0.0)


OVERFLOW = "it differs from the right value only where the exponential overflows"
ROW_UNDERFLOW = "it differs from the right value only where a whole row of exponentials underflows"
FAILS = "it fails on a batch, so it has no value to offer"
TOO_CLOSE = "it differs from the right value by less than anyone could see"


def pairs(rng, *shapes):
    """A prediction and a target for each shape."""
    return [(rng.normal(0, 2, shape), rng.normal(0, 2, shape)) for shape in shapes]


def tables(rng):
    return pairs(rng, (4, 3), (5, 2))


def vectors(rng):
    return pairs(rng, (7,))


def one_entry(rng):
    return [*pairs(rng, (1,), (1, 1)), (np.zeros((2, 3)), rng.normal(0, 2, (2, 3)))]


def large_pairs(rng):
    return [(1e4 * y, 1e3 * t) for y, t in tables(rng)]


def near_pairs(rng):
    """Predictions that are almost right: differences of about 1e-8."""
    target = rng.integers(-4, 5, size=(3, 4)).astype(float)
    return [(target + 1e-8 * rng.uniform(1, 2, size=(3, 4)), target)]


def single_precision_pairs(rng):
    return [(y.astype(np.float32), t.astype(np.float32)) for y, t in tables(rng)]


TABLES = Case("tables", "prediction and target of shapes (4, 3) and (5, 2)", tables, weight=4)
VECTORS = Case("vectors", "shape (7,)", vectors, weight=1)


def score_tables(rng):
    return [(rng.uniform(-3, 3, size=(5, 3)),), (rng.uniform(-3, 3, size=(2, 4)),)]


def score_axes(rng):
    shapes = (((3, 5), 0), ((2, 3, 4), 1), ((2, 3, 4), 0), ((4, 2), 1))
    return [(rng.uniform(-3, 3, size=shape), axis) for shape, axis in shapes]


def score_shapes(rng):
    return [(rng.uniform(-3, 3, size=shape),) for shape in ((4,), (1, 6), (3, 1), (2, 3, 5))]


def rows_far_apart(rng):
    """Each row is ordinary if seen from its own maximum; between the rows lie thousands."""
    near = rng.uniform(-3, 3, size=(4, 3))
    offsets = np.array([[1e4], [-1e4], [rng.uniform(2e3, 5e3)], [0.0]])
    return [(near + offsets,)]


def large_scores(rng):
    """In each row one score lies more than 2,000 above the others; in the second all are far below zero."""
    sizes = rng.permuted(np.tile([9e3, 5e3, 2e3], (4, 1)), axis=1) + rng.uniform(-900, 900, size=(4, 3))
    z = sizes * rng.choice([-1, 1], size=(4, 3))
    z[0], z[1] = [1e4, -1e4, 0.0], -sizes[1]
    return [(z,), (z.astype(np.float32),)]


def single_precision_scores(rng):
    return [(rng.uniform(-3, 3, size=(3, 4)).astype(np.float32),)]


SCORES = Case("tables", "z of shapes (5, 3) and (2, 4), called without an axis", score_tables, weight=4)
AXES = Case("other axes", "axis = 0 and 1, in two and three dimensions", score_axes, weight=3)
SHAPES = Case("shapes", "shapes (4,), (1, 6), (3, 1) and (2, 3, 5)", score_shapes, weight=1)
FAR_APART = Case(
    "rows far apart", "rows that lie up to 20,000 apart", rows_far_apart, weight=2, compare=EXTREME
)
LARGE = Case(
    "large scores", "|z| up to 10,000, in float32 and float64", large_scores, weight=2, compare=EXTREME
)
FLOAT32 = Case("float32", "float32 in, float32 out", single_precision_scores, weight=1)


def labelled(z, rng):
    """Scores, and classes that are not all the same: every one occurs, or, with fewer rows than that, never the last."""
    N, K = z.shape
    occurring = rng.permutation(K if K <= N else K - 1)[:N]
    return z, rng.permutation(np.concatenate([occurring, rng.choice(occurring, N - len(occurring))]))


def examples(rng):
    return [labelled(rng.uniform(-3, 3, size=shape), rng) for shape in ((5, 3), (4, 6))]


def one_example(rng):
    """The true class is neither the first nor the last, nor the one with the largest score."""
    z = rng.uniform(-3, 2, size=(1, 4))
    z[0, 3 * rng.integers(0, 2)] = rng.uniform(2.5, 3)
    return [(z, rng.integers(1, 3, size=1))]


def equal_scores(rng):
    return [labelled(np.full((3, K), c), rng) for K, c in ((2, 0.0), (5, float(rng.uniform(1, 2))))]


def large_examples(rng):
    """One sure and right answer, one sure and wrong one, and rows that lie far apart."""
    z = rng.uniform(-3, 3, size=(4, 3))
    z[0] += [1e4, 0, -1e4]
    z[1] += [-1e4, 1e3, -1e3]
    z[2] -= 1e4
    return [(z, np.array([0, 2, 1, 2]))]


def large_examples32(rng):
    return [(z.astype(np.float32), y) for z, y in large_examples(rng)]


def single_precision_examples(rng):
    return [(z.astype(np.float32), y) for z, y in examples(rng)]
