"""Questions on lesson 07: what is measured of a layer."""

import math
from functools import partial

import numpy as np

import nnlib

from ...exercises import find
from ..display import tex
from ..template import Draft, Entries, template
from ..wrong import misconception, mistakes_of
from .tools import saying

ask = partial(
    template,
    version=1,
    lesson="07_vanishing_and_exploding",
    topic="vanishing and exploding: causes and effects",
)


@ask(
    id="dead-share-of-a-layer",
    kind="numeric",
    topic="saturation and dying units",
    bloom="apply",
    difficulty=2,
    params={"A": Entries((0, 0, 0, 0, 0, 1.5, 2, -0.5), (3, 5))},
    given=lambda p: (shares := dead_shares(p.A.tolist()))[0] > 0 and len(set(shares)) >= 4,
    cards=("dead-unit",),
)
def dead_share_of_a_layer(p):
    columns = list(zip(*p.A.tolist(), strict=True))
    dead = [i for i, column in enumerate(columns, 1) if not any(column)]
    return Draft(
        stem="Outputs of a layer, one row for each of 3 examples, one column for each of 5 units. Which share of the units "
        f"is dead?\n\n$$A = {tex(p.A)}$$",
        key=nnlib.dead_fraction(p.A),
        check=lambda: len(dead) / 5,
        wrong=mistakes_of("dead_fraction", p.A),
        explain=f"A unit is dead if its whole column is 0. That holds for {' and '.join(f'unit {i}' for i in dead)}: {len(dead)} of 5. "
        "Negative outputs are alive, and a 0 here and there is healthy.",
    )


def dead_shares(rows):
    """The dead share, and for what it can be mistaken: shares of zeros, of silent examples, of units with a 0, of
    live units.
    """
    columns = list(zip(*rows, strict=True))
    dead, silent = (sum(not any(outputs) for outputs in several) for several in (columns, rows))
    zeros, with_zero = sum(row.count(0) for row in rows), sum(0 in column for column in columns)
    units, examples = len(columns), len(rows)
    return (
        dead / units,
        zeros / (units * examples),
        silent / examples,
        with_zero / units,
        (units - dead) / units,
    )


@ask(
    id="which-units-are-dead",
    kind="multiple",
    topic="saturation and dying units",
    bloom="analyse",
    difficulty=2,
    params={"Z": Entries((-4, -2.5, -2, -1, -0.5, -0.1, 0.2, 1, 3), (4, 6))},
    given=lambda p: 1 <= (p.Z < 0).all(axis=0).sum() <= 3,
    cards=("dead-unit", "dead-stays-dead"),
)
def which_units_are_dead(p):
    A = nnlib.relu(p.Z)
    dead = tuple(f"unit {i + 1}" for i in range(6) if nnlib.dead_fraction(A[:, i]) == 1)
    columns = list(zip(*p.Z.tolist(), strict=True))
    return Draft(
        stem="Pre-activations of the 6 ReLU units of a net's *first* layer (columns) for all 4 examples of a data set (rows). "
        "Which of the units named below are dead, so that gradient descent on this data will not bring them back?"
        f"\n\n$$Z = {tex(p.Z)}$$",
        key=dead,
        check=lambda: tuple(f"unit {i}" for i, column in enumerate(columns, 1) if max(column) <= 0),
        wrong=tuple(
            misconception("dead_fraction.once_is_enough", f"unit {i}")
            if min(column) < 0
            else misconception("alive-taken-for-dead", f"unit {i}")
            for i, column in enumerate(columns, 1)
            if max(column) > 0
        ),
        explain=f"Dead is negative for *all* examples: {', '.join(dead)}. One positive $z$ is enough to let a gradient through.",
    )


SIZE_WRONG = ("mean_for_rms", "std_for_rms", "mean_of_example_rms", "norm_for_rms", "root_forgotten")
DELTA_WRONG = ("delta_averaged", "root_forgotten", "order_reversed")
ZERO_WRONG = ("negative_counted", "units_for_outputs")


@ask(
    id="root-mean-square-of-outputs",
    kind="numeric",
    bloom="apply",
    difficulty=2,
    params={"A": Entries((-4, -3, -2, -1, 1, 2, 3, 5, 6), (2, 2), distinct=True)},
    given=lambda p: len({round(x, 1) for x in p.A.mean(axis=1)}) == 2 and p.A.sum() != 0,
    cards=("layer-statistics",),
)
def root_mean_square_of_outputs(p):
    squares = [int(x * x) for x in p.A.ravel()]
    return Draft(
        stem="`layer_statistics` is given one layer's outputs, 2 examples (rows) by 2 units. What does it return as `activation`, "
        f"to three significant digits?\n\n$$A = {tex(p.A)}$$",
        key=float(find("layer_statistics").reference([p.A], [p.A])[0][0]),
        check=lambda: math.hypot(*p.A.ravel()) / 2,
        wrong=saying(
            {
                "root_forgotten": "This is the *mean square* of the outputs. One step of the formula is still to come."
            },
            mistakes_of("layer_statistics", [p.A], [p.A], take=lambda out: out[0][0], only=SIZE_WRONG),
        ),
        explain=rf"The root mean square: $\sqrt{{({' + '.join(map(str, squares))})/4}} = "
        rf"{math.sqrt(sum(squares) / 4):.3g}$. Signs do not cancel, and there is one root for the whole layer.",
    )


@ask(
    id="delta-norms-by-layer",
    kind="vector",
    bloom="apply",
    difficulty=2,
    params={
        "first": ((3.0, -4.0), (-6.0, 8.0), (5.0, 12.0), (8.0, -15.0)),
        "second": ((2.0, -1.0, 2.0), (-2.0, 3.0, 6.0), (1.0, 4.0, -8.0), (4.0, -7.0, 4.0)),
        "scale": (0.001, 0.01, 0.1),
    },
    cards=("layer-statistics",),
)
def delta_norms_by_layer(p):
    deltas = [p.scale * np.array([p.first]), np.array([p.second])]
    return Draft(
        stem=rf"One example, two layers: $\delta_1 = {tex(deltas[0])}$ and $\delta_2 = {tex(deltas[1])}$. What does "
        "`layer_statistics` return as `delta`, first layer first?",
        key=find("layer_statistics").reference(deltas, deltas)[1],
        check=lambda: [p.scale * math.hypot(*p.first), math.hypot(*p.second)],
        wrong=(
            *mistakes_of("layer_statistics", deltas, deltas, take=lambda out: out[1], only=DELTA_WRONG),
            misconception("delta-sizes-added", np.array([np.abs(d).sum() for d in deltas])),
        ),
        explain=rf"The norms: $\|\delta_1\| = {p.scale:g} \cdot {math.hypot(*p.first):g}$ and "
        rf"$\|\delta_2\| = {math.hypot(*p.second):g}$. A gradient is a vector: its squares are added up, not averaged.",
    )


def zero_counts(rows):
    """Outputs of two examples that are 0, that are not positive, that stand in a column of zeros, that are not 0."""
    outputs = [output for row in rows for output in row]
    zero, dead = outputs.count(0), sum(not any(column) for column in zip(*rows, strict=True))
    return zero, sum(output <= 0 for output in outputs), 2 * dead, len(outputs) - zero


@ask(
    id="share-of-zero-outputs",
    kind="single",
    bloom="apply",
    difficulty=1,
    params={"A": Entries((0, 0, 0, -0.8, -0.3, 0.5, 0.9), (2, 5))},
    given=lambda p: all(zero_counts(p.A.tolist())[::3]) and len(set(zero_counts(p.A.tolist()))) == 4,
    cards=("zero-outputs",),
)
def share_of_zero_outputs(p):
    zeros = sum(x == 0 for x in p.A.ravel().tolist())
    return Draft(
        stem="Outputs of a layer of 5 units for 2 examples. What does `layer_statistics` return as `zero` for this layer?"
        f"\n\n$$A = {tex(p.A)}$$",
        key=float(find("layer_statistics").reference([p.A], [p.A])[2][0]),
        check=lambda: zeros / 10,
        wrong=(
            *mistakes_of("layer_statistics", [p.A], [p.A], take=lambda out: out[2][0], only=ZERO_WRONG),
            misconception("share-of-nonzero-outputs", 1 - zeros / 10),
        ),
        explain=f"Each output counts by itself: {zeros} of 10 are exactly 0. Negative outputs carry a signal.",
    )


TEMPLATES = (
    dead_share_of_a_layer,
    which_units_are_dead,
    root_mean_square_of_outputs,
    delta_norms_by_layer,
    share_of_zero_outputs,
)
