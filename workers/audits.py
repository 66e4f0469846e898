"""The audit for people at a terminal."""

from __future__ import annotations

from store import audit
from store.audit import Broken
from workers.mistakes import UserMistake
from workers.settings import settings_in_force
from workers.staff import opened


async def listing(who: str, limit: int) -> str:
    """What people did last, the newest first."""
    async with opened(settings_in_force()) as db, db.read() as tx:
        rows = await audit.recent(tx, limit, who=who)
    lines = [
        f"{row['number']:>6}  {row['at']:%Y-%m-%d %H:%M:%S}  {row['who']}: {row['what']}, {row['about']}"
        + (f" ({row['reason']})" if row["reason"] else "")
        for row in rows
    ]
    return "\n".join(lines) or "Nobody has done anything yet."


async def verified(head: str) -> str:
    """That the chain holds, and its last hash. Raises UserMistake if it does not."""
    async with opened(settings_in_force()) as db, db.read() as tx:
        found = await audit.verify(tx)
        missing = bool(head) and not await audit.has(tx, head)
    if isinstance(found, Broken):
        raise UserMistake(
            f"the chain is broken at row {found.number}: {found.why}. Somebody has changed the database by hand;"
            " compare with a backup"
        )
    if missing:
        raise UserMistake("the chain holds, but the hash you kept is not in it: rows were cut off, or it is another's")
    return f"The chain holds: {found.rows} rows. Keep the last hash elsewhere:\n\n  {found.hash}\n"
