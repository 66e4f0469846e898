"""One message of the Segment tracking API, and the event that comes of it."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateway import arrivals, refusals
from gateway.senders.base import moment_of, text_of
from journey.declared.event import DeclaredEvent
from journey.declared.source import Source
from store.inbox import NewEvent

CALLS = ("track", "identify", "page", "screen", "group", "alias")
NOT_LASTING = ("sentAt", "writeKey", "receivedAt", "_metadata")
"""What a client writes anew each time it sends a message."""

WITH_A_PLACE = (
    "email", "name", "firstName", "first_name", "lastName", "last_name", "phone", "locale", "timezone", "id",
    "createdAt", "created_at",
)  # fmt: skip
"""Traits that the record keeps elsewhere than among its attributes (or has no use for)."""

BARE = Source.model_validate(
    {
        "source": "segment",
        "title": "A client of the tracking API, without a table of its own",
        "sent by": "segment",
        "customer": {"id": "= event.userId", "anonymous_id": "= event.anonymousId"},
        "events": [
            {
                "when": "identify",
                "type": "customer.identified",
                "customer": {"email": "= event.traits.email", "attributes": "= event.attributes"},
                "data": {},
            }
        ],
    }
)
"""For installations that declare no source of this kind: who somebody is gets into the record, the rest is put
aside."""


def event_of(
    message: dict[str, Any],
    source: Source,
    events: Mapping[str, DeclaredEvent],
    caller: str,
    now: datetime,
    sent_at: object,
) -> NewEvent | None:
    """The event, put aside with its reason if nobody could use it; None if its source ignores such messages. Raises
    `Malformed` for what is no message of this API."""
    kind = message.get("type")
    if kind not in CALLS:
        raise refusals.Malformed("/type", "It is no call of the tracking API.", f"Send one of {', '.join(CALLS)}.")
    whole = _complete(message)
    if not (whole["userId"] or whole["anonymousId"] or (kind == "alias" and whole["previousId"])):
        raise refusals.Malformed("/userId", "Neither userId nor anonymousId is there.", "Send one of them.")
    title = text_of(message.get("event")) or text_of(message.get("name"))
    name = f"{kind} {title}" if kind in ("track", "page", "screen") and title else str(kind)
    lasting = {key: value for key, value in message.items() if key not in NOT_LASTING}
    arrival = arrivals.Arrival(name, _id_of(message, lasting), _happened(message, sent_at, now), whole, lasting)
    return arrivals.event_of(arrival, source, events, now, caller)


def _complete(message: dict[str, Any]) -> dict[str, Any]:
    """The message as the table of its source sees it: ids as texts, properties and traits always there (RudderStack
    puts traits into the context), and `attributes`: the traits that have no other place in the record."""
    context = _group(message.get("context"))
    traits = _group(message.get("traits")) or _group(context.get("traits"))
    attributes = {name: value for name, value in traits.items() if name not in WITH_A_PLACE and value is not None}
    ids = {name: text_of(message.get(name)) or None for name in ("userId", "anonymousId", "previousId", "groupId")}
    return {
        **{name: value for name, value in message.items() if name not in NOT_LASTING},
        **ids,
        "context": context,
        "properties": _group(message.get("properties")),
        "traits": traits,
        "attributes": attributes,
    }


def _group(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _id_of(message: dict[str, Any], lasting: dict[str, Any]) -> str:
    """Its messageId. A message without one is known by what it says if it says when; else each one is its own."""
    if given := text_of(message.get("messageId")):
        return given
    if "timestamp" in message:
        return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()
    return secrets.token_hex(16)


def _happened(message: dict[str, Any], sent_at: object, now: datetime) -> datetime | None:
    """When it happened by our clock: the sender's own clock is wrong by as much as its `sentAt` is."""
    happened = moment_of(message.get("timestamp")) or moment_of(message.get("originalTimestamp"))
    sent = moment_of(message.get("sentAt", sent_at))
    if happened is None or sent is None:
        return happened
    try:
        return (now - (sent - happened)).astimezone(UTC)
    except OverflowError:
        return None
