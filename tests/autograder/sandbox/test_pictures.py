"""A picture is what IPython would have made of the figure, in one drawing where that is enough."""

import base64
import io

import matplotlib as mpl
import numpy as np
import pytest
from IPython.core.pylabtools import print_figure
from matplotlib import pyplot as plt
from PIL import Image

from autograder.sandbox import pictures


@pytest.fixture(autouse=True)
def _plain_figures():
    mpl.use("agg")
    yield
    plt.close("all")


def pixels(packed):
    picture = Image.open(io.BytesIO(base64.b64decode(packed)))
    return np.asarray(picture.convert("RGB")).astype(int)


@pytest.fixture
def drawn_twice(monkeypatch):
    """How many figures went the long way."""
    calls = []
    real = pictures.print_figure
    monkeypatch.setattr(pictures, "print_figure", lambda *a, **k: calls.append(1) or real(*a, **k))
    return calls


def ordinary():
    figure, ax = plt.subplots()
    ax.plot([0, 1, 2], [0, 1, 4], label="squares")
    ax.set(xlabel="z", ylabel="$f(z)$", title="A curve")
    ax.legend()
    return figure


def constrained():
    figure, axes = plt.subplots(2, 2, layout="constrained", figsize=(7, 5))
    for ax in axes.flat:
        ax.hist([1, 2, 2, 3])
    figure.suptitle("Four")
    return figure


def picture():
    figure, ax = plt.subplots()
    figure.colorbar(ax.imshow(np.eye(4)))
    return figure


@pytest.mark.parametrize("make", [ordinary, constrained, picture], ids=lambda make: make.__name__)
def test_a_figure_that_keeps_inside_is_drawn_once_and_looks_as_ipythons(make, drawn_twice):
    figure = make()
    ours = pixels(pictures.png(figure))
    assert drawn_twice == []
    theirs = pixels(print_figure(figure, "png", base64=True))
    # Theirs is moved by a part of a pixel before it is drawn, and may be padded past the figure's edge.
    assert np.abs(np.subtract(ours.shape, theirs.shape))[:2].max() <= 12
    assert abs((ours < 128).mean() - (theirs < 128).mean()) < 0.01


def legend_outside(ax):
    ax.plot([1, 2], label="one")
    ax.legend(bbox_to_anchor=(1.2, 1), loc="upper left")


def text_outside(ax):
    ax.text(1.5, 0.5, "far away", transform=ax.transAxes)


def note_outside(ax):
    ax.annotate("here", (0.5, 0.5), xytext=(0.5, 1.4), xycoords="axes fraction")


def label_cut(ax):
    ax.set_position([0, 0.1, 0.9, 0.8])
    ax.plot([1, 2])


@pytest.mark.parametrize(
    "add", [legend_outside, text_outside, note_outside, label_cut], ids=lambda add: add.__name__
)
def test_what_stands_outside_the_figure_is_not_lost(add, drawn_twice):
    figure, ax = plt.subplots()
    add(ax)
    assert np.array_equal(pixels(pictures.png(figure)), pixels(print_figure(figure, "png", base64=True)))
    assert len(drawn_twice) == 1


def test_subfigures_go_the_long_way(drawn_twice):
    figure = plt.figure()
    figure.subfigures(1, 2)[0].subplots().plot([1, 2])
    assert pictures.png(figure)
    assert len(drawn_twice) == 1


def test_an_empty_figure_is_no_picture_and_a_coloured_one_keeps_its_ground():
    assert pictures.png(plt.figure()) is None
    figure, ax = plt.subplots(facecolor="navy")
    ax.plot([1, 2])
    assert tuple(pixels(pictures.png(figure))[0, 0]) == (0, 0, 128)
