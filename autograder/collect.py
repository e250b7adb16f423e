"""What students handed in elsewhere, from an archive into `submitted/<student>/<lesson>/`.

An archive may be hostile, by a student's doing or by accident: see `archive.py` for what is not taken. A submission
stands in its place by one rename. What stood there before goes to `.course/collected/<lesson>/<student>/`,
where also stands what the system called it, for feedback to find its way back.
"""

import filecmp
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from . import lms, submission
from .archive import Archive, BadEntry, Entry
from .course import Course, CourseError, write_text
from .reports import parse_time
from .roster import Roster

NEW, REPLACED, UNCHANGED, REFUSED = "new", "replaced", "unchanged", "refused"
TIMESTAMP = "timestamp.txt"
NOTE = "came-from.json"


@dataclass
class Handed:
    """One student's submission in an archive.

    Attributes:
        files: path in the submission's folder -> entry; the notebook comes first.
        when: when it was handed in, None where nobody says.
        notes: what an instructor should know of it.
    """

    student: str
    claim: lms.Claim
    files: dict[str, Entry]
    when: datetime | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """What collecting an archive will do.

    Attributes:
        unmatched: (name in the archive, why it is nobody's).
        absent: who is in the roster and has no submission, here or from before.
    """

    kind: str
    handed: list[Handed] = field(default_factory=list)
    unmatched: list[tuple[str, str]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def plan(
    course: Course,
    archive: Archive,
    lesson: str,
    roster: Roster,
    kind: str = "",
    when: datetime | None = None,
    late: datetime | None = None,
    worksheet: dict[str, tuple[str, datetime | None]] | None = None,
) -> Plan:
    """Who handed in what; writes nothing.

    Args:
        kind: canvas, moodle or plain; by default what the names in the archive look like.
        when: the time of those that have none of their own.
        late: the same for those that the archive calls late, whom `when` does not mean.
        worksheet: what `lms.read_worksheet` found.
    Raises:
        CourseError: nothing in the archive can be anybody's.
    """
    entries = archive.entries()
    kind = kind or lms.kind_of(entries)
    if kind != lms.PLAIN and not roster:
        raise CourseError(
            f"{archive.path} comes from {kind.capitalize()}, which names people its own way, and {course.root}/roster.csv "
            "is missing. Make it with `autograder roster FILE` from a list of the course that "
            f"{kind.capitalize()} exports."
        )
    claims, nobodys = lms.claims(kind, entries, lesson, roster)
    made = Plan(kind, unmatched=nobodys)
    for claim in claims:
        claim.email, claim.when = (worksheet or {}).get(claim.id, ("", None))
        student, why = lms.match(claim, roster)
        handed = Handed(student, claim, {}, claim.when or (late if claim.late else when))
        why = why or _choose(archive, handed, lesson)
        if why:
            made.unmatched.append((claim.prefix or claim.name, why))
        else:
            made.handed.append(handed)
    _nobody_twice(made)
    made.handed.sort(key=lambda handed: handed.student)
    here = {handed.student for handed in made.handed}
    made.absent = [
        person.student
        for person in roster.people
        if person.student not in here and not course.submitted(person.student, lesson).exists()
    ]
    return made


def install(course: Course, archive: Archive, lesson: str, plan: Plan) -> Iterator[tuple[Handed, str]]:
    """Unpack what the plan says; yields each submission with what became of it."""
    stage = course.state / "collecting"
    shutil.rmtree(stage, ignore_errors=True)  # left by a run that was killed
    try:
        for number, handed in enumerate(plan.handed):
            folder = stage / str(number)
            folder.mkdir(parents=True)
            outcome = _unpack(archive, handed, folder)
            if outcome != REFUSED:
                outcome = _put_in_place(course, handed.student, lesson, folder)
                _note(course, lesson, handed, archive.path.name)
            yield handed, outcome
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def read_index(course: Course, lesson: str) -> dict[str, dict]:
    """Student -> how the system that a submission came from called it."""
    found = (course.state / "collected" / lesson).glob(f"*/{NOTE}")
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in found}


def _note(course, lesson, handed, archive):
    claim = handed.claim
    note = {"archive": archive, "kind": claim.kind, "prefix": claim.prefix, "late": claim.late}
    text = json.dumps(note, ensure_ascii=False, indent=1) + "\n"
    write_text(course.state / "collected" / lesson / handed.student / NOTE, text)


def _choose(archive, handed, lesson):
    """Fill in the submission's files; returns why there is no submission, "" where there is."""
    files = handed.claim.files
    notebooks = [file for file in files if file[0] and file[0][-1].lower().endswith(".ipynb")]
    named = [file for file in notebooks if lms.attempt(file[0][-1], lesson) is not None]
    if named:
        chosen = max(named, key=lambda f: (-len(f[0]), f[1], lms.attempt(f[0][-1], lesson)))
        if len(named) > 1:
            handed.notes.append(f"{len(named)} notebooks of this lesson; {chosen[0][-1]} was taken")
    elif len(notebooks) == 1:
        chosen = notebooks[0]
        says = _lesson_inside(archive, chosen[2])
        if says != lesson:
            return f"its notebook is called {chosen[0][-1]!r} and {f'is of {says}' if says else 'does not say which lesson it is'}"
        handed.notes.append(f"its notebook was called {chosen[0][-1]!r}")
    else:
        return (
            f"it holds {len(notebooks) or 'no'} notebooks{', none' if notebooks else ''} named {lesson}.ipynb"
        )
    handed.files[f"{lesson}.ipynb"] = chosen[2]
    of_lesson = {entry.name for _, _, entry in [*named, chosen]}
    for path, _, entry in files:
        name = "/".join(path)
        if path[:1] == (TIMESTAMP,):
            _take_time(archive, handed, entry)
        elif path and entry.name not in of_lesson and name not in handed.files:
            handed.files[name] = entry
    if len(handed.files) > submission.MAX_FILES:
        return f"it holds more than {submission.MAX_FILES} files"
    return ""


def _take_time(archive, handed, entry):
    """An archive of folders may hold nbgrader's `timestamp.txt`; one that a student uploads says nothing."""
    if handed.claim.kind != lms.PLAIN:
        handed.notes.append(f"a {TIMESTAMP} of the student's own was left out")
        return
    try:
        text = archive.read(entry, 200).decode(errors="replace").strip()
    except BadEntry as error:
        handed.notes.append(f"{TIMESTAMP} was left out: {error}")
        return
    time = parse_time(text)
    handed.when = time or handed.when
    if time is None:
        handed.notes.append(f"{TIMESTAMP} says {text[:40]!r}, which is no date; it was left out")


def _lesson_inside(archive, entry):
    """The lesson that a notebook says it is of, "" where it says none."""
    try:
        notebook = json.loads(archive.read(entry, submission.MAX_NOTEBOOK_BYTES))
        says = notebook["metadata"]["nnlib_course"]["lesson"]
    except (BadEntry, ValueError, KeyError, TypeError, RecursionError):  # whatever it is, it says none
        return ""
    return says if isinstance(says, str) and re.fullmatch(r"\w{1,60}", says) else ""


def _nobody_twice(made):
    """Two submissions of one student, under two names, are for a person to sort out."""
    times = Counter(handed.student for handed in made.handed)
    for handed in made.handed:
        if times[handed.student] > 1:
            name = handed.claim.prefix or handed.claim.name
            made.unmatched.append((name, f"{times[handed.student]} submissions would be {handed.student}'s"))
    made.handed = [handed for handed in made.handed if times[handed.student] == 1]


def _unpack(archive, handed, folder):
    room = submission.MAX_FILES_BYTES
    for name, entry in handed.files.items():
        first = name == next(iter(handed.files))
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            size = archive.write(entry, path, submission.MAX_NOTEBOOK_BYTES if first else room)
            room -= 0 if first else size
        except (BadEntry, FileExistsError, NotADirectoryError) as error:
            path.unlink(missing_ok=True) if isinstance(error, BadEntry) else None
            why = str(error) if isinstance(error, BadEntry) else "another file has its name"
            handed.notes.append(f"{name} was left out: {why}")
            if first:
                return REFUSED
    if handed.when:
        text = f"{handed.when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n"
        (folder / TIMESTAMP).write_text(text, encoding="utf-8")
    return NEW


def _put_in_place(course, student, lesson, folder):
    place = course.submitted(student, lesson)
    if place.is_symlink() or place.parent.is_symlink():
        raise CourseError(f"{place} is a link. Put a folder in its place and collect again.")
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(place)
        return NEW
    if _same_files(place, folder):
        return UNCHANGED
    older = course.state / "collected" / lesson / student
    older.mkdir(parents=True, exist_ok=True)
    number = max((int(path.name) for path in older.iterdir() if path.name.isdecimal()), default=0) + 1
    place.rename(older / f"{number:03d}")
    folder.rename(place)
    return REPLACED


def _same_files(old, new):
    """Whether nothing new came; where the new one has no time, the old one's stands."""
    names, before = _contents(new), _contents(old)
    before -= {TIMESTAMP} - names
    return names == before and not any(filecmp.cmpfiles(old, new, names, shallow=False)[1:])


def _contents(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
