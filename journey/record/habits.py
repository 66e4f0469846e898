"""What follows from somebody's purchases: how many, how much, how often, how lately, and whether they drift away.

Amounts are added per currency; ``lifetime_value`` is in the currency of most purchases (of the later one, if two are
even). The usual pause is the mean time between two purchases, or 180 days as long as there is only one.
Churn risk: low up to one and a half usual pauses since the last purchase, medium up to three, high after that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

USUAL_DAYS = 180.0
"""The usual pause of somebody with one purchase, in days."""
SHORTEST_PAUSE = 1.0
"""Two purchases within a day say nothing about the next one."""
MEDIUM, HIGH = 1.5, 3.0
"""From how many usual pauses on the risk is medium, and high."""
A_YEAR = timedelta(days=365)
KEPT = 100
"""Of so many purchases the day is kept."""


@dataclass(frozen=True)
class Bought:
    """A purchase that was kept: when, and what was paid and not given back."""

    at: datetime
    paid: Decimal
    currency: str


def money(text: Any) -> Decimal:
    """An amount as the shop wrote it; nothing if it is none."""
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        return Decimal(0)
    return value if value.is_finite() and abs(value) < Decimal(10) ** 15 else Decimal(0)


def habits(purchases: Iterable[Bought]) -> dict[str, Any]:
    """What is kept with the customer. Moments are texts (ISO 8601, UTC); sums are texts with two places or more."""
    kept = sorted(purchases, key=lambda one: one.at)
    if not kept:
        return {"orders": 0}
    totals: dict[str, list[Decimal]] = {}
    for one in kept:
        totals.setdefault(one.currency, []).append(one.paid)
    latest = {one.currency: one.at for one in kept}
    currency = max(totals, key=lambda name: (len(totals[name]), latest[name]))
    found: dict[str, Any] = {
        "orders": len(kept),
        "spent": {name: _sum(paid) for name, paid in sorted(totals.items())},
        "lifetime_value": float(sum(totals[currency])),
        "average_order": round(float(sum(totals[currency]) / len(totals[currency])), 2),
        "first_purchase": _text(kept[0].at),
        "last_purchase": _text(kept[-1].at),
        "usual_days": _usual([one.at for one in kept]),
        "bought_at": [_text(one.at) for one in kept[-KEPT:]],
    }
    return found | ({"currency": currency} if currency else {})


def _sum(paid: Iterable[Decimal]) -> str:
    total = sum(paid, Decimal(0))
    return str(total.quantize(Decimal("0.01")) if total == total.quantize(Decimal("0.01")) else total)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _usual(moments: list[datetime]) -> float:
    if len(moments) < 2:
        return USUAL_DAYS
    days = (moments[-1] - moments[0]).total_seconds() / 86_400 / (len(moments) - 1)
    return round(max(days, SHORTEST_PAUSE), 1)


SHOWN = ("orders", "lifetime_value", "average_order", "currency", "first_purchase", "last_purchase", "usual_days")


def today(kept: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What of ``habits`` depends on the day: ``days_since_purchase``, ``orders_last_year``, ``churn_risk``."""
    if not kept.get("last_purchase"):
        return {"orders_last_year": 0}
    last = datetime.fromisoformat(kept["last_purchase"])
    since = max((now - last).total_seconds() / 86_400, 0.0)
    year = sum(1 for at in kept.get("bought_at", ()) if datetime.fromisoformat(at) > now - A_YEAR)
    return {
        "days_since_purchase": int(since),
        "orders_last_year": year,
        "churn_risk": _risk(since / kept["usual_days"]),
    }


def _risk(pauses: float) -> str:
    return "low" if pauses <= MEDIUM else "medium" if pauses <= HIGH else "high"


def turns(kept: Mapping[str, Any], fact: str) -> list[datetime]:
    """The moments at which ``churn_risk`` or ``orders_last_year`` changes by itself."""
    if not kept.get("last_purchase"):
        return []
    if fact == "churn_risk":
        last, pause = datetime.fromisoformat(kept["last_purchase"]), timedelta(days=kept["usual_days"])
        return [last + MEDIUM * pause, last + HIGH * pause]
    return [datetime.fromisoformat(at) + A_YEAR for at in kept.get("bought_at", ())]
