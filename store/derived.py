"""What follows from the rows of other tables, kept with the customer so that no condition has to count.

Written whenever something changes that it follows from. It reads one customer's rows, however many customers there are.
"""

from typing import Any

from sqlalchemy import func, select, update

from store import consents
from store.database import Tx
from store.tables import customer, purchase


async def refresh(tx: Tx, customer_id: str) -> dict[str, Any]:
    """Work out anew what follows for one customer, keep it and return it."""
    mine = (purchase.c.customer_id == customer_id) & (purchase.c.state == "completed")
    orders = (await tx.execute(select(func.count()).select_from(purchase).where(mine))).scalar_one()
    words = await consents.in_force(tx, customer_id)
    found = {
        "orders": orders,
        "consents": [topic for topic, given in words.items() if given],
        "declined": [topic for topic, given in words.items() if not given],
    }
    await tx.execute(update(customer).where(customer.c.customer_id == customer_id).values(derived=found))
    return found
