"""Running against a deadline: what has been spent, what is left, when it is due.

A **statutory** clock counts calendar time and never pauses. An **internal** clock counts the open hours of a calendar,
may pause, and goes on from what it had spent; a target in business days is turned into the open hours from its start to
that moment. A new target is due at now + (new target - spent).
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from journey.model import Frozen
from journey.time import business, lengths
from journey.time.calendar import Calendar
from journey.time.lengths import Length

_NONE = timedelta()


class Run(Frozen):
    """A clock: how much time there is in all, how much was spent before ``since``; it rests while ``since`` is None."""

    total: timedelta
    spent: timedelta = _NONE
    since: datetime | None = None


def started(at: datetime, target: Length, calendar: Calendar | None, where: ZoneInfo | None = None) -> Run:
    """An internal clock that begins at a moment. ``calendar``: None for a target in real time or in months, which are
    counted ``where``."""
    return Run(total=_total(at, target, calendar, where), since=at)


def statutory(at: datetime, target: Length, calendar: Calendar | None, where: ZoneInfo | None = None) -> Run:
    """A clock that never pauses: real time up to the end of the target, which may be in business days or months."""
    return Run(total=lengths.after(target, at, calendar, where) - at, since=at)


def spent(run: Run, at: datetime, calendar: Calendar | None) -> timedelta:
    """How much of its time a clock has used at a moment."""
    return run.spent if run.since is None else run.spent + _between(run.since, at, calendar)


def paused(run: Run, at: datetime, calendar: Calendar | None) -> Run:
    """The clock stands still from a moment on; one that stands stays as it is."""
    return run.model_copy(update={"spent": spent(run, at, calendar), "since": None})


def resumed(run: Run, at: datetime) -> Run:
    """The clock goes on from a moment on; one that runs stays as it is."""
    return run if run.since is not None else run.model_copy(update={"since": at})


def retargeted(run: Run, at: datetime, began: datetime, target: Length, calendar: Calendar | None) -> Run:
    """Another target from a moment on; what was spent stays spent. Business days count from when it ``began``."""
    still = paused(run, at, calendar).model_copy(update={"total": _total(began, target, calendar)})
    return still if run.since is None else resumed(still, at)


def recounted(run: Run, at: datetime, began: datetime, target: Length, was: Calendar, now: Calendar) -> Run:
    """Another calendar from a moment on. Of a target in hours the hours that were used stay used; of one in business
    days the share that was used, for a day may have other hours by now."""
    used, total = spent(run, at, was), _total(began, target, now)
    if target.days is not None and run.total > _NONE:
        micro = timedelta(microseconds=1)
        used = (used // micro) * (total // micro) // (run.total // micro) * micro
    still = Run(total=total, spent=used)
    return still if run.since is None else resumed(still, at)


def due(run: Run, calendar: Calendar | None) -> datetime | None:
    """When all of its time is spent; None while it rests."""
    return at_share(run, 1.0, calendar)


def at_share(run: Run, share: float, calendar: Calendar | None) -> datetime | None:
    """When this share of its time (0 to 1) is spent; None while it rests. Never before it last began to run."""
    if run.since is None:
        return None
    left = max(run.total * share - run.spent, _NONE)
    return run.since + left if calendar is None else business.after(calendar, run.since, left)


def _total(at: datetime, target: Length, calendar: Calendar | None, where: ZoneInfo | None = None) -> timedelta:
    if target.days is None and target.months is None:
        return target.real or target.open_time or _NONE
    return _between(at, lengths.after(target, at, calendar, where), calendar)


def _between(start: datetime, end: datetime, calendar: Calendar | None) -> timedelta:
    if calendar is not None:
        return business.between(calendar, start, end)
    return max(end - start, _NONE)
