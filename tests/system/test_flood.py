"""Whatever dies while events pour in: what was answered with a 2xx is kept, once, and heard in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.system import flood
from tests.system.flood import Flood, Routers
from tests.system.installation import Installation
from workers import folder

NOTHING_WRONG = {
    "told 2xx and not kept": [],
    "kept more than once": [],
    "kept and never sent": [],
    "refused": [],
    "not routed": [],
    "gaps in a sequence": [],
    "inversions": 0,
    "out of the senders' order": 0,
    "missing from a sequence": 0,
}
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
async def house(databases: Databases, kind: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation whose gateway and router run alone, on each kind of store; Temporal is not there."""
    made = Installation(tmp_path / "data", tmp_path / "definitions", database_url=databases.migrated(kind))
    flood.definitions(made)
    await made.prepare()
    yield made
    await made.close()


async def storm(house: Installation, customers: int, each: int, clients: int, kills: int) -> None:
    """Pour; kill the gateway and the router in turn while the flood goes on; then look."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    made = flood.events(customers, each, chance)
    routers = Routers(house.settings.database_url)
    pouring = Flood(house.settings.local_url, folder.api_key(house.settings), chance)
    try:
        await house.start("gateway")
        await routers.start()
        task = asyncio.create_task(pouring.pour(made, clients))
        for number in range(kills):
            goal = (number + chance.random()) * len(made) / kills
            while pouring.sent < goal and not task.done():
                await asyncio.sleep(0.01)
            if number % 2:
                await routers.kill()
                await routers.start()
            else:
                await house.kill("gateway")
                await house.start("gateway")
        await task
        await flood.routed(house.db, within=180 + len(made) / 20)
    finally:
        await routers.kill()
    attempts = sum(map(len, pouring.book.told.values()))
    print(f"{len(made):,} events, {attempts:,} answers to them, {kills} kills")
    assert pouring.book.accepted == {one["id"] for one in made}
    assert await flood.verdict(house.db, pouring.book, made) == NOTHING_WRONG


async def test_a_kill_of_the_gateway_or_the_router_loses_and_doubles_nothing(house: Installation) -> None:
    await storm(house, customers=15, each=15, clients=4, kills=2)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_twenty_thousand_events_under_kills_lose_and_double_nothing(house: Installation) -> None:
    """P1: 20,000 events, eight clients, a kill every 500 events."""
    await storm(house, customers=200, each=99, clients=8, kills=40)
