"""Lengths of time as people write them: ``2 days``, ``1 week``, ``36 hours``, ``1 day 12 hours``.

A day is 24 hours and a week seven days; calendars and months are another matter.
"""

import re
from datetime import timedelta
from functools import lru_cache

from journey.model import Mistake

MAX = timedelta(days=3660)

_UNITS = {
    "second": 1,
    "sec": 1,
    "s": 1,
    "minute": 60,
    "min": 60,
    "m": 60,
    "hour": 3600,
    "h": 3600,
    "day": 86_400,
    "d": 86_400,
    "week": 604_800,
    "w": 604_800,
}
_PART = re.compile(r"\s*(?:and\s+)?(\d{1,9}(?:\.\d{1,3})?)\s*([a-z]+)\s*,?", re.IGNORECASE)


@lru_cache(maxsize=4096)
def parse(text: str) -> timedelta:
    """``1 day 12 hours`` as a timedelta. Raises ValueError with a sentence for the author."""
    position, seconds = 0, 0.0
    for part in _PART.finditer(text):
        if part.start() != position:
            break
        word = part.group(2).lower()
        unit = _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))
        if unit is None and word == "business":
            raise Mistake(
                "business time is not counted here; write for example 2 days or 36 hours", rule="bad-duration"
            )
        if unit is None and word.removesuffix("s") in ("month", "year"):
            raise Mistake("months are not counted here; write for example 26 weeks or 180 days", rule="bad-duration")
        if unit is None:
            raise Mistake(
                f'"{part.group(2)}" is not a unit of time; use seconds, minutes, hours, days or weeks',
                rule="bad-duration",
            )
        seconds += float(part.group(1)) * unit
        position = part.end()
    if not text.strip() or position != len(text):
        raise Mistake(
            f'"{text}" is not a length of time; write for example 2 days, 36 hours or 1 week', rule="bad-duration"
        )
    if seconds > MAX.total_seconds():
        raise Mistake(f'"{text}" is longer than ten years', rule="bad-duration")
    return timedelta(seconds=seconds)


def is_unit(word: str) -> bool:
    """Whether a word, in the singular and in small letters, is a unit of real time."""
    return word in _UNITS


def say(length: timedelta) -> str:
    """A length of time in its two largest units: ``2 days``, ``1 day 12 hours``, ``0 seconds``."""
    return _said(length, 2)


def exact(length: timedelta) -> str:
    """A length of time to the second: ``1 day 12 hours 30 minutes``."""
    return _said(length, 4)


def _said(length: timedelta, most: int) -> str:
    seconds = round(length.total_seconds())
    if seconds < 0:
        return f"-{_said(-length, most)}"
    parts: list[str] = []
    for word, size in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {word}{'s' if count != 1 else ''}")
    return " ".join(parts[:most]) or "0 seconds"
