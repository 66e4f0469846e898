"""Whom we may not write to, and until when somebody wants to hear nothing."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, text

from store.clock import now
from store.database import Tx
from store.sql import put
from store.tables import silence, suppression


async def suppress(tx: Tx, mark: str, reason: str, source: str, until: datetime | None = None) -> None:
    """From this commit on nothing goes to the address behind this mark. For good is not made shorter."""
    if tx.dialect.name == "postgresql":
        await tx.execute(_BARRIERS_WAIT, {"mark": mark})
    held = (await tx.execute(select(suppression.c.until).where(suppression.c.mark == mark))).first()
    if held is not None and held.until is None:
        return
    row = {"mark": mark, "reason": reason[:300], "source": source, "since": now(), "until": until}
    await put(tx, suppression, row, ["mark"])


_BARRIERS_WAIT = text("SELECT pg_advisory_xact_lock(hashtextextended(:mark, 0))")
"""See ``store.ledger.at_dot``."""


async def lift(tx: Tx, mark: str) -> bool:
    """Write to it again. False if it was not suppressed."""
    return (await tx.execute(delete(suppression).where(suppression.c.mark == mark))).rowcount == 1


async def suppressed(tx: Tx, mark: str) -> dict[str, Any] | None:
    """The suppression in force, if there is one."""
    row = (await tx.execute(select(suppression).where(in_force(mark, now())))).mappings().first()
    return dict(row) if row else None


def in_force(mark: Any, moment: Any) -> ColumnElement[bool]:
    """The row of this mark, if it holds at this moment."""
    return and_(suppression.c.mark == mark, or_(suppression.c.until.is_(None), suppression.c.until > moment))


async def be_silent(tx: Tx, customer_id: str, length: timedelta | None) -> None:
    """The customer wants no lifecycle mail for so long; None: from now on again."""
    if length is None:
        await tx.execute(delete(silence).where(silence.c.customer_id == customer_id))
        return
    row = {"customer_id": customer_id, "until": now() + length, "said_at": now()}
    await put(tx, silence, row, ["customer_id"])


async def silent_until(tx: Tx, customer_id: str) -> datetime | None:
    """Until when the customer wants no lifecycle mail; None if they want it."""
    query = select(silence.c.until).where(silence.c.customer_id == customer_id, silence.c.until > now())
    found: datetime | None = (await tx.execute(query)).scalar_one_or_none()
    return found
