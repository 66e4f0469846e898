"""Instances and their deliveries: dense numbers, one running instance a key, and what the sweeper asks for."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from journey.inputs import Entry, Event
from journey.routing import Former
from store import instances
from store.clock import now
from store.database import Database
from store.tables import instance
from tests.store.makers import a_journey, begun, event_pks, resolve, rows, the_row


def an_event(number: int = 1, kind: str = "setup.completed") -> Event:
    return Event(type=kind, data={"order_id": "o-1", "number": number}, at=now(), customer={"plan": "pro"})


async def deliver(db: Database, instance_id: str, event_pk: int, number: int = 1) -> int | None:
    async with db.write() as tx:
        return await instances.deliver(tx, instance_id, an_event(number), event_pk)


async def alter(db: Database, instance_id: str, **values: Any) -> None:
    async with db.write() as tx:
        await tx.execute(update(instance).where(instance.c.instance_id == instance_id).values(**values))


async def end(db: Database, instance_id: str, outcome: str = "completed") -> None:
    await alter(db, instance_id, **instances.ending(now(), outcome))


async def unheard(db: Database, *, older_than: timedelta = timedelta(seconds=5), limit: int = 100) -> dict[str, int]:
    async with db.read() as tx:
        return await instances.unheard(tx, older_than, timedelta(seconds=30), limit)


async def test_an_instance_begins_with_its_event_as_number_one(db: Database) -> None:
    instance_id = await begun(db)

    row = await the_row(db, "instance")
    first = await the_row(db, "delivery")
    assert (row["instance_id"], row["state"], row["next_seq"], row["acked_seq"]) == (instance_id, "running", 2, 0)
    assert (row["journey"], row["entry_key"], row["def_hash"]) == ("onboarding", "o-1", a_journey().hash)
    assert (first["seq"], first["kind"], first["content"]) == (1, "entry", row["entry"])
    assert Entry.model_validate(row["entry"]).event.at == row["started_at"]


async def test_an_instances_id_says_nothing_about_anybody(db: Database) -> None:
    assert (await begun(db)).isalnum()


async def test_events_are_numbered_without_holes_and_come_back_in_order(db: Database) -> None:
    instance_id = await begun(db)
    for number, event_pk in enumerate(await event_pks(db, 3), 2):
        assert await deliver(db, instance_id, event_pk, number) == number

    async with db.read() as tx:
        found = await instances.after(tx, instance_id, 1)
        rest = await instances.after(tx, instance_id, 3)
        some = await instances.after(tx, instance_id, 1, limit=2)
    assert [(one["seq"], one["content"]["data"]["number"]) for one in found] == [(2, 2), (3, 3), (4, 4)]
    assert ([one["seq"] for one in rest], [one["seq"] for one in some]) == ([4], [2, 3])


async def test_a_delivered_event_comes_back_as_it_was(db: Database) -> None:
    instance_id = await begun(db)
    [event_pk] = await event_pks(db, 1)
    event = an_event()
    async with db.write() as tx:
        await instances.deliver(tx, instance_id, event, event_pk)
        [found] = await instances.after(tx, instance_id, 1)

    assert Event.model_validate(found["content"]) == event


async def test_many_at_once_get_dense_numbers_each_once(db: Database) -> None:
    instance_id = await begun(db)
    keys = await event_pks(db, 20)
    numbers = await asyncio.gather(*(deliver(db, instance_id, event_pk) for event_pk in keys))

    assert sorted(number for number in numbers if number) == list(range(2, 22))
    assert [row["seq"] for row in await rows(db, "delivery")] == list(range(1, 22))
    assert (await the_row(db, "instance"))["next_seq"] == 22


async def test_a_delivery_that_is_rolled_back_leaves_no_hole(db: Database) -> None:
    instance_id = await begun(db)
    [first, second] = await event_pks(db, 2)

    async def fail() -> None:
        async with db.write() as tx:
            await instances.deliver(tx, instance_id, an_event(), first)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await deliver(db, instance_id, second) == 2


async def test_the_same_event_is_never_delivered_twice(db: Database) -> None:
    instance_id = await begun(db)
    [event_pk] = await event_pks(db, 1)
    await deliver(db, instance_id, event_pk)

    with pytest.raises(IntegrityError):
        await deliver(db, instance_id, event_pk)
    assert (await the_row(db, "instance"))["next_seq"] == 3


async def test_an_ended_instance_hears_nothing_more(db: Database) -> None:
    instance_id = await begun(db)
    [event_pk] = await event_pks(db, 1)
    await end(db, instance_id)

    assert await deliver(db, instance_id, event_pk) is None
    assert len(await rows(db, "delivery")) == 1


async def test_only_one_instance_runs_for_a_journey_a_customer_and_a_key(db: Database) -> None:
    await begun(db)
    with pytest.raises(IntegrityError):
        await begun(db)

    await begun(db, key="o-2")
    await begun(db, id="c-2")
    await begun(db, a_journey("check-in"))
    assert len(await rows(db, "instance", state="running")) == 4


async def test_after_its_end_another_may_begin(db: Database) -> None:
    await end(db, await begun(db))
    await begun(db)

    assert sorted(row["state"] for row in await rows(db, "instance")) == ["ended", "running"]


async def test_of_racing_starts_one_wins(db: Database) -> None:
    journey = a_journey()
    await end(db, await begun(db, journey))
    person = (await resolve(db, id="c-1"))["customer_id"]
    keys = await event_pks(db, 6)

    async def start(event_pk: int) -> str:
        async with db.write() as tx:
            entry = Entry(event=an_event(kind="purchase.completed"))
            return await instances.begin(tx, journey, person, "o-1", entry, event_pk)

    answers = await asyncio.gather(*(start(one) for one in keys), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["IntegrityError"] * 5 + ["str"]
    assert len(await rows(db, "delivery")) == 2


async def former(db: Database, key: str = "o-1") -> Former | None:
    person = (await resolve(db, id="c-1"))["customer_id"]
    async with db.read() as tx:
        return await instances.former(tx, "onboarding", person, key)


async def test_the_former_instance_is_the_latest_one_of_the_key(db: Database) -> None:
    assert await former(db) is None
    first = await begun(db)
    assert await former(db) == Former(running=True, ended_at=None)
    moment = now()
    await alter(db, first, **instances.ending(moment, "completed"))

    assert await former(db) == Former(running=False, ended_at=moment)
    assert await former(db, "o-2") is None


async def test_of_two_that_began_in_the_same_moment_the_running_one_counts(db: Database) -> None:
    moment = now()
    for state in ("ended", "running"):
        instance_id = await begun(db)
        await alter(db, instance_id, started_at=moment)
        if state == "ended":
            await end(db, instance_id)

    found = await former(db)
    assert found is not None and found.running


async def test_the_customers_running_instances_listen_the_oldest_first(db: Database) -> None:
    first, second, gone = await begun(db), await begun(db, key="o-2"), await begun(db, key="o-3")
    await begun(db, id="c-2")
    await alter(db, second, started_at=now() - timedelta(days=1))
    await end(db, gone)
    person = (await resolve(db, id="c-1"))["customer_id"]

    async with db.read() as tx:
        heard = await instances.listening(tx, person)
    assert [one["instance_id"] for one in heard] == [second, first]
    assert {one["def_hash"] for one in heard} == {a_journey().hash}


async def test_what_is_needed_to_launch_is_all_there_while_it_runs(db: Database) -> None:
    instance_id = await begun(db)
    async with db.read() as tx:
        row = await instances.launch(tx, instance_id)
    assert row is not None
    assert (row["journey"], row["plan"], row["snapshot"]) == ("onboarding", a_journey().plan, None)
    assert (row["acked_seq"], row["next_seq"]) == (0, 2)

    await end(db, instance_id)
    async with db.read() as tx:
        assert await instances.launch(tx, instance_id) is None
        assert await instances.launch(tx, "nobody") is None


async def test_an_instance_that_has_not_applied_its_deliveries_is_unheard_after_a_while(db: Database) -> None:
    instance_id = await begun(db)
    assert await unheard(db) == {}
    await alter(db, instance_id, rung_at=now() - timedelta(seconds=6))
    assert await unheard(db) == {instance_id: 1}

    await alter(db, instance_id, acked_seq=1)
    assert await unheard(db) == {}
    [event_pk] = await event_pks(db, 1)
    await deliver(db, instance_id, event_pk)
    assert await unheard(db) == {}
    assert await unheard(db, older_than=timedelta(0)) == {instance_id: 2}


async def test_an_instance_that_should_have_woken_up_is_unheard(db: Database) -> None:
    instance_id = await begun(db)
    quiet = {"acked_seq": 1, "rung_at": now() - timedelta(minutes=1)}
    await alter(db, instance_id, **quiet, wake_at=now() - timedelta(seconds=20))
    assert await unheard(db) == {}

    await alter(db, instance_id, wake_at=now() - timedelta(seconds=31))
    assert await unheard(db) == {instance_id: 1}
    await end(db, instance_id)
    assert await unheard(db) == {}


async def test_what_was_rung_is_left_alone_and_the_longest_unheard_come_first(db: Database) -> None:
    ids = [await begun(db, key=f"o-{number}") for number in range(4)]
    for minutes, instance_id in zip((2, 4, 1, 3), ids, strict=True):
        await alter(db, instance_id, rung_at=now() - timedelta(minutes=minutes))

    assert list(await unheard(db, limit=3)) == [ids[1], ids[3], ids[0]]
    async with db.write() as tx:
        await instances.rung(tx, [ids[1], ids[3]])
    assert list(await unheard(db)) == [ids[0], ids[2]]


async def test_looking_for_the_unheard_reads_only_those(db: Database) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_1: Any, _2: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    one = await the_row(db, "instance", instance_id=await begun(db))
    calm = one | {"acked_seq": 1, "wake_at": now() + timedelta(days=1)}
    async with db.write() as tx:
        many = [calm | {"instance_id": f"i-{number}", "entry_key": f"k-{number}"} for number in range(1_000)]
        await tx.execute(instance.insert(), many)
    sqlalchemy_event.listen(db._engine.sync_engine, "before_cursor_execute", note)
    await unheard(db)
    sqlalchemy_event.remove(db._engine.sync_engine, "before_cursor_execute", note)
    statement, parameters = asked[-1]
    async with db.write() as tx:
        if not db.sqlite:
            await tx.exec_driver_sql("ANALYZE instance")
        explain = "EXPLAIN QUERY PLAN " if db.sqlite else "EXPLAIN "
        plan = "\n".join(str(row[-1]) for row in await tx.exec_driver_sql(explain + statement, parameters))

    assert "ix_instance_unheard" in plan and "ix_instance_due" in plan
    assert "SCAN instance" not in plan and "Seq Scan" not in plan


async def test_trouble_is_said_cut_and_taken_back(db: Database) -> None:
    instance_id = await begun(db)
    async with db.write() as tx:
        await instances.trouble(tx, instance_id, "x" * 1_000)
    assert (await the_row(db, "instance"))["trouble"] == "x" * 500

    async with db.write() as tx:
        await instances.trouble(tx, instance_id, None)
    assert (await the_row(db, "instance"))["trouble"] is None


async def test_open_instances_are_paged_and_counted(db: Database) -> None:
    ids = sorted([await begun(db, key=f"o-{number}") for number in range(5)])
    await end(db, ids.pop())

    async with db.read() as tx:
        first = await instances.open_ids(tx, 3)
        assert first + await instances.open_ids(tx, 3, first[-1]) == ids
        assert await instances.count_by_state(tx) == {"running": 4, "ended": 1}
        assert await instances.running(tx, ids[0]) and not await instances.running(tx, "nobody")
        assert await instances.get(tx, "nobody") is None
