"""Complaints, as the events of the complaint desk tell them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from store.database import Tx
from store.purchases import short
from store.sql import insert_new
from store.tables import complaint

OPEN = ("opened", "answered", "rejected")
"""The states in which the customer may still expect something of us."""


async def moved(tx: Tx, customer_id: str, state: str, data: Mapping[str, Any], at: datetime) -> None:
    """A complaint is opened or has come further; what is older than what we know of it changes nothing."""
    external_id = short(data.get("complaint_id"))
    if not external_id:
        return
    product = data.get("product")
    row = {
        "customer_id": customer_id,
        "external_id": external_id,
        "order_id": short(data.get("order_id")),
        "sku": short(product.get("sku")) if isinstance(product, dict) else None,
        "text": short(data.get("text"), 10_000) if state == "opened" else None,
        "state": state,
        "opened_at": at,
        "updated_at": at,
    }
    if await insert_new(tx, complaint, [row], ["customer_id", "external_id"], returning=[complaint.c.complaint_pk]):
        return
    mine = (complaint.c.customer_id == customer_id) & (complaint.c.external_id == external_id)
    said = {name: row[name] for name in ("order_id", "sku", "text") if row[name] is not None}
    later = update(complaint).where(mine, complaint.c.updated_at <= at)
    await tx.execute(later.values(state=state, updated_at=at, **said))


async def open_count(tx: Tx, customer_id: str) -> int:
    """How many are open."""
    mine = (complaint.c.customer_id == customer_id) & complaint.c.state.in_(OPEN)
    return int((await tx.execute(select(func.count()).select_from(complaint).where(mine))).scalar_one())


async def of_customer(tx: Tx, customer_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """The complaints of one customer, the newest first."""
    query = select(complaint).where(complaint.c.customer_id == customer_id)
    newest = (complaint.c.opened_at.desc(), complaint.c.complaint_pk.desc())
    return [dict(row) for row in (await tx.execute(query.order_by(*newest).limit(limit))).mappings()]
