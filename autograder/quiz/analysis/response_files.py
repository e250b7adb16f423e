"""One response, and how a file of them is opened: encodings, CSV, numbers, and what to say of another file."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from ...text import clean_text
from ..numerals import read_number
from ..question import QuizError

EXPECTED = (
    "Expected one of: Moodle's quiz report “Responses” or “Grades” (Results, then Download table data as CSV or JSON); "
    "Canvas's “Student Analysis” (Quiz Statistics, CSV); the answers that `autograder quiz take` keeps (JSON); "
    "a CSV with the columns student, item, score and, if you like, max, answer, mistake, attempt."
)
MAX_ID = 200


class UnreadableResponses(QuizError):
    """A file of responses is not as it must be; the text says which, where, and what to do."""


@dataclass(frozen=True)
class Choice:
    """One option that was chosen, or one wrong answer that was recognised.

    Attributes:
        label: its text; for a computed question, whose texts differ from student to student, the mistake behind it.
        right: None where nothing says.
        mistake: `exercise.mistake` or the id of a misconception, "" where none is known.
    """

    label: str
    right: bool | None = None
    mistake: str = ""


@dataclass(frozen=True)
class Response:
    """What one student gave to one item at one attempt.

    Attributes:
        item: what the file calls it, and once it is found in the bank its id there.
        score: marks in [0, points]; None where nobody has marked it yet.
        answer: as it was typed or chosen, "" for none.
        question, right: texts of the question and of its right answer, where the file has them.
        mistake: where the file names it.
        record: what our own files keep of the question.
        slot: what the file calls the item, kept when it is found in the bank.
        choices: what of the bank the answer comes to, or the answer itself.
        offered: the options that this student could choose from, () where an answer is typed; None where the bank
            does not know.
    """

    student: str
    item: str
    score: float | None
    points: float = 1.0
    answer: str = ""
    attempt: int = 1
    question: str = ""
    right: str = ""
    mistake: str = ""
    record: dict | None = None
    slot: str = ""
    choices: tuple[Choice, ...] = ()
    offered: tuple[Choice, ...] | None = None


def number(text: str, path: Path, where: str) -> float:
    """A mark that a file must have as a number.

    Raises:
        UnreadableResponses: it is none.
    """
    try:
        return read_number(text)
    except ValueError:
        raise UnreadableResponses(
            f"{path}: {where} is {text[:40]!r}, which is no number; write 0.5 or 0,5."
        ) from None


def shortened(text: object, limit: int = MAX_ID) -> str:
    """Text from a file on one line, safe to show."""
    line = " ".join(clean_text(str(text)).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def decoded(path: Path) -> str:
    """A file's text, whatever it is encoded in: UTF-8 or UTF-16, with or without a mark, else Windows-1252.

    Raises:
        UnreadableResponses: it cannot be opened, or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableResponses(f"{path} cannot be read ({error.strerror}).") from error
    if data.startswith(b"PK\x03\x04"):
        raise UnreadableResponses(
            f"{path} is a workbook or a zip file. Open it, and save the sheet as “CSV UTF-8”."
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in data[:200]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableResponses(f"{path} is no text. {EXPECTED}")


def table_of(text: str, path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and lines of a CSV parted by commas, semicolons or tabs, each line as long as the header.

    Raises:
        UnreadableResponses: it is none.
    """
    start, _, rest = text.partition("\n")
    told = start.strip().removeprefix("sep=") if start.startswith("sep=") else ""  # a line of Excel's
    text = rest if told else text
    readings = []
    for mark in [told] if told else [",", ";", "\t"]:
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
            readings.append([(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)])
        except (csv.Error, TypeError) as error:
            damage = error
    if not readings:
        raise UnreadableResponses(f"{path} is no CSV ({damage}). {EXPECTED}")
    (_, header), *lines = max(readings, key=lambda rows: len(rows[0][1]) if rows else 0) or [(0, [])]
    for line, row in lines:
        if len(header) > 2 and any(
            cell.strip() for cell in row[len(header) :]
        ):  # fewer are no table of responses
            raise UnreadableResponses(
                f"{path}, line {line}: {len(row)} fields, and the first line names {len(header)} columns. "
                "Export it again, or mend the line's quotation marks."
            )
    return [name.strip() for name in header], [(row + [""] * len(header))[: len(header)] for _, row in lines]
