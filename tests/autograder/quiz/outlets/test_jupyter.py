"""jupyterquiz's JSON, checked and marked by nbgrader-jupyterquiz, and jupytercards'."""

import json
from dataclasses import replace

import pytest
from jsonschema.exceptions import ValidationError
from nbgrader_jupyterquiz.grader import _scoring as scoring
from nbgrader_jupyterquiz.grader.validate import validate_question

from autograder.quiz import bank
from autograder.quiz.outlets import cards as shared
from autograder.quiz.outlets import jupyter
from autograder.quiz.outlets.cards import numbers
from autograder.quiz.question import TYPED
from autograder.quiz.static import BankError, Card

CARD = Card(
    "sigmoid-formula", "01_activations", "activation functions", "What is $\\sigma(0)$?", "$½$, `a[i](x)`"
)
GAPS = Card(
    "gaps",
    "01_activations",
    "losses",
    "It is {{c1::0}} below, $z < {{c2::\\frac{1}{2} }}$ at `{{c3::x}}`.",
    "So.",
)
KINDS = {
    "single": "multiple_choice",
    "find-the-error": "multiple_choice",
    "vector": "multiple_choice",
    "matrix": "multiple_choice",
    "multiple": "many_choice",
    "numeric": "numeric",
    "short": "string",
}
SLIPS = ("Your curve *falls*: σ(1) < σ(0).", "Which `power` is it?", "Third.", "Fourth.")


@pytest.fixture(autouse=True)
def known_slips(monkeypatch):
    """A few slips in place of the bank's, whose wording may change; `monkeypatch.undo()` brings the bank's back."""
    monkeypatch.setattr(shared, "_slips", lambda: {"sigmoid-formula": SLIPS})


def built(place, questions, cards=()):
    """The entries of both files, each checked by the validator of others where there is one."""
    read = {
        path.name: json.loads(path.read_bytes())
        for path in jupyter.build(questions, list(cards), place, "Quiz")
    }
    for entry in read.get(jupyter.QUIZ, []):
        validate_question(entry)
    return read


def marked(entry, answer):
    """Whether nbgrader-jupyterquiz counts an answer as right."""
    kind = entry["type"]
    field = {"numeric": "parsed", "string": "value"}.get(kind, "selected")
    return getattr(scoring, f"grade_{kind}")(entry, {"type": kind, field: answer})


def test_each_kind_goes_in_or_has_a_reason(tmp_path, made_up):
    left = jupyter.left_out(made_up)
    entries = built(tmp_path, made_up)[jupyter.QUIZ]
    kinds = [question.kind for question in made_up if question.id not in left]
    assert [entry["type"] for entry in entries] == [KINDS[kind] for kind in kinds]
    assert {question.kind for question in made_up if question.id in left} == {
        "order",
        "cloze",
        "essay",
        "matrix",
    }
    assert left["an-order"] == "jupyterquiz cannot put things in order"
    assert left["a-bare-matrix"].startswith("jupyterquiz takes one number")


def test_the_validator_is_not_blind(made_up):
    entry = jupyter.question_entry(made_up[0])
    validate_question(entry)
    del entry["answers"][0]["correct"]
    with pytest.raises(ValidationError):
        validate_question(entry)


def test_the_key_is_right_and_each_other_option_wrong(tmp_path, made_up):
    choices = [question for question in made_up if question.options and question.kind in KINDS]
    left = jupyter.left_out(choices)
    assert not left
    for question, entry in zip(choices, built(tmp_path, choices)[jupyter.QUIZ], strict=True):
        if entry["type"] == "numeric":
            assert [marked(entry, option.value) for option in question.options] == [
                o.right for o in question.options
            ]
            continue
        shown = [answer["answer"] for answer in entry["answers"]]
        assert len(set(shown)) == len(question.options)
        if entry["type"] == "many_choice":
            right = [answer["answer"] for answer in entry["answers"] if answer["correct"]]
            assert marked(entry, right)
            assert not marked(entry, shown)
        else:
            assert [marked(entry, answer) for answer in shown] == [
                option.right for option in question.options
            ]


@pytest.mark.parametrize(
    ("typed", "right"), [(-0.25, True), (-0.2524, True), (-0.2526, False), (0.25, False)]
)
def test_a_number_counts_within_its_tolerance(tmp_path, made_up, typed, right):
    (question,) = (question for question in made_up if question.id == "a-number")
    (entry,) = built(tmp_path, [question])[jupyter.QUIZ]
    assert marked(entry, typed) is right


def test_a_number_without_tolerance_is_a_value_and_no_empty_range(made_up):
    (question,) = (question for question in made_up if question.id == "zero")
    exact = jupyter.question_entry(replace(question, atol=0.0, rtol=0.0))
    validate_question(exact)
    assert exact["answers"][0] == {
        "type": "value",
        "value": 0.0,
        "correct": True,
        "feedback": exact["answers"][0]["feedback"],
    }
    assert marked(exact, 0.0)
    assert not marked(exact, 1e-9)


def test_a_wrong_number_that_is_known_has_its_own_remark(made_up):
    (question,) = (question for question in made_up if question.id == "a-number")
    answers = jupyter.question_entry(question)["answers"]
    (mirrored,) = (a for a in answers if a["type"] == "range" and a["range"][0] < 0.25 < a["range"][1])
    assert (mirrored["correct"], mirrored["feedback"]) == (False, "<p>No 0.</p>")
    assert answers[-1]["type"] == "default"


def test_each_accepted_text_counts(made_up):
    (question,) = (question for question in made_up if question.id == "a-word")
    entry = jupyter.question_entry(question)
    assert all(marked(entry, text.upper()) for text in question.accepted)
    assert not marked(entry, "something else")


def test_nothing_in_a_text_is_taken_for_maths_or_a_link(tmp_path, made_up):
    read = built(tmp_path, made_up, [CARD])
    text = json.dumps(read)
    assert "$" not in text
    assert "](" not in text
    assert "<b>" not in text
    assert read[jupyter.CARDS][0]["front"] == "<p>What is \\(\\sigma(0)\\)?</p>"
    assert "<code>a[i]&#40;x)</code>" in read[jupyter.CARDS][0]["back"]


def test_a_gap_becomes_a_card_with_two_sides(tmp_path):
    entries = built(tmp_path, [], [GAPS])[jupyter.CARDS]
    assert [entry["front"] for entry in entries] == [
        "<p>It is <strong>[…]</strong> below, \\(z &lt; \\frac{1}{2}\\) at <code>x</code>.</p>",
        "<p>It is 0 below, \\(z &lt; \\boxed{\\ldots}\\) at <code>x</code>.</p>",
        "<p>It is 0 below, \\(z &lt; \\frac{1}{2}\\) at <code>[…]</code>.</p>",
    ]
    assert len({entry["back"] for entry in entries}) == 1
    assert entries[0]["back"].endswith("<p>So.</p>")
    assert entries[0]["topic"] == ["01_activations", "losses"]


def test_the_common_slip_stands_on_the_back(tmp_path):
    (entry,) = built(tmp_path, [], [CARD])[jupyter.CARDS]
    assert "<em>Common slip:</em> Your curve <em>falls</em>: σ(1) &lt; σ(0)." in entry["back"]


def test_a_bad_card_leaves_nothing_half_written(tmp_path, made_up):
    with pytest.raises(BankError, match="card gaps"):
        built(tmp_path / "new", made_up, [replace(GAPS, front="{{c1::$\\frac{1}{x^{2}}$}}")])
    assert not (tmp_path / "new").exists()


def test_the_whole_bank_is_taken_twice_the_same_in_ascii(tmp_path, monkeypatch):
    monkeypatch.undo()
    questions, cards = bank.questions(student="print"), list(bank.cards().values())
    first, second = (
        [path.read_bytes() for path in jupyter.build(questions, cards, tmp_path / n, "")] for n in "12"
    )
    assert first == second
    assert all(data.isascii() for data in first)
    read = built(tmp_path, questions, cards)
    left = jupyter.left_out(questions)
    assert len(read[jupyter.QUIZ]) == len(questions) - len(left) > len(questions) / 2
    assert len(read[jupyter.CARDS]) == sum(len(numbers(card)) or 1 for card in cards)
    typed = [question for question in questions if question.kind in TYPED and question.kind != "numeric"]
    assert all(question.options for question in typed if question.id not in left)
    for question, entry in zip((q for q in questions if q.id not in left), read[jupyter.QUIZ], strict=True):
        if question.kind == "numeric":
            assert marked(entry, question.key), question.id
