"""`wayfare outbox` and `wayfare suppress`: a person's word on messages, and on addresses that get nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from journey.ledger import PERSON
from store import ledger
from store.database import Database
from store.tables import message
from tests.cli.inside import Said, wayfare
from tests.databases import Databases
from tests.store.makers import begun


@pytest.fixture
def store(databases: Databases) -> Iterator[str]:
    url = databases.migrated("sqlite")
    yield url
    databases.drop(url)


@pytest.fixture
def say(store: str, tmp_path: Path) -> object:
    """A verb on this store."""

    def run(*words: str) -> Said:
        return wayfare(*words, WAYFARE_DATABASE_URL=store, WAYFARE_DATA=str(tmp_path))

    return run


async def a_draft(url: str) -> str:
    db = Database(url)
    instance_id = await begun(db)
    async with db.write() as tx:
        row = await ledger.intend(tx, instance_id, "send/1/0", "recall", "legal")
        values = {"state": "held", "waits": PERSON, "reason": "it waits for a person to let it go"}
        await tx.execute(update(message).values(**values))
    await db.close()
    return row.send_key


def test_a_draft_is_listed_released_once_and_by_name(store: str, say: object) -> None:
    assert callable(say)
    key = asyncio.run(a_draft(store))
    listed = say("outbox").out
    assert re.match(rf"{key[:12]}  recall to Grete Hermann: waits for a person: it waits for a person", listed)
    assert listed.endswith("1 message waits.\n")
    assert 'say who you are: --by "Emmy Noether"' in say("outbox", "--send", key[:12]).err
    assert (
        "does not wait for that word: it waits for a person (it waits for a person to let it go)."
        in say("outbox", "--arrived", key[:12], "--by", "Emmy").err
    )
    assert say("outbox", "--send", key[:12], "--by", "Emmy").out == f"{key[:12]} goes out.\n"
    again = say("outbox", "--drop", key[:12], "--by", "Emmy")
    assert again.code == 0, "what waits for its hour may still be dropped"
    late = say("outbox", "--now", key[:12], "--by", "Emmy")
    assert late.code == 1 and "does not wait for that word: it was not sent (Emmy says that it is not to be" in late.err
    assert "no message is called zzz" in say("outbox", "--drop", "zzz", "--by", "Emmy").err


def test_an_address_is_suppressed_with_a_reason_and_written_to_again(say: object) -> None:
    assert callable(say)
    assert "say why" in say("suppress", "grete@example.org").err
    assert "is neither a mail address nor a telephone number" in say("suppress", "grete", "--because", "x").err
    done = say("suppress", "grete@example.org", "--because", "she asked us")
    assert done.out == "Nothing is sent to grete@example.org any more.\n"
    assert say("suppress", "Grete@Example.org", "--lift").out == "Grete@Example.org is written to again.\n"
    assert "was not suppressed" in say("suppress", "grete@example.org", "--lift").err
    assert say("suppress", "0049 170 1234567", "--because", "he asked").code == 0
    assert say("suppress", "+491701234567", "--lift").out == "+491701234567 is written to again.\n"
    assert "country code" in say("suppress", "0170 1234567", "--because", "x").err
