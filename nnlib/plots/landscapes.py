"""Pictures of a loss over two parameters, and of the ways down."""

import numpy as np

from nnlib.plots.axes import axes, line


def landscape(f, ax=None, domain=((-2, 2), (-2, 2)), trajectories=None, minima=(), levels=30, title=None):
    """Draw the contours of a function of two parameters, and trajectories of optimizers on it.

    The contours are spaced evenly in the logarithm of the height above the lowest point drawn, so that a narrow
    valley shows as well as the steep walls around it.

    Args:
        f: function of (..., 2) float points to (...) float heights, such as a `nnlib.data.Landscape`'s `f`.
        ax: matplotlib Axes to draw on; None makes a new figure.
        domain: ((x_low, x_high), (y_low, y_high)), what is drawn.
        trajectories: dict of name to (T, 2) float points, from the start on.
        minima: (M, 2) float points to mark with a star.
        levels: how many contours.
        title: the finding, in words; None names the trajectory that ends lowest.
    Returns:
        The Axes.
    Raises:
        ValueError: a trajectory that has not the shape (T, 2).

    >>> from matplotlib.figure import Figure
    >>> paths = {"slow": np.array([[1.0, 1.0], [0.9, 0.9]]), "fast": np.array([[1.0, 1.0], [0.1, 0.1]])}
    >>> landscape(lambda p: (p**2).sum(axis=-1), Figure().subplots(), trajectories=paths).get_title()
    'Lowest after its steps: fast, at 0.02'
    """
    trajectories = {name: np.asarray(path, float) for name, path in (trajectories or {}).items()}
    for name, path in trajectories.items():
        if path.ndim != 2 or path.shape[1] != 2:
            raise ValueError(f"trajectory {name} must have shape (T, 2), got {path.shape}")
    ax = axes(ax)
    (x_low, x_high), (y_low, y_high) = domain
    x, y = np.meshgrid(np.linspace(x_low, x_high, 301), np.linspace(y_low, y_high, 301))
    height = f(np.stack([x, y], axis=-1))
    above = height - height.min()
    floor = 1e-4 * above.max() + np.finfo(float).tiny
    ax.contour(x, y, np.log10(above + floor), levels=levels, cmap="Greys_r", linewidths=0.7)
    for i, (name, path) in enumerate(trajectories.items()):
        ax.plot(*path.T, label=name, marker=".", markersize=4, **(line(i) | {"linewidth": 1.5}))
        ax.plot(*path[-1], marker="s", markersize=6, color=line(i)["color"])
    for i, point in enumerate(minima):
        ax.plot(*point, "*", markersize=12, color="black", label=None if i else "minimum")
    ax.set(xlim=(x_low, x_high), ylim=(y_low, y_high))
    ax.set_xlabel("w₁ (no unit)")
    ax.set_ylabel("w₂ (no unit); contours: log of the height")
    finding = f"Heights from {height.min():.3g} to {height.max():.3g}"
    if trajectories:
        ends = {name: float(f(path[-1])) for name, path in trajectories.items()}
        lowest = min(ends, key=ends.get)
        finding = f"Lowest after its steps: {lowest}, at {ends[lowest]:.3g}"
    ax.set_title(finding if title is None else title)
    if trajectories or len(minima):
        ax.legend()
    return ax
