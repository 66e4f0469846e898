"""Names and merges: whatever the order, the same customer; and a merge can be taken back."""

import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store import customers, identity, merges, purchases
from store.database import Database, Tx
from tests.store.makers import GRETE, a_journey, begun, count, event_pks, publish, resolve, rows, the_row

DAY = timedelta(days=1)
START = datetime(2026, 11, 1, tzinfo=UTC)
Said = Callable[[Tx, int, str], Awaitable[Any]]


def meant(given_: dict[str, Any], world: str) -> dict[str, Any]:
    """Names in a world of their own, so that many orders can be tried in one store."""
    own = {"id": world, "email": f".{world}", "anonymous_id": world}
    changed = {key: f"{value}{own[key]}" for key, value in given_.items() if key in own}
    if "phone" in given_:
        changed["phone"] = f"{given_['phone']}{int(world, 16):06}"
    return {**given_, **changed}


def says(**given_: Any) -> Said:
    async def say(tx: Tx, day: int, world: str) -> None:
        await identity.resolve(tx, meant(given_, world), START + day * DAY)

    return say


def are_one(given_: dict[str, Any], other: dict[str, Any]) -> Said:
    async def say(tx: Tx, day: int, world: str) -> None:
        two = meant(given_, world), meant(other, world)
        await identity.unite(tx, *two, "the shop says so", START + day * DAY)

    return say


worlds = itertools.count(1)


async def outcomes(db: Database, said: list[Said]) -> set[str]:
    """What the record comes to in every order, without what is drawn by lot."""
    tried = []
    async with db.write() as tx:
        for order in permutations(enumerate(said)):
            world = f"{next(worlds):06x}"
            for day, say in order:
                await say(tx, day, world)
            tried.append(world)
    there = await people(db)
    found = {world: sorted(repr(one).replace(world, "") for one in there if world in repr(one)) for world in tried}
    return {repr(one).replace(f"{int(world, 16):06}", "") for world, one in found.items()}


async def people(db: Database) -> list[Any]:
    shown = ("external_id", "email", "name", "phone", "attributes", "tags")
    there = [row for row in await rows(db, "customer") if row["merged_into"] is None]
    names: dict[str, list[Any]] = {}
    for one in await rows(db, "customer_alias"):
        names.setdefault(one["customer_id"], []).append((one["kind"], one["value"]))
    found = [(sorted(names[row["customer_id"]]), [(key, plain(row[key])) for key in shown]) for row in there]
    return sorted(found, key=repr)


def plain(value: Any) -> Any:
    return sorted(value.items()) if isinstance(value, dict) else value


async def test_tracked_identified_and_merged_in_all_120_orders_it_is_the_same_customer(db: Database) -> None:
    said = [
        says(anonymous_id="phone-1", attributes={"seen": "lamps"}),
        says(anonymous_id="laptop-1", attributes={"seen": "chairs", "source": "ad"}),
        says(id="c-a", anonymous_id="phone-1", email="grete@example.org", name="Grete"),
        says(id="c-b", anonymous_id="laptop-1", email="g.hermann@example.org", name="G. Hermann"),
        are_one({"id": "c-a"}, {"id": "c-b"}),
    ]

    [one] = await outcomes(db, said)
    assert "'external_id', 'c-a'" in one and "g.hermann@example.org" in one and "'seen', 'chairs'" in one
    assert one.count("'external_id'") == 1, "one customer"


async def test_an_address_before_its_id_in_every_order_is_one_customer(db: Database) -> None:
    said = [
        says(email="grete@example.org", name="G."),
        says(id="c-1", phone="+49 30 123456"),
        says(phone="0049 30 123456", attributes={"plan": "pro"}),
        says(id="c-1", email="Grete@example.org", name="Grete"),
    ]

    [one] = await outcomes(db, said)
    assert one.count("'external_id'") == 1


NAMES = {"id": ["c-1"], "email": ["a@x.org"], "phone": ["+49301234567"], "anonymous_id": ["one", "two"]}
some_names = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in NAMES.items()})


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(some_names.filter(bool), min_size=2, max_size=3))
async def test_any_events_about_one_person_come_to_the_same_in_every_order(
    db: Database, said: list[dict[str, str]]
) -> None:
    events = [says(**one, attributes={f"a{number % 2}": number}) for number, one in enumerate(said)]

    assert len(await outcomes(db, events)) == 1


async def test_everything_of_the_other_is_found_with_the_one_that_stays(db: Database) -> None:
    mine = await resolve(db, id="c-1", attributes={"plan": "pro"})
    other = await resolve(db, **GRETE | {"id": "c-2"})
    [event_pk] = await event_pks(db, 1)
    async with db.write() as tx:
        await purchases.bought(tx, other["customer_id"], event_pk, {"order_id": "o-1"}, START)
        await merges.merge(tx, mine["customer_id"], other["customer_id"], "the shop says so")

    assert (await the_row(db, "purchase"))["customer_id"] == mine["customer_id"]
    async with db.read() as tx:
        for name in ("c-1", "c-2", "grete@example.org", "email:grete@example.org", other["customer_id"]):
            found = await identity.find(tx, name)
            assert found is not None and found["customer_id"] == mine["customer_id"], name
        assert (await customers.known(tx, mine["customer_id"]))["orders"] == 1
        found = await identity.find(tx, "c-1")
        assert found is not None and found["attributes"] == {"plan": "pro"} and found["name"] == "Grete Hermann"
    line = (await rows(db, "timeline"))[-1]
    assert line["text"] == ("c-2 turned out to be the same customer: the shop says so. The two records are one now.")


async def test_an_undone_merge_gives_each_their_own_and_what_came_since_by_their_names(db: Database) -> None:
    from tests.gateway.routing import House

    await publish(db, a_journey())
    house = House(db)
    await house.post("e-1", customer={"id": "c-1", "name": "One"}, order_id="o-1")
    await house.post("e-2", customer={"id": "c-2", "name": "Two", "attributes": {"plan": "pro"}}, order_id="o-2")
    before = await people(db)
    await house.post("e-3", "customer.merged", customer={"id": "c-1"}, other={"id": "c-2"})
    assert len(await people(db)) == 1
    await house.post("e-4", customer={"id": "c-2", "attributes": {"plan": "gold"}}, order_id="o-4")
    await house.post("e-5", customer={"id": "c-1", "attributes": {"size": "M"}}, order_id="o-5")
    merge = await the_row(db, "customer_merge")
    async with db.write() as tx:
        back = await merges.undo(tx, merge["merge_id"])

    assert len(before) == 2
    owners = {row["external_id"]: row["customer_id"] for row in await rows(db, "customer")}
    assert back == owners["c-2"]
    orders, keys = {}, {}
    for name, owner in owners.items():
        orders[name] = {row["order_id"] for row in await rows(db, "purchase", customer_id=owner)}
        keys[name] = {row["entry_key"] for row in await rows(db, "instance", customer_id=owner)}
    assert orders == keys == {"c-1": {"o-1", "o-5"}, "c-2": {"o-2", "o-4"}}
    attributes = {row["external_id"]: (row["name"], row["attributes"]) for row in await rows(db, "customer")}
    assert attributes == {"c-1": ("One", {"size": "M"}), "c-2": ("Two", {"plan": "gold"})}
    async with db.read() as tx:
        found = await identity.find(tx, "c-2")
    assert found is not None and found["merged_into"] is None
    texts = [row["text"] for row in await rows(db, "timeline", kind="merge", customer_id=owners["c-2"])]
    assert texts == ["The merge into c-1 was undone. What came since by this customer's names is here."]


async def test_merges_are_undone_from_the_last_one_back(db: Database) -> None:
    one, two, three = [(await resolve(db, id=f"c-{number}"))["customer_id"] for number in (1, 2, 3)]
    async with db.write() as tx:
        await merges.merge(tx, one, two, "first")
    async with db.write() as tx:
        await merges.merge(tx, one, three, "second")
    first, second = sorted(await rows(db, "customer_merge"), key=lambda row: row["merged_at"])

    with pytest.raises(merges.CannotPart, match=r"Undo the merge .* first"):
        async with db.write() as tx:
            await merges.undo(tx, first["merge_id"])
    for merge in (second, first):
        async with db.write() as tx:
            await merges.undo(tx, merge["merge_id"])
    assert {row["merged_into"] for row in await rows(db, "customer")} == {None}
    with pytest.raises(merges.CannotPart, match="undone already"):
        async with db.write() as tx:
            await merges.undo(tx, first["merge_id"])


@pytest.mark.parametrize("rule", ["keep oldest", "keep newest"])
async def test_of_two_running_instances_of_one_journey_the_rule_says_which_goes_on(db: Database, rule: str) -> None:
    journey = a_journey(start={"on": "purchase.completed"}, **{"on merge": rule})
    first = await begun(db, journey, "", id="c-1")
    second = await begun(db, journey, "", id="c-2")
    stays, goes = (first, second) if rule == "keep oldest" else (second, first)
    async with db.write() as tx:
        await identity.unite(tx, {"id": "c-2"}, {"id": "c-1"}, "the shop says so")

    found = {row["instance_id"]: row for row in await rows(db, "instance")}
    assert (found[stays]["state"], found[goes]["state"], found[goes]["outcome"]) == ("running", "ending", "merged")
    assert found[stays]["customer_id"] == found[goes]["customer_id"]
    assert await count(db, "delivery") == 3, "the one that goes is told to"


async def test_what_the_other_instance_had_not_used_is_heard_by_the_one_that_goes_on(db: Database) -> None:
    from tests.gateway.routing import House, started

    waits = [{"wait": {"for": "a.came", "up to": "9 days", "since": "journey"}, "id": "1"}]
    await publish(db, a_journey(start={"on": "purchase.completed"}, steps=waits))
    house = House(db)
    stays = started(await house.post("e-1", customer={"id": "c-1"}))
    await house.post("e-2", customer={"id": "c-2"})
    await house.post("e-3", "a.came", customer={"id": "c-2"}, number=3)
    await house.post("e-4", "a.came", customer={"id": "c-2"}, number=4)
    receipt = await house.post("e-5", "customer.merged", customer={"id": "c-1"}, other={"id": "c-2"})

    heard = await rows(db, "delivery", instance_id=stays)
    assert [row["content"]["data"].get("number") for row in heard[1:]] == [3, 4]
    assert [row["seq"] for row in heard] == [1, 2, 3]
    assert receipt["result"]["started"] == [], "a merge makes no old event an entry"
    assert len(await rows(db, "instance")) == 2
