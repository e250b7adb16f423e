"""Answers and cards outlive whatever happens to the program and to the file."""

import json
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta

import pytest

from autograder.quiz import bank
from autograder.quiz.taking import learner
from autograder.quiz.taking.learner import Damaged, Learner, LearnerError, learner_file, opened, read

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def file(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return learner_file()


@pytest.fixture
def asked():
    return bank.questions(ids=["tanh-from-sigmoid"], student="ada")[0]


def refuse(line):
    raise AssertionError(f"nothing was to be told: {line}")


def answer_once(asked, when=NOON, **fields):
    with opened(when, refuse) as person:
        person.answered(asked, 0.5, False, when, student="ada", **fields)


def test_at_first_there_is_nothing_and_looking_makes_no_file(file):
    assert read().responses == []
    assert read().cards == {}
    assert not file.exists()


def test_an_answer_is_kept_with_the_variant_it_was_given_to(file, asked):
    answer_once(asked, mistake="tanh.off", attempt=3, due=["tanh-formula"])
    (kept,) = read().responses
    assert bank.find(asked.id).again(kept["question"]).stem == asked.stem
    assert {
        name: kept[name] for name in ("kind", "lesson", "student", "answer", "right", "mistake", "attempt")
    } == {
        "kind": "numeric",
        "lesson": "01_activations",
        "student": "ada",
        "answer": 0.5,
        "right": False,
        "mistake": "tanh.off",
        "attempt": 3,
    }
    assert kept["when"] == "2026-05-04T12:00:00+00:00"
    assert read().cards == {"tanh-formula": {"due": kept["when"], "fsrs": None, "begun": None}}
    assert json.loads(file.read_text())["version"] == 1


def test_times_are_kept_in_utc(asked):
    zone = datetime.fromisoformat("2026-05-04T14:00:00+02:00")
    answer_once(asked, zone, due=["tanh-formula"])
    assert read().responses[0]["when"] == "2026-05-04T12:00:00+00:00"
    assert read().due("tanh-formula") == NOON


def test_answers_of_students_and_questions_are_told_apart(asked):
    answer_once(asked)
    answer_once(asked, NOON + DAY)
    assert [entry["when"][:10] for entry in read().attempts(asked.id, "ada")] == ["2026-05-04", "2026-05-05"]
    assert read().attempts(asked.id, "bob") == []
    assert read().attempts("other", "ada") == []


def test_a_card_is_made_due_and_never_put_off(file):
    person = Learner(file, cards={"a": {"due": (NOON + DAY).isoformat(), "fsrs": None, "begun": None}})
    person.make_due("a", NOON)
    assert person.due("a") == NOON
    person.make_due("a", NOON + DAY)
    assert person.due("a") == NOON
    assert person.due("b") is None


def test_a_card_made_due_keeps_what_the_scheduler_knows(file):
    from fsrs import Card

    state = Card(card_id=1, due=NOON + 30 * DAY).to_dict()
    file.parent.mkdir(parents=True)
    person = Learner(file)
    person.reviewed("a", state, NOON)
    person.make_due("a", NOON + DAY)
    assert person.due("a") == NOON + DAY
    assert person.cards["a"]["fsrs"] == state


def test_new_cards_are_counted_by_the_day_on_which_they_were_begun(file):
    from fsrs import Card

    file.parent.mkdir(parents=True)
    person = Learner(file)
    for name, when in (("a", NOON), ("b", NOON), ("c", NOON + DAY), ("a", NOON + DAY)):
        person.reviewed(name, Card(card_id=1, due=when).to_dict(), when)
    person.make_due("d", NOON)
    assert (person.begun_on(NOON), person.begun_on(NOON + DAY), person.begun_on(NOON + 2 * DAY)) == (2, 1, 0)


def test_what_fsrs_keeps_is_what_the_file_may_hold(file):
    """A new release of fsrs that keeps something else shows here, not as a damaged file."""
    from fsrs import Card, Rating, Scheduler, State

    file.parent.mkdir(parents=True)
    person, by, card = Learner(file), Scheduler(enable_fuzzing=False), Card(card_id=1, due=NOON)
    states = set()
    for rating in (Rating.Again, Rating.Good, Rating.Good, Rating.Again, Rating.Hard, Rating.Easy):
        card, _ = by.review_card(card, rating, NOON)
        states.add(card.state)
        person.reviewed("a", card.to_dict(), NOON)
        assert Card.from_dict(read().cards["a"]["fsrs"]) == card
    assert states == set(State)


def test_two_terminals_do_not_write_at_once(asked):
    """A lock belongs to an open file, so that one process can ask twice; another process is asked below."""
    with (
        opened(NOON, refuse) as person,
        pytest.raises(LearnerError, match="open in another terminal: end the quiz or the review there"),
        opened(NOON, refuse),
    ):
        person.save()
    answer_once(asked)
    assert len(read().responses) == 1


def test_another_process_is_kept_out_and_may_look(asked):
    program = "from autograder.quiz.taking import learner as l\nprint(len(l.read().responses))\n"
    program += "with l.opened(l.utc_now(), print) as p: print('came in')"
    answer_once(asked)
    with opened(NOON, refuse):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout == "1\n"
    assert "open in another terminal" in done.stderr.splitlines()[-1]


def test_a_quiz_that_was_killed_leaves_no_lock(asked):
    program = "import os, signal\nfrom autograder.quiz.taking import learner as l\n"
    program += "with l.opened(l.utc_now(), print) as p: os.kill(os.getpid(), signal.SIGKILL)"
    done = subprocess.run([sys.executable, "-c", program], timeout=60)
    assert done.returncode == -9
    answer_once(asked)
    assert len(read().responses) == 1


def test_nothing_is_left_beside_the_file(file, asked):
    answer_once(asked)
    assert sorted(path.name for path in file.parent.iterdir()) == ["quiz.json", "quiz.json.lock"]


GOOD = {"version": 1, "responses": [], "cards": {}}
RESPONSE = {"question": {"template": "x"}, "answer": 1, "right": True, "when": NOON.isoformat(), "attempt": 1}
CARD = {"due": NOON.isoformat(), "fsrs": None, "begun": None}
DAMAGED = {
    "empty": b"",
    "cut off": b'{"version": 1, "resp',
    "no text": b"\xff\xfe\x00",
    "too deep": b"[" * 100_000,
    "a list": b"[]",
    "no version": b"{}",
    "no responses": json.dumps({"version": 1, "cards": {}}).encode(),
    "responses of another kind": json.dumps({**GOOD, "responses": [1]}).encode(),
    "a response without its question": json.dumps(
        {**GOOD, "responses": [{**RESPONSE, "question": {}}]}
    ).encode(),
    "a response without a time": json.dumps({**GOOD, "responses": [{**RESPONSE, "when": "noon"}]}).encode(),
    "a time without a zone": json.dumps({**GOOD, "responses": [{**RESPONSE, "when": "2026-05-04"}]}).encode(),
    "cards as a list": json.dumps({**GOOD, "cards": []}).encode(),
    "a card without a date": json.dumps({**GOOD, "cards": {"a": {**CARD, "due": None}}}).encode(),
    "a card with half a state": json.dumps({**GOOD, "cards": {"a": {**CARD, "fsrs": {"state": 1}}}}).encode(),
}


def test_a_file_of_these_entries_is_read(file):
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({**GOOD, "responses": [RESPONSE], "cards": {"a": CARD}}))
    assert read().due("a") == NOON


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_told_of_and_set_aside(file, asked, content):
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(Damaged, match="is damaged"):
        read()
    assert file.read_bytes() == content  # looking moves nothing
    lines = []
    with opened(NOON, lines.append) as person:
        person.answered(asked, 0.5, False, NOON)
    (line,) = lines
    assert "\n" not in line
    aside = file.with_name("quiz.damaged-20260504T120000Z-1.json")
    assert str(aside) in line
    assert aside.read_bytes() == content
    assert len(read().responses) == 1


def test_a_second_damaged_file_does_not_take_the_first_ones_place(file):
    file.parent.mkdir(parents=True)
    for content in (b"one", b"two"):
        file.write_bytes(content)
        with opened(NOON, lambda line: None):
            pass
    assert sorted(path.read_bytes() for path in file.parent.glob("quiz.damaged-*")) == [b"one", b"two"]


def test_a_file_of_a_newer_version_is_left_alone(file):
    file.parent.mkdir(parents=True)
    file.write_text('{"version": 2, "more": 1}')
    with (
        pytest.raises(LearnerError, match=r"newer autograder \(version 2, this one knows 1\): update it"),
        opened(NOON, refuse),
    ):
        pass
    assert file.read_text() == '{"version": 2, "more": 1}'
    assert [path.name for path in file.parent.glob("*.json")] == ["quiz.json"]


def test_a_folder_that_cannot_be_made_is_one_line(file):
    file.parent.parent.mkdir(parents=True, exist_ok=True)
    file.parent.write_text("a file where the folder should be")
    with pytest.raises(LearnerError, match="cannot be used") as caught, opened(NOON, refuse):
        pass
    assert str(file.parent) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_full_disk_keeps_the_answers_before(monkeypatch, asked):
    answer_once(asked)

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(learner.os, "fsync", full)
    with pytest.raises(LearnerError, match=r"cannot be written \(No space left on device\)"):
        answer_once(asked)
    assert len(read().responses) == 1


def test_an_error_of_the_quiz_itself_is_not_taken_for_one_of_the_file():
    with pytest.raises(BrokenPipeError), opened(NOON, refuse):
        raise BrokenPipeError(32, "Broken pipe")


KILLED = textwrap.dedent(
    """
    import os, random, signal, sys
    from autograder.quiz import bank
    from autograder.quiz.taking import learner
    from autograder.quiz.taking.learner import opened, read, utc_now

    asked = bank.questions(ids=["tanh-from-sigmoid"])[0]
    draw = random.Random(int(sys.argv[1]))

    def answer_until_killed(said):
        def die_at(step, call):
            def dying(*given, **named):
                if draw.random() < 0.1:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*given, **named)
            return dying
        # Killed before and after each step of writing, and in the middle of a line of JSON.
        learner.os.fsync = die_at("sync", os.fsync)
        learner.Path.replace = die_at("rename", learner.Path.replace)
        whole = learner.json.dumps
        def half(data, **named):
            text = whole(data, **named)
            if draw.random() < 0.1:
                beside = learner.learner_file().with_name("quiz.json.new")
                beside.write_text(text[: draw.randrange(len(text))])
                os.kill(os.getpid(), signal.SIGKILL)
            return text
        learner.json.dumps = half
        with opened(utc_now(), lambda line: os._exit(3)) as person:
            while True:
                person.answered(asked, 0.5, False, utc_now(), due=["tanh-formula"])
                os.write(said, b".")

    for _ in range(60):
        before = len(read().responses)
        heard, said = os.pipe()
        draw.random()
        child = os.fork()
        if not child:
            os.close(heard)
            answer_until_killed(said)
        os.close(said)
        kept = 0
        while got := os.read(heard, 4096):
            kept += len(got)
        os.close(heard)
        _, how = os.waitpid(child, 0)
        assert os.WIFSIGNALED(how) and os.WTERMSIG(how) == signal.SIGKILL, how
        now = len(read().responses)
        # Whatever was said to be kept is there, and at most the answer that was being written besides.
        assert before + kept <= now <= before + kept + 1, (before, kept, now)
        assert read().due("tanh-formula") is not None or now == 0
    print(len(read().responses))
    """
)


def test_whoever_is_killed_while_writing_leaves_a_file_that_reads(file):
    done = subprocess.run([sys.executable, "-c", KILLED, "5"], capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 60
    assert not list(file.parent.glob("*damaged*"))


KILLED_ANYWHERE = textwrap.dedent(
    """
    import os, random, signal, sys
    from autograder.quiz import bank
    from autograder.quiz.taking.learner import opened, read, utc_now

    asked = bank.questions(ids=["tanh-from-sigmoid"])[0]
    draw = random.Random(7)
    for _ in range(40):
        before = len(read().responses)
        heard, said = os.pipe()
        child = os.fork()
        if not child:
            os.close(heard)
            with opened(utc_now(), lambda line: os._exit(3)) as person:
                while True:
                    person.answered(asked, 0.5, False, utc_now())
                    os.write(said, b".")
        os.close(said)
        kept = 0
        for _ in range(draw.randrange(1, 5)):
            kept += len(os.read(heard, 1))
        for _ in range(draw.randrange(20_000)):
            pass  # somewhere in the next write
        os.kill(child, signal.SIGKILL)
        while got := os.read(heard, 4096):
            kept += len(got)
        os.close(heard)
        os.waitpid(child, 0)
        assert before + kept <= len(read().responses) <= before + kept + 1
    print(len(read().responses))
    """
)


def test_a_kill_from_outside_at_any_moment_leaves_a_file_that_reads():
    done = subprocess.run(
        [sys.executable, "-c", KILLED_ANYWHERE], capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 40
