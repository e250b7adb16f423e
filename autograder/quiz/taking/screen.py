"""What quizzes and reviews show in a terminal, and how they ask. Everything reads well without colours and in 80 columns."""

import sys
from collections.abc import Iterable

from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table

from ...terminal import console, say
from ..question import QuizError
from . import readable


class Stop(Exception):
    """The person wants to stop: `q`, Ctrl-C, or the end of the input."""


def show(text: str, indent: int = 0) -> None:
    """A text of the bank's, with its maths in Unicode."""
    console.print(Padding(_markdown(text), (0, 0, 0, indent)))


def show_listed(texts: Iterable[tuple[str, str]], indent: int = 2) -> None:
    """Texts with something before each, such as the letters of options."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column()
    for before, text in texts:
        grid.add_row(before, _markdown(text))
    console.print(Padding(grid, (0, 0, 0, indent)))


def ask(prompt: str) -> str:
    """A line that the person types.

    Raises:
        Stop: `q`, Ctrl-C, or the end of the input.
        QuizError: the input is no text.
    """
    console.print(prompt, style="bold", end=" ", markup=False, soft_wrap=True)
    try:
        typed = input().strip()
    except (EOFError, KeyboardInterrupt):
        console.print()
        raise Stop from None
    except UnicodeDecodeError as error:
        raise QuizError(
            f"the input is no text in UTF-8 ({error.reason}); what was answered is kept"
        ) from error
    if not sys.stdin.isatty():  # nothing has echoed the line, and its end
        console.print()
    if typed.casefold() == "q":
        raise Stop
    return typed


def ask_text(prompt: str) -> str:
    """Lines until an empty one.

    Raises:
        Stop: as `ask`.
    """
    say(prompt)
    lines = []
    while line := ask(">"):
        lines.append(line)
    return "\n".join(lines)


def blank() -> None:
    console.print()


def _markdown(text):
    return Markdown(readable.markdown(text), hyperlinks=False)
