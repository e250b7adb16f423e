"""Every question and card of the course.

Each lesson has Python files with its templates (TEMPLATES), the first of them named after the lesson and the others
after their subject, and a YAML file named after the lesson with static questions, misconceptions and cards. Either may
be missing, and there is no list to keep; a module without TEMPLATES, such as `tools`, serves the others.
"""

import difflib
import importlib
import pkgutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from ...exercises import bank as exercises
from ..question import Question, QuizError
from ..seeds import Draws, seed_of
from ..static import BankError, Card, Misconception, Page, read
from ..template import Template

# The syllabus's topics, under which every question and card stands.
TOPICS = (
    "activations: purpose and definition",
    "activation functions",
    "activation gradients",
    "saturation and dying units",
    "choice of activation",
    "universal approximation",
    "feed-forward and recurrent use",
    "softmax",
    "losses",
    "forward, loss, backward",
    "chain rule",
    "reuse of intermediates",
    "gradient checking",
    "automatic differentiation",
    "vanishing and exploding: causes and effects",
    "vanishing and exploding: remedies",
    "initialisation",
    "normalisation",
    "regularisation",
    "batch, stochastic, mini-batch",
    "learning rate",
    "optimizers",
    "landscapes",
    "data size",
    "limits of gradient methods",
    "visualising gradients",
    "interpreting decisions",
    "applications",
    "advantages and costs",
    "adversarial examples",
)


class UnknownQuestion(QuizError):
    """There is no question, mistake or card of that id; the text says which come near."""


FIRST = 1577836800.0  # the start of 2020 (UTC)


@cache
def changed() -> float:
    """When the bank changed last, in seconds since 1970: its last commit; a fixed time outside a repository."""
    here = Path(__file__).parent
    asked = ["git", "log", "-1", "--format=%ct", "--", str(here), str(here.parents[1] / "exercises")]
    try:
        said = subprocess.run(asked, cwd=here, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return FIRST
    return float(said.stdout) if said.returncode == 0 and said.stdout.strip() else FIRST


@cache
def pages() -> tuple[Page, ...]:
    return tuple(read(path) for path in sorted(Path(__file__).parent.glob("*.yaml")))


@cache
def templates() -> dict[str, Template]:
    modules = [importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__)]
    found = (one for module in modules for one in getattr(module, "TEMPLATES", ()))
    return _by_id(sorted(found, key=lambda one: one.lesson))


@cache
def static() -> dict[str, Question]:
    found = (_spoken(question) for page in pages() for question in page.questions)
    return _by_id(sorted(found, key=lambda question: question.lesson))


@cache
def cards() -> dict[str, Card]:
    return _by_id(sorted((card for page in pages() for card in page.cards), key=lambda card: card.lesson))


@cache
def misconceptions() -> dict[str, Misconception]:
    return _by_id(idea for page in pages() for idea in page.misconceptions)


def questions(
    lesson: str = "", ids: Iterable[str] = (), student: str = "", attempt: int = 1
) -> list[Question]:
    """The questions of a lesson, or those of these ids, each computed one as this student's variant.

    Raises:
        UnknownQuestion: there is no such id, or no question of that lesson.
    """
    both = {**templates(), **static()}
    chosen = [find(name) for name in ids] or [one for one in both.values() if lesson in ("", one.lesson)]
    if not chosen:
        known = sorted({one.lesson for one in both.values()})
        raise UnknownQuestion(f"no questions of lesson {lesson!r}; there are some of {', '.join(known)}")
    made = [question(one.id, student, attempt=attempt) for one in chosen]
    return sorted((one for one in made if one.status != "retired"), key=lambda one: one.lesson)


def question(name: str, student: str, course: str = "", attempt: int = 1) -> Question:
    """One question as this student gets it.

    Raises:
        UnknownQuestion: there is none of that id.
    """
    one = find(name)
    if isinstance(one, Template):
        return one.variant(student, attempt, course)
    return _shuffled(one, student, attempt, course)


def find(name: str) -> Template | Question:
    """The template or static question of an id.

    Raises:
        UnknownQuestion: there is none.
    """
    both = {**templates(), **static()}
    if name not in both:
        near = difflib.get_close_matches(name, both, n=3)
        raise UnknownQuestion(
            f"no question {name!r}" + (f": did you mean {' or '.join(near)}?" if near else "")
        )
    return both[name]


def says(mistake: str) -> str:
    """What a mistake's diagnosis is: an exercise's, or a misconception's.

    Raises:
        UnknownQuestion: no mistake or misconception has this name.
    """
    return _behind(mistake)[0]


def card_of(mistake: str) -> str:
    """The id of the card that cures a mistake or misconception."""
    return _behind(mistake)[1]


def _behind(mistake):
    if mistake in misconceptions():
        idea = misconceptions()[mistake]
        return idea.says, idea.card
    found = _of_exercises().get(mistake)
    if found is None:
        near = difflib.get_close_matches(mistake, {**_of_exercises(), **misconceptions()}, n=2)
        raise UnknownQuestion(
            f"no mistake {mistake!r}" + (f": did you mean {' or '.join(near)}?" if near else "")
        )
    return found.diagnosis, found.card


@cache
def _of_exercises():
    return {f"{e.name}.{e.mistake_name(m)}": m for e in exercises().values() for m in e.mistakes}


def _spoken(question):
    """A static question whose wrong options say what their mistakes say, where they say nothing of their own."""
    try:
        options = tuple(
            o if o.right or o.says else replace(o, says=says(o.mistake)) for o in question.options
        )
    except UnknownQuestion as error:
        raise BankError(f"question {question.id}: {error}") from error
    return replace(question, options=options)


def _shuffled(question, student, attempt, course):
    """A static question with its options in this student's order."""
    draws = Draws(seed_of(course, question.id, question.version, student, attempt))
    return replace(question, options=tuple(draws.shuffled(question.options)))


def _by_id(entries):
    found = {}
    for entry in entries:
        if entry.id in found:
            raise BankError(f"two entries have the id {entry.id!r}; rename one.")
        found[entry.id] = entry
    return found
