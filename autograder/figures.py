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


def explore(draw: Callable, alt: str, labels: dict[str, str] | None = None, **controls) -> None:
    """Display `draw(...)` with a slider or menu for each control; without a live kernel, a static picture.

    Args:
        draw: makes a figure or axes from one value for each control.
        alt: the alternative text of the picture; the controls' values are added to it.
        labels: what to show for a control's name, such as {"beta": "β"}.
        controls: name=(low, high, start), three numbers; whole ones, such as (2, 30, 20), stay whole.
            Or name=[first, …], texts to choose from.
    """
    from IPython.display import display

    labels = labels or {}

    def picture(values):
        now = ", ".join(f"{labels.get(name, name)} = {_shown(value)}" for name, value in values.items())
        return _picture(draw(**values), f"{alt} Here {now}.")

    still = picture({name: _start(control) for name, control in controls.items()})
    if not _live():
        display(still)
        return
    import ipywidgets as widgets

    shown = widgets.HTML(still.html)
    fields, rows = {}, []
    for name, control in controls.items():
        fields[name], row = _widget(widgets, control, labels.get(name, name))
        rows.append(row)

    def redraw(change):
        shown.value = picture({name: field.value for name, field in fields.items()}).html

    for field in fields.values():
        field.observe(redraw, names="value")
    # A page without a kernel shows the picture, a live notebook the sliders.
    bundle = widgets.VBox([*rows, shown])._repr_mimebundle_()
    display({**bundle, "text/html": still.html, "text/plain": repr(still)}, raw=True)


def _start(control):
    return control[0] if isinstance(control, list) else control[2]


def _shown(value):
    return value if isinstance(value, str) else f"{value:.3g}"


def _widget(widgets, control, label):
    """What holds a control's value, and the row of widgets that shows it."""
    whole_label = {"description_width": "initial"}  # by default a long one is cut
    if isinstance(control, list):
        menu = widgets.Dropdown(options=control, description=label, style=whole_label)
        return menu, menu
    low, high, start = control
    whole = all(isinstance(number, int) for number in control)
    step = 1 if whole else 10.0 ** round(math.log10((high - low) / 100))
    field, slide = ("BoundedIntText", "IntSlider") if whole else ("BoundedFloatText", "FloatSlider")
    # A slider's handle has no name for a screen reader; a number field has, and takes the keyboard.
    settings = {"value": start, "min": low, "max": high, "step": step}
    number = getattr(widgets, field)(description=label, style=whole_label, **settings)
    slider = getattr(widgets, slide)(readout=False, **settings)
    no_change, rounded = (
        (lambda value: value),
        (lambda value: round(value, 9)),
    )  # 0.3, not 0.30000000000000004
    widgets.link((number, "value"), (slider, "value"), transform=(no_change, rounded))
    return number, widgets.HBox([number, slider])


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
