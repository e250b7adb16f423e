"""Reverse-mode automatic differentiation on arrays: each derivative stands beside its forward rule.

A `Tensor` is an array that remembers how it was computed. For each tensor it came from it keeps a rule
`lambda u, y: …` from the upstream gradient u = ∂loss/∂y and the output y itself to ∂loss/∂parent. The chain rule,
`Tensor.backward`, then visits the tensors in the reverse of `topological_order`. Conventions:

- Rules are made of tensor operations, so that a gradient can be differentiated again: see `gradients` and
  `hessian_vector_product`.
- A rule may return the shape that broadcasting gave: `unbroadcast` sums it to its parent's shape, afterwards.
- `backward` adds to the `grad` of the leaves (requires_grad=True, not computed) and writes nowhere else, so
  that a second call finds nothing stale. PyTorch does the same.
- The graph lives as long as its output: a tensor points to what it came from, never the other way, so nothing
  grows in a training loop, and backward may be called again (PyTorch frees the graph in backward).
- As in NumPy, views share memory. Do not write into `data` between the forward and the backward pass.
- Numbers, and arrays of integers or booleans, take the tensor's dtype; two float dtypes are promoted as in
  NumPy. A gradient has the dtype of its own tensor.
- Kinks: ReLU's derivative at 0 is 0, as is |x|'s; a tie in `max` or `maximum` shares the gradient evenly.
"""

from contextvars import ContextVar
from operator import attrgetter

import numpy as np

from nnlib import activations
from nnlib._arguments import as_float
from nnlib.autodiff.backward import max_backward, topological_order, unbroadcast

_recording = ContextVar("recording", default=True)
_NUMBER = (int, float, np.integer, np.floating)


class no_grad:
    """A block in which nothing is recorded: results keep no graph in memory and need no gradient.

    It holds for the current thread alone, and may be nested.

    >>> w = Tensor(3.0, requires_grad=True)
    >>> with no_grad():
    ...     y = w * w
    >>> y.requires_grad, y.parents
    (False, ())
    """

    def __init__(self):
        self._tokens = []

    def __enter__(self):
        self._tokens.append(_recording.set(False))
        return self

    def __exit__(self, *exception):
        _recording.reset(self._tokens.pop())


class Tensor:
    """An array that remembers how it was computed, so that derivatives can be traced back through it.

    Operators: + - * / ** @, unary −, abs() and indexing, with numbers and arrays on either side (** takes a number on
    its right). Tensors are compared by identity; compare `data` for values.

    Args:
        data: (...) real numbers, copied; integers become float64.
        requires_grad: whether to differentiate with respect to this tensor.
    Attributes:
        data: (...) float array, the value.
        grad: None, or for a leaf the sum of ∂output/∂this over all calls of `backward` since `zero_grad`, an
            array with the shape and dtype of `data`.
        requires_grad: bool; of a result: whether it depends on a tensor that requires a gradient.
        parents: tuple of the tensors it was computed from, as far as they require a gradient.
        operation: str, what computed it, such as "*"; empty for a leaf.

    >>> a = Tensor([2.0, -3.0], requires_grad=True)
    >>> loss = (a * a + 10 * a).sum()
    >>> loss.backward()
    >>> float(loss), a.grad
    (3.0, array([14.,  4.]))
    """

    __slots__ = ("__weakref__", "_rules", "data", "grad", "operation", "parents", "requires_grad")
    __array_ufunc__ = None  # makes `array * tensor` come here instead of to each entry of the array

    def __init__(self, data, requires_grad=False):
        self.data = np.array(as_float(data, "data"))
        self.grad, self.requires_grad = None, bool(requires_grad)
        self.parents, self._rules, self.operation = (), (), ""

    @property
    def shape(self):
        return self.data.shape

    @property
    def ndim(self):
        return self.data.ndim

    def __float__(self):
        return float(self.data)

    def __repr__(self):
        values = np.array2string(self.data, separator=", ", prefix="Tensor(")
        return f"Tensor({values}{', requires_grad=True' if self.requires_grad else ''})"

    def zero_grad(self):
        """Forget the gradient: `grad` becomes None."""
        self.grad = None

    def backward(self, upstream=None):
        """Add ∂loss/∂leaf to the `grad` of each leaf that this tensor depends on.

        Args:
            upstream: (...) float, ∂loss/∂this, the shape of this tensor; None stands for 1 at a single number.
        Raises:
            ValueError: there is nothing to differentiate, or `upstream` is missing or has another shape.
        Source:
            Griewank & Walther (2008), Evaluating Derivatives, 2nd edition, section 3.2.
        """
        if not self.requires_grad:
            raise ValueError(
                "backward needs a tensor computed, outside no_grad, from one with requires_grad=True"
            )
        with no_grad():
            for node, u in _chain_rule(self, upstream):
                if not node.parents:
                    node.grad = np.array(u.data if node.grad is None else node.grad + u.data)

    # Arithmetic. Each pair reads: a tensor it came from, ∂loss/∂it from u = ∂loss/∂y and the output y.

    def __add__(self, other):
        a, b = self, _as_tensor(other, self.data.dtype)
        return _result("+", a.data + b.data, (a, lambda u, y: u), (b, lambda u, y: u))

    def __sub__(self, other):
        a, b = self, _as_tensor(other, self.data.dtype)
        return _result("-", a.data - b.data, (a, lambda u, y: u), (b, lambda u, y: -u))

    def __mul__(self, other):
        a, b = self, _as_tensor(other, self.data.dtype)
        return _result("*", a.data * b.data, (a, lambda u, y: u * b), (b, lambda u, y: u * a))

    def __truediv__(self, other):
        a, b = self, _as_tensor(other, self.data.dtype)
        return _result("/", a.data / b.data, (a, lambda u, y: u / b), (b, lambda u, y: -u * y / b))

    def __pow__(self, exponent):
        if not isinstance(exponent, _NUMBER):
            raise TypeError(f"the exponent must be a number, got {type(exponent).__name__}")
        if exponent == 0:  # constant; the rule below would be 0·a⁻¹, nan at a = 0
            return _result("**", self.data**0)
        n = float(exponent)
        return _result("**", self.data**n, (self, lambda u, y: u * n * self ** (n - 1)))

    def __matmul__(self, other):
        a, b = self, _as_tensor(other, self.data.dtype)
        A = a.reshape(1, -1) if a.ndim == 1 else a  # as matmul does: a vector is a row on the left
        B = b.reshape(-1, 1) if b.ndim == 1 else b  # and a column on the right
        Y = _result("@", A.data @ B.data, (A, lambda u, y: u @ B.mT), (B, lambda u, y: A.mT @ u))
        if a.ndim == 1:
            Y = Y.reshape(Y.shape[:-2] + Y.shape[-1:])
        return Y.reshape(Y.shape[:-1]) if b.ndim == 1 else Y

    def __neg__(self):
        return _result("-", -self.data, (self, lambda u, y: -u))

    def __radd__(self, other):
        return _as_tensor(other, self.data.dtype) + self

    def __rsub__(self, other):
        return _as_tensor(other, self.data.dtype) - self

    def __rmul__(self, other):
        return _as_tensor(other, self.data.dtype) * self

    def __rtruediv__(self, other):
        return _as_tensor(other, self.data.dtype) / self

    def __rmatmul__(self, other):
        return _as_tensor(other, self.data.dtype) @ self

    # Elementwise functions.

    def exp(self):
        return _result("exp", np.exp(self.data), (self, lambda u, y: u * y))

    def log(self):
        return _result("log", np.log(self.data), (self, lambda u, y: u / self))

    def sqrt(self):
        return _result("sqrt", np.sqrt(self.data), (self, lambda u, y: u / (2 * y)))

    def sin(self):
        return _result("sin", np.sin(self.data), (self, lambda u, y: u * self.cos()))

    def cos(self):
        return _result("cos", np.cos(self.data), (self, lambda u, y: -u * self.sin()))

    def tanh(self):
        # 1 − tanh²(a), written so that nothing cancels in the tails: 4σ(2a)σ(−2a)
        rule = (self, lambda u, y: u * (2 * self).sigmoid() * (-2 * self).sigmoid() * 4)
        return _result("tanh", np.tanh(self.data), rule)

    def sigmoid(self):
        rule = (self, lambda u, y: u * y * (-self).sigmoid())  # 1 − σ(a) = σ(−a) does not cancel
        return _result("sigmoid", activations.sigmoid(self.data), rule)

    def relu(self):
        step = activations.relu_grad(self.data)
        return _result("relu", activations.relu(self.data), (self, lambda u, y: u * step))

    def __abs__(self):
        return _result("abs", np.abs(self.data), (self, lambda u, y: u * np.sign(self.data)))

    def maximum(self, other):
        """The larger of each pair of entries; equal ones get half of the gradient each."""
        a, b = self, _as_tensor(other, self.data.dtype)
        y = np.maximum(a.data, b.data)
        a_wins = np.add(a.data > b.data, a.data >= b.data, dtype=y.dtype) / 2  # 1, at a tie 1/2, else 0
        return _result("maximum", y, (a, lambda u, y: u * a_wins), (b, lambda u, y: u * (1 - a_wins)))

    # Reductions: `axis` is an int, a tuple of ints, or None for all axes.

    def sum(self, axis=None, keepdims=False):
        y = self.data.sum(axis=axis, keepdims=True)
        return _without(axis, keepdims, _result("sum", y, (self, lambda u, y: u.broadcast_to(self.shape))))

    def mean(self, axis=None, keepdims=False):
        total = self.sum(axis, keepdims)
        return total / (self.data.size / max(total.data.size, 1))

    def max(self, axis=None, keepdims=False):
        """Maximum along `axis`; equal ones share the gradient, see `max_backward`."""
        y = self.data.max(axis=axis, keepdims=True)
        one = np.ones_like(y.squeeze(axis))
        rule = (self, lambda u, y: u * max_backward(one, self.data, axis))
        return _without(axis, keepdims, _result("max", y, rule))

    # Shapes.

    def reshape(self, *shape):
        return _result("reshape", self.data.reshape(*shape), (self, lambda u, y: u.reshape(self.shape)))

    def broadcast_to(self, shape):
        return _result("broadcast", np.broadcast_to(self.data, shape), (self, lambda u, y: u))

    def transpose(self, *axes):
        """Axes in the order given, reversed without one; `T` is short for that, `mT` swaps the last two."""
        axes = [axis % self.ndim for axis in axes] or range(self.ndim)[::-1]
        back = np.argsort(axes)
        return _result("transpose", self.data.transpose(axes), (self, lambda u, y: u.transpose(*back)))

    @property
    def T(self):
        return self.transpose()

    @property
    def mT(self):
        return _result("transpose", self.data.mT, (self, lambda u, y: u.mT))

    def __getitem__(self, index):
        """Entries at any NumPy index; one that is picked twice collects both gradients."""
        return _result("[]", self.data[index], (self, lambda u, y: u._scatter(index, self.shape)))

    def _scatter(self, index, shape):
        """Zeros of `shape` with this tensor added at `index`: what indexing is backwards."""
        y = np.zeros(shape, self.data.dtype)
        np.add.at(y, index, self.data)  # `y[index] += …` would count a repeated index once
        return _result("scatter", y, (self, lambda u, y: u[index]))

    @staticmethod
    def concatenate(tensors, axis=0):
        """Tensors of one shape, `axis` excepted, one after the other along it."""
        tensors = [_as_tensor(tensor) for tensor in tensors]
        y = np.concatenate([tensor.data for tensor in tensors], axis)
        rules, stop = [], 0
        for tensor in tensors:
            start, stop = stop, stop + tensor.shape[axis]
            part = (slice(None),) * (axis % y.ndim) + (slice(start, stop),)
            rules.append((tensor, lambda u, y, part=part: u[part]))
        return _result("concatenate", y, *rules)

    @staticmethod
    def stack(tensors, axis=0):
        """Tensors of one shape along a new `axis`."""
        tensors = [_as_tensor(tensor) for tensor in tensors]
        at = axis % (tensors[0].ndim + 1)
        return Tensor.concatenate([t.reshape(*t.shape[:at], 1, *t.shape[at:]) for t in tensors], at)

    # Made of the operations above, so they need no rules of their own.

    def logsumexp(self, axis=None, keepdims=False):
        """log Σ exp(z), without overflow: the shift by the maximum, a constant, changes nothing."""
        top = self.data.max(axis=axis, keepdims=True)
        return _without(axis, keepdims, (self - top).exp().sum(axis, keepdims=True).log() + top)

    def log_softmax(self, axis=-1):
        return self - self.logsumexp(axis, keepdims=True)

    def softmax(self, axis=-1):
        return self.log_softmax(axis).exp()

    def cross_entropy(self, labels):
        """Mean over N examples of −log softmax(z)_label in nats, for logits (N, K) and integer labels (N,)."""
        labels = np.asarray(labels)
        if self.ndim != 2 or labels.shape != self.shape[:1] or labels.dtype.kind not in "iu":
            raise ValueError(
                f"logits and integer labels must have shapes (N, K) and (N,), got {self.shape} and {labels.shape}"
            )
        N, K = self.shape
        if not ((labels >= 0) & (labels < K)).all():
            raise ValueError(f"labels must be in 0 to {K - 1}, got {labels.min()} to {labels.max()}")
        return -self.log_softmax()[np.arange(N), labels].mean()


def gradients(output, inputs, upstream=None):
    """∂output/∂input for each input, as tensors that can be differentiated again; no `grad` is written.

    Args:
        output: Tensor.
        inputs: sequence of Tensors, leaves or not, that require gradients.
        upstream: (...) float, ∂loss/∂output, the shape of `output`; None stands for 1 at a single number.
    Returns:
        list of Tensors of the shapes of `inputs`; zeros where `output` does not depend on one.
    Raises:
        ValueError: an input requires no gradient, or `upstream` is missing or has another shape than `output`.
        TypeError: `inputs` is one Tensor, whose entries would be taken for inputs.
    Source:
        Griewank & Walther (2008), Evaluating Derivatives, 2nd edition, section 3.2.

    >>> x = Tensor(2.0, requires_grad=True)
    >>> [slope] = gradients(x**3, [x])
    >>> [curvature] = gradients(slope, [x])
    >>> float(slope), float(curvature)
    (12.0, 12.0)
    """
    if isinstance(inputs, Tensor):
        raise TypeError("inputs must be a sequence of Tensors, got one Tensor")
    if not all(x.requires_grad for x in inputs):
        raise ValueError("each input must have requires_grad=True, or be computed from one that has")
    found = {node: u for node, u in _chain_rule(output, upstream) if node in inputs}
    return [found[x] if x in found else Tensor(np.zeros_like(x.data)) for x in inputs]


def hessian_vector_product(f, x, v):
    """Exact product of the Hessian of a scalar function and a vector, without forming the matrix.

        H v = ∇ₓ ⟨∇f(x), v⟩,  H_ij = ∂²f / ∂x_i ∂x_j

    The gradient is recorded like any other calculation and traced back a second time, which costs a few
    evaluations of `f`, whatever the size of `x`. Where `f` has a kink, H is that of the side the rules choose.

    Args:
        f: called with a Tensor of the shape and dtype of `x`, returns a Tensor of one number.
        x: (...) float, the point.
        v: (...) float, the vector, the shape of `x`.
    Returns:
        (...) float, shape and dtype of `x`.
    Raises:
        ValueError: shapes of `x` and `v` differ, or `f` returns more than one number.
    Source:
        Pearlmutter (1994), Fast exact multiplication by the Hessian, Neural Computation 6(1), 147-160.

    >>> hessian_vector_product(lambda x: x[0] ** 2 * x[1], np.array([3.0, 5.0]), np.array([1.0, 0.0]))
    array([10.,  6.])
    """
    x = Tensor(x, requires_grad=True)
    recording = _recording.set(True)  # also inside no_grad
    try:
        [gradient] = gradients(f(x), [x])
        [product] = gradients(gradient, [x], upstream=v)
    finally:
        _recording.reset(recording)
    return product.data.copy()


def _as_tensor(value, dtype=None):
    """`value` as a Tensor, without a copy; what has no float dtype of its own gets `dtype`."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, _NUMBER) or np.asarray(value).dtype.kind in "biu":
        value = np.asarray(value, dtype)
    return _result("", as_float(value, "operand"))


def _result(operation, data, *rules):
    """The outcome of an operation, with a pair (parent, rule) for each tensor that it came from."""
    result = Tensor.__new__(Tensor)
    rules = [(parent, rule) for parent, rule in rules if parent.requires_grad] if _recording.get() else []
    result.data, result.grad, result.requires_grad = np.asarray(data), None, bool(rules)
    result.operation = operation
    result.parents = tuple(parent for parent, _ in rules)
    result._rules = tuple(rule for _, rule in rules)
    return result


def _without(axis, keepdims, tensor):
    """The result of a reduction, with or without its axes of length 1."""
    return tensor if keepdims else tensor.reshape(tensor.data.squeeze(axis).shape)


def _fit(u, like):
    """The gradient `u` in the shape and dtype of the tensor `like`: undoes broadcasting and promotion."""
    if u.shape == like.shape and u.data.dtype == like.data.dtype:
        return u
    data = unbroadcast(u.data, like.shape).astype(like.data.dtype)
    return _result("sum", data, (u, lambda w, y: w.broadcast_to(u.shape)))


def _chain_rule(output, upstream):
    """Yield each tensor that `output` depends on, last first, with its whole gradient."""
    if upstream is None:
        if output.data.size != 1:
            raise ValueError(
                f"an output of shape {output.shape} needs an upstream gradient; 1 stands for a number's"
            )
        upstream = np.ones_like(output.data)
    upstream = as_float(upstream, "upstream").astype(output.data.dtype)
    if upstream.shape != output.shape:
        raise ValueError(f"upstream must have shape {output.shape}, got {upstream.shape}")
    found = {output: _result("", upstream)}
    for node in reversed(topological_order(output, attrgetter("parents"))):
        u = found.pop(node)  # complete: all that was computed from `node` came before
        for parent, rule in zip(node.parents, node._rules, strict=True):
            du = _fit(rule(u, node), parent)
            found[parent] = found[parent] + du if parent in found else du
        yield node, u
