"""The notes for Obsidian, read by the rules that the Spaced Repetition plugin documents."""

import re
from dataclasses import replace

import pytest

from autograder.quiz import bank
from autograder.quiz.outlets import cards as shared
from autograder.quiz.outlets import obsidian
from autograder.quiz.outlets.cards import numbers
from autograder.quiz.static import BankError, Card

LESSON = "01_activations"
SLIPS = ("Your curve *falls*: σ(1) < σ(0).", "Which `power` is it?", "Third.", "Fourth.")


@pytest.fixture(autouse=True)
def known_slips(monkeypatch):
    """A few slips in place of the bank's, whose wording may change; `monkeypatch.undo()` brings the bank's back."""
    monkeypatch.setattr(shared, "_slips", lambda: {"sigmoid-formula": SLIPS})


def card(front, back="", name="plain", topic="losses", lesson=LESSON):
    return Card(name, lesson, topic, front, back)


def built(place, cards):
    """The text of each file by its name."""
    return {
        path.name: path.read_text(encoding="utf-8") for path in obsidian.build([], cards, place, "Course")
    }


def read(text):
    """The cards as the plugin finds them: pairs of front and back, and (text, gaps) of a cloze.

    A blank line ends a card; `::` makes a card of its line; a line `?` parts the two sides; a pair of `==` on a line
    makes a gap. A fence is not looked into.
    """
    found = []
    for block in re.split(r"\n\s*\n", text):
        lines = re.sub(r"^```.*?^```", "(code)", block, flags=re.DOTALL | re.MULTILINE).strip().split("\n")
        found += [tuple(line.split("::")) for line in lines if "::" in line]
        marked = re.findall("==(.+?)==", "\n".join(line for line in lines if "::" not in line))
        if "?" in lines:
            assert not marked
            where = lines.index("?")
            found.append(("\n".join(lines[:where]), "\n".join(lines[where + 1 :])))
        elif marked:
            found.append(("\n".join(lines), marked))
    return found


def only(place, one):
    """What the plugin finds of a single card."""
    (text,) = built(place, [one]).values()
    return read(text)


def test_one_file_a_lesson_with_its_deck_and_topics(tmp_path):
    files = built(
        tmp_path,
        [
            card("a", "b", "first"),
            card("c", "d", "second", topic="softmax"),
            card("e", "f", "third"),
            card("g", "h", "fourth", lesson="02_losses"),
        ],
    )
    assert list(files) == ["cards-01_activations.md", "cards-02_losses.md"]
    assert files["cards-01_activations.md"] == (
        "#flashcards/nnlib/01_activations\n\n# Course: 01_activations\n\n"
        "## losses\n\na::b\n\ne::f\n\n## softmax\n\nc::d\n"
    )
    assert files["cards-02_losses.md"].startswith("#flashcards/nnlib/02_losses\n")


def test_two_sides_of_one_line_stand_on_one(tmp_path):
    assert only(tmp_path, card("What is $z$?", "A **score**.")) == [("What is $z$?", "A **score**.")]


def test_longer_sides_have_no_blank_line_within(tmp_path):
    (found,) = only(
        tmp_path, card("See:\n\n```\na = 1\n\nb = a == 1\n```\n\nand", "$$\nx < 1\n$$\n\n- one\n- two")
    )
    assert found == ("See:\n(code)\nand", "$$\nx < 1\n$$\n- one\n- two")


def test_each_gap_is_marked(tmp_path):
    (found,) = only(tmp_path, card("ReLU is {{c1::0}} below\n\nand {{c2::$z \\ge 0$}} above."))
    assert found == ("ReLU is ==0== below\nand ==$z \\ge 0$== above.", ["0", "$z \\ge 0$"])


@pytest.mark.parametrize(
    ("front", "back", "faces"),
    [
        ("$z = {{c1::\\frac{1}{2} }}$", "", [("$z = \\boxed{\\ldots}$", "$z = \\frac{1}{2}$")]),
        ("`a[{{c1::0}}]`", "", [("`a[[…]]`", "`a[0]`")]),
        ("{{c1::0::a number}} here", "", [("**[a number]** here", "0 here")]),
        ("{{c1::a}} or {{c1::b}}", "", [("**[…]** or **[…]**", "a or b")]),
        (
            "{{c1::a}} or {{c2::b}}",
            "Why.",
            [("**[…]** or b", "a or b\nWhy."), ("a or **[…]**", "a or b\nWhy.")],
        ),
    ],
)
def test_gaps_that_the_plugin_would_lose_become_questions(tmp_path, front, back, faces):
    assert only(tmp_path, card(front, back)) == faces


@pytest.mark.parametrize("sign", ["::", ":::", "==", "==="])
@pytest.mark.parametrize("around", ["a {0} b {0} c", "`a {0} b {0} c`", "$a {0} b {0} c$"])
def test_the_plugins_marks_in_a_text_make_no_card(tmp_path, sign, around):
    text = around.format(sign)
    (found,) = only(tmp_path, card(f"front {text}", f"back {text}\n\nmore"))
    front, back = found
    assert front.startswith("front ")
    assert back.endswith("\nmore")
    shown = front.removeprefix("front ").replace("&#58;", ":").replace("&#61;", "=")
    if "$" in around:
        assert shown.replace(" ", "") == text.replace(" ", "")
    else:
        assert shown.replace("<code>", "`").replace("</code>", "`") == text


def test_common_slips_stand_behind_the_answer(tmp_path):
    name = "sigmoid-formula"
    ((front, back),) = only(tmp_path, card("What is it?", "This.", name))
    assert front == "What is it?"
    assert back.count("*Common slip:* ") == shared.SLIPS_SHOWN
    assert back.startswith("This.\n*Common slip:* Your curve *falls*: σ(1) < σ(0).")


def test_a_gap_that_ends_inside_its_latex_is_refused(tmp_path):
    good = card("a", "b")
    with pytest.raises(BankError, match="card cut: gap c1"):
        built(tmp_path / "new", [good, replace(good, id="cut", front="{{c1::$x^{y^{2}}$}}")])
    assert not (tmp_path / "new").exists()


def test_the_plugin_finds_every_card_of_the_bank(tmp_path, monkeypatch):
    monkeypatch.undo()
    cards = list(bank.cards().values())
    files = built(tmp_path, cards)
    assert files == built(tmp_path, cards)
    assert len(files) == len({one.lesson for one in cards}) > 0
    found = [entry for text in files.values() for entry in read(text)]
    assert all(entry[0] and entry[1] for entry in found)
    count = sum(len(back) if isinstance(back, list) else 1 for _, back in found)
    assert count == sum(len(numbers(one)) or 1 for one in cards)
