r"""Reports on a quiz as Moodle and Canvas export them.

| report | columns, after those of the person | source |
|---|---|---|
| Moodle, Responses | for each question, as ticked: `Question 1`, `Response 1`, `Right answer 1`; `-` for none | mod/quiz/report/responses: last_responses_table.php and its language file |
| Moodle, Grades | `Grade/10.00`, then `Q. 1 /1.00`, …; `-` for none, words where a person has to mark | mod/quiz/report/overview/report.php |
| Canvas, Student Analysis | `<id>: <text>` and beside it the points it gives, as its header | app/models/quizzes/quiz_statistics/student_analysis.rb |
| Canvas, Item Analysis | statistics of each question, nobody's answers | item_analysis.rb in the same folder |

Moodle's own lines come in the order in which the attempts were begun. Its headers are in the reader's language: the
words of English and German are known here, and marks need none. Its JSON is a list of tables, each a list of rows,
whose names may lack blanks and signs (`q1100` for `Q. 1 /1.00`).
"""

import re
from collections import defaultdict
from pathlib import Path

from ..numerals import read_number
from .response_files import EXPECTED, Response, UnreadableResponses, shortened

NONE = ("", "-", "–")
_WORDS = {
    "question": ("question", "frage"),
    "answer": ("response", "antwort"),
    "right": ("rightanswer", "richtigeantwort"),
}
_PART = re.compile(rf"({'|'.join(word for words in _WORDS.values() for word in words)})(\d+[a-z]?)")
_MARK = re.compile(r"[^\d/]*?(\d+[a-z]?)\s*/\s*(\d+(?:[.,]\d+)?)", re.IGNORECASE)
_GRADE = re.compile(r"[^\d/]+/\s*\d+(?:[.,]\d+)?")
_SQUEEZED_MARK = re.compile(r"[^\W\d_]{1,4}(\d+)")
_SQUEEZED_GRADE = re.compile(r"(?:grade|bewertung)\d+")
_CANVAS = re.compile(r"(\d+): ?(.*)", re.DOTALL)
_LOGINS = ("username", "benutzername", "anmeldename", "idnumber", "idnummer", "matrikelnummer")
# What other exports are known by, and what to take in their place.
_OTHERS = (
    ({"pointspossible", "sisuserid"}, "Canvas's gradebook"),
    ({"student", "id", "section"}, "Canvas's gradebook"),
    ({"questionid", "questiontitle"}, "Canvas's “Item Analysis”, which has nobody's answers,"),
    ({"facilityindex", "discriminationindex"}, "Moodle's quiz report “Statistics”, which has nobody's answers,"),
)  # fmt: skip


def read(header: list[str], lines: list[list[str]], path: Path) -> tuple[list[Response], list[str]]:
    """The responses of a report, and what was left out.

    Raises:
        UnreadableResponses: it is none of those that are known.
    """
    if any(_CANVAS.fullmatch(name) for name in header):
        return _canvas(header, lines, path)
    parts, grade = _moodle_columns(header)
    if parts:
        return _moodle(header, lines, path, parts, grade)
    names = {_squeezed(name) for name in header}
    seen = next((what for marks, what in _OTHERS if marks <= names), "")
    columns = ", ".join(f"“{shortened(name, 30)}”" for name in header[:6]) + (" …" if len(header) > 6 else "")
    if any("(real)" in name.casefold() or "(punkte)" in name.casefold() for name in header):
        seen = "Moodle's gradebook"
    what = f"looks like {seen} with the columns" if seen else "has the columns"
    raise UnreadableResponses(f"{path} {what} {columns}: no question by question answers. {EXPECTED}")


def table_of_json(given: object, path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and lines of Moodle's JSON.

    Raises:
        UnreadableResponses: it is another JSON.
    """
    while isinstance(given, list) and given and isinstance(given[0], list):
        given = [row for table in given for row in table]
    if not isinstance(given, list) or not given or not all(isinstance(row, dict) for row in given):
        raise UnreadableResponses(f"{path} is JSON, but no table of Moodle's. {EXPECTED}")
    header = list(dict.fromkeys(name for row in given for name in row))
    return header, [["" if row.get(name) is None else str(row[name]) for name in header] for row in given]


def _moodle_columns(header):
    """What stands in which column: (part, number of the question, its points), and the column of the whole grade."""
    parts, grade, n = {}, None, 0
    for place, name in enumerate(header):
        squeezed = _squeezed(name)
        if (found := _MARK.fullmatch(name)) and not re.match(r"\d", name):
            parts[place] = "score", found[1], read_number(found[2])
        elif found := _PART.fullmatch(squeezed):
            part = next(part for part, words in _WORDS.items() if found[1] in words)
            parts[place] = part, found[2], 0.0
        elif _GRADE.fullmatch(name) or _SQUEEZED_GRADE.fullmatch(squeezed):
            grade = place
        elif (found := _SQUEEZED_MARK.fullmatch(name)) and found[1].startswith(str(n + 1)):
            n += 1  # only the order tells Q. 1 /10.00 from Q. 11 /0.00
            most = found[1].removeprefix(str(n))
            parts[place] = "score", str(n), int(most or 0) / (100 if len(most) > 2 else 1)
    return parts, grade


def _moodle(header, lines, path, parts, grade):
    first = min([*parts, *([grade] if grade is not None else [])])
    who = _identity(header[:first], lines)
    rows, attempts, unfinished, nobody = [], defaultdict(int), 0, 0
    for line, cells in enumerate(lines, 2):
        person = cells[:first]
        student = shortened(" ".join(cells[place].strip() for place in who))
        if not student or (first > 1 and not any(cell.strip() not in NONE for cell in person[1:])):
            nobody += 1  # the line of averages
            continue
        waits = cells[grade].strip() in NONE if grade is not None else True
        if waits and all(
            cells[place].strip() in NONE for place, (part, *_) in parts.items() if part in ("answer", "score")
        ):
            unfinished += 1
            continue
        attempts[student] += 1
        made = defaultdict(dict)
        for place, (part, slot, most) in parts.items():
            made[slot][part] = cells[place].strip()
            if part == "score":
                made[slot]["points"] = most
        for slot, has in made.items():
            score = _mark(has["score"], has["points"], path, line, slot) if "score" in has else None
            answer = has.get("answer", "")
            rows.append(
                Response(
                    student, f"Question {slot}", score, has.get("points") or 1.0,
                    "" if answer in NONE else answer, attempts[student],
                    has.get("question", ""), has.get("right", ""),
                )
            )  # fmt: skip
    left = (unfinished, "without an attempt that was handed in"), (nobody, "of averages or without a student")
    return rows, [f"{_lines(count)} {what}: left out." for count, what in left if count]


def _lines(count):
    return "1 line" if count == 1 else f"{count} lines"


def _mark(text, points, path, line, slot):
    """A mark; 0 for what was left out, None for what a person has to mark."""
    if text in NONE:
        return 0.0
    try:
        score = read_number(text)
    except ValueError:
        return None  # "Requires grading", in whatever language
    if not points or score > points * (1 + 1e-6):
        raise UnreadableResponses(
            f"{path}, line {line}: {score:g} for question {slot}, which gives {points:g}. Export it again."
        )
    return max(0.0, score)  # Moodle can take marks off


def _identity(header, lines):
    """The columns that tell students apart: login or number, else address, else all of the name."""
    squeezed = [_squeezed(name) for name in header]
    filled = [sum(bool(row[place].strip()) for row in lines) for place in range(len(header))]
    for login in _LOGINS:
        if login in squeezed and filled[squeezed.index(login)] >= max(filled) - 1:
            return [squeezed.index(login)]
    for place in range(len(header)):
        if lines and sum("@" in row[place] for row in lines) >= max(1, max(filled) - 1):
            return [place]
    return list(range(min(2, len(header))))


def _canvas(header, lines, path):
    places = [place for place, name in enumerate(header) if _CANVAS.fullmatch(name)]
    columns = {}
    for place in places:
        try:
            most = read_number(header[place + 1])
        except (IndexError, ValueError):
            raise UnreadableResponses(
                f"{path}: beside the column “{shortened(header[place], 40)}” there is none with its points. "
                "Download the Student Analysis again, and change no columns."
            ) from None
        columns[place] = (*_CANVAS.fullmatch(header[place]).groups(), most)
    person = header[: places[0]]
    squeezed = [_squeezed(name) for name in person]
    attempt = squeezed.index("attempt") if "attempt" in squeezed else None
    # In another language: an anonymous report begins with the section, and has two columns fewer.
    numbered = len(person) > 4 and all(row[1].strip().isdigit() for row in lines)
    named = "name" in squeezed or (numbered and squeezed[0] not in ("section", "abschnitt"))
    rows, seen, ungraded = [], defaultdict(int), 0
    for line, cells in enumerate(lines, 2):
        student = shortened(f"{cells[0]} ({cells[1]})") if named else f"line {line}"
        seen[student] += 1
        number = int(cells[attempt]) if attempt is not None and cells[attempt].strip().isdigit() else None
        for place, (name, text, most) in columns.items():
            answer, mark = cells[place].strip(), cells[place + 1].strip()
            if not mark and not answer:
                continue  # this student was not given it
            if not most:
                ungraded += 1
                continue
            score = None if not mark else _mark(mark, most, path, line, name)
            rows.append(Response(student, name, score, most, answer, number or seen[student], text.strip()))
    notes = [f"{ungraded} answers to questions without points are left out."] if ungraded else []
    return rows, notes + ([] if named else ["an anonymous report: each line counts as one student."])


def _squeezed(name):
    return re.sub(r"[\W_]+", "", name.casefold())
