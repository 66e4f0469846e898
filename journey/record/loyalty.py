"""Loyalty (``definitions/loyalty.yaml``): points for purchases, tiers for points.

Rule 1: a purchase earns points for what was paid and not given back; so a refund takes its points back by itself.
Rule 2: points are spent the oldest first, and never below nothing.
Rule 3: points expire so long after they were earned, if the rules say so; a tier counts what was earned within its
window, whatever was spent of it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from pydantic import Field, field_validator, model_validator

from journey import durations
from journey.model import Frozen, Mistake
from journey.record.words import Name

MOST_LOTS = 200
"""Of so many earnings the day is kept; older ones count together."""


class Bonus(Frozen):
    """Extra points for a product."""

    product: Annotated[str, Field(min_length=1, max_length=120, description="its sku")]
    points: Annotated[int, Field(ge=1, le=1_000_000, description="for each piece")]


class Tier(Frozen):
    """A rank."""

    tier: Annotated[Name, Field(description="its name")]
    from_: Annotated[int, Field(alias="from", ge=0, le=1_000_000_000, description="the points from which on it holds")]


class Loyalty(Frozen):
    """The programme."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", description="the currency whose purchases earn points: EUR")]
    points_per_unit: Annotated[
        float, Field(alias="points per unit", ge=0, le=10_000, description="for each whole unit of money: 1")
    ]
    first_purchase: Annotated[
        int, Field(alias="first purchase", ge=0, le=1_000_000, description="extra points for the first purchase")
    ] = 0
    bonus: Annotated[tuple[Bonus, ...], Field(description="extra points for products")] = ()
    expire: Annotated[str | None, Field(description="how long points last: 730 days; for ever without it")] = None
    tiers: Annotated[tuple[Tier, ...], Field(description="the ranks, from the lowest to the highest")] = ()
    tier_window: Annotated[
        str | None, Field(alias="tier window", description="points of how long a time make a tier: 365 days")
    ] = None

    @field_validator("expire", "tier_window")
    @classmethod
    def _length(cls, value: str | None) -> str | None:
        if value is not None:
            durations.parse(value)
        return value

    @model_validator(mode="after")
    def _rising(self) -> "Loyalty":
        for number, (before, tier) in enumerate(zip(self.tiers, self.tiers[1:], strict=False), 1):
            if tier.from_ <= before.from_:
                raise Mistake(f'"{tier.tier}" does not begin above "{before.tier}"', "tiers", number, "from")
        return self


@dataclass(frozen=True)
class Earning:
    """A purchase as the programme sees it: when, what was paid and kept, and how many of each sku."""

    at: datetime
    paid: Decimal
    currency: str
    kept: Mapping[str, int]


Lot = tuple[datetime, int]
"""Points, and when they were earned (or spent)."""


class Booking(NamedTuple):
    """Points given (more than 0) or spent (less) by an event."""

    at: datetime
    points: int


def points_for(rules: Loyalty, earning: Earning, first: bool) -> int:
    """What one purchase earns."""
    money = math.floor(max(earning.paid, Decimal(0)) * Decimal(str(rules.points_per_unit)))
    earned = money if earning.currency == rules.currency else 0
    extra = sum(bonus.points * earning.kept.get(bonus.product, 0) for bonus in rules.bonus)
    return earned + extra + (rules.first_purchase if first and earning.paid > 0 else 0)


def account(rules: Loyalty | None, earnings: Iterable[Earning], bookings: Iterable[Booking]) -> dict[str, Any]:
    """What is kept with the customer: ``lots`` (when earned, how many are left) and ``earned`` (when, how many)."""
    if rules is None:
        return {}
    rows = sorted(earnings, key=lambda one: one.at)
    earned = [(one.at, points_for(rules, one, first=number == 0)) for number, one in enumerate(rows)]
    given = [(booking.at, booking.points) for booking in bookings if booking.points > 0]
    spent = sorted((booking.at, -booking.points) for booking in bookings if booking.points < 0)
    lots = _spend(rules, sorted([*earned, *given]), spent)
    return {"lots": _texts(lots), "earned": _texts([one for one in earned if one[1]])}


def _spend(rules: Loyalty, lots: Sequence[Lot], spent: Sequence[Lot]) -> list[Lot]:
    """The lots that are left, each with what is left of it."""
    left = list(lots)
    for moment, points in spent:
        for number, (at, there) in enumerate(left):
            usable = at <= moment and not _expired(rules, at, moment)
            taken = min(points, there) if usable else 0
            left[number], points = (at, there - taken), points - taken
    return [lot for lot in left if lot[1] > 0]


def _expired(rules: Loyalty, at: datetime, now: datetime) -> bool:
    return rules.expire is not None and at + durations.parse(rules.expire) <= now


def _texts(rows: Sequence[Lot]) -> list[list[Any]]:
    old, late = rows[:-MOST_LOTS], rows[-MOST_LOTS:]
    together = [(old[-1][0], sum(points for _, points in old))] if old else []
    return [[at.astimezone(UTC).isoformat(timespec="seconds"), points] for at, points in (*together, *late)]


def standing(rules: Loyalty | None, kept: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """``points``, ``tier`` and ``points_to_next_tier`` on a day."""
    if rules is None:
        return {}
    lots = [(datetime.fromisoformat(at), points) for at, points in kept.get("lots", ())]
    window = durations.parse(rules.tier_window) if rules.tier_window else None
    earned = [(datetime.fromisoformat(at), points) for at, points in kept.get("earned", ())]
    counted = sum(points for at, points in earned if window is None or at + window > now)
    reached = [tier for tier in rules.tiers if counted >= tier.from_]
    ahead = [tier for tier in rules.tiers if counted < tier.from_]
    found: dict[str, Any] = {"points": sum(points for at, points in lots if not _expired(rules, at, now))}
    if reached:
        found["tier"] = reached[-1].tier
    if ahead:
        found["points_to_next_tier"] = ahead[0].from_ - counted
    return found


def turns(kept: Mapping[str, Any], rules: Loyalty | None) -> list[datetime]:
    """The moments at which points expire or leave the tier's window."""
    if rules is None:
        return []
    found: list[datetime] = []
    for name, length in (("lots", rules.expire), ("earned", rules.tier_window)):
        if length is not None:
            later: timedelta = durations.parse(length)
            found += [datetime.fromisoformat(at) + later for at, _ in kept.get(name, ())]
    return sorted(found)
