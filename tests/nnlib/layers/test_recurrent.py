"""Recurrent layers against hand-worked values, the textbook's equations in complex numbers, and PyTorch."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.activations import sigmoid
from nnlib.gradcheck import central_difference, relative_error
from nnlib.layers import Linear, Sequential
from nnlib.layers.gru import GRU, gru_backward, gru_forward, gru_step_backward, gru_step_forward
from nnlib.layers.lstm import LSTM, lstm_backward, lstm_forward, lstm_step_backward, lstm_step_forward
from nnlib.layers.rnn import RNN, rnn_backward, rnn_forward, rnn_step_backward, rnn_step_forward

SETTINGS = settings(derandomize=True, database=None, deadline=None, max_examples=50)
CASES = ["ordinary", "one step of one example", "saturated"]


class Kind(NamedTuple):
    forward: Callable
    backward: Callable
    step_forward: Callable
    step_backward: Callable
    layer: Callable
    gates: int
    names: tuple
    settings: dict


RNN_FUNCTIONS = (rnn_forward, rnn_backward, rnn_step_forward, rnn_step_backward, RNN)
RNN_NAMES = ("X", "h", "Wx", "Wh", "b")
KINDS = {
    "rnn tanh": Kind(*RNN_FUNCTIONS, 1, RNN_NAMES, {"activation": "tanh"}),
    "rnn relu": Kind(*RNN_FUNCTIONS, 1, RNN_NAMES, {"activation": "relu"}),
    "rnn identity": Kind(*RNN_FUNCTIONS, 1, RNN_NAMES, {"activation": "identity"}),
    "lstm": Kind(
        *(lstm_forward, lstm_backward, lstm_step_forward, lstm_step_backward, LSTM),
        *(4, ("X", "h", "c", "Wx", "Wh", "b"), {}),
    ),
    "gru": Kind(
        *(gru_forward, gru_backward, gru_step_forward, gru_step_backward, GRU),
        *(3, ("X", "h", "Wx", "Wh", "bx", "bh"), {}),
    ),
}
PYTORCH = ["rnn tanh", "rnn relu", "lstm", "gru"]
each_kind = pytest.mark.parametrize("name", KINDS)


def textbook(name, X, h, *rest):
    """The equations, step by step and gate by gate, for complex numbers too: all states (and cells)."""
    H = h.shape[1]

    def s(z):
        return 1 / (1 + np.exp(-z))

    def block(k):
        return slice(k * H, (k + 1) * H)

    if name == "lstm":
        c, Wx, Wh, b = rest
    else:
        Wx, Wh, b, *more = rest
    states, cells = [], []
    for x in np.moveaxis(X, 1, 0):
        if name == "lstm":
            z = [x @ Wx[:, block(k)] + h @ Wh[:, block(k)] + b[block(k)] for k in range(4)]
            c = s(z[1]) * c + s(z[0]) * np.tanh(z[2])
            h = s(z[3]) * np.tanh(c)
            cells.append(c)
        elif name == "gru":
            a = [x @ Wx[:, block(k)] + b[block(k)] for k in range(3)]
            q = [h @ Wh[:, block(k)] + more[0][block(k)] for k in range(3)]
            z = s(a[1] + q[1])
            h = (1 - z) * np.tanh(a[2] + s(a[0] + q[0]) * q[2]) + z * h
        else:
            z = x @ Wx + h @ Wh + b
            h = {"rnn tanh": np.tanh(z), "rnn relu": np.where(z.real > 0, z, 0), "rnn identity": z}[name]
        states.append(h)
    return tuple(np.stack(values, axis=1) for values in (states, cells) if values)


def random_case(name, seed, N, T, D, H, dtype=np.float64):
    """Arguments and upstream gradients of a sequence."""
    rng, width = np.random.default_rng(seed), KINDS[name].gates * H
    shapes = {"X": (N, T, D), "h": (N, H), "c": (N, H), "Wx": (D, width), "Wh": (H, width)}
    arguments = [rng.normal(size=shapes.get(n, (width,))).astype(dtype) for n in KINDS[name].names]
    upstreams = [rng.normal(size=(N, T, H)).astype(dtype) for _ in range(2 if name == "lstm" else 1)]
    return arguments, upstreams


def forward(name, arguments):
    """The outputs as a tuple, whatever the kind."""
    value = KINDS[name].forward(*arguments, **KINDS[name].settings)
    return value if isinstance(value, tuple) else (value,)


def backward(name, upstreams, arguments):
    return KINDS[name].backward(*upstreams, *arguments, **KINDS[name].settings)


def one_step(name, arguments, t):
    """The outputs of step t, whose arguments have x (N, D) in the place of X."""
    value = KINDS[name].step_forward(arguments[0][:, t], *arguments[1:], **KINDS[name].settings)
    return value if isinstance(value, tuple) else (value,)


def assert_close(name, got, want, tolerance):
    """Each tensor by itself, relative to its own norm."""
    assert len(got) == len(want)
    for i, (a, b) in enumerate(zip(got, want, strict=True)):
        assert np.shape(a) == np.shape(b), (name, i)
        assert relative_error(a, b) <= tolerance, (name, i)


def test_rnn_values_worked_by_hand():
    X, h, Wx, Wh, b = [[[1.0, 2.0], [3.0, -1.0]]], [[0.5]], [[1.0], [-1.0]], [[2.0]], [0.5]
    # 1 − 2 + 2·0.5 + 0.5 = 0.5, then 3 + 1 + 2·0.5 + 0.5 = 5.5; backward 1 + 2·10 = 21
    np.testing.assert_array_equal(rnn_forward(X, h, Wx, Wh, b, "identity").ravel(), [0.5, 5.5])
    dX, dh, dWx, dWh, db = rnn_backward([[[1.0], [10.0]]], X, h, Wx, Wh, b, "identity")
    np.testing.assert_array_equal(dX, [[[21, -21], [10, -10]]])
    np.testing.assert_array_equal(dh, [[42]])
    np.testing.assert_array_equal(dWx, [[21 + 30], [42 - 10]])
    np.testing.assert_array_equal(dWh, [[0.5 * 21 + 0.5 * 10]])
    np.testing.assert_array_equal(db, [31])


def test_lstm_and_gru_values_worked_by_hand():
    z = np.array([[np.log(3), -np.log(3), 1, 0]])  # σ(log 3) = ¾: i = ¾, f = ¼, g = tanh(1), o = ½
    h, c = lstm_step_forward([[1.0]], [[0.0]], [[2.0]], z, np.zeros((1, 4)), np.zeros(4))
    np.testing.assert_allclose(c, 0.25 * 2 + 0.75 * 0.761594156, rtol=1e-9)
    np.testing.assert_allclose(h, 0.5 * np.tanh(1.071195617), rtol=1e-9)
    bx, bh = [np.log(3.0), -np.log(3.0), 1.0], [0.0, 0.0, 2.0]  # r = ¾, z = ¼, n = tanh(1 + ¾·2)
    h = gru_step_forward([[0.0]], [[4.0]], np.zeros((1, 3)), np.zeros((1, 3)), bx, bh)
    np.testing.assert_allclose(h, 0.75 * np.tanh(2.5) + 0.25 * 4, rtol=1e-14)


@each_kind
def test_outputs_are_those_of_the_textbook(name):
    arguments, _ = random_case(name, 1, 3, 6, 4, 5)
    assert_close(name, forward(name, arguments), textbook(name, *arguments), 1e-14)


@each_kind
def test_gradients_are_the_complex_step_of_the_textbook(name):
    arguments, upstreams = random_case(name, 2, 3, 4, 2, 5)
    gradients = []
    for i, argument in enumerate(arguments):
        gradient = np.empty_like(argument)
        for place in np.ndindex(argument.shape):
            bumped = [a.astype(complex) for a in arguments]
            bumped[i][place] += 1e-30j
            outputs = textbook(name, *bumped)
            gradient[place] = sum(np.vdot(u, y).imag for u, y in zip(upstreams, outputs, strict=True)) / 1e-30
        gradients.append(gradient)
    assert_close(name, backward(name, upstreams, arguments), gradients, 1e-13)


@each_kind
def test_gradients_are_the_central_differences(name):
    arguments, upstreams = random_case(name, 3, 2, 3, 4, 2)

    def loss(i, value):
        outputs = forward(name, [*arguments[:i], value, *arguments[i + 1 :]])
        return sum(np.sum(u * y) for u, y in zip(upstreams, outputs, strict=True))

    numerical = [
        central_difference(lambda value, i=i: loss(i, value), argument)
        for i, argument in enumerate(arguments)
    ]
    assert_close(name, backward(name, upstreams, arguments), numerical, 1e-8)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", PYTORCH)
def test_pytorch_agrees(name, case, golden):
    arrays = golden("recurrent")

    def part(which):
        prefix = f"{name}/{case}/{which}/"
        return [array for key, array in arrays.items() if key.startswith(prefix)]

    assert_close(name, forward(name, part("argument")), part("output"), 1e-10)
    assert_close(name, backward(name, part("upstream"), part("argument")), part("gradient"), 1e-10)


@pytest.mark.oracle
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (3, 7, 5, 4), (2, 30, 6, 9), (1, 4, 2, 3)])
@pytest.mark.parametrize("name", PYTORCH)
def test_pytorch_agrees_live(name, sizes, pytorch):
    arguments, upstreams = random_case(name, 5, *sizes)
    arguments = [a if i < 2 else a / np.sqrt(sizes[3]) for i, a in enumerate(arguments)]  # 30 steps stay tame
    outputs, gradients = pytorch("recurrent").sequence(name, arguments, upstreams)
    assert_close(name, forward(name, arguments), outputs, 1e-10)
    assert_close(name, backward(name, upstreams, arguments), gradients, 1e-10)


@pytest.mark.oracle
def test_the_cells_of_pytorch_are_its_lstm(pytorch):
    """The golden states come from torch.lstm_cell, step by step; torch.lstm must be the same network."""
    import torch

    arguments, upstreams = random_case("lstm", 6, 3, 5, 4, 2)
    X, h, c, Wx, Wh, b = (torch.tensor(a) for a in arguments)
    weights = [Wx.T, Wh.T, b, torch.zeros_like(b)]
    states, _, last = torch.lstm(X, (h[None], c[None]), weights, True, 1, 0.0, False, False, True)
    H, C = pytorch("recurrent").sequence("lstm", arguments, upstreams)[0]
    assert_close("lstm", [H, C[:, -1]], [states.numpy(), last[0].numpy()], 1e-14)


@each_kind
@SETTINGS
@given(sizes=st.tuples(*[st.integers(1, 5)] * 4), seed=st.integers(0, 2**32 - 1))
def test_a_sequence_is_its_steps_and_its_gradient_the_sum_over_them(name, sizes, seed):
    kind, (arguments, upstreams) = KINDS[name], random_case(name, seed, *sizes)
    before = [array.copy() for array in arguments + upstreams]
    outputs, gradients = forward(name, arguments), backward(name, upstreams, arguments)
    k = len(outputs)  # the state, and the cell
    X, weights = arguments[0], arguments[1 + k :]
    states, path = arguments[1 : 1 + k], []
    for t in range(sizes[1]):
        path.append(states)
        states = one_step(name, [X, *states, *weights], t)
        assert_close(name, [y[:, t] for y in outputs], states, 1e-12)
    deltas, total = [np.zeros_like(states[0])] * k, [0.0] * len(weights)
    for t in reversed(range(sizes[1])):
        arriving = [delta + u[:, t] for delta, u in zip(deltas, upstreams, strict=True)]
        dx, *rest = kind.step_backward(*arriving, X[:, t], *path[t], *weights, **kind.settings)
        deltas, total = rest[:k], [a + b for a, b in zip(total, rest[k:], strict=True)]
        np.testing.assert_allclose(gradients[0][:, t], dx, rtol=1e-9, atol=1e-10 * (1 + np.abs(dx).max()))
    for got, want in zip(gradients[1:], [*deltas, *total], strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-10 * (1 + np.abs(want).max()))
    for array, copy in zip(arguments + upstreams, before, strict=True):
        np.testing.assert_array_equal(array, copy)
        assert not any(np.shares_memory(array, result) for result in (*outputs, *gradients))


@each_kind
def test_dtypes_are_kept_and_float32_is_near_float64(name):
    arguments, upstreams = random_case(name, 7, 3, 4, 5, 2, np.float32)
    wide = [a.astype(np.float64) for a in arguments], [u.astype(np.float64) for u in upstreams]
    single = [*forward(name, arguments), *backward(name, upstreams, arguments)]
    double = [*forward(name, wide[0]), *backward(name, wide[1], wide[0])]
    steps = KINDS[name].step_backward(
        *[u[:, 0] for u in upstreams], arguments[0][:, 0], *arguments[1:], **KINDS[name].settings
    )
    assert {y.dtype for y in (*single, *steps, *one_step(name, arguments, 0))} == {np.dtype(np.float32)}
    assert_close(name, single, double, 1e-5)  # 6e-8, some forty sums and products long
    mixed = forward(name, [wide[0][0], *arguments[1:]])
    assert {y.dtype for y in mixed} == {np.dtype(np.float64)}
    integers = [np.ones(a.shape, int) for a in arguments]
    np.testing.assert_array_equal(forward(name, integers)[0], forward(name, [a * 1.0 for a in integers])[0])


@each_kind
def test_a_step_takes_lists(name):
    kind, (arguments, upstreams) = KINDS[name], random_case(name, 16, 2, 1, 3, 4)
    arrays = [*[u[:, 0] for u in upstreams], arguments[0][:, 0], *arguments[1:]]
    lists = [array.tolist() for array in arrays]
    k = len(upstreams)
    np.testing.assert_array_equal(
        kind.step_forward(*lists[k:], **kind.settings), kind.step_forward(*arrays[k:], **kind.settings)
    )
    assert_close(
        name, kind.step_backward(*lists, **kind.settings), kind.step_backward(*arrays, **kind.settings), 0
    )


@pytest.mark.parametrize("name", ["rnn tanh", "lstm", "gru"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e3, 1e4, -1e4])
def test_large_inputs_give_finite_numbers_and_no_warning(name, dtype, scale):
    arguments, upstreams = random_case(name, 8, 2, 5, 3, 4, dtype)
    arguments[0] *= dtype(scale)
    results = [
        *forward(name, arguments),
        *backward(name, upstreams, arguments),
        *one_step(name, arguments, 0),
    ]
    assert all(np.isfinite(result).all() for result in results)


@pytest.mark.parametrize("gate", [0, 1, 3])
def test_a_shut_gate_of_the_lstm_keeps_its_digits(gate):
    b = np.array([1.0, 1.0, 1.0, 1.0])
    b[gate] = -60  # σ = exp(−60) = 8.76e-27, which ½(1 + tanh(z/2)) would round to 0
    zero, cell, up = np.zeros((1, 4)), np.array([[2.0]]), np.ones((1, 1))
    for f, X, u in ((lstm_backward, [[[0.0]]], up[None]), (lstm_step_backward, [[0.0]], up)):
        *_, dc, _, _, db = f(u, u, X, [[0.0]], cell, zero, zero, b)
        i, f, o, g = *sigmoid(b[[0, 1, 3]]), np.tanh(1)
        k = np.tanh(f * 2 + i * g)
        into = 1 + o * (1 - k * k)
        want = {0: into * g * i * (1 - i), 1: into * 2 * f * (1 - f), 3: k * o * (1 - o)}[gate]
        assert 1e-27 < want < 1e-25
        np.testing.assert_allclose(db[gate], want, rtol=1e-12)
        np.testing.assert_allclose(dc[0, 0], into * f, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-8, 1e-100])
@each_kind
def test_tiny_gradients_are_as_exact_as_large_ones(name, scale):
    arguments, upstreams = random_case(name, 9, 2, 4, 3, 5)
    tiny = backward(name, [scale * u for u in upstreams], arguments)
    assert_close(name, [g / scale for g in tiny], backward(name, upstreams, arguments), 1e-14)


@each_kind
@pytest.mark.parametrize("sizes", [(0, 3, 4, 2), (3, 0, 4, 2)])
def test_no_examples_and_no_steps_have_gradients_of_zero(name, sizes):
    arguments, upstreams = random_case(name, 10, *sizes)
    assert all(y.shape == (sizes[0], sizes[1], 2) for y in forward(name, arguments))
    gradients = backward(name, upstreams, arguments)
    assert [g.shape for g in gradients] == [a.shape for a in arguments]
    assert not any(g.any() for g in gradients)


def test_a_linear_recurrence_shrinks_or_grows_by_its_spectral_radius():
    rng = np.random.default_rng(11)
    Q, _ = np.linalg.qr(rng.normal(size=(6, 6)))
    X, upstream = np.zeros((1, 50, 2)), np.zeros((1, 50, 6))
    upstream[:, -1] = rng.normal(size=6)
    for radius in (0.5, 1.0, 1.5):
        arguments = X, np.zeros((1, 6)), np.zeros((2, 6)), radius * Q, np.zeros(6)
        dh = rnn_backward(upstream, *arguments, activation="identity")[1]
        ratio = np.linalg.norm(dh) / np.linalg.norm(upstream)
        np.testing.assert_allclose(ratio, radius**50, rtol=1e-12)


def test_an_open_forget_gate_carries_the_cell_and_its_gradient_unchanged():
    arguments, upstreams = random_case("lstm", 12, 2, 100, 3, 4)
    arguments[3][...], arguments[4][...] = 0, 0
    arguments[5][...] = np.repeat([-1e3, 1e3, 1.0, -1e3], 4)  # nothing in, all kept, nothing out
    _, C = forward("lstm", arguments)
    np.testing.assert_array_equal(C, np.repeat(arguments[2][:, None], 100, axis=1))
    dc = backward("lstm", upstreams, arguments)[2]
    np.testing.assert_allclose(dc, upstreams[1].sum(axis=1), rtol=0, atol=1e-13)


def test_an_open_update_gate_of_the_gru_keeps_the_state():
    arguments, _ = random_case("gru", 13, 2, 20, 3, 4)
    arguments[2][...], arguments[3][...] = 0, 0
    arguments[4][4:8] = 1e3
    (states,) = forward("gru", arguments)
    np.testing.assert_allclose(states, np.repeat(arguments[1][:, None], 20, axis=1), rtol=1e-14)


def test_relu_has_slope_zero_at_zero():
    zero = np.zeros((1, 1))
    dX, *_ = rnn_backward(np.ones((1, 1, 1)), zero[None], zero, np.ones((1, 1)), zero, [0.0], "relu")
    assert dX == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: rnn_forward(np.ones((2, 5, 3)), np.ones((2, 4)), np.ones((4, 3)), np.eye(4), np.ones(4)),
            r"X, h, Wx, Wh, b must have shapes \(N, T, D\), \(N, H\), \(D, H\), \(H, H\), \(H,\), "
            r"got \(2, 5, 3\), \(2, 4\), \(4, 3\), \(4, 4\), \(4,\)",
        ),
        (
            lambda: lstm_step_forward(*[np.ones((1, 2))] * 3, np.ones((2, 6)), np.ones((2, 8)), np.ones(8)),
            r"x, h, c, Wx, Wh, b must have shapes \(N, D\), \(N, H\), \(N, H\), \(D, 4H\), \(H, 4H\), \(4H,\), got",
        ),
        (
            lambda: gru_forward(np.ones((2, 5, 3)), 1.0, *[np.ones((3, 3))] * 2, *[np.ones(3)] * 2),
            "must have",
        ),
        (lambda: rnn_step_backward(np.ones((1, 1, 1)), *[[[1.0]]] * 4, [1.0]), r"upstream.* got \(1, 1, 1\)"),
        (
            lambda: rnn_step_forward(*[[[1.0]]] * 4, [1.0], "sigmoid"),
            "must be one of tanh, relu, identity, got",
        ),
        (
            lambda: RNN(1, 1, np.random.default_rng(0), activation="Tanh"),
            "must be one of tanh, relu, identity",
        ),
    ],
)
def test_wrong_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@each_kind
@pytest.mark.parametrize("wrong", range(1, 6))
def test_every_argument_of_a_wrong_shape_is_refused(name, wrong):
    arguments, upstreams = random_case(name, 14, 2, 3, 4, 5)
    wrong = min(wrong, len(arguments) - 1)
    arguments[wrong] = arguments[wrong][..., :-1]
    with pytest.raises(ValueError, match="must have shapes"):
        forward(name, arguments)
    with pytest.raises(ValueError, match="must have shapes"):
        backward(name, upstreams, arguments)
    with pytest.raises(ValueError, match="must have shapes"):
        one_step(name, arguments, 0)


def make(name, *sizes, **options):
    return KINDS[name].layer(*sizes, np.random.default_rng(21), **KINDS[name].settings, **options)


@each_kind
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("sizes", [(3, 5, 4, 2), (1, 1, 2, 3)])
def test_the_layer_is_the_function_from_a_state_of_zeros(name, last, sizes):
    N, T, D, H = sizes
    layer = make(name, D, H, last=last)
    rng = np.random.default_rng(22)
    x, U = rng.normal(size=(N, T, D)), rng.normal(size=(N, H) if last else (N, T, H))
    zeros = [np.zeros((N, H))] * (2 if name == "lstm" else 1)
    arguments = [x, *zeros, *layer.parameters.values()]
    every = np.zeros((N, T, H))
    every[:, -1 if last else slice(None)] = U
    upstreams = [every, np.zeros_like(every)][: len(zeros)]
    output, (states, *_) = layer(x), forward(name, arguments)
    np.testing.assert_array_equal(output, states[:, -1] if last else states)
    wanted, held = backward(name, upstreams, arguments), dict(layer.gradients)
    output[...] = x[...] = np.nan  # what the caller does to his arrays does not reach the layer's own
    assert_close(name, [layer.backward(U)], wanted[:1], 1e-14)
    assert_close(name, layer.gradients.values(), wanted[1 + len(zeros) :], 1e-14)
    assert all(layer.gradients[key] is array for key, array in held.items())
    before = {key: array.copy() for key, array in held.items()}
    assert layer.backward(U, wrt_input=False) is None
    assert all((layer.gradients[key] == before[key]).all() for key in before)  # written anew, not added


@each_kind
def test_first_weights_are_uniform_within_one_over_the_root_of_units(name):
    layer = make(name, 30, 100, dtype=np.float32)
    again = make(name, 30, 100, dtype=np.float32)
    for key, W in layer.parameters.items():
        assert W.dtype == layer.gradients[key].dtype == np.float32
        np.testing.assert_array_equal(W, again.parameters[key])
        # All 100 and more below 0.09 of 0.1 in size: 0.9^100 = 3e-5 by chance.
        assert 0.09 < np.abs(W).max() <= np.float32(0.1)
        assert abs(W.mean()) < 6 * 0.1 / np.sqrt(3 * W.size)
    width = 100 * KINDS[name].gates
    assert layer.parameters["Wx"].shape == (30, width)
    assert layer.parameters["Wh"].shape == (100, width)
    x = np.ones((2, 3, 30))
    assert layer(x).dtype == np.float32
    assert layer.backward(np.ones((2, 3, 100))).dtype == np.float32


@each_kind
def test_a_layer_says_what_it_is_and_what_it_wants(name):
    layer = make(name, 4, 2, last=True)
    with pytest.raises(RuntimeError, match="backward needs a forward pass before it"):
        layer.backward(np.ones((1, 2)))
    for shape in [(3, 4), (2, 3, 5)]:
        with pytest.raises(ValueError, match=r"4, 2.*last=True.*must have shape \(N, T, 4\), got"):
            layer(np.ones(shape))
    assert repr(make("lstm", 4, 2)) == "LSTM(4, 2)"
    assert repr(make("rnn relu", 4, 2)) == "RNN(4, 2, activation='relu')"
    assert repr(make("rnn relu", 4, 2, last=True)) == "RNN(4, 2, activation='relu', last=True)"
    assert repr(make("rnn tanh", 4, 2)) == "RNN(4, 2)"


@each_kind
def test_gradients_pass_through_a_network_of_recurrent_layers(name):
    rng = np.random.default_rng(23)
    net = Sequential([make(name, 3, 5), make(name, 5, 2, last=True), Linear(2, 4, rng)])
    x, upstream = rng.normal(size=(2, 6, 3)), rng.normal(size=(2, 4))
    w, g = net.flatten()
    net(x)
    dx = net.backward(upstream)
    assert relative_error(dx, central_difference(lambda x: np.sum(upstream * net(x)), x)) < 1e-8

    def loss(values):
        w[...] = values
        return np.sum(upstream * net(x))

    assert relative_error(g, central_difference(loss, w.copy())) < 1e-8
