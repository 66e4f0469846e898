"""A person's word on messages that wait, and on addresses that get nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from journey import channels
from store import outbox, reach
from store.address import ascii_address
from store.database import Database, Tx
from store.seal import Seal
from workers import folder
from workers.mistakes import UserMistake
from workers.settings import Settings

SHORT = 12
"""So much of a message's key is enough to name it."""
WORDS = {
    "send": "goes out",
    "now": "goes out now",
    "drop": "is not sent",
    "arrived": "counts as sent",
}


@dataclass(frozen=True)
class Waiting:
    """One message that waits, for people to read."""

    key: str
    message: str
    customer: str
    reason: str


async def waiting(settings: Settings) -> list[Waiting]:
    """All that is held, the oldest first."""
    async with _store(settings) as tx:
        rows = await outbox.held(tx)
    return [
        Waiting(
            row["send_key"][:SHORT],
            row["name"],
            row["customer"] or row["recipient"] or row["customer_id"],
            f"waits for a person: {row['reason']}" if row["waits"] == "person" else row["reason"] or "it waits",
        )
        for row in rows
    ]


async def said(settings: Settings, word: str, key: str, by: str) -> str:
    """What became of a message by somebody's word. Raises UserMistake."""
    async with _store(settings) as tx:
        found = await outbox.named(tx, key)
        if len(found) != 1:
            many = (
                f"{len(found)} messages begin with {key}: write more of it" if found else f"no message is called {key}"
            )
            raise UserMistake(f"{many}; `wayfare outbox` lists those that wait")
        if not await outbox.decide(tx, found[0], word, by):
            raise UserMistake(f"{key} does not wait for that word: {await outbox.stands(tx, found[0])}.")
    return f"{key} {WORDS[word]}."


async def suppressed(settings: Settings, address: str, reason: str) -> str:
    """Nothing goes to this address any more."""
    async with _store(settings) as tx:
        for mark in _marks(settings, address):
            await reach.suppress(tx, mark, reason, "staff")
    return f"Nothing is sent to {address} any more."


async def lifted(settings: Settings, address: str) -> str:
    """It is written to again. Raises UserMistake."""
    async with _store(settings) as tx:
        if not any([await reach.lift(tx, mark) for mark in _marks(settings, address)]):
            raise UserMistake(f"{address} was not suppressed")
    return f"{address} is written to again."


def _marks(settings: Settings, address: str) -> list[str]:
    """What stands for a mail address, or for a telephone number by every channel that leads to it."""
    seal = Seal(folder.secret(settings))
    try:
        if "@" not in address and address[:1] in "+0":
            number = channels.phone(address)
            return [seal.mark(f"{channel}:{number}") for channel in channels.PHONED]
        return [seal.mark(ascii_address(address))]
    except ValueError as error:
        raise UserMistake(f"{address} is neither a mail address nor a telephone number ({error})") from None


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[Tx]:
    db = Database(settings.database_url)
    try:
        async with db.write() as tx:
            yield tx
    finally:
        await db.close()
