"""Which journeys an event starts: the decision, without the store.

The router asks this inside its transaction and writes what comes out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journey import conditions, durations
from journey.definition import Journey
from journey.inputs import without_nulls

KEY_LENGTH = 200


@dataclass(frozen=True)
class Wish:
    """A journey that this event would start, for this key ('' without a key)."""

    journey: Journey
    key: str


@dataclass(frozen=True)
class Refusal:
    """A journey that listens to this event but does not start, and why."""

    journey: str
    reason: str


@dataclass(frozen=True)
class Former:
    """The last instance of the same journey, customer and key: whether it still runs, and when it ended."""

    running: bool
    ended_at: datetime | None


def wishes(
    journeys: Mapping[str, Journey], event_type: str, data: dict[str, Any], customer: dict[str, Any], now: datetime
) -> list[Wish | Refusal]:
    """Every journey that listens to this event type for its start, with its key or the reason against: the most
    important first, then by name."""
    ordered = sorted(journeys.values(), key=lambda one: (-one.priority, one.journey))
    return [wish(journey, data, customer, now) for journey in ordered if journey.start.on == event_type]


def wish(journey: Journey, data: dict[str, Any], customer: dict[str, Any], now: datetime) -> Wish | Refusal:
    """The journey with its key for this data, or the reason against it."""
    facts = {"event": without_nulls(data), "customer": customer}
    rule = journey.start
    if rule.if_ is not None:
        judgement = conditions.judge(rule.if_, facts, now)
        if not judgement.holds:
            because = f": {judgement.problem}" if judgement.problem else ""
            return Refusal(journey.journey, f"its condition is not met ({rule.if_}{because})")
    if rule.key is None:
        return Wish(journey, "")
    judgement = conditions.judge(rule.key, facts, now)
    if judgement.problem or judgement.value in (None, ""):
        return Refusal(journey.journey, f"its key cannot be read ({rule.key}: {judgement.problem or 'it is empty'})")
    key = judgement.value if isinstance(judgement.value, str) else str(judgement.value)
    if len(key) > KEY_LENGTH:
        return Refusal(journey.journey, f"its key is longer than {KEY_LENGTH} characters ({rule.key})")
    return Wish(journey, key)


def may_begin(journey: Journey, former: Former | None, now: datetime, pace: float = 1.0) -> str:
    """The reason why an instance may not begin, by the journey's rule for starting again; '' if it may."""
    if former is None:
        return ""
    if former.running:
        return "it is running already for this customer and key"
    again = journey.start.again
    if again == "always":
        return ""
    if again == "never":
        return "it has already run for this customer and key, and never starts again"
    length = durations.parse(again.removeprefix("after ")) / pace
    if former.ended_at is not None and now < former.ended_at + length:
        return f"it ran for this customer and key and starts again only {again}"
    return ""
