"""From maps to vectors, between convolutions and linear layers."""

import math

from nnlib._arguments import as_float
from nnlib.layers.base import Layer


class Flatten(Layer):
    """Each example's numbers in one row: (N, C, H, W) to (N, C·H·W), in C order, as PyTorch does.

    The output is a view of the input where NumPy can make one; no layer writes to its input.

    >>> import numpy as np
    >>> Flatten()(np.ones((5, 3, 4, 2))).shape
    (5, 24)
    """

    def forward(self, x):
        x = as_float(x, "x")
        if x.ndim == 0:
            raise self._wrong_shape("(N, ...)", x)
        self._saved = x.shape
        return x.reshape(len(x), math.prod(x.shape[1:]))  # −1 would be ambiguous for N = 0

    def backward(self, upstream, wrt_input=True):
        return upstream.reshape(self._recall()) if wrt_input else None
