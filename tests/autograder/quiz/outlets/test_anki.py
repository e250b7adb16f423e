"""The Anki package, read by Anki itself, without its window."""

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from anki import import_export_pb2 as messages

from autograder.quiz import bank
from autograder.quiz.outlets import anki
from autograder.quiz.outlets.cards import numbers
from autograder.quiz.static import BankError, Card
from nnlib import ACTIVATIONS

pytestmark = pytest.mark.usefixtures("known_slips")

DAY = 86400.0
LESSON = "01_activations"
FORMULA = Card(
    "sigmoid-formula",
    LESSON,
    "activation functions",
    "What is $\\sigma(z)$ for $z < 0$?",
    "$$\\frac{1}{1+e^{-z}}$$",
)
GAPS = Card(
    "relu-sides",
    LESSON,
    "activation gradients",
    "The slope of ReLU is {{c1::0}} for $z < 0$ and {{c2::$1^{2^{3} }$}} for $z > 0$.",
    "At 0 a convention decides.",
)
CODE = Card(
    "keep-dtype", "02_activation_gradients", "losses", "What is\n\n```python\na < b\n```", "**A** `bool`."
)
CARDS = [FORMULA, GAPS, CODE]
CURVES = [*CARDS, *(replace(FORMULA, id=f"{name.replace('_', '-')}-curve") for name in ACTIVATIONS)]


def imported(collection, path):
    """What Anki says of an import with the settings that its window begins with."""
    request = messages.ImportAnkiPackageRequest(package_path=str(path))
    return collection.import_anki_package(request).log


def built(place, cards=CARDS, **settings):
    (path,) = anki.build([], cards, place, "Course", **settings)
    return path


def note_of(collection, card):
    (found,) = collection.find_notes(f'"Id:{card.id}"')
    return collection.get_note(found)


def media(collection):
    return sorted(path.name for path in Path(collection.media.dir()).iterdir())


def test_notes_cards_decks_and_media_arrive(collection, tmp_path):
    log = imported(collection, built(tmp_path))
    assert (len(log.new), log.found_notes) == (3, 3)
    assert (collection.note_count(), collection.card_count()) == (3, 4)
    assert {deck.name for deck in collection.decks.all_names_and_ids()} == {
        "Default",
        "Course",
        "Course::01_activations",
        "Course::02_activation_gradients",
    }
    assert media(collection) == ["nnlib-relu.svg", "nnlib-sigmoid.svg"]
    assert note_of(collection, GAPS).tags == ["lesson::01_activations", "topic::activation-gradients"]


def test_importing_twice_adds_nothing(collection, tmp_path):
    path = built(tmp_path)
    imported(collection, path)
    log = imported(collection, path)
    assert (len(log.new), len(log.updated), len(log.duplicate)) == (0, 0, 3)
    assert collection.card_count() == 4


def test_a_newer_back_updates_the_note_and_keeps_what_was_learned(collection, tmp_path):
    imported(collection, built(tmp_path))
    before = note_of(collection, FORMULA)
    learned = before.cards()[0]
    learned.type, learned.queue, learned.ivl = 2, 2, 17
    collection.update_card(learned)
    changed = [replace(FORMULA, back="One over $1 + e^{-z}$.", version=2), *CARDS[1:]]
    log = imported(collection, built(tmp_path, changed, changed=bank.changed() + DAY))
    assert (len(log.new), len(log.updated)) == (0, 3), (
        "Anki goes by the time, and takes each note of a newer package"
    )
    after = note_of(collection, FORMULA)
    assert after.id == before.id
    assert after["Back"] == "<p>One over \\(1 + e^{-z}\\).</p>"
    assert after.cards()[0].ivl == 17


def test_a_package_that_is_not_newer_leaves_a_students_edit(collection, tmp_path):
    path = built(tmp_path)
    imported(collection, path)
    edited = note_of(collection, FORMULA)
    edited["Back"] = "my own words"
    collection.update_note(edited)
    imported(collection, path)
    assert note_of(collection, FORMULA)["Back"] == "my own words"


def test_new_cards_come_in_the_courses_order(collection, tmp_path):
    imported(collection, built(tmp_path))
    due = [note_of(collection, card).cards()[0].due for card in CARDS]
    assert due == sorted(set(due))


def test_both_sides_show_maths_and_code(collection, tmp_path):
    imported(collection, built(tmp_path))
    formula, code = (note_of(collection, card).cards()[0] for card in (FORMULA, CODE))
    assert "<p>What is \\(\\sigma(z)\\) for \\(z &lt; 0\\)?</p>" in formula.question()
    assert "\\[\\frac{1}{1+e^{-z}}\\]" in formula.answer()
    assert '<code class="language-python">a &lt; b\n</code>' in code.question()
    assert "<strong>A</strong> <code>bool</code>." in code.answer()


def test_each_gap_is_asked_for_and_then_shown(collection, tmp_path):
    imported(collection, built(tmp_path))
    first, second = note_of(collection, GAPS).cards()
    assert re.search(r"is <span class=\"cloze\"[^>]*>\[\.\.\.\]</span> for", first.question())
    assert re.search(r"<span class=\"cloze\"[^>]*>\[\.\.\.\]</span> for \\\(z &gt; 0", second.question())
    assert (
        re.search(r"<span class=\"cloze\"[^>]*>\\\(\\frac\{1\}\{1\} \}\\\)</span>", second.answer()) is None
    )
    assert "At 0 a convention decides." not in first.question()
    assert "At 0 a convention decides." in first.answer()


def test_the_common_slip_stands_on_the_answers_side(collection, tmp_path):
    imported(collection, built(tmp_path))
    asked = note_of(collection, FORMULA).cards()[0]
    assert "Common slip" not in asked.question()
    assert "Your curve <em>falls</em>: σ(1) &lt; σ(0)." in asked.answer()
    assert "Common slip" not in note_of(collection, replace(GAPS)).cards()[0].question()


def test_a_picture_is_drawn_has_a_text_and_belongs_to_its_card(collection, tmp_path):
    imported(collection, built(tmp_path))
    shown = note_of(collection, GAPS)["Picture"]
    assert shown.startswith(
        '<img src="nnlib-relu.svg" alt="f(z) as a solid line and f′(z), dashed, for |z| ≤ 5. ReLU'
    )
    assert "nnlib-relu.svg" not in note_of(collection, GAPS).cards()[0].question()
    drawing = ElementTree.parse(Path(collection.media.dir(), "nnlib-relu.svg"))
    assert drawing.getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert len(drawing.findall(".//{*}path")) > 10
    assert note_of(collection, CODE)["Picture"] == ""


@pytest.mark.parametrize(
    ("name", "topic", "activation"),
    [
        ("elu", "activation functions", "elu"),
        ("leaky-relu-kink", "activation gradients", "leaky_relu"),
        ("reluctant", "activation functions", ""),
        ("tanh-and-sigmoid", "activation functions", "tanh"),
        ("sigmoid-and-cross-entropy", "losses", ""),
    ],
)
def test_which_curve_a_card_shows(name, topic, activation):
    assert anki.activation(Card(name, LESSON, topic, "?", "!")) == activation


def test_the_same_cards_give_the_same_bytes_in_another_process(tmp_path, monkeypatch):
    monkeypatch.undo()
    program = (
        "from pathlib import Path; from autograder.quiz.static import Card; from autograder.quiz.outlets import anki;"
        f"anki.build([], {CURVES!r}, Path({str(tmp_path / 'other')!r}), 'Course')"
    )
    # Sets and dictionaries of texts come in another order there.
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONHASHSEED": "1"})
    here = built(tmp_path, CURVES)
    assert here.read_bytes() == (tmp_path / "other" / anki.FILE).read_bytes()
    with zipfile.ZipFile(here) as package:
        assert len(package.namelist()) == 2 + len(ACTIVATIONS)
        assert {entry.date_time[0] for entry in package.infolist()} == {1980}


@pytest.mark.parametrize(
    ("front", "says"),
    [
        ("Half is {{c1::$\\frac{1}{2^{x}}$}}.", "write `} }` for `}}`"),
        ("Every second is {{c1::`x[::2]`}}.", "write `: :` in code"),
        ("Left open {{c1::here", "is not closed"),
    ],
)
def test_a_gap_that_anki_would_cut_short_is_refused(tmp_path, front, says):
    with pytest.raises(BankError, match=re.escape(says)) as error:
        built(tmp_path / "new", [Card("cut", LESSON, "losses", front, "")])
    assert "card cut" in str(error.value)
    assert not (tmp_path / "new").exists()


def test_the_whole_bank_arrives(collection, tmp_path, monkeypatch):
    monkeypatch.undo()
    cards = list(bank.cards().values())
    log = imported(collection, built(tmp_path, cards))
    assert len(log.new) == len(cards) > 0
    assert collection.card_count() == sum(len(numbers(card)) or 1 for card in cards)
    pictured = {anki.activation(card) for card in cards} - {""}
    assert len(media(collection)) == len(pictured) > 0
    unused = collection.media.check()
    assert (list(unused.missing), list(unused.unused)) == ([], [])
    empty = collection.get_empty_cards()
    assert not empty.notes
