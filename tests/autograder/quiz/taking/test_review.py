"""Cards come back when fsrs says so: later after good ratings, soon after a bad one, and at once after a wrong answer."""

import json
import re
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from typer.testing import CliRunner

from autograder.__main__ import app
from autograder.quiz import bank
from autograder.quiz.outlets.cards import slips
from autograder.quiz.question import QuizError
from autograder.quiz.taking import learner, review, units
from autograder.quiz.taking.readable import one_line

LESSON = "01_activations"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AGAIN, HARD, GOOD, EASY = review.RATINGS


@pytest.fixture(autouse=True)
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return learner.learner_file()


class Person:
    """Somebody who types lines, and a clock that stands still while they do."""

    def __init__(self, monkeypatch):
        self.lines, self.when = [], NOON
        monkeypatch.setattr("builtins.input", self.type)

    def type(self):
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)

    def review(self, ratings, **settings):
        """Review, with a rating for each card that is shown."""
        self.lines = [line for rating in ratings for line in ("", rating)]
        return review.review(**{"lesson": LESSON, **settings}, now=lambda: self.when)


@pytest.fixture
def person(monkeypatch):
    return Person(monkeypatch)


def run(*arguments, typed=""):
    done = CliRunner().invoke(app, ["cards", *arguments], input=typed)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return " ".join(done.output.split())


def through(*ratings, step=None):
    """A card's states over reviews, each when it is due (or `step` after the last)."""
    by, when, kept, states = review.scheduler(), NOON, None, []
    for rating in ratings:
        kept = review.rated(kept, "relu-formula", rating, when, by)
        states.append((datetime.fromisoformat(kept["due"]) - when, kept))
        when = when + step if step else datetime.fromisoformat(kept["due"])
    return states


def spans(*ratings, **settings):
    return [span for span, _ in through(*ratings, **settings)]


def test_intervals_grow_with_good_ratings():
    found = spans(GOOD, GOOD, GOOD, GOOD, GOOD, GOOD)
    assert found == sorted(found)
    assert found[0] == 10 * MINUTE
    assert found[2] > 2 * found[1] > 2 * DAY
    assert found[-1] > 90 * DAY


def test_the_interval_falls_after_again_and_is_shorter_than_before_it():
    grown = spans(GOOD, GOOD, GOOD, GOOD)[-1]
    after = spans(GOOD, GOOD, GOOD, GOOD, AGAIN, GOOD)
    assert after[4] == 10 * MINUTE
    assert DAY <= after[5] < grown


def test_the_better_the_rating_the_later_the_card():
    base = (GOOD, GOOD, GOOD)
    last = [spans(*base, rating)[-1] for rating in (AGAIN, HARD, GOOD, EASY)]
    assert last == sorted(last)
    assert len(set(last)) == 4


def test_the_same_ratings_give_the_same_dates():
    assert through(GOOD, GOOD, EASY, HARD, GOOD) == through(GOOD, GOOD, EASY, HARD, GOOD)


def test_a_state_survives_the_file(person):
    person.review([GOOD, GOOD], new_a_day=1)
    (kept,) = learner.read().cards.values()
    assert kept["fsrs"] == json.loads(json.dumps(kept["fsrs"]))
    assert kept["due"] == kept["fsrs"]["due"]


def test_new_cards_are_shown_until_the_days_limit_and_again_within_the_session(person, capsys):
    given = person.review([GOOD] * 6, new_a_day=3)
    assert given == Counter(good=6)  # each once more after its ten minutes: all have passed the first steps
    kept = learner.read()
    assert list(kept.cards) == [unit.id for unit in units.every().values() if unit.card.lesson == LESSON][:3]
    assert all(card["fsrs"]["state"] == review._LEARNED for card in kept.cards.values())
    text = " ".join(capsys.readouterr().out.split())
    assert text.startswith("0 due, 3 new.")
    assert "6 reviews: 6 good." in text
    assert re.search(r"Next due in \d day\w?", text)


def test_the_limit_of_new_cards_holds_for_the_day_and_not_the_session(person):
    person.review([EASY] * 3, new_a_day=3)
    assert person.review([EASY] * 3, new_a_day=3) == Counter()
    person.when += DAY
    assert person.review([EASY] * 3, new_a_day=3) == Counter(easy=3)
    assert len(learner.read().cards) == 6


def test_due_cards_come_before_new_ones_the_longest_due_first(person, capsys):
    names = [unit.id for unit in units.every().values() if unit.card.lesson == LESSON][5:8]
    with learner.opened(NOON, print) as kept:
        for days, name in zip((1, 3, 2), names, strict=True):
            kept.make_due(name, NOON - days * DAY)
        kept.save()
    person.review([EASY] * 4, new_a_day=10, limit=4)
    shown = re.findall(r"^(\S+)  01_activations ─", capsys.readouterr().out, re.MULTILINE)
    assert shown[:3] == [names[1], names[2], names[0]]
    assert shown[3] not in names
    assert len(shown) == 4


def test_a_card_comes_back_when_it_is_due_and_not_before(person):
    person.review([EASY], new_a_day=1)
    (name,) = learner.read().cards
    due = learner.read().due(name)
    assert due > NOON + DAY
    person.when = due - MINUTE
    assert person.review([GOOD], new_a_day=0) == Counter()
    person.when = due
    assert person.review([GOOD], new_a_day=0) == Counter(good=1)
    assert learner.read().due(name) - due > due - NOON


def test_again_brings_the_card_back_within_the_session(person):
    assert person.review([AGAIN, AGAIN, GOOD, GOOD], new_a_day=1) == Counter(again=2, good=2)
    (kept,) = learner.read().cards.values()
    assert kept["fsrs"]["state"] == review._LEARNED


def test_a_wrong_answer_in_a_quiz_makes_a_learned_card_due(person, monkeypatch):
    with learner.opened(NOON, print) as kept:
        by, state = review.scheduler(), None
        for _ in range(3):
            when = NOON if state is None else datetime.fromisoformat(state["due"])
            state = review.rated(state, "activation-definition", GOOD, when, by)
            kept.reviewed("activation-definition", state, when)
    assert learner.read().due("activation-definition") > NOON + 5 * DAY
    asked = bank.questions(ids=["what-is-an-activation"])[0]
    wrong = next(i for i, option in enumerate(asked.options) if option.mistake == "activation-mixes-units")
    person.lines = ["ABCD"[wrong]]
    from autograder.quiz.taking.take import take

    assert take(ids=[asked.id], now=lambda: NOON + DAY).due == ["activation-definition"]
    assert learner.read().due("activation-definition") == NOON + DAY
    person.when = NOON + DAY
    assert person.review([GOOD], new_a_day=0) == Counter(good=1)
    assert learner.read().due("activation-definition") > NOON + 2 * DAY


def test_a_new_card_that_a_quiz_made_due_is_shown_although_no_new_ones_are_left(person):
    with learner.opened(NOON, print) as kept:
        kept.make_due("relu-formula", NOON)
        kept.save()
    assert person.review([EASY], new_a_day=0) == Counter(easy=1)
    assert learner.read().cards["relu-formula"]["fsrs"]["state"] == review._LEARNED


def test_front_then_back_then_the_slips():
    card = bank.cards()["activation-definition"]
    text = run("review", "--lesson", LESSON, "--limit", "1", typed="\n3\n")
    front, back = one_line(card.front), one_line(card.back)
    assert text.index(front) < text.index("Enter shows the back") < text.index(back) < text.index("Slips")
    assert slips(card.id)
    assert all(one_line(each) in text for each in slips(card.id))
    assert "1 again (1 min), 2 hard (6 min), 3 good (10 min), 4 easy" in text
    assert "1 review: 1 good." in text


def test_the_back_is_not_shown_before_enter():
    card = bank.cards()["activation-definition"]
    assert one_line(card.back) not in run("review", "--lesson", LESSON, typed="")


def test_a_gap_is_empty_on_the_front_and_full_on_the_back(person, capsys):
    name = next(unit.id for unit in units.every().values() if unit.id.startswith("relu-and-its-slope"))
    unit = units.every()[name]
    with learner.opened(NOON, print) as kept:
        kept.make_due(name, NOON)
        kept.save()
    person.review([GOOD], lesson=unit.card.lesson, new_a_day=0, limit=1)
    front, _, back = capsys.readouterr().out.partition("Enter shows the back")
    assert "[…]" in front
    assert "{{" not in front + back
    assert "[…]" not in back
    assert " ".join(one_line(unit.back).split()[:4]) in " ".join(back.split())


def test_each_gap_of_a_cloze_is_learned_by_itself():
    found = [unit for unit in units.every().values() if unit.card.id == "relu-and-its-slope"]
    assert [unit.id for unit in found] == ["relu-and-its-slope#1", "relu-and-its-slope#2"]
    assert found[0].front != found[1].front
    assert found[0].back == found[1].back
    assert units.of(["relu-and-its-slope", "relu-formula", "no-such-card"]) == [
        "relu-and-its-slope#1", "relu-and-its-slope#2", "relu-formula",
    ]  # fmt: skip
    assert {unit.card.id for unit in units.every().values()} == set(bank.cards())


@pytest.mark.parametrize("rating", ["0", "5", "", "good", "٣", "1 2"])
def test_what_is_no_rating_is_asked_for_again(rating):
    text = run("review", "--lesson", LESSON, "--limit", "1", typed=f"\n{rating}\n4\n")
    assert "Type 1, 2, 3 or 4" in text
    assert "1 review: 1 easy." in text


@pytest.mark.parametrize("typed", ["q\n", "\nq\n", "\n3\nq\n", "\n3\n\nq\n", "\n3\n\n", "\n3\n"])
def test_stopping_keeps_what_was_rated(typed):
    text = run("review", "--lesson", LESSON, typed=typed)
    assert "Stopped. What was rated is kept." in text
    assert len(learner.read().cards) == typed.count("3")


def test_a_lesson_without_cards_is_one_line_that_says_which_there_are():
    with pytest.raises(QuizError, match="no cards of lesson '99_nothing'; there are some of 01_activations"):
        review.review("99_nothing")
    with pytest.raises(QuizError, match="no cards of lesson"):
        review.status("99_nothing")


def test_without_fsrs_one_line_says_how_to_get_it(monkeypatch, state):
    monkeypatch.setitem(sys.modules, "fsrs", None)
    with pytest.raises(QuizError, match=r"pip install 'nnlib-course\[quiz\]'"):
        review.review(LESSON)
    assert not state.exists()


def shown(table):
    console = Console(width=80)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def row(table, name):
    line = next(line for line in shown(table).splitlines() if name in line.split())
    return [int(number) for number in re.findall(r"│\s*(\d+) ", line)]


def test_status_counts_due_new_and_learned_by_lesson(person):
    def at(when):
        return review.status(now=lambda: when)

    mine = sum(unit.card.lesson == LESSON for unit in units.every().values())
    assert row(at(NOON), LESSON) == [mine, 0, mine, 0]
    assert row(at(NOON), "all") == [len(units.every()), 0, len(units.every()), 0]
    person.review([EASY, EASY, GOOD, AGAIN], new_a_day=4, limit=4)
    assert row(at(NOON), LESSON) == [mine, 0, mine - 4, 2]
    assert row(at(NOON + 15 * MINUTE), LESSON) == [mine, 2, mine - 4, 2]
    assert row(at(NOON + 60 * DAY), LESSON) == [mine, 4, mine - 4, 2]
    assert row(at(NOON), "02_activation_gradients")[1] == 0
    assert all(len(line) <= 80 for line in shown(at(NOON)).splitlines())


def test_status_of_one_lesson_through_the_command():
    text = run("status", "--lesson", LESSON)
    assert LESSON in text
    assert "02_activation_gradients" not in text


def test_learned_is_what_fsrs_calls_review():
    from fsrs import State

    assert State.Review.value == review._LEARNED


def test_every_face_of_the_bank_fits_into_80_columns_and_has_no_latex(capsys):
    from autograder.quiz.taking import screen

    for unit in units.every().values():
        screen.show(unit.front)
        screen.show(unit.back, indent=2)
    output = capsys.readouterr().out
    assert len(output) > 30_000
    assert re.findall(r"\\[a-zA-Z]+|\$[^ ]|\{\{", output) == []


@pytest.mark.parametrize(
    ("span", "words"),
    [(0 * DAY, "0 min"), (-DAY, "0 min"), (59 * MINUTE, "59 min"), (60 * MINUTE, "1 h"), (DAY, "1 day"), (100 * DAY, "3 months")],
)  # fmt: skip
def test_a_span_is_told_in_words(span, words):
    assert review.in_words(span) == words
