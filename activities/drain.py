"""The drain: messages that had to wait are looked at again when they are due, service mail before lifecycle mail.

It sends nothing. It knocks at the journey, which asks for its message once more, and everything is checked again. A
knock that is lost is repeated, one too many does no harm.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from journey.engine import EngineDown
from store import outbox
from store.database import Database

log = logging.getLogger(__name__)

Knock = Callable[[str], Awaitable[None]]

TICK_SECONDS = 0.5
AT_ONCE = 50
"""How many are knocked at in one go."""
KNOCK_AGAIN = timedelta(minutes=1)
"""When a knock that led to nothing is repeated."""


class Drain:
    """``knock`` tells an instance that what it asked for may be tried again."""

    def __init__(self, db: Database, knock: Knock) -> None:
        self._db = db
        self._knock = knock

    async def run(self) -> None:
        """Look for due messages for ever."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self.some()
            except EngineDown:
                continue  # the bells say so, and what is due stays due
            except (DBAPIError, PoolTimeout) as error:
                log.warning("the store is away: %s", getattr(error, "orig", error))

    async def some(self) -> int:
        """Knock for some messages that are due; returns for how many."""
        async with self._db.read() as tx:
            waiting = await outbox.any_due(tx)
        if not waiting:
            return 0
        async with self._db.write() as tx:
            due = await outbox.take_due(tx, AT_ONCE, KNOCK_AGAIN)
        for instance_id in dict.fromkeys(one.instance_id for one in due):
            await self._knock(instance_id)
        return len(due)
