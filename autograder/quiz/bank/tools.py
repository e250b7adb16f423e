"""What the templates of several lessons share."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from itertools import pairwise

import numpy as np

from ...exercises import find
from ..display import shown
from ..wrong import Wrong, misconception, mistakes_of, value_of


@cache
def worked(
    name: str, *inputs: object, only: tuple[str, ...] = (), take: Callable[[object], object] | None = None
) -> tuple[Wrong, ...]:
    """The mistakes of an exercise with their values, computed once: some take long, and few inputs are drawn.

    Args:
        inputs: arrays as tuples, since what is kept is found again by them.
        take: as for `mistakes_of`; a function with a name of its own, not a new one at each call.
    """
    arrays = [np.array(item) if isinstance(item, tuple) else item for item in inputs]
    found = [(wrong, value_of(wrong)) for wrong in mistakes_of(name, *arrays, only=only, take=take)]
    return tuple(wrong._replace(compute=partial(_kept, value)) for wrong, value in found)


def _kept(value):
    return value


def described(name: str, texts: dict[str, str], *inputs: object) -> Iterator[Wrong]:
    """The mistakes of an exercise as wrong options that say in words what was done."""
    for mistake, text in texts.items():
        yield from mistakes_of(name, *inputs, only=(mistake,), take=lambda _, text=text: text)


def besides(name: str, errors: dict[str, tuple], made: str) -> tuple[Wrong, ...]:
    """The mistakes of an exercise, told by the first item of each entry, but for the one that was made."""
    return tuple(misconception(f"{name}.{error}", item[0]) for error, item in errors.items() if error != made)


def saying(texts: dict[str, str], found: Iterable[Wrong]) -> list[Wrong]:
    """Wrong answers, some of which say what fits this question better than their usual text.

    Args:
        texts: from the name of a mistake, without its exercise, to what it says here.
    """
    return [wrong._replace(says=texts.get(wrong.mistake.rpartition(".")[2], wrong.says)) for wrong in found]


def would_give(name: str, errors: dict[str, str], made: str, values: dict[str, object]) -> list[Wrong]:
    """The mistakes of an exercise in words, but for the one that was made; each says what its value would be."""
    return [
        Wrong(f"{name}.{error}", f"That would give {shown(values[error])}.", lambda text=text: text)
        for error, text in errors.items()
        if error != made
    ]


def values_of(
    name: str, errors: Iterable[str], *inputs: object, take: Callable[[object], object] | None = None
) -> dict[str, object]:
    """What each of these mistakes of an exercise gives on the inputs."""
    found = mistakes_of(name, *inputs, take=take, only=tuple(errors))
    return {wrong.mistake.partition(".")[2]: value_of(wrong) for wrong in found}


def apart(values: Sequence[float], by: float = 0.02) -> bool:
    """Whether any two values differ by more than a share of the larger: a rounded one then tells which it was."""
    # Neighbours are enough: |c − a| is |c − b| + |b − a| where b lies between.
    return all(b - a > by * max(abs(a), abs(b)) for a, b in pairwise(sorted(values)))


def that_explains(got: float, values: dict[str, float], rtol: float = 1e-6) -> str | tuple[str, ...]:
    """The one text whose value was got; all such texts where there are several."""
    texts = [text for text, value in values.items() if abs(value - got) <= rtol * abs(got)]
    return texts[0] if len(texts) == 1 else tuple(texts)


def first(out: Sequence) -> object:
    """The first of the things that a function returns."""
    return out[0]


def second(out: Sequence) -> object:
    """The second of the things that a function returns."""
    return out[1]


def everything(out: Sequence) -> np.ndarray:
    """The new parameter and state of an update rule, as one vector."""
    return np.array([float(x) for x in out])


def after_steps(name: str, w: float, gradients: tuple, *settings: float, only: tuple) -> Iterator[Wrong]:
    """Mistakes of a rule with one array of state, as the w that they give after several steps from state 0."""
    exercise = find(name)
    for mistake in exercise.mistakes:
        short = exercise.mistake_name(mistake)
        if short in only:
            steps = partial(walked, mistake.answer, w, gradients, *settings)
            yield Wrong(f"{name}.{short}", mistake.diagnosis, steps)


def walked(step: Callable, w: float, gradients: Sequence[float], *settings: float) -> float:
    """The parameter after one step of a rule with one array of state, which starts at 0, for each gradient."""
    w, state = np.float64(w), np.float64(0)
    for g in gradients:
        w, state = step(w, np.float64(g), state, *settings)
    return float(w)
