"""Sizes of signals and the shape of the loss."""

import math

import mpmath
import numpy as np
import pytest

from nnlib.activations import ACTIVATIONS
from nnlib.diagnostics import (
    dead_fraction,
    example_gradients,
    filter_normalized_direction,
    layer_statistics,
    loss_slice,
    noise_scale,
    predict_ratio,
    saturated_fraction,
    trace,
    update_ratios,
)
from nnlib.gradcheck import central_difference, relative_error
from nnlib.initializers import normal_init
from nnlib.layers import Conv2d, Linear, Residual, Sequential
from nnlib.losses import LOSSES

rng = np.random.default_rng
X, y = rng(1).normal(size=(6, 4)), np.array([0, 1, 2, 0, 1, 2])


def net(seed=0):
    g = rng(seed)
    return Sequential(
        [Linear(4, 5, g), "relu", Residual(Sequential([Linear(5, 5, g), "tanh"])), Linear(5, 3, g)]
    )


def test_trace_notes_inputs_outputs_and_deltas_of_each_leaf():
    model = net()
    passed = trace(model, X, lambda output: LOSSES["cross_entropy"].grad(output, y))
    assert [t.layer.name for t in passed] == ["0", "1", "2.branch.0", "2.branch.1", "3"]
    np.testing.assert_array_equal(passed[0].input, X)
    np.testing.assert_array_equal(passed[1].input, passed[0].output)
    np.testing.assert_array_equal(passed[-1].output, model.forward(X))
    np.testing.assert_array_equal(passed[-1].delta, LOSSES["cross_entropy"].grad(model.forward(X), y))


@pytest.mark.parametrize("place", range(5))
def test_delta_is_the_gradient_at_the_layers_output(place):
    model = net()
    layer = model.leaves()[place]

    def loss(output):
        layer.forward = lambda x: output
        try:
            return LOSSES["cross_entropy"].f(model.forward(X), y)
        finally:
            del layer.forward

    passed = trace(model, X, lambda output: LOSSES["cross_entropy"].grad(output, y))[place]
    assert relative_error(passed.delta, central_difference(loss, passed.output)) < 1e-8


def test_trace_leaves_the_model_as_it_was_also_after_an_error():
    model = net()
    trace(model, X)
    with pytest.raises(ValueError, match="input must have shape"):
        trace(model, X[:, :3])
    assert not [leaf for leaf in model.leaves() if "forward" in vars(leaf) or "backward" in vars(leaf)]
    assert trace(model, X)[0].delta is None


def test_layer_statistics_are_those_of_the_trace():
    model = net()
    rows = layer_statistics(model, "cross_entropy", X, y)
    passed = trace(model, X, lambda output: LOSSES["cross_entropy"].grad(output, y))
    for row, t in zip(rows, passed, strict=True):
        assert row.name == t.layer.name
        assert row.activation == pytest.approx(math.sqrt((t.output**2).sum() / t.output.size))
        assert row.delta == pytest.approx(math.sqrt((t.delta**2).sum()))
        assert row.zero == (t.output == 0).mean()
    W, b = (model.gradients[name] for name in ("0.W", "0.b"))
    assert rows[0].gradient == pytest.approx(math.sqrt((W**2).sum() + (b**2).sum()))
    assert rows[0].weight == pytest.approx(np.linalg.norm(model.parameters["0.W"]))
    assert math.isnan(rows[1].gradient)
    assert math.isnan(rows[1].weight)
    assert rows[1].zero > 0.2


def test_weights_and_their_gradients_have_the_same_product_in_every_layer_of_a_relu_net():
    """Why a ReLU net is graded by δ: without biases ⟨W, dW⟩ is equal across layers."""
    g = rng(0)
    layers = [part for _ in range(6) for part in (Linear(8, 8, g, bias=False), "relu")]
    model = Sequential([*layers[:-1], "relu", Linear(8, 3, g, bias=False)])
    layer_statistics(model, "cross_entropy", g.normal(size=(5, 8)), [0, 1, 2, 0, 1])
    products = [np.sum(model.parameters[name] * model.gradients[name]) for name in model.parameters]
    np.testing.assert_allclose(products, products[0], rtol=1e-9)


def gaussian(f):
    return mpmath.quad(lambda z: f(z) * mpmath.npdf(z), [-12, -4, 0, 4, 12])


def test_predict_ratio_is_the_papers_recursion():
    """Schoenholz et al. (2017), equations 3 and 8, for tanh, in arbitrary precision."""
    n, std, q, ratio = 50, 0.2, 1.7, mpmath.mpf(1)
    for _ in range(3):
        ratio *= n * std**2 * gaussian(lambda z, q=q: (1 - mpmath.tanh(mpmath.sqrt(q) * z) ** 2) ** 2)
        q = n * std**2 * gaussian(lambda z, q=q: mpmath.tanh(mpmath.sqrt(q) * z) ** 2)
    assert predict_ratio(4, n, std, "tanh", variance=1.7) == pytest.approx(
        float(mpmath.sqrt(ratio)), rel=1e-9
    )


@pytest.mark.parametrize(("factor", "wanted"), [(2.0, 1.0), (1.0, 2.0**-9.5), (4.0, 2.0**9.5)])
def test_a_relu_net_s_ratio_is_a_power_of_its_variance(factor, wanted):
    assert predict_ratio(20, 64, math.sqrt(factor / 64), "relu") == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_the_prediction_is_what_wide_nets_measure(activation):
    """Median over ten nets of width 200: the ratio's spread is about √(depth/width), here 20 %."""
    n, depth = 200, 8
    std = math.sqrt(1.5 / n)
    measured = []
    for seed in range(10):
        g = rng(seed)
        layers = []
        for _ in range(depth):
            layers += [
                Linear(n, n, g, initializer=lambda s, r, dtype: normal_init(s, r, std, dtype)),
                activation,
            ]
        model = Sequential(layers[:-1])
        inputs = g.normal(size=(4, n)) / math.sqrt(1.5)  # pre-activations of the first layer get variance 1
        passed = trace(model, inputs, g.normal(size=(4, n)))
        deltas = [np.linalg.norm(t.delta) for t in passed if isinstance(t.layer, Linear)]
        measured.append(deltas[0] / deltas[-1])
    assert np.median(measured) == pytest.approx(predict_ratio(depth, n, std, activation), rel=0.25)


def test_predict_ratio_at_the_edges():
    assert predict_ratio(1, 64, 0.3, "tanh") == 1
    assert predict_ratio(5, 64, 0.0, "tanh") == 0
    assert predict_ratio(3000, 64, 0.125, "relu") == 0  # 2^-1499.5 underflows, without a warning
    with pytest.raises(ValueError, match="activation must be one of"):
        predict_ratio(5, 64, 0.1, "rel")
    with pytest.raises(ValueError, match="std must be 0 or more and finite, got -1"):
        predict_ratio(5, 64, -1, "relu")


@pytest.mark.parametrize(
    ("name", "wanted"), [("sigmoid", 2 * math.acosh(5 * 2) / 1), ("tanh", math.acosh(10))]
)
def test_saturation_begins_where_the_slope_is_a_hundredth_of_the_steepest(name, wanted):
    """tanh'(z) = cosh(z)⁻², so 1/100 at acosh(10); σ'(z) is a quarter of tanh'(z/2)."""
    z = np.array([-1.001, -0.999, 0, 0.999, 1.001]) * wanted
    assert saturated_fraction(z, name) == 0.4


def test_saturation_counts_nan_and_respects_the_threshold():
    assert saturated_fraction([np.nan, 0.0], "tanh") == 0.5
    assert saturated_fraction([-1.0, 1.0], "relu") == 0.5
    assert saturated_fraction([-1.0, 1.0], "leaky_relu") == 0  # its slope is the limit itself,
    assert saturated_fraction(np.float32([-1, 1]), "leaky_relu") == 0  # which float32 rounds down
    assert saturated_fraction([-1.0, 1.0], "leaky_relu", below=0.02) == 0.5
    with pytest.raises(ValueError, match=r"below must be in \(0, 1\), got 1"):
        saturated_fraction([0.0], "tanh", below=1)
    with pytest.raises(ValueError, match="activation must be one of"):
        saturated_fraction([0.0], "tan")


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_steepest_slope_is_found(name):
    """So that the share is 0 where the slope is as steep as it gets."""
    z = np.linspace(-30, 30, 600001)
    slopes = np.abs(ACTIVATIONS[name].grad(z))
    assert saturated_fraction(z[slopes.argmax()], name, below=0.999) == 0


@pytest.mark.parametrize(
    ("activations", "wanted"),
    [
        ([[0.0, 1.0], [0.0, 0.0]], 0.5),
        ([[0.0, 1.0], [-1.0, 0.0]], 0),
        ([[np.nan, 1.0], [np.nan, 1.0]], 0.5),
        ([[np.nan, 0.0], [1.0, np.inf]], 0.5),
        (np.zeros((3, 2, 4, 4)), 1),
    ],
)
def test_a_dead_unit_is_0_for_every_example(activations, wanted):
    assert dead_fraction(activations) == wanted


@pytest.mark.parametrize("shape", [(), (0, 3), (3, 0)])
def test_dead_fraction_needs_examples_and_units(shape):
    with pytest.raises(ValueError, match="activations must have examples and units"):
        dead_fraction(np.zeros(shape))


def test_update_ratios_are_relative_to_the_weights_before():
    before = {"W": np.array([[3.0, 4.0]]), "b": np.zeros(2), "c": np.zeros(1)}
    after = {"W": np.array([[3.0, 4.1]]), "b": np.ones(2), "c": np.zeros(1)}
    found = update_ratios(before, after)
    assert found == {"W": pytest.approx(0.02), "b": np.inf, "c": 0.0}
    with pytest.raises(ValueError, match=r"after must name \['W', 'b', 'c'\], got \['W'\]"):
        update_ratios(before, {"W": before["W"]})


def test_example_gradients_average_to_the_batch_s():
    model = net()
    found = example_gradients(model, "cross_entropy", X, y)
    model.backward(LOSSES["cross_entropy"].grad(model.forward(X), y))
    whole = np.concatenate([g.ravel() for g in model.gradients.values()])
    assert found.shape == (6, model.size)
    assert relative_error(found.mean(axis=0), whole) < 1e-12


def test_the_noise_scale_is_found_back():
    """N(G, Σ) with tr Σ = 20·9 and ‖G‖² = 2: B = 90, here from 40,000 draws (spread about 0.7)."""
    g = rng(0)
    mean = np.zeros(20)
    mean[:2] = 1
    assert noise_scale(mean + 3 * g.normal(size=(40000, 20))) == pytest.approx(90, abs=4)


def test_the_noise_scale_is_unbiased_in_its_parts():
    """Two gradients, by hand: mean (1, 0), trace 2·((1)²)/1 = 2; 1 − 2/2 = 0: not told from 0."""
    assert noise_scale([[1.0, 1.0], [1.0, -1.0]]) == np.inf
    assert noise_scale([[1.0, 0.5], [1.0, -0.5]]) == pytest.approx(0.5 / 0.75)
    assert noise_scale([[1.0, 2.0], [1.0, 2.0]]) == 0


@pytest.mark.parametrize("shape", [(1, 3), (3,), (2, 2, 2)])
def test_the_noise_scale_needs_two_gradients(shape):
    with pytest.raises(ValueError, match=r"gradients must have shape \(N, P\) with N >= 2"):
        noise_scale(np.ones(shape))


def test_directions_have_the_length_of_each_filter():
    g = rng(0)
    model = Sequential([Conv2d(2, 3, 3, g), Linear(4, 5, g)])
    before = model.state_dict()
    d = filter_normalized_direction(model, rng(1))
    for name, axes in (("0.W", (1, 2, 3)), ("1.W", (0,))):
        for a, b in ((d[name], model.parameters[name]),):
            np.testing.assert_allclose((a**2).sum(axis=axes), (b**2).sum(axis=axes), rtol=1e-12)
    assert not d["0.b"].any()
    assert list(d) == list(model.parameters)
    for name, w in model.parameters.items():
        np.testing.assert_array_equal(w, before[name])


def test_a_direction_scales_with_its_filter_so_that_the_slice_does_not_change():
    """Scale a ReLU layer by 7 and the next one by 1/7: the same function, and the same picture of it."""
    g = rng(0)
    model = Sequential([Linear(4, 6, g, bias=False), "relu", Linear(6, 3, g, bias=False)])
    steps = np.linspace(-1, 1, 5)

    def picture():
        return loss_slice(model, "cross_entropy", X, y, [filter_normalized_direction(model, rng(3))], steps)

    before = picture()
    model.parameters["0.W"][...] *= 7
    model.parameters["2.W"][...] /= 7
    np.testing.assert_allclose(picture(), before, rtol=1e-10)


@pytest.mark.parametrize("dimensions", [1, 2])
def test_a_slice_is_the_loss_along_the_directions(dimensions):
    model, steps = net(), np.array([-0.5, 0.0, 1.0])
    before = model.state_dict()
    directions = [filter_normalized_direction(model, rng(s)) for s in range(dimensions)]
    losses = loss_slice(model, "cross_entropy", X, y, directions, steps)
    assert losses.shape == (3,) * dimensions
    for name, w in model.parameters.items():
        np.testing.assert_array_equal(w, before[name])
    for place in np.ndindex(losses.shape):
        other = net()
        for name, w in other.parameters.items():
            for i, d in zip(place, directions, strict=True):
                w += steps[i] * d[name]
        assert losses[place] == pytest.approx(LOSSES["cross_entropy"].f(other.forward(X), y), rel=1e-12)


def test_a_slice_puts_the_weights_back_also_after_an_error():
    model = net()
    before = model.state_dict()
    with pytest.raises(ValueError, match="must"):
        loss_slice(model, "cross_entropy", X, y[:3], [filter_normalized_direction(model, rng(0))], [1.0])
    for name, w in model.parameters.items():
        np.testing.assert_array_equal(w, before[name])
    with pytest.raises(ValueError, match="directions must be one or two, got 0"):
        loss_slice(model, "cross_entropy", X, y, [], [1.0])
