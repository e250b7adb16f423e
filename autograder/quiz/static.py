"""Questions, misconceptions and cards that are written out, from the bank's YAML files.

    lesson: 04_gradient_checking
    misconceptions:
      smaller-step-is-better:
        says: Below the best step rounding wins over truncation, and the error grows again.
        card: best-step
    questions:
      - id: best-step-float64
        version: 1
        kind: single
        topic: gradient checking
        bloom: understand
        difficulty: 2
        stem: Which step is best for central differences in float64?
        options:
          - right: about $10^{-5}$
            says: the two errors, of order $h^2$ and $ε/h$, are equal near there.
          - wrong: about $10^{-15}$
            mistake: smaller-step-is-better
        explanation: ...
    cards:
      - id: best-step
        front: ...
        back: ...

Every error names file, id and field.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

from .question import BLOOM, CHOICE, KINDS, STATUS, Blank, Criterion, Option, Question, QuizError

_COMMON = {"id", "version", "kind", "topic", "stem", "explanation", "bloom", "difficulty"}
_OPTIONAL = {"objectives", "hints", "claim", "status", "cards"}
_OF_KIND = {
    "single": {"options"},
    "multiple": {"options"},
    "find-the-error": {"options"},
    "numeric": {"answer", "rtol", "atol", "options"},
    "order": {"items"},
    "cloze": {"blanks"},
    "short": {"answers"},
    "essay": {"rubric", "model"},
}
_MAY_LACK = {"rtol", "atol", "model"}


class BankError(QuizError):
    """A file of the bank is not as it must be; the text says which, where, and what is wrong."""


@dataclass(frozen=True)
class Misconception:
    """A wrong idea that only questions need: what to say of it, and the card that cures it."""

    id: str
    says: str
    card: str


@dataclass(frozen=True)
class Card:
    """One flashcard; a cloze has gaps {{c1::like this}} in its front, and no or a further remark as its back.

    Attributes:
        front, back: Markdown with $maths$ and `code`.
    """

    id: str
    lesson: str
    topic: str
    front: str
    back: str
    version: int = 1

    @property
    def is_cloze(self) -> bool:
        return "{{c1::" in self.front


@dataclass(frozen=True)
class Page:
    """What one YAML file holds."""

    lesson: str
    misconceptions: tuple[Misconception, ...]
    questions: tuple[Question, ...]
    cards: tuple[Card, ...]


def read(path: Path) -> Page:
    """The contents of one file.

    Raises:
        BankError: it is no YAML, or a field is missing, unknown or of the wrong kind.
    """
    try:
        text = yaml.load(
            path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise BankError(
            f"{path}: {where}{error.problem}. Maths and colons want quotes or a block (|)."
        ) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BankError(f"{path}: cannot be read ({error}).") from error
    page = _Fields(text, str(path))
    page.only({"lesson"}, {"misconceptions", "questions", "cards"})
    lesson = page.text("lesson")
    ideas = page.given.get("misconceptions") or {}
    found = Page(
        lesson,
        tuple(
            _misconception(name, fields, f"{path}: misconception {name}") for name, fields in ideas.items()
        ),
        tuple(_each(page.given.get("questions"), path, lambda fields: _question(fields, lesson))),
        tuple(_each(page.given.get("cards"), path, lambda fields: _card(fields, lesson))),
    )
    return found


def _each(entries, path, make):
    if not isinstance(entries, list | None):
        raise BankError(f"{path}: questions and cards are lists; begin each with `- id:`.")
    for number, entry in enumerate(entries or [], 1):
        name = entry.get("id", f"number {number}") if isinstance(entry, dict) else f"number {number}"
        yield make(_Fields(entry, f"{path}: {name}"))


def _misconception(name, given, where):
    fields = _Fields(given, where)
    fields.only({"says", "card"}, set())
    return Misconception(name, fields.text("says"), fields.text("card"))


def _card(fields, lesson):
    fields.only({"id", "topic", "front"}, {"back", "version"})
    card = Card(
        fields.text("id"),
        lesson,
        fields.text("topic"),
        fields.text("front"),
        fields.text("back") if "back" in fields.given else "",
        fields.number("version", 1),
    )
    if not card.back and not card.is_cloze:
        raise BankError(f"{fields.where}: a card has a `back`, or gaps {{{{c1::…}}}} in its `front`.")
    return card


def _question(fields, lesson):
    kind = fields.choice("kind", [kind for kind in KINDS if kind in _OF_KIND])
    own = _OF_KIND[kind]
    fields.only(_COMMON | (own - _MAY_LACK - ({"options"} if kind == "numeric" else set())), _OPTIONAL | own)
    options, key, blanks, accepted, rubric = (), None, (), (), ()
    if kind in ("single", "multiple", "find-the-error"):
        options = tuple(_option(entry) for entry in fields.entries("options"))
        right = tuple(option.text for option in options if option.right)
        if kind in CHOICE and len(right) != 1:
            raise BankError(f"{fields.where}: one option is `right`, not {len(right)}.")
        if not right:
            raise BankError(f"{fields.where}: no option is `right`.")
        key = right[0] if kind in CHOICE else right
    elif kind == "numeric":
        key = float(fields.number("answer"))
        options = (
            tuple(_option(entry) for entry in fields.entries("options")) if "options" in fields.given else ()
        )
    elif kind == "order":
        key = fields.texts("items")
        options = tuple(Option(text, True) for text in key)
    elif kind == "cloze":
        blanks = tuple(_blank(name, value, fields.where) for name, value in fields.mapping("blanks").items())
        _blanks_stand_in(fields, blanks)
    elif kind == "short":
        accepted = fields.texts("answers")
        key = accepted[0]
    else:
        rubric = tuple(_criterion(entry) for entry in fields.entries("rubric"))
    return Question(
        fields.text("id"),
        fields.number("version"),
        kind,
        lesson,
        fields.text("topic"),
        fields.text("stem").strip(),
        key,
        fields.text("explanation").strip(),
        options=options,
        blanks=blanks,
        accepted=accepted,
        rubric=rubric,
        model=fields.text("model").strip() if "model" in fields.given else "",
        rtol=fields.number("rtol", 1e-2),
        atol=fields.number("atol", 0.0),
        objectives=fields.texts("objectives"),
        bloom=fields.choice("bloom", BLOOM),
        difficulty=fields.number("difficulty"),
        hints=fields.texts("hints"),
        claim=fields.number("claim", 0),
        status=fields.choice("status", STATUS) if "status" in fields.given else "reviewed",
        cards=fields.texts("cards"),
    )


def _option(fields):
    if "right" in fields.given:
        fields.only({"right", "says"}, set())
        return Option(fields.text("right"), True, "", fields.text("says"))
    fields.only({"wrong", "mistake"}, {"says"})
    says = fields.text("says") if "says" in fields.given else ""  # else what its mistake says, see bank
    return Option(fields.text("wrong"), False, fields.text("mistake"), says)


def _blank(name, value, where):
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Blank(name, (str(value),), float(value))
    answers = [value] if isinstance(value, str) else value
    if not (isinstance(answers, list) and answers and all(isinstance(answer, str) for answer in answers)):
        raise BankError(f"{where}: blank {name} is a number, a text or a list of accepted texts.")
    return Blank(name, tuple(answers))


def _blanks_stand_in(fields, blanks):
    stem = fields.text("stem")
    missing = [blank.name for blank in blanks if f"[[{blank.name}]]" not in stem]
    if missing or stem.count("[[") != len(blanks):
        raise BankError(
            f"{fields.where}: each blank stands once in the stem as [[name]]; check {missing or 'names'}."
        )


def _criterion(fields):
    fields.only({"points", "says"}, set())
    return Criterion(float(fields.number("points")), fields.text("says"))


class _Fields:
    """The fields of one entry, each asked for in the form in which it must be."""

    def __init__(self, given, where):
        if not isinstance(given, dict):
            raise BankError(f"{where}: `name: value` lines were expected, not {type(given).__name__}.")
        self.given, self.where = given, where

    def only(self, needed, optional):
        missing, unknown = (
            sorted(needed - set(self.given)),
            sorted(set(map(str, self.given)) - needed - optional),
        )
        if missing:
            raise BankError(f"{self.where}: {', '.join(missing)} missing.")
        if unknown:
            raise BankError(
                f"{self.where}: unknown {', '.join(unknown)}; known: {', '.join(sorted(needed | optional))}."
            )

    def text(self, name):
        value = self.given[name]
        if not isinstance(value, str) or not value.strip():
            raise BankError(f"{self.where}: `{name}` is a text; put quotes around {value!r}.")
        return value.strip()

    def number(self, name, default=None):
        value = self.given.get(name, default)
        if isinstance(value, str):  # YAML takes 1e-3 for a text
            try:
                return float(value)
            except ValueError:
                pass
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BankError(f"{self.where}: `{name}` is a number, not {value!r}.")
        return value

    def choice(self, name, choices):
        value = self.text(name) if name in self.given else None
        if value not in choices:
            raise BankError(f"{self.where}: `{name}` is one of {', '.join(choices)}, not {value!r}.")
        return value

    def texts(self, name):
        value = self.given.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise BankError(f"{self.where}: `{name}` is a list of texts; put quotes around each.")
        return tuple(item.strip() for item in value)

    def mapping(self, name):
        value = self.given[name]
        if not isinstance(value, dict) or not value:
            raise BankError(f"{self.where}: `{name}` has `name: value` lines.")
        return value

    def entries(self, name):
        value = self.given[name]
        if not isinstance(value, list) or not value:
            raise BankError(f"{self.where}: `{name}` is a list; begin each line with `- `.")
        return [_Fields(entry, f"{self.where}, {name} {number}") for number, entry in enumerate(value, 1)]
