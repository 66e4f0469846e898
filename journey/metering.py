"""How much one provider can take: so many a second on average, and so many a day while a sender is new."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from journey.policies import Rate


@dataclass(frozen=True)
class Meter:
    """What has been taken. ``tokens`` may be spent at once; there are never more than a second gives (or one)."""

    tokens: float | None = None
    at: datetime | None = None
    day: date | None = None
    sent: int = 0


@dataclass(frozen=True)
class Full:
    """Nothing may be taken now: why, and when to ask again."""

    reason: str
    until: datetime


def take(meter: Meter, rate: Rate, at: datetime) -> Meter | Full:
    """One message more; days are days in UTC."""
    today = at.astimezone(UTC).date()
    sent = meter.sent if meter.day == today else 0
    limit = rate.warm_up.limit(today) if rate.warm_up else None
    if limit is not None and sent >= limit:
        tomorrow = datetime(today.year, today.month, today.day, tzinfo=UTC) + timedelta(days=1)
        return Full(f"a new sender: {limit} today, and they have gone", tomorrow)
    taken = replace(meter, day=today, sent=sent + 1)
    per_second = rate.per_second
    if per_second is None:
        return taken
    tokens = _refilled(meter, per_second, at)
    if tokens < 1:
        return Full(f"the provider takes {rate.at_most}", at + timedelta(seconds=(1 - tokens) / per_second))
    return replace(taken, tokens=tokens - 1, at=at)


def _refilled(meter: Meter, per_second: float, at: datetime) -> float:
    most = max(1.0, per_second)
    if meter.tokens is None or meter.at is None:
        return most
    return min(most, meter.tokens + max((at - meter.at).total_seconds(), 0.0) * per_second)
