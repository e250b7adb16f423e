"""Cards as notes for Obsidian's Spaced Repetition plugin, one file for each lesson.

    What is the slope of ReLU at $z = 3$?::1          a question and its answer on one line

    Why does a unit die?                              both on as many lines as needed, with `?` between them
    ?
    Its slope is 0 for all examples.

    ReLU is ==0== below 0.                            gaps

What goes wrong elsewhere, and how it is met here:

- A blank line ends a card: there are none within one.
- `::` makes a card of any line it stands on, and a pair of `==` makes a gap, in code and maths too: where a card
  has them itself, they are written in another way that reads the same.
- A gap inside a formula would be lost: such cards, and those that hint or number their gaps, become questions.
- What stands behind a gap's text shows before the answer: a cloze with a remark becomes questions as well.
- The plugin may keep in the file when a card is due: a new export over it forgets that. Who wants updates that keep
  what was learned takes the Anki package.

Source: the plugin's documentation, pages "Question & Answer Cards", "Cloze Cards" and "Decks".
"""

import re
from pathlib import Path

from markupsafe import escape

from ...course import write_text
from ..question import Question
from ..static import Card
from .cards import PART, faces, gaps, simple, slips

FILE = "cards-{}.md"


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write `cards-<lesson>.md` for each lesson, its cards under their topics.

    Args:
        questions: none of them goes in.
        place: the folder.
        title: stands above each file.
    Raises:
        BankError: a gap ends inside its LaTeX.
    """
    lessons = {}
    for card in cards:
        lessons.setdefault(card.lesson, {}).setdefault(card.topic, []).extend(_written(card))
    written = {
        place / FILE.format(lesson): _note(title, lesson, topics) for lesson, topics in lessons.items()
    }
    for path, text in written.items():
        write_text(path, text)
    return list(written)


def left_out(questions: list[Question]) -> dict[str, str]:
    """Nothing: this outlet is for cards, and takes each."""
    return {}


def _note(title, lesson, topics):
    # The tag puts all that follows it into the deck of this name; `#flashcards` is what the plugin looks for.
    parts = [f"#flashcards/nnlib/{lesson}", f"# {_tame(title)}: {lesson}"]
    for topic, cards in topics.items():
        parts += [f"## {_tame(topic)}", *cards]
    return "\n\n".join(parts) + "\n"


def _written(card):
    """A card as the plugin's Markdown: one piece, or one for each gap."""
    if gaps(card) and simple(card) and not card.back:
        ends = [0, *(end for gap in gaps(card) for end in gap.span()), len(card.front)]
        outside = [_tame(card.front[start:end]) for start, end in zip(ends[::2], ends[1::2], strict=True)]
        inside = [f"=={_tame(gap[2])}==" for gap in gaps(card)] + [""]
        return [_close("".join(part for pair in zip(outside, inside, strict=True) for part in pair))]
    common = "\n".join(f"*Common slip:* {slip}" for slip in slips(card.id))
    return [_question(front, f"{back}\n{common}" if common else back) for front, back in faces(card)]


def _question(front, back):
    front, back = _close(_tame(front)), _close(_tame(back))
    return f"{front}\n?\n{back}" if "\n" in front + back else f"{front}::{back}"


def _close(text):
    return re.sub(r"\n\s*\n", "\n", text).strip()


def _tame(text):
    """The text with the plugin's marks written in another way, which reads the same."""
    pieces, end = [], 0
    for part in PART.finditer(text):
        pieces += [_entities(text[end : part.start()]), _TAMED[part.lastgroup](part[0])]
        end = part.end()
    return "".join([*pieces, _entities(text[end:])])


def _entities(text):
    return re.sub("=(?==)", "&#61;", re.sub(":(?=:)", "&#58;", text))


def _code(span):
    # Entities mean nothing between backticks.
    return (
        f"<code>{_entities(str(escape(span.strip('`').strip())))}</code>"
        if re.search("::|==", span)
        else span
    )


_TAMED = {
    "fence": str,  # the plugin does not look into it
    "code": _code,
    "maths": lambda span: re.sub("([:=])(?=\\1)", r"\1 ", span),
}
