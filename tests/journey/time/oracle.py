"""The slow truth: time is walked through minute by minute, looking only at what the clocks on the wall show.

The wall's **high-water mark** is the latest local time that its clock has shown so far. A local time means the first
minute at which the mark reaches it; the mark jumps over hours that are skipped and stands still while an hour is
repeated, and that is the whole rule of daylight saving.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from journey.time.calendar import Calendar
from journey.time.zones import zone

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def marks(start: datetime, where: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Every minute from a moment on, with the wall's mark; the walk itself begins two days before."""
    moment = start - 2 * DAY
    mark = moment.astimezone(where).replace(tzinfo=None)
    while True:
        mark = max(mark, moment.astimezone(where).replace(tzinfo=None))
        if moment >= start:
            yield moment, mark
        moment += MINUTE


def moment(day: date, at: time, where: ZoneInfo) -> datetime:
    """The first minute at which the wall's mark reaches a local time."""
    wanted = datetime.combine(day, at)
    # No zone is further than a day and two hours from UTC, even on the day it changes sides of the date line.
    begin = wanted.replace(tzinfo=UTC) - timedelta(hours=27)
    return next(minute for minute, mark in marks(begin, where) if mark >= wanted)


def hours_of(calendar: Calendar, day: date) -> set[int]:
    """The open minutes of a local date, as the calendar writes them."""
    text = calendar.days.get(day.isoformat(), calendar.week[day.weekday()])
    found: set[int] = set()
    for part in text.split(",") if text not in ("", "closed") else ():
        start, end = ([int(number) for number in edge.split(":")] for edge in part.strip().split("-"))
        found |= set(range(start[0] * 60 + start[1], end[0] * 60 + end[1]))
    return found


def minutes(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, bool, date]]:
    """Every minute from a moment on: whether the calendar is open in it, and the local date of the mark."""
    known: dict[date, set[int]] = {}
    for minute, mark in marks(start, zone(calendar.zone)):
        today = mark.date()
        if today not in known:
            known = {today: hours_of(calendar, today)}
        yield minute, mark.hour * 60 + mark.minute in known[today], today


def next_open(calendar: Calendar, start: datetime) -> datetime:
    return next(minute for minute, is_open, _ in minutes(calendar, start) if is_open)


def after(calendar: Calendar, start: datetime, length: timedelta) -> datetime:
    """The minute at which so many open minutes have passed."""
    left = length // MINUTE
    if not left:
        return start
    for minute, is_open, _ in minutes(calendar, start):
        left -= is_open
        if not left:
            return minute + MINUTE
    raise AssertionError("time ends")


def between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    count = 0
    for minute, is_open, _ in minutes(calendar, start):
        if minute >= end:
            return count * MINUTE
        count += is_open
    raise AssertionError("time ends")


def before(calendar: Calendar, end: datetime, length: timedelta) -> datetime:
    """The last minute from which on so many open minutes pass up to the end."""
    left = length // MINUTE
    if not left:
        return end
    opened: list[datetime] = []
    back = DAY
    while len(opened) < left:
        back *= 2
        opened = [minute for minute, is_open in _until(calendar, end - back, end) if is_open]
    return opened[-left]


def _until(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, bool]]:
    for minute, is_open, _ in minutes(calendar, start):
        if minute >= end:
            return
        yield minute, is_open


def days_after(calendar: Calendar, start: datetime, count: int) -> datetime:
    """The same local time on the so-manieth day that has an open minute, moved into that day's open minutes."""
    here = start.astimezone(zone(calendar.zone)).replace(tzinfo=None)
    opened: dict[date, list[datetime]] = {}
    for minute, is_open, today in minutes(calendar, start - 2 * DAY):
        if is_open:
            opened.setdefault(today, []).append(minute)
        if today > here.date() and len([day for day in opened if here.date() < day < today]) >= count:
            break
    day = [day for day in opened if day > here.date()][count - 1]
    wanted = moment(day, here.time(), zone(calendar.zone))
    edges = {minute for minute in opened[day]} | {minute + MINUTE for minute in opened[day]}
    if wanted in edges:
        return wanted
    later = [minute for minute in opened[day] if minute > wanted]
    return later[0] if later else opened[day][-1] + MINUTE


def changes(name: str, year: int) -> list[tuple[datetime, timedelta]]:
    """Every minute of a year at which the wall clock does not simply go on, and by how much it jumps."""
    where, found = zone(name), []
    minute, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    shown = minute.astimezone(where).replace(tzinfo=None)
    while (minute := minute + MINUTE) <= end:
        now = minute.astimezone(where).replace(tzinfo=None)
        if now - shown != MINUTE:
            found.append((minute, now - shown - MINUTE))
        shown = now
    return found


class Ticker:
    """A clock that is ticked every minute. ``open_at`` says whether a minute counts."""

    def __init__(self, at: datetime, total: timedelta, ticks: Callable[[datetime], bool]) -> None:
        self.now, self.total, self.spent, self.runs, self.ticks = at, total // MINUTE, 0, True, ticks

    def go_to(self, moment: datetime) -> None:
        """Tick up to a moment."""
        while self.now < moment:
            self.spent += self.runs and self.ticks(self.now)
            self.now += MINUTE

    def due(self) -> datetime:
        """The minute at which all of its time is spent, from now on."""
        while self.spent < self.total:
            self.go_to(self.now + MINUTE)
        return self.now
