"""Upstream systems steer running journeys: each order once, in the order of acceptance, whatever races."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.orders import OURS
from store.database import Database
from store.inbox import NewEvent
from tests.gateway.routing import House
from tests.gateway.server import Server
from tests.store.makers import GRETE, a_journey, accept, new_event, publish, rows

GOOD: dict[str, Any] = {"id": "x-1", "key": "o-1", "customer": {"id": "c-1"}, "reason": "The order was cancelled."}


@pytest.fixture
async def house(db: Database) -> House:
    await publish(db, a_journey(), a_journey("care", start={"on": "purchase.completed"}))
    return House(db)


def order(what: str = "cancel", number: int = 1, **data: Any) -> NewEvent:
    """An order about onboarding, as the door writes it."""
    event = new_event(f"order-{number}", OURS + what)
    return NewEvent(**{**vars(event), "data": {"journey": "onboarding", "key": "o-1"} | data})


async def commands(house: House) -> list[tuple[str, str]]:
    """Each command with its instance, in order."""
    found = [row for row in await rows(house.db, "delivery") if row["kind"] == "command"]
    return [(row["instance_id"], row["content"]["kind"]) for row in found]


async def give(house: House, *orders: NewEvent) -> dict[str, Any]:
    """Accept and route; the last one's receipt."""
    kept = await accept(house.db, *orders)
    await house.route()
    return await house.receipt(kept[-1].receipt)


async def test_an_order_reaches_the_instance_of_that_journey_and_key_and_no_other(house: House) -> None:
    meant = next(one["instance"] for one in (await house.post("e-1"))["result"]["started"] if one["journey"] != "care")
    await house.post("e-2", order_id="o-2")
    await house.ring()
    receipt = await give(house, order("cancel", reason="Stolen."))

    assert await commands(house) == [(meant, "cancel")]
    assert (receipt["state"], receipt["result"]["heard"]) == (
        "routed",
        [{"journey": "onboarding", "instance": meant, "seq": 2}],
    )
    [told] = [row for row in await rows(house.db, "delivery") if row["kind"] == "command"]
    assert (told["content"]["by"], told["content"]["reason"]) == ("shop", "Stolen.")
    await house.ring()
    assert house.engine.rung[-1] == (meant, 2, None)


async def test_an_order_that_follows_its_purchase_at_once_finds_what_the_purchase_began(house: House) -> None:
    """Both are accepted before either is routed."""
    await accept(house.db, new_event("e-1"), order("hold"))
    await house.route()
    assert [kind for _, kind in await commands(house)] == ["pause"]


async def test_an_order_before_its_purchase_finds_nothing_and_the_purchase_begins_its_journey(house: House) -> None:
    receipt = await give(house, order("cancel"))
    assert receipt["state"] == "unmatched"
    assert receipt["result"]["reason"] == "no instance of onboarding that is meant is running"
    assert len((await house.post("e-1"))["result"]["started"]) == 2


async def test_an_order_sent_again_is_carried_out_once(house: House) -> None:
    """By the inbox; and even if it is routed again by hand, by the sequence of the instance."""
    await house.post("e-1")
    await give(house, order("hold"))
    assert [one.state for one in await accept(house.db, order("hold"))] == ["duplicate"]
    await house.route()
    assert len(await commands(house)) == 1


async def test_hold_and_resume_are_given_in_the_order_of_acceptance(house: House) -> None:
    await house.post("e-1")
    await accept(house.db, *(order(what, n) for n, what in enumerate(["hold", "resume", "hold", "cancel"])))
    await house.route()
    assert [kind for _, kind in await commands(house)] == ["pause", "resume", "pause", "cancel"]


async def test_without_a_key_the_customers_instances_are_meant(house: House) -> None:
    await house.post("e-1")
    await house.post("e-2", order_id="o-2")
    await house.post("e-3", customer={"id": "c-2"}, order_id="o-3")
    receipt = await give(house, order("cancel", key=None, customer={"email": GRETE["email"]}))
    assert len(receipt["result"]["heard"]) == 2


async def test_of_a_key_that_two_customers_share_only_the_named_ones_is_meant(house: House) -> None:
    await house.post("e-1")
    await house.post("e-2", customer={"id": "c-2"})
    assert len((await give(house, order("hold", 1)))["result"]["heard"]) == 2
    assert len((await give(house, order("hold", 2, customer={"id": "c-2"})))["result"]["heard"]) == 1
    assert (await give(house, order("hold", 3, customer={"id": "c-9"})))["state"] == "unmatched"
    assert len(await rows(house.db, "customer")) == 2


async def test_an_instance_that_has_ended_is_not_ordered_about(house: House) -> None:
    receipt = await house.post("e-1", customer={"id": "c-1"})
    for one in receipt["result"]["started"]:
        await house.end(one["instance"])
    assert (await give(house, order("cancel")))["state"] == "unmatched"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("orders")) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    running.empty()
    return running


@pytest.mark.parametrize("what", ["cancel", "hold", "resume"])
def test_the_door_keeps_an_order_and_answers_with_a_receipt(server: Server, what: str) -> None:
    answer = server.send(f"/v1/instances/onboarding/{what}", GOOD)
    assert (answer.status, answer.json["state"], answer.json["id"]) == (202, "accepted", "x-1")
    assert server.ask("GET", answer.json["receipt_url"]).json["type"] == OURS + what
    assert server.send(f"/v1/instances/onboarding/{what}", GOOD).json["state"] == "duplicate"
    assert server.send(f"/v1/instances/onboarding/{what}", GOOD | {"key": "o-2"}).status == 409


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"id": None}, "/id"),
        ({"id": 7}, "/id"),
        ({"key": 7}, "/key"),
        ({"key": None, "customer": None}, "/key"),
        ({"customer": "c-1"}, "/customer"),
        ({"customer": {"name": "Grete"}}, "/customer"),
        ({"customer": {"email": "no"}}, "/customer"),
        ({"reason": "a\nb"}, "/reason"),
        ({"why": "x"}, "/why"),
    ],
)
def test_an_unclear_order_is_refused_with_its_place(server: Server, changes: dict[str, Any], place: str) -> None:
    answer = server.send("/v1/instances/onboarding/cancel", GOOD | changes)
    assert (answer.status, answer.place) == (400, place)
    assert server.ids() == []


def test_only_a_key_that_is_meant_for_it_may_steer(server: Server) -> None:
    key = server.add_key("web", "send").key
    answer = server.send("/v1/instances/onboarding/cancel", GOOD, {"Authorization": f"Bearer {key}"})
    assert (answer.status, answer.json["code"]) == (403, "not-allowed")
    assert server.send("/v1/instances/onboarding/erase", GOOD).json["code"] == "unknown-order"
    assert server.send("/v1/instances/a%0Ab/cancel", GOOD).status == 400


def test_no_sender_of_events_may_pass_for_an_order(server: Server) -> None:
    sent = {
        "id": "x-1",
        "type": OURS + "cancel",
        "data": {"customer": {"id": "c"}, "journey": "onboarding", "key": "o"},
    }
    answer = server.send("/v1/events", sent)
    assert (answer.status, answer.place) == (422, "/type")
