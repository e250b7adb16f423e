"""Pictures of images and of what a classifier makes of them."""

import numpy as np

from nnlib.plots.axes import axes


def saliency_overlay(image, saliency, ax=None, title=None):
    """Draw a grey image with a saliency or Grad-CAM map over it: the darker the red, the more the place matters.

    Args:
        image: (H, W) float, grey values.
        saliency: (h, w) float, 0 or more; a smaller map is stretched over the image.
        ax: matplotlib Axes to draw on; None makes a new figure.
        title: the finding, in words; None says where the map is largest.
    Returns:
        The Axes.
    Raises:
        ValueError: one of the two is no picture.

    >>> from matplotlib.figure import Figure
    >>> saliency_overlay(np.ones((4, 4)), np.eye(4)[[2]].T @ np.eye(4)[[1]], Figure().subplots()).get_title()
    'Matters most: row 2, column 1'
    """
    image, saliency = np.asarray(image, float), np.asarray(saliency, float)
    if image.ndim != 2 or saliency.ndim != 2 or not saliency.size:
        raise ValueError(
            f"image and saliency must have shapes (H, W) and (h, w), got {image.shape}, {saliency.shape}"
        )
    ax = axes(ax)
    (height, width), extent = image.shape, (-0.5, image.shape[1] - 0.5, image.shape[0] - 0.5, -0.5)
    ax.imshow(image, cmap="gray_r", extent=extent)
    largest = saliency.max()
    shown = saliency / largest if largest > 0 else saliency
    drawn = ax.imshow(shown, cmap="Reds", alpha=0.75 * np.clip(shown, 0, 1), vmin=0, vmax=1, extent=extent)
    ax.figure.colorbar(drawn, ax=ax, label="saliency (share of the largest)")
    row, column = np.unravel_index(np.argmax(saliency), saliency.shape)
    row, column = (
        int((row + 0.5) * height / saliency.shape[0]),
        int((column + 0.5) * width / saliency.shape[1]),
    )
    finding = f"Matters most: row {row}, column {column}" if largest > 0 else "The map is 0 everywhere"
    ax.set_xlabel("column (pixels)")
    ax.set_ylabel("row (pixels)")
    ax.set_title(finding if title is None else title)
    return ax


def confusion(matrix, names=None, ax=None, title=None):
    """Draw a confusion matrix, with the counts written in.

    Args:
        matrix: (K, K) int, row the true class and column the predicted one; see `nnlib.confusion_matrix`.
        names: K names of the classes; None numbers them.
        ax: matplotlib Axes to draw on; None makes a new figure.
        title: the finding, in words; None states the accuracy and the most common confusion.
    Returns:
        The Axes.
    Raises:
        ValueError: the matrix is not square or holds no example, or there are not K names.

    >>> from matplotlib.figure import Figure
    >>> confusion(np.array([[8, 2], [1, 9]]), ["cat", "dog"], Figure().subplots()).get_title()
    '85 % right; most often cat is taken for dog (2 times)'
    """
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.sum() == 0:
        raise ValueError(f"matrix must have shape (K, K) and hold examples, got shape {matrix.shape}")
    K = len(matrix)
    names = [str(k) for k in range(K)] if names is None else list(names)
    if len(names) != K:
        raise ValueError(f"names must be {K}, got {len(names)}")
    ax = axes(ax)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    drawn = ax.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (i, j), count in np.ndenumerate(matrix):
        ax.text(j, i, str(count), ha="center", va="center", color="white" if share[i, j] > 0.5 else "black")
    ax.figure.colorbar(drawn, ax=ax, label="share of the true class")
    ax.set_xticks(range(K), names)
    ax.set_yticks(range(K), names)
    ax.set_xlabel("predicted class (numbers: examples)")
    ax.set_ylabel("true class")
    wrong = matrix - np.diag(np.diag(matrix))
    i, j = np.unravel_index(np.argmax(wrong), wrong.shape)
    finding = f"{np.trace(matrix) / matrix.sum():.0%}".replace("%", " %") + " right"
    if wrong[i, j]:
        finding += f"; most often {names[i]} is taken for {names[j]} ({wrong[i, j]} times)"
    ax.set_title(finding if title is None else title)
    return ax
