"""Driving events once more: read and translated anew, whatever kept them aside."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from gateway import redrive
from gateway.published import InForce
from store import definitions
from store.database import Tx
from store.tables import inbox
from tests.gateway.fakes import purchase
from tests.gateway.server import Server
from tests.journey.folders import shipped_files

BATCH: dict[str, str | None] = {"Content-Type": "application/cloudevents-batch+json"}
TILL = """source: till
title: A till
sent by: json
customer: {id: = event.card}
events:
  - {when: RULE, type: setup.completed, data: {order_id: = string(event.order)}}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("redrive"), embedded="default") as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """A gateway with the shipped definitions and an empty inbox."""
    running.empty()
    running.publish(shipped_files())
    return running


def again(server: Server) -> list[str]:
    """Drive everything once more; the reasons."""

    async def work() -> list[str]:
        async with server.db.write() as tx:
            in_force = InForce(await definitions.events(tx), await definitions.sources(tx))
            return [await redrive.again(tx, one, in_force) for one in await keys(tx)]

    return server.do(work())


async def keys(tx: Tx) -> list[int]:
    return list(await tx.scalars(select(inbox.c.event_pk).order_by(inbox.c.event_pk)))


def states(server: Server) -> list[tuple[str, str]]:
    return [(row["type"], row["state"]) for row in server.rows("inbox")]


def test_a_message_is_translated_anew_when_its_rule_is_there(server: Server) -> None:
    """Numbers beyond 2^53, too: others count their orders in them."""
    server.publish(shipped_files() | {"sources/till.yaml": TILL.replace("RULE", "sale")})
    sent = {"type": "setup", "id": "m-1", "card": "c-1", "order": 820982911946154508}
    assert server.send("/v1/sources/till", sent).json["state"] == "unmatched"
    assert again(server) == ['no rule of till is for "setup"']
    server.publish(shipped_files() | {"sources/till.yaml": TILL.replace("RULE", "setup")})
    assert again(server) == [""]
    [row] = server.rows("inbox")
    assert (row["type"], row["state"], row["event_id"]) == ("setup.completed", "new", "m-1")
    assert row["data"] == {"order_id": "820982911946154508", "customer": {"id": "c-1"}}
    assert server.send("/v1/sources/till", sent).json["state"] == "duplicate"


def test_a_call_of_the_tracking_api_is_translated_anew(server: Server) -> None:
    server.send("/v1/track", {"userId": "c-1", "event": "Set Up", "properties": {"order_id": "o-1"}})
    changed = shipped_files()["sources/segment.yaml"].replace("track Setup Completed", "track Set Up")
    assert again(server) == ['no rule of segment is for "track Set Up"']
    server.publish(shipped_files() | {"sources/segment.yaml": changed})
    assert again(server) == [""]
    assert states(server) == [("setup.completed", "new")]


def test_an_event_that_did_not_fit_fits_when_its_declaration_is_mended(server: Server) -> None:
    name = "events/purchase.completed.yaml"
    refused = shipped_files()[name].replace("on violation: keep", "on violation: refuse")
    server.publish(shipped_files() | {name: refused})
    bad = purchase("e-1", specversion="1.0", source="/shop", data={"customer": {"id": "c"}, "order_id": "o"})
    assert server.send("/v1/events", [bad], BATCH).json["quarantined"] == 1
    assert "/data/product: It is missing." in again(server)[0]
    declared = refused.replace("  product:\n", "  product:\n    optional: true\n")
    server.publish(shipped_files() | {name: declared})
    assert again(server) == [""]
    assert states(server) == [("purchase.completed", "new")]


def test_an_event_that_contradicts_an_earlier_one_may_be_taken_as_one_of_its_own(server: Server) -> None:
    """A person has looked at it and says so."""
    events = [purchase("e-1", specversion="1.0", source="/shop", type=kind) for kind in ("setup.completed", "x.y")]
    for event in events:
        event["data"]["order_id"] = "o-1"
        server.send("/v1/events", [event], BATCH)
    assert states(server) == [("setup.completed", "new"), ("x.y", "quarantined")]
    assert again(server) == ["it is new and needs nothing", ""]
    assert states(server) == [("setup.completed", "new"), ("x.y", "new")]
    assert len(set(server.ids())) == 2


def test_what_can_never_be_read_stays_with_the_reason(server: Server) -> None:
    body = json.dumps([7, {"id": "x", "type": "t", "data": {"x": "\ud800"}}]).encode()
    server.post(body, BATCH)
    reasons = again(server)
    assert reasons[0].startswith("body: It is not an object.")
    assert "surrogate" in reasons[1]
    assert [state for _, state in states(server)] == ["quarantined", "quarantined"]


def test_a_message_that_is_ignored_by_now_stays_where_it_is(server: Server) -> None:
    server.send("/v1/track", {"userId": "c-1", "event": "Scrolled", "properties": {}})
    changed = shipped_files()["sources/segment.yaml"] + '  - "track Scrolled"\n'
    server.publish(shipped_files() | {"sources/segment.yaml": changed})
    assert again(server) == ["its source ignores such messages now"]
    assert [state for _, state in states(server)] == ["unmatched"]
