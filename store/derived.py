"""What follows from the rows of other tables, kept with the customer so that no condition has to count.

Written whenever something changes that it follows from. It reads one customer's rows, however many customers there are.
"""

from typing import Any

from sqlalchemy import select, update

from journey.record.contacts import LAST, preferred
from journey.record.habits import habits
from journey.record.loyalty import Booking, Earning, account
from journey.record.rules import Rules
from store import bookings, complaints, consents, owned, purchases, rules, timeline
from store.database import Tx
from store.tables import customer, membership

_OWNED = ("sku", "name", "version", "serial", "quantity", "warranty_until")


async def refresh(tx: Tx, customer_id: str) -> dict[str, Any]:
    """Work out anew what follows for one customer, keep it and return it."""
    in_force = await rules.in_force(tx)
    await purchases.settle(tx, customer_id)
    await owned.follow(tx, customer_id, in_force.products)
    words = await consents.in_force(tx, customer_id)
    has = await owned.of_customer(tx, customer_id)
    found = {
        "segments": await _inside(tx, customer_id),
        **habits(await purchases.kept(tx, customer_id)),
        **account(in_force.loyalty, *await _account(tx, in_force, customer_id)),
        "consents": [topic for topic, given in words.items() if given],
        "open_complaints": await complaints.open_count(tx, customer_id),
        "declined": [topic for topic, given in words.items() if not given],
        "owned": [
            {name: row[name] for name in _OWNED if row[name] is not None} | {"since": row["since"].date().isoformat()}
            for row in has
        ],
    }
    values = {"derived": found, "ruled_by": in_force.hash}
    if (way := preferred(await timeline.ways(tx, customer_id, LAST))) is not None:
        found["preferred_channel"] = way
    await tx.execute(update(customer).where(customer.c.customer_id == customer_id).values(**values))
    return found


async def _inside(tx: Tx, customer_id: str) -> list[str]:
    """The segments that the customer is in."""
    mine = (membership.c.customer_id == customer_id) & membership.c.left_at.is_(None)
    return sorted(set(await tx.scalars(select(membership.c.segment).where(mine))))


async def _account(tx: Tx, in_force: Rules, customer_id: str) -> tuple[list[Earning], list[Booking]]:
    if in_force.loyalty is None:
        return [], []
    return await bookings.earnings(tx, customer_id), await bookings.booked(tx, customer_id)
