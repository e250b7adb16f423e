"""What every layer promises, held for each row of one table. A new layer needs a row here and nothing else."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

import nnlib.layers
from nnlib import ACTIVATIONS, central_difference, relative_error
from nnlib.layers.activation import ActivationLayer, SoftmaxLayer
from nnlib.layers.base import Layer
from nnlib.layers.containers import Container, Residual, Sequential
from nnlib.layers.convolution import Conv2d
from nnlib.layers.dropout import Dropout
from nnlib.layers.embedding import Embedding
from nnlib.layers.flatten import Flatten
from nnlib.layers.gru import GRU
from nnlib.layers.linear import Linear
from nnlib.layers.lstm import LSTM
from nnlib.layers.normalization import BatchNorm, LayerNorm
from nnlib.layers.pooling import AvgPool2d, MaxPool2d
from nnlib.layers.rnn import RNN


class Case(NamedTuple):
    """A layer and the inputs that it takes and refuses."""

    make: Callable  # (rng, dtype) -> Layer; a layer without a dtype takes its input's
    shape: tuple  # of an input
    wanted: str = ""  # the shape that messages ask for; "" where none is refused
    wrong: tuple = ()  # shapes that are refused
    words: int = 0  # inputs are integers below it; 0: normal floats


def evaluating(layer, rng):
    """The layer in evaluation, with buffers as after some training."""
    for buffer in layer.buffers.values():
        buffer[...] = rng.uniform(0.5, 2, buffer.shape)
    return layer.eval()


def network(rng, dtype):
    """Every kind of nesting, in training."""
    return Sequential(
        [
            Linear(5, 4, rng, bias=False, dtype=dtype),  # with a bias, batch norm would make its gradient 0
            BatchNorm(4, dtype=dtype),
            "tanh",
            Residual(Sequential([Linear(4, 3, rng, dtype=dtype), "relu", Linear(3, 4, rng, dtype=dtype)])),
            Residual(Linear(4, 3, rng, dtype=dtype), shortcut=Linear(4, 3, rng, bias=False, dtype=dtype)),
            Dropout(0.25, rng),
            LayerNorm(3, dtype=dtype),
        ]
    )


CASES = {
    "Linear": Case(
        lambda rng, dtype: Linear(4, 3, rng, dtype=dtype), (5, 4), "(..., 4)", ((5, 3), (4, 1), ())
    ),
    "Linear of sequences": Case(
        lambda rng, dtype: Linear(4, 3, rng, dtype=dtype), (2, 5, 4), "(..., 4)", ((4, 5),)
    ),
    "Linear without bias": Case(lambda rng, dtype: Linear(4, 3, rng, bias=False, dtype=dtype), (5, 4)),
    **{name: Case(lambda rng, dtype, name=name: ActivationLayer(name), (3, 5)) for name in ACTIVATIONS},
    "leaky_relu slope=0.3": Case(lambda rng, dtype: ActivationLayer("leaky_relu", slope=0.3), (3, 5)),
    "gelu form=tanh": Case(lambda rng, dtype: ActivationLayer("gelu", form="tanh"), (3, 5)),
    "Softmax": Case(lambda rng, dtype: SoftmaxLayer(), (3, 5)),
    "Dropout": Case(lambda rng, dtype: Dropout(0.4, rng), (5, 4)),
    "Dropout in evaluation": Case(lambda rng, dtype: Dropout(0.4, rng).eval(), (5, 4)),
    "BatchNorm": Case(
        lambda rng, dtype: BatchNorm(3, dtype=dtype), (5, 3), "(N, 3, ...)", ((3,), (5, 4), (3, 5), ())
    ),
    "BatchNorm of images": Case(
        lambda rng, dtype: BatchNorm(3, dtype=dtype), (2, 3, 4, 2), "(N, 3, ...)", ((2, 4, 2, 3),)
    ),
    "BatchNorm in evaluation": Case(
        lambda rng, dtype: evaluating(BatchNorm(3, dtype=dtype), rng), (2, 3, 4, 2), "(N, 3, ...)", ((3,),)
    ),
    "LayerNorm": Case(lambda rng, dtype: LayerNorm(4, dtype=dtype), (5, 4), "(..., 4)", ((5, 3), (4, 5), ())),
    "LayerNorm of sequences": Case(lambda rng, dtype: LayerNorm(4, dtype=dtype), (2, 3, 4)),
    "Embedding": Case(lambda rng, dtype: Embedding(6, 4, rng, dtype=dtype), (3, 5), words=6),
    "Flatten": Case(lambda rng, dtype: Flatten(), (3, 2, 4), "(N, ...)", ((),)),
    "Conv2d": Case(
        lambda rng, dtype: Conv2d(2, 3, (3, 2), rng, dtype=dtype),
        (4, 2, 5, 4),
        "(N, 2, 3 or more, 2 or more)",
        ((4, 3, 5, 4), (2, 5, 4), (4, 2, 2, 4), (4, 2, 5, 1)),
    ),
    "Conv2d with stride, padding, no bias": Case(
        lambda rng, dtype: Conv2d(2, 3, 3, rng, stride=2, padding=(1, 0), bias=False, dtype=dtype),
        (4, 2, 5, 6),
    ),
    "MaxPool2d": Case(lambda rng, dtype: MaxPool2d(2), (3, 2, 4, 6), "(N, C, h, w)", ((2, 4, 6), (4, 6))),
    "MaxPool2d overlapping": Case(lambda rng, dtype: MaxPool2d((3, 2), stride=(2, 1)), (3, 2, 5, 4)),
    "AvgPool2d": Case(lambda rng, dtype: AvgPool2d(2), (3, 2, 4, 6), "(N, C, h, w)", ((2, 4, 6),)),
    "AvgPool2d overlapping": Case(lambda rng, dtype: AvgPool2d((3, 2), stride=(2, 1)), (3, 2, 5, 4)),
    **{
        f"{layer.__name__}{', last state' if last else ''}": Case(
            lambda rng, dtype, layer=layer, last=last: layer(3, 4, rng, last=last, dtype=dtype),
            (2, 5, 3),
            "(N, T, 3)",
            ((2, 3, 5), (5, 3)),
        )
        for layer in (RNN, LSTM, GRU)
        for last in (False, True)
    },
    "Residual": Case(lambda rng, dtype: Residual(Linear(4, 4, rng, dtype=dtype)), (5, 4)),
    "Sequential": Case(network, (6, 5)),
    "Sequential in evaluation": Case(lambda rng, dtype: evaluating(network(rng, dtype), rng), (6, 5)),
    "Sequential of images": Case(
        lambda rng, dtype: Sequential(
            [
                Conv2d(2, 3, 3, rng, padding=1, bias=False, dtype=dtype),
                BatchNorm(3, dtype=dtype),
                "relu",
                MaxPool2d(2),
                Flatten(),
                Linear(18, 2, rng, dtype=dtype),
            ]
        ),
        (3, 2, 4, 6),
    ),
    "Sequential of words": Case(
        lambda rng, dtype: Sequential(
            [Embedding(6, 4, rng, dtype=dtype), Flatten(), "softplus", Linear(12, 2, rng, dtype=dtype)]
        ),
        (5, 3),
        words=6,
    ),
    "Sequential of nothing": Case(lambda rng, dtype: Sequential([]), (2, 3)),
}
LEARNING = [name for name, case in CASES.items() if case.make(np.random.default_rng(0), "f8").size]
REFUSING = [(name, shape) for name, case in CASES.items() for shape in case.wrong]


def build(name, dtype=np.float64, seed=1):
    """The same layer for the same seed, with parameters that are no zeros and ones."""
    layer = CASES[name].make(np.random.default_rng(seed), dtype)
    rng = np.random.default_rng(seed + 1)
    for parameter in layer.parameters.values():
        parameter[...] = rng.normal(size=parameter.shape)
    return layer


def draw(name, dtype=np.float64):
    """An input, and an upstream gradient of the output's shape."""
    rng, case = np.random.default_rng(3), CASES[name]
    x = rng.integers(case.words, size=case.shape) if case.words else rng.normal(size=case.shape).astype(dtype)
    return x, rng.normal(size=build(name, dtype)(x).shape).astype(dtype)


def copied(arrays):
    return {name: array.copy() for name, array in arrays.items()}


def test_every_layer_has_a_row():
    classes = {value for value in vars(nnlib.layers).values() if isinstance(value, type)}
    layers = {value for value in classes if issubclass(value, Layer)} - {Layer, Container}
    assert layers <= {type(build(name)) for name in CASES}


# Central differences are off by about 1e-10 where the loss is near 1; after normalisations dx is near 1e-2.
@pytest.mark.parametrize("name", CASES)
def test_backward_gives_the_numerical_gradients(name):
    x, upstream = draw(name)
    layer = build(name)
    state = layer.state_dict()
    layer.forward(x)
    dx = layer.backward(upstream)

    def loss(x, **changed):
        fresh = build(name)  # the same random numbers, so the same dropped units
        fresh.load_state_dict(state | changed)
        return np.sum(upstream * fresh(x))

    if CASES[name].words:
        assert dx is None
    else:
        assert relative_error(dx, central_difference(loss, x)) < 1e-7
    for key, value in layer.parameters.items():
        numerical = central_difference(lambda value, key=key: loss(x, **{key: value}), value)
        assert relative_error(layer.gradients[key], numerical) < 1e-7, key


@pytest.mark.parametrize("name", CASES)
def test_a_second_pass_overwrites_the_gradients(name):
    x, upstream = draw(name)
    used, fresh = build(name), build(name)
    used.forward(x[::-1])
    used.backward(-3 * upstream)
    used.load_state_dict(fresh.state_dict())  # running statistics have moved
    for layer in (used, fresh):
        layer.eval().forward(x)
        layer.backward(upstream)
    for key, gradient in fresh.gradients.items():
        np.testing.assert_array_equal(used.gradients[key], gradient)


@pytest.mark.parametrize("name", CASES)
def test_without_the_input_s_gradient_the_parameters_are_the_same(name):
    x, upstream = draw(name)
    full, partial = build(name), build(name)
    full.forward(x)
    full.backward(upstream)
    partial.forward(x)
    partial.backward(upstream, wrt_input=False)
    assert full.gradients.keys() == partial.gradients.keys() == full.parameters.keys()
    for key, gradient in full.gradients.items():
        np.testing.assert_array_equal(partial.gradients[key], gradient)


@pytest.mark.parametrize("name", [name for name in CASES if name != "Sequential of nothing"])
def test_backward_needs_a_forward_pass(name):
    _, upstream = draw(name)
    with pytest.raises(RuntimeError, match="backward needs a forward pass before it"):
        build(name).backward(upstream)


@pytest.mark.parametrize(("name", "shape"), REFUSING)
def test_a_wrong_shape_is_refused_with_the_layer_the_shape_wanted_and_the_shape_that_came(name, shape):
    layer = build(name)
    message = f"{layer!r}: input must have shape {CASES[name].wanted}, got {shape}"
    with pytest.raises(ValueError) as error:  # noqa: PT011  (the whole message is compared)
        layer.forward(np.ones(shape))
    assert str(error.value) == message
    with pytest.raises(ValueError) as error:  # noqa: PT011
        Sequential(["relu", layer]).forward(np.ones(shape))
    assert str(error.value) == f"layer 1, {message}"


@pytest.mark.parametrize("name", CASES)
def test_arguments_are_neither_modified_nor_aliased(name):
    x, upstream = draw(name)
    before = x.copy(), upstream.copy()
    layer = build(name)
    y = layer.forward(x)
    dx = layer.backward(upstream)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(upstream, before[1])
    if name not in ("Flatten", "Sequential of nothing"):
        assert not np.shares_memory(x, y)
        assert dx is None or not np.shares_memory(upstream, dx)


@pytest.mark.parametrize("name", CASES)
def test_float32_stays_float32_and_near_float64(name):
    results = {}
    for dtype in (np.float32, np.float64):
        x, upstream = draw(name, dtype)
        layer = build(name, dtype)
        y = layer.forward(x)
        results[dtype] = {"y": y, "dx": layer.backward(upstream), **layer.gradients}
        arrays = [*layer.parameters.values(), *layer.buffers.values(), *results[dtype].values()]
        assert {array.dtype for array in arrays if array is not None} == {np.dtype(dtype)}
    for key, value in results[np.float64].items():
        if value is not None:
            assert relative_error(results[np.float32][key], value) < 1e-4, key  # 6e-8, amplified


@pytest.mark.parametrize("name", CASES)
def test_output_and_gradient_are_finite_without_warning_for_large_and_zero_inputs(name):
    x, upstream = draw(name)
    for scale in (0, 1e4) if not CASES[name].words else (1,):
        layer = build(name)
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            y = layer.forward(scale * x)
            dx = layer.backward(upstream)
        assert np.isfinite(y).all()
        assert dx is None or np.isfinite(dx).all()


@pytest.mark.parametrize("name", CASES)
def test_a_saved_state_gives_the_same_network(name, tmp_path):
    x, _ = draw(name)
    trained, fresh = build(name), build(name, seed=20)
    trained.forward(x)  # moves running statistics
    trained.save(tmp_path / "net.npz")
    fresh.load(tmp_path / "net.npz")
    assert trained.state_dict().keys() == trained.parameters.keys() | trained.buffers.keys()
    np.testing.assert_array_equal(fresh.eval()(x), trained.eval()(x))


@pytest.mark.parametrize("name", LEARNING)
def test_flattened_parameters_and_gradients_stay_views(name):
    x, upstream = draw(name)
    plain, flat = build(name), build(name)
    w, g = flat.flatten()
    assert w.shape == g.shape == (plain.size,)
    for layer in (plain, flat):
        layer.forward(x)
        layer.backward(upstream)
    np.testing.assert_array_equal(g, np.concatenate([a.ravel() for a in plain.gradients.values()]))
    flat.load_state_dict(build(name, seed=30).state_dict())
    np.testing.assert_array_equal(w, np.concatenate([a.ravel() for a in flat.parameters.values()]))
    w[...] = 0
    for key, parameter in flat.parameters.items():
        assert not parameter.any()
        assert np.shares_memory(parameter, w)
        assert np.shares_memory(flat.gradients[key], g)
        assert parameter.flags.c_contiguous


@pytest.mark.parametrize("name", CASES)
def test_modes_reach_every_layer_inside(name):
    layer = build(name)
    for mode, switch in ((False, layer.eval), (True, layer.train), (False, layer.eval)):
        assert switch() is layer
        assert [leaf.training for leaf in layer.leaves()] == [mode] * len(layer.leaves())
        assert layer.training == mode


@pytest.mark.parametrize("name", CASES)
def test_evaluation_draws_nothing_and_moves_nothing(name):
    x, _ = draw(name)
    layer = build(name).eval()
    before = copied(layer.buffers)
    np.testing.assert_array_equal(layer(x), layer(x))
    for key, buffer in layer.buffers.items():
        np.testing.assert_array_equal(buffer, before[key])


@pytest.mark.parametrize("name", CASES)
def test_a_layer_may_not_stand_in_a_network_twice(name):
    layer = build(name)
    with pytest.raises(ValueError, match="a layer may stand in a network only once"):
        Sequential([layer, "relu", Residual(layer)])
