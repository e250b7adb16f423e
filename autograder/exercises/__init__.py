"""The bank: a package for each lesson, a module for each exercise, each exercise found by its name.

A package in here that defines `EXERCISES`, a tuple of `Exercise`, and `LESSON`, the lesson they stand in, is part of
the bank; there is no list to keep. What several exercises of a lesson share stands in its `cases.py`.
"""

import difflib
import importlib
import pkgutil
from functools import cache

from .schema import Case, Compare, Exercise, Mistake

__all__ = ["Case", "Compare", "Exercise", "Mistake", "bank", "find", "lessons"]


@cache
def lessons() -> dict[str, tuple[Exercise, ...]]:
    """The exercises of each lesson, both in the course's order."""
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    found = {module.LESSON: module.EXERCISES for module in modules if hasattr(module, "EXERCISES")}
    return dict(sorted(found.items()))


@cache
def bank() -> dict[str, Exercise]:
    """Every exercise of the course by its name."""
    found: dict[str, Exercise] = {}
    for lesson, exercises in lessons().items():
        for exercise in exercises:
            if exercise.name in found:
                raise ValueError(f"two exercises are called {exercise.name}; rename the one of {lesson}")
            found[exercise.name] = exercise
    return found


def find(name: str) -> Exercise:
    """The exercise called `name`.

    Raises:
        UnknownExercise: there is none, a KeyError.
    """
    exercises = bank()
    if name in exercises:
        return exercises[name]
    near = difflib.get_close_matches(name, exercises, n=3)
    advice = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(exercises)}"
    raise UnknownExercise(f"no exercise is called {name!r}: {advice}")


class UnknownExercise(KeyError):
    """There is no exercise of that name; the text says which come near."""

    def __str__(self):
        return self.args[0]

    def _render_traceback_(self):
        """IPython shows this line in place of a traceback through the course's own code."""
        return [self.args[0]]
