"""Questions as one HTML page: native controls, maths as MathML, no script, nothing loaded.

An option that is chosen says at once what it stands for (CSS alone); what is typed is compared with the answer that
unfolds. Without CSS everything can be read too.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from string import ascii_uppercase

from markupsafe import Markup

from ... import render
from ...course import write_text
from .. import markup
from ..display import shown
from ..question import CHOICE, TYPED, Blank, Question
from ..static import Card

FILE = "quiz.html"
# A browser may break a line between a formula and the full stop after it.
_STOP = re.compile(r"(<math(?:(?!<math).)*</math>[.,;:?!)]+)", re.DOTALL)
_WHOLE = r'<span style="white-space: nowrap">\1</span>'


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write the page; the answers are on it, folded."""
    write_text(place / FILE, page(questions, title))
    return [place / FILE]


def left_out(questions: list[Question]) -> dict[str, str]:
    """Every kind can be shown."""
    return {}


def page(questions: list[Question], title: str, template: str = "quiz.html") -> str:
    """Questions by one of the templates that know all kinds: quiz.html, sheet.html, key.html, recap.html."""
    return render.render(
        template,
        title=title,
        questions=questions,
        html=html,
        inline=inline,
        shown=shown,
        stem=stem,
        letters=ascii_uppercase,
        gaps=gaps,
        places=places,
        right_letters=right_letters,
        by_lesson=by_lesson,
        CHOICE=CHOICE,
        TYPED=TYPED,
    )


def by_lesson(questions: list[Question]) -> Iterator[tuple[str, list[tuple[int, Question]]]]:
    """Each lesson with its questions, which are numbered through."""
    for lesson, part in groupby(enumerate(questions, 1), lambda pair: pair[1].lesson):
        yield lesson.replace("_", " "), list(part)


def html(text: str) -> Markup:
    return Markup(_STOP.sub(_WHOLE, str(markup.html(text))))


def inline(text: str) -> Markup:
    return Markup(_STOP.sub(_WHOLE, str(markup.inline(text))))


def stem(question: Question, number: int, gap: str) -> Markup:
    """The stem as HTML.

    Args:
        gap: what stands for each gap of a cloze: "input" or "line"; for one in a formula, below the text.
    """
    text, below = html(question.stem), Markup()
    for place, blank in enumerate(gaps(question), 1):
        drawn = Markup('<span class="line"></span>')
        if gap == "input":
            drawn = Markup('<input type="text" aria-label="Question {}, gap {}" size="12">').format(
                number, place
            )
        mark = f"[[{blank.name}]]"
        if mark in text:
            text = text.replace(mark, drawn)
        else:
            below += Markup("<p>{} is {}</p>").format(mark, drawn)
    return text + below


def gaps(question: Question) -> list[Blank]:
    """The gaps of a cloze as they come in its stem."""
    return sorted(question.blanks, key=lambda blank: question.stem.find(f"[[{blank.name}]]"))


def places(question: Question) -> list[int]:
    """The place in the right order of each thing to order, as they stand."""
    return [question.key.index(option.text) + 1 for option in question.options]


def right_letters(question: Question) -> str:
    """The letters of the right options: "B", or "A and D"."""
    return " and ".join(ascii_uppercase[i] for i, option in enumerate(question.options) if option.right)
