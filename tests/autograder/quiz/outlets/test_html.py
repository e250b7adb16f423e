"""The HTML page: every kind is there, escaped, readable without a script, and the same at each build."""

import re

import pytest
from lxml import html as parser

from autograder.quiz import bank
from autograder.quiz.outlets import html
from autograder.quiz.question import CHOICE, TYPED, Blank

from .conftest import CODE, NASTY, made, options

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
# Elements and attributes that run or load something.
ACTIVE = "//script | //link | //img | //iframe | //object | //embed | //form | //base | //*[@src] | //*[@href] | //@*[starts-with(name(), 'on')]"


@pytest.fixture(scope="module")
def real():
    """The whole bank as one page, with its questions."""
    questions = bank.questions()
    return questions, html.page(questions, "All of it")


def tree(page):
    return parser.document_fromstring(page)


def words(node):
    return " ".join(node.text_content().split())


def sets(page):
    return tree(page).xpath("//fieldset")


def test_every_question_is_on_the_page_in_its_order(made_up):
    found = sets(html.page(made_up, "Made up"))
    assert [one.get("data-question") for one in found] == [question.id for question in made_up]
    assert [words(one.find("legend")) for one in found] == [
        f"Question {number}" for number in range(1, len(made_up) + 1)
    ]


def test_each_kind_has_its_controls(made_up):
    for question, found in zip(made_up, sets(html.page(made_up, "Made up")), strict=True):
        inputs = [one.get("type") for one in found.findall(".//input")]
        areas = len(found.findall(".//textarea"))
        if question.kind in CHOICE:
            assert inputs == ["radio"] * len(question.options)
        elif question.kind == "multiple":
            assert inputs == ["checkbox"] * len(question.options)
        elif question.kind == "order":
            assert inputs == ["number"] * len(question.options)
        elif question.kind in ("essay", "vector", "matrix"):
            assert (inputs, areas) == ([], 1)
        elif question.kind == "cloze":
            assert inputs == ["text"] * len(question.blanks)
        else:
            assert inputs == ["text"]
        assert areas == (question.kind in ("essay", "vector", "matrix"))


def test_every_control_has_a_name_of_its_own_question(real):
    questions, page = real
    root = tree(page)
    labels = {label.get("for"): words(label) for label in root.iter("label") if label.get("for")}
    for number, found in enumerate(root.xpath("//fieldset"), 1):
        for control in [*found.iter("input"), *found.iter("textarea")]:
            around = next(control.iterancestors("label"), None)
            name = control.get("aria-label") or labels.get(control.get("id"), "")
            name = name or (words(around) if around is not None else "")
            assert name, (number, parser.tostring(control))
    ids = root.xpath("//@id")
    assert len(set(ids)) == len(ids) > len(questions)


def test_radios_of_one_question_belong_together(made_up):
    names = [{i.get("name") for i in one.xpath(".//input[@name]")} for one in sets(html.page(made_up, "M"))]
    assert all(len(found) <= 1 for found in names)
    assert len(set().union(*names)) == sum(map(len, names))


def test_texts_come_through_unchanged_and_are_no_markup():
    nasty = "<img src=x onerror=alert(1)> <script>alert(1)</script> & \"'"
    questions = [
        made("a", "single", stem=nasty, options=options([nasty], ["x", "y", "z"]), key=nasty, explanation=nasty, hints=(nasty,)),
        made("b", "short", stem=nasty, accepted=(nasty,), key=nasty, explanation=nasty),
        made("c", "cloze", stem=f"{nasty} [[n]]", blanks=(Blank("n", (nasty,)),), explanation=nasty),
    ]  # fmt: skip
    for template in ("quiz.html", "sheet.html", "key.html", "recap.html"):
        root = tree(html.page(questions, nasty, template))
        assert root.xpath(ACTIVE) == []
        assert "<img src=x onerror=alert(1)>" in words(root.find(".//body"))
    assert words(root.find(".//body")).count("<script>alert(1)</script>") >= 5


@pytest.mark.parametrize("template", ["quiz.html", "sheet.html", "key.html"])
def test_nothing_runs_and_nothing_is_loaded(real, template):
    root = tree(html.page(real[0], "All of it", template))
    assert root.xpath(ACTIVE) == []
    assert root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == [POLICY]
    assert "url(" not in "".join(root.xpath("//style/text()"))


@pytest.mark.parametrize("template", ["quiz.html", "sheet.html", "key.html"])
def test_all_maths_of_the_bank_is_mathml(real, template):
    root = tree(html.page(real[0], "All of it", template))
    assert len(root.xpath("//*[local-name() = 'math']")) > 500
    for code in root.xpath("//code | //pre"):
        code.drop_tree()
    rest = words(root.find(".//body"))
    assert "$" not in rest
    assert not re.search(r"\\(frac|sigma|cdot|times|begin|hat|partial)\b", rest)
    marks = [f"[[{blank.name}]]" for question in real[0] for blank in question.blanks]
    assert marks
    assert not [mark for mark in marks if mark in rest]


def test_a_formula_keeps_the_full_stop_after_it():
    assert re.search(r'nowrap"><math.*</math>\.</span> So', html.html("It is $x$. So"))
    assert "nowrap" not in html.html("It is $x$ and so")


def test_the_answer_unfolds_and_has_everything(made_up):
    for question, found in zip(made_up, sets(html.page(made_up, "Made up")), strict=True):
        details = found.findall(".//details")
        assert all("open" not in one.attrib for one in details)
        assert len(details) == len(question.hints) + 1
        answer = words(details[-1])
        if question.kind in (*CHOICE, "multiple"):
            assert answer.count("✓ Right:") == sum(option.right for option in question.options)
            assert answer.count("✗ Wrong:") == sum(not option.right for option in question.options)
        if question.kind in TYPED and question.options:
            assert answer.count("✗ Wrong:") == 3
        for criterion in question.rubric:
            assert f"{criterion.points:g} point" in answer
        assert "Because" in answer


def test_gaps_are_numbered_as_they_come_in_the_text():
    two = made(
        "t", "cloze", stem="First [[b]] then [[a]].", blanks=(Blank("a", ("one",)), Blank("b", ("two",)))
    )
    (found,) = sets(html.page([two], "Gaps"))
    assert found.xpath(".//input/@aria-label") == ["Question 1, gap 1", "Question 1, gap 2"]
    assert "two; one" in words(found.find(".//details"))


def test_a_gap_in_a_formula_has_its_field_below():
    one = made("t", "cloze", stem="It is $x = [[n]]$.", blanks=(Blank("n", ("1",)),))
    (found,) = sets(html.page([one], "Gaps"))
    assert len(found.findall(".//input")) == 1
    assert "[[n]] is" in words(found)


def test_the_places_of_an_order_are_told_as_it_stands(made_up):
    one = made("o", "order", key=("a", "b", "c"), options=options(["c", "a", "b"], []))
    (found,) = sets(html.page([one], "Order"))
    assert "3, 1, 2, from top to bottom" in words(found.find(".//details"))


def test_code_blocks_stay_as_they_are():
    one = made("c", "find-the-error", stem=CODE, options=options(["x"], ["y", "z", "w"]), key="x")
    (found,) = sets(html.page([one], "Code"))
    assert found.find(".//pre").text_content() == CODE.split("```")[1].removeprefix("python\n")


def test_lessons_are_headings_and_questions_are_numbered_through(real):
    questions, page = real
    headings = [words(one) for one in tree(page).iter("h2")]
    assert headings == [name.replace("_", " ") for name in dict.fromkeys(q.lesson for q in questions)]
    assert f"Question {len(questions)}" in page


def test_two_builds_have_the_same_bytes(made_up, tmp_path):
    for place in ("a", "b"):
        assert html.build(made_up, [], tmp_path / place, f"Title {NASTY}") == [tmp_path / place / "quiz.html"]
    assert (tmp_path / "a/quiz.html").read_bytes() == (tmp_path / "b/quiz.html").read_bytes()
    assert html.left_out(made_up) == {}
