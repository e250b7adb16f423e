r"""Cards as a text file that Anki imports: for who wants to look at the cards, or edit them, before taking them in.

What goes wrong elsewhere, and how it is met here:

- A note is known by its GUID, in the first column: without it, a changed text is a second note.
- A line that begins with `#` is a comment, and a GUID may begin so: every field stands in quotes.
- A spreadsheet takes a GUID that begins with `=` for a formula: look at the file in a text editor.
- The kinds of note are named as in an English Anki, "Basic" and "Cloze"; elsewhere Anki asks which to take.
- A text file carries no pictures: the curves are in the package alone. Who has the package needs no text file.
"""

import csv
import io
from pathlib import Path

from markupsafe import Markup

from ...course import write_text
from ..markup import html
from ..question import Question
from ..static import Card
from .anki import guid, slip, tags
from .cards import gaps

FILE = "cards.tsv"
_HEADER = """#separator:tab
#html:true
#guid column:1
#notetype column:2
#deck column:3
#tags column:4
"""


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write `cards.tsv`: GUID, kind of note, deck, tags, front and back.

    Args:
        questions: none of them goes in.
        place: the folder.
        title: of the deck that holds the lessons' decks.
    Raises:
        BankError: a gap ends inside its LaTeX.
    """
    table = io.StringIO()
    rows = csv.writer(table, "excel-tab", quoting=csv.QUOTE_ALL, lineterminator="\n")
    rows.writerows(_row(card, title) for card in cards)
    write_text(place / FILE, _HEADER + table.getvalue())
    return [place / FILE]


def left_out(questions: list[Question]) -> dict[str, str]:
    """Nothing: this outlet is for cards, and takes each."""
    return {}


def _row(card, title):
    kind = "Cloze" if gaps(card) else "Basic"
    back, common = html(card.back, "latex").strip(), slip(card)
    if common:
        back += Markup("<p><b>Common slip</b></p>") + common
    return [
        guid(card),
        kind,
        f"{title}::{card.lesson}",
        " ".join(tags(card)),
        html(card.front, "latex").strip(),
        back,
    ]
