"""The lists that people keep for themselves."""

from sqlalchemy import delete, select

from store.clock import now
from store.database import Tx
from store.sql import put
from store.tables import saved_view

MOST = 30
"""So many each person may keep."""


async def of(tx: Tx, staff_id: str) -> dict[str, str]:
    """Somebody's lists: name and query, by name."""
    mine = select(saved_view.c.name, saved_view.c.query).where(saved_view.c.staff_id == staff_id)
    return {row.name: row.query for row in await tx.execute(mine.order_by(saved_view.c.name))}


async def save(tx: Tx, staff_id: str, name: str, query: str) -> bool:
    """Keep a list under a name, in place of the one of that name; False if there are too many."""
    kept = await of(tx, staff_id)
    if name not in kept and len(kept) >= MOST:
        return False
    row = {"staff_id": staff_id, "name": name, "query": query, "saved_at": now()}
    await put(tx, saved_view, row, ["staff_id", "name"])
    return True


async def drop(tx: Tx, staff_id: str, name: str) -> None:
    """Keep it no longer."""
    await tx.execute(delete(saved_view).where(saved_view.c.staff_id == staff_id, saved_view.c.name == name))
