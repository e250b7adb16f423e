"""The whole bank, written for every outlet at once."""

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from . import bank, outlets
from .question import QuizError


@cache
def known() -> dict[str, object]:
    """The outlets by name: every module of the package that can `build`.

    Raises:
        QuizError: what they need is not installed.
    """
    names = [info.name for info in pkgutil.iter_modules(outlets.__path__)]
    try:
        modules = {name: importlib.import_module(f"{outlets.__name__}.{name}") for name in names}
    except ModuleNotFoundError as error:
        raise QuizError(
            f"{error.name} is not installed, which the outlets need. Install the course with its extra `quiz`: "
            "python3 .ci/bootstrap.py --extras quiz"
        ) from error
    return {name: module for name, module in sorted(modules.items()) if hasattr(module, "build")}


def build(
    place: Path,
    chosen: Sequence[str] = (),
    lesson: str = "",
    student: str = "",
    variants: int = 1,
    title: str = "How neural networks learn",
    tell: Callable[[str, list[Path], dict[str, str]], None] = lambda *_: None,
) -> None:
    """Write questions and cards, each outlet into a folder of its own.

    Args:
        chosen: names of outlets; all by default.
        student: whose variants; "" for those that everybody gets.
        variants: of each computed question, for outlets that draw one at random (Moodle, GIFT, Canvas).
        title: what it is called there.
        tell: is called for each outlet with its name, its files, and the questions it left out with the reason.
    Raises:
        UnknownOutlet: there is none of that name.
        bank.UnknownQuestion: the lesson has no questions.
    """
    unknown = [name for name in chosen if name not in known()]
    if unknown:
        raise UnknownOutlet(f"no outlet {unknown[0]!r}; there are {', '.join(known())}")
    once = bank.questions(lesson, student=student)
    many = [
        q
        for attempt in range(1, variants + 1)
        for q in bank.questions(lesson, student=student, attempt=attempt)
    ]
    cards = [card for card in bank.cards().values() if lesson in ("", card.lesson)]
    for name in chosen or known():
        outlet = known()[name]
        questions = many if getattr(outlet, "TAKES_VARIANTS", False) else once
        tell(name, outlet.build(questions, cards, place / name, title), outlet.left_out(questions))


class UnknownOutlet(QuizError):
    """There is no outlet of that name."""
