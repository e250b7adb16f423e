"""What the outlets for cards share: slips, gaps, faces."""

import re

import pytest

from autograder.exercises import find
from autograder.quiz import bank
from autograder.quiz.outlets import cards
from autograder.quiz.static import BankError, Card, Misconception


@pytest.fixture
def one_idea(monkeypatch):
    """A bank with a single misconception; the exercises stay."""
    says = find("sigmoid").mistakes[0].diagnosis
    ideas = {"own": Misconception("own", "An idea of the bank's.", "sigmoid-formula")}
    ideas["again"] = Misconception("again", says, "sigmoid-formula")
    monkeypatch.setattr(bank, "misconceptions", lambda: ideas)
    cards._slips.cache_clear()
    yield
    cards._slips.cache_clear()


def gaps_of(front):
    return Card("made", "01_activations", "losses", front, "")


@pytest.mark.usefixtures("one_idea")
def test_slips_are_what_is_said_of_the_mistakes_that_name_the_card():
    named = [m.diagnosis for m in find("sigmoid").mistakes if m.card == "sigmoid-overflow"]
    assert cards.slips("sigmoid-overflow")[: len(named)] == tuple(named)[: cards.SLIPS_SHOWN]
    assert cards.slips("no-such-card") == ()


@pytest.mark.usefixtures("one_idea")
def test_misconceptions_come_first_and_no_text_twice():
    found = cards.slips("sigmoid-formula")
    assert found[0] == "An idea of the bank's."
    assert len(set(found)) == len(found) == cards.SLIPS_SHOWN


@pytest.mark.parametrize(
    ("front", "numbers", "simple"),
    [
        ("no gap", [], True),
        ("{{c1::a}} and {{c3::b}}", [1, 3], True),
        ("{{c2::b}} and {{c1::a}}", [1, 2], True),
        ("{{c1::a}} and {{c1::b}}", [1], False),
        ("{{c1::a::hint}}", [1], False),
        ("{{c1::$a$}} then $b$", [1], True),
        ("$a$ then {{c1::b}} then $c$", [1], True),
        ("$a = {{c1::b}}$", [1], False),
        ("$$\na = {{c1::b}}\n$$", [1], False),
        ("`a[{{c1::0}}]`", [1], False),
        ("```python\na[{{c1::0}}]\n```", [1], False),
        (r"{{c1::$\left\{ x$}}", [1], True),
        ("{{c1::over\ntwo lines}}", [1], True),
    ],
)
def test_gaps_are_numbered_and_simple_ones_stand_in_the_open(front, numbers, simple):
    assert cards.numbers(gaps_of(front)) == numbers
    assert cards.simple(gaps_of(front)) is simple


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("{{c1::$x^{y^{2}}$}}", "gap c1 ends inside its LaTeX: write `} }` for `}}` there."),
        ("{{c1::a}} {{c2::$\\frac{1}{{2}}$}}", "gap c2 ends inside its LaTeX"),
        ("{{c1::`x[::2]`}}", "`::` inside gap c1 begins a hint: write `: :` in code."),
        ("{{c1::a}} {{c2::b", "a gap is not closed, or is empty; gaps are {{c1::like this}}."),
        ("{{c1::}}", "a gap is not closed, or is empty"),
    ],
)
def test_a_gap_that_would_be_cut_short_is_refused_by_name(front, says):
    with pytest.raises(BankError, match=re.escape(f"card made: {says}")):
        cards.gaps(gaps_of(front))


def test_a_card_with_two_sides_has_one_face():
    assert cards.faces(Card("made", "01", "losses", "front", "back")) == [("front", "back")]


def test_gaps_of_one_number_are_left_out_together():
    card = Card("made", "01", "losses", "{{c1::a}}, {{c2::b}}, {{c1::c::hint}}", "Why.")
    assert cards.faces(card) == [
        ("**[…]**, b, **[hint]**", "a, b, c\n\nWhy."),
        ("a, **[…]**, c", "a, b, c\n\nWhy."),
    ]


def test_a_gap_in_maths_leaves_a_box_and_no_blank_at_the_dollar():
    card = gaps_of("$z = {{c1::\\frac{1}{2} }}$ and $w = {{c2::3::a number}}$")
    assert cards.faces(card)[0] == ("$z = \\boxed{\\ldots}$ and $w = 3$", "$z = \\frac{1}{2}$ and $w = 3$")
    assert cards.faces(card)[1][0] == "$z = \\frac{1}{2}$ and $w = \\boxed{\\text{a number}}$"
