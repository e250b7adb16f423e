"""Figures carry their alternative text, and sliders need a live kernel."""

import base64
import re

import ipywidgets
import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from autograder import explore, figures, show

ALT = 'A "line" <b>rises</b> & falls'


@pytest.fixture(autouse=True)
def drawn_in_memory():
    with mpl.rc_context({"backend": "agg"}):
        plt.switch_backend("agg")
        yield
        plt.close("all")


@pytest.fixture
def shown(monkeypatch):
    """What was displayed: (object, settings)."""
    seen = []
    monkeypatch.setattr("IPython.display.display", lambda thing, **settings: seen.append((thing, settings)))
    return seen


def picture():
    figure, ax = plt.subplots(figsize=(1, 1))
    ax.plot([0, 1])
    return figure, ax


@pytest.mark.parametrize("which", [0, 1], ids=["figure", "axes"])
def test_a_figure_is_shown_as_png_with_its_escaped_text(shown, which):
    show(picture()[which], alt=ALT)
    html = shown[0][0]._repr_html_()
    assert 'alt="A &quot;line&quot; &lt;b&gt;rises&lt;/b&gt; &amp; falls"' in html
    png = re.search(r'src="data:image/png;base64,([^"]+)"', html)[1]
    assert base64.b64decode(png).startswith(b"\x89PNG")
    assert html.count("<") == 1


def test_without_html_the_text_stands_for_the_figure(shown):
    show(picture()[0], alt="a line")
    assert repr(shown[0][0]) == "[figure] a line"


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_a_text_is_an_error(shown, alt):
    with pytest.raises(ValueError, match="alt must say"):
        show(picture()[0], alt=alt)
    assert shown == []


def test_a_shown_figure_is_not_shown_again_at_the_end_of_the_cell(shown):
    figure, _ = picture()
    show(figure, alt="a line")
    assert not plt.fignum_exists(figure.number)


def draw(a, b=0.0):
    figure, ax = picture()
    ax.set_title(f"{a} {b}")
    return figure


def test_without_a_kernel_sliders_become_one_picture_at_the_start(shown):
    started = []
    explore(lambda **controls: (started.append(controls), draw(**controls))[1], alt="a line", a=(0, 2, 1))
    assert started == [{"a": 1}]
    assert len(shown) == 1
    assert shown[0][0]._repr_html_().startswith("<img")


def test_a_graded_notebook_has_no_sliders(monkeypatch):
    kernel = type("Shell", (), {"kernel": None})()
    monkeypatch.setattr("IPython.get_ipython", lambda: kernel)
    assert figures._live()
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert not figures._live()


@pytest.fixture
def made(monkeypatch):
    """The widgets that are made while a kernel answers, by kind."""
    kinds = {"FloatSlider": [], "BoundedFloatText": [], "IntSlider": [], "BoundedIntText": [], "Dropdown": []}
    for kind, widgets in kinds.items():
        real = getattr(ipywidgets, kind)

        def make(real=real, widgets=widgets, **settings):
            widgets.append(real(**settings))
            return widgets[-1]

        monkeypatch.setattr(ipywidgets, kind, make)
    monkeypatch.setattr(figures, "_live", lambda: True)
    return kinds


def test_with_a_kernel_a_slider_redraws_and_a_still_picture_stays_for_pages(made, shown):
    titles = []
    explore(
        lambda **now: (titles.append(now), draw(**now))[1],
        "a line",
        {"b": "β"},
        a=(0.0, 2.0, 1.0),
        b=(-1, 1.0, 0),
    )
    bundle, settings = shown[0]
    assert settings == {"raw": True}
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"].startswith('<img alt="a line Here a = 1, β = 0."')
    made["FloatSlider"][0].value = 1.5
    made["BoundedFloatText"][1].value = -0.5
    assert titles == [{"a": 1, "b": 0}, {"a": 1.5, "b": 0}, {"a": 1.5, "b": -0.5}]
    assert made["FloatSlider"][1].value == -0.5
    assert [(n.min, n.max, n.description) for n in made["BoundedFloatText"]] == [(0, 2, "a"), (-1, 1, "β")]


def test_whole_numbers_stay_whole_and_texts_make_a_menu(made, shown):
    seen = []
    explore(
        lambda **now: (seen.append(now), draw(0))[1],
        "a line",
        {"f": "activation"},
        depth=(2, 30, 20),
        f=["σ", "tanh"],
    )
    assert shown[0][0]["text/html"].startswith('<img alt="a line Here depth = 20, activation = σ."')
    made["IntSlider"][0].value = 21
    made["Dropdown"][0].value = "tanh"
    assert seen == [{"depth": 20, "f": "σ"}, {"depth": 21, "f": "σ"}, {"depth": 21, "f": "tanh"}]
    assert isinstance(seen[1]["depth"], int)
    assert made["Dropdown"][0].description == "activation"
    assert made["BoundedIntText"][0].step == 1
