"""Figures in a lesson: a picture with its alternative text, and a picture with sliders.

Notebook tools drop the usual display metadata, and the alternative text with it; so the picture is
written as an `img` element of its own.
"""

import base64
import math
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


def explore(
    draw: Callable, alt: str, labels: dict[str, str] | None = None, **controls: tuple[float, float, float]
) -> None:
    """Display `draw(...)` with a slider for each control; without a live kernel, a static picture.

    Args:
        draw: makes a figure or axes from one number for each control.
        alt: the alternative text of the picture; the controls' values are added to it.
        labels: what to show for a control's name, such as {"beta": "β"}.
        controls: name=(low, high, start).
    """
    from IPython.display import display

    labels = labels or {}

    def picture(values):
        now = ", ".join(f"{labels.get(name, name)} = {value:.3g}" for name, value in values.items())
        return _picture(draw(**values), f"{alt} Here {now}.")

    still = picture({name: start for name, (_, _, start) in controls.items()})
    if not _live():
        display(still)
        return
    import ipywidgets as widgets

    shown = widgets.HTML(still.html)
    numbers, rows = {}, []
    for name, (low, high, start) in controls.items():
        step = 10.0 ** round(math.log10((high - low) / 100))
        # A slider's handle has no name for a screen reader; a number field has, and takes the keyboard.
        numbers[name] = widgets.BoundedFloatText(
            value=start, min=low, max=high, step=step, description=labels.get(name, name)
        )
        slider = widgets.FloatSlider(value=start, min=low, max=high, step=step, readout=False)
        no_change, rounded = (
            (lambda value: value),
            (lambda value: round(value, 9)),
        )  # 0.3, not 0.30000000000000004
        widgets.link((numbers[name], "value"), (slider, "value"), transform=(no_change, rounded))
        rows.append(widgets.HBox([numbers[name], slider]))

    def redraw(change):
        shown.value = picture({name: number.value for name, number in numbers.items()}).html

    for number in numbers.values():
        number.observe(redraw, names="value")
    # A page without a kernel shows the picture, a live notebook the sliders.
    bundle = widgets.VBox([*rows, shown])._repr_mimebundle_()
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
