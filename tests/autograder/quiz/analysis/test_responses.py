"""Files of responses: Moodle's, Canvas's, our own and plain ones, as they are exported, and what is said of others."""

import csv
import html
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.quiz import bank
from autograder.quiz.analysis.matching import NO_ANSWER, Matcher, squeezed
from autograder.quiz.analysis.response_files import Response
from autograder.quiz.analysis.responses import UnreadableResponses, read
from autograder.quiz.outlets import lms
from autograder.quiz.question import CHOICE, QuizError
from autograder.quiz.taking.learner import Learner

WHEN = datetime(2026, 5, 1, tzinfo=UTC)


def as_moodle(text):
    """Markdown as Moodle's reports show it: our HTML without its tags, LaTeX as it stands."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", lms.latex_html(text))).split())


def as_canvas(text):
    r"""The same without the maths, of which Canvas makes pictures."""
    return " ".join(re.sub(r"\\\(.*?\\\)|\\\[.*?\\\]", " ", as_moodle(text)).split())


def summary(question):
    """Moodle's summary of a question: the stem, and of a choice its options."""
    options = "; ".join(as_moodle(option.text) for option in question.options)
    return (
        f"{as_moodle(question.stem)}: {options}"
        if question.kind in (*CHOICE, "multiple")
        else as_moodle(question.stem)
    )


def table(path, *rows, delimiter=",", encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def chosen(found):
    return {
        (row.student, row.item): [choice.mistake or choice.label for choice in row.choices]
        for row in found.rows
    }


def scores(found):
    return {(row.student, row.item): row.score for row in found.rows}


EN = ["Last name", "First name", "Email address", "Status", "Started", "Grade/10.00"]
DE = ["Nachname", "Vorname", "E-Mail-Adresse", "Status", "Begonnen am", "Bewertung/10,00"]


def person(name, grade="5.00", state="Finished"):
    return ["Doe", name, f"{name}@uni.example", state, "1 May 2026", grade]


@pytest.fixture
def one():
    """A written question with its right option and a wrong one."""
    question = next(q for q in bank.static().values() if q.kind == "single" and "$" not in q.stem)
    right = next(option for option in question.options if option.right)
    wrong = next(option for option in question.options if not option.right)
    return question, right, wrong


def test_moodles_responses_are_found_in_the_bank_and_marked(tmp_path, one):
    question, right, wrong = one
    rows = [
        [*person(who), summary(question), answer, as_moodle(right.text)]
        for who, answer in (("ada", as_moodle(right.text)), ("bob", as_moodle(wrong.text)), ("cyd", "-"))
    ]
    found = read([table(tmp_path / "r.csv", [*EN, "Question 1", "Response 1", "Right answer 1"], *rows)])
    assert scores(found) == {
        ("ada@uni.example", question.id): 1,
        ("bob@uni.example", question.id): 0,
        ("cyd@uni.example", question.id): 0,
    }
    assert chosen(found)["bob@uni.example", question.id] == [wrong.mistake]
    assert chosen(found)["cyd@uni.example", question.id] == [NO_ANSWER]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_moodles_grades_in_german_with_decimal_commas(tmp_path, encoding):
    header = [*DE, "F. 1 /1,00", "F. 2 /2,50", "F. 10 /10,00"]
    path = table(
        tmp_path / "g.csv",
        header,
        [*person("jörg", "5,00", "Beendet"), "0,75", "2,50", "-"],
        [*person("eva", "5,00", "Beendet"), "Bewertung notwendig", "0,00", "10,00"],
        delimiter=";",
        encoding=encoding,
    )
    found = read([path])
    assert scores(found) == {
        ("jörg@uni.example", "Question 1"): 0.75,
        ("jörg@uni.example", "Question 2"): 2.5,
        ("jörg@uni.example", "Question 10"): 0,
        ("eva@uni.example", "Question 2"): 0,
        ("eva@uni.example", "Question 10"): 10,
    }
    assert {row.points for row in found.rows} == {1, 2.5, 10}
    assert any("1 answers have no marks yet" in note and "Question 1" in note for note in found.notes)


def test_moodles_two_reports_go_together(tmp_path, one):
    question, _, wrong = one
    responses = table(
        tmp_path / "r.csv",
        [*DE, "Frage 1", "Antwort 1"],
        [*person("ada", "5,00"), summary(question), as_moodle(wrong.text)],
    )
    grades = table(tmp_path / "g.csv", [*EN, "Q. 1 /2.00"], [*person("ada"), "0.50"])
    for files in ([responses, grades], [grades, responses]):
        (row,) = read(files).rows
        assert (row.item, row.score, row.points) == (question.id, 0.5, 2)
        assert [choice.mistake for choice in row.choices] == [wrong.mistake]


def test_moodles_json_with_names_as_they_are_and_squeezed():
    from autograder.quiz.analysis.lms_reports import read as report
    from autograder.quiz.analysis.lms_reports import table_of_json

    marks = ["1.00"] * 9 + ["10.00", "0.50"]
    names = [f"q{n}{100 if n != 10 else 1000}" for n in range(1, 12)]
    squeezed_row = {"lastname": "Doe", "firstname": "Ada", "emailaddress": "a@b.c", "grade10000": "9.00"}
    squeezed_row |= dict(zip(names, marks, strict=True))
    full = {"Last name": "Doe", "First name": "Ada", "Email address": "a@b.c", "Grade/100.00": "9.00"}
    full |= {f"Q. {n} /{10 if n == 10 else 1}.00": mark for n, mark in enumerate(marks, 1)}
    for row in (squeezed_row, full):
        rows, _ = report(*table_of_json([[row]], Path("x.json")), Path("x.json"))
        assert [(r.item, r.score, r.points) for r in rows] == [
            (f"Question {n}", float(mark), 10.0 if n == 10 else 1.0) for n, mark in enumerate(marks, 1)
        ]


def test_attempts_that_were_not_handed_in_and_averages_are_left_out_and_told(tmp_path):
    path = table(
        tmp_path / "g.csv",
        [*EN, "Q. 1 /1.00"],
        [*person("ada"), "1.00"],
        [*person("bob", "-", "In progress"), "-"],
        ["Overall average", "", "", "", "", "5.00", "1.00"],
    )
    found = read([path])
    assert {row.student for row in found.rows} == {"ada@uni.example"}
    assert "g.csv: 1 line without an attempt that was handed in: left out." in found.notes
    assert "g.csv: 1 line of averages or without a student: left out." in found.notes


@pytest.mark.parametrize(("attempt", "expected"), [("last", [0, 1]), ("best", [1, 1])])
def test_which_attempt_counts(tmp_path, attempt, expected):
    path = table(
        tmp_path / "g.csv",
        [*EN, "Q. 1 /1.00", "Q. 2 /1.00"],
        *([*person("ada"), *marks] for marks in (["1.00", "1.00"], ["0.00", "1.00"])),
    )
    found = read([path], attempt=attempt)
    assert [row.score for row in found.rows] == expected
    assert any("2 answers are not used" in note for note in found.notes)


def canvas(path, questions, *people, points="1.0"):
    header = ["name", "id", "sis_id", "section", "section_id", "section_sis_id", "submitted"]
    for n, question in enumerate(questions):
        header += [f"{500 + n}: {as_canvas(question.stem)}", points]
    lines = [
        [name, i, "", "A", 1, "", "2026-05-01 10:00:00 UTC", *cells, 1, 1, 1]
        for i, (name, *cells) in enumerate(people)
    ]
    return table(path, [*header, "n correct", "n incorrect", "score"], *lines)


def test_canvass_student_analysis(tmp_path, one):
    question, right, wrong = one
    path = canvas(
        tmp_path / "c.csv",
        [question],
        ("Ada", as_canvas(right.text), "1.0"),
        ("Bob", as_canvas(wrong.text), "0"),
        ("Cyd", "", "0"),
        ("Dee", "", ""),  # was given another question of the group
    )
    found = read([path])
    assert scores(found) == {
        ("Ada (0)", question.id): 1,
        ("Bob (1)", question.id): 0,
        ("Cyd (2)", question.id): 0,
    }
    assert chosen(found)["Bob (1)", question.id] == [wrong.mistake]


def test_canvas_parts_several_answers_by_commas_and_escapes_those_within(tmp_path):
    question = next(
        q
        for q in bank.static().values()
        if q.kind == "multiple"
        and any("," in as_canvas(o.text) for o in q.options)
        and "$" not in "".join(o.text for o in q.options)
    )
    picked = [
        question.options[0],
        next(o for o in question.options[1:] if "," in o.text or o is question.options[1]),
    ]
    answer = ",".join(as_canvas(option.text).replace(",", "\\,") for option in picked)
    (row,) = read([canvas(tmp_path / "c.csv", [question], ("Ada", answer, "0.5"))]).rows
    assert [(choice.right, choice.mistake) for choice in row.choices] == [
        (o.right, o.mistake) for o in picked
    ]


def test_anonymous_canvas_lines_are_students_each(tmp_path, one):
    header = [
        "section",
        "section_id",
        "submitted",
        f"5: {as_canvas(one[0].stem)}",
        "1.0",
        "n correct",
        "n incorrect",
        "score",
    ]
    path = table(tmp_path / "c.csv", header, *(["A", "1", "now", "x", mark, 0, 0, 0] for mark in "010"))
    found = read([path])
    assert len({row.student for row in found.rows}) == 3
    assert any("anonymous" in note for note in found.notes)


def test_our_own_files_one_for_each_student(tmp_path):
    number, choice = bank.find("tanh-from-sigmoid"), bank.find("sigmoid-value")
    for student in ("ada", "bob"):
        learner = Learner(tmp_path / f"{student}.json")
        asked = choice.variant(student)
        wrong = next(option for option in asked.options if not option.right)
        learner.answered(asked, wrong.text, False, WHEN, mistake=wrong.mistake)
        learner.answered(asked, asked.key if isinstance(asked.key, str) else _right(asked), True, WHEN)
        asked = number.variant(student)
        learner.answered(asked, 17.5, False, WHEN)
    found = read([tmp_path / "ada.json", tmp_path / "bob.json"])
    assert scores(found) == {
        ("ada", "sigmoid-value"): 1, ("bob", "sigmoid-value"): 1,
        ("ada", "tanh-from-sigmoid"): 0, ("bob", "tanh-from-sigmoid"): 0,
    }  # fmt: skip
    assert chosen(found)["ada", "sigmoid-value"] == ["the right one"]
    assert chosen(found)["ada", "tanh-from-sigmoid"] == ["17.5"]


def _right(question):
    return next(option.text for option in question.options if option.right)


def test_two_files_of_one_name_ask_for_other_names(tmp_path):
    question = bank.find("sigmoid-value").variant("")
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        Learner(tmp_path / folder / "quiz.json").answered(question, _right(question), True, WHEN)
    with pytest.raises(UnreadableResponses, match="name each student's own file after the student"):
        read([tmp_path / "a" / "quiz.json", tmp_path / "b" / "quiz.json"])


def test_a_plain_csv(tmp_path):
    path = table(
        tmp_path / "p.csv",
        ["Student", "Item", "Score", "Max", "Answer", "Mistake"],
        ["ada", "sigmoid-value.v2", "0,5", "2", "0.438", ""],
        ["ada", "mine", "0", "1", "b", "relu.identity"],
        ["ada", "mine", "1", "1", "a", ""],
        delimiter=";",
    )
    found = read([path])
    assert scores(found) == {("ada", "sigmoid-value"): 0.5, ("ada", "mine"): 1}
    assert found.rows[-1].attempt == 2


def test_several_options_are_found_in_one_answer():
    matcher = Matcher()
    asked = [q for q in bank.questions() if q.kind == "multiple"]
    assert len(asked) > 10
    for question in asked:
        options = question.options[:3]
        right = "; ".join(as_moodle(option.text) for option in question.options if option.right)
        for answer, score in (("; ".join(as_moodle(option.text) for option in options), None), (right, 1)):
            got = matcher.match(
                Response("s", "1", None, answer=answer, question=summary(question), right=right)
            )
            assert got.item == question.id
            if score is None:
                assert sorted(choice.mistake for choice in got.choices) == sorted(o.mistake for o in options)
            else:
                assert got.score == score
                assert all(choice.right for choice in got.choices)


@pytest.mark.parametrize("maths", [True, False], ids=["moodle", "canvas"])
def test_every_choice_of_the_bank_is_found_again_by_its_texts(maths):
    """In Moodle's form all are; in Canvas's, which has no maths, some stay unknown, but none is taken for another."""
    matcher, as_shown = Matcher(), as_moodle if maths else as_canvas
    asked = [q for q in bank.questions() if q.kind in (*CHOICE, "vector", "matrix") and q.options]
    found, named = 0, 0
    for question in asked:
        for option in question.options:
            text = summary(question) if maths else as_canvas(question.stem)
            mark = None if maths else float(option.right)  # Canvas's report has marks
            row = Response("s", "Question 1", mark, answer=as_shown(option.text), question=text)
            got = matcher.match(row)
            assert got.item in (question.id, "Question 1")
            found += got.item == question.id
            if got.item == question.id:
                assert got.score == got.choices[0].right == option.right
                assert got.choices[0].mistake in (option.mistake, "" if not maths else option.mistake)
                named += got.choices[0].mistake == option.mistake
    total = sum(len(question.options) for question in asked)
    assert total > 500
    assert (found, named) == (total, total) if maths else min(found, named) > 0.75 * total


def test_the_variant_is_found_by_its_numbers():
    matcher = Matcher(variants=5)
    for attempt in (1, 5):
        (question,) = bank.questions(ids=["sigmoid-value"], attempt=attempt)
        for option in question.options:
            got = matcher.match(
                Response("s", "7", None, answer=as_moodle(option.text), question=summary(question))
            )
            assert (got.item, got.choices[0].mistake) == ("sigmoid-value", option.mistake)


def test_where_the_variant_is_not_known_no_mistake_is_guessed():
    """Canvas shows the same text for all variants of this one; the marks and the options must settle it."""
    matcher = Matcher(variants=20)
    made = [bank.questions(ids=["sigmoid-value"], attempt=attempt)[0] for attempt in range(1, 21)]
    meant = {}
    for question in made:
        for option in question.options:
            meant.setdefault((option.text, option.right), set()).add(option.mistake)
    several = {key for key, mistakes in meant.items() if len(mistakes) > 1}
    assert several
    for text, right in meant:
        row = Response("s", "7", float(right), answer=as_canvas(text), question=as_canvas(made[0].stem))
        got = matcher.match(row)
        assert got.item == "sigmoid-value"
        (choice,) = got.choices
        assert choice.right == right
        expected = meant[text, right]
        assert choice.mistake == ("" if (text, right) in several else next(iter(expected)))


def test_a_name_from_our_outlets_says_template_version_and_seed():
    question = bank.find("sigmoid-value").question(12345)
    wrong = next(option for option in question.options if not option.right)
    got = Matcher().match(Response("s", lms.label(question), None, answer=wrong.text))
    assert (got.item, got.score, got.choices[0].mistake) == ("sigmoid-value", 0, wrong.mistake)
    old = Matcher().match(Response("s", "sigmoid-value.v1.12345", 0.0, answer=wrong.text))
    assert old.choices[0].mistake == ""  # another version had other options


def test_typed_numbers_are_recognised():
    question = bank.find("tanh-from-sigmoid").question(7)
    wrong = lms.recognised(question)[0]
    for answer, mistake in (
        (f"{question.key:.4f}", ""),
        (f"{wrong.value:.6g}".replace(".", ","), wrong.mistake),
    ):
        got = Matcher().match(Response("s", lms.label(question), None, answer=answer))
        assert (got.score, got.choices[0].mistake) == (float(not mistake), mistake)


def test_texts_are_compared_without_what_formats_change():
    assert squeezed("Is **x** `f(a_1)` = −2?") == squeezed("is x f(a_1)  = -2?")
    assert squeezed("−2") != squeezed("2")


FOREIGN = {
    "gradebook": ("Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (12)\nPoints Possible,,,,,5\n", "Canvas's gradebook"),
    "moodle gradebook": ("First name,Surname,Quiz: One (Real)\nA,B,5\n", "Moodle's gradebook"),
    "item analysis": ("Question Id,Question Title,Answered Student Count\n1,x,5\n", "Item Analysis”, which has nobody's answers"),
    "other csv": ("a,b\n1,2\n", "has the columns “a”, “b”"),
    "empty": ("", "is empty"),
    "xml": ("<?xml version='1.0'?><quiz/>", "is XML or a web page"),
    "json": ('{"cells": []}', "is JSON with “cells”"),
    "bad json": ("[[{]", "damaged JSON"),
    "other json": ("[1, 2]", "no table of Moodle's"),
    "long line": ("student,item,score\na,b,1,x,y\n", "line 2: 5 fields, and the first line names 3"),
    "score": ("student,item,score\na,b,much\n", "line 2: score is 'much', which is no number"),
    "text": ("# Title\n\nSome, text, with commas.\n", "has the columns “# Title”"),
    "range": ("student,item,score\na,b,3\n", "line 2: the score 3 is not between 0 and 1"),
    "nobody": ("student,item,score\n,b,1\n", "line 2: student and item must not be empty"),
    "no rows": ("student,item,score\n", "no student's answers"),
    "too many marks": ("Last name,First name,Grade/1.00,Q. 1 /1.00\nA,B,1.00,5.00\n", "5 for question 1, which gives 1"),
    "no points": ("name,id,12: What?,x,score\nA,1,yes,1,1\n", "there is none with its points"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_another_file_gets_one_line_that_says_what_to_do(tmp_path, name):
    text, expected = FOREIGN[name]
    path = tmp_path / "file.csv"
    path.write_text(text)
    with pytest.raises(UnreadableResponses) as caught:
        read([path])
    line = str(caught.value)
    assert expected in line
    assert str(path) in line
    assert "\n" not in line
    assert len(line) > len(expected) + 40 or name == "nobody"


@pytest.mark.parametrize("data", [b"PK\x03\x04rest", b"\x89PNG\0\0\0\r\n\x1a", bytes(range(1, 256)) * 3])
def test_what_is_no_text_is_said_to_be_none(tmp_path, data):
    path = tmp_path / "responses.xlsx"
    path.write_bytes(data)
    with pytest.raises(UnreadableResponses, match=r"workbook|no text|columns"):
        read([path])


def test_a_missing_file_and_marks_given_twice(tmp_path):
    with pytest.raises(UnreadableResponses, match="cannot be read"):
        read([tmp_path / "none.csv"])
    files = [table(tmp_path / f"{n}.csv", [*EN, "Q. 1 /1.00"], [*person("ada"), "1.00"]) for n in "ab"]
    with pytest.raises(UnreadableResponses, match="also in"):
        read(files)


def test_without_marks_and_without_the_bank_nothing_can_be_said(tmp_path):
    path = table(tmp_path / "r.csv", [*EN, "Response 1"], [*person("ada"), "something"])
    with pytest.raises(UnreadableResponses, match="tick “right answer”"):
        read([path])


def test_a_damaged_file_of_our_own_is_said_to_be_damaged(tmp_path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"responses": 1, "cards": {}, "version": 1}))
    with pytest.raises(QuizError, match=r"x\.json is damaged"):
        read([path])


def test_an_unknown_choice_of_attempt_is_named(tmp_path):
    with pytest.raises(QuizError, match="'last' or 'best', not 'first'"):
        read([tmp_path / "x.csv"], attempt="first")
