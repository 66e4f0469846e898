"""The days on which a declared calendar is closed: public holidays and the whole days of its iCal file."""

from collections.abc import Mapping
from datetime import date

from journey.declared import ical, public_holidays
from journey.declared.calendar import YEARS, DeclaredCalendar
from journey.time.calendar import Calendar

FIRST, LAST = YEARS.start, YEARS.stop - 1


def resolved(declared: DeclaredCalendar, files: Mapping[str, str]) -> Calendar:
    """A calendar that has no mistakes, with dates for everything. ``files`` are the iCal files by name."""
    days = public_holidays.of_all(declared.places, FIRST, LAST)
    return declared.resolved(days | (listed(files[declared.ical])[0] if declared.ical else frozenset()))


def listed(text: str) -> tuple[frozenset[date], int]:
    """The whole days of an iCal file, and how many events in it are none. Raises UnreadableCalendar."""
    return ical.whole_days(text, FIRST, LAST)
