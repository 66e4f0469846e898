"""What an event would come to, said beforehand: it is taken and routed as ever, and nothing of it is kept."""

import asyncio
from typing import Any

from gateway.bells import Routed
from gateway.router import Router
from store import inbox
from store.database import Database
from store.inbox import NewEvent


class _Unheard:
    """In the place of the bells: nothing was begun, so nobody is told."""

    def put(self, routed: Routed) -> None:
        """Nothing rings."""


class Foresight:
    """Says what events would come to. ``pace`` as for the router."""

    def __init__(self, db: Database, pace: float = 1.0) -> None:
        self._db = db
        self._router = Router(db, _Unheard(), asyncio.Event(), pace)

    async def of(self, event: NewEvent) -> dict[str, Any]:
        """The receipt that the event would have after it was routed. Events that were accepted and not routed yet are
        not taken into account."""
        await self._router.look_at_definitions()
        async with self._db.write() as tx:
            [receipt] = await inbox.accept(tx, [event])
            row = await inbox.by_receipt(tx, receipt.receipt)
            if receipt.state == "accepted":
                await self._router.decide(tx, row)
                row = await inbox.by_receipt(tx, receipt.receipt)
            await tx.rollback()
        return {"source": event.source, "id": event.event_id, "state": receipt.state, "would_be": _shown(row)}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Without the ids of instances that do not exist."""
    result = dict(row["result"] or {})
    if result.get("started"):
        result["started"] = [{"journey": one["journey"]} for one in result["started"]]
    return {"state": row["state"], "result": result}
