"""The training loop: what it computes, its order, its records, and how it stops."""

import math

import numpy as np
import pytest

from nnlib.layers import BatchNorm, Dropout, Layer, Linear, Sequential
from nnlib.losses import LOSSES
from nnlib.optimizers import Optimizer
from nnlib.schedules import step_decay
from nnlib.training import (
    EarlyStopping,
    Progress,
    TrainingDiverged,
    accuracy,
    confusion_matrix,
    evaluate,
    fit,
    lr_range_test,
    minibatches,
    train_step,
)


def net(seed=0, dropout=0.0):
    rng = np.random.default_rng(seed)
    return Sequential([Linear(3, 8, rng), "tanh", Dropout(dropout, rng), Linear(8, 2, rng)])


def task(n=60, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (X[:, 0] * X[:, 1] > 0).astype(int)


def run(seed=0, epochs=3, model=None, rule="adam", rate=0.01, **options):
    model = model or net(dropout=0.2)
    optimizer = Optimizer(model, rule, learning_rate=rate)
    history = fit(
        model, "cross_entropy", optimizer, *task(), epochs, 16, np.random.default_rng(seed), **options
    )
    return model, optimizer, history


@pytest.mark.parametrize(("n", "size"), [(10, 4), (8, 4), (3, 5), (1, 1), (7, 1)])
def test_minibatches_hold_each_example_once(n, size):
    batches = minibatches(n, size, np.random.default_rng(0))
    assert sorted(np.concatenate(batches)) == list(range(n))
    assert [len(batch) for batch in batches] == [size] * (n // size) + ([n % size] if n % size else [])


def test_minibatches_differ_from_epoch_to_epoch_and_repeat_with_the_seed():
    rng = np.random.default_rng(0)
    first, second = np.concatenate(minibatches(50, 8, rng)), np.concatenate(minibatches(50, 8, rng))
    assert (first != second).any()
    np.testing.assert_array_equal(first, np.concatenate(minibatches(50, 8, np.random.default_rng(0))))


def test_minibatches_are_uniform():
    """Each example is first equally often: the count of 4,000 draws strays by 5 deviations once in 1.7 million."""
    rng = np.random.default_rng(0)
    counts = np.bincount([minibatches(5, 2, rng)[0][0] for _ in range(4000)], minlength=5)
    assert np.abs(counts - 800).max() < 5 * math.sqrt(4000 * 0.2 * 0.8)


@pytest.mark.parametrize(("n", "size"), [(0, 4), (4, 0), (-1, 1)])
def test_minibatches_need_examples(n, size):
    with pytest.raises(ValueError, match=r"n and batch_size must be 1 or more, got"):
        minibatches(n, size, np.random.default_rng(0))


def test_accuracy_takes_classes_and_one_hot_rows():
    output = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    target = np.array([0, 2, 0, 2])
    assert accuracy(output, target) == 0.75
    assert accuracy(output, np.eye(3)[target]) == 0.75


def test_the_confusion_matrix_has_the_true_class_in_its_row():
    output = np.eye(3)[[0, 0, 1, 2, 2]]
    np.testing.assert_array_equal(
        confusion_matrix(output, [0, 1, 1, 2, 0]), [[1, 0, 1], [1, 1, 0], [0, 0, 1]]
    )


def test_a_step_is_forward_loss_backward_update():
    """Against the same step written out."""
    model, other, (X, y) = net(), net(), task()
    optimizer = Optimizer(model, "sgd", learning_rate=0.1)
    value, upstream = LOSSES["cross_entropy"].f_and_grad(other.forward(X), y)
    other.backward(upstream)
    assert train_step(model, "cross_entropy", optimizer, X, y) == value
    for name, w in other.parameters.items():
        np.testing.assert_allclose(model.parameters[name], w - 0.1 * other.gradients[name], rtol=1e-14)


def test_a_step_takes_a_row_of_losses_too():
    X, y = task()
    values = [
        train_step(model, loss, Optimizer(model, "sgd", learning_rate=0.1), X, y)
        for loss in ("cross_entropy", LOSSES["cross_entropy"])
        for model in [net()]
    ]
    assert values[0] == values[1]


@pytest.mark.parametrize(("clip_norm", "moved"), [(1e-3, 1e-3), (1e6, None)])
def test_clipping_bounds_the_whole_gradient(clip_norm, moved):
    model, (X, y) = net(), task()
    optimizer = Optimizer(model, "sgd", learning_rate=1.0)
    before = optimizer.w.copy()
    train_step(model, "cross_entropy", optimizer, X, y, clip_norm=clip_norm)
    unclipped = net()
    free = Optimizer(unclipped, "sgd", learning_rate=1.0)
    train_step(unclipped, "cross_entropy", free, X, y)
    wanted = moved or np.linalg.norm(free.w - before)
    np.testing.assert_allclose(np.linalg.norm(optimizer.w - before), wanted, rtol=1e-9)


def test_a_loss_that_is_not_finite_updates_nothing():
    model = net()
    optimizer = Optimizer(model, "adam", learning_rate=0.1)
    before = optimizer.w.copy()
    X, y = task()
    X[0, 0] = np.nan
    assert math.isnan(train_step(model, "cross_entropy", optimizer, X, y))
    np.testing.assert_array_equal(optimizer.w, before)
    assert optimizer.t == 0


def test_evaluation_is_the_mean_over_examples_whatever_the_batches():
    model, (X, y) = net(dropout=0.5), task(61)
    whole = evaluate(model, "cross_entropy", X, y, {"accuracy": accuracy})
    parts = evaluate(model, "cross_entropy", X, y, {"accuracy": accuracy}, batch_size=7)
    assert whole == pytest.approx(parts, rel=1e-12)
    model.eval()
    assert whole["loss"] == pytest.approx(LOSSES["cross_entropy"].f(model.forward(X), y), rel=1e-12)


def test_evaluation_changes_no_state_and_restores_the_mode():
    model = Sequential(
        [Linear(3, 4, np.random.default_rng(0)), BatchNorm(4), Linear(4, 2, np.random.default_rng(1))]
    )
    before = model.state_dict()
    evaluate(model, "cross_entropy", *task())
    assert model.training
    assert all(leaf.training for leaf in model.leaves())
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    evaluate(model.eval(), "cross_entropy", *task())
    assert not model.training


def test_a_seed_gives_the_same_run_to_the_last_bit():
    (first, _, history), (second, _, again), (_, _, other) = run(), run(), run(seed=1)
    assert history == again
    assert history != other
    for name, w in first.parameters.items():
        np.testing.assert_array_equal(w, second.parameters[name])


def test_fit_is_a_loop_of_steps_over_minibatches():
    model, _, history = run()
    other = net(dropout=0.2)
    optimizer, rng, (X, y) = Optimizer(other, "adam", learning_rate=0.01), np.random.default_rng(0), task()
    for epoch in range(3):
        losses = [
            (len(batch), train_step(other, "cross_entropy", optimizer, X[batch], y[batch]))
            for batch in minibatches(len(X), 16, rng)
        ]
        mean = sum(n * value for n, value in losses) / len(X)
        assert history["loss"][epoch] == pytest.approx(mean, rel=1e-12)
    for name, w in model.parameters.items():
        np.testing.assert_array_equal(w, other.parameters[name])


def test_the_history_has_one_entry_an_epoch():
    X, y = task(30, seed=2)
    _, _, history = run(validation=(X, y), metrics={"accuracy": accuracy})
    assert list(history) == ["loss", "learning_rate", "validation_loss", "accuracy"]
    assert {len(entries) for entries in history.values()} == {3}
    assert history["learning_rate"] == [0.01] * 3


def test_metrics_without_validation_are_those_of_the_training_examples():
    model, _, history = run(metrics={"accuracy": accuracy})
    assert (
        history["accuracy"][-1]
        == evaluate(model, "cross_entropy", *task(), {"accuracy": accuracy})["accuracy"]
    )
    assert "validation_loss" not in history
    assert history["loss"] == run()[2]["loss"]


def test_the_schedule_is_asked_at_every_step_from_0():
    asked = []

    def schedule(t):
        asked.append(t)
        return step_decay(t, 0.1, every=4, factor=0.5)

    _, optimizer, history = run(schedule=schedule)
    assert asked == list(range(12))
    assert history["learning_rate"] == [0.1, 0.05, 0.025]
    assert optimizer.learning_rate == 0.025


def test_callbacks_are_told_after_each_step_and_each_epoch():
    steps, epochs = [], []
    model, optimizer, history = run(on_step=steps.append, on_epoch=[epochs.append])
    assert [(p.epoch, p.step) for p in steps] == [(s // 4, s + 1) for s in range(12)]
    assert [(p.epoch, p.step, p.epochs) for p in epochs] == [(1, 4, 3), (2, 8, 3), (3, 12, 3)]
    assert [p.record["loss"] for p in epochs] == history["loss"]
    assert all(p.model is model and p.optimizer is optimizer for p in steps + epochs)


def test_a_callback_ends_the_training_by_returning_true():
    assert len(run(on_epoch=lambda progress: progress.epoch == 2)[2]["loss"]) == 2
    _, optimizer, history = run(on_step=lambda progress: progress.step == 6)
    assert optimizer.t == 6
    assert len(history["loss"]) == 2  # the second covers the batches that were seen


def test_every_callback_is_called_also_after_one_that_stops():
    told = []
    run(on_epoch=[lambda progress: True, told.append])
    assert len(told) == 1


def test_the_mode_is_training_inside_and_as_before_after():
    modes = []
    model = net().eval()
    run(model=model, on_step=lambda p: modes.append(p.model.training), validation=task(10))
    assert set(modes) == {True}
    assert not model.training


def test_no_epochs_change_nothing():
    model, optimizer, history = run(epochs=0)
    assert history == {}
    assert optimizer.t == 0
    for name, w in net(dropout=0.2).parameters.items():
        np.testing.assert_array_equal(model.parameters[name], w)


def test_lists_are_data_too():
    X, y = task()
    model = net(dropout=0.2)
    optimizer = Optimizer(model, "adam", learning_rate=0.01)
    fit(model, "cross_entropy", optimizer, X.tolist(), y.tolist(), 3, 16, np.random.default_rng(0))
    for name, w in run()[0].parameters.items():
        np.testing.assert_array_equal(model.parameters[name], w)


def test_an_unknown_loss_is_named_before_anything_is_trained():
    model = net()
    optimizer = Optimizer(model, "adam", learning_rate=0.01)
    with pytest.raises(ValueError, match=r"loss must be one of mse, .* got 'nll'"):
        fit(model, "nll", optimizer, *task(), 1, 16, np.random.default_rng(0))
    assert optimizer.t == 0


def test_inputs_and_targets_must_match():
    model = net()
    with pytest.raises(ValueError, match=r"X and y must have the same length, got 3 and 2"):
        fit(
            model, "cross_entropy", Optimizer(model), np.zeros((3, 3)), [0, 1], 1, 2, np.random.default_rng(0)
        )


def stopped(values, patience, epochs=10):
    """The epochs that an early stopping saw, and the weight it left; the weight is the epoch's number."""
    layer, stopping = Linear(1, 1, np.random.default_rng(0)), EarlyStopping(patience)
    for epoch, value in enumerate(values, start=1):
        layer.parameters["W"][:] = epoch
        if stopping(Progress(epoch, epoch, epochs, {"validation_loss": value}, layer, None)):
            break
    return epoch, int(layer.parameters["W"].item()), stopping


@pytest.mark.parametrize(
    ("values", "patience", "seen", "best"),
    [
        ([3, 2, 1, 2, 2, 2], 2, 5, 3),
        ([3, 2, 1, 2, 0.5, 2, 2, 2], 2, 7, 5),
        ([1, 1, 1], 2, 3, 1),  # an equal value is no improvement
        ([3, 4, 2], 1, 2, 1),
        ([math.nan, 1, 2, 3], 2, 4, 2),
    ],
)
def test_early_stopping_waits_and_goes_back_to_the_best(values, patience, seen, best):
    epoch, weight, stopping = stopped(values, patience)
    assert (epoch, weight, stopping.best_epoch) == (seen, best, best)


def test_early_stopping_goes_back_also_where_training_ends_by_itself():
    epoch, weight, _ = stopped([3, 1, 2], patience=5, epochs=3)
    assert (epoch, weight) == (3, 2)


def test_early_stopping_inside_fit_returns_the_weights_of_the_best_epoch():
    validation = task(40, seed=3)
    stopping = EarlyStopping(patience=3)
    model, _, history = run(epochs=200, rate=0.1, validation=validation, on_epoch=stopping)
    assert len(history["loss"]) == stopping.best_epoch + 3
    assert min(history["validation_loss"]) == stopping.best_value
    assert evaluate(model, "cross_entropy", *validation)["loss"] == pytest.approx(
        stopping.best_value, rel=1e-12
    )


def test_early_stopping_names_what_it_cannot_watch():
    with pytest.raises(ValueError, match=r"watch must be one of loss, learning_rate, got 'validation_loss'"):
        run(on_epoch=EarlyStopping(patience=1))
    with pytest.raises(ValueError, match=r"patience must be 1 or more, got 0"):
        EarlyStopping(0)


def test_a_learning_rate_too_high_is_named():
    X, _ = task()
    model = Sequential(
        [Linear(3, 8, np.random.default_rng(0)), "relu", Linear(8, 1, np.random.default_rng(1))]
    )
    optimizer = Optimizer(model, "sgd", learning_rate=1e6)
    with pytest.raises(
        TrainingDiverged, match=r"step \d+: the loss is (nan|inf); .*learning rate 1e\+06 is probably"
    ):
        fit(model, "mse", optimizer, X, X[:, :1], 50, 16, np.random.default_rng(0))


def diverge(model, X, y, loss="mse"):
    with pytest.raises(TrainingDiverged) as caught:
        fit(
            model, loss, Optimizer(model, "sgd", learning_rate=0.1), X, y, 1, len(X), np.random.default_rng(0)
        )
    return str(caught.value)


def test_the_first_layer_that_overflows_is_named():
    class Overflow(Layer):
        def forward(self, x):
            return x * np.inf

    rng = np.random.default_rng(0)
    model = Sequential([Linear(3, 3, rng), Sequential([Overflow(), "relu"]), Linear(3, 1, rng)])
    message = diverge(model, np.ones((4, 3)), np.ones((4, 1)))
    assert message.startswith(
        "step 0: the loss is nan; the first output that is not finite is that of layer 1.0, Overflow()"
    )


def test_large_weights_are_named_as_the_cause():
    model = net()
    model.parameters["0.W"][...] = 1e308
    message = diverge(Sequential([model.layers["0"], "relu"]), np.full((4, 3), 10.0), np.ones((4, 8)))
    assert "that of layer 0, Linear(3, 8); its weights reach 1.0e+308" in message


def test_a_parameter_that_is_not_finite_is_named():
    model = net()
    model.parameters["3.b"][0] = np.nan
    assert "parameter 3.b holds nan or infinity" in diverge(model, *task(), loss="cross_entropy")


@pytest.mark.parametrize("place", ["X", "y"])
def test_data_that_are_not_finite_are_named(place):
    data = {"X": np.ones((4, 3)), "y": np.ones((4, 2))}
    data[place][1, 1] = np.nan
    assert f"{place} of this mini-batch holds nan or infinity; clean the data" in diverge(net(), **data)


def test_a_loss_that_overflows_by_itself_is_named():
    assert "the loss itself overflowed" in diverge(net(), np.ones((4, 3)), np.full((4, 2), 1e200))


def test_the_range_test_sweeps_by_one_factor_and_leaves_no_trace():
    model, (X, y) = net(), task()
    optimizer = Optimizer(model, "adam", learning_rate=0.123)
    weights, rng = optimizer.w.copy(), np.random.default_rng(0)
    train_step(model, "cross_entropy", optimizer, X, y)
    weights, slots, t = optimizer.w.copy(), {k: v.copy() for k, v in optimizer.slots.items()}, optimizer.t
    rates, losses = lr_range_test(model, "cross_entropy", optimizer, X, y, 16, rng, 1e-5, 1e-2, steps=31)
    np.testing.assert_allclose(rates, np.geomspace(1e-5, 1e-2, 31), rtol=1e-12)
    assert losses.shape == (31,)
    np.testing.assert_array_equal(optimizer.w, weights)
    assert (optimizer.learning_rate, optimizer.t) == (0.123, t)
    for name, slot in slots.items():
        np.testing.assert_array_equal(optimizer.slots[name], slot)


def test_the_range_test_ends_where_the_loss_runs_away():
    X, _ = task()
    layer = Linear(3, 1, np.random.default_rng(0))
    optimizer = Optimizer(layer, "sgd", learning_rate=0.1)
    rates, losses = lr_range_test(
        layer, "mse", optimizer, X, X[:, :1], 60, np.random.default_rng(0), 1e-3, 1e6
    )
    assert rates[-1] < 1e6
    assert losses[-1] <= 4 * losses.min()
    assert np.isfinite(layer.parameters["W"]).all()


@pytest.mark.parametrize(("low", "high", "steps"), [(1, 1, 5), (0, 1, 5), (1, np.inf, 5), (1e-3, 1, 1)])
def test_the_range_test_refuses_a_senseless_range(low, high, steps):
    model = net()
    with pytest.raises(ValueError, match="must be"):
        lr_range_test(
            model, "cross_entropy", Optimizer(model), *task(), 8, np.random.default_rng(0), low, high, steps
        )
