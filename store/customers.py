"""Customers: what is known of them, what journeys set, and their purchases."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, update

from journey.customer import facts
from journey.effects import UpdateCustomer
from journey.identity import news
from store.clock import now
from store.database import Tx
from store.sayings import columns, said_now, sayings
from store.sql import insert_new
from store.tables import customer, organisation, purchase


async def change(tx: Tx, customer_id: str, write: UpdateCustomer) -> None:
    """What a journey sets: contact fields and attributes by name, tags added and removed. It is said now."""
    query = select(customer).where(customer.c.customer_id == customer_id)
    row = dict((await tx.execute(query.with_for_update(key_share=True))).mappings().one())
    said = said_now(write.attributes, now())
    tags = sorted((set(row["tags"]) | set(write.add_tags)) - set(write.remove_tags))
    values = columns(row, news(sayings(row), said)) | {"tags": tags, "updated_at": now()}
    await tx.execute(update(customer).where(customer.c.customer_id == customer_id).values(**values))


async def known(tx: Tx, customer_id: str) -> dict[str, Any]:
    """The record as conditions and texts see it (``journey.customer.facts``)."""
    return seen(dict((await tx.execute(_KNOWN, {"of": customer_id})).mappings().one()))


ORGANISATION = (
    organisation.c.external_id.label("their_id"),
    organisation.c.name.label("their_name"),
    organisation.c.attributes.label("their_attributes"),
)
"""What is read of a customer's organisation beside the customer's own row."""

RECORD = select(customer, *ORGANISATION).outerjoin(
    organisation, organisation.c.organisation_id == customer.c.organisation_id
)
"""Customers with all that ``seen`` needs."""

_KNOWN = RECORD.where(customer.c.customer_id == bindparam("of"))


def seen(row: Mapping[str, Any]) -> dict[str, Any]:
    """The record as conditions and texts see it, from a row of ``RECORD``."""
    theirs = {**(row["their_attributes"] or {}), "id": row["their_id"], "name": row["their_name"]}
    own = {name: value for name, value in theirs.items() if value is not None}
    return facts({**row, "id": row["external_id"] or row["customer_id"], "organisation": own or None})


async def bought(tx: Tx, customer_id: str, event_pk: int, data: dict[str, Any], at: Any) -> None:
    """Add a purchase to the customer's history; the same event adds it once."""
    product = data.get("product")
    product = product if isinstance(product, dict) else {}
    row = {
        "customer_id": customer_id,
        "event_pk": event_pk,
        "order_id": _short(data.get("order_id")),
        "sku": _short(product.get("sku")),
        "product": _short(product.get("name")),
        "amount": _short(data.get("amount"), 64),
        "currency": _short(data.get("currency"), 16),
        "state": "completed",
        "purchased_at": at,
    }
    await insert_new(tx, purchase, [row], ["event_pk"])


def _short(value: Any, length: int = 255) -> str | None:
    return str(value)[:length] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


async def refunded(tx: Tx, customer_id: str, order_id: Any) -> None:
    """Mark a purchase as refunded; without an order nothing is."""
    if _short(order_id) is None:
        return
    mine = (purchase.c.customer_id == customer_id) & (purchase.c.order_id == _short(order_id))
    await tx.execute(update(purchase).where(mine).values(state="refunded"))


async def purchases(tx: Tx, customer_id: str) -> list[dict[str, Any]]:
    """The purchase history, newest first."""
    query = select(purchase).where(purchase.c.customer_id == customer_id)
    rows = await tx.execute(query.order_by(purchase.c.purchased_at.desc(), purchase.c.purchase_pk.desc()))
    return [dict(row) for row in rows.mappings()]
