"""A small engine for reverse-mode automatic differentiation on arrays."""

from nnlib.autodiff.backward import max_backward, topological_order, unbroadcast
from nnlib.autodiff.tensor import Tensor, gradients, hessian_vector_product, no_grad

__all__ = [
    "Tensor",
    "gradients",
    "hessian_vector_product",
    "max_backward",
    "no_grad",
    "topological_order",
    "unbroadcast",
]
