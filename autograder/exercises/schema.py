"""What an exercise is: its reference, its cases and its named mistakes.

A mistake is an executable wrong answer. Everything that the course derives from the bank (feedback,
hidden grades, tests of the grader, quiz distractors, class reports) needs no more than these classes.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .. import drives

PUBLIC_SEED = 0


@dataclass(frozen=True)
class Compare:
    """When two answers count as equal: |got − want| ≤ atol + rtol·|want|, shapes and dtypes alike.

    Attributes:
        rtol, atol: for float64 and everything that is not float32.
        rtol32, atol32: for float32, whose numbers carry 7 digits.
        dtype: whether the answer must have the reference's dtype.
    """

    rtol: float = 1e-9
    atol: float = 1e-12
    rtol32: float = 1e-5
    atol32: float = 1e-6
    dtype: bool = True

    def tolerances(self, dtype) -> tuple[float, float]:
        return (self.rtol32, self.atol32) if dtype == np.float32 else (self.rtol, self.atol)

    def close(self, got: np.ndarray, want: np.ndarray) -> np.ndarray:
        """Elementwise, whether two arrays of one shape count as equal; NaN equals NaN."""
        rtol, atol = self.tolerances(want.dtype)
        if "b" in (got.dtype.kind, want.dtype.kind):
            got, want = got + 0, want + 0  # truth values cannot be subtracted
        with np.errstate(invalid="ignore", over="ignore"):
            room = atol + rtol * np.abs(want)
            near = (np.abs(got - want) <= room) & (room < np.inf)
        # NaN and infinities need NumPy's own comparison, which takes ten times as long.
        return near if near.all() else np.isclose(got, want, rtol=rtol, atol=atol, equal_nan=True)


@dataclass(frozen=True)
class Case:
    """One thing that an exercise asks for, with the share of the marks that it carries.

    Attributes:
        name: short words, unique in the exercise: "far from zero".
        says: to the student, what is tried: "|z| up to 10,000, in float32 and float64".
        draw: from a `numpy.random.Generator` to a list of input tuples.
        weight: share of the exercise's value marks, before normalising.
        compare: where this case needs its own tolerances.
    """

    name: str
    says: str
    draw: Callable[[np.random.Generator], list[tuple]]
    weight: float = 1.0
    compare: Compare | None = None


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that real students give.

    Attributes:
        answer: the wrong answer itself, a function that needs nothing but NumPy as `np`; its name
            is `<exercise>_<mistake>`.
        diagnosis: what was seen and where to look, without giving the answer away.
        card: id of the flashcard that cures it.
        no_distractor: why its value cannot serve as a wrong option in a quiz; "" where it can.
    """

    answer: Callable
    diagnosis: str
    card: str
    no_distractor: str = ""


@dataclass(frozen=True)
class Exercise:
    """One exercise. See `autograder/exercises/__init__.py` for how it is found by its name.

    Attributes:
        name: the symbol that the student defines; unique in the course.
        reference: the right answer.
        points: marks for all of it; 0 for an optional one.
        cases: what is asked for, in the order of the report.
        mistakes: named wrong answers.
        hints: from a nudge to nearly the answer.
        drive: how to use an answer; a function of `autograder.drives`.
        compare: when two answers are equal.
        needs: names of earlier exercises whose functions an answer may call.
        conduct: share of the marks for leaving the arguments alone and raising no warning. Only the
            student's own process can report these, so it could lie: at most 0.1.
        may_change: positions of the arguments that an answer may modify.
        parts: what the text calls the things that an answer returns, where there are several: ("dX", "dW").
    """

    name: str
    reference: Callable
    points: float
    cases: tuple[Case, ...]
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    drive: Callable = drives.call
    compare: Compare = field(default_factory=Compare)
    needs: tuple[str, ...] = ()
    conduct: float = 0.1
    may_change: tuple[int, ...] = ()
    parts: tuple[str, ...] = ()

    def __post_init__(self):
        if not 0 <= self.conduct <= 0.1:
            raise ValueError(f"{self.name}: conduct must be in [0, 0.1], got {self.conduct}")
        names = [case.name for case in self.cases]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: two cases have the same name in {names}")

    def mistake_name(self, mistake: Mistake) -> str:
        """`sigmoid_base_two` of the exercise `sigmoid` is the mistake `base_two`."""
        return mistake.answer.__name__.removeprefix(f"{self.name}_")

    def part(self, index: int) -> str:
        """What the text calls the thing at `index` of those that an answer returns."""
        return self.parts[index] if index < len(self.parts) else f"[{index}]"

    def inputs(self, seed: int = PUBLIC_SEED) -> dict[str, list[tuple]]:
        """The inputs of every case; the notebook's check and the hidden grade differ in `seed` alone."""
        return {case.name: case.draw(self._rng(seed, case.name)) for case in self.cases}

    def weights(self) -> dict[str, float]:
        """The share of the exercise's marks that each case carries; they and `conduct` add up to 1."""
        total = sum(case.weight for case in self.cases)
        return {case.name: (1 - self.conduct) * case.weight / total for case in self.cases}

    def _rng(self, seed, case):
        label = zlib.crc32(f"{self.name}/{case}".encode())
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, label])))
