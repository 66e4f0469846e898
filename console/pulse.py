"""Whether anything has changed: one look a second at the ends of what only grows (timeline, inbox, audit)."""

import asyncio
import time

from sqlalchemy.exc import SQLAlchemyError

from store import pages
from store.database import Database

LOOK_SECONDS = 1.0


class Pulse:
    """What the store has come to, looked at once a second at most, whoever asks."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._mark = ""
        self._looked = float("-inf")
        self._turn = asyncio.Lock()

    async def mark(self) -> str:
        """Another text when something has changed; the last one while the store is away."""
        async with self._turn:
            if time.monotonic() - self._looked >= LOOK_SECONDS:
                try:
                    async with self._db.read() as tx:
                        self._mark = await pages.mark(tx)
                except (SQLAlchemyError, TimeoutError, OSError):
                    pass
                self._looked = time.monotonic()
        return self._mark
