"""What an event would come to, said beforehand: the same as afterwards, and nothing of it is kept."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.foresight import Foresight
from store.database import Database
from store.tables import metadata
from tests.gateway.fakes import body
from tests.gateway.routing import House, started
from tests.gateway.server import Server
from tests.journey.folders import shipped_files
from tests.store.makers import a_journey, accept, new_event, publish, rows

SETUP = "setup.completed"


async def everything(db: Database) -> dict[str, Any]:
    """Every row of every table."""
    return {name: await rows(db, name) for name in metadata.tables}


@pytest.fixture
async def house(db: Database) -> House:
    await publish(db, a_journey(), a_journey("thanks", start={"on": "purchase.completed", "if": "event.paid"}))
    return House(db)


async def test_it_says_what_starts_and_what_does_not_and_keeps_nothing(house: House) -> None:
    before = await everything(house.db)
    seen = await Foresight(house.db).of(new_event("e-1"))

    assert await everything(house.db) == before
    assert (seen["state"], seen["would_be"]["state"]) == ("accepted", "routed")
    result = seen["would_be"]["result"]
    assert result["started"] == [{"journey": "onboarding"}]
    [refused] = result["not_started"]
    assert (refused["journey"], "event.paid is missing" in refused["reason"]) == ("thanks", True)


async def test_it_says_who_would_hear_it_and_who_would_not(house: House) -> None:
    begun = started(await house.post("e-1"))
    for kind, heard in ((SETUP, True), ("page.viewed", False)):
        before = await everything(house.db)
        result = (await Foresight(house.db).of(new_event("e-2", kind)))["would_be"]["result"]
        assert await everything(house.db) == before
        assert [one["instance"] for one in result["heard"]] == ([begun] if heard else [])
        assert [one["instance"] for one in result.get("not_heard", ())] == ([] if heard else [begun])


async def test_what_it_says_is_what_comes(house: House) -> None:
    """For one event of each kind, in turn."""
    for number, kind in enumerate(["purchase.completed", SETUP, "purchase.completed", "page.viewed", SETUP]):
        event = new_event(f"e-{number}", kind)
        foreseen = (await Foresight(house.db).of(event))["would_be"]
        [kept] = await accept(house.db, event)
        await house.route()
        came = await house.receipt(kept.receipt)
        without = [{"journey": one["journey"]} for one in came["result"]["started"]]
        assert foreseen == {"state": came["state"], "result": came["result"] | {"started": without}}


async def test_an_event_that_is_known_comes_to_what_it_came_to(house: House) -> None:
    await house.post("e-1")
    seen = await Foresight(house.db).of(new_event("e-1"))
    assert (seen["state"], seen["would_be"]["state"]) == ("duplicate", "routed")
    assert (await Foresight(house.db).of(new_event("e-1", SETUP)))["state"] == "conflict"


async def test_an_event_of_nobody_known_would_wait(house: House) -> None:
    seen = await Foresight(house.db).of(new_event("e-1", customer={"anonymous_id": "a"}))
    assert seen["would_be"]["state"] == "parked"
    assert await rows(house.db, "parked") == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("foresight")) as running:
        running.publish(shipped_files())
        yield running


def test_the_door_tries_an_event_and_keeps_nothing(server: Server) -> None:
    answer = server.ask("POST", "/v1/events?dry_run=1", body("e-1"))
    assert (answer.status, answer.json["would_be"]["state"]) == (200, "routed")
    assert {"journey": "onboarding"} in answer.json["would_be"]["result"]["started"]
    assert server.ids() == [] and server.rings == 0
    assert server.ask("POST", "/v1/events?dry_run=0", body("e-1")).status == 202


def test_the_door_says_of_a_bad_event_what_it_would_say_in_earnest(server: Server) -> None:
    bad = body("e-2", type="complaint.opened", data={"customer": {"id": "c"}})
    tried = server.ask("POST", "/v1/events?dry_run=1", bad)
    assert (tried.status, tried.json) == (422, server.post(bad).json)


@pytest.mark.parametrize(("query", "headers"), [("dry_run=yes", {}), ("dry_run=1", {"batch": True})])
def test_what_cannot_be_tried_is_refused(server: Server, query: str, headers: dict[str, bool]) -> None:
    media = "application/cloudevents-batch+json" if headers else "application/json"
    content = json.dumps([]).encode() if headers else body("e-3")
    answer = server.ask("POST", f"/v1/events?{query}", content, {"Content-Type": media})
    assert (answer.status, answer.place) == (400, "query dry_run")


def test_without_the_store_nothing_is_foreseen(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        server.publish(shipped_files())
        server.db.fault = OSError("away")
        assert server.ask("POST", "/v1/events?dry_run=1", body("e-1")).status == 503
