r"""What was answered: from the text that was typed to an answer, and from an answer to right or wrong, and why.

An answer is the text of an option (single, find-the-error), a tuple of such texts (multiple, order), a number, a tuple of
numbers or of rows, a text (short, essay), and for a cloze a dict from the name of a gap to its number or text.
"""

import re
from dataclasses import dataclass, replace

import numpy as np

from ..text import clean_text
from .numerals import read_number, read_row
from .question import CHOICE, TYPED, Question, QuizError, same

NUMBER = "a number, such as 0.25, −3, 1/3, 1e-3 or 10^-12"
MAX_TYPED = 2000  # characters: a number or a gap is shorter, and an essay is not read here
_SHOWN = 40
_PERCENT = re.compile(r"\b(?:in|how many) (?:per ?cent\b|%)|\bpercentage\b", re.IGNORECASE)


@dataclass(frozen=True)
class Marked:
    """Whether an answer is right, and what there is to say.

    Attributes:
        mistake: what is behind a wrong answer, `exercise.mistake` or a misconception; "" where it is not known.
        says: the diagnosis of a wrong answer; what the chosen option says of itself, where it is right.
        cards: ids of the cards that a wrong answer makes due, the mistake's own first.
    """

    right: bool
    mistake: str = ""
    says: str = ""
    cards: tuple[str, ...] = ()


def expected(question: Question) -> str:
    """What is to be typed, in a few words with an example."""
    letters = [chr(ord("A") + i) for i in range(len(question.options))]
    names = [gap.name for gap in in_order(question)]
    return {
        "single": f"one letter from A to {letters[-1:] and letters[-1]}, such as B",
        "find-the-error": f"one letter from A to {letters[-1:] and letters[-1]}, such as B",
        "multiple": "the letters of all that are right, such as A C",
        "order": f"all letters in their order, such as {' '.join(letters[::-1])}",
        "numeric": NUMBER,
        "vector": "numbers with blanks or commas between them, such as 1, −2.5, 1/3",
        "matrix": "rows with ; between them, such as 1, 2; 3, 4",
        "cloze": "what goes into the gap"
        if len(names) == 1
        else f"{len(names)} answers with ; between them, such as {'; '.join('…' * len(names))}",
        "short": "a word or a few",
        "essay": "a text",
    }[question.kind]


def read(question: Question, text: str) -> object:
    """The answer that a typed text gives.

    Raises:
        QuizError: it is none; the line says what was expected, with an example.
    """
    text = clean_text(text).strip()
    if question.kind == "essay":
        return text
    if not text or len(text) > MAX_TYPED:
        raise _unreadable(question, text)
    try:
        return _READERS[question.kind](question, text)
    except ValueError as error:
        raise _unreadable(question, text) from error


def mark(question: Question, answer: object) -> Marked:
    """Whether an answer is right, and otherwise which mistake is behind it.

    Args:
        answer: as `read` gives it; whatever else, such as a list of a notebook's, is compared as it stands.
    Raises:
        QuizError: it is an essay, which a person marks.
    """
    if question.kind == "essay":
        raise QuizError(f"{question.id}: an essay is marked by a person, with its rubric")
    if question.kind in (*CHOICE, "multiple"):
        return _mark_choice(question, answer)
    if question.kind == "cloze":
        right = isinstance(answer, dict) and all(
            _fills(question, blank, answer.get(blank.name)) for blank in question.blanks
        )
    elif question.kind == "short":
        right = isinstance(answer, str) and _folded(answer) in map(_folded, question.accepted)
    elif question.kind == "order":
        texts = isinstance(answer, tuple | list) and all(isinstance(item, str) for item in answer)
        answer = tuple(answer) if texts else None
        right = answer == tuple(question.key)
    else:
        answer = _array(answer)
        right = answer is not None and same(answer, question.key, question.rtol, question.atol)
    if right:
        return Marked(True)
    found = recognise(question, answer)
    marked = _wrong(question, [(found.mistake, found.says)] if found else [])
    return marked if found else replace(marked, says=_shapes(question, answer))


def recognise(question: Question, answer: object):
    """The wrong option, with its mistake, that a typed answer comes to; None where none is known."""
    from . import bank  # reads every question and card, which reading an answer does not need
    from .template import Template

    if answer is None or question.kind not in (*TYPED, "order"):
        return None
    if not question.params:
        return next((option for option in question.options if _is_option(question, option, answer)), None)
    try:
        one = bank.find(question.id)
    except bank.UnknownQuestion:
        return None  # the bank has moved on since the question was asked
    if not isinstance(one, Template) or one.version != question.version:
        return None
    with np.errstate(all="ignore"):
        return one.recognise(question, answer)


def in_order(question: Question) -> list:
    """The gaps of a cloze as they stand in the text."""
    return sorted(question.blanks, key=lambda blank: question.stem.find(f"[[{blank.name}]]"))


def _unreadable(question, text):
    seen = f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text
    problem = f"{seen!r} cannot be read here" if seen else "nothing was typed"
    return QuizError(f"{problem}: type {expected(question)}")


def _letters(question, text):
    """The options whose letters were typed."""
    letters = re.sub(r"[\s,;.<>()→-]+|\band\b", "", text.casefold())
    places = [ord(letter) - ord("a") for letter in letters]
    if (
        not places
        or len(set(places)) != len(places)
        or not all(0 <= p < len(question.options) for p in places)
    ):
        raise ValueError(text)
    return tuple(question.options[place].text for place in places)


def _read_one(question, text):
    (chosen,) = _letters(question, text)
    return chosen


def _read_order(question, text):
    chosen = _letters(question, text)
    if len(chosen) != len(question.options):
        raise ValueError(text)
    return chosen


def _read_numeric(question, text):
    if _PERCENT.search(question.stem):
        text = text.removesuffix("%")  # 25 % of a question that asks for per cent is 25
    return read_number(_unbracketed(text))


def _read_vector(question, text):
    return read_row(_unbracketed(text), len(question.key))


def _read_matrix(question, text):
    text = re.sub(r"[\])]\s*[,;]?\s*[\[(]", ";", text)
    rows = [row for row in re.split(r"[;\n]", _unbracketed(text)) if row.strip()]
    found = tuple(read_row(row, len(question.key[0])) for row in rows)
    if not found or len({len(row) for row in found}) != 1:
        raise ValueError(text)
    return found


def _read_cloze(question, text):
    blanks = in_order(question)
    parts = [part.strip() for part in re.split(r"[;\n]", text)] if len(blanks) > 1 else [text]
    if len(parts) != len(blanks) or not all(parts):
        raise ValueError(text)
    found = {}
    for blank, part in zip(blanks, parts, strict=True):
        if blank.value is not None:
            after = question.stem.partition(f"[[{blank.name}]]")[2]
            part = part.removesuffix("%") if after.lstrip().startswith("%") else part
        found[blank.name] = read_number(part) if blank.value is not None else part
    return found


_READERS = {
    "single": _read_one,
    "find-the-error": _read_one,
    "multiple": _letters,
    "order": _read_order,
    "numeric": _read_numeric,
    "vector": _read_vector,
    "matrix": _read_matrix,
    "cloze": _read_cloze,
    "short": lambda question, text: text,
}


def _unbracketed(text):
    """Without the brackets and the `np.array` around an array."""
    text = re.sub(r"^\s*(?:np\.)?array\s*(?=\()", "", text.strip())
    return re.sub(r"[\[\](){}]", " ", text) if re.match(r"[\[({]", text) else text


def _array(answer):
    """A number or an array of finite numbers; None for anything else that a notebook may hold."""
    if isinstance(answer, str | bytes | bool):
        return None
    try:
        found = None if np.iscomplexobj(answer) else np.asarray(answer, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return None
    if found is None:
        return None
    return found if np.all(np.isfinite(found)) else None


def _mark_choice(question, answer):
    several = question.kind == "multiple" and isinstance(answer, tuple | list | set)
    chosen = {text for text in (answer if several else (answer,)) if isinstance(text, str)}
    right = {option.text for option in question.options if option.right}
    picked = [option for option in question.options if option.text in chosen]
    if chosen == right:
        return Marked(True, says=picked[0].says if len(picked) == 1 else "")
    false = [(option.mistake, option.says) for option in picked if not option.right]
    if chosen and chosen < right:
        return replace(_wrong(question, false), says="What you chose is right, but not all that is.")
    return _wrong(question, false)


def _wrong(question, mistakes):
    from . import bank

    cards = []
    for mistake, _ in mistakes:
        try:
            cards.append(bank.card_of(mistake))
        except bank.UnknownQuestion:
            continue  # a question that is not the bank's may name a mistake that the bank does not know
    says = "\n\n".join(dict.fromkeys(text for _, text in mistakes if text))
    due = tuple(dict.fromkeys([*cards, *question.cards]))
    return Marked(False, mistakes[0][0] if mistakes else "", says, due)


def _shapes(question, answer):
    """What is said of an array of another shape than the key's; "" for the key's own."""
    if question.kind not in ("vector", "matrix") or answer is None or answer.shape == np.shape(question.key):
        return ""
    return f"Your answer has the shape `{answer.shape}`, and `{np.shape(question.key)}` was wanted."


def _fills(question, blank, given):
    if blank.value is not None:
        given = _array(given)
        return given is not None and same(given, blank.value, question.rtol, question.atol)
    return isinstance(given, str) and _folded(given) in map(_folded, blank.answers)


def _folded(text):
    """Without case, blanks, marks of code and maths, and a full stop at the end."""
    return re.sub(r"[\s`$]+", "", text).casefold().rstrip(".").replace("−", "-").replace("–", "-")


def _is_option(question, option, answer):
    try:
        value = read_number(option.text.strip("$").replace(r"\cdot", "·").replace("{", "(").replace("}", ")"))
    except ValueError:
        return False
    return not option.right and same(answer, value, question.rtol, question.atol)
