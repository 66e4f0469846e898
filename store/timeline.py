"""The timeline: what happened to one customer, with reasons."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from store import notices
from store.database import Tx
from store.sql import insert_new
from store.tables import timeline


def entry(
    customer_id: str,
    key: str,
    at: datetime,
    kind: str,
    text: str,
    *,
    instance_id: str | None = None,
    detail: dict[str, Any] | None = None,
    came_by: str | None = None,
) -> dict[str, Any]:
    """One row. Kinds: event, contact, reply, survey, complaint, started, why, message, staff, task, note, set, merge,
    ended, trouble."""
    return {
        "customer_id": customer_id,
        "instance_id": instance_id,
        "key": key,
        "at": at,
        "kind": kind,
        "text": text,
        "detail": detail or {},
        "came_by": came_by,
    }


async def add(tx: Tx, rows: list[dict[str, Any]]) -> None:
    """Write rows; those already there stay as they are. Whoever is to be told of them will be."""
    await insert_new(tx, timeline, rows, ["customer_id", "key"])
    await notices.write(tx, rows)


async def of_customer(tx: Tx, customer_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """The newest rows of one customer, newest first."""
    query = select(timeline).where(timeline.c.customer_id == customer_id)
    rows = await tx.execute(query.order_by(timeline.c.at.desc(), timeline.c.entry_pk.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def ways(tx: Tx, customer_id: str, limit: int) -> list[str]:
    """The ways by which a customer turned to us, the newest first."""
    mine = (timeline.c.customer_id == customer_id) & timeline.c.came_by.is_not(None)
    query = select(timeline.c.came_by).where(mine).order_by(timeline.c.at.desc()).limit(limit)
    return [str(row.came_by) for row in await tx.execute(query)]


async def note(tx: Tx, customer_id: str, key: str, text: str, by: str, at: datetime) -> None:
    """A note of the staff; the same key once."""
    await add(tx, [entry(customer_id, f"note:{key}", at, "note", text, detail={"by": by} if by else {})])


async def notes(tx: Tx, customer_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """The notes on one customer, the newest first."""
    query = select(timeline).where(timeline.c.customer_id == customer_id, timeline.c.kind == "note")
    rows = await tx.execute(query.order_by(timeline.c.at.desc(), timeline.c.entry_pk.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def get(tx: Tx, customer_id: str, key: str) -> dict[str, Any] | None:
    """One row by its key."""
    query = select(timeline).where(timeline.c.customer_id == customer_id, timeline.c.key == key)
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def of_instance(tx: Tx, instance_id: str, limit: int = 500) -> list[dict[str, Any]]:
    """The rows of one instance, oldest first."""
    query = select(timeline).where(timeline.c.instance_id == instance_id)
    rows = await tx.execute(query.order_by(timeline.c.at, timeline.c.entry_pk).limit(limit))
    return [dict(row) for row in rows.mappings()]
