"""Dates that come from data, and dates with an offset: ``14 days before start.ends_on``.

Days, weeks, months and years are counted on the local calendar and keep the time of day; hours and minutes are real
time. A month that is too short gives its last day: one month after 31 January is 28 February, or 29 in a leap year.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from journey import durations
from journey.model import Mistake
from journey.time import business, lengths, local
from journey.time.calendar import FAR, Calendar

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?\Z")
_OFFSET = re.compile(
    r"\s*(?P<length>\d[^\"'()]*?)\s+(?P<word>before|after)\s+(?P<rest>\S.*)\Z", re.IGNORECASE | re.DOTALL
)
_PART = re.compile(r"\s*(?:and\s+)?(\d{1,6}(?:\.\d{1,3})?)\s*([a-z]+)\s*,?", re.IGNORECASE)
_ON_THE_CALENDAR = {"day": 1, "week": 7}
_IN_MONTHS = {"month": 1, "year": 12}


class NotADate(ValueError):
    """A value cannot be used as a date; the sentence says why."""


@dataclass(frozen=True)
class Offset:
    """How far from a date: ``sign`` 1 is after it, -1 before. ``business`` time is counted in a calendar."""

    months: int = 0
    days: int = 0
    real: timedelta = timedelta()
    business: lengths.Length | None = None
    sign: int = 1

    @property
    def whole_days(self) -> bool:
        """Whether it leads to a day, on which a time of day can be named."""
        return not self.real and not (self.business and self.business.open_time)


@dataclass(frozen=True)
class Written:
    """``14 days before start.ends_on``: the offset, and the date or the expression that gives it."""

    offset: Offset
    date: str
    literal: bool


@lru_cache(maxsize=2048)
def parse(text: str) -> Written:
    """What stands after ``until:``. Raises ValueError with a sentence for the author."""
    found = _OFFSET.match(text)
    offset = _offset(found["length"], -1 if found["word"].lower() == "before" else 1) if found else Offset()
    rest = (found["rest"] if found else text).strip()
    literal = bool(re.match(r"\d", rest))
    if literal:
        try:
            read(rest)
        except NotADate as error:
            raise Mistake(f"{error}; write for example 2027-03-31 or start.ends_on", rule="bad-date") from None
    return Written(offset, rest, literal)


def _offset(text: str, sign: int) -> Offset:
    if "business" in text.lower():
        return Offset(business=lengths.parse(text), sign=sign)
    months = days = position = 0
    real = timedelta()
    for part in _PART.finditer(text):
        if part.start() != position:
            break
        position = part.end()
        length = _part(part[1], part[2], text)
        months, days, real = months + length.months, days + length.days, real + length.real
    if position != len(text):
        raise Mistake(
            f'"{text}" is not an offset; write for example 14 days, 2 hours, 1 month or 3 business days',
            rule="bad-date",
        )
    if months > 120 or timedelta(days=days) + real > durations.MAX:
        raise Mistake(f'"{text}" is longer than ten years', rule="bad-date")
    return Offset(months, days, real, None, sign)


def _part(number: str, unit: str, text: str) -> Offset:
    word = unit.lower().removesuffix("s")
    if word not in _ON_THE_CALENDAR and word not in _IN_MONTHS:
        if not durations.is_unit(word):
            known = "minutes, hours, days, weeks, months or years, or business days"
            raise Mistake(f'"{unit}" is not a unit of time; use {known}', rule="bad-date")
        return Offset(real=durations.parse(f"{number} {unit}"))
    if "." in number:
        raise Mistake(f'"{text}": days, weeks, months and years are whole here', rule="bad-date")
    return Offset(months=int(number) * _IN_MONTHS.get(word, 0), days=int(number) * _ON_THE_CALENDAR.get(word, 0))


def read(value: Any) -> date | datetime:
    """A date (``2027-03-31``) or a moment (``2027-03-31T10:00``, with or without an offset from UTC: ISO 8601) as data
    holds it. Raises NotADate."""
    if not isinstance(value, str) or not _ISO.match(value.strip()):
        raise NotADate(f"{_shown(value)} is not a date such as 2027-03-31")
    text = value.strip()
    try:
        return date.fromisoformat(text) if len(text) == len("2027-03-31") else datetime.fromisoformat(text)
    except ValueError:
        raise NotADate(f"{_shown(value)} is not a date that there is") from None


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return f'"{str(value)[:60]}"' if isinstance(value, str) else f"{str(value)[:60]}"


@dataclass(frozen=True)
class Target:
    """All that a date with an offset is worked out from, apart from the value itself."""

    offset: Offset
    at: time | None
    where: ZoneInfo
    calendar: Calendar | None = None

    def of(self, value: Any, now: datetime) -> datetime:
        """The moment (UTC) for a value. Raises NotADate if it is no date, has no time of day while none is named, or is
        more than ten years away from ``now``."""
        given = read(value)
        try:
            moment = self._moment(given)
        except (OverflowError, ValueError) as error:
            if isinstance(error, NotADate):
                raise
            raise NotADate(f"{_shown(value)} is too far away") from None
        if abs(moment - now) > FAR:
            raise NotADate(f"{_shown(value)} is more than ten years away")
        return moment

    def _moment(self, given: date | datetime) -> datetime:
        if isinstance(given, datetime) and given.tzinfo is not None:
            here = given.astimezone(self.where)
            if self.at is None and not self._moves_days():
                return self._in_real_time(given.astimezone(UTC))
            given = here.replace(tzinfo=None)
        day = self._day(given.date() if isinstance(given, datetime) else given)
        own = given.time() if isinstance(given, datetime) else None
        at = self.at if self.at is not None else own
        if at is None:
            raise NotADate(f'"{given}" is a day without a time; at: says the time of day')
        return self._in_real_time(local.moment(day, at, self.where))

    def _moves_days(self) -> bool:
        return bool(self.offset.months or self.offset.days or (self.offset.business and self.offset.business.days))

    def _day(self, day: date) -> date:
        offset = self.offset
        if offset.business is not None and offset.business.days:
            assert self.calendar is not None, "business days are counted in a calendar"
            return business.day(self.calendar, day, offset.sign * offset.business.days)
        return local.add_months(day, offset.sign * offset.months) + offset.sign * timedelta(days=offset.days)

    def _in_real_time(self, moment: datetime) -> datetime:
        offset = self.offset
        if offset.business is not None and offset.business.open_time:
            assert self.calendar is not None, "business hours are counted in a calendar"
            count = business.after if offset.sign > 0 else business.before
            return count(self.calendar, moment, offset.business.open_time)
        return moment + offset.sign * offset.real
