"""Chance that is the same every time: numbers from a hash of seed and customer, and what is drawn with them.

Each customer has a stream of their own, so more customers, other processes or another order change nobody's life.
"""

import hashlib
import math
import re
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import TypeVar

from journey import durations

T = TypeVar("T")

SPREAD = math.log(2) / 1.6449
"""``about 2 days``: the logarithms are normal, and nine of ten lie between half and double of it."""

_WORDS = re.compile(r"(about)\s+(.+)|(between)\s+(.+?)\s+and\s+(.+)", re.IGNORECASE)


class Chance:
    """One customer's stream of numbers."""

    def __init__(self, seed: int, customer: int) -> None:
        self._key = f"{seed}/{customer}/".encode()
        self._block = 0
        self._numbers: list[float] = []

    def number(self) -> float:
        """From 0 (included) to 1 (excluded)."""
        if not self._numbers:
            digest = hashlib.blake2b(self._key + b"%d" % self._block, digest_size=64).digest()
            self._block += 1
            self._numbers = [int.from_bytes(digest[at : at + 8], "big") / 2**64 for at in range(0, 64, 8)]
        return self._numbers.pop()

    def one_of(self, shares: Sequence[tuple[float, T]]) -> T | None:
        """One of several by their shares of 100; None for what is left over."""
        place = self.number() * 100
        for share, thing in shares:
            place -= share
            if place < 0:
                return thing
        return None

    def length(self, text: str) -> timedelta:
        """A length of time: ``2 days``, ``about 2 days``, ``between 1 hour and 3 days``."""
        word, first, second = read(text)
        if word == "exactly":
            return first
        if word == "between":
            return first + (second - first) * self.number()
        # Box and Muller; 1 - number() is never 0.
        normal = math.sqrt(-2 * math.log(1 - self.number())) * math.cos(2 * math.pi * self.number())
        return first * math.exp(SPREAD * normal)


@lru_cache(maxsize=1024)
def read(text: str) -> tuple[str, timedelta, timedelta]:
    """A length of time by chance: the word (exactly, about, between) and its one or two lengths. Raises ValueError."""
    found = _WORDS.fullmatch(text.strip())
    if found is None:
        length = durations.parse(text)
        return "exactly", length, length
    if found[1]:
        length = durations.parse(found[2])
        return "about", length, length
    first, second = durations.parse(found[4]), durations.parse(found[5])
    if second < first:
        raise ValueError(f'"{text}": the first length is longer than the second')
    return "between", first, second
