"""Which lessons a course has: released notebooks are copied into it, and every release stays known.

A notebook is graded by the skeleton of its own release, so an older one is kept in
`.course/releases/` before a newer takes its place.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

from .course import Course, CourseError, write_text
from .notebooks import released_path

PROJECT = Path(__file__).parents[1]
NEW, CHANGED, SAME = "new", "changed", "up to date"


def available(source: Path) -> list[str]:
    """The lessons that a folder of the project has released, in order.

    Raises:
        CourseError: none.
    """
    found = sorted(path.parent.name for path in source.glob("lessons/[0-9][0-9]_*/*.ipynb"))
    if not found:
        raise CourseError(f"{source}/lessons holds no lesson. Name with --from the project's folder.")
    return found


def compare(course: Course, source: Path, wanted: list[str]) -> Iterator[tuple[str, str]]:
    """(lesson, new, changed or up to date) for each that is wanted; all where none is named.

    Raises:
        CourseError: the project has no such lesson.
    """
    known = available(source)
    unknown = [lesson for lesson in wanted if lesson not in known]
    if unknown:
        raise CourseError(f"no lesson {unknown[0]} in {source}/lessons. Lessons there: {', '.join(known)}.")
    for lesson in wanted or known:
        theirs, ours = released_path(source, lesson), released_path(course.root, lesson)
        same = ours.exists() and ours.read_bytes() == theirs.read_bytes()
        yield lesson, SAME if same else CHANGED if ours.exists() else NEW


def release(course: Course, source: Path, wanted: list[str]) -> Iterator[tuple[str, str]]:
    """Make the lessons the course's own; yields each with what was done.

    Raises:
        CourseError: the project has no such lesson.
    """
    for lesson, state in compare(course, source, wanted):
        if state == CHANGED:
            course.skeleton(lesson)  # keeps the older release
        if state != SAME:
            text = released_path(source, lesson).read_text(encoding="utf-8")
            write_text(released_path(course.root, lesson), text)
        course.skeleton(lesson)
        yield lesson, state
    theirs, ours = (folder / "nbgrader_config.py" for folder in (source, course.root))
    if theirs.exists() and not ours.exists():
        shutil.copyfile(theirs, ours)  # formgrader reads in it where lessons lie
