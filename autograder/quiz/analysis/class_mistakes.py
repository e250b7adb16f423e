"""Which mistakes a class made in its answers, and who made the same ones in the exercises: they have one id."""

from collections import defaultdict
from dataclasses import dataclass

from ... import results
from ...course import Course, CourseError
from ...item_analysis import Interval, wilson
from ...meanings import meaning
from ...roster import folded
from .. import bank
from .response_files import Response


@dataclass(frozen=True)
class MistakeRow:
    """A mistake, in the questions and under the same id in the exercises.

    Attributes:
        students: who made it at least once.
        of: who answered a question in which it was made.
        exercise: the exercise whose mistake it is, "" for one that only questions have.
        in_exercise: who also made it there; None where no graded exercises were given.
    """

    id: str
    students: int
    of: int
    interval: Interval
    items: tuple[str, ...]
    exercise: str
    diagnosis: str
    card: str
    in_exercise: int | None = None

    @property
    def share(self) -> float:
        return self.students / self.of


def mistakes_of_class(
    rows: list[Response], made: dict[str, set[str]] | None = None
) -> tuple[MistakeRow, ...]:
    """Every mistake that was made, the commonest first.

    Args:
        made: students, as `made_in_exercises` has them; None where nobody's exercises are known.
    """
    who, where, met = defaultdict(set), defaultdict(set), defaultdict(set)
    for row in rows:
        met[row.item].add(row.student)
        for choice in row.choices:
            if choice.mistake and not choice.right:
                who[choice.mistake].add(row.student)
                where[choice.mistake].add(row.item)
    found = []
    for name, students in who.items():
        of = len(set().union(*(met[item] for item in where[name])))
        exercise, _, short = name.rpartition(".")
        try:
            says, card = bank.says(name), bank.card_of(name)
        except bank.UnknownQuestion:
            says, card = meaning(exercise, short or name)
        also = None
        if made is not None and exercise:
            also = sum(bool(_ids(student) & made.get(name, set())) for student in students)
        share = wilson(len(students) / of, of)
        items = tuple(sorted(where[name]))
        found.append(MistakeRow(name, len(students), of, share, items, exercise, says, card, also))
    return tuple(sorted(found, key=lambda row: (-row.students, -row.share, row.id)))


def made_in_exercises(course: Course) -> dict[str, set[str]]:
    """The students, by the mistakes that grading found in their notebooks of any lesson.

    Raises:
        CourseError: a lesson's results are damaged, or no lesson was graded.
    """
    lessons = sorted(path.name for path in (course.state / "results").glob("*") if path.is_dir())
    if not lessons:
        raise CourseError(
            f"{course.root} has no graded lesson: run `autograder grade`, or leave --course out."
        )
    made = defaultdict(set)
    for lesson in lessons:
        for summary in results.read(course, lesson):
            for answer in summary["exercises"]:
                if answer["mistake"]:
                    made[f"{answer['exercise']}.{answer['mistake']}"] |= _ids(summary["student"])
    return made


def _ids(student):
    """An id as it may stand in an LMS too: with and without the school's part of an address."""
    return {folded(student), folded(student.partition("@")[0])}
