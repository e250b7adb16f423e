"""What a backward pass needs besides its rules: the order of the nodes, and the gradients of copies and maxima."""

import numpy as np

from nnlib._arguments import as_float


def unbroadcast(gradient, shape):
    """Gradient at an array of `shape` that broadcasting copied into the shape of `gradient`.

        ∂loss/∂x_i = Σ ∂loss/∂(copy of x_i)      (sums over the axes that were added or stretched from 1)

    Args:
        gradient: (...) float, ∂loss/∂(the broadcast array).
        shape: tuple of int, the array's shape before.
    Returns:
        float array of `shape`, always a new one.
    Raises:
        ValueError: an array of `shape` does not broadcast to the shape of `gradient`.
    Source:
        The chain rule: the derivative at an entry that is used k times is a sum of k terms.

    >>> unbroadcast(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    >>> unbroadcast(np.ones((2, 3)), (2, 1))
    array([[3.],
           [3.]])
    """
    gradient, shape = as_float(gradient, "gradient"), tuple(shape)
    added = gradient.ndim - len(shape)
    now = gradient.shape[max(added, 0) :]
    if added < 0 or any(n not in (1, m) for n, m in zip(shape, now, strict=True)):
        raise ValueError(f"shape must broadcast to that of gradient, {gradient.shape}, got {shape}")
    stretched = [added + i for i, n in enumerate(shape) if n != now[i]]
    return np.asarray(gradient.sum(axis=(*range(added), *stretched))).reshape(shape)


def max_backward(upstream, X, axis=None):
    """Gradient at `X` of its maximum along `axis`; equal maxima share it evenly.

        dX_i = u / k if X_i = max(X) else 0      (k: how many entries attain the maximum)

    Sharing is symmetric and is one of the subgradients. `torch.amax`, JAX and HIPS autograd share too; `torch.max`
    with a dimension and max pooling give all of it to one entry instead.

    Args:
        upstream: (...) float, ∂loss/∂max, the shape of `X` without the axes of the maximum.
        X: (...) float, the input of the forward pass.
        axis: int or tuple of int; None for the maximum over all entries.
    Returns:
        (...) float, shape and dtype of `X`.
    Raises:
        ValueError: the shape of `upstream` differs from that of the maximum.
    Source:
        Boyd & Vandenberghe (2008), Subgradients, notes for EE364b at Stanford University: the pointwise maximum.

    >>> max_backward(np.array([1.0, 10.0]), np.array([[3.0, 7.0, 7.0], [5.0, 2.0, 0.0]]), axis=1)
    array([[ 0. ,  0.5,  0.5],
           [10. ,  0. ,  0. ]])
    """
    X = as_float(X, "X")
    upstream = as_float(upstream, "upstream").astype(X.dtype)
    top = X.max(axis=axis, keepdims=True)
    reduced = np.squeeze(top, axis).shape
    if upstream.shape != reduced:
        raise ValueError(f"upstream must have the shape of the maximum, {reduced}, got {upstream.shape}")
    attained = top == X
    return attained * (upstream.reshape(top.shape) / attained.sum(axis=axis, keepdims=True, dtype=X.dtype))


def topological_order(root, parents):
    """All that `root` was computed from, each once, and every node after its parents; `root` is the last.

    It keeps its own stack: a recursive search would fail at Python's limit, for a chain of about 1,000 nodes.
    Depth first, a node is listed once all its parents are. Listing it on arrival instead would put a node
    before a parent that is also reached by a longer way.

    Args:
        root: the node to start from.
        parents: function from a node to the sequence of nodes that it was computed from, with repeats allowed. Nodes
            are hashable, and no node is its own ancestor.
    Returns:
        list of nodes.
    Source:
        Cormen, Leiserson, Rivest & Stein (2009), Introduction to Algorithms, 3rd edition, section 22.4.

    >>> topological_order("c", {"a": [], "b": ["a", "a"], "c": ["b", "a"]}.get)
    ['a', 'b', 'c']
    """
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, parents_are_listed = stack.pop()
        if parents_are_listed:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in reversed(parents(node)))
    return order
