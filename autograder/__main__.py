"""The `autograder` command."""

import sys

# nbformat imports jsonschema, which would compile a grammar for international URLs: 3 s, and no notebook has any.
sys.modules.setdefault("rfc3987_syntax", None)

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from . import exchange
from .course import Course, CourseError, write_text
from .notebooks import BadLesson
from .quiz import cli as quizzes
from .quiz.question import QuizError
from .sandbox.isolation import CannotIsolate
from .terminal import Folder, Lesson, bar, console, errors, say

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

Jobs = Annotated[int, typer.Option(min=1, help="Notebooks at a time.")]


@app.callback()
def autograder():
    """Build the lessons, grade a class, and see how both work."""


@app.command()
def build(
    course: Folder = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where a notebook is not up to date.")
    ] = False,
):
    """Make the notebooks of every lesson from its source in solutions/."""
    from . import notebooks

    if check:
        stale = notebooks.stale(course)
        for path in stale:
            errors.print(f"not up to date: {path}; run `autograder build`", soft_wrap=True)
        raise typer.Exit(bool(stale))
    written = notebooks.build_all(course)
    for path in written:
        console.print(f"wrote {path}", soft_wrap=True)
    if not written:
        console.print("all notebooks are up to date")


@app.command()
def init(
    course: Annotated[
        Path, typer.Option("--course", help="The course's folder; it is made.", file_okay=False)
    ] = Path(),
    roster: Annotated[
        Path | None, typer.Option(help="A list of the class from Canvas or Moodle; see `autograder roster`.")
    ] = None,
):
    """Make a course's folder: the private seed of its hidden inputs, its settings, and who takes it."""
    place = Course(course.resolve())
    if (
        roster and not place.seed_file.exists()
    ):  # before the seed: a list that cannot be read leaves nothing behind
        exchange.roster(roster, course)
    place.init()
    say(f"made {course / '.course' / 'seed'}: keep a copy of it, and show it to no student")
    settings = place.state / "settings.json"
    if not settings.exists():
        write_text(settings, '{\n  "due": {}\n}\n')
    say("next: `autograder release`, and `autograder doctor` to see whether this machine can grade")


@app.command()
def due(lesson: str, when: Annotated[datetime, typer.Argument(help="In UTC.")], course: Folder = Path()):
    """Set when a lesson is due."""
    Course(course.resolve()).set_due(lesson, when)
    console.print(f"{lesson} is due {when:%Y-%m-%d %H:%M} UTC")


@app.command()
def grade(
    lesson: Lesson,
    course: Folder = Path(),
    student: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    exercise: Annotated[str, typer.Option(help="Only those whose work this exercise changes.")] = "",
    jobs: Jobs = 1,
    again: Annotated[
        bool, typer.Option("--again", help="Run also notebooks of which nothing has changed since.")
    ] = False,
    no_sandbox: Annotated[
        bool,
        typer.Option(
            "--no-sandbox", help="Run notebooks that you trust with your own rights; every report says so."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Grade nobody; say who would be.")] = False,
    cell_seconds: Annotated[float, typer.Option(min=0.1, help="Time for a cell.")] = 30,
    notebook_seconds: Annotated[float, typer.Option(min=1, help="Time for a notebook.")] = 120,
    memory_mib: Annotated[int, typer.Option(min=256, help="Memory of a notebook.")] = 2048,
    processes: Annotated[int, typer.Option(min=1, help="Processes and threads of a notebook.")] = 64,
    file_mib: Annotated[int, typer.Option(min=1, help="Size of a file that a notebook writes.")] = 50,
    output_kib: Annotated[int, typer.Option(min=1, help="Output of a cell; more is cut off.")] = 1024,
):
    """Grade what stands in submitted/<student>/LESSON/ and write gradebook, feedback and grades.csv."""
    from .sandbox.conversation import Limits

    place = Course(course.resolve())
    skeleton, _ = place.skeleton(lesson)  # an unknown lesson is the first thing to say
    students = place.students(lesson)
    unknown = set(student or ()) - set(students)
    if unknown:
        raise CourseError(f"no submission of {lesson} by {', '.join(sorted(unknown))}.")
    chosen = student or students
    if exercise:
        chosen = _concerned(place, lesson, skeleton, exercise, chosen)
    if dry_run:
        say(f"would grade {len(chosen)} of {len(students)}: {', '.join(chosen)}")
        return
    place.seed()
    limits = Limits(
        cell_seconds, notebook_seconds, memory_mib * 2**20, processes, file_mib * 2**20, output_kib * 2**10
    )
    rows = _grade(place, lesson, chosen, jobs, limits=limits, again=again, isolated=not no_sandbox)
    _print_class(place, lesson, rows)


def _concerned(course, lesson, skeleton, exercise, students):
    """Whose marks a mended exercise may change: all but those who are known not to have begun it."""
    from . import asked, results
    from .evidence import NOT_STARTED

    known = list(asked.names(skeleton))
    if exercise not in known:
        raise CourseError(f"no exercise {exercise} in {lesson}. Its exercises: {', '.join(known)}.")
    idle = {
        summary["student"]
        for summary in results.read(course, lesson)
        for found in summary["exercises"]
        if found["exercise"] == exercise and found["state"] == NOT_STARTED
    }
    return [student for student in students if student not in idle]


@app.command()
def report(lesson: Lesson, course: Folder = Path()):
    """Write a page on the class: marks, exercises, the mistakes that it made, slow and failing notebooks."""
    from .class_report import report

    say(f"{report(Course(course.resolve()), lesson)}")


@app.command()
def review(lesson: Lesson, course: Folder = Path()):
    """List what a person should look at before the marks go out, and why."""
    from . import review as reviewing

    place = Course(course.resolve())
    rows = reviewing.review(place, lesson)
    console.print(reviewing.table(rows, lesson))
    say(f"{reviewing.write(place, lesson, rows)}")


@app.command()
def doctor(course: Folder = Path()):
    """See whether this machine and this course are fit for grading, and how to mend what is not."""
    from . import doctor as examination

    colours = {examination.OK: "green", examination.WARN: "yellow", examination.FAIL: "bold red"}
    failed = False
    for finding in examination.examine(Course(course.resolve())):
        colour, failed = colours[finding.level], failed or finding.level == examination.FAIL
        says = escape(f"{finding.what}: {finding.says}" + (f"; {finding.mend}" if finding.mend else ""))
        console.print(f"[{colour}]{finding.level:4}[/] {says}", soft_wrap=True)
    raise typer.Exit(failed)


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option(help="Where the demonstration's course goes; it is made anew.")
    ] = Path("demo-course"),
    course: Folder = Path(),
    jobs: Jobs = 2,
):
    """Make a class of 24 submissions of lesson 01, honest ones and attacks, and grade it for real."""
    from . import demo as demonstration

    place = demonstration.make_course(course.resolve(), folder.resolve())
    console.print(f"made a class of 24 in {folder}/submitted", soft_wrap=True)
    rows = _grade(place, demonstration.LESSON, place.students(demonstration.LESSON), jobs)
    _print_class(place, demonstration.LESSON, rows)


def _grade(course, lesson, students, jobs, isolated=True, **settings):
    from . import gradebook, pool
    from .grading import grade_class
    from .sandbox.launch import describe, start

    rows = []
    with pool.local(jobs) as workers:
        trial, *_ = [
            workers.submit(describe, isolated),
            *(workers.submit(start, isolated) for _ in range(1, jobs)),
        ]
        gradebook.import_nbgrader()  # takes as long as the sandboxes take to start
        say(f"sandbox: {trial.result()}")
        with bar("grading") as progress:
            task = progress.add_task("grading", total=len(students))
            for result in grade_class(course, lesson, students, workers, isolated=isolated, **settings):
                rows.append(_row(result))  # and not the result: a class of thousands must not fill the memory
                progress.advance(task)
    return sorted(rows)


def _row(result):
    """(student, marks, what happened, how many answers wait for a person) of one submission."""
    from .reports import commonest_mistake, in_words
    from .text import clean_text

    stopped = next((finding for finding in result.findings if finding.startswith("stopped")), "")
    what = result.problem or stopped or commonest_mistake(result.verdicts)
    late = f"late by {in_words(result.late)}" if result.late else ""
    said = clean_text("; ".join(filter(None, (late, what)))).replace("\n", " ")
    return clean_text(result.student), f"{result.score:g}/{result.points:g}", said, len(result.waiting)


def _print_class(course, lesson, rows):
    from . import db_url

    table = Table(
        title=f"{lesson}: marks", caption=f"feedback: {course.root}/feedback/<student>/{lesson}/{lesson}.html"
    )
    for name, justify in (
        ("student", "left"),
        ("marks", "right"),
        ("commonest mistake, or what happened", "left"),
    ):
        table.add_column(name, justify=justify, overflow="fold")
    for student, marks, what, _ in rows:
        table.add_row(escape(student), marks, escape(what))
    console.print(table)
    waiting = sum(row[-1] for row in rows)
    console.print(f"{waiting} answers wait for a person (nbgrader's formgrader).")
    console.print(f"gradebook: {db_url.shown(course.db_url)}\nmarks: {course.grades}", soft_wrap=True)


app.add_typer(exchange.app)
app.add_typer(quizzes.quiz, name="quiz")
app.add_typer(quizzes.cards, name="cards")


def main():
    """Run the command; what is wrong with the input is one line and no traceback."""
    try:
        app()
    except (CourseError, BadLesson, CannotIsolate, QuizError, OSError) as error:
        errors.print(f"autograder: {error}", style="bold red", markup=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        errors.print("autograder: stopped; what was written stays, and the same command goes on from there")
        sys.exit(130)


if __name__ == "__main__":
    main()
