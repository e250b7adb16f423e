"""One submission's marks as rows of nbgrader's own tables: a few statements, where its objects would take forty."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, timedelta

from .late import LatePenalty
from .text import clean_text


@dataclass(frozen=True)
class ByHand:
    """What a person gave for one cell: marks (None where only words), with extra credit, and a comment."""

    score: float | None
    comment: str = ""


@dataclass
class Recorded:
    """What the gradebook holds of a submission, beside its automatic marks.

    Attributes:
        late: by how much it was late.
        by_hand: grade id -> what a person gave.
        waiting: grade ids that a person still has to look at.
    """

    late: timedelta = timedelta()
    by_hand: dict[str, ByHand] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()


class Recorder:
    """Writes the submissions of one lesson.

    Args:
        notebook: nbgrader's `Notebook` of the lesson.
    """

    def __init__(self, notebook, late: LatePenalty):
        self._assignment, self._notebook = notebook.assignment_id, notebook.id
        self._due, self._late = notebook.assignment.duedate, late
        self._graded = {cell.name: cell.id for cell in notebook.grade_cells}
        self._answered = {cell.name: cell.id for cell in notebook.solution_cells}

    def record(self, db, result, unchanged: Collection[str]) -> Recorded:
        """Write marks, comments and the late penalty over a connection; the caller commits."""
        when = naive(result.submitted)
        notebook, late = self._submission(db, result.student, when)
        comments = self._write_comments(db, notebook, result)
        score, recorded = self._write_grades(db, notebook, result, unchanged, comments)
        penalty = self._late.of(result.student, score, late.total_seconds())
        _update(db, "SubmittedNotebook", [{"key": notebook, "late_submission_penalty": penalty}])
        recorded.late = late
        return recorded

    def _submission(self, db, student, when):
        """The id of the submitted notebook, made where there is none, and by how much it was late."""
        from nbgrader.api import Student, SubmittedAssignment, SubmittedNotebook
        from sqlalchemy import select

        if not db.execute(select(Student.id).where(Student.id == student)).first():
            db.execute(Student.__table__.insert(), {"id": student})
        known = db.execute(
            select(SubmittedNotebook.id, SubmittedAssignment.id, SubmittedAssignment.extension)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .where(SubmittedAssignment.assignment_id == self._assignment)
            .where(SubmittedAssignment.student_id == student)
        ).first()
        if known:
            notebook, submission, extension = known
            _update(db, "SubmittedAssignment", [{"key": submission, "timestamp": when}])
        else:
            extension = None
            submission = _insert(
                db,
                "SubmittedAssignment",
                [{"assignment_id": self._assignment, "student_id": student, "timestamp": when}],
            )
            notebook = _insert(
                db,
                "SubmittedNotebook",
                [{"assignment_id": submission, "notebook_id": self._notebook, "flagged": False}],
            )
        return notebook, lateness(when, self._due, extension)

    def _write_grades(self, db, notebook, result, unchanged, comments):
        """Write the automatic marks; returns the whole score, in which a person's mark stands before them."""
        from nbgrader.api import Grade
        from sqlalchemy import select

        known = {
            row.cell_id: row
            for row in db.execute(select(*Grade.__table__.columns).where(Grade.notebook_id == notebook))
        }
        automatic = {verdict.exercise: _finite(verdict.score, verdict.points) for verdict in result.verdicts}
        old, new, score, by_hand, waiting = [], [], 0.0, {}, []
        for name, cell in self._graded.items():
            before = known.get(cell)
            manual, extra = (before.manual_score, before.extra_credit) if before else (None, None)
            auto = automatic.get(name, None if result.written.get(name) is not None else 0.0)
            # What a person has settled stays so until there is something new to look at.
            settled = (
                before and not before.needs_manual_grade and before.auto_score == auto and name in unchanged
            )
            waits = (auto is None or manual is not None) and not settled
            marks = {"auto_score": auto, "needs_manual_grade": waits}
            if before:
                old.append({"key": before.id, **marks})
            else:
                new.append({"cell_id": cell, "notebook_id": notebook, **marks})
            given = auto if manual is None else manual
            score += 0.0 if given is None else given + (extra or 0.0)
            says = clean_text(comments.get(name) or comments.get(f"{name}-solution") or "")
            if manual is not None or extra or says:
                by_hand[name] = ByHand(
                    None if manual is None and not extra else (given or 0.0) + (extra or 0.0), says
                )
            if waits:
                waiting.append(name)
        _update(db, "Grade", old)
        _insert(db, "Grade", new)
        return score, Recorded(by_hand=by_hand, waiting=tuple(waiting))

    def _write_comments(self, db, notebook, result):
        """Note which answers are empty; returns what a person wrote, by the cell's grade id."""
        from nbgrader.api import Comment
        from sqlalchemy import select

        known = {
            row.cell_id: row
            for row in db.execute(
                select(Comment.id, Comment.cell_id, Comment.manual_comment).where(
                    Comment.notebook_id == notebook
                )
            )
        }
        old, new = [], []
        for name, cell in self._answered.items():
            answered = result.answers.get(name) if not result.problem else None
            comment = {"auto_comment": None if answered else "No response."}
            if cell in known:
                old.append({"key": known[cell].id, **comment})
            else:
                new.append({"cell_id": cell, "notebook_id": notebook, **comment})
        _update(db, "Comment", old)
        _insert(db, "Comment", new)
        return {name: known[cell].manual_comment for name, cell in self._answered.items() if cell in known}


def _insert(db, table, rows):
    """Insert rows with new ids; returns the last one's."""
    from nbgrader import api

    rows = [{"id": api.new_uuid(), **row} for row in rows]
    if rows:
        db.execute(getattr(api, table).__table__.insert(), rows)
        return rows[-1]["id"]
    return None


def _update(db, table, rows):
    """Update rows of one form by the id under `key`."""
    from nbgrader import api
    from sqlalchemy import bindparam

    if rows:
        columns = getattr(api, table).__table__
        values = {name: bindparam(f"new_{name}") for name in rows[0] if name != "key"}
        given = [{"key": row["key"], **{f"new_{name}": row[name] for name in values}} for row in rows]
        db.execute(columns.update().where(columns.c.id == bindparam("key")).values(values), given)


def lateness(when, due, extension):
    """By how much after its due date something was handed in, as nbgrader counts it."""
    if when is None or due is None:
        return timedelta()
    return max(timedelta(), when - due - (extension or timedelta()))


def naive(when):
    """nbgrader keeps times in UTC without saying so."""
    return when.astimezone(UTC).replace(tzinfo=None) if when and when.tzinfo else when


def _finite(score, points):
    """A plain float in [0, points]; nbgrader would give full marks for anything stranger."""
    score = float(score)
    if not 0 <= score <= points:
        raise ValueError(f"a score must be in [0, {points}], got {score}")
    return score
