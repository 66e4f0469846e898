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
) -> dict[str, Any]:
    """One row. Kinds: event, started, why, message, staff, note, set, ended, trouble."""
    return {
        "customer_id": customer_id,
        "instance_id": instance_id,
        "key": key,
        "at": at,
        "kind": kind,
        "text": text,
        "detail": detail or {},
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


async def of_instance(tx: Tx, instance_id: str, limit: int = 500) -> list[dict[str, Any]]:
    """The rows of one instance, oldest first."""
    query = select(timeline).where(timeline.c.instance_id == instance_id)
    rows = await tx.execute(query.order_by(timeline.c.at, timeline.c.entry_pk).limit(limit))
    return [dict(row) for row in rows.mappings()]
