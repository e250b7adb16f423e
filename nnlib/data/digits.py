"""Scikit-learn's handwritten digits: the one set here that needs a library beyond NumPy."""

import numpy as np


def digits(images=False):
    """1,797 handwritten digits of 8 x 8 pixels, always in the same order.

    A split into training and test rows is `stratified_split`'s work. The file comes with scikit-learn, so
    nothing is downloaded.

    Args:
        images: return images with a channel axis, as convolutions want them, instead of rows of pixels.
    Returns:
        X: (1797, 64) or (1797, 1, 8, 8) float64, ink in steps of 1/16 from 0 (none) to 1.
        y: (1797,) int64 in 0..9, between 174 and 183 of each.
    Raises:
        ModuleNotFoundError: scikit-learn is not installed; the message says how to install it.
    Source:
        Alpaydin & Kaynak (1998), Optical recognition of handwritten digits, UCI Machine Learning Repository,
        the test part.

    >>> X, y = digits()
    >>> X.shape, float(X.min()), float(X.max()), y[:4]
    ((1797, 64), 0.0, 1.0, array([0, 1, 2, 3]))
    """
    try:
        from sklearn.datasets import load_digits
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "sklearn":  # scikit-learn is there, but broken
            raise
        message = 'digits needs scikit-learn: pip install "nnlib-course[digits]"'
        raise ModuleNotFoundError(message, name="sklearn") from None
    X, y = load_digits(return_X_y=True)
    X = X.astype(np.float64) / 16
    return X.reshape(-1, 1, 8, 8) if images else X, y.astype(np.int64)
