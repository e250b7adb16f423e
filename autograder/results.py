"""What grading a class showed, kept as one small file a submission: for the class report and the review list.

`.course/results/<lesson>/<student>.json` holds marks, mistakes and findings, and of the answers no more than digests, by
which a change is seen.
"""

import hashlib
import json
from collections.abc import Iterator

from .course import Course, CourseError, write_text
from .text import clean_text


def summary(result) -> dict:
    """A `grading.Result` as plain data."""
    return {
        "student": result.student,
        "lesson": result.lesson,
        "submitted": result.submitted.isoformat() if result.submitted else None,
        "seconds_late": int(result.late.total_seconds()),
        "seconds": round(result.seconds, 3),
        "score": result.score,
        "points": result.points,
        "problem": clean_text(result.problem),
        "findings": [clean_text(finding) for finding in result.findings],
        "waiting": sorted(result.waiting),
        "digests": _digests(result),
        "exercises": [_exercise(verdict) for verdict in result.verdicts],
    }


def unchanged(course: Course, result) -> set[str]:
    """Grade ids of the answers that are the same as when this submission was graded last."""
    try:
        before = json.loads(_path(course, result).read_text(encoding="utf-8"))["digests"]
        now = _digests(result)
        return {name for name in now if before.get(name) == now[name]}
    except (OSError, ValueError, KeyError, AttributeError):
        return set()  # never graded, or of an older form: then a person looks once more


def _digests(result):
    """A digest for each cell with an answer, under the grade id that carries its marks."""
    return {
        name.removesuffix("-solution"): hashlib.sha256(answer.encode(errors="replace")).hexdigest()[:16]
        for name, answer in result.answers.items()
    }


def _path(course, result):
    return course.results(result.lesson) / f"{result.student}.json"


def _exercise(verdict):
    return {
        "exercise": verdict.exercise,
        "points": verdict.points,
        "score": verdict.score,
        "share": verdict.share,
        "state": verdict.state,
        "mistake": verdict.mistake,
        "with_references": list(verdict.with_references),
        "cases": {case.name: case.passed for case in verdict.cases},
        "review": list(verdict.review),
    }


def keep(course: Course, result) -> None:
    """Write one submission's summary, in place of an older one."""
    write_text(_path(course, result), json.dumps(summary(result), ensure_ascii=False, indent=1) + "\n")


def read(course: Course, lesson: str) -> Iterator[dict]:
    """The summaries of a lesson's submissions, in order of the students' ids.

    Raises:
        CourseError: one of them cannot be read.
    """
    for path in sorted(course.results(lesson).glob("*.json")):
        try:
            yield json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise CourseError(
                f"{path} is damaged ({error}). Grade {lesson} again; it is written anew."
            ) from error
