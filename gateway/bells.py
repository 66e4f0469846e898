"""Ringing: after a commit, workflows are started or told that something has come.

Ringing twice harms nobody, and what could not be rung is rung by the sweeper, so nothing here has to succeed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from journey.engine import Engine, EngineDown
from journey.inputs import Entry, Event
from journey.state import State
from journey.work import Launch
from store import instances
from store.clock import now
from store.database import Database

log = logging.getLogger(__name__)

STORE_AWAY = (DBAPIError, PoolTimeout)

AT_ONCE = 16
"""How many bells ring at the same time."""
WAITING = 2_000
"""How many wait in memory; the sweeper rings the rest."""
SWEEP_SECONDS = 2.0
UNHEARD_FOR = timedelta(seconds=5)
OVERDUE_BY = timedelta(seconds=30)
SWEEP_LIMIT = 500
LONGEST_PAUSE = timedelta(hours=1)
KEPT = 10_000
"""Of so many instances it is remembered that they were rung in vain."""

GONE = "its workflow was ended in Temporal by hand; `wayfare rebuild` begins it again where it stood"

Job = Callable[[], Awaitable[None]]


@dataclass
class Routed:
    """What one event came to: instances begun, and bells to ring (instance, number, event)."""

    begun: list[Launch] = field(default_factory=list)
    bells: list[tuple[str, int, Event | None]] = field(default_factory=list)


class Bells:
    """Rings what was routed, and sweeps for what was not heard."""

    def __init__(self, db: Database, engine: Engine) -> None:
        self._db = db
        self._engine = engine
        self._queue: asyncio.Queue[tuple[str, Job]] = asyncio.Queue(WAITING)
        self._down = False
        self._pauses = Pauses()

    def put(self, routed: Routed) -> None:
        """Ring soon, without waiting."""
        for launch in routed.begun:
            self._soon(launch.instance_id, partial(self._engine.start, launch.plan["journey"], launch))
        for instance_id, upto, event in routed.bells:
            self._soon(instance_id, partial(self._ring, instance_id, upto, event))

    async def knock(self, instance_id: str) -> None:
        """Say that what is held may be tried again; an instance the engine has lost is started. Raises EngineDown."""
        if not await self._engine.ring(instance_id, 0):
            await self._start(instance_id)

    def _soon(self, instance_id: str, job: Job) -> None:
        if not self._down and not self._queue.full():
            self._queue.put_nowait((instance_id, job))

    async def run(self) -> None:
        """Ring and sweep for ever."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._ringer())
            group.create_task(self._sweeper())

    async def _ringer(self) -> None:
        while True:
            await self._next()

    async def _next(self) -> None:
        """The next bell."""
        instance_id, job = await self._queue.get()
        try:
            await self._attempt(instance_id, job)
            self._down = False
        except EngineDown as error:
            if not self._down:
                log.warning("Temporal cannot be reached; events are kept and delivered when it is back (%s)", error)
            self._down = True
        except STORE_AWAY as error:
            log.warning("the store is away: %s", getattr(error, "orig", error))

    async def _attempt(self, instance_id: str, job: Job) -> None:
        """Do one job. Whatever is wrong with one instance, the others are rung."""
        try:
            await job()
        except (EngineDown, *STORE_AWAY):
            raise
        except Exception as error:
            log.error("instance %s cannot be started or rung", instance_id, exc_info=error)
            async with self._db.write() as tx:
                await instances.trouble(tx, instance_id, f"it cannot be started: {type(error).__name__}: {error}")

    async def _sweeper(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.sweep()
            except EngineDown:
                self._down = True
            except STORE_AWAY as error:
                log.warning("the store is away: %s", getattr(error, "orig", error))

    async def sweep(self) -> int:
        """Ring running instances that have not heard of a delivery, or should have woken up; returns how many.

        While Temporal is away one instance is tried; when it answers, the rest follows."""
        async with self._db.read() as tx:
            quiet = await instances.unheard(tx, UNHEARD_FOR, OVERDUE_BY, 1 if self._down else SWEEP_LIMIT)
        if not quiet:
            return 0
        async with self._db.write() as tx:
            await instances.rung(tx, quiet)
        if self._down:
            [(instance_id, upto)] = quiet.items()
            await self._attempt(instance_id, partial(self._wake, instance_id, upto))
            self._down = False
            log.warning("Temporal is back")
            return 1
        due = [one for one in quiet.items() if self._pauses.over(*one)]
        for instance_id, upto in due:
            await self._queue.put((instance_id, partial(self._wake, instance_id, upto)))
        return len(due)

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
            await instances.gone(tx, instance_id)

    async def _wake(self, instance_id: str, upto: int) -> None:
        await self._ring(instance_id, upto, None)
        self._pauses.rung(instance_id, upto)

    async def _start(self, instance_id: str) -> None:
        """Start its workflow: with its entry, or again from its snapshot when the engine has lost it."""
        async with self._db.read() as tx:
            row = await instances.launch(tx, instance_id)
        if row is not None:
            await self._engine.start(row["journey"], launch_of(row))


class Pauses:
    """How long to leave an instance alone that was rung and does not move: ever longer, up to an hour.

    Temporal keeps every bell until a worker is there; ringing on while all workers are away would only fill the
    instance's history. Another delivery rings at once.
    """

    def __init__(self) -> None:
        self._rung: dict[str, tuple[int, int, datetime]] = {}

    def rung(self, instance_id: str, upto: int) -> None:
        """The engine has taken a bell for the deliveries up to this number."""
        before, times, _ = self._rung.get(instance_id, (upto, 0, now()))
        times = times + 1 if before == upto else 1
        if len(self._rung) >= KEPT:
            self._rung.clear()
        self._rung[instance_id] = (upto, times, now() + min(UNHEARD_FOR * 4 ** min(times, 10), LONGEST_PAUSE))

    def over(self, instance_id: str, upto: int) -> bool:
        """Whether to ring again."""
        before, _, until = self._rung.get(instance_id, (upto, 0, now()))
        return before != upto or until <= now()


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
