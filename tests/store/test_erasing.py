"""A customer who is erased: nothing says any more who they were, and what stays is what the next message needs."""

import json
from typing import Any

from sqlalchemy import update

from store import erasing, identity, ledger, reach, segments, timeline
from store.clock import now
from store.database import Database
from store.seal import Seal
from store.tables import message, metadata
from tests.store import makers
from tests.store.makers import a_journey, accept, new_event, rows, the_row
from tests.store.people import FULL, lived, ruled

SEAL = Seal("of the tests")
PERSONAL = (
    "Grete", "Hermann", "grete@example.org", "234567", "Feldgasse", "1990-05-17", "a-1", "c-1", "o-1", "S-1", "It hums",
    "Asks about bulbs", "Lovely", "Thank you", "a voucher", "/tips", "Prefers mornings", "A secret",
)  # fmt: skip


async def everything(db: Database) -> str:
    """All that the store holds, as one text."""
    found = {table.name: await rows(db, table.name) for table in metadata.sorted_tables}
    return json.dumps(found, default=lambda value: value.decode() if isinstance(value, bytes) else str(value))


async def erase(db: Database, who: str = "c-1") -> int:
    async with db.write() as tx:
        row = await identity.find(tx, who)
        assert row is not None
        return await erasing.erase(tx, row["customer_id"], SEAL, "Ada", "They asked for it.")


async def prepared(db: Database) -> Any:
    """A customer with something of everything, another one merged into them, and a neighbour."""
    await makers.publish(db, a_journey())
    house = await ruled(db)
    await lived(house)
    await house.post("m-1", "customer.merged", customer={"id": "c-1"}, other={"id": "A secret id"})
    await house.post("n-1", customer={"id": "x-9", "name": "The Neighbour"}, order_id="x-order")
    async with db.write() as tx:
        person = (await identity.find(tx, "c-1") or {})["customer_id"]
        await timeline.note(tx, person, "n-1", "Prefers mornings.", "Ada", now())
        [instance] = [row for row in await rows(db, "instance") if row["customer_id"] == person]
        sent = await ledger.intend(tx, instance["instance_id"], "send/1/0", "welcome", "lifecycle")
        mine = update(message).where(message.c.send_key == sent.send_key)
        await tx.execute(mine.values(recipient="grete@example.org", subject="Dear Grete", body=b"Dear Grete"))
        await reach.suppress(tx, SEAL.mark("grete@example.org"), "complained", "test")
    await accept(db, new_event("late", customer=FULL))
    return house


async def test_nothing_personal_is_left_in_any_table_and_the_neighbour_is_untouched(db: Database) -> None:
    await prepared(db)
    before = await everything(db)
    assert [word for word in PERSONAL if word not in before] == []
    assert await erase(db) == 2
    after = await everything(db)

    assert [word for word in PERSONAL if word in after] == []
    assert after.count("The Neighbour") == before.count("The Neighbour")
    assert after.count("x-order") == before.count("x-order")


async def test_their_journeys_are_ended_by_the_erase_command_and_send_nothing_more(db: Database) -> None:
    house = await prepared(db)
    await erase(db)
    person = await the_row(db, "customer", external_id="x-9")
    [mine] = [row for row in await rows(db, "instance") if row["customer_id"] != person["customer_id"]]
    commands = [row["content"] for row in await rows(db, "delivery", kind="command")]

    assert (mine["state"], mine["outcome"], mine["snapshot"]) == ("ending", "erased", None)
    assert [(one["kind"], one["by"]) for one in commands] == [("erase", "Ada")]
    assert [row["state"] for row in await rows(db, "message")] == ["suppressed"]
    await house.ring()
    await house.sweep()
    assert (mine["instance_id"], mine["next_seq"] - 1) in [rung[:2] for rung in house.engine.rung]


async def test_what_stays_is_what_keeps_it_from_happening_twice(db: Database) -> None:
    house = await prepared(db)
    await house.route()
    await erase(db)
    kept = await the_row(db, "message")
    async with db.read() as tx:
        assert await reach.suppressed(tx, kept["mark"]) is not None
    assert kept["mark"] == SEAL.mark("grete@example.org")
    [again] = await accept(db, new_event("late", customer=FULL))
    assert again.state == "duplicate"
    [line] = [row for row in await rows(db, "timeline") if row["key"] == "erased"]
    assert "erased by Ada: They asked for it." in line["text"]


async def test_whoever_comes_back_is_somebody_new(db: Database) -> None:
    house = await prepared(db)
    await house.route()
    await erase(db)
    before = [row["customer_id"] for row in await rows(db, "customer")]
    await house.post("again", customer=FULL, order_id="o-2")

    new = await the_row(db, "customer", external_id="c-1")
    assert new["customer_id"] not in before and new["derived"]["orders"] == 1


async def test_nobody_asks_about_an_erased_customer_any_more(db: Database) -> None:
    await prepared(db)
    await erase(db)
    async with db.read() as tx:
        from journey.record.rules import Rules

        waiting = [customer_id for customer_id, _ in await segments.waiting(tx, Rules(), 10)]
    erased = [row["customer_id"] for row in await rows(db, "customer") if row["erased_at"]]
    assert set(waiting).isdisjoint(erased) and len(erased) == 2
