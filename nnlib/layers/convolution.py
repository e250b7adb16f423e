"""Convolution of images, as one matrix product over the windows that the kernel sees.

X is (N, C, h, w): N examples, C channels, height h and width w, small because W is the weights. Results have their
axes in that order too, but in memory the examples stand last, as (C, h, w, N): a row of a shifted slice is then one
long run of numbers, which is what makes collecting the windows cheap.
"""

import numpy as np

from nnlib._arguments import as_float, as_pair
from nnlib.initializers import he_normal
from nnlib.layers.base import Layer


def shifted_slices(X, size, stride=1):
    """All windows of `X`, entry by entry: one slice for each of the kh·kw places in a window.

        slice_ij[..., y, x] = X[..., s·y + i, s·x + j]      (entry (i, j) of window (y, x); s: stride)

    The slices are views: what is added to them is added to `X`. Rows and columns at the end that no window covers
    are in none of them.

    Args:
        X: (..., h, w) array.
        size: height and width (kh, kw) of a window, in pixels; a single number for both.
        stride: (down, right) from window to window, in pixels; a single number for both.
    Returns:
        list of kh·kw views (..., oh, ow), in row-major order of (i, j), with oh = ⌊(h − kh)/s⌋ + 1, ow likewise.
    Raises:
        ValueError: `size` or `stride` is no whole number above 0, or a window does not fit into `X`.
    Source:
        Dumoulin & Visin (2016), A guide to convolution arithmetic for deep learning, arXiv:1603.07285, chapter 2.

    >>> [part.tolist() for part in shifted_slices(np.array([[1, 2, 3], [4, 5, 6]]), (1, 2))]
    [[[1, 2], [4, 5]], [[2, 3], [5, 6]]]
    """
    (kh, kw), (down, right) = as_pair("size", size, 1), as_pair("stride", stride, 1)
    h, w = X.shape[-2:]
    if kh > h or kw > w:
        raise ValueError(f"a window of {kh} x {kw} must fit into the image, got {h} x {w}")
    last_y, last_x = h - kh, w - kw
    return [
        X[..., i : i + last_y + 1 : down, j : j + last_x + 1 : right] for i in range(kh) for j in range(kw)
    ]


def conv2d_forward(X, W, b, stride=1, padding=0):
    """Convolution: the same small kernel weighs every window of an image.

        Y_nfyx = b_f + Σ_c Σ_i Σ_j W_fcij · P_n,c,s·y+i,s·x+j      (P: X within `padding` zeros; s: stride)

    This is cross-correlation: the kernel is not flipped, as in PyTorch and nearly all of deep learning. The
    convolution of mathematics flips it. The columns that the product needs take kh·kw/s² times the memory of X.

    Args:
        X: (N, C, h, w) float, the images.
        W: (F, C, kh, kw) float, one kernel for each of the F outputs.
        b: (F,) float, the biases.
        stride: (down, right) from window to window, in pixels; a single number for both.
        padding: (rows, columns) of zeros on either side, in pixels; a single number for both.
    Returns:
        (N, F, oh, ow) float, with oh = ⌊(h + 2·padding − kh)/stride⌋ + 1, ow likewise.
    Raises:
        ValueError: shapes do not fit, or stride or padding is not a whole number in its range.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 9.1, equation 9.6; as a matrix product:
        Chellapilla, Puri & Simard (2006), High performance convolutional neural networks for document processing.

    >>> X = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    >>> conv2d_forward(X, np.array([[[[1.0, 10.0]]]]), np.array([0.5]))
    array([[[[21.5, 32.5],
             [54.5, 65.5]]]])
    """
    X, W, b = as_float(X, "X"), as_float(W, "W"), as_float(b, "b")
    if X.ndim != 4 or W.ndim != 4 or X.shape[1] != W.shape[1] or b.shape != W.shape[:1]:
        raise ValueError(
            "X, W and b must have shapes (N, C, h, w), (F, C, kh, kw) and (F,), "
            f"got {X.shape}, {W.shape}, {b.shape}"
        )
    return _weighed(_windows(X, W.shape[2:], stride, padding), W) + b[:, None, None]


def conv2d_backward(upstream, X, W, stride=1, padding=0):
    """Gradients of the loss at a convolution's images, kernels and biases.

        dP_n,c,s·y+i,s·x+j = the sum of Σ_f W_fcij · U_nfyx over all (i, j), (y, x) that meet there
        dW_fcij = Σ_n Σ_y Σ_x U_nfyx · P_n,c,s·y+i,s·x+j,  db_f = Σ_n Σ_y Σ_x U_nfyx      (U: upstream)

    dX is dP without the padding. A pixel that no window covers has gradient 0.

    Args:
        upstream: (N, F, oh, ow) float, ∂loss/∂Y.
        X: (N, C, h, w) float, the images of the forward pass.
        W: (F, C, kh, kw) float, the kernels of the forward pass.
        stride, padding: those of the forward pass.
    Returns:
        dX: (N, C, h, w) float, the shape of `X`.
        dW: (F, C, kh, kw) float, the shape of `W`.
        db: (F,) float.
    Raises:
        ValueError: shapes do not fit, or stride or padding is not a whole number in its range.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 9.5, equations 9.11 and 9.13.

    >>> X = np.array([[[[1.0, 2.0, 3.0]]]])
    >>> dX, dW, db = conv2d_backward(np.array([[[[1.0, -1.0]]]]), X, np.array([[[[1.0, 10.0]]]]))
    >>> dX.ravel(), dW.ravel(), db
    (array([  1.,   9., -10.]), array([-1., -1.]), array([0.]))
    """
    upstream, X, W = as_float(upstream, "upstream"), as_float(X, "X"), as_float(W, "W")
    if X.ndim != 4 or W.ndim != 4 or X.shape[1] != W.shape[1]:
        raise ValueError(
            f"X and W must have shapes (N, C, h, w) and (F, C, kh, kw), got {X.shape}, {W.shape}"
        )
    windows = _windows(X, W.shape[2:], stride, padding)
    deltas = _deltas(upstream, windows, len(W))
    dW = deltas @ _matrix(windows).T
    return _scattered(deltas, W, X.shape, stride, padding), dW.reshape(W.shape), deltas.sum(axis=1)


class Conv2d(Layer):
    """A convolution, `conv2d_forward`, with its own kernels `W` and biases `b`.

    Args:
        inputs: C, how many channels come in.
        outputs: F, how many kernels, and so how many channels go out.
        kernel: height and width (kh, kw), in pixels; a single number for both.
        rng: numpy.random.Generator that draws the kernels.
        stride: (down, right) from window to window, in pixels; a single number for both.
        padding: (rows, columns) of zeros on either side, in pixels; a single number for both.
        bias: whether there are biases; they start at 0.
        initializer: function (shape, rng, dtype=…) to the first kernels.
        dtype: of kernels and outputs; inputs are taken in it.
    Raises:
        ValueError: kernel, stride or padding is not a whole number in its range.

    >>> layer = Conv2d(1, 8, 3, np.random.default_rng(0), padding=1)
    >>> layer(np.ones((5, 1, 4, 6))).shape, layer
    ((5, 8, 4, 6), Conv2d(1, 8, (3, 3), stride=(1, 1), padding=(1, 1)))
    """

    def __init__(
        self,
        inputs,
        outputs,
        kernel,
        rng,
        stride=1,
        padding=0,
        bias=True,
        initializer=he_normal,
        dtype=np.float64,
    ):
        super().__init__()
        self.kernel, self.stride = as_pair("kernel", kernel, 1), as_pair("stride", stride, 1)
        self.padding, self.dtype, self.bias = as_pair("padding", padding, 0), np.dtype(dtype), bias
        self.shape = (outputs, inputs, *self.kernel)
        self.add_parameter("W", initializer(self.shape, rng, dtype=dtype))
        if bias:
            self.add_parameter("b", np.zeros(outputs, dtype))

    def forward(self, x):
        x = np.asarray(x, self.dtype)
        h, w = (max(k - 2 * p, 1) for k, p in zip(self.kernel, self.padding, strict=True))
        if x.ndim != 4 or x.shape[1] != self.shape[1] or x.shape[2] < h or x.shape[3] < w:
            raise self._wrong_shape(f"(N, {self.shape[1]}, {h} or more, {w} or more)", x)
        windows = _windows(x, self.kernel, self.stride, self.padding)
        self._saved = windows, x.shape
        y = _weighed(windows, self.parameters["W"])
        if self.bias:
            y += self.parameters["b"][:, None, None]
        return y

    def backward(self, upstream, wrt_input=True):
        windows, shape = self._recall()
        deltas = _deltas(upstream, windows, self.shape[0])
        # The same products as conv2d_backward, but written to where the optimizer reads them.
        np.matmul(deltas, _matrix(windows).T, out=self.gradients["W"].reshape(len(deltas), -1))
        if self.bias:
            deltas.sum(axis=1, out=self.gradients["b"])
        if not wrt_input:
            return None
        return _scattered(deltas, self.parameters["W"], shape, self.stride, self.padding)

    def __repr__(self):
        F, C = self.shape[:2]
        return (
            f"Conv2d({C}, {F}, {self.kernel}, stride={self.stride}, padding={self.padding}"
            f"{'' if self.bias else ', bias=False'})"
        )


def _padded_zeros(shape, padding, dtype):
    """Zeros in the shape of padded images, examples last in memory, and the view of them within the padding."""
    (N, C, h, w), (rows, columns) = shape, as_pair("padding", padding, 0)
    padded = np.zeros((C, h + 2 * rows, w + 2 * columns, N), dtype).transpose(3, 0, 1, 2)
    return padded, padded[:, :, rows : rows + h, columns : columns + w]


def _windows(X, kernel, stride, padding):
    """(C, kh·kw, oh, ow, N): the padded images' shifted slices in one array (im2col)."""
    padded, inner = _padded_zeros(X.shape, padding, X.dtype)
    inner[...] = X
    return np.stack([part.transpose(1, 2, 3, 0) for part in shifted_slices(padded, kernel, stride)], axis=1)


def _matrix(windows):
    """(C·kh·kw, oh·ow·N): each column is a window."""
    return windows.reshape(windows.shape[0] * windows.shape[1], -1)


def _weighed(windows, W):
    """(N, F, oh, ow): every window's product with every kernel."""
    Y = W.reshape(len(W), -1) @ _matrix(windows)
    return Y.reshape(len(W), *windows.shape[2:]).transpose(3, 0, 1, 2)


def _deltas(upstream, windows, outputs):
    """(F, oh·ow·N): `upstream` in the order of the columns."""
    wanted = (windows.shape[-1], outputs, *windows.shape[2:4])
    if upstream.shape != wanted:
        raise ValueError(f"upstream must have shape {wanted}, got {upstream.shape}")
    return upstream.transpose(1, 2, 3, 0).reshape(outputs, -1)


def _scattered(deltas, W, shape, stride, padding):
    """(N, C, h, w): each window's gradient added to the pixels it came from (col2im)."""
    shares = W.reshape(len(W), -1).T @ deltas
    padded, inner = _padded_zeros(shape, padding, shares.dtype)
    places = shifted_slices(padded, W.shape[2:], stride)
    N, C, oh, ow = places[0].shape
    shares = shares.reshape(C, len(places), oh, ow, N).transpose(1, 4, 0, 2, 3)
    for place, share in zip(places, shares, strict=True):
        place += share
    return inner
