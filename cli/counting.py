"""How many customers are at each step of a journey, for its picture: now, or in a forecast."""

from __future__ import annotations

import asyncio

from cli.definitions import Definitions
from cli.forecasting import Wish, from_population
from workers.settings import settings_in_force


def standing(journey: str) -> dict[str, int]:
    """Those who stand there now, by step. The store is only read."""
    return asyncio.run(_standing(journey))


async def _standing(journey: str) -> dict[str, int]:
    from store import pages
    from store.database import Database

    db = Database(settings_in_force().database_url)
    try:
        async with db.read() as tx:
            return await pages.standing(tx, journey)
    finally:
        await db.close()


def reached(found: Definitions, journey: str, population: str) -> dict[str, int]:
    """Those of a population who come there in its time, by step; nobody without a population."""
    if not population:
        return {}
    _, tally = from_population(found, Wish(journey, population, None, None, 1, 1))
    return {step: count for (name, step), count in tally.reached.items() if name == journey}
