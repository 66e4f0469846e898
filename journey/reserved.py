"""Events that Wayfare makes itself. Whoever posts one from outside would be believed: so no sender may, and no rule of
a source may make one."""

from collections.abc import Mapping

from journey.inputs import CUSTOMER_CHANGED, JOURNEY_ENDED, TASK_COMPLETED

PREFIX = "wayfare."
"""Before the types of orders, and of what other systems are told."""
SOURCE = "wayfare"
"""Who says what we say ourselves."""

TYPES: Mapping[str, str] = {
    CUSTOMER_CHANGED: "when a value of the record has changed",
    JOURNEY_ENDED: "when a journey that another one has started ends",
    TASK_COMPLETED: "when a person has done a task",
    "message.bounced": "when a letter came back",
    "message.clicked": "when a link in a letter was followed",
    "message.complained": "when a customer has called a letter spam",
    "message.delivered": "when a letter has arrived",
    "message.opened": "when a letter was opened",
    "message.replied": "when a customer has answered a letter",
    "segment.entered": "when a customer comes into a segment",
    "segment.left": "when a customer leaves a segment",
}
"""Every one without that prefix, and when it is made."""


def why_not(kind: str) -> str:
    """Why nobody else may make an event of this type, as a sentence; '' if they may."""
    if kind.startswith(PREFIX):
        return f"Types that begin with {PREFIX} are Wayfare's own."
    if when := TYPES.get(kind):
        return f"Wayfare says {kind} itself, {when}; nobody else may."
    return ""
