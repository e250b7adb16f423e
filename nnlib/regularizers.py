"""Penalties on the size of weights, each with its gradient right below it.

A penalty is added to the loss, and its gradient to the loss's gradient at the same weights. It is a sum over the
weights, not a mean: its strength need not change with the batch. By custom biases get none.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib._arguments import as_float, as_parameter


def l1_penalty(w, strength):
    """L1 penalty (lasso): pulls every weight by the same force, so that many are 0 at the minimum.

        R = λ·Σ_i |w_i|

    Args:
        w: (...) float, the weights.
        strength: λ, 0 or more and finite, in units of the loss for each unit of weight.
    Returns:
        float, 0 or more, in the unit of the loss.
    Raises:
        ValueError: strength negative or not finite.
    Source:
        Tibshirani (1996), Regression shrinkage and selection via the lasso, Journal of the Royal Statistical
        Society B 58(1), 267-288; for networks: Goodfellow et al. (2016), Deep Learning, section 7.1.2.

    >>> l1_penalty(np.array([[1.0, -2.0], [0.0, 3.0]]), 0.5)
    3.0
    """
    strength = _strength("strength", strength)
    with np.errstate(over="ignore", under="ignore"):
        return strength * float(np.abs(as_float(w, "w")).sum())


def l1_penalty_grad(w, strength):
    """Gradient of the L1 penalty: the same for a large weight as for a small one.

        ∂R/∂w_i = λ·sign(w_i)      (0 at the kink w_i = 0, as in PyTorch)

    By itself it does not move a weight of 0. Gradient steps do not end at 0 but hop about it, by η·λ.

    Args:
        w, strength: as for `l1_penalty`.
    Returns:
        (...) float, shape and dtype of `w`.
    Raises:
        ValueError: strength negative or not finite.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 7.1.2.

    >>> l1_penalty_grad(np.array([1.0, -2.0, 0.0]), 0.5)
    array([ 0.5, -0.5,  0. ])
    """
    strength = _strength("strength", strength)
    with np.errstate(over="ignore", under="ignore"):
        return strength * np.sign(as_float(w, "w"))


def l2_penalty(w, strength):
    """L2 penalty (ridge, weight decay), halved, so that its gradient is λw.

        R = ½λ·Σ_i w_i²

    With this ½ an optimizer's coupled weight decay, such as PyTorch's `SGD(weight_decay=λ)`, adds just this penalty's
    gradient. Keras's `L2(λ)` has no ½: it is twice this.

    Args:
        w: (...) float, the weights.
        strength: λ, 0 or more and finite, in units of the loss for each squared unit of weight.
    Returns:
        float, 0 or more, in the unit of the loss.
    Raises:
        ValueError: strength negative or not finite.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 7.1.1.

    >>> l2_penalty(np.array([[1.0, -2.0], [0.0, 3.0]]), 0.5)
    3.5
    """
    strength = _strength("strength", strength)
    w = as_float(w, "w")
    with np.errstate(over="ignore", under="ignore"):
        return strength * float((w * w).sum()) / 2


def l2_penalty_grad(w, strength):
    """Gradient of the L2 penalty: a pull towards 0 in proportion to the weight.

        ∂R/∂w_i = λ·w_i

    Args:
        w, strength: as for `l2_penalty`.
    Returns:
        (...) float, shape and dtype of `w`.
    Raises:
        ValueError: strength negative or not finite.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 7.1.1.

    >>> l2_penalty_grad(np.array([1.0, -2.0, 0.0]), 0.5)
    array([ 0.5, -1. ,  0. ])
    """
    strength = _strength("strength", strength)
    with np.errstate(over="ignore", under="ignore"):
        return strength * as_float(w, "w")


def elastic_net_penalty(w, l1, l2):
    """Elastic net: both penalties, so that weights are 0 at the minimum, but those of like inputs together.

        R = λ₁·Σ_i |w_i| + ½λ₂·Σ_i w_i²

    The paper has no ½. In scikit-learn's terms λ₁ is alpha·l1_ratio and λ₂ is alpha·(1 − l1_ratio).

    Args:
        w: (...) float, the weights.
        l1: λ₁, as for `l1_penalty`.
        l2: λ₂, as for `l2_penalty`.
    Returns:
        float, 0 or more, in the unit of the loss.
    Raises:
        ValueError: a strength negative or not finite.
    Source:
        Zou & Hastie (2005), Regularization and variable selection via the elastic net, Journal of the Royal
        Statistical Society B 67(2), 301-320.

    >>> elastic_net_penalty(np.array([[1.0, -2.0], [0.0, 3.0]]), l1=0.5, l2=1.0)  # 3 + 7
    10.0
    """
    l1, l2 = _strength("l1", l1), _strength("l2", l2)
    return l1_penalty(w, l1) + l2_penalty(w, l2)


def elastic_net_penalty_grad(w, l1, l2):
    """Gradient of the elastic net's penalty.

        ∂R/∂w_i = λ₁·sign(w_i) + λ₂·w_i      (0 at w_i = 0)

    Args:
        w, l1, l2: as for `elastic_net_penalty`.
    Returns:
        (...) float, shape and dtype of `w`.
    Raises:
        ValueError: a strength negative or not finite.
    Source:
        Zou & Hastie (2005), as for `elastic_net_penalty`, differentiated.

    >>> elastic_net_penalty_grad(np.array([1.0, -2.0, 0.0]), l1=0.5, l2=1.0)
    array([ 1.5, -2.5,  0. ])
    """
    l1, l2 = _strength("l1", l1), _strength("l2", l2)
    with np.errstate(over="ignore"):
        return l1_penalty_grad(w, l1) + l2_penalty_grad(w, l2)


def _strength(name, value):
    return as_parameter(name, value, 0 <= value < np.inf, "0 or more and finite")


class Regularizer(NamedTuple):
    """A penalty and its gradient; both take (w, **strengths).

    >>> REGULARIZERS["l2"].grad(np.array([1.0, -2.0]), strength=0.1)
    array([ 0.1, -0.2])
    """

    f: Callable
    grad: Callable


REGULARIZERS: dict[str, Regularizer] = {
    "l1": Regularizer(l1_penalty, l1_penalty_grad),
    "l2": Regularizer(l2_penalty, l2_penalty_grad),
    "elastic_net": Regularizer(elastic_net_penalty, elastic_net_penalty_grad),
}
