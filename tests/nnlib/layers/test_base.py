"""What layers share: state and its file, one vector of parameters, modes, messages."""

import os
import zipfile
from itertools import pairwise

import numpy as np
import pytest

from nnlib.layers.base import Layer
from nnlib.layers.containers import Sequential
from nnlib.layers.linear import Linear
from nnlib.layers.normalization import BatchNorm


def layers(*sizes, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [Linear(a, b, rng, dtype=dtype) for a, b in pairwise(sizes)]


@pytest.fixture
def net():
    return Sequential([*layers(3, 4), BatchNorm(4), "relu", *layers(4, 2, seed=1)])


def unchanged(net, state):
    return all(np.array_equal(array, state[name]) for name, array in net.state_dict().items())


def test_a_bare_layer_has_nothing_and_does_nothing():
    layer = Layer()
    assert (layer.parameters, layer.gradients, layer.buffers, layer.layers, layer.size) == ({}, {}, {}, {}, 0)
    assert layer.training
    assert layer.leaves() == [layer]
    assert str(layer) == repr(layer) == "Layer()"
    for call in (layer.forward, layer.backward, layer):
        with pytest.raises(NotImplementedError):
            call(np.ones(2))


def test_a_parameter_is_copied_with_a_gradient_of_zeros_beside_it():
    layer, value = Layer(), np.asfortranarray(np.ones((3, 2), np.float32))
    layer.add_parameter("W", value)
    value[...] = 7
    np.testing.assert_array_equal(layer.parameters["W"], np.ones((3, 2)))
    np.testing.assert_array_equal(layer.gradients["W"], np.zeros((3, 2)))
    assert layer.parameters["W"].dtype == layer.gradients["W"].dtype == np.float32
    assert layer.parameters["W"].flags.c_contiguous
    assert layer.gradients["W"].flags.c_contiguous
    layer.add_parameter("b", [1.0, 2.0])
    assert layer.size == 8


def test_the_state_is_all_parameters_and_buffers_as_copies(net):
    state = net.state_dict()
    assert list(state) == ["0.W", "0.b", "1.gamma", "1.beta", "3.W", "3.b", "1.running_mean", "1.running_var"]
    before = net.state_dict()
    for array in state.values():
        array += 1
    assert unchanged(net, before)


def test_loading_copies_into_the_arrays_in_their_dtype():
    layer = Linear(3, 2, np.random.default_rng(0), dtype=np.float32)
    W = layer.parameters["W"]
    state = {"W": np.arange(6).reshape(3, 2), "b": [0.5, 1.5]}
    layer.load_state_dict(state)
    assert layer.parameters["W"] is W
    np.testing.assert_array_equal(W, [[0, 1], [2, 3], [4, 5]])
    np.testing.assert_array_equal(layer.parameters["b"], [0.5, 1.5])
    assert W.dtype == layer.parameters["b"].dtype == np.float32
    state["W"][...] = 9
    assert W[0, 0] == 0


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda s: s.pop("3.b"), ValueError, r"state lacks \['3.b'\] and has unknown \[\]"),
        (lambda s: s.update(extra=1), ValueError, r"state lacks \[\] and has unknown \['extra'\]"),
        (lambda s: s.update({"3.b": np.ones(3)}), ValueError, r"3.b must have shape \(2,\), got \(3,\)"),
        (lambda s: s.update({"3.b": 1.0}), ValueError, r"3.b must have shape \(2,\), got \(\)"),
        (lambda s: s.update({"3.W": s["3.W"].T}), ValueError, r"3.W must have shape \(4, 2\), got \(2, 4\)"),
        (lambda s: s.update({"3.b": np.array(["a", "b"])}), TypeError, "3.b must hold real numbers"),
        (
            lambda s: s.update({"1.running_var": 1j * np.ones(4)}),
            TypeError,
            "running_var must hold real numbers",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(net, change, error, message):
    before = net.state_dict()
    state = {name: array + 1 for name, array in before.items()}
    change(state)
    with pytest.raises(error, match=message) as caught:
        net.load_state_dict(state)
    assert str(caught.value).startswith("Sequential([Linear(3, 4), BatchNorm(4), ")
    assert unchanged(net, before)


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_a_file_holds_the_state_and_nothing_else_is_left(net, as_path, tmp_path):
    path = as_path(tmp_path / "net.weights")  # the name is taken as it is
    net.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["net.weights"]
    other = Sequential([*layers(3, 4, seed=5), BatchNorm(4), "relu", *layers(4, 2, seed=6)])
    other.load(path)
    assert unchanged(other, net.state_dict())
    with np.load(path, allow_pickle=False) as archive:
        assert set(archive) == set(net.state_dict())


def test_a_failed_save_leaves_the_older_file(net, tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    net.save(path)
    older = path.read_bytes()

    def full_disk(file, **arrays):
        file.write(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        net.save(path)
    assert path.read_bytes() == older
    assert [file.name for file in tmp_path.iterdir()] == ["net.npz"]


def test_files_that_are_no_states_are_refused(net, tmp_path):
    before = net.state_dict()
    net.save(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    np.savez(tmp_path / "objects.npz", **{name: np.array([print], object) for name in before})
    np.save(tmp_path / "one.npy", np.ones(3))
    flipped = bytearray(whole)
    flipped[250] ^= 255
    for name, content in {
        "empty": b"",
        "text": b"hello",
        "cut": whole[:-50],
        "flipped": bytes(flipped),
    }.items():
        (tmp_path / name).write_bytes(content)
    with zipfile.ZipFile(tmp_path / "words.zip", "w") as archive:
        archive.writestr("0.W", "words")
    for name in ("empty", "text", "cut", "flipped", "objects.npz", "one.npy"):
        with pytest.raises(ValueError, match=f"{name} must be a .npz file of plain arrays: "):
            net.load(tmp_path / name)
    with pytest.raises(ValueError, match="state lacks"):
        net.load(tmp_path / "words.zip")
    with pytest.raises(FileNotFoundError):
        net.load(tmp_path / "absent")
    assert unchanged(net, before)


def test_a_pickle_in_a_file_is_not_executed(tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "executed"),))

    layer = Linear(1, 1, np.random.default_rng(0))
    np.savez(tmp_path / "trap.npz", W=np.array([[Trap()]], object), b=np.zeros(1))
    with pytest.raises(ValueError, match=r"trap.npz must be a .npz file of plain arrays"):
        layer.load(tmp_path / "trap.npz")
    assert not (tmp_path / "executed").exists()


def test_flatten_keeps_values_and_the_order_of_the_forward_pass(net):
    before = net.state_dict()
    w, g = net.flatten()
    assert unchanged(net, before)
    np.testing.assert_array_equal(w, np.concatenate([before[name].ravel() for name in net.parameters]))
    np.testing.assert_array_equal(g, np.zeros(net.size))
    g[:] = np.arange(net.size)
    np.testing.assert_array_equal(net.gradients["0.W"], np.arange(12).reshape(3, 4))
    np.testing.assert_array_equal(net.gradients["3.b"], [net.size - 2, net.size - 1])
    w += 1
    np.testing.assert_array_equal(net.parameters["0.b"], before["0.b"] + 1)


def test_flattening_keeps_gradients_that_are_there(net):
    net.forward(np.random.default_rng(0).normal(size=(5, 3)))
    net.backward(np.ones((5, 2)))
    before = {name: array.copy() for name, array in net.gradients.items()}
    _, g = net.flatten()
    np.testing.assert_array_equal(g, np.concatenate([array.ravel() for array in before.values()]))


def test_a_second_optimizer_sees_the_same_vectors(net):
    w, g = net.flatten()
    again = net.flatten()
    w[:], g[:] = 3, 4
    np.testing.assert_array_equal(again, (w, g))
    assert all(np.shares_memory(a, b) for a, b in zip(again, (w, g), strict=True))


@pytest.mark.parametrize("place", ["0", "1", "3"])
def test_a_part_of_a_flattened_network_is_a_part_of_its_vector(net, place):
    w, _ = net.flatten()
    part, part_g = net.layers[place].flatten()
    start = {"0": 0, "1": 16, "3": 24}[place]
    w[:] = np.arange(w.size)
    np.testing.assert_array_equal(part, start + np.arange(net.layers[place].size))
    assert part_g.shape == part.shape


def test_a_network_around_a_flattened_part_is_refused(net):
    before = net.state_dict()
    net.layers["3"].flatten()
    with pytest.raises(ValueError, match=r"layer 3, Linear\(4, 2\) already belongs to an optimizer"):
        net.flatten()
    assert unchanged(net, before)


def test_layers_of_two_flattened_networks_are_refused():
    a, b, c = layers(2, 2, 2, 2)
    Sequential([a, b]).flatten()
    Sequential([c]).flatten()
    for others in ([b, c], [b, a], [a, c], [c, b, a]):
        with pytest.raises(
            ValueError, match="already belongs to an optimizer; make one optimizer for the whole"
        ):
            Sequential(others).flatten()


def test_what_cannot_be_one_vector_is_refused():
    with pytest.raises(
        ValueError, match=r"Sequential\(\[ActivationLayer\('relu'\)\]\) has no parameters to learn"
    ):
        Sequential(["relu"]).flatten()
    mixed = Sequential([*layers(2, 2), *layers(2, 2, dtype=np.float32)])
    with pytest.raises(ValueError, match="must have one dtype, got float32, float64"):
        mixed.flatten()
    assert all(array.base is None for array in mixed.parameters.values())
