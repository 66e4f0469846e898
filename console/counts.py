"""Counts over everything, which take long when there is much: then they are kept for a while, and counted anew behind
the page that asks. With fewer than ``MUCH`` journeys in the store every page counts for itself."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from store import pages
from store.database import Database, Tx

log = logging.getLogger(__name__)

MUCH = 20_000
TIMES = 20.0
LONGEST_S = 60.0
"""A count is kept ``TIMES`` as long as it took, at most ``LONGEST_S``."""
MOST = 500
T = TypeVar("T")


@dataclass
class _Kept(Generic[T]):
    value: T
    until: float


class Counts:
    """The counts of one process."""

    def __init__(self, db: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._clock = clock
        self._kept: dict[str, _Kept[Any]] = {}
        self._behind: dict[str, asyncio.Task[Any]] = {}
        self._much = False

    async def tallies(self) -> list[dict[str, Any]]:
        """How many instances each journey has, by state and outcome; they say whether there is much."""
        found = await self.of("tallies", pages.tallies)
        self._much = sum(tally["count"] for tally in found) >= MUCH
        return found

    async def of(self, name: str, count: Callable[[Tx], Awaitable[T]]) -> T:
        """What is counted, or what it was a while ago."""
        kept = self._kept.get(name) if self._much else None
        if kept is None:
            return await self._count(name, count)
        if self._clock() >= kept.until and name not in self._behind:
            task = asyncio.create_task(self._again(name, count))
            self._behind[name] = task
            task.add_done_callback(lambda _: self._behind.pop(name, None))
        value: T = kept.value
        return value

    async def _again(self, name: str, count: Callable[[Tx], Awaitable[Any]]) -> None:
        try:
            await self._count(name, count)
        except (SQLAlchemyError, TimeoutError, OSError) as problem:
            log.warning("nothing could be counted: %s", str(problem).split("\n")[0])

    async def _count(self, name: str, count: Callable[[Tx], Awaitable[T]]) -> T:
        began = self._clock()
        async with self._db.read() as tx:
            value = await count(tx)
        took = self._clock() - began
        if not self._much and name != "tallies":
            return value
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[name] = _Kept(value, self._clock() + min(took * TIMES, LONGEST_S))
        return value
