"""What follows from the rows of other tables, kept with the customer so that no condition has to count.

Written whenever something changes that it follows from. It reads one customer's rows, however many customers there are.
"""

from typing import Any

from sqlalchemy import update

from journey.record.habits import habits
from store import consents, owned, purchases, rules
from store.database import Tx
from store.tables import customer

_OWNED = ("sku", "name", "version", "serial", "quantity", "warranty_until")


async def refresh(tx: Tx, customer_id: str) -> dict[str, Any]:
    """Work out anew what follows for one customer, keep it and return it."""
    in_force = await rules.in_force(tx)
    await purchases.settle(tx, customer_id)
    await owned.follow(tx, customer_id, in_force.products)
    words = await consents.in_force(tx, customer_id)
    has = await owned.of_customer(tx, customer_id)
    found = {
        **habits(await purchases.kept(tx, customer_id)),
        "consents": [topic for topic, given in words.items() if given],
        "declined": [topic for topic, given in words.items() if not given],
        "owned": [
            {name: row[name] for name in _OWNED if row[name] is not None} | {"since": row["since"].date().isoformat()}
            for row in has
        ],
    }
    await tx.execute(update(customer).where(customer.c.customer_id == customer_id).values(derived=found))
    return found
