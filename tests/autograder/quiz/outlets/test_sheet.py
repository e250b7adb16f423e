"""The sheet to print has no answer on it, and its key has all of them, under the same numbers."""

from dataclasses import replace

import pytest
from lxml import html as parser

from autograder.quiz import bank
from autograder.quiz.outlets import sheet
from autograder.quiz.question import CHOICE

SECRET = "only the key says this"


@pytest.fixture
def printed(tmp_path):
    """A function from questions to the sections of the sheet and of its key."""

    def printed(questions):
        paths = sheet.build(questions, [], tmp_path, "Test 1")
        assert [path.name for path in paths] == ["sheet.html", "sheet-key.html"]
        return [
            parser.parse(path, parser.HTMLParser(encoding="utf-8")).getroot().xpath("//section")
            for path in paths
        ]

    return printed


def words(node):
    return " ".join(node.text_content().split())


def with_secrets(question):
    """The same question with a mark in every text that gives its answer away."""
    options = tuple(replace(option, says=SECRET) for option in question.options)
    blanks = tuple(replace(blank, answers=(SECRET,)) for blank in question.blanks)
    accepted = tuple(SECRET for _ in question.accepted)
    rubric = tuple(replace(criterion, says=SECRET) for criterion in question.rubric)
    return replace(
        question, options=options, blanks=blanks, accepted=accepted, rubric=rubric, model=SECRET, explanation=SECRET
    )  # fmt: skip


def test_sheet_and_key_have_every_question_under_the_same_number(made_up, printed):
    questions, keys = printed(made_up)
    assert len(questions) == len(keys) == len(made_up)
    for number, (question, asked, key) in enumerate(zip(made_up, questions, keys, strict=True), 1):
        assert words(asked.find("h2")) == words(key.find("h2")) == f"{number}."
        assert words(key.find(".//code")) == question.id


def test_the_sheet_gives_no_answer_away(made_up, printed):
    questions, keys = printed([with_secrets(question) for question in made_up])
    assert not [words(one) for one in questions if SECRET in words(one)]
    assert not [words(one) for one in keys if SECRET not in words(one)]


def test_the_sheet_of_the_whole_bank_gives_no_answer_away(printed):
    real = [with_secrets(question) for question in bank.questions()]
    questions, keys = printed(real)
    assert len(questions) == len(real)
    assert not [words(one) for one in questions if SECRET in words(one)]
    assert sum(SECRET in words(one) for one in keys) == len(real)


def test_nothing_in_the_sheets_code_tells_right_from_wrong(made_up, printed):
    """Not even a class or an id: two questions that differ in their key alone are printed alike."""
    one = next(question for question in made_up if question.id == "with-code")
    swapped = replace(
        one, key=one.options[1].text, options=tuple(replace(o, right=i == 1) for i, o in enumerate(one.options))
    )  # fmt: skip
    (first,), (first_key,) = printed([one])
    (second,), (second_key,) = printed([swapped])
    assert parser.tostring(first) == parser.tostring(second)
    assert parser.tostring(first_key) != parser.tostring(second_key)


def test_the_key_names_the_letters_that_the_sheet_shows(made_up, printed):
    questions, keys = printed(made_up)
    checked = 0
    for question, asked, key in zip(made_up, questions, keys, strict=True):
        if question.kind not in (*CHOICE, "multiple"):
            continue
        lines = [[words(part) for part in li] for li in asked.xpath(".//ul[@class='options']/li")]
        right = [
            letter for (_, letter, _), option in zip(lines, question.options, strict=True) if option.right
        ]
        assert words(key.xpath(".//p[@class='key']")[0]) == f"Right: {' and '.join(right)}"
        checked += 1
    assert checked == 4


def test_there_is_room_for_what_is_written(made_up, printed):
    questions, _ = printed(made_up)
    for question, asked in zip(made_up, questions, strict=True):
        room = len(asked.xpath(".//*[@class='room']"))
        assert (room > 0) == (question.kind in ("numeric", "vector", "matrix", "short", "essay"))
        assert len(asked.xpath(".//*[@class='line']")) == len(question.blanks)
        if question.kind == "essay":
            assert "(3.5 points)" in words(asked)


def test_two_builds_have_the_same_bytes(made_up, tmp_path):
    first, second = (sheet.build(made_up, [], tmp_path / name, "Test") for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
