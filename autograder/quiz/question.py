"""What a question is, ready for any outlet: plain data, whatever it was made from."""

from dataclasses import dataclass, field

import numpy as np

KINDS = (
    "single",
    "multiple",
    "numeric",
    "vector",
    "matrix",
    "order",
    "cloze",
    "short",
    "essay",
    "find-the-error",
)
CHOICE = ("single", "find-the-error")  # one of the options is right
TYPED = ("numeric", "vector", "matrix")  # a number or an array is given, and a wrong one can be recognised
BLOOM = ("remember", "understand", "apply", "analyse", "evaluate", "create")
_NUMBERS, _TEXTS, _LISTS = (float, int), (str, type(None)), (tuple, list)
STATUS = ("draft", "reviewed", "retired")


class QuizError(Exception):
    """Something in the bank, or in what was asked of it, is not as it must be; the text says what to do."""


@dataclass(frozen=True)
class Option:
    """One thing to choose, or one wrong answer that is recognised when it is typed.

    Attributes:
        text: Markdown with $maths$ and `code`, rounded where it is a number.
        right: whether choosing it is right.
        mistake: what is behind a wrong one: `exercise.mistake` of the exercises, or the id of a misconception.
        says: why it is wrong, or why it is right.
        value: the unrounded value, None for plain text.
    """

    text: str
    right: bool
    mistake: str = ""
    says: str = ""
    value: object = None


@dataclass(frozen=True)
class Blank:
    """One gap of a cloze; `[[name]]` stands for it in the stem.

    Attributes:
        answers: accepted texts, the first of which is shown as the key; compared without case and outer blanks.
        value: the number wanted, where the gap takes one.
    """

    name: str
    answers: tuple[str, ...] = ()
    value: float | None = None


@dataclass(frozen=True)
class Criterion:
    """One line of a rubric."""

    points: float
    says: str


@dataclass(frozen=True)
class Question:
    """One question as one student meets it.

    Attributes:
        id, version: of the template or the static question; a version changes when the key or the options do.
        kind: one of `KINDS`.
        lesson: the lesson it belongs to, "01_activations".
        topic: one of the syllabus's topics, as in `bank.TOPICS`.
        stem: Markdown with $maths$, $$maths$$ in a paragraph of its own, `code` and fenced blocks.
        key: number, tuple of (tuples of) numbers, the right option's text, a tuple of the right texts (multiple),
            a tuple of texts in their right order (order), None for cloze and essay.
        options: in the order of display. CHOICE and multiple: all of them. TYPED: four to choose from where an outlet
            has no field for such an answer (none where a template gives fewer than three wrong ones). order: the
            things to put in order.
        blanks: of a cloze.
        accepted: texts that count as right (short); the first is shown.
        rubric: of an essay.
        model: a model answer (essay), else "".
        explanation: why the key is right.
        rtol, atol: a typed number counts as right within atol + rtol·|key|.
        objectives: what one can do who gets it right.
        bloom, difficulty: one of `BLOOM`; 1 (easy) to 5.
        claim: number of the claim in the syllabus's list that it tests, 0 for none.
        cards: ids of the cards that a wrong answer makes due.
        seed, params: of a computed question, which is found again from them.
    """

    id: str
    version: int
    kind: str
    lesson: str
    topic: str
    stem: str
    key: object
    explanation: str
    options: tuple[Option, ...] = ()
    blanks: tuple[Blank, ...] = ()
    accepted: tuple[str, ...] = ()
    rubric: tuple[Criterion, ...] = ()
    model: str = ""
    rtol: float = 1e-2
    atol: float = 0.0
    objectives: tuple[str, ...] = ()
    bloom: str = "understand"
    difficulty: int = 2
    hints: tuple[str, ...] = ()
    claim: int = 0
    status: str = "reviewed"
    cards: tuple[str, ...] = ()
    seed: int = 0
    params: dict = field(default_factory=dict)

    @property
    def points(self) -> float:
        """What it is worth: 1, or what its rubric adds up to."""
        return sum(criterion.points for criterion in self.rubric) or 1.0

    def record(self) -> dict:
        """What a response file keeps of it, as plain JSON, so that a regrade finds the same variant."""
        return {
            "template": self.id,
            "version": self.version,
            "seed": str(self.seed),
            "params": {name: plain(value) for name, value in self.params.items()},
            "key": plain(self.key),
            "options": [{"text": option.text, "mistake": option.mistake} for option in self.options],
        }


def plain(value: object) -> object:
    """A key or a parameter as lists, numbers and texts."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    return value


def same(a: object, b: object, rtol: float, atol: float = 0.0) -> bool:
    """Whether two answers are the same: texts, shapes, numbers or arrays (|a − b| ≤ atol + rtol·max(|a|, |b|))."""
    if type(a) in _NUMBERS and type(b) in _NUMBERS:  # nearly all comparisons
        return a == b or abs(a - b) <= atol + rtol * max(abs(a), abs(b))
    if not type(a) is type(b) is np.ndarray:
        if isinstance(a, _TEXTS) or isinstance(b, _TEXTS):
            return type(a) is type(b) and a == b
        if isinstance(a, _LISTS) and any(isinstance(item, str) for item in a):
            return tuple(a) == tuple(b)
        a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape:
        return False
    if a.ndim != 1:
        a, b = a.ravel(), b.ravel()
    # Plain numbers: answers are small, and the first pair that differs settles it.
    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        if x != y and not abs(x - y) <= atol + rtol * max(abs(x), abs(y)):
            return False
    return True
