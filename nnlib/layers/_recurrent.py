"""What the recurrent layers share: the checks of shapes, the products over all steps at once, and the layer.

Inside, time comes first, so that a step is one contiguous block, and gates come before time: (G, T, N, H). Each
gate is then contiguous too, and `i, f, g, o = A` unpacks them. Outside, all is batch first, gates side by side.
"""

import numpy as np

from nnlib._arguments import as_float
from nnlib.layers.base import Layer

_AXES = {"X": "NTD", "x": "ND", "h": "NH", "c": "NH", "Wx": "DG", "Wh": "HG", "b": "G", "bx": "G", "bh": "G"}


def fitted(gates, **arrays):
    """The arrays in one float dtype, their shapes checked against each other by their names.

    Args:
        gates: G, how many blocks of H columns stand side by side in the weights.
        arrays: X (N, T, D) or x (N, D); h, c (N, H); Wx (D, G·H); Wh (H, G·H); b, bx, bh (G·H,); any other
            name is an upstream gradient, (N, T, H) beside X and (N, H) beside x.
    Returns:
        list of arrays in the order given; some may be the arguments themselves.
    Raises:
        ValueError: shapes do not fit.

    >>> fitted(1, x=np.ones((1, 2)), h=np.ones((1, 3)), Wx=np.ones((3, 2)))
    Traceback (most recent call last):
    ValueError: x, h, Wx must have shapes (N, D), (N, H), (D, H), got (1, 2), (1, 3), (3, 2)
    """
    arrays = {name: as_float(array, name) for name, array in arrays.items()}
    axes = {name: _AXES.get(name, "NTH" if "X" in arrays else "NH") for name in arrays}
    sizes = {"G": gates * arrays["h"].shape[-1] if arrays["h"].ndim else None}
    for name, array in arrays.items():
        if array.ndim != len(axes[name]) or any(
            sizes.setdefault(axis, size) != size for axis, size in zip(axes[name], array.shape, strict=True)
        ):
            width = "H" if gates == 1 else f"{gates}H"
            wanted = [str(tuple(axes[name])).replace("'", "").replace("G", width) for name in arrays]
            got = [str(array.shape) for array in arrays.values()]
            raise ValueError(
                f"{', '.join(arrays)} must have shapes {', '.join(wanted)}, got {', '.join(got)}"
            )
    dtype = np.result_type(*arrays.values())
    return [array.astype(dtype, copy=False) for array in arrays.values()]


def time_first(X):
    """(N, T, …) to (T, N, …) or back, contiguous, always a copy."""
    return X.swapaxes(0, 1).copy()


def opened(first, steps):
    """Room for the states of all steps, (steps + 1, N, H), with the first one in it."""
    states = np.empty((steps + 1, *first.shape), first.dtype)
    states[0] = first
    return states


def gates_first(W, gates):
    """Weights (D, G·H) as (G, D, H)."""
    return np.ascontiguousarray(W.reshape(len(W), gates, -1).swapaxes(0, 1))


def transposed(W, gates):
    """Weights (D, G·H) as (G, H, D), for the way back. Contiguous: on a view each small product takes twice as long."""
    return np.ascontiguousarray(W.T).reshape(gates, -1, len(W))


def weighted(x, W, b, gates):
    """x W + b for all steps in one product: (T, N, D) to (G, T, N, H)."""
    T, N, D = x.shape
    Z = x.reshape(T * N, D) @ gates_first(W, gates)
    Z += b.reshape(gates, 1, -1)
    return Z.reshape(gates, T, N, Z.shape[-1])


def input_gradient(dZ, W):
    """Σ_g dZ_g W_gᵀ for all steps, batch first: (G, T, N, H) to (N, T, D)."""
    G, T, N, H = dZ.shape
    dx = (dZ.reshape(G, T * N, H) @ transposed(W, G)).sum(axis=0)
    return time_first(dx.reshape(T, N, len(W)))


def weight_gradient(x, dZ):
    """Σ_t x_tᵀ dZ_t in one product: (T, N, D) and (G, T, N, H) to (D, G·H)."""
    G, T, N, H = dZ.shape
    dW = x.reshape(T * N, x.shape[-1]).T @ dZ.reshape(G, T * N, H)
    return dW.swapaxes(0, 1).reshape(-1, G * H)


def bias_gradient(dZ):
    """Σ_t Σ_n dZ: (G, T, N, H) to (G·H,)."""
    return dZ.sum(axis=(1, 2)).ravel()


def logistic(z):
    """Overwrite `z` with 1 / (1 + exp(−z)).

    As exact as `nnlib.sigmoid` and quicker; the caller ignores the overflow, as 1 / inf is the limit, 0. The
    usual ½·(1 + tanh(z/2)) would be quicker still, but 0 for z < −37, where a shut gate's gradient is not.
    """
    np.negative(z, out=z)
    np.exp(z, out=z)
    z += 1
    np.reciprocal(z, out=z)


class Recurrent(Layer):
    """The layer over a kernel: `_unroll` runs all steps forward, `_through_time` runs them back.

    Args:
        inputs: D, how many numbers come in at a step.
        units: H, how many numbers the state has.
        rng: numpy.random.Generator that draws weights and biases, uniform in ±1/√H as PyTorch does.
        last: whether the output is the last state, (N, H), and not all of them, (N, T, H).
        dtype: of weights and outputs; inputs are taken in it.
    """

    gates = 1
    biases = ("b",)

    def __init__(self, inputs, units, rng, last=False, dtype=np.float64):
        super().__init__()
        self.shape, self.last, self.dtype = (inputs, units), last, np.dtype(dtype)
        width, bound = self.gates * units, 1 / np.sqrt(units)
        shapes = {"Wx": (inputs, width), "Wh": (units, width)} | dict.fromkeys(self.biases, (width,))
        for name, shape in shapes.items():
            self.add_parameter(name, rng.uniform(-bound, bound, shape).astype(dtype))

    def forward(self, x):
        x = np.asarray(x, self.dtype)
        if x.ndim != 3 or x.shape[2] != self.shape[0]:
            raise self._wrong_shape(f"(N, T, {self.shape[0]})", x)
        zero = np.zeros((len(x), self.shape[1]), self.dtype)
        x = time_first(x)
        states, *rest = self._unroll(x, zero)
        self._saved = x, states, *rest
        # Copies: what the caller does to them must not reach what backward needs.
        return states[-1].copy() if self.last else time_first(states[1:])

    def backward(self, upstream, wrt_input=True):
        x, states, *rest = self._recall()
        if self.last:
            every = np.zeros_like(states[1:])
            every[-1:] = upstream
        else:
            every = upstream.swapaxes(0, 1)
        dZx, dZh = self._through_time(every, states, *rest)
        self.gradients["Wx"][...] = weight_gradient(x, dZx)
        self.gradients["Wh"][...] = weight_gradient(states[:-1], dZh)
        for name, dZ in zip(self.biases, (dZx, dZh), strict=False):
            self.gradients[name][...] = bias_gradient(dZ)
        return input_gradient(dZx, self.parameters["Wx"]) if wrt_input else None

    def _unroll(self, x, zero):
        """From the inputs (T, N, D) and a state of zeros: the states (T + 1, N, H), and what else is kept."""
        raise NotImplementedError

    def _through_time(self, upstream, *saved):
        """From ∂loss/∂states (T, N, H) and what `_unroll` returned: dZx and dZh, (G, T, N, H).

        Those are ∂loss/∂(x Wx + bx) and ∂loss/∂(h Wh + bh); one array twice where only their sum is used.
        """
        raise NotImplementedError

    def __repr__(self):
        words = [str(size) for size in self.shape]
        words += [f"{name}={value!r}" for name, value in self._options().items()]
        return f"{type(self).__name__}({', '.join(words)})"

    def _options(self):
        """What differs from the defaults, for `__repr__`."""
        return {"last": True} if self.last else {}
