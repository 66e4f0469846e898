"""A person acts on running instances: the command and who gave it, in one transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from journey.commands import Command
from store import audit, instances
from store.database import Tx
from store.instances import Stale
from store.tables import delivery, inbox, instance


@dataclass(frozen=True)
class Wanted:
    """One act on one instance: ``seq`` is the last delivery that whoever acts has seen."""

    instance_id: str
    seq: int
    command: Command


async def give(tx: Tx, name: str, who: str, wanted: Wanted, *, key: str = "") -> int:
    """Place one command; returns its number. Raises Stale, and nothing is placed or written down."""
    (placed,) = await give_all(tx, name, who, [wanted], key=key)
    if isinstance(placed, Stale):
        raise placed
    return placed


async def give_all(
    tx: Tx, name: str, who: str, wanted: Collection[Wanted], *, key: str = "", about: dict[str, Any] | None = None
) -> list[int | Stale]:
    """Place many, each by itself: its number, or where the instance stands by now. ``key`` names the press of the
    button: pressed again, nothing is placed again. All instances are locked before the chain of the audit is: somebody
    who acts on one of them would wait for us, and we for them."""
    results: dict[str, int | Stale] = {}
    fresh = []
    for one in sorted(wanted, key=lambda one: one.instance_id):
        try:
            if key and (before := await _placed(tx, one.instance_id, key)):
                results[one.instance_id] = before
                continue
            seq = await instances.command(tx, one.instance_id, one.command, expected_seq=one.seq, key=key, soon=True)
            results[one.instance_id] = seq
            fresh.append(one)
        except Stale as stale:
            results[one.instance_id] = stale
    rows = await _rows(tx, [one.instance_id for one in fresh])
    for one in fresh:
        row = rows[one.instance_id]
        detail = {"journey": row.journey, "seq": results[one.instance_id], "step": row.step or "", **(about or {})}
        if to := getattr(one.command, "to", ""):
            detail["to"] = to
        await audit.note(
            tx,
            who,
            name,
            f"instance {one.instance_id}",
            customer_id=row.customer_id,
            reason=one.command.reason,
            detail=detail,
        )
    return [results[one.instance_id] for one in wanted]


async def _placed(tx: Tx, instance_id: str, key: str) -> int | None:
    mine = (delivery.c.instance_id == instance_id) & (delivery.c.command_key == key)
    seq: int | None = await tx.scalar(select(delivery.c.seq).where(mine))
    return seq


async def _rows(tx: Tx, instance_ids: list[str]) -> dict[str, Any]:
    columns = (instance.c.instance_id, instance.c.journey, instance.c.step, instance.c.customer_id)
    query = select(*columns).where(instance.c.instance_id.in_(instance_ids))
    return {row.instance_id: row for row in await tx.execute(query)}


async def heard(tx: Tx, instance_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """What an instance has received, the newest first: entry, events and commands, each with the event's type."""
    query = (
        select(delivery, inbox.c.type, inbox.c.receipt)
        .outerjoin(inbox, inbox.c.event_pk == delivery.c.event_pk)
        .where(delivery.c.instance_id == instance_id)
        .order_by(delivery.c.seq.desc())
        .limit(limit)
    )
    return [dict(row) for row in (await tx.execute(query)).mappings()]
