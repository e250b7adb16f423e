"""What a class answered, from whatever file it stands in, as one table.

    student, item,          score, points, answer,  attempt
    "ada",   "relu-slope",  0,     1,      "0.5",   1

Files of Moodle and Canvas are read by `lms_reports`; here are our own JSON, a plain CSV, and what all share: encodings,
files that belong together, questions found in the bank, and which attempt counts.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..taking import learner
from . import lms_reports
from .matching import Matcher
from .response_files import EXPECTED, Response, UnreadableResponses, decoded, number, shortened, table_of

PLAIN = ("student", "item", "score")
LAST, BEST = "last", "best"


@dataclass
class Table:
    """Responses, one of each student to each item, and what a reader should know of how they came about.

    Attributes:
        known: texts of the items by name, where a file or the bank has one.
        notes: what was left out, and why.
    """

    rows: list[Response]
    notes: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)


def read(paths: Sequence[Path], attempt: str = LAST, variants: int = 1) -> Table:
    """The responses of one quiz.

    Args:
        paths: its files. Moodle's Responses and Grades are joined; of our own there is one for each student.
        attempt: "last" or "best": which of a student's attempts counts.
        variants: how many of each computed question were built for Moodle or Canvas.
    Raises:
        UnreadableResponses: a file has another format, is damaged, or does not go with the others.
    """
    if attempt not in (LAST, BEST):
        raise UnreadableResponses(f"attempt is {LAST!r} or {BEST!r}, not {attempt!r}")
    found: dict[tuple, tuple[Response, Path]] = {}
    notes: list[str] = []
    for path in paths:
        rows, said = _read_file(path)
        notes += [f"{path.name}: {line}" for line in said]
        _join(found, rows, path)
    if not found:
        raise UnreadableResponses(f"{', '.join(map(str, paths))}: no student's answers are in it.")
    matcher = Matcher(variants)
    matched = [matcher.match(row) for row, _ in found.values()]
    notes += matcher.notes(matched)
    chosen = _choose(matched, attempt)
    if len(chosen) < len(matched):
        notes.append(
            f"Of several attempts the {attempt} one counts; {len(matched) - len(chosen)} answers are not used."
        )
    unmarked = sorted({row.item for row in chosen if row.score is None})
    if unmarked:
        waiting = sum(row.score is None for row in chosen)
        notes.append(f"{waiting} answers have no marks yet and are left out, of {', '.join(unmarked)}.")
    table = Table([row for row in chosen if row.score is not None], notes)
    table.known = {row.item: text for row in table.rows if (text := matcher.text(row))}
    if not table.rows:
        raise UnreadableResponses(
            f"{', '.join(map(str, paths))}: no answer has marks, and none could be marked by the bank. From Moodle, "
            "tick “right answer” for the Responses report, or give its Grades report too."
        )
    return table


def _read_file(path):
    text = decoded(path)
    if not text.strip():
        raise UnreadableResponses(f"{path} is empty. {EXPECTED}")
    if text.lstrip().startswith(("[", "{")):
        try:
            given = json.loads(text)
        except ValueError as error:
            raise UnreadableResponses(
                f"{path} is damaged JSON, or none ({error}). Export it again. {EXPECTED}"
            ) from error
        if isinstance(given, dict):
            if not {"responses", "cards"} <= set(given):
                named = ", ".join(f"“{shortened(name, 20)}”" for name in list(given)[:6]) or "nothing"
                raise UnreadableResponses(f"{path} is JSON with {named}. {EXPECTED}")
            return _own(path)
        header, lines = lms_reports.table_of_json(given, path)
    elif text.lstrip().startswith("<"):
        raise UnreadableResponses(f"{path} is XML or a web page, such as a question bank. {EXPECTED}")
    else:
        header, lines = table_of(text, path)
    if set(PLAIN) <= {name.casefold() for name in header}:
        return _plain([name.casefold() for name in header], lines, path)
    return lms_reports.read(header, lines, path)


def _plain(header, lines, path):
    rows, seen, notes = [], defaultdict(int), []
    for line, cells in enumerate(lines, 2):
        row = dict(zip(header, map(str.strip, cells), strict=True))
        if not row["student"] or not row["item"]:
            raise UnreadableResponses(f"{path}, line {line}: student and item must not be empty.")
        points = number(row.get("max") or "1", path, f"line {line}: max")
        score = number(row["score"], path, f"line {line}: score") if row["score"] else None
        if points <= 0 or (score is not None and not 0 <= score <= points):
            raise UnreadableResponses(
                f"{path}, line {line}: the score {row['score']} is not between 0 and {points:g}; "
                "a column “max” says what each item gives."
            )
        who, what = shortened(row["student"]), shortened(row["item"])
        seen[who, what] += 1
        attempt = row.get("attempt") or str(seen[who, what])
        attempt = int(number(attempt, path, f"line {line}: attempt"))
        rows.append(
            Response(who, what, score, points, row.get("answer", ""), attempt, mistake=row.get("mistake", ""))
        )
    return rows, notes


def _own(path):
    """What `autograder quiz take` keeps; a file that names no student is one student's, called as the file is."""
    rows, seen = [], defaultdict(int)
    for answer in learner.read(path).responses:
        record, right = answer["question"], answer["right"]
        who = shortened(answer.get("student") or path.stem)
        item = shortened(record["template"])
        seen[who, item] += 1
        rows.append(
            Response(
                who,
                item,
                None if right is None else float(right),  # an essay has only what the student thinks of it
                answer=_text(answer["answer"]),
                attempt=seen[who, item],
                mistake=str(answer.get("mistake") or ""),
                record=record,
            )
        )
    return rows, []


def _text(answer):
    if isinstance(answer, list):
        return "; ".join(map(_text, answer))
    if isinstance(answer, dict):
        return "; ".join(_text(value) for value in answer.values())
    return "" if answer is None else str(answer)


def _join(found, rows, path):
    """Add a file's rows; what another file says of the same answer goes together with it."""
    for row in rows:
        key = row.student, row.item, row.attempt
        before = found.get(key)
        if before is None:
            found[key] = row, path
            continue
        old, other = before
        if other == path or (old.score is not None and row.score is not None):
            raise UnreadableResponses(
                f"{path}: {row.student} has marks for {row.item} twice"
                + ("." if other == path else f", also in {other}. Give the files of one quiz, each once, ")
                + ("" if other == path else "and name each student's own file after the student.")
            )
        marked, unmarked = (row, old) if row.score is not None else (old, row)
        texts = {
            name: getattr(unmarked, name)
            for name in ("answer", "question", "right")
            if getattr(unmarked, name)
        }
        found[key] = replace(marked, **texts), path


def _choose(rows, attempt):
    """One attempt of each student: as a whole where all have the same items, else item by item."""
    attempts = defaultdict(lambda: defaultdict(list))
    for row in rows:
        attempts[row.student][row.attempt].append(row)
    chosen = []
    for tries in attempts.values():
        slots = {frozenset(row.slot for row in made) for made in tries.values()}
        groups = [tries] if len(slots) == 1 else _by_slot(tries)
        for group in groups:
            chosen += group[max(group, key=lambda n: (_total(group[n]) if attempt == BEST else 0, n))]
    return chosen


def _by_slot(tries):
    slots = defaultdict(dict)
    for n, made in tries.items():
        for row in made:
            slots[row.slot][n] = [row]
    return list(slots.values())


def _total(rows):
    return sum(row.score or 0 for row in rows)
