"""By what customers are known."""

from sqlalchemy import select

from journey.identity import KINDS
from store.database import Tx
from store.tables import customer_alias


async def of_customer(tx: Tx, customer_id: str) -> list[dict[str, str]]:
    """By what a customer is known: kind and value, the strongest kind first."""
    query = select(customer_alias.c.kind, customer_alias.c.value).where(customer_alias.c.customer_id == customer_id)
    found = [dict(row) for row in (await tx.execute(query)).mappings()]
    return sorted(found, key=lambda one: (KINDS.index(one["kind"]), one["value"]))
