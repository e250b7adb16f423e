r"""Questions as GIFT, the plain text that Moodle and others import.

GIFT has no place for an array, a rubric or several gaps: an array is chosen among options, a rubric stands in the
feedback (students see it where they see feedback), a cloze of several gaps is left out, and an order becomes a match
of each thing with its place. What is known to trip an import, and what is done about it:

| trap | here |
|---|---|
| `~ = # { } :` steer | a backslash before each |
| `\n` is a line break, so that `\nabla` loses its name | every backslash doubled first |
| a blank line ends a question | a line break in code is written `\n`, so that a text is one line |
| a line that begins with `//` is dropped | texts begin with their tag, never so |
| a weight has two digits before its point, 100 % is none | a right option that stands alone is written `=`, a wrong one takes 50 % at most |
| a number with an exponent is not read by all | written out |
| `->` in a typed answer makes a match of it, `%` at its start a weight | such a question is left out |
"""

from pathlib import Path

from ...course import write_text
from ..question import Blank, Question
from ..static import Card
from . import lms

FILE = "gift.txt"
TAKES_VARIANTS = True  # a quiz draws one of them at random


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write `gift.txt` into the folder `place`.

    Args:
        cards: not used; GIFT has none.
        title: of the category that holds those of the lessons.

    Raises:
        ValueError: GIFT can hold none of the questions.
    """
    lines, category = [], ""
    for lesson, variants in lms.fitting(questions, _unfit, "GIFT"):
        path = [title, lesson, variants[0].id] if len(variants) > 1 else [title, lesson]
        begun, category = category, "/".join(lms.one_line(name).replace("/", "//") for name in path)
        if category != begun:
            lines.append(f"$CATEGORY: $course$/top/{category}\n")
        lines += map(_question, variants)
    write_text(place / FILE, "\n".join(lines))
    return [place / FILE]


def left_out(questions: list[Question]) -> dict[str, str]:
    """The ids of the questions that GIFT cannot hold, and why."""
    return lms.reasons(questions, _unfit)


def _unfit(question):
    typed = question.accepted
    if question.kind == "cloze":
        if len(question.blanks) > 1:
            return "GIFT holds one gap, not several"
        typed = () if question.blanks[0].value is not None else question.blanks[0].answers
    if any("->" in text or text.startswith("%") for text in typed):
        return "GIFT would take its typed answer for a match or a weight"
    return lms.shared_mark(question) or lms.lacks_options(question) or lms.misplaced_blank(question)


def _question(question):
    tags = (question.lesson, question.topic, question.bloom)
    head = f"// [id:{lms.label(question)}]" + "".join(f" [tag:{tag.replace(',', '')}]" for tag in tags)
    if question.kind == "cloze":
        before, blank, after = lms.pieces(question)
        stem, rest = _escaped(before), _escaped(after)
    else:
        blank, stem, rest = None, _html(question.stem), ""
    feedback = "\n\n".join(filter(None, (question.explanation, lms.rubric(question))))
    answers = "".join(f"\n\t{line}" for line in _answers(question, blank))
    sign = "#" if _is_number(question, blank) else ""
    return (
        f"{head}\n::{lms.label(question)}::[html]{stem}{{{sign}{answers}\n\t####{_html(feedback)}\n}}{rest}\n"
    )


def _answers(question: Question, blank: Blank | None):
    if _is_number(question, blank):
        key = question.key if blank is None else blank.value
        yield f"={lms.number(key)}:{lms.number(lms.tolerance(question, key))}"
        for option in lms.recognised(question) if blank is None else ():
            allowed = lms.number(lms.tolerance(question, option.value))
            yield f"=%0%{lms.number(option.value)}:{allowed}#{_html(option.says)}"
    elif blank is not None or question.kind == "short":
        for text in question.accepted if blank is None else blank.answers:
            yield "=" + _escaped(text.replace("*", r"\*"))  # a bare star stands for anything
    elif question.kind == "order":
        for place, text in enumerate(question.key, 1):
            yield f"={_html(text)} -> {place}"
    else:
        right = sum(option.right for option in question.options)
        for option in question.options:
            weight = _weight(option.right, right, len(question.options), question.kind == "multiple")
            yield f"{weight}{_html(option.text)}#{_html(option.says)}"


def _weight(is_right, right, count, several):
    if right == 1 and is_right:
        return "="
    if right == 1 or not several:
        return "~"
    return f"~%{100 / right:.7g}%" if is_right else f"~%-{min(50, 100 / (count - right)):.7g}%"


def _is_number(question, blank):
    return question.kind == "numeric" or (blank is not None and blank.value is not None)


def _html(text):
    return _escaped(lms.latex_html(text))


def _escaped(text):
    r"""A text in which nothing steers.

    >>> print(_escaped("a = {1}"))
    a \= \{1\}
    """
    for mark in r"\~=#{}:":  # the backslash first
        text = text.replace(mark, "\\" + mark)
    return text.replace("\n", r"\n")
