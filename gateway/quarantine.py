"""What comes in a batch and is no event all the same: kept with its reason, so that its neighbours are taken and nobody
has to send the batch again.

A single event that cannot be read is refused; its sender sees why. Of a batch the sender looks only at the status.
"""

import dataclasses
import hashlib
import json
from typing import Any

from gateway import fields, refusals
from store.inbox import NewEvent

UNREADABLE = "unreadable"
"""The type of an event that names none."""


def unreadable(value: Any, source: str, refusal: refusals.Refused) -> NewEvent:
    """A part of a batch that was refused. Its id is made of what it says: sent again, it is the same one."""
    text = json.dumps(value)  # in ASCII: what no database takes stands in it as an escape
    kind = value.get("type") if isinstance(value, dict) else None
    return NewEvent(
        source=source,
        event_id=f"{UNREADABLE}-{id_of(value)}",
        type=kind if isinstance(kind, str) and not fields.line_fault(kind, characters=255) else UNREADABLE,
        occurred_at=None,
        data={},
        envelope=text,
        body_hash=hashlib.sha256(text.encode()).hexdigest(),
        state="quarantined",
        reason=refusal.problem.sentence(),
    )


def id_of(value: Any) -> str:
    """An id for what names none: made of what it says, so that it is the same when it is sent again."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]


def contradicting(event: NewEvent) -> NewEvent:
    """An event whose id was used before for one that said something else. The first one counts; this one is kept."""
    reason = (
        f'{event.source} has used the id "{event.event_id}" before, for an event that said something else. The first'
        " one counts. Each event needs an id of its own."
    )
    aside = f"{event.event_id[:200]} again-{event.body_hash[:32]}"
    return dataclasses.replace(event, event_id=aside, state="quarantined", reason=reason)
