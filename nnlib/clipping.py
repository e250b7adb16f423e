"""Gradient clipping: a bound on the gradient, and so, with plain SGD, on how far one update can go.

It keeps an exploding gradient from throwing the weights away, and does nothing for a vanishing one. With momentum a
step may be up to 1/(1 − μ) times as long; Adam divides the scale out again.

Conventions, the same for all of them:

- `gradients` is one tensor, or a list, tuple or dict of tensors, such as a layer's `gradients`. The same kind of
  container comes back with new arrays of the same shapes and dtypes; the arguments are not modified.
- Nothing is ever scaled up: what is within the bound comes back bit for bit.
- ‖·‖ is the root of the sum of squares, computed so that neither 1e200 overflows nor 1e-200 vanishes.
"""

from math import isfinite, sqrt

import numpy as np

from nnlib._arguments import as_float, as_parameter


def global_norm(gradients):
    """Norm of all tensors together, as if they were one long vector.

        ‖g‖ = √(Σ_tensors Σ_i g_i²)

    Args:
        gradients: a tensor, or a list, tuple or dict of tensors: (…) float each.
    Returns:
        float; nan if an entry is nan, else inf if one is infinite or ‖g‖ is above the largest float64.
    Source:
        Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks,
        arXiv:1211.5063, section 3.2.

    >>> global_norm({"W": np.array([[3.0, 0.0]]), "b": np.array([-4.0])})
    5.0
    """
    largest, relative = _norm(_tensors(gradients))
    return largest * relative


def clip_by_value(gradients, limit):
    """Each entry by itself cut to [−limit, limit]. The direction of the update changes.

        g_i ← min(max(g_i, −limit), limit)

    As PyTorch's clip_grad_value_: nan stays nan, and ±inf becomes ±limit.

    Args:
        gradients: a tensor, or a list, tuple or dict of tensors: (…) float each.
        limit: positive.
    Returns:
        as `gradients`, new arrays.
    Raises:
        ValueError: limit not positive.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.11.1.

    >>> clip_by_value(np.array([-3.0, 0.5, 1.0, 7.0]), 1.0)
    array([-1. ,  0.5,  1. ,  1. ])
    """
    limit = as_parameter("limit", limit, limit > 0, "positive")
    with np.errstate(over="ignore", under="ignore"):  # a limit beyond float32 is inf there, one below it 0
        return _rebuilt(gradients, [np.clip(g, -limit, limit) for g in _tensors(gradients)])


def clip_by_norm(gradients, max_norm):
    """Each tensor by itself scaled down to the norm `max_norm`, if it is longer. Its own direction stays.

        g ← g·min(1, max_norm / ‖g‖)      (for each tensor with its own ‖g‖)

    Of several tensors the update as a whole changes its direction; see `clip_by_global_norm`.

    Args:
        gradients: a tensor, or a list, tuple or dict of tensors: (…) float each.
        max_norm: positive.
    Returns:
        as `gradients`, new arrays. For nan and inf see `clip_by_global_norm`.
    Raises:
        ValueError: max_norm not positive.
    Source:
        Pascanu, Mikolov & Bengio (2013), arXiv:1211.5063, algorithm 1.

    >>> clip_by_norm(np.array([3.0, -4.0]), 1.0), clip_by_norm(np.array([0.3, -0.4]), 1.0)
    (array([ 0.6, -0.8]), array([ 0.3, -0.4]))
    """
    max_norm = as_parameter("max_norm", max_norm, max_norm > 0, "positive")
    return _rebuilt(gradients, [_shortened([g], max_norm)[0][0] for g in _tensors(gradients)])


def clip_by_global_norm(gradients, max_norm, error_if_nonfinite=False):
    """All tensors scaled down by one factor, if together they are longer than `max_norm`. The direction stays.

        g ← g·min(1, max_norm / ‖g‖)      (‖g‖: `global_norm` of all tensors)

    PyTorch's clip_grad_norm_ divides by ‖g‖ + 1e-6 instead: its result is shorter by the factor ‖g‖ / (‖g‖ + 1e-6).
    As there, a nan anywhere makes all entries nan, and an inf makes itself nan and all finite entries 0.

    Args:
        gradients: a tensor, or a list, tuple or dict of tensors: (…) float each.
        max_norm: positive; with inf nothing is clipped, but the norm is told.
        error_if_nonfinite: whether a norm of nan or inf raises an error instead.
    Returns:
        clipped: as `gradients`, new arrays.
        norm: float, the norm before clipping.
    Raises:
        ValueError: max_norm not positive, or error_if_nonfinite is set and the norm is nan or inf.
    Source:
        Pascanu, Mikolov & Bengio (2013), arXiv:1211.5063, algorithm 1.

    >>> clip_by_global_norm([np.array([3.0]), np.array([0.0, -4.0])], 1.0)
    ([array([0.6]), array([ 0. , -0.8])], 5.0)
    """
    max_norm = as_parameter("max_norm", max_norm, max_norm > 0, "positive")
    clipped, norm = _shortened(_tensors(gradients), max_norm)
    if error_if_nonfinite and not isfinite(norm):
        raise ValueError(f"gradients must be finite, got a norm of {norm}")
    return _rebuilt(gradients, clipped), norm


def _shortened(tensors, max_norm):
    """New tensors of a common norm of at most `max_norm`, and the norm before."""
    largest, relative = _norm(tensors)
    norm = largest * relative
    if norm <= max_norm:
        return [g.copy() for g in tensors], norm
    clipped = []
    with np.errstate(invalid="ignore", under="ignore"):  # inf / inf is the nan that was promised
        for g in tensors:
            # In float64 and two steps: in float32, and near its own limits, max_norm / norm loses its digits.
            c = np.divide(g, largest, dtype=np.float64)
            c *= max_norm / relative
            clipped.append(c.astype(g.dtype, copy=False))
    return clipped, norm


def _norm(tensors):
    """The norm as a product: the largest |entry|, and the norm in units of that, whose squares are near 1."""
    largest = float(np.max([np.max(np.abs(g), initial=0) for g in tensors], initial=0))
    if not 0 < largest < np.inf:
        return largest, 1.0
    with np.errstate(under="ignore"):
        units = (np.divide(g, largest, dtype=np.float64) for g in tensors)
        return largest, sqrt(sum(float(np.vdot(u, u)) for u in units))


def _tensors(gradients):
    if isinstance(gradients, dict):
        return [as_float(g, name) for name, g in gradients.items()]
    if isinstance(gradients, list | tuple):
        return [as_float(g, "gradients") for g in gradients]
    return [as_float(gradients, "gradients")]


def _rebuilt(gradients, tensors):
    """`tensors` in the container that `gradients` came in."""
    if isinstance(gradients, dict):
        return dict(zip(gradients, tensors, strict=True))
    if isinstance(gradients, list | tuple):
        return type(gradients)(tensors)
    return tensors[0]
