"""First weights: random enough to tell units apart, scaled so that signals neither vanish nor explode.

Every function but `fans`, `gain` and `lsuv` takes (shape, rng, …, dtype), so that a layer can call any of them as
`initializer(shape, rng, dtype=dtype)`. Conventions, the same for all of them:

- Shapes are a layer's: (D, H) for D inputs and H units, where PyTorch stores (H, D), and (C_out, C_in, kh, kw)
  for a convolution, as in PyTorch. `fans` turns either into fan_in and fan_out.
- A formula gives the *variance*; the standard deviation is its root, and a uniform distribution on [−b, b] has
  variance b²/3, so b = √3·std.
- Normal distributions are whole, as in PyTorch; Keras cuts some of them off at two standard deviations.
- All draws are made in float64 and then rounded to `dtype`: float32 gives the same weights as float64.
"""

from collections.abc import Callable
from math import inf, prod, sqrt

import numpy as np

from nnlib._arguments import as_parameter
from nnlib.activations import ACTIVATIONS
from nnlib.diagnostics import trace
from nnlib.special import gaussian_mean


def fans(shape):
    """How many inputs feed a unit, and how many units an input feeds.

        fan_in = D, fan_out = H                          for weights (D, H)
        fan_in = C_in·kh·kw, fan_out = C_out·kh·kw       for kernels (C_out, C_in, kh, kw)

    Args:
        shape: two or more lengths, each 1 or more; with three or more the layout of a kernel is taken.
    Returns:
        fan_in: int.
        fan_out: int; for a kernel it neglects the stride, as PyTorch does.
    Raises:
        ValueError: fewer than two axes, or an empty one.
    Source:
        He, Zhang, Ren & Sun (2015), Delving deep into rectifiers, arXiv:1502.01852, section 2.2.

    >>> fans((64, 10)), fans((16, 3, 5, 5))
    ((64, 10), (75, 400))
    """
    shape = tuple(shape)
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError(f"shape must have two or more axes, none empty, got {shape}")
    if len(shape) == 2:
        return shape
    field = prod(shape[2:])
    return shape[1] * field, shape[0] * field


def zeros_init(shape, rng=None, dtype=np.float64):
    """All zeros: right for biases. Where all weights start at 0, the units of a hidden layer stay equal for ever.

    Args:
        shape: lengths of any number of axes.
        rng: not used.
        dtype: of the result.
    Returns:
        (shape) float.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 8.4.

    >>> zeros_init((2, 3))
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """
    return np.zeros(shape, dtype)


def constant_init(shape, rng=None, value=0.1, dtype=np.float64):
    """The same number everywhere, such as a small positive bias for ReLU, or 1 for an LSTM's forget gate.

    Args:
        shape: lengths of any number of axes.
        rng: not used.
        value: that number, finite.
        dtype: of the result.
    Returns:
        (shape) float.
    Raises:
        ValueError: value not finite.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, section 8.4.

    >>> constant_init((3,), value=1.0)
    array([1., 1., 1.])
    """
    return np.full(shape, as_parameter("value", value, -inf < value < inf, "finite"), dtype)


def normal_init(shape, rng, std=0.01, dtype=np.float64):
    """Normal numbers of mean 0 and a fixed standard deviation, whatever the layer's width.

        w ~ N(0, std²)

    Args:
        shape: lengths of any number of axes.
        rng: numpy.random.Generator that draws the numbers.
        std: standard deviation (not the variance), 0 or more and finite.
        dtype: of the result.
    Returns:
        (shape) float.
    Raises:
        ValueError: std negative or not finite.
        TypeError: `rng` is no generator.
    Source:
        Krizhevsky, Sutskever & Hinton (2012), ImageNet classification with deep convolutional neural
        networks, section 5 (std = 0.01).

    >>> normal_init((2, 2), np.random.default_rng(0))
    array([[ 0.0012573 , -0.00132105],
           [ 0.00640423,  0.001049  ]])
    """
    std = as_parameter("std", std, 0 <= std < inf, "0 or more and finite")
    return (std * _generator(rng).standard_normal(shape)).astype(dtype)


def uniform_init(shape, rng, bound=0.05, dtype=np.float64):
    """Uniform numbers between −bound and bound, whatever the layer's width.

        w ~ U[−b, b],  variance b²/3

    Args:
        shape: lengths of any number of axes.
        rng: numpy.random.Generator that draws the numbers.
        bound: b, 0 or more and finite; the default is that of Keras.
        dtype: of the result.
    Returns:
        (shape) float in [−b, b], b rounded to `dtype`.
    Raises:
        ValueError: bound negative or not finite.
        TypeError: `rng` is no generator.
    Source:
        LeCun, Bottou, Orr & Müller (1998), Efficient BackProp, section 4.6.

    >>> uniform_init((2, 2), np.random.default_rng(0), bound=1.0)
    array([[ 0.27392337, -0.46042657],
           [-0.91805295, -0.96694473]])
    """
    bound = as_parameter("bound", bound, 0 <= bound < inf, "0 or more and finite")
    return (bound * _generator(rng).uniform(-1, 1, shape)).astype(dtype)


def lecun_normal(shape, rng, gain=1.0, dtype=np.float64):
    """Normal weights that keep the variance of a linear layer's signal; for SELU, and with `gain` for any activation.

        Var w = gain² / fan_in

    Args:
        shape: (D, H) or (C_out, C_in, kh, kw); see `fans`.
        rng: numpy.random.Generator that draws the numbers.
        gain: unitless, 0 or more and finite; `gain(activation)` gives an activation's.
        dtype: of the result.
    Returns:
        (shape) float.
    Raises:
        ValueError: gain negative or not finite, or a shape without fans.
        TypeError: `rng` is no generator.
    Source:
        LeCun, Bottou, Orr & Müller (1998), Efficient BackProp, section 4.6.

    >>> lecun_normal((400, 30), np.random.default_rng(0)).std().round(3)  # 1/√400 = 0.05
    np.float64(0.05)
    """
    return normal_init(shape, rng, _gain(gain) / sqrt(fans(shape)[0]), dtype)


def lecun_uniform(shape, rng, gain=1.0, dtype=np.float64):
    """Uniform weights that keep the variance of a linear layer's signal.

        Var w = gain² / fan_in,  w ~ U[−b, b] with b = gain·√(3 / fan_in)

    Args:
        shape, rng, gain, dtype: as for `lecun_normal`.
    Returns:
        (shape) float in [−b, b].
    Raises:
        ValueError, TypeError: as for `lecun_normal`.
    Source:
        LeCun, Bottou, Orr & Müller (1998), Efficient BackProp, section 4.6.

    >>> abs(lecun_uniform((300, 20), np.random.default_rng(0))).max().round(3)  # √(3/300) = 0.1
    np.float64(0.1)
    """
    return uniform_init(shape, rng, _gain(gain) * sqrt(3 / fans(shape)[0]), dtype)


def xavier_normal(shape, rng, gain=1.0, dtype=np.float64):
    """Normal weights of a variance between what forward and what backward signals want; for tanh. Also: Glorot.

        Var w = gain² · 2 / (fan_in + fan_out)

    Args:
        shape, rng, gain, dtype: as for `lecun_normal`.
    Returns:
        (shape) float.
    Raises:
        ValueError, TypeError: as for `lecun_normal`.
    Source:
        Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks,
        equation 12.

    >>> xavier_normal((500, 300), np.random.default_rng(0)).std().round(3)  # √(2/800) = 0.05
    np.float64(0.05)
    """
    return normal_init(shape, rng, _gain(gain) * sqrt(2 / sum(fans(shape))), dtype)


def xavier_uniform(shape, rng, gain=1.0, dtype=np.float64):
    """Uniform weights of a variance between what forward and what backward signals want. Also: Glorot.

        Var w = gain² · 2 / (fan_in + fan_out),  w ~ U[−b, b] with b = gain·√(6 / (fan_in + fan_out))

    Args:
        shape, rng, gain, dtype: as for `lecun_normal`.
    Returns:
        (shape) float in [−b, b].
    Raises:
        ValueError, TypeError: as for `lecun_normal`.
    Source:
        Glorot & Bengio (2010), equation 16.

    >>> abs(xavier_uniform((500, 100), np.random.default_rng(0))).max().round(3)  # √(6/600) = 0.1
    np.float64(0.1)
    """
    return uniform_init(shape, rng, _gain(gain) * sqrt(6 / sum(fans(shape))), dtype)


def he_normal(shape, rng, mode="fan_in", slope=0.0, dtype=np.float64):
    """Normal weights that make good for what ReLU cuts away. Also: Kaiming.

        Var w = 2 / ((1 + slope²)·fan)

    Args:
        shape: (D, H) or (C_out, C_in, kh, kw); see `fans`.
        rng: numpy.random.Generator that draws the numbers.
        mode: "fan_in" keeps the variance of forward signals, "fan_out" that of backward ones.
        slope: of the leaky ReLU that follows, unitless and finite; 0 is ReLU. PyTorch calls it `a`.
        dtype: of the result.
    Returns:
        (shape) float.
    Raises:
        ValueError: another mode, slope not finite, or a shape without fans.
        TypeError: `rng` is no generator.
    Source:
        He, Zhang, Ren & Sun (2015), Delving deep into rectifiers, arXiv:1502.01852, equations 10, 14 and 15.

    >>> he_normal((800, 50), np.random.default_rng(0)).std().round(3)  # √(2/800) = 0.05
    np.float64(0.05)
    """
    return normal_init(shape, rng, _he_std(shape, mode, slope), dtype)


def he_uniform(shape, rng, mode="fan_in", slope=0.0, dtype=np.float64):
    """Uniform weights that make good for what ReLU cuts away. Also: Kaiming.

        Var w = 2 / ((1 + slope²)·fan),  w ~ U[−b, b] with b = √(6 / ((1 + slope²)·fan))

    Args:
        shape, rng, mode, slope, dtype: as for `he_normal`.
    Returns:
        (shape) float in [−b, b].
    Raises:
        ValueError, TypeError: as for `he_normal`.
    Source:
        He, Zhang, Ren & Sun (2015), arXiv:1502.01852, equations 10, 14 and 15.

    >>> abs(he_uniform((600, 50), np.random.default_rng(0))).max().round(3)  # √(6/600) = 0.1
    np.float64(0.1)
    """
    return uniform_init(shape, rng, sqrt(3) * _he_std(shape, mode, slope), dtype)


def orthogonal(shape, rng, gain=1.0, dtype=np.float64):
    """Weights that keep lengths: all columns (or rows, if these are fewer) at right angles and of length `gain`.

        W = gain·Q,  QᵀQ = I if D >= H, else QQᵀ = I      (Q uniform among all such matrices)

    X W keeps lengths (times `gain`) if D <= H, and U Wᵀ, on the way back, if D >= H.

    Args:
        shape: (D, H); a kernel counts as the matrix (C_out, C_in·kh·kw), as in PyTorch.
        rng: numpy.random.Generator that draws the numbers.
        gain: unitless, 0 or more and finite.
        dtype: of the result.
    Returns:
        (shape) float.
    Raises:
        ValueError: gain negative or not finite, or a shape without fans.
        TypeError: `rng` is no generator.
    Source:
        Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep linear
        neural networks, arXiv:1312.6120; the signs: Mezzadri (2007), How to generate random matrices from the
        classical compact groups, arXiv:math-ph/0609050.

    >>> W = orthogonal((3, 2), np.random.default_rng(0))
    >>> np.allclose(W.T @ W, np.eye(2))
    True
    """
    fans(shape)
    gain = _gain(gain)
    rows, columns = shape[0], prod(shape[1:])
    Q, R = np.linalg.qr(_generator(rng).standard_normal((max(rows, columns), min(rows, columns))))
    # QR leaves each column's sign to the algorithm; with R's diagonal positive it is unique, and Q uniform.
    Q *= np.where(np.diagonal(R) < 0, -gain, gain)
    return np.array((Q if rows >= columns else Q.T).reshape(shape), dtype, order="C")


def gain(activation, **parameters):
    """By how much weights must be larger than LeCun's, for an activation to pass on a variance of 1.

        gain = 1 / √E[f(z)²],  z ~ N(0, 1)

    Weights of variance gain²/fan_in give the next layer's pre-activations variance 1 if this layer's have it: √2
    for ReLU, √(2 / (1 + slope²)) for leaky ReLU. PyTorch's `calculate_gain` agrees on these two alone: it has 5/3 for
    tanh (here 1.59), 1 for sigmoid (1.85) and 3/4 for SELU (1), rules of thumb.

    ReLU and leaky ReLU pass on any other variance as well. With tanh, sigmoid and SELU it returns to 1 from layer to
    layer; with GELU and swish it runs away from 1. None of this holds for the gradient on its way back.

    Args:
        activation: a key of `nnlib.ACTIVATIONS`.
        parameters: passed on to the activation, such as slope=0.1, beta=2.0 or form="tanh".
    Returns:
        float, unitless, right to about 1e-14 of itself.
    Raises:
        ValueError: an unknown activation.
    Source:
        He, Zhang, Ren & Sun (2015), arXiv:1502.01852, section 2.2, with E[f(z)²] in place of ReLU's ½.

    >>> round(gain("relu"), 12), round(gain("tanh"), 12)
    (1.414213562373, 1.592537419723)
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
    f = ACTIVATIONS[activation].f
    return 1 / sqrt(gaussian_mean(lambda z: f(z, **parameters) ** 2))


def lsuv(model, X, rng, tolerance=0.1, trials=10):
    """Modifies `model`: orthogonal weights, then each layer's scaled until its output has variance 1 on `X`.

        W ← orthogonal;  while |Var y − 1| >= tolerance: W ← W / √(Var y)      (y: the layer's output)

    Layer after layer, from first to last; the variance is over all examples and units. It replaces the weights
    of every layer that has one array of two or more axes among its parameters: linear layers, convolutions and
    embeddings, not recurrent layers. Biases stay; those that are 0, as they are at first, need one scaling a layer.
    All is done in evaluation mode, as in the authors' code: without dropout, and with running statistics.

    Args:
        model: nnlib.layers.Layer, such as a Sequential; its forward pass is called.
        X: (N, …) a batch of inputs, more than one for a useful variance.
        rng: numpy.random.Generator that draws the orthogonal matrices.
        tolerance: positive; how far from 1 a variance may stay. The default is that of the authors' code.
        trials: how often one layer may be scaled, 1 or more.
    Returns:
        int, how often a layer was scaled.
    Raises:
        ValueError: tolerance or trials out of range; a layer's output has variance 0 or is not finite, or its
            variance is not 1 after all trials, as its biases alone spread more. The model is then half done.
        TypeError: `rng` is no generator.
    Source:
        Mishkin & Matas (2016), All you need is a good init, arXiv:1511.06422, algorithm 1.

    >>> from nnlib.layers import Linear, Sequential
    >>> rng = np.random.default_rng(0)
    >>> X, model = rng.normal(size=(50, 4)), Sequential([Linear(4, 8, rng), "tanh", Linear(8, 3, rng)])
    >>> lsuv(model, X, rng), model(X).var().round(12)
    (2, np.float64(1.0))
    """
    as_parameter("tolerance", tolerance, tolerance > 0, "positive")
    as_parameter("trials", trials, trials >= 1, "1 or more")
    leaves = model.leaves()
    modes = [leaf.training for leaf in leaves]
    places = [(leaf, W) for leaf in leaves if (W := _weights(leaf)) is not None]
    for _, W in places:
        W[...] = orthogonal(W.shape, rng, dtype=W.dtype)
    try:
        for leaf in leaves:
            leaf.training = False
        return sum(_scale_to_unit_variance(model, X, leaf, W, tolerance, trials) for leaf, W in places)
    finally:
        for leaf, mode in zip(leaves, modes, strict=True):
            leaf.training = mode


def _scale_to_unit_variance(model, X, leaf, W, tolerance, trials):
    for scalings in range(trials + 1):
        (output,) = (passed.output for passed in trace(model, X) if passed.layer is leaf)
        variance = float(np.var(output, dtype=np.float64))
        if not 0 < variance < inf:
            raise ValueError(f"{leaf}: output must have a positive, finite variance on X, got {variance}")
        if abs(variance - 1) < tolerance:
            return scalings
        W /= sqrt(variance)
    raise ValueError(f"{leaf}: output still has variance {variance:.3g} on X after {trials} scalings")


def _weights(leaf):
    """The one parameter of `leaf` with two or more axes, or None."""
    matrices = [array for array in leaf.parameters.values() if array.ndim > 1]
    return matrices[0] if len(matrices) == 1 else None


def _generator(rng):
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator, got {type(rng).__name__}")
    return rng


def _gain(value):
    return as_parameter("gain", value, 0 <= value < inf, "0 or more and finite")


def _he_std(shape, mode, slope):
    slope = as_parameter("slope", slope, -inf < slope < inf, "finite")
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f'mode must be "fan_in" or "fan_out", got {mode!r}')
    return sqrt(2 / ((1 + slope * slope) * fans(shape)[mode == "fan_out"]))


INITIALIZERS: dict[str, Callable] = {
    "zeros": zeros_init,
    "constant": constant_init,
    "normal": normal_init,
    "uniform": uniform_init,
    "lecun_normal": lecun_normal,
    "lecun_uniform": lecun_uniform,
    "xavier_normal": xavier_normal,
    "xavier_uniform": xavier_uniform,
    "he_normal": he_normal,
    "he_uniform": he_uniform,
    "orthogonal": orthogonal,
}
