"""The cards' text file, read by Anki itself, without its window."""

import re
from dataclasses import replace

import genanki
import pytest
from anki import import_export_pb2 as messages

from autograder.quiz import bank
from autograder.quiz.outlets import anki, tsv
from autograder.quiz.outlets.cards import numbers
from autograder.quiz.static import BankError, Card

pytestmark = pytest.mark.usefixtures("known_slips")

LESSON = "01_activations"
FORMULA = Card(
    "sigmoid-formula",
    LESSON,
    "activation functions",
    'What is "$\\sigma(0)$"?',
    "$½$\tor\n\n```\na = 1\n\n#b\n```",
)
GAPS = Card("gaps", "02_losses", "losses", "{{c1::0}} below, {{c2::$a < b$}} above.", "So.")
# One whose GUID begins with the sign of a comment.
HASH = next(
    Card(f"card-{n}", LESSON, "losses", "# front", "- back")
    for n in range(10**6)
    if genanki.guid_for("nnlib-course", f"card-{n}").startswith("#")
)
CARDS = [FORMULA, HASH, GAPS]


def imported(collection, path):
    metadata = collection.get_csv_metadata(str(path), None)
    return collection.import_csv(messages.ImportCsvRequest(path=str(path), metadata=metadata)).log


def built(place, cards=CARDS):
    (path,) = tsv.build([], cards, place, "Course")
    return path


def by_guid(collection, card):
    found = (collection.get_note(number) for number in collection.find_notes(""))
    return next(note for note in found if note.guid == anki.guid(card))


def test_the_head_says_what_the_columns_are(collection, tmp_path):
    metadata = collection.get_csv_metadata(str(built(tmp_path)), None)
    assert (metadata.guid_column, metadata.notetype_column, metadata.deck_column, metadata.tags_column) == (
        1,
        2,
        3,
        4,
    )
    assert metadata.is_html
    assert metadata.force_is_html


def test_notes_cards_decks_and_tags_arrive(collection, tmp_path):
    log = imported(collection, built(tmp_path))
    assert (len(log.new), log.found_notes) == (3, 3)
    assert (collection.note_count(), collection.card_count()) == (3, 4)
    note = by_guid(collection, GAPS)
    assert note.note_type()["name"] == "Cloze"
    assert note.tags == ["lesson::02_losses", "topic::losses"]
    assert {collection.decks.name(card.did) for card in note.cards()} == {"Course::02_losses"}


def test_fields_arrive_as_they_were(collection, tmp_path):
    imported(collection, built(tmp_path))
    formula = by_guid(collection, FORMULA)
    assert formula["Front"] == "<p>What is &quot;\\(\\sigma(0)\\)&quot;?</p>"
    assert "<pre><code>a = 1\n\n#b\n</code></pre>" in formula["Back"]
    assert "<b>Common slip</b></p><p>Your curve <em>falls</em>: σ(1) &lt; σ(0)." in formula["Back"]
    assert by_guid(collection, HASH)["Back"] == "<ul>\n<li>back</li>\n</ul>"
    assert by_guid(collection, GAPS)["Text"] == "<p>{{c1::0}} below, {{c2::\\(a &lt; b\\)}} above.</p>"


def test_importing_twice_adds_nothing(collection, tmp_path):
    imported(collection, built(tmp_path))
    log = imported(collection, built(tmp_path))
    assert (len(log.new), len(log.updated), len(log.duplicate)) == (0, 0, 3)


def test_a_changed_back_updates_the_note(collection, tmp_path):
    imported(collection, built(tmp_path))
    before = by_guid(collection, GAPS)
    log = imported(collection, built(tmp_path, [FORMULA, HASH, replace(GAPS, back="Else.")]))
    assert (len(log.new), len(log.updated)) == (0, 1)
    after = by_guid(collection, GAPS)
    assert (after.id, after["Back Extra"]) == (before.id, "<p>Else.</p>")


@pytest.mark.parametrize("package_first", [True, False])
def test_beside_the_package_nothing_comes_twice(collection, tmp_path, package_first):
    (path,) = anki.build([], CARDS, tmp_path, "Course")
    request = messages.ImportAnkiPackageRequest(package_path=str(path))
    steps = [lambda: collection.import_anki_package(request), lambda: imported(collection, built(tmp_path))]
    for step in steps if package_first else reversed(steps):
        step()
    assert (collection.note_count(), collection.card_count()) == (3, 4)


def test_a_gap_that_anki_would_cut_short_is_refused(tmp_path):
    with pytest.raises(BankError, match=re.escape("card gaps: gap c1 ends inside its LaTeX")):
        built(tmp_path / "new", [replace(GAPS, front="{{c1::$x^{y^{2}}$}}")])
    assert not (tmp_path / "new").exists()


def test_the_whole_bank_arrives_and_is_the_same_twice(collection, tmp_path, monkeypatch):
    monkeypatch.undo()
    cards = list(bank.cards().values())
    path = built(tmp_path, cards)
    assert len(imported(collection, path).new) == len(cards) > 0
    assert collection.card_count() == sum(len(numbers(card)) or 1 for card in cards)
    assert path.read_bytes() == built(tmp_path / "again", cards).read_bytes()
