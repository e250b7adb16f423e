"""Layers made of layers: one after another, and a branch beside a shortcut."""

from nnlib._arguments import as_float
from nnlib.layers.activation import ActivationLayer
from nnlib.layers.base import Layer


class Container(Layer):
    """A layer whose parameters are those of its inner layers, their names led by the layer's: "0.W".

    Args:
        layers: dict of name to Layer; a string stands for the activation of that name.
    Raises:
        TypeError: something in it is no layer.
        ValueError: a layer stands in it twice.

    >>> import numpy as np
    >>> from nnlib.layers.linear import Linear
    >>> pair = Container({"encoder": Linear(3, 2, np.random.default_rng(0)), "squash": "tanh"})
    >>> list(pair.parameters), pair.layers["encoder"].name
    (['encoder.W', 'encoder.b'], 'encoder')
    """

    def __init__(self, layers):
        self.training, self.name, self._saved = True, "", None
        self._layers = {
            name: ActivationLayer(layer) if isinstance(layer, str) else layer
            for name, layer in layers.items()
        }
        for name, layer in self._layers.items():
            if not isinstance(layer, Layer):
                raise TypeError(
                    f"layer {name} must be a Layer or an activation's name, got {type(layer).__name__}"
                )
        leaves = self.leaves()
        if len({id(leaf) for leaf in leaves}) < len(leaves):
            raise ValueError("a layer may stand in a network only once, because its gradient is overwritten")
        self._rename("")

    def _rename(self, name):
        self.name = name
        for part, layer in self._layers.items():
            path = f"{name}.{part}" if name else part
            if isinstance(layer, Container):
                layer._rename(path)
            else:
                layer.name = path

    @property
    def layers(self):
        return self._layers

    @property
    def parameters(self):
        return self._gather("parameters")

    @property
    def gradients(self):
        return self._gather("gradients")

    @property
    def buffers(self):
        return self._gather("buffers")

    def add_parameter(self, name, value):
        """A container has the parameters of its layers and none of its own."""
        raise TypeError(f"{self} holds layers; add {name} to one of them")

    def _gather(self, kind):
        return {
            f"{place}.{name}": array
            for place, layer in self._layers.items()
            for name, array in getattr(layer, kind).items()
        }


class Sequential(Container):
    """Layers one after another.

    Args:
        layers: list of Layer; a string stands for the activation of that name.

    >>> import numpy as np
    >>> from nnlib.layers.linear import Linear
    >>> rng = np.random.default_rng(0)
    >>> net = Sequential([Linear(64, 32, rng), "relu", Linear(32, 10, rng)])
    >>> net(np.ones((5, 64))).shape, net.size, list(net.parameters)
    ((5, 10), 2410, ['0.W', '0.b', '2.W', '2.b'])
    """

    def __init__(self, layers):
        super().__init__({str(i): layer for i, layer in enumerate(layers)})
        self._order = list(self._layers.values())

    def forward(self, x):
        for layer in self._order:
            x = layer.forward(x)
        return x

    def backward(self, upstream, wrt_input=True):
        for layer in reversed(self._order[1:]):
            upstream = layer.backward(upstream)
        return self._order[0].backward(upstream, wrt_input) if self._order else upstream

    def __repr__(self):
        return f"Sequential([{', '.join(map(repr, self._order))}])"


def residual_forward(X, branch):
    """A branch beside a shortcut: the branch learns only what is to be added to the input.

        Y = X + F(X)

    Args:
        X: (...) float.
        branch: F, a function that keeps the shape.
    Returns:
        (...) float, the shape of `X`.
    Raises:
        ValueError: the branch changes the shape.
    Source:
        He, Zhang, Ren & Sun (2016), Deep residual learning for image recognition, arXiv:1512.03385, equation 1.

    >>> import numpy as np
    >>> residual_forward(np.array([1.0, 2.0]), branch=np.square)
    array([2., 6.])
    """
    X = as_float(X, "X")
    return X + _as_shaped("branch(X)", branch(X), X.shape)


def residual_backward(upstream, branch_backward):
    """Gradient of the loss at a residual block's input. The shortcut hands on all of the upstream gradient.

        dX = U + F'(X)ᵀ U      (U: upstream)

    Where the branch's part is small, dX is near U, and the gradient does not vanish with depth. The shortcut alone
    bounds nothing: where F'ᵀU is as long as U, the gradient grows from block to block, and the two may also cancel.

    Args:
        upstream: (...) float, ∂loss/∂Y.
        branch_backward: function from the gradient at the branch's output to that at its input, F'(X)ᵀ.
    Returns:
        (...) float, the shape of `upstream`.
    Raises:
        ValueError: the branch changes the shape.
    Source:
        He, Zhang, Ren & Sun (2016), Identity mappings in deep residual networks, arXiv:1603.05027, equation 5.

    >>> import numpy as np
    >>> X = np.array([1.0, 2.0])
    >>> residual_backward(np.array([1.0, -1.0]), branch_backward=lambda U: 2 * X * U)
    array([ 3., -5.])
    """
    upstream = as_float(upstream, "upstream")
    through_branch = branch_backward(upstream)
    return upstream + _as_shaped("branch_backward(upstream)", through_branch, upstream.shape)


def _as_shaped(name, value, shape):
    value = as_float(value, name)
    if value.shape != shape:  # broadcasting would hide it
        raise ValueError(f"{name} must have shape {shape}, got {value.shape}")
    return value


class Residual(Container):
    """A residual block: branch(x) + shortcut(x), the shortcut being the identity unless one is given.

    Args:
        branch: Layer, or an activation's name.
        shortcut: Layer that brings the input to the shape of the branch's output, or None if it has that already.

    >>> import numpy as np
    >>> from nnlib.layers.linear import Linear
    >>> block = Residual(Linear(3, 3, np.random.default_rng(0)))
    >>> block.parameters["branch.W"][...] = 0
    >>> block(np.array([[1.0, 2.0, 3.0]])), block
    (array([[1., 2., 3.]]), Residual(Linear(3, 3)))
    """

    def __init__(self, branch, shortcut=None):
        super().__init__({"branch": branch} if shortcut is None else {"branch": branch, "shortcut": shortcut})
        self._branch, self._shortcut = self._layers["branch"], self._layers.get("shortcut")

    def forward(self, x):
        x = as_float(x, "x") if self._shortcut is None else x
        main = self._branch.forward(x)
        aside = x if self._shortcut is None else self._shortcut.forward(x)
        if main.shape != aside.shape:
            raise ValueError(
                f"{self}: branch and shortcut must give one shape, got {main.shape} and {aside.shape}"
            )
        return main + aside

    def backward(self, upstream, wrt_input=True):
        through_branch = self._branch.backward(upstream, wrt_input)
        aside = upstream if self._shortcut is None else self._shortcut.backward(upstream, wrt_input)
        return through_branch + aside if wrt_input else None

    def __repr__(self):
        return f"Residual({', '.join(map(repr, self._layers.values()))})"
