"""Embedding: a vector for each word of a vocabulary."""

import numpy as np

from nnlib._arguments import as_float
from nnlib.layers.base import Layer


def embedding_forward(indices, W):
    """The vector of each index: a linear layer applied to one-hot vectors, without forming them.

        Y_n = W_{i_n}      (row i_n of W)

    Args:
        indices: (...) int, in [0, V); negative ones are refused, as in PyTorch.
        W: (V, D) float, one row for each of V words.
    Returns:
        (..., D) float.
    Raises:
        TypeError: indices are no integers.
        ValueError: an index is out of range, or W has another number of axes.
    Source:
        Bengio, Ducharme, Vincent & Jauvin (2003), A neural probabilistic language model, JMLR 3, 1137-1155.

    >>> embedding_forward(np.array([2, 0]), np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]))
    array([[4., 5.],
           [0., 1.]])
    """
    W = _as_table(W)
    return W[_as_indices(indices, len(W))]


def embedding_backward(upstream, indices, W):
    """Gradient of the loss at an embedding's vectors.

        dW_v = Σ_{n: i_n = v} U_n      (U: upstream; a word that comes twice gets the sum, an absent one 0)

    Args:
        upstream: (..., D) float, ∂loss/∂Y.
        indices: (...) int, those of the forward pass.
        W: (V, D) float, the vectors of the forward pass; only the shape and dtype matter.
    Returns:
        (V, D) float, shape and dtype of `W`. The indices, being integers, have no gradient.
    Raises:
        TypeError: indices are no integers.
        ValueError: an index is out of range, or shapes do not fit.
    Source:
        Bengio et al. (2003), as for `embedding_forward`.

    >>> embedding_backward(np.array([[1.0, 2.0], [10.0, 20.0]]), np.array([2, 2]), np.ones((3, 2)))
    array([[ 0.,  0.],
           [ 0.,  0.],
           [11., 22.]])
    """
    W = _as_table(W)
    indices, upstream = _as_indices(indices, len(W)), as_float(upstream, "upstream")
    if upstream.shape != indices.shape + W.shape[1:]:
        wanted = indices.shape + W.shape[1:]
        raise ValueError(f"upstream must have shape {wanted}, got {upstream.shape}")
    dW = np.empty(W.shape, W.dtype)
    _write_row_sums(dW, indices, upstream)
    return dW


class Embedding(Layer):
    """An embedding, `embedding_forward`, with its own vectors `W`, drawn from the standard normal distribution.

    Its input is whole numbers, so `backward` returns None: it stands first in a network. PyTorch draws alike.

    Args:
        words: V, the size of the vocabulary.
        features: D, the length of a vector.
        rng: numpy.random.Generator that draws the vectors.
        dtype: of vectors and outputs.

    >>> layer = Embedding(7, 3, np.random.default_rng(0))
    >>> layer(np.array([[0, 6], [1, 1]])).shape, layer
    ((2, 2, 3), Embedding(7, 3))
    """

    def __init__(self, words, features, rng, dtype=np.float64):
        super().__init__()
        self.words, self.features = words, features
        self.add_parameter("W", rng.normal(size=(words, features)).astype(dtype))

    def forward(self, indices):
        self._saved = indices = _as_indices(indices, self.words, f"{self}: indices")
        return self.parameters["W"][indices]

    def backward(self, upstream, wrt_input=True):
        _write_row_sums(self.gradients["W"], self._recall(), upstream)

    def __repr__(self):
        return f"Embedding({self.words}, {self.features})"


def _as_table(W):
    W = as_float(W, "W")
    if W.ndim != 2:
        raise ValueError(f"W must have shape (V, D), got {W.shape}")
    return W


def _as_indices(indices, words, name="indices"):
    indices = np.asarray(indices)
    if indices.dtype.kind not in "iu":  # a boolean array would select rows instead of naming them
        raise TypeError(f"{name} must be integers, got dtype {indices.dtype}")
    if indices.size and not 0 <= indices.min() <= indices.max() < words:
        wrong = indices[(indices < 0) | (indices >= words)].flat[0]
        raise ValueError(f"{name} must be in [0, {words}), got {wrong}")
    return indices


def _write_row_sums(dW, indices, upstream):
    """dW_v ← Σ upstream over the places where index v stands, in place."""
    V, D = dW.shape
    entries = np.multiply(indices[..., None], D, dtype=np.intp) + np.arange(D)
    dW[...] = 0
    # `dW[indices] += upstream` would keep only the last of equal indices. On a flat view add.at is four times
    # as fast as row by row.
    np.add.at(dW.reshape(V * D), entries, upstream)
