"""Pictures of activations and their derivatives."""

import numpy as np

from nnlib._arguments import as_parameter
from nnlib.activations import ACTIVATIONS
from nnlib.plots.axes import axes, line

_WORDS = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "elu": "ELU", "selu": "SELU", "gelu": "GELU"}
_SYMBOLS = {"alpha": "α", "beta": "β"}


def activation(name, ax=None, limit=5.0, gradient=True, title=None, **parameters):
    """Draw one activation and its derivative over −limit <= z <= limit.

    Args:
        name: a key of `nnlib.ACTIVATIONS`.
        ax: matplotlib Axes to draw on; None makes a new figure.
        limit: half the width of the picture, in the units of z, positive and finite.
        gradient: whether f'(z) is drawn too, dashed.
        title: the finding, in words; None states the range of the slope, or of f without the gradient.
        parameters: passed on to both functions, such as slope=0.1, beta=2.0 or form="tanh".
    Returns:
        The Axes.
    Raises:
        ValueError: an unknown name, limit not positive and finite, a parameter out of range.

    >>> from matplotlib.figure import Figure
    >>> activation("sigmoid", Figure().subplots()).get_title()
    'sigmoid: the slope stays between 0.0066 and 0.25 for |z| ≤ 5'
    """
    row, z, ax = _row(name), _grid(limit), axes(ax)
    value = row.f(z, **parameters)
    ax.plot(z, value, label="f(z)", **line(0))
    what, shown = f"{_label(name, parameters)}: the value", value
    if gradient:
        what, shown = f"{_label(name, parameters)}: the slope", row.grad(z, **parameters)
        ax.plot(z, shown, label="f′(z)", **line(1))
        ax.legend()
    finding = f"{what} stays between {shown.min():.2g} and {shown.max():.2g} for |z| ≤ {limit:g}"
    return _finish(ax, "f(z), f′(z)" if gradient else "f(z)", finding if title is None else title)


def activations(names, ax=None, limit=5.0, gradient=False, title=None):
    """Draw several activations, or their derivatives, on one pair of axes, with a legend.

    Up to seven have each their own colour and their own line style; beyond that the pairs are still unique.

    Args:
        names: keys of `nnlib.ACTIVATIONS`, in the order of the legend, at least one.
        ax: matplotlib Axes to draw on; None makes a new figure.
        limit: half the width of the picture, in the units of z, positive and finite.
        gradient: draw the derivatives f'(z) in place of the functions f(z).
        title: the finding, in words; None names the curve that reaches highest.
    Returns:
        The Axes.
    Raises:
        ValueError: no names, an unknown one, or limit not positive and finite.

    >>> from matplotlib.figure import Figure
    >>> activations(["sigmoid", "tanh"], Figure().subplots(), gradient=True).get_title()
    'Steepest for |z| ≤ 5: tanh, with a slope of 1'
    """
    rows, z = {name: _row(name) for name in names}, _grid(limit)
    if not rows:
        raise ValueError("names must hold at least one activation, got none")
    ax = axes(ax)
    curves = {name: row.grad(z) if gradient else row.f(z) for name, row in rows.items()}
    for i, (name, curve) in enumerate(curves.items()):
        ax.plot(z, curve, label=_label(name, {}), **line(i))
    ax.legend()
    top = max(curves, key=lambda name: curves[name].max())
    if gradient:
        finding = f"Steepest for |z| ≤ {limit:g}: {_label(top, {})}, with a slope of {curves[top].max():.3g}"
    else:
        finding = f"Highest for |z| ≤ {limit:g}: {_label(top, {})}, with a value of {curves[top].max():.3g}"
    return _finish(ax, "f′(z)" if gradient else "f(z)", finding if title is None else title)


def _row(name):
    if name not in ACTIVATIONS:
        raise ValueError(f"name must be one of {', '.join(ACTIVATIONS)}, got {name!r}")
    return ACTIVATIONS[name]


def _grid(limit):
    limit = as_parameter("limit", limit, 0 < limit < np.inf, "positive and finite")
    return np.linspace(-limit, limit, 1001)  # odd, so that z = 0 is drawn


def _label(name, parameters):
    words = [_WORDS.get(name, name)]
    words += [f"{_SYMBOLS.get(key, key)} = {value}" for key, value in parameters.items()]
    return ", ".join(words)


def _finish(ax, quantity, title):
    ax.set_xlabel("pre-activation z (no unit)")
    ax.set_ylabel(f"{quantity} (no unit)")
    ax.set_title(title)
    ax.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    return ax
