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


def complex_step(f, x, h=1e-20, elementwise=True):
    """Derivative of an analytic function, right to its last digits.

        f'(x) ≈ Im f(x + ih) / h;  for a scalar function of an array ∂f/∂x_j ≈ Im f(x + ih·e_j) / h

    Nothing is subtracted, so nothing cancels: h may be so small that the truncation error, of order h², vanishes.
    `f` must be built from analytic operations; abs, max, comparisons and taking the real part break it silently.

    Args:
        f: called with a complex array of the shape of `x`; output j depends on entry j alone, or, for
            elementwise=False, returns one number and is called once for each entry.
        x: (...) float, the point; not modified.
        h: step in the units of `x`, positive and finite.
        elementwise: as for `central_difference`, where however the default is False.
    Returns:
        (...) float64, the shape of `x`.
    Raises:
        ValueError: h not positive and finite, or f(x) has another shape than was promised.
        TypeError: f returns real numbers, so it is not analytic as written.
    Source:
        Squire & Trapp (1998), Using complex variables to estimate derivatives of real functions,
        SIAM Review 40(1), 110-112.

    >>> complex_step(np.exp, np.array([0.0, 1.0]))
    array([1.        , 2.71828183])
    >>> complex_step(lambda z: z[0] ** 2 * z[1], np.array([3.0, 5.0]), elementwise=False)
    array([30.,  9.])
    """
    x = as_float(x, "x").astype(np.float64)
    h = as_parameter("h", h, 0 < h < np.inf, "positive and finite")
    if elementwise:
        return (_imaginary_part(f, x + 1j * h, x.shape) / h)[()]
    gradient = np.empty_like(x)
    for j in np.ndindex(x.shape):
        z = x.astype(np.complex128)
        z[j] += 1j * h
        gradient[j] = _imaginary_part(f, z, ()) / h
    return gradient[()]


def numerical_gradients(f, parameters, h=None):
    """Central differences of a scalar function of several tensors, each by its name.

    Made for `gradient_errors(computed, numerical_gradients(f, parameters))`.

    Args:
        f: called with a dict of the names to arrays, always new ones, returns one number. It is called twice for each
            entry of each tensor.
        parameters: dict of name to (...) float array; not modified.
        h: step, see `central_difference`.
    Returns:
        dict of name to (...) float, in the order, shapes and dtypes of `parameters`.
    Raises:
        ValueError: h not positive and finite, or f returns more than one number.

    >>> point = {"w": np.array([1.0, 2.0]), "b": np.array(3.0)}
    >>> slopes = numerical_gradients(lambda p: p["b"] * np.sum(p["w"] ** 2), point)
    >>> slopes["w"].round(6), slopes["b"].round(6)
    (array([ 6., 12.]), np.float64(5.0))
    """
    return {
        name: central_difference(_with_others(f, parameters, name), x, h) for name, x in parameters.items()
    }


def relative_error(a, b):
    """Distance of two tensors, relative to the larger: 0 for equal ones, at most 2.

        ‖a − b‖ / max(‖a‖, ‖b‖)      (‖·‖: root of the sum of squares; 0 where both are zero or empty)

    Compare one tensor at a time: in a norm over all parameters a wrong gradient of a layer whose gradients
    are small disappears behind those of the others.

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


def directional_check(f, gradient, x, rng, directions=10, h=None):
    """Relative error of a gradient, seen along a few random directions instead of entry by entry.

        a_k = ⟨∇f(x), 2h·u_k⟩,  b_k = f(x + h·u_k) − f(x − h·u_k),  error = ‖a − b‖ / max(‖a‖, ‖b‖)

    Each u_k is a random unit vector. The price is two calls of `f` a direction, however many entries `x` has, and
    an error in any entry shows, though not where it is. All directions are judged by one norm: along a single
    one the derivative may happen to be near 0, and its rounding error then looks large.

    The default step, ∛ε·max(1, ‖x‖), moves entries near 1 by about ∛ε each, however many they are. A right
    gradient then gives about 1e-8 or less in float64, 1e-3 or less in float32, if `f` varies on that scale.

    Args:
        f: called with a new array of the shape and dtype of `x`, or for a dict with a dict of new arrays; returns
            one number.
        gradient: (...) float, ∇f(x) as computed, the shape of `x`; or a dict of the names in `x`.
        x: (...) float, the point, or a dict of name to array; not modified. In a dict each tensor is checked alone,
            the others held fixed, because large gradients would hide a small one.
        rng: numpy.random.Generator that draws the directions.
        directions: how many, 1 or more.
        h: length of the step in the units of `x`, positive and finite; None for the default.
    Returns:
        float, unitless, see `relative_error`; for a dict of tensors a dict of name to float.
    Raises:
        ValueError: names or shapes differ, f returns more than one number, h not positive and finite, or
            directions not a whole number of 1 or more.
    Source:
        The definition of the directional derivative, ⟨∇f(x), u⟩ = lim (f(x + h·u) − f(x − h·u)) / 2h for h → 0.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=1000)
    >>> directional_check(lambda x: np.sum(x**3), 3 * x**2, x, rng) < 1e-8
    True
    >>> directional_check(lambda x: np.sum(x**3), 2 * x**2, x, rng) > 0.1
    True
    """
    if directions < 1 or directions != int(directions):
        raise ValueError(f"directions must be a whole number of 1 or more, got {directions}")
    if isinstance(x, dict):
        if gradient.keys() != x.keys():
            raise ValueError(f"gradient must name {sorted(x)}, got {sorted(gradient)}")
        return {
            name: directional_check(_with_others(f, x, name), gradient[name], x[name], rng, directions, h)
            for name in x
        }
    x, gradient = as_float(x, "x"), as_float(gradient, "gradient").astype(np.float64)
    if gradient.shape != x.shape:
        raise ValueError(f"gradient must have the shape of x, {x.shape}, got {gradient.shape}")
    if h is None:
        h = np.cbrt(np.finfo(x.dtype).eps) * max(1, np.linalg.norm(x))
    h = as_parameter("h", h, 0 < h < np.inf, "positive and finite")
    expected, seen = [], []
    for _ in range(int(directions)):
        u = rng.normal(size=x.shape)
        step = (h * u / (np.linalg.norm(u) or 1)).astype(x.dtype)
        ahead, behind = x + step, x - step
        taken = ahead.astype(np.float64) - behind  # x ± step was rounded: this is what f really saw
        expected.append(np.sum(gradient * taken))
        seen.append(float(_value(f, ahead, ())) - float(_value(f, behind, ())))
    return relative_error(expected, seen)


def _value(f, x, shape):
    value = np.asarray(f(x))
    if value.shape != shape:
        wanted = "one number" if shape == () else f"shape {shape}"
        raise ValueError(f"f must return {wanted}, got shape {value.shape}")
    return value


def _imaginary_part(f, z, shape):
    value = _value(f, z, shape)
    if not np.iscomplexobj(value):
        raise TypeError(f"f must return complex numbers for complex x, got dtype {value.dtype}")
    return value.imag


def _with_others(f, parameters, name):
    """`f` as a function of one of its tensors; the others are copied, lest `f` write to them."""

    def of_one(x):
        others = {other: np.array(value) for other, value in parameters.items() if other != name}
        return f({key: np.asarray(x) if key == name else others[key] for key in parameters})

    return of_one


def _largest(a):
    return np.max(np.abs(a), initial=0.0)
