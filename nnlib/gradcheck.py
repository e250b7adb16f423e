"""Numerical derivatives, and how far a computed gradient is from one."""

import numpy as np

from nnlib._arguments import as_float, as_parameter


def central_difference(f, x, h=None, elementwise=False):
    """Gradient of a scalar function by differences to both sides.

        ∂f/∂x_i ≈ (f(x + h·e_i) − f(x − h·e_i)) / 2h      (e_i: the unit vector of entry i)

    The truncation error grows as h², the rounding error as ε/h, so their sum is least near h = ∛ε, ε being the
    dtype's spacing at 1: about 6e-6 in float64 and 5e-3 in float32. That is the default, times max(1, |x_i|):
    next to a large x_i a fixed step would be rounded away.

    Args:
        f: called with an array of the shape and dtype of `x`, returns one number. It is called twice for
            each entry of `x`, always with a new array.
        x: (...) float, the point; not modified. Integers become float64.
        h: step in the units of `x`, positive and finite; None for the default.
        elementwise: set it where output i of `f` depends on entry i of `x` alone, as for an activation: f(x)
            then has the shape of `x`, and all derivatives come from two calls.
    Returns:
        (...) float, shape and dtype of `x`. At a kink it is the mean of both one-sided derivatives.
    Raises:
        ValueError: h not positive and finite, or f(x) has another shape than was promised.
    Source:
        Press, Teukolsky, Vetterling & Flannery (2007), Numerical Recipes, 3rd edition, section 5.7.

    >>> central_difference(lambda x: np.sum(x**2), np.array([1.0, -3.0])).round(8)
    array([ 2., -6.])
    >>> central_difference(np.exp, np.array([0.0, 1.0]), elementwise=True).round(8)
    array([1.        , 2.71828183])
    """
    x = as_float(x, "x")
    if h is None:
        step = np.cbrt(np.finfo(x.dtype).eps) * np.maximum(np.abs(x), 1)
    else:
        step = np.full_like(x, as_parameter("h", h, 0 < h < np.inf, "positive and finite"))
    if elementwise:
        rise = _value(f, x + step, x.shape) - _value(f, x - step, x.shape)
        return (rise / (2 * step)).astype(x.dtype)[()]
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        bump = np.zeros_like(x)
        bump[i] = step[i]
        gradient[i] = (_value(f, x + bump, ()) - _value(f, x - bump, ())) / (2 * step[i])
    return gradient[()]


def complex_step(f, x, h=1e-20):
    """Derivative of an elementwise, analytic function, right to its last digits.

        f'(x) ≈ Im f(x + ih) / h

    Nothing is subtracted, so nothing cancels: h may be so small that the truncation error, of order h², vanishes.
    `f` must be built from analytic operations; abs, max, comparisons and taking the real part break it silently.

    Args:
        f: called with a complex array of the shape of `x`; output i depends on entry i alone.
        x: (...) float, the point; not modified.
        h: step in the units of `x`, positive and finite.
    Returns:
        (...) float64, the shape of `x`.
    Raises:
        ValueError: h not positive and finite, or f(x) has not the shape of `x`.
        TypeError: f returns real numbers, so it is not analytic as written.
    Source:
        Squire & Trapp (1998), Using complex variables to estimate derivatives of real functions,
        SIAM Review 40(1), 110-112.

    >>> complex_step(np.exp, np.array([0.0, 1.0]))
    array([1.        , 2.71828183])
    """
    x = as_float(x, "x")
    h = as_parameter("h", h, 0 < h < np.inf, "positive and finite")
    value = _value(f, x.astype(np.float64) + 1j * h, x.shape)
    if not np.iscomplexobj(value):
        raise TypeError(f"f must return complex numbers for complex x, got dtype {value.dtype}")
    return (value.imag / h)[()]


def relative_error(a, b):
    """Distance of two tensors, relative to the larger: 0 for equal ones, at most 2.

        ‖a − b‖ / max(‖a‖, ‖b‖)      (‖·‖: root of the sum of squares; 0 where both are zero or empty)

    Compare one tensor at a time: in a norm over all parameters a wrong gradient of an early layer, which is
    small, disappears behind those of the late ones.

    Args:
        a, b: (...) float, one shape. Which is which does not matter.
    Returns:
        float, unitless; nan where an entry is nan or infinite, so that `error < tolerance` is then false.
    Raises:
        ValueError: shapes differ (broadcasting would hide a missing sum).
    Source:
        Higham (2002), Accuracy and Stability of Numerical Algorithms, section 1.2, made symmetric.

    >>> round(relative_error([3.0, 4.0], [3.0, 5.0]), 4)
    0.1715
    """
    a, b = as_float(a, "a").astype(np.float64), as_float(b, "b").astype(np.float64)
    if a.shape != b.shape:
        raise ValueError(f"a and b must have the same shape, got {a.shape} and {b.shape}")
    scale = max(_largest(a), _largest(b))
    if not np.isfinite(scale):
        return float("nan")
    if scale == 0:
        return 0.0
    a, b = a / scale, b / scale  # keeps the squares of gradients near 1e-200 from vanishing
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(a), np.linalg.norm(b)))


def gradient_errors(computed, wanted):
    """Relative error of each tensor by its name, to be read one by one.

    Args:
        computed: dict of name to (...) float, the gradients to check.
        wanted: dict of the same names to tensors of the same shapes, such as numerical gradients.
    Returns:
        dict of name to float, in the order of `wanted`; see `relative_error`.
    Raises:
        ValueError: names or a tensor's shapes differ.

    >>> gradient_errors({"W": [1.0, 2.0], "b": [-1e-9]}, {"W": [1.0, 2.0], "b": [1e-9]})
    {'W': 0.0, 'b': 2.0}
    """
    if computed.keys() != wanted.keys():
        raise ValueError(f"computed must name {sorted(wanted)}, got {sorted(computed)}")
    for name in wanted:
        got, want = np.shape(computed[name]), np.shape(wanted[name])
        if got != want:
            raise ValueError(f"{name} must have shape {want}, got {got}")
    return {name: relative_error(computed[name], wanted[name]) for name in wanted}


def _value(f, x, shape):
    value = np.asarray(f(x))
    if value.shape != shape:
        wanted = "one number" if shape == () else f"shape {shape}"
        raise ValueError(f"f must return {wanted}, got shape {value.shape}")
    return value


def _largest(a):
    return np.max(np.abs(a), initial=0.0)
