"""What several exercises of this lesson share: inputs, tolerances, reasons."""

from dataclasses import replace

import numpy as np

from ..activations import cases as of_values
from ..activations.cases import TAIL
from ..schema import Case, Compare

ONLY_ROUNDING = "it differs from the right value only by rounding"
ONLY_DTYPE = "its values are right; only their dtype is not"


def spread(draw):
    """The inputs of `draw`; each z has numbers near zero and beyond 3 in it, on both sides."""

    def draw_spread(rng):
        inputs = draw(rng)
        for z, *_ in inputs:
            z.flat[:4] = rng.uniform([-3.5, -0.9, 0.1, 3.1], [-3.1, -0.1, 0.9, 3.5])
        return inputs

    return draw_spread


def shapes(rng):
    inputs = [(np.asarray(rng.uniform(-2, 2, size=shape)),) for shape in ((1,), (4, 1), (2, 3, 5), ())]
    inputs[2][0].flat[:4] = rng.uniform([-2, -0.9, 0.1, 1.1], [-1.1, -0.1, 0.9, 2])
    return inputs


def ordinary(rng):
    first, second = spread(of_values.ordinary)(rng)
    second[0].flat[4:6] = rng.uniform([-14, 8], [-8, 14])  # where a slope is tiny, on both sides
    return [first, second]


single_precision = spread(of_values.single_precision)


ORDINARY = replace(of_values.ORDINARY, draw=ordinary)
FLOAT32 = replace(of_values.FLOAT32, draw=single_precision)
# A measured slope is right to 9 digits here and to 10 there: that is for the other cases to see.
SHAPES = replace(of_values.SHAPES, draw=shapes, compare=Compare(rtol=1e-7))


def both_signs(rng, low, high, count=6):
    signs = np.array([-1.0, 1.0] * (count // 2))
    return signs * rng.uniform(low, high, size=count)


def both_tails(rng):
    return [(both_signs(rng, 40, 700),), (both_signs(rng, 89.5, 95).astype(np.float32),)]


# On the left σ(z)·(1 − σ(z)) is exact; on the right 1 − σ(z) is rounded to 0. So z has both signs.
TAILS = Case(
    "the small tails", "far from zero on both sides, where the slope is tiny but not 0", both_tails,
    weight=2, compare=TAIL,
)  # fmt: skip


# Students compute 1 − tanh² in float32, where it carries an error near 1e-7, times z·u′, which is 5 at z = 4.
ROUNDED = Compare(atol32=1e-5)
