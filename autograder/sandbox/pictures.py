"""A figure as the picture that IPython shows: cut to what is on it.

IPython has matplotlib draw each figure twice, once to see how far its parts reach. Most reach no further than the figure
itself: these are drawn once here, and the pixels are cut.
"""

import base64
import io

import numpy as np
from IPython.core.pylabtools import print_figure
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.offsetbox import OffsetBox
from matplotlib.table import Table
from matplotlib.text import Text
from PIL import Image

PAD_INCHES = 0.1  # matplotlib's own, around a picture that is cut
QUICK = {"compress_level": 1}  # packing a picture tightly takes as long as half of drawing it


def png(figure: Figure) -> str | None:
    """The figure as a PNG in base64; None where there is nothing on it."""
    if not figure.axes and not figure.lines:
        return None
    if figure.subfigs or not isinstance(figure.canvas, FigureCanvasAgg):
        return _with_all(figure)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())
    colours = pixels.view(np.uint32)[..., 0]  # a pixel's four bytes at once
    ink = colours != colours[0, 0]
    edges = ink[0].any() or ink[-1].any() or ink[:, 0].any() or ink[:, -1].any()
    if edges or not ink.any() or _reaches_out(figure):
        return _with_all(figure)
    pad = round(PAD_INCHES * figure.dpi)
    rows, columns = (_range(ink.any(axis=axis), pad) for axis in (1, 0))
    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[rows, columns])).save(packed, "png", **QUICK)
    return base64.b64encode(packed.getvalue()).decode()


def _with_all(figure):
    return print_figure(figure, "png", base64=True, pil_kwargs=QUICK)


def _range(marked, pad):
    found = np.flatnonzero(marked)
    return slice(max(int(found[0]) - pad, 0), int(found[-1]) + 1 + pad)


def _reaches_out(figure):
    """Whether a legend or a text stands outside the figure; ticks beside it would leave ink at its edge."""
    parts = list(figure.get_children())
    for axes in figure.axes:
        parts += [*axes.get_children(), axes.xaxis.label, axes.yaxis.label]
    renderer = figure.canvas.get_renderer()
    for part in parts:
        if not isinstance(part, Legend | OffsetBox | Table | Text) or not part.get_visible():
            continue
        if isinstance(part, Text) and not part.get_text():
            continue
        box, room = part.get_window_extent(renderer), figure.bbox
        if box.x0 < room.x0 or box.y0 < room.y0 or box.x1 > room.x1 or box.y1 > room.y1:
            return True
    return False
