r"""Questions as jupyterquiz's JSON and cards as jupytercards': for who uses these tools already.

    from jupyterquiz import display_quiz
    display_quiz("jupyterquiz.json")

What goes wrong elsewhere, and how it is met here:

- The page that shows a quiz holds its key: neither is for marks.
- Its `precision` rounds, to decimals in one version and to digits in another: a tolerance is written as a range.
  In the one version a range holds its upper end, in the other it does not, so that a range is never a point.
- A `$` and `](` in a text are taken for maths and for a link: they are written as entities, and maths as \( … \).
- Files are read in the machine's own encoding: all but ASCII is escaped.
- In JupyterLab 4 without a network neither renders maths, and jupytercards does not let go of the keyboard.
- jupytercards has no gaps: each becomes a card with two sides.
"""

import json
from pathlib import Path

from ...course import write_text
from ..markup import inline
from ..question import CHOICE, TYPED, Question
from ..static import Card
from . import lms
from .cards import faces, slips

QUIZ, CARDS = "jupyterquiz.json", "jupytercards.json"
NOT_YET = "That is not it."
_REASONS = {
    "order": "jupyterquiz cannot put things in order",
    "cloze": "jupyterquiz has no gaps in a text",
    "essay": "jupyterquiz has no free text, and no rubric",
    "vector": "jupyterquiz takes one number, and this draw has too few wrong vectors to choose from",
    "matrix": "jupyterquiz takes one number, and this draw has too few wrong matrices to choose from",
}


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write `jupyterquiz.json` and `jupytercards.json`; a file without entries is not written.

    Args:
        questions: those of `left_out` do not go in.
        place: the folder.
        title: neither format has a place for it.
    Raises:
        BankError: a card's gap ends inside its LaTeX.
    """
    files = {
        QUIZ: [question_entry(question) for question in questions if not _why_not(question)],
        CARDS: [entry for card in cards for entry in card_entries(card)],
    }
    written = {place / name: entries for name, entries in files.items() if entries}
    for path, entries in written.items():
        write_text(path, json.dumps(entries, indent=1, allow_nan=False) + "\n")
    return list(written)


def left_out(questions: list[Question]) -> dict[str, str]:
    """Which questions these tools cannot show, and why."""
    return lms.reasons(questions, _why_not)


def question_entry(question: Question) -> dict:
    """A question as jupyterquiz shows it.

    A number is typed, and each wrong one that is known has its own remark; vectors and matrices are chosen.
    """
    entry = {"question": _html(question.stem)}
    if question.kind == "numeric":
        return {**entry, "type": "numeric", "answers": [*_numbers(question), _default(question)]}
    if question.kind == "short":
        right = [
            {"answer": text, "correct": True, "match_case": False, "feedback": _html(question.explanation)}
            for text in question.accepted
        ]
        return {**entry, "type": "string", "answers": [*right, _default(question)]}
    answers = [
        {
            "answer": _option(option.text),
            "correct": option.right,
            "feedback": _html(option.says or (question.explanation if option.right else NOT_YET)),
        }
        for option in question.options
    ]
    one = question.kind in CHOICE + TYPED
    return {**entry, "type": "multiple_choice" if one else "many_choice", "answers": answers}


def card_entries(card: Card) -> list[dict]:
    """A card as jupytercards shows it, which picks by any of its topics: lesson and topic."""
    common = "".join(f"\n\n*Common slip:* {slip}" for slip in slips(card.id))
    return [
        {"front": _html(front), "back": _html(back + common), "topic": [card.lesson, card.topic]}
        for front, back in faces(card)
    ]


def _why_not(question):
    if question.kind in TYPED and question.options:
        return ""
    return _REASONS.get(question.kind, "")


def _numbers(question):
    """The right range first: the first that fits counts, in each version."""
    values = [(question.key, True, question.explanation)]
    values += [(wrong.value, False, wrong.says or NOT_YET) for wrong in lms.recognised(question)]
    return [_number(question, *value) for value in values]


def _number(question, value, right, says):
    within = lms.tolerance(question, value)
    answer = {"correct": right, "feedback": _html(says)}
    if not within:
        return {"type": "value", "value": value, **answer}
    return {"type": "range", "range": [value - within, value + within], **answer}


def _default(question):
    return {"type": "default", "feedback": _html(question.hints[0] if question.hints else NOT_YET)}


def _html(text):
    return _tame(lms.latex_html(text))


def _option(text):
    return _html(text) if "\n" in text else _tame(inline(text, "latex"))


def _tame(markup):
    return str(markup).replace("$", "&#36;").replace("](", "]&#40;")
