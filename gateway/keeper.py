"""The keeper of the record: asks again about customers when a day has come or the rules have changed.

Whom an event is about is asked at once by the router; the keeper is for everybody else. Two keepers at once do the same
work twice and no harm.
"""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store import changes, rules, segments
from store.database import Database, passing

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
BATCH = 100
LATER = timedelta(hours=1)
"""When a customer who cannot be asked about is tried again."""


class Keeper:
    """Looks every two seconds. ``awake`` is the router's bell: what somebody entered or left is an event."""

    def __init__(self, db: Database, awake: asyncio.Event) -> None:
        self._db = db
        self._awake = awake

    async def run(self) -> None:
        """Keep for ever. A store that is away is waited for."""
        while True:
            try:
                count = await self.keep_some()
            except (DBAPIError, PoolTimeout) as error:
                log.warning("the store is away: %s", getattr(error, "orig", error))
                count = 0
            if count < BATCH:
                await asyncio.sleep(POLL_SECONDS)

    async def keep_some(self) -> int:
        """Ask about those who wait, at most ``BATCH``; returns how many there were."""
        async with self._db.read() as tx:
            waiting = await segments.waiting(tx, await rules.in_force(tx), BATCH)
        for customer_id, because in waiting:
            await self._keep(customer_id, because)
        if waiting:
            self._awake.set()
        return len(waiting)

    async def _keep(self, customer_id: str, because: str) -> None:
        """Ask about one. Whatever is wrong with one customer, the others are asked about."""
        try:
            async with self._db.write() as tx:
                await changes.changed(tx, customer_id, because)
        except DBAPIError as error:
            if passing(error):
                raise
            await self._put_off(customer_id, error)
        except Exception as error:  # noqa: BLE001  see above
            await self._put_off(customer_id, error)

    async def _put_off(self, customer_id: str, error: BaseException) -> None:
        log.error("customer %s cannot be asked about", customer_id, exc_info=error)
        async with self._db.write() as tx:
            await segments.put_off(tx, customer_id, await rules.in_force(tx), LATER)
