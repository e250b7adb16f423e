"""Draws that stay the same: from raw bits, whose stream NumPy promises to keep; its `Generator`'s may change."""

import hashlib
from collections.abc import Sequence

import numpy as np


def seed_of(course: str, template: str, version: int, student: str, attempt: int) -> int:
    """The seed of one student's variant; ids are trimmed and case folded."""
    parts = course, template, version, student.strip().casefold(), attempt
    digest = hashlib.sha256("\0".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big")


class Draws:
    """A stream of choices that a seed determines."""

    def __init__(self, seed: int):
        self._raw = np.random.PCG64(np.random.SeedSequence(seed)).random_raw

    def below(self, n: int) -> int:
        return int(self._raw()) % n

    def choice(self, values: Sequence):
        return values[self.below(len(values))]

    def shuffled(self, items: Sequence) -> list:
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items
