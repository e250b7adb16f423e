"""What is typed is read as it was meant, marked against the key, and a wrong answer is traced to its mistake."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.quiz import bank
from autograder.quiz.answers import Marked, in_order, mark, read, recognise
from autograder.quiz.question import CHOICE, TYPED, Blank, Criterion, Option, Question, QuizError, same


def question(kind, key=None, stem="?", **fields):
    return Question("no-such-id", 1, kind, "01_activations", "softmax", stem, key, "because", **fields)


OPTIONS = (
    Option("red", True, says="as it should be"),
    Option("green", False, "must-be-differentiable", "not green"),
    Option("blue", False, "sigmoid-taken-for-odd", "not blue"),
    Option("pink", True),
)
SINGLE = question("single", "red", options=(*OPTIONS[:3], Option("grey", False)))
MULTIPLE = question("multiple", ("red", "pink"), options=OPTIONS, cards=("relu-formula",))
ORDER = question("order", ("blue", "red", "green"), options=OPTIONS[:3])
CLOZE = question(
    "cloze",
    stem="First [[b]], then [[a]] %.",
    blanks=(Blank("a", ("25",), 25.0), Blank("b", ("the input", "z"))),
)
NUMERIC = question("numeric", 0.25)
VECTOR = question("vector", (1.0, 2.5, -3.0))
MATRIX = question("matrix", ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)))
SHORT = question("short", "chain rule", accepted=("chain rule", "`np.where(x)`"))
ESSAY = question("essay", rubric=(Criterion(2, "says so"),), model="So.")


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text):
    for each in (SINGLE, MULTIPLE, ORDER, CLOZE, NUMERIC, VECTOR, MATRIX, SHORT):
        try:
            answer = read(each, text)
        except QuizError as error:
            assert "\n" not in str(error)  # noqa: PT017 not every text is refused
        else:
            assert isinstance(mark(each, answer), Marked)


@pytest.mark.parametrize(
    ("asked", "text", "answer"),
    [
        (SINGLE, "b", "green"),
        (SINGLE, " B) ", "green"),
        (MULTIPLE, "a c", ("red", "blue")),
        (MULTIPLE, "AC", ("red", "blue")),
        (MULTIPLE, "A, and C.", ("red", "blue")),
        (ORDER, "C A B", ("blue", "red", "green")),
        (ORDER, "c > a > b", ("blue", "red", "green")),
        (VECTOR, "(1, 2.5, -3)", (1.0, 2.5, -3.0)),
        (VECTOR, "np.array([1, 2.5, -3])", (1.0, 2.5, -3.0)),
        (MATRIX, "1, 2; 3, 4; 5, 6", ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))),
        (MATRIX, "1 2\n3 4\n5 6\n", ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))),
        (MATRIX, "[[1, 2], [3, 4], [5, 6]]", ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))),
        (MATRIX, "1,5; 2,5", ((1.0, 5.0), (2.0, 5.0))),
        (CLOZE, "z; 25", {"b": "z", "a": 25.0}),
        (CLOZE, "the input\n25 %", {"b": "the input", "a": 25.0}),
        (SHORT, "Chain Rule", "Chain Rule"),
        (ESSAY, "Once\nupon a time", "Once\nupon a time"),
        (question("numeric", 25.0, stem="How much in per cent?"), "25 %", 25.0),
        (question("numeric", 0.25, stem="Which share of 10 %?"), "25 %", 0.25),
    ],
)
def test_an_answer_has_the_form_of_the_key(asked, text, answer):
    assert read(asked, text) == answer


@pytest.mark.parametrize(
    ("asked", "text", "expected"),
    [
        (SINGLE, "E", "one letter from A to D"),
        (SINGLE, "a b", "one letter from A to D"),
        (SINGLE, "green", "one letter from A to D"),
        (SINGLE, "1", "one letter from A to D"),
        (MULTIPLE, "a a", "the letters of all that are right, such as A C"),
        (ORDER, "a b", "all letters in their order, such as C B A"),
        (VECTOR, "one, two", "numbers with blanks or commas between them"),
        (MATRIX, "1, 2; 3", "rows with ; between them, such as 1, 2; 3, 4"),
        (CLOZE, "z", "2 answers with ; between them"),
        (CLOZE, "z;", "2 answers with ; between them"),
        (CLOZE, "25; z", "2 answers with ; between them"),
        (SHORT, "  ", "nothing was typed"),
        (SHORT, "x" * 5000, "x{40}…"),
        (NUMERIC, "", r"nothing was typed: type a number, such as 0\.25"),
        (NUMERIC, "abc", r"'abc' cannot be read here: type a number, such as 0\.25"),
        (NUMERIC, "nan", r"type a number, such as 0\.25"),
        (NUMERIC, "\x1b[31mred", "'red' cannot be read here"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(asked, text, expected):
    with pytest.raises(QuizError, match=expected) as caught:
        read(asked, text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "answer", "right"),
    [
        (SINGLE, "red", True),
        (SINGLE, "green", False),
        (MULTIPLE, ("pink", "red"), True),
        (MULTIPLE, ("red",), False),
        (MULTIPLE, ("red", "pink", "blue"), False),
        (ORDER, ("blue", "red", "green"), True),
        (ORDER, ("red", "blue", "green"), False),
        (CLOZE, {"a": 25.0, "b": " The  INPUT"}, True),
        (CLOZE, {"a": 26.0, "b": "z"}, False),
        (CLOZE, {"a": 25.0}, False),
        (NUMERIC, 0.25, True),
        (NUMERIC, 0.252, True),
        (NUMERIC, 0.253, False),
        (NUMERIC, -0.25, False),
        (question("numeric", 0.0, atol=1e-3), 0.0009, True),
        (question("numeric", 0.0, atol=1e-3), 0.0011, False),
        (VECTOR, [1, 2.5, -3], True),
        (VECTOR, np.array([1.001, 2.5, -3]), True),
        (VECTOR, (1.0, 2.5, 3.0), False),
        (VECTOR, (1.0, 2.5), False),
        (MATRIX, ((1, 2), (3, 4), (5, 6)), True),
        (MATRIX, (1, 2, 3, 4, 5, 6), False),
        (SHORT, "chainrule", True),
        (SHORT, "CHAIN  rule.", True),
        (SHORT, "np.where( x )", True),
        (SHORT, "product rule", False),
    ],
)
def test_right_is_what_equals_the_key(asked, answer, right):
    assert mark(asked, answer).right is right


JUNK = [
    None,
    True,
    "B",
    b"1",
    1j,
    [1, [2]],
    [[1j]],
    float("nan"),
    [math.inf] * 3,
    10**400,
    {},
    object(),
    [None],
    {"a": []},
]


@pytest.mark.parametrize("answer", JUNK)
@pytest.mark.parametrize("asked", [SINGLE, MULTIPLE, ORDER, CLOZE, NUMERIC, VECTOR, MATRIX, SHORT])
def test_what_a_notebook_may_hold_instead_is_wrong_and_no_error(asked, answer):
    assert not mark(asked, answer).right


def test_a_wrong_option_has_its_mistake_and_the_cards_that_cure_it():
    marked = mark(SINGLE, "green")
    assert (marked.mistake, marked.says) == ("must-be-differentiable", "not green")
    assert marked.cards == ("relu-kink",)
    assert mark(SINGLE, "red") == Marked(True, says="as it should be")


def test_several_wrong_options_all_say_what_is_wrong():
    marked = mark(MULTIPLE, ("green", "red", "blue"))
    assert marked.mistake == "must-be-differentiable"
    assert marked.says == "not green\n\nnot blue"
    assert marked.cards == ("relu-kink", "sigmoid-mirror", "relu-formula")


def test_half_of_the_right_options_is_said_to_be_half():
    assert mark(MULTIPLE, ("red",)) == Marked(
        False, "", "What you chose is right, but not all that is.", ("relu-formula",)
    )
    assert mark(MULTIPLE, ()).right is False


def test_an_array_of_another_shape_is_told_so():
    assert mark(VECTOR, (1.0, 2.0)).says == "Your answer has the shape `(2,)`, and `(3,)` was wanted."
    assert (
        mark(MATRIX, ((1, 3, 5), (2, 4, 6))).says
        == "Your answer has the shape `(2, 3)`, and `(3, 2)` was wanted."
    )
    assert mark(VECTOR, (1.0, 2.0, 3.0)).says == ""
    assert mark(VECTOR, "x").says == ""


def test_an_unknown_mistake_still_makes_the_cards_of_the_question_due():
    asked = replace(SINGLE, options=(OPTIONS[0], Option("x", False, "nobody-knows")), cards=("relu-kink",))
    assert mark(asked, "x").cards == ("relu-kink",)


def test_an_essay_is_left_to_people():
    with pytest.raises(QuizError, match="marked by a person"):
        mark(ESSAY, "So it is.")


def test_the_gaps_stand_in_the_order_of_the_text():
    assert [blank.name for blank in in_order(CLOZE)] == ["b", "a"]


@pytest.fixture(scope="module")
def everything():
    return [one for one in bank.questions(student="tester") if one.kind != "essay"]


def typed_key(asked):
    """The key as a student types it, digits enough for its tolerance."""
    letters = {option.text: chr(ord("A") + i) for i, option in enumerate(asked.options)}
    if asked.kind in CHOICE:
        return next(letters[option.text] for option in asked.options if option.right).lower()
    if asked.kind in ("multiple", "order"):
        return " ".join(letters[text] for text in asked.key)
    if asked.kind == "cloze":
        return "; ".join(blank.answers[0] for blank in in_order(asked))
    if asked.kind == "short":
        return asked.accepted[-1].upper()
    if asked.kind == "numeric":
        return f"{asked.key:.4g}"
    rows = asked.key if asked.kind == "matrix" else [asked.key]
    return "; ".join(", ".join(f"{number:.4g}" for number in row) for row in rows)


def test_the_key_of_every_question_is_right_as_it_is_typed(everything):
    assert len(everything) > 200
    wrong = [one.id for one in everything if not mark(one, read(one, typed_key(one))).right]
    assert wrong == []


def test_every_wrong_option_of_the_bank_is_marked_with_its_own_mistake(everything):
    checked = 0
    for one in everything:
        if one.kind in CHOICE:
            for option in one.options:
                marked = mark(one, option.text)
                assert (marked.right, marked.mistake) == (option.right, option.mistake)
                assert option.right or marked.cards
                checked += not option.right
    assert checked > 400


def test_typed_wrong_answers_are_recognised_as_a_mistake_that_gives_them(everything):
    """Where two mistakes come to the same, either may be named."""
    checked = named = 0
    for one in everything:
        if one.kind not in TYPED or not one.params:
            continue
        for option in one.options:
            if not option.right:
                marked, found = mark(one, option.value), recognise(one, option.value)
                assert not marked.right
                assert marked.says
                assert same(found.value, option.value, one.rtol, one.atol), one.id
                assert marked.mistake == found.mistake
                checked += 1
                named += marked.mistake == option.mistake
    assert checked > 60
    assert named > 0.9 * checked


def test_a_static_number_is_recognised_from_its_options():
    asked = bank.questions(ids=["cost-of-a-check"])[0]
    marked = mark(asked, read(asked, "630"))
    assert (marked.right, marked.mistake) == (False, "one-sided-is-as-good")
    power = bank.questions(ids=["sign-flipped-first-layer"])[0]
    assert recognise(power, 2e-9).mistake == "one-norm-for-all-tensors"
    thousands = bank.questions(ids=["weights-of-a-convolution"])[0]
    assert recognise(thousands, 2490368).mistake == "own-weights-at-each-place"


def test_a_number_that_no_mistake_gives_is_wrong_without_a_diagnosis():
    asked = bank.questions(ids=["tanh-from-sigmoid"])[0]
    marked = mark(asked, 12345.0)
    assert marked == Marked(False, "", "", tuple(asked.cards))
    assert recognise(asked, 12345.0) is None


def test_a_variant_of_another_version_is_not_recognised_from_this_one():
    asked = bank.questions(ids=["tanh-from-sigmoid"])[0]
    wrong = next(option for option in asked.options if not option.right)
    assert mark(asked, wrong.value).mistake == wrong.mistake
    assert mark(replace(asked, version=99), wrong.value).mistake == ""


def test_no_right_answer_is_taken_for_a_command(everything):
    """`q`, `s` and `?` stop, skip and ask for a hint in the terminal."""
    texts = {typed_key(one).strip().casefold() for one in everything}
    texts |= {text.casefold() for one in everything for text in one.accepted}
    texts |= {text.casefold() for one in everything if len(one.blanks) == 1 for text in one.blanks[0].answers}
    assert not texts & {"q", "s", "?"}


def test_marking_and_comparing_agree_on_tolerance():
    assert same(0.2525, 0.25, 1e-2) is mark(NUMERIC, 0.2525).right is True
