"""What the clock and the calendars on the wall say for one customer, in one turn.

An instance that runs faster than real time (``pace``) has a clock of its own: it showed the real time when the instance
began, and has run so many times faster since. Local times, dates, windows and calendars are read on that clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from journey.model import Frozen
from journey.time import lengths, local, zones
from journey.time.calendar import ORDINARY, Calendar


class LocalTime(Frozen):
    """What the store knows of one customer's time: the zones as they are written ('' for none), and the calendars in
    force by the names that were asked for ('' is the company's)."""

    customer: str = ""
    company: str = ""
    calendars: dict[str, Calendar] = Field(default_factory=dict)


FIRST, LAST = datetime(1000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
"""A clock that runs fast enough comes to the end of all dates; it stays there."""


@dataclass(frozen=True)
class TimesInForce:
    """What is published about time: the company's zone, the name of its calendar, and the calendars."""

    zone: str = ""
    calendar: str = ""
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def of(self, customer: str, names: tuple[str, ...], at: datetime) -> LocalTime:
        """The answer for a customer with this zone. A calendar that is not there is replaced by the company's."""
        found = {name: self.calendars.get(name) or self.calendars.get(self.calendar) for name in names}
        calendars = {name: calendar.around(at) for name, calendar in found.items() if calendar is not None}
        return LocalTime(customer=customer, company=self.zone, calendars=calendars)


class Pace:
    """How the clock of an instance runs."""

    def __init__(self, began: datetime, factor: float) -> None:
        self._began = began
        self._factor = factor

    def shown(self, moment: datetime) -> datetime:
        """What the clock of the instance shows at a real moment."""
        if self._factor == 1:
            return moment
        try:
            return self._began + (moment - self._began) * self._factor
        except OverflowError:
            return LAST if moment > self._began else FIRST

    def real(self, shown: datetime) -> datetime:
        """The real moment at which the clock of the instance shows this."""
        return shown if self._factor == 1 else self._began + (shown - self._began) / self._factor


class Wall:
    """The clock and the calendars of one customer. ``decide`` takes the reasons: a sentence and the values read."""

    def __init__(
        self,
        known: LocalTime | None,
        journey: tuple[str, str],
        pace: Pace,
        at: datetime,
        decide: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self._known = known or LocalTime()
        self._zone, self._calendar = journey
        self._pace = pace
        self._decide = decide
        self.now = pace.shown(at)
        self._told: dict[str, Calendar] = {}

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone that counts: the customer's, else the journey's, else the company's; the reason is put on record if
        one that is written is not known."""
        chosen = zones.choose(self._known.customer, self._zone, self._known.company)
        if chosen.reason:
            self._decide(chosen.reason, {"zone": chosen.zone.key})
        return chosen.zone

    def calendar(self, name: str | None = None) -> Calendar:
        """The calendar of that name, else the journey's, else the company's. One that is not in force any more is
        replaced, with the reason on record."""
        wanted = name or self._calendar
        if wanted in self._told:
            return self._told[wanted]
        found = self._told[wanted] = self._known.calendars.get(wanted, ORDINARY)
        if wanted and found.name != wanted:
            instead = f'"{found.name}" counts' if found.name else "Monday to Friday, 9:00 to 17:00 (UTC) counts"
            self._decide(f'The calendar "{wanted}" is not in force any more; {instead}.', {})
        return found

    def after(self, length: str, calendar: str | None = None) -> datetime:
        """The real moment at which a length that begins now is over; business time and months are put on record."""
        parsed = lengths.parse(length)
        if parsed.real is not None:
            return self.real(lengths.after(parsed, self.now))
        if parsed.months is not None:
            end = lengths.after(parsed, self.now, where=self.zone)
            self._decide(f"{length} from now is {self.say(end)}.", {"zone": self.zone.key})
            return self.real(end)
        counted = self.calendar(calendar)
        end = lengths.after(parsed, self.now, counted)
        self._decide(f"{length} from now{self.by(counted)} is {self.say(end)}.", self.used(counted))
        return self.real(end)

    def from_moment(self, moment: datetime, length: str, calendar: str | None, *, back: bool = False) -> datetime:
        """The real moment so long after another, or before it (``back``)."""
        parsed = lengths.parse(length)
        count = lengths.before if back else lengths.after
        counted = self.calendar(calendar) if parsed.business else None
        where = self.zone if parsed.months is not None else None
        return self.real(count(parsed, self.shown(moment), counted, where))

    def real(self, shown: datetime) -> datetime:
        """The real moment at which the clock of the instance shows this."""
        return self._pace.real(shown)

    def shown(self, moment: datetime) -> datetime:
        """What the clock of the instance shows at a real moment."""
        return self._pace.shown(moment)

    def say(self, shown: datetime) -> str:
        """A moment as the customer's clock shows it."""
        return local.say(shown, self.zone)

    @staticmethod
    def by(calendar: Calendar) -> str:
        """`` (calendar "office")``."""
        return f' (calendar "{calendar.name}")' if calendar.name else ""

    @staticmethod
    def used(calendar: Calendar) -> dict[str, Any]:
        """Which calendar counted, for the record."""
        return {"calendar": calendar.name, "version": calendar.version}
