"""The same scenario begun on odd days: around the changes of the clocks, and on a leap day.

What happens must be the same there, in the same order; when it happens may differ. A scenario that says when it begins
(``begins:``) is about its days, and is played on those alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from journey import comparison
from journey.comparison import Row
from journey.definition import Journey
from journey.library import Library
from journey.rehearsal import begins, play
from journey.scenarios import KINDS, Scenario
from journey.simulator import Line, Trace
from journey.time import local, zones

YEARS = (2026, 2028)
"""The clocks' changes of the first of these years, and the leap day of the last."""


@dataclass(frozen=True)
class OddStart:
    """A moment to begin at, and what is odd about the days after it."""

    at: datetime
    why: str


@dataclass(frozen=True)
class Oddity:
    """A scenario that goes otherwise when it begins on an odd day."""

    journey: str
    scenario: str
    start: OddStart
    rows: tuple[Row, ...]
    trace: Trace

    def render(self) -> str:
        """What usually happens beside what happens then."""
        head = f"  begun on {self.start.at:%A} {self.start.at.day} {self.start.at:%B %Y} ({self.start.why})"
        return f"{head}\n{comparison.render(self.rows)}"


def odd_starts(zone: str, usual: datetime, *, same_weekday: bool) -> Iterator[OddStart]:
    """When to begin, in a zone: on the weekday and at the hour of the usual beginning in the week of each odd day, and,
    where the weekday does not count, half an hour before the clocks change too."""
    where = zones.zone(zone)
    hour = usual.astimezone(where).time()
    for odd in zones.odd_days(zone, YEARS[0]):
        word = "forward" if odd.missing else "back"
        yield OddStart(_in_the_week_of(odd.day, usual, hour, where), f"the clocks go {word} that week")
        if not same_weekday:
            yield OddStart(odd.moment - timedelta(minutes=30), f"half an hour before the clocks go {word}")
    for leap in zones.leap_days(*YEARS):
        yield OddStart(_in_the_week_of(leap, usual, hour, where), "29 February is that week")
        if not same_weekday:
            yield OddStart(local.moment(leap, hour, where), "29 February")


def _in_the_week_of(day: date, usual: datetime, hour: time, where: Any) -> datetime:
    back = (day.weekday() - usual.astimezone(where).weekday()) % 7
    return local.moment(day - timedelta(days=back), hour, where)


def oddities(library: Library, name: str, scenario: Scenario, usual: Trace) -> Iterator[Oddity]:
    """Where the scenario goes otherwise. Spans with special days of a calendar are left out: there it may."""
    if scenario.begins is not None:
        return
    journey = library.journeys[name]
    at, zone = begins(library, name, scenario)
    wanted, counts = _happens(usual), _counts_local_time(journey)
    if counts and _special(library, at, usual):
        return
    for start in odd_starts(zone, at, same_weekday=counts):
        seen = play(library, name, scenario, start.at.astimezone(UTC))
        if counts and _special(library, start.at, seen):
            continue
        found = _happens(seen)
        if found != wanted:
            yield Oddity(name, scenario.name, start, tuple(comparison.side_by_side(wanted, found)), seen)


def _counts_local_time(journey: Journey) -> bool:
    return any(spot.step.calendars() or spot.step.reads_zone() for spot in journey.spots.values())


def _special(library: Library, began: datetime, trace: Trace) -> bool:
    """Whether some calendar has a special day while this lasts, or in the week after."""
    last = began + max((line.until or line.after for line in trace.lines), default=timedelta()) + timedelta(days=7)
    first, end = began.date().isoformat(), last.date().isoformat()
    return any(first <= day <= end for calendar in library.calendars.values() for day in calendar.days)


def _happens(trace: Trace) -> list[str]:
    """What happens, in order, without the times: texts of notes and values may hold dates."""
    return [_said(line) for line in trace.lines if line.kind in KINDS]


def _said(line: Line) -> str:
    if line.kind == "note":
        return "note"
    if line.kind == "set":
        return "set " + ", ".join(change.split(" = ")[0] for change in line.text.split("; "))
    return f"{line.kind} {line.text}"
