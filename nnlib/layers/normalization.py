"""Batch and layer normalisation: mean 0 and variance σ²/(σ² + ε), near 1, then a learned scale and shift.

Both divide by σ = √(variance + ε): the variance is the biased one, a sum over M numbers divided by M, and ε stands
inside the root. They differ in what they average over: batch normalisation over all examples (and positions)
of a channel, layer normalisation over all features of an example. PyTorch's conventions, here and below.
"""

import numpy as np

from nnlib._arguments import as_float, as_parameter
from nnlib.layers.base import Layer


def batch_norm_forward(X, gamma, beta, running_mean, running_var, training=True, momentum=0.1, epsilon=1e-5):
    """Batch normalisation: each channel's numbers in the batch get mean 0 and variance 1.

        Y = γ·x̂ + β,  x̂ = (X − μ) / √(σ² + ε)

    μ and σ² are, for each of C channels, in training the batch's mean and biased variance over its M = N·positions
    numbers, in evaluation the running ones. Training moves those towards the batch's, with the unbiased variance:

        running ← (1 − momentum)·running + momentum·batch,  batch: μ and σ²·M/(M − 1)

    PyTorch does the same; TensorFlow's "momentum" is the other factor, 1 − momentum.

    Args:
        X: (N, C) or (N, C, ...) float, the channels on axis 1.
        gamma: (C,) float, the scale γ.
        beta: (C,) float, the shift β.
        running_mean: (C,) float, before this batch; not modified.
        running_var: (C,) float, before this batch; not modified.
        training: whether to normalise by the batch's own statistics.
        momentum: the weight of the batch in the running statistics, unitless, in [0, 1].
        epsilon: added to the variance, in its units, positive and finite.
    Returns:
        Y: (N, C, ...) float, the shape of `X`.
        running_mean: (C,) float, after this batch, a new array; in evaluation a copy.
        running_var: (C,) float, likewise.
    Raises:
        ValueError: shapes do not fit, momentum or epsilon out of range, or in training M < 2, where the
            variance would be 0 and every output β.
    Source:
        Ioffe & Szegedy (2015), Batch normalization: accelerating deep network training by reducing internal
        covariate shift, arXiv:1502.03167, algorithms 1 and 2.

    >>> X = np.array([[1.0, 10.0], [3.0, 50.0]])
    >>> Y, mean, var = batch_norm_forward(X, np.ones(2), np.array([0.0, 5.0]), np.zeros(2), np.ones(2))
    >>> Y.round(4), mean, var
    (array([[-1.,  4.],
           [ 1.,  6.]]), array([0.2, 3. ]), array([ 1.1, 80.9]))
    """
    X, gamma, beta = as_float(X, "X"), as_float(gamma, "gamma"), as_float(beta, "beta")
    running_mean, running_var = as_float(running_mean, "running_mean"), as_float(running_var, "running_var")
    _check_channels(X, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
    momentum = as_parameter("momentum", momentum, 0 <= momentum <= 1, "in [0, 1]")
    epsilon = as_parameter("epsilon", epsilon, 0 < epsilon < np.inf, "positive and finite")
    if training:
        mean, var = _batch_statistics(X)
        moved = _moved(running_mean, running_var, mean, var, X.size // mean.size, momentum)
    else:
        mean, var = running_mean, running_var
        moved = running_mean.copy(), running_var.copy()
    x_hat, _ = _standardised(X, mean, var, epsilon)
    return _scaled_and_shifted(x_hat, gamma, beta), *moved


def batch_norm_backward(upstream, X, gamma, epsilon=1e-5):
    """Gradients of the loss at a batch normalisation's inputs, scales and shifts, in training.

        dβ = Σ U,  dγ = Σ U·x̂,  dX = γ/√(σ² + ε) · (U − dβ/M − x̂·dγ/M)      (U: upstream)

    The sums run over the M numbers of a channel. The two terms that are subtracted come from μ and σ², which
    depend on X: without them dX would be γ/√(σ² + ε)·U, as in evaluation, where the running variance stands for σ².

    Args:
        upstream: (N, C, ...) float, ∂loss/∂Y, the shape of `X`.
        X: (N, C) or (N, C, ...) float, the inputs of the forward pass.
        gamma: (C,) float, the scale γ of the forward pass.
        epsilon: that of the forward pass.
    Returns:
        dX: (N, C, ...) float, the shape of `X`.
        dgamma: (C,) float.
        dbeta: (C,) float.
    Raises:
        ValueError: shapes do not fit, epsilon out of range, or M < 2.
    Source:
        Ioffe & Szegedy (2015), arXiv:1502.03167, section 3, their chain of equations in closed form.

    >>> X, upstream = np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [0.0], [0.0]])
    >>> dX, dgamma, dbeta = batch_norm_backward(upstream, X, np.array([2.0]))
    >>> dX.ravel().round(3), dgamma.round(3), dbeta
    (array([ 0.408, -0.816,  0.408]), array([-1.225]), array([1.]))
    """
    upstream, X, gamma = as_float(upstream, "upstream"), as_float(X, "X"), as_float(gamma, "gamma")
    _check_channels(X, gamma=gamma)
    _check_upstream(upstream, X)
    epsilon = as_parameter("epsilon", epsilon, 0 < epsilon < np.inf, "positive and finite")
    x_hat, sigma = _standardised(X, *_batch_statistics(X), epsilon)
    dgamma, dbeta = _channel_sums(upstream, x_hat)
    return _batch_norm_input_gradient(upstream, x_hat, sigma, gamma, dgamma, dbeta), dgamma, dbeta


class BatchNorm(Layer):
    """Batch normalisation, `batch_norm_forward`, with its own scale `gamma`, shift `beta` and running statistics.

    In evaluation the running mean and variance are constants, so the input's gradient is γ/√(variance + ε) · U.

    Args:
        features: C, the length of axis 1 of the input.
        momentum: the weight of a batch in the running statistics, in [0, 1].
        epsilon: added to the variance, positive and finite.
        dtype: of parameters, statistics and outputs; inputs are taken in it.

    >>> layer = BatchNorm(2)
    >>> layer(np.array([[1.0, 10.0], [3.0, 50.0]])).round(4)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> layer.buffers["running_mean"]
    array([0.2, 3. ])
    """

    def __init__(self, features, momentum=0.1, epsilon=1e-5, dtype=np.float64):
        super().__init__()
        self.features, self.dtype = features, np.dtype(dtype)
        self.momentum = as_parameter("momentum", momentum, 0 <= momentum <= 1, "in [0, 1]")
        self.epsilon = as_parameter("epsilon", epsilon, 0 < epsilon < np.inf, "positive and finite")
        self.add_parameter("gamma", np.ones(features, dtype))
        self.add_parameter("beta", np.zeros(features, dtype))
        self.buffers["running_mean"] = np.zeros(features, dtype)
        self.buffers["running_var"] = np.ones(features, dtype)

    def forward(self, x):
        x = np.asarray(x, self.dtype)
        if x.ndim < 2 or x.shape[1] != self.features:
            raise self._wrong_shape(f"(N, {self.features}, ...)", x)
        running = self.buffers["running_mean"], self.buffers["running_var"]
        mean, var = _batch_statistics(x, self) if self.training else running
        x_hat, sigma = _standardised(x, mean, var, self.epsilon)
        if self.training:
            moved = _moved(*running, mean, var, x.size // self.features, self.momentum)
            running[0][...], running[1][...] = moved
        self._saved = x_hat, sigma, self.training
        return _scaled_and_shifted(x_hat, self.parameters["gamma"], self.parameters["beta"])

    def backward(self, upstream, wrt_input=True):
        x_hat, sigma, training = self._recall()
        dgamma, dbeta = _channel_sums(upstream, x_hat)
        self.gradients["gamma"][...], self.gradients["beta"][...] = dgamma, dbeta
        if not wrt_input:
            return None
        gamma = self.parameters["gamma"]
        if not training:
            return upstream * _over_channels(gamma / sigma, upstream)
        return _batch_norm_input_gradient(upstream, x_hat, sigma, gamma, dgamma, dbeta)

    def __repr__(self):
        return f"BatchNorm({self.features})"


def layer_norm_forward(X, gamma, beta, epsilon=1e-5):
    """Layer normalisation: each example's D features get mean 0 and variance 1, in training and evaluation alike.

        Y = γ·x̂ + β,  x̂ = (X − μ) / √(σ² + ε)      (μ, σ²: mean and biased variance over the last axis)

    Args:
        X: (..., D) float.
        gamma: (D,) float, the scale γ.
        beta: (D,) float, the shift β.
        epsilon: added to the variance, in its units, positive and finite.
    Returns:
        (..., D) float, the shape of `X`.
    Raises:
        ValueError: shapes do not fit, or epsilon out of range.
    Source:
        Ba, Kiros & Hinton (2016), Layer normalization, arXiv:1607.06450, section 3.

    >>> layer_norm_forward(np.array([[1.0, 3.0], [10.0, 50.0]]), np.ones(2), np.array([0.0, 5.0])).round(4)
    array([[-1.,  6.],
           [-1.,  6.]])
    """
    X, gamma, beta = as_float(X, "X"), as_float(gamma, "gamma"), as_float(beta, "beta")
    _check_features(X, gamma=gamma, beta=beta)
    epsilon = as_parameter("epsilon", epsilon, 0 < epsilon < np.inf, "positive and finite")
    x_hat, _ = _standardised_rows(X, epsilon)
    return gamma * x_hat + beta


def layer_norm_backward(upstream, X, gamma, epsilon=1e-5):
    """Gradients of the loss at a layer normalisation's inputs, scales and shifts.

        dβ = Σ U,  dγ = Σ U·x̂      (U: upstream; sums over all examples)
        dX = (V − mean V − x̂·mean(V·x̂)) / √(σ² + ε),  V = γ·U      (means over an example's D features)

    Args:
        upstream: (..., D) float, ∂loss/∂Y, the shape of `X`.
        X: (..., D) float, the inputs of the forward pass.
        gamma: (D,) float, the scale γ of the forward pass.
        epsilon: that of the forward pass.
    Returns:
        dX: (..., D) float, the shape of `X`.
        dgamma: (D,) float.
        dbeta: (D,) float.
    Raises:
        ValueError: shapes do not fit, or epsilon out of range.
    Source:
        Ba, Kiros & Hinton (2016), arXiv:1607.06450, section 3, differentiated.

    >>> dX, dgamma, dbeta = layer_norm_backward(np.array([1.0, 0.0, 0.0]), np.array([1.0, 2.0, 3.0]), np.ones(3))
    >>> dX.round(3), dgamma.round(3), dbeta
    (array([ 0.204, -0.408,  0.204]), array([-1.225,  0.   ,  0.   ]), array([1., 0., 0.]))
    """
    upstream, X, gamma = as_float(upstream, "upstream"), as_float(X, "X"), as_float(gamma, "gamma")
    _check_features(X, gamma=gamma)
    _check_upstream(upstream, X)
    epsilon = as_parameter("epsilon", epsilon, 0 < epsilon < np.inf, "positive and finite")
    x_hat, sigma = _standardised_rows(X, epsilon)
    dX = _layer_norm_input_gradient(upstream, x_hat, sigma, gamma)
    return dX, *_feature_sums(upstream, x_hat)


class LayerNorm(Layer):
    """Layer normalisation, `layer_norm_forward`, with its own scale `gamma` and shift `beta`.

    Args:
        features: D, the length of the input's last axis.
        epsilon: added to the variance, positive and finite.
        dtype: of parameters and outputs; inputs are taken in it.

    >>> LayerNorm(2)(np.array([[1.0, 3.0], [10.0, 50.0]])).round(4)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(self, features, epsilon=1e-5, dtype=np.float64):
        super().__init__()
        self.features, self.dtype = features, np.dtype(dtype)
        self.epsilon = as_parameter("epsilon", epsilon, 0 < epsilon < np.inf, "positive and finite")
        self.add_parameter("gamma", np.ones(features, dtype))
        self.add_parameter("beta", np.zeros(features, dtype))

    def forward(self, x):
        x = np.asarray(x, self.dtype)
        if x.ndim == 0 or x.shape[-1] != self.features:
            raise self._wrong_shape(f"(..., {self.features})", x)
        self._saved = x_hat, _ = _standardised_rows(x, self.epsilon)
        return self.parameters["gamma"] * x_hat + self.parameters["beta"]

    def backward(self, upstream, wrt_input=True):
        x_hat, sigma = self._recall()
        self.gradients["gamma"][...], self.gradients["beta"][...] = _feature_sums(upstream, x_hat)
        if not wrt_input:
            return None
        return _layer_norm_input_gradient(upstream, x_hat, sigma, self.parameters["gamma"])

    def __repr__(self):
        return f"LayerNorm({self.features})"


def _over_channels(vector, X):
    """(C,) as (C, 1, ...), which broadcasts along axis 1 of `X`."""
    return vector.reshape(-1, *[1] * (X.ndim - 2))


def _batch_statistics(X, layer=None):
    """Mean and biased variance of each channel, (C,) both; an error names the layer."""
    if X.size < 2 * X.shape[1]:
        where = f"{layer}: " if layer else ""
        raise ValueError(f"{where}training needs two or more numbers a channel, got shape {X.shape}")
    axes = (0, *range(2, X.ndim))
    mean = X.mean(axes)
    return mean, np.square(X - _over_channels(mean, X)).mean(axes)


def _moved(running_mean, running_var, mean, var, M, momentum):
    """The running statistics after a batch with M numbers a channel."""
    keep = 1 - momentum
    unbiased = var * (M / (M - 1))
    return keep * running_mean + momentum * mean, keep * running_var + momentum * unbiased


def _standardised(X, mean, var, epsilon):
    """x̂, the shape of `X`, and σ, (C,)."""
    sigma = np.sqrt(var + epsilon)
    x_hat = X - _over_channels(mean, X)
    x_hat /= _over_channels(sigma, X)
    return x_hat, sigma


def _scaled_and_shifted(x_hat, gamma, beta):
    Y = x_hat * _over_channels(gamma, x_hat)
    Y += _over_channels(beta, x_hat)
    return Y


def _channel_sums(upstream, x_hat):
    """dγ and dβ, (C,) both."""
    axes = (0, *range(2, x_hat.ndim))
    return (upstream * x_hat).sum(axes), upstream.sum(axes)


def _batch_norm_input_gradient(upstream, x_hat, sigma, gamma, dgamma, dbeta):
    M = x_hat.size // sigma.size
    dX = upstream - x_hat * _over_channels(dgamma / M, x_hat)
    dX -= _over_channels(dbeta / M, x_hat)
    dX *= _over_channels(gamma / sigma, x_hat)
    return dX


def _standardised_rows(X, epsilon):
    """x̂, the shape of `X`, and σ, (..., 1)."""
    x_hat = X - X.mean(axis=-1, keepdims=True)
    sigma = np.sqrt(np.square(x_hat).mean(axis=-1, keepdims=True) + epsilon)
    x_hat /= sigma
    return x_hat, sigma


def _feature_sums(upstream, x_hat):
    """dγ and dβ, (D,) both."""
    axes = tuple(range(x_hat.ndim - 1))
    return (upstream * x_hat).sum(axes), upstream.sum(axes)


def _layer_norm_input_gradient(upstream, x_hat, sigma, gamma):
    V = gamma * upstream
    dX = V - x_hat * (V * x_hat).mean(axis=-1, keepdims=True)
    dX -= V.mean(axis=-1, keepdims=True)
    dX /= sigma
    return dX


def _check_channels(X, **vectors):
    if X.ndim < 2 or X.shape[1] == 0:
        raise ValueError(f"X must have shape (N, C) or (N, C, ...), C at least 1, got {X.shape}")
    _check_vectors(X.shape[1:2], vectors)


def _check_features(X, **vectors):
    if X.ndim == 0 or X.shape[-1] == 0:
        raise ValueError(f"X must have shape (..., D), D at least 1, got {X.shape}")
    _check_vectors(X.shape[-1:], vectors)


def _check_vectors(shape, vectors):
    for name, vector in vectors.items():
        if vector.shape != shape:
            raise ValueError(f"{name} must have shape {shape}, got {vector.shape}")


def _check_upstream(upstream, X):
    if upstream.shape != X.shape:
        raise ValueError(f"upstream must have the shape of X, {X.shape}, got {upstream.shape}")
