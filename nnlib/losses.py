"""Losses, each with its gradient right below it, and then both at once, as training needs them.

Conventions, the same for all of them:

- The value is a Python float: the mean over the examples, or over all entries where each entry is a prediction
  of its own. The gradient is ∂value/∂(first argument), so it holds that mean's 1/N or 1/M. It has the shape and
  dtype of the first argument and is always a new array.
- Shapes are equal or an error: (N, 1) against (N,) would broadcast to (N, N) and give a wrong loss in silence.
- Logits go in, not probabilities, because log(softmax(z)) is log(0) for z = [0, −1000]; the loss is in nats.
- At a kink the gradient is the mean of both sides for MAE, and 0 for the hinge, as in PyTorch.
- Finite arguments give no nan, and inf only where the sum overflows. Nothing warns: when a training diverges, its
  inf or nan arrives in the loss, and there the training loop looks for it.
- A loss close to 0 keeps its leading digits, and so does its gradient.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nnlib._arguments import as_float, as_parameter
from nnlib.activations import sigmoid, softmax


def logsumexp(z, axis=-1):
    """Logarithm of a sum of exponentials: a smooth maximum, between max(z) and max(z) + log K.

        logsumexp(z) = log Σ_k exp(z_k) = m + log Σ_k exp(z_k − m),  m = max_k z_k

    Args:
        z: (..., K) float, in nats; −inf counts as a term of 0.
        axis: the axis of the K terms, several of them in a tuple, or None for all.
    Returns:
        (...) float, the shape of `z` without `axis`; −inf for no terms.
    Raises:
        numpy.exceptions.AxisError: `z` has no such axis.
    Source:
        Blanchard, Higham & Higham (2021), Accurately computing the log-sum-exp and softmax functions,
        IMA Journal of Numerical Analysis 41(4), 2311-2330.

    >>> logsumexp(np.array([[0.0, np.log(3.0)], [1e4, 1e4], [0.0, -50.0]]))
    array([1.38629436e+00, 1.00006931e+04, 1.92874985e-22])
    """
    z = as_float(z)
    largest = z.max(axis=axis, keepdims=True, initial=-np.inf)
    is_largest = z == largest
    with np.errstate(all="ignore"):
        shift = np.where(np.isfinite(largest), largest, 0)  # ±inf − ±inf would be nan
        # The largest terms are exactly 1 and are counted: added to 1, a small rest would be rounded away.
        count = np.maximum(is_largest.sum(axis=axis, dtype=z.dtype), 1)
        rest = np.where(is_largest, 0, np.exp(z - shift)).sum(axis=axis)
        return np.log1p(rest / count) + np.log(count) + np.squeeze(largest, axis)


def logsumexp_grad(z, axis=-1):
    """Gradient of logsumexp: softmax. It differs from row to row, so it has the shape of `z`.

        ∂logsumexp(z)/∂z_i = exp(z_i) / Σ_k exp(z_k)

    Args:
        z: (..., K) float, the function's input.
        axis: as for `logsumexp`.
    Returns:
        (..., K) float in [0, 1], the shape of `z`; the sum along `axis` is 1.
    Raises:
        numpy.exceptions.AxisError: `z` has no such axis.
    Source:
        Blanchard, Higham & Higham (2021), section 1, as for `logsumexp`.

    >>> logsumexp_grad(np.array([0.0, np.log(3.0)]))
    array([0.25, 0.75])
    """
    return softmax(z, axis)


def mse(prediction, target):
    """Mean squared error, halved, so that its gradient has no factor of 2.

        L = 1/(2M) · Σ_i (y_i − t_i)²      (M: number of entries, N·K for shape (N, K))

    PyTorch's `MSELoss` has no ½: it is twice this. Some books sum over the K outputs and divide by N alone.

    Args:
        prediction: (...) float, y.
        target: (...) float, t, the shape of `prediction`.
    Returns:
        float, 0 or more, in the squared unit of `target`.
    Raises:
        ValueError: shapes differ, or are empty.
    Source:
        Bishop (2006), Pattern Recognition and Machine Learning, section 1.1: the sum, with this ½.

    >>> mse(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 4.0]]))  # (4 + 9) / 8
    1.625
    """
    with np.errstate(all="ignore"):
        difference = _difference(prediction, target)
        return float(np.vdot(difference, difference)) / (2 * difference.size)


def mse_grad(prediction, target):
    """Gradient of `mse` at the prediction.

        ∂L/∂y_i = (y_i − t_i) / M

    Args:
        prediction, target: as for `mse`.
    Returns:
        (...) float, the shape of `prediction`.
    Raises:
        ValueError: shapes differ, or are empty.
    Source:
        Bishop (2006), section 1.1, differentiated.

    >>> mse_grad(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([0., 1.])
    """
    with np.errstate(all="ignore"):
        difference = _difference(prediction, target)
        return difference / difference.size


def mse_and_grad(prediction, target):
    """`mse` and `mse_grad` at once.

    Args:
        prediction, target: as for `mse`.
    Returns:
        (float, (...) float), the loss and its gradient.
    Raises:
        ValueError: shapes differ, or are empty.

    >>> mse_and_grad(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    (1.0, array([0., 1.]))
    """
    with np.errstate(all="ignore"):
        difference = _difference(prediction, target)
        M = difference.size
        return float(np.vdot(difference, difference)) / (2 * M), difference / M


def mae(prediction, target):
    """Mean absolute error: outliers pull with the same force as anything else.

        L = 1/M · Σ_i |y_i − t_i|      (M: number of entries)

    Args:
        prediction: (...) float, y.
        target: (...) float, t, the shape of `prediction`.
    Returns:
        float, 0 or more, in the unit of `target`.
    Raises:
        ValueError: shapes differ, or are empty.
    Source:
        Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, section 10.6.

    >>> mae(np.array([1.0, 2.0, 3.0, 0.0]), np.array([1.0, 0.0, 4.0, 3.0]))  # (0 + 2 + 1 + 3) / 4
    1.5
    """
    with np.errstate(all="ignore"):
        difference = _difference(prediction, target)
        return float(np.abs(difference).sum()) / difference.size


def mae_grad(prediction, target):
    """Gradient of `mae` at the prediction.

        ∂L/∂y_i = sign(y_i − t_i) / M      (0 at the kink y_i = t_i, as in PyTorch)

    The left limit there, which activations take, would push a perfect prediction away from its target.

    Args:
        prediction, target: as for `mae`.
    Returns:
        (...) float, the shape of `prediction`.
    Raises:
        ValueError: shapes differ, or are empty.
    Source:
        Hastie, Tibshirani & Friedman (2009), table 10.2.

    >>> mae_grad(np.array([1.0, 2.0, 3.0, 0.0]), np.array([1.0, 0.0, 4.0, 3.0]))
    array([ 0.  ,  0.25, -0.25, -0.25])
    """
    with np.errstate(all="ignore"):
        difference = _difference(prediction, target)
        return np.sign(difference) / difference.size


def mae_and_grad(prediction, target):
    """`mae` and `mae_grad` at once.

    Args:
        prediction, target: as for `mae`.
    Returns:
        (float, (...) float), the loss and its gradient.
    Raises:
        ValueError: shapes differ, or are empty.

    >>> mae_and_grad(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    (1.0, array([0. , 0.5]))
    """
    with np.errstate(all="ignore"):
        difference = _difference(prediction, target)
        M = difference.size
        return float(np.abs(difference).sum()) / M, np.sign(difference) / M


def huber(prediction, target, delta=1.0):
    """Huber's loss: squared for small errors, absolute for large ones.

        L = 1/M · Σ_i ½d_i² if |d_i| <= δ else δ·(|d_i| − ½δ),  d = y − t
          = 1/M · Σ_i c_i·(d_i − ½c_i),  c = d clipped to [−δ, δ]

    PyTorch's `HuberLoss` is the same; its `SmoothL1Loss` is this divided by δ.

    Args:
        prediction: (...) float, y.
        target: (...) float, t, the shape of `prediction`.
        delta: the error δ where the two parts meet, in the unit of `target`, positive and finite.
    Returns:
        float, 0 or more, in the squared unit of `target`.
    Raises:
        ValueError: shapes differ, or are empty, or delta is not positive and finite.
    Source:
        Huber (1964), Robust estimation of a location parameter, Annals of Mathematical Statistics 35(1), 73-101.

    >>> huber(np.array([0.5, 3.0]), np.array([0.0, 0.0]))  # (0.125 + 2.5) / 2
    1.3125
    """
    delta = as_parameter("delta", delta, 0 < delta < np.inf, "positive and finite")
    with np.errstate(all="ignore"):
        difference = _difference(prediction, target)
        clipped = np.clip(difference, -delta, delta)
        return float((clipped * (difference - clipped / 2)).sum()) / difference.size


def huber_grad(prediction, target, delta=1.0):
    """Gradient of `huber` at the prediction: that of the squared error, clipped entry by entry.

        ∂L/∂y_i = clip(y_i − t_i, −δ, δ) / M

    Args:
        prediction, target, delta: as for `huber`.
    Returns:
        (...) float, the shape of `prediction`.
    Raises:
        ValueError: shapes differ, or are empty, or delta is not positive and finite.
    Source:
        Huber (1964), as for `huber`.

    >>> huber_grad(np.array([0.5, 3.0]), np.array([0.0, 0.0]))
    array([0.25, 0.5 ])
    """
    delta = as_parameter("delta", delta, 0 < delta < np.inf, "positive and finite")
    with np.errstate(all="ignore"):
        difference = _difference(prediction, target)
        return np.clip(difference, -delta, delta) / difference.size


def huber_and_grad(prediction, target, delta=1.0):
    """`huber` and `huber_grad` at once.

    Args:
        prediction, target, delta: as for `huber`.
    Returns:
        (float, (...) float), the loss and its gradient.
    Raises:
        ValueError: shapes differ, or are empty, or delta is not positive and finite.

    >>> huber_and_grad(np.array([0.5, 3.0]), np.array([0.0, 0.0]))
    (1.3125, array([0.25, 0.5 ]))
    """
    delta = as_parameter("delta", delta, 0 < delta < np.inf, "positive and finite")
    with np.errstate(all="ignore"):
        difference = _difference(prediction, target)
        M = difference.size
        clipped = np.clip(difference, -delta, delta)
        return float((clipped * (difference - clipped / 2)).sum()) / M, clipped / M


def _difference(prediction, target):
    prediction, target = _pair("prediction", prediction, target)
    return prediction - target


def _pair(name, values, target):
    """Both as arrays of the first one's dtype, if they have one shape and are not empty."""
    values, target = as_float(values, name), as_float(target, "target")
    if values.shape != target.shape:
        raise ValueError(f"target must have the shape of {name}, {values.shape}, got {target.shape}")
    if not values.size:
        raise ValueError(f"{name} must not be empty, got shape {values.shape}")
    return values, target.astype(values.dtype, copy=False)


def bce_with_logits(z, target):
    """Binary cross-entropy of independent yes-or-no predictions, from their logits.

        L = −1/M · Σ_i t_i·log σ(z_i) + (1 − t_i)·log(1 − σ(z_i))      (M: number of entries)
          = 1/M · Σ_i max(z_i, 0) − z_i·t_i + log(1 + exp(−|z_i|))

    Args:
        z: (...) float, the logits; σ(z) is the probability of a 1.
        target: (...) float in [0, 1], t, the shape of `z`; labels of −1 and 1 are an error.
    Returns:
        float, 0 or more, in nats.
    Raises:
        ValueError: shapes differ, or are empty, or a target is outside [0, 1].
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.2.2.2.

    >>> round(bce_with_logits(np.array([0.0, 1000.0, -1000.0]), np.array([1.0, 1.0, 0.0])), 6)  # log(2) / 3
    0.231049
    """
    z, t = _logits_and_labels(z, target)
    with np.errstate(all="ignore"):
        # The difference first: it is exactly 0 for a sure and right answer, and the tiny logarithm then stays.
        losses = (np.maximum(z, 0) - z * t) + np.log1p(np.exp(-np.abs(z)))
        return float(losses.sum()) / z.size


def bce_with_logits_grad(z, target):
    """Gradient of `bce_with_logits` at the logits: prediction minus target.

        ∂L/∂z_i = (σ(z_i) − t_i) / M = ((1 − t_i)·σ(z_i) − t_i·σ(−z_i)) / M

    Args:
        z, target: as for `bce_with_logits`.
    Returns:
        (...) float in [−1/M, 1/M], the shape of `z`.
    Raises:
        ValueError: shapes differ, or are empty, or a target is outside [0, 1].
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.2.2.2.

    >>> bce_with_logits_grad(np.array([0.0, 50.0, 1000.0]), np.array([1.0, 1.0, 0.0])) * 3
    array([-5.00000000e-01, -1.92874985e-22,  1.00000000e+00])
    """
    z, t = _logits_and_labels(z, target)
    with np.errstate(all="ignore"):
        return ((1 - t) * sigmoid(z) - t * sigmoid(-z)) / z.size  # σ(50) − 1 would be 0


def bce_with_logits_and_grad(z, target):
    """`bce_with_logits` and `bce_with_logits_grad` at once, from one exponential.

    Args:
        z, target: as for `bce_with_logits`.
    Returns:
        (float, (...) float), the loss in nats and its gradient.
    Raises:
        ValueError: shapes differ, or are empty, or a target is outside [0, 1].

    >>> loss, gradient = bce_with_logits_and_grad(np.array([0.0, 1000.0]), np.array([1.0, 1.0]))
    >>> round(loss, 6), gradient
    (0.346574, array([-0.25,  0.  ]))
    """
    z, t = _logits_and_labels(z, target)
    with np.errstate(all="ignore"):
        e = np.exp(-np.abs(z))
        losses = (np.maximum(z, 0) - z * t) + np.log1p(e)
        # σ(z) and σ(−z) are 1 / (1 + e) and e / (1 + e), in this order for z >= 0.
        slopes = np.where(z >= 0, (1 - t) - t * e, (1 - t) * e - t) / (1 + e)
        return float(losses.sum()) / z.size, slopes / z.size


def _logits_and_labels(z, target):
    z, t = _pair("z", z, target)
    if not (t.min() >= 0 and t.max() <= 1):
        wrong = t[~((t >= 0) & (t <= 1))].flat[0]
        raise ValueError(f"target must be in [0, 1], got {wrong}")
    return z, t


def cross_entropy(z, target, label_smoothing=0.0):
    """Cross-entropy of one choice among K classes, from the logits.

        L = −1/N · Σ_n Σ_k q_nk·log p_nk,  p_n = softmax(z_n),  q = (1 − α)·t + α/K

    With a class y_n for target, t_n is 1 there and else 0, so that without smoothing L = −1/N · Σ_n log p_n,y_n.
    PyTorch's is the same, except that here 0·log 0 is 0, as it should be, and not nan.

    Args:
        z: (N, K) float, the logits. For sequences reshape (N, T, K) to (N·T, K).
        target: (N,) integers in [0, K), the classes; or (N, K) float, t, each row one-hot or probabilities.
        label_smoothing: α, the share of the target that is spread over all K classes, the true one among them;
            unitless, in [0, 1).
    Returns:
        float, 0 or more, in nats; log K for equal logits.
    Raises:
        ValueError: shapes do not fit, or are empty, a class is not in [0, K), a row holds no probabilities, or
            label_smoothing is outside [0, 1).
        TypeError: a target of shape (N,) is not of integers.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.2.2.3; label smoothing: Szegedy, Vanhoucke,
        Ioffe, Shlens & Wojna (2016), Rethinking the Inception architecture, arXiv:1512.00567, section 7.

    >>> z = np.array([[0.0, np.log(3.0)], [1000.0, -1000.0]])  # p = [[0.25, 0.75], [1, 0]]
    >>> round(cross_entropy(z, np.array([0, 0])), 6)  # (log(4) + 0) / 2
    0.693147
    >>> round(cross_entropy(z[:1], np.array([[0.5, 0.5]])), 6)  # −(log(0.25) + log(0.75)) / 2
    0.836988
    """
    z = _scores(z, "z")
    return _mean_surprisal(_surprisal(z), _probabilities(z, target, label_smoothing))


def cross_entropy_grad(z, target, label_smoothing=0.0):
    """Gradient of `cross_entropy` at the logits: prediction minus target. Each row sums to 0.

        ∂L/∂z_nk = (p_nk − q_nk) / N,  p_n = softmax(z_n),  q = (1 − α)·t + α/K

    Args:
        z, target, label_smoothing: as for `cross_entropy`.
    Returns:
        (N, K) float in [−1/N, 1/N].
    Raises:
        ValueError, TypeError: as `cross_entropy`.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.2.2.3.

    >>> cross_entropy_grad(np.array([[0.0, np.log(3.0)], [1000.0, -1000.0]]), np.array([0, 0]))
    array([[-0.375,  0.375],
           [ 0.   ,  0.   ]])
    """
    z = _scores(z, "z")
    return _softmax_minus(_probabilities(z, target, label_smoothing), _surprisal(z)) / len(z)


def cross_entropy_and_grad(z, target, label_smoothing=0.0):
    """`cross_entropy` and `cross_entropy_grad` at once, from one exponential: the end of every training step.

    Args:
        z, target, label_smoothing: as for `cross_entropy`.
    Returns:
        (float, (N, K) float), the loss in nats and its gradient.
    Raises:
        ValueError, TypeError: as `cross_entropy`.

    >>> loss, gradient = cross_entropy_and_grad(np.array([[0.0, np.log(3.0)], [1000.0, -1000.0]]), np.array([0, 0]))
    >>> round(loss, 6), gradient
    (0.693147, array([[-0.375,  0.375],
           [ 0.   ,  0.   ]]))
    """
    z, target = _scores(z, "z"), np.asarray(target)
    N = len(z)
    if target.ndim != 1 or label_smoothing != 0:
        q, surprisal = _probabilities(z, target, label_smoothing), _surprisal(z)
        return _mean_surprisal(surprisal, q), _softmax_minus(q, surprisal) / N
    z = z.T.copy()  # a row for each class: NumPy is slow at reducing rows as short as K
    true = _true_entries(target, z.shape)
    with np.errstate(all="ignore"):
        z -= np.maximum.reduce(z)  # keeps exp finite; softmax is unchanged
        e = np.exp(z)
        z_true, e_true = z.take(true), e.take(true)
        e.put(true, 0)
        rest = np.add.reduce(e)  # no true class in it: 1 − p = rest / sum keeps its digits when p is near 1
        value = float(np.add.reduce(np.log1p(rest + (e_true - 1)) - z_true)) / N
        e.put(true, 0 - rest)  # not -rest: a sure and right answer would get −0
        e /= (rest + e_true) * N
    return value, e.T


def _scores(values, name):
    scores = as_float(values, name)
    if scores.ndim != 2 or not scores.size:
        raise ValueError(f"{name} must have shape (N, K), N and K at least 1, got {scores.shape}")
    return scores


def _true_entries(target, shape):
    """The flat index of each example's true class in scores of `shape` (K, N), a row for each class."""
    K, N = shape
    y = np.asarray(target)
    if y.shape != (N,):
        raise ValueError(f"target must have shape ({N},), one class for each example, got {y.shape}")
    if y.dtype.kind not in "iu":
        raise TypeError(f"target must hold classes as integers, got dtype {y.dtype}")
    try:
        return np.ravel_multi_index((y, np.arange(N)), shape)
    except ValueError:  # its message names neither the class nor the range
        wrong = y[(y < 0) | (y >= K)][0]
        raise ValueError(f"target must hold classes in [0, {K}), got {wrong}") from None


def _probabilities(z, target, label_smoothing):
    """(N, K) float, the smoothed target q in the dtype of `z`."""
    alpha = as_parameter("label_smoothing", label_smoothing, 0 <= label_smoothing < 1, "in [0, 1)")
    N, K = z.shape
    if np.ndim(target) == 1:
        t = np.zeros((K, N), z.dtype)
        t.put(_true_entries(target, t.shape), 1)
        t = t.T
    else:
        t = as_float(target, "target").astype(z.dtype, copy=False)
        if t.shape != z.shape:
            raise ValueError(f"target must have shape ({N},) or {z.shape}, got {t.shape}")
        if not (t.min() >= 0):
            raise ValueError(f"target must hold probabilities, got {t.min()}")
        sums = t.sum(axis=1)
        if (wrong := np.abs(sums - 1) > 1e-3).any():  # float16 rounds to 5e-4
            row = wrong.argmax()
            raise ValueError(f"target must have rows that sum to 1, got {sums[row]} in row {row}")
    with np.errstate(under="ignore"):
        return (1 - alpha) * t + alpha / K


def _surprisal(z):
    """(N, K) float, −log softmax(z), 0 or more, in nats."""
    with np.errstate(all="ignore"):
        z = z - z.max(axis=1, keepdims=True)  # else 1e4 + 1e-9 would lose the small logarithm
        return logsumexp(z)[:, None] - z


def _mean_surprisal(surprisal, q):
    with np.errstate(all="ignore"):
        return float((q * np.where(q > 0, surprisal, 0)).sum()) / len(q)  # 0·inf would be nan


def _softmax_minus(q, surprisal):
    """(N, K) float, p − q for p = exp(−surprisal). Where p rounds to 1, (p − 1) + (1 − q) keeps the digits."""
    with np.errstate(all="ignore"):
        return np.where(q > 0.5, np.expm1(-surprisal) + (1 - q), np.exp(-surprisal) - q)


def hinge(scores, target, margin=1.0):
    """Multi-class hinge loss: every wrong class should score below the true one by the margin or more.

        L = 1/N · Σ_n Σ_{k ≠ y_n} max(0, Δ + s_nk − s_n,y_n)

    The sum over classes is not divided by K, so that for K = 2 it is the binary hinge max(0, Δ − (s_y − s_other));
    PyTorch's `MultiMarginLoss` divides by K. Weston and Watkins take Δ = 2. Another multi-class hinge, Crammer and
    Singer's, takes the largest term of the sum alone.

    Args:
        scores: (N, K) float, s, with no unit and on no scale of their own.
        target: (N,) integers in [0, K), y, the classes.
        margin: Δ, in the unit of the scores, positive and finite.
    Returns:
        float, 0 or more, in the unit of the scores.
    Raises:
        ValueError: shapes do not fit, or are empty, a class is not in [0, K), or margin is not positive and finite.
        TypeError: the target is not of integers.
    Source:
        Weston & Watkins (1999), Support vector machines for multi-class pattern recognition, ESANN, 219-224.

    >>> hinge(np.array([[3.0, 2.5, 1.0], [0.0, 2.0, 1.0]]), np.array([0, 2]))  # (0.5 + 0 + 0 + 2) / 2
    1.25
    """
    violations, _ = _violations(scores, target, margin)
    with np.errstate(all="ignore"):
        return float(violations.sum()) / violations.shape[1]


def hinge_grad(scores, target, margin=1.0):
    """Gradient of `hinge` at the scores. Each row sums to 0.

        ∂L/∂s_nk = 1/N if Δ + s_nk − s_n,y_n > 0 else 0      (k ≠ y_n; 0 at the kink, as in PyTorch)
        ∂L/∂s_n,y_n = −Σ_{k ≠ y_n} ∂L/∂s_nk

    Args:
        scores, target, margin: as for `hinge`.
    Returns:
        (N, K) float.
    Raises:
        ValueError, TypeError: as `hinge`.
    Source:
        Weston & Watkins (1999), as for `hinge`, differentiated.

    >>> hinge_grad(np.array([[3.0, 2.5, 1.0], [0.0, 2.0, 1.0]]), np.array([0, 2]))
    array([[-0.5,  0.5,  0. ],
           [ 0. ,  0.5, -0.5]])
    """
    return _hinge_slopes(*_violations(scores, target, margin))


def hinge_and_grad(scores, target, margin=1.0):
    """`hinge` and `hinge_grad` at once.

    Args:
        scores, target, margin: as for `hinge`.
    Returns:
        (float, (N, K) float), the loss and its gradient.
    Raises:
        ValueError, TypeError: as `hinge`.

    >>> hinge_and_grad(np.array([[3.0, 2.5, 1.0]]), np.array([0]))
    (0.5, array([[-1.,  1.,  0.]]))
    """
    violations, true = _violations(scores, target, margin)
    with np.errstate(all="ignore"):
        return float(violations.sum()) / violations.shape[1], _hinge_slopes(violations, true)


def _violations(scores, target, margin):
    """By how much each wrong class violates the margin, (K, N), and where the true ones stand in it."""
    margin = as_parameter("margin", margin, 0 < margin < np.inf, "positive and finite")
    s = _scores(scores, "scores").T.copy()
    true = _true_entries(target, s.shape)
    with np.errstate(all="ignore"):
        violations = np.maximum(s - s.take(true) + margin, 0)
    violations.put(true, 0)
    return violations, true


def _hinge_slopes(violations, true):
    slopes = np.sign(violations)
    slopes.put(true, 0 - slopes.sum(axis=0))  # 0 − 0 is 0, where −0 would print as -0.
    return (slopes / slopes.shape[1]).T


class Loss(NamedTuple):
    """A loss, its gradient at the first argument, and both at once; all take (output, target, **settings).

    >>> LOSSES["huber"].f_and_grad(np.array([0.5, 3.0]), np.array([0.0, 0.0]), delta=2.0)
    (2.0625, array([0.25, 1.  ]))
    """

    f: Callable
    grad: Callable
    f_and_grad: Callable


LOSSES: dict[str, Loss] = {
    "mse": Loss(mse, mse_grad, mse_and_grad),
    "mae": Loss(mae, mae_grad, mae_and_grad),
    "huber": Loss(huber, huber_grad, huber_and_grad),
    "bce_with_logits": Loss(bce_with_logits, bce_with_logits_grad, bce_with_logits_and_grad),
    "cross_entropy": Loss(cross_entropy, cross_entropy_grad, cross_entropy_and_grad),
    "hinge": Loss(hinge, hinge_grad, hinge_and_grad),
}


def find_loss(loss):
    """The row of `LOSSES` with that name; a row, or anything like one, is returned as it is.

    Args:
        loss: a key of `LOSSES`, or an object with `f`, `grad` and `f_and_grad`.
    Returns:
        Loss.
    Raises:
        ValueError: no loss has that name.

    >>> find_loss("mse").f(np.array([1.0, 3.0]), np.array([0.0, 0.0]))
    2.5
    """
    if not isinstance(loss, str):
        return loss
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {loss!r}")
    return LOSSES[loss]
