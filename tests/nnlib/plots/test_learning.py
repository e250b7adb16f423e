"""Training curves, gradient flow and histograms show the numbers they are given."""

import numpy as np
import pytest

from nnlib import LayerStatistics, plots


def statistics(deltas, gradients=None):
    gradients = gradients or deltas
    return [
        LayerStatistics(str(i), 1.0, d, g, 1.0, 0.0)
        for i, (d, g) in enumerate(zip(deltas, gradients, strict=True))
    ]


def test_curves_are_the_history_against_epochs_from_1(ax):
    history = {"loss": [2.0, 1.0, 0.5], "validation_loss": [2.1, 0.9, 1.5], "accuracy": [0.1, 0.2, 0.3]}
    plots.training_curves(history, ax)
    train, validation = ax.get_lines()
    np.testing.assert_array_equal(train.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(train.get_ydata(), history["loss"])
    np.testing.assert_array_equal(validation.get_ydata(), history["validation_loss"])
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["training loss", "validation loss"]
    assert ax.get_title() == "validation loss is lowest after epoch 2: 0.9"
    assert ax.get_ylabel() == "loss (nats)"


def test_an_accuracy_is_best_where_it_is_highest(ax):
    plots.training_curves({"accuracy": [0.5, 0.9, 0.7]}, ax, names=["accuracy"], unit=None)
    assert ax.get_title() == "accuracy is highest after epoch 2: 0.9"
    assert ax.get_ylabel() == "accuracy (no unit)"


def test_a_logarithmic_axis_says_so(ax):
    plots.training_curves({"loss": [10.0, 1e-3]}, ax, log=True)
    assert ax.get_yscale() == "log"
    assert "log scale" in ax.get_ylabel()


@pytest.mark.parametrize(
    ("history", "names"),
    [({}, None), ({"loss": []}, None), ({"loss": [1.0]}, ["lost"]), ({"accuracy": [1.0]}, None)],
)
def test_a_history_without_the_entries_is_named(history, names, ax):
    with pytest.raises(ValueError, match="names must be entries of the history"):
        plots.training_curves(history, ax, names=names)


def test_gradient_flow_shows_each_layer_on_a_log_axis(ax):
    plots.gradient_flow(statistics([1e-6, 1e-3, 1.0]), ax)
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), [1e-6, 1e-3, 1.0])
    np.testing.assert_array_equal(ax.get_lines()[0].get_xdata(), [1, 2, 3])
    assert ax.get_yscale() == "log"
    assert ax.get_title() == "‖δ‖ of the first layer is 1e-06 of the last one's"


def test_layers_without_the_quantity_are_left_out(ax):
    plots.gradient_flow(statistics([1.0, 1.0, 1.0], [0.1, float("nan"), 0.2]), ax, quantity="gradient")
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), [0.1, 0.2])
    assert "∂loss/∂W" in ax.get_ylabel()


def test_a_size_of_0_is_marked_and_not_lost(ax):
    plots.gradient_flow(statistics([0.0, 1.0]), ax)
    marks = ax.get_lines()[1]
    assert (list(marks.get_xdata()), marks.get_marker()) == ([1], "v")


def test_several_nets_have_names(ax):
    plots.gradient_flow({"sigmoid": statistics([0.1, 1.0]), "ReLU": statistics([1.0, 1.0])}, ax)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["sigmoid", "ReLU"]
    assert ax.get_title() == "sigmoid: ‖δ‖ of the first layer is 0.1 of the last one's"


def test_gradient_flow_names_what_it_cannot_draw(ax):
    with pytest.raises(
        ValueError, match="quantity must be one of delta, gradient, activation, weight, got 'deltas'"
    ):
        plots.gradient_flow(statistics([1.0]), ax, quantity="deltas")
    with pytest.raises(ValueError, match="statistics must hold layers with a delta, got none"):
        plots.gradient_flow([], ax)


def test_histograms_stand_one_above_the_other_the_first_on_top(ax):
    values = {"1": np.array([-1.0, 1.0, 1.0, np.nan]), "2": np.array([-0.5, 0.5])}
    plots.histograms(values, ax, bins=4)
    outlines = [patch for patch in ax.patches if patch.get_fill()]
    first, second = (patch.get_data() for patch in outlines)
    np.testing.assert_allclose(first.edges, [-1, -0.5, 0, 0.5, 1])
    np.testing.assert_allclose(first.values, 1 + 0.9 * np.array([0.5, 0, 0, 1]))
    np.testing.assert_allclose(second.values, 0.9 * np.array([0, 1, 0, 1]))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["2", "1"]
    assert ax.get_title() == "Standard deviation from 0.94 in 1 to 0.5 in 2"


def test_a_layer_of_one_value_still_has_a_histogram(ax):
    plots.histograms({"only": np.zeros(5)}, ax)
    assert ax.get_title() == "Standard deviation from 0 in only to 0 in only"


@pytest.mark.parametrize("tensors", [{}, {"1": np.array([np.nan])}, {"1": np.array([])}])
def test_histograms_need_numbers(tensors, ax):
    with pytest.raises(ValueError, match="each layer must hold a finite number"):
        plots.histograms(tensors, ax)
