"""How classes are balanced and rows split: what every set in this package shares."""

import numpy as np

from nnlib._arguments import as_parameter
from nnlib.data._counts import as_count


def balanced_labels(n, classes, rng):
    """Class labels in random order, every class equally often.

    Where `classes` does not divide n, the first n mod K classes have one example more.

    Args:
        n: number N of examples, at least `classes`.
        classes: number K of classes, at least 1.
        rng: numpy.random.Generator.
    Returns:
        (N,) int64 in 0..K−1.
    Raises:
        ValueError: n below classes, or classes below 1.

    >>> np.bincount(balanced_labels(11, 4, np.random.default_rng(0)))
    array([3, 3, 3, 2])
    """
    classes = as_count("classes", classes)
    n = as_count("n", n, least=classes)
    return rng.permutation(np.arange(n, dtype=np.int64) % classes)


def stratified_split(y, test_fraction, rng):
    """Row numbers for training and for testing that keep each class's share in both.

    The test set has round(N·test_fraction) rows. Class k gets ⌊n_k·test_fraction⌋ of them, and the rows then
    missing go one each to the classes with the largest remainders (the first of equals).

    Args:
        y: (N,) integers, the labels.
        test_fraction: the share of the test set, unitless, in (0, 1).
        rng: numpy.random.Generator; it decides which rows of a class are taken, and their order.
    Returns:
        train, test: two int64 arrays of row numbers, shuffled, without a row in common, together 0..N−1.
    Raises:
        ValueError: y not one axis of integers, test_fraction outside (0, 1), or a part would be empty.
    Source:
        Kohavi (1995), A study of cross-validation and bootstrap for accuracy estimation and model selection,
        IJCAI, for stratification.

    >>> y = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1])
    >>> train, test = stratified_split(y, 0.25, np.random.default_rng(0))
    >>> np.bincount(y[train]), np.bincount(y[test])
    (array([3, 6]), array([1, 2]))
    """
    y = np.asarray(y)
    if y.ndim != 1 or y.dtype.kind not in "iu":
        raise ValueError(f"y must be one axis of integers, got shape {y.shape} and dtype {y.dtype}")
    fraction = as_parameter("test_fraction", test_fraction, 0 < test_fraction < 1, "in (0, 1)")
    total = round(len(y) * fraction)
    if not 0 < total < len(y):
        raise ValueError(f"test_fraction {fraction:g} of {len(y)} rows would leave a part empty")
    classes, sizes = np.unique(y, return_counts=True)
    share = sizes * fraction
    taken = np.floor(share).astype(np.int64)
    missing = total - int(taken.sum())
    taken[np.argsort(taken - share, kind="stable")[:missing]] += 1
    chosen = np.zeros(len(y), bool)
    for label, count in zip(classes, taken, strict=True):
        chosen[rng.permutation(np.flatnonzero(y == label))[:count]] = True
    return rng.permutation(np.flatnonzero(~chosen)), rng.permutation(np.flatnonzero(chosen))
