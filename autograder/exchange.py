"""The commands between a course and its learning management system: lessons out, submissions in, marks out."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from .course import Course, CourseError
from .terminal import Folder, Lesson, bar, errors, say, say_list

app = typer.Typer()

PROJECT = Path(__file__).parents[1]
Target = Annotated[
    Path | None, typer.Option("--to", help="File to write; by default in exports/.", dir_okay=False)
]


@app.command()
def release(
    lesson: Annotated[list[str] | None, typer.Argument(help="Lessons; by default all.")] = None,
    course: Folder = Path(),
    source: Annotated[
        Path, typer.Option("--from", help="The folder that has lessons/.", exists=True)
    ] = PROJECT,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where a lesson is not up to date.")
    ] = False,
):
    """Copy released lessons into the course's lessons/, for students to have; older releases stay known."""
    from . import release as releases

    place = Course(course.resolve())
    if check:
        stale = [
            found
            for found in releases.compare(place, source.resolve(), lesson or [])
            if found[1] != releases.SAME
        ]
        for name, state in stale:
            errors.print(f"{name}: {state}; run `autograder release`", soft_wrap=True)
        raise typer.Exit(bool(stale))
    for name, state in releases.release(place, source.resolve(), lesson or []):
        say(f"{name}: {state}")
    say(f"hand out what lies in {place.root}/lessons")


@app.command()
def roster(
    file: Annotated[
        Path, typer.Argument(help="CSV that Canvas (Grades > Export) or Moodle (Participants, Grades) made.")
    ],
    course: Folder = Path(),
    student: Annotated[str, typer.Option(help="Column of roster.csv that names a student's folder.")] = "",
):
    """Write roster.csv, who takes the course, from a list that Canvas or Moodle exports; known people are updated."""
    from . import roster as rosters

    place = Course(course.resolve())
    if student and student not in rosters.IDS:
        raise CourseError(
            f"--student {student}: the columns that can name a folder are {', '.join(rosters.IDS)}."
        )
    new, before = rosters.take_over(place, file, student)
    say(f"{place.root}/roster.csv: {before + new} people, {new} of them new")


@app.command()
def collect(
    file: Annotated[Path, typer.Argument(help="The zip archive of all submissions.")],
    lesson: Lesson,
    course: Folder = Path(),
    kind: Annotated[
        Literal["canvas", "moodle", "plain"] | None,
        typer.Option("--from", help="What made the archive; by default seen in its names."),
    ] = None,
    when: Annotated[
        datetime | None, typer.Option(help="When they were handed in (UTC), where the archive does not say.")
    ] = None,
    late: Annotated[
        datetime | None, typer.Option("--late-when", help="The same for those that Canvas calls late.")
    ] = None,
    worksheet: Annotated[
        Path | None,
        typer.Option(help="Moodle's grading worksheet: who is who, and when it came.", dir_okay=False),
    ] = None,
    timezone: Annotated[str, typer.Option(help="Of the worksheet's times, such as Europe/Berlin.")] = "UTC",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing; say who would be collected.")
    ] = False,
):
    """Unpack a class's submissions into submitted/, each to its student; what is nobody's is listed and left."""
    from . import collect as collecting
    from . import lms
    from . import roster as rosters
    from .archive import Archive

    place = Course(course.resolve())
    place.skeleton(lesson)  # an unknown lesson is the first thing to say
    outcomes, notes = Counter(), []
    with Archive(file) as archive:
        times = {"when": _utc(when), "late": _utc(late)}
        if worksheet:
            times["worksheet"] = lms.read_worksheet(worksheet, _zone(timezone))
        plan = collecting.plan(place, archive, lesson, rosters.read(place), kind or "", **times)
        if dry_run:
            say_list(
                f"{plan.kind} archive; would collect", ((h.student, "; ".join(h.notes)) for h in plan.handed)
            )
        else:
            with bar("collecting") as progress:
                task = progress.add_task("collecting", total=len(plan.handed))
                for handed, outcome in collecting.install(place, archive, lesson, plan):
                    outcomes[outcome] += 1
                    notes += [(handed.student, note) for note in handed.notes]
                    progress.advance(task)
            counts = ", ".join(f"{n} {outcome}" for outcome, n in sorted(outcomes.items())) or "nothing"
            say(f"{plan.kind} archive: {counts}; in {place.root}/submitted/<student>/{lesson}")
        undated = [handed.student for handed in plan.handed if handed.claim.late and not handed.when]
        say_list("to look at", notes)
        say_list("late, says Canvas, and counted as in time without --late-when", ((s, "") for s in undated))
        say_list("not collected: nobody's, or not to be told", plan.unmatched)
        say_list("not collected: unsafe", archive.refused)
        say_list("in the roster, and handed nothing in", ((s, "") for s in plan.absent))
    if plan.unmatched or archive.refused or outcomes[collecting.REFUSED]:
        raise typer.Exit(1)


@app.command()
def feedback(
    lesson: Lesson,
    course: Folder = Path(),
    how: Annotated[
        Literal["canvas", "moodle", "plain"], typer.Option("--format", help="How its files are named.")
    ] = "plain",
    to: Target = None,
):
    """Pack the feedback pages into a zip: for Canvas's or Moodle's upload of feedback, or a folder a student."""
    from .export import export_feedback

    made = export_feedback(Course(course.resolve()), lesson, how, to)
    say(f"{made.path}: {made.count} pages")
    say_list("left out", made.missing)
    raise typer.Exit(made.count == 0)


@app.command()
def export(
    lesson: Lesson,
    course: Folder = Path(),
    how: Annotated[
        Literal["canvas", "moodle", "csv", "json"], typer.Option("--format", help="Whose columns.")
    ] = "csv",
    title: Annotated[
        str,
        typer.Option(
            "--assignment", help="Its name there; for Canvas as in its own export, “Activations (4711)”."
        ),
    ] = "",
    worksheet: Annotated[
        Path | None, typer.Option(help="Fill in Moodle's grading worksheet.", dir_okay=False)
    ] = None,
    to: Target = None,
):
    """Write the marks as a file to import into Canvas or Moodle, or as CSV or JSON for anything else."""
    from . import export as exporting
    from . import roster as rosters

    place = Course(course.resolve())
    rows, people = exporting.marks(place, lesson), rosters.read(place)
    if worksheet:
        made = exporting.Export(to or exporting.place(place, f"{lesson}-worksheet.csv"))
        made.unfinished = [row["student"] for row in rows if row["needs_manual_grade"]]
        exporting.fill_worksheet(rows, people, worksheet, made)
    else:
        made = exporting.export_marks(place, lesson, rows, people, how, title, to)
    say(f"{made.path}: marks of {made.count}")
    say_list("without a mark there", made.missing)
    say_list(
        "written answers wait for a person (formgrader), the mark may rise",
        ((s, "") for s in made.unfinished),
    )


@app.command()
def forget(
    student: Annotated[
        str, typer.Argument(help="The id: the folder in submitted/, “student” in roster.csv.")
    ],
    course: Folder = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
):
    """Remove all that the course keeps of one student: work, marks, feedback, runs, and the lines in its tables."""
    from . import forget as forgetting

    place = Course(course.resolve())
    kept = forgetting.find(place, student)
    if not yes:
        found = [*kept.paths, *kept.tables, *kept.shared]
        say_list(
            f"of {student}, beside marks in the gradebook",
            ((str(p.relative_to(place.root)), "") for p in found),
        )
        typer.confirm("Remove this for good?", abort=True)
    say_list(f"removed of {student}", ((line, "") for line in forgetting.remove(place, kept)))


def _zone(name):
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CourseError(
            f"--timezone {name}: no such time zone. Write it as Europe/Berlin or UTC."
        ) from error


def _utc(when):
    return when.replace(tzinfo=UTC) if when and when.tzinfo is None else when
