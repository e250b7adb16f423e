"""Gated recurrent unit: a recurrent layer that chooses, for each unit, how much of the old state to keep.

Conventions, on which textbooks differ; all are PyTorch's:

- The columns of the weights are in the order reset gate, update gate, candidate (r, z, n).
- The update gate z keeps: h' = (1 − z) ⊙ n + z ⊙ h, as in Cho et al. (2014). Chung et al. (2014) exchange z and 1 − z.
- The reset gate acts *after* the product, r ⊙ (h Wh_n + bh_n). Cho et al. have it before, (r ⊙ h) Wh_n. The
  candidate's two biases do not add for that reason, so bx and bh stay apart.
- PyTorch stores the transposes of Wx and Wh.
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


def gru_step_forward(x, h, Wx, Wh, bx, bh):
    """The next state of a GRU.

        a = x Wx + bx,  q = h Wh + bh,  each in three blocks of H columns: r, z, n
        r = σ(a_r + q_r),  z = σ(a_z + q_z),  n = tanh(a_n + r ⊙ q_n)
        h' = (1 − z) ⊙ n + z ⊙ h

    Args:
        x: (N, D) float, the inputs of this step.
        h: (N, H) float, the states before it.
        Wx: (D, 3H) float, the weights of the inputs.
        Wh: (H, 3H) float, the weights of the states.
        bx: (3H,) float, the biases beside Wx.
        bh: (3H,) float, the biases beside Wh.
    Returns:
        (N, H) float, the states after the step.
    Raises:
        ValueError: shapes do not fit.
    Source:
        Cho et al. (2014), Learning phrase representations using RNN encoder-decoder for statistical machine
        translation, arXiv:1406.1078; the reset after the product: PyTorch's documentation of torch.nn.GRU.

    >>> zero = np.zeros((1, 3))  # gates half open: n = tanh(1 + ½·2), h' = n/2 + 4/2
    >>> gru_step_forward([[0.0]], [[4.0]], zero, zero, [0.0, 0.0, 1.0], [0.0, 0.0, 2.0])
    array([[2.48201379]])
    """
    x, h, Wx, Wh, bx, bh = fitted(3, x=x, h=h, Wx=Wx, Wh=Wh, bx=bx, bh=bh)
    _, z, n, _ = _gates(x, h, Wx, Wh, bx, bh)
    return (1 - z) * n + z * h


def gru_step_backward(upstream, x, h, Wx, Wh, bx, bh):
    """Gradients of the loss at the arguments of `gru_step_forward`.

        da_n = U ⊙ (1 − z) ⊙ (1 − n²),   dq_n = da_n ⊙ r
        da_r = dq_r = da_n ⊙ q_n ⊙ r(1 − r),   da_z = dq_z = U ⊙ (h − n) ⊙ z(1 − z)
        dx = da Wxᵀ,  dWx = xᵀ da,  dbx = Σ_n da_n
        dh = U ⊙ z + dq Whᵀ,  dWh = hᵀ dq,  dbh = Σ_n dq_n

    Args:
        upstream: (N, H) float, U, the gradient at the state after the step.
        x, h, Wx, Wh, bx, bh: as for `gru_step_forward`.
    Returns:
        dx, dh, dWx, dWh, dbx, dbh: float, each in the shape of its argument.
    Raises:
        ValueError: shapes do not fit.
    Source:
        The chain rule on the equations of `gru_step_forward`.

    >>> zero, b = np.zeros((1, 3)), [0.0, 0.0, 0.0]  # gates half open, the candidate 0
    >>> _, dh, *_, dbx, dbh = gru_step_backward([[8.0]], [[0.0]], [[1.0]], zero, zero, b, b)
    >>> dh, dbx, dbh
    (array([[4.]]), array([0., 2., 4.]), array([0., 2., 2.]))
    """
    upstream, x, h, Wx, Wh, bx, bh = fitted(3, upstream=upstream, x=x, h=h, Wx=Wx, Wh=Wh, bx=bx, bh=bh)
    r, z, n, q = _gates(x, h, Wx, Wh, bx, bh)
    dn = upstream * (1 - z) * (1 - n * n)
    dr, dz = dn * q * r * (1 - r), upstream * (h - n) * z * (1 - z)
    da, dq = np.concatenate([dr, dz, dn], axis=1), np.concatenate([dr, dz, dn * r], axis=1)
    dh = upstream * z + dq @ Wh.T
    return da @ Wx.T, dh, x.T @ da, h.T @ dq, da.sum(axis=0), dq.sum(axis=0)


def gru_forward(X, h, Wx, Wh, bx, bh):
    """All states of a GRU that reads a sequence: `gru_step_forward` from step to step.

    Args:
        X: (N, T, D) float, the inputs; batch first, then time.
        h: (N, H) float, the states before the first step.
        Wx, Wh, bx, bh: as for `gru_step_forward`, the same at every step.
    Returns:
        (N, T, H) float, the states after each step; the last one is [:, -1].
    Raises:
        ValueError: shapes do not fit.
    Source:
        As for `gru_step_forward`.

    >>> zero, b = np.zeros((1, 3)), [0.0, 0.0, 0.0]  # the state loses half of itself at a step
    >>> gru_forward(np.zeros((1, 3, 1)), [[1.0]], zero, zero, b, b).ravel()
    array([0.5  , 0.25 , 0.125])
    """
    X, *arguments = fitted(3, X=X, h=h, Wx=Wx, Wh=Wh, bx=bx, bh=bh)
    S, *_ = _unroll(time_first(X), *arguments)
    return time_first(S[1:])


def gru_backward(upstream, X, h, Wx, Wh, bx, bh):
    """Backpropagation through time: gradients of the loss at the arguments of `gru_forward`.

    `gru_step_backward` from the last step to the first. The gradient at a state is what the loss sees of it there
    plus what comes back from the next step; those at the weights are summed over all steps.

    Args:
        upstream: (N, T, H) float, ∂loss/∂(each state) without what goes through later steps.
        X, h, Wx, Wh, bx, bh: as for `gru_forward`.
    Returns:
        dX, dh, dWx, dWh, dbx, dbh: float, each in the shape of its argument.
    Raises:
        ValueError: shapes do not fit.
    Source:
        Werbos (1990), Backpropagation through time: what it does and how to do it, Proceedings of the
        IEEE 78(10), 1550-1560, on the equations of `gru_step_forward`.

    >>> zero, b = np.zeros((1, 3)), [0.0, 0.0, 0.0]
    >>> seen = np.array([[[0.0], [0.0], [8.0]]])  # of the last state alone: half is lost at each step back
    >>> dX, dh, dWx, dWh, dbx, dbh = gru_backward(seen, 0 * seen, [[1.0]], zero, zero, b, b)
    >>> dh, dbx
    (array([[1.]]), array([0. , 1.5, 7. ]))
    """
    upstream, X, h, Wx, Wh, bx, bh = fitted(3, upstream=upstream, X=X, h=h, Wx=Wx, Wh=Wh, bx=bx, bh=bh)
    x = time_first(X)
    saved = S, *_ = _unroll(x, h, Wx, Wh, bx, bh)
    dA, dQ, dh = _through_time(upstream.swapaxes(0, 1), *saved, Wh)
    return (
        input_gradient(dA, Wx),
        dh,
        weight_gradient(x, dA),
        weight_gradient(S[:-1], dQ),
        bias_gradient(dA),
        bias_gradient(dQ),
    )


class GRU(Recurrent):
    """A GRU layer, `gru_forward` from a state of zeros, with its own weights `Wx`, `Wh` and biases `bx`, `bh`.

    All parameters start uniform in ±1/√H, as in PyTorch.

    Args:
        inputs: D, how many numbers come in at a step.
        units: H, how many numbers the state has.
        rng: numpy.random.Generator that draws weights and biases.
        last: whether the output is the last state, (N, H), and not all of them, (N, T, H).
        dtype: of weights and outputs; inputs are taken in it.

    >>> layer = GRU(3, 4, np.random.default_rng(0), last=True)
    >>> layer(np.ones((2, 50, 3))).shape, list(layer.parameters), layer
    ((2, 4), ['Wx', 'Wh', 'bx', 'bh'], GRU(3, 4, last=True))
    """

    gates = 3
    biases = ("bx", "bh")

    def _unroll(self, x, zero):
        return _unroll(x, zero, *self.parameters.values())

    def _through_time(self, upstream, *saved):
        dA, dQ, _ = _through_time(upstream, *saved, self.parameters["Wh"])
        return dA, dQ


def _gates(x, h, Wx, Wh, bx, bh):
    """r, z, n and the candidate's q_n."""
    a_r, a_z, a_n = np.split(x @ Wx + bx, 3, axis=1)
    q_r, q_z, q_n = np.split(h @ Wh + bh, 3, axis=1)
    r = sigmoid(a_r + q_r)
    return r, sigmoid(a_z + q_z), np.tanh(a_n + r * q_n), q_n


def _unroll(x, h, Wx, Wh, bx, bh):
    """States S (T + 1, N, H), h first; r, z and n in A (3, T, N, H); the candidate's q_n in Q (T, N, H)."""
    A = weighted(x, Wx, bx, 3)
    S = opened(h, len(x))
    Q = np.empty_like(S[1:])
    W, bias = gates_first(Wh, 3), bh.reshape(3, 1, -1)
    q, written = np.empty((3, *h.shape), h.dtype), np.empty_like(h)
    with np.errstate(over="ignore", under="ignore"):
        for t in range(len(x)):
            np.matmul(S[t], W, out=q)
            q += bias
            Q[t] = q[2]
            gates = A[:2, t]
            gates += q[:2]
            logistic(gates)
            r, z, n = A[:, t]
            n += np.multiply(r, Q[t], out=written)
            np.tanh(n, out=n)
            state = np.subtract(S[t], n, out=S[t + 1])  # (1 − z)n + zh = (h − n)z + n
            state *= z
            state += n
    return S, A, Q


def _through_time(upstream, S, A, Q, Wh):
    """∂loss/∂(x Wx + bx) and ∂loss/∂(h Wh + bh), both (3, T, N, H), and ∂loss/∂ the first state."""
    r, z, n = A
    # All of both but the factor dh' itself, which the loop brings: see gru_step_backward.
    dA = 1 - A
    dA *= A
    np.multiply(1 - z, 1 - n * n, out=dA[2])
    dA[0] *= dA[2]
    dA[0] *= Q
    dA[1] *= S[:-1] - n
    dQ = dA.copy()
    dQ[2] *= r
    dh, kept = np.zeros_like(S[0]), np.empty_like(S[0])
    from_gates = np.empty((3, *dh.shape), dh.dtype)
    back = transposed(Wh, 3)
    with np.errstate(under="ignore"):
        for t in reversed(range(len(Q))):
            dh += upstream[t]
            dQ[:, t] *= dh
            dA[2, t] *= dh
            np.multiply(dh, z[t], out=kept)
            np.add.reduce(np.matmul(dQ[:, t], back, out=from_gates), axis=0, out=dh)
            dh += kept
    dA[:2] = dQ[:2]
    return dA, dQ, dh
