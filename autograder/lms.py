"""Whose a file in an archive is, by the names that learning management systems give to what they let one download.

Canvas ("Download Submissions") gives each file the surname first in small letters, the ids of user and file,
and the student's own name for it: `doejane_LATE_12345_67890_01_activations-1.ipynb`; an anonymous
assignment has `anon_` and a code in place of the name. Moodle ("Download all submissions") gives each student a folder,
`Jane Doe_12345_assignsubmission_file`, in older versions with a `_` at its end, and without folders the
same in front of the file's name. Its number belongs to one assignment and not to a person.
"""

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from .archive import Entry
from .course import CourseError
from .roster import Person, Roster, is_folder_name, read_csv

CANVAS, MOODLE, PLAIN = "canvas", "moodle", "plain"
KINDS = (CANVAS, MOODLE, PLAIN)
_CANVAS = re.compile(r"(?P<name>\w+?)_(?P<late>LATE_)?(?P<id>\d+)_(?P<attachment>\d+)_(?P<file>.+)")
_ANONYMOUS = re.compile(r"(?:LATE_)?anon_\w+?_\d+_.+")
_CANVAS_FORMS = (_CANVAS, _ANONYMOUS, re.compile(r"\w+_\d+_(?:text|link)\.html"))
_TIMES = ("%A, %d %B %Y, %I:%M %p", "%A, %d %B %Y, %H:%M", "%d %B %Y, %I:%M %p", "%d %B %Y, %H:%M")
_MOODLE = re.compile(r"(?P<name>[^_]+)_(?P<id>\d+)_(?P<plugin>assignsubmission_[a-z]+)(?:_(?P<file>.*))?")


@dataclass
class Claim:
    """Files that an archive says are of one person.

    Attributes:
        name: what the archive calls the person.
        id: the system's number, "" where the archive gives none.
        files: (path in the submission, number of the file, entry).
        prefix: how the system begins the names of this person's files.
        late: whether the system calls it late.
        email, when: what Moodle's grading worksheet says of it.
    """

    kind: str
    name: str
    id: str = ""
    prefix: str = ""
    late: bool = False
    email: str = ""
    when: datetime | None = None
    files: list[tuple[tuple[str, ...], int, Entry]] = field(default_factory=list)


def kind_of(entries: list[Entry]) -> str:
    """Which system made an archive, by the names in it."""
    if any(_MOODLE.fullmatch(part) for entry in entries for part in entry.parts[:2]):
        return MOODLE
    canvas = sum(any(form.fullmatch(entry.parts[-1]) for form in _CANVAS_FORMS) for entry in entries)
    return CANVAS if canvas and canvas >= len(entries) / 2 else PLAIN


def claims(kind: str, entries: list[Entry], lesson: str, roster: Roster):
    """The archive's files by person, and (name, why) of those that name nobody."""
    if kind == PLAIN:
        return _plain(entries, lesson, roster)
    found, nobodys = {}, []
    for entry in entries:
        claim, file, number, why = (_canvas if kind == CANVAS else _moodle)(entry)
        if claim is None:
            nobodys.append((entry.name, why))
            continue
        kept = found.setdefault((claim.name, claim.id), claim)
        kept.late |= claim.late
        if number >= max((n for _, n, _ in kept.files), default=0):
            kept.prefix = claim.prefix
        kept.files.append((file, number, entry))
    return list(found.values()), nobodys


def _canvas(entry):
    name = entry.parts[-1]
    match = _CANVAS.fullmatch(name)
    if _ANONYMOUS.fullmatch(name):
        return (
            None,
            (),
            0,
            "it is anonymous; in Canvas, post or de-anonymize the assignment and download again",
        )
    if not match:
        return None, (), 0, "it is not named as Canvas names what a student uploads"
    number = int(match["attachment"])
    prefix = f"{match['name']}_{match['id']}_{number}"
    return (
        Claim(CANVAS, match["name"], match["id"], prefix, bool(match["late"])),
        (match["file"],),
        number,
        "",
    )


def _moodle(entry):
    for place, part in enumerate(entry.parts):
        match = _MOODLE.fullmatch(part)
        if match and match["plugin"] != "assignsubmission_file":
            return None, (), 0, "it was typed into Moodle and not uploaded as a file"
        if match:
            file = (*filter(None, (match["file"],)), *entry.parts[place + 1 :])
            prefix = f"{match['name']}_{match['id']}_assignsubmission_file"
            return Claim(MOODLE, match["name"], match["id"], prefix), file, 0, ""
    return None, (), 0, "no part of its path is named as Moodle names a student's folder"


def _plain(entries, lesson, roster):
    """Archives of folders: `<student>/<lesson>/…`, `<student>/…`, or one file `<student>.ipynb` each.

    What lies inside a student's folder is that student's, whatever it is called.
    """
    notebooks = [entry for entry in entries if entry.parts[-1].lower().endswith(".ipynb")]
    places = {entry.parts: _place(entry.parts, lesson, roster) for entry in notebooks}
    depths = Counter(place for place in places.values() if place is not None)
    usual = min(depths, key=lambda place: (-depths[place], place), default=0)
    found, nobodys, folders = {}, [], set()
    for parts, place in places.items():
        depth = place if roster else usual
        if place is not None and len(parts) > depth + 1:
            folders.add(parts[: depth + 1])
    for entry in entries:
        parts, stem = entry.parts, entry.parts[-1].rpartition(".")[0]
        base = next((parts[:n] for n in range(1, len(parts)) if parts[:n] in folders), None)
        if base:
            file = parts[len(base) :]
            file = file[1:] if file[0] == lesson and len(file) > 1 else file
            found.setdefault(base, Claim(PLAIN, base[-1])).files.append((file, 0, entry))
        elif parts in places and attempt(parts[-1], lesson) is None and (_who(stem, roster) or not roster):
            found[parts] = Claim(PLAIN, stem, files=[((f"{lesson}.ipynb",), 0, entry)])
        else:
            nobodys.append((entry.name, "its path names no student"))
    return list(found.values()), nobodys


def _place(parts, lesson, roster):
    """Which part of a notebook's path names its student's folder; None where none does.

    The first that the roster knows; without one, that above the lesson's folder or above the notebook.
    """
    known = next((place for place, part in enumerate(parts[:-1]) if roster and _who(part, roster)), None)
    if known is not None or len(parts) == 1:
        return known
    if lesson in parts[1:-1]:
        return parts.index(lesson, 1) - 1
    stem_is_known = attempt(parts[-1], lesson) is None and _who(parts[-1].rpartition(".")[0], roster)
    return None if stem_is_known else len(parts) - 2


def attempt(name: str, lesson: str) -> int | None:
    """The number that a system or a browser put after the lesson's name; None for another file's name.

    >>> attempt("01_activations-2.ipynb", "01_activations"), attempt("notes.ipynb", "01_activations")
    (2, None)
    """
    match = re.fullmatch(
        rf"{re.escape(lesson)}(?:-(\d{{1,9}})| ?\((\d{{1,9}})\))?\.ipynb", name, re.IGNORECASE
    )
    return int(match[1] or match[2] or 0) if match else None


def read_worksheet(path: Path, zone: tzinfo) -> dict[str, tuple[str, datetime | None]]:
    """Moodle's number of a person in one assignment -> e-mail address, and when it was handed in.

    Args:
        path: what "Download grading worksheet" gives, in English.
        zone: Moodle writes times as the clock of whoever downloads shows them.
    Raises:
        CourseError: it is no such worksheet, or a time in it cannot be read.
    """
    rows, header = read_csv(path)
    if not {"Identifier", "Email address", "Last modified (submission)"} <= set(header):
        raise CourseError(
            f"{path} is no grading worksheet of Moodle's in English: it needs the columns Identifier, Email address "
            "and Last modified (submission)."
        )
    found = {}
    for row in rows:
        number, said = (
            re.search(r"\d*$", row["Identifier"].strip())[0],
            row["Last modified (submission)"].strip(),
        )
        when = _time(said)
        if when is None and said not in ("", "-"):
            raise CourseError(
                f"{path}: {said!r} is no time that can be read. Download it with Moodle set to English."
            )
        found[number] = row["Email address"].strip(), when and when.replace(tzinfo=zone)
    return found


def _time(said):
    for form in _TIMES:
        with suppress(ValueError):  # the next form, then
            return datetime.strptime(said, form)
    return None


def match(claim: Claim, roster: Roster) -> tuple[str, str]:
    """(student, "") of a claim, or ("", why nobody is). By the system's id first, then by name; nobody is guessed."""
    name, number = claim.name, claim.id
    if claim.kind == PLAIN and not roster:
        return (name, "") if is_folder_name(name) else ("", f"{name!r} cannot be a student's id")
    if claim.kind == CANVAS and (person := roster.by_id("canvas_id", number)):
        return person.student, ""
    if claim.email and (person := roster.by_id("email", claim.email)):
        return person.student, ""
    people = _who(name, roster) if claim.kind == PLAIN else roster.by_name(name)
    if len(people) > 1:
        several = ", ".join(person.student for person in people)
        return "", f"{name!r} may be any of {several}; give them ids in roster.csv"
    if not people:
        called = f"{name!r}" + (f" or the Canvas id {number}" if claim.kind == CANVAS else "")
        return "", f"nobody in roster.csv has the name {called}"
    if claim.kind == CANVAS and people[0].canvas_id:
        return "", f"{name!r} is named like {people[0].student}, whose Canvas id is not {number}"
    return people[0].student, ""


def _who(name: str, roster: Roster) -> list[Person]:
    """Everybody whom an id, an e-mail address or a name may mean."""
    columns = ("student", "email", "sis_login_id", "sis_user_id", "moodle_username", "moodle_idnumber")
    found = {person.student: person for column in columns if (person := roster.by_id(column, name))}
    return list(found.values()) or roster.by_name(name)
