"""The linear layer: a weighted sum for each of its units."""

import numpy as np

from nnlib._arguments import as_float
from nnlib.initializers import he_normal
from nnlib.layers.base import Layer


def linear_forward(X, W, b):
    """Weighted sums of the inputs, one for each unit.

        Y = X W + b,  Y_nh = Σ_d X_nd W_dh + b_h

    Args:
        X: (..., D) float, the inputs; batch first.
        W: (D, H) float, the weights; PyTorch stores the transpose.
        b: (H,) float, the biases.
    Returns:
        (..., H) float.
    Raises:
        ValueError: shapes do not fit.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.1.

    >>> linear_forward(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [0.5, -1.0]]), np.array([10.0, 20.0]))
    array([[12., 18.]])
    """
    X, W, b = as_float(X, "X"), as_float(W, "W"), as_float(b, "b")
    if W.ndim != 2 or X.ndim == 0 or X.shape[-1] != W.shape[0] or b.shape != W.shape[1:]:
        raise ValueError(
            f"X, W and b must have shapes (..., D), (D, H) and (H,), got {X.shape}, {W.shape}, {b.shape}"
        )
    return X @ W + b


def linear_backward(upstream, X, W):
    """Gradients of the loss at a linear layer's inputs, weights and biases.

        dX = U Wᵀ,  dW = Xᵀ U,  db_h = Σ_n U_nh      (U: upstream; sums over all examples)

    Args:
        upstream: (..., H) float, ∂loss/∂Y.
        X: (..., D) float, the inputs of the forward pass.
        W: (D, H) float, the weights of the forward pass.
    Returns:
        dX: (..., D) float, the shape of `X`.
        dW: (D, H) float, the shape of `W`.
        db: (H,) float.
    Raises:
        ValueError: shapes do not fit.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.5.6.

    >>> dX, dW, db = linear_backward(np.array([[1.0, -1.0]]), np.array([[2.0, 3.0]]), np.eye(2))
    >>> dX, dW, db
    (array([[ 1., -1.]]), array([[ 2., -2.],
           [ 3., -3.]]), array([ 1., -1.]))
    """
    upstream, X, W = as_float(upstream, "upstream"), as_float(X, "X"), as_float(W, "W")
    if (
        W.ndim != 2
        or X.ndim == 0
        or X.shape[-1] != W.shape[0]
        or upstream.shape != X.shape[:-1] + W.shape[1:]
    ):
        raise ValueError(
            "upstream, X and W must have shapes (..., H), (..., D) and (D, H), "
            f"got {upstream.shape}, {X.shape}, {W.shape}"
        )
    D, H = W.shape
    rows, deltas = X.reshape(-1, D), upstream.reshape(-1, H)
    return upstream @ W.T, rows.T @ deltas, deltas.sum(axis=0)


class Linear(Layer):
    """A linear layer, `linear_forward`, with its own weights `W` and biases `b`.

    Args:
        inputs: D, how many numbers come in.
        outputs: H, how many units.
        rng: numpy.random.Generator that draws the weights.
        bias: whether there are biases; they start at 0.
        initializer: function (shape, rng, dtype=…) to the first weights.
        dtype: of weights and outputs; inputs are taken in it.

    >>> layer = Linear(3, 2, np.random.default_rng(0))
    >>> layer(np.ones((5, 3))).shape, layer
    ((5, 2), Linear(3, 2))
    """

    def __init__(self, inputs, outputs, rng, bias=True, initializer=he_normal, dtype=np.float64):
        super().__init__()
        self.shape, self.dtype, self.bias = (inputs, outputs), np.dtype(dtype), bias
        self.add_parameter("W", initializer((inputs, outputs), rng, dtype=dtype))
        if bias:
            self.add_parameter("b", np.zeros(outputs, dtype))

    def forward(self, x):
        x = np.asarray(x, self.dtype)
        if x.ndim == 0 or x.shape[-1] != self.shape[0]:
            raise self._wrong_shape(f"(..., {self.shape[0]})", x)
        self._saved = x
        y = x @ self.parameters["W"]
        if self.bias:
            y += self.parameters["b"]
        return y

    def backward(self, upstream, wrt_input=True):
        D, H = self.shape
        # The same products as linear_backward, but written to where the optimizer reads them.
        deltas = upstream.reshape(-1, H)
        np.matmul(self._recall().reshape(-1, D).T, deltas, out=self.gradients["W"])
        if self.bias:
            np.add.reduce(deltas, axis=0, out=self.gradients["b"])
        return upstream @ self.parameters["W"].T if wrt_input else None

    def __repr__(self):
        return f"Linear({self.shape[0]}, {self.shape[1]}{'' if self.bias else ', bias=False'})"
