"""The training loop: shuffle, forward, loss, backward, update, and stop in time."""

import math
from typing import NamedTuple

import numpy as np

from nnlib._arguments import as_parameter
from nnlib.clipping import clip_by_norm
from nnlib.diagnostics import trace
from nnlib.losses import find_loss


class TrainingDiverged(ArithmeticError):
    """The loss became nan or infinite; the message names the step, the layer and the likely cause.

    >>> raise TrainingDiverged("step 3: the loss is nan")
    Traceback (most recent call last):
    nnlib.training.TrainingDiverged: step 3: the loss is nan
    """


class Progress(NamedTuple):
    """What a callback is told.

    >>> Progress(epoch=1, step=50, epochs=10, record={"loss": 0.3}, model=None, optimizer=None).record["loss"]
    0.3
    """

    epoch: int
    """Epochs that are complete, from 0."""
    step: int
    """Updates made so far."""
    epochs: int
    """Epochs that were asked for."""
    record: dict
    """After a step its `loss`; after an epoch the newest entry of each list of the history."""
    model: object
    optimizer: object


def minibatches(n, batch_size, rng):
    """Indices of a new random partition of n examples: each example once, the last batch perhaps shorter.

    Args:
        n: how many examples there are.
        batch_size: examples a batch, 1 or more.
        rng: numpy.random.Generator; each call draws a new order from it.
    Returns:
        list of (B,) int arrays, ⌈n / batch_size⌉ of them, the last with what is left.
    Raises:
        ValueError: n or batch_size below 1.
    Source:
        Bottou (2012), Stochastic gradient descent tricks.

    >>> [len(batch) for batch in minibatches(10, 4, np.random.default_rng(0))]
    [4, 4, 2]
    """
    if n < 1 or batch_size < 1:
        raise ValueError(f"n and batch_size must be 1 or more, got {n} and {batch_size}")
    order = rng.permutation(n)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]


def accuracy(output, target):
    """Share of the examples whose largest score stands at the right class.

    Args:
        output: (N, K) float, scores or probabilities; the first of equal ones counts.
        target: (N,) int, the classes, or (N, K) float, one-hot.
    Returns:
        float in [0, 1].

    >>> accuracy(np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]]), np.array([0, 1, 1])).__round__(3)
    0.667
    """
    target = np.asarray(target)
    classes = target.argmax(axis=1) if target.ndim == 2 else target
    return float(np.mean(np.argmax(output, axis=1) == classes))


def confusion_matrix(output, target):
    """How often each class was taken for each.

    Args:
        output: (N, K) float, scores or probabilities; the first of equal ones counts.
        target: (N,) int in [0, K), the true classes.
    Returns:
        (K, K) int: row the true class, column the predicted one.

    >>> confusion_matrix(np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]]), np.array([0, 1, 1]))
    array([[1, 0],
           [1, 1]])
    """
    matrix = np.zeros((np.shape(output)[1],) * 2, int)
    np.add.at(matrix, (np.asarray(target), np.argmax(output, axis=1)), 1)
    return matrix


def train_step(model, loss, optimizer, X, y, clip_norm=None):
    """One update: forward, loss, backward, and the optimizer's step. Modifies the model and the optimizer.

    Args:
        model: nnlib.Layer.
        loss: key of `nnlib.LOSSES`, or a row like its rows.
        optimizer: nnlib.Optimizer of the model.
        X, y: a mini-batch of inputs and targets, the first axis the examples.
        clip_norm: largest norm of the whole gradient, positive; None leaves it as it is.
    Returns:
        float, the loss before the update. If it is nan or infinite, no parameter was updated; batch
            normalisation's running statistics were, in the forward pass.

    >>> from nnlib.layers import Linear
    >>> from nnlib.optimizers import Optimizer
    >>> layer = Linear(1, 1, np.random.default_rng(0))
    >>> sgd = Optimizer(layer, "sgd", learning_rate=0.5)
    >>> X, y = np.array([[1.0], [-1.0]]), np.array([[2.0], [-2.0]])
    >>> losses = [train_step(layer, "mse", sgd, X, y) for _ in range(30)]
    >>> layer.parameters["W"].round(4)
    array([[2.]])
    """
    value, upstream = find_loss(loss).f_and_grad(model.forward(X), y)
    if math.isfinite(value):
        model.backward(upstream, wrt_input=False)
        if clip_norm is not None:
            optimizer.g[...] = clip_by_norm(optimizer.g, clip_norm)
        optimizer.step()
    return value


def evaluate(model, loss, X, y, metrics=None, batch_size=1024):
    """Loss and metrics over a data set, in evaluation mode, without a change to the model.

    Args:
        model, loss: as in `train_step`.
        X, y: inputs and targets, the first axis the N examples.
        metrics: dict of name to function (output, target) -> float, each a mean over examples.
        batch_size: examples at once, which bounds the memory.
    Returns:
        dict with `loss` and each metric, floats.

    >>> from nnlib.layers import Linear
    >>> layer = Linear(2, 2, np.random.default_rng(0), initializer=lambda shape, rng, dtype: np.eye(2, dtype=dtype))
    >>> evaluate(layer, "cross_entropy", np.array([[9.0, 0.0]]), np.array([0]), {"accuracy": accuracy})
    {'loss': 0.0001234..., 'accuracy': 1.0}
    """
    functions = {"loss": find_loss(loss).f, **(metrics or {})}
    totals, was_training = dict.fromkeys(functions, 0.0), model.training
    model.eval()
    try:
        for start in range(0, len(X), batch_size):
            part = slice(start, start + batch_size)
            output = model.forward(X[part])
            for name, f in functions.items():
                totals[name] += float(f(output, y[part])) * len(output)
    finally:
        _switch(model, was_training)
    return {name: total / len(X) for name, total in totals.items()}


def fit(
    model,
    loss,
    optimizer,
    X,
    y,
    epochs,
    batch_size,
    rng,
    validation=None,
    metrics=None,
    schedule=None,
    clip_norm=None,
    on_step=(),
    on_epoch=(),
):
    """Train the model by mini-batches. Modifies the model and the optimizer.

    Where the model, its dropout and `rng` are seeded, one machine gives the same to the last bit.

    Args:
        model, loss, optimizer, clip_norm: as in `train_step`.
        X, y: (N, ...) inputs and their targets.
        epochs: how often each example is seen, at most.
        batch_size: examples a step; the last batch of an epoch may be shorter.
        rng: numpy.random.Generator that shuffles, anew for each epoch.
        validation: (X, y) of other examples, evaluated after each epoch; None for none.
        metrics: dict of name to function (output, target) -> float, such as `{"accuracy": accuracy}`, taken of the
            validation examples, or of the training examples where there are none.
        schedule: function of the step, from 0, to the learning rate; None keeps the optimizer's.
        on_step, on_epoch: functions called with a `Progress`, such as an `EarlyStopping` or a progress bar; where
            one returns True the training ends.
    Returns:
        dict of lists, one entry an epoch: `loss`, the mean over the epoch's examples, each taken before its update;
        `learning_rate`, the epoch's last; with validation `validation_loss`; the metrics.
    Raises:
        TrainingDiverged: the loss is nan or infinite.
        ValueError: X and y differ in length or are empty, or an argument is out of range.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, algorithm 8.1.

    >>> from nnlib.layers import Linear, Sequential
    >>> from nnlib.optimizers import Optimizer
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 2))
    >>> y = (X[:, 0] * X[:, 1] > 0).astype(int)
    >>> net = Sequential([Linear(2, 16, rng), "tanh", Linear(16, 2, rng)])
    >>> history = fit(net, "cross_entropy", Optimizer(net, "adam", learning_rate=0.02), X, y, 40, 20, rng)
    >>> history["loss"][0] > 0.5, history["loss"][-1] < 0.15
    (True, True)
    """
    X, y, loss = np.asarray(X), np.asarray(y), find_loss(loss)
    if len(X) != len(y):
        raise ValueError(f"X and y must have the same length, got {len(X)} and {len(y)}")
    history, step, stop, was_training = {}, 0, False, model.training
    model.train()
    try:
        for epoch in range(epochs):
            total = seen = 0
            for batch in minibatches(len(X), batch_size, rng):
                if schedule is not None:
                    optimizer.learning_rate = schedule(step)
                value = _watched_step(step, model, loss, optimizer, X[batch], y[batch], clip_norm)
                step, total, seen = step + 1, total + value * len(batch), seen + len(batch)
                if stop := _tell(on_step, Progress(epoch, step, epochs, {"loss": value}, model, optimizer)):
                    break
            record = {"loss": total / seen, "learning_rate": optimizer.learning_rate}
            if validation:
                found = evaluate(model, loss, *validation, metrics)
                record |= {"validation_loss": found.pop("loss"), **found}
            elif metrics:
                record |= evaluate(model, loss, X, y, metrics) | {"loss": record["loss"]}
            for name, entry in record.items():
                history.setdefault(name, []).append(entry)
            if _tell(on_epoch, Progress(epoch + 1, step, epochs, record, model, optimizer)) or stop:
                break
    finally:
        _switch(model, was_training)
    return history


class EarlyStopping:
    """Callback for `fit`: ends the training when the validation loss has not fallen for a while.

    When it ends the training, or after the last epoch, the model gets back the weights of its best epoch; where
    another callback or a divergence ends it, not.

    Args:
        patience: how many epochs in a row may pass without a new lowest value, 1 or more.
        watch: the entry of the history that should fall.
    Attributes:
        best_epoch: int, the epoch of the lowest value, from 1.
        best_value: float.
    Raises:
        ValueError: patience below 1; or, when called, an entry that the history does not have.
    Source:
        Goodfellow, Bengio & Courville (2016), Deep Learning, algorithm 7.1.

    >>> from nnlib.layers import Linear
    >>> stopping, layer = EarlyStopping(patience=2), Linear(1, 1, np.random.default_rng(0))
    >>> for epoch, value in enumerate([0.9, 0.4, 0.5, 0.6], start=1):
    ...     stop = stopping(Progress(epoch, epoch, 10, {"validation_loss": value}, layer, None))
    >>> stop, stopping.best_epoch
    (True, 2)
    """

    def __init__(self, patience, watch="validation_loss"):
        as_parameter("patience", patience, patience >= 1, "1 or more")
        self.patience, self.watch = patience, watch
        self.best_epoch, self.best_value, self._state = 0, math.inf, None

    def __call__(self, progress):
        if self.watch not in progress.record:
            raise ValueError(f"watch must be one of {', '.join(progress.record)}, got {self.watch!r}")
        value = progress.record[self.watch]
        if value < self.best_value or self._state is None:
            self.best_epoch, self.best_value = progress.epoch, math.inf if math.isnan(value) else value
            self._state = progress.model.state_dict()
        stop = progress.epoch - self.best_epoch >= self.patience
        if stop or progress.epoch == progress.epochs:
            progress.model.load_state_dict(self._state)
        return stop


def lr_range_test(model, loss, optimizer, X, y, batch_size, rng, low=1e-6, high=1.0, steps=100):
    """Loss against a learning rate that grows from step to step; afterwards parameters and optimizer are as before.

    The rate grows by one factor a step, from `low` to `high`. The test ends early where the loss passes four times
    its lowest value so far or is no longer finite. A good rate lies somewhat below the steepest fall's end.

    Args:
        model, loss, optimizer, X, y, batch_size, rng: as in `fit`.
        low, high: first and last learning rate, 0 < low < high.
        steps: how many, 2 or more.
    Returns:
        rates: (S,) float, the learning rates that were tried, S <= steps.
        losses: (S,) float, the loss of a mini-batch before the update with each.
    Raises:
        ValueError: an argument is out of range.
    Source:
        Smith (2017), Cyclical learning rates for training neural networks, section 3.3; the growth by a factor is
        the fast.ai library's.

    >>> from nnlib.layers import Linear
    >>> from nnlib.optimizers import Optimizer
    >>> rng = np.random.default_rng(0)
    >>> layer, X = Linear(3, 1, rng), rng.normal(size=(50, 3))
    >>> sgd = Optimizer(layer, "sgd", learning_rate=0.1)
    >>> rates, losses = lr_range_test(layer, "mse", sgd, X, X[:, :1] - X[:, 1:2], 50, rng, 1e-3, 100.0)
    >>> bool(rates[np.argmin(losses)] > 0.1), bool(rates[-1] < 100)
    (True, True)
    """
    if not 0 < low < high < math.inf:
        raise ValueError(f"low and high must be positive, finite and in order, got {low} and {high}")
    as_parameter("steps", steps, steps >= 2, "2 or more")
    weights, state, was_training = model.state_dict(), optimizer.state_dict(), model.training
    rates, losses, batches = [], [], []
    model.train()
    try:
        while len(rates) < steps:
            batches = batches or minibatches(len(X), batch_size, rng)
            batch = batches.pop(0)
            optimizer.learning_rate = low * (high / low) ** (len(rates) / (steps - 1))
            with np.errstate(over="ignore", invalid="ignore"):
                value = train_step(model, loss, optimizer, X[batch], y[batch])
            if not value <= 4 * min(losses, default=math.inf):  # also where it is nan
                break
            rates.append(optimizer.learning_rate)
            losses.append(value)
    finally:
        model.load_state_dict(weights)
        optimizer.load_state_dict(state)
        _switch(model, was_training)
    return np.array(rates), np.array(losses)


def _switch(model, training):
    (model.train if training else model.eval)()


def _tell(callbacks, progress):
    """Call each; whether one of them wants to stop."""
    stop = False
    for callback in [callbacks] if callable(callbacks) else callbacks:
        stop = bool(callback(progress)) or stop
    return stop


def _watched_step(step, model, loss, optimizer, X, y, clip_norm):
    with np.errstate(over="ignore", invalid="ignore"):  # a run that diverges overflows first; the loss tells
        value = train_step(model, loss, optimizer, X, y, clip_norm)
    if not math.isfinite(value):
        with np.errstate(all="ignore"):
            where, cause = _suspect(model, optimizer, X, y)
        raise TrainingDiverged(f"step {step}: the loss is {value}; {where}; {cause}")
    return value


def _suspect(model, optimizer, X, y):
    """Where nan or infinity first stands on the way forward, and the likely cause."""
    high_rate = (
        f"the learning rate {optimizer.learning_rate:.3g} is probably too high, or gradients need clipping"
    )
    for name, data in (("X", X), ("y", y)):
        if not np.isfinite(data).all():
            return f"{name} of this mini-batch holds nan or infinity", "clean the data"
    for name, parameter in model.parameters.items():
        if not np.isfinite(parameter).all():
            return f"parameter {name} holds nan or infinity since the last update", high_rate
    for passed in trace(model, X):
        if not np.isfinite(passed.output).all():
            largest = max((np.abs(p).max(initial=0) for p in passed.layer.parameters.values()), default=0)
            cause = (
                f"its weights reach {largest:.1e}: {high_rate}" if largest > 1e3 else "its input is too large"
            )
            return f"the first output that is not finite is that of {passed.layer}", cause
    return "every layer's output is finite, so the loss itself overflowed", high_rate
