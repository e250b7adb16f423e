"""`unbroadcast`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import SUMS, TINY


def added_axes(rng):
    return [
        (rng.normal(size=(4, 3)), (3,)),
        (rng.normal(size=(2, 5, 3)), (3,)),
        (rng.normal(size=(2, 4, 3)), (4, 3)),
    ]


def stretched_axes(rng):
    return [
        (rng.normal(size=(4, 3)), (4, 1)),
        (rng.normal(size=(4, 3)), (1, 3)),
        (rng.normal(size=(2, 5, 3)), (2, 1, 3)),
    ]


def two_stretched_axes(rng):
    return [
        (rng.normal(size=(4, 3)), (1, 1)),
        (rng.normal(size=(2, 5, 3)), (1, 1, 3)),
        (rng.normal(size=(2, 5, 3)), (1, 5, 1)),
    ]


def added_and_stretched(rng):
    return [
        (rng.normal(size=(2, 4, 3)), (4, 1)),
        (rng.normal(size=(2, 4, 3)), (1, 3)),
        (rng.normal(size=(5, 2)), (1,)),
    ]


def to_a_number(rng):
    return [(rng.normal(size=(4, 3)), ()), (rng.normal(size=5), ())]


def nothing_to_sum(rng):
    return [(rng.normal(size=(4, 3)), (4, 3)), (rng.normal(size=(1, 3)), (1, 3))]


def large_and_tiny(rng):
    return [(1e-8 * rng.normal(size=(4, 3)), (3,)), (1e4 * rng.uniform(1, 2, size=(4, 3)), (3,))]


def single_precision_gradient(rng):
    return [(rng.normal(size=(2, 4, 3)).astype(np.float32), (4, 1))]


def unbroadcast_added_only(gradient, shape):
    added = gradient.ndim - len(shape)
    return gradient.sum(axis=tuple(range(added)))


def unbroadcast_stretched_only(gradient, shape):
    added = gradient.ndim - len(shape)
    total = gradient.copy()
    for i, n in enumerate(shape):
        if n == 1:
            total = total.sum(axis=added + i, keepdims=True)
    return total


def unbroadcast_one_stretched_axis(gradient, shape):
    added = gradient.ndim - len(shape)
    total = np.array(gradient.sum(axis=tuple(range(added))))
    return total.sum(axis=tuple(shape).index(1), keepdims=True) if 1 in shape else total


def unbroadcast_mean(gradient, shape):
    added = gradient.ndim - len(shape)
    axes = tuple(range(added)) + tuple(added + i for i, n in enumerate(shape) if n == 1)
    return gradient.mean(axis=axes).reshape(shape)


def unbroadcast_axis_lost(gradient, shape):
    added = gradient.ndim - len(shape)
    axes = tuple(range(added)) + tuple(added + i for i, n in enumerate(shape) if n == 1)
    return gradient.sum(axis=axes)


def unbroadcast_first_copy(gradient, shape):
    added = gradient.ndim - len(shape)
    first = gradient[(0,) * added]
    return first[tuple(slice(0, n) for n in shape)].copy()


def unbroadcast_sum_of_all(gradient, shape):
    return np.full(shape, gradient.sum(), dtype=gradient.dtype)


def unbroadcast_first_axis(gradient, shape):
    return gradient.copy() if gradient.shape == tuple(shape) else gradient.sum(axis=0)


def unbroadcast_aligned_left(gradient, shape):
    axes = [i for i, n in enumerate(shape) if n == 1] + list(range(len(shape), gradient.ndim))
    total = gradient.sum(axis=tuple(axes), keepdims=True)
    return total.reshape(total.shape[: len(shape)])


def unbroadcast_copies_counted(gradient, shape):
    copies = gradient.size // int(np.prod(shape))
    return np.full(shape, copies, dtype=gradient.dtype)


EXERCISE = Exercise(
    name="unbroadcast",
    reference=nnlib.unbroadcast,
    points=2,
    compare=SUMS,
    cases=(
        Case("added axes", "from (4, 3) to (3,), from (2, 5, 3) to (3,)", added_axes, weight=3),
        Case("stretched axes", "from (4, 3) to (4, 1) or (1, 3)", stretched_axes, weight=3),
        Case(
            "two stretched axes",
            "from (4, 3) to (1, 1), from (2, 5, 3) to (1, 1, 3) or (1, 5, 1)",
            two_stretched_axes,
            weight=1,
        ),
        Case("both at once", "from (2, 4, 3) to (4, 1), from (5, 2) to (1,)", added_and_stretched, weight=2),
        Case("down to one number", "to shape ()", to_a_number, weight=1),
        Case("nothing to sum", "the shapes are the same already", nothing_to_sum, weight=1),
        Case(
            "large and tiny values",
            "gradients near 1e-8 and near 1e4",
            large_and_tiny,
            weight=1,
            compare=TINY,
        ),
        Case("float32", "float32 in, float32 out", single_precision_gradient, weight=1),
    ),
    mistakes=(
        Mistake(
            unbroadcast_added_only,
            "Axes that broadcasting put in front are summed; axes that it stretched from length 1 are not. Try "
            "unbroadcast of a (2, 3) array to (2, 1).",
            card="unbroadcast-two-kinds",
        ),
        Mistake(
            unbroadcast_stretched_only,
            "Axes that were stretched from length 1 are summed; axes that broadcasting put in front are still there. "
            "Try unbroadcast of a (4, 3) array to (3,).",
            card="unbroadcast-two-kinds",
        ),
        Mistake(
            unbroadcast_one_stretched_axis,
            "Right where one axis was stretched. Where there are two, the second is still there: does your search for a 1 "
            "in `shape` end at the first that it finds?",
            card="unbroadcast-two-kinds",
        ),
        Mistake(
            unbroadcast_mean,
            "You average over the copies. If one number is used four times and each use raises the loss by 1, by how "
            "much does the loss rise when the number does?",
            card="reuse-adds-gradients",
        ),
        Mistake(
            unbroadcast_axis_lost,
            "The sums are right, but an axis of length 1 has gone missing: the answer must have exactly the shape that "
            "was asked for.",
            card="gradient-shape",
            no_distractor="its numbers are right; only its shape is not",
        ),
        Mistake(
            unbroadcast_first_copy,
            "You return the gradient of the first copy and throw the others away. Every copy was used; what happens to "
            "the gradients of all of them?",
            card="reuse-adds-gradients",
        ),
        Mistake(
            unbroadcast_sum_of_all,
            "Every entry of your answer is the sum of the whole gradient. Each entry should collect its own copies only.",
            card="reuse-adds-gradients",
        ),
        Mistake(
            unbroadcast_first_axis,
            "Wherever there is something to sum, you sum over the first axis alone. That is right for a bias in a "
            "batch. Which axes does `shape` say were added or stretched here?",
            card="unbroadcast-two-kinds",
        ),
        Mistake(
            unbroadcast_aligned_left,
            "You compare the two shapes from the left. Broadcasting lines them up at the other end.",
            card="broadcasting-aligns-right",
        ),
        Mistake(
            unbroadcast_copies_counted,
            "You return how many copies there were. That is the answer only where every copy has the gradient 1. What is "
            "the gradient of each copy?",
            card="upstream",
        ),
    ),
    hints=(
        "Write `shape` above and the gradient's shape below it, aligned at the right. Mark every axis that is "
        "missing above, and every axis that is 1 above and larger below.",
        "Two steps are enough: first get rid of the axes in front, then sum the stretched axes and keep them as 1.",
        "`a.sum(axis=(0, 2))` sums two axes at once, and `a.sum(axis=1, keepdims=True)` leaves an axis of length 1.",
    ),
)
