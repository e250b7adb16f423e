"""One submission from its file to its marks, and a class of them into the gradebook."""

import errno
import json
import re
import tempfile
import traceback
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from nbformat import NotebookNode

from . import asked, feedback, pool, reports, results, runs, submission
from .autograded import clean_notebook
from .course import WAY_OUT, Course, CourseError, write_text
from .evidence import STOPPED, Evidence
from .gradebook import Book, import_nbgrader
from .judge import Verdict
from .provenance import reaches_for_answers
from .quiz.graded import STUDENT_ID
from .rebuild import rebuild
from .recording import ByHand
from .sandbox.conversation import Limits
from .sandbox.isolation import CannotIsolate, NotSetUp
from .sandbox.launch import NOT_ISOLATED, describe, run_notebook
from .text import clean_text

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Task:
    """One submission to grade; plain data, so that it can travel to any worker.

    Attributes:
        again: run the notebook also where it was run before.
        isolated: False for running it without a sandbox, which every report says.
    """

    root: str
    lesson: str
    student: str
    seed: int
    limits: Limits = field(default_factory=Limits)
    again: bool = False
    isolated: bool = True


@dataclass
class Result:
    """What grading one submission gave.

    Attributes:
        verdicts: one for each exercise of the lesson, in its order.
        written: grade id of each question that a person marks -> the answer, None where unanswered.
        notebook: what goes into `autograded/`; None where the submission could not be read.
        problem: why it could not be graded, "" where it could.
        findings: what was put right or stopped, and what a person should look at.
        late, by_hand, waiting: see `recording.Recorded`; known once it is in the gradebook.
    """

    student: str
    lesson: str
    verdicts: list[Verdict] = field(default_factory=list)
    written: dict[str, str | None] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    notebook: NotebookNode | None = None
    problem: str = ""
    findings: list[str] = field(default_factory=list)
    submitted: datetime | None = None
    seconds: float = 0.0
    late: timedelta = timedelta()
    by_hand: dict[str, ByHand] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        return round(sum(verdict.score for verdict in self.verdicts), 2)

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)


def grade_submission(task: Task) -> Result:
    """Read, rebuild, run in the sandbox and judge one submission; reads no file but its own.

    A notebook that was run before, and of which nothing has changed since, is not run but judged again.
    Whatever the submission does, there is a result: in doubt with 0 marks and a request for review.

    Raises:
        CourseError: the lesson is not released, or the disk is full: no other submission would fare better.
        CannotIsolate: this machine cannot run a sandbox any more.
    """
    course = Course(Path(task.root))
    skeleton, _ = course.skeleton(task.lesson)
    result = Result(task.student, task.lesson)
    result.submitted, note = _timestamp(course.submitted(task.student, task.lesson))
    result.findings += [note] if note else []
    result.findings += [] if task.isolated else [NOT_ISOLATED]
    try:
        _grade(task, course, result)
    except submission.BadSubmission as error:
        _award_nothing(result, skeleton, task.seed, str(error))
    except NotSetUp as error:  # its own files may be why
        _fail(course, result, skeleton, task.seed, error)
    except (CourseError, CannotIsolate):
        raise
    except Exception as error:  # a fault of the grader's own must not cost the others their marks
        if getattr(error, "errno", None) in NO_ROOM:
            raise CourseError(
                f"{tempfile.gettempdir()} cannot be written ({error.strerror}). {WAY_OUT}"
            ) from error
        _fail(course, result, skeleton, task.seed, error)
    return result


def _grade(task, course, result):
    folder = course.submitted(task.student, task.lesson)
    submitted = submission.read(folder / f"{task.lesson}.ipynb")
    skeleton, note = course.skeleton(task.lesson, submission.release_of(submitted))
    rebuilt = rebuild(skeleton, submitted)
    run, left_out = _run(task, course, folder, code_cells(rebuilt.cells))
    nothing = Evidence(task.seed, state=STOPPED)
    result.seconds = run.seconds
    result.verdicts = [
        asked.verdict(name, points, run.evidence.get(name, nothing), task.student, task.lesson)
        for name, points in asked.names(skeleton).items()
    ]
    reviews = [f"{verdict.exercise}: {text}" for verdict in result.verdicts for text in verdict.review]
    reviews += reaches_for_answers(rebuilt)
    notes = note, run.ended, _other_id(task.student, rebuilt.answers)
    result.findings += [*filter(None, notes), *rebuilt.findings, *left_out, *reviews]
    result.answers = rebuilt.answers
    result.written = {
        name: rebuilt.answers[name] if name in rebuilt.changed else None for name in _written(skeleton)
    }
    result.notebook = clean_notebook(skeleton, rebuilt, run, result.verdicts)


def _run(task, course, folder, cells):
    """What the sandbox shows, or showed when the same was run before; and the files that were left out."""
    with tempfile.TemporaryFile(prefix="submission-") as files:
        left_out = submission.pack_files(folder, files)
        files.seek(0)
        key = runs.key(cells, files.read(), task.seed, task.limits)
        run = None if task.again else runs.find(course, task.lesson, task.student, key)
        if run is None:
            files.seek(0)
            run = run_notebook(cells, task.seed, task.limits, files.fileno(), task.isolated)
            runs.keep(course, task.lesson, task.student, key, run)
    return run, left_out


def _award_nothing(result, skeleton, seed, problem):
    result.problem = problem
    nothing = Evidence(seed, state=STOPPED)
    result.verdicts = [
        asked.verdict(name, points, nothing, result.student, result.lesson)
        for name, points in asked.names(skeleton).items()
    ]
    result.written = dict.fromkeys(_written(skeleton))
    result.answers, result.notebook = {}, None


def _fail(course, result, skeleton, seed, error):
    """Keep what went wrong for the instructor, and leave the marks to a person."""
    failure = course.state / "failures" / result.lesson / f"{result.student}.txt"
    write_text(failure, "".join(traceback.format_exception(error)))
    says = f"The grader itself failed on this notebook ({type(error).__name__}); a person has to look at it."
    _award_nothing(result, skeleton, seed, says)


def grade_class(
    course: Course,
    lesson: str,
    students: list[str],
    workers: Executor,
    limits: Limits | None = None,
    again: bool = False,
    isolated: bool = True,
):
    """Grade the submissions and write everything; yields each result as it is written.

    A submission that cannot be read or that misbehaves gets its 0 and its review; it never stops
    the others.

    Raises:
        CannotIsolate: this machine cannot run a sandbox.
        CourseError: the lesson, the seed or the gradebook is not as it must be.
    """
    seed = course.seed()
    skeleton, _ = course.skeleton(lesson)
    trial = workers.submit(describe, isolated)
    tasks = [
        Task(str(course.root), lesson, student, seed, limits or Limits(), again, isolated)
        for student in students
    ]
    import_nbgrader()  # in this thread alone: its imports and the workers' would get into each other's way
    trial.result()  # a machine that cannot isolate says so before anything is written
    with pool.running(workers, grade_submission, tasks) as ended, Book(course.db_url, course.root) as book:
        book.prepare(lesson, skeleton, course.due(lesson))
        for result in ended:
            try:
                _write(course, book, result, skeleton)
            except (CourseError, OSError):  # the gradebook or the disk: no other submission would fare better
                raise
            except Exception as error:
                _fail(course, result, skeleton, seed, error)
                _write(course, book, result, skeleton)
            yield result
        reports.write_grades(course.grades, book.rows(lesson))


def _write(course, book, result, skeleton):
    recorded = book.record(result, results.unchanged(course, result))
    result.late, result.by_hand, result.waiting = recorded.late, recorded.by_hand, recorded.waiting
    place = course.autograded(result.student, result.lesson) / f"{result.lesson}.ipynb"
    if result.notebook is None:
        place.unlink(missing_ok=True)  # an older one would show answers that were not graded now
    else:
        # In one line: for indented JSON Python leaves its fast encoder.
        write_text(place, json.dumps(result.notebook, ensure_ascii=False) + "\n")
    page = feedback.page(result, skeleton)
    write_text(course.feedback(result.student, result.lesson) / f"{result.lesson}.html", page)
    results.keep(course, result)


def code_cells(cells) -> list[dict]:
    """The code cells of a notebook as the sandbox takes them: source, and what is asked there."""
    return [{"source": cell.source, "check": asked.at(cell)} for cell in cells if cell.cell_type == "code"]


def _written(skeleton):
    """Grade ids of the answers that a person marks."""
    settings = [cell.metadata.get("nbgrader", {}) for cell in skeleton.cells]
    by_program = asked.names(skeleton)
    return [
        s["grade_id"]
        for s in settings
        if s.get("grade") and s.get("solution") and s["grade_id"] not in by_program
    ]


def _other_id(student, answers):
    """What to say where the notebook names another student than its folder, whose variants count."""
    said = re.search(r"""student\s*=\s*(["'])(.*?)\1""", answers.get(STUDENT_ID, ""))
    if not said or said[2].strip().casefold() == student.strip().casefold():
        return ""
    return f"its quiz was drawn for the id {clean_text(said[2])[:40]!r}; marked as that of its folder"


def _timestamp(folder):
    """When it was handed in, from nbgrader's `timestamp.txt`, and a note where that cannot be read."""
    path = folder / "timestamp.txt"
    if path.is_symlink() or not path.is_file() or path.stat().st_size > 200:
        return None, "timestamp.txt is no small file; counted as in time" if path.exists() else ""
    text = path.read_text(errors="replace").strip()
    when = reports.parse_time(text)
    return when, "" if when else f"timestamp.txt says {text[:40]!r}, which is no date; counted as in time"
