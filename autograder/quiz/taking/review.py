"""`autograder cards review`: due cards first, then some new ones; `fsrs` says when each comes back."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zlib import crc32

from rich.rule import Rule
from rich.table import Table

from ...terminal import console, errors, say
from .. import bank
from ..outlets.cards import slips
from ..question import QuizError
from . import learner, units
from .learner import Learner, utc_now
from .screen import Stop, ask, blank, show, show_listed

NEW_A_DAY = 10
AHEAD = timedelta(minutes=20)  # what comes back within this is asked again before the review ends
RATINGS = {"1": "again", "2": "hard", "3": "good", "4": "easy"}
_LEARNED = 2  # fsrs.State.Review: past the first steps of some minutes


def scheduler():
    """The scheduler with its own settings, but without its random change of dates: the same ratings give the same dates.

    Raises:
        QuizError: fsrs is not installed.
    """
    try:
        from fsrs import Scheduler
    except ModuleNotFoundError as error:
        raise QuizError(
            "cards are scheduled by fsrs, which is not installed: pip install 'nnlib-course[quiz]'"
        ) from error
    return Scheduler(enable_fuzzing=False)


def rated(kept: dict | None, unit: str, rating: str, when: datetime, by) -> dict:
    """The state of a card after a rating.

    Args:
        kept: the state before, None for a card that was never reviewed.
        unit: its id.
        rating: "1" to "4".
        by: a `scheduler()`.
    """
    from fsrs import Card, Rating

    # Without an id of its own a card of fsrs takes the clock's, after a sleep.
    card = Card.from_dict(kept) if kept else Card(card_id=crc32(unit.encode()), due=when)
    return by.review_card(card, Rating(int(rating)), when.astimezone(UTC))[0].to_dict()


def review(
    lesson: str = "",
    limit: int | None = None,
    new_a_day: int = NEW_A_DAY,
    now: Callable[[], datetime] = utc_now,
) -> Counter:
    """Show cards and keep their ratings, until none is due or the person stops.

    Args:
        lesson: cards of this lesson; "" for all.
        limit: reviews at most.
        new_a_day: how many cards may be begun on one day.
        now: the clock.
    Returns:
        How often each rating was given.
    Raises:
        QuizError: there is no such lesson, fsrs is not installed, or the file of cards cannot be used.
    """
    chosen, by, given = _of_lesson(lesson), scheduler(), Counter()
    with learner.opened(now(), _warn) as person:
        due, fresh = _due(person, chosen, now()), _fresh(person, chosen, now(), new_a_day)
        say(f"{len(due)} due, {len(fresh)} new. Instead of a rating: q to stop.")
        seen = set()
        try:
            while limit is None or given.total() < limit:
                unit = _next(person, chosen, now(), new_a_day, seen)
                if unit is None:
                    break
                seen.add(unit.id)
                given[_one(unit, person, by, now)] += 1
        except (Stop, KeyboardInterrupt):
            say("Stopped. What was rated is kept.")
        _sum_up(person, chosen, given, now())
    return given


def status(lesson: str = "", now: Callable[[], datetime] = utc_now) -> Table:
    """How many cards are due, new and learned, lesson by lesson.

    Raises:
        QuizError: there is no such lesson, or the file of cards cannot be read.
    """
    chosen, person = _of_lesson(lesson), learner.read()
    table = Table(title="cards")
    for name, justify in (
        ("lesson", "left"),
        ("cards", "right"),
        ("due", "right"),
        ("new", "right"),
        ("learned", "right"),
    ):
        table.add_column(name, justify=justify)
    lessons = dict.fromkeys(unit.card.lesson for unit in chosen)
    for name in [*lessons, ""] if len(lessons) > 1 else lessons:
        mine = [unit for unit in chosen if name in ("", unit.card.lesson)]
        new = sum(person.due(unit.id) is None for unit in mine)
        known = (person.cards.get(unit.id, {}).get("fsrs") for unit in mine)
        learned = sum(state is not None and state["state"] == _LEARNED for state in known)
        counts = len(mine), len(_due(person, mine, now())), new, learned
        table.add_row(name or "all", *map(str, counts), end_section=name == list(lessons)[-1])
    return table


def _of_lesson(lesson):
    found = [unit for unit in units.every().values() if lesson in ("", unit.card.lesson)]
    if not found:
        known = sorted({card.lesson for card in bank.cards().values()})
        raise QuizError(f"no cards of lesson {lesson!r}; there are some of {', '.join(known)}")
    return found


def _due(person: Learner, chosen, when):
    """The longest due first."""
    found = [(person.due(unit.id), unit) for unit in chosen]
    due = [(time, unit) for time, unit in found if time is not None and time <= when]
    return [unit for _, unit in sorted(due, key=lambda pair: pair[0])]


def _fresh(person, chosen, when, new_a_day):
    left = max(0, new_a_day - person.begun_on(when))
    return [unit for unit in chosen if person.due(unit.id) is None][:left]


def _next(person, chosen, when, new_a_day, seen):
    first = _due(person, chosen, when) or _fresh(person, chosen, when, new_a_day)
    soon = first or _due(person, [unit for unit in chosen if unit.id in seen], when + AHEAD)
    return soon[0] if soon else None


def _one(unit, person, by, now):
    blank()
    console.print(Rule(f"{unit.id}  {unit.card.lesson}", align="left", style="none"))
    show(unit.front)
    blank()
    ask("Enter shows the back:")
    show(unit.back, indent=2)
    if slips(unit.card.id):
        blank()
        say("Slips that it cures:")
        show_listed([("–", text) for text in slips(unit.card.id)])
    blank()
    kept, when = person.cards.get(unit.id, {}).get("fsrs"), now()
    after = {rating: rated(kept, unit.id, rating, when, by) for rating in RATINGS}
    rating = _rating({rating: _until(state, when) for rating, state in after.items()})
    person.reviewed(unit.id, after[rating], when)
    return RATINGS[rating]


def _rating(until):
    choices = ", ".join(f"{rating} {name} ({until[rating]})" for rating, name in RATINGS.items())
    while True:
        typed = ask(f"{choices}:")
        if typed in RATINGS:
            return typed
        say("Type 1, 2, 3 or 4: how well did you know it? Or q to stop.")


def _until(state, when):
    return in_words(datetime.fromisoformat(state["due"]) - when)


def in_words(span: timedelta) -> str:
    """A time from now, roughly.

    >>> in_words(timedelta(minutes=10)), in_words(timedelta(hours=5)), in_words(timedelta(days=1))
    ('10 min', '5 h', '1 day')
    >>> in_words(timedelta(days=45)), in_words(timedelta(days=400))
    ('45 days', '13 months')
    """
    minutes = round(span.total_seconds() / 60)
    if minutes < 60:
        return f"{max(minutes, 0)} min"
    if minutes < 24 * 60:
        return f"{round(minutes / 60)} h"
    days = round(minutes / (24 * 60))
    if days < 100:
        return f"{days} day{'s' * (days != 1)}"
    return f"{round(days / 30.4)} months"


def _sum_up(person, chosen, given, when):
    blank()
    how = ", ".join(f"{given[name]} {name}" for name in RATINGS.values() if given[name])
    say(f"{given.total()} review{'s' * (given.total() != 1)}" + (f": {how}." if how else "."))
    left = len(_due(person, chosen, when))
    if left:
        say(f"{left} still due.")
    times = sorted(time for unit in chosen if (time := person.due(unit.id)) is not None and time > when)
    if times:
        day, week = (sum(time <= when + timedelta(days=n) for time in times) for n in (1, 7))
        say(
            f"Next due in {in_words(times[0] - when)} ({times[0].astimezone():%Y-%m-%d %H:%M}); "
            f"{day} within a day, {week} within a week."
        )


def _warn(text):
    errors.print(text, soft_wrap=True, markup=False)
