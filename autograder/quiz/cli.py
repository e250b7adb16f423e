"""`autograder quiz` and `autograder cards`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ..terminal import bar, console, errors, say, say_list

quiz = typer.Typer(
    no_args_is_help=True, help="Questions: check the bank, write it for others, take a quiz, analyse answers."
)
cards = typer.Typer(no_args_is_help=True, help="Flashcards: review those that are due.")

Of = Annotated[
    str, typer.Option("--lesson", help="Questions of this lesson alone, for example 01_activations.")
]


@quiz.command()
def check(seeds: Annotated[int, typer.Option(min=1, help="Draws of each computed question.")] = 500):
    """Hold every question and card against the gates; fails where one does not pass."""
    from . import bank, gates

    templates = bank.templates()
    with bar("checking") as progress:
        task = progress.add_task("checking", total=len(templates))
        found = list(gates.problems(seeds, tell=lambda name: progress.advance(task)))
    for problem in found:
        errors.print(problem, soft_wrap=True, markup=False)
    essays = sum(question.kind == "essay" for question in bank.static().values())
    say(
        f"{len(templates) + len(bank.static())} questions ({len(templates)} computed, {essays} with a rubric), "
        f"{len(bank.cards())} cards, {seeds} seeds: {len(found) or 'no'} problem{'s' * (len(found) != 1)}"
    )
    raise typer.Exit(bool(found))


@quiz.command()
def build(
    to: Annotated[Path, typer.Option("--to", help="Folder; each outlet gets one of its own in it.")] = Path(
        "quiz"
    ),
    outlet: Annotated[list[str] | None, typer.Option(help="Only this one; may be given again.")] = None,
    lesson: Of = "",
    student: Annotated[str, typer.Option(help="This student's own variants.")] = "",
    variants: Annotated[
        int, typer.Option(min=1, help="Of each computed question, for Moodle, GIFT and Canvas to draw from.")
    ] = 1,
    title: Annotated[str, typer.Option(help="What it is called there.")] = "How neural networks learn",
):
    """Write questions and cards for Moodle, Canvas, Anki, print and the others."""
    from .build import build as write

    def tell(name, files, left_out):
        say(f"{name}: {', '.join(os.path.relpath(path) for path in files)}")
        say_list(f"  {name} cannot carry", sorted(left_out.items()))

    write(to, outlet or (), lesson, student, variants, title, tell)


@quiz.command()
def take(
    lesson: Annotated[
        str, typer.Argument(help="Questions of this lesson, for example 01_activations; else of all.")
    ] = "",
    count: Annotated[int, typer.Option(min=1, help="Questions at most.")] = 10,
    name: Annotated[
        list[str] | None, typer.Option("--id", help="This question and no other; may be given again.")
    ] = None,
    attempt: Annotated[
        int | None, typer.Option(min=1, help="Which variant; by default one that was not asked yet.")
    ] = None,
    student: Annotated[str, typer.Option(help="This student's own variants.")] = "",
    essays: Annotated[
        bool, typer.Option("--essays", help="The written questions of exams, to assess yourself.")
    ] = False,
):
    """Take a quiz: each answer is marked and explained at once, and a wrong one makes its cards due."""
    from .taking.take import take as ask

    ask(lesson, count, name or (), attempt, student, essays)


@quiz.command()
def analyze(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Moodle's Responses or Grades report or both, Canvas's Student Analysis, the files of "
            "`autograder quiz take`, or a CSV with student, item, score."
        ),
    ],
    to: Annotated[Path, typer.Option("--to", help="The page.")] = Path("analysis.html"),
    table: Annotated[Path | None, typer.Option("--csv", help="Also a table of the questions.")] = None,
    data: Annotated[Path | None, typer.Option("--json", help="Also everything, for other programs.")] = None,
    attempt: Annotated[str, typer.Option(help="Which attempt of a student counts: last or best.")] = "last",
    variants: Annotated[
        int, typer.Option(min=1, help="Of each computed question, as given to `autograder quiz build`.")
    ] = 1,
    course: Annotated[
        Path | None,
        typer.Option(
            help="A graded course: who made a mistake in its exercises too.", exists=True, file_okay=False
        ),
    ] = None,
):
    """Say how the questions of a quiz worked: difficulty, discrimination, options, and the mistakes made."""
    from ..course import Course
    from .analysis.class_mistakes import made_in_exercises
    from .analysis.items import analyse_table
    from .analysis.page import findings, write
    from .analysis.responses import read

    made = made_in_exercises(Course(course.resolve())) if course else None
    answers = read(files, attempt, variants)
    found = analyse_table(answers, made)
    for line in (f"{found.students} students, {len(found.items)} questions", *findings(found), *found.notes):
        say(line)
    if found.caveat:
        say(found.caveat)
    for path in write(found, files[0].stem, to, table, data):
        say(f"{path}")


@cards.command()
def review(
    lesson: Of = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Reviews at most.")] = None,
    new: Annotated[int, typer.Option(min=0, help="Cards that may be begun on one day.")] = 10,
):
    """Review the cards that are due, then some new ones."""
    from .taking.review import review as show

    show(lesson, limit, new)


@cards.command()
def status(lesson: Of = ""):
    """How many cards are due, new and learned."""
    from .taking.review import status as table

    console.print(table(lesson))
