"""Pictures of a net that learns: its curves, and the sizes of signals layer by layer."""

import numpy as np

from nnlib.plots.axes import COLOURS, axes, line

_SYMBOLS = {"delta": "‖δ‖", "gradient": "‖∂loss/∂W‖", "activation": "RMS of activations", "weight": "‖W‖"}
_TITLES = {"loss": "training loss", "validation_loss": "validation loss"}


def training_curves(history, ax=None, names=None, unit="nats", log=False, title=None):
    """Draw what `nnlib.fit` returned, epoch by epoch.

    Args:
        history: dict of name to list, one entry an epoch.
        ax: matplotlib Axes to draw on; None makes a new figure.
        names: the entries to draw; None takes those whose name ends in "loss".
        unit: of the values, for the axis; None for entries without one, such as an accuracy.
        log: whether the vertical axis is logarithmic.
        title: the finding, in words; None states where the last curve is best.
    Returns:
        The Axes.
    Raises:
        ValueError: an entry that the history does not have, or no epochs.

    >>> from matplotlib.figure import Figure
    >>> history = {"loss": [1.0, 0.5, 0.2], "validation_loss": [1.1, 0.7, 0.9]}
    >>> training_curves(history, Figure().subplots()).get_title()
    'validation loss is lowest after epoch 2: 0.7'
    """
    names = [name for name in history if name.endswith("loss")] if names is None else list(names)
    unknown = [name for name in names if name not in history]
    if unknown or not names or not len(history[names[0]]):
        raise ValueError(
            f"names must be entries of the history, {', '.join(history) or 'which is empty'}, got {names}"
        )
    ax = axes(ax)
    for i, name in enumerate(names):
        epochs = np.arange(1, len(history[name]) + 1)
        ax.plot(epochs, history[name], label=_TITLES.get(name, name), **line(i))
    loss = names[-1].endswith("loss")
    best = int(np.argmin(history[names[-1]]) if loss else np.argmax(history[names[-1]]))
    finding = (
        f"{_TITLES.get(names[-1], names[-1])} is {'lowest' if loss else 'highest'} "
        f"after epoch {best + 1}: {history[names[-1]][best]:.3g}"
    )
    ax.set_xlabel("epoch")
    what = "loss" if loss else _TITLES.get(names[-1], names[-1])
    ax.set_ylabel(f"{what} ({unit or 'no unit'}{', log scale' if log else ''})")
    ax.set_title(finding if title is None else title)
    if log:
        ax.set_yscale("log")
    ax.legend()
    return ax


def gradient_flow(statistics, ax=None, quantity="delta", title=None):
    """Draw how large a signal is in each layer, on a logarithmic axis.

    Args:
        statistics: list of nnlib.LayerStatistics, or a dict of name to such lists, for several nets.
        ax: matplotlib Axes to draw on; None makes a new figure.
        quantity: the entry to draw: "delta", "gradient", "activation" or "weight".
        title: the finding, in words; None states the ratio of the first layer to the last, of the net where it is
            furthest from 1.
    Returns:
        The Axes. Layers without the quantity, such as activations without weights, are left out; sizes of 0, which
        a logarithm cannot show, are marked at the lower edge.
    Raises:
        ValueError: an unknown quantity, or no layers.

    >>> from matplotlib.figure import Figure
    >>> from nnlib.diagnostics import LayerStatistics
    >>> rows = [LayerStatistics(str(i), 1.0, 10.0**i, 1.0, 1.0, 0.0) for i in range(3)]
    >>> gradient_flow(rows, Figure().subplots()).get_title()
    "‖δ‖ of the first layer is 0.01 of the last one's"
    """
    if quantity not in _SYMBOLS:
        raise ValueError(f"quantity must be one of {', '.join(_SYMBOLS)}, got {quantity!r}")
    curves = statistics if isinstance(statistics, dict) else {"": statistics}
    ax, ratios = axes(ax), {}
    for i, (name, rows) in enumerate(curves.items()):
        sizes = np.array([getattr(row, quantity) for row in rows if not np.isnan(getattr(row, quantity))])
        if not len(sizes):
            raise ValueError(f"statistics must hold layers with a {quantity}, got none")
        places = np.arange(1, len(sizes) + 1)
        ax.plot(places, np.where(sizes > 0, sizes, np.nan), marker="o", label=name, **line(i))
        zero = places[sizes == 0]
        ax.plot(
            zero,
            np.full(len(zero), 0.02),
            "v",
            color=COLOURS[i % len(COLOURS)],
            transform=ax.get_xaxis_transform(),
        )
        ratios[name] = sizes[0] / sizes[-1] if sizes[-1] else np.inf
    worst = max(ratios, key=lambda name: abs(np.log(max(ratios[name], 1e-300))))
    finding = f"{worst}{': ' * bool(worst)}{_SYMBOLS[quantity]} of the first layer is {ratios[worst]:.2g} of the last one's"
    ax.set_yscale("log")
    ax.set_xlabel("layer, from the input")
    ax.set_ylabel(f"{_SYMBOLS[quantity]} (no unit, log scale)")
    ax.set_title(finding if title is None else title)
    if len(curves) > 1:
        ax.legend()
    return ax


def histograms(tensors, ax=None, quantity="activation", bins=60, title=None):
    """Draw the distribution of each layer's numbers, one above the other, the first layer on top.

    Args:
        tensors: dict of a layer's name to (...) float, its numbers; nan and infinities are left out.
        ax: matplotlib Axes to draw on; None makes a new figure.
        quantity: what the numbers are, for the axis.
        bins: how many, over the range of all layers.
        title: the finding, in words; None states the standard deviations of the first and the last.
    Returns:
        The Axes. Each histogram is scaled to its own highest bin.
    Raises:
        ValueError: no layers, or one without a finite number.

    >>> from matplotlib.figure import Figure
    >>> histograms({"1": np.array([-1.0, 1.0]), "2": np.array([-0.1, 0.1])}, Figure().subplots()).get_title()
    'Standard deviation from 1 in 1 to 0.1 in 2'
    """
    finite = {name: np.asarray(t)[np.isfinite(t)].astype(float) for name, t in tensors.items()}
    empty = [name for name, t in finite.items() if not t.size]
    if empty or not finite:
        raise ValueError(
            f"each layer must hold a finite number, but {', '.join(empty) or 'there is no layer'} does not"
        )
    ax = axes(ax)
    low, high = (f([f(t) for t in finite.values()]) for f in (np.min, np.max))
    edges = np.linspace(low, high, bins + 1) if high > low else np.linspace(low - 0.5, low + 0.5, bins + 1)
    for i, values in enumerate(finite.values()):
        counts, _ = np.histogram(values, edges)
        base = len(finite) - 1 - i
        colour = COLOURS[i % len(COLOURS)]
        ax.stairs(
            base + 0.9 * counts / counts.max(), edges, baseline=base, fill=True, color=colour, alpha=0.6
        )
        ax.stairs(base + 0.9 * counts / counts.max(), edges, baseline=base, color=colour)
    ax.set_yticks(np.arange(len(finite)), list(finite)[::-1])
    ax.set_ylim(-0.1, len(finite))
    ax.set_xlabel(f"{quantity} (no unit)")
    ax.set_ylabel("layer (heights: share of its numbers, to its highest bin)")
    first, *_, last = [*finite, *finite]
    spread = (
        f"Standard deviation from {finite[first].std():.2g} in {first} to {finite[last].std():.2g} in {last}"
    )
    ax.set_title(spread if title is None else title)
    return ax
