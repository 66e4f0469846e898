"""What the tests of the store and the router begin with: events, journeys, what is published, a running instance."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from journey.company import Company
from journey.definition import Journey
from journey.inputs import Entry, Event
from journey.library import Library
from journey.messages import Message
from store import definitions, identity, inbox, instances
from store.clock import now
from store.database import Database
from store.inbox import NewEvent, Receipt
from store.tables import metadata

GRETE = {"id": "c-1", "email": "grete@example.org", "name": "Grete Hermann"}
LAMP = {"sku": "P-1", "name": "Lamp", "needs_setup": True}


def new_event(
    event_id: str = "e-1",
    kind: str = "purchase.completed",
    *,
    source: str = "shop",
    customer: dict[str, Any] | None = None,
    occurred_at: datetime | None = None,
    **data: Any,
) -> NewEvent:
    """An event as the door hands it to the inbox; about Grete, who buys a lamp, unless said otherwise."""
    bought = {"order_id": "o-1", "product": LAMP, "amount": "49.00", "currency": "EUR"}
    known = {"customer": customer or GRETE, **(bought if kind == "purchase.completed" else {}), **data}
    said = {"specversion": "1.0", "source": source, "id": event_id, "type": kind, "data": known}
    envelope = json.dumps(said, sort_keys=True)
    digest = hashlib.sha256(envelope.encode()).hexdigest()
    return NewEvent(source, event_id, kind, occurred_at, known, envelope, digest)


def a_journey(name: str = "onboarding", *, title: str = "Onboarding", **frame: Any) -> Journey:
    """A journey that begins with a purchase, once an order, and hears when the lamp is set up."""
    usual = {
        "start": {"on": "purchase.completed", "key": "event.order_id"},
        "goal": {"on": "setup.completed", "as": "activated"},
        "steps": [{"wait": "2 days", "id": "1"}, {"finish": "stalled", "id": "2"}],
    }
    said = {"journey": name, "title": title, "owner": "onboarding@example.org"}
    return Journey.model_validate(said | usual | frame)


def a_library(*journeys: Journey, messages: dict[str, str] | None = None, company: str = "Northlight") -> Library:
    """These journeys, with message texts as name: body."""
    texts = {name: Message(name=name, subject=name, body=body) for name, body in (messages or {}).items()}
    sender = Company.model_validate({"company": company, "mail from": "Northlight <hello@northlight.example>"})
    return Library(company=sender, journeys={one.journey: one for one in journeys}, messages=texts, scenarios={})


async def publish(db: Database, *journeys: Journey) -> list[str]:
    """Make these journeys the ones in force."""
    async with db.write() as tx:
        return await definitions.publish(tx, a_library(*journeys), {})


async def accept(db: Database, *events: NewEvent) -> list[Receipt]:
    """Post events."""
    async with db.write() as tx:
        return await inbox.accept(tx, events)


async def resolve(db: Database, **given: Any) -> dict[str, Any]:
    """The customer that these fields name, in a transaction of its own."""
    async with db.write() as tx:
        return await identity.resolve(tx, given)


async def rows(db: Database, table: str, **where: Any) -> list[dict[str, Any]]:
    """What a table holds, in the order of its primary key."""
    found = metadata.tables[table]
    conditions = [found.c[name] == value for name, value in where.items()]
    async with db.read() as tx:
        kept = await tx.execute(select(found).where(*conditions).order_by(*found.primary_key.columns))
        return [dict(row) for row in kept.mappings()]


async def the_row(db: Database, table: str, **where: Any) -> dict[str, Any]:
    """The one row of which this is true."""
    [row] = await rows(db, table, **where)
    return row


async def count(db: Database, table: str) -> int:
    """How many rows there are."""
    async with db.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(metadata.tables[table]))).scalar_one())


async def event_pks(db: Database, number: int) -> Sequence[int]:
    """The keys of so many new events in the inbox, for what has to refer to one."""
    there = await count(db, "inbox")
    await accept(db, *(new_event(f"made-{there + one}") for one in range(number)))
    return [row["event_pk"] for row in await rows(db, "inbox")][there:]


async def begun(db: Database, journey: Journey | None = None, key: str = "o-1", **customer: Any) -> str:
    """The id of a running instance of Grete's (or of another customer's)."""
    journey = journey or a_journey()
    await publish(db, journey)
    [event_pk] = await event_pks(db, 1)
    person = await resolve(db, **(customer or GRETE))
    entry = Entry(event=Event(type="purchase.completed", data={"order_id": key, "product": LAMP}, at=now()))
    async with db.write() as tx:
        return await instances.begin(tx, journey, person["customer_id"], key, entry, event_pk)
