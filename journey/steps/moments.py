"""What a wait can wait for on the clock and the calendar of the customer: a date, or a window of days and hours.

Both are worked out when the step is reached, in the zone and with the calendar that count then; the moment that comes
out is kept.
"""

import re
from datetime import datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from journey import conditions
from journey.model import Frozen, Mistake
from journey.steps.base import NAME, Use, counted_in
from journey.time import business, dates, hours, local
from journey.time.calendar import Calendar, of_window
from journey.time.dates import NotADate, Target
from journey.turn import Desk, Into, Move, Next, Rest

PAST, INVALID = "on_past", "on_invalid"


def _date(text: str) -> str:
    dates.parse(text)
    return text


def _time(text: str) -> str:
    local.time_of_day(text)
    return text


def is_calendar(text: str) -> bool:
    """Whether a window is the name of a calendar, and not days and hours."""
    if not re.match(NAME, text) or text[0].isdigit():
        return False
    try:
        hours.days(text)
    except ValueError:
        return True
    return False


def _window(text: str) -> str:
    if not is_calendar(text):
        hours.week(text)
    return text


TimeOfDay = Annotated[str, Field(max_length=10), AfterValidator(_time)]

Window = Annotated[
    str,
    Field(
        max_length=200,
        description="days and hours in the customer's zone, or the name of a calendar",
        examples=["mon-fri 9:00-17:00", "9:00-12:00 and 14:00-17:00", "mon-thu 9:00-17:00; fri 9:00-12:00", "office"],
    ),
    AfterValidator(_window),
]


def window_of(desk: Desk, text: str) -> Calendar:
    """The calendar that a window means for this customer."""
    return desk.wall.calendar(text) if is_calendar(text) else of_window(text, desk.wall.zone.key)


class WaitDate(Frozen):
    """A date that is written or comes from data, perhaps some time before or after it, and the time of day."""

    date: Annotated[
        str,
        Field(
            max_length=2000,
            description="the date, or how long before or after it: 2027-03-31, 14 days before start.ends_on",
            examples=["14 days before start.ends_on", "2027-03-31"],
        ),
        AfterValidator(_date),
    ]
    at: Annotated[
        TimeOfDay | None, Field(description="the time of day there, for example 9:00; without it that of the date")
    ] = None

    @model_validator(mode="after")
    def _a_time_where_one_is_needed(self) -> "WaitDate":
        written = self.written
        if self.at is not None and not written.offset.whole_days:
            raise Mistake(
                "hours and minutes before or after a date lead to a moment; at: has no place there",
                "at",
                rule="bad-date",
            )
        if self.at is None and written.literal and not isinstance(dates.read(written.date), datetime):
            raise Mistake(
                "a day is written here without a time; add at: with the time, for example 9:00", "date", rule="bad-date"
            )
        return self

    @property
    def written(self) -> dates.Written:
        """The offset, and the date or the expression."""
        return dates.parse(self.date)

    @property
    def literal(self) -> bool:
        """Whether the date itself is written, and not an expression."""
        return self.written.literal

    def said(self) -> str:
        """In words: ``14 days before start.ends_on at 9:00``."""
        return f"{self.date} at {self.at}" if self.at else self.date

    def calendars(self, calendar: str | None) -> tuple[str, ...]:
        """The calendar that its business time is counted in; none if there is none."""
        return counted_in(calendar, "1 business day") if self.written.offset.business else ()

    def uses(self) -> tuple[Use, ...]:
        """The expression inside."""
        return () if self.literal else (Use(("wait", "date"), self.written.date, condition=False),)

    def reads(self) -> tuple[str, ...]:
        """The customer's fields in it."""
        return () if self.literal else conditions.fields(self.written.date, "customer")

    def enter(self, desk: Desk, calendar: str | None) -> Move:
        """Rest until the date; or into the steps for a date that is past, or that is none."""
        counted = desk.wall.calendar(calendar) if self.written.offset.business else None
        at: time | None = local.time_of_day(self.at) if self.at else None
        value, problem = self._value(desk)
        values = {self.written.date: value, **(desk.wall.used(counted) if counted else {})}
        try:
            if problem:
                raise NotADate(problem)
            moment = Target(self.written.offset, at, desk.wall.zone, counted).of(value, desk.wall.now)
        except NotADate as error:
            desk.decide(f"There is no date to wait for: {error}.", self.date, values)
            return Into(INVALID)
        if moment < desk.wall.now:
            desk.decide(f"{self.said()} is past: it was {desk.wall.say(moment)}.", self.date, values)
            return Into(PAST)
        desk.decide(f"{self.said()} is {desk.wall.say(moment)}.", self.date, values)
        return Rest(desk.wall.real(moment))

    def _value(self, desk: Desk) -> tuple[Any, str]:
        if self.literal:
            return self.written.date, ""
        judgement = desk.judge(self.written.date)
        return judgement.value, judgement.problem


class WaitWindow(Frozen):
    """Days and hours, or a calendar: the journey goes on when they are open."""

    window: Window

    def calendars(self) -> tuple[str, ...]:
        """The calendar, if it is one."""
        return (self.window,) if is_calendar(self.window) else ()

    def enter(self, desk: Desk) -> Move:
        """Go on at once while it is open; else rest until it opens."""
        calendar = window_of(desk, self.window)
        opens, used = business.next_open(calendar, desk.wall.now), desk.wall.used(calendar)
        if opens == desk.wall.now:
            desk.decide(f"It is within {self.window} now.", values=used)
            return Next()
        desk.decide(f"{self.window} opens on {desk.wall.say(opens)}.", values=used)
        return Rest(desk.wall.real(opens))
