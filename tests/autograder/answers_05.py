"""Answers to lesson 05 in students' styles, written without sight of the bank's mistakes."""

# Every source is one notebook cell. `import numpy as np` has been run before it, and in `mlp_backward` and
# `backward_trace`, whose texts allow it, `linear_backward` exists. None of the sources uses nnlib.

WRONG = {
    "linear_backward": {
        # reshape in place of .T: the shape of W.T, but shuffled numbers (hidden when D = 1 or H = 1).
        "reshape_not_transpose": """\
def linear_backward(upstream, X, W):
    N, D = X.shape
    H = W.shape[1]
    # (N, H) @ (H, D) = (N, D)
    dX = upstream @ W.reshape(H, D)
    dW = X.T @ upstream
    db = upstream.sum(axis=0)
    return dX, dW, db
""",
        # Writes dX into the caller's X (right numbers, since dW has been computed before).
        "matmul_out_x": '''\
def linear_backward(upstream, X, W):
    """dX has the shape of X, so its memory can be used again."""
    dW = np.matmul(X.T, upstream)
    db = np.add.reduce(upstream, axis=0)
    np.matmul(upstream, W.T, out=X)
    return X, dW, db
''',
        # dW is the mean of the examples' shares, not their sum: N times too small; right for N = 1.
        "mean_of_outer_products": """\
def linear_backward(upstream, X, W):
    gradient_for_X = np.dot(upstream, W.T)
    gradient_for_W = np.mean([np.outer(x, u) for x, u in zip(X, upstream)], axis=0)
    gradient_for_b = np.sum(upstream, axis=0)
    return gradient_for_X, gradient_for_W, gradient_for_b
""",
        # `=+` in place of `+=`: db is the last example's upstream alone; right for N = 1.
        "equals_plus": """\
def linear_backward(upstream, X, W):
    dX = np.zeros_like(X)
    dW = np.zeros_like(W)
    db = np.zeros(W.shape[1], dtype=W.dtype)
    for n in range(X.shape[0]):
        dX[n] = W @ upstream[n]
        dW += np.outer(X[n], upstream[n])
        db =+ upstream[n]
    return dX, dW, db
""",
        # squeeze drops every axis of length 1: N = 1 gives dX (D,), H = 1 gives dW (D,) and db ().
        "squeezed": """\
def linear_backward(upstream, X, W):
    grads = (upstream @ W.T, X.T @ upstream, upstream.sum(axis=0, keepdims=True))
    return tuple(np.squeeze(g) for g in grads)  # (1, H) -> (H,)
""",
    },
    "unbroadcast": {
        # Sums the added axes but takes the mean over the stretched ones: (2, 1) gives [[2], [20]].
        "mean_of_stretched": """\
def unbroadcast(gradient, shape):
    g = np.array(gradient)
    while g.ndim > len(shape):
        g = np.asarray(g.sum(axis=0))
    for axis, size in enumerate(shape):
        if size == 1:
            g = g.mean(axis=axis, keepdims=True)
    return g
""",
        # Lines the shapes up at the left: the added axes are summed at the end, (3,) of (2, 3) gives (2,).
        "left_aligned": """\
def unbroadcast(gradient, shape):
    out = gradient.copy()
    # sum away the axes that are too many
    for _ in range(gradient.ndim - len(shape)):
        out = out.sum(axis=-1)
    # sum the axes of length 1
    for k in range(len(shape)):
        if shape[k] == 1:
            out = out.sum(axis=k, keepdims=True)
    return np.asarray(out)
""",
        # Returns the argument itself when there is nothing to sum: right numbers, but no new array.
        "same_array": '''\
def unbroadcast(gradient, shape):
    """Undo broadcasting."""
    if gradient.shape == shape:
        return gradient
    extra = gradient.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(i + extra for i, n in enumerate(shape) if n == 1)
    return np.array(gradient.sum(axis=axes)).reshape(shape)
''',
        # shape.index(1) finds the first stretched axis only: (1, 3, 1) of (2, 3, 5) comes back as (1, 3, 5).
        "first_one_only": """\
def unbroadcast(gradient, shape):
    added = tuple(range(gradient.ndim - len(shape)))
    result = np.array(gradient.sum(axis=added))
    if 1 in shape:
        result = result.sum(axis=shape.index(1), keepdims=True)
    return result
""",
        # np.zeros(shape) without a dtype: float32 in, float64 out.
        "zeros_float64": """\
def unbroadcast(gradient, shape):
    total = np.zeros(shape)
    skip = gradient.ndim - len(shape)
    for index in np.ndindex(gradient.shape):
        # every copy goes back to the number it was copied from
        home = tuple(0 if n == 1 else i for i, n in zip(index[skip:], shape))
        total[home] += gradient[index]
    return total
""",
    },
    "mlp_forward": {
        # Bends the last layer as well: the output is f(Z_L), not Z_L (with ReLU hidden while Z_L >= 0).
        "last_layer_bent": """\
def mlp_forward(X, parameters, activation):
    def f(z):
        if activation == "tanh":
            return np.tanh(z)
        if activation == "relu":
            return np.maximum(z, 0)
        e = np.exp(-np.abs(z))
        return np.where(z >= 0, 1, e) / (1 + e)

    A = [X.copy()]
    Z = []
    for W, b in parameters:
        Z.append(A[-1] @ W + b)
        A.append(f(Z[-1]))
    return A, Z
""",
        # np.asarray copies nothing when X is an array: A[0] is the caller's X.
        "asarray_is_no_copy": """\
FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": lambda z: np.exp(-np.logaddexp(0, -z)),
    "relu": lambda z: np.maximum(z, 0),
}


def mlp_forward(X, parameters, activation):
    A, Z = [np.asarray(X)], []  # A_0 is a copy of X
    for layer, (W, b) in enumerate(parameters, start=1):
        z = A[layer - 1] @ W + b
        Z.append(z)
        A.append(z.copy() if layer == len(parameters) else FUNCTIONS[activation](z))
    return A, Z
""",
        # The activation works in place on an array that is in Z already: Z_l holds A_l in the hidden layers.
        "z_overwritten": """\
def mlp_forward(X, parameters, activation):
    h = np.array(X)
    A, Z = [h], []
    for W, b in parameters[:-1]:
        h = h @ W + b
        Z.append(h)
        if activation == "tanh":
            np.tanh(h, out=h)
        elif activation == "relu":
            h[h < 0] = 0
        elif activation == "sigmoid":
            e = np.exp(-np.abs(h))
            h[:] = np.where(h >= 0, 1, e) / (1 + e)
        A.append(h)
    W, b = parameters[-1]
    Z.append(h @ W + b)
    A.append(Z[-1].copy())
    return A, Z
""",
        # pop takes the last pair out of the caller's list: a second call works with a layer less.
        "pops_last_layer": '''\
def mlp_forward(X, parameters, activation):
    """Hidden layers first, then the linear one."""
    f = {
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(np.minimum(-z, 80))),
        "relu": lambda z: z * (z > 0),
    }[activation]
    W_out, b_out = parameters.pop()
    activations = [X.copy()]
    preactivations = []
    for weights, bias in parameters:
        preactivations.append(activations[-1].dot(weights) + bias)
        activations.append(f(preactivations[-1]))
    output = activations[-1].dot(W_out) + b_out
    return activations + [output], preactivations + [output.copy()]
''',
        # Counts from 1 but compares with L - 1: the last *two* layers stay linear; right for L = 1.
        "two_linear_layers": """\
def mlp_forward(X, parameters, activation):
    L = len(parameters)
    A = [X.copy()]
    Z = []
    i = 0
    for W, b in parameters:
        i += 1
        z = A[-1] @ W + b
        Z.append(z)
        if i < L - 1:
            if activation == "tanh":
                a = np.tanh(z)
            elif activation == "relu":
                a = np.where(z > 0, z, 0)
            else:
                a = np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))
        else:  # the output is linear
            a = z.copy()
        A.append(a)
    return A, Z
""",
    },
    "mlp_backward": {
        # f' at A in place of Z: wrong for tanh and sigmoid with L > 1, right for ReLU.
        "derivative_at_a": """\
def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


derivatives = {
    "tanh": lambda t: 1 - np.tanh(t) ** 2,
    "sigmoid": lambda t: sigmoid(t) * sigmoid(-t),
    "relu": lambda t: (t > 0).astype(t.dtype),
}


def mlp_backward(upstream, A, Z, parameters, activation):
    f_grad = derivatives[activation]
    gradients = [None] * len(parameters)
    delta = upstream
    for i in reversed(range(len(parameters))):
        W, b = parameters[i]
        dA, dW, db = linear_backward(delta, A[i], W)
        gradients[i] = (dW, db)
        delta = dA * f_grad(A[i]) if i > 0 else dA
    return delta, gradients
""",
        # For i = 0 it takes Z[-1], the output, and bends dX: raises for (N, K) against (N, D), or wrong dX.
        "wraps_around": """\
def mlp_backward(upstream, A, Z, parameters, activation):
    def f_grad(z):
        if activation == "relu":
            return np.heaviside(z, 0)
        if activation == "tanh":
            return 1 - np.tanh(z) ** 2
        e = np.exp(-np.abs(z))
        return e / (1 + e) ** 2

    delta = upstream
    gradients = []
    for i in range(len(parameters) - 1, -1, -1):
        W, b = parameters[i]
        gradients.append((A[i].T @ delta, delta.sum(axis=0)))
        delta = delta @ W.T * f_grad(Z[i - 1])  # Z[i - 1] made the input A[i]
    return delta, gradients[::-1]
""",
        # ReLU's mask is astype(float), which is float64: float32 in, float64 out in all layers but the last.
        "mask_float64": '''\
def mlp_backward(upstream, A, Z, parameters, activation):
    """Backward pass: delta goes from the last layer to the first."""
    gradients = []
    delta = upstream
    for i, (W, b) in reversed(list(enumerate(parameters))):
        gradients.insert(0, (A[i].T.dot(delta), delta.sum(0)))
        dA = delta.dot(W.T)
        if i == 0:
            return dA, gradients
        z = Z[i - 1]
        if activation == "relu":
            bend = (z > 0).astype(float)
        elif activation == "tanh":
            bend = 1 - np.tanh(z) ** 2
        else:
            small = np.exp(-np.abs(z))
            bend = small / (1 + small) ** 2
        delta = dA * bend
''',
        # Squares the kept activations in place: the caller's A is spoilt (tanh and sigmoid, L > 1).
        "squares_in_place": """\
def mlp_backward(upstream, A, Z, parameters, activation):
    grads = []
    delta = upstream.copy()
    for i in reversed(range(len(parameters))):
        W = parameters[i][0]
        dA, dW, db = linear_backward(delta, A[i], W)
        grads.append((dW, db))
        if i > 0:
            a = A[i]
            if activation == "tanh":
                a *= a  # tanh' = 1 - a^2
                dA *= 1 - a
            elif activation == "sigmoid":
                a -= a * a  # sigmoid' = a - a^2
                dA *= a
            else:
                dA *= a > 0
        delta = dA
    grads.reverse()
    return delta, grads
""",
        # ReLU's derivative at 0 is 1 here (>=), the convention is 0: seen only where a z is exactly 0.
        "relu_one_at_zero": """\
SLOPE = {
    "relu": lambda z: np.where(z >= 0, np.ones_like(z), np.zeros_like(z)),
    "tanh": lambda z: (1 + np.tanh(z)) * (1 - np.tanh(z)),
    "sigmoid": lambda z: 0.25 * (1 - np.tanh(z / 2) ** 2),
}


def mlp_backward(upstream, A, Z, parameters, activation):
    # the network behind the first layer is a smaller network
    W, b = parameters[0]
    if len(parameters) == 1:
        delta, others = upstream, []
    else:
        dA, others = mlp_backward(upstream, A[1:], Z[1:], parameters[1:], activation)
        delta = dA * SLOPE[activation](Z[0])
    return delta @ W.T, [(A[0].T @ delta, np.sum(delta, axis=0))] + others
""",
    },
    "backward_trace": {
        # Takes the mean over all N·D entries, not over N: all gradients D times too small; right for D = 1.
        "mean_over_entries": """\
def backward_trace(X, W, b):
    Z = X @ W + b
    e = np.exp(-np.abs(Z))
    G = np.where(Z >= 0, 1, e) / (1 + e)
    S = Z * G
    P = S @ W.T

    dP = (P - X) / X.size
    dS = dP @ W
    dG = dS * Z
    dZ = dS * G + dG * e / (1 + e) ** 2
    dX = dZ @ W.T - dP
    dW = X.T @ dZ + dP.T @ S
    db = dZ.sum(axis=0)
    return dP, dS, dG, dZ, dX, dW, db
""",
        # dZ = dS makes no copy, so `*=` and `+=` change dS too: dS comes back equal to dZ, the rest is right.
        "ds_is_dz": """\
def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def backward_trace(X, W, b):
    N = X.shape[0]
    Z = X @ W + b
    G = sigmoid(Z)
    S = Z * G
    dP = (S @ W.T - X) / N     # line 5
    dS = dP @ W                # line 4
    dW = dP.T @ S
    dG = dS * Z                # line 3
    dZ = dS
    dZ *= G
    dZ += dG * G * sigmoid(-Z)  # line 2
    dW += X.T @ dZ             # line 1
    dX = dZ @ W.T - dP
    db = dZ.sum(axis=0)
    return dP, dS, dG, dZ, dX, dW, db
""",
        # The derivative of the sigmoid at G, its output, in place of Z: dZ, dX, dW and db are wrong.
        "slope_at_g": '''\
def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_derivative(z):
    return sigmoid(z) * sigmoid(-z)


def backward_trace(X, W, b):
    """All gradients of the tied autoencoder, from the loss back to X, W and b."""
    # forward
    Z = np.dot(X, W) + b
    G = sigmoid(Z)
    S = Z * G
    P = np.dot(S, W.T)
    # backward
    dP = (P - X) / len(X)
    dS = np.dot(dP, W)
    dG = dS * Z
    dZ = dS * G
    dZ += dG * sigmoid_derivative(G)
    dX = np.dot(dZ, W.T)
    dX -= dP
    dW = np.dot(X.T, dZ)
    dW += np.dot(dP.T, S)
    return dP, dS, dG, dZ, dX, dW, np.sum(dZ, axis=0)
''',
        # Line 1 assigns dX and dW anew: the shares of line 5 (dX) and line 4 (dW) are overwritten.
        "overwritten_by_line_1": """\
def backward_trace(X, W, b):
    Z = X @ W + b
    E = np.exp(-np.abs(Z))
    G = np.where(Z < 0, E, 1) / (1 + E)
    S = Z * G
    dP = (S @ W.T - X) / X.shape[0]
    dX = -dP
    dS = dP @ W
    dW = dP.T @ S
    dG = dS * Z
    dZ = dS * G
    dZ = dZ + dG * E / (1 + E) ** 2
    dX, dW, db = linear_backward(dZ, X, W)
    return dP, dS, dG, dZ, dX, dW, db
""",
        # The share of the target has the wrong sign, since d(P - X)/dX is -1: dX alone is wrong.
        "target_sign": """\
def backward_trace(X, W, b):
    sig = lambda t: 0.5 * (1 + np.tanh(0.5 * t))
    Z = X @ W + b
    G = sig(Z)
    dP = ((Z * G) @ W.T - X) / len(X)
    dS = dP @ W
    dG = dS * Z
    dZ = dG * G * (1 - G) + dS * G
    dX, dW, db = linear_backward(dZ, X, W)
    dX = dX + dP  # X is used again in the loss
    dW = dW + dP.T @ (Z * G)  # W is used again on the way out
    return dP, dS, dG, dZ, dX, dW, db
""",
    },
}

RIGHT = {
    "linear_backward": {
        # tensordot over named axes, no transpose anywhere.
        "tensordot": """\
def linear_backward(upstream, X, W):
    dX = np.tensordot(upstream, W, axes=(1, 1))
    dW = np.tensordot(X, upstream, axes=(0, 0))
    db = np.tensordot(np.ones(len(X), dtype=X.dtype), upstream, axes=1)
    return dX, dW, db
""",
        # Nested list comprehensions of Python floats, exactly summed, and the dtype put back at the end.
        "lists_and_fsum": """\
from math import fsum


def linear_backward(upstream, X, W):
    U, x, w = upstream.tolist(), X.tolist(), W.tolist()
    dX = [[fsum(u * v for u, v in zip(urow, wrow)) for wrow in w] for urow in U]
    dW = [[fsum(a * u for a, u in zip(xcol, ucol)) for ucol in zip(*U)] for xcol in zip(*x)]
    db = [fsum(ucol) for ucol in zip(*U)]
    return (
        np.array(dX, dtype=X.dtype),
        np.array(dW, dtype=W.dtype),
        np.array(db, dtype=upstream.dtype),
    )
""",
        # The bias is one more row of W, with an input that is always 1; the block is cut apart afterwards.
        "column_of_ones": """\
def linear_backward(upstream, X, W):
    X1 = np.c_[X, np.ones((X.shape[0], 1), dtype=X.dtype)]
    dW1 = X1.T @ upstream
    *_, db = dW1
    return np.inner(upstream, W), np.delete(dW1, -1, axis=0), db.copy()
""",
        # A class with __call__; the products are three-dimensional broadcasts that are summed.
        "broadcast_class": '''\
class LinearBackward:
    """Y = XW + b, backwards."""

    @staticmethod
    def to_input(U, W):
        return (U[:, None, :] * W[None, :, :]).sum(axis=2)

    @staticmethod
    def to_weights(U, X):
        return (X[:, :, None] * U[:, None, :]).sum(axis=0)

    def __call__(self, upstream, X, W):
        return self.to_input(upstream, W), self.to_weights(upstream, X), sum(upstream)


linear_backward = LinearBackward()
''',
        # Recursion: the batch is halved until one example is left; shares of dW and db add up on the way.
        "halves": """\
def linear_backward(
    upstream: np.ndarray, X: np.ndarray, W: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    N = len(X)
    if N == 1:
        return (W @ upstream[0])[np.newaxis], np.outer(X, upstream), upstream[0].copy()
    m = N // 2
    dX1, dW1, db1 = linear_backward(upstream[:m], X[:m], W)
    dX2, dW2, db2 = linear_backward(upstream[m:], X[m:], W)
    return np.vstack((dX1, dX2)), dW1 + dW2, db1 + db2
""",
    },
    "unbroadcast": {
        # einsum with lists of axis numbers; what is missing after the arrow is summed.
        "einsum_axis_numbers": """\
def unbroadcast(gradient, shape):
    axes = list(range(gradient.ndim))
    tail = axes[gradient.ndim - len(shape):]
    kept = [axis for axis, n in zip(tail, shape) if n != 1]
    return np.array(np.einsum(gradient, axes, kept), dtype=gradient.dtype).reshape(shape)
""",
        # Numbers the entries, broadcasts the numbers, and counts with weights (no sum over an axis at all).
        "bincount": """\
import math


def unbroadcast(gradient, shape):
    size = math.prod(shape)
    owner = np.broadcast_to(np.arange(size).reshape(shape), gradient.shape)
    total = np.bincount(owner.ravel(), weights=gradient.ravel(), minlength=size)
    return total.astype(gradient.dtype).reshape(shape)
""",
        # Recursion over the axes of the array, one at a time, down to single numbers.
        "recursion_over_axes": """\
def unbroadcast(gradient, shape):
    if gradient.ndim > len(shape):
        return unbroadcast(np.asarray(gradient.sum(axis=0)), shape)
    if shape == ():
        return np.array(gradient)
    first, *rest = shape
    if first == 1:
        # the stretched axis: add its slices up, then give the axis back
        return unbroadcast(np.asarray(np.add.reduce(gradient, 0)), tuple(rest))[None]
    out = np.empty(shape, dtype=gradient.dtype)
    for i in range(first):
        out[i] = unbroadcast(np.asarray(gradient[i]), tuple(rest))
    return out
""",
        # functools.reduce over the axes, always with keepdims; the shape is cut at the end.
        "reduce_keepdims": """\
from functools import reduce


def unbroadcast(gradient, shape):
    padded = (1,) * (gradient.ndim - len(shape)) + tuple(shape)
    ones = [axis for axis, n in enumerate(padded) if n == 1]
    return reduce(lambda g, axis: g.sum(axis=axis, keepdims=True), ones, gradient.copy()).reshape(shape)
""",
        # Adds every entry into a writeable "broadcast" view with strides 0, exactly the forward copy undone.
        "zero_strides": """\
def unbroadcast(gradient, shape):
    out = np.zeros(shape, dtype=gradient.dtype)
    flat = out.reshape(-1)
    step = [s // out.itemsize for s in np.broadcast_to(out, gradient.shape).strides]
    for index, g in np.ndenumerate(gradient):
        flat[sum(i * s for i, s in zip(index, step))] += g
    return out
""",
    },
    "mlp_forward": {
        # Recursion over the layers; A_L and Z_L are one and the same array.
        "recursion": """\
def mlp_forward(X, parameters, activation):
    (W, b), *rest = parameters
    z = X @ W + b
    if not rest:
        return [X.copy(), z], [z]
    if activation == "relu":
        a = np.maximum(z, 0)
    elif activation == "tanh":
        a = np.tanh(z)
    else:
        e = np.exp(-np.abs(z))
        a = np.where(z >= 0, 1, e) / (1 + e)
    A, Z = mlp_forward(a, rest, activation)
    return [X.copy(), *A], [z, *Z]
""",
        # itertools.accumulate over (a, z) pairs, with the identity as the last activation.
        "accumulate": """\
from itertools import accumulate


def mlp_forward(X, parameters, activation):
    bends = {
        "tanh": np.tanh,
        "sigmoid": lambda z: np.exp(-np.logaddexp(0, -z)),
        "relu": lambda z: (z + np.abs(z)) / 2,
    }
    functions = [bends[activation]] * (len(parameters) - 1) + [np.copy]

    def layer(state, step):
        (W, b), f = step
        z = state[0] @ W + b
        return f(z), z

    states = accumulate(zip(parameters, functions), layer, initial=(X.copy(), None))
    A, (_, *Z) = zip(*states)
    return list(A), Z
""",
        # A class for each layer; sigmoid as a shifted tanh, the activation looked up with getattr.
        "layer_class": '''\
class Layer:
    """One layer, with its activation or without one."""

    def __init__(self, W, b, name="linear"):
        self.W, self.b = W, b
        self.f = getattr(self, name)

    linear = staticmethod(lambda z: +z)
    tanh = staticmethod(lambda z: np.tanh(z))
    relu = staticmethod(lambda z: z.clip(min=0))
    sigmoid = staticmethod(lambda z: np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))))

    def __call__(self, a):
        z = np.einsum("nd,dh->nh", a, self.W) + self.b
        return z, self.f(z)


def mlp_forward(X, parameters, activation):
    net = [Layer(W, b, activation) for W, b in parameters[:-1]] + [Layer(*parameters[-1])]
    A, Z = [np.array(X)], []
    for layer in net:
        z, a = layer(A[-1])
        Z += [z]
        A += [a]
    return A, Z
''',
        # One number at a time with the math module; np.vectorize with otypes keeps the dtype.
        "math_vectorize": """\
import math


def logistic(t):
    return 1 / (1 + math.exp(-t)) if t >= 0 else math.exp(t) / (1 + math.exp(t))


def mlp_forward(X, parameters, activation):
    scalar = {"tanh": math.tanh, "sigmoid": logistic, "relu": lambda t: max(t, 0.0)}[activation]
    f = np.vectorize(scalar, otypes=[X.dtype])
    N, L = len(X), len(parameters)
    A = [np.copy(X)]
    Z = []
    for l in range(L):
        W, b = parameters[l]
        z = np.empty((N, W.shape[1]), dtype=X.dtype)
        for n in range(N):
            for h in range(W.shape[1]):
                z[n, h] = np.dot(A[l][n, :], W[:, h]) + b[h]
        Z.append(z)
        A.append(z.copy() if l == L - 1 else f(z))
    return A, Z
""",
        # Computes all layers as hidden ones, and puts the output right afterwards; a generator.
        "output_put_right": """\
def preactivations(a, parameters, f):
    for W, b in parameters:
        with_one = np.hstack([a, np.ones((a.shape[0], 1), dtype=a.dtype)])
        z = with_one @ np.vstack([W, b])
        yield z
        a = f(z)


def mlp_forward(X, parameters, activation):
    if activation == "relu":
        f = lambda z: np.where(z > 0, z, np.zeros_like(z))
    elif activation == "tanh":
        f = lambda z: np.sign(z) * -np.expm1(-2 * np.abs(z)) / (1 + np.exp(-2 * np.abs(z)))
    else:
        f = lambda z: np.exp(-np.logaddexp(0, -z))
    Z = list(preactivations(X, parameters, f))
    A = [X * 1, *map(f, Z)]
    A[-1] = Z[-1].copy()
    return A, Z
""",
    },
    "mlp_backward": {
        # Recursion from the first layer: everything behind it is a smaller network.
        "recursion": """\
def mlp_backward(upstream, A, Z, parameters, activation):
    (W, _), *rest = parameters
    if rest:
        z = Z[0]
        e = np.exp(-np.abs(z))
        slope = {
            "relu": np.where(z > 0, np.ones_like(z), 0),
            "tanh": 4 * e**2 / (1 + e**2) ** 2,
            "sigmoid": e / (1 + e) ** 2,
        }[activation]
        dA, later = mlp_backward(upstream, A[1:], Z[1:], rest, activation)
        delta = dA * slope
    else:
        delta, later = upstream, []
    return delta @ W.T, [(A[0].T @ delta, delta.sum(axis=0)), *later]
""",
        # First all deltas (accumulate over the layers, backwards), then all gradients in one comprehension.
        "deltas_first": """\
from itertools import accumulate

F_GRAD = {
    "relu": lambda z: np.heaviside(z, 0),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: np.exp(-np.logaddexp(0, z) - np.logaddexp(0, -z)),
}


def mlp_backward(upstream, A, Z, parameters, activation):
    f_grad = F_GRAD[activation]
    weights = [W for W, _ in parameters]
    back = zip(weights[:0:-1], Z[-2::-1])
    deltas = list(accumulate(back, lambda d, wz: d @ wz[0].T * f_grad(wz[1]), initial=upstream))[::-1]
    gradients = [(np.einsum("nd,nh->dh", a, d), np.einsum("nh->h", d)) for a, d in zip(A, deltas)]
    return deltas[0] @ weights[0].T, gradients
""",
        # linear_backward and a deque filled from the left; the input's "activation" is the identity.
        "deque": """\
from collections import deque


def bend(z, name):
    if z is None:  # nothing was bent in front of the first layer
        return 1
    if name == "relu":
        return z > 0
    if name == "tanh":
        return 1 - np.square(np.tanh(z))
    return np.exp(-np.abs(z)) / np.square(1 + np.exp(-np.abs(z)))


def mlp_backward(upstream, A, Z, parameters, activation):
    found = deque()
    delta = upstream
    for a, z, (W, _) in zip(A[-2::-1], [*Z[-2::-1], None], parameters[::-1]):
        dA, *own = linear_backward(delta, a, W)
        found.appendleft(tuple(own))
        delta = dA * bend(z, activation)
    return delta, list(found)
""",
        # Derivatives written with the outputs, 1 - a² (as in section 6) and a(1 - a); Z is not read at all.
        "from_outputs": """\
def mlp_backward(upstream, A, Z, parameters, activation):
    slope_from_output = {
        "tanh": lambda a: (1 - a) * (1 + a),
        "sigmoid": lambda a: a * (1 - a),
        "relu": lambda a: np.sign(a),  # a is never negative
    }[activation]
    i = len(parameters)
    delta, gradients = upstream, []
    while i:
        i -= 1
        gradients = [(A[i].T @ delta, delta.sum(axis=0))] + gradients
        delta = np.inner(delta, parameters[i][0])
        if i > 0:
            delta = delta * slope_from_output(A[i])
    return delta, gradients
""",
        # One example after the other, all sums accumulated in place in arrays of its own.
        "example_by_example": '''\
import math


def slope(t: float, name: str) -> float:
    """Derivative at the pre-activation t."""
    if name == "relu":
        return 1.0 if t > 0 else 0.0
    if name == "tanh":
        return 1 / math.cosh(t) ** 2 if abs(t) < 300 else 0.0
    e = math.exp(-abs(t))
    return e / (1 + e) ** 2


def mlp_backward(upstream, A, Z, parameters, activation):
    gradients = [(np.zeros_like(W), np.zeros_like(b)) for W, b in parameters]
    dX = np.empty_like(A[0])
    for n in range(len(upstream)):
        delta = upstream[n]
        for i in range(len(parameters) - 1, -1, -1):
            dW, db = gradients[i]
            dW += np.outer(A[i][n], delta)
            db += delta
            delta = parameters[i][0] @ delta
            if i > 0:
                bend = [slope(float(t), activation) for t in Z[i - 1][n]]
                delta = delta * np.array(bend, dtype=delta.dtype)
        dX[n] = delta
    return dX, gradients
''',
    },
    "backward_trace": {
        # linear_backward for line 1 and, with W.T as the weights, for line 4 too (its db is dropped).
        "linear_backward_twice": """\
def backward_trace(X, W, b):
    Z = X @ W + b
    t = np.exp(-np.abs(Z))
    G = np.where(Z < 0, t, np.ones_like(t)) / (1 + t)
    S = Z * G
    dP = (S @ W.T - X) / len(X)
    dS, dW_out, _ = linear_backward(dP, S, W.T)
    dG = dS * Z
    dZ = dS * G + dG * t / (1 + t) ** 2
    dX_in, dW_in, db = linear_backward(dZ, X, W)
    return dP, dS, dG, dZ, dX_in - dP, dW_in + dW_out.T, db
""",
        # A dict of gradients with a function that hands shares in, in any order.
        "shares_in_a_dict": """\
def backward_trace(X, W, b):
    d = {}

    def give(name, share):
        d[name] = d[name] + share if name in d else share

    sigma = lambda v: np.exp(-np.logaddexp(0, -v))
    Z = X @ W + b
    G = sigma(Z)
    S = Z * G
    give("P", (S @ W.T - X) / X.shape[0])
    give("X", -d["P"])
    give("W", d["P"].T @ S)
    give("S", d["P"] @ W)
    give("Z", d["S"] * G)
    give("G", d["S"] * Z)
    give("Z", d["G"] * G * sigma(-Z))
    give("b", d["Z"].sum(axis=0))
    give("W", X.T @ d["Z"])
    give("X", d["Z"] @ W.T)
    return tuple(d[name] for name in "PSGZXWb")
""",
        # Returns a NamedTuple, which is a tuple; all products are einsums.
        "named_tuple": '''\
from typing import NamedTuple


class Trace(NamedTuple):
    """Gradients in the order of the exercise."""

    dP: np.ndarray
    dS: np.ndarray
    dG: np.ndarray
    dZ: np.ndarray
    dX: np.ndarray
    dW: np.ndarray
    db: np.ndarray


def backward_trace(X, W, b):
    Z = np.einsum("nd,dh->nh", X, W) + b
    E = np.exp(-np.abs(Z))
    G = np.exp(np.minimum(Z, 0)) / (1 + E)
    dP = (np.einsum("nh,nh,dh->nd", Z, G, W) - X) / len(X)
    dS = np.einsum("nd,dh->nh", dP, W)
    dG = np.einsum("nh,nh->nh", dS, Z)
    dZ = dS * G + dG * E / (1 + E) ** 2
    return Trace(
        dP=dP,
        dS=dS,
        dG=dG,
        dZ=dZ,
        dX=np.einsum("nh,dh->nd", dZ, W) - dP,
        dW=np.einsum("nd,nh->dh", X, dZ) + np.einsum("nd,nh,nh->dh", dP, Z, G),
        db=np.einsum("nh->h", dZ),
    )
''',
        # Swish's derivative in one formula, g(1 + z·σ(-z)), and both shares of dW in one product of stacks.
        "stacked_shares": """\
def backward_trace(X, W, b):
    def sigmoid(t):
        out = np.empty_like(t)
        right = t >= 0
        out[right] = 1 / (1 + np.exp(-t[right]))
        e = np.exp(t[~right])
        out[~right] = e / (1 + e)
        return out

    Z = X @ W + b
    G = sigmoid(Z)
    S = Z * G
    dP = (S @ W.T - X) / float(len(X))
    dS = dP @ W
    dZ = dS * G * (1 + Z * sigmoid(-Z))
    dW = np.vstack([X, dP]).T @ np.vstack([dZ, S])
    dX = np.hstack([dZ, dP]) @ np.hstack([W, -np.eye(len(W), dtype=W.dtype)]).T
    return dP, dS, dS * Z, dZ, dX, dW, dZ.sum(axis=0)
""",
        # One example at a time, scalars from the math module, the rows stacked at the end.
        "row_by_row": """\
import math


def gate(t):
    return 1 / (1 + math.exp(-t)) if t > 0 else math.exp(t) / (1 + math.exp(t))


def backward_trace(X, W, b):
    N, rows = len(X), []
    dW, db = np.zeros_like(W), np.zeros_like(b)
    for x in X:
        z = x @ W + b
        g = np.array([gate(t) for t in z.tolist()], dtype=X.dtype)
        g_slope = np.array([gate(t) * gate(-t) for t in z.tolist()], dtype=X.dtype)
        s = z * g
        dp = (W @ s - x) / N
        ds = dp @ W
        dg = ds * z
        dz = ds * g + dg * g_slope
        dW += np.outer(x, dz) + np.outer(dp, s)
        db += dz
        rows.append((dp, ds, dg, dz, W @ dz - dp))
    return (*map(np.array, zip(*rows)), dW, db)
""",
    },
}
