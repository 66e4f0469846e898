"""The lanes: the way to each provider, shared by all processes."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update

from journey import metering
from journey.circuit import Circuit
from journey.metering import Full, Meter
from journey.policies import Rate
from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import lane, message

WAITS = "lane"
"""``waits`` of a message that is held for its lane."""


async def read(tx: Tx, name: str, *, to_change: bool = False) -> tuple[Circuit, str | None]:
    """The lane, and the message that may try while it is closed. Locks it on PostgreSQL if ``to_change``."""
    query = select(lane).where(lane.c.name == name)
    row = (await tx.execute(query.with_for_update() if to_change else query)).first()
    if row is None:
        return Circuit(), None
    return Circuit(row.state, row.reason, row.since, row.tries, row.try_at), row.trying


async def write(tx: Tx, name: str, circuit: Circuit) -> None:
    """Keep the lane as it is now; nobody is trying."""
    values = {
        "state": circuit.state,
        "reason": circuit.reason,
        "since": circuit.since,
        "tries": circuit.tries,
        "try_at": circuit.try_at,
        "trying": None,
    }
    await _there(tx, name)
    await tx.execute(update(lane).where(lane.c.name == name).values(**values))


async def may_try(tx: Tx, name: str, key: str, again: timedelta) -> None:
    """One message may go while the lane is closed; another one if nothing is heard of it for a while (``again``)."""
    await tx.execute(update(lane).where(lane.c.name == name).values(trying=key, try_at=now() + again))


async def take(tx: Tx, name: str, rate: Rate, moment: datetime) -> Full | None:
    """One message more for this provider; why not, if it can take no more now."""
    if rate.per_second is None and rate.warm_up is None:
        return None
    await _there(tx, name)
    row = (await tx.execute(select(lane).where(lane.c.name == name).with_for_update())).one()
    day = date.fromisoformat(row.day) if row.day else None
    taken = metering.take(Meter(row.tokens, row.tokens_at, day, row.sent_that_day), rate, moment)
    if isinstance(taken, Full):
        return taken
    values = {
        "tokens": taken.tokens,
        "tokens_at": taken.at,
        "day": taken.day.isoformat() if taken.day else None,
        "sent_that_day": taken.sent,
    }
    await tx.execute(update(lane).where(lane.c.name == name).values(**values))
    return None


async def lease(tx: Tx, name: str, drainer: str, length: timedelta) -> bool:
    """Be the one process that lets this lane's held messages go, for a while."""
    await _there(tx, name)
    moment = now()
    free = or_(lane.c.drainer.is_(None), lane.c.drainer == drainer, lane.c.drains_until <= moment)
    mine = update(lane).where(lane.c.name == name, free).values(drainer=drainer, drains_until=moment + length)
    return (await tx.execute(mine)).rowcount == 1


async def draining(tx: Tx) -> list[str]:
    """The lanes that are open again and let go what was held."""
    return list(await tx.scalars(select(lane.c.name).where(lane.c.state == "draining")))


async def closed(tx: Tx) -> list[dict[str, Any]]:
    """The lanes that hold messages, each with how many wait."""
    held = select(func.count()).where(message.c.channel == lane.c.name, message.c.waits == WAITS).scalar_subquery()
    query = select(lane.c.name, lane.c.state, lane.c.reason, lane.c.since, lane.c.try_at, held.label("held"))
    rows = await tx.execute(query.where(lane.c.state != "open").order_by(lane.c.name))
    return [dict(row) for row in rows.mappings()]


async def _there(tx: Tx, name: str) -> None:
    row = {"name": name, "state": "open", "reason": "", "tries": 0}
    await insert_new(tx, lane, [row], ["name"])
