"""Lengths of time, in real time or in business time: ``36 hours``, ``8 business hours``, ``3 business days``."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from journey import durations
from journey.model import Mistake
from journey.time import business
from journey.time.calendar import Calendar

MOST_HOURS, MOST_DAYS = 2000, 500

_BUSINESS = re.compile(r"\s*(\d{1,6}(?:\.\d{1,2})?)\s+business\s+([a-z]+)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Length:
    """So much real time, so much open time, or so many business days; exactly one of them."""

    real: timedelta | None = None
    open_time: timedelta | None = None
    days: int | None = None

    @property
    def business(self) -> bool:
        """Whether a calendar is needed."""
        return self.real is None

    @property
    def nothing(self) -> bool:
        """Whether it takes no time."""
        return not (self.real or self.open_time or self.days)


@lru_cache(maxsize=4096)
def parse(text: str) -> Length:
    """A length as it is written. Raises ValueError with a sentence for the author."""
    if "business" not in text.lower():
        return Length(real=durations.parse(text))
    found = _BUSINESS.match(text)
    unit = found[2].lower().removesuffix("s") if found else ""
    if not found or unit not in ("minute", "hour", "day"):
        raise Mistake(
            f'"{text}" is not a length of business time; write for example 8 business hours or 3 business days',
            rule="bad-duration",
        )
    if unit == "day":
        return Length(days=_whole(found[1], text))
    length = timedelta(**{f"{unit}s": float(found[1])})
    if length > timedelta(hours=MOST_HOURS):
        raise Mistake(f'"{text}" is longer than {MOST_HOURS} business hours', rule="bad-duration")
    return Length(open_time=length)


def _whole(number: str, text: str) -> int:
    if "." in number:
        raise Mistake(
            f'"{text}": business days are whole; write business hours for parts of a day', rule="bad-duration"
        )
    if int(number) > MOST_DAYS:
        raise Mistake(f'"{text}" is longer than {MOST_DAYS} business days', rule="bad-duration")
    return int(number)


def before(length: Length, moment: datetime, calendar: Calendar | None = None) -> datetime:
    """When a length begins that is over at a moment. Business time needs the calendar."""
    if length.real is not None:
        return moment - length.real
    assert calendar is not None, "business time is counted in a calendar"
    if length.days is not None:
        return business.days_after(calendar, moment, -length.days) if length.days else moment
    return business.before(calendar, moment, length.open_time or timedelta())


def after(length: Length, moment: datetime, calendar: Calendar | None = None) -> datetime:
    """When a length that begins at a moment is over. Business time needs the calendar."""
    if length.real is not None:
        return moment + length.real
    assert calendar is not None, "business time is counted in a calendar"
    if length.days is not None:
        return business.days_after(calendar, moment, length.days) if length.days else moment
    return business.after(calendar, moment, length.open_time or timedelta())
