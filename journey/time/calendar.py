"""A calendar, resolved: which hours of which days are open, and the moments they mean."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

from journey.model import Frozen
from journey.time import hours, local, zones

FAR = timedelta(days=3700)
"""Nothing is looked for further away: ten years, and some days."""

AHEAD = timedelta(days=1100)
"""How far ahead the special days of a calendar travel with an answer to a journey: three years."""

BEHIND = timedelta(days=400)
"""How far back they go: a clock that began then counts what it has used."""

_DAY = timedelta(days=1)


def _known_zone(name: str) -> str:
    zones.zone(name)
    return name


def _readable_hours(text: str) -> str:
    hours.intervals(text)
    return text


Hours = Annotated[str, AfterValidator(_readable_hours)]


class Calendar(Frozen):
    """The hours of each weekday (Monday first) and of special days (ISO dates), in the zone of the calendar.

    ``version`` is made of its content, so that each use can say which one counted.
    """

    name: str = ""
    zone: Annotated[str, AfterValidator(_known_zone)]
    week: Annotated[tuple[Hours, ...], Field(min_length=7, max_length=7)]
    days: dict[str, Hours] = Field(default_factory=dict)
    version: str = ""

    def stamped(self) -> "Calendar":
        """With its version: the beginning of the SHA-256 of its content."""
        content = self.model_dump_json(exclude={"version"})
        return self.model_copy(update={"version": hashlib.sha256(content.encode()).hexdigest()[:12]})

    def around(self, moment: datetime) -> "Calendar":
        """Only the special days from a year before a moment to three years after it: what a journey takes along. Clocks
        count what is past, too."""
        first, last = (moment - BEHIND).date().isoformat(), (moment + AHEAD).date().isoformat()
        return self.model_copy(update={"days": {day: text for day, text in self.days.items() if first <= day <= last}})

    def intervals(self, day: date) -> tuple[hours.Interval, ...]:
        """The open hours of a local date, as written."""
        special = self.days.get(day.isoformat())
        return hours.intervals(self.week[day.weekday()] if special is None else special)

    def spans(self, day: date) -> tuple["Span", ...]:
        """The open spans of a local date; hours that the clocks jump over are not there."""
        where = zones.zone(self.zone)
        edges = [(_edge(day, start), _edge(day, end)) for start, end in self.intervals(day)]
        found = [Span(local.moment(*start, where), local.moment(*end, where)) for start, end in edges]
        return tuple(span for span in found if span.start < span.end)

    def day(self, moment: datetime) -> date:
        """The local date of a moment."""
        return moment.astimezone(zones.zone(self.zone)).date()


@dataclass(frozen=True)
class Span:
    """Open from ``start`` up to, not including, ``end`` (UTC)."""

    start: datetime
    end: datetime


ORDINARY = Calendar(zone="UTC", week=(*["9:00-17:00"] * 5, hours.CLOSED, hours.CLOSED))
"""What counts when no calendar is in force any more for a journey that names one."""


def _edge(day: date, minute: int) -> tuple[date, time]:
    if minute == hours.WHOLE_DAY:
        return day + _DAY, time(0)
    return day, time(minute // 60, minute % 60)


def onward(calendar: Calendar, moment: datetime) -> Iterator[Span]:
    """The open spans from a moment on, in order, the first one cut to it; they end after ten years."""
    day, last = calendar.day(moment), calendar.day(moment) + FAR
    while day <= last:
        for span in calendar.spans(day):
            if span.end > moment:
                yield Span(max(span.start, moment), span.end)
        day += _DAY


def backward(calendar: Calendar, moment: datetime) -> Iterator[Span]:
    """The open spans before a moment, the latest first and cut to it; they end ten years before."""
    # A clock set back over midnight shows yesterday's date for a while: today's hours have begun all the same.
    day, last = calendar.day(moment) + _DAY, calendar.day(moment) - FAR
    while day >= last:
        for span in reversed(calendar.spans(day)):
            if span.start < moment:
                yield Span(span.start, min(span.end, moment))
        day -= _DAY


def of_window(text: str, zone: str) -> Calendar:
    """Days and hours written in a step, in a zone. Raises ValueError as ``hours.week`` does."""
    return Calendar(zone=zone, week=tuple(hours.say(opened) for opened in hours.week(text)))


def utc(moment: datetime) -> datetime:
    """The same moment in UTC."""
    return moment.astimezone(UTC)
