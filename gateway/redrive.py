"""Driving an event once more that nobody could use at first: read and translated anew, as if it had just come.

For events that are unmatched (a journey or a rule was missing), parked, or in quarantine (they could not be read, or
not be routed). What came once is never changed: only what we make of it is."""

import dataclasses
import json
from typing import Any

from gateway import envelopes, quarantine, refusals, strict_json, webhooks
from gateway.arrivals import Arrival, event_of
from gateway.orders import OURS
from gateway.published import InForce
from gateway.tracked import BARE
from store import inbox, parking
from store.clock import now
from store.database import Tx
from store.inbox import NewEvent

DRIVEN = ("unmatched", "parked", "quarantined")


async def again(tx: Tx, event_pk: int, in_force: InForce) -> str:
    """Let an event be routed once more, or say why it stays where it is; '' if it is on its way. An event that is new
    or was routed stays as it is."""
    row = await inbox.whole(tx, event_pk)
    if row["state"] not in DRIVEN:
        return f"it is {row['state']} and needs nothing"
    try:
        made = _read(row, in_force)
    except refusals.Refused as refusal:
        return refusal.problem.sentence()
    if made is None:
        return "its source ignores such messages now"
    if made.state != "new":
        await inbox.put_aside(tx, event_pk, made.state, made.reason)
        return made.reason
    await parking.forget(tx, event_pk)
    await inbox.renew(tx, event_pk, made)
    return ""


def _read(row: dict[str, Any], in_force: InForce) -> NewEvent | None:
    document = strict_json.Document(row["envelope"].encode(), most_made=webhooks.MOST_VALUES)
    kept = document.top
    if not isinstance(kept, dict):
        raise refusals.Malformed("body", "It is not an object.", "Nobody can mend that here.")
    document.check(kept, most=webhooks.MOST_VALUES, largest=webhooks.LARGEST)
    if "message" in kept and "name" in kept and "specversion" not in kept:
        return _translated(row, kept, in_force)
    # Of what was refused at the door nothing is ours, whatever it calls itself.
    ours = not row["event_id"].startswith(f"{quarantine.UNREADABLE}-")
    if ours and row["type"].startswith(OURS):
        raise refusals.Refused("type", "It is an order, and its moment is gone.", "Give it anew, with another id.")
    return dataclasses.replace(in_force.fitting(envelopes.structured(kept, ours=ours)), event_id=row["event_id"])


def _translated(row: dict[str, Any], kept: dict[str, Any], in_force: InForce) -> NewEvent | None:
    message = kept["message"]
    usual = in_force.sources.get("segment", BARE)
    source = in_force.sources.get(row["source"], usual)
    arrival = Arrival(kept["name"], row["event_id"], row["occurred_at"], message, message)
    return event_of(arrival, source, in_force.events, now(), row["source"])


def shown(envelope: str) -> str:
    """What the sender wrote, for people to read."""
    try:
        return json.dumps(json.loads(envelope), indent=2, ensure_ascii=False)
    except ValueError:
        return envelope
