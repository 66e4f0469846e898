"""Check the definitions folder and make it the one in force."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from journey import samples
from journey.library import Library
from journey.load import check
from journey.problems import Problem
from journey.rules.earlier import Earlier
from store import definitions
from store.database import Database
from store.definition_files import read_folder
from workers.settings import Settings


def checked(folder: Path, in_use: Sequence[Earlier] = ()) -> tuple[Library | None, list[Problem], dict[str, str]]:
    """The library in a folder (None if there is any mistake), every problem, and the texts by the names shown.
    ``in_use`` are the versions that customers are on."""
    files, unreadable = read_folder(folder)
    prefix = f"{folder}/"
    sources = {prefix + path: text for path, text in files.items()}
    unread = {problem.place.file for problem in unreadable}
    # As empty files they count as there, but broken; what follows from that is not worth a word.
    empty = dict.fromkeys((file.removeprefix(prefix) for file in unread), "")
    library, problems = check({**empty, **files}, prefix, in_use)
    told = sorted([*unreadable, *(problem for problem in problems if problem.place.file not in unread)])
    return None if unreadable else library, told, sources


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
