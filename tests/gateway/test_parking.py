"""Events of somebody whom nobody knows yet: they wait, are routed in order when it is said who that is, and not for
ever."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from gateway import redrive
from gateway.published import InForce
from store.clock import now
from store.database import Database
from store.tables import inbox, parked
from tests.gateway.routing import House
from tests.store.makers import a_journey, accept, new_event, publish, resolve, rows, the_row

SETUP = "setup.completed"
NOBODY = {"anonymous_id": "a-1"}


@pytest.fixture
async def house(db: Database) -> House:
    """A router with a journey that begins with a purchase and hears when the lamp is set up."""
    await publish(db, a_journey())
    return House(db)


async def states(house: House) -> dict[str, str]:
    """Each event's id and where it is."""
    return {row["event_id"]: row["state"] for row in await rows(house.db, "inbox")}


async def test_an_event_with_an_anonymous_id_alone_waits_and_makes_no_customer(house: House) -> None:
    receipt = await house.post("e-1", customer=NOBODY)

    assert receipt["state"] == "parked"
    assert "nobody here is known by the anonymous id a-1 yet; it waits for that until 2" in receipt["result"]["reason"]
    assert await rows(house.db, "customer") == await rows(house.db, "timeline") == []


async def test_what_waited_is_routed_in_the_order_of_acceptance_when_the_customer_is_identified(house: House) -> None:
    """A purchase and what followed it, said by a browser before anybody was signed in: the journey begins and hears
    it."""
    await accept(
        house.db, new_event("buys", customer=NOBODY), new_event("sets-up", SETUP, customer=NOBODY, order_id="o-1")
    )
    await house.route()
    await house.post("signs-in", "customer.identified", customer={"id": "c-1", **NOBODY})

    assert await states(house) == {"buys": "routed", "sets-up": "routed", "signs-in": "unmatched"}
    [instance] = await rows(house.db, "instance")
    told = await rows(house.db, "delivery", instance_id=instance["instance_id"])
    buys, sets_up_pk, _ = (row["event_pk"] for row in await rows(house.db, "inbox"))
    assert [(one["seq"], one["kind"], one["event_pk"]) for one in told] == [
        (1, "entry", buys),
        (2, "event", sets_up_pk),
    ]
    assert len(await rows(house.db, "customer")) == 1
    assert await rows(house.db, "parked") == []


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "customer.aliased", "customer": {"id": "c-1"}, "previous_id": "a-1"},
        {"kind": "customer.merged", "customer": {"id": "c-1"}, "other": NOBODY},
        {"kind": "page.viewed", "customer": {"email": "grete@example.org", **NOBODY}},
    ],
)
async def test_whatever_says_who_it_is_lets_the_waiting_events_go(house: House, said: dict[str, Any]) -> None:
    await house.post("e-1", customer=NOBODY)
    await house.post("e-2", customer={"anonymous_id": "a-2"})
    await house.post("who", said["kind"], **{name: value for name, value in said.items() if name != "kind"})

    assert (await states(house))["e-1"] == "routed"
    assert (await states(house))["e-2"] == "parked"
    assert [row["value"] for row in await rows(house.db, "parked")] == ["a-2"]


async def test_somebody_who_is_known_by_an_anonymous_id_need_not_wait(house: House) -> None:
    await house.post("e-1", customer={"id": "c-1", **NOBODY})
    assert (await house.post("e-2", SETUP, customer=NOBODY, order_id="o-1"))["state"] == "routed"


async def test_who_becomes_known_without_an_event_is_found_soon(house: House) -> None:
    """For example by an import."""
    await house.post("e-1", customer=NOBODY)
    await resolve(house.db, id="c-1", **NOBODY)
    await house.router.tend()
    await house.route()

    assert await states(house) == {"e-1": "routed"}


async def test_what_waited_too_long_is_put_into_quarantine_with_the_reason(house: House) -> None:
    await house.post("e-1", customer=NOBODY)
    await house.post("e-2", customer={"anonymous_id": "a-2"})
    first = (await rows(house.db, "inbox"))[0]["event_pk"]
    async with house.db.write() as tx:
        late = update(parked).where(parked.c.event_pk == first).values(until=now() - timedelta(seconds=1))
        await tx.execute(late)
    await house.router.tend()

    assert await states(house) == {"e-1": "quarantined", "e-2": "parked"}
    row = await the_row(house.db, "inbox", event_id="e-1")
    assert row["result"]["reason"] == "nobody was known by its name within 30 days"


async def test_an_event_about_an_order_is_about_whoever_bought_it(house: House) -> None:
    """A refund of Shopify's names the order and nobody."""
    await house.post("buys", customer={"id": "c-1"}, order_id="o-1")
    receipt = await house.post("refund", "purchase.refunded", customer={"order_id": "o-1"}, order_id="o-1")

    assert receipt["state"] == "unmatched"
    assert (await the_row(house.db, "purchase"))["state"] == "refunded"
    assert len(await rows(house.db, "customer")) == 1


async def test_an_event_about_an_order_that_nobody_bought_yet_waits_for_the_purchase(house: House) -> None:
    assert (await house.post("setup", SETUP, customer={"order_id": "o-1"}, order_id="o-1"))["state"] == "parked"
    await house.post("other", customer={"id": "c-2"}, order_id="o-2")
    assert (await states(house))["setup"] == "parked"
    await house.post("buys", customer={"id": "c-1"}, order_id="o-1")

    assert (await states(house))["setup"] == "routed"
    assert await rows(house.db, "parked") == []


async def test_many_waiting_events_keep_their_order(house: House) -> None:
    """R8: all of them, each once, in the order in which they were accepted."""
    await accept(house.db, *(new_event(f"e-{n:03}", SETUP, customer=NOBODY, order_id="o-1") for n in range(60)))
    await house.route()
    assert len(await rows(house.db, "parked")) == 60
    await house.post("buys", customer={"id": "c-1", **NOBODY})

    told = await rows(house.db, "delivery")
    assert [one["seq"] for one in told] == list(range(1, 62))
    assert [one["event_pk"] for one in told][1:] == sorted(one["event_pk"] for one in told)[:-1]


async def test_a_waiting_event_that_is_driven_again_waits_again(house: House) -> None:
    await house.post("e-1", customer=NOBODY)
    event_pk = (await the_row(house.db, "inbox"))["event_pk"]
    async with house.db.write() as tx:
        assert await redrive.again(tx, event_pk, InForce()) == ""
    assert await states(house) == {"e-1": "new"}
    await house.route()
    assert await states(house) == {"e-1": "parked"}
    assert len(await rows(house.db, "parked")) == 1


async def test_an_event_that_stopped_waiting_in_another_way_is_not_touched(house: House) -> None:
    """Somebody routed or erased it by hand meanwhile."""
    await house.post("e-1", customer=NOBODY)
    async with house.db.write() as tx:
        await tx.execute(update(inbox).values(state="routed"))
    await house.post("e-2", customer={"id": "c-1", **NOBODY})
    assert (await states(house))["e-1"] == "routed"
