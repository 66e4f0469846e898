"""What questions came to, in lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from journey.surveys import DEFINITIONS, ENOUGH, Result
from store import surveys
from store.clock import now
from store.database import Database
from workers.mistakes import UserMistake
from workers.settings import Settings

WIDTH = 40
"""Of the longest bar, in characters."""


async def told(settings: Settings, name: str, days: int) -> list[str]:
    """One line for each question; of one question all there is. Raises UserMistake."""
    db = Database(settings.database_url)
    try:
        async with db.read() as tx:
            found = await surveys.results(tx, now() - timedelta(days=days), name)
    finally:
        await db.close()
    if not found:
        what = f'No letter "{name}" has asked' if name else "No letter has asked"
        raise UserMistake(f"{what} a question in the last {days} days.")
    if not name:
        return [f"{text:24} {scale:5} {_figures(result)}" for (text, scale), result in found.items()]
    return [line for result in found.values() for line in _whole(result)]


def _figures(result: Result) -> str:
    rate = f" ({result.rate:.0f} %)" if result.rate is not None else ""
    said = f"{result.answered} of {result.asked} answered{rate}"
    if result.mean is None:
        return said
    few = "" if result.enough else f"; fewer than {ENOUGH}: too few to judge"
    return f"{said}: {result.figure}, mean {result.mean:.1f}{few}"


def _whole(result: Result) -> Iterator[str]:
    yield _figures(result)
    yield DEFINITIONS[result.scale]
    most = max((count for _, count in result.counts), default=0)
    for score, count in result.counts:
        yield f"{score:4} {'█' * round(WIDTH * count / most) if most else '':{WIDTH}} {count}".rstrip()
