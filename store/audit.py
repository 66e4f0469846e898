"""Who did what: one row for each action, in the transaction of the action, chained by hashes.

A row that is changed, taken out or put in breaks the chain from there on. Rows cut off at the end leave a whole chain:
whoever wants to see that keeps the hash of the last row elsewhere.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from store.clock import now
from store.database import Tx
from store.sql import one_at_a_time
from store.tables import audit

CHAIN = 7_310_047
START = "0" * 64
FIELDS = ("number", "who", "what", "about", "customer_id", "reason", "detail")
AT_ONCE = 1_000


class Head(NamedTuple):
    """The end of the chain: how many rows there are, and the hash of the last one."""

    rows: int
    hash: str


class Broken(NamedTuple):
    """Where the chain does not hold, and why."""

    number: int
    why: str


async def note(
    tx: Tx,
    who: str,
    what: str,
    about: str,
    *,
    customer_id: str | None = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> int:
    """Write down that somebody did something; returns its number. The last thing that a transaction does: everybody
    else's waits for it. ``detail`` holds texts, whole numbers, truths, and lists and objects of such."""
    await one_at_a_time(tx, CHAIN)
    last = (await tx.execute(select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1))).first()
    row: dict[str, Any] = {
        "number": last.number + 1 if last else 1,
        "at": now(),
        "who": who,
        "what": what,
        "about": about,
        "customer_id": customer_id,
        "reason": reason,
        "detail": detail or {},
    }
    await tx.execute(audit.insert().values(**row, hash=hash_of(last.hash if last else START, row)))
    number: int = row["number"]
    return number


def hash_of(before: str, row: Any) -> str:
    """The hash of a row behind the row with the hash ``before``."""
    said = {name: row[name] for name in FIELDS} | {"at": _moment(row["at"]), "before": before}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


async def verify(tx: Tx) -> Head | Broken:
    """Whether the chain holds from its first row to its last."""
    before, count = START, 0
    while True:
        query = select(audit).where(audit.c.number > count).order_by(audit.c.number).limit(AT_ONCE)
        rows = (await tx.execute(query)).mappings().all()
        if not rows:
            return Head(count, before)
        for row in rows:
            if row["number"] != count + 1:
                return Broken(count + 1, f"row {count + 1} is missing")
            if row["hash"] != hash_of(before, row):
                return Broken(row["number"], f"row {row['number']} does not say what it said when it was written")
            before, count = row["hash"], row["number"]


async def recent(
    tx: Tx, size: int, before: int | None = None, *, who: str = "", about: str = ""
) -> list[dict[str, Any]]:
    """What was done last, the newest first; by one person or about one thing, if they are named."""
    query = select(audit)
    if before is not None:
        query = query.where(audit.c.number < before)
    if who:
        query = query.where(audit.c.who == who)
    if about:
        query = query.where(audit.c.about == about)
    return [dict(row) for row in (await tx.execute(query.order_by(audit.c.number.desc()).limit(size))).mappings()]


async def has(tx: Tx, hash_: str) -> bool:
    """Whether a row has this hash."""
    return (await tx.execute(select(audit.c.number).where(audit.c.hash == hash_))).first() is not None
