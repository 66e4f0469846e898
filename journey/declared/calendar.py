"""One business calendar (``definitions/calendars/<calendar>.yaml``): its zone, its hours, and the days that differ.

Resolved when the definitions are read: holidays by the ``holidays`` library, an iCal file, and the days written out
become dates with hours. So a newer library changes nothing before the calendar is published again.
"""

import re
from calendar import isleap
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from journey.model import Frozen, Mistake
from journey.steps.base import Name
from journey.time import hours, zones
from journey.time.calendar import Calendar

YEARS = range(2020, 2061)
"""The years for which special days are worked out."""

_EVERY_YEAR = re.compile(r"\d\d-\d\d\Z")
_ONE_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_CLOSED = hours.CLOSED


def _days(text: str) -> str:
    hours.days(text)
    return text


def _opened(text: str) -> str:
    hours.intervals(text)
    return text


def _date(text: str) -> str:
    if _EVERY_YEAR.match(text) or _ONE_DAY.match(text):
        try:
            date.fromisoformat(text if _ONE_DAY.match(text) else f"2024-{text}")
        except ValueError:
            raise Mistake(f'"{text}" is not a date that there is', rule="bad-date") from None
        return text
    raise Mistake(f'"{text}" is not a date; write 2026-12-24, or 12-24 for every year', rule="bad-date")


def _zone(text: str) -> str:
    zones.zone(text)
    return text


Opened = Annotated[str, Field(max_length=200), AfterValidator(_opened)]


class DeclaredCalendar(Frozen):
    """When people work: hours of the week, holidays, and days that differ."""

    calendar: Annotated[Name, Field(description="the calendar's name: the file's name without .yaml")]
    title: Annotated[str, Field(min_length=1, max_length=200, description="whose hours these are, in a few words")]
    time_zone: Annotated[
        str,
        Field(alias="time zone", description="the zone of its hours, for example Europe/Berlin"),
        AfterValidator(_zone),
    ]
    hours: Annotated[
        dict[Annotated[str, AfterValidator(_days)], Opened],
        Field(
            min_length=1,
            description="days and their hours, several spans a day joined by and; a day that is not written is closed",
            examples=[{"mon-thu": "9:00-12:30 and 13:30-17:30", "fri": "9:00-15:00"}],
        ),
    ]
    holidays: Annotated[
        str | tuple[str, ...],
        Field(
            description="closed on the public holidays of a country or of a part of it (ISO 3166), or of several",
            examples=["DE-HH", ["DE-BY", "AT"]],
        ),
    ] = ()
    days: Annotated[
        dict[Annotated[str, AfterValidator(_date)], Opened],
        Field(
            description="days that differ, with their hours or closed: 2026-12-24 for one day, 12-24 for every year. "
            "A day of one year counts before everything else; one of every year only shortens a day that is open",
            examples=[{"12-24": "9:00-12:00", "2026-05-15": "closed"}],
        ),
    ] = Field(default_factory=dict)
    ical: Annotated[
        str | None,
        Field(
            max_length=200,
            pattern=r"^[^/\\]+\.ics$",
            description="an iCal file beside this one (works-holidays.ics): closed on the whole days it lists",
        ),
    ] = None

    @model_validator(mode="after")
    def _each_day_once(self) -> "DeclaredCalendar":
        seen: dict[int, str] = {}
        for written in self.hours:
            for day in hours.days(written):
                if day in seen:
                    message = f"{hours.FULL[day].capitalize()} is in {seen[day]} already; each day has its hours once"
                    raise Mistake(message, "hours", written, rule="bad-hours")
                seen[day] = written
        if not any(hours.intervals(text) for text in self.hours.values()):
            raise Mistake(
                "this calendar is never open; write for example mon-fri: 9:00-17:00", "hours", rule="bad-hours"
            )
        return self

    @property
    def places(self) -> tuple[str, ...]:
        """The countries and parts of countries whose holidays count."""
        return (self.holidays,) if isinstance(self.holidays, str) else self.holidays

    def resolved(self, closed: frozenset[date]) -> Calendar:
        """With dates for everything. ``closed`` are the holidays and the days of the iCal file."""
        week = [_CLOSED] * 7
        for written, text in self.hours.items():
            for number in hours.days(written):
                week[number] = hours.say(hours.intervals(text))
        special = {day: _CLOSED for day in closed if week[day.weekday()] != _CLOSED}
        for day, text in self._every_year():
            if week[day.weekday()] != _CLOSED and day not in special:
                special[day] = text
        special |= {date.fromisoformat(day): text for day, text in self.days.items() if _ONE_DAY.match(day)}
        days = {day.isoformat(): hours.say(hours.intervals(special[day])) for day in sorted(special)}
        return Calendar(name=self.calendar, zone=self.time_zone, week=tuple(week), days=days).stamped()

    def _every_year(self) -> Iterator[tuple[date, str]]:
        for written, text in self.days.items():
            if _EVERY_YEAR.match(written):
                for year in YEARS:
                    if written != "02-29" or isleap(year):
                        yield date.fromisoformat(f"{year}-{written}"), text
