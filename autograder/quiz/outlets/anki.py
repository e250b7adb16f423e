r"""Cards as an Anki package: one note for each card, a deck for each lesson, curves of the activations as pictures.

What goes wrong elsewhere, and how it is met here:

- A note is known by its GUID. It comes from the card's id, so that a changed text updates the note and keeps
  what the student has learned; one made from the text would add a second note.
- Anki updates a note only if the package's is newer. `changed` is the time of the bank's last change: the present
  time would overwrite with every export what a student has edited, and a fixed time would stop all updates.
  It holds for all notes: an edit made before the bank's change is replaced, one made after it stays.
- Anki ends a gap at the first `}}`, even inside LaTeX: such a card is refused.
- Anki's file names are shared by all decks, so that those of the pictures begin with the course's name.
- A note of gaps makes several cards: count cards to know how much there is to learn.
- A card that leaves the bank stays with those who have imported it.
"""

import io
import tempfile
import zipfile
import zlib
from functools import cache
from pathlib import Path

import genanki
from markupsafe import Markup, escape

from nnlib import ACTIVATIONS

from ...course import write_bytes
from .. import bank
from ..markup import html, inline
from ..question import Question
from ..static import Card
from .cards import gaps, slips

FILE = "cards.apkg"
_PICTURED = (
    "activation functions",
    "activation gradients",
    "saturation and dying units",
    "choice of activation",
)
# With its usual slope of 0.01 leaky ReLU looks like ReLU.
_PARAMETERS = {"leaky_relu": {"slope": 0.1}}
# The numbers by which Anki knows the two kinds of note; never to be changed, nor to be used for other fields.
_BASIC, _CLOZE = 1706410501, 1706410502
_FIELDS = [{"name": name} for name in ("Front", "Back", "Picture", "Slip", "Id")]
_CSS = """.card { font: 20px/1.4 sans-serif; max-width: 40em; margin: 0 auto; text-align: left; }
.card img { max-width: 100%; }
.cloze { font-weight: bold; }
.slip { border-left: 4px solid #d55e00; padding-left: 0.6em; }
.id { font-size: 12px; opacity: 0.7; }
"""
_BACK = """{{Back}}
{{Picture}}
{{#Slip}}<div class="slip"><b>Common slip</b>{{Slip}}</div>{{/Slip}}
<p class="id">{{Id}}</p>"""
_TEMPLATES = {
    _BASIC: {"name": "Card", "qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr id=answer>" + _BACK},
    _CLOZE: {"name": "Cloze", "qfmt": "{{cloze:Front}}", "afmt": "{{cloze:Front}}<hr id=answer>" + _BACK},
}


def build(
    questions: list[Question], cards: list[Card], place: Path, title: str, changed: float | None = None
) -> list[Path]:
    """Write `cards.apkg`; the same cards and time give the same bytes.

    Args:
        questions: none of them goes in.
        place: the folder.
        title: of the deck that holds the lessons' decks.
        changed: when the bank changed last, in seconds since 1970 (UTC); by default its last commit.
    Raises:
        BankError: a gap ends inside its LaTeX.
    """
    models = {number: _model(number) for number in _TEMPLATES}
    decks, pictures = {}, {}
    for position, card in enumerate(cards, 1):
        deck = decks.setdefault(card.lesson, _deck(card.lesson, title))
        name = activation(card)
        if name:
            pictures[name] = picture(name)[0]
        deck.add_note(
            genanki.Note(
                model=models[_CLOZE if gaps(card) else _BASIC],
                fields=_fields(card, name),
                tags=tags(card),
                guid=guid(card),
                due=position,  # new cards come in the course's order
            )
        )
    package = _package(decks.values(), pictures, bank.changed() if changed is None else changed)
    write_bytes(place / FILE, package)
    return [place / FILE]


def left_out(questions: list[Question]) -> dict[str, str]:
    """Nothing: this outlet is for cards, and takes each."""
    return {}


def guid(card: Card) -> str:
    """What Anki knows the note by, whatever its text becomes."""
    return genanki.guid_for("nnlib-course", card.id)


def tags(card: Card) -> list[str]:
    """Lesson and topic, without the blanks and commas that a tag cannot have; `::` makes a tree of them.

    >>> tags(Card("x", "01_activations", "batch, stochastic, mini-batch", "front", "back"))
    ['lesson::01_activations', 'topic::batch-stochastic-mini-batch']
    """
    topic = "-".join(card.topic.replace(",", " ").replace(":", " ").split())
    return [f"lesson::{card.lesson}", f"topic::{topic}"]


def slip(card: Card) -> Markup:
    """The common slips as HTML, each in a paragraph; empty where no mistake names the card."""
    return Markup("").join(Markup("<p>{}</p>").format(inline(text, "latex")) for text in slips(card.id))


def activation(card: Card) -> str:
    """The activation whose curve a card shows: the one that its id begins with; empty where there is none.

    >>> activation(Card("leaky-relu-kink", "02", "activation gradients", "front", "back"))
    'leaky_relu'
    """
    if card.topic not in _PICTURED:
        return ""
    fitting = [name for name in ACTIVATIONS if f"{card.id}-".startswith(name.replace("_", "-") + "-")]
    return max(fitting, key=len, default="")


@cache
def picture(name: str) -> tuple[bytes, str]:
    """An activation's curve and slope as SVG, and what is seen on it."""
    import matplotlib.style  # takes a second to import; the other outlets draw nothing
    from matplotlib.figure import Figure

    from nnlib import plots

    # The default style and a fixed salt: no setting of the machine, no date and no random id gets in.
    style = {"svg.hashsalt": "nnlib", "svg.fonttype": "path", "font.size": 9, "axes.titlesize": 9.5}
    margins = {
        "left": 0.1,
        "right": 0.98,
        "bottom": 0.15,
        "top": 0.9,
    }  # to work them out takes as long as drawing
    with matplotlib.style.context(["default", style]):
        axes = Figure(figsize=(5.5, 3.2)).subplots(gridspec_kw=margins)
        plots.activation(name, axes, **_PARAMETERS.get(name, {}))
        drawing = io.BytesIO()
        axes.figure.savefig(drawing, format="svg", metadata={"Date": None, "Creator": None})
    return drawing.getvalue(), f"f(z) as a solid line and f′(z), dashed, for |z| ≤ 5. {axes.get_title()}."


def _fields(card, name):
    shown = Markup('<img src="{}" alt="{}">').format(_file(name), picture(name)[1]) if name else ""
    return [
        str(html(card.front, "latex")).strip(),
        str(html(card.back, "latex")).strip(),
        str(shown),
        str(slip(card)),
        str(escape(card.id)),
    ]


def _file(name):
    return f"nnlib-{name.replace('_', '-')}.svg"


def _model(number):
    cloze = number == _CLOZE
    return genanki.Model(
        number,
        "nnlib gaps" if cloze else "nnlib card",
        fields=[dict(field) for field in _FIELDS],
        templates=[dict(_TEMPLATES[number])],
        css=_CSS,
        model_type=genanki.Model.CLOZE if cloze else genanki.Model.FRONT_BACK,
    )


def _deck(lesson, title):
    # Anki goes by a deck's name; within the package each needs a number of its own.
    return genanki.Deck((1 << 40) + zlib.crc32(lesson.encode()), f"{title}::{lesson}")


def _package(decks, pictures, changed):
    """What genanki writes, packed again with fixed dates: its own carry the present time."""
    raw, packed = io.BytesIO(), io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, _file(name)) for name in sorted(pictures)]
        for name, path in zip(sorted(pictures), files, strict=True):
            path.write_bytes(pictures[name])
        genanki.Package(list(decks), [str(path) for path in files]).write_to_file(raw, timestamp=changed)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name)  # dated 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return packed.getvalue()
