"""The recurrent layer: its state after a step depends on the input and on its state before it."""

import numpy as np

from nnlib.layers._recurrent import (
    Recurrent,
    bias_gradient,
    fitted,
    input_gradient,
    opened,
    time_first,
    weight_gradient,
    weighted,
)

_ACTIVATIONS = ("tanh", "relu", "identity")


def rnn_step_forward(x, h, Wx, Wh, b, activation="tanh"):
    """The next state of a recurrent layer.

        h' = f(x Wx + h Wh + b)

    Args:
        x: (N, D) float, the inputs of this step.
        h: (N, H) float, the states before it.
        Wx: (D, H) float, the weights of the inputs; PyTorch stores the transpose.
        Wh: (H, H) float, the weights of the states, h_n Wh for row n; PyTorch stores the transpose.
        b: (H,) float, the biases; PyTorch has two, which add.
        activation: f, "tanh", "relu" or "identity"; the last makes a linear recurrence.
    Returns:
        (N, H) float, the states after the step.
    Raises:
        ValueError: shapes do not fit, or another activation.
    Source:
        Elman (1990), Finding structure in time, Cognitive Science 14, 179-211;
        Goodfellow, Bengio & Courville (2016), Deep Learning, equations 10.8 and 10.9.

    >>> rnn_step_forward([[1.0, 2.0]], [[0.5]], [[1.0], [-1.0]], [[2.0]], [0.25])
    array([[0.24491866]])
    """
    _check_activation(activation)
    x, h, Wx, Wh, b = fitted(1, x=x, h=h, Wx=Wx, Wh=Wh, b=b)
    return _activated(x @ Wx + h @ Wh + b, activation)


def rnn_step_backward(upstream, x, h, Wx, Wh, b, activation="tanh"):
    """Gradients of the loss at the arguments of `rnn_step_forward`.

        dz = U ⊙ f'(z),  dx = dz Wxᵀ,  dh = dz Whᵀ,  dWx = xᵀ dz,  dWh = hᵀ dz,  db = Σ_n dz_n

    Args:
        upstream: (N, H) float, U = ∂loss/∂h', the gradient at the state after the step.
        x, h, Wx, Wh, b, activation: as for `rnn_step_forward`.
    Returns:
        dx, dh, dWx, dWh, db: float, each in the shape of its argument.
    Raises:
        ValueError: shapes do not fit, or another activation.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.2.2.

    >>> dx, dh, dWx, dWh, db = rnn_step_backward(
    ...     [[10.0]], [[1.0, 2.0]], [[0.5]], [[1.0], [-1.0]], [[2.0]], [0.25], activation="identity")
    >>> dx, dh, dWx.T, dWh, db
    (array([[ 10., -10.]]), array([[20.]]), array([[10., 20.]]), array([[5.]]), array([10.]))
    """
    _check_activation(activation)
    upstream, x, h, Wx, Wh, b = fitted(1, upstream=upstream, x=x, h=h, Wx=Wx, Wh=Wh, b=b)
    dz = upstream * _slope(_activated(x @ Wx + h @ Wh + b, activation), activation)
    return dz @ Wx.T, dz @ Wh.T, x.T @ dz, h.T @ dz, dz.sum(axis=0)


def rnn_forward(X, h, Wx, Wh, b, activation="tanh"):
    """All states of a recurrent layer that reads a sequence.

        h_t = f(x_t Wx + h_(t−1) Wh + b),  t = 1 … T

    Args:
        X: (N, T, D) float, the inputs; batch first, then time.
        h: (N, H) float, the states h_0 before the first step.
        Wx, Wh, b, activation: as for `rnn_step_forward`, the same at every step.
    Returns:
        (N, T, H) float, the states h_1 to h_T; the last one is [:, -1].
    Raises:
        ValueError: shapes do not fit, or another activation.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, equations 10.8 and 10.9.

    >>> rnn_forward([[[1.0], [0.0], [0.0]]], [[0.0]], [[1.0]], [[0.5]], [0.0], activation="identity")
    array([[[1.  ],
            [0.5 ],
            [0.25]]])
    """
    _check_activation(activation)
    X, *arguments = fitted(1, X=X, h=h, Wx=Wx, Wh=Wh, b=b)
    return time_first(_unroll(time_first(X), *arguments, activation)[1:])


def rnn_backward(upstream, X, h, Wx, Wh, b, activation="tanh"):
    """Backpropagation through time: gradients of the loss at the arguments of `rnn_forward`.

        δ_t = U_t + dz_(t+1) Whᵀ,  dz_t = δ_t ⊙ f'(z_t),  t = T … 1      (dz_(T+1) = 0)
        dx_t = dz_t Wxᵀ,  dh_0 = dz_1 Whᵀ,  dWx = Σ_t x_tᵀ dz_t,  dWh = Σ_t h_(t−1)ᵀ dz_t,  db = Σ_t Σ_n dz_tn

    Args:
        upstream: (N, T, H) float, U_t: ∂loss/∂h_t as far as the loss sees h_t itself; what comes to h_t
            through the later states is added here. Where the loss sees the last state only, all but
            [:, -1] is 0.
        X, h, Wx, Wh, b, activation: as for `rnn_forward`.
    Returns:
        dX, dh, dWx, dWh, db: float, each in the shape of its argument.
    Raises:
        ValueError: shapes do not fit, or another activation.
    Source:
        Werbos (1990), Backpropagation through time: what it does and how to do it, Proceedings of the
        IEEE 78(10), 1550-1560; Goodfellow, Bengio & Courville (2016), Deep Learning, section 10.2.2.

    >>> dX, dh, dWx, dWh, db = rnn_backward(
    ...     [[[0.0], [0.0], [8.0]]], [[[1.0], [0.0], [0.0]]], [[0.0]], [[1.0]], [[0.5]], [0.0], "identity")
    >>> dX.ravel(), dh, dWx, dWh, db
    (array([2., 4., 8.]), array([[1.]]), array([[2.]]), array([[8.]]), array([14.]))
    """
    _check_activation(activation)
    upstream, X, h, Wx, Wh, b = fitted(1, upstream=upstream, X=X, h=h, Wx=Wx, Wh=Wh, b=b)
    x = time_first(X)
    S = _unroll(x, h, Wx, Wh, b, activation)
    dZ, dh = _through_time(upstream.swapaxes(0, 1), S, Wh, activation)
    return (
        input_gradient(dZ, Wx),
        dh,
        weight_gradient(x, dZ),
        weight_gradient(S[:-1], dZ),
        bias_gradient(dZ),
    )


class RNN(Recurrent):
    """A recurrent layer, `rnn_forward` from a state of zeros, with its own weights `Wx`, `Wh` and biases `b`.

    Args:
        inputs: D, how many numbers come in at a step.
        units: H, how many numbers the state has.
        rng: numpy.random.Generator that draws weights and biases, uniform in ±1/√H as PyTorch does.
        activation: "tanh", "relu" or "identity".
        last: whether the output is the last state, (N, H), and not all of them, (N, T, H).
        dtype: of weights and outputs; inputs are taken in it.
    Raises:
        ValueError: another activation.

    >>> layer = RNN(3, 4, np.random.default_rng(0), last=True)
    >>> layer(np.ones((2, 50, 3))).shape, layer
    ((2, 4), RNN(3, 4, last=True))
    """

    def __init__(self, inputs, units, rng, activation="tanh", last=False, dtype=np.float64):
        _check_activation(activation)
        super().__init__(inputs, units, rng, last, dtype)
        self.activation = activation

    def _unroll(self, x, zero):
        return (_unroll(x, zero, *self.parameters.values(), self.activation),)

    def _through_time(self, upstream, S):
        dZ, _ = _through_time(upstream, S, self.parameters["Wh"], self.activation)
        return dZ, dZ

    def _options(self):
        own = {} if self.activation == "tanh" else {"activation": self.activation}
        return own | super()._options()


def _unroll(x, h, Wx, Wh, b, activation):
    """The states (T + 1, N, H), h first."""
    (Z,) = weighted(x, Wx, b, 1)
    S = opened(h, len(x))
    for before, z, after in zip(S[:-1], Z, S[1:], strict=True):
        np.matmul(before, Wh, out=after)
        after += z
        _activated(after, activation, out=after)
    return S


def _through_time(upstream, S, Wh, activation):
    """∂loss/∂z of all steps, (1, T, N, H), and ∂loss/∂h of the first state."""
    dZ = _slope(S[1:], activation)
    dh = np.zeros_like(S[0])
    back = np.ascontiguousarray(Wh.T)  # each of many small products takes twice as long on a view
    with np.errstate(under="ignore"):
        for u, dz in zip(upstream[::-1], dZ[::-1], strict=True):
            dh += u
            dz *= dh
            np.matmul(dz, back, out=dh)
    return dZ[None], dh


def _activated(z, activation, out=None):
    if activation == "tanh":
        return np.tanh(z, out=out)
    return np.maximum(z, 0, out=out) if activation == "relu" else z


def _slope(h, activation):
    """f'(z) from h = f(z), which is kept anyway; as in PyTorch it is 0 for tanh beyond |z| = 19. A new array."""
    if activation == "tanh":
        return 1 - h * h
    return np.sign(h) if activation == "relu" else np.ones_like(h)


def _check_activation(activation):
    if activation not in _ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(_ACTIVATIONS)}, got {activation!r}")
