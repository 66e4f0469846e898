"""Local times and the moments they mean.

One law: **a local time means the first moment at which the clocks there show it or a later one.** So a time that does
not exist, because the clocks jump over it, moves forward to the next that does; one that occurs twice means the first.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from journey.model import Mistake

_TIME = re.compile(r"([01]?\d|2[0-3])(?::([0-5]\d))?\Z")


def moment(day: date, at: time, where: ZoneInfo) -> datetime:
    """The moment (UTC) of a local time of day."""
    wanted = datetime.combine(day, at)
    early = wanted.replace(tzinfo=where, fold=0).astimezone(UTC)
    if _shown(early, where) == wanted:
        return early
    # The clocks jump over it. With fold=0 the offset before the jump was used, so this moment is after the jump.
    return _jump(wanted.replace(tzinfo=where, fold=1).astimezone(UTC), early, where, wanted)


def _jump(before: datetime, after: datetime, where: ZoneInfo, wanted: datetime) -> datetime:
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _shown(before + timedelta(seconds=middle), where) < wanted:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def _shown(instant: datetime, where: ZoneInfo) -> datetime:
    return instant.astimezone(where).replace(tzinfo=None)


def time_of_day(text: str) -> time:
    """``9:00``, ``17:30`` or ``9`` as a time of day. Raises ValueError with a sentence for the author."""
    found = _TIME.match(text.strip())
    if not found:
        raise Mistake(f'"{text}" is not a time of day; write for example 9:00 or 17:30', rule="bad-hours")
    return time(int(found[1]), int(found[2] or 0))


def say(instant: datetime, where: ZoneInfo) -> str:
    """A moment as people there read it: ``Tuesday 17 March 2026, 09:00 (Europe/Berlin)``."""
    here = instant.astimezone(where)
    return f"{here:%A} {here.day} {here:%B %Y, %H:%M} ({where.key})"


def add_months(day: date, months: int) -> date:
    """So many months later (earlier, if negative), on the same day of the month or on the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_from(instant: datetime, months: int, where: ZoneInfo) -> datetime:
    """The moment (UTC) so many months later on the calendar there (earlier, if negative), at the same time of day."""
    here = instant.astimezone(where).replace(tzinfo=None)
    return moment(add_months(here.date(), months), here.time(), where)
