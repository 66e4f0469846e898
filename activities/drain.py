"""The drain: messages that had to wait are looked at again when they are due, service mail before lifecycle mail, no
more a second than the provider should get.

It sends nothing. It knocks at the journey, which asks for its message once more, and everything is checked again. A
knock that is lost is repeated, one too many does no harm. Of all processes one drains a lane at a time.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from journey import circuit
from journey.engine import EngineDown
from journey.policies import per_second
from store import definitions, lanes, outbox
from store.clock import now
from store.database import Database, Tx
from store.outbox import Due

log = logging.getLogger(__name__)

Knock = Callable[[str], Awaitable[None]]

TICK = timedelta(seconds=0.5)
LEASE = timedelta(seconds=10)
TIDY_EVERY = 20
"""Looks between two searches for messages that nobody asks for any more."""
KNOCK_AGAIN = timedelta(minutes=1)
"""When a knock that led to nothing is repeated."""
TRY_AGAIN = timedelta(seconds=30)
"""When another message tries a closed lane, if nothing is heard of the first."""


class Drain:
    """``knock`` tells an instance that what it asked for may be tried again."""

    def __init__(self, db: Database, knock: Knock) -> None:
        self._db = db
        self._knock = knock
        self._credit: dict[str, float] = {}
        self._looks = 0
        self._me = secrets.token_hex(8)

    async def run(self) -> None:
        """Look for due messages for ever."""
        while True:
            await asyncio.sleep(TICK.total_seconds())
            try:
                await self.some()
            except EngineDown:
                continue  # the bells say so, and what is due stays due
            except (DBAPIError, PoolTimeout) as error:
                log.warning("the store is away: %s", getattr(error, "orig", error))

    async def some(self) -> int:
        """Knock for some messages that are due; returns for how many."""
        self._looks += 1
        if self._looks % TIDY_EVERY == 0:
            async with self._db.write() as tx:
                await outbox.settle_what_nobody_asks_for(tx)
        async with self._db.read() as tx:
            names = {*await outbox.lanes_with_due(tx), *await lanes.draining(tx)}
        due: list[Due] = []
        for name in sorted(names):
            async with self._db.write() as tx:
                if await lanes.lease(tx, name, self._me, LEASE):
                    due += await self._due(tx, name)
        for instance_id in dict.fromkeys(one.instance_id for one in due):
            await self._knock(instance_id)
        return len(due)

    async def _due(self, tx: Tx, name: str) -> list[Due]:
        """What may be looked at now. While the lane is closed that is what is decided and whose journey waits for the
        answer, and from time to time one message that tries the way."""
        lane, _ = await lanes.read(tx, name, to_change=True)
        count = await self._count(tx, name)
        if not lane.closed:
            due = await outbox.take_due(tx, name, count, KNOCK_AGAIN) if count else []
            if lane.state == "draining" and not await outbox.held_for_lane(tx, name):
                await lanes.write(tx, name, circuit.drained(lane, now()))
            return due
        due = await outbox.take_due(tx, name, max(count, 1), KNOCK_AGAIN, decided=True)
        if lane.try_at is not None and lane.try_at <= now():
            for one in await outbox.take_due(tx, name, 1, KNOCK_AGAIN):
                await lanes.may_try(tx, name, one.send_key, TRY_AGAIN)
                due.append(one)
        return due

    async def _count(self, tx: Tx, name: str) -> int:
        """How many may go in this look, by the rate that the policies say; less than one is saved up."""
        rate = (await definitions.the_policies(tx)).rate(name)
        a_look = per_second(rate.after_an_outage) * TICK.total_seconds()
        credit = min(self._credit.get(name, 0.0), 1.0) + a_look
        self._credit[name] = credit - int(credit)
        return int(credit)
