"""What to look at when a net does not learn: the size of signals, layer by layer, and the shape of the loss."""

from typing import NamedTuple

import numpy as np

from nnlib._arguments import as_float, as_parameter
from nnlib.activations import ACTIVATIONS
from nnlib.losses import find_loss
from nnlib.special import gaussian_mean


class Trace(NamedTuple):
    """What passed through one layer.

    >>> Trace(layer=None, input=np.ones(2), output=np.zeros(2), delta=None).output
    array([0., 0.])
    """

    layer: object
    """The Layer, one without inner layers."""
    input: np.ndarray
    output: np.ndarray
    delta: np.ndarray | None
    """∂loss/∂output, if an upstream gradient was given."""


def trace(model, X, upstream=None):
    """Run forward, and with `upstream` backward, and note what passed each layer.

    Overwrites the model's gradients if `upstream` is given. The model runs in the mode it is in.

    Args:
        model: nnlib.Layer.
        X: (N, ...) float, inputs.
        upstream: ∂loss/∂output of the model; or a function of the output that returns it, such as a loss's gradient;
            None for the forward pass alone.
    Returns:
        list of Trace, one for each layer without inner layers, in the order of the forward pass.

    >>> from nnlib.layers import Linear, Sequential
    >>> net = Sequential([Linear(3, 2, np.random.default_rng(0)), "tanh"])
    >>> [(t.layer.name, t.output.shape, t.delta.shape) for t in trace(net, np.ones((5, 3)), np.ones((5, 2)))]
    [('0', (5, 2), (5, 2)), ('1', (5, 2), (5, 2))]
    """
    passed = {}

    def watch(leaf):
        forward, backward = leaf.forward, leaf.backward

        def forward_and_note(x):
            passed[leaf] = [x, forward(x), None]
            return passed[leaf][1]

        def backward_and_note(upstream, wrt_input=True):
            passed[leaf][2] = upstream
            return backward(upstream, wrt_input)

        leaf.forward, leaf.backward = forward_and_note, backward_and_note  # these hide the class's

    leaves = model.leaves()
    try:
        for leaf in leaves:
            watch(leaf)
        output = model.forward(X)
        if upstream is not None:
            model.backward(upstream(output) if callable(upstream) else upstream)
    finally:
        for leaf in leaves:
            leaf.__dict__.pop("forward", None)
            leaf.__dict__.pop("backward", None)
    return [Trace(leaf, *passed[leaf]) for leaf in leaves if leaf in passed]


class LayerStatistics(NamedTuple):
    """Sizes of what passed through one layer; see `layer_statistics`.

    >>> LayerStatistics("0", activation=1.0, delta=0.5, gradient=0.1, weight=2.0, zero=0.0).delta
    0.5
    """

    name: str
    """The layer's place in the net."""
    activation: float
    """Root mean square of the outputs."""
    delta: float
    """Root of the sum of squares of δ = ∂loss/∂output, over units and examples."""
    gradient: float
    """The same of ∂loss/∂parameter, over all of the layer's parameters; nan for a layer without."""
    weight: float
    """The same of the parameters; nan for a layer without."""
    zero: float
    """Share of outputs that are 0."""


def layer_statistics(model, loss, X, y):
    """How large activations, δ and gradients are, layer by layer: where a signal vanishes or explodes.

    Grade a net by δ and not by the weight gradients alone: in a ReLU net without biases ⟨W, ∂loss/∂W⟩ is the same
    for every layer, so that with weights of one size in all layers their gradients look alike, whatever that size.
    Overwrites the model's gradients.

    Args:
        model: nnlib.Layer, used in the mode it is in.
        loss: key of `nnlib.LOSSES`, or a row like its rows.
        X: (N, ...) float, inputs.
        y: their targets.
    Returns:
        list of LayerStatistics, one for each layer without inner layers, in the order of the forward pass.
    Source:
        Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, section 4.

    >>> from nnlib.layers import Linear, Sequential
    >>> rng = np.random.default_rng(0)
    >>> net = Sequential([Linear(4, 4, rng), "sigmoid", Linear(4, 4, rng), "sigmoid", Linear(4, 2, rng)])
    >>> rows = layer_statistics(net, "cross_entropy", rng.normal(size=(8, 4)), np.arange(8) % 2)
    >>> rows[0].delta < rows[2].delta < rows[4].delta
    True
    """
    row = find_loss(loss)
    return [
        LayerStatistics(
            passed.layer.name,
            float(np.sqrt(np.mean(np.square(passed.output)))),
            float(np.linalg.norm(passed.delta)),
            _whole_norm(passed.layer.gradients),
            _whole_norm(passed.layer.parameters),
            float(np.mean(passed.output == 0)),
        )
        for passed in trace(model, X, lambda output: row.grad(output, y))
    ]


def predict_ratio(depth, width, std, activation, variance=1.0):
    """Predicted ‖δ_1‖/‖δ_L‖ of a wide random net: below 1 the gradient vanishes, above 1 it explodes.

        q_{l+1} = n σ² E[f(√q_l ζ)²],   χ_l = n σ² E[f'(√q_l ζ)²],   ratio = √(χ_1 χ_2 ... χ_{L−1}),   ζ ~ N(0, 1)

    δ_l is the gradient at the pre-activations of layer l, q_l their variance; widths are taken as infinite and
    forward and backward weights as independent. Biases are 0.

    Args:
        depth: L, the number of linear layers, 1 or more.
        width: n, the units of each.
        std: σ, the weights' standard deviation.
        activation: key of `nnlib.ACTIVATIONS`, after every layer but the last.
        variance: q_1, the variance of the first layer's pre-activations.
    Returns:
        float, 0 or more.
    Raises:
        ValueError: an argument out of range, or an unknown activation.
    Source:
        Schoenholz, Gilmer, Ganguli & Sohl-Dickstein (2017), Deep information propagation, sections 2 and 4,
        arXiv:1611.01232.

    >>> round(predict_ratio(20, 64, (2 / 64) ** 0.5, "relu"), 6), round(predict_ratio(20, 64, (1 / 64) ** 0.5, "relu"), 6)
    (1.0, 0.001381)
    """
    as_parameter("depth", depth, depth >= 1, "1 or more")
    as_parameter("width", width, width >= 1, "1 or more")
    as_parameter("std", std, 0 <= std < np.inf, "0 or more and finite")
    q = as_parameter("variance", variance, 0 <= variance < np.inf, "0 or more and finite")
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
    f, grad = ACTIVATIONS[activation]
    log_ratio = 0.0  # a product of a thousand factors would underflow on the way
    for _ in range(depth - 1):
        scale = np.sqrt(q)
        chi = width * std**2 * gaussian_mean(lambda z, s=scale: grad(s * z) ** 2)
        q = width * std**2 * gaussian_mean(lambda z, s=scale: f(s * z) ** 2)
        if chi == 0:
            return 0.0
        log_ratio += 0.5 * np.log(chi)
    return float(np.exp(log_ratio))


def saturated_fraction(z, activation, below=0.01):
    """Share of pre-activations where the slope is next to nothing, so that no gradient passes.

        mean of [ |f'(z)| < below · max|f'| ],  the maximum over all z

    Args:
        z: (...) float, pre-activations, at least one.
        activation: key of `nnlib.ACTIVATIONS`.
        below: the part of the steepest slope that still counts as a slope, in (0, 1).
    Returns:
        float in [0, 1]; an entry that is nan counts as saturated, since nothing useful passes it.
    Raises:
        ValueError: `below` out of range, or an unknown activation.

    >>> saturated_fraction(np.array([-10.0, 0.0, 1.0, 10.0]), "sigmoid")
    0.5
    """
    z = as_float(z)
    below = as_parameter("below", below, 0 < below < 1, "in (0, 1)")
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
    grad = ACTIVATIONS[activation].grad
    steepest = np.abs(grad(np.linspace(-10, 10, 20001))).max()  # every f' of the table has its maximum there
    limit = below * steepest * (1 - 1e-6)  # a slope that is the limit itself counts as one, also in float32
    return float(np.mean(~(np.abs(grad(z)) >= limit)))


def dead_fraction(activations):
    """Share of units that put out 0 for every example: with ReLU no gradient reaches their weights from these.

    In a net's first layer that lasts under plain gradient descent; in a later one the inputs change as the layers
    below learn, and now and then a unit comes back.

    A unit is alive if some example gives it a finite output other than 0; one that is nan throughout is not.

    Args:
        activations: (N, ...) float, outputs of a layer, one unit for each place behind the first axis; N >= 1.
    Returns:
        float in [0, 1].
    Raises:
        ValueError: no examples or no units.
    Source:
        Lu, Shin, Su & Karniadakis (2020), Dying ReLU and initialization, arXiv:1903.06733.

    >>> dead_fraction(np.array([[0.0, 1.0, 0.0, 2.0], [0.0, 0.0, np.nan, 3.0]]))
    0.5
    """
    activations = as_float(activations, "activations")
    if activations.ndim == 0 or activations.size == 0:
        raise ValueError(f"activations must have examples and units, got shape {activations.shape}")
    alive = (np.isfinite(activations) & (activations != 0)).any(axis=0)
    return float(1 - alive.mean())


def update_ratios(before, after):
    """How far an update moved each tensor, relative to its size: about 1e-3 is common, 1e-1 often too much.

        ‖w_after − w_before‖ / ‖w_before‖      (inf for a move away from 0, 0 for none)

    Args:
        before, after: dicts of the same names to (...) float, such as two `state_dict()`s.
    Returns:
        dict of name to float.
    Raises:
        ValueError: names differ.

    >>> update_ratios({"W": np.array([3.0, 4.0])}, {"W": np.array([3.0, 4.5])})
    {'W': 0.1}
    """
    if before.keys() != after.keys():
        raise ValueError(f"after must name {sorted(before)}, got {sorted(after)}")
    ratios = {}
    for name, old in before.items():
        moved, size = np.linalg.norm(np.subtract(after[name], old)), np.linalg.norm(old)
        ratios[name] = float(moved / size) if size else (np.inf if moved else 0.0)
    return ratios


def example_gradients(model, loss, X, y):
    """Each example's own gradient over all parameters. Overwrites the model's gradients.

    Args:
        model: nnlib.Layer, used in the mode it is in; batch normalisation ties examples together, so evaluate it.
        loss: key of `nnlib.LOSSES`, or a row like its rows.
        X: (N, ...) float, inputs.
        y: their targets.
    Returns:
        (N, P) float, P the number of parameters, in the order of `model.parameters`.

    >>> from nnlib.layers import Linear
    >>> layer = Linear(1, 1, np.random.default_rng(0), bias=False)
    >>> layer.parameters["W"][:] = 2.0
    >>> example_gradients(layer, "mse", np.array([[1.0], [3.0]]), np.array([[0.0], [6.0]]))
    array([[2.],
           [0.]])
    """
    row = find_loss(loss)
    found = []
    for i in range(len(X)):
        model.backward(row.grad(model.forward(X[i : i + 1]), y[i : i + 1]), wrt_input=False)
        found.append(np.concatenate([gradient.ravel() for gradient in model.gradients.values()]))
    return np.array(found)


def noise_scale(gradients):
    """Gradient-noise scale: the batch size at which the noise of a mini-batch is as large as the gradient itself.

        B_noise = tr(Σ) / ‖G‖²,  Σ the covariance of the examples' gradients, G their mean

    Both parts are estimated without bias: Σ over N − 1, and ‖G‖² less the share tr(Σ)/N that the noise adds to it.
    The variance of the gradient of a mini-batch of B examples is tr(Σ)/B, as large as ‖G‖² at B = B_noise; larger
    batches help little beyond that.

    Args:
        gradients: (N, P) float, one gradient an example; see `example_gradients`; N >= 2.
    Returns:
        float, examples; inf where the mean is not told from 0.
    Raises:
        ValueError: fewer than 2 gradients.
    Source:
        McCandlish, Kaplan, Amodei et al. (2018), An empirical model of large-batch training, equation 2.9 and
        appendix A.1, arXiv:1812.06162.

    >>> noise_scale(np.array([[3.0, 1.0], [3.0, -1.0]]))
    0.25
    """
    gradients = as_float(gradients, "gradients")
    if gradients.ndim != 2 or len(gradients) < 2:
        raise ValueError(f"gradients must have shape (N, P) with N >= 2, got {gradients.shape}")
    mean = gradients.mean(axis=0)
    trace_of_covariance = np.sum((gradients - mean) ** 2) / (len(gradients) - 1)
    square = mean @ mean - trace_of_covariance / len(gradients)
    return float(trace_of_covariance / square) if square > 0 else np.inf


def filter_normalized_direction(model, rng):
    """A random direction in the space of the parameters, each filter as long as the model's own.

        d_i ← d_i / ‖d_i‖ · ‖w_i‖,  i a filter: the weights into one unit or one feature map

    Without it, the picture's sharpness would change when a ReLU net's weights are rescaled and its function is not.
    Biases and other vectors get 0, as in the paper's figures.

    Args:
        model: nnlib.Layer; not modified.
        rng: numpy.random.Generator.
    Returns:
        dict of the names of `model.parameters` to arrays of their shapes.
    Source:
        Li, Xu, Taylor, Studer & Goldstein (2018), Visualizing the loss landscape of neural nets, section 4,
        arXiv:1712.09913.

    >>> from nnlib.layers import Linear
    >>> layer = Linear(3, 2, np.random.default_rng(0))
    >>> d = filter_normalized_direction(layer, np.random.default_rng(1))
    >>> np.allclose(np.linalg.norm(d["W"], axis=0), np.linalg.norm(layer.parameters["W"], axis=0)), d["b"]
    (True, array([0., 0.]))
    """
    directions = {}
    for name, w in model.parameters.items():
        d = rng.normal(size=w.shape).astype(w.dtype)
        if w.ndim < 2:
            directions[name] = np.zeros_like(w)
            continue
        inputs = (
            0 if w.ndim == 2 else tuple(range(1, w.ndim))
        )  # W is (D, H) of a linear layer, (F, C, ...) of a filter
        lengths = [np.sqrt(np.sum(a * a, axis=inputs, keepdims=True)) for a in (w, d)]
        directions[name] = d * (lengths[0] / lengths[1])
    return directions


def loss_slice(model, loss, X, y, directions, steps):
    """The loss along one or two directions through the model's weights, which are put back afterwards.

        L(a, b) = loss(w + a·d + b·e)

    Args:
        model: nnlib.Layer, used in the mode it is in; call `model.eval()` first.
        loss: key of `nnlib.LOSSES`, or a row like its rows.
        X: (N, ...) float, inputs.
        y: their targets.
        directions: one or two dicts of name to array; see `filter_normalized_direction`.
        steps: (S,) float, the values of a, and of b; unitless, in multiples of a direction's length.
    Returns:
        (S,) or (S, S) float, the loss; the first axis is a.
    Raises:
        ValueError: neither one nor two directions.
    Source:
        Li et al. (2018), Visualizing the loss landscape of neural nets, section 3, arXiv:1712.09913.

    >>> from nnlib.layers import Linear
    >>> layer = Linear(1, 1, np.random.default_rng(0), bias=False)
    >>> layer.parameters["W"][:] = 1.0
    >>> loss_slice(layer, "mse", np.ones((1, 1)), np.ones((1, 1)), [{"W": np.ones((1, 1))}], [-1.0, 0.0, 2.0])
    array([0.5, 0. , 2. ])
    """
    if len(directions) not in (1, 2):
        raise ValueError(f"directions must be one or two, got {len(directions)}")
    row = find_loss(loss)
    start = {name: w.copy() for name, w in model.parameters.items()}
    losses = np.empty((len(steps),) * len(directions))
    try:
        for place in np.ndindex(losses.shape):
            for name, w in model.parameters.items():
                w[...] = start[name] + sum(steps[i] * d[name] for i, d in zip(place, directions, strict=True))
            losses[place] = row.f(model.forward(X), y)
    finally:
        for name, w in model.parameters.items():
            w[...] = start[name]
    return losses


def _whole_norm(tensors):
    """Norm over all of a layer's tensors together; nan where there are none."""
    return float(np.sqrt(sum(np.sum(np.square(t)) for t in tensors.values()))) if tensors else float("nan")
