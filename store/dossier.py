"""Everything that the record holds of one customer, as one value: for the API, for people at a terminal, for export."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from journey.customer import FOLLOWS
from store import consents, customers, identity, merges, names, organisations, segments
from store.database import Tx
from store.tables import customer, membership

PERSON = (
    "email", "name", "first_name", "last_name", "phone", "locale", "time_zone", "birth_date", "gender", "address",
)  # fmt: skip
LISTS = ("consents", "declined", "segments", "organisation", "products", "recommended", "owns")
"""What stands in the record under a name of its own and not among the facts, or can be asked for by itself."""


async def record(tx: Tx, row: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a customer (a row of ``customer``)."""
    customer_id = row["customer_id"]
    known = await customers.known(tx, customer_id)
    company = await organisations.get(tx, row["organisation_id"])
    return {
        **short(row),
        **{name: row[name] for name in PERSON},
        "organisation": _company(company) if company else None,
        "attributes": row["attributes"],
        "names": await names.of_customer(tx, customer_id),
        "consent": await consents.in_force(tx, customer_id),
        "segments": known["segments"],
        "products": known["products"],
        "recommended": known["recommended"],
        "facts": {name: known[name] for name in FOLLOWS if name in known and name not in LISTS},
    }


def short(row: Mapping[str, Any]) -> dict[str, Any]:
    """A customer as lists show them."""
    return {
        "customer_id": row["customer_id"],
        "id": row["external_id"],
        "email": row["email"],
        "name": row["name"],
        "tags": row["tags"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def _company(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": row["external_id"], "name": row["name"], "attributes": row["attributes"]}


async def found(tx: Tx, reference: str) -> dict[str, Any] | None:
    """The record behind a reference (``store.identity.find``)."""
    row = await identity.find(tx, reference)
    return await record(tx, row) if row else None


async def history(tx: Tx, customer_id: str) -> dict[str, Any]:
    """What changed the record itself: words of consent, segments entered and left, merges."""
    return {
        "consents": await consents.history(tx, customer_id),
        "segments": await segments.of_customer(tx, customer_id),
        "merges": await merges.of_customer(tx, customer_id),
    }


async def rows(tx: Tx, after: str, size: int, *, segment: str = "") -> list[dict[str, Any]]:
    """Customers (or those in a segment) by our id, behind one."""
    query = select(customer).where(
        customer.c.merged_into.is_(None), customer.c.erased_at.is_(None), customer.c.customer_id > after
    )
    if segment:
        inside = (membership.c.segment == segment) & membership.c.left_at.is_(None)
        query = query.where(customer.c.customer_id.in_(select(membership.c.customer_id).where(inside)))
    found = (await tx.execute(query.order_by(customer.c.customer_id).limit(size))).mappings()
    return [dict(row) for row in found]
