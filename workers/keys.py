"""Keys of upstream systems, for people at a terminal. Errors are sentences (UserMistake)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Sequence

from gateway.keys import SCOPES
from journey import reserved
from store import api_keys
from store.database import Database
from workers.mistakes import UserMistake
from workers.settings import settings_in_force


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    """The store of the settings in force."""
    db = Database(settings_in_force().database_url)
    try:
        yield db
    finally:
        await db.close()


async def add(
    source: str,
    scopes: Sequence[str],
    *,
    sources: Sequence[str],
    types: Sequence[str],
    per_second: float | None,
    note: str,
) -> str:
    """Make a key; what to tell the person, the key among it."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}", source):
        raise UserMistake(f'"{source}" cannot be a source: one word, for example wayfare keys add shop')
    if source == reserved.SOURCE:
        raise UserMistake(f"{source} is Wayfare itself: call the key after the system that will use it")
    for scope in scopes:
        if scope not in SCOPES:
            raise UserMistake(f'"{scope}" is nothing a key may be for: {_scopes()}')
    if per_second is not None and per_second <= 0:
        raise UserMistake("--per-second: a number above 0")
    async with opened() as db:
        try:
            async with db.write() as tx:
                made = await api_keys.add(
                    tx,
                    source,
                    [one for one in SCOPES if not scopes or one in scopes],
                    sources=sources,
                    types=types,
                    per_second=per_second,
                    note=note[:200],
                )
        except api_keys.TooManyKeys:
            raise UserMistake(
                f"{source} has {api_keys.MOST_LIVE} live keys already. Revoke one first: wayfare keys list, then"
                " wayfare keys revoke KEY-ID"
            ) from None
    return f"The key {made.key_id} of {source}, shown this once and kept nowhere:\n\n  {made.key}\n"


async def revoke(key_id: str) -> str:
    """Take a key out of force; what to tell the person."""
    async with opened() as db, db.write() as tx:
        if not await api_keys.revoke(tx, key_id):
            raise UserMistake(f'there is no live key "{key_id}". wayfare keys list shows those there are')
    return f"The key {key_id} is revoked. Within a few seconds nobody can send with it."


async def listing() -> str:
    """All keys there ever were, as a table."""
    async with opened() as db, db.read() as tx:
        rows = await api_keys.every(tx)
    head = ("key", "source", "may", "only", "a second", "since", "", "note")
    lines = [
        (
            row["key_id"],
            row["source"],
            ", ".join(row["scopes"]),
            ", ".join([*row["sources"], *row["types"]]) or "anything",
            "" if row["per_second"] is None else f"{row['per_second']:g}",
            f"{row['created_at']:%Y-%m-%d %H:%M}",
            f"revoked {row['revoked_at']:%Y-%m-%d %H:%M}" if row["revoked_at"] else "live",
            row["note"],
        )
        for row in rows
    ]
    if not lines:
        return "There are no keys but the one that Wayfare made for itself. wayfare keys add SOURCE makes one."
    widths = [max(len(line[number]) for line in (head, *lines)) for number in range(len(head))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in (head, *lines))


def _scopes() -> str:
    return ", ".join(f"{name} ({what})" for name, what in SCOPES.items())
