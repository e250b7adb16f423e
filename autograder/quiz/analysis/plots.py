"""The pictures of an item analysis, as the class report draws its own: the title is the finding, its text beside it."""

import math

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from ...class_report import LEAST_CLASS
from ...report_plots import picture
from .distractors import OTHERS
from .items import EASY, HARD, Analysis, ItemRow
from .matching import NO_ANSWER

_WIDTH = 8.0
_ROWS = 25  # questions in one picture
# Okabe and Ito's colours, safe for colour-blind readers; hatching is the second cue.
_FILLS = (("#56b4e9", "//"), ("#e69f00", ".."), ("#cc79a7", "xx"), ("#f0e442", "\\\\"), ("#999999", "--"))
_RIGHT = ("#009e73", "")


def pictures(found: Analysis) -> dict[str, list[Markup]]:
    """The pictures by the section they stand in; a small class has few."""
    drawn = {"items": [], "options": []}
    if not found.small and any(not math.isnan(row.item.rest) for row in found.items):
        drawn["items"] = [picture(lambda ink: items_scatter(found, ink), *describe_items(found))]
    rows = [row for row in found.items if len(row.options) > 1]
    if found.students >= LEAST_CLASS:
        numbers = {row.name: n for n, row in enumerate(found.items, 1)}
        for start in range(0, len(rows), _ROWS):
            shown = rows[start : start + _ROWS]
            drawn["options"].append(
                picture(lambda ink, shown=shown: option_bars(shown, numbers, ink), *describe_options(shown))
            )
    return drawn


def describe_items(found: Analysis) -> tuple[str, str]:
    against = [n for n, row in enumerate(found.items, 1) if row.item.against]
    odd = [n for n, row in enumerate(found.items, 1) if row.alarming and n not in against]
    if against:
        title = f"Negative, check the key of {_listed(against)}"
    elif odd:
        title = f"An option draws the best students in {_listed(odd)}"
    else:
        title = "No question goes against the others"
    measured = [row for row in found.items if not math.isnan(row.item.rest)]
    hard = min(measured, key=lambda row: row.item.success, default=None)
    weak = min(measured, key=lambda row: row.item.rest, default=None)
    named = (
        f" The hardest is {hard.name}, p = {hard.item.success:.2f}; the least in line with the rest is {weak.name}, "
        f"r = {_signed(weak.item.rest)}."
        if hard
        else ""
    )
    return title, (
        "For each question its number at its difficulty p, the share of the marks that were earned, and its correlation r "
        f"with all others, with 95 % intervals.{named} The table below has the numbers."
    )


def items_scatter(found: Analysis, ink: dict) -> Figure:
    figure, axes = _axes(4.6)
    axes.axhline(0, color=ink["ink"], linewidth=1)
    axes.axhline(0.2, color=ink["ink"], linewidth=1, linestyle=":")
    for border in (HARD, EASY):
        axes.axvline(border, color=ink["ink"], linewidth=1, linestyle=":")
    lowest, labels = -0.3, []
    for number, row in enumerate(found.items, 1):
        x, y, r = row.item.success, row.item.rest, row.item.rest_interval
        if math.isnan(y):
            continue
        colour = ink["alarm"] if row.alarming else ink["mark"]
        axes.plot([row.interval.low, row.interval.high], [y, y], color=colour, linewidth=1, alpha=0.4)
        if not math.isnan(r.low):
            axes.plot([x, x], [r.low, r.high], color=colour, linewidth=1, alpha=0.4)
            lowest = min(lowest, r.low - 0.05)
        axes.plot(x, y, marker="X" if row.alarming else "o", markersize=8, color=colour)
        near = next(
            (label for label in labels if abs(label[0] - x) < 0.03 and abs(label[1] - y) < 0.07), None
        )
        if near:
            near[2].append(f"{number}")  # one label for points that lie on each other
        else:
            labels.append((x, y, [f"{number}"]))
        lowest = min(lowest, y - 0.1)
    for x, y, numbers in labels:
        axes.annotate(", ".join(numbers), (x, y), xytext=(6, 5), textcoords="offset points", fontsize=10)
    axes.set(xlabel="difficulty p: share of the marks earned", ylabel="with the rest r (no unit)")
    axes.set(xlim=(-0.02, 1.08), ylim=(max(-1.05, lowest), 1.05))
    return figure


def describe_options(rows: list[ItemRow]) -> tuple[str, str]:
    dead = sum(option.says.startswith("dead") for row in rows for option in row.options)
    odd = sum(option.says.startswith("suspicious") for row in rows for option in row.options)
    title = "How the answers are spread"
    if dead or odd:
        counts = [f"{n} {what}" for n, what in ((dead, "dead"), (odd, "suspicious")) if n]
        title = f"{' and '.join(counts)} distractor{'s' * (dead + odd > 1)} among {len(rows)} questions"
    first = max(rows, key=lambda row: max((o.share for o in row.options if not o.right), default=0))
    wrong = max((o for o in first.options if not o.right), key=lambda o: o.share, default=None)
    named = (
        f" The commonest wrong answer is “{wrong.label}” to {first.name}, {wrong.share:.0%} of the class."
        if wrong
        else ""
    )
    return title, (
        "A bar for each question, divided into the right answer, the wrong ones from the commonest on, and no answer."
        f"{named} The tables below have the numbers."
    )


def option_bars(rows: list[ItemRow], numbers: dict[str, int], ink: dict) -> Figure:
    rows = rows[::-1]
    figure, axes = _axes(1.5 + 0.36 * len(rows))
    names = [
        f"{numbers[row.name]}  {row.name if len(row.name) < 34 else row.name[:33] + '…'}" for row in rows
    ]
    left = np.zeros(len(rows))
    for label, (colour, hatch), widths in _segments(rows):
        if not widths.any():
            continue
        axes.barh(
            names,
            widths,
            left=left,
            color=colour,
            hatch=hatch,
            edgecolor="#1a1a1a",
            linewidth=0.5,
            label=label,
        )
        left += widths
    axes.set(
        xlabel="share of the class (%); over 100 where several may be chosen", xlim=(0, max(100, left.max()))
    )
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return figure


def _segments(rows):
    """The parts of the bars: (label, fill, share of each row in per cent)."""
    wrong = [
        sorted(
            (o for o in row.options if o.right is not True and o.label not in (NO_ANSWER, OTHERS)),
            key=lambda o: -o.share,
        )
        for row in rows
    ]
    most = len(_FILLS) - 1

    def widths(chosen):
        return np.array([100 * sum(o.share for o in chosen(i)) for i in range(len(rows))])

    yield "right", _RIGHT, widths(lambda i: [o for o in rows[i].options if o.right])
    ordinals = ("commonest wrong", "second", "third")
    for place in range(most - 1):
        yield ordinals[place], _FILLS[place], widths(lambda i, place=place: wrong[i][place : place + 1])
    yield (
        "further wrong",
        _FILLS[most - 1],
        widths(lambda i: [*wrong[i][most - 1 :], *(o for o in rows[i].options if o.label == OTHERS)]),
    )
    yield "no answer", _FILLS[most], widths(lambda i: [o for o in rows[i].options if o.label == NO_ANSWER])


def _axes(height):
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.08, w_pad=0.08)
    return figure, figure.add_subplot()


def _listed(numbers):
    names = [f"{n}" for n in numbers[:6]]
    more = f" and {len(numbers) - 6} more" if len(numbers) > 6 else ""
    return f"question{'s' * (len(numbers) > 1)} {', '.join(names)}{more}"


def _signed(number):
    return f"{number:.2f}".replace("-", "−")
