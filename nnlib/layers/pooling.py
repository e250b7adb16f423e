"""Pooling: one number for each window of an image, its maximum or its mean.

X is (N, C, h, w), and every channel is pooled by itself. By default the windows lie side by side; with a smaller
stride they overlap. There is no padding, and rows and columns at the end that fill no window are left out.
"""

import numpy as np

from nnlib._arguments import as_float, as_pair
from nnlib.layers.base import Layer
from nnlib.layers.convolution import shifted_slices


def max_pool_forward(X, size, stride=None):
    """Max pooling: the largest number of each window.

        Y_ncyx = max_ij X_n,c,s·y+i,s·x+j      (s: stride)

    Args:
        X: (N, C, h, w) float, the images.
        size: height and width (kh, kw) of a window, in pixels; a single number for both.
        stride: (down, right) from window to window, in pixels; a single number for both; None for `size`.
    Returns:
        (N, C, oh, ow) float, with oh = ⌊(h − kh)/stride⌋ + 1, ow likewise; nan where a window holds nan.
    Raises:
        ValueError: X has not four axes, size or stride is no whole number above 0, or no window fits into X.
    Source:
        Boureau, Ponce & LeCun (2010), A theoretical analysis of feature pooling in visual recognition.

    >>> max_pool_forward(np.array([[[[1.0, 5.0, 0.0, 2.0], [3.0, 4.0, 2.0, 9.0]]]]), 2)
    array([[[[5., 9.]]]])
    """
    return _maximum(_slices(_images(X), size, stride))


def max_pool_backward(upstream, X, size, stride=None):
    """Gradient of the loss at the images of a max pooling.

        dX is the sum over all windows of U_ncyx, at the window's maximum      (U: upstream)

    Of several equal maxima the first in row-major order takes it all, of several nan the last, as in PyTorch.

    Args:
        upstream: (N, C, oh, ow) float, ∂loss/∂Y.
        X: (N, C, h, w) float, the images of the forward pass.
        size, stride: those of the forward pass.
    Returns:
        (N, C, h, w) float, shape and dtype of `X`.
    Raises:
        ValueError: as for `max_pool_forward`, or `upstream` has not the shape of its result.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 9.3, differentiated.

    >>> X = np.array([[[[1.0, 5.0, 0.0, 9.0], [3.0, 4.0, 9.0, 9.0]]]])
    >>> max_pool_backward(np.array([[[[10.0, 20.0]]]]), X, 2)
    array([[[[ 0., 10.,  0., 20.],
             [ 0.,  0.,  0.,  0.]]]])
    """
    X = _images(X)
    maximum = _maximum(_slices(X, size, stride))
    return _to_maxima(as_float(upstream, "upstream"), X, maximum, size, stride)


def avg_pool_forward(X, size, stride=None):
    """Average pooling: the mean of each window.

        Y_ncyx = 1/(kh·kw) · Σ_ij X_n,c,s·y+i,s·x+j      (s: stride)

    Args:
        X: (N, C, h, w) float, the images.
        size, stride: as for `max_pool_forward`.
    Returns:
        (N, C, oh, ow) float, with oh = ⌊(h − kh)/stride⌋ + 1, ow likewise.
    Raises:
        ValueError: as for `max_pool_forward`.
    Source:
        Boureau, Ponce & LeCun (2010), A theoretical analysis of feature pooling in visual recognition.

    >>> avg_pool_forward(np.array([[[[1.0, 5.0, 0.0, 2.0], [3.0, 3.0, 2.0, 8.0]]]]), 2)
    array([[[[3., 3.]]]])
    """
    slices = _slices(_images(X), size, stride)
    total = slices[0].copy(order="K")  # K: the memory order of X, which need not be that of its axes
    for part in slices[1:]:
        total += part
    total /= len(slices)
    return total


def avg_pool_backward(upstream, X, size, stride=None):
    """Gradient of the loss at the images of an average pooling; it depends on their shape alone.

        dX is the sum over all windows of U_ncyx / (kh·kw), at each of the window's pixels      (U: upstream)

    Args:
        upstream: (N, C, oh, ow) float, ∂loss/∂Y.
        X: (N, C, h, w) float, the images of the forward pass.
        size, stride: those of the forward pass.
    Returns:
        (N, C, h, w) float, shape and dtype of `X`.
    Raises:
        ValueError: as for `max_pool_forward`, or `upstream` has not the shape of its result.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 9.3, differentiated.

    >>> avg_pool_backward(np.array([[[[8.0, -4.0]]]]), np.zeros((1, 1, 2, 4)), 2)
    array([[[[ 2.,  2., -1., -1.],
             [ 2.,  2., -1., -1.]]]])
    """
    X, upstream = _images(X), as_float(upstream, "upstream")
    dX = np.zeros_like(X)
    slices = _slices(dX, size, stride)
    share = _like(slices[0], upstream)
    share /= len(slices)
    for part in slices:
        part += share
    return dX


class _Pool2d(Layer):
    """What both layers share: the window, and images checked against it."""

    def __init__(self, size, stride=None):
        super().__init__()
        self.window = as_pair("size", size, 1)
        self.stride = self.window if stride is None else as_pair("stride", stride, 1)

    def _checked(self, x):
        x = as_float(x, "x")
        if x.ndim != 4:
            raise self._wrong_shape("(N, C, h, w)", x)
        if np.less(x.shape[2:], self.window).any():
            raise self._wrong_shape(f"(N, C, h, w) with room for a window of {self.window}", x)
        return _examples_last(x)

    def __repr__(self):
        window, stride = (pair[0] if pair[0] == pair[1] else pair for pair in (self.window, self.stride))
        return f"{type(self).__name__}({window}{'' if self.stride == self.window else f', stride={stride}'})"


class MaxPool2d(_Pool2d):
    """Max pooling, `max_pool_forward`, as a layer.

    Args:
        size: height and width (kh, kw) of a window, in pixels; a single number for both.
        stride: (down, right) from window to window, in pixels; a single number for both; None for `size`.

    >>> MaxPool2d(2)(np.array([[[[1.0, 5.0, 0.0, 2.0], [3.0, 4.0, 2.0, 9.0]]]]))
    array([[[[5., 9.]]]])
    """

    def forward(self, x):
        x = self._checked(x)
        y = _maximum(_slices(x, self.window, self.stride))
        self._saved = x, y
        return y

    def backward(self, upstream, wrt_input=True):
        return _to_maxima(upstream, *self._recall(), self.window, self.stride) if wrt_input else None


class AvgPool2d(_Pool2d):
    """Average pooling, `avg_pool_forward`, as a layer.

    Args:
        size: height and width (kh, kw) of a window, in pixels; a single number for both.
        stride: (down, right) from window to window, in pixels; a single number for both; None for `size`.

    >>> AvgPool2d(2)(np.array([[[[1.0, 5.0, 0.0, 2.0], [3.0, 3.0, 2.0, 8.0]]]]))
    array([[[[3., 3.]]]])
    """

    def forward(self, x):
        self._saved = x = self._checked(x)
        return avg_pool_forward(x, self.window, self.stride)

    def backward(self, upstream, wrt_input=True):
        return avg_pool_backward(upstream, self._recall(), self.window, self.stride) if wrt_input else None


def _images(X):
    X = as_float(X, "X")
    if X.ndim != 4:
        raise ValueError(f"X must have shape (N, C, h, w), got {X.shape}")
    return _examples_last(X)


def _examples_last(X):
    """`X` in the memory order of a convolution's output, (C, h, w, N): its slices are then long runs of numbers."""
    return np.ascontiguousarray(X.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)


def _slices(X, size, stride):
    return shifted_slices(X, size, size if stride is None else stride)


def _like(part, upstream):
    """A copy of `upstream` with shape, dtype and memory order of `part`: mixed orders make every sum slow."""
    if upstream.shape != part.shape:
        raise ValueError(f"upstream must have shape {part.shape}, got {upstream.shape}")
    copy = np.empty_like(part)
    copy[...] = upstream
    return copy


def _maximum(slices):
    largest = slices[0].copy(order="K")  # K: the memory order of X, which need not be that of its axes
    for part in slices[1:]:
        np.maximum(largest, part, out=largest)
    return largest


def _to_maxima(upstream, X, maximum, size, stride):
    left = _like(maximum, upstream)  # what no entry of the window has taken yet
    dX = np.zeros_like(X)
    pairs = list(zip(_slices(X, size, stride), _slices(dX, size, stride), strict=True))
    if np.isnan(maximum).any():  # nan equals nothing, itself included
        for part, place in reversed(pairs):
            _take(left, np.isnan(part), place)
    for part, place in pairs:
        _take(left, part == maximum, place)
    return dX


def _take(left, chosen, place):
    share = left * chosen
    left -= share  # nothing is left for a second maximum
    place += share
