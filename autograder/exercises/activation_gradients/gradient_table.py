"""`gradient_table`: its cases and its mistakes, whole wrong answers that a student could have handed in."""

import numpy as np

import nnlib

from ..schema import Case, Exercise, Mistake
from .cases import ONLY_DTYPE, ROUNDED


def points_of_a_table(rng):
    return [(rng.uniform(-4, 4, size=3),), (rng.uniform(-8, 8, size=7),)]


def points_of_the_article(rng):
    return [(np.array([-1.0, 0.0, 1.0, 2.0]),), (np.concatenate([[0.0], rng.uniform(-2, 2, 3)]),)]


def one_point(rng):
    return [(rng.uniform(-3, 3, size=1),)]


def far_points(rng):
    z = np.array([-1e4, -1e3, 0.0, 1e3, 1e4, float(rng.uniform(100, 900))])
    return [(z,), (z.astype(np.float32),)]


def single_precision_points(rng):
    return [(rng.uniform(-4, 4, size=4).astype(np.float32),)]


def gradient_table_columns_swapped(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return np.stack([np.stack([points, row.grad(points), row.f(points)], axis=-1) for row in rows])


def gradient_table_points_left_out(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return np.stack([np.stack([row.f(points), row.grad(points)], axis=-1) for row in rows])


def gradient_table_slope_at_the_output(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return np.stack([np.stack([points, row.f(points), row.grad(row.f(points))], axis=-1) for row in rows])


def gradient_table_axes_swapped(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return np.stack([np.stack([points, row.f(points), row.grad(points)], axis=-1) for row in rows], axis=1)


def gradient_table_quantity_first(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return np.stack([np.stack([points, row.f(points), row.grad(points)]) for row in rows])


def gradient_table_alphabetical(points):
    import nnlib

    names = ("gelu", "leaky_relu", "relu", "sigmoid", "tanh")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return np.stack([np.stack([points, row.f(points), row.grad(points)], axis=-1) for row in rows])


def gradient_table_of_the_article(points):
    import nnlib

    quoted = {"sigmoid": 0.25, "tanh": 0.42, "relu": 1.0, "leaky_relu": 0.01, "gelu": 1.08}
    rows = [(nnlib.ACTIVATIONS[name].f, slope) for name, slope in quoted.items()]
    return np.stack(
        [np.stack([points, f(points), np.full_like(points, slope)], axis=-1) for f, slope in rows]
    )


def gradient_table_value_twice(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return np.stack([np.stack([points, row.f(points), row.f(points)], axis=-1) for row in rows])


def gradient_table_float64_always(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    table = np.zeros((5, len(points), 3))
    for i, name in enumerate(names):
        row = nnlib.ACTIVATIONS[name]
        table[i] = np.stack([points, row.f(points), row.grad(points)], axis=-1)
    return table


def gradient_table_measured_one_sided(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    z, h = points.astype(np.float64), 1e-6
    rows = [nnlib.ACTIVATIONS[name].f for name in names]
    table = np.stack([np.stack([z, f(z), (f(z + h) - f(z)) / h], axis=-1) for f in rows])
    return table.astype(points.dtype)


def reference_gradient_table(points):
    """z, f(z) and f′(z) for five activations: points (P,), result (5, P, 3), dtype of the points.

    The rows are sigmoid, tanh, ReLU, leaky ReLU (slope 0.01) and GELU (form "erf").
    """
    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return np.stack([np.stack([points, row.f(points), row.grad(points)], axis=-1) for row in rows])


def gradient_table_flat(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return np.concatenate([np.stack([points, row.f(points), row.grad(points)], axis=-1) for row in rows])


def gradient_table_lists(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    return [np.stack([points, row.f(points), row.grad(points)], axis=-1) for row in rows]


def gradient_table_reshaped(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    table = np.stack([np.stack([points, row.f(points), row.grad(points)]) for row in rows])
    return table.reshape(5, len(points), 3)


def gradient_table_mixed_forms(points):
    import nnlib

    names = ("sigmoid", "tanh", "relu", "leaky_relu", "gelu")
    rows = [nnlib.ACTIVATIONS[name] for name in names]
    table = np.stack([np.stack([points, row.f(points), row.grad(points)], axis=-1) for row in rows])
    table[4, :, 2] = nnlib.gelu_grad(points, "tanh")
    return table


EXERCISE = Exercise(
    name="gradient_table",
    reference=reference_gradient_table,
    points=3,
    needs=("sigmoid_grad", "tanh_grad", "relu_grad", "leaky_relu_grad", "gelu_grad"),
    compare=ROUNDED,
    cases=(
        Case("several points", "3 and 7 points between −8 and 8", points_of_a_table, weight=4),
        Case(
            "points of the usual tables",
            "points among which are −1, 0, 1 and 2",
            points_of_the_article,
            weight=2,
        ),
        Case("one point", "a single point, shape (1,)", one_point, weight=1),
        Case("far points", "|z| up to 10,000, in float32 and float64", far_points, weight=1),
        Case("float32", "float32 in, float32 out", single_precision_points, weight=1),
    ),
    mistakes=(
        Mistake(
            gradient_table_columns_swapped,
            "Every number is there, but the gradient stands before the activation. In which order does the exercise "
            "want the last axis?",
            card="table-with-points",
        ),
        Mistake(
            gradient_table_points_left_out,
            "Your table does not say at which points its numbers were taken: the last axis has 2 entries, and 3 are "
            "asked for. Without the point a gradient means nothing.",
            card="table-with-points",
        ),
        Mistake(
            gradient_table_slope_at_the_output,
            "Points and activations are right. Your gradients are taken at f(z): they have been given the activation "
            "where they expect the pre-activation.",
            card="grad-takes-input",
        ),
        Mistake(
            gradient_table_axes_swapped,
            "All numbers are there, in an array of shape (P, 5, 3). Which of the two comes first, the five functions "
            "or the points?",
            card="table-with-points",
        ),
        Mistake(
            gradient_table_quantity_first,
            "All numbers are there, in an array of shape (5, 3, P). Along which axis should point, activation and "
            "gradient stand side by side?",
            card="table-with-points",
        ),
        Mistake(
            gradient_table_alphabetical,
            "The five functions stand in the order of the alphabet. The exercise names another order.",
            card="table-with-points",
        ),
        Mistake(
            gradient_table_of_the_article,
            "Your gradients are the same at every point, like those of the table that this lesson takes apart. The "
            "slope of a curve depends on where you stand.",
            card="gradient-at-a-point",
        ),
        Mistake(
            gradient_table_value_twice,
            "Your last two columns are the same: the activation stands where the gradient belongs.",
            card="value-and-slope",
        ),
        Mistake(
            gradient_table_float64_always,
            "Your values are right; for float32 points you return float64. `np.zeros` makes float64 unless it is told "
            "otherwise.",
            card="keep-dtype",
            no_distractor=ONLY_DTYPE,
        ),
        Mistake(
            gradient_table_measured_one_sided,
            "Your gradients look measured, from f a little to the right: they are right to about 6 digits only, and at "
            "z = 0 ReLU gets the slope of the wrong side. Your own derivatives are exact.",
            card="relu-kink",
        ),
        Mistake(
            gradient_table_flat,
            "Your five tables hang below each other in one of shape (5·P, 3). `np.concatenate` joins along an axis "
            "that is there already; the functions need an axis of their own.",
            card="table-with-points",
        ),
        Mistake(
            gradient_table_lists,
            "The five tables are there, in a Python list. The exercise asks for one array with three axes; NumPy can "
            "put arrays of one shape on top of each other.",
            card="table-with-points",
            no_distractor="its values are right; only the container is not",
        ),
        Mistake(
            gradient_table_reshaped,
            "Right for one point. For several the numbers are all there and in the wrong places: `reshape` keeps their "
            "order in memory and exchanges no axes. What does?",
            card="table-with-points",
        ),
        Mistake(
            gradient_table_mixed_forms,
            "All is right but the slopes of GELU, which are off by up to 9e-4. To which of its two forms do your values "
            "belong, and to which your slopes?",
            card="gelu-forms",
            no_distractor="its slopes differ from the right ones by less than 9e-4",
        ),
    ),
    hints=(
        "Begin with one function: three arrays of shape (P,), put side by side into one of shape (P, 3).",
        "`np.stack([a, b, c], axis=-1)` makes (P, 3) from three times (P,). A second `np.stack` puts the five tables "
        "on top of each other.",
        "Pairs of functions, such as `(nnlib.tanh, tanh_grad)`, can stand in a list and be gone through by a loop.",
    ),
)
