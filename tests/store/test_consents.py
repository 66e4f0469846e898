"""What customers agreed to: every word is kept, the last one holds."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from store import consents, customers, derived, merges
from store.consents import Word
from store.database import Database
from tests.gateway.routing import House
from tests.store.makers import GRETE, resolve, rows, the_row

START = datetime(2026, 11, 24, tzinfo=UTC)
DAY = timedelta(days=1)


def word(given: bool, day: int = 0, topic: str = "newsletter") -> Word:
    return Word(topic, given, START + day * DAY, "the shop")


async def say(db: Database, customer_id: str, *words: Word) -> None:
    async with db.write() as tx:
        for one in words:
            await consents.say(tx, customer_id, f"{one.at}:{one.given}", [one])


async def agrees(db: Database, customer_id: str, topic: str = "newsletter") -> bool | None:
    async with db.read() as tx:
        single = await consents.given(tx, customer_id, topic)
        assert (await consents.in_force(tx, customer_id)).get(topic) == single
    return single


async def test_whoever_never_said_a_word_did_not_agree(db: Database) -> None:
    assert await agrees(db, (await resolve(db, **GRETE))["customer_id"]) is None


async def test_the_last_word_holds_in_whatever_order_the_words_arrive(db: Database) -> None:
    words = [word(True, 0), word(False, 1), word(True, 2), word(False, 3)]
    for number, order in enumerate(permutations(words)):
        person = (await resolve(db, id=f"c-{number}"))["customer_id"]
        await say(db, person, *order)
        assert await agrees(db, person) is False


async def test_of_one_moment_a_withdrawal_is_the_last_word(db: Database) -> None:
    for number, order in enumerate(permutations([word(True), word(False)])):
        person = (await resolve(db, id=f"c-{number}"))["customer_id"]
        await say(db, person, *order)
        assert await agrees(db, person) is False


async def test_an_event_gives_consent_with_its_proof_and_the_same_event_once(db: Database) -> None:
    house = House(db)
    said = {"topic": "newsletter", "how": "form", "text_version": "2026-03", "proof": {"page": "/join"}}
    for _ in range(2):
        await house.post("e-1", "consent.given", **said)
    row = await the_row(db, "consent")

    assert {name: row[name] for name in said} == said
    assert (row["given"], row["source"]) == (True, "shop")


async def test_topics_are_seen_by_conditions_and_texts_given_and_declined(db: Database) -> None:
    house = House(db)
    await house.post("e-1", "customer.identified", customer={"id": "c-1", "consent": {"tips": True, "offers": True}})
    await house.post("e-2", "consent.withdrawn", customer={"id": "c-1"}, topic="offers")
    person = (await the_row(db, "customer"))["customer_id"]
    async with db.read() as tx:
        known = await customers.known(tx, person)

    assert (known["consents"], known["declined"]) == (["tips"], ["offers"])


async def test_a_merge_keeps_every_word_and_the_last_one_holds(db: Database) -> None:
    one, other = [(await resolve(db, id=name))["customer_id"] for name in ("c-1", "c-2")]
    await say(db, one, word(True, 0))
    await say(db, other, word(False, 1))
    async with db.write() as tx:
        await merges.merge(tx, one, other, "why")

    assert await agrees(db, one) is False
    async with db.write() as tx:
        history = await consents.history(tx, one)
        [merge] = await merges.of_customer(tx, one)
        await merges.undo(tx, merge["merge_id"])
        known: dict[str, Any] = await derived.refresh(tx, one)
    assert [row["given"] for row in history] == [False, True]
    assert (await agrees(db, one), await agrees(db, other), known["consents"]) == (True, False, ["newsletter"])


@pytest.mark.parametrize("data", [{}, {"topic": ""}, {"topic": {"a": 1}}, {"topic": "x" * 500, "proof": "text"}])
async def test_a_word_of_any_shape_harms_nothing(db: Database, data: dict[str, Any]) -> None:
    receipt = await House(db).post("e-1", "consent.given", **data)

    assert receipt["state"] == "unmatched"
    assert len(await rows(db, "consent")) == (1 if len(str(data.get("topic"))) > 100 else 0)
