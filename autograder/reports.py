"""What an instructor reads: the file of marks and the table of a class."""

import csv
import io
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .course import write_text
from .evidence import JUDGED, NOT_STARTED
from .judge import Verdict

FORMULA_STARTS = ("=", "+", "-", "@")


def write_grades(path: Path, rows: list[dict]) -> None:
    """The marks as CSV, safe to open in a spreadsheet."""
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: spreadsheet_safe(value) for name, value in row.items()} for row in rows)
    write_text(path, text.getvalue())


def spreadsheet_safe(value: object) -> object:
    """Text that a spreadsheet would take for a formula gets an apostrophe before it.

    Some skip white space first, and some read full-width signs as ordinary ones.
    """
    if not isinstance(value, str):
        return value
    seen = unicodedata.normalize("NFKC", value).lstrip()
    return f"'{value}" if seen.startswith(FORMULA_STARTS) or value.startswith(("\t", "\r")) else value


def commonest_mistake(verdicts: list[Verdict]) -> str:
    """The mistake that cost most in one submission, with the exercise it stands in."""
    wrong = [v for v in verdicts if v.share < 1 and v.state == JUDGED]
    named = [v for v in wrong if v.mistake]
    if named:
        names = Counter(v.mistake for v in named)
        worst = max(named, key=lambda v: (names[v.mistake], v.points - v.score))
        return f"{worst.exercise}: {worst.mistake.replace('_', ' ')}"
    if wrong:
        return f"{wrong[0].exercise}: {wrong[0].diagnosis}"
    unstarted = [v.exercise for v in verdicts if v.state == NOT_STARTED and v.points]
    if len(unstarted) > 1:
        return f"{len(unstarted)} exercises not started"
    return f"{unstarted[0]}: not started" if unstarted else ""


def parse_time(text: str) -> datetime | None:
    """A time as nbgrader writes it (2026-03-01 12:00:00 UTC) or as ISO 8601; None for anything else."""
    for suffix in (" UTC", " GMT"):
        text = text.removesuffix(suffix)
    try:
        when = datetime.fromisoformat(text)
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1, east of Greenwich, has no time in UTC
        return None


def in_words(late: timedelta) -> str:
    """5400 seconds as "1 h 30 min"."""
    minutes = int(late.total_seconds() // 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    return " ".join(parts[:2]) or "under a minute"
