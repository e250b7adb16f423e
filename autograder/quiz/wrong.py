"""Wrong answers by name: the exercises' mistakes on a question's own numbers, and the bank's misconceptions."""

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from ..exercises import find

# Tuples of types: `isinstance` takes three times as long with `float | int`.
_NUMBERS, _PLAIN = (float, int), (str, tuple)
_ARRAYS, _COPIED = (np.ndarray, np.generic), (float, np.ndarray)


class Wrong(NamedTuple):
    """A wrong answer: the mistake behind it, what to say, and how it is computed (only when it is needed)."""

    mistake: str
    says: str
    compute: Callable[[], object]


def mistakes_of(
    name: str, *inputs: object, take: Callable[[object], object] | None = None, only: Sequence[str] = ()
) -> list[Wrong]:
    """The mistakes of an exercise that can be wrong options, on these inputs.

    Args:
        name: the exercise.
        inputs: as its function takes them; a float becomes an array of shape (), and arrays are copied.
        take: what is asked of that which the function returns, such as `lambda out: out[1][0, 0]`.
        only: names of the mistakes that fit the question; all by default.
    Raises:
        UnknownExercise: there is none of that name.
        ValueError: the exercise has no mistake of a name in `only`.
    """
    return [
        Wrong(full, says, partial(_outcome, drive, answer, inputs, take))
        for full, says, drive, answer in _offered(name, tuple(only))
    ]


@cache
def _offered(name, only):
    """Of each mistake that can be a wrong option: its full name, its diagnosis, and how to make it."""
    exercise = find(name)
    named = {exercise.mistake_name(mistake): mistake for mistake in exercise.mistakes}
    unknown = [short for short in only if short not in named]
    if unknown:
        raise ValueError(f"{name} has no mistake {unknown[0]!r}; it has {', '.join(named)}")
    return tuple(
        (f"{name}.{short}", mistake.diagnosis, exercise.drive, mistake.answer)
        for short, mistake in named.items()
        if not mistake.no_distractor and (not only or short in only)
    )


def misconception(name: str, value: object) -> Wrong:
    """A wrong answer whose value a template works out itself.

    Args:
        name: of a misconception in the bank's YAML files, or `exercise.mistake`; there stands what to say.
        value: the wrong answer, or a function of no arguments that computes it.
    """
    return Wrong(name, _said(name), value if callable(value) else lambda: value)


@cache
def _said(name):
    from . import bank  # the bank imports its templates, which import this module

    return bank.says(name)


def value_of(wrong: Wrong) -> object:
    """The value of a wrong answer; None where it fails or is no finite number."""
    with np.errstate(all="ignore"):
        return finite(wrong)


def finite(wrong: Wrong) -> object:
    """`value_of`, for callers that have silenced NumPy's warnings once for many."""
    try:
        value = wrong.compute()
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return None  # a mistake that raises on these inputs is no option here
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, _NUMBERS):
        return value if math.isfinite(value) else None
    numbers = np.asarray(value).ravel().tolist()
    return value if all(map(math.isfinite, numbers)) else None


def _outcome(drive, answer, inputs, take):
    value = drive(answer, *map(_copied, inputs))
    if take is not None:
        value = take(value)
    if isinstance(value, _ARRAYS) and value.ndim == 0:
        return value.item()
    return value


def _copied(argument):
    if isinstance(argument, _COPIED):
        return np.array(argument)
    return [_copied(item) for item in argument] if isinstance(argument, list) else argument
