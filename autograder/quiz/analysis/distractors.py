"""How each option of a question works: who chooses it, and whether it tells the best from the weakest."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from ...item_analysis import Interval, upper_shares, wilson
from .matching import NO_ANSWER
from .response_files import Response

DEAD = 0.05  # an option that fewer choose distracts nobody (Haladyna & Downing, 1993)
MOST_OPTIONS = 8
FEW_ANSWERS = 6  # a question that the bank does not know is taken for a choice up to so many different ones
OTHERS = "other answers"


@dataclass(frozen=True)
class OptionRow:
    """How many chose an option, in all and in the best and the weakest 27 % by their marks for the whole test.

    Attributes:
        right: None where nothing says.
        share: of those to whom it was offered.
        says: words on it, "" where there is nothing to say.
    """

    label: str
    right: bool | None
    mistake: str
    chosen: int
    share: float
    interval: Interval
    upper: float
    lower: float
    says: str = ""


def options_of(rows: list[Response], totals: np.ndarray) -> tuple[OptionRow, ...]:
    """The options of an item: all that were offered, else what was chosen, the commonest first.

    Args:
        rows: the responses to the item.
        totals: their students' shares of the marks of the whole test.
    """
    upper, lower = upper_shares(totals)
    counts, right, mistake = Counter(), {}, {}
    holds = defaultdict(lambda: np.zeros(len(rows)))
    for i, row in enumerate(rows):
        for choice in {choice.label: choice for choice in row.choices}.values():
            counts[choice.label] += 1
            holds[choice.label][i] = 1
            right.setdefault(choice.label, choice.right)
            mistake.setdefault(choice.label, choice.mistake)
    offers = Counter()
    for row in rows:
        for choice in {choice.label: choice for choice in row.offered or ()}.values():
            offers[choice.label] += 1
            counts.setdefault(choice.label, 0)
            right.setdefault(choice.label, choice.right)
            mistake.setdefault(choice.label, choice.mistake)
    ordered = sorted(
        counts, key=lambda label: (label == NO_ANSWER, right[label] is not True, -counts[label], label)
    )
    known = [label for label in ordered if right[label] or mistake[label] or label == NO_ANSWER]
    rest = [label for label in ordered if label not in known]
    room = max(0, MOST_OPTIONS - len(known))
    kept, others = rest[:room], rest[room:]
    if others:
        holds[OTHERS] = np.clip(sum(holds[label] for label in others), 0, 1)
        counts[OTHERS], right[OTHERS], mistake[OTHERS] = int(holds[OTHERS].sum()), False, ""
        kept.append(OTHERS)
    found = []
    for label in sorted([*known, *kept], key=[*ordered, OTHERS].index):
        could = len(rows) if not offers[label] else offers[label]  # variants offer different mistakes
        share = counts[label] / could
        best, weakest = float(upper @ holds[label]), float(lower @ holds[label])
        says = _on_option(label, right[label], share, best, weakest, len(rows))
        if says.startswith("dead") and not chosen_from(rows):
            says = ""  # what few type is no distractor
        interval = wilson(share, could)
        found.append(
            OptionRow(
                label, right[label], mistake[label], counts[label], share, interval, best, weakest, says
            )
        )
    return tuple(found)


def chosen_from(rows: list[Response]) -> bool:
    """Whether the answers were chosen among options, and not typed."""
    if any(row.offered is not None for row in rows):
        return any(row.offered for row in rows)
    return len({choice.label for row in rows for choice in row.choices}) <= FEW_ANSWERS


def _on_option(label, right, share, best, weakest, n):
    if label in (NO_ANSWER, OTHERS) or right is None:
        return ""
    if right:
        return "the best choose it less than the weakest: check the key" if best < weakest else ""
    if share < DEAD:
        return "dead: hardly anybody chooses it"
    if best > weakest and (best - weakest) * n * 0.27 >= 1:  # one student's choice at least
        return "suspicious: the best choose it more than the weakest"
    return ""
