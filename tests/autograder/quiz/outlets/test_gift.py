"""GIFT: read back by gift-pegjs, and by hand where Moodle's reader is stricter."""

import json
import re
import shutil
import subprocess
from html import unescape

import pytest

from autograder.quiz import bank
from autograder.quiz.outlets import gift, lms

READER = "gift-pegjs@1.0.2"
SCRIPT = """
const { parse } = require("gift-pegjs");
const text = require("fs").readFileSync(process.argv[2], "utf8");
console.log(JSON.stringify(parse(text)));
"""


@pytest.fixture(scope="session")
def parse(tmp_path_factory):
    """gift-pegjs: from a file to the entries that it finds."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("npm and node, with which gift-pegjs runs, are not on this machine")
    place = tmp_path_factory.mktemp("gift-pegjs")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    command += ["--fetch-retries=1", "--fetch-retry-mintimeout=2000", "--prefix", place, READER]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=90)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm could not fetch {READER} within 90 s")
    if done.returncode != 0:
        pytest.skip(f"npm could not fetch {READER}: {' '.join(done.stderr.split())[:150]}")
    script = place / "read.js"
    script.write_text(SCRIPT, encoding="utf-8")

    def read(path):
        done = subprocess.run(["node", script, path], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return read


def read_back(parse, questions, place):
    """Categories, and the questions by their ids."""
    (path,) = gift.build(questions, [], place, "Neural networks")
    found = parse(path)
    categories = [entry["title"] for entry in found if entry["type"] == "Category"]
    items = [entry for entry in found if entry["type"] != "Category"]
    assert len({item["id"] for item in items}) == len(items)
    return categories, {item["id"]: item for item in items}


def text_of(entry):
    """A text as it was before it was written: gift-pegjs has decoded the escapes."""
    assert entry["format"] == "html"
    return entry["text"]


def assert_survived(question, item):
    """Type, stem, answers, weights and feedback are what went in."""
    kind = {"numeric": "Numerical", "short": "Short", "order": "Matching", "essay": "Essay"}.get(
        question.kind
    )
    if question.kind == "cloze":
        kind = "Short" if question.blanks[0].value is None else "Numerical"
    assert item["type"] == (kind or "MC")
    assert text_of(item["globalFeedback"]).startswith(lms.latex_html(question.explanation))
    if question.kind != "cloze":
        assert text_of(item["stem"]) == lms.latex_html(question.stem)
    if kind == "Matching":
        assert [text_of(pair["subquestion"]) for pair in item["matchPairs"]] == [
            lms.latex_html(text) for text in question.key
        ]
        assert [pair["subanswer"] for pair in item["matchPairs"]] == [
            f"{n}" for n in range(1, len(question.key) + 1)
        ]
    elif kind == "Numerical":
        key = question.key if question.kind == "numeric" else question.blanks[0].value
        first = item["choices"][0]
        assert first["isCorrect"]
        assert first["weight"] is None
        assert first["text"]["number"] == pytest.approx(key, rel=1e-9)
        assert first["text"]["range"] == pytest.approx(question.atol + question.rtol * abs(key), rel=1e-9)
        assert all(choice["weight"] == 0 and choice["feedback"]["text"] for choice in item["choices"][1:])
    elif kind == "Short":
        accepted = question.accepted or question.blanks[0].answers
        assert [choice["text"]["text"].replace(r"\*", "*") for choice in item["choices"]] == list(accepted)
    elif kind is None:
        assert_options_survived(question, item["choices"])


def assert_options_survived(question, choices):
    assert [text_of(choice["text"]) for choice in choices] == [
        lms.latex_html(o.text) for o in question.options
    ]
    for option, choice in zip(question.options, choices, strict=True):
        feedback = choice["feedback"]
        assert (feedback["text"] if feedback else "") == lms.latex_html(option.says)
    single = sum(option.right for option in question.options) == 1
    if single:
        assert [choice["isCorrect"] for choice in choices] == [option.right for option in question.options]
        assert all(choice["weight"] is None for choice in choices)
    else:
        weights = [choice["weight"] for choice in choices]
        assert [weight > 0 for weight in weights] == [option.right for option in question.options]
        assert sum(weight for weight in weights if weight > 0) == pytest.approx(100, abs=1e-3)


def test_every_kind_comes_back_as_it_went_in(parse, made_up, tmp_path):
    _, items = read_back(parse, made_up, tmp_path)
    left = gift.left_out(made_up)
    kept = [question for question in made_up if question.id not in left]
    assert len(items) == len(kept) == 13
    for question in kept:
        assert_survived(question, items[lms.label(question)])


def test_the_bank_comes_back_as_it_went_in(parse, tmp_path):
    questions = bank.questions(student="print")
    left = gift.left_out(questions)
    kept = [question for question in questions if question.id not in left]
    _, items = read_back(parse, questions, tmp_path)
    assert len(items) == len(kept)
    for question in kept:
        assert_survived(question, items[lms.label(question)])
    print(f"{len(items)} of {len(questions)} questions read by {READER}")


def test_a_gap_stands_in_its_sentence(parse, made_up, tmp_path):
    _, items = read_back(parse, made_up, tmp_path)
    stem = text_of(items["one-gap.v3"]["stem"])
    assert re.sub(r"\s+", " ", stem) == r"<p>It is _____ , not \(\{0\}\). {~=}</p>"


def test_code_keeps_its_lines_and_its_indentation(parse, made_up, tmp_path):
    _, items = read_back(parse, made_up, tmp_path)
    code = unescape(text_of(items["with-code.v3"]["stem"]))
    assert 'def f(x):\n    if x > 0:  # ~ = : { }\n\n        return {"a": x}  # \\n <b>&amp;\n' in code


def test_variants_have_a_category_of_their_own(parse, with_variants, tmp_path):
    categories, items = read_back(parse, with_variants, tmp_path)
    assert categories == [
        "$course$/top/Neural networks/01_activations",
        "$course$/top/Neural networks/01_activations/drawn",
    ]
    assert [name for name in items if name.startswith("drawn")] == ["drawn.v3.11", "drawn.v3.12"]


def test_the_rubric_of_an_essay_stands_in_its_feedback(parse, made_up, tmp_path):
    _, items = read_back(parse, made_up, tmp_path)
    feedback = text_of(items["an-essay.v3"]["globalFeedback"])
    assert "1.5 points: explains" in feedback
    assert "Model answer" in feedback


def test_moodles_stricter_reader_finds_each_question_whole(with_variants, tmp_path):
    """It ends a question at a blank line, drops lines that begin with //, and reads two digits of a weight."""
    (path,) = gift.build(with_variants, [], tmp_path, "T")
    blocks = [
        block for block in path.read_text(encoding="utf-8").split("\n\n") if not block.startswith("$CATEGORY")
    ]
    assert len(blocks) == len(with_variants) - len(gift.left_out(with_variants)) - 1  # two variants are alike
    for block in blocks:
        lines = block.strip().split("\n")
        assert lines[0].startswith("// [id:")
        assert lines[1].startswith("::")
        assert not any(line.strip().startswith("//") for line in lines[1:])
        assert all(
            re.match(r"%-?\d{1,2}(\.\d*)?%", weight) for weight in re.findall(r"[~=](%[^<]*?%)", block)
        )
        bare = re.sub(r"\\.", "", block)  # what is not escaped
        assert bare.count("{") == bare.count("}") == 1


def test_what_gift_cannot_hold_is_said(made_up):
    assert sorted(gift.left_out(made_up)) == [
        "a-bare-matrix",
        "an-arrow",
        "fine-gaps",
        "gap-in-maths",
        "two-gaps",
    ]


def test_two_builds_are_the_same(with_variants, tmp_path):
    (first,) = gift.build(with_variants, [], tmp_path / "a", "T")
    (second,) = gift.build(with_variants, [], tmp_path / "b", "T")
    assert first.read_bytes() == second.read_bytes()
    assert list((tmp_path / "a").iterdir()) == [first]


def test_nothing_is_written_where_no_question_fits(made_up, tmp_path):
    bare = [question for question in made_up if question.id == "a-bare-matrix"]
    with pytest.raises(ValueError, match="none of these 1 questions can go to GIFT"):
        gift.build(bare, [], tmp_path / "out", "T")
    assert not (tmp_path / "out").exists()
