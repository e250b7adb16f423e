"""Activations as layers: elementwise ones from the table, and softmax."""

from nnlib._arguments import as_float
from nnlib.activations import ACTIVATIONS, softmax, softmax_vjp
from nnlib.layers.base import Layer


class ActivationLayer(Layer):
    """An elementwise activation: f(z) forward, upstream · f'(z) backward.

    Args:
        activation: a key of `nnlib.ACTIVATIONS`.
        parameters: passed on to both functions, such as slope=0.1, beta=2.0 or form="tanh".
    Raises:
        ValueError: an unknown activation.

    >>> import numpy as np
    >>> ActivationLayer("leaky_relu", slope=0.1)(np.array([-2.0, 3.0]))
    array([-0.2,  3. ])
    """

    def __init__(self, activation, **parameters):
        super().__init__()
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
        self.activation, self.settings = activation, parameters
        self.f, self.grad = ACTIVATIONS[activation]

    def forward(self, x):
        self._saved = x = as_float(x, "x")
        return self.f(x, **self.settings)

    def backward(self, upstream, wrt_input=True):
        return upstream * self.grad(self._recall(), **self.settings) if wrt_input else None

    def __repr__(self):
        words = [repr(self.activation), *(f"{name}={value!r}" for name, value in self.settings.items())]
        return f"ActivationLayer({', '.join(words)})"


class SoftmaxLayer(Layer):
    """Softmax along the last axis. Before a cross-entropy leave it out: that loss takes the scores.

    >>> import numpy as np
    >>> SoftmaxLayer()(np.array([[0.0, np.log(3.0)]]))
    array([[0.25, 0.75]])
    """

    def forward(self, x):
        self._saved = x = as_float(x, "x")
        return softmax(x)

    def backward(self, upstream, wrt_input=True):
        return softmax_vjp(self._recall(), upstream) if wrt_input else None
