"""The rules of the record in force (``journey.record.rules``), published with the definitions."""

from sqlalchemy import select

from journey.record.rules import NONE, Rules
from store.clock import now
from store.database import Tx
from store.tables import record_rules


async def publish(tx: Tx, rules: Rules) -> None:
    """Make these rules the ones in force."""
    row = {"id": 1, "hash": rules.hash, "content": rules.content, "published_at": now()}
    await tx.execute(record_rules.delete())
    await tx.execute(record_rules.insert().values(**row))


async def in_force(tx: Tx) -> Rules:
    """The rules in force. Each version is read once a process."""
    hash_ = (await tx.execute(select(record_rules.c.hash))).scalar_one_or_none()
    if hash_ is None:
        return NONE
    if hash_ not in _read:
        _read.clear()
        content = (await tx.execute(select(record_rules.c.content))).scalar_one()
        _read[hash_] = Rules.model_validate(content)
    return _read[hash_]


_read: dict[str, Rules] = {}
