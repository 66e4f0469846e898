"""From accepted events to journeys: who it is, what starts, who hears it; each event once, in order, with a reason."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import psycopg.errors
import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from gateway import redrive
from gateway.published import InForce
from gateway.router import Router
from journey.inputs import Entry, Event
from store import identity, inbox, instances
from store.clock import now
from store.database import Database, Tx
from store.tables import instance
from tests.gateway.routing import House, started
from tests.store.makers import a_journey, accept, new_event, publish, rows, the_row

SETUP = "setup.completed"


@pytest.fixture
async def house(db: Database) -> House:
    return House(db)


def refusals(receipt: dict[str, Any]) -> list[str]:
    return [one["reason"] for one in receipt["result"]["not_started"]]


async def test_a_purchase_starts_its_journey_with_the_version_in_force(house: House) -> None:
    await publish(house.db, a_journey(steps=[{"wait": "1 day", "id": "1"}]))
    await publish(house.db, a_journey())
    receipt = await house.post()

    row = await the_row(house.db, "instance")
    assert (receipt["state"], started(receipt)) == ("routed", row["instance_id"])
    assert (row["def_hash"], row["entry_key"], row["state"]) == (a_journey().hash, "o-1", "running")
    entry, event = Entry.model_validate(row["entry"]), await the_row(house.db, "inbox")
    assert (entry.event.at, entry.event.data["order_id"], entry.who) == (
        event["accepted_at"], "o-1", row["customer_id"],
    )  # fmt: skip
    assert "customer" not in entry.event.data
    assert event["customer_id"] == row["customer_id"]


async def test_a_purchase_is_put_on_the_customers_record(house: House) -> None:
    await publish(house.db, a_journey())
    await house.post()

    assert (await the_row(house.db, "customer"))["email"] == "grete@example.org"
    assert (await the_row(house.db, "purchase"))["order_id"] == "o-1"
    assert [(row["kind"], row["text"]) for row in await rows(house.db, "timeline")] == [
        ("event", "purchase.completed came from shop."),
        ("started", "Onboarding began."),
    ]


async def test_a_refund_is_put_on_the_customers_record(house: House) -> None:
    await house.post()
    await house.post("e-2", "purchase.refunded", order_id="o-1")

    assert (await the_row(house.db, "purchase"))["state"] == "refunded"


async def test_a_new_version_is_for_those_who_come_after_it(house: House) -> None:
    await publish(house.db, a_journey())
    first = started(await house.post())
    await publish(house.db, changed := a_journey(steps=[{"wait": "1 day", "id": "1"}]))
    second = started(await house.post("e-2", order_id="o-2"))

    hashes = {row["instance_id"]: row["def_hash"] for row in await rows(house.db, "instance")}
    assert hashes == {first: a_journey().hash, second: changed.hash}


async def test_a_journey_that_was_taken_away_starts_nobody(house: House) -> None:
    await publish(house.db, a_journey())
    await publish(house.db)

    assert (await house.post())["state"] == "unmatched"


async def test_the_same_event_posted_twice_starts_once(house: House) -> None:
    await publish(house.db, a_journey())
    await accept(house.db, new_event())
    await accept(house.db, new_event())
    await house.route()
    again = await house.post()

    assert len(await rows(house.db, "instance")) == len(await rows(house.db, "purchase")) == 1
    assert started(again) == (await the_row(house.db, "instance"))["instance_id"]


async def test_an_event_may_start_several_journeys_and_refuse_others(house: House) -> None:
    await publish(
        house.db,
        a_journey("a"),
        a_journey("b", start={"on": "purchase.completed"}),
        a_journey("c", start={"on": "purchase.completed", "if": 'event.currency == "CHF"'}),
        a_journey("d", start={"on": "page.viewed"}),
    )
    receipt = await house.post()

    assert [one["journey"] for one in receipt["result"]["started"]] == ["a", "b"]
    assert receipt["result"]["not_started"] == [
        {"journey": "c", "reason": 'its condition is not met (event.currency == "CHF")'}
    ]


async def test_a_condition_on_the_customer_sees_what_this_very_event_brings(house: House) -> None:
    start = {"on": "purchase.completed", "if": 'customer.plan == "pro" && customer.orders == 1'}
    await publish(house.db, a_journey(start=start))
    receipt = await house.post(customer={"id": "c-1", "attributes": {"plan": "pro"}})

    assert started(receipt)


async def test_a_condition_that_reads_something_missing_says_so(house: House) -> None:
    await publish(house.db, a_journey(start={"on": "purchase.completed", "if": "event.nothing.there"}))
    receipt = await house.post()

    [reason] = refusals(receipt)
    assert receipt["state"] == "unmatched"
    assert reason.startswith("its condition is not met (event.nothing.there: ") and "nothing" in reason[50:]


async def test_a_key_that_cannot_be_read_says_so(house: House) -> None:
    await publish(house.db, a_journey())
    [reason] = refusals(await house.post(order_id=""))

    assert reason == "its key cannot be read (event.order_id: it is empty)"


async def test_an_event_that_nobody_knows_is_kept_with_the_reason(house: House) -> None:
    await publish(house.db, a_journey())
    receipt = await house.post("e-1", "page.viewed")

    assert receipt["state"] == "unmatched"
    assert receipt["result"]["reason"] == (
        "no journey starts with page.viewed, and none of this customer's waits for it"
    )
    assert [row["kind"] for row in await rows(house.db, "timeline")] == ["event"]


AGAIN = {"on": "purchase.completed"}


@pytest.mark.parametrize(
    ("again", "ended_ago", "reason"),
    [
        ("never", timedelta(days=900), "it has already run for this customer and key, and never starts again"),
        ("always", timedelta(0), None),
        ("after 90 days", timedelta(days=89), "it ran for this customer and key and starts again only after 90 days"),
        ("after 90 days", timedelta(days=91), None),
    ],
)
async def test_whether_a_journey_starts_again(
    house: House, again: str, ended_ago: timedelta, reason: str | None
) -> None:
    await publish(house.db, a_journey(start=AGAIN | {"again": again}))
    first = started(await house.post())
    assert refusals(await house.post("e-2")) == ["it is running already for this customer and key"]
    await house.end(first, ended_ago)
    receipt = await house.post("e-3")

    assert refusals(receipt) == ([reason] if reason else [])
    assert len(receipt["result"]["started"]) == (0 if reason else 1)


async def test_at_ten_times_the_speed_it_starts_again_ten_times_sooner(db: Database) -> None:
    house = House(db, pace=10)
    await publish(db, a_journey(start=AGAIN | {"again": "after 90 days"}))
    await house.end(started(await house.post()), timedelta(days=9, minutes=1))

    assert started(await house.post("e-2"))
    assert {Entry.model_validate(row["entry"]).pace for row in await rows(db, "instance")} == {10}


async def test_another_key_or_another_customer_is_another_instance(house: House) -> None:
    await publish(house.db, a_journey())
    changed: list[dict[str, Any]] = [{}, {"order_id": "o-2"}, {"customer": {"id": "c-2"}}]
    for number, changes in enumerate(changed):
        assert started(await house.post(f"e-{number}", **changes))

    assert len(await rows(house.db, "instance", state="running")) == 3


async def test_a_running_instance_hears_what_it_waits_for_under_the_next_number(house: House) -> None:
    await publish(house.db, a_journey())
    instance_id = started(await house.post())
    first = await house.post("e-2", SETUP, order_id="o-1")
    second = await house.post("e-3", SETUP, order_id="o-9")

    assert first["state"] == second["state"] == "routed"
    assert [one["result"]["heard"] for one in (first, second)] == [
        [{"journey": "onboarding", "instance": instance_id, "seq": number}] for number in (2, 3)
    ]
    deliveries = [row["content"] for row in await rows(house.db, "delivery")][1:]
    assert [Event.model_validate(one).data for one in deliveries] == [{"order_id": "o-1"}, {"order_id": "o-9"}]


async def test_an_instance_is_sent_the_customers_fields_that_its_conditions_read(house: House) -> None:
    goal = {"on": SETUP, "if": 'customer.plan == "pro"', "as": "activated"}
    await publish(house.db, a_journey(goal=goal))
    await house.post(customer={"id": "c-1", "attributes": {"plan": "free", "secret": 1}})
    await house.post("e-2", SETUP, customer={"id": "c-1", "attributes": {"plan": "pro"}})

    heard = (await rows(house.db, "delivery"))[1]
    assert Event.model_validate(heard["content"]).customer == {"plan": "pro"}


async def test_a_running_instance_hears_by_the_version_it_runs(house: House) -> None:
    await publish(house.db, a_journey())
    await house.post()
    await publish(house.db, a_journey(goal={"on": "lamp.lit", "as": "activated"}))

    assert (await house.post("e-2", SETUP))["state"] == "routed"
    assert (await house.post("e-3", "lamp.lit"))["state"] == "unmatched"


async def test_other_customers_and_ended_instances_hear_nothing(house: House) -> None:
    await publish(house.db, a_journey())
    instance_id = started(await house.post())
    assert (await house.post("e-2", SETUP, customer={"id": "c-2"}))["state"] == "unmatched"
    await house.end(instance_id)
    assert (await house.post("e-3", SETUP))["state"] == "unmatched"

    assert len(await rows(house.db, "delivery")) == 1


async def test_an_instance_that_ends_while_an_event_is_routed_does_not_count_as_having_heard_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(house.db, a_journey())
    instance_id = started(await house.post())
    listening = instances.listening

    async def end_behind_its_back(tx: Any, customer_id: str) -> list[dict[str, Any]]:
        found = await listening(tx, customer_id)
        values = instances.ending(now(), "refunded")
        await tx.execute(update(instance).where(instance.c.instance_id == instance_id).values(**values))
        return found

    monkeypatch.setattr(instances, "listening", end_behind_its_back)
    receipt = await house.post("e-2", SETUP)

    assert (receipt["state"], receipt["result"]["heard"]) == ("unmatched", [])
    assert (await the_row(house.db, "instance"))["next_seq"] == 2


async def test_events_of_one_customer_keep_the_order_in_which_they_were_accepted(house: House) -> None:
    await publish(house.db, a_journey())
    await accept(house.db, new_event("first"))
    await accept(house.db, *(new_event(f"e-{number}", SETUP, number=number) for number in range(70)))
    await house.route()

    heard = [row["content"]["data"]["number"] for row in (await rows(house.db, "delivery"))[1:]]
    assert heard == list(range(70))
    assert [row["seq"] for row in await rows(house.db, "delivery")] == list(range(1, 72))


Planted = Callable[[str, Exception], None]


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Planted:
    """Make routing fail for one customer."""
    real = identity.resolve

    def failing(customer_id: str, error: Exception) -> None:
        async def resolve(tx: Any, given: dict[str, Any], at: Any) -> dict[str, Any]:
            found: Awaitable[dict[str, Any]] = real(tx, given, at)
            if given["id"] == customer_id:
                await found
                raise error
            return await found

        monkeypatch.setattr(identity, "resolve", resolve)

    return failing


class Clock:
    """Now, and a while later."""

    def __init__(self) -> None:
        self.later = timedelta(0)

    def __call__(self) -> Any:
        return now() + self.later


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(inbox, "now", clock)
    return clock


async def test_an_event_that_cannot_be_routed_is_quarantined_and_disturbs_nobody(
    house: House, plant: Planted, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await publish(house.db, a_journey())
    plant("c-bad", KeyError("the fault"))
    await accept(house.db, new_event("bad", customer={"id": "c-bad"}), new_event("good"))
    for attempt in range(1, inbox.MAX_ATTEMPTS + 1):
        await house.route()
        row = await the_row(house.db, "inbox", event_id="bad")
        assert (row["attempts"], row["state"]) == (attempt, "new" if attempt < 5 else "quarantined")
        clock.later += timedelta(seconds=40)
    await house.route()

    assert (await the_row(house.db, "inbox", event_id="bad"))["result"] == {"reason": "KeyError: 'the fault'"}
    assert (await the_row(house.db, "inbox", event_id="good"))["state"] == "routed"
    assert (await the_row(house.db, "customer"))["external_id"] == "c-1", "a failed try leaves nothing"
    assert "could not be routed" in caplog.text


async def test_a_quarantined_event_can_be_driven_again_when_the_fault_is_mended(
    house: House, plant: Planted, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(house.db, a_journey())
    plant("c-1", KeyError("the fault"))
    await accept(house.db, new_event())
    for _ in range(inbox.MAX_ATTEMPTS):
        await house.route()
        clock.later += timedelta(seconds=40)
    monkeypatch.undo()
    event_pk = (await the_row(house.db, "inbox", state="quarantined"))["event_pk"]
    async with house.db.write() as tx:
        assert await redrive.again(tx, event_pk, InForce()) == ""
    await house.route()

    assert (await the_row(house.db, "inbox"))["state"] == "routed"
    assert len(await rows(house.db, "instance")) == 1


async def test_an_unmatched_event_can_be_driven_again_when_its_journey_is_there(house: House) -> None:
    assert (await house.post())["state"] == "unmatched"
    await publish(house.db, a_journey())
    async with house.db.write() as tx:
        await redrive.again(tx, (await the_row(house.db, "inbox"))["event_pk"], InForce())
    await house.route()

    assert (await the_row(house.db, "inbox"))["state"] == "routed"
    assert len(await rows(house.db, "purchase")) == len(await rows(house.db, "timeline", kind="event")) == 1


async def test_a_fault_that_passes_does_not_count_and_lets_nobody_overtake(
    house: House, plant: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(house.db, a_journey())
    await accept(house.db, new_event("first"), new_event("second", SETUP))
    plant("c-1", OperationalError("…", {}, psycopg.errors.DeadlockDetected()))
    with pytest.raises(OperationalError):
        await house.route()
    assert [(row["state"], row["attempts"]) for row in await rows(house.db, "inbox")] == [("new", 0)] * 2

    monkeypatch.undo()
    await house.route()
    assert [row["seq"] for row in await rows(house.db, "delivery")] == [1, 2]


async def test_what_could_not_be_committed_rings_nothing_and_is_routed_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(house.db, a_journey())
    await accept(house.db, new_event())
    real = house.db.write

    @contextlib.asynccontextmanager
    async def write() -> AsyncIterator[Tx]:
        async with real() as tx:
            yield tx
            raise OperationalError("COMMIT", {}, psycopg.errors.AdminShutdown())

    monkeypatch.setattr(house.db, "write", write)
    with pytest.raises(OperationalError):
        await house.route()
    monkeypatch.undo()
    await house.ring()
    assert house.engine.asked == 0

    await house.route()
    await house.ring()
    assert house.engine.started == [(await the_row(house.db, "instance"))["instance_id"]]


async def test_a_reason_that_no_database_takes_does_not_stop_the_router(
    house: House, plant: Planted, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL", "gateway.router")  # pytest's report cannot hold half a letter
    plant("c-bad", ValueError("a \0 and half a \ud800"))
    await accept(house.db, new_event("bad", customer={"id": "c-bad"}), new_event("good"))
    await house.route()

    assert [row["state"] for row in await rows(house.db, "inbox")] == ["new", "unmatched"]
    assert "a ? and half a ?" in (await the_row(house.db, "inbox", event_id="bad"))["result"]["reason"]


async def test_two_routers_at_once_route_each_event_once_and_in_order(db: Database) -> None:
    others = [Database(db.url) for _ in range(2)]
    houses = [House(one) for one in (db, *others)]
    await publish(db, a_journey())
    for number in range(3):
        await accept(db, new_event(f"p-{number}", customer={"id": f"c-{number}"}))
    some = [new_event(f"e-{n}", SETUP, customer={"id": f"c-{n % 3}"}, number=n) for n in range(30)]
    await accept(db, *some)
    await asyncio.gather(*(house.route() for house in houses))
    for other in others:
        await other.close()

    assert {row["state"] for row in await rows(db, "inbox")} == {"routed"}
    assert len(await rows(db, "instance")) == 3
    for row in await rows(db, "instance"):
        heard = await rows(db, "delivery", instance_id=row["instance_id"])
        assert [one["seq"] for one in heard] == list(range(1, 12))
        numbers = [one["content"]["data"]["number"] for one in heard[1:]]
        assert numbers == sorted(numbers)
    assert sum(len(house.engine.started) for house in houses) == 0, "the bells are not running"


async def test_the_router_wakes_up_for_what_is_accepted_and_waits_for_a_store_that_is_away(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    awake = asyncio.Event()
    away = OperationalError("…", {}, psycopg.errors.AdminShutdown("terminating connection"))
    real, answers = house.db.read, iter([away])

    def read() -> Any:
        for error in answers:
            raise error
        return real()

    monkeypatch.setattr(house.db, "read", read)
    monkeypatch.setattr("gateway.router.POLL_SECONDS", 30)
    router = asyncio.create_task(Router(house.db, house.bells, awake).run())
    with caplog.at_level(logging.WARNING):
        await asyncio.sleep(1.2)
    await accept(house.db, new_event())
    awake.set()
    async with asyncio.timeout(10):
        while (await the_row(house.db, "inbox"))["state"] == "new":
            await asyncio.sleep(0.02)
    router.cancel()
    await asyncio.wait([router])

    assert "the store is away: terminating connection" in caplog.text


async def test_what_an_event_changes_of_the_customer_is_told_to_journeys_that_wait_for_it(house: House) -> None:
    waiting = a_journey("upgrade", steps=[{"wait": {"until": 'customer.plan == "pro"', "up to": "5 days"}, "id": "1"}])
    await publish(house.db, waiting)
    instance_id = started(await house.post())
    customer = {"id": "c-1", "attributes": {"plan": "pro"}}
    receipt = await house.post("e-2", "customer.upgraded", customer=customer)
    await house.post("e-3", "customer.upgraded", customer=customer)

    assert receipt["result"]["heard"] == [{"journey": "upgrade", "instance": instance_id, "seq": 2}]
    [told] = [row["content"] for row in await rows(house.db, "delivery", kind="event")]
    assert (told["type"], told["customer"]) == ("customer.changed", {"plan": "pro"})
    await house.ring()
    assert house.engine.rung[-1][:2] == (instance_id, 2)
