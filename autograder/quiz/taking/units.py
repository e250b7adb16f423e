"""What is scheduled: a card, or each numbered gap of a cloze, as Anki makes a card of each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from .. import bank
from ..outlets.cards import faces, numbers
from ..static import Card

_GAP = re.compile(r"\{\{c\d+::(.+?)(?:::[^:]+?)?\}\}", re.DOTALL)


@dataclass(frozen=True)
class Unit:
    """One thing to remember.

    Attributes:
        id: the card's, with `#2` behind it for the second gap of several.
        front, back: Markdown; of a cloze with this gap left out, and whole.
    """

    id: str
    card: Card
    front: str
    back: str


@cache
def every() -> dict[str, Unit]:
    """All units of the bank, in its order."""
    return {unit.id: unit for card in bank.cards().values() for unit in _units(card)}


def of(cards: Iterable[str]) -> list[str]:
    """Ids of the units of cards; a card that the bank does not have has none."""
    known = bank.cards()
    return [unit.id for name in cards if name in known for unit in _units(known[name])]


def without_gaps(text: str) -> str:
    """A cloze's front with its gaps filled.

    >>> without_gaps("ReLU is {{c1::0}} there.")
    'ReLU is 0 there.'
    """
    return _GAP.sub(r"\1", text)


def _units(card):
    if not card.is_cloze:
        return [Unit(card.id, card, card.front, card.back)]
    places = numbers(card)
    ids = [card.id] if len(places) == 1 else [f"{card.id}#{place}" for place in places]
    return [Unit(name, card, front, back) for name, (front, back) in zip(ids, faces(card), strict=True)]
