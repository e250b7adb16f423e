"""What a class's results say: marks, exercises, mistakes, and which notebooks were slow, stopped or late.

`report` writes one page for the teaching staff. It says what a small class cannot show.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np

from . import results
from .course import Course, CourseError, write_text
from .evidence import JUDGED, NOT_STARTED, STOPPED
from .feedback import title
from .item_analysis import LEAST_STUDENTS, Interval, Item, analyse, cronbach_alpha, wilson
from .meanings import meaning
from .render import render
from .reports import in_words
from .text import clean_text

LEAST_CLASS = 5  # with fewer, every share is one person's
SLOW_FACTOR, SLOW_SECONDS, SLOW_LISTED = 3, 5.0, 20
LEVELS = ("full", "partial", "none", "not started", "not reached")


@dataclass(frozen=True)
class CaseRow:
    """How many of those whose answer could be judged passed a case."""

    name: str
    passed: int
    judged: int


@dataclass(frozen=True)
class ExerciseRow:
    """One exercise over the class.

    Attributes:
        counts: how many students reached each of LEVELS.
        item: its item analysis; None for an optional exercise and for a small class.
        unexplained: wrong answers to which no mistake could be named.
    """

    name: str
    points: float
    counts: dict[str, int]
    cases: tuple[CaseRow, ...]
    unexplained: int
    item: Item | None = None

    @property
    def students(self) -> int:
        return sum(self.counts.values())

    @property
    def full_share(self) -> float:
        return self.counts["full"] / self.students


@dataclass(frozen=True)
class MistakeRow:
    """A mistake that somebody made, the marks that it cost all of them, and what the bank says of it."""

    exercise: str
    name: str
    students: int
    share: float
    interval: Interval
    lost: float
    diagnosis: str
    card: str


@dataclass(frozen=True)
class ClassReport:
    """Everything that the page shows.

    Attributes:
        marks: of every submission that could be read, for code, before anything is taken off for lateness.
        begun: how many of them started an exercise that carries marks and were not stopped; the item
            analysis looks at these.
        alpha: Cronbach's alpha and its interval; None for a small class.
    """

    lesson: str
    submissions: int
    points: float
    marks: np.ndarray
    begun: int
    exercises: tuple[ExerciseRow, ...]
    alpha: tuple[float, Interval] | None
    mistakes: tuple[MistakeRow, ...]
    seconds_median: float
    unreadable: list[dict] = field(default_factory=list)
    stopped: list[dict] = field(default_factory=list)
    slow: list[dict] = field(default_factory=list)
    late: list[dict] = field(default_factory=list)

    @property
    def quartiles(self) -> tuple[float, float, float]:
        return tuple(float(q) for q in np.percentile(self.marks, [25, 50, 75]))

    @property
    def caveats(self) -> list[str]:
        """What this class is too small to show."""
        if len(self.marks) < LEAST_CLASS:
            return [
                f"Only {_submissions(len(self.marks))} could be read. A share of so few is one person's: this page "
                "counts, and gives no shares, quartiles or item analysis. Look at the notebooks themselves."
            ]
        if self.begun < LEAST_STUDENTS:
            return [
                f"Only {_submissions(self.begun)} got far enough to compare. Shares are given with intervals, and they are "
                f"wide. Whether an exercise goes with the rest cannot be told from fewer than {LEAST_STUDENTS}: there is no item analysis."
            ]
        return []


def report(course: Course, lesson: str) -> Path:
    """Write `reports/<lesson>.html` into the course's folder and return its place.

    Raises:
        CourseError: the lesson is not released, or nothing of it has been graded.
    """
    skeleton, _ = course.skeleton(lesson)
    place = course.root / "reports" / f"{lesson}.html"
    write_text(place, page(summarise(lesson, read(course, lesson)), title(skeleton)))
    return place


def read(course: Course, lesson: str) -> list[dict]:
    """The summaries of a lesson's submissions.

    Raises:
        CourseError: there is none, or one is broken.
    """
    summaries = list(results.read(course, lesson))
    if not summaries:
        raise CourseError(f"nothing of {lesson} has been graded: run `autograder grade {lesson}` first.")
    return summaries


def page(found: ClassReport, heading: str) -> str:
    """The report as one self-contained page of HTML."""
    from . import report_plots  # matplotlib takes a while to import

    return render(
        "report.html",
        report=found,
        title=heading,
        findings=report_plots.findings(found),
        pictures=report_plots.pictures(found),
        levels=LEVELS,
        shares=len(found.marks) >= LEAST_CLASS,
    )


def summarise(lesson: str, summaries: list[dict]) -> ClassReport:
    """The report's numbers from the summaries of `results.read`."""
    readable = [summary for summary in summaries if not summary["problem"]]
    answers = defaultdict(list)
    for summary in readable:
        for answer in summary["exercises"]:
            answers[answer["exercise"]].append(answer)
    begun, items, alpha = _items(readable)
    seconds = [summary["seconds"] for summary in readable]
    median = float(np.median(seconds)) if seconds else 0.0
    return ClassReport(
        lesson,
        len(summaries),
        max((summary["points"] for summary in readable), default=0.0),
        np.array([summary["score"] for summary in readable]),
        begun,
        tuple(_exercise(name, found, items.get(name)) for name, found in answers.items()),
        alpha,
        _mistakes(answers),
        median,
        unreadable=[_person(s, clean_text(s["problem"])) for s in summaries if s["problem"]],
        stopped=[_person(s, what) for s in readable if (what := _stopped(s))],
        slow=_slow(readable, median),
        late=[
            _person(s, in_words(timedelta(seconds=s["seconds_late"]))) for s in summaries if s["seconds_late"]
        ],
    )


def _items(readable):
    """How many started something, their item analysis by exercise, and alpha."""
    begun = [
        summary
        for summary in readable
        if any(a["state"] == JUDGED and a["points"] for a in summary["exercises"])
        and not any(a["state"] == STOPPED for a in summary["exercises"])
    ]
    # A notebook from an older release may lack an exercise; only those that every notebook has compare.
    common = [{a["exercise"] for a in summary["exercises"] if a["points"]} for summary in begun]
    names = sorted(set.intersection(*common)) if common else []
    if len(begun) < LEAST_STUDENTS or not names:
        return len(begun), {}, None
    by_name = [{a["exercise"]: a for a in summary["exercises"]} for summary in begun]
    scores = np.array([[answers[name]["score"] for name in names] for answers in by_name])
    points = np.array([by_name[0][name]["points"] for name in names])
    items = analyse(scores, points, np.random.default_rng(0)) if len(names) > 1 else []
    alpha = cronbach_alpha(scores, np.random.default_rng(0)) if len(names) > 1 else None
    return len(begun), dict(zip(names, items, strict=False)), alpha


def _exercise(name, answers, item):
    cases = defaultdict(list)
    for answer in answers:
        for case, passed in answer["cases"].items():
            cases[case].append(passed)
    counts = dict.fromkeys(LEVELS, 0)
    for answer in answers:
        counts[_level(answer)] += 1
    return ExerciseRow(
        name,
        answers[0]["points"],
        counts,
        tuple(CaseRow(case, sum(passed), len(passed)) for case, passed in cases.items()),
        sum(
            answer["state"] == JUDGED and answer["share"] < 1 and not answer["mistake"] for answer in answers
        ),
        item,
    )


def _level(answer):
    if answer["state"] == NOT_STARTED:
        return "not started"
    if answer["state"] == STOPPED:
        return "not reached"
    return "full" if answer["share"] == 1 else "partial" if answer["share"] > 0 else "none"


def _mistakes(answers):
    """Every named mistake, the one that cost the class most first."""
    rows = []
    for exercise, found in answers.items():
        made = defaultdict(list)
        for answer in found:
            if answer["mistake"]:
                made[answer["mistake"]].append(answer["points"] - answer["score"])
        for name, lost in made.items():
            share, says = len(lost) / len(found), meaning(exercise, name)
            interval = wilson(share, len(found))
            rows.append(MistakeRow(exercise, name, len(lost), share, interval, float(sum(lost)), *says))
    return tuple(sorted(rows, key=lambda row: (-row.lost, -row.students, row.exercise, row.name)))


def _slow(readable, median):
    limit = max(SLOW_SECONDS, SLOW_FACTOR * median)
    slow = sorted((s for s in readable if s["seconds"] > limit), key=lambda s: -s["seconds"])
    return [_person(summary, f"{summary['seconds']:.1f} s") for summary in slow[:SLOW_LISTED]]


def _stopped(summary):
    return "; ".join(clean_text(f) for f in summary["findings"] if f.startswith("stopped"))


def _person(summary, what):
    return {"student": clean_text(summary["student"]), "what": what}


def _submissions(n):
    return "1 submission" if n == 1 else f"{n} submissions"
