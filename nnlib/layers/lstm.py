"""Long short-term memory: a recurrent layer whose cell keeps what it holds unless a gate lets it go.

The columns of the weights are in PyTorch's order: input gate, forget gate, candidate, output gate (i, f, g, o).
PyTorch stores the transposes, and two biases, which add.
"""

import numpy as np

from nnlib.activations import sigmoid
from nnlib.layers._recurrent import (
    Recurrent,
    bias_gradient,
    fitted,
    gates_first,
    input_gradient,
    logistic,
    opened,
    time_first,
    transposed,
    weight_gradient,
    weighted,
)


def lstm_step_forward(x, h, c, Wx, Wh, b):
    """The next state and cell of an LSTM.

        z = x Wx + h Wh + b,  in four blocks of H columns: z_i, z_f, z_g, z_o
        i = σ(z_i),  f = σ(z_f),  g = tanh(z_g),  o = σ(z_o)
        c' = f ⊙ c + i ⊙ g,  h' = o ⊙ tanh(c')

    Args:
        x: (N, D) float, the inputs of this step.
        h: (N, H) float, the states before it.
        c: (N, H) float, the cells before it.
        Wx: (D, 4H) float, the weights of the inputs.
        Wh: (H, 4H) float, the weights of the states.
        b: (4H,) float, the biases.
    Returns:
        h: (N, H) float, the states after the step.
        c: (N, H) float, the cells after the step.
    Raises:
        ValueError: shapes do not fit.
    Source:
        Hochreiter & Schmidhuber (1997), Long short-term memory, Neural Computation 9(8), 1735-1780; the
        forget gate: Gers, Schmidhuber & Cummins (2000), Learning to forget, Neural Computation 12(10).

    >>> b = [0.0, -1000.0, 1.0, 0.0]  # half open, shut, candidate tanh(1), half open
    >>> lstm_step_forward([[0.0]], [[0.0]], [[9.0]], np.zeros((1, 4)), np.zeros((1, 4)), b)
    (array([[0.18169974]]), array([[0.38079708]]))
    """
    x, h, c, Wx, Wh, b = fitted(4, x=x, h=h, c=c, Wx=Wx, Wh=Wh, b=b)
    i, f, g, o = _gates(x, h, Wx, Wh, b)
    c = f * c + i * g
    return o * np.tanh(c), c


def lstm_step_backward(upstream_h, upstream_c, x, h, c, Wx, Wh, b):
    """Gradients of the loss at the arguments of `lstm_step_forward`.

        k = tanh(c'),  dc' = U_c + U_h ⊙ o ⊙ (1 − k²)      (the cell is seen by itself and through the state)
        dz_i = dc' ⊙ g ⊙ i(1 − i),  dz_f = dc' ⊙ c ⊙ f(1 − f),  dz_g = dc' ⊙ i ⊙ (1 − g²),
        dz_o = U_h ⊙ k ⊙ o(1 − o),  side by side in dz
        dx = dz Wxᵀ,  dh = dz Whᵀ,  dc = dc' ⊙ f,  dWx = xᵀ dz,  dWh = hᵀ dz,  db = Σ_n dz_n

    Args:
        upstream_h: (N, H) float, U_h, the gradient at the state after the step.
        upstream_c: (N, H) float, U_c, the gradient at the cell after the step, as it comes from later steps.
        x, h, c, Wx, Wh, b: as for `lstm_step_forward`.
    Returns:
        dx, dh, dc, dWx, dWh, db: float, each in the shape of its argument.
    Raises:
        ValueError: shapes do not fit.
    Source:
        The chain rule on the equations of `lstm_step_forward`.

    >>> zero, b = np.zeros((1, 4)), [0.0, 0.0, 0.0, 0.0]  # all gates half open, the candidate 0
    >>> *_, dc, _, _, db = lstm_step_backward([[0.0]], [[8.0]], [[0.0]], [[0.0]], [[1.0]], zero, zero, b)
    >>> dc, db
    (array([[4.]]), array([0., 2., 4., 0.]))
    """
    upstream_h, upstream_c, x, h, c, Wx, Wh, b = fitted(
        4, upstream_h=upstream_h, upstream_c=upstream_c, x=x, h=h, c=c, Wx=Wx, Wh=Wh, b=b
    )
    i, f, g, o = _gates(x, h, Wx, Wh, b)
    k = np.tanh(f * c + i * g)
    dc = upstream_c + upstream_h * o * (1 - k * k)
    dz = np.concatenate(
        [
            dc * g * i * (1 - i),
            dc * c * f * (1 - f),
            dc * i * (1 - g * g),
            upstream_h * k * o * (1 - o),
        ],
        axis=1,
    )
    return dz @ Wx.T, dz @ Wh.T, dc * f, x.T @ dz, h.T @ dz, dz.sum(axis=0)


def lstm_forward(X, h, c, Wx, Wh, b):
    """All states and cells of an LSTM that reads a sequence: `lstm_step_forward` from step to step.

    Args:
        X: (N, T, D) float, the inputs; batch first, then time.
        h: (N, H) float, the states before the first step.
        c: (N, H) float, the cells before the first step.
        Wx, Wh, b: as for `lstm_step_forward`, the same at every step.
    Returns:
        H: (N, T, H) float, the states after each step; the last one is [:, -1].
        C: (N, T, H) float, the cells after each step. PyTorch returns only the last.
    Raises:
        ValueError: shapes do not fit.
    Source:
        As for `lstm_step_forward`.

    >>> zero, b = np.zeros((1, 4)), [-1000.0, 0.0, 0.0, 1000.0]  # the cell loses half of itself at a step
    >>> H, C = lstm_forward(np.zeros((1, 3, 1)), [[0.0]], [[1.0]], zero, zero, b)
    >>> C.ravel(), H.ravel().round(4)
    (array([0.5  , 0.25 , 0.125]), array([0.4621, 0.2449, 0.1244]))
    """
    X, *arguments = fitted(4, X=X, h=h, c=c, Wx=Wx, Wh=Wh, b=b)
    S, C, *_ = _unroll(time_first(X), *arguments)
    return time_first(S[1:]), time_first(C[1:])


def lstm_backward(upstream_h, upstream_c, X, h, c, Wx, Wh, b):
    """Backpropagation through time: gradients of the loss at the arguments of `lstm_forward`.

    `lstm_step_backward` from the last step to the first. The gradients at a state and a cell are what the loss
    sees of them there plus what comes back from the next step; those at the weights are summed over all steps.

    Args:
        upstream_h: (N, T, H) float, ∂loss/∂(each state) without what goes through later steps.
        upstream_c: (N, T, H) float, the same for the cells; zeros where the loss sees the states alone.
        X, h, c, Wx, Wh, b: as for `lstm_forward`.
    Returns:
        dX, dh, dc, dWx, dWh, db: float, each in the shape of its argument.
    Raises:
        ValueError: shapes do not fit.
    Source:
        Werbos (1990), Backpropagation through time: what it does and how to do it, Proceedings of the
        IEEE 78(10), 1550-1560, on the equations of `lstm_step_forward`.

    >>> zero, b = np.zeros((1, 4)), [-1000.0, 0.0, 0.0, 1000.0]
    >>> seen = np.array([[[0.0], [0.0], [8.0]]])  # of the last cell alone: half is lost at each step back
    >>> dX, dh, dc, dWx, dWh, db = lstm_backward(0 * seen, seen, 0 * seen, [[0.0]], [[1.0]], zero, zero, b)
    >>> dc, db
    (array([[1.]]), array([0. , 1.5, 0. , 0. ]))
    """
    upstream_h, upstream_c, X, h, c, Wx, Wh, b = fitted(
        4, upstream_h=upstream_h, upstream_c=upstream_c, X=X, h=h, c=c, Wx=Wx, Wh=Wh, b=b
    )
    x = time_first(X)
    saved = S, *_ = _unroll(x, h, c, Wx, Wh, b)
    dZ, dh, dc = _through_time(upstream_h.swapaxes(0, 1), upstream_c.swapaxes(0, 1), *saved, Wh)
    return (
        input_gradient(dZ, Wx),
        dh,
        dc,
        weight_gradient(x, dZ),
        weight_gradient(S[:-1], dZ),
        bias_gradient(dZ),
    )


class LSTM(Recurrent):
    """An LSTM layer, `lstm_forward` from zeros, with its own weights `Wx`, `Wh` and biases `b`. It outputs states.

    All parameters start uniform in ±1/√H, as in PyTorch (whose two biases add up). To remember longer from the start,
    open the forget gates: `layer.parameters["b"][H:2 * H] = 1` (Jozefowicz, Zaremba & Sutskever, 2015) keeps
    σ(1) = 0.73 of the cell in a step, 3 keeps 0.95.

    Args:
        inputs: D, how many numbers come in at a step.
        units: H, how many numbers the state has; the cell has as many.
        rng: numpy.random.Generator that draws weights and biases.
        last: whether the output is the last state, (N, H), and not all of them, (N, T, H).
        dtype: of weights and outputs; inputs are taken in it.

    >>> layer = LSTM(3, 4, np.random.default_rng(0))
    >>> layer(np.ones((2, 50, 3))).shape, layer.parameters["Wx"].shape, layer
    ((2, 50, 4), (3, 16), LSTM(3, 4))
    """

    gates = 4

    def _unroll(self, x, zero):
        return _unroll(x, zero, zero, *self.parameters.values())

    def _through_time(self, upstream, *saved):
        dZ, *_ = _through_time(upstream, None, *saved, self.parameters["Wh"])
        return dZ, dZ


def _gates(x, h, Wx, Wh, b):
    i, f, g, o = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


def _unroll(x, h, c, Wx, Wh, b):
    """States S and cells C, (T + 1, N, H), the given ones first; gates A (4, T, N, H); K = tanh(C[1:])."""
    A = weighted(x, Wx, b, 4)
    S, C = opened(h, len(x)), opened(c, len(x))
    K = np.empty_like(C[1:])
    W = gates_first(Wh, 4)
    from_state, written = np.empty((4, *h.shape), h.dtype), np.empty_like(h)
    with np.errstate(over="ignore", under="ignore"):
        for t in range(len(x)):
            z = A[:, t]
            z += np.matmul(S[t], W, out=from_state)
            i, f, g, o = z
            logistic(z[:2])
            np.tanh(g, out=g)
            logistic(o)
            cell = np.multiply(f, C[t], out=C[t + 1])
            cell += np.multiply(i, g, out=written)
            np.multiply(o, np.tanh(cell, out=K[t]), out=S[t + 1])
    return S, C, A, K


def _through_time(upstream_h, upstream_c, S, C, A, K, Wh):
    """∂loss/∂z of all gates and steps, (4, T, N, H), and ∂loss/∂ the first state and cell."""
    i, f, g, o = A
    # All of dz and dc' but the factors dc' and dh' themselves, which the loop brings: see lstm_step_backward.
    dZ = 1 - A
    dZ *= A
    dZ[0] *= g
    dZ[1] *= C[:-1]
    np.multiply(i, 1 - g * g, out=dZ[2])
    dZ[3] *= K
    into_cell = o * (1 - K * K)
    dh, dc, part = np.zeros_like(S[0]), np.zeros_like(S[0]), np.empty_like(S[0])
    from_gates = np.empty((4, *dh.shape), dh.dtype)
    back = transposed(Wh, 4)
    with np.errstate(under="ignore"):
        for t in reversed(range(len(K))):
            dh += upstream_h[t]
            if upstream_c is not None:
                dc += upstream_c[t]
            dc += np.multiply(dh, into_cell[t], out=part)
            dZ[:3, t] *= dc
            dZ[3, t] *= dh
            dc *= f[t]
            np.add.reduce(np.matmul(dZ[:, t], back, out=from_gates), axis=0, out=dh)
    return dZ, dh, dc
