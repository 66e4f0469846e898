"""Events that Wayfare itself has to tell: an answer, a bounce, a reply. They go the way of all events, through the
inbox, so that journeys start with them, wait for them and end by them."""

import hashlib
import json
from typing import Any

from sqlalchemy import select

from journey import identity, reserved
from store import inbox
from store.clock import now
from store.database import Tx
from store.inbox import NewEvent
from store.tables import customer_alias, instance, message

OURS = reserved.SOURCE
"""The source of our own events."""
ABOUT = ("order_id", "complaint_id")
"""What the first event of a journey says about its case, and our events about its letters say, too."""


async def tell(tx: Tx, customer_id: str, kind: str, event_id: str, data: dict[str, Any], **customer: Any) -> bool:
    """Put an event into the inbox; ``customer`` is what it says about them. False if it is there already, or if nobody
    is known behind this customer any more."""
    names = await _names(tx, customer_id)
    if not names:
        return False
    whole = {**{name: value for name, value in data.items() if value is not None}, "customer": {**names, **customer}}
    said = {"specversion": "1.0", "source": OURS, "id": event_id, "type": kind, "data": whole}
    envelope = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(envelope.encode()).hexdigest()
    event = NewEvent(OURS, event_id, kind, now(), whole, envelope, digest)
    [receipt] = await inbox.accept(tx, [event])
    return receipt.state == "accepted"


async def _names(tx: Tx, customer_id: str) -> dict[str, str]:
    """By what the customer is known, the strongest name."""
    mine = select(customer_alias).where(customer_alias.c.customer_id == customer_id)
    found = {row.kind: row.value for row in await tx.execute(mine)}
    return next(({identity.KEYS[kind]: found[kind]} for kind in identity.KINDS if kind in found), {})


async def about(tx: Tx, send_key: str) -> dict[str, Any]:
    """What an event about a letter says of it: its text, its name in the ledger, its journey and the case."""
    query = (
        select(message.c.name, message.c.channel, instance.c.journey, instance.c.entry)
        .join(instance, instance.c.instance_id == message.c.instance_id)
        .where(message.c.send_key == send_key)
    )
    row = (await tx.execute(query)).one()
    first = row.entry["event"].get("data", {})
    case = {name: str(first[name]) for name in ABOUT if isinstance(first.get(name), (str, int))}
    return {"message": row.name, "key": send_key, "journey": row.journey, "channel": row.channel, **case}
