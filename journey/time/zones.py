"""Time zones by their IANA names, and which one counts.

The rules are those of the locked ``tzdata`` wheel, never those of the machine: two workers must not disagree about the
hour of a letter.
"""

import difflib
from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from journey.model import Mistake


@cache
def names() -> frozenset[str]:
    """Every zone that tzdata knows."""
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that name. Raises ValueError with a sentence for the author."""
    if name not in names():
        close = difflib.get_close_matches(name, sorted(names()), n=1)
        raise Mistake(
            f'"{name}" is not a time zone; write for example {close[0] if close else "Europe/Berlin"}',
            rule="unknown-time-zone",
        )
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


@dataclass(frozen=True)
class Chosen:
    """The zone that counts for one customer, and why it is not the one that was written (empty if it is)."""

    zone: ZoneInfo
    reason: str = ""


def choose(customer: str, journey: str, company: str) -> Chosen:
    """The customer's zone, else the journey's, else the company's; '' is none. One that is unknown falls to the next,
    with the reason."""
    written = (("customer", customer), ("journey", journey), ("company", company))
    reasons: list[str] = []
    for whose, name in written:
        if name in names():
            return Chosen(zone(name), f"{' '.join(reasons)} {name} of the {whose} counts." if reasons else "")
        if name:
            reasons.append(f'The time zone "{name}" of the {whose} is not known.')
    return Chosen(zone("UTC"), " ".join([*reasons, "UTC counts."]))


@dataclass(frozen=True)
class OddDay:
    """A day on which the clocks of a zone change: at ``moment`` they jump by ``by`` (forward: local times are missing;
    back: local times occur twice) and then show ``shows``."""

    day: date
    moment: datetime
    by: timedelta
    shows: datetime

    @property
    def missing(self) -> bool:
        """Whether local times are missing on it; else some occur twice."""
        return self.by > timedelta()


def odd_days(name: str, year: int) -> Iterator[OddDay]:
    """The days of a year on which the clocks of a zone change, in order; ``day`` is the date before the change."""
    where = zone(name)
    moment, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while moment < end:
        following = min(moment + timedelta(days=1), end)
        if _offset(moment, where) != _offset(following, where):
            change = _change(moment, following, where)
            by = _offset(change, where) - _offset(moment, where)
            before = (change - timedelta(seconds=1)).astimezone(where)
            yield OddDay(before.date(), change, by, change.astimezone(where).replace(tzinfo=None))
        moment = following


def _offset(moment: datetime, where: ZoneInfo) -> timedelta:
    return moment.astimezone(where).utcoffset() or timedelta()


def _change(before: datetime, after: datetime, where: ZoneInfo) -> datetime:
    """The second between two moments at which the offset changes."""
    old = _offset(before, where)
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(before + timedelta(seconds=middle), where) == old:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def leap_days(first: int, last: int) -> tuple[date, ...]:
    """Every 29 February of these years, both included."""
    return tuple(date(year, 2, 29) for year in range(first, last + 1) if isleap(year))
