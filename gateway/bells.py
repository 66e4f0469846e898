"""Ringing: after a commit, workflows are started or told that something has come.

Ringing twice harms nobody, and what could not be rung is rung by the sweeper, so nothing here has to succeed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError

from journey.engine import Engine, EngineDown
from journey.inputs import Entry, Event
from journey.state import State
from journey.work import Launch
from store import instances
from store.database import Database

log = logging.getLogger(__name__)

AT_ONCE = 16
"""How many bells ring at the same time."""
WAITING = 2_000
"""How many wait in memory; the sweeper rings the rest."""
SWEEP_SECONDS = 2.0
UNHEARD_FOR = timedelta(seconds=5)
OVERDUE_BY = timedelta(seconds=30)
SWEEP_LIMIT = 500


GONE = "its workflow was ended in Temporal by hand; `wayfare rebuild` begins it again where it stood"


@dataclass
class Routed:
    """What one event came to: instances begun, and bells to ring (instance, number, event)."""

    begun: list[str] = field(default_factory=list)
    bells: list[tuple[str, int, Event]] = field(default_factory=list)


class Bells:
    """Rings what was routed, and sweeps for what was not heard."""

    def __init__(self, db: Database, engine: Engine) -> None:
        self._db = db
        self._engine = engine
        self._queue: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue(WAITING)
        self._down = False

    def put(self, routed: Routed) -> None:
        """Ring soon, without waiting."""
        for instance_id in routed.begun:
            self._soon(lambda instance_id=instance_id: self._start(instance_id))  # type: ignore[misc]
        for instance_id, upto, event in routed.bells:
            self._soon(lambda i=instance_id, u=upto, e=event: self._ring(i, u, e))  # type: ignore[misc]

    def _soon(self, job: Callable[[], Awaitable[None]]) -> None:
        if not self._down and not self._queue.full():
            self._queue.put_nowait(job)

    async def run(self) -> None:
        """Ring and sweep for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._ringer())
            group.create_task(self._sweeper())

    async def _ringer(self) -> None:
        while True:
            job = await self._queue.get()
            try:
                await job()
                self._down = False
            except EngineDown as error:
                if not self._down:
                    log.warning("Temporal cannot be reached; events are kept and delivered when it is back (%s)", error)
                self._down = True
            except DBAPIError as error:
                log.warning("the store is away: %s", error.orig)

    async def _sweeper(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.sweep()
            except EngineDown:
                self._down = True
            except DBAPIError as error:
                log.warning("the store is away: %s", error.orig)

    async def sweep(self) -> int:
        """Ring running instances that have not heard of a delivery, or should have woken up; returns how many.

        While Temporal is away one instance is tried; when it answers, the rest follows."""
        async with self._db.write() as tx:
            quiet = await instances.unheard(tx, UNHEARD_FOR, OVERDUE_BY, 1 if self._down else SWEEP_LIMIT)
        if quiet and self._down:
            await self._wake(quiet[0])
            self._down = False
            log.warning("Temporal is back")
            return 1
        for instance_id in quiet:
            await self._queue.put(lambda i=instance_id: self._wake(i))  # type: ignore[misc]
        return len(quiet)

    async def _ring(self, instance_id: str, upto: int, event: Event | None) -> None:
        """Ring; an instance the engine does not know as running is started first."""
        if await self._engine.ring(instance_id, upto, event):
            return
        await self._start(instance_id)
        if await self._engine.ring(instance_id, upto, event):
            return
        async with self._db.write() as tx:
            if await instances.running(tx, instance_id):
                await instances.trouble(tx, instance_id, GONE)

    async def _wake(self, instance_id: str) -> None:
        async with self._db.read() as tx:
            row = await instances.get(tx, instance_id)
        if row is not None and row["state"] == "running":
            await self._ring(instance_id, row["next_seq"] - 1, None)

    async def _start(self, instance_id: str) -> None:
        """Start its workflow: with its entry, or again from its snapshot when the engine has lost it."""
        async with self._db.read() as tx:
            row = await instances.launch(tx, instance_id)
        if row is not None:
            launch = launch_of(row)
            await self._engine.start(row["journey"], launch)


def launch_of(row: dict[str, Any]) -> Launch:
    """A workflow's argument from an instance's row (``store.instances.launch``)."""
    if row["snapshot"] is None:
        entry = Entry.model_validate(row["entry"])
        return Launch(instance_id=row["instance_id"], plan=row["plan"], entry=entry, upto=row["next_seq"] - 1)
    return Launch(
        instance_id=row["instance_id"],
        plan=row["plan"],
        snapshot=State.model_validate(row["snapshot"]),
        cursor=row["acked_seq"],
        upto=row["next_seq"] - 1,
    )
