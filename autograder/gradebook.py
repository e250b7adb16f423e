"""The only importer of nbgrader's gradebook: opens it once, and writes each submission at a time."""

import warnings
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbformat import NotebookNode

from . import database
from .course import CourseError
from .late import LatePenalty


def import_nbgrader() -> None:
    """What a `Book` needs; it takes 2 to 3 s, and students never need it."""
    import nbgrader.api  # noqa: F401


class Book:
    """A course's gradebook, open for the length of a `with` block.

    Args:
        path: the SQLite file; it is made where it does not exist.
    """

    def __init__(self, path: Path):
        self.path = path
        self.url = f"sqlite:///{path.resolve()}"

    def __enter__(self):
        from nbgrader.api import Gradebook
        from sqlalchemy.exc import SAWarning

        self._quiet = warnings.catch_warnings()
        self._quiet.__enter__()
        # nbgrader builds a submission's rows before it adds them to the session; all of them are added.
        warnings.filterwarnings("ignore", "Object of type .* not in session", SAWarning)
        self._late = LatePenalty(self.path.resolve().parent)
        with self._said_plainly():
            database.stamp(self.url)
            self._book = Gradebook(self.url)
        return self

    def __exit__(self, *error):
        self._book.close()
        self._quiet.__exit__(*error)

    def prepare(self, lesson: str, skeleton: NotebookNode, due: datetime | None) -> None:
        """Make the lesson's assignment and cells, as nbgrader's own generate step would."""
        from nbgrader.preprocessors import SaveCells

        resources = {
            "nbgrader": {"assignment": lesson, "notebook": lesson, "student": ".", "db_url": self.url}
        }
        with self._said_plainly():
            self._book.update_or_create_assignment(lesson, duedate=_naive(due))
            try:
                SaveCells().preprocess(skeleton, resources)
            except RuntimeError as error:  # its way to refuse cells that came or went under recorded marks
                raise CourseError(
                    f"{self.path}: {lesson} has other cells than when it was first graded, and marks are recorded for "
                    f"those. Grade the old release, or remove it with `nbgrader db assignment remove {lesson}`."
                ) from error
            self._book.db.expire_all()

    def record(self, result) -> timedelta:
        """Write one submission's marks; returns by how much it was late.

        Marks that a person gave stay. A written answer waits for a person, an empty one gets 0.

        Raises:
            CourseError: the database cannot be written.
        """
        with self._said_plainly():
            return self._record(result)

    @contextmanager
    def _said_plainly(self):
        from sqlalchemy.exc import DatabaseError, OperationalError

        try:
            yield
        except OperationalError as error:
            raise CourseError(
                f"{self.path} cannot be used ({error.orig}). Close what else has it open (formgrader?), look for room "
                "on the disk, and grade again: what was written stays."
            ) from error
        except DatabaseError as error:
            raise CourseError(
                f"{self.path} is no gradebook ({error.orig}). Bring it back from a backup."
            ) from error

    def _record(self, result):
        self._book.update_or_create_student(result.student)
        submission = self._book.update_or_create_submission(
            result.lesson, result.student, timestamp=_naive(result.submitted)
        )
        notebook = submission.notebooks[0]
        automatic = {verdict.exercise: _finite(verdict.score, verdict.points) for verdict in result.verdicts}
        for grade in notebook.grades:
            if grade.name in automatic:
                grade.auto_score = automatic[grade.name]
            else:
                grade.auto_score = None if result.written.get(grade.name) is not None else 0.0
            grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
        for comment in notebook.comments:
            answered = result.answers.get(comment.name) if not result.problem else None
            comment.auto_comment = None if answered else "No response."
        notebook.late_submission_penalty = self._late.of(
            result.student, notebook.score, submission.total_seconds_late
        )
        self._book.db.commit()
        return timedelta(seconds=submission.total_seconds_late)

    def rows(self, lesson: str) -> list[dict]:
        """One row a student: total, marks of each cell, lateness, whether a person must still mark."""
        rows = []
        for submission in self._book.assignment_submissions(lesson):
            notebook = submission.notebooks[0]
            grades = {grade.name: grade.score for grade in notebook.grades}
            rows.append(
                {
                    "student": submission.student.id,
                    "lesson": lesson,
                    "score": max(0.0, notebook.score - (notebook.late_submission_penalty or 0.0)),
                    "max_score": notebook.max_score,
                    "seconds_late": int(submission.total_seconds_late),
                    "needs_manual_grade": notebook.needs_manual_grade,
                    **{name: grades[name] for name in sorted(grades)},
                }
            )
        return sorted(rows, key=lambda row: row["student"])


def _naive(when):
    """nbgrader keeps times in UTC without saying so."""
    return when.astimezone(UTC).replace(tzinfo=None) if when and when.tzinfo else when


def _finite(score, points):
    """A plain float in [0, points]; nbgrader would give full marks for anything stranger."""
    score = float(score)
    if not 0 <= score <= points:
        raise ValueError(f"a score must be in [0, {points}], got {score}")
    return score
