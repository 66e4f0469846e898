"""What other systems may be told: the changes of journeys, messages, tasks and customers, each with its type.

A notice is a line of a customer's timeline. What stands there for people is told to machines, and nothing else is.
"""

from collections.abc import Mapping
from typing import Any

PREFIX = "wayfare."
"""Before every type, in the CloudEvent that goes out."""

TYPES: Mapping[str, str] = {
    "journey.started": "a customer has begun a journey",
    "journey.ended": "a customer's journey has ended; its outcome is in the detail",
    "journey.trouble": "a customer's journey needs attention",
    "message.accepted": "a message was handed over to the mail server",
    "message.refused": "the mail server has refused a message",
    "message.failed": "a message could not be sent",
    "message.suppressed": "a message was not sent, because it must not be",
    "message.expired": "a message was not sent, because it is out of date",
    "message.unknown": "a message may have been sent, or not",
    "message.decided": "a person has decided about a message",
    "staff.accepted": "a team was told something",
    "task.opened": "there is work for a team",
    "task.done": "a person has done a task",
    "task.closed": "a task is not needed any more",
    "customer.changed": "a customer is new, or a value of the record or a tag has changed",
    "customer.noted": "there is a note about a customer",
    "customer.merged": "two customers turned out to be one, or not to be one",
    "customer.heard": "an event about a customer was routed",
}
"""Every type, with its meaning."""

_PLAIN = {
    "started": "journey.started",
    "ended": "journey.ended",
    "trouble": "journey.trouble",
    "set": "customer.changed",
    "changed": "customer.changed",
    "note": "customer.noted",
    "merge": "customer.merged",
    "event": "customer.heard",
}


def type_of(kind: str, key: str, detail: Mapping[str, Any]) -> str:
    """The type of a line of the timeline; '' if it is nobody's business but ours (the reasons of decisions)."""
    if kind in ("message", "staff"):
        named = f"{kind}.{detail.get('state', 'decided')}"
        return named if named in TYPES else f"{kind}.failed" if f"{kind}.failed" in TYPES else ""
    if kind == "task":
        return "task.done" if key.endswith(":done") else "task.opened" if "task_id" in detail else "task.closed"
    return _PLAIN.get(kind, "")


def wanted(patterns: tuple[str, ...], kind: str) -> bool:
    """Whether somebody who wants these (* at the end stands for anything) wants this type."""
    return any(kind.startswith(one[:-1]) if one.endswith("*") else kind == one for one in patterns)
