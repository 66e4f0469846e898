"""The whole days of an iCal file (RFC 5545): a calendar is closed on them. Only definitions are read with it."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

# Its libraries are imported where they are used: few definitions have such a file.

MAX_DAYS = 20_000

_OFTEN_ENOUGH = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)\b", re.IGNORECASE)
_UNTIL = re.compile(r"(UNTIL=\d{8})T\d{6}Z?", re.IGNORECASE)


class UnreadableCalendar(Exception):
    """The file is no iCal file that can be read; the sentence says why."""


# An event is what the library makes of it: its values are of dozens of kinds, and broken ones are among them.


def whole_days(text: str, first: int, last: int) -> tuple[frozenset[date], int]:
    """The days of the all-day events between the beginning of one year and the end of another, repetitions included,
    and how many events with a time of day were left out. Raises UnreadableCalendar."""
    from icalendar import Calendar

    try:
        return _whole_days(Calendar.from_ical(text).walk("VEVENT"), date(first, 1, 1), date(last, 12, 31))
    except (ValueError, LookupError, TypeError, AttributeError):  # a broken value fails where it is used
        raise UnreadableCalendar("it cannot be read as an iCal file") from None


def _whole_days(events: list[Any], begin: date, end: date) -> tuple[frozenset[date], int]:
    days: set[date] = set()
    left_out = 0
    for event in events:
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        if not _is_whole(event):
            left_out += 1
            continue
        days |= {day for day in _days(event, begin, end) if begin <= day <= end}
    return frozenset(days), left_out


def _is_whole(event: Any) -> bool:
    start = event.get("DTSTART")
    return start is not None and isinstance(start.dt, date) and not isinstance(start.dt, datetime)


def _days(event: Any, begin: date, end: date) -> set[date]:
    start: date = event["DTSTART"].dt
    length = _length(event, start)
    found: set[date] = set()
    for first in _starts(event, start, begin - length, end):
        found |= {first + timedelta(days=number) for number in range(length.days)}
        if len(found) > MAX_DAYS:
            raise UnreadableCalendar(f"an event repeats on more than {MAX_DAYS} days")
    return found


def _length(event: Any, start: date) -> timedelta:
    """An all-day event ends before the day of DTEND; without it, it is one day long."""
    if event.get("DTEND") is not None:
        length: timedelta = event["DTEND"].dt - start
    elif event.get("DURATION") is not None:
        length = event["DURATION"].dt
    else:
        length = timedelta(days=1)
    return min(max(length, timedelta(days=1)), timedelta(days=400))


def _starts(event: Any, start: date, begin: date, end: date) -> list[date]:
    from dateutil.rrule import rrulestr

    rule = event.get("RRULE")
    if rule is None:
        return [start]
    written = _text(rule)
    try:
        if not _OFTEN_ENOUGH.search(written):
            raise UnreadableCalendar(f"whole days repeat daily, weekly, monthly or yearly, and not {written}")
        every = rrulestr(_UNTIL.sub(r"\1", written), dtstart=_midnight(start))
        found = [moment.date() for moment in every.between(_midnight(begin), _midnight(end), inc=True)]
    except (ValueError, TypeError):
        raise UnreadableCalendar(f"the repetition {written} cannot be read") from None
    return [day for day in found if day not in _excepted(event)]


def _text(rule: Any) -> str:
    written: bytes = (rule[0] if isinstance(rule, list) else rule).to_ical()
    return written.decode()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _excepted(event: Any) -> set[date]:
    given = event.get("EXDATE")
    lists = given if isinstance(given, list) else [given] if given is not None else []
    moments = [entry.dt for one in lists for entry in one.dts]
    return {moment.date() if isinstance(moment, datetime) else moment for moment in moments}
