"""What all layers share: parameters and their gradients, two modes, and a state that can be saved."""

import os

import numpy as np

from nnlib._arguments import as_float


class Layer:
    """A piece of a network that maps an input forward and the loss's gradient backward.

    `forward(x)` returns the output and keeps what `backward(upstream)` needs; `backward` takes ∂loss/∂output,
    *writes* ∂loss/∂parameter into `gradients` and returns ∂loss/∂input. Nothing accumulates, so there is
    nothing to set to zero, and a layer may stand in a network only once.

    Attributes:
        parameters: dict of name to (...) float array, what is learned. Write into an array (`W[...] = 0`); an
            array put in its place would be unknown to the optimizer.
        gradients: dict of the same names to arrays of the same shapes, valid after `backward`.
        buffers: dict of name to array, what is kept but not learned, such as running means.
        training: bool; dropout and batch normalisation differ in training and evaluation.
        name: str, the place in the network, for messages.

    >>> layer = Layer()
    >>> layer.add_parameter("W", np.zeros((3, 2)))
    >>> layer.gradients["W"].shape, layer.size
    ((3, 2), 6)
    """

    def __init__(self):
        self.parameters, self.gradients, self.buffers = {}, {}, {}
        self.training = True
        self.name = ""
        self._saved = None  # what forward keeps for backward

    @property
    def layers(self):
        """dict of name to Layer, those inside this one; empty for all but containers."""
        return {}

    @property
    def size(self):
        """int, how many numbers are learned."""
        return sum(parameter.size for parameter in self.parameters.values())

    def add_parameter(self, name, value):
        """Register `value` as a parameter, with a gradient of zeros beside it."""
        self.parameters[name] = value = np.array(value, order="C")  # so that a flat view of it can be made
        self.gradients[name] = np.zeros_like(value)

    def forward(self, x):
        """Output for the input `x`."""
        raise NotImplementedError

    def backward(self, upstream, wrt_input=True):
        """∂loss/∂input from `upstream`, ∂loss/∂output; with wrt_input=False a layer may return None instead."""
        raise NotImplementedError

    def __call__(self, x):
        return self.forward(x)

    def train(self):
        """Switch to training, inner layers too; returns the layer."""
        return self._set_mode(True)

    def eval(self):
        """Switch to evaluation, inner layers too; returns the layer."""
        return self._set_mode(False)

    def _set_mode(self, training):
        self.training = training
        for layer in self.layers.values():
            layer._set_mode(training)
        return self

    def leaves(self):
        """The layers without inner layers, this one among them, in the order of the forward pass."""
        if not self.layers:
            return [self]
        return [leaf for layer in self.layers.values() for leaf in layer.leaves()]

    def flatten(self):
        """Move all parameters into one vector, all gradients into another; the layers keep views of them.

        One operation on the vectors then updates every parameter, which is what makes an optimizer's step fast.

        Returns:
            w: (P,) float, the parameters; writing to it changes the layers.
            g: (P,) float, the gradients of the last backward pass.
        Raises:
            ValueError: there is nothing to learn, dtypes differ, or some of the parameters, but not all, are
                already part of another vector (of an optimizer for a part of this network).
        """
        places = [(leaf, name) for leaf in self.leaves() for name in leaf.parameters]
        if not places:
            raise ValueError(f"{self} has no parameters to learn")
        arrays = [leaf.parameters[name] for leaf, name in places]
        if len(dtypes := {array.dtype for array in arrays}) > 1:
            raise ValueError(f"{self} must have one dtype, got {', '.join(sorted(map(str, dtypes)))}")
        whole = _shared(arrays), _shared([leaf.gradients[name] for leaf, name in places])
        if whole[0] is not None and whole[1] is not None:
            return whole
        if taken := [leaf for (leaf, _), array in zip(places, arrays, strict=True) if array.base is not None]:
            raise ValueError(
                f"{taken[0]} already belongs to an optimizer; make one optimizer for the whole network"
            )
        w = np.concatenate([array.ravel() for array in arrays])
        g = np.concatenate([leaf.gradients[name].ravel() for leaf, name in places])
        start = 0
        for (leaf, name), array in zip(places, arrays, strict=True):
            stop = start + array.size
            leaf.parameters[name] = w[start:stop].reshape(array.shape)
            leaf.gradients[name] = g[start:stop].reshape(array.shape)
            start = stop
        return w, g

    def state_dict(self):
        """Copies of all parameters and buffers by name."""
        return {name: array.copy() for name, array in {**self.parameters, **self.buffers}.items()}

    def load_state_dict(self, state):
        """Copy the arrays of `state` into the parameters and buffers; nothing changes where one does not fit.

        Args:
            state: dict of name to array, such as another network's `state_dict()`.
        Raises:
            ValueError: a name is missing or unknown, or a shape differs.
            TypeError: an array holds no real numbers.
        """
        own = {**self.parameters, **self.buffers}
        if own.keys() != state.keys():
            missing, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
            raise ValueError(f"{self}: state lacks {missing} and has unknown {unknown}")
        values = {name: as_float(state[name], f"{self}: {name}") for name in own}
        for name, array in own.items():
            if values[name].shape != array.shape:
                raise ValueError(f"{self}: {name} must have shape {array.shape}, got {values[name].shape}")
        for name, array in own.items():
            array[...] = values[name]

    def save(self, path):
        """Write the state to the file `path`, in NumPy's .npz format; an older file stands until the new is whole."""
        from pathlib import Path  # here, because it would slow the import of nnlib

        path = Path(path)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with beside.open("wb") as file:
                np.savez(file, **self.state_dict())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    def load(self, path):
        """Read the state from a file that `save` wrote. Nothing in it is executed: pickled objects are refused.

        Raises:
            ValueError: names or shapes do not fit, or the file is no .npz file of arrays.
            TypeError: an array holds no real numbers.
            FileNotFoundError: there is no such file.
        """
        import zipfile  # here, as in `save`
        from pathlib import Path

        try:
            # NumPy would not close a file that it had opened and found broken.
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
                state = dict(archive)
        except (ValueError, EOFError, TypeError, NotImplementedError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path} must be a .npz file of plain arrays: {error}") from None
        self.load_state_dict(state)

    def _recall(self):
        """What the last forward pass kept."""
        if self._saved is None:
            raise RuntimeError(f"{self}: backward needs a forward pass before it")
        return self._saved

    def _wrong_shape(self, wanted, x):
        return ValueError(f"{self}: input must have shape {wanted}, got {np.shape(x)}")

    def __str__(self):
        return f"layer {self.name}, {self!r}" if self.name else repr(self)

    def __repr__(self):
        return f"{type(self).__name__}()"


def _shared(arrays):
    """The one vector that `arrays` are consecutive views of, or None."""
    base = arrays[0].base
    if base is None or base.ndim != 1 or any(array.base is not base for array in arrays):
        return None
    first = arrays[0].__array_interface__["data"][0]
    start = place = (first - base.__array_interface__["data"][0]) // base.itemsize
    for array in arrays:
        if (
            array.__array_interface__["data"][0]
            != base.__array_interface__["data"][0] + place * base.itemsize
        ):
            return None
        place += array.size
    return base[start:place]
