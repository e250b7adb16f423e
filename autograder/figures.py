"""Figures in a lesson: a picture with its alternative text, and a picture with sliders.

Notebook tools drop the usual display metadata, and the alternative text with it; so the picture is
written as an `img` element of its own.
"""

import base64
import os
import sys
from collections.abc import Callable
from html import escape
from io import BytesIO


def show(figure, alt: str) -> None:
    """Display a matplotlib figure (or the figure of an axes) with the alternative text `alt`.

    Args:
        figure: a `Figure` or an `Axes`.
        alt: what is seen and what it means, for those who do not see it.
    Raises:
        ValueError: `alt` is empty.
    """
    from IPython.display import display

    display(_picture(figure, alt))


def explore(draw: Callable, alt: str, **controls: tuple[float, float, float]) -> None:
    """Display `draw(...)` with a slider for each control; without a live kernel, a static picture.

    Args:
        draw: makes a figure or axes from one number for each control.
        alt: the alternative text of the picture.
        controls: name=(low, high, start).
    """
    from IPython.display import display

    start = {name: value for name, (_, _, value) in controls.items()}
    if not _live():
        display(_picture(draw(**start), alt))
        return
    import ipywidgets as widgets

    still = _picture(draw(**start), alt)
    picture = widgets.HTML(still.html)
    sliders = {
        name: widgets.FloatSlider(value=value, min=low, max=high, step=(high - low) / 100, description=name)
        for name, (low, high, value) in controls.items()
    }

    def redraw(change):
        picture.value = _img(draw(**{name: slider.value for name, slider in sliders.items()}), alt)

    for slider in sliders.values():
        slider.observe(redraw, names="value")
    # A page without a kernel shows the picture, a live notebook the sliders.
    bundle = widgets.VBox([*sliders.values(), picture])._repr_mimebundle_()
    display({**bundle, "text/html": still.html, "text/plain": repr(still)}, raw=True)


class _Picture:
    def __init__(self, html, alt):
        self.html, self.alt = html, alt

    def _repr_html_(self):
        return self.html

    def __repr__(self):
        return f"[figure] {self.alt}"


def _picture(figure, alt):
    return _Picture(_img(figure, alt), alt)


def _img(figure, alt):
    if not alt.strip():
        raise ValueError("alt must say what the figure shows, got an empty text")
    figure = getattr(figure, "figure", figure)
    png = BytesIO()
    figure.savefig(png, format="png", dpi=110, bbox_inches="tight")
    _close(figure)
    data = base64.b64encode(png.getvalue()).decode()
    return f'<img alt="{escape(alt, quote=True)}" src="data:image/png;base64,{data}" style="max-width: 100%">'


def _close(figure):
    """Take the figure from pyplot, which would show it a second time at the end of the cell."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)


def _live():
    """Whether a front end is there to move a slider: not while a notebook is graded or converted."""
    from IPython import get_ipython

    graded = "NBGRADER_EXECUTION" in os.environ
    return not graded and hasattr(get_ipython(), "kernel")
