"""All that can happen to a running journey."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, field_validator

from journey.commands import AnyCommand
from journey.model import Frozen, Kinded
from journey.time.wall import LocalTime

CUSTOMER_CHANGED = "customer.changed"
"""Delivered when a field of the customer that a waiting condition reads has changed; ``customer`` says how it is."""
TASK_COMPLETED = "task.completed"
"""Delivered to the instance whose task it was: its effect (``task``), name, outcome and answers."""
JOURNEY_ENDED = "journey.ended"
"""Delivered to the instance that started the other one: its effect (``start``), journey and outcome."""
ANSWERED = "survey.answered"
"""What an answer to a question comes as: the effect that asked (``ask``), and what was answered."""
UNDECLARED = (TASK_COMPLETED, JOURNEY_ENDED, ANSWERED)
"""What a story may let happen without anybody declaring it: it comes from Wayfare's own pages."""


def without_nulls(data: dict[str, Any]) -> dict[str, Any]:
    """The data without keys whose value is null, in groups and lists of groups too; a null in a list stays."""
    return {key: _inside(value) for key, value in data.items() if value is not None}


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return without_nulls(value)
    return [_inside(entry) for entry in value] if isinstance(value, list) else value


class Event(Frozen):
    """Something an upstream system said. ``at`` is when it was accepted (UTC); ``customer`` holds the customer's fields
    that the journey's conditions on events read, as they were then. A null in the data counts as missing."""

    type: str
    data: dict[str, Any] = Field(default_factory=dict)
    at: datetime
    customer: dict[str, Any] = Field(default_factory=dict)

    @field_validator("data")
    @classmethod
    def _null_is_missing(cls, data: dict[str, Any]) -> dict[str, Any]:
        return without_nulls(data)


class Entry(Frozen):
    """How an instance begins: the starting event, the customer's opaque id, and how many times faster than real time
    waits pass."""

    event: Event
    who: str = ""
    pace: float = 1.0


class EventReceived(Kinded):
    """An event for this instance, in the order of acceptance. ``at`` is now; ``event.at`` is when it was accepted."""

    kind: Literal["event"] = "event"
    event: Event
    at: datetime


class WokeUp(Kinded):
    """Time has passed; ``at`` is now."""

    kind: Literal["wake"] = "wake"
    at: datetime


class EffectDone(Kinded):
    """The answer to the effect that was asked for: ``outcome`` in one word, ``value`` what it found, ``local`` what
    counts as local time, if that was asked."""

    kind: Literal["done"] = "done"
    effect: str
    outcome: str = "done"
    value: dict[str, Any] = Field(default_factory=dict)
    local: LocalTime | None = None
    at: datetime


class CommandReceived(Kinded):
    """A command for this instance, in one order with its events. ``at`` is now; ``command.at`` when it was accepted."""

    kind: Literal["command"] = "command"
    command: AnyCommand
    at: datetime


Input = EventReceived | WokeUp | EffectDone | CommandReceived
