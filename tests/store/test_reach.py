"""Whom we may not write to, and who wants to hear nothing for a while; marks and tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import reach
from store.clock import now
from store.database import Database
from store.seal import SHORT, Seal
from tests.store.makers import begun, the_row

SEAL = Seal("of the tests")
KEY = "if5decg2aqkpjkvfkke5yqmxc5qdmgbjvfvbjoguheavhjhyt52q"


def test_a_mark_stands_for_an_address_however_it_is_written_and_tells_it_to_nobody() -> None:
    mark = SEAL.mark("Grete@Example.org ")
    assert mark == SEAL.mark("grete@example.org") and len(mark) == 64 and "grete" not in mark
    assert mark != SEAL.mark("emmy@example.org") and mark != Seal("another secret").mark("grete@example.org")


def test_a_token_is_good_for_one_message_one_purpose_and_one_number() -> None:
    token = SEAL.token("click", KEY, 10)
    assert SEAL.opened("click", token) == (KEY[:SHORT], 10)
    assert SEAL.opened("unsubscribe", SEAL.token("unsubscribe", KEY)) == (KEY[:SHORT], None)
    assert SEAL.opened("unsubscribe", token) is None, "of another purpose"
    assert Seal("another secret").opened("click", token) is None
    assert len(token) < 80 and token.isascii()


@pytest.mark.parametrize("number", range(0, 69, 4))
def test_a_token_with_any_letter_changed_is_none_of_ours(number: int) -> None:
    token = SEAL.token("click", KEY, 10)
    changed = token[:number] + ("a" if token[number] != "a" else "b") + token[number + 1 :]
    assert SEAL.opened("click", changed) is None


@pytest.mark.parametrize("junk", ["", ".", "a.b", "ü", "a" * 5000, "..", "\x00"])
def test_junk_is_no_token(junk: str) -> None:
    assert SEAL.opened("click", junk) is None


async def test_a_suppression_holds_until_it_is_over_or_lifted(db: Database) -> None:
    mark = SEAL.mark("grete@example.org")
    async with db.write() as tx:
        await reach.suppress(tx, mark, "mailbox full", "bounce", now() + timedelta(days=1))
        found = await reach.suppressed(tx, mark)
        assert found is not None and (found["reason"], found["source"]) == ("mailbox full", "bounce")
        await reach.suppress(tx, mark, "mailbox full", "bounce", now() - timedelta(seconds=1))
        assert await reach.suppressed(tx, mark) is None
        await reach.suppress(tx, mark, "no such mailbox", "bounce")
        await reach.suppress(tx, mark, "mailbox full", "bounce", now() - timedelta(seconds=1))
        found = await reach.suppressed(tx, mark)
        assert found is not None and found["reason"] == "no such mailbox", "for good is not made shorter"
        assert await reach.lift(tx, mark) and not await reach.lift(tx, mark)
        assert await reach.suppressed(tx, mark) is None


async def test_a_customer_may_want_silence_for_a_while_and_take_it_back(db: Database) -> None:
    await begun(db)
    person = (await the_row(db, "customer"))["customer_id"]
    async with db.write() as tx:
        assert await reach.silent_until(tx, person) is None
        await reach.be_silent(tx, person, timedelta(days=1))
        await reach.be_silent(tx, person, timedelta(days=30))
        until = await reach.silent_until(tx, person)
        assert until is not None and until - now() > timedelta(days=29)
        await reach.be_silent(tx, person, None)
        assert await reach.silent_until(tx, person) is None
