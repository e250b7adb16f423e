"""What one person has answered and when each card is due, kept in a file on this computer and sent nowhere.

The file is JSON: `version`, `responses` (one entry an answer, oldest first) and `cards` (by id: `due`, the state that the
scheduler keeps as `fsrs`, and `begun`, when it was first reviewed). It is written anew after every answer, beside itself
and then renamed, so that whoever is killed in the middle leaves the last answer or the one before.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from ..question import Question, QuizError, plain

VERSION = 1
# What fsrs keeps of a card (`fsrs.Card.to_dict`), which the file may hold before fsrs is asked for.
_IN_FSRS = {
    "card_id": int,
    "state": int,
    "step": int | None,
    "stability": float | None,
    "difficulty": float | None,
    "due": str,
    "last_review": str | None,
}
_IN_RESPONSE = {"question": dict, "answer": object, "right": bool | None, "when": str, "attempt": int}


class LearnerError(QuizError):
    """The file cannot be used; the text says which, why, and what to do."""


class Damaged(LearnerError):
    """The file holds something else than what was written."""


def learner_file() -> Path:
    """Where answers and cards are kept; delete it to begin anew."""
    return platformdirs.user_state_path("nnlib-course") / "quiz.json"


def utc_now() -> datetime:
    return datetime.now(UTC)


class Learner:
    """A person's answers and cards, as they stand in a file.

    Attributes:
        responses: see `answered`.
        cards: id -> {"due", "fsrs", "begun"}; a card that is not there is new.
    """

    def __init__(self, path: Path, responses: Iterable[dict] = (), cards: dict[str, dict] | None = None):
        self.path = path
        self.responses = list(responses)
        self.cards = dict(cards or {})

    def answered(
        self,
        question: Question,
        answer: object,
        right: bool | None,
        when: datetime,
        *,
        student: str = "",
        attempt: int = 1,
        mistake: str = "",
        points: float | None = None,
        due: Iterable[str] = (),
    ) -> None:
        """Keep an answer, make cards due, and write both.

        Args:
            right: None for an essay, which has `points` instead.
            mistake: what is behind a wrong answer.
            due: ids of the cards that it makes due now.
        Raises:
            LearnerError: the file cannot be written.
        """
        self.responses.append(
            {
                "question": question.record(),
                "kind": question.kind,
                "lesson": question.lesson,
                "student": student,
                "attempt": attempt,
                "answer": plain(answer),
                "right": right,
                "points": points,
                "mistake": mistake,
                "when": when.astimezone(UTC).isoformat(),
            }
        )
        for card in due:
            self.make_due(card, when)
        self.save()

    def make_due(self, card: str, when: datetime) -> None:
        """Put a card's date forward to `when`, where it is later or the card is new. The scheduler's state stays."""
        kept = self.cards.setdefault(card, {"due": None, "fsrs": None, "begun": None})
        if kept["due"] is None or _time(kept["due"]) > when:
            kept["due"] = when.astimezone(UTC).isoformat()

    def reviewed(self, card: str, state: dict, when: datetime) -> None:
        """Keep the state that the scheduler gave a card after a review, and write it."""
        begun = self.cards.get(card, {}).get("begun") or when.astimezone(UTC).isoformat()
        self.cards[card] = {"due": state["due"], "fsrs": state, "begun": begun}
        self.save()

    def due(self, card: str) -> datetime | None:
        """When a card is due; None where it is new."""
        kept = self.cards.get(card)
        return _time(kept["due"]) if kept else None

    def begun_on(self, when: datetime) -> int:
        """How many cards were reviewed for the first time on that day, by this computer's clock."""
        begun = (_time(kept["begun"]) for kept in self.cards.values() if kept["begun"])
        return sum(time.astimezone().date() == when.astimezone().date() for time in begun)

    def attempts(self, question: str, student: str) -> list[dict]:
        """This student's answers to a question, oldest first."""
        return [
            response
            for response in self.responses
            if response["question"]["template"] == question and response.get("student", "") == student
        ]

    def save(self) -> None:
        """Write the file: beside it first, on the disk before it takes the old one's place.

        Raises:
            LearnerError: it cannot be written; the old one stays.
        """
        text = json.dumps(
            {"version": VERSION, "responses": self.responses, "cards": self.cards}, ensure_ascii=False
        )
        beside = self.path.with_name(f"{self.path.name}.new")
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
            _sync_folder(self.path.parent)
        except OSError as error:
            raise LearnerError(
                f"{self.path} cannot be written ({error.strerror}): the last answer is not kept; free space or rights there"
            ) from error


@contextmanager
def opened(when: datetime, tell: Callable[[str], None], path: Path | None = None) -> Iterator[Learner]:
    """The person's file, which nobody else can open as long as this takes.

    Args:
        when: what a damaged file is named after when it is set aside.
        tell: is given one line where that happens.
    Raises:
        LearnerError: another terminal has it open, or it cannot be read, or a newer version wrote it.
    """
    path = path or learner_file()
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context(path.with_name(f"{path.name}.lock").open("a+b"))
            _take(lock, path)
            learner = _begin(path, when, tell)
        except OSError as error:
            raise LearnerError(
                f"{error.filename or path} cannot be used ({error.strerror}); answers are kept there, see to its rights"
            ) from error
        yield learner


def _begin(path, when, tell):
    try:
        return read(path)
    except Damaged as error:
        aside = _aside(path, when)
        path.rename(aside)
        tell(f"{error}; it is kept as {aside}, and a new one is begun")
        return Learner(path)


def read(path: Path | None = None) -> Learner:
    """The person's file, to look at and not to write; empty where there is none.

    Raises:
        Damaged: it is not what was written; the next quiz or review sets it aside.
        LearnerError: a newer version wrote it, or it cannot be read.
    """
    path = path or learner_file()
    try:
        data = json.loads(path.read_bytes().decode())
    except FileNotFoundError:
        return Learner(path)
    except OSError as error:
        raise LearnerError(f"{path} cannot be read ({error.strerror}); see to its rights") from error
    except (ValueError, RecursionError) as error:
        raise Damaged(f"{path} is damaged: no JSON ({str(error)[:80]})") from error
    if not isinstance(data, dict) or not isinstance(data.get("version"), int):
        raise Damaged(f"{path} is damaged: it has no version")
    if data["version"] > VERSION:
        raise LearnerError(
            f"{path} was written by a newer autograder (version {data['version']}, this one knows {VERSION}): update it"
        )
    responses, cards = data.get("responses"), data.get("cards")
    if not (isinstance(responses, list) and all(map(_is_response, responses))):
        raise Damaged(f"{path} is damaged: an entry of its responses is none")
    if not (isinstance(cards, dict) and all(map(_is_card, cards.values()))):
        raise Damaged(f"{path} is damaged: an entry of its cards is none")
    return Learner(path, responses, cards)


def _is_response(entry):
    return (
        _has(entry, _IN_RESPONSE)
        and isinstance(entry["question"].get("template"), str)
        and _is_time(entry["when"])
    )


def _is_card(entry):
    return (
        _has(entry, {"due": str, "begun": str | None, "fsrs": dict | None})
        and _is_time(entry["due"])
        and (entry["begun"] is None or _is_time(entry["begun"]))
        and (entry["fsrs"] is None or _is_state(entry["fsrs"]))
    )


def _is_state(entry):
    return (
        _has(entry, _IN_FSRS)
        and entry["state"] in (1, 2, 3)
        and _is_time(entry["due"])
        and (entry["last_review"] is None or _is_time(entry["last_review"]))
    )


def _has(entry, fields):
    return isinstance(entry, dict) and all(
        name in entry and isinstance(entry[name], kind) for name, kind in fields.items()
    )


def _is_time(text):
    try:
        return _time(text).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _time(text):
    return datetime.fromisoformat(text)


def _aside(path, when):
    """A name beside the file that nothing has yet."""
    stamp, number = f"{when.astimezone(UTC):%Y%m%dT%H%M%SZ}", 1
    while (aside := path.with_name(f"{path.stem}.damaged-{stamp}-{number}.json")).exists():
        number += 1
    return aside


def _sync_folder(folder):
    """Have the renaming on the disk as well; Windows has no such call, and does so by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take(lock, path):
    """Lock an open file for this process, until it is closed or the process ends in whatever way."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError) as error:
        raise LearnerError(
            f"{path} is open in another terminal: end the quiz or the review there, then try again"
        ) from error
