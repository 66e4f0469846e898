"""Lengths of time: real time (``36 hours``), business time (``8 business hours``, ``3 business days``), or months on
the calendar (``6 months``, ``1 year``), which keep the day of the month and the time of day.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from journey import durations
from journey.model import Mistake
from journey.time import business, local
from journey.time.calendar import Calendar

MOST_HOURS, MOST_DAYS, MOST_MONTHS = 2000, 500, 120

_MONTHS = re.compile(r"(?:(\d{1,4})\s*years?)?(?:\s*(?:and\s+)?(\d{1,4})\s*months?)?\Z", re.IGNORECASE)
_ON_THE_CALENDAR = re.compile(r"\d\s*(?:month|year)", re.IGNORECASE)
_BUSINESS = re.compile(r"\s*(\d{1,6}(?:\.\d{1,2})?)\s+business\s+([a-z]+)\s*\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Length:
    """So much real time, so much open time, so many business days, or so many months; exactly one of them."""

    real: timedelta | None = None
    open_time: timedelta | None = None
    days: int | None = None
    months: int | None = None

    @property
    def business(self) -> bool:
        """Whether a calendar is needed."""
        return self.real is None and self.months is None

    @property
    def nothing(self) -> bool:
        """Whether it takes no time."""
        return not (self.real or self.open_time or self.days or self.months)


@lru_cache(maxsize=4096)
def parse(text: str) -> Length:
    """A length as it is written. Raises ValueError with a sentence for the author."""
    if "business" not in text.lower():
        if _ON_THE_CALENDAR.search(text):
            return Length(months=_months(text))
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


def _months(text: str) -> int:
    found = _MONTHS.match(text.strip())
    if not found:
        raise Mistake(
            f'"{text}": months and years are whole and stand alone; write for example 6 months or 1 year 3 months',
            rule="bad-duration",
        )
    months = int(found[1] or 0) * 12 + int(found[2] or 0)
    if months > MOST_MONTHS:
        raise Mistake(f'"{text}" is longer than ten years', rule="bad-duration")
    return months


def _whole(number: str, text: str) -> int:
    if "." in number:
        raise Mistake(
            f'"{text}": business days are whole; write business hours for parts of a day', rule="bad-duration"
        )
    if int(number) > MOST_DAYS:
        raise Mistake(f'"{text}" is longer than {MOST_DAYS} business days', rule="bad-duration")
    return int(number)


def before(
    length: Length, moment: datetime, calendar: Calendar | None = None, where: ZoneInfo | None = None
) -> datetime:
    """When a length begins that is over at a moment. Business time needs the calendar, months the zone."""
    if length.real is not None:
        return moment - length.real
    return _counted(length, -1, moment, calendar, where)


def after(
    length: Length, moment: datetime, calendar: Calendar | None = None, where: ZoneInfo | None = None
) -> datetime:
    """When a length that begins at a moment is over. Business time needs the calendar, months the zone."""
    if length.real is not None:
        return moment + length.real
    return _counted(length, 1, moment, calendar, where)


def _counted(
    length: Length, sign: int, moment: datetime, calendar: Calendar | None, where: ZoneInfo | None
) -> datetime:
    if length.months is not None:
        assert where is not None, "months are counted on the calendar of a place"
        return local.months_from(moment, sign * length.months, where)
    assert calendar is not None, "business time is counted in a calendar"
    if length.days is not None:
        return business.days_after(calendar, moment, sign * length.days) if length.days else moment
    count = business.after if sign > 0 else business.before
    return count(calendar, moment, length.open_time or timedelta())
