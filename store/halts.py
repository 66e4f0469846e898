"""Holding and draining whole journeys."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from journey.commands import Pause, Resume
from store import instances
from store.clock import now
from store.database import Tx
from store.instances import Stale
from store.sql import insert_new, one_at_a_time
from store.tables import delivery, halt, instance, waiting_start

HALTING = 7_310_053
HOLD, DRAIN = "hold", "drain"


async def in_force(tx: Tx) -> dict[str, dict[str, Any]]:
    """The journeys that are stopped, each with how, since when, by whom, why, and how many wait to begin."""
    waiting = select(func.count()).where(waiting_start.c.halt_id == halt.c.halt_id).scalar_subquery()
    rows = await tx.execute(select(halt, waiting.label("waiting")).where(halt.c.lifted_at.is_(None)))
    return {row["journey"]: dict(row) for row in rows.mappings()}


async def stop(tx: Tx, journey: str, how: str, who: str, reason: str) -> bool:
    """Hold or drain a journey; False if it is stopped already."""
    await one_at_a_time(tx, HALTING)
    if journey in await in_force(tx):
        return False
    row = {"halt_id": secrets.token_hex(8), "journey": journey, "how": how, "who": who, "reason": reason}
    await tx.execute(halt.insert().values(**row, since=now()))
    return True


async def lift(tx: Tx, journey: str) -> bool:
    """Let a journey go on; False if it is not stopped."""
    await one_at_a_time(tx, HALTING)
    stopped = (halt.c.journey == journey) & halt.c.lifted_at.is_(None)
    return (await tx.execute(update(halt).where(stopped).values(lifted_at=now()))).rowcount == 1


async def against_beginning(tx: Tx, journey: str, customer_id: str, event_pk: int | None) -> str:
    """Why nobody may begin this journey now; '' if somebody may. Whoever an event would begin a held one for waits."""
    query = select(halt.c.halt_id, halt.c.how).where(halt.c.journey == journey, halt.c.lifted_at.is_(None))
    row = (await tx.execute(query)).first()
    if row is None:
        return ""
    if row.how == DRAIN:
        return "it takes nobody new: it is being drained"
    if event_pk is not None:
        waits = {"halt_id": row.halt_id, "event_pk": event_pk, "customer_id": customer_id}
        await insert_new(tx, waiting_start, [waits], ["halt_id", "event_pk"])
    return "it is held; this customer begins when it goes on"


async def unfinished(tx: Tx) -> list[dict[str, Any]]:
    """The halts about which something may be left to do, the oldest first."""
    open_ = (halt.c.done_at.is_(None)) & ((halt.c.how == HOLD) | halt.c.lifted_at.is_not(None))
    rows = await tx.execute(select(halt).where(open_).order_by(halt.c.since))
    return [dict(row) for row in rows.mappings()]


async def pause_some(tx: Tx, row: dict[str, Any], limit: int) -> list[tuple[str, int]]:
    """Pause some of those on a held journey who are not yet paused by it; (instance, number) of each."""
    key, command = f"hold:{row['halt_id']}", Pause(at=row["since"], by=row["who"], reason=row["reason"][:300])
    running = (instance.c.journey == row["journey"]) & (instance.c.state == "running") & instance.c.paused_at.is_(None)
    query = select(instance.c.instance_id).where(running, ~_heard(key))
    return await _place(tx, query, key, command, limit)


async def resume_some(tx: Tx, row: dict[str, Any], limit: int) -> list[tuple[str, int]]:
    """Resume some of those whom it has paused; their waits are longer by the length of the pause."""
    key = f"lift:{row['halt_id']}"
    at: datetime = row["lifted_at"]
    held = instance.c.state == "running"
    query = select(instance.c.instance_id).where(held, _heard(f"hold:{row['halt_id']}"), ~_heard(key))
    return await _place(tx, query, key, Resume(at=at, by=row["who"], waits="extend"), limit)


def _heard(key: str) -> Any:
    return (
        select(delivery.c.seq)
        .where(delivery.c.instance_id == instance.c.instance_id, delivery.c.command_key == key)
        .exists()
    )


async def _place(tx: Tx, query: Any, key: str, command: Pause | Resume, limit: int) -> list[tuple[str, int]]:
    placed = []
    for instance_id in list(await tx.scalars(query.order_by(instance.c.instance_id).limit(limit))):
        try:
            placed.append((instance_id, await instances.command(tx, instance_id, command, key=key)))
        except Stale:
            continue  # it has just ended
    return placed


async def waiting(tx: Tx, row: dict[str, Any], limit: int) -> list[tuple[int, str]]:
    """Some of those who wait to begin a journey that goes on: the event and the customer of each."""
    query = select(waiting_start.c.event_pk, waiting_start.c.customer_id)
    query = query.where(waiting_start.c.halt_id == row["halt_id"]).order_by(waiting_start.c.event_pk).limit(limit)
    return [(one.event_pk, one.customer_id) for one in await tx.execute(query)]


async def begun(tx: Tx, row: dict[str, Any], event_pk: int) -> None:
    """Somebody waits no longer."""
    mine = (waiting_start.c.halt_id == row["halt_id"]) & (waiting_start.c.event_pk == event_pk)
    await tx.execute(delete(waiting_start).where(mine))


async def done(tx: Tx, row: dict[str, Any]) -> None:
    """Everybody goes on."""
    await tx.execute(update(halt).where(halt.c.halt_id == row["halt_id"]).values(done_at=now()))
