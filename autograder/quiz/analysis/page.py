"""The item analysis of a quiz as a page, with pictures, and as CSV and JSON for who goes on working with it."""

import csv
import io
import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
from markupsafe import Markup

from ...course import write_text
from ...item_analysis import LEAST_STUDENTS
from ...render import render
from ...reports import spreadsheet_safe
from .distractors import DEAD
from .items import Analysis
from .plots import describe_items, pictures


def write(
    found: Analysis, title: str, to: Path, table: Path | None = None, data: Path | None = None
) -> list[Path]:
    """Write the page and, where they are named, the table (CSV) and everything (JSON).

    All is made before the first file is written, each beside its place and then renamed.

    Raises:
        CourseError: a file cannot be written.
    """
    texts = {to: page(found, title)}
    if table is not None:
        texts[table] = as_csv(found)
    if data is not None:
        texts[data] = as_json(found, title)
    for path, text in texts.items():
        write_text(path, text)
    return list(texts)


def page(found: Analysis, title: str) -> str:
    """The page; it loads nothing and runs nothing."""
    return render(
        "analysis.html",
        found=found,
        title=title,
        findings=findings(found),
        pictures=pictures(found),
        bar=bar,
        least=LEAST_STUDENTS,
        dead=DEAD,
    )


def findings(found: Analysis) -> list[str]:
    """What a reader in a hurry should know."""
    if found.small:
        return []
    said = [describe_items(found)[0]]
    if not math.isnan(found.reliability):
        low = found.reliability_interval.low
        surely = "" if math.isnan(low) else f", in all likelihood above {low:.2f}"
        said.append(f"{found.coefficient} is {found.reliability:.2f}{surely}")
    if found.mistakes:
        first = found.mistakes[0]
        said.append(
            f"The commonest mistake is “{_spoken(first.id)}”: {first.students} of {first.of} students"
        )
    return said


def bar(share: float) -> Markup:
    """A share as a bar of SVG in the text's colour; the number stands beside it."""
    width = round(100 * min(1.0, share), 1)
    return Markup(
        '<svg role="img" aria-label="bar of {:.0f} %" viewBox="0 0 100 10" preserveAspectRatio="none">'
        '<rect width="100" height="10" fill="currentColor" opacity=".12"/>'
        '<rect width="{}" height="10" fill="currentColor" opacity=".75"/></svg>'
    ).format(100 * share, width)


def as_csv(found: Analysis) -> str:
    """A line for each question, safe to open in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "item",
            "lesson",
            "n",
            "points",
            "p",
            "p_low",
            "p_high",
            "r",
            "r_low",
            "r_high",
            "upper_lower",
            "distractor_efficiency",
            "dead",
            "suspicious",
            "says",
        ]
    )
    for row in found.items:
        item = row.item
        numbers = (
            *(item.success, row.interval.low, row.interval.high, item.rest),
            *(item.rest_interval.low, item.rest_interval.high, item.upper_lower, row.efficiency),
        )
        flagged = [
            "; ".join(option.label for option in row.options if option.says.startswith(flag))
            for flag in ("dead", "suspicious")
        ]
        told = ["" if math.isnan(number) else f"{number:.4f}" for number in numbers]
        cells = [row.name, row.lesson, row.students, f"{row.points:g}"]
        safe = [spreadsheet_safe(text) for text in (*flagged, "; ".join(row.says))]
        writer.writerow([*map(spreadsheet_safe, cells), *told, *safe])
    return text.getvalue()


def as_json(found: Analysis, title: str) -> str:
    """Everything, without the students' names; null for what is not defined."""
    data = {"title": title} | asdict(found) | {"totals": sorted(found.totals.tolist())}
    return json.dumps(_plain(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value):
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _spoken(mistake):
    return mistake.replace("_", " ").replace("-", " ").replace(".", ": ")
