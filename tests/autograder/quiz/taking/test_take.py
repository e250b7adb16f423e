"""A quiz in the terminal: what it shows, what it keeps, and how it ends."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from autograder.__main__ import app
from autograder.quiz import bank
from autograder.quiz.answers import in_order
from autograder.quiz.question import QuizError
from autograder.quiz.taking import learner
from autograder.quiz.taking.readable import one_line
from autograder.quiz.taking.take import take
from autograder.text import clean_text

LESSON = "01_activations"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HINTED = "sigmoid-mirror"  # numeric or single, with one hint


@pytest.fixture(autouse=True)
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return learner.learner_file()


def run(*arguments, typed=""):
    """The command in 80 columns without colours, with lines typed into it."""
    done = CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}).invoke(
        app, ["quiz", "take", *arguments], input=typed
    )
    assert done.exception is None or isinstance(done.exception, SystemExit | QuizError), done.exception
    return done


def said(text):
    """A text as one line, whatever the width it was wrapped to."""
    return " ".join(text.split())


def letter(asked, right):
    return next(chr(ord("A") + i) for i, option in enumerate(asked.options) if option.right is right)


def variant(name, student="", attempt=1):
    return bank.questions(ids=[name], student=student, attempt=attempt)[0]


def test_a_right_answer_is_said_to_be_right_and_explained():
    asked = variant("what-is-an-activation")
    done = run("--id", asked.id, typed=letter(asked, True).lower())
    text = said(done.output)
    assert done.exit_code == 0
    assert "Right." in text
    assert "Not right" not in text
    assert said(one_line(asked.explanation)) in text
    assert "1 of 1 right." in text
    assert learner.read().cards == {}


def test_a_wrong_answer_is_diagnosed_and_makes_its_cards_due():
    asked = variant("what-is-an-activation")
    place = next(i for i, option in enumerate(asked.options) if not option.right)
    chosen = asked.options[place]
    text = said(run("--id", asked.id, typed="ABCD"[place]).output)
    assert "Not right." in text
    assert said(one_line(chosen.says)) in text
    assert f"The right answer: {letter(asked, True)}" in text
    assert "0 of 1 right." in text
    assert f"{asked.id}: What is an activation function?" in text
    assert "autograder cards review" in text
    kept = learner.read()
    (response,) = kept.responses
    assert response["mistake"] == chosen.mistake
    assert response["answer"] == chosen.text
    assert kept.due(bank.card_of(chosen.mistake)) == datetime.fromisoformat(response["when"])
    assert {bank.card_of(chosen.mistake), *asked.cards} == set(kept.cards)


def test_a_typed_number_is_traced_to_its_mistake():
    asked = variant("tanh-from-sigmoid")
    wrong = next(option for option in asked.options if not option.right)
    text = said(run("--id", asked.id, typed=f"{wrong.value}\n").output)
    assert said(one_line(wrong.says)) in text
    assert learner.read().responses[0]["mistake"] == wrong.mistake


def test_what_cannot_be_read_is_asked_for_again_and_kept_nowhere():
    asked = variant("tanh-from-sigmoid")
    text = said(run("--id", asked.id, typed=f"\nabc\n{asked.key}\n").output)
    assert "nothing was typed: type a number" in text
    assert "'abc' cannot be read here: type a number, such as 0.25" in text
    assert "1 of 1 right." in text
    assert len(learner.read().responses) == 1


def test_hints_come_one_by_one_until_there_is_none():
    asked = variant(HINTED)
    text = said(run("--id", asked.id, typed="?\n?\ns\n").output)
    assert said(f"Hint: {one_line(asked.hints[0])}") in text
    assert text.count("There is no further hint.") == 3 - len(asked.hints) - 1
    assert "1 skipped, 0 not reached." in text
    assert learner.read().responses == []


def test_stopping_keeps_what_was_answered(state):
    asked = variant("what-is-an-activation")
    done = run("--id", asked.id, "--id", "straight-activations", typed=f"{letter(asked, True)}\nQ\n")
    assert done.exit_code == 0
    assert "Stopped. What was answered is kept." in done.output
    assert "1 of 1 right." in done.output
    assert "0 skipped, 1 not reached." in done.output
    assert len(learner.read().responses) == 1


def test_the_end_of_the_input_stops_as_well():
    done = run("--id", "what-is-an-activation", typed="")
    assert done.exit_code == 0
    assert "Stopped." in done.output


def test_ctrl_c_stops_as_well(monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    assert take(ids=["what-is-an-activation"]).right == []


def test_input_that_is_no_text_is_one_line(monkeypatch):
    def spoilt():
        return b"\xff".decode()

    monkeypatch.setattr("builtins.input", spoilt)
    with pytest.raises(QuizError, match="no text in UTF-8"):
        take(ids=["what-is-an-activation"])


def typed_key(asked):
    if asked.kind == "cloze":
        return "; ".join(blank.answers[0] for blank in in_order(asked))
    if asked.kind == "short":
        return asked.accepted[0]
    letters = {option.text: chr(ord("A") + i) for i, option in enumerate(asked.options)}
    if asked.kind in ("order", "multiple"):
        return " ".join(letters[text] for text in asked.key)
    if asked.kind in ("single", "find-the-error"):
        return letter(asked, True)
    rows = {"numeric": [[asked.key]], "vector": [asked.key]}.get(asked.kind, asked.key)
    return "; ".join(", ".join(map(str, row)) for row in rows)


WRONG = {
    "cloze": "0",
    "short": "nothing of the kind",
    "numeric": "-98765",
    "vector": "-98765",
    "matrix": "-98765",
}


def one_of_each():
    kinds = {}
    for asked in bank.questions():
        kinds.setdefault(asked.kind, asked.id)
    return {kind: name for kind, name in kinds.items() if kind != "essay"}


@pytest.mark.parametrize("kind", one_of_each())
def test_every_kind_can_be_answered_right_and_wrong_and_shows_its_key(kind):
    name = one_of_each()[kind]
    asked = variant(name)
    text = run("--id", name, "--attempt", "1", typed=typed_key(asked) + "\n").output
    assert "1 of 1 right." in text, text
    wrong = WRONG.get(kind) or (letter(asked, False) if kind != "order" else typed_key(asked)[::-1])
    if kind == "cloze":
        wrong = "; ".join(["0"] * len(asked.blanks))
    text = run("--id", name, "--attempt", "1", typed=wrong + "\n").output
    assert "0 of 1 right." in text, text
    assert re.search(r"The (right answer|right order|gaps):", text)
    assert [entry["right"] for entry in learner.read().responses] == [True, False]


def essay(typed):
    return run("--id", "exam-feed-forward-recurrent", typed=typed)


def test_an_essay_is_assessed_with_rubric_and_model_by_who_wrote_it():
    asked = variant("exam-feed-forward-recurrent")
    text = said(essay("It bends.\nAgain and again.\n\n1\n0,5\n2\n1\n1/2\n1\n").output)
    assert said(one_line(asked.model)) in text
    assert all(said(one_line(line.says)) in text for line in asked.rubric)
    assert "'2' is no number from 0 to 1." in text
    assert "4 of 5 by your own marking." in text
    assert "1 written and assessed by yourself." in text
    (kept,) = learner.read().responses
    assert (kept["answer"], kept["right"], kept["points"]) == ("It bends.\nAgain and again.", None, 4.0)
    assert learner.read().cards == {}


def test_a_poor_essay_makes_its_cards_due():
    asked = variant("exam-feed-forward-recurrent")
    assert "autograder cards review" in essay("No idea.\n\n0\n0\n0\n1\n1\n").output
    assert set(learner.read().cards) >= {name for name in asked.cards if not bank.cards()[name].is_cloze}


def test_an_essay_that_is_not_assessed_to_its_end_is_kept_without_points():
    assert "Stopped." in essay("It bends.\n\n1\nq\n").output
    (kept,) = learner.read().responses
    assert (kept["answer"], kept["points"]) == ("It bends.", None)


def test_an_empty_essay_is_skipped():
    assert "1 skipped" in essay("\n").output
    assert learner.read().responses == []


def test_written_questions_come_only_when_they_are_asked_for():
    kinds = {variant(name).kind for name in asked_ids(run(LESSON, "--count", "99", typed="s\n" * 99).output)}
    assert "essay" not in kinds
    assert len(kinds) > 4
    found = asked_ids(run(LESSON, "--essays", "--count", "99", typed="\n" * 99).output)
    assert found
    assert {variant(name).kind for name in found} == {"essay"}


def asked_ids(output):
    return re.findall(r"^\d+/\d+  (\S+)", output, re.MULTILINE)


def test_count_and_lesson_choose():
    found = asked_ids(run(LESSON, "--count", "4", typed="s\n" * 4).output)
    assert len(set(found)) == 4
    assert {variant(name).lesson for name in found} == {LESSON}


def test_what_was_not_asked_comes_first_then_what_went_wrong():
    clock = iter(NOON + timedelta(minutes=i) for i in range(10_000))
    names = [one.id for one in bank.questions(LESSON) if one.kind in ("single", "find-the-error")][:3]
    first, second, third = (variant(name) for name in names)
    with learner.opened(NOON, print) as person:
        for asked, right in ((first, True), (second, False), (first, True)):
            person.answered(asked, "", right, next(clock))
    from autograder.quiz.taking.take import _chosen

    assert _chosen(learner.read(), names, "") == [third.id, second.id, first.id]
    assert _chosen(learner.read(), names, "somebody else") != []


def test_each_attempt_has_new_numbers_and_the_same_attempt_has_the_same():
    runs = [run("--id", "tanh-from-sigmoid", typed="7\n").output for _ in range(3)]
    assert [entry["attempt"] for entry in learner.read().responses] == [1, 2, 3]
    assert len({json.dumps(entry["question"]["params"]) for entry in learner.read().responses}) > 1
    assert len(set(runs)) > 1
    again = run("--id", "tanh-from-sigmoid", "--attempt", "1", typed="7\n").output
    assert asked_stem(again) == asked_stem(runs[0])
    other = run("--id", "tanh-from-sigmoid", "--attempt", "1", "--student", "ada", typed="7\n").output
    assert asked_stem(other) == said(one_line(variant("tanh-from-sigmoid", "ada").stem))


def asked_stem(output):
    return said(output.partition("─\n")[2].partition("Type ")[0])


def test_a_response_finds_its_variant_again():
    run("--id", "tanh-from-sigmoid", "--student", "ada", typed="7\n")
    (kept,) = learner.read().responses
    assert bank.find("tanh-from-sigmoid").again(kept["question"]) == variant("tanh-from-sigmoid", "ada")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["99_nothing"], "no questions of lesson '99_nothing'; there are some of 01_activations"),
        (
            ["--id", "sigmoid-mirror", "--id", "sigmoid-mirorr"],
            "no question 'sigmoid-mirorr': did you mean sigmoid-mirror",
        ),
    ],
)
def test_what_there_is_not_is_one_line_that_says_what_there_is(arguments, line, state):
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "quiz", "take", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert done.returncode == 2
    assert line in done.stderr
    assert done.stderr.count("\n") == 1
    assert not state.exists()


def test_what_is_typed_cannot_paint_the_terminal():
    asked = variant("gate-of-a-memory")
    output = run("--id", asked.id, typed="\x1b[31m[bold]x[/bold]\x1b[0m\n").output
    assert "\x1b" not in output
    assert learner.read().responses[0]["answer"] == "[bold]x[/bold]"
    assert "'[red]x' cannot be read" in run("--id", "tanh-from-sigmoid", typed="[red]x\n").output


class Terminal:
    """A command in a real terminal of 80 columns, line by line."""

    def __init__(self, *arguments):
        self.raw, self.seen, self.at = b"", "", 0
        self.process, self.master = pty.fork()
        if not self.process:
            os.execve(
                sys.executable,
                [sys.executable, "-m", "autograder", *arguments],
                {**os.environ, "TERM": "xterm", "NO_COLOR": "1"},
            )
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def until(self, text, seconds=30):
        """Read until a text has come that was not found yet; what came before it."""
        end, start = time.monotonic() + seconds, self.at
        while (found := self.seen.find(text, start)) < 0:
            assert select.select([self.master], [], [], max(0, end - time.monotonic()))[0], self.seen
            assert self._read(), f"ended before {text!r}: {self.seen}"
        self.at = found + len(text)
        return self.seen[start:found]

    def _read(self):
        try:
            part = os.read(self.master, 65536)
        except OSError:  # the other side has closed: how Linux tells the end
            return False
        self.raw += part
        self.seen = clean_text(self.raw.decode(errors="ignore"))
        return bool(part)

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """Wait for the command's end; its exit code."""
        while self._read():
            pass
        os.close(self.master)
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])


def test_in_a_real_terminal_one_answers_asks_for_a_hint_and_stops_with_ctrl_c():
    asked = variant("what-is-an-activation")
    here = Terminal("quiz", "take", "--id", asked.id, "--id", HINTED)
    assert "What is an activation function?" in here.until("such as B: ")
    here.type(f"{letter(asked, True)}\n")
    assert "Right." in here.until("such as B: ")
    here.type("?\n")
    here.until("Hint: ")
    here.until("such as B: ")
    here.type("\x03")
    assert here.end() == 0
    assert "1 of 1 right." in here.seen
    assert "1 not reached" in here.seen
    assert "Traceback" not in here.seen
    assert all(len(line.rstrip()) <= 80 for line in here.seen.splitlines() if not line.startswith("Type "))
    assert len(learner.read().responses) == 1


def test_a_terminal_that_is_closed_leaves_what_was_answered():
    asked = variant("what-is-an-activation")
    here = Terminal("quiz", "take", "--id", asked.id, "--id", HINTED)
    here.until("such as B: ")
    here.type(f"{letter(asked, True)}\n")
    here.until("Type ")
    os.kill(here.process, signal.SIGKILL)
    assert here.end() == -signal.SIGKILL
    assert len(learner.read().responses) == 1


def test_a_second_terminal_is_told_that_the_first_is_there():
    first = Terminal("quiz", "take", "--id", HINTED)
    first.until("Type ")
    second = Terminal("quiz", "take", "--id", HINTED)
    assert second.end() == 2
    assert "open in another terminal" in said(second.seen)
    first.type("q\n")
    assert first.end() == 0
