"""Make the definitions folder the one in force."""

from __future__ import annotations

import asyncio

from journey import samples
from journey.library import Library
from journey.rules.earlier import Earlier
from store import definitions
from store.database import Database
from workers.checking import checked
from workers.settings import Settings


def publish(settings: Settings) -> list[str]:
    """Publish the definitions; or every mistake, as text to show, and nothing is published."""
    library, problems, sources = checked(settings.definitions, asyncio.run(in_use(settings)))
    if library is None:
        return [problem.render(sources.get(problem.place.file)) for problem in problems if not problem.warning]
    asyncio.run(_publish(settings, library, sources))
    return []


async def in_use(settings: Settings) -> list[Earlier]:
    """The versions of journeys that customers are on, and where they stand."""
    db = Database(settings.database_url)
    try:
        async with db.read() as tx:
            return await definitions.in_use(tx)
    finally:
        await db.close()


async def _publish(settings: Settings, library: Library, sources: dict[str, str]) -> None:
    db = Database(settings.database_url)
    try:
        texts = {name: sources.get(f"{settings.definitions}/{name}.yaml", "") for name in library.journeys}
        async with db.write() as tx:
            await definitions.publish(tx, library, texts, samples.best(library))
    finally:
        await db.close()
