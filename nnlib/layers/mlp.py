"""Backpropagation by hand: a multilayer perceptron, forward and backward, as two loops."""

from nnlib._arguments import as_float
from nnlib.activations import ACTIVATIONS
from nnlib.layers.linear import linear_backward, linear_forward


def mlp_forward(X, parameters, activation="relu"):
    """Forward pass of a multilayer perceptron that keeps all a backward pass needs.

        A_0 = X,  Z_l = A_{l−1} W_l + b_l,  A_l = f(Z_l)  for l = 1 … L,  but A_L = Z_L: the output stays linear

    Args:
        X: (N, D) float, the inputs; (..., D) works too.
        parameters: list of L pairs (W, b), first layer first; the W_l are (D, H_1), (H_1, H_2), …, (H_{L−1}, K).
        activation: a key of `nnlib.ACTIVATIONS`, f.
    Returns:
        A: list of L + 1 arrays, [A_0, …, A_L]: every layer's input, then the output; A_0 is a copy of `X`.
        Z: list of L arrays, [Z_1, …, Z_L]: every layer's pre-activations; the last is the output too.
    Raises:
        ValueError: no layers, an unknown activation, or shapes that do not fit.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.5.4, algorithm 6.3.

    >>> import numpy as np
    >>> parameters = [(np.array([[1.0, -1.0]]), np.zeros(2)), (np.array([[10.0], [100.0]]), np.array([0.5]))]
    >>> A, Z = mlp_forward(np.array([[2.0]]), parameters)
    >>> A
    [array([[2.]]), array([[2., 0.]]), array([[20.5]])]
    >>> Z
    [array([[ 2., -2.]]), array([[20.5]])]
    """
    f, _ = _named(activation)
    depth = _depth(parameters)
    A, Z = [as_float(X, "X").copy()], []
    for layer, (W, b) in enumerate(parameters, start=1):
        Z.append(linear_forward(A[-1], W, b))
        A.append(f(Z[-1]) if layer < depth else Z[-1])
    return A, Z


def mlp_backward(upstream, A, Z, parameters, activation="relu"):
    """Backward pass: the loss's gradient from the output to the input, each layer's own on the way.

        δ_L = upstream,  δ_l = (δ_{l+1} W_{l+1}ᵀ) · f'(Z_l)  for l = L − 1 … 1      (δ_l = ∂loss/∂Z_l)
        dW_l = A_{l−1}ᵀ δ_l,  db_l = Σ_n δ_l,  dX = δ_1 W_1ᵀ

    Args:
        upstream: (N, K) float, ∂loss/∂A_L, the gradient at the output.
        A: list of L + 1 arrays, from `mlp_forward`.
        Z: list of L arrays, from `mlp_forward`.
        parameters: the list of (W, b) of the forward pass.
        activation: that of the forward pass.
    Returns:
        dX: (N, D) float.
        gradients: list of L pairs (dW, db), first layer first, each the shape of its parameter.
    Raises:
        ValueError: no layers, an unknown activation, or lengths or shapes that do not fit.
    Source:
        Rumelhart, Hinton & Williams (1986), Learning representations by back-propagating errors, Nature 323,
        533-536; Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.5.4, algorithm 6.4.

    >>> import numpy as np
    >>> parameters = [(np.array([[1.0, -1.0]]), np.zeros(2)), (np.array([[10.0], [100.0]]), np.array([0.5]))]
    >>> A, Z = mlp_forward(np.array([[2.0]]), parameters)
    >>> dX, gradients = mlp_backward(np.array([[1.0]]), A, Z, parameters)
    >>> dX
    array([[10.]])
    >>> gradients
    [(array([[20.,  0.]]), array([10.,  0.])), (array([[2.],
           [0.]]), array([1.]))]
    """
    _, grad = _named(activation)
    depth = _depth(parameters)
    if (len(A), len(Z)) != (depth + 1, depth):
        raise ValueError(f"A and Z must hold {depth + 1} and {depth} arrays, got {len(A)} and {len(Z)}")
    gradients, delta = [], upstream  # the output is linear, so ∂loss/∂Z is upstream there
    for layer in reversed(range(depth)):
        W, _ = parameters[layer]
        dA, dW, db = linear_backward(delta, A[layer], W)
        gradients.append((dW, db))
        if layer > 0:
            delta = dA * grad(Z[layer - 1])
    return dA, gradients[::-1]


def _named(activation):
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
    return ACTIVATIONS[activation]


def _depth(parameters):
    if len(parameters) == 0:
        raise ValueError("parameters must hold a pair (W, b) for each layer, got none")
    return len(parameters)
