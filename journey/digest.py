"""When a team's daily list of what is due goes out: at its hour, on the days on which its calendar is open."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from journey.time import local, zones
from journey.time.calendar import Calendar

STALE = timedelta(hours=4)
"""So long after its hour a digest is still of use; later it waits for the next day."""


class Today(NamedTuple):
    """A day on which a digest is to go out, and when that day ends."""

    day: date
    ends: datetime


def due(hour: str, calendar: Calendar, moment: datetime) -> Today | None:
    """The day whose digest is due at a moment; None if none is. ``hour``: ``8:30``, by the clock of the calendar."""
    today, where = calendar.day(moment), zones.zone(calendar.zone)
    if not calendar.intervals(today):
        return None
    hours, minutes = (int(part) for part in hour.split(":"))
    goes = local.moment(today, time(hours, minutes), where)
    if not goes <= moment < goes + STALE:
        return None
    return Today(today, local.moment(today + timedelta(days=1), time(), where))
