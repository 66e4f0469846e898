"""Keys of upstream systems: made, listed, revoked. The key itself is shown once and never kept."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select, update

from store.clock import now
from store.database import Tx
from store.sql import one_at_a_time
from store.tables import api_key

MOST_LIVE = 2
"""Of one source: the old one and the new one, while they are exchanged."""
MAKING = 7_310_011


class TooManyKeys(Exception):
    """The source has two live keys already; one of them has to be revoked first."""


class Made(NamedTuple):
    """A new key; `key` is shown to a person once."""

    key_id: str
    key: str


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


async def add(
    tx: Tx,
    source: str,
    scopes: Sequence[str],
    *,
    sources: Sequence[str] = (),
    types: Sequence[str] = (),
    per_second: float | None = None,
    note: str = "",
) -> Made:
    """Make a key. Raises TooManyKeys."""
    await one_at_a_time(tx, MAKING)
    mine = (api_key.c.source == source) & api_key.c.revoked_at.is_(None)
    if (await tx.execute(select(func.count()).where(mine))).scalar_one() >= MOST_LIVE:
        raise TooManyKeys(source)
    key_id, key = secrets.token_hex(4), f"wayfare_{secrets.token_urlsafe(24)}"
    await tx.execute(
        api_key.insert().values(
            key_id=key_id,
            source=source,
            digest=digest(key),
            scopes=list(scopes),
            sources=list(sources),
            types=list(types),
            per_second=per_second,
            note=note,
            created_at=now(),
        )
    )
    return Made(key_id, key)


async def live(tx: Tx) -> list[dict[str, Any]]:
    """The keys in force."""
    rows = await tx.execute(select(api_key).where(api_key.c.revoked_at.is_(None)).order_by(api_key.c.created_at))
    return [dict(row) for row in rows.mappings()]


async def every(tx: Tx) -> list[dict[str, Any]]:
    """All keys there ever were, by source, without their digests."""
    columns = [column for column in api_key.c if column.name != "digest"]
    rows = await tx.execute(select(*columns).order_by(api_key.c.source, api_key.c.created_at))
    return [dict(row) for row in rows.mappings()]


async def revoke(tx: Tx, key_id: str) -> bool:
    """Take a key out of force; False if there is no such live key."""
    mine = (api_key.c.key_id == key_id) & api_key.c.revoked_at.is_(None)
    return (await tx.execute(update(api_key).where(mine).values(revoked_at=now()))).rowcount == 1
