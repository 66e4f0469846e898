"""A router with its bells, and an engine of which tests can see what it was asked and that can be away or forget."""

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from gateway.bells import Bells
from gateway.router import Router
from journey.engine import Engine, EngineDown
from journey.inputs import Event
from journey.work import Launch
from store import inbox, instances
from store.clock import now
from store.database import Database
from store.tables import instance
from tests.store.makers import accept, new_event


class FakeEngine(Engine):
    """Keeps what it is told. ``runs``: started and not ended; ``ended``: known, and never started again."""

    def __init__(self) -> None:
        self.down = False
        self.runs: dict[str, Launch] = {}
        self.ended: set[str] = set()
        self.started: list[str] = []
        self.rung: list[tuple[str, int, Event | None]] = []
        self.asked = 0

    async def start(self, journey: str, launch: Launch, *, afresh: bool = False) -> None:
        """Begin, unless it is known."""
        self._answer()
        assert journey == launch.plan["journey"]
        if launch.instance_id not in self.runs and (afresh or launch.instance_id not in self.ended):
            self.runs[launch.instance_id] = launch
            self.started.append(launch.instance_id)

    async def ring(self, instance_id: str, upto: int, event: Event | None = None) -> bool:
        """Note the bell."""
        self._answer()
        if instance_id not in self.runs:
            return False
        self.rung.append((instance_id, upto, event))
        return True

    def forget(self) -> None:
        """Lose everything, as Temporal does when its data is deleted."""
        self.runs.clear()
        self.ended.clear()

    def end(self, instance_id: str) -> None:
        """End a run by hand."""
        del self.runs[instance_id]
        self.ended.add(instance_id)

    def _answer(self) -> None:
        self.asked += 1
        if self.down:
            raise EngineDown("connection refused")


class House:
    """A router with its bells and an engine, on one store."""

    def __init__(self, db: Database, pace: float = 1.0) -> None:
        self.db = db
        self.engine = FakeEngine()
        self.bells = Bells(db, self.engine)
        self.router = Router(db, self.bells, asyncio.Event(), pace)

    async def route(self) -> None:
        """Route all that waits."""
        while await self.router.route_some():
            pass

    async def post(self, *args: Any, **data: Any) -> dict[str, Any]:
        """Post one event and route it; what its receipt says."""
        [kept] = await accept(self.db, new_event(*args, **data))
        await self.route()
        return await self.receipt(kept.receipt)

    async def receipt(self, receipt_id: str) -> dict[str, Any]:
        """What is known of a posted event."""
        async with self.db.read() as tx:
            found = await inbox.receipt(tx, receipt_id)
        assert found is not None
        return found

    async def alter(self, instance_id: str, **values: Any) -> None:
        """Change an instance's row behind everybody's back."""
        async with self.db.write() as tx:
            await tx.execute(update(instance).where(instance.c.instance_id == instance_id).values(**values))

    async def end(self, instance_id: str, ago: timedelta = timedelta(0)) -> None:
        """The instance has ended."""
        await self.alter(instance_id, **instances.ending(now() - ago, "completed"))

    async def ring(self) -> None:
        """Ring all that waits to be rung."""
        while not self.bells._queue.empty():
            await self.bells._next()

    async def sweep(self) -> int:
        """One look of the sweeper, a while after everything was last rung; and what it found is rung."""
        async with self.db.write() as tx:
            await tx.execute(update(instance).values(rung_at=now() - timedelta(minutes=1)))
        found = await self.bells.sweep()
        await self.ring()
        return found


def started(receipt: dict[str, Any]) -> str:
    """The id of the one instance that an event started."""
    [one] = receipt["result"]["started"]
    return str(one["instance"])
