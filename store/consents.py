"""Consent: every word a customer said on a topic, with its proof; the last word holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import consent


@dataclass(frozen=True)
class Word:
    """What was said: the topic, given or withdrawn, when, who told us (``source``), how the customer said it, which
    text they were shown, and whatever proves it."""

    topic: str
    given: bool
    at: datetime
    source: str
    how: str | None = None
    text_version: str | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)


async def say(tx: Tx, customer_id: str, key: str, words: Sequence[Word]) -> int:
    """Keep words. ``key`` names where they come from, and the same again changes nothing. Returns how many are new.

    What follows from it (``store.derived``) is for the caller to refresh."""
    rows = [
        {
            "customer_id": customer_id,
            "key": _key(key, word),
            "topic": word.topic,
            "given": word.given,
            "said_at": word.at,
            "source": word.source,
            "how": word.how,
            "text_version": word.text_version,
            "proof": dict(word.proof),
            "recorded_at": now(),
        }
        for word in words
    ]
    return len(await insert_new(tx, consent, rows, ["customer_id", "key"], returning=[consent.c.consent_pk]))


async def said(tx: Tx, customer_id: str, key: str, word: Word) -> bool:
    """Whether the word that is kept under this key says the same."""
    mine = (consent.c.customer_id == customer_id) & (consent.c.key == _key(key, word))
    row = (await tx.execute(select(consent).where(mine))).one_or_none()
    same = ("topic", "given", "how", "text_version")
    return row is not None and all(getattr(row, name) == getattr(word, name) for name in same)


def _key(key: str, word: Word) -> str:
    return f"{key}:{word.topic}"[:120]


# Of one moment, a withdrawal is the last word.
_LAST = func.row_number().over(
    partition_by=consent.c.topic, order_by=(consent.c.said_at.desc(), consent.c.given, consent.c.consent_pk.desc())
)


async def in_force(tx: Tx, customer_id: str) -> dict[str, bool]:
    """The last word on every topic that was ever spoken of: given or withdrawn."""
    return {topic: given for topic, (given, _) in (await last(tx, customer_id)).items()}


async def last(tx: Tx, customer_id: str) -> dict[str, tuple[bool, datetime]]:
    """The last word on every topic, and when it was said."""
    columns = (consent.c.topic, consent.c.given, consent.c.said_at, _LAST.label("place"))
    words = select(*columns).where(consent.c.customer_id == customer_id).subquery()
    rows = await tx.execute(select(words).where(words.c.place == 1).order_by(words.c.topic))
    return {row.topic: (row.given, row.said_at) for row in rows}


async def given(tx: Tx, customer_id: str, topic: str) -> bool | None:
    """Whether the customer agrees to a topic now; None if they never said a word about it."""
    mine = (consent.c.customer_id == customer_id) & (consent.c.topic == topic)
    last = (consent.c.said_at.desc(), consent.c.given, consent.c.consent_pk.desc())
    found: bool | None = (
        await tx.execute(select(consent.c.given).where(mine).order_by(*last).limit(1))
    ).scalar_one_or_none()
    return found


async def history(tx: Tx, customer_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """Every word with its proof, the newest first."""
    query = select(consent).where(consent.c.customer_id == customer_id)
    newest = (consent.c.said_at.desc(), consent.c.given, consent.c.consent_pk.desc())
    rows = await tx.execute(query.order_by(*newest).limit(limit))
    return [dict(row) for row in rows.mappings()]
