r"""Questions that compute: from drawn parameters come the key, by `nnlib`, and wrong answers, by named mistakes.

    @template(
        id="sigmoid-slope", version=1, kind="numeric", lesson=LESSON, topic="activation gradients",
        bloom="apply", difficulty=2, params={"z": grid(-3, 3, 0.25, exclude=[0])}, cards=["sigmoid-grad-formula"],
    )
    def sigmoid_slope(p):
        return Draft(
            stem=rf"What is the slope $\sigma'({p.z:g})$, to three digits?",
            key=float(nnlib.sigmoid_grad(p.z)),
            check=lambda: math.exp(p.z) / (1 + math.exp(p.z)) ** 2,
            wrong=mistakes_of("sigmoid_grad", p.z),
            explain=...,
        )

A variant is found again from template, version, course, student and attempt, or from what `Question.record` keeps.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from .display import shown
from .question import TYPED, Blank, Option, Question, same
from .seeds import Draws, seed_of
from .wrong import Wrong, finite, value_of

OPTIONS = 4
MAX_DRAWS = 1000


@dataclass(frozen=True)
class Draft:
    """What a template's function returns for one draw of its parameters.

    Attributes:
        key: from `nnlib`: a number (numeric), an array (vector, matrix), a text, number or shape (single,
            find-the-error), a tuple of texts (multiple: the right ones; order: in the right order), a dict from a
            blank's name to its text or number (cloze).
        check: the same value, derived in another way and without `nnlib`'s function.
        wrong: wrong answers of the same form as the key; of single texts for multiple.
        explain: why the key is right, with this draw's numbers.
        accepted: further texts for each blank of a cloze.
    """

    stem: str
    key: object
    check: Callable[[], object]
    explain: str
    wrong: Iterable[Wrong] = ()
    hints: tuple[str, ...] = ()
    accepted: dict[str, tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Template:
    """A question that computes. The fields that `Question` has too mean the same there.

    Attributes:
        params: name -> the values that it may take, or an `Entries`.
        given: which draws may be used; others are drawn again.
        rtol: a typed number counts as right within this, and options must differ by more.
        digits: significant digits in which options are shown.
    """

    id: str
    version: int
    kind: str
    lesson: str
    topic: str
    bloom: str
    difficulty: int
    params: dict[str, "Sequence | Entries"]
    draft: Callable[[SimpleNamespace], Draft]
    cards: tuple[str, ...] = ()
    objectives: tuple[str, ...] = ()
    claim: int = 0
    given: Callable[[SimpleNamespace], bool] | None = None
    rtol: float = 1e-2
    atol: float = 0.0
    digits: int = 3
    status: str = "reviewed"

    def variant(self, student: str, attempt: int = 1, course: str = "") -> Question:
        """The question that this student gets at this attempt, always the same.

        Raises:
            ValueError: fewer than 3 wrong options differ from the key and from each other.
        """
        return self.question(seed_of(course, self.id, self.version, student, attempt))

    def question(self, seed: int, params: dict | None = None) -> Question:
        """The question of a seed, or with the parameters that a record kept."""
        draws = Draws(seed)
        drawn = self._draw(draws)
        if params is not None:
            drawn = SimpleNamespace(
                **{name: _restored(params[name], vars(drawn)[name]) for name in vars(drawn)}
            )
        draft = self.draft(drawn)
        key = _key(self.kind, draft.key)
        return Question(
            self.id,
            self.version,
            self.kind,
            self.lesson,
            self.topic,
            draft.stem,
            key,
            draft.explain,
            options=tuple(self._options(draft, key, draws)),
            blanks=_blanks(draft) if self.kind == "cloze" else (),
            rtol=self.rtol,
            atol=self.atol,
            objectives=tuple(self.objectives),
            bloom=self.bloom,
            difficulty=self.difficulty,
            hints=tuple(draft.hints),
            claim=self.claim,
            status=self.status,
            cards=tuple(self.cards),
            seed=seed,
            params=vars(drawn),
        )

    def again(self, record: dict) -> Question:
        """The variant that a record tells of.

        Raises:
            ValueError: it was made by another version.
        """
        if record["version"] != self.version:
            raise ValueError(
                f"{self.id}: the record is of version {record['version']}, this is {self.version}"
            )
        return self.question(int(record["seed"]), record["params"])

    def drawn(self, seed: int) -> SimpleNamespace:
        """The parameters of a seed, for gates and tests."""
        return self._draw(Draws(seed))

    def recognise(self, question: Question, answer: object) -> Option | None:
        """The mistake behind a typed wrong answer, as a wrong option; None where none fits."""
        draft = self.draft(SimpleNamespace(**question.params))
        for wrong in draft.wrong:
            value = value_of(wrong)
            if value is not None and same(answer, value, self.rtol, self.atol):
                return Option(shown(value, self.digits), False, wrong.mistake, wrong.says, value)
        return None

    def _draw(self, draws):
        for _ in range(MAX_DRAWS):
            drawn = SimpleNamespace(
                **{
                    name: values.draw(draws) if isinstance(values, Entries) else draws.choice(values)
                    for name, values in self.params.items()
                }
            )
            if self.given is None or self.given(drawn):
                return drawn
        raise ValueError(f"{self.id}: no draw of {MAX_DRAWS} may be used; widen params or given")

    def _options(self, draft, plain_key, draws):
        if self.kind == "order":
            return draws.shuffled([Option(text, True) for text in draft.key])
        if self.kind == "cloze":
            return []
        if self.kind == "multiple":
            options = [Option(text, True, "", draft.explain) for text in draft.key]
            values, needed = list(draft.key), 3
        else:
            kept = None if isinstance(plain_key, str) else plain_key
            options = [Option(shown(draft.key, self.digits), True, "", draft.explain, kept)]
            values, needed = [draft.key], OPTIONS - 1
        wrong = self._wrong_options(draws.shuffled(draft.wrong), values, {o.text for o in options}, needed)
        if len(wrong) == needed:
            return draws.shuffled([*options, *wrong])
        if self.kind in TYPED:
            return []  # it can be typed, and an outlet that has no field for it leaves it out
        raise ValueError(f"{self.id}: {len(wrong)} wrong options differ, {needed} are needed")

    def _wrong_options(self, candidates, values, texts, needed):
        """The first `needed` candidates that differ from `values` and `texts`, which grow, and from each other."""
        wrong = []
        with np.errstate(all="ignore"):  # once for all of them: it takes longer than many a mistake
            for candidate in candidates:
                value = finite(candidate)
                if value is None or any(same(value, other, self.rtol, self.atol) for other in values):
                    continue
                text = shown(value, self.digits)
                if text in texts:
                    continue
                values.append(value)
                texts.add(text)
                wrong.append(Option(text, False, candidate.mistake, candidate.says, _value(value)))
                if len(wrong) == needed:
                    break
        return wrong


def template(**settings) -> Callable[[Callable], Template]:
    """Makes a `Template` of a function from parameters to a `Draft`."""
    return lambda draft: Template(draft=draft, **settings)


@dataclass(frozen=True)
class Entries:
    """A parameter that is an array: each entry drawn from the same values."""

    values: Sequence
    shape: tuple[int, ...]
    distinct: bool = False

    def draw(self, draws: Draws) -> np.ndarray:
        count = math.prod(self.shape)
        if self.distinct:
            entries = draws.shuffled(self.values)[:count]
        else:
            entries = [draws.choice(self.values) for _ in range(count)]
        return np.array(entries, dtype=float).reshape(self.shape)


def grid(low: float, high: float, step: float, exclude: Sequence[float] = ()) -> tuple[float, ...]:
    """Evenly spaced values, both ends included.

    >>> grid(0, 1, 0.5, exclude=[0])
    (0.5, 1.0)
    """
    count = round((high - low) / step)
    return tuple(value for i in range(count + 1) if (value := low + i * step) not in exclude)


def _key(kind, key):
    if kind == "cloze":
        return None
    return key if isinstance(key, str) else _value(key)


def _value(key):
    """A key or a wrong answer as a number or tuples of numbers; None for a text."""
    if isinstance(key, (float, int, tuple)):  # a tuple of types: a third of the time of `float | int`
        return key
    if isinstance(key, str):
        return None
    array = np.asarray(key)
    return tuple(map(tuple, array.tolist())) if array.ndim == 2 else _tuple(array.tolist())


def _blanks(draft):
    accepted = draft.accepted or {}
    return tuple(
        Blank(name, (value, *accepted.get(name, ())))
        if isinstance(value, str)
        else Blank(name, (shown(value),), value)
        for name, value in draft.key.items()
    )


def _restored(kept, drawn):
    """A parameter from a record in the form in which it was drawn."""
    if isinstance(drawn, np.ndarray):
        return np.array(kept, dtype=float)
    return tuple(map(_tuple, kept)) if isinstance(drawn, tuple) else kept


def _tuple(item):
    return tuple(map(_tuple, item)) if isinstance(item, list) else item
