"""`autograder quiz take`: questions in the terminal, marked at once; a wrong answer makes its cards due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.rule import Rule

from ...terminal import console, errors, say, say_list
from .. import answers, bank
from ..display import shown
from ..numerals import read_number
from ..question import CHOICE, TYPED, Question, QuizError
from ..seeds import Draws, seed_of
from . import units
from .learner import Learner, opened, utc_now
from .readable import one_line
from .screen import Stop, ask, ask_text, blank, show, show_listed

_KEYS = "? for a hint, s to skip, q to stop"


@dataclass
class Score:
    """How a quiz went.

    Attributes:
        right: ids of the questions answered right.
        wrong: id -> stem of those answered wrong.
        skipped, essays: how many were passed over, and assessed by the student.
        due: ids of the cards that became due.
    """

    right: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)
    skipped: int = 0
    essays: int = 0
    due: list[str] = field(default_factory=list)


def take(
    lesson: str = "",
    count: int = 10,
    ids: Sequence[str] = (),
    attempt: int | None = None,
    student: str = "",
    essays: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> Score:
    """Ask, mark, explain, and keep every answer.

    Args:
        lesson: questions of this lesson; "" for all.
        ids: these and no others, whatever their number.
        attempt: which of the student's variants; by default one that was not asked yet.
        essays: the written questions of exams, instead of those that are marked.
        now: the clock.
    Raises:
        QuizError: there is no such lesson or id, or the file of answers cannot be used.
    """
    for name in ids:  # before anything is asked
        if bank.find(name).status == "retired":
            raise QuizError(f"question {name!r} is retired and not asked any more")
    names = list(dict.fromkeys(ids)) or _names(lesson, essays)
    with opened(now(), _warn) as learner:
        chosen = names if ids else _chosen(learner, names, student)[:count]
        say(f"{len(chosen)} question{'s' * (len(chosen) != 1)}. Instead of an answer: {_KEYS}.")
        score = Score()
        try:
            for number, name in enumerate(chosen, 1):
                tries = attempt or 1 + max((r["attempt"] for r in learner.attempts(name, student)), default=0)
                (question,) = bank.questions(ids=[name], student=student, attempt=tries)
                _head(question, f"{number}/{len(chosen)}")
                _one(question, learner, score, now, student=student, attempt=tries)
        except (Stop, KeyboardInterrupt):
            say("Stopped. What was answered is kept.")
        _sum_up(score, len(chosen))
    return score


def _names(lesson, essays):
    """Ids of the lesson's questions: those that are marked, or those that are written."""
    both = {**bank.templates(), **bank.static()}
    found = [one for one in both.values() if lesson in ("", one.lesson) and one.status != "retired"]
    if not found:
        bank.questions(lesson)  # says which lessons there are
    names = [one.id for one in found if (one.kind == "essay") == essays]
    if not names:
        raise QuizError(f"no {'written' if essays else 'marked'} questions of lesson {lesson!r}")
    return names


def _chosen(learner, names, student):
    """First what was never asked, then what went wrong, then what was longest ago; else in this student's order."""
    shuffled = Draws(seed_of("", "quiz take", 1, student, len(learner.responses))).shuffled(sorted(names))

    def urgency(name):
        asked = learner.attempts(name, student)
        if not asked:
            return 0, ""
        return (1 if asked[-1]["right"] is False else 2), asked[-1]["when"]

    return sorted(shuffled, key=urgency)


def _head(question, place):
    blank()
    console.print(Rule(f"{place}  {question.id}", align="left", style="none"))
    show(question.stem)
    if question.kind in (*CHOICE, "multiple", "order"):
        blank()
        show_listed((letter, option.text) for letter, option in _lettered(question).items())
    blank()


def _lettered(question):
    return {chr(ord("A") + i): option for i, option in enumerate(question.options)}


def _one(question: Question, learner: Learner, score: Score, now, **who):
    if question.kind == "essay":
        _essay(question, learner, score, now, **who)
        return
    hints = iter(question.hints)
    while True:
        typed = ask(f"Type {answers.expected(question)}:")
        if typed == "?":
            hint = next(hints, "")
            show(f"Hint: {hint}" if hint else "There is no further hint.")
            continue
        if typed.casefold() == "s":
            score.skipped += 1
            say("Skipped.")
            return
        try:
            answer = answers.read(question, typed)
        except QuizError as error:
            say(f"{error}. Or {_KEYS}.")
            continue
        break
    marked = answers.mark(question, answer)
    due = units.of(marked.cards)
    learner.answered(question, answer, marked.right, now(), mistake=marked.mistake, due=due, **who)
    if marked.right:
        score.right.append(question.id)
        console.print("Right.", style="bold green")
    else:
        score.wrong[question.id] = question.stem
        score.due += [card for card in marked.cards if card in bank.cards()]
        console.print("Not right.", style="bold red")
        if marked.says:
            show(marked.says, indent=2)
        _show_key(question)
    show(question.explanation, indent=2)


def _show_key(question):
    """The right answer, as it would be typed."""
    lettered = _lettered(question)
    if question.kind in (*CHOICE, "multiple"):
        say("The right answer:")
        show_listed((letter, option.text) for letter, option in lettered.items() if option.right)
    elif question.kind == "order":
        letters = {option.text: letter for letter, option in lettered.items()}
        say(f"The right order: {' '.join(letters[text] for text in question.key)}")
    elif question.kind == "cloze":
        show(f"The gaps: {'; '.join(blank.answers[0] for blank in answers.in_order(question))}")
    elif question.kind in TYPED:
        show(f"The right answer: {shown(question.key, 4)}")
    else:
        show(f"The right answer: {question.accepted[0]}")


def _essay(question, learner, score, now, **who):
    """An essay is assessed by who wrote it, line by line of its rubric."""
    text = ask_text("Write your answer; an empty line ends it. An empty answer skips the question.")
    if not text or text.casefold() == "s":
        score.skipped += 1
        say("Skipped.")
        return
    blank()
    say("A model answer:")
    show(question.model, indent=2)
    blank()
    say(f"Now mark your own, out of {question.points:g}:")
    points = 0.0
    try:
        for criterion in question.rubric:
            show(criterion.says, indent=2)
            points += _points(criterion.points)
    except Stop:
        learner.answered(question, text, None, now(), **who)  # without points: it was not assessed to its end
        raise
    enough = points >= question.points / 2
    due = () if enough else units.of(question.cards)
    learner.answered(question, text, None, now(), points=points, due=due, **who)
    score.essays += 1
    score.due += [] if enough else [card for card in question.cards if card in bank.cards()]
    say(f"{points:g} of {question.points:g} by your own marking.")
    show(question.explanation, indent=2)


def _points(most):
    while True:
        typed = ask(f"Points from 0 to {most:g}:")
        try:
            found = read_number(typed)
        except ValueError:
            found = -1.0
        if 0 <= found <= most:
            return found
        say(f"{typed[:40]!r} is no number from 0 to {most:g}.")


def _sum_up(score, asked):
    blank()
    console.print(Rule("result", align="left", style="none"))
    marked = len(score.right) + len(score.wrong)
    if marked:
        say(f"{len(score.right)} of {marked} right.")
    if score.essays:
        say(f"{score.essays} written and assessed by yourself.")
    left = asked - marked - score.essays - score.skipped
    if score.skipped or left:
        say(f"{score.skipped} skipped, {left} not reached.")
    say_list("Not right", [(name, _short(stem)) for name, stem in score.wrong.items()])
    due = list(dict.fromkeys(score.due))
    say_list("Cards that are due now", [(name, _short(bank.cards()[name].front)) for name in due])
    if due:
        say("Review them with `autograder cards review`.")


def _short(text, width=60):
    line = one_line(units.without_gaps(text))
    return line if len(line) <= width else f"{line[: width - 1].rstrip()}…"


def _warn(text):
    errors.print(text, soft_wrap=True, markup=False)
