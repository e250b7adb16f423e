"""What was seen of a student's answer: the only thing that a verdict is made from."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .answer_key import answer_key
from .drives import Outcome, examine, origin
from .exercises.schema import PUBLIC_SEED, Exercise

NOT_STARTED = "not started yet"
MISSING = "missing"
STOPPED = "stopped"
JUDGED = "judged"


@dataclass(frozen=True)
class Evidence:
    """What was seen of one student's answer to one exercise.

    Attributes:
        seed: the inputs were drawn from it.
        state: JUDGED where the object was found and probed, else MISSING or STOPPED.
        outcomes: variant -> case -> one `Outcome` for each input, None where none arrived. The
            variants are AS_WRITTEN and, for an exercise with `needs`, WITH_REFERENCES.
        origin: the file that the object's code says it comes from.
    """

    seed: int
    state: str = JUDGED
    outcomes: dict[str, dict[str, tuple[Outcome | None, ...]]] = field(default_factory=dict)
    origin: str = ""


def gather(
    exercise: Exercise,
    answer: object,
    seed: int = PUBLIC_SEED,
    needs: dict[str, Callable] | None = None,
    namespace: dict | None = None,
) -> Evidence:
    """Evidence from an object in this very process: for the notebook's check and for tests."""
    answer_key(exercise, seed)  # needs the reference, which is blocked below
    seen = examine(exercise.drive, answer, exercise.inputs(seed), exercise.reference, needs, namespace)
    return Evidence(seed, outcomes=group(seen), origin=origin(answer))


def group(seen) -> dict[str, dict[str, tuple[Outcome, ...]]]:
    """(variant, case, outcome) triples as variant -> case -> outcomes."""
    outcomes: dict[str, dict[str, tuple[Outcome, ...]]] = {}
    for variant, case, outcome in seen:
        cases = outcomes.setdefault(variant, {})
        cases[case] = (*cases.get(case, ()), outcome)
    return outcomes
