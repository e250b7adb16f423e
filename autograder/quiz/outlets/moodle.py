r"""Questions as Moodle XML, for "Question bank, Import, Moodle XML format".

One category a lesson. A question of which several variants were drawn has a category of its own below it, from
which a quiz takes one at random. An array is chosen among options. What is known to trip an import, and what is
done about it:

| trap | here |
|---|---|
| HTML in XML | in CDATA; Markdown's HTML has no bare `>`, so no `]]>` |
| a fraction that is not in Moodle's list stops the whole import | an equal share of 1 to 10 options, to 5 decimals |
| `*` is a wildcard in a short answer | written `\*` |
| the first numerical answer that fits counts | the key first, then the wrong numbers that are recognised |
| `}`, `#`, `~` end an answer inside a cloze | as character references, which Moodle decodes before it compares |
| ordering came into Moodle with 4.4, as a plugin before | without it, import with "Stop on error" unticked |
| maths | as `\( … \)`, which Moodle's MathJax filter takes |
| idnumbers must be unique in a category | question, version and seed |
| tags of more than 50 characters are cut | cut here, so that they stay the same |
"""

from pathlib import Path

from lxml import etree

from ...course import write_bytes
from ..question import Blank, Option, Question
from ..static import Card
from . import lms

FILE = "moodle.xml"
TAKES_VARIANTS = True  # a quiz draws one of them at random
MAX_TAG = 50


def build(questions: list[Question], cards: list[Card], place: Path, title: str) -> list[Path]:
    """Write `moodle.xml` into the folder `place`.

    Args:
        cards: not used; Moodle has none.
        title: of the category that holds those of the lessons.

    Raises:
        ValueError: Moodle can take none of the questions.
    """
    quiz = etree.Element("quiz")
    for lesson, variants in lms.fitting(questions, _unfit, "Moodle"):
        path = [title, lesson, variants[0].id] if len(variants) > 1 else [title, lesson]
        _category(quiz, path)
        for variant in variants:
            quiz.append(_question(variant))
    write_bytes(place / FILE, etree.tostring(quiz, pretty_print=True, xml_declaration=True, encoding="UTF-8"))
    return [place / FILE]


def left_out(questions: list[Question]) -> dict[str, str]:
    """The ids of the questions that Moodle cannot take, and why."""
    return lms.reasons(questions, _unfit)


def _unfit(question):
    return lms.shared_mark(question) or lms.lacks_options(question) or lms.misplaced_blank(question)


def _category(quiz, path):
    """Begin a category, unless the questions stand in it already."""
    text = "/".join(("$course$", "top", *(lms.one_line(name).replace("/", "//") for name in path)))
    before = quiz.findall("question/category/text")
    if before and before[-1].text == text:
        return
    element = etree.SubElement(quiz, "question", type="category")
    etree.SubElement(etree.SubElement(element, "category"), "text").text = text


def _question(question):
    write = _WRITERS.get(question.kind, _choice)
    element = etree.Element("question")
    etree.SubElement(etree.SubElement(element, "name"), "text").text = lms.label(question)
    stem = _cloze(question) if question.kind == "cloze" else lms.latex_html(question.stem)
    _html(element, "questiontext", stem)
    _html(element, "generalfeedback", lms.latex_html(question.explanation))
    _plain(element, defaultgrade=f"{question.points:g}", penalty="0.3333333", hidden="0")
    _plain(element, idnumber=lms.label(question))
    element.set("type", write(element, question))
    for hint in question.hints:
        _html(element, "hint", lms.latex_html(hint))
    tags = etree.SubElement(element, "tags")
    for tag in _tags(question):
        etree.SubElement(etree.SubElement(tags, "tag"), "text").text = tag
    return element


def _choice(element, question):
    single = question.kind != "multiple"
    _plain(element, single=str(single).lower(), shuffleanswers="true", answernumbering="abc")
    right = sum(option.right for option in question.options)
    for option in question.options:
        if single:
            fraction = "100" if option.right else "0"
        else:
            fraction = _share(right) if option.right else "-" + _share(len(question.options) - right)
        _answer(element, fraction, option)
    return "multichoice"


def _share(count):
    """A fraction as Moodle lists it."""
    return f"{100 / count:.7g}"


def _numeric(element, question):
    key = Option("", True, says=question.explanation, value=question.key)
    for option in (key, *lms.recognised(question)):
        answer = _answer(element, "100" if option.right else "0", option, text=lms.number(option.value))
        _plain(answer, tolerance=lms.number(lms.tolerance(question, option.value)))
    return "numerical"


def _short(element, question):
    _plain(element, usecase="0")
    for text in question.accepted:
        _answer(element, "100", Option(text, True), text=text.replace("*", r"\*"))
    return "shortanswer"


def _essay(element, question):
    _plain(element, responseformat="editor", responserequired="1", responsefieldlines="15", attachments="0")
    _html(element, "graderinfo", lms.latex_html(lms.rubric(question)))
    _html(element, "responsetemplate", "")
    return "essay"


def _order(element, question):
    _plain(element, layouttype="VERTICAL", selecttype="ALL", selectcount="0", gradingtype="ABSOLUTE_POSITION")
    _plain(element, showgrading="SHOW", numberingstyle="none")
    for place, text in enumerate(question.key, 1):
        _answer(element, str(place), Option(text, True))
    return "ordering"


def _cloze(question):
    return "".join(
        _gap(question, piece) if isinstance(piece, Blank) else piece for piece in lms.pieces(question)
    )


def _gap(question, blank):
    if blank.value is not None:
        allowed = lms.number(lms.tolerance(question, blank.value))
        return f"{{1:NUMERICAL:={lms.number(blank.value)}:{allowed}}}"
    return "{1:SHORTANSWER:" + "~".join(f"={_referenced(text)}" for text in blank.answers) + "}"


def _referenced(text):
    r"""An answer of a cloze, all but letters, digits and blanks as character references.

    >>> _referenced("f(x)")
    'f&#40;x&#41;'
    """
    for mark in "}#":  # Moodle takes a backslash before these away, after it has decoded the references
        text = text.replace("\\" + mark, "\\\\" + mark)
    text = text.replace("*", r"\*")
    return "".join(c if c.isalnum() or c == " " else f"&#{ord(c)};" for c in text)


def _html(parent, tag, text):
    element = etree.SubElement(parent, tag, format="html")
    etree.SubElement(element, "text").text = etree.CDATA(text) if text else ""
    return element


def _plain(parent, **fields):
    for name, text in fields.items():
        etree.SubElement(parent, name).text = text


def _answer(parent, fraction, option, text=None):
    """One answer: HTML, or the text that is to be typed."""
    shape = "html" if text is None else "moodle_auto_format"
    answer = etree.SubElement(parent, "answer", fraction=fraction, format=shape)
    inner = etree.SubElement(answer, "text")
    inner.text = text if text is not None else etree.CDATA(lms.latex_html(option.text))
    _html(answer, "feedback", lms.latex_html(option.says))
    return answer


def _tags(question):
    mistakes = {option.mistake for option in question.options if option.mistake}
    found = [question.lesson, question.topic, question.bloom, f"difficulty {question.difficulty}"]
    return [tag.replace(",", "")[:MAX_TAG].strip() for tag in (*found, *sorted(mistakes))]


_WRITERS = {
    "numeric": _numeric,
    "short": _short,
    "essay": _essay,
    "order": _order,
    "cloze": lambda element, question: "cloze",
}
