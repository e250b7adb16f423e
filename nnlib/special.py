"""The error function and its complement, which NumPy does not have.

Both are computed in float64, whatever the dtype of the argument, and rounded to that dtype once, at the end.
`np.longdouble` therefore gets the digits of float64.
"""

from functools import lru_cache

import numpy as np

from nnlib._arguments import as_float

# Coefficients of Cody (1969), highest power first; each pair is one rational function.
# fmt: off
# erf(x) / x in x², for |x| <= 0.46875
_CENTRE = (
    [0.185777706184603153, 3.16112374387056560, 113.864154151050156, 377.485237685302021, 3209.37758913846947],
    [1.0, 23.6012909523441209, 244.024637934444173, 1282.61652607737228, 2844.23683343917062],
)
# exp(y²) erfc(y) in y, for 0.46875 <= y <= 4
_MIDDLE = (
    [2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594, 66.1191906371416295, 298.635138197400131,
     881.952221241769090, 1712.04761263407058, 2051.07837782607147, 1230.33935479799725],
    [1.0, 15.7449261107098347, 117.693950891312499, 537.181101862009858, 1621.38957456669019,
     3290.79923573345963, 4362.61909014324716, 3439.36767414372164, 1230.33935480374942],
)
# y² (1/√π − y exp(y²) erfc(y)) in 1/y², for y >= 4
_FAR = (
    [0.0163153871373020978, 0.305326634961232344, 0.360344899949804439,
     0.125781726111229246, 0.0160837851487422766, 6.58749161529837803e-4],
    [1.0, 2.56852019228982242, 1.87295284992346725,
     0.527905102951428412, 0.0605183413124413191, 0.00233520497626869185],
)
# fmt: on
_LIMIT = 28.0  # erfc(28) is about 1e-342, below the smallest float64
_SPLIT = 0.46875  # between the centre, where erf is small, and the tail, where erfc is


def erf(x):
    """Error function.

        erf(x) = 2/√π ∫₀ˣ exp(−t²) dt

    Args:
        x: (...) float.
    Returns:
        (...) float in [−1, 1], shape and dtype of `x`; nan where `x` is nan.
    Raises:
        TypeError: `x` is not real.
    Source:
        W. J. Cody (1969), Rational Chebyshev approximations for the error function,
        Mathematics of Computation 23, 631-637.

    >>> erf(np.array([-1.0, 0.0, 0.5]))
    array([-0.84270079,  0.        ,  0.52049988])
    """
    x = as_float(x, "x")
    with np.errstate(under="ignore"):
        wide = _clipped(x)
        value = np.where(np.abs(wide) <= _SPLIT, _erf_centre(wide), np.copysign(1 - _erfc_tail(wide), wide))
        return value.astype(x.dtype)[()]


def erfc(x):
    """Complementary error function, with its relative accuracy kept in the right tail.

        erfc(x) = 1 − erf(x) = 2/√π ∫ₓ^∞ exp(−t²) dt

    Args:
        x: (...) float.
    Returns:
        (...) float in [0, 2], shape and dtype of `x`; nan where `x` is nan.
    Raises:
        TypeError: `x` is not real.
    Source:
        Cody (1969), as for `erf`.

    >>> erfc(np.array([-1.0, 0.0, 10.0]))
    array([1.84270079e+00, 1.00000000e+00, 2.08848758e-45])
    """
    x = as_float(x, "x")
    with np.errstate(under="ignore"):
        wide = _clipped(x)
        tail = _erfc_tail(wide)
        value = np.where(np.abs(wide) <= _SPLIT, 1 - _erf_centre(wide), np.where(wide < 0, 2 - tail, tail))
        return value.astype(x.dtype)[()]


def _clipped(x):
    """x in float64 within ±28, where erf and erfc have reached their limits: keeps x² finite."""
    return np.clip(x, -_LIMIT, _LIMIT).astype(np.float64)


def _erf_centre(x):
    """erf(x) where |x| <= 0.46875; elsewhere finite and without meaning."""
    x = np.clip(x, -_SPLIT, _SPLIT)
    return x * _ratio(_CENTRE, x * x)


def _erfc_tail(x):
    """erfc(|x|) where |x| >= 0.46875; elsewhere finite and without meaning."""
    y = np.maximum(np.abs(x), _SPLIT)
    middle = _ratio(_MIDDLE, np.minimum(y, 4))
    far = np.maximum(y, 4)
    far = (1 / np.sqrt(np.pi) - _ratio(_FAR, far**-2) / far**2) / far
    # y² rounded to float64 would cost erfc a relative error of y²·1e-16: `near`² is exact instead.
    near = np.round(16 * y) / 16
    return np.exp(-near * near) * np.exp(-(y - near) * (y + near)) * np.where(y <= 4, middle, far)


def _ratio(coefficients, x):
    numerator, denominator = coefficients
    return np.polyval(numerator, x) / np.polyval(denominator, x)


def gaussian_mean(f):
    """Mean of f over standard normal numbers, by quadrature.

        E[f(z)] = ∫ f(z) exp(−z²/2) / √(2π) dz

    Args:
        f: function of an array of floats to an array of the same shape, smooth but for z = 0, and growing no
            faster than a polynomial.
    Returns:
        float, right to about 1e-14 of E|f(z)|.
    Source:
        Gauss-Legendre quadrature: Press, Teukolsky, Vetterling & Flannery (2007), Numerical Recipes, 3rd
        edition, section 4.6.

    >>> round(gaussian_mean(lambda z: z**4), 12), round(gaussian_mean(lambda z: np.maximum(z, 0) ** 2), 12)
    (3.0, 0.5)
    """
    z, density = _gaussian_nodes()
    with np.errstate(under="ignore"):
        return float(np.sum(density * (f(z) + f(-z))))


@lru_cache(maxsize=1)
def _gaussian_nodes():
    """Points z > 0 and the weights of their panels times the normal density."""
    # Each half line by itself, as activations have their kinks at 0; beyond 12 is less than 1e-30 of the integral.
    # Panels halve towards 0, so that 20 points to a panel also see a bend as sharp as swish's with a large beta.
    edges = 12 * 0.5 ** np.arange(60.0)
    nodes, weights = np.polynomial.legendre.leggauss(20)
    half = np.diff(edges, append=0)[:, None] / -2
    z = edges[:, None] - half + half * nodes
    z.flags.writeable = False  # it is given to f, again and again
    return z, half * weights * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
