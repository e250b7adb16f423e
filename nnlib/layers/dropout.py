"""Dropout: units are switched off at random in training, so that none can rely on another."""

import numpy as np

from nnlib._arguments import as_float, as_parameter
from nnlib.layers.base import Layer


def dropout(X, rate, rng, training=True):
    """Inverted dropout: each entry becomes 0 with probability `rate`, the others grow to keep the expected value.

        Y = X · mask,  mask = 1 / (1 − rate) where u >= rate, else 0,  u = rng.random(X.shape)

    Every call in training draws a new mask. The original form leaves out the factor in training and multiplies
    by 1 − rate in evaluation instead; PyTorch inverts as here, but also allows a rate of 1.

    Args:
        X: (...) float.
        rate: probability that an entry is dropped, in [0, 1). Some papers give the probability of keeping it.
        rng: numpy.random.Generator; used in training only.
        training: False for evaluation: nothing is dropped and nothing drawn.
    Returns:
        Y: (...) float, the shape of `X`; in evaluation a copy of `X`.
        mask: (...) float, shape and dtype of `X`: what each entry was multiplied by; in evaluation ones.
    Raises:
        ValueError: rate outside [0, 1).
    Source:
        Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov (2014), Dropout: a simple way to prevent neural
        networks from overfitting, JMLR 15, 1929-1958.

    >>> Y, mask = dropout(np.array([1.0, 2.0, 3.0, 4.0]), rate=0.5, rng=np.random.default_rng(0))
    >>> Y, mask
    (array([2., 0., 0., 0.]), array([2., 0., 0., 0.]))
    """
    rate = as_parameter("rate", rate, 0 <= rate < 1, "in [0, 1)")
    X = as_float(X, "X")
    if not training:
        return X.copy(), np.ones_like(X)
    mask = (rng.random(X.shape) >= rate).astype(X.dtype) / (1 - rate)
    return X * mask, mask


def dropout_backward(upstream, mask):
    """Gradient of the loss at dropout's input: what was dropped gets none.

        dX = U · mask      (U: upstream)

    Args:
        upstream: (...) float, ∂loss/∂Y.
        mask: (...) float, the mask that the forward pass returned.
    Returns:
        (...) float, the shape of `mask`.
    Raises:
        ValueError: shapes differ.
    Source:
        Srivastava et al. (2014), as for `dropout`.

    >>> dropout_backward(np.array([5.0, 7.0]), mask=np.array([2.0, 0.0]))
    array([10.,  0.])
    """
    upstream, mask = as_float(upstream, "upstream"), as_float(mask, "mask")
    if upstream.shape != mask.shape:
        raise ValueError(f"upstream must have the shape of mask, {mask.shape}, got {upstream.shape}")
    return upstream * mask


class Dropout(Layer):
    """Inverted dropout, `dropout`, in training; the identity in evaluation.

    Args:
        rate: probability that an entry is dropped, in [0, 1).
        rng: numpy.random.Generator that draws the masks.
    Raises:
        ValueError: rate outside [0, 1).

    >>> layer = Dropout(0.5, np.random.default_rng(0))
    >>> layer(np.array([1.0, 2.0, 3.0])), layer.eval()(np.array([1.0, 2.0, 3.0]))
    (array([2., 0., 0.]), array([1., 2., 3.]))
    """

    def __init__(self, rate, rng):
        super().__init__()
        self.rate, self.rng = as_parameter("rate", rate, 0 <= rate < 1, "in [0, 1)"), rng

    def forward(self, x):
        y, self._saved = dropout(x, self.rate, self.rng, self.training)
        return y

    def backward(self, upstream, wrt_input=True):
        mask = self._recall()
        return upstream * mask if wrt_input else None

    def __repr__(self):
        return f"Dropout({self.rate})"
