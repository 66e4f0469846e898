"""Points of the loyalty programme: what purchases earn, and what events give and spend."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from journey.record.habits import money
from journey.record.loyalty import Booking, Earning
from store.database import Tx
from store.purchases import short
from store.sql import insert_new
from store.tables import booking, purchase, purchase_line

MOST = 1_000_000_000


async def book(tx: Tx, customer_id: str, event_pk: int, data: Mapping[str, Any], at: datetime, *, sign: int) -> None:
    """Points given (``sign`` 1) or spent (-1) by an event; the same event once. Without a number nothing is."""
    points = data.get("points")
    if not isinstance(points, int) or isinstance(points, bool) or not 0 < points <= MOST:
        return
    row = {
        "customer_id": customer_id,
        "event_pk": event_pk,
        "points": sign * points,
        "reason": short(data.get("reason")),
        "booked_at": at,
    }
    await insert_new(tx, booking, [row], ["event_pk"])


async def booked(tx: Tx, customer_id: str) -> list[Booking]:
    """What was given and spent, in order."""
    query = select(booking.c.booked_at, booking.c.points).where(booking.c.customer_id == customer_id)
    rows = await tx.execute(query.order_by(booking.c.booked_at, booking.c.booking_pk))
    return [Booking(row.booked_at, row.points) for row in rows]


async def earnings(tx: Tx, customer_id: str) -> list[Earning]:
    """The purchases that were not given back wholly, as the programme sees them."""
    mine = (purchase.c.customer_id == customer_id) & (purchase.c.state == "completed")
    columns = (purchase.c.purchase_pk, purchase.c.purchased_at, purchase.c.amount, purchase.c.refunded)
    rows = (await tx.execute(select(*columns, purchase.c.currency).where(mine))).all()
    query = (
        select(purchase_line)
        .join(purchase, purchase.c.purchase_pk == purchase_line.c.purchase_pk)
        .where(mine, purchase_line.c.sku.is_not(None))
    )
    kept: dict[int, dict[str, int]] = {}
    for line in await tx.execute(query):
        pieces = kept.setdefault(line.purchase_pk, {})
        pieces[line.sku] = pieces.get(line.sku, 0) + line.quantity - line.returned
    return [
        Earning(
            at=row.purchased_at,
            paid=money(row.amount) - money(row.refunded),
            currency=row.currency or "",
            kept=kept.get(row.purchase_pk, {}),
        )
        for row in rows
    ]


async def of_customer(tx: Tx, customer_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """What was given and spent, the newest first."""
    query = select(booking).where(booking.c.customer_id == customer_id)
    rows = await tx.execute(query.order_by(booking.c.booked_at.desc(), booking.c.booking_pk.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]
