"""What the outlets for cards share: the slips that a card cures, its gaps, and its faces where there is no cloze."""

import re
from functools import cache

from ...exercises import bank as exercises
from .. import bank
from ..static import BankError, Card

SLIPS_SHOWN = 3
_GAP = re.compile(r"\{\{c(\d+)::(.+?)(?:::([^:]+?))?\}\}", re.DOTALL)
# What Markdown reads in another way than its text; `lastgroup` says which.
PART = re.compile(
    r"(?P<fence>^(?P<f>```|~~~).*?^(?P=f)[ ]*$)"
    r"|(?P<code>(?P<c>`+)(?!`).+?(?<!`)(?P=c)(?!`))"
    r"|(?P<maths>(?<![\\$])(?P<m>\$\$?)(?!\$).+?(?<!\\)(?P=m))",
    re.DOTALL | re.MULTILINE,
)


def slips(card: str) -> tuple[str, ...]:
    """What is said of the mistakes that a card cures, as Markdown: misconceptions first, no text twice."""
    return _slips().get(card, ())[:SLIPS_SHOWN]


@cache
def _slips():
    found = [(idea.card, idea.says) for idea in bank.misconceptions().values()]
    found += [(m.card, m.diagnosis) for exercise in exercises().values() for m in exercise.mistakes]
    by_card = {}
    for card, says in dict.fromkeys(found):
        by_card[card] = (*by_card.get(card, ()), says)
    return by_card


def gaps(card: Card) -> list[re.Match]:
    """The gaps of a cloze, each with the groups number, text and hint; none of a card with two sides.

    Raises:
        BankError: a gap ends before its LaTeX does, or there is none.
    """
    if not card.is_cloze:
        return []
    found = list(_GAP.finditer(card.front))
    for gap in found:
        # Anki takes the first `}}` for the end of the gap, and would show half a formula.
        braces = re.sub(r"\\[\\{}]", "", gap[2])
        if braces.count("{") != braces.count("}"):
            raise BankError(
                f"card {card.id}: gap c{gap[1]} ends inside its LaTeX: write `}} }}` for `}}}}` there."
            )
        if gap[2].count("`") % 2:
            raise BankError(f"card {card.id}: `::` inside gap c{gap[1]} begins a hint: write `: :` in code.")
    if len(found) != card.front.count("{{c"):
        raise BankError(f"card {card.id}: a gap is not closed, or is empty; gaps are {{{{c1::like this}}}}.")
    return found


def numbers(card: Card) -> list[int]:
    """The numbers of a cloze's gaps: Anki makes one card of each."""
    return sorted({int(gap[1]) for gap in gaps(card)})


def simple(card: Card) -> bool:
    """Whether each gap of a cloze has its own number, no hint, and stands neither in maths nor in code."""
    found = gaps(card)
    return len(numbers(card)) == len(found) and not any(gap[3] or _around(card.front, gap) for gap in found)


def faces(card: Card) -> list[tuple[str, str]]:
    """Front and back as Markdown; of a cloze, one pair for each number, with that gap left out.

    >>> faces(Card("relu", "01", "activation functions", "ReLU is {{c1::0}} below {{c2::0}}.", ""))
    [('ReLU is **[…]** below 0.', 'ReLU is 0 below 0.'), ('ReLU is 0 below **[…]**.', 'ReLU is 0 below 0.')]
    """
    if not card.is_cloze:
        return [(card.front, card.back)]
    full = _GAP.sub(lambda gap: _shown(card.front, gap), card.front)
    return [
        (
            _GAP.sub(lambda gap, n=n: (_blank if int(gap[1]) == n else _shown)(card.front, gap), card.front),
            f"{full}\n\n{card.back}" if card.back else full,
        )
        for n in numbers(card)
    ]


def _shown(text, gap):
    # The blank that keeps `}}` apart at a gap's end must not stand before the closing dollar.
    return gap[2].strip() if _around(text, gap) == "maths" else gap[2]


def _blank(text, gap):
    shown = gap[3] or "…"
    around = _around(text, gap)
    if around == "maths":
        return rf"\boxed{{\text{{{gap[3]}}}}}" if gap[3] else r"\boxed{\ldots}"
    return f"[{shown}]" if around else f"**[{shown}]**"


def _around(text, gap):
    """In what a gap stands: a fence, code, maths, or nothing."""
    parts = (part for part in PART.finditer(text) if part.start() < gap.start() and gap.end() < part.end())
    return next((part.lastgroup for part in parts), "")
