"""`wayfare events`: the accepted events as JSON lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import typer

PAGE = 1000


def events(
    since: Annotated[datetime | None, typer.Option(help="Only those accepted since then (UTC).")] = None,
) -> int:
    """Write every accepted event as a CloudEvent in JSON, one a line, the oldest first. The store is only read.

    What the customers are called is in it: keep the file where you keep such things.

    Examples:

      wayfare events > events.jsonl

      wayfare events --since 2026-01-01 > this-year.jsonl
    """
    import asyncio

    asyncio.run(_print(since))
    return 0


async def _print(since: datetime | None) -> None:
    import json
    from datetime import UTC

    first = since.replace(tzinfo=UTC) if since is not None else None
    async for row in _rows():
        if first is None or row["accepted_at"] >= first:
            print(json.dumps(_cloud_event(row), ensure_ascii=False))


async def _rows() -> AsyncIterator[dict[str, Any]]:
    from store import inbox
    from store.database import Database
    from workers.settings import settings_in_force

    db, last = Database(settings_in_force().database_url), 0
    try:
        while True:
            async with db.read() as tx:
                page = await inbox.after(tx, last, PAGE)
            for row in page:
                yield row
            if not page:
                return
            last = page[-1]["event_pk"]
    finally:
        await db.close()


def _cloud_event(row: dict[str, Any]) -> dict[str, Any]:
    """CloudEvents 1.0, JSON format; ``time`` is when it was accepted."""
    return {
        "specversion": "1.0",
        "id": row["event_id"],
        "source": row["source"],
        "type": row["type"],
        "time": row["accepted_at"].isoformat(),
        "data": row["data"],
    }
