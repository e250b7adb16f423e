"""Who takes the course: `roster.csv`, and finding a person by what a learning management system calls them."""

import csv
import io
import re
import unicodedata
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .course import Course, CourseError, write_text
from .reports import FORMULA_STARTS

IDS = ("student", "email", "canvas_id", "sis_user_id", "sis_login_id", "moodle_username", "moodle_idnumber")
MAX_ID = 100

# What other programs' exports call a column, folded -> ours.
_THEIR_COLUMNS = {
    # Canvas: Grades > Export
    "id": "canvas_id",
    "sis user id": "sis_user_id",
    "sis login id": "sis_login_id",
    "section": "section",
    # Moodle: a course's participants, or Grades > Export
    "full name": "name",
    "email address": "email",
    "username": "moodle_username",
    "id number": "moodle_idnumber",
}


@dataclass(frozen=True)
class Person:
    """One line of the roster; all but `student`, the name of the folder in `submitted/`, may be empty."""

    student: str
    name: str = ""
    email: str = ""
    canvas_id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""
    section: str = ""
    moodle_username: str = ""
    moodle_idnumber: str = ""


COLUMNS = tuple(field.name for field in fields(Person))


class Roster:
    """The people of a course, found by id or by name."""

    def __init__(self, people: list[Person]):
        self.people = people
        self.by_student = {person.student: person for person in people}
        self._by_id = {column: {} for column in IDS}
        self._by_name: dict[str, set[Person]] = {}
        for person in people:
            for column in IDS:
                if value := getattr(person, column):
                    self._by_id[column][folded(value)] = person
            for key in _keys_of_name(person.name):
                self._by_name.setdefault(key, set()).add(person)

    def __bool__(self):
        return bool(self.people)

    def by_id(self, column: str, value: str) -> Person | None:
        return self._by_id[column].get(folded(value))

    def by_name(self, name: str) -> list[Person]:
        """Everybody of that name, whatever its case, accents' encoding, spaces and commas, surname first or last."""
        found = self._by_name.get(_letters(name), set())
        return sorted(found, key=lambda person: person.student)


def read(course: Course) -> Roster:
    """The course's roster; an empty one where there is no `roster.csv`.

    Raises:
        CourseError: a column or a line of it is not as it must be.
    """
    path = course.root / "roster.csv"
    if not path.exists():
        return Roster([])
    rows, header = read_csv(path)
    unknown = [name for name in header if name not in COLUMNS]
    if unknown or "student" not in header:
        what = f"has an unknown column {unknown[0]!r}" if unknown else "has no column `student`"
        raise CourseError(f"{path} {what}. Its columns are {', '.join(COLUMNS)}; only `student` is needed.")
    people = [Person(**{name: _trimmed(row[name]) for name in header}) for row in rows]
    _check(path, people)
    return Roster(people)


def take_over(course: Course, export: Path, student: str = "") -> tuple[int, int]:
    """Write `roster.csv` from what Canvas or Moodle exports; returns how many people are new, and how many are known.

    What the export says of a person replaces what stood there; what it does not say stays.

    Args:
        export: Canvas's gradebook (Grades > Export) or a Moodle list of participants or of grades.
        student: the column of `roster.csv` that names a student's folder; by default the first of these
            that the export has: sis_login_id, moodle_username, the part of the e-mail address before the @, canvas_id.
    Raises:
        CourseError: the export has no column that says who somebody is.
    """
    rows, header = read_csv(export)
    ours = {name: _THEIR_COLUMNS.get(folded(name)) or folded(name) for name in header}
    known = {person.student: person for person in read(course).people}
    before, people, seen = len(known), dict(known), set()
    for row in rows:
        found = {ours[name]: _trimmed(row[name]) for name in header if ours[name] in COLUMNS}
        found |= _name(row, ours)
        if not found.get("name") or found["name"].lower() in ("points possible", "student, test"):
            continue
        who = found.get(student, "") if student else _first_id(found)
        if not who:
            raise CourseError(
                f"{export}: no {student or 'id'} for {found['name']!r}. Name with --student a column that everybody has "
                f"(of {', '.join(column for column in COLUMNS if column in ours.values()) or 'none here'})."
            )
        if who in seen:
            raise CourseError(
                f"{export}: two people would be {who!r}. Name with --student a column that tells them apart."
            )
        seen.add(who)
        old = asdict(people[who]) if who in people else {}
        people[who] = Person(**(old | {k: v for k, v in found.items() if v} | {"student": who}))
    if not rows or len(people) == 0:
        raise CourseError(
            f"{export} names nobody. A gradebook that Canvas exported or a list that Moodle did is needed."
        )
    _check(export, list(people.values()))
    write(course, sorted(people.values(), key=lambda person: person.student))
    return len(people) - before, before


def write(course: Course, people: list[Person]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(person) for person in people)
    write_text(course.root / "roster.csv", text.getvalue())


def read_csv(path: Path) -> tuple[list[dict[str, str]], list[str]]:
    """Rows and column names of a CSV file as spreadsheets write it: with commas or semicolons.

    Raises:
        CourseError: it is missing, no text in UTF-8, empty, or a line has more fields than the first.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise CourseError(f"{path} is missing.") from error
    except UnicodeDecodeError as error:
        raise CourseError(f"{path} is no text in UTF-8. Save it as “CSV UTF-8” and try again.") from error
    first = text.partition("\n")[0]
    try:
        reader = csv.DictReader(
            io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True
        )
        header = [name.strip() for name in reader.fieldnames or []]
        reader.fieldnames = header
        rows = [
            {name: value or "" for name, value in row.items()} for row in reader if any(_values(row, path))
        ]
    except csv.Error as error:
        raise CourseError(f"{path} is no CSV ({error}).") from error
    if not header:
        raise CourseError(f"{path} is empty; its first line has to name the columns.")
    return rows, header


def folded(text: str) -> str:
    """For comparing: compatible characters alike (NFKC), no case, single spaces.

    >>> folded("  Jörg  MÜLLER ") == folded("jo\\u0308rg müller")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def is_folder_name(text: str) -> bool:
    """Whether an id can name a student's folder, here and in a spreadsheet."""
    plain = text.isprintable() and "/" not in text and "\\" not in text and len(text) <= MAX_ID
    return bool(text) and plain and not text.startswith((".", *FORMULA_STARTS)) and text == text.strip()


def _check(path, people):
    for column in IDS:
        seen = {}
        for line, person in enumerate(people, start=2):
            value = getattr(person, column)
            if column == "student" and not is_folder_name(value):
                raise CourseError(
                    f"{path}, line {line}: {value!r} cannot be a student's id. It names a folder: at most {MAX_ID} "
                    "printable characters, no slash, and not . = + - or @ in front."
                )
            if value.startswith(FORMULA_STARTS):
                raise CourseError(f"{path}, line {line}: {value!r} in {column} begins like a formula.")
            if value and folded(value) in seen:
                raise CourseError(
                    f"{path}, line {line}: {value!r} stands in {column} twice, also in line {seen[folded(value)]}."
                )
            seen[folded(value)] = line


def _values(row, path):
    if None in row:
        raise CourseError(f"{path}: a line has more fields than the first line has columns: {row[None]}.")
    return row.values()


def _trimmed(value):
    return unicodedata.normalize("NFC", value or "").strip()


def _name(row, ours):
    """The name in one piece, from the columns that it may be spread over."""
    given = {folded(name): _trimmed(row[name]) for name in ours}
    whole = given.get("name") or given.get("full name") or given.get("student") or ""
    last = given.get("last name") or given.get("surname") or given.get("lastname") or ""
    first = given.get("first name") or given.get("firstname") or ""
    name = whole or f"{first} {last}".strip()
    # Canvas calls the column of names `Student`; as the folder's name it would be a person's full name.
    return {"name": name} | ({"student": ""} if "canvas_id" in ours.values() else {})


def _first_id(found):
    local = found.get("email", "").partition("@")[0]
    given = (found.get("student"), found.get("sis_login_id"), found.get("moodle_username"), local)
    login = next(filter(None, (*given, found.get("canvas_id"))), "")
    return login.partition("@")[0]  # some schools' logins are addresses


def _letters(text):
    """Only what Canvas leaves of a name in a file name: "Doe, Jane" as "doejane"."""
    return re.sub(r"[\W_]", "", folded(text))


def _keys_of_name(name):
    """A name's words in every turned order, for nobody can tell where a surname begins."""
    words = [word for word in re.split(r"[\s,]+", name) if word]
    return {_letters(" ".join(words[i:] + words[:i])) for i in range(len(words))} - {""}
