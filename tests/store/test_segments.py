"""Who is in which segment: by events, by the day, by new rules; and what journeys make of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from gateway.keeper import Keeper
from journey.effects import UpdateCustomer
from journey.record.loyalty import Loyalty
from journey.record.rules import Rules
from journey.record.segments import Segment
from store import customers, rules, segments
from store.clock import now
from store.database import Database
from store.tables import customer
from tests.gateway.routing import House
from tests.store.makers import a_journey, count, resolve, rows, the_row

BUYERS = {"segment": "buyers", "title": "Buyers", "if": "customer.orders >= 1"}
QUIET = {"segment": "quiet", "title": "Quiet", "if": "customer.days_since_purchase >= 30"}


def ruled(*said: dict[str, Any], **more: Any) -> Rules:
    found = [Segment.model_validate(one) for one in said]
    return Rules(segments={one.segment: one for one in found}, **more)


async def published(db: Database, *said: dict[str, Any], journeys: Any = (), **more: Any) -> House:
    from tests.store.makers import publish

    await publish(db, *journeys)
    async with db.write() as tx:
        await rules.publish(tx, ruled(*said, **more))
    return House(db)


async def kept(db: Database) -> int:
    import asyncio

    return await Keeper(db, asyncio.Event()).keep_some()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let time pass."""

    def pass_(length: timedelta) -> None:
        for module in ("store.segments", "store.customers"):
            monkeypatch.setattr(f"{module}.now", lambda: now() + length)

    return pass_


async def test_whoever_meets_the_condition_enters_and_an_event_says_so(db: Database) -> None:
    house = await published(db, BUYERS)
    await house.post()
    await house.route()

    row = await the_row(db, "membership")
    assert (row["segment"], row["entered_because"], row["left_at"]) == ("buyers", "purchase.completed", None)
    said = await the_row(db, "inbox", source="wayfare")
    assert (said["type"], said["data"]["segment"], said["data"]["customer"]) == (
        "segment.entered",
        "buyers",
        {"id": "c-1"},
    )
    person = await the_row(db, "customer")
    async with db.read() as tx:
        assert (await customers.known(tx, person["customer_id"]))["segments"] == ["buyers"]
        assert await segments.sizes(tx) == {"buyers": 1}
        assert await segments.members(tx, "buyers", 10) == [person["customer_id"]]


async def test_whoever_meets_it_no_more_leaves_and_may_come_back(db: Database) -> None:
    house = await published(db, BUYERS)
    await house.post("p-1")
    await house.post("r-1", "purchase.refunded", order_id="o-1")
    await house.post("p-2", order_id="o-2")
    await house.route()

    history = [(row["entered_because"], row["left_because"]) for row in await rows(db, "membership")]
    assert history == [("purchase.completed", "purchase.refunded"), ("purchase.completed", None)]
    kinds = [row["type"] for row in await rows(db, "inbox", source="wayfare")]
    assert kinds == ["segment.entered", "segment.left", "segment.entered"]


async def test_a_journey_begins_with_an_entry_and_ends_with_the_exit(db: Database) -> None:
    journey = a_journey(
        start={"on": "segment.entered", "if": 'event.segment == "buyers"'},
        goal={"on": "segment.left", "if": 'event.segment == "buyers"', "as": "left"},
    )
    house = await published(db, BUYERS, journeys=[journey])
    await house.post("p-1")
    await house.route()
    instance = await the_row(db, "instance")
    await house.post("r-1", "purchase.refunded", order_id="o-1")
    await house.route()

    heard = [row["content"] for row in await rows(db, "delivery", instance_id=instance["instance_id"])]
    assert heard[1]["type"] == "segment.left"


async def test_what_a_journey_sets_moves_customers_too(db: Database) -> None:
    from journey.work import Work
    from store import record
    from tests.store.makers import begun

    instance_id = await begun(db)
    async with db.write() as tx:
        await rules.publish(tx, ruled({"segment": "pro", "title": "Pro", "if": 'customer.plan == "pro"'}))
        write = UpdateCustomer(id="1/1/0", attributes={"plan": "pro"})
        await record.write(tx, Work(instance_id=instance_id, writes=(write,)))

    assert (await the_row(db, "membership"))["entered_because"] == "a journey changed the record"


async def test_time_alone_moves_customers_at_their_moment(db: Database, later: Any) -> None:
    house = await published(db, QUIET)
    await house.post()
    person = await the_row(db, "customer")
    assert abs(person["due_at"] - (now() + timedelta(days=30))) < timedelta(minutes=1)
    later(timedelta(days=29, hours=23))
    assert await kept(db) == 0
    later(timedelta(days=30, minutes=5))
    assert await kept(db) == 1
    await house.route()

    assert (await the_row(db, "membership"))["entered_because"] == "time passed"
    assert (await the_row(db, "inbox", source="wayfare"))["type"] == "segment.entered"
    assert await kept(db) == 0, "nobody is due any more"


async def test_new_rules_are_asked_of_everybody_once_and_begin_no_journeys(db: Database) -> None:
    house = await published(db, journeys=[a_journey(start={"on": "segment.entered"})])
    for number in range(5):
        await house.post(f"p-{number}", customer={"id": f"c-{number}"})
    async with db.write() as tx:
        await rules.publish(tx, ruled(BUYERS))
    while await kept(db):
        pass
    await house.route()

    assert {row["entered_because"] for row in await rows(db, "membership")} == {"the rules changed"}
    assert await count(db, "membership") == 5
    assert await rows(db, "inbox", source="wayfare") == [] and await rows(db, "instance") == []
    person = await the_row(db, "customer", external_id="c-0")
    assert person["derived"]["segments"] == ["buyers"]


async def test_what_follows_for_customers_from_before_the_migration_is_counted_by_the_keeper(db: Database) -> None:
    house = await published(db)
    await house.post()
    async with db.write() as tx:
        await tx.execute(update(customer).values(derived={}, ruled_by=""))
    assert await kept(db) == 1

    person = await the_row(db, "customer")
    assert (person["derived"]["orders"], person["derived"]["lifetime_value"]) == (1, 49.0)
    assert await kept(db) == 0


async def test_a_segment_that_is_taken_away_is_left_without_an_event(db: Database) -> None:
    house = await published(db, BUYERS)
    await house.post()
    async with db.write() as tx:
        await rules.publish(tx, Rules())
    await kept(db)

    assert (await the_row(db, "membership"))["left_because"] == "the rules changed"
    assert len(await rows(db, "inbox", type="segment.left")) == 0


async def test_a_customer_who_cannot_be_asked_does_not_keep_the_others_waiting(
    db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house = await published(db)
    for number in range(3):
        await house.post(f"p-{number}", customer={"id": f"c-{number}"})
    async with db.write() as tx:
        await rules.publish(tx, ruled(BUYERS))
    bad = (await the_row(db, "customer", external_id="c-1"))["customer_id"]
    real = segments.follow

    async def failing(tx: Any, customer_id: str, because: str) -> dict[str, Any]:
        if customer_id == bad:
            raise KeyError("the fault")
        found: dict[str, Any] = await real(tx, customer_id, because)
        return found

    monkeypatch.setattr(segments, "follow", failing)
    assert await kept(db) == 3
    assert await count(db, "membership") == 2 and "the fault" in caplog.text
    assert await kept(db) == 0, "it is left alone for a while"


async def test_a_merge_counts_the_longer_stay(db: Database) -> None:
    house = await published(db, BUYERS)
    await house.post("p-1", customer={"id": "c-1"})
    await house.post("p-2", customer={"id": "c-2"}, order_id="o-2")
    await house.post("m-1", "customer.merged", customer={"id": "c-1"}, other={"id": "c-2"})

    open_now = await rows(db, "membership", left_at=None)
    assert len(open_now) == 1 and open_now[0]["membership_pk"] == (await rows(db, "membership"))[0]["membership_pk"]


async def test_an_event_costs_as_many_statements_however_many_customers_there_are(db: Database) -> None:
    house = await published(db, BUYERS, QUIET)
    seen: list[str] = []
    event.listen(db._engine.sync_engine, "before_cursor_execute", lambda *said: seen.append(str(said[2])))

    async def cost(name: str) -> int:
        await house.post(f"{name}-1", customer={"id": name})
        seen.clear()
        await house.post(f"{name}-2", "page.viewed", customer={"id": name})
        return len(seen)

    first = await cost("c-first")
    for number in range(30):
        await resolve(db, id=f"c-{number}")
    assert await cost("c-last") == first


async def test_who_is_due_is_found_by_an_index_and_not_by_reading_everybody(db: Database) -> None:
    await resolve(db, id="c-1")
    in_force = ruled(BUYERS)
    statements: list[tuple[str, Any]] = []
    listened = db._engine.sync_engine
    event.listen(listened, "before_cursor_execute", lambda *said: statements.append((str(said[2]), said[3])))
    async with db.read() as tx:
        await segments.waiting(tx, in_force, 10)
        asked = [one for one in statements if "customer" in one[0]]
        plans = []
        for statement, parameters in asked:
            if not db.sqlite:
                await tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
            words = "EXPLAIN QUERY PLAN " if db.sqlite else "EXPLAIN "
            plans.append(" ".join(str(row) for row in await tx.exec_driver_sql(words + statement, parameters)))

    assert len(plans) == 3
    assert "ix_customer_due" in plans[0] and "ix_customer_ruled_by" in plans[1] and "ix_customer_ruled_by" in plans[2]


# Loyalty


async def test_points_follow_from_purchases_and_a_refund_takes_them_back(db: Database) -> None:
    programme = Loyalty.model_validate(
        {"currency": "EUR", "points per unit": 1, "tiers": [{"tier": "silver", "from": 40}]}
    )
    house = await published(db, loyalty=programme)
    await house.post("p-1")
    person = (await the_row(db, "customer"))["customer_id"]

    async def points() -> tuple[int, str | None]:
        async with db.read() as tx:
            known = await customers.known(tx, person)
        return known["points"], known.get("tier")

    assert await points() == (49, "silver")
    await house.post("s-1", "points.spent", points=20, reason="a voucher")
    await house.post("s-2", "points.given", points=5)
    assert await points() == (34, "silver")
    await house.post("r-1", "purchase.refunded", order_id="o-1", amount="19.00")
    assert await points() == (15, None)
    await house.post("r-2", "purchase.refunded", order_id="o-1")
    assert await points() == (5, None)


@pytest.mark.parametrize("points", [None, 0, -5, "10", True, 1.5, 10**12])
async def test_points_of_any_other_shape_are_none(db: Database, points: Any) -> None:
    await (await published(db)).post("s-1", "points.given", points=points)

    assert await rows(db, "booking") == []


async def test_a_programme_that_is_published_later_counts_what_was_bought_before(db: Database) -> None:
    house = await published(db)
    await house.post()
    async with db.write() as tx:
        await rules.publish(tx, Rules(loyalty=Loyalty.model_validate({"currency": "EUR", "points per unit": 2})))
    await kept(db)
    person = (await the_row(db, "customer"))["customer_id"]
    async with db.read() as tx:
        assert (await customers.known(tx, person))["points"] == 98
