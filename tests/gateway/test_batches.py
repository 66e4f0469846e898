"""CloudEvents in batched mode: each event by itself, and none lost."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from gateway import envelopes
from gateway.bodies import Limits
from tests.gateway.fakes import purchase
from tests.gateway.server import Answer, Server

BATCH: dict[str, str | None] = {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A gateway with an empty store."""
    with Server(tmp_path, Limits(batch_bytes=400_000), patience=0.5) as running:
        yield running


def event(event_id: str, **changes: Any) -> dict[str, Any]:
    """One event of a batch."""
    return purchase(event_id, specversion="1.0", source="/shop") | changes


def post(server: Server, *events: Any) -> Answer:
    """Post a batch."""
    return server.post(json.dumps(events).encode(), BATCH)


def states(answer: Answer) -> list[str]:
    """What became of each event."""
    return [one["state"] for one in answer.json["events"]]


def test_a_batch_of_the_sdks_own_events_is_kept_whole_and_in_order(server: Server) -> None:
    """Each with a receipt of its own that can be read."""
    made = [
        CloudEvent(attributes={"id": f"e-{n}", "source": "/shop", "type": "t"}, data={"customer": {"id": "c"}})
        for n in range(30)
    ]
    written = b"[" + b",".join(JSONFormat().write(one) for one in made) + b"]"
    answer = server.post(written, BATCH)
    assert answer.status == 202
    assert (answer.json["accepted"], answer.json["duplicate"], answer.json["quarantined"]) == (30, 0, 0)
    assert [one["id"] for one in answer.json["events"]] == server.ids() == [f"e-{n}" for n in range(30)]
    read = server.ask("GET", answer.json["events"][7]["receipt_url"])
    assert (read.status, read.json["id"]) == (200, "e-7")


def test_a_batch_sent_again_changes_nothing(server: Server) -> None:
    """Nor does an event that is in it twice, or that came alone before."""
    alone = server.post(json.dumps(event("e-1")).encode(), {"Content-Type": "application/cloudevents+json"})
    answer = post(server, event("e-1"), event("e-2"), event("e-2"))
    assert states(answer) == ["duplicate", "accepted", "duplicate"]
    assert answer.json["events"][0]["receipt"] == alone.json["receipt"]
    assert states(post(server, event("e-1"), event("e-2"), event("e-2"))) == ["duplicate"] * 3
    assert server.ids() == ["e-1", "e-2"]


def test_an_empty_batch_is_a_batch(server: Server) -> None:
    """As the standard has it."""
    answer = server.post(b"[]", BATCH)
    assert (answer.status, answer.json["events"]) == (202, [])


BAD: dict[str, tuple[Any, str]] = {
    "no object": ("e-1", "event:"),
    "no id": (event("x", id=None), "/id:"),
    "no customer": (event("x", data={}), "/data/customer:"),
    "another version": (event("x", specversion="0.3"), "/specversion:"),
    "half a surrogate pair": (event("x", data={"customer": {"id": "c"}, "x": "\ud800"}), "/data/x:"),
    "NUL": (event("x", data={"customer": {"id": "c"}, "x": "\0"}), "/data/x:"),
    "infinity": (event("x", data={"customer": {"id": "c"}, "x": float("inf")}), "/data/x:"),
    "a whole number that readers round": (event("x", data={"customer": {"id": "c"}, "x": 10**19}), "/data/x:"),
    "a long text": (event("x", data={"customer": {"id": "c"}, "x": "x" * 70_000}), "/data/x:"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_event_is_kept_aside_with_its_reason_and_its_neighbours_are_taken(server: Server, name: str) -> None:
    """The sender looks only at the status, so an accepted batch has lost nothing; sent again it is the same."""
    bad, place = BAD[name]
    answer = post(server, event("e-1"), bad, event("e-2"))
    assert (answer.status, states(answer)) == (202, ["accepted", "quarantined", "accepted"])
    aside = answer.json["events"][1]
    assert aside["reason"].startswith(place), aside
    read = server.ask("GET", aside["receipt_url"])
    assert (read.json["state"], read.json["result"]["reason"]) == ("quarantined", aside["reason"])
    assert states(post(server, event("e-1"), bad, event("e-2"))) == ["duplicate"] * 3
    assert len(server.ids()) == 3


def test_every_value_of_a_repeated_key_is_kept_for_whoever_looks(server: Server) -> None:
    """Refused as an event, and nothing of it gone."""
    server.post(b'[{"id": "one", "type": "t", "id": "two", "id": "three"}]', BATCH)
    [kept] = server.rows("inbox")
    assert (kept["state"], kept["type"]) == ("quarantined", "t")
    assert all(f'"{value}"' in kept["envelope"] for value in ("one", "two", "three"))


def test_an_event_that_contradicts_an_earlier_one_is_kept_beside_it(server: Server) -> None:
    """The first one counts; both can be looked at."""
    first = post(server, event("e-1"))
    answer = post(server, event("e-1", type="purchase.refunded"), event("e-2"))
    assert (answer.status, states(answer)) == (202, ["quarantined", "accepted"])
    assert "The first one counts" in answer.json["events"][0]["reason"]
    assert answer.json["events"][0]["receipt"] != first.json["events"][0]["receipt"]
    assert [(row["type"], row["state"]) for row in server.rows("inbox")] == [
        ("purchase.completed", "new"),
        ("purchase.completed", "new"),
        ("purchase.refunded", "quarantined"),
    ]


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[", b"[{},]", b'[{"id": "e-1"}] x', b"\xff"])
def test_a_batch_that_cannot_be_read_is_refused_whole(server: Server, body: bytes) -> None:
    """400, and nothing kept."""
    assert server.post(body, BATCH).status == 400
    assert server.ids() == []


def test_a_batch_has_bounds(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """413 for too many bytes or events, 400 for far too many values; a batch may be larger than one event."""
    large = [event(f"e-{n}", data={"customer": {"id": "c"}, "x": "x" * 60_000}) for n in range(5)]
    assert post(server, *large).status == 202
    assert post(server, *large, *large).status == 413
    monkeypatch.setattr(envelopes, "MOST_IN_BATCH", 3)
    assert post(server, *[event(f"f-{n}") for n in range(4)]).status == 413
    monkeypatch.setattr(envelopes, "MOST_MADE_IN_BATCH", 20)
    assert post(server, *[event(f"f-{n}") for n in range(10)]).status == 400
    assert len(server.ids()) == 5


def test_a_batch_that_cannot_be_stored_is_sent_again_whole(server: Server) -> None:
    """503, whatever part of it was stored; after the repetition each event is there once."""
    server.db.answers_to_lose = 1
    assert post(server, event("e-1")).status == 503
    server.db.fault = OSError("no space left on device")
    refused = post(server, event("e-1"), event("e-2"))
    assert (refused.status, refused.headers["retry-after"]) == (503, "2")
    server.db.fault = None
    assert states(post(server, event("e-1"), event("e-2"))) == ["duplicate", "accepted"]
    assert server.ids() == ["e-1", "e-2"]
