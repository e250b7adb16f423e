"""What holds for every picture of the library."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib import LayerStatistics, plots

STATISTICS = [LayerStatistics(str(i), 1.0, 10.0**-i, 1.0, 1.0, 0.0) for i in range(3)]
PICTURES = {
    "activation": ("tanh",),
    "activations": (["tanh", "relu"],),
    "confusion": (np.array([[3, 1], [0, 2]]),),
    "gradient_flow": (STATISTICS,),
    "histograms": ({"1": np.arange(5.0), "2": np.ones(3)},),
    "landscape": (lambda p: (p**2).sum(axis=-1),),
    "saliency_overlay": (np.ones((4, 4)), np.eye(4)),
    "training_curves": ({"loss": [2.0, 1.0]},),
}


def draw(name, **options):
    return getattr(plots, name)(*PICTURES[name], **options)


def test_every_picture_is_here():
    assert list(PICTURES) == plots.__all__


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_draws_where_it_is_told_and_returns_the_axes(name, ax):
    before = plt.get_fignums()
    assert draw(name, ax=ax) is ax
    assert plt.get_fignums() == before


@pytest.mark.parametrize("name", PICTURES)
def test_a_new_figure_is_made_when_none_is_given(name):
    before = plt.get_fignums()
    made = draw(name)
    assert len(plt.get_fignums()) == len(before) + 1
    plt.close(made.figure)


@pytest.mark.parametrize("name", PICTURES)
def test_both_axes_say_quantity_and_unit(name, ax):
    draw(name, ax=ax)
    for label in (ax.get_xlabel(), ax.get_ylabel()):
        assert label
        assert "(" in label or label.split(",")[0] in ("epoch", "layer", "true class"), label


@pytest.mark.parametrize("name", PICTURES)
def test_the_title_is_a_finding_unless_one_is_given(name, ax):
    assert len(draw(name, ax=ax).get_title().split()) > 3
    assert draw(name, ax=ax, title="Mine").get_title() == "Mine"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_renders(name, ax, tmp_path):
    draw(name, ax=ax).figure.savefig(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 5_000
