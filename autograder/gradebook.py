"""The only importer of nbgrader's gradebook: opens it once, and writes each submission at a time."""

import logging
from collections.abc import Collection
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode

from . import database, db_url, recording
from .course import CourseError
from .late import LatePenalty


def import_nbgrader() -> None:
    """What a `Book` needs; it takes 2 to 3 s, and students never need it."""
    import nbgrader.api  # noqa: F401


class Book:
    """A course's gradebook, open for the length of a `with` block.

    Args:
        place: an SQLite file, which is made where it does not exist, or the URL of any database for SQLAlchemy.
        root: the course's folder; by default the file's.
    """

    def __init__(self, place: Path | str, root: Path | None = None):
        self.url = place if isinstance(place, str) else f"sqlite:///{place.resolve()}"
        self.name = db_url.shown(self.url)
        self.root = root or db_url.sqlite_file(self.url).parent

    def __enter__(self):
        from nbgrader.api import Gradebook

        self._late = LatePenalty(self.root)
        with self._said_plainly():
            database.stamp(self.url)
            self._book = Gradebook(self.url)
        return self

    def __exit__(self, *error):
        self._book.close()

    def prepare(self, lesson: str, skeleton: NotebookNode, due: datetime | None) -> None:
        """Make the lesson's assignment and cells, as nbgrader's own generate step would."""
        from nbgrader.preprocessors import SaveCells

        resources = {
            "nbgrader": {"assignment": lesson, "notebook": lesson, "student": ".", "db_url": self.url}
        }
        with self._said_plainly():
            self._book.update_or_create_assignment(lesson, duedate=recording.naive(due))
            try:
                SaveCells().preprocess(skeleton, resources)
            except RuntimeError as error:  # its way to refuse cells that came or went under recorded marks
                raise CourseError(
                    f"{self.name}: {lesson} has other cells than when it was first graded, and marks are recorded for "
                    f"those. Grade the old release, or remove it with `nbgrader db assignment remove {lesson}`."
                ) from error
            notebook = self._book.find_notebook(lesson, lesson)
            self._recorder = recording.Recorder(notebook, self._late)

    def record(self, result, unchanged: Collection[str] = ()) -> recording.Recorded:
        """Write one submission's marks in one transaction.

        Marks that a person gave stay. A written answer waits for a person, an empty one gets 0.

        Args:
            unchanged: grade ids whose answers are the same as at the last grading.
        Raises:
            CourseError: the database cannot be written.
        """
        with self._said_plainly():
            try:
                recorded = self._recorder.record(self._book.db.connection(), result, unchanged)
                self._book.db.commit()
                return recorded
            except BaseException:
                self._book.db.rollback()  # nothing of a submission, or all of it
                raise

    def forget(self, student: str) -> bool:
        """Remove a student and all marks and comments; says whether there were any.

        Raises:
            CourseError: the database cannot be written.
        """
        from nbgrader.api import MissingEntry

        with self._said_plainly():
            try:
                self._book.remove_student(student)
            except MissingEntry:
                return False
            finally:
                self._book.db.rollback()  # lets go of it
            db_url.shrink(self.url)
        return True

    @contextmanager
    def _said_plainly(self):
        from nbgrader.api import InvalidEntry
        from sqlalchemy.exc import DatabaseError

        # nbgrader prints a traceback there, and then raises too.
        log = logging.getLogger("tornado.application")
        log.disabled, before = True, log.disabled
        try:
            yield
        except DatabaseError as error:
            raise CourseError(self._in_words(error)) from error
        except InvalidEntry as error:  # nbgrader's own words for the first
            if isinstance(error.__context__, DatabaseError):
                raise CourseError(self._in_words(error.__context__)) from error
            raise
        finally:
            log.disabled = before

    def _in_words(self, error):
        from sqlalchemy.exc import OperationalError

        said = db_url.said(error, self.url)
        if not isinstance(error, OperationalError):
            return f"{self.name} is no gradebook ({said}). Bring it back from a backup."
        look = (
            "Close what else has it open (formgrader?), look for room on the disk,"
            if db_url.sqlite_file(self.url)
            else "Look whether its server runs, lets you in and has room,"
        )
        return f"{self.name} cannot be used ({said}). {look} and grade again: what was written stays."

    def rows(self, lesson: str) -> list[dict]:
        """One row a student: total, marks of each cell, lateness, whether a person must still mark."""
        from nbgrader import api
        from sqlalchemy import select

        with self._said_plainly():
            db = self._book.db
            # Read anew: `record` writes past the session's objects.
            db.expire_all()
            submissions = db.execute(
                select(
                    api.SubmittedNotebook.id,
                    api.SubmittedAssignment.student_id,
                    api.SubmittedAssignment.timestamp,
                    api.SubmittedAssignment.extension,
                    api.Assignment.duedate,
                    api.SubmittedNotebook.late_submission_penalty,
                    api.SubmittedNotebook.max_score.label("max_score"),
                )
                .join(
                    api.SubmittedAssignment, api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id
                )
                .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
                .where(api.Assignment.name == lesson)
                .order_by(api.SubmittedAssignment.student_id)
            ).all()
            # Added up here: nbgrader's own sum looks through everybody's marks for each submission.
            marks: dict[str, dict] = {row.id: {} for row in submissions}
            waiting = set()
            for notebook, cell, score, waits in db.execute(
                select(
                    api.Grade.notebook_id, api.BaseCell.name, api.Grade.score, api.Grade.needs_manual_grade
                )
                .join(api.BaseCell, api.BaseCell.id == api.Grade.cell_id)
                .join(api.SubmittedNotebook, api.SubmittedNotebook.id == api.Grade.notebook_id)
                .join(
                    api.SubmittedAssignment, api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id
                )
                .join(api.Assignment, api.Assignment.id == api.SubmittedAssignment.assignment_id)
                .where(api.Assignment.name == lesson)
                .order_by(api.BaseCell.name)
            ):
                marks[notebook][cell] = score
                waiting |= {notebook} if waits else set()
        return [
            {
                "student": row.student_id,
                "lesson": lesson,
                "score": max(0.0, sum(marks[row.id].values(), 0.0) - (row.late_submission_penalty or 0.0)),
                "max_score": row.max_score,
                "seconds_late": int(
                    recording.lateness(row.timestamp, row.duedate, row.extension).total_seconds()
                ),
                "needs_manual_grade": row.id in waiting,
                **marks[row.id],
            }
            for row in submissions
        ]
