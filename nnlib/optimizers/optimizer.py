"""The class that applies an update rule to a model, step after step."""

import numpy as np

from nnlib._arguments import as_float
from nnlib.optimizers.rules import OPTIMIZERS

# Numbers updated at once: few enough that what a rule computes in between stays in the processor's cache.
_BLOCK = 32768


class Optimizer:
    """Updates the parameters of a model from their gradients, by one of the rules in `OPTIMIZERS`.

    Every step is the rule's public function applied to all parameters as one vector, in place, to the last bit.

    Args:
        model: Layer, or anything whose `flatten()` returns its parameters and their gradients as two vectors
            that it goes on using: `step` writes to the first and reads the second.
        rule: a key of `OPTIMIZERS`.
        settings: those of the rule, such as learning_rate=0.01 or beta1=0.8; see its function.
    Attributes:
        learning_rate: float; set it between steps to follow a schedule.
        t: int, how many steps have been taken.
        settings: dict of name to float, all settings in use.
        slots: dict of name to (P,) float, the rule's state, one number for each parameter.
        w, g: (P,) float, all parameters and gradients of the model.
    Raises:
        ValueError: an unknown rule, or a setting that is unknown, missing or outside its range.

    >>> from nnlib.layers.base import Layer
    >>> layer = Layer()
    >>> layer.add_parameter("W", np.array([[1.0, -2.0]]))
    >>> optimizer = Optimizer(layer, "momentum", learning_rate=0.1)
    >>> for _ in range(2):
    ...     layer.gradients["W"][...] = layer.parameters["W"]  # of the loss ½‖W‖²
    ...     optimizer.step()
    >>> layer.parameters["W"], optimizer.slots["v"], optimizer.t
    (array([[ 0.72, -1.44]]), array([ 1.8, -3.6]), 2)
    """

    def __init__(self, model, rule="adam", **settings):
        if rule not in OPTIMIZERS:
            raise ValueError(f"rule must be one of {', '.join(OPTIMIZERS)}, got {rule!r}")
        self.rule, self._rule = rule, OPTIMIZERS[rule]
        self.settings = self._rule.complete(settings)
        self.w, self.g = model.flatten()
        self.slots = {name: np.zeros_like(self.w) for name in self._rule.slots}
        self.t = 0
        vectors = (self.w, self.g, *self.slots.values())
        self._blocks = [
            tuple(vector[start : start + _BLOCK] for vector in vectors)
            for start in range(0, self.w.size, _BLOCK)
        ]

    @property
    def learning_rate(self):
        return self.settings["learning_rate"]

    @learning_rate.setter
    def learning_rate(self, value):
        self.settings.update(self._rule.complete({**self.settings, "learning_rate": value}))

    def step(self):
        """Update the model's parameters, in place, from the gradients of its last backward pass."""
        self.t += 1
        numbers = self.settings.values()
        if self._rule.counted:
            numbers = (self.t, *numbers)
        with np.errstate(under="ignore"):
            for block in self._blocks:
                self._rule.update(*block, *numbers)

    def state_dict(self):
        """What it takes, beside the model's own state, to go on exactly from here.

        Returns:
            dict with the rule's name, t, all settings, and copies of all slots; `numpy.savez` can store it.
        """
        slots = {name: slot.copy() for name, slot in self.slots.items()}
        return {"rule": self.rule, "t": self.t, **self.settings, **slots}

    def load_state_dict(self, state):
        """Go on from where the optimizer stood whose `state_dict()` this is; nothing changes where one does not fit.

        Args:
            state: dict as from `state_dict`, or read back by `numpy.load`. Its settings replace the present ones.
        Raises:
            ValueError: another rule, a name that is missing or unknown, a setting outside its range, or a slot
                of another shape.
        """
        own = self.state_dict()
        if own.keys() != state.keys():
            missing, unknown = sorted(own.keys() - state.keys()), sorted(state.keys() - own.keys())
            raise ValueError(f"{self}: state lacks {missing} and has unknown {unknown}")
        if str(state["rule"]) != self.rule:
            raise ValueError(f"{self}: state must be of the rule {self.rule}, got {state['rule']}")
        slots = {name: as_float(state[name], name) for name in self.slots}
        for name, slot in slots.items():
            if slot.shape != self.w.shape:
                raise ValueError(f"{self}: {name} must have shape {self.w.shape}, got {slot.shape}")
        t = int(state["t"])
        if t < 0:
            raise ValueError(f"{self}: t must be at least 0, got {t}")
        self.settings.update(self._rule.complete({name: float(state[name]) for name in self.settings}))
        self.t = t
        for name, slot in slots.items():
            self.slots[name][...] = slot

    def __repr__(self):
        settings = "".join(f", {name}={value:g}" for name, value in self.settings.items())
        return f"Optimizer({self.rule!r}{settings})"
