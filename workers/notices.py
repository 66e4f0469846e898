"""Notices to other systems, for people at a terminal."""

from __future__ import annotations

from typing import Any

from store import notices
from workers.keys import opened
from workers.mistakes import UserMistake

STATES = ("waiting", "delivered", "dead")


async def listing(subscriber: str, state: str, limit: int) -> str:
    """How many notices are where, and the newest ones that fit."""
    if state and state not in STATES:
        raise UserMistake(f'"{state}" is no state of a notice: {", ".join(STATES)}')
    async with opened() as db, db.read() as tx:
        counts = await notices.counts(tx)
        rows = await notices.listed(tx, limit, name=subscriber, state=state)
    if not counts:
        return "Nobody was told anything yet. Who is told what stands in definitions/subscribers/."
    names = sorted({name for name, _ in counts})
    summary = [f"{name}: {', '.join(f'{counts.get((name, one), 0):,} {one}' for one in STATES)}." for name in names]
    return "\n".join([*summary, "", *map(_line, rows)])


async def again(subscriber: str) -> str:
    """Let the dead ones be tried again."""
    async with opened() as db, db.write() as tx:
        count = await notices.again(tx, subscriber)
    return f"{count:,} notices are tried again, for another day."


def _line(row: dict[str, Any]) -> str:
    said = (row["notice_id"], f"{row['at']:%Y-%m-%d %H:%M:%S}", f"{row['state']:<9}", row["subscriber"], row["type"])
    tried = f"\n  {row['attempts']} tries: {row['reason']}" if row["reason"] else ""
    return "  ".join(said) + tried
