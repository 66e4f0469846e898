"""The inbox: every accepted event, for ever, deduplicated for ever by (source, event id)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, or_, select, tuple_, update

from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import customer, delivery, inbox, instance

MAX_ATTEMPTS = 5
"""After so many failed tries to route an event it is quarantined, visible and re-drivable."""


@dataclass(frozen=True)
class NewEvent:
    """An event as the door understood it. ``envelope`` is its canonical JSON; ``body_hash`` the SHA-256 of that.
    ``state`` is ``new``, or where an event is put from the start that nobody will route; then ``reason`` says why."""

    source: str
    event_id: str
    type: str
    occurred_at: datetime | None
    data: dict[str, Any]
    envelope: str
    body_hash: str
    state: Literal["new", "unmatched", "quarantined"] = "new"
    reason: str = ""


State = Literal["accepted", "unmatched", "quarantined", "duplicate", "conflict"]


@dataclass(frozen=True)
class Receipt:
    """What became of one posted event: kept now (perhaps put aside), kept before (same body), or refused (same id,
    other body)."""

    receipt: str
    source: str
    event_id: str
    state: State


async def accept(tx: Tx, events: Sequence[NewEvent]) -> list[Receipt]:
    """Keep events; one receipt each, in the same order. The caller's commit makes them durable."""
    moment = now()
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        rows.setdefault((event.source, event.event_id), _row(event, moment))
    fresh = await insert_new(tx, inbox, list(rows.values()), ["source", "event_id"], returning=[inbox.c.receipt])
    new = {receipt for (receipt,) in fresh}
    known = await _known(tx, [key for key, row in rows.items() if row["receipt"] not in new])
    receipts: list[Receipt] = []
    for event in events:
        key = (event.source, event.event_id)
        row = rows[key]
        first = known.get(key, (row["receipt"], row["body_hash"]))
        state: State = "duplicate" if first[0] not in new else "accepted" if event.state == "new" else event.state
        new.discard(first[0])
        if first[1] != event.body_hash:
            state = "conflict"
        receipts.append(Receipt(first[0], event.source, event.event_id, state))
    return receipts


def _row(event: NewEvent, moment: datetime) -> dict[str, Any]:
    row = {**vars(event), "receipt": secrets.token_hex(12), "accepted_at": moment, "attempts": 0}
    reason = row.pop("reason")
    return {**row, "result": {"reason": reason} if reason else None}


async def _known(tx: Tx, keys: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    if not keys:
        return {}
    query = select(inbox.c.source, inbox.c.event_id, inbox.c.receipt, inbox.c.body_hash)
    rows = await tx.execute(query.where(tuple_(inbox.c.source, inbox.c.event_id).in_(keys)))
    return {(row.source, row.event_id): (row.receipt, row.body_hash) for row in rows}


async def receipt(tx: Tx, receipt_id: str) -> dict[str, Any] | None:
    """What is known about one accepted event: its state and what it started, advanced, or why it matched nothing."""
    row = (await tx.execute(select(inbox).where(inbox.c.receipt == receipt_id))).mappings().first()
    if row is None:
        return None
    shown = ("receipt", "source", "type", "state", "accepted_at", "occurred_at", "attempts")
    said = {name: row[name] for name in (*shown, "customer_id")}
    return {"id": row["event_id"], **said, "result": row["result"] or {}}


async def by_receipt(tx: Tx, receipt_id: str) -> dict[str, Any]:
    """The whole row of an event that there is."""
    return dict((await tx.execute(select(inbox).where(inbox.c.receipt == receipt_id))).mappings().one())


async def waiting(tx: Tx, limit: int) -> list[dict[str, Any]]:
    """Events to route, in the order of acceptance; those that failed before wait until their next try.

    An event waits for earlier events of the same customer only through the order of this list: the router handles one
    at a time. Claims are by state, never by a cursor, so rows that commit late are not skipped.
    """
    due = or_(inbox.c.next_try_at.is_(None), inbox.c.next_try_at <= now())
    columns = [column for column in inbox.c if column.name != "envelope"]
    query = select(*columns).where(inbox.c.state == "new", due).order_by(inbox.c.event_pk).limit(limit)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def still_new(tx: Tx, event_pk: int) -> bool:
    """Whether nobody has routed this event meanwhile."""
    state: str = (await tx.execute(select(inbox.c.state).where(inbox.c.event_pk == event_pk))).scalar_one()
    return state == "new"


async def settle(tx: Tx, event_pk: int, state: str, result: dict[str, Any], customer_id: str | None) -> None:
    """Write down what routing came to: ``routed`` or ``unmatched``, with what it did."""
    values = {"state": state, "result": result, "customer_id": customer_id, "next_try_at": None}
    await tx.execute(update(inbox).where(inbox.c.event_pk == event_pk).values(**values))


async def failed(tx: Tx, event_pk: int, reason: str) -> str:
    """Count a failed try; after ``MAX_ATTEMPTS`` the event is quarantined. Returns its state. An event that somebody
    else has routed meanwhile stays as it is."""
    query = select(inbox.c.attempts, inbox.c.state).where(inbox.c.event_pk == event_pk).with_for_update()
    row = (await tx.execute(query)).one()
    if row.state != "new":
        return str(row.state)
    attempts = row.attempts + 1
    state = "quarantined" if attempts >= MAX_ATTEMPTS else "new"
    values = {
        "attempts": attempts,
        "state": state,
        "next_try_at": now() + timedelta(seconds=2**attempts),
        "result": {"reason": _storable(reason)},
    }
    await tx.execute(update(inbox).where(inbox.c.event_pk == event_pk).values(**values))
    return state


def _storable(text: str) -> str:
    """An error may quote what no database takes; writing down that it failed must not fail too."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


async def last_of(tx: Tx, customer_id: str, kind: str) -> dict[str, Any] | None:
    """What a customer's newest event of a type said, without its customer; None if there is none."""
    mine = (inbox.c.customer_id == customer_id) & (inbox.c.type == kind)
    query = select(inbox.c.data).where(mine).order_by(inbox.c.event_pk.desc()).limit(1)
    data = (await tx.execute(query)).scalar_one_or_none()
    return {name: value for name, value in data.items() if name != "customer"} if data is not None else None


async def after(tx: Tx, event_pk: int, limit: int) -> list[dict[str, Any]]:
    """Accepted events in the order of acceptance, those after a number; 0 is before the first."""
    query = select(inbox).where(inbox.c.event_pk > event_pk).order_by(inbox.c.event_pk).limit(limit)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def whole(tx: Tx, event_pk: int) -> dict[str, Any]:
    """One event with all that is kept of it, locked."""
    query = select(inbox).where(inbox.c.event_pk == event_pk).with_for_update()
    return dict((await tx.execute(query)).mappings().one())


async def put_aside(tx: Tx, event_pk: int, state: str, reason: str) -> None:
    """Say where an event is that nobody will route, and why."""
    values = {"state": state, "result": {"reason": _storable(reason)}}
    await tx.execute(update(inbox).where(inbox.c.event_pk == event_pk).values(**values))


async def renew(tx: Tx, event_pk: int, event: NewEvent) -> None:
    """Let an event be routed as it is read now; what its sender wrote stays as it was."""
    values = {
        "type": event.type,
        "data": event.data,
        "occurred_at": event.occurred_at,
        "state": "new",
        "attempts": 0,
        "next_try_at": None,
        "result": None,
    }
    await tx.execute(update(inbox).where(inbox.c.event_pk == event_pk).values(**values))


async def found(
    tx: Tx,
    limit: int,
    *,
    state: str = "",
    source: str = "",
    kind: str = "",
    receipts: Sequence[str] = (),
    after: int = 0,
) -> list[dict[str, Any]]:
    """Events by state, source, type or receipt, in the order of acceptance; ``after`` is the ``event_pk`` of the last
    one seen."""
    query = select(inbox).where(inbox.c.event_pk > after)
    for column, value in ((inbox.c.state, state), (inbox.c.source, source), (inbox.c.type, kind)):
        if value:
            query = query.where(column == value)
    if receipts:
        query = query.where(inbox.c.receipt.in_(receipts))
    return [dict(row) for row in (await tx.execute(query.order_by(inbox.c.event_pk).limit(limit))).mappings()]


async def counts(tx: Tx) -> dict[str, int]:
    """How many events are in each state."""
    rows = await tx.execute(select(inbox.c.state, func.count()).group_by(inbox.c.state))
    return {state: count for state, count in rows}


async def recent(tx: Tx, state: str | None, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """The newest events, with the customer's name; ``before`` is the ``event_pk`` of the last one seen."""
    query = select(inbox, customer.c.name, customer.c.email).outerjoin(
        customer, customer.c.customer_id == inbox.c.customer_id
    )
    if state:
        query = query.where(inbox.c.state == state)
    if before is not None:
        query = query.where(inbox.c.event_pk < before)
    rows = await tx.execute(query.order_by(inbox.c.event_pk.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def heard_by(tx: Tx, event_pk: int) -> list[dict[str, Any]]:
    """The instances that received an event."""
    query = (
        select(delivery.c.seq, instance.c.instance_id, instance.c.journey)
        .join(instance, instance.c.instance_id == delivery.c.instance_id)
        .where(delivery.c.event_pk == event_pk)
    )
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def of_customer(tx: Tx, customer_id: str, types: list[str], limit: int) -> list[dict[str, Any]]:
    """A customer's events of some types, the newest first."""
    mine = (inbox.c.customer_id == customer_id) & inbox.c.type.in_(types)
    query = select(inbox.c.receipt, inbox.c.type, inbox.c.accepted_at, inbox.c.data).where(mine)
    return [dict(row) for row in (await tx.execute(query.order_by(inbox.c.event_pk.desc()).limit(limit))).mappings()]
