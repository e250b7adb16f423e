"""What the answers of a class say about the questions, and what the questions say about the class.

The statistics are those of `item_analysis`, which the class report uses for exercises; here come the options, the
test as a whole, and the mistakes behind wrong answers. Intervals are of 95 %, bootstrapped over students with a
fixed seed, so that the same answers give the same page.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np

from ...item_analysis import LEAST_STUDENTS, Interval, Item, analyse, cronbach_alpha, mean_intervals
from .. import bank
from ..question import QuizError
from .class_mistakes import MistakeRow, mistakes_of_class
from .distractors import DEAD, OTHERS, OptionRow, chosen_from, options_of
from .matching import NO_ANSWER
from .responses import Table

EASY, HARD = 0.95, 0.2


@dataclass(frozen=True)
class ItemRow:
    """One question over the class.

    Attributes:
        students: who were given it.
        item: see there; its `success` is the difficulty p.
        interval: of p, bootstrapped.
        efficiency: share of its wrong options that are alive, NaN where they are not known.
        says: the numbers in words, the most urgent first.
    """

    name: str
    text: str
    lesson: str
    points: float
    students: int
    item: Item
    interval: Interval
    options: tuple[OptionRow, ...]
    efficiency: float
    says: tuple[str, ...]

    @property
    def alarming(self) -> bool:
        return any(word.startswith(("negative:", "suspicious")) for word in self.says)


@dataclass(frozen=True)
class Analysis:
    """Everything that the page shows.

    Attributes:
        totals: each student's share of the marks that could be had.
        reliability: KR-20 where all marks are all or nothing, else Cronbach's alpha; NaN where it is not defined.
        sem: standard error of measurement, in shares of the marks.
        compared: students on whom the reliability rests: those with the questions that all have.
    """

    students: int
    items: tuple[ItemRow, ...]
    totals: np.ndarray
    coefficient: str
    reliability: float
    reliability_interval: Interval
    sem: float
    compared: int
    mistakes: tuple[MistakeRow, ...]
    notes: tuple[str, ...]

    @property
    def small(self) -> bool:
        return self.students < LEAST_STUDENTS

    @property
    def caveat(self) -> str:
        return few(self.students) if self.small else ""


def few(n: int) -> str:
    return f"few answers: n = {n}, nothing can be said"


def analyse_table(table: Table, made: dict[str, set[str]] | None = None, seed: int = 0) -> Analysis:
    """The analysis of a class's responses.

    Args:
        made: who made which mistake in graded exercises, see `made_in_exercises`.
        seed: of the bootstrap.
    Raises:
        QuizError: an item has different points for different students.
    """
    scores, points, students, names = matrix(table)
    rng = np.random.default_rng(seed)
    given = ~np.isnan(scores)
    totals = np.nansum(scores, axis=1) / (given @ points)
    found = analyse(scores, points, rng)
    intervals = mean_intervals(scores / points, rng)
    chosen = defaultdict(dict)
    for row in table.rows:
        chosen[row.item][row.student] = row
    place = {student: i for i, student in enumerate(students)}
    items = []
    for k, name in enumerate(names):
        rows = chosen[name]
        took = np.array([place[student] for student in rows])
        options = options_of(list(rows.values()), totals[took])
        wrong = [
            option for option in options if option.right is False and option.label not in (NO_ANSWER, OTHERS)
        ]
        efficiency = (
            float(np.mean([option.share >= DEAD for option in wrong]))
            if wrong and chosen_from(list(rows.values()))
            else np.nan
        )
        small = len(rows) < LEAST_STUDENTS
        says = (few(len(rows)),) if small else tuple(_words(found[k], options))
        if small:
            options = tuple(replace(option, says="") for option in options)
        items.append(
            ItemRow(
                name, table.known.get(name, ""), _lesson(name), float(points[k]), len(rows), found[k], intervals[k],
                options, efficiency, says,
            )
        )  # fmt: skip
    whole = scores[:, given.all(axis=0)]
    compared = len(scores)
    if whole.shape[1] < len(names) and given.all(axis=1).mean() >= 0.5:
        whole = scores[given.all(axis=1)]  # most have all questions: rather leave out a few students
        compared = len(whole)
    alpha, interval = np.nan, Interval(np.nan, np.nan)
    sem = np.nan
    if whole.shape[1] > 1 and compared > 1:
        alpha, interval = cronbach_alpha(whole, rng)
        most = points[given.all(axis=0)].sum() if compared == len(scores) else points.sum()
        sem = (
            float((whole.sum(axis=1) / most).std(ddof=1) * np.sqrt(max(0.0, 1 - alpha)))
            if alpha == alpha
            else np.nan
        )
    halves = np.isin(scores[given], (0.0,)) | np.isclose(scores, points)[given]
    return Analysis(
        len(students),
        tuple(items),
        totals,
        "KR-20" if halves.all() and len(set(points)) == 1 else "Cronbach's alpha",
        alpha,
        interval,
        sem,
        compared,
        mistakes_of_class(table.rows, made),
        tuple(table.notes),
    )


def matrix(table: Table) -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """Scores (students, items) with NaN where one was not given, points, students, items.

    Raises:
        QuizError: an item has different points for different students.
    """
    students = sorted({row.student for row in table.rows})
    names = list(dict.fromkeys(row.item for row in sorted(table.rows, key=_in_order)))
    points = {}
    for row in table.rows:
        if points.setdefault(row.item, row.points) != row.points:
            raise QuizError(
                f"{row.item} gives {points[row.item]:g} marks here and {row.points:g} there: give the files of one quiz."
            )
    place = {student: i for i, student in enumerate(students)}
    column = {name: k for k, name in enumerate(names)}
    scores = np.full((len(students), len(names)), np.nan)
    for row in table.rows:
        scores[place[row.student], column[row.item]] = row.score
    return scores, np.array([points[name] for name in names]), students, names


def _in_order(row):
    """By what the file calls the item, numbers as numbers: Question 2 before Question 10."""
    parts = re.split(r"(\d+)", row.slot or row.item)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], row.item


def _lesson(name):
    one = bank.templates().get(name) or bank.static().get(name)
    return one.lesson if one else ""


def _words(item, options):
    """The bounds 0.2 and 0.4 are Ebel's (1965), as for exercises."""
    if np.isnan(item.rest):
        solved = "everybody" if item.success == 1 else "nobody" if item.success == 0 else ""
        yield (
            f"too {'easy' if item.success == 1 else 'hard'}: {solved} solves it, so it tells nobody apart"
            if solved
            else ("all who have other questions too have the same marks here, so it tells nobody apart")
        )
    elif item.against:
        yield "negative: check the key; those who do well elsewhere fail here"
    elif item.rest < 0:
        yield "negative, but within chance: look again with the next class"
    elif np.isnan(item.rest_interval.low) or item.rest_interval.low <= 0:
        yield "cannot be told from chance in this class"
    else:
        worth = (
            "weak: it hardly goes"
            if item.rest < 0.2
            else "fair: it goes"
            if item.rest < 0.4
            else "good: it goes well"
        )
        yield f"{worth} with the rest"
    if item.success > EASY and not np.isnan(item.rest):
        yield "too easy: nearly everybody solves it"
    if item.success < HARD and not np.isnan(item.rest):
        yield "too hard: hardly anybody solves it"
    for word in ("dead", "suspicious"):
        labels = [f"“{option.label}”" for option in options if option.says.startswith(word)]
        if labels:
            yield f"{word} distractor{'s' * (len(labels) > 1)}: {', '.join(labels)}"
