"""The class report's pictures: each drawn for light and for dark pages, its title the finding, its text beside it."""

import base64
from collections.abc import Callable
from io import BytesIO

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from .class_report import LEAST_CLASS, LEVELS, ClassReport
from .render import marks

MISTAKES_SHOWN = 10
_WIDTH = 8.0
# Okabe and Ito's colours, safe for colour-blind readers; hatching is the second cue.
_FILLS = {
    "full": ("#009e73", ""),
    "partial": ("#56b4e9", "//"),
    "none": ("#e69f00", ".."),
    "not started": ("#999999", "xx"),
    "not reached": ("#cc79a7", "--"),
}
_THEMES = {
    "light": {"page": "#ffffff", "ink": "#1a1a1a", "mark": "#0072b2", "alarm": "#b34700"},
    "dark": {"page": "#1c1c1c", "ink": "#eeeeee", "mark": "#56b4e9", "alarm": "#ffb066"},
}


def pictures(report: ClassReport) -> dict[str, Markup]:
    """The pictures of a report by the section they stand in; a small class has few."""
    drawn = {}
    if len(report.marks) >= LEAST_CLASS:
        if report.points:
            drawn["marks"] = picture(lambda ink: marks_histogram(report, ink), *describe_marks(report))
        drawn["exercises"] = picture(lambda ink: success_bars(report, ink), *describe_success(report))
        if any(row.lost for row in report.mistakes):
            drawn["mistakes"] = picture(lambda ink: cost_bars(report, ink), *describe_costs(report))
    if any(row.item for row in report.exercises):
        drawn["items"] = picture(lambda ink: rest_intervals(report, ink), *describe_items(report))
    return drawn


def findings(report: ClassReport) -> list[str]:
    """The pictures' titles as one list, for who reads no further."""
    found = []
    if len(report.marks) >= LEAST_CLASS:
        found += [describe_marks(report)[0], describe_success(report)[0]]
        found += [describe_costs(report)[0]] if any(row.lost for row in report.mistakes) else []
    found += [describe_items(report)[0]] if any(row.item for row in report.exercises) else []
    return found


def picture(draw: Callable[[dict], Figure], title: str, alt: str) -> Markup:
    """A `picture` element with both drawings, titled `title`, with the alternative text `alt`."""
    png = {}
    for name, ink in _THEMES.items():
        settings = {
            **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), ink["ink"]),
            **dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor"), ink["page"]),
            "axes.edgecolor": ink["ink"],
            "axes.spines.top": False,
            "axes.spines.right": False,
            "font.size": 11,
            "hatch.linewidth": 0.6,
        }
        with matplotlib.rc_context(settings):
            figure = draw(ink)
            figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", wrap=True)
            png[name] = _data_url(figure)
    return Markup(
        '<picture><source media="(prefers-color-scheme: dark)" srcset="{}"><img alt="{}" src="{}"></picture>'
    ).format(png["dark"], f"{title}. {alt}", png["light"])


def describe_marks(report: ClassReport) -> tuple[str, str]:
    low, median, high = map(marks, report.quartiles)
    title = f"Half of the class has at least {median} of {marks(report.points)} marks"
    return title, (
        f"Histogram of the marks of {len(report.marks)} submissions, from {marks(report.marks.min())} to "
        f"{marks(report.marks.max())}. The middle half lies between {low} and {high}."
    )


def marks_histogram(report: ClassReport, ink: dict) -> Figure:
    figure, axes = _axes(3.4)
    width = max(1.0, np.ceil(report.points / 20))  # 21 bars at most, each around a whole mark
    edges = np.arange(-width / 2, report.points + width, width)
    axes.hist(report.marks, bins=edges, color=ink["mark"], edgecolor=ink["page"])
    low, median, high = report.quartiles
    axes.axvline(median, color=ink["alarm"], linewidth=2, label=f"median {marks(median)}")
    for quartile, label in ((low, f"quartiles {marks(low)}, {marks(high)}"), (high, None)):
        axes.axvline(quartile, color=ink["alarm"], linewidth=1.5, linestyle="--", label=label)
    axes.set(xlabel="marks for code, rounded", ylabel="students")
    axes.yaxis.get_major_locator().set_params(integer=True)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return figure


def describe_success(report: ClassReport) -> tuple[str, str]:
    rows = [row for row in report.exercises if row.points] or report.exercises
    hardest = min(rows, key=lambda row: (row.full_share, row.name))
    easiest = max(rows, key=lambda row: (row.full_share, row.name))
    if hardest.full_share == easiest.full_share:
        title = f"Every exercise was fully solved by {_percent(hardest.full_share)} of the class"
    else:
        title = f"{hardest.name} was fully solved by fewest: {_percent(hardest.full_share)} of the class"
    return title, (
        "A bar for each exercise, divided into full marks, part of them, none, not started and not reached. "
        f"{easiest.name} was fully solved by most, {_percent(easiest.full_share)}. The table below has the numbers."
    )


def success_bars(report: ClassReport, ink: dict) -> Figure:
    rows = report.exercises[::-1]
    figure, axes = _axes(1.4 + 0.36 * len(rows))
    left = np.zeros(len(rows))
    names = [row.name if row.points else f"{row.name} (optional)" for row in rows]
    for level in LEVELS:
        width = np.array([100 * row.counts[level] / row.students for row in rows])
        colour, hatch = _FILLS[level]
        if width.any():
            axes.barh(
                names,
                width,
                left=left,
                color=colour,
                hatch=hatch,
                edgecolor="#1a1a1a",
                linewidth=0.5,
                label=level,
            )
        left += width
    axes.set(xlabel="share of the class (%)", xlim=(0, 100))
    figure.legend(loc="outside lower center", ncols=len(LEVELS), frameon=False)
    return figure


def describe_items(report: ClassReport) -> tuple[str, str]:
    rows = [row for row in report.exercises if row.item]
    against = [row.name for row in rows if row.item.against]
    unsure = [row.name for row in rows if not row.item.against and not row.item.rest_interval.low > 0]
    if against:
        title = f"Against the rest: {', '.join(against)}"
    elif unsure:
        title = f"{len(rows) - len(unsure)} of {len(rows)} exercises go with the rest beyond chance"
    else:
        title = "Every exercise goes with the rest"
    named = f" Not told from chance: {', '.join(unsure)}." if unsure else ""
    return title, (
        "For each exercise a dot at the correlation of its marks with all others and a line for its 95 % "
        f"interval.{named} The table below has the numbers."
    )


def rest_intervals(report: ClassReport, ink: dict) -> Figure:
    rows = [row for row in report.exercises if row.item][::-1]
    figure, axes = _axes(1.2 + 0.36 * len(rows))
    axes.axvline(0, color=ink["ink"], linewidth=1)
    for place, row in enumerate(rows):
        interval, colour = row.item.rest_interval, ink["alarm"] if row.item.against else ink["mark"]
        axes.plot([interval.low, interval.high], [place, place], color=colour, linewidth=2)
        axes.plot(row.item.rest, place, marker="X" if row.item.against else "o", markersize=9, color=colour)
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    axes.set(xlabel="correlation with all other marks (no unit)", xlim=(-1, 1), ylim=(-0.6, len(rows) - 0.4))
    axes.grid(axis="y", alpha=0.25)
    return figure


def describe_costs(report: ClassReport) -> tuple[str, str]:
    first, *others = report.mistakes
    alike = sum(row.lost == first.lost for row in others)
    if alike:
        title = f"“{_mistake(first)}” and {alike} more cost the class most: {first.lost:.1f} marks each"
    else:
        title = f"“{_mistake(first)}” cost the class most: {first.lost:.1f} marks"
    then = "; ".join(f"{_mistake(row)}, {row.lost:.1f}" for row in others[: MISTAKES_SHOWN - 1] if row.lost)
    return title, (
        "A bar for each of the costliest mistakes, as long as the marks that it cost the class."
        + (f" After the first come: {then}." if then else "")
    )


def cost_bars(report: ClassReport, ink: dict) -> Figure:
    rows = [row for row in report.mistakes[:MISTAKES_SHOWN] if row.lost][::-1]
    figure, axes = _axes(1.2 + 0.36 * len(rows))
    bars = axes.barh([_mistake(row) for row in rows], [row.lost for row in rows], color=ink["mark"])
    axes.bar_label(bars, [f"{_percent(row.share)} of the class" for row in rows], padding=4)
    axes.set(xlabel="marks that the class lost")
    axes.margins(x=0.2)
    return figure


def _mistake(row):
    return f"{row.exercise}: {row.name.replace('_', ' ')}"


def _percent(share):
    return f"{share:.0%}".replace("%", "\u202f%")


def _axes(height):
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.08, w_pad=0.08)
    return figure, figure.add_subplot()


def _data_url(figure):
    png = BytesIO()
    figure.savefig(png, format="png", dpi=110, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
