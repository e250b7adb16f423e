"""What a question is, and how one is drawn from a template and a seed.

A template computes: from its parameters come the key, by `nnlib`, and the wrong options, each the
value of a named mistake. A variant is found again from template, version, student and attempt.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from ..drives import probe
from ..exercises import find

OPTIONS = 4
DIGITS = 3


@dataclass(frozen=True)
class Option:
    """One thing to choose.

    Attributes:
        text: as displayed, rounded.
        mistake: `exercise.mistake` of the wrong answer behind it, "" for the right option.
        says: why it is wrong, or why it is right.
    """

    text: str
    mistake: str
    says: str


@dataclass(frozen=True)
class Question:
    """One variant of a template, ready for any outlet.

    Attributes:
        stem: plain text with $maths$ and `code`.
        key: the right value, unrounded.
        options: in the order of display; exactly one has no mistake.
    """

    id: str
    version: int
    lesson: str
    stem: str
    key: float
    options: tuple[Option, ...]
    explanation: str
    seed: int


@dataclass(frozen=True)
class Draft:
    """What a template's function returns for one draw of its parameters.

    Attributes:
        key: from `nnlib`.
        check: the same value, derived in another way.
        wrong: (mistake's full name, its diagnosis, its value).
    """

    stem: str
    key: float
    check: Callable[[], float]
    wrong: list[tuple[str, str, float]]
    explain: str


@dataclass(frozen=True)
class Template:
    """A question that computes.

    Attributes:
        params: name -> the values that it may take.
        rtol: options must differ by more than this, relative to the larger.
    """

    id: str
    version: int
    lesson: str
    bloom: str
    difficulty: int
    params: dict[str, Sequence[float]]
    rtol: float
    cards: tuple[str, ...]
    draft: Callable[[SimpleNamespace], Draft]

    def variant(self, student: str, attempt: int = 1) -> Question:
        """The question that this student gets at this attempt, always the same.

        Raises:
            ValueError: fewer than 3 wrong options differ from the key and from each other.
        """
        seed = _seed(self.id, self.version, student.strip().casefold(), attempt)
        draw = _Draws(seed)
        given = SimpleNamespace(**{name: draw.choice(values) for name, values in self.params.items()})
        draft = self.draft(given)
        options = [Option(_shown(draft.key), "", draft.explain), *self._wrong_options(draft, draw)]
        return Question(
            self.id,
            self.version,
            self.lesson,
            draft.stem,
            draft.key,
            draw.shuffled(options),
            draft.explain,
            seed,
        )

    def _wrong_options(self, draft, draw):
        values, options = [draft.key], []
        for name, says, value in draw.shuffled(draft.wrong):
            apart = all(abs(value - v) > self.rtol * max(abs(value), abs(v)) for v in values)
            if np.isfinite(value) and apart and _shown(value) not in map(_shown, values):
                values.append(value)
                options.append(Option(_shown(value), name, says))
        if len(options) < OPTIONS - 1:
            raise ValueError(f"{self.id}: {len(options)} wrong options differ, {OPTIONS - 1} are needed")
        return options[: OPTIONS - 1]


def template(**settings) -> Callable[[Callable], Template]:
    """Makes a `Template` of a function from parameters to a `Draft`."""
    return lambda draft: Template(draft=draft, **settings)


def grid(low: float, high: float, step: float, exclude: Sequence[float] = ()) -> tuple[float, ...]:
    """Evenly spaced values, both ends included.

    >>> grid(0, 1, 0.5, exclude=[0])
    (0.5, 1.0)
    """
    count = round((high - low) / step)
    return tuple(value for i in range(count + 1) if (value := low + i * step) not in exclude)


def mistakes_of(name: str, *inputs: float) -> list[tuple[str, str, float]]:
    """(full name, diagnosis, value) of each mistake of an exercise that can be a wrong option."""
    exercise = find(name)
    found = []
    for mistake in exercise.mistakes:
        if not mistake.no_distractor:
            outcome = probe(exercise.drive, mistake.answer, tuple(np.asarray(x) for x in inputs))
            if not outcome.error:
                found.append(
                    (f"{name}.{exercise.mistake_name(mistake)}", mistake.diagnosis, float(outcome.value))
                )
    return found


def _shown(value):
    return f"{value:.{DIGITS}f}".replace("-", "−")


def _seed(*parts):
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big")


class _Draws:
    """Draws from raw bits, whose stream NumPy promises to keep; its `Generator`'s may change."""

    def __init__(self, seed):
        self._bits = np.random.PCG64(np.random.SeedSequence(seed))

    def below(self, n):
        return int(self._bits.random_raw()) % n

    def choice(self, values):
        return values[self.below(len(values))]

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return tuple(items)
