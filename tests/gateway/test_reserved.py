"""Events that only Wayfare makes: no door takes one from outside, and what is made inside goes its way."""

import json
from collections.abc import Iterator

import pytest

from gateway import envelopes, redrive
from gateway.published import InForce
from gateway.refusals import Reserved
from journey import reserved
from store import inbox
from store.inbox import NewEvent
from tests.gateway.fakes import body, purchase
from tests.gateway.server import Server
from tests.journey.folders import shipped_files
from tests.store.makers import new_event

OWN = [*reserved.TYPES, "wayfare.instance.cancel"]
DESK = """source: desk
title: A help desk
sent by: json
customer: {id: = event.card}
events:
  - {when: closed, type: "= event.makes", data: {}}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("reserved"), embedded="default") as server:
        server.publish({**shipped_files(), "sources/desk.yaml": DESK})
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    running.empty()
    return running


@pytest.mark.parametrize("kind", OWN)
def test_nobody_may_say_what_only_wayfare_says(server: Server, kind: str) -> None:
    answer = server.post(body(type=kind))
    assert (answer.status, answer.json["code"], answer.place) == (422, "reserved", "/type")
    assert "Wayfare" in answer.json["message"] and server.ids() == []
    binary: dict[str, str | None] = {"ce-specversion": "1.0", "ce-id": "e", "ce-source": "/s", "ce-type": kind}
    assert server.post(b'{"customer": {"id": "c"}}', binary).place == "header ce-type"
    assert server.ask("POST", "/v1/events?dry_run=1", body(type=kind)).status == 422


def test_nobody_may_speak_in_the_name_of_wayfare(server: Server) -> None:
    answer = server.post(body(source="wayfare"))
    assert (answer.status, answer.json["code"], answer.place) == (422, "reserved", "/source")
    assert server.post(body(source="/wayfare")).status == 202


def test_in_a_batch_it_is_kept_aside_and_its_neighbours_are_taken(server: Server) -> None:
    batch = [purchase(one, specversion="1.0", source="/shop") for one in ("a", "b")]
    batch[0]["type"] = "task.completed"
    answer = server.send("/v1/events", batch, {"Content-Type": "application/cloudevents-batch+json"})
    assert (answer.status, [one["state"] for one in answer.json["events"]]) == (202, ["quarantined", "accepted"])
    assert "Wayfare says task.completed itself" in answer.json["events"][0]["reason"]


@pytest.mark.parametrize("kind", OWN)
def test_a_table_cannot_make_one_either(server: Server, kind: str) -> None:
    answer = server.send("/v1/sources/desk", {"type": "closed", "id": "m", "card": "c", "makes": kind})
    assert (answer.status, answer.json["state"]) == (200, "unmatched")
    assert answer.json["reason"].endswith("Change the rule that makes it one.")


def test_driven_once_more_it_is_still_not_taken_and_one_of_ours_is(server: Server) -> None:
    """A batch of the past may hold one; and nobody listened when a customer entered a segment."""
    batch = [purchase("a", specversion="1.0", source="/shop", type="segment.entered")]
    server.send("/v1/events", batch, {"Content-Type": "application/cloudevents-batch+json"})

    async def work() -> tuple[list[str], list[str]]:
        async with server.db.write() as tx:
            await inbox.accept(tx, [_own("segment.entered", "ours"), _own("wayfare.instance.cancel", "order")])
            found = await inbox.after(tx, 0, 10)
            for row in found[1:]:
                await inbox.settle(tx, row["event_pk"], "unmatched", {}, None)
            said = [await redrive.again(tx, row["event_pk"], InForce()) for row in found]
            return said, [row["state"] for row in await inbox.after(tx, 0, 10)]

    said, states = server.do(work())
    assert "Wayfare says segment.entered itself" in said[0] and said[1] == "" and "its moment is gone" in said[2]
    assert states == ["quarantined", "new", "unmatched"]


def _own(kind: str, name: str) -> NewEvent:
    return new_event(name, kind, source=reserved.SOURCE, customer={"id": "c-1"})


def test_only_our_own_hand_may_write_one() -> None:
    whole = purchase(specversion="1.0", source="wayfare", type="task.completed")
    assert envelopes.structured(whole, ours=True).type == "task.completed"
    with pytest.raises(Reserved):
        envelopes.structured(whole)


def test_a_batch_keeps_its_text(server: Server) -> None:
    """What was refused is kept as it came, for whoever has to explain it to its sender."""
    batch = [purchase("a", specversion="1.0", source="/shop", type="journey.ended")]
    server.send("/v1/events", batch, {"Content-Type": "application/cloudevents-batch+json"})
    [row] = server.rows("inbox")
    assert json.loads(row["envelope"]) == batch[0]
