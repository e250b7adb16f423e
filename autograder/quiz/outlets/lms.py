"""What the outlets for learning platforms (Moodle, GIFT, Canvas) share: variants, labels, numbers, gaps."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from types import SimpleNamespace

from .. import bank
from ..display import MINUS
from ..markup import html
from ..question import CHOICE, Blank, Option, Question, same
from ..template import value_of

OPAQUE = re.compile(r"<pre>.*?</pre>|<code>.*?</code>|\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)  # code and maths

MAX_SHARES = 10  # 100 % over 1 to 10 is in Moodle's list of fractions


@lru_cache(maxsize=10_000)  # a mistake's diagnosis stands in many questions, and each in three outlets
def latex_html(text: str) -> str:
    r"""Markdown as HTML with \( … \), without a break at its end."""
    return str(html(text, "latex")).strip()


def groups(questions: Iterable[Question]) -> Iterator[tuple[str, list[Question]]]:
    """Each lesson and the variants of one question, lesson by lesson; variants that came out alike count once."""
    found: dict[tuple[str, str], dict[object, Question]] = {}
    for question in questions:
        content = question.stem, question.key, frozenset((o.text, o.right) for o in question.options)
        found.setdefault((question.lesson, question.id), {}).setdefault(content, question)
    for (lesson, _), variants in sorted(found.items(), key=lambda item: item[0][0]):
        yield lesson, list(variants.values())


def fitting(
    questions: Iterable[Question], unfit: Callable[[Question], str], outlet: str
) -> list[tuple[str, list[Question]]]:
    """`groups` of the questions that an outlet can carry.

    Args:
        unfit: says why a question cannot go there, "" where it can.

    Raises:
        ValueError: there is none.
    """
    questions = list(questions)
    found = list(groups(question for question in questions if not unfit(question)))
    if not found:
        raise ValueError(f"none of these {len(questions)} questions can go to {outlet}; choose others.")
    return found


def reasons(questions: Iterable[Question], unfit: Callable[[Question], str]) -> dict[str, str]:
    """Why questions are left out, by id; of how many variants, where it is not all of them."""
    left = {}
    for _, variants in groups(questions):
        why = [reason for reason in map(unfit, variants) if reason]
        if why:
            share = "" if len(why) == len(variants) else f"{len(why)} of {len(variants)} variants: "
            left[variants[0].id] = share + why[0]
    return left


def label(question: Question) -> str:
    """Id and version, and the seed where it is computed, so that a variant is found again from its name."""
    return ".".join(map(str, filter(None, (question.id, f"v{question.version}", question.seed))))


def is_choice(question: Question) -> bool:
    """Whether one of the options is chosen; an LMS has no field for an array, so that one is chosen too."""
    return question.kind in (*CHOICE, "vector", "matrix")


def lacks_options(question: Question) -> str:
    """Why an array cannot be chosen, "" where it can or where something else is asked for."""
    if is_choice(question) and not question.options:
        return "an LMS has no field for an array, and there are fewer than three wrong ones to choose from"
    return ""


def shared_mark(question: Question) -> str:
    """Why the mark of a question with several right options cannot be shared, "" where it can."""
    right = sum(option.right for option in question.options)
    if question.kind == "multiple" and max(right, len(question.options) - right) > MAX_SHARES:
        return f"Moodle shares a mark among {MAX_SHARES} options at most"
    return ""


def number(value: float) -> str:
    """Ten digits and no exponent, which not every importer reads.

    >>> number(6.1e-13), number(-0.25)
    ('0.00000000000061', '-0.25')
    """
    return f"{Decimal(f'{value:.10g}'):f}"


def tolerance(question: Question, value: float) -> float:
    """How far a typed number may be from this one."""
    return question.atol + question.rtol * abs(value)


def recognised(question: Question) -> list[Option]:
    """The wrong numbers that are known: all of the question's template, else those among its options."""
    template = bank.templates().get(question.id) if question.params else None
    if template is not None and template.version == question.version:
        draft = template.draft(SimpleNamespace(**question.params))
        known = [Option("", False, wrong.mistake, wrong.says, value_of(wrong)) for wrong in draft.wrong]
    else:
        known = [replace(o, value=_typed(o)) for o in question.options if not o.right]
    found: list[Option] = []
    for option in known:
        taken = [question.key, *(other.value for other in found)]
        if isinstance(option.value, int | float) and not any(
            same(option.value, value, question.rtol, question.atol) for value in taken
        ):
            found.append(option)
    return found


def pieces(question: Question) -> list[str | Blank]:
    """A cloze's stem as HTML, cut at its blanks.

    Raises:
        ValueError: a blank stands in maths or code, where no field can be.
    """
    text = latex_html(question.stem)
    plain = OPAQUE.sub(lambda match: " " * len(match.group()), text)
    marks = {f"[[{blank.name}]]": blank for blank in question.blanks}
    places = sorted((plain.find(mark), mark) for mark in marks)
    if places[0][0] < 0:
        raise ValueError(f"the blank {places[0][1]} stands in maths or code, where no field can be")
    cut, end = [], 0
    for start, mark in places:
        cut += [text[end:start], marks[mark]]
        end = start + len(mark)
    return [*cut, text[end:]]


def misplaced_blank(question: Question) -> str:
    """Why a cloze cannot be cut into pieces, "" where it can."""
    if question.kind != "cloze":
        return ""
    try:
        pieces(question)
    except ValueError as error:
        return str(error)
    return ""


def rubric(question: Question) -> str:
    """What a grader wants to see of an essay: the points and the model answer, as Markdown."""
    lines = [f"- {criterion.points:g} points: {criterion.says}" for criterion in question.rubric]
    return "\n".join(lines) + (f"\n\nModel answer: {question.model}" if question.model else "")


def one_line(text: str) -> str:
    """A title on one line."""
    return " ".join(text.split())


def _typed(option):
    """The number that a wrong option stands for; a written one has only its text."""
    if option.value is not None:
        return option.value
    try:
        return float(option.text.replace(MINUS, "-"))
    except ValueError:
        return None
