"""Days and hours as people write them: ``mon-fri 9:00-12:30 and 13:30-17:00; sat 10:00-12:00``.

Intervals are minutes of the local day; the end is not part of them, and ``24:00`` is the end of the day.
"""

import re
from functools import lru_cache
from itertools import pairwise

from journey.model import Mistake

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOSED = "closed"
WHOLE_DAY = 24 * 60

Interval = tuple[int, int]
"""From a minute of the day, up to (not including) another."""

Week = tuple[tuple[Interval, ...], ...]
"""The intervals of each weekday, Monday first."""

_INTERVAL = re.compile(r"(\d{1,2})(?::(\d\d))?\s*(?:-|\N{EN DASH}|to)\s*(\d{1,2})(?::(\d\d))?\Z")
_RULE = re.compile(r"(?P<days>[a-z][a-z ,\N{EN DASH}-]*?)?\s*(?P<hours>\d.*|closed|all day)\Z", re.IGNORECASE)


@lru_cache(maxsize=4096)
def intervals(text: str) -> tuple[Interval, ...]:
    """``9:00-12:30 and 13:30-17:00``, ``all day`` or ``closed``. Raises ValueError with a sentence for the author."""
    words = text.strip().lower()
    if words in (CLOSED, ""):
        return ()
    if words == "all day":
        return ((0, WHOLE_DAY),)
    found = [_interval(part.strip()) for part in re.split(r",|\band\b", words)]
    for before, after in pairwise(found):
        if after[0] < before[1]:
            raise Mistake(f"{_say(after)} begins before {_say(before)} is over; write them in order", rule="bad-hours")
    return tuple(found)


def _interval(text: str) -> Interval:
    found = _INTERVAL.match(text)
    if not found:
        raise Mistake(f'"{text}" is not a span of hours; write for example 9:00-17:00, or closed', rule="bad-hours")
    start, end = _minute(found[1], found[2], text), _minute(found[3], found[4], text)
    if start >= end:
        split = f"{_clock(start)}-24:00 on this day and 0:00-{_clock(end)} on the next"
        advice = f"; for hours over midnight write {split}" if end else "; the end of a day is 24:00"
        raise Mistake(f"{text} ends before it begins{advice}", rule="bad-hours")
    return start, end


def _minute(hour: str, minute: str | None, text: str) -> int:
    whole = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or whole > WHOLE_DAY:
        raise Mistake(f'"{text}" is not a span of hours; the day goes from 0:00 to 24:00', rule="bad-hours")
    return whole


@lru_cache(maxsize=1024)
def days(text: str) -> tuple[int, ...]:
    """``mon``, ``mon-fri``, ``sat, sun`` or ``daily`` as numbers of weekdays, Monday 0. Raises ValueError."""
    if text.strip().lower() == "daily":
        return tuple(range(7))
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.replace("\N{EN DASH}", "-").partition("-")
        start = _day(first)
        end = _day(last) if dash else start
        found += [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]
    return tuple(dict.fromkeys(found))


def _day(text: str) -> int:
    word = text.strip().lower()
    for number, (short, full) in enumerate(zip(DAYS, FULL, strict=True)):
        if word in (short, full):
            return number
    raise Mistake(f'"{text.strip()}" is not a day; write mon, tue, wed, thu, fri, sat or sun', rule="bad-hours")


@lru_cache(maxsize=1024)
def week(text: str) -> Week:
    """Days and hours, several of them between semicolons; hours alone mean every day. Raises ValueError."""
    found: list[tuple[Interval, ...] | None] = [None] * 7
    for part in text.split(";"):
        rule = _RULE.match(part.strip())
        if not rule:
            raise Mistake(
                f'"{part.strip()}" does not say days and hours; write for example mon-fri 9:00-17:00', rule="bad-hours"
            )
        opened = intervals(rule["hours"])
        for day in days(rule["days"].strip() if rule["days"] else "daily"):
            if found[day] is not None:
                raise Mistake(f"{FULL[day].capitalize()} is written twice", rule="bad-hours")
            found[day] = opened
    if not any(found):
        raise Mistake("it is never open; write for example mon-fri 9:00-17:00", rule="bad-hours")
    return tuple(opened or () for opened in found)


def say(opened: tuple[Interval, ...]) -> str:
    """The intervals of a day as ``intervals`` reads them: ``9:00-12:30, 13:30-17:00``; ``closed`` for none."""
    return ", ".join(_say(one) for one in opened) or CLOSED


def _say(interval: Interval) -> str:
    return f"{_clock(interval[0])}-{_clock(interval[1])}"


def _clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
