"""What the reference and the mistakes of an exercise return, and when two outcomes are the same."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .drives import Outcome, probe
from .exercises.schema import Compare, Exercise, Mistake


class AnswerKey:
    """What the reference and every mistake return for one exercise on the inputs of one seed."""

    def __init__(self, exercise: Exercise, seed: int):
        self.exercise, self.seed = exercise, seed
        self.inputs = exercise.inputs(seed)
        self.right = {
            case: tuple(self._probe(exercise.reference, inputs) for inputs in drawn)
            for case, drawn in self.inputs.items()
        }
        self._wrong: dict[tuple[Mistake, str], list[Outcome]] = {}

    def wrong(self, mistake: Mistake, case: str) -> Iterator[Outcome]:
        """What a mistake returns on each input of a case, computed when first asked for: a student waits."""
        known = self._wrong.setdefault((mistake, case), [])
        for i, inputs in enumerate(self.inputs[case]):
            if i == len(known):
                known.append(self._probe(mistake.answer, inputs))
            yield known[i]

    def compare(self, case: str) -> Compare:
        return next(c.compare for c in self.exercise.cases if c.name == case) or self.exercise.compare

    def _probe(self, answer, inputs):
        return probe(self.exercise.drive, answer, inputs)


@lru_cache(maxsize=512)
def answer_key(exercise: Exercise, seed: int) -> AnswerKey:
    return AnswerKey(exercise, seed)


class Difference(NamedTuple):
    """What sets an outcome apart from the right one.

    Attributes:
        kind: absent, error, type, length, text, shape, dtype, nan or value.
        part: which part of a tuple, list or dict it is, "" for the whole.
        got, want: the two values of that part.
    """

    kind: str
    part: str = ""
    got: object = None
    want: object = None


def difference(got: Outcome | None, want: Outcome, compare: Compare) -> Difference | None:
    """The first thing that sets two outcomes apart, None where they are the same."""
    if got is None:
        return Difference("absent")
    if got.error or want.error:
        return None if got.error == want.error else Difference("error", got=got, want=want)
    return _value_difference(got.value, want.value, compare, "")


def _value_difference(got, want, compare, part):
    if isinstance(want, dict | list | tuple):
        return _collection_difference(got, want, compare, part)
    if want is None or isinstance(want, str):
        if type(got) is not type(want):
            return Difference("type", part, got, want)
        return None if got == want else Difference("text", part, got, want)
    if isinstance(got, np.ndarray | int | float | complex):
        array = np.asarray(got)
        if array.dtype.kind in "biufc":  # else a whole number too large for any dtype
            return _array_difference(array, np.asarray(want), compare, part)
    return Difference("type", part, got, want)


def _collection_difference(got, want, compare, part):
    if isinstance(want, dict) != isinstance(got, dict) or not isinstance(got, dict | list | tuple):
        return Difference("type", part, got, want)
    keys = list(want) if isinstance(want, dict) else range(len(want))
    if len(got) != len(want) or (isinstance(want, dict) and set(got) != set(want)):
        return Difference("length", part, got, want)
    found = (_value_difference(got[key], want[key], compare, f"{part}[{key!r}]") for key in keys)
    return next(filter(None, found), None)


def _array_difference(got, want, compare, part):
    kind = None
    if got.shape != want.shape:
        kind = "shape"
    elif compare.dtype and got.dtype != want.dtype:
        kind = "dtype"
    elif (np.isnan(got) & ~np.isnan(want)).any():
        kind = "nan"
    elif not compare.close(got, want).all():
        kind = "value"
    return kind and Difference(kind, part, got, want)
