"""What the commands share: where they print, how they name the course's folder, lists and progress bars."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .text import clean_text

console = Console(emoji=False)
errors = Console(stderr=True, emoji=False)

Folder = Annotated[Path, typer.Option("--course", help="The course's folder.", exists=True, file_okay=False)]
Lesson = Annotated[str, typer.Argument(help="For example 01_activations.")]


def bar(what: str) -> Progress:
    """A progress bar with how many are done and the time that is left."""
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("time left"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console)


def say(text: str) -> None:
    """Print a line that may hold text from elsewhere."""
    console.print(escape(clean_text(text)), soft_wrap=True)


def say_list(heading: str, rows: Iterable[tuple[str, str]]) -> None:
    """Print a heading and a line each, (who, what); nothing where there is none."""
    rows = list(rows)
    if rows:
        say(f"{heading} ({len(rows)}):")
    for who, what in rows:
        say(f"  {who}: {what}" if what else f"  {who}")
