r"""Questions as a package of QTI 1.2, for Canvas: "Settings, Import course content, QTI .zip file", by text2qti.

A question of which several variants were drawn is a group from which Canvas takes one at random. An array is chosen
among options, an order is a match of each thing with its place, a rubric is the comment to a question. What is known
to trip an import, and what is done about it:

| trap | here |
|---|---|
| Canvas keeps four decimals of a number, also of a student's | a number whose tolerance needs more is chosen among options |
| Canvas compares several gaps as text | a number in one of them brings its usual spellings, or the cloze is left out |
| text2qti writes no orders and no more than one gap | written as essays, then replaced, see `qti` |
| text2qti has its own Markdown: typographic quotes, indented lines, `$` | each text is one line of HTML, its marks as character references |
| maths | text2qti's picture tag, as Canvas's own editor writes it; Canvas draws it itself |
| two questions with the same text are refused | each carries an attribute of its own |
| the package has today's date and the zip file its time | both fixed |
| `Config().load()` writes into the home folder | never called |
"""

import hashlib
import io
import zipfile
from html import unescape
from pathlib import Path

from text2qti.config import Config
from text2qti.markdown import Markdown
from text2qti.qti import QTI
from text2qti.quiz import Quiz
from text2qti.xml_imsmanifest import imsmanifest

from ...course import write_bytes
from ..question import Blank, Question
from ..static import Card
from . import lms, qti

FILE = "canvas.zip"
TAKES_VARIANTS = True  # a quiz draws one of them at random
DECIMALS = 4
STEPS = 5  # roundings that a tolerance must span, so that rounding moves its edges by a tenth at most
DATE = (2020, 1, 1)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# What text2qti reads as maths, code, comment or escape, before it knows HTML; a line break ends a field.
_MARKS = str.maketrans({mark: f"&#{ord(mark)};" for mark in "\\$`~\n"})


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write `canvas.zip` into the folder `place`.

    Args:
        cards: not used; Canvas has none.
        title: of the quiz.

    Raises:
        ValueError: Canvas can take none of the questions.
    """
    lines, replaced = [f"Quiz title: {lms.one_line(title)}", "Shuffle answers: true"], {}
    for _, variants in lms.fitting(questions, _unfit, "Canvas"):
        lines.append("")
        if len(variants) > 1:
            lines += ["GROUP", "pick: 1", f"points per question: {_points(variants[0])}"]
        for variant in variants:
            lines += _question(variant)
            if _is_replaced(variant):
                replaced[lms.label(variant)] = _fields(variant)
        if len(variants) > 1:
            lines.append("END_GROUP")
    write_bytes(place / FILE, _package("\n".join(lines) + "\n", replaced))
    return [place / FILE]


def left_out(questions: list[Question]) -> dict[str, str]:
    """The ids of the questions that Canvas cannot take, and why."""
    return lms.reasons(questions, _unfit)


def _unfit(question):
    if question.kind == "cloze":
        return lms.misplaced_blank(question) or _ungraded_gap(question)
    chosen = any(option.right for option in question.options)
    if question.kind == "numeric" and not _has_decimals(question, question.key) and not chosen:
        return f"Canvas keeps {DECIMALS} decimals, too few for {question.key:g}, and there are no options"
    if len(question.options) > len(LETTERS):
        return f"more than {len(LETTERS)} options"
    return lms.lacks_options(question)


def _ungraded_gap(question):
    if len(question.blanks) == 1:
        value = question.blanks[0].value
        if value is not None and not _has_decimals(question, value):
            return f"Canvas keeps {DECIMALS} decimals, which are too few for {value:g}"
        return ""
    for blank in question.blanks:
        if not qti.spellings(blank):
            return f"Canvas compares several gaps as text, and {blank.value:g} has too many spellings"
    return ""


def _is_replaced(question):
    return question.kind == "order" or len(question.blanks) > 1


def _fields(question):
    """The type and the fields of an item that text2qti does not write."""
    if question.kind == "order":
        markdown = Markdown(Config())
        return qti.MATCH, [markdown.md_to_html(_field(lms.latex_html(text))) for text in question.key]
    blanks = [piece for piece in lms.pieces(question) if isinstance(piece, Blank)]
    return qti.GAPS, [(f"gap{n}", qti.spellings(blank)) for n, blank in enumerate(blanks, 1)]


def _has_decimals(question, value):
    """Whether Canvas can tell right from wrong: the tolerance spans several steps, and no edge is all but 0."""
    allowed = lms.tolerance(question, value)
    step = 10.0**-DECIMALS
    return allowed >= STEPS * step and min(abs(value - allowed), abs(value + allowed)) >= step


def _question(question):
    """The lines of one question in text2qti's format."""
    blank = None
    if question.kind == "cloze":
        single = len(question.blanks) == 1
        blank = question.blanks[0] if single else None
        stem = "".join(
            piece if isinstance(piece, str) else "_____" if single else f"[gap{place // 2 + 1}]"
            for place, piece in enumerate(lms.pieces(question))
        )
    else:
        stem = lms.latex_html(question.stem)
    feedback = "\n\n".join(filter(None, (question.explanation, lms.rubric(question))))
    yield ""
    yield f"Title: {lms.label(question)}"
    yield f"Points: {_points(question)}"
    yield "1. " + _field(stem, mark(question))
    yield "... " + _field(lms.latex_html(feedback))
    yield from _answers(question, blank)


def mark(question: Question) -> str:
    """Tells questions with the same text apart. A student can read it, so it does not show the seed."""
    return hashlib.sha256(lms.label(question).encode()).hexdigest()[:16]


def _answers(question: Question, blank: Blank | None):
    if blank is not None and blank.value is not None:
        yield _number(question, blank.value)
    elif question.kind == "numeric" and _has_decimals(question, question.key):
        known = [f"- If you found {lms.number(o.value)}: {o.says}" for o in lms.recognised(question)]
        if known:
            yield "- " + _field(lms.latex_html("\n".join(known)))
        yield _number(question, question.key)
    elif blank is not None or question.kind == "short":
        for text in question.accepted if blank is None else blank.answers:
            yield f"* {lms.one_line(text)}"
    elif question.kind == "essay" or _is_replaced(question):
        yield "____"
    else:
        for letter, option in zip(LETTERS, question.options, strict=False):
            several = "[*]" if option.right else "[ ]"
            single = f"*{letter})" if option.right else f"{letter})"
            yield f"{several if question.kind == 'multiple' else single} {_field(lms.latex_html(option.text))}"
            if option.says:
                yield "... " + _field(lms.latex_html(option.says))


def _number(question, value):
    return f"= {lms.number(value)} +- {lms.number(lms.tolerance(question, value))}"


def _points(question):
    """Canvas's points by text2qti: whole ones; a half of a rubric's sum is rounded up."""
    return max(1, int(question.points + 0.5))


def _field(html, name=""):
    """HTML on one line, in which text2qti finds nothing to read but the maths."""
    parts, end = [], 0
    for match in lms.OPAQUE.finditer(html):
        text = match.group()
        if text.startswith("<"):
            continue
        parts.append(html[end : match.start()].translate(_MARKS))
        latex = " ".join(unescape(text[2:-2]).split())
        parts.append(f"${latex}$")
        end = match.end()
    parts.append(html[end:].translate(_MARKS))
    return f'<div data-question="{name}">{"".join(parts)}</div>' if name else f"<div>{''.join(parts)}</div>"


def _package(text, replaced):
    """The zip file: text2qti's files, each with the same date at every build."""
    quiz = QTI(Quiz(text, config=Config()))
    quiz.assessment = qti.replace(quiz.assessment, replaced)
    quiz.imsmanifest_xml = imsmanifest(
        manifest_identifier=quiz.manifest_identifier,
        assessment_identifier=quiz.assessment_identifier,
        dependency_identifier=quiz.dependency_identifier,
        images=quiz.quiz.images,
        date="-".join(f"{part:02}" for part in DATE),
    )
    fixed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(quiz.zip_bytes())) as made, zipfile.ZipFile(fixed, "w") as package:
        for name in made.namelist():
            # Stored, for what deflate makes of a file is not the same on every machine.
            package.writestr(zipfile.ZipInfo(name, (*DATE, 0, 0, 0)), made.read(name))
    return fixed.getvalue()
