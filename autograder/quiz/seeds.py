"""Draws that stay the same: from raw bits, whose stream NumPy promises to keep; its `Generator`'s may change."""

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np

AHEAD = 16


def seed_of(course: str, template: str, version: int, student: str, attempt: int) -> int:
    """The seed of one student's variant; ids are trimmed and case folded."""
    parts = course, template, version, student.strip().casefold(), attempt
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big")


class Draws:
    """A stream of choices that a seed determines."""

    def __init__(self, seed: int):
        self._raw = np.random.PCG64(seed).random_raw  # seeded by way of a `SeedSequence`
        self._ahead: list[int] = []  # drawn together, which is quicker than one by one; the next one last

    def below(self, n: int) -> int:
        return self._next() % n

    def choice(self, values: Sequence):
        return values[self._next() % len(values)]

    def shuffled(self, items: Iterable) -> list:
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self._next() % (i + 1)
            items[i], items[j] = items[j], items[i]
        return items

    def _next(self):
        if not self._ahead:
            self._ahead = self._raw(AHEAD).tolist()[::-1]
        return self._ahead.pop()
