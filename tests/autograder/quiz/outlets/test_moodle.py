"""Moodle XML: read back by moodle2amc, and against what Moodle's import asks for."""

import html
import re
import subprocess
import sys

import pytest
from lxml import etree
from lxml.html import fromstring

from autograder.quiz import bank
from autograder.quiz.outlets import lms, moodle
from autograder.quiz.question import Option, Question
from autograder.quiz.template import Draft, Template, Wrong

# Fractions that Moodle's import knows, in per cent; with another it refuses the whole file.
FRACTIONS = (
    "100 90 83.33333 80 75 70 66.66667 60 50 40 33.33333 30 25 20 16.66667 14.28571 12.5 11.11111 10 5 0"
)
# What Moodle looks for in a cloze, from its documentation.
GAP = re.compile(r"\{1:(SHORTANSWER|NUMERICAL):((?:[^{}~#]|&#)*(?:~(?:[^{}~#]|&#)*)*)\}")
# The program loads an image library as it starts, which not every machine has; these files have no image.
READER = (
    "import sys, types; sys.modules['wand'] = types.ModuleType('wand'); "
    "sys.modules['wand.image'] = types.SimpleNamespace(Image=None); "
    "from amc2moodle.moodle2amc.bin.moodle2amc import run; run()"
)
READ = {"multichoice", "numerical", "essay"}  # question types that moodle2amc knows


def built(questions, place, title="Neural networks"):
    (path,) = moodle.build(questions, [], place, title)
    return etree.parse(path, etree.XMLParser(strip_cdata=False)).getroot()


def items(root):
    return {q.findtext("name/text"): q for q in root.findall("question") if q.get("type") != "category"}


def seen(text):
    """What a reader sees of HTML."""
    return fromstring(text).text_content()


def assert_survived(question, item):
    """What is shown, what is right and what is said of each answer are what went in."""
    assert item.findtext("generalfeedback/text") == lms.latex_html(question.explanation)
    answers = item.findall("answer")
    if question.kind == "cloze":
        assert len(list(gaps(item))) == len(question.blanks)
        return
    assert item.findtext("questiontext/text") == lms.latex_html(question.stem)
    if item.get("type") == "multichoice":
        assert [float(a.get("fraction")) > 0 for a in answers] == [o.right for o in question.options]
        assert [a.findtext("text") for a in answers] == [lms.latex_html(o.text) for o in question.options]
        assert [a.findtext("feedback/text") or "" for a in answers] == [
            lms.latex_html(o.says) for o in question.options
        ]
    elif question.kind == "numeric":
        assert [float(a.get("fraction")) for a in answers] == [100] + [0] * (len(answers) - 1)
        assert float(answers[0].findtext("text")) == pytest.approx(question.key, rel=1e-9)
        allowed = question.atol + question.rtol * abs(question.key)
        assert float(answers[0].findtext("tolerance")) == pytest.approx(allowed, rel=1e-9)
    elif question.kind == "order":
        assert [a.findtext("text") for a in answers] == [lms.latex_html(text) for text in question.key]
    elif question.kind == "short":
        assert [a.findtext("text").replace(r"\*", "*") for a in answers] == list(question.accepted)
    else:
        assert question.kind == "essay"
        assert float(item.findtext("defaultgrade")) == question.points


def read_back(path, to):
    """What moodle2amc makes of a file: LaTeX."""
    command = [sys.executable, "-c", READER, path.name, "-o", to.name, "--no-log-file"]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return to.read_text(encoding="utf-8")


def amc_questions(latex):
    """Name, kind and body of each question in moodle2amc's LaTeX."""
    found = re.findall(r"\\begin\{(question\w*)\}\{([^}]*)\}(.*?)\\end\{\1\}", latex, re.DOTALL)
    return {name.strip(): (kind, body) for kind, name, body in found}


def amc_name(label):
    return re.sub(r"[^0-9a-zA-Z:\-]+", " ", label)


def assert_read_back(questions, place):
    """moodle2amc finds each question that it knows the type of, with as many right and wrong choices."""
    root = built(questions, place)
    # It takes the logarithm of a key, also of 0.
    readable = {
        name: item
        for name, item in items(root).items()
        if item.get("type") in READ and item.findtext("answer/text") != "0"
    }
    for question in root.findall("question"):
        if question.get("type") != "category" and question.findtext("name/text") not in readable:
            root.remove(question)
    copy = place / "copy.xml"
    etree.ElementTree(root).write(copy, encoding="UTF-8", xml_declaration=True)
    found = amc_questions(read_back(copy, place / "copy.tex"))
    assert sorted(found) == sorted(map(amc_name, readable))
    for name, item in readable.items():
        kind, body = found[amc_name(name)]
        fractions = [float(answer.get("fraction")) for answer in item.findall("answer")]
        if item.get("type") == "multichoice":
            assert kind == ("question" if item.findtext("single") == "true" else "questionmult")
            assert body.count(r"\bonne{") + body.count(r"\correctchoice{") == sum(f > 0 for f in fractions)
            assert body.count(r"\mauvaise{") + body.count(r"\wrongchoice{") == sum(f <= 0 for f in fractions)
        elif item.get("type") == "numerical":
            target = re.search(r"\\AMCnumericChoices\{([^}]*)\}", body).group(1)
            assert float(target) == float(item.findtext("answer/text"))
    return len(readable)


def test_moodle2amc_reads_every_item_it_knows(made_up, tmp_path):
    assert assert_read_back(made_up, tmp_path) == 8
    latex = (tmp_path / "copy.tex").read_text(encoding="utf-8")
    assert r"\begin{alltt}" in latex
    assert "<p>" not in latex
    assert latex.count(r"\(\nabla f = \{x : x < 1\}") == 8


def test_moodle2amc_reads_the_bank(tmp_path):
    questions = bank.questions(student="print")
    read = assert_read_back(questions, tmp_path)
    print(f"{read} of {len(questions)} questions read by moodle2amc")


def test_every_question_of_the_bank_survives(tmp_path):
    questions = bank.questions(student="print")
    found = items(built(questions, tmp_path))
    kept = [question for question in questions if question.id not in moodle.left_out(questions)]
    assert len(found) == len(kept)
    for question in kept:
        assert_survived(question, found[lms.label(question)])
    print(f"{len(found)} of {len(questions)} questions in the file")


def test_every_kind_survives(made_up, tmp_path):
    found = items(built(made_up, tmp_path))
    kept = [question for question in made_up if question.id not in moodle.left_out(made_up)]
    assert len(found) == len(kept) == 16
    for question in kept:
        assert_survived(question, found[lms.label(question)])


def test_every_fraction_is_in_moodles_list_and_right_ones_make_a_whole(made_up, tmp_path):
    known = {float(f) for f in FRACTIONS.split()}
    for item in items(built(made_up, tmp_path)).values():
        fractions = [float(answer.get("fraction")) for answer in item.findall("answer")]
        if item.get("type") == "ordering":
            assert fractions == [1, 2, 3]
        elif fractions:
            assert {abs(f) for f in fractions} <= known
            single = item.get("type") != "multichoice" or item.findtext("single") == "true"
            whole = max(fractions) if single else sum(f for f in fractions if f > 0)
            assert whole == pytest.approx(100, abs=1e-3)


def test_each_kind_has_the_type_and_the_fields_that_moodle_asks_for(made_up, tmp_path):
    found = items(built(made_up, tmp_path))
    assert {name.split(".")[0]: item.get("type") for name, item in found.items()} == {
        "one-right": "multichoice",
        "with-code": "multichoice",
        "several-right": "multichoice",
        "one-of-several": "multichoice",
        "a-number": "numerical",
        "a-tiny-number": "numerical",
        "zero": "numerical",
        "a-vector": "multichoice",
        "an-order": "ordering",
        "a-word": "shortanswer",
        "an-arrow": "shortanswer",
        "one-gap": "cloze",
        "a-number-gap": "cloze",
        "two-gaps": "cloze",
        "fine-gaps": "cloze",
        "an-essay": "essay",
    }
    for name, item in found.items():
        assert item.findtext("questiontext/text")
        assert item.findtext("idnumber") == name
        assert len(name) <= 100
        assert all(len(tag.text) <= 50 for tag in item.findall("tags/tag/text"))
    assert [hint.text for hint in found["one-right.v3"].findall("hint/text")] == ["<p>look</p>", "<p>~</p>"]
    tags = [tag.text for tag in found["one-right.v3"].findall("tags/tag/text")]
    assert tags == ["01_activations", "losses", "understand", "difficulty 2", "sigmoid.some_mistake"]


def test_nasty_characters_survive(made_up, tmp_path):
    found = items(built(made_up, tmp_path))
    nasty = found["one-right.v3"]
    for field in ("questiontext/text", "generalfeedback/text", "answer/text", "answer/feedback/text"):
        text = seen(nasty.findtext(field))
        for part in (
            "{a} }, tilde ~, equals =, colon ::, hash #, less <b>",
            r"\n \{",
            "]]>",
            '"quotes" it\'s',
        ):
            assert part in text
        assert r"\(\nabla f = \{x : x < 1\} \neq \% _1\)" in text
        assert "é 漢 −" in text
        assert "$5 or $6 `" in text
    code = seen(found["with-code.v3"].findtext("questiontext/text"))
    assert 'def f(x):\n    if x > 0:  # ~ = : { }\n\n        return {"a": x}  # \\n <b>&amp;\n' in code
    assert r"\[\frac{1}{2} < 1\]" in code


def test_a_typed_answer_is_taken_literally(made_up, tmp_path):
    answers = [a.findtext("text") for a in items(built(made_up, tmp_path))["a-word.v3"].findall("answer")]
    assert answers == ["ReLU {x}~=#:", r"a\*b", r"\nabla", '<&">']


def gaps(item):
    """The answers of each gap as Moodle decodes them."""
    for kind, answers in GAP.findall(item.findtext("questiontext/text")):
        decoded = [html.unescape(answer.removeprefix("=")) for answer in answers.split("~")]
        yield kind, [text.replace(r"\}", "}").replace(r"\#", "#") for text in decoded]


def test_the_gaps_of_a_cloze_are_found_as_moodle_finds_them(made_up, tmp_path):
    found = items(built(made_up, tmp_path))
    assert list(gaps(found["one-gap.v3"])) == [("SHORTANSWER", ["a}b~c#d", r"x\}\*y=", "<b>&amp;", "é"])]
    assert list(gaps(found["a-number-gap.v3"])) == [("NUMERICAL", ["0.5:0.005"])]
    assert list(gaps(found["two-gaps.v3"])) == [("NUMERICAL", ["2:0.02"]), ("SHORTANSWER", ["one"])]
    rest = GAP.sub("_", found["one-gap.v3"].findtext("questiontext/text"))
    assert rest == r"<p>It is _, not \(\{0\}\). {~=}</p>"


def test_a_number_has_its_tolerance_and_known_wrong_ones_are_diagnosed(made_up, tmp_path):
    answers = items(built(made_up, tmp_path))["a-number.v3"].findall("answer")
    assert [
        (a.get("fraction"), float(a.findtext("text")), float(a.findtext("tolerance"))) for a in answers
    ] == [("100", -0.25, 0.0025), ("0", 0.25, 0.0025), ("0", 0.75, 0.0075), ("0", -4.0, 0.04)]
    assert [seen(a.findtext("feedback/text")) for a in answers[1:]] == ["No 0.", "No 1.", "No 2."]


def test_a_computed_question_brings_all_of_its_templates_wrong_numbers(monkeypatch, tmp_path):
    values = (2.0, 2.001, 3.0, 4.0, 5.0, float("nan"), 6.0)  # the second is within the tolerance of the first
    made = Template(
        id="made",
        version=1,
        kind="numeric",
        lesson="01_activations",
        topic="losses",
        bloom="apply",
        difficulty=1,
        params={"x": (1.0,)},
        draft=lambda p: Draft(
            stem="?",
            key=p.x,
            check=lambda: p.x,
            explain="",
            wrong=[Wrong(f"w{v}", f"It is {v}.", lambda v=v: v) for v in values],
        ),
    )
    monkeypatch.setattr(bank, "templates", lambda: {"made": made})
    (item,) = items(built([made.variant("somebody")], tmp_path)).values()
    assert [float(a.findtext("text")) for a in item.findall("answer")] == [1, 2, 3, 4, 5, 6]
    assert seen(item.findall("answer")[-1].findtext("feedback/text")) == "It is 6.0."


def test_an_essays_rubric_is_for_the_grader_alone(made_up, tmp_path):
    essay = items(built(made_up, tmp_path))["an-essay.v3"]
    assert float(essay.findtext("defaultgrade")) == 3.5
    assert "1.5 points: explains" in seen(essay.findtext("graderinfo/text"))
    assert "Model answer" in seen(essay.findtext("graderinfo/text"))
    assert "points" not in essay.findtext("generalfeedback/text")


def test_variants_have_a_category_of_their_own_and_equal_ones_count_once(with_variants, tmp_path):
    root = built(with_variants, tmp_path, title="a/b")
    names = [q.findtext("name/text") for q in root.findall("question")]
    categories = [c.text for c in root.findall("question/category/text")]
    assert categories == [
        "$course$/top/a//b/01_activations",
        "$course$/top/a//b/01_activations/drawn",
    ]
    assert names[-3:] == [None, "drawn.v3.11", "drawn.v3.12"]


def test_what_moodle_cannot_take_is_said(made_up):
    many = tuple(Option(f"{n}", True) for n in range(11))
    common = {"version": 1, "lesson": "x", "topic": "y", "stem": "?", "explanation": ""}
    lots = Question(id="lots", kind="multiple", key=(), options=(*many, Option("no", False)), **common)
    left = moodle.left_out([*made_up, lots])
    assert sorted(left) == ["a-bare-matrix", "gap-in-maths", "lots"]
    assert "10 options" in left["lots"]
    assert "[[n]]" in left["gap-in-maths"]


def test_two_builds_are_the_same_and_leave_nothing_else(with_variants, tmp_path):
    (first,) = moodle.build(with_variants, [], tmp_path / "a", "T")
    (second,) = moodle.build(with_variants, [], tmp_path / "b", "T")
    assert first.read_bytes() == second.read_bytes()
    assert list((tmp_path / "a").iterdir()) == [first]


def test_nothing_is_written_where_no_question_fits(made_up, tmp_path):
    bare = [question for question in made_up if question.id == "a-bare-matrix"]
    with pytest.raises(ValueError, match="none of these 1 questions can go to Moodle"):
        moodle.build(bare, [], tmp_path / "out", "T")
    assert not (tmp_path / "out").exists()
