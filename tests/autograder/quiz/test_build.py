"""`autograder quiz build`, end to end over the real bank: every outlet, the same bytes again, and one line for errors."""

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograder.quiz import bank
from autograder.quiz import build as building
from autograder.quiz.build import build, known
from autograder.quiz.outlets import anki

EXPECTED = {
    "anki": {"cards.apkg"},
    "canvas": {"canvas.zip"},
    "gift": {"gift.txt"},
    "html": {"quiz.html"},
    "jupyter": {"jupyterquiz.json", "jupytercards.json"},
    "moodle": {"moodle.xml"},
    "obsidian": {f"cards-{lesson}.md" for lesson in {card.lesson for card in bank.cards().values()}},
    "sheet": {"sheet.html", "sheet-key.html"},
    "tsv": {"cards.tsv"},
}
SMALL = "06_autodiff"


def run(place, *options, hash_seed="1", expect=0):
    """The command in a process of its own: what it printed, and what it said of errors."""
    command = [sys.executable, "-m", "autograder", "quiz", "build", "--to", "out", *options]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "COLUMNS": "200", "TZ": f"UTC-{hash_seed}"}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
    assert done.returncode == expect, (done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout, done.stderr


def contents(place):
    """Each file's path below a folder, and a digest of its bytes."""
    files = sorted(path for path in Path(place).rglob("*") if path.is_file())
    return {str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    place = tmp_path_factory.mktemp("built")
    return place, *run(place)


def test_every_outlet_has_its_files(built):
    place, said, errors = built
    assert errors == ""
    found = {
        folder.name: {path.name for path in folder.rglob("*") if path.is_file()}
        for folder in (place / "out").iterdir()
    }
    assert set(found) == set(known()) >= set(EXPECTED)
    assert {name: found[name] for name in EXPECTED} == EXPECTED
    assert all(found.values())
    for name, files in found.items():
        (line,) = [line for line in said.splitlines() if line.startswith(f"{name}: ")]
        assert all(file in line for file in files if name in EXPECTED)


def test_no_file_is_empty_or_left_half_written(built):
    for path in (built[0] / "out").rglob("*"):
        assert path.is_dir() or path.stat().st_size > 1000, path
        assert path.suffix != ".part"
    assert ElementTree.parse(built[0] / "out/moodle/moodle.xml").getroot().tag == "quiz"
    for name in ("anki/cards.apkg", "canvas/canvas.zip"):
        with zipfile.ZipFile(built[0] / "out" / name) as archive:
            assert archive.testzip() is None


def test_what_an_outlet_cannot_carry_is_said_with_the_reason(built):
    _, said, _ = built
    essays = [question.id for question in bank.static().values() if question.kind == "essay"]
    lines = said.splitlines()
    start = next(i for i, line in enumerate(lines) if "jupyter cannot carry" in line)
    assert {f"{name}: jupyterquiz has no free text, and no rubric" for name in essays} <= {
        line.strip() for line in lines[start:]
    }
    assert not [line for line in lines if "html cannot carry" in line or "sheet cannot carry" in line]


def test_anki_is_told_when_the_bank_changed_last(built, tmp_path):
    """Else it would never take a changed card for newer than the one it has."""
    (path,) = anki.build(
        [], list(bank.cards().values()), tmp_path, "How neural networks learn", changed=bank.changed()
    )
    assert path.read_bytes() == (built[0] / "out/anki/cards.apkg").read_bytes()
    (path,) = anki.build(
        [], list(bank.cards().values()), tmp_path, "How neural networks learn", changed=bank.changed() + 9
    )
    assert path.read_bytes() != (built[0] / "out/anki/cards.apkg").read_bytes()


def test_a_second_build_in_another_process_has_the_same_bytes(built, tmp_path):
    run(tmp_path, hash_seed="7")
    assert contents(tmp_path / "out") == contents(built[0] / "out")


@pytest.mark.long
def test_a_build_over_an_older_one_changes_nothing(built, tmp_path):
    options = ("--lesson", SMALL, "--outlet", "html", "--outlet", "moodle")
    run(tmp_path, *options)
    before = contents(tmp_path / "out")
    run(tmp_path, *options, hash_seed="3")
    assert contents(tmp_path / "out") == before
    assert set(before) == {"html/quiz.html", "moodle/moodle.xml"}


def test_a_lesson_alone_has_its_questions_alone(tmp_path):
    run(tmp_path, "--lesson", SMALL, "--outlet", "html", "--outlet", "tsv")
    page = (tmp_path / "out/html/quiz.html").read_text(encoding="utf-8")
    assert page.count("<fieldset") == len(bank.questions(SMALL))
    table = (tmp_path / "out/tsv/cards.tsv").read_text(encoding="utf-8")
    ours = [card for card in bank.cards().values() if card.lesson == SMALL]
    assert ours
    assert len([line for line in table.splitlines() if "06" in line and line.startswith('"')]) >= len(ours)


def test_students_get_variants_of_their_own_and_the_same_again(tmp_path):
    def page(student):
        build(tmp_path / student, ["sheet"], student=student)
        return (tmp_path / student / "sheet/sheet.html").read_bytes()

    first, other = page("ada"), page("bob")
    assert first != other
    assert page("ada") == first


def test_variants_go_to_the_outlets_that_draw_one_and_to_no_other(tmp_path):
    one, three = tmp_path / "one", tmp_path / "three"
    names = ["gift", "moodle", "html", "sheet"]
    build(one, names, SMALL)
    build(three, names, SMALL, variants=3)
    for file in ("html/quiz.html", "sheet/sheet.html", "sheet/sheet-key.html"):
        assert (one / file).read_bytes() == (three / file).read_bytes()
    for file in ("gift/gift.txt", "moodle/moodle.xml"):
        assert (three / file).stat().st_size > 1.2 * (one / file).stat().st_size


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--outlet", "mooodle"), "autograder: no outlet 'mooodle'; there are anki, canvas, gift, html"),
        (
            ("--lesson", "99_cooking"),
            "autograder: no questions of lesson '99_cooking'; there are some of 01_act",
        ),
        (("--outlet", "html", "--outlet", "word"), "autograder: no outlet 'word'; there are anki"),
    ],
)
def test_an_unknown_name_is_one_line_and_nothing_is_written(tmp_path, options, says):
    said, errors = run(tmp_path, *options, expect=2)
    assert said == ""
    assert errors.startswith(says)
    assert len(errors.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_id_is_one_line_with_those_that_come_near():
    command = [sys.executable, "-m", "autograder", "quiz", "take", "--id", "sigmoid-valeu"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"})
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith(
        "autograder: no question 'sigmoid-valeu': did you mean sigmoid-value"
    )
    assert len(done.stderr.splitlines()) == 1


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "out").write_text("a file where the folder should be")
    _, errors = run(tmp_path, "--outlet", "html", expect=2)
    assert errors.startswith(f"autograder: {Path('out/html/quiz.html')} cannot be written")
    assert (tmp_path / "out").read_text() == "a file where the folder should be"


class Broken(Exception):
    pass


def test_an_outlet_that_fails_leaves_no_half_and_what_was_there_stays(tmp_path, monkeypatch):
    names = ["gift", "html", "sheet"]
    build(tmp_path, names, SMALL)
    before = contents(tmp_path)
    monkeypatch.setattr(building, "known", lambda: {**known.__wrapped__(), "html": Failing})
    with pytest.raises(Broken):
        build(tmp_path, names, SMALL)
    assert contents(tmp_path) == before  # gift was written anew, html and sheet were not touched

    fresh = tmp_path / "fresh"
    with pytest.raises(Broken):
        build(fresh, names, SMALL)
    assert list(contents(fresh)) == ["gift/gift.txt"]


class Failing:
    """An outlet that fails when it has read some of the questions."""

    @staticmethod
    def build(questions, cards, place, title):
        raise Broken(questions[3].id)


def test_a_disc_that_is_full_in_the_middle_of_a_file_leaves_the_old_one(tmp_path, monkeypatch):
    build(tmp_path, ["html"], SMALL)
    before = contents(tmp_path)

    def half(self, data):
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(Exception, match="cannot be written \\(No space left on device\\)"):
        build(tmp_path, ["html"], "01_activations")
    monkeypatch.undo()
    assert contents(tmp_path) == before
