"""What the reference and the mistakes of an exercise return, and when two outcomes are the same."""

from functools import lru_cache

import numpy as np

from .drives import Outcome, probe
from .exercises.schema import Compare, Exercise, Mistake


class AnswerKey:
    """What the reference and every mistake return for one exercise on the inputs of one seed."""

    def __init__(self, exercise: Exercise, seed: int):
        self.exercise, self.seed = exercise, seed
        self.inputs = exercise.inputs(seed)
        self.right = {case: self._outcomes(exercise.reference, case) for case in self.inputs}
        self._wrong = {}

    def wrong(self, mistake: Mistake, case: str) -> tuple[Outcome, ...]:
        """What a mistake returns in a case, computed when it is first asked for: a student waits."""
        if (mistake, case) not in self._wrong:
            self._wrong[mistake, case] = self._outcomes(mistake.answer, case)
        return self._wrong[mistake, case]

    def compare(self, case: str) -> Compare:
        return next(c.compare for c in self.exercise.cases if c.name == case) or self.exercise.compare

    def _outcomes(self, answer, case):
        return tuple(probe(self.exercise.drive, answer, inputs) for inputs in self.inputs[case])


@lru_cache(maxsize=512)
def answer_key(exercise: Exercise, seed: int) -> AnswerKey:
    return AnswerKey(exercise, seed)


def difference(got: Outcome | None, want: Outcome, compare: Compare) -> str:
    """What sets two outcomes apart: "" or one of error, type, shape, dtype, nan, value."""
    if got is None:
        return "error"
    if got.error or want.error:
        return "" if got.error == want.error else "error"
    return _value_difference(got.value, want.value, compare)


def _value_difference(got, want, compare):
    if isinstance(want, dict):
        if not isinstance(got, dict) or set(got) != set(want):
            return "type"
        return next((d for k in want if (d := _value_difference(got[k], want[k], compare))), "")
    if isinstance(want, list | tuple):
        if not isinstance(got, list | tuple) or len(got) != len(want):
            return "type"
        return next(
            (d for g, w in zip(got, want, strict=True) if (d := _value_difference(g, w, compare))), ""
        )
    if want is None or isinstance(want, str):
        return "" if type(got) is type(want) and got == want else "type"
    if not isinstance(got, np.ndarray | int | float | complex):
        return "type"
    return _array_difference(np.asarray(got), np.asarray(want), compare)


def _array_difference(got, want, compare):
    if got.dtype.kind not in "biufc":  # a whole number too large for any dtype
        return "type"
    if got.shape != want.shape:
        return "shape"
    if compare.dtype and got.dtype != want.dtype:
        return "dtype"
    if (np.isnan(got) & ~np.isnan(want)).any():
        return "nan"
    rtol, atol = compare.tolerances(want.dtype)
    return "" if np.allclose(got, want, rtol=rtol, atol=atol, equal_nan=True) else "value"
