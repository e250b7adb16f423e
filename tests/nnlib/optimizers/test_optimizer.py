"""The class against the rules' public functions, to the last bit; its state; its errors."""

import io
from math import nan

import numpy as np
import pytest

from nnlib.layers.base import Layer
from nnlib.optimizers import OPTIMIZERS, Optimizer, adam, sgd

REQUIRED = {
    name: {"learning_rate": 0.1} for name in OPTIMIZERS if OPTIMIZERS[name].settings["learning_rate"] is None
}
SHAPES = {"W": (3, 2), "b": (2,)}


def layer(shapes=SHAPES, dtype=np.float64, seed=0):
    rng, model = np.random.default_rng(seed), Layer()
    for name, shape in shapes.items():
        model.add_parameter(name, rng.normal(size=shape).astype(dtype))
    return model


def follow(optimizer, gradients):
    """Take a step for each row of `gradients`; returns the parameters after each."""
    path = []
    for g in gradients:
        optimizer.g[...] = g
        optimizer.step()
        path.append(optimizer.w.copy())
    return np.array(path)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_is_the_public_function_to_the_last_bit(name, weight_decay, dtype):
    """Also where the parameters are cut into blocks: 32768 and 7232 numbers."""
    rule, model = OPTIMIZERS[name], layer({"W": (399, 100), "b": (100,)}, dtype)
    chosen = {**REQUIRED.get(name, {}), "weight_decay": weight_decay}
    W, b = model.parameters["W"].copy(), model.parameters["b"].copy()
    slots = {"W": [np.zeros_like(W) for _ in rule.slots], "b": [np.zeros_like(b) for _ in rule.slots]}
    optimizer, values, rng = Optimizer(model, name, **chosen), {"W": W, "b": b}, np.random.default_rng(1)
    for t in (1, 2, 3):
        for key, value in values.items():
            g = rng.normal(size=value.shape).astype(dtype)
            model.gradients[key][...] = g
            result = rule.step(value, g, *slots[key], *([t] if rule.counted else []), **chosen)
            values[key], *slots[key] = result if rule.slots else [result]
        before = optimizer.g.copy()
        optimizer.step()
        np.testing.assert_array_equal(optimizer.g, before)
        for key, value in values.items():
            assert model.parameters[key].dtype == dtype
            np.testing.assert_array_equal(model.parameters[key], value)
    for i, slot in enumerate(optimizer.slots.values()):
        assert slot.dtype == dtype
        np.testing.assert_array_equal(slot, np.concatenate([slots[key][i].ravel() for key in values]))
    assert optimizer.t == 3


def test_adam_is_the_default():
    model = layer()
    w, g = model.parameters["b"].copy(), np.array([1.0, -2.0])
    optimizer = Optimizer(model)
    model.gradients["b"][...] = g
    optimizer.step()
    np.testing.assert_array_equal(model.parameters["b"], adam(w, g, 0 * w, 0 * w, 1)[0])
    assert optimizer.learning_rate == 0.001


def test_the_learning_rate_may_change_between_steps():
    model = layer()
    optimizer = Optimizer(model, "sgd", learning_rate=0.5)
    w, g = optimizer.w.copy(), np.ones(8)
    optimizer.g[...] = g
    optimizer.step()
    optimizer.learning_rate = np.float64(0.25)
    optimizer.step()
    np.testing.assert_array_equal(optimizer.w, sgd(sgd(w, g, 0.5), g, 0.25))
    assert (optimizer.learning_rate, optimizer.settings["learning_rate"]) == (0.25, 0.25)
    with pytest.raises(ValueError, match="learning_rate must be at least 0 and finite, got nan"):
        optimizer.learning_rate = nan
    assert optimizer.learning_rate == 0.25
    optimizer.learning_rate = 0
    optimizer.step()
    np.testing.assert_array_equal(optimizer.w, sgd(sgd(w, g, 0.5), g, 0.25))


def test_a_numpy_learning_rate_does_not_widen_float32():
    optimizer = Optimizer(layer(dtype=np.float32), "adam", learning_rate=np.float64(0.1))
    optimizer.learning_rate = np.float64(0.2)
    optimizer.step()
    assert type(optimizer.learning_rate) is float
    assert {a.dtype for a in (optimizer.w, optimizer.g, *optimizer.slots.values())} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_optimizers_share_no_state(name):
    gradients = np.random.default_rng(2).normal(size=(6, 8))
    alone = follow(Optimizer(layer(), name, **REQUIRED.get(name, {})), gradients)
    a, b = (Optimizer(layer(), name, **REQUIRED.get(name, {})) for _ in range(2))
    for g, want in zip(gradients, alone, strict=True):
        follow(b, [3 * g])
        np.testing.assert_array_equal(follow(a, [g])[0], want)
    slots = [*a.slots.values(), *b.slots.values()]
    for i, slot in enumerate(slots):
        assert not any(np.shares_memory(slot, other) for other in (a.w, a.g, b.w, b.g, *slots[:i]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_to_the_last_bit_where_it_stopped(name, dtype):
    gradients = np.random.default_rng(3).normal(size=(9, 8))
    model = layer(dtype=dtype)
    optimizer = Optimizer(model, name, **{**REQUIRED.get(name, {}), "weight_decay": 0.03})
    follow(optimizer, gradients[:4])
    optimizer.learning_rate = 0.1 / 3
    file = io.BytesIO()
    np.savez(file, **optimizer.state_dict())
    stored = model.state_dict()
    straight = follow(optimizer, gradients[4:])

    resumed = layer(dtype=dtype, seed=99)
    resumed.load_state_dict(stored)
    optimizer = Optimizer(resumed, name, **REQUIRED.get(name, {}))
    follow(optimizer, gradients[:1] * 0)
    resumed.load_state_dict(stored)
    file.seek(0)
    with np.load(file, allow_pickle=False) as archive:
        optimizer.load_state_dict(dict(archive))
    assert (optimizer.t, optimizer.learning_rate) == (4, 0.1 / 3)
    assert type(optimizer.t) is int
    assert all(type(value) is float for value in optimizer.settings.values())
    np.testing.assert_array_equal(follow(optimizer, gradients[4:]), straight)


def test_a_state_is_a_copy():
    optimizer = Optimizer(layer(), "momentum", learning_rate=0.1)
    follow(optimizer, np.ones((2, 8)))
    state = optimizer.state_dict()
    assert list(state) == ["rule", "t", "learning_rate", "mu", "weight_decay", "v"]
    follow(optimizer, np.ones((2, 8)))
    np.testing.assert_allclose(state["v"], 1.9)
    optimizer.load_state_dict(state)
    follow(optimizer, np.ones((1, 8)))
    np.testing.assert_allclose(state["v"], 1.9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": "nadam"}, "state must be of the rule adam, got nadam"),
        ({"m": np.zeros(7)}, r"m must have shape \(8,\), got \(7,\)"),
        ({"v": np.zeros((8, 1))}, r"v must have shape \(8,\), got \(8, 1\)"),
        ({"t": -1}, "t must be at least 0, got -1"),
        ({"beta1": 1.0}, r"beta1 must be in \[0, 1\), got 1.0"),
        ({"s": 0}, r"state lacks \[\] and has unknown \['s'\]"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, message):
    optimizer = Optimizer(layer(), "adam")
    follow(optimizer, np.ones((2, 8)))
    before, other = optimizer.state_dict(), Optimizer(layer(), "adam", learning_rate=0.5)
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict({**other.state_dict(), **change})
    for name, value in optimizer.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_a_state_without_a_slot_is_refused():
    optimizer = Optimizer(layer(), "adam")
    state = optimizer.state_dict()
    del state["m"]
    with pytest.raises(
        ValueError, match=r"Optimizer\('adam', .*\): state lacks \['m'\] and has unknown \[\]"
    ):
        optimizer.load_state_dict(state)


@pytest.mark.parametrize(
    ("arguments", "chosen", "message"),
    [
        (["adagrat"], {}, "rule must be one of sgd, momentum, .*, nadam, got 'adagrat'"),
        (["adam"], {"mu": 0.9}, "adam has the settings learning_rate, beta1, .*, got 'mu'"),
        (["sgd"], {}, "sgd needs a value for learning_rate"),
        (["nesterov"], {"learning_rate": 0.1, "mu": 1.2}, r"mu must be in \[0, 1\), got 1.2"),
        ([], {"epsilon": 0}, "epsilon must be positive and finite, got 0"),
        ([], {"learning_rate": -1}, "learning_rate must be at least 0 and finite, got -1"),
    ],
)
def test_wrong_arguments_are_named(arguments, chosen, message):
    with pytest.raises(ValueError, match=message):
        Optimizer(layer(), *arguments, **chosen)


def test_anything_with_flatten_can_be_optimized():
    class Point:
        def __init__(self):
            self.w, self.g = np.array([1.0, 2.0]), np.zeros(2)

        def flatten(self):
            return self.w, self.g

    point = Point()
    optimizer = Optimizer(point, "sgd", learning_rate=0.5)
    point.g[...] = point.w
    optimizer.step()
    np.testing.assert_array_equal(point.w, [0.5, 1.0])


def test_vanishing_gradients_raise_no_floating_point_signal():
    optimizer = Optimizer(layer(dtype=np.float32))
    with np.errstate(all="raise"):
        follow(optimizer, np.full((2, 8), 1e-30, np.float32))
    assert np.isfinite(optimizer.w).all()


def test_repr_names_rule_and_settings():
    optimizer = Optimizer(layer(), "momentum", learning_rate=0.1)
    assert repr(optimizer) == "Optimizer('momentum', learning_rate=0.1, mu=0.9, weight_decay=0)"
