"""The `autograder` command."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from .course import Course, CourseError
from .notebooks import BadLesson
from .sandbox.isolation import CannotIsolate

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(emoji=False)
errors = Console(stderr=True, emoji=False)

Folder = Annotated[Path, typer.Option("--course", help="The course's folder.", exists=True, file_okay=False)]
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
def init(course: Folder = Path()):
    """Make the course's private seed, from which hidden inputs are drawn; once for a course."""
    Course(course.resolve()).init()
    console.print(
        f"made {course / '.course' / 'seed'}: keep a copy of it, and show it to no student", soft_wrap=True
    )


@app.command()
def due(lesson: str, when: Annotated[datetime, typer.Argument(help="In UTC.")], course: Folder = Path()):
    """Set when a lesson is due."""
    Course(course.resolve()).set_due(lesson, when)
    console.print(f"{lesson} is due {when:%Y-%m-%d %H:%M} UTC")


@app.command()
def grade(
    lesson: Annotated[str, typer.Argument(help="For example 01_activations.")],
    course: Folder = Path(),
    student: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    jobs: Jobs = 1,
):
    """Grade what stands in submitted/<student>/LESSON/ and write gradebook, feedback and grades.csv."""
    place = Course(course.resolve())
    place.skeleton(lesson)  # an unknown lesson is the first thing to say
    students = place.students(lesson)
    unknown = set(student or ()) - set(students)
    if unknown:
        raise CourseError(f"no submission of {lesson} by {', '.join(sorted(unknown))}.")
    results = _grade(place, lesson, student or students, jobs)
    _print_class(place, lesson, results)


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
    results = _grade(place, demonstration.LESSON, place.students(demonstration.LESSON), jobs)
    _print_class(place, demonstration.LESSON, results)


def _grade(course, lesson, students, jobs):
    from . import pool
    from .grading import grade_class
    from .sandbox.launch import describe

    console.print(f"sandbox: {describe()}", soft_wrap=True)
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("time left"),
        TimeRemainingColumn(),
    )
    results = []
    with Progress(*columns, console=console) as progress, pool.local(jobs) as workers:
        bar = progress.add_task("grading", total=len(students))
        for result in grade_class(course, lesson, students, workers):
            results.append(result)
            progress.advance(bar)
    return sorted(results, key=lambda result: result.student)


def _print_class(course, lesson, results):
    from .reports import commonest_mistake, in_words
    from .text import clean_text

    table = Table(
        title=f"{lesson}: marks", caption=f"feedback: {course.root}/feedback/<student>/{lesson}/{lesson}.html"
    )
    for name, justify in (
        ("student", "left"),
        ("marks", "right"),
        ("commonest mistake, or what happened", "left"),
    ):
        table.add_column(name, justify=justify, overflow="fold")
    for result in results:
        marks = f"{result.score:g}/{result.points:g}"
        what = result.problem or _stopped(result) or commonest_mistake(result.verdicts)
        what = "; ".join(filter(None, (f"late by {in_words(result.late)}" if result.late else "", what)))
        table.add_row(escape(clean_text(result.student)), marks, escape(clean_text(what).replace("\n", " ")))
    console.print(table)
    waiting = sum(answer is not None for result in results for answer in result.written.values())
    console.print(f"{waiting} written answers wait for a person (nbgrader's formgrader).")
    console.print(f"gradebook: {course.gradebook}\nmarks: {course.grades}", soft_wrap=True)


def _stopped(result):
    return next((finding for finding in result.findings if finding.startswith("stopped")), "")


def main():
    """Run the command; what is wrong with the input is one line and no traceback."""
    try:
        app()
    except (CourseError, BadLesson, CannotIsolate, OSError) as error:
        errors.print(f"autograder: {error}", style="bold red", markup=False, soft_wrap=True)
        sys.exit(2)
    except KeyboardInterrupt:
        errors.print(
            "autograder: stopped; the marks written so far are kept, and grading again makes all of them anew"
        )
        sys.exit(130)


if __name__ == "__main__":
    main()
