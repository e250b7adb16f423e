"""The only importer of nbgrader's gradebook: opens it once, and writes each submission at a time."""

import warnings
from datetime import datetime, timedelta
from pathlib import Path

from nbformat import NotebookNode

from .notebooks import environment_on_path


class Book:
    """A course's gradebook, open for the length of a `with` block.

    Args:
        path: the SQLite file; it is made where it does not exist.
    """

    def __init__(self, path: Path):
        self.url = f"sqlite:///{path.resolve()}"

    def __enter__(self):
        from nbgrader.api import Gradebook  # takes 3 s to import, and students never need it
        from sqlalchemy.exc import SAWarning

        self._quiet = warnings.catch_warnings()
        self._quiet.__enter__()
        # nbgrader builds a submission's rows before it adds them to the session; all of them are added.
        warnings.filterwarnings("ignore", "Object of type .* not in session", SAWarning)
        with environment_on_path():
            self._book = Gradebook(self.url)
        return self

    def __exit__(self, *error):
        self._book.close()
        self._quiet.__exit__(*error)

    def prepare(self, lesson: str, skeleton: NotebookNode, due: datetime | None) -> None:
        """Make the lesson's assignment and cells, as nbgrader's own generate step would."""
        from nbgrader.preprocessors import SaveCells

        self._book.update_or_create_assignment(lesson, duedate=due)
        resources = {
            "nbgrader": {"assignment": lesson, "notebook": lesson, "student": ".", "db_url": self.url}
        }
        SaveCells().preprocess(skeleton, resources)
        self._book.db.expire_all()

    def record(self, result) -> timedelta:
        """Write one submission's marks; returns by how much it was late.

        Marks that a person gave stay. A written answer waits for a person, an empty one gets 0.
        """
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
        notebook.late_submission_penalty = _penalty(submission, notebook)
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
    return when.replace(tzinfo=None) if when else None


def _finite(score, points):
    """A plain float in [0, points]; nbgrader would give full marks for anything stranger."""
    score = float(score)
    if not 0 <= score <= points:
        raise ValueError(f"a score must be in [0, {points}], got {score}")
    return score


def _penalty(submission, notebook):
    """What nbgrader's late-submission plugin takes off."""
    from nbgrader.plugins import LateSubmissionPlugin

    late = submission.total_seconds_late
    if not late:
        return None
    plugin = LateSubmissionPlugin()
    plugin.log.setLevel("ERROR")
    return plugin.late_submission_penalty(submission.student.id, notebook.score, late)
