"""Activation functions, each with its derivative right below it.

Conventions, the same for all of them:

- A derivative `f_grad` takes the function's *input* z. At a kink it is the left limit.
- Any shape goes in, () and empty ones too, and the same shape comes out, always as a new array.
- A float dtype is kept; integers become float64. Complex numbers and text raise TypeError.
- No finite z warns, and none overflows unless the true value does. At ±inf stands the limit (unless a slope
  or beta of 0 makes it 0·inf), and nan stays nan.
- Where the true value is tiny in a tail so is the result, with its leading digits right, until it underflows to 0
  (not beside a root of a derivative, and not in softmax's Jacobian, where 1 − s is rounded).
  `np.errstate(under="ignore")` says so also to a reader who has turned underflow into an error.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib._arguments import as_float, as_parameter
from nnlib.special import erfc

# The fixed point of Klambauer et al. (2017): mean 0 and variance 1 in give mean 0 and variance 1 out.
_SELU_SCALE = 1.0507009873554804934193349852946
_SELU_ALPHA = 1.6732632423543772848170429916717


def sigmoid(z):
    """Logistic sigmoid: squeezes the real line into (0, 1).

        σ(z) = 1 / (1 + exp(−z))

    Args:
        z: (...) float, the pre-activation.
    Returns:
        (...) float in [0, 1], the shape of `z`.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 3.10.

    >>> sigmoid(np.array([-1000.0, 0.0, 2.0]))
    array([0.        , 0.5       , 0.88079708])
    """
    z = as_float(z)
    with np.errstate(under="ignore"):
        e = np.exp(-np.abs(z))  # at most 1: exp(−z) overflows for z = −1000
    return np.where(z >= 0, 1, e) / (1 + e)


def sigmoid_grad(z):
    """Derivative of the sigmoid at the pre-activation `z`.

        σ'(z) = σ(z)·(1 − σ(z)) = exp(−|z|) / (1 + exp(−|z|))²      (at most 1/4, at z = 0)

    Args:
        z: (...) float, the sigmoid's input, not its output.
    Returns:
        (...) float in [0, 1/4] up to rounding, the shape of `z`.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 3.10.

    >>> sigmoid_grad(np.array([-2.0, 0.0, 2.0]))
    array([0.10499359, 0.25      , 0.10499359])
    """
    z = as_float(z)
    with np.errstate(under="ignore"):
        e = np.exp(-np.abs(z))  # even in z: 1 − σ(z) would round to 0 for z > 37
        return e / (1 + e) ** 2


def tanh(z):
    """Hyperbolic tangent: a sigmoid that is centred on 0.

        tanh(z) = (exp(z) − exp(−z)) / (exp(z) + exp(−z)) = 2σ(2z) − 1

    Args:
        z: (...) float, the pre-activation.
    Returns:
        (...) float in [−1, 1], the shape of `z`.
    Source:
        LeCun, Bottou, Orr & Müller (1998), Efficient BackProp, section 4.4.

    >>> tanh(np.array([-1000.0, 0.0, 1.0]))
    array([-1.        ,  0.        ,  0.76159416])
    """
    with np.errstate(under="ignore"):
        return np.tanh(as_float(z))  # the quotient above is inf / inf for z = 1000; NumPy's is not


def tanh_grad(z):
    """Derivative of tanh at the pre-activation `z`.

        tanh'(z) = 1 − tanh(z)² = 1 / cosh(z)²      (at most 1, at z = 0)

    Args:
        z: (...) float, tanh's input, not its output.
    Returns:
        (...) float in [0, 1] up to rounding, the shape of `z`.
    Source:
        LeCun, Bottou, Orr & Müller (1998), Efficient BackProp, section 4.4.

    >>> tanh_grad(np.array([0.0, 1.0, 20.0]))
    array([1.00000000e+00, 4.19974342e-01, 1.69934170e-17])
    """
    z = as_float(z)
    with np.errstate(under="ignore"):
        e = np.exp(-np.abs(z))
        one_over_cosh = 2 * e / (1 + e * e)  # 1 − tanh² would round to 0 for z > 19, cosh overflow
        return one_over_cosh**2


def relu(z):
    """Rectified linear unit: passes what is positive.

        f(z) = max(z, 0)

    Args:
        z: (...) float, the pre-activation.
    Returns:
        (...) float, 0 or more, the shape of `z`.
    Source:
        Nair & Hinton (2010), Rectified linear units improve restricted Boltzmann machines.

    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    return np.maximum(as_float(z), 0)


def relu_grad(z):
    """Derivative of ReLU at the pre-activation `z`.

        f'(z) = 1 if z > 0 else 0      (0 at z = 0, by convention)

    Args:
        z: (...) float, ReLU's input.
    Returns:
        (...) float, 0 or 1, the shape of `z`.
    Source:
        Nair & Hinton (2010), Rectified linear units improve restricted Boltzmann machines.

    >>> relu_grad(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 1.])
    """
    return np.sign(np.maximum(as_float(z), 0))  # np.heaviside is slower; a comparison would lose nan


def leaky_relu(z, slope=0.01):
    """Leaky ReLU: a ReLU that keeps a small slope on the left, so that above slope 0 no unit is quite dead.

        f(z) = z if z > 0 else slope·z

    Args:
        z: (...) float, the pre-activation.
        slope: derivative for z <= 0, unitless, in [0, 1).
    Returns:
        (...) float, the shape of `z`.
    Raises:
        ValueError: slope outside [0, 1).
    Source:
        Maas, Hannun & Ng (2013), Rectifier nonlinearities improve neural network acoustic models, section 2.

    >>> leaky_relu(np.array([-2.0, 0.0, 3.0]), slope=0.1)
    array([-0.2,  0. ,  3. ])
    """
    slope = as_parameter("slope", slope, 0 <= slope < 1, "in [0, 1)")
    z = as_float(z)
    with np.errstate(under="ignore"):
        return np.maximum(z, 0) + slope * np.minimum(z, 0)


def leaky_relu_grad(z, slope=0.01):
    """Derivative of leaky ReLU at the pre-activation `z`.

        f'(z) = 1 if z > 0 else slope      (slope at z = 0, by convention)

    Args:
        z: (...) float, the activation's input, not its output.
        slope: derivative for z <= 0, unitless, in [0, 1).
    Returns:
        (...) float, the shape of `z`.
    Raises:
        ValueError: slope outside [0, 1).
    Source:
        Maas, Hannun & Ng (2013), section 2.

    >>> leaky_relu_grad(np.array([-2.0, 0.0, 3.0]), slope=0.1)
    array([0.1, 0.1, 1. ])
    """
    slope = as_parameter("slope", slope, 0 <= slope < 1, "in [0, 1)")
    right = np.sign(np.maximum(as_float(z), 0))  # 1 right of the kink, else 0
    return right + slope * (1 - right)


def elu(z, alpha=1.0):
    """Exponential linear unit: the identity on the right, saturating at −α on the left.

        f(z) = z if z > 0 else α·(exp(z) − 1)

    Args:
        z: (...) float, the pre-activation.
        alpha: the depth α of the left side, in the units of `z`, positive and finite.
    Returns:
        (...) float above or at −α, the shape of `z`.
    Raises:
        ValueError: alpha not positive or not finite.
    Source:
        Clevert, Unterthiner & Hochreiter (2016), Fast and accurate deep network learning by
        exponential linear units (ELUs), arXiv:1511.07289.

    >>> elu(np.array([-1000.0, -1.0, 3.0]))
    array([-1.        , -0.63212056,  3.        ])
    """
    alpha = as_parameter("alpha", alpha, 0 < alpha < np.inf, "positive and finite")
    z = as_float(z)
    with np.errstate(under="ignore"):
        left = np.minimum(z, 0)  # exp(z) would overflow on the right, although it is not used there
        return np.maximum(z, 0) + alpha * np.expm1(left)


def elu_grad(z, alpha=1.0):
    """Derivative of ELU at the pre-activation `z`.

        f'(z) = 1 if z > 0 else α·exp(z)      (α at z = 0, the left limit)

    Args:
        z: (...) float, the activation's input, not its output.
        alpha: as for `elu`.
    Returns:
        (...) float, 0 or more, the shape of `z`.
    Raises:
        ValueError: alpha not positive or not finite.
    Source:
        Clevert, Unterthiner & Hochreiter (2016), arXiv:1511.07289.

    >>> elu_grad(np.array([-1.0, 0.0, 3.0]), alpha=2.0)
    array([0.73575888, 2.        , 1.        ])
    """
    alpha = as_parameter("alpha", alpha, 0 < alpha < np.inf, "positive and finite")
    z = as_float(z)
    right = np.heaviside(z, 0)
    with np.errstate(under="ignore"):
        return right + (1 - right) * alpha * np.exp(np.minimum(z, 0))


def selu(z):
    """Scaled ELU: with LeCun's weights it draws wide layers to mean 0 and variance 1.

        f(z) = λ·z if z > 0 else λα·(exp(z) − 1),  λ = 1.0507…, α = 1.6733…

    Args:
        z: (...) float, the pre-activation.
    Returns:
        (...) float above or at −λα = −1.7581, the shape of `z`.
    Source:
        Klambauer, Unterthiner, Mayr & Hochreiter (2017), Self-normalizing neural networks, arXiv:1706.02515.

    >>> selu(np.array([-1000.0, 0.0, 1.0]))
    array([-1.75809934,  0.        ,  1.05070099])
    """
    with np.errstate(over="ignore", under="ignore"):  # λ > 1: the largest floats become inf
        return _SELU_SCALE * elu(z, _SELU_ALPHA)


def selu_grad(z):
    """Derivative of SELU at the pre-activation `z`.

        f'(z) = λ if z > 0 else λα·exp(z)      (λα = 1.7581 at z = 0, the left limit)

    Args:
        z: (...) float, the activation's input, not its output.
    Returns:
        (...) float, 0 or more, the shape of `z`.
    Source:
        Klambauer, Unterthiner, Mayr & Hochreiter (2017), arXiv:1706.02515.

    >>> selu_grad(np.array([-1.0, 0.0, 1.0]))
    array([0.6467686 , 1.75809934, 1.05070099])
    """
    with np.errstate(under="ignore"):
        return _SELU_SCALE * elu_grad(z, _SELU_ALPHA)


def softplus(z):
    """Softplus: a smooth ReLU.

        f(z) = log(1 + exp(z)) = max(z, 0) + log(1 + exp(−|z|))

    Args:
        z: (...) float, the pre-activation.
    Returns:
        (...) float, 0 or more, the shape of `z`.
    Source:
        Dugas, Bengio, Bélisle, Nadeau & Garcia (2001), Incorporating second-order functional knowledge
        for better option pricing.

    >>> softplus(np.array([-50.0, 1.0, 1000.0]))
    array([1.92874985e-22, 1.31326169e+00, 1.00000000e+03])
    """
    z = as_float(z)
    with np.errstate(under="ignore"):
        # exp(z) would overflow for z = 1000; log(1 + e) would be 0 for e < 1e-16, log1p(e) is not.
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_grad(z):
    """Derivative of softplus at the pre-activation `z`: the sigmoid.

        f'(z) = σ(z)

    Args:
        z: (...) float, the activation's input, not its output.
    Returns:
        (...) float in [0, 1], the shape of `z`.
    Source:
        Dugas et al. (2001), as for `softplus`.

    >>> softplus_grad(np.array([-50.0, 0.0, 1.0]))
    array([1.92874985e-22, 5.00000000e-01, 7.31058579e-01])
    """
    return sigmoid(z)


def swish(z, beta=1.0):
    """Swish: z gated by its own sigmoid. With β = 1 it is the SiLU; towards β = ∞ it becomes ReLU.

        f(z) = z·σ(βz)

    Args:
        z: (...) float, the pre-activation.
        beta: the sharpness β of the gate, per unit of `z`, finite; 0 gives z/2.
    Returns:
        (...) float, the shape of `z`.
    Raises:
        ValueError: beta not finite.
    Source:
        Ramachandran, Zoph & Le (2017), Searching for activation functions, arXiv:1710.05941.

    >>> swish(np.array([-1.0, 0.0, 1.0]))
    array([-0.26894142,  0.        ,  0.73105858])
    """
    beta = as_parameter("beta", beta, -np.inf < beta < np.inf, "finite")
    z = as_float(z)
    with np.errstate(over="ignore", under="ignore"):  # βz = ±inf is well: σ is then 0 or 1
        return _gated(z, sigmoid(beta * z))


def swish_grad(z, beta=1.0):
    """Derivative of swish with respect to `z`, at the pre-activation `z`.

        f'(z) = σ(βz) + βz·σ'(βz)

    Args:
        z: (...) float, the activation's input, not its output.
        beta: as for `swish`.
    Returns:
        (...) float, the shape of `z`.
    Raises:
        ValueError: beta not finite.
    Source:
        Ramachandran, Zoph & Le (2017), arXiv:1710.05941.

    >>> swish_grad(np.array([-1.0, 0.0, 1.0]))
    array([0.07232949, 0.5       , 0.92767051])
    """
    beta = as_parameter("beta", beta, -np.inf < beta < np.inf, "finite")
    z = as_float(z)
    with np.errstate(over="ignore", under="ignore"):
        u = beta * z
        return sigmoid(u) + _gated(u, sigmoid_grad(u))


def gelu(z, form="erf"):
    """Gaussian error linear unit: z times the probability that a standard normal lies below z.

        f(z) = z·Φ(z) = z·½·(1 + erf(z/√2))                        (form "erf", the definition)
        f(z) ≈ z·½·(1 + tanh(√(2/π)·(z + 0.044715·z³)))            (form "tanh", within 5e-4 of it)

    Args:
        z: (...) float, the pre-activation.
        form: "erf" or "tanh".
    Returns:
        (...) float, the shape of `z`.
    Raises:
        ValueError: another form.
    Source:
        Hendrycks & Gimpel (2016), Gaussian error linear units (GELUs), arXiv:1606.08415, section 2.

    >>> gelu(np.array([-1.0, 0.0, 1.0]))
    array([-0.15865525,  0.        ,  0.84134475])
    >>> gelu(np.array([-1.0, 0.0, 1.0]), form="tanh")
    array([-0.15880801,  0.        ,  0.84119199])
    """
    _check_form(form)
    z = as_float(z)
    with np.errstate(under="ignore"):
        w = _clipped(z)
        if form == "erf":
            gate = erfc(-w / np.sqrt(2)) / 2  # (1 + erf(z/√2)) / 2 would round to 0 for z < −8
        else:
            # (1 + tanh(u)) / 2 = σ(2u), and the right side keeps the left tail's digits
            gate = sigmoid(2 * np.sqrt(2 / np.pi) * (w + 0.044715 * w**3))
        return _gated(z, gate).astype(z.dtype)


def gelu_grad(z, form="erf"):
    """Derivative of GELU at the pre-activation `z`, each form's own.

        f'(z) = Φ(z) + z·φ(z),  φ(z) = exp(−z²/2) / √(2π)          (form "erf")
        f'(z) = σ(u) + z·u'·σ'(u),  u = 2·√(2/π)·(z + 0.044715·z³)  (form "tanh", as ½(1 + tanh(u/2)) = σ(u))

    Args:
        z: (...) float, the activation's input, not its output.
        form: "erf" or "tanh", the form that was used forward.
    Returns:
        (...) float, the shape of `z`.
    Raises:
        ValueError: another form.
    Source:
        Hendrycks & Gimpel (2016), arXiv:1606.08415, section 2, differentiated.

    >>> gelu_grad(np.array([-1.0, 0.0, 1.0]))
    array([-0.08331547,  0.5       ,  1.08331547])
    """
    _check_form(form)
    z = as_float(z)
    with np.errstate(under="ignore"):
        w = _clipped(z)
        if form == "erf":
            gate = erfc(-w / np.sqrt(2)) / 2
            gate_grad = np.exp(-w * w / 2) / np.sqrt(2 * np.pi)
        else:
            scale = 2 * np.sqrt(2 / np.pi)
            u = scale * (w + 0.044715 * w**3)
            gate = sigmoid(u)
            gate_grad = sigmoid_grad(u) * scale * (1 + 3 * 0.044715 * w**2)
        return (gate + w * gate_grad).astype(z.dtype)


def _check_form(form):
    if form not in ("erf", "tanh"):
        raise ValueError(f'form must be "erf" or "tanh", got {form!r}')


def _clipped(z):
    """z in float64 within ±40, beyond which GELU's gate is 0 or 1 to the last digit and z³ could overflow.

    float32 would lose the tail's digits: the exponent is near z²/2, and its rounding error, in absolute
    terms, is the relative error of the result.
    """
    return np.clip(z, -40, 40).astype(np.float64)


def mish(z):
    """Mish: z gated by the tanh of its softplus.

        f(z) = z·tanh(softplus(z))

    Args:
        z: (...) float, the pre-activation.
    Returns:
        (...) float, the shape of `z`.
    Source:
        Misra (2020), Mish: a self regularized non-monotonic activation function, arXiv:1908.08681.

    >>> mish(np.array([-1.0, 0.0, 1.0]))
    array([-0.30340146,  0.        ,  0.86509839])
    """
    z = as_float(z)
    with np.errstate(under="ignore"):
        return _gated(z, tanh(softplus(z)))


def mish_grad(z):
    """Derivative of Mish at the pre-activation `z`.

        f'(z) = tanh(s) + z·tanh'(s)·σ(z),  s = softplus(z),  as s' = σ(z)

    Args:
        z: (...) float, the activation's input, not its output.
    Returns:
        (...) float, the shape of `z`.
    Source:
        Misra (2020), arXiv:1908.08681, differentiated.

    >>> mish_grad(np.array([-1.0, 0.0, 1.0]))
    array([0.05921676, 0.6       , 1.04903622])
    """
    z = as_float(z)
    with np.errstate(under="ignore"):
        s = softplus(z)
        return tanh(s) + _gated(z, tanh_grad(s) * sigmoid(z))


def _gated(z, gate):
    """z·gate, and 0 wherever the gate is shut: −inf·0 would be nan, the limit is 0."""
    product = np.zeros(z.shape, np.result_type(z, gate))
    np.multiply(z, gate, out=product, where=gate != 0)
    return product[()]  # a number, not an array, for shape ()


def softmax(z, axis=-1):
    """Softmax: turns K scores into K probabilities. Each output depends on all inputs along `axis`.

        s_i = exp(z_i) / Σ_j exp(z_j)

    Args:
        z: (..., K) float, the scores (logits), in nats; a single number counts as K = 1.
        axis: the axis of the K classes.
    Returns:
        (..., K) float in [0, 1], the shape of `z`; the sum along `axis` is 1.
    Raises:
        numpy.exceptions.AxisError: `z` has no such axis.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.2.2.3; the shift: section 4.1.

    >>> softmax(np.array([[0.0, np.log(3.0)], [1000.0, 1000.0]]))
    array([[0.25, 0.75],
           [0.5 , 0.5 ]])
    """
    z = as_float(z)
    with np.errstate(over="ignore", under="ignore"):
        # Keeps exp finite; softmax is unchanged. One maximum for each row: a global one turns rows far
        # below it into 0 / 0. `initial` lets the axis be empty.
        e = np.exp(z - z.max(axis=axis, keepdims=True, initial=-np.inf))
        return e / e.sum(axis=axis, keepdims=True)


def softmax_vjp(z, upstream, axis=-1):
    """Vector-Jacobian product of softmax: the loss's gradient at z, from its gradient at softmax(z).

        g_i = s_i·(u_i − Σ_j u_j s_j),  s = softmax(z)

    Args:
        z: (..., K) float, the scores.
        upstream: (..., K) float, u = ∂loss/∂softmax(z), the shape of `z`.
        axis: the axis of the K classes.
    Returns:
        (..., K) float, shape and dtype of `z`; the sum along `axis` is 0.
    Raises:
        ValueError: `upstream` and `z` differ in shape.
    Source:
        The Jacobian of `softmax_jacobian`, applied without being formed.

    >>> softmax_vjp(np.array([0.0, np.log(3.0)]), np.array([1.0, 0.0]))
    array([ 0.1875, -0.1875])
    """
    z = as_float(z)
    upstream = as_float(upstream, "upstream").astype(z.dtype, copy=False)
    if upstream.shape != z.shape:
        raise ValueError(f"upstream must have the shape of z, {z.shape}, got {upstream.shape}")
    s = softmax(z, axis)
    with np.errstate(under="ignore"):
        return s * (upstream - (upstream * s).sum(axis=axis, keepdims=True))


def softmax_jacobian(z):
    """Jacobian of softmax along the last axis, written out: K² numbers for each row.

        J_ij = ∂s_i/∂z_j = s_i·(δ_ij − s_j),  s = softmax(z)

    Args:
        z: (..., K) float, the scores.
    Returns:
        (..., K, K) float, symmetric; every row and column sums to 0.
    Raises:
        ValueError: `z` is a single number and has no axis of classes.
    Source:
        The quotient rule applied to softmax.

    >>> softmax_jacobian(np.array([0.0, np.log(3.0)]))
    array([[ 0.1875, -0.1875],
           [-0.1875,  0.1875]])
    """
    z = as_float(z)
    if z.ndim == 0:
        raise ValueError("z must have an axis of classes, got a single number")
    s = softmax(z)
    with np.errstate(under="ignore"):
        return s[..., :, None] * (np.eye(z.shape[-1], dtype=z.dtype) - s[..., None, :])


class Activation(NamedTuple):
    """An elementwise activation and its derivative; both take the pre-activation z.

    Softmax has no such row: it mixes the entries of a row of scores, so it has a Jacobian instead of an f'(z).

    >>> ACTIVATIONS["tanh"].grad(np.array([0.0, 1.0]))
    array([1.        , 0.41997434])
    """

    f: Callable
    grad: Callable


ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": Activation(sigmoid, sigmoid_grad),
    "tanh": Activation(tanh, tanh_grad),
    "relu": Activation(relu, relu_grad),
    "leaky_relu": Activation(leaky_relu, leaky_relu_grad),
    "elu": Activation(elu, elu_grad),
    "selu": Activation(selu, selu_grad),
    "softplus": Activation(softplus, softplus_grad),
    "swish": Activation(swish, swish_grad),
    "gelu": Activation(gelu, gelu_grad),
    "mish": Activation(mish, mish_grad),
}
