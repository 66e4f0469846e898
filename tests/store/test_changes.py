"""Journeys that wait for a condition on the customer hear of what has changed, once a change; others do not."""

from __future__ import annotations

from typing import Any

from journey.effects import UpdateCustomer
from journey.inputs import CUSTOMER_CHANGED
from journey.work import Work
from store import changes, identity, merges, preferences, record
from store.database import Database
from store.preferences import Origin
from tests.store.makers import GRETE, a_journey, begun, resolve, rows, the_row
from tests.store.test_instances import end, unheard


def waiting(name: str = "upgrade", until: str = 'customer.plan == "pro"') -> Any:
    return a_journey(name, steps=[{"wait": {"until": until, "up to": "5 days"}, "id": "1"}])


async def changed(db: Database, instance_id: str, but: str = "") -> None:
    row = await the_row(db, "instance", instance_id=instance_id)
    async with db.write() as tx:
        await changes.changed(tx, row["customer_id"], "a test says so", but=but)


async def heard(db: Database, instance_id: str) -> list[dict[str, Any]]:
    return [row["content"] for row in await rows(db, "delivery", instance_id=instance_id, kind="event")]


async def test_a_change_is_told_once_with_how_the_customer_is(db: Database) -> None:
    instance_id = await begun(db, waiting())
    await resolve(db, **GRETE, attributes={"plan": "pro", "shoe": 41})
    for _ in range(2):
        await changed(db, instance_id)

    [told] = await heard(db, instance_id)
    assert (told["type"], told["customer"]) == (CUSTOMER_CHANGED, {"plan": "pro"})
    assert (await the_row(db, "instance", instance_id=instance_id))["told"] == {"plan": "pro"}
    assert await unheard(db) == {instance_id: 2}, "the sweeper rings at its next round"


async def test_a_change_of_what_no_condition_reads_is_not_told_again(db: Database) -> None:
    instance_id = await begun(db, waiting())
    await changed(db, instance_id)
    await resolve(db, **GRETE, attributes={"shoe": 42})
    await changed(db, instance_id)

    assert len(await heard(db, instance_id)) == 1


async def test_a_journey_without_such_a_condition_and_one_that_has_ended_hear_nothing(db: Database) -> None:
    plain = await begun(db, a_journey())
    over = await begun(db, waiting())
    await end(db, over)
    await changed(db, plain)

    assert await heard(db, plain) == [] == await heard(db, over)


async def test_what_one_journey_sets_the_others_hear_and_it_does_not(db: Database) -> None:
    setter = await begun(db, waiting("setter"))
    other = await begun(db, waiting("other"))
    write = UpdateCustomer(id="set/1/0", attributes={"plan": "pro"})
    for _ in range(2):
        async with db.write() as tx:
            await record.write(tx, Work(instance_id=setter, writes=(write,)))

    assert await heard(db, setter) == []
    assert [told["customer"] for told in await heard(db, other)] == [{"plan": "pro"}]


async def test_what_the_customer_says_by_a_link_is_heard_by_a_journey_that_waits_for_it(db: Database) -> None:
    instance_id = await begun(db, waiting(until='"tips" in customer.declined'))
    person = (await the_row(db, "customer"))["customer_id"]
    async with db.write() as tx:
        await preferences.say(tx, Origin("m-1", person, "tips"), {"tips": False})

    assert [told["customer"] for told in await heard(db, instance_id)] == [{"declined": ["tips"]}]


async def test_an_undone_merge_is_heard_on_both_sides(db: Database) -> None:
    mine = await begun(db, waiting("mine", 'has(customer.plan) && customer.plan == "pro"'))
    theirs = await begun(db, waiting("theirs", "has(customer.shoe) && customer.shoe == 41"), id="c-2")
    await resolve(db, id="c-2", attributes={"plan": "pro", "shoe": 41})
    async with db.write() as tx:
        one, other = [(await identity.find(tx, name) or {})["customer_id"] for name in ("c-1", "c-2")]
        await merges.merge(tx, one, other, "they say so")
        await changes.changed(tx, one, "two customers became one")
    merge_id = (await the_row(db, "customer_merge"))["merge_id"]
    async with db.write() as tx:
        await merges.undo(tx, merge_id)

    assert [told["customer"] for told in await heard(db, mine)] == [{"plan": "pro"}, {}]
    assert [told["customer"] for told in await heard(db, theirs)] == [{"shoe": 41}]
