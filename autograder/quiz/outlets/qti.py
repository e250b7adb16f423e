"""Item types of Canvas that text2qti does not write: several gaps in one text, and an order as a match with places.

Both take the place of an essay that text2qti has written, whose stem, feedback and points they keep. The elements
are those of Canvas's own exports: a list of labels for each field, and a share of the mark for each right one.
"""

import math

from lxml import etree

from ..display import MINUS
from ..question import Blank

NAMESPACE = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
GAPS = "fill_in_multiple_blanks_question"
MATCH = "matching_question"
DECIMALS = 3  # of the spellings of a number
_IN = {"q": NAMESPACE}


def replace(assessment: str, fields: dict[str, tuple[str, list]]) -> bytes:
    """The assessment with some of its essays as other types.

    Args:
        fields: by an item's title, its type and what its fields are: for each gap its name and the texts that are
            right; for a match the HTML of each thing, in the right order.
    """
    root = etree.fromstring(assessment.encode())
    for item in root.iterfind(".//q:item", _IN):
        if item.get("title") in fields:
            kind, parts = fields[item.get("title")]
            _replace_type(item, kind, _gaps(parts) if kind == GAPS else _places(parts))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def spellings(blank: Blank) -> tuple[str, ...]:
    """What may be typed into a gap, which Canvas compares as text; nothing for a number of more than three digits.

    >>> spellings(Blank("n", ("0.5",), 0.5))
    ('0.5', '0.50', '0.500', '.5')
    """
    if blank.value is None:
        return blank.answers
    short = f"{blank.value + 0.0:.3g}"  # the zero makes 0 of -0
    if "e" in short or not math.isclose(float(short), blank.value, rel_tol=1e-5):
        return ()
    decimals = len(short.partition(".")[2])
    texts = [f"{float(short):.{n}f}" for n in range(decimals, DECIMALS + 1)]
    if short.lstrip("-").startswith("0."):
        texts.append(short.replace("0.", ".", 1))
    return (*texts, *(text.replace("-", MINUS) for text in texts if "-" in text))


def _gaps(gaps):
    """Of each gap: its ident, what stands before its labels, the labels, and the idents of the right ones."""
    for name, texts in gaps:
        labels = {f"{name}_answer_{n}": text for n, text in enumerate(texts, 1)}
        yield f"response_{name}", (name, "text/plain"), labels, list(labels)


def _places(things):
    labels = {f"place_{n}": f"{n}" for n in range(1, len(things) + 1)}
    for n, thing in enumerate(things, 1):
        yield f"response_thing_{n}", (thing, "text/html"), labels, [f"place_{n}"]


def _replace_type(item, kind, fields):
    presentation, processing = item.find("q:presentation", _IN), item.find("q:resprocessing", _IN)
    presentation.remove(presentation.find("q:response_str", _IN))
    for condition in processing.findall("q:respcondition", _IN):
        if condition.find("q:displayfeedback", _IN) is None:  # an essay's only condition: graded by hand
            processing.remove(condition)
    fields, idents = list(fields), []
    for ident, (text, texttype), labels, right in fields:
        response = _add(presentation, "response_lid", ident=ident)
        _material(response, text, texttype)
        choices = _add(response, "render_choice")
        for label, shown in labels.items():
            _material(_add(choices, "response_label", ident=label), shown, "text/plain")
        idents += right
        for label in right:
            condition = _add(processing, "respcondition")
            _add(_add(condition, "conditionvar"), "varequal", respident=ident).text = label
            _add(condition, "setvar", varname="SCORE", action="Add").text = f"{100 / len(fields):.2f}"
    for entry in item.iterfind(".//q:qtimetadatafield", _IN):
        values = {"question_type": kind, "original_answer_ids": ",".join(idents)}
        name = entry.findtext("q:fieldlabel", namespaces=_IN)
        if name in values:
            entry.find("q:fieldentry", _IN).text = values[name]


def _material(parent, text, texttype):
    _add(_add(parent, "material"), "mattext", texttype=texttype).text = text


def _add(parent, name, **attributes):
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
