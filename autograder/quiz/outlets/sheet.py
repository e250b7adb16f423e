"""A sheet to print, and its key apart from it. Both are HTML that prints well; a browser makes them PDF."""

from pathlib import Path

from ...course import write_text
from ..question import Question
from ..static import Card
from .html import left_out, page

__all__ = ["build", "left_out"]


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write `sheet.html` and `sheet-key.html`; only the second has the answers."""
    made = {
        "sheet.html": page(questions, title, "sheet.html"),
        "sheet-key.html": page(questions, title, "key.html"),
    }
    for name, text in made.items():
        write_text(place / name, text)
    return [place / name for name in made]
