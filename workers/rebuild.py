"""Temporal can be rebuilt from the store: every running instance that it does not run starts from its snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from temporalio.client import Client

from gateway.bells import launch_of
from journey.engine import EngineDown
from store import instances
from store.database import Database
from workers.mistakes import UserMistake
from workers.settings import Settings
from workflows.engine import TemporalEngine

PAGE = 500
AT_ONCE = 16


async def rebuilt(settings: Settings) -> tuple[int, int]:
    """How many instances Temporal was running, and how many were started again. Raises UserMistake."""
    db = Database(settings.database_url)
    try:
        client = await Client.connect(settings.temporal_address, namespace=settings.temporal_namespace)
        return await _all(db, TemporalEngine(client, settings.task_queue))
    except (EngineDown, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise UserMistake(
            f"Temporal at {settings.temporal_address} does not answer ({reason})."
            " Start it (`wayfare up` does), or name another with TEMPORAL_ADDRESS"
        ) from None
    finally:
        await db.close()


async def _all(db: Database, engine: TemporalEngine) -> tuple[int, int]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(instance_id: str) -> bool | None:
        async with places:
            return await _begin_again(db, engine, instance_id)

    known = begun = 0
    async for page in _pages(db):
        answers = await asyncio.gather(*(one(instance_id) for instance_id in page))
        known += answers.count(False)
        begun += answers.count(True)
    return known, begun


async def _pages(db: Database) -> AsyncIterator[list[str]]:
    last = ""
    while True:
        async with db.read() as tx:
            page = await instances.open_ids(tx, PAGE, last)
        if not page:
            return
        yield page
        last = page[-1]


async def _begin_again(db: Database, engine: TemporalEngine, instance_id: str) -> bool | None:
    """Whether it had to be started; None if it has ended meanwhile."""
    if await engine.runs(instance_id):
        return False
    async with db.read() as tx:
        row = await instances.launch(tx, instance_id)
    if row is None:
        return None
    await engine.start(row["journey"], launch_of(row), afresh=True)
    async with db.write() as tx:
        await instances.trouble(tx, instance_id, None)
    return True
