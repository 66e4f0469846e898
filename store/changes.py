"""A customer's record has changed: the segments are asked again, and running journeys that wait for a condition on it
are told, by a delivery.

Rule 1: whoever writes a customer's record calls ``changed`` in the same transaction, once, at its end. The router alone
does the two halves itself, because it has more to tell than that."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from journey.customer import choose
from journey.definition import Journey
from journey.inputs import CUSTOMER_CHANGED, Event
from store import customers, definitions, instances, segments
from store.clock import now
from store.database import Tx
from store.tables import instance


async def changed(tx: Tx, customer_id: str, because: str, *, but: str = "") -> None:
    """Ask the segments about the customer, and tell their running instances (``but`` one, which knows) what has changed
    of the fields they follow. ``because`` says in a few words what happened. The sweeper rings those who are told.
    """
    await segments.follow(tx, customer_id, because)
    running = [one for one in await instances.listening(tx, customer_id) if one["instance_id"] != but]
    journeys = await definitions.by_hash(tx, (one["def_hash"] for one in running))
    if any(journey.follows for journey in journeys.values()):
        known = await customers.known(tx, customer_id)
        for one in running:
            await tell(tx, one, journeys[one["def_hash"]], known, now())


async def tell(
    tx: Tx,
    one: Mapping[str, Any],
    journey: Journey,
    known: Mapping[str, Any],
    at: datetime,
    event_pk: int | None = None,
) -> tuple[int, Event] | None:
    """Tell one running instance how the customer is now, if its conditions follow what has changed since it was last
    told; the number and the event, if so."""
    if not journey.follows:
        return None
    told = choose(known, tuple(sorted(journey.follows)))
    if told == one["told"]:
        return None
    event = Event(type=CUSTOMER_CHANGED, at=at, customer=choose(known, journey.reads_at_events))
    seq = await instances.deliver(tx, one["instance_id"], event, event_pk, soon=event_pk is None)
    if seq is None:
        return None
    mine = instance.c.instance_id == one["instance_id"]
    await tx.execute(update(instance).where(mine).values(told=told))
    return seq, event
