"""The Canvas package: checked by qti-package-maker, and read as QTI 1.2 stands in its specification."""

import re
import zipfile
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest
from lxml import etree
from lxml.html import fromstring
from qti_package_maker.common.package_integrity import check_package
from qti_package_maker.engines.text2qti.read_package import process_text_lines

from autograder.quiz import bank
from autograder.quiz.outlets import canvas, lms, qti
from autograder.quiz.question import Blank

QTI = {"q": "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"}
TYPES = {
    "single": "multiple_choice_question",
    "find-the-error": "multiple_choice_question",
    "vector": "multiple_choice_question",
    "matrix": "multiple_choice_question",
    "multiple": "multiple_answers_question",
    "numeric": "numerical_question",
    "short": "short_answer_question",
    "essay": "essay_question",
    "order": "matching_question",
}
# Canvas draws these itself; the checker takes the address for a file of the package.
EQUATION = "/equation_images/"


def built(questions, place):
    (path,) = canvas.build(questions, [], place, 'Networks & "co" <1>')
    return path


def items(path):
    """Title and element of each item; two with the same ident would be one question in Canvas."""
    with zipfile.ZipFile(path) as package:
        (name,) = [n for n in package.namelist() if re.fullmatch(r"(text2qti_assessment_\w+)/\1\.xml", n)]
        root = etree.fromstring(package.read(name))
    found = root.findall(".//q:item", QTI)
    assert len({item.get("ident") for item in found}) == len(found)
    return root, {item.get("title"): item for item in found}


def field(item, label):
    (entry,) = (
        f.findtext("q:fieldentry", namespaces=QTI)
        for f in item.iterfind(".//q:qtimetadatafield", QTI)
        if f.findtext("q:fieldlabel", namespaces=QTI) == label
    )
    return entry


def read_html(text):
    r"""What a reader sees, Canvas's equations as \( … \)."""
    element = fromstring(text)
    for image in element.iter("img"):
        image.tail = rf"\({image.get('data-equation-content')}\)" + (image.tail or "")
    return " ".join(element.text_content().split())


def expected(markdown):
    text = fromstring(lms.latex_html(markdown)).text_content()
    return " ".join(text.replace(r"\[", r"\(").replace(r"\]", r"\)").split())


def options(item):
    """Each option's ident and what is seen of it."""
    return {
        label.get("ident"): read_html(label.findtext(".//q:mattext", namespaces=QTI))
        for label in item.iterfind(".//q:render_choice/q:response_label", QTI)
    }


def right(item):
    """The idents, texts or bounds for which an item gives 100."""
    (condition,) = (
        c for c in item.iterfind(".//q:respcondition", QTI) if c.find("q:setvar", QTI) is not None
    )
    assert condition.findtext("q:setvar", namespaces=QTI) == "100"
    return [
        entry.text
        for entry in condition.iterfind(".//q:conditionvar//*", QTI)
        if entry.text.strip() and etree.QName(entry.getparent()).localname != "not"
    ]


def parts(item):
    """Of each field of a match or a text with gaps: what stands before it, its labels, and the right ones."""
    for response in item.iterfind(".//q:response_lid", QTI):
        ident = response.get("ident")
        labels = {
            label.get("ident"): label.findtext(".//q:mattext", namespaces=QTI)
            for label in response.iterfind(".//q:response_label", QTI)
        }
        scored = [v for v in item.iterfind(".//q:varequal", QTI) if v.get("respident") == ident]
        marks = [float(v.getparent().getparent().findtext("q:setvar", namespaces=QTI)) for v in scored]
        before = response.findtext("q:material/q:mattext", namespaces=QTI)
        yield ident, before, labels, [labels[v.text] for v in scored], marks


def feedback(item, ident):
    (entry,) = (f for f in item.iterfind("q:itemfeedback", QTI) if f.get("ident") == ident)
    return read_html(entry.findtext(".//q:mattext", namespaces=QTI))


def assert_survived(question, item):
    kind = field(item, "question_type")
    stem = read_html(item.findtext("q:presentation/q:material/q:mattext", namespaces=QTI))
    assert feedback(item, "general_fb").startswith(expected(question.explanation))
    chosen = kind in ("multiple_choice_question", "multiple_answers_question")
    if question.kind == "cloze":
        if len(question.blanks) > 1:
            assert kind == "fill_in_multiple_blanks_question"
            assert all(f"[gap{n + 1}]" in stem for n in range(len(question.blanks)))
        else:
            assert kind in ("short_answer_question", "numerical_question")
            assert "_____" in stem
    else:
        assert stem == expected(question.stem)
        assert kind == TYPES[question.kind] or (question.kind == "numeric" and chosen)
    if chosen:
        found = options(item)
        assert list(found.values()) == [expected(option.text) for option in question.options]
        assert [found[ident] for ident in right(item)] == [
            expected(o.text) for o in question.options if o.right
        ]
        for ident, option in zip(found, question.options, strict=True):
            assert not option.says or feedback(item, f"{ident}_fb") == expected(option.says)
    elif kind == "numerical_question":
        key = question.key if question.kind == "numeric" else question.blanks[0].value
        middle, low, high = map(float, right(item))
        allowed = question.atol + question.rtol * abs(key)
        assert middle == pytest.approx(key, abs=5.1e-5)
        assert high - low == pytest.approx(2 * allowed, rel=0.21)
        assert low < key < high
    elif kind == "matching_question":
        found = list(parts(item))
        assert [read_html(before) for _, before, *_ in found] == [expected(text) for text in question.key]
        assert [answers for *_, answers, _ in found] == [[f"{n + 1}"] for n in range(len(question.key))]
        assert sum(sum(marks) for *_, marks in found) == pytest.approx(100, abs=0.1)
    elif kind == "fill_in_multiple_blanks_question":
        assert all(list(labels.values()) == answers for _, _, labels, answers, _ in parts(item))
        assert sum(marks[0] for *_, marks in parts(item)) == pytest.approx(100, abs=0.1)
    elif kind == "short_answer_question":
        assert right(item) == list(question.accepted or question.blanks[0].answers)


def violations(path):
    """What qti-package-maker finds wrong, but for Canvas's own address of equations."""
    return [text for text in check_package(str(path)) if f"<img src='{EQUATION}" not in text]


def test_every_kind_comes_back_as_it_went_in(made_up, tmp_path):
    path = built(made_up, tmp_path)
    assert violations(path) == []
    left = canvas.left_out(made_up)
    kept = [question for question in made_up if question.id not in left]
    _, found = items(path)
    assert len(found) == len(kept) == 15
    for question in kept:
        assert_survived(question, found[lms.label(question)])


def test_the_bank_comes_back_as_it_went_in(tmp_path):
    questions = bank.questions(student="print")
    path = built(questions, tmp_path)
    assert violations(path) == []
    left = canvas.left_out(questions)
    kept = [question for question in questions if question.id not in left]
    _, found = items(path)
    assert len(found) == len(kept)
    for question in kept:
        assert_survived(question, found[lms.label(question)])
    print(f"{len(found)} of {len(questions)} questions in the package; left out: {left}")


def test_the_checker_sees_a_key_that_names_no_option(made_up, tmp_path):
    """So that no violation means something."""
    path, broken = built(made_up, tmp_path), tmp_path / "broken.zip"
    with zipfile.ZipFile(path) as package, zipfile.ZipFile(broken, "w") as copy:
        for name in package.namelist():
            data = package.read(name)
            copy.writestr(
                name, re.sub(rb'(varequal respident="response1">text2qti_choice_)\w', rb"\1Z", data)
            )
    assert any("matches no declared" in text for text in violations(broken))


def test_another_reader_of_text2qtis_format_finds_the_same_right_answers(monkeypatch, made_up, tmp_path):
    texts = []
    monkeypatch.setattr(canvas, "_package", lambda text, _: texts.append(text) or b"")
    chosen = [
        q for q in made_up if q.kind in ("single", "find-the-error", "multiple", "vector") and q.options
    ]
    built(chosen, tmp_path)
    plain = re.sub(r"(?m)^(Title|Points|Quiz title|Shuffle answers):.*\n", "", texts[0])  # it knows no titles
    plain = re.sub(r"\$[^$]*\$", lambda match: escape(match.group()), plain)  # nor maths
    plain = plain.encode("ascii", "xmlcharrefreplace").decode()
    found = list(process_text_lines(plain, allow_mixed=True))
    assert len(found) == len(chosen) == 5
    of_text = {item.question_text: item for item in found}
    for question in chosen:
        (item,) = (of_text[text] for text in of_text if canvas.mark(question) in text)
        marked = item.answers_list if question.kind == "multiple" else [item.answer_text]
        assert len(item.choices_list) == len(question.options)
        assert [item.choices_list.index(text) for text in marked] == [
            place for place, option in enumerate(question.options) if option.right
        ]


def test_nasty_characters_survive(made_up, tmp_path):
    _, found = items(built(made_up, tmp_path))
    text = read_html(found["one-right.v3"].findtext("q:presentation/q:material/q:mattext", namespaces=QTI))
    for part in (
        "{a} }, tilde ~, equals =, colon ::, hash #, less <b>",
        r"\n \{ ]]>",
        '"quotes" it\'s',
        "%50% * **",
    ):
        assert part in text
    assert r"\(\nabla f = \{x : x < 1\} \neq \% _1\)" in text
    code = fromstring(found["with-code.v3"].findtext("q:presentation/q:material/q:mattext", namespaces=QTI))
    assert (
        'def f(x):\n    if x > 0:  # ~ = : { }\n\n        return {"a": x}  # \\n <b>&amp;\n'
        in code.text_content()
    )


def test_a_number_too_fine_for_canvas_is_chosen_among_options(made_up, tmp_path):
    _, found = items(built(made_up, tmp_path))
    tiny = found["a-tiny-number.v3"]
    assert field(tiny, "question_type") == "multiple_choice_question"
    assert options(tiny)[right(tiny)[0]] == "6.1e-13"
    (bare,) = (replace(question, options=()) for question in made_up if question.id == "a-tiny-number")
    assert "no options" in canvas.left_out([bare])["a-tiny-number"]


def test_several_gaps_take_each_of_their_answers_and_the_spellings_of_a_number(made_up, tmp_path):
    _, found = items(built(made_up, tmp_path))
    item = found["two-gaps.v3"]
    stem = item.findtext("q:presentation/q:material/q:mattext", namespaces=QTI)
    assert read_html(stem) == "First [gap1] then [gap2]."
    assert [(ident, before, answers) for ident, before, _, answers, _ in parts(item)] == [
        ("response_gap1", "gap1", ["2", "2.0", "2.00", "2.000"]),
        ("response_gap2", "gap2", ["one"]),
    ]


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (0.25, ("0.25", "0.250", ".25")),
        (-0.5, ("-0.5", "-0.50", "-0.500", "-.5", "−0.5", "−0.50", "−0.500", "−.5")),
        (-0.0, ("0", "0.0", "0.00", "0.000")),
        (-0.0099999997, ("-0.01", "-0.010", "-.01", "−0.01", "−0.010", "−.01")),
        (1 / 3, ()),
        (6e-13, ()),
    ],
)
def test_a_number_brings_its_spellings(value, texts):
    assert qti.spellings(Blank("n", (f"{value}",), value)) == texts


def test_an_order_is_a_match_of_things_with_places(made_up, tmp_path):
    _, found = items(built(made_up, tmp_path))
    item = found["an-order.v3"]
    assert field(item, "question_type") == "matching_question"
    assert [(read_html(before), answers) for _, before, _, answers, _ in parts(item)] == [
        ("first {1}", ["1"]),
        ("then ~", ["2"]),
        ("last =>", ["3"]),
    ]
    assert all(list(labels.values()) == ["1", "2", "3"] for _, _, labels, _, _ in parts(item))


def test_no_student_can_read_the_seed(with_variants, tmp_path):
    _, found = items(built([replace(q, seed=2**63) for q in with_variants if q.id == "drawn"], tmp_path))
    for item in found.values():
        item.set("title", "")  # teachers alone see it
        assert str(2**63).encode() not in etree.tostring(item)


def test_known_wrong_numbers_are_told_of(made_up, tmp_path):
    _, found = items(built(made_up, tmp_path))
    assert "If you found 0.25: No 0." in feedback(found["a-number.v3"], "general_incorrect_fb")


def test_variants_are_a_group_of_which_one_is_drawn(with_variants, tmp_path):
    root, found = items(built(with_variants, tmp_path))
    (group,) = root.findall(".//q:section/q:section", QTI)
    assert [item.get("title") for item in group.findall("q:item", QTI)] == ["drawn.v3.11", "drawn.v3.12"]
    assert group.findtext(".//q:selection_number", namespaces=QTI) == "1"
    assert len(found) == 17


def test_two_builds_are_the_same_on_any_day(monkeypatch, with_variants, tmp_path):
    first = built(with_variants, tmp_path / "a").read_bytes()
    monkeypatch.setattr("time.time", lambda: 2e9)
    second = built(with_variants, tmp_path / "b")
    assert first == second.read_bytes()
    assert list((tmp_path / "b").iterdir()) == [second]
    with zipfile.ZipFile(second) as package:
        assert {entry.date_time for entry in package.infolist()} == {(2020, 1, 1, 0, 0, 0)}
        assert b"2020-01-01" in package.read("imsmanifest.xml")


def test_nothing_is_written_to_the_home_folder(monkeypatch, made_up, tmp_path):
    monkeypatch.setattr("text2qti.config.Config._config_path", tmp_path / "home" / "x.bespon")
    (tmp_path / "home").mkdir()
    built(made_up, tmp_path)
    assert list((tmp_path / "home").iterdir()) == []
    assert not list(Path.cwd().glob("_text2qti*"))


def test_what_canvas_cannot_take_is_said(made_up):
    assert sorted(canvas.left_out(made_up)) == ["a-bare-matrix", "fine-gaps", "gap-in-maths"]


def test_nothing_is_written_where_no_question_fits(made_up, tmp_path):
    bare = [question for question in made_up if question.id == "a-bare-matrix"]
    with pytest.raises(ValueError, match="none of these 1 questions can go to Canvas"):
        built(bare, tmp_path / "out")
    assert not (tmp_path / "out").exists()
