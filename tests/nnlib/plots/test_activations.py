"""Pictures say what they show, and leave no state behind."""

from unittest.mock import Mock

import matplotlib.pyplot as plt
import numpy as np
import pytest

import nnlib
from nnlib import ACTIVATIONS, plots

WORDS = {"leaky_relu": "leaky ReLU", "relu": "ReLU", "elu": "ELU", "selu": "SELU"}


def drawn(ax):
    return [line for line in ax.get_lines() if not line.get_label().startswith("_")]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_drawn_with_its_gradient(name, ax):
    assert plots.activation(name, ax, limit=3) is ax
    value, slope = drawn(ax)
    np.testing.assert_array_equal(value.get_ydata(), ACTIVATIONS[name].f(value.get_xdata()))
    np.testing.assert_array_equal(slope.get_ydata(), ACTIVATIONS[name].grad(value.get_xdata()))
    assert (value.get_xdata().min(), value.get_xdata().max()) == (-3, 3)
    assert value.get_color() != slope.get_color()
    assert value.get_linestyle() != slope.get_linestyle()


def test_axes_are_labelled_and_the_title_is_a_finding(ax):
    plots.activation("relu", ax)
    assert ax.get_xlabel() == "pre-activation z (no unit)"
    assert ax.get_ylabel() == "f(z), f′(z) (no unit)"
    assert ax.get_title() == "ReLU: the slope stays between 0 and 1 for |z| ≤ 5"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["f(z)", "f′(z)"]


def test_the_finding_can_be_given(ax):
    assert (
        plots.activation("tanh", ax, title="Tanh saturates beyond |z| = 3").get_title().startswith("Tanh sat")
    )
    assert plots.activations(["tanh"], ax, title="Mine").get_title() == "Mine"


def test_without_gradient_there_is_one_curve(ax):
    plots.activation("gelu", ax, gradient=False, form="tanh")
    (value,) = drawn(ax)
    np.testing.assert_array_equal(value.get_ydata(), nnlib.gelu(value.get_xdata(), form="tanh"))
    assert ax.get_ylabel() == "f(z) (no unit)"
    assert ax.get_title().startswith("GELU, form = tanh: the value")


def test_parameters_reach_both_functions(ax):
    plots.activation("leaky_relu", ax, slope=0.3)
    assert drawn(ax)[1].get_ydata().min() == 0.3


@pytest.mark.parametrize("gradient", [False, True])
def test_several_have_each_their_own_colour_line_and_name(gradient, ax):
    names = list(ACTIVATIONS)[:7]
    ax.plot = Mock(wraps=ax.plot)  # a drawn line no longer says which dashes it was given
    assert plots.activations(names, ax, gradient=gradient) is ax
    assert len({call.kwargs["color"] for call in ax.plot.call_args_list}) == 7
    assert len({call.kwargs["linestyle"] for call in ax.plot.call_args_list}) == 7
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [WORDS.get(n, n) for n in names]
    for name, line in zip(names, drawn(ax), strict=True):
        f = ACTIVATIONS[name].grad if gradient else ACTIVATIONS[name].f
        np.testing.assert_array_equal(line.get_ydata(), f(line.get_xdata()))


def test_all_of_them_still_have_unique_pairs(ax):
    ax.plot = Mock(wraps=ax.plot)
    plots.activations(ACTIVATIONS, ax)
    pairs = {(call.kwargs["color"], call.kwargs["linestyle"]) for call in ax.plot.call_args_list}
    assert len(pairs) == len(ACTIVATIONS)


def test_a_new_figure_is_made_only_when_none_is_given(ax):
    before = plt.get_fignums()
    plots.activation("relu", ax)
    assert plt.get_fignums() == before
    new = plots.activations(["relu", "elu"])
    assert len(plt.get_fignums()) == len(before) + 1
    plt.close(new.figure)


def test_it_renders(ax, tmp_path):
    plots.activations(ACTIVATIONS, ax)
    ax.figure.savefig(tmp_path / "all.png")
    assert (tmp_path / "all.png").stat().st_size > 10_000


def test_wrong_arguments_are_named(ax):
    with pytest.raises(ValueError, match=r"name must be one of sigmoid, .*, got 'softmax'"):
        plots.activation("softmax", ax)
    with pytest.raises(ValueError, match="limit must be positive and finite, got 0"):
        plots.activations(["relu"], ax, limit=0)
    with pytest.raises(ValueError, match="at least one activation"):
        plots.activations([], ax)
