"""Carries out what was said of whole journeys: pauses everybody on a held one, and lets them go on, some at a time.

Each round takes up where the last one stopped: a command has the halt's name, and is placed once.
"""

import asyncio
import logging
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.bells import Routed
from gateway.router import Ringing
from journey.inputs import Event
from journey.routing import Refusal, wish
from store import beginnings, customers, definitions, halts, identity, inbox, timeline
from store.clock import now
from store.database import Database, Tx

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
AT_ONCE = 200


class Halts:
    """Works until it is stopped."""

    def __init__(self, db: Database, bells: Ringing, pace: float = 1.0) -> None:
        self._db = db
        self._bells = bells
        self._pace = pace

    async def run(self) -> None:
        """Round after round; a store that is away is waited for."""
        while True:
            try:
                while await self.some():
                    pass
            except (DBAPIError, PoolTimeout) as error:
                log.warning("the store is away: %s", getattr(error, "orig", error))
            await asyncio.sleep(ROUND_SECONDS)

    async def some(self) -> int:
        """Do some of what is left to do; returns for how many instances."""
        async with self._db.read() as tx:
            rows = await halts.unfinished(tx)
        count = 0
        for row in rows:
            routed = Routed()
            async with self._db.write() as tx:
                await beginnings.one_decides(tx)
                step = self._pause if row["lifted_at"] is None else self._go_on
                await step(tx, row, routed)
            self._bells.put(routed)
            count += len(routed.bells) + len(routed.begun)
        return count

    async def _pause(self, tx: Tx, row: dict[str, Any], routed: Routed) -> None:
        routed.bells += [(one, seq, None) for one, seq in await halts.pause_some(tx, row, AT_ONCE)]

    async def _go_on(self, tx: Tx, row: dict[str, Any], routed: Routed) -> None:
        routed.bells += [(one, seq, None) for one, seq in await halts.resume_some(tx, row, AT_ONCE)]
        waiting = await halts.waiting(tx, row, AT_ONCE)
        for event_pk, customer_id in waiting:
            await self._begin(tx, row["journey"], event_pk, customer_id, routed)
            await halts.begun(tx, row, event_pk)
        if not routed.bells and not waiting:
            await halts.done(tx, row)

    async def _begin(self, tx: Tx, name: str, event_pk: int, customer_id: str, routed: Routed) -> None:
        """Begin what an event would have begun; the customer may be part of another one by now."""
        journey = (await definitions.active(tx)).get(name)
        who = await identity.find(tx, customer_id)
        if journey is None or who is None:
            return
        came = await inbox.whole(tx, event_pk)
        known = await customers.known(tx, who["customer_id"])
        wanted = wish(journey, came["data"], known, now())
        if isinstance(wanted, Refusal):
            return
        event = Event(type=came["type"], data=came["data"], at=now())
        begun = await beginnings.begin(tx, wanted, who["customer_id"], event, pace=self._pace, event_pk=event_pk)
        if not isinstance(begun, str):
            await timeline.add(tx, [begun.line])
            routed.begun.append(begun.launch)
