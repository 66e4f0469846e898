"""Customers: what is known of them, and what journeys set."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, update

from journey.customer import facts
from journey.effects import UpdateCustomer
from journey.identity import news
from store import rules
from store.clock import now
from store.database import Tx
from store.sayings import columns, said_now, sayings
from store.tables import customer, organisation


async def change(tx: Tx, customer_id: str, write: UpdateCustomer) -> None:
    """What a journey sets: contact fields and attributes by name, tags added and removed. It is said now."""
    query = select(customer).where(customer.c.customer_id == customer_id)
    row = dict((await tx.execute(query.with_for_update(key_share=True))).mappings().one())
    said = said_now(write.attributes, now())
    tags = sorted((set(row["tags"]) | set(write.add_tags)) - set(write.remove_tags))
    values = columns(row, news(sayings(row), said)) | {"tags": tags, "updated_at": now()}
    await tx.execute(update(customer).where(customer.c.customer_id == customer_id).values(**values))


async def known(tx: Tx, customer_id: str) -> dict[str, Any]:
    """The record as conditions and texts see it (``journey.customer.facts``), now."""
    return await seen(tx, dict((await tx.execute(_KNOWN, {"of": customer_id})).mappings().one()))


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


async def seen(tx: Tx, row: Mapping[str, Any]) -> dict[str, Any]:
    """The record as conditions and texts see it, from a row of ``RECORD``."""
    return facts(record_of(row), await rules.in_force(tx), now())


def record_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What ``journey.customer.facts`` reads, from a row of ``RECORD``."""
    theirs = {**(row["their_attributes"] or {}), "id": row["their_id"], "name": row["their_name"]}
    own = {name: value for name, value in theirs.items() if value is not None}
    return {**row, "id": row["external_id"] or row["customer_id"], "organisation": own or None}
