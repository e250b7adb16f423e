"""Functions to be minimised: quadratics of a given condition number, and classic landscapes in the plane.

All of them are rows of one kind, `Landscape`. Its functions take points of any shape (..., D), so that the same
f serves one point of a trajectory and a whole grid to be drawn. All quantities are unitless.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from nnlib._arguments import as_float, as_parameter
from nnlib.data._counts import as_count


class Landscape(NamedTuple):
    """A function of D coordinates with its derivatives, and where one usually looks at it.

    Each function takes points of shape (..., D), keeps their float dtype (integers become float64), returns a
    new array, and raises ValueError where the last axis is not D.

        f:        (..., D) to (...), the height.
        grad:     (..., D) to (..., D), ∂f/∂x_i.
        hessian:  (..., D) to (..., D, D), ∂²f/∂x_i∂x_j, symmetric.
        minima:   (M, D) float64, every point where f is least; (0, D) where f has no least value.
        start:    (D,) float64, where a descent usually starts.
        domain:   D pairs (low, high), the part that is usually drawn.
        source:   who published it.

    `minima` and `start` cannot be written to, lest a descent that works in place move the start of the next.

    >>> rosenbrock = LANDSCAPES["rosenbrock"]
    >>> rosenbrock.f([[1.0, 1.0], [-1.2, 1.0]]), rosenbrock.grad(rosenbrock.minima[0])
    (array([ 0. , 24.2]), array([0., 0.]))
    """

    f: Callable
    grad: Callable
    hessian: Callable
    minima: np.ndarray
    start: np.ndarray
    domain: tuple[tuple[float, float], ...]
    source: str


def quadratic(condition, dimensions, rng=None, spacing="log", minimum=None):
    """A bowl ½(x − m)ᵀA(x − m) with eigenvalues of A from 1 to exactly the given condition number.

        f(x) = ½(x − m)ᵀA(x − m),  ∇f = A(x − m),  A = Q·diag(λ)·Qᵀ,  λ_1 = 1, λ_D = condition

    So gradient descent diverges for steps above 2/condition. In the other usual form, ½xᵀAx − bᵀx, b is A·m and
    f differs by a constant. A itself is `hessian` at any point.

    Args:
        condition: λ_D / λ_1, unitless, finite and at least 1; exactly 1 in one dimension.
        dimensions: number D of coordinates, at least 1.
        rng: numpy.random.Generator for a random rotation Q, with or without a reflection; None for Q = 1,
            axes along the coordinates. With a rotation the condition number is exact up to rounding.
        spacing: "log" or "linear", how the eigenvalues lie between 1 and `condition`.
        minimum: (D,) float, the point m; None for 0.
    Returns:
        Landscape. Its start is m + Q·(1, …, 1), one step along every eigenvector, so that a rotation changes no
        count of steps; its domain reaches 2 to both sides of m.
    Raises:
        ValueError: condition below 1, not finite, or above 1 in one dimension; dimensions below 1; an unknown
            spacing; minimum of another shape.
    Source:
        Nesterov (2004), Introductory Lectures on Convex Optimization, section 2.1, for the role of the
        condition number; Stewart (1980), SIAM Journal on Numerical Analysis 17(3), for the rotation.

    >>> bowl = quadratic(100, 3)
    >>> bowl.hessian(bowl.start).diagonal(), bowl.f(bowl.start)
    (array([  1.,  10., 100.]), np.float64(55.5))
    """
    dimensions = as_count("dimensions", dimensions)
    condition = as_parameter("condition", condition, 1 <= condition < np.inf, "at least 1 and finite")
    if dimensions == 1:
        as_parameter("condition", condition, condition == 1, "1 in one dimension")
    spacings = {"log": np.geomspace, "linear": np.linspace}
    if spacing not in spacings:
        raise ValueError(f'spacing must be "log" or "linear", got {spacing!r}')
    eigenvalues = spacings[spacing](1.0, condition, dimensions)
    m = np.zeros(dimensions) if minimum is None else as_float(minimum, "minimum").astype(np.float64)
    if m.shape != (dimensions,):
        raise ValueError(f"minimum must have shape ({dimensions},), got {m.shape}")
    Q = np.eye(dimensions)
    if rng is not None:
        Q, R = np.linalg.qr(rng.normal(size=(dimensions, dimensions)))
        Q = Q * np.sign(np.diag(R))  # makes every rotation equally likely; qr alone prefers some
    A = (Q * eigenvalues) @ Q.T
    A = (A + A.T) / 2  # symmetric to the last digit, which the product alone need not be
    return Landscape(
        partial(_bowl, A, m),
        partial(_bowl_grad, A, m),
        partial(_bowl_hessian, A),
        _fixed(m[None]),
        _fixed(m + Q.sum(axis=1)),
        tuple((float(c) - 2, float(c) + 2) for c in m),
        f"a quadratic of condition number {condition:g}",
    )


def _bowl(A, m, points):
    d = _as_points(points, len(m)) - m
    return (0.5 * np.sum(d * (d @ A), axis=-1)).astype(_dtype(points))[()]


def _bowl_grad(A, m, points):
    return ((_as_points(points, len(m)) - m) @ A).astype(_dtype(points))


def _bowl_hessian(A, points):
    points = _as_points(points, len(A))
    return np.broadcast_to(A, points.shape + points.shape[-1:]).astype(points.dtype)


def _rosenbrock(points):
    """(1 − x)² + 100·(y − x²)²: a curved valley, easy to find and slow to follow."""
    x, y = _xy(points)
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _rosenbrock_grad(points):
    x, y = _xy(points)
    return _vector(2 * (x - 1) - 400 * x * (y - x**2), 200 * (y - x**2))


def _rosenbrock_hessian(points):
    x, y = _xy(points)
    return _matrix(2 - 400 * (y - 3 * x**2), -400 * x, np.full_like(x, 200))


def _himmelblau(points):
    """(x² + y − 11)² + (x + y² − 7)²: four equal minima, a maximum between them, four saddles."""
    x, y = _xy(points)
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def _himmelblau_grad(points):
    x, y = _xy(points)
    r, s = x**2 + y - 11, x + y**2 - 7
    return _vector(4 * x * r + 2 * s, 2 * r + 4 * y * s)


def _himmelblau_hessian(points):
    x, y = _xy(points)
    r, s = x**2 + y - 11, x + y**2 - 7
    return _matrix(4 * r + 8 * x**2 + 2, 4 * (x + y), 4 * s + 8 * y**2 + 2)


_BEALE = ((1.5, 1), (2.25, 2), (2.625, 3))


def _beale(points):
    """Σ (c_i − x·(1 − y^i))² with c = 1.5, 2.25, 2.625: a flat valley between steep walls."""
    x, y = _xy(points)
    return sum((c - x * (1 - y**i)) ** 2 for c, i in _BEALE)


def _beale_grad(points):
    x, y = _xy(points)
    residuals = [(c - x * (1 - y**i), i) for c, i in _BEALE]
    return _vector(
        sum(2 * r * (y**i - 1) for r, i in residuals),
        sum(2 * r * x * i * y ** (i - 1) for r, i in residuals),
    )


def _beale_hessian(points):
    x, y = _xy(points)
    residuals = [(c - x * (1 - y**i), i) for c, i in _BEALE]
    return _matrix(
        sum(2 * (y**i - 1) ** 2 for _, i in residuals),
        sum(2 * i * y ** (i - 1) * (r + x * (y**i - 1)) for r, i in residuals),
        # i = 1 has no second derivative in y; max keeps y to the power −1 out of it
        sum(2 * x * i * (x * i * y ** (2 * i - 2) + r * (i - 1) * y ** max(i - 2, 0)) for r, i in residuals),
    )


def _rastrigin(points):
    """20 + Σ (x_i² − 10·cos 2πx_i): a bowl with a local minimum near every point of whole numbers."""
    points = _as_points(points, 2)
    return 20 + np.sum(points**2 - 10 * np.cos(2 * np.pi * points), axis=-1)


def _rastrigin_grad(points):
    points = _as_points(points, 2)
    return 2 * points + 20 * np.pi * np.sin(2 * np.pi * points)


def _rastrigin_hessian(points):
    x, y = _xy(2 + 40 * np.pi**2 * np.cos(2 * np.pi * _as_points(points, 2)))
    return _matrix(x, np.zeros_like(x), y)


def _saddle(points):
    """x² − y²: descent from the line y = 0 ends in the saddle, from beside it escapes without end."""
    x, y = _xy(points)
    return x**2 - y**2


def _saddle_grad(points):
    x, y = _xy(points)
    return _vector(2 * x, -2 * y)


def _saddle_hessian(points):
    x, _ = _xy(points)
    return _matrix(np.full_like(x, 2), np.zeros_like(x), np.full_like(x, -2))


def _monkey_saddle(points):
    """x³ − 3xy²: three ways down and three up; the Hessian at 0 is 0 and says nothing."""
    x, y = _xy(points)
    return x**3 - 3 * x * y**2


def _monkey_saddle_grad(points):
    x, y = _xy(points)
    return _vector(3 * x**2 - 3 * y**2, -6 * x * y)


def _monkey_saddle_hessian(points):
    x, y = _xy(points)
    return _matrix(6 * x, -6 * y, -6 * x)


def _plateau(points):
    """1 − exp(−(x² + y²)/2): a well, and around it a plateau where the gradient vanishes."""
    points = _as_points(points, 2)
    with np.errstate(under="ignore"):
        return -np.expm1(-np.sum(points**2, axis=-1) / 2)


def _plateau_grad(points):
    points = _as_points(points, 2)
    with np.errstate(under="ignore"):
        return points * np.exp(-np.sum(points**2, axis=-1, keepdims=True) / 2)


def _plateau_hessian(points):
    x, y = _xy(points)
    with np.errstate(under="ignore"):
        well = np.exp(-(x**2 + y**2) / 2)
        return _matrix(well * (1 - x**2), -well * x * y, well * (1 - y**2))


def _as_points(points, dimensions):
    points = as_float(points, "points")
    if points.shape[-1:] != (dimensions,):
        raise ValueError(f"points must have shape (..., {dimensions}), got {points.shape}")
    return points


def _dtype(points):
    return as_float(points, "points").dtype


def _xy(points):
    points = _as_points(points, 2)
    return points[..., 0], points[..., 1]


def _vector(x, y):
    return np.stack([x, y], axis=-1)


def _matrix(xx, xy, yy):
    return _vector(_vector(xx, xy), _vector(xy, yy))


def _fixed(values):
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


_ORIGIN = _fixed([[0.0, 0.0]])
_NONE = _fixed(np.empty((0, 2)))

LANDSCAPES: dict[str, Landscape] = {
    "ravine": quadratic(100.0, 2)._replace(
        domain=((-1.5, 1.5), (-1.5, 1.5)),
        source="½(x² + 100y²); the name is Sutton's (1986), Two problems with backpropagation and other "
        "steepest-descent learning procedures for networks",
    ),
    "rosenbrock": Landscape(
        _rosenbrock,
        _rosenbrock_grad,
        _rosenbrock_hessian,
        _fixed([[1.0, 1.0]]),
        _fixed([-1.2, 1.0]),
        ((-2.0, 2.0), (-1.0, 3.0)),
        "Rosenbrock (1960), An automatic method for finding the greatest or least value of a function, "
        "The Computer Journal 3(3), 175-184",
    ),
    "himmelblau": Landscape(
        _himmelblau,
        _himmelblau_grad,
        _himmelblau_hessian,
        _fixed(
            [
                [3.0, 2.0],
                [-2.805118086952745, 3.131312518250573],
                [-3.779310253377747, -3.283185991286170],
                [3.584428340330492, -1.848126526964404],
            ]
        ),
        _fixed([0.0, 0.0]),
        ((-5.0, 5.0), (-5.0, 5.0)),
        "Himmelblau (1972), Applied Nonlinear Programming",
    ),
    "beale": Landscape(
        _beale,
        _beale_grad,
        _beale_hessian,
        _fixed([[3.0, 0.5]]),
        _fixed([1.0, 1.0]),
        ((-4.5, 4.5), (-4.5, 4.5)),
        "Beale (1958), On an iterative method for finding a local minimum of a function of more than one "
        "variable, Technical Report 25, Statistical Techniques Research Group, Princeton University",
    ),
    "rastrigin": Landscape(
        _rastrigin,
        _rastrigin_grad,
        _rastrigin_hessian,
        _ORIGIN,
        _fixed([3.3, -2.3]),
        ((-5.12, 5.12), (-5.12, 5.12)),
        "Rastrigin (1974), Systems of Extremal Control",
    ),
    "saddle": Landscape(
        _saddle,
        _saddle_grad,
        _saddle_hessian,
        _NONE,
        _fixed([1.0, 0.0]),
        ((-2.0, 2.0), (-2.0, 2.0)),
        "x² − y², the hyperbolic paraboloid",
    ),
    "monkey_saddle": Landscape(
        _monkey_saddle,
        _monkey_saddle_grad,
        _monkey_saddle_hessian,
        _NONE,
        _fixed([1.0, 0.0]),
        ((-2.0, 2.0), (-2.0, 2.0)),
        "the real part of (x + iy)³; see Peckham (2011), Monkey, starfish and octopus saddles",
    ),
    "plateau": Landscape(
        _plateau,
        _plateau_grad,
        _plateau_hessian,
        _ORIGIN,
        _fixed([3.0, 3.0]),
        ((-5.0, 5.0), (-5.0, 5.0)),
        "a Gaussian turned upside down",
    ),
}
