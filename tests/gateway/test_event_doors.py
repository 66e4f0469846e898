"""POST /v1/events and GET /v1/receipts on a real server: accepted, repeated, contradicted, and with the store away."""

import http.client
import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.bodies import Limits
from tests.gateway.fakes import body
from tests.gateway.server import KEY, Server, head
from tests.journey.folders import shipped_files


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A gateway with an empty store, and patience with a busy machine."""
    with Server(tmp_path, Limits(store_seconds=10), patience=10) as running:
        yield running


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Server]:
    """A gateway with an empty store, and little patience."""
    with Server(tmp_path, Limits(store_seconds=0.5), patience=0.5) as running:
        yield running


def sent(server: Server, event: bytes) -> int:
    """Post it as a client does: again when the answer is 503; the last status."""
    return next((status for _ in range(20) if (status := server.post(event).status) != 503), 503)


def test_an_event_is_accepted_with_a_receipt_that_can_be_read(server: Server) -> None:
    """202 with where to look; the source is the key's name when the event names none."""
    answer = server.post(body("e-1"))
    receipt = answer.json["receipt"]
    assert answer.status == 202
    assert answer.json == {
        "receipt": receipt,
        "receipt_url": f"/v1/receipts/{receipt}",
        "source": "shop",
        "id": "e-1",
        "state": "accepted",
    }
    read = server.ask("GET", answer.json["receipt_url"])
    assert (read.status, read.json["receipt"]) == (200, receipt)
    assert server.ids() == ["e-1"] and server.rings == 1


def test_the_same_event_again_changes_nothing(server: Server) -> None:
    """202 with the same receipt, whatever the order of its keys; the router is not rung for it."""
    first = server.post(body("e-1"))
    reordered = json.dumps(json.loads(body("e-1")), sort_keys=True, indent=2).encode()
    again = server.post(reordered)
    assert (again.status, again.json["state"]) == (202, "duplicate")
    assert again.json["receipt"] == first.json["receipt"]
    assert server.ids() == ["e-1"] and server.rings == 1


def test_another_body_under_the_same_id_is_a_conflict(server: Server) -> None:
    """409 says so and names the receipt of the first, which is kept."""
    first = server.post(body("e-1"))
    answer = server.post(body("e-1", type="purchase.refunded"))
    assert (answer.status, answer.json["code"]) == (409, "same-id-other-body")
    assert answer.json["receipt"] == first.json["receipt"]
    assert "first one is kept" in answer.json["message"]
    assert server.post(body("e-1")).json["state"] == "duplicate"
    assert server.ids() == ["e-1"]


def test_the_same_id_from_another_source_is_another_event(server: Server) -> None:
    """Ids belong to their source."""
    assert server.post(body("e-1")).json["state"] == "accepted"
    assert server.post(body("e-1", source="/till/7")).json == server.post(body("e-1", source="/till/7")).json | {
        "state": "accepted"
    }
    assert server.ids() == ["e-1", "e-1"]


def test_an_event_that_does_not_fit_its_declaration_is_refused_or_put_aside_as_the_declaration_says(
    server: Server,
) -> None:
    """422 with every place, or kept as unmatched; what is not declared is taken as it comes; good ones are
    untouched."""
    bad = body("e-1", data={"customer": {"id": "c"}, "order_id": 7, "product": {"sku": "P"}})
    assert server.post(body("e-0", data={"customer": {"id": "c"}, "order_id": 7})).status == 202
    kept = shipped_files()["events/purchase.completed.yaml"]
    assert "on violation: keep" in kept, "a shop loses no sale"
    refused = kept.replace("on violation: keep", "on violation: refuse")
    server.publish({**shipped_files(), "events/purchase.completed.yaml": refused})
    answer = server.post(bad)
    assert (answer.status, answer.json["code"], answer.place) == (422, "does-not-fit", "/data/order_id")
    assert [problem["place"] for problem in answer.json["more"]] == ["/data/product/name"]
    batch = json.dumps([json.loads(bad) | {"specversion": "1.0", "source": "s"}]).encode()
    answer = server.post(batch, {"Content-Type": "application/cloudevents-batch+json"})
    assert answer.json["events"][0]["state"] == "quarantined"
    server.publish({**shipped_files(), "events/purchase.completed.yaml": kept})
    answer = server.post(bad)
    assert (answer.status, answer.json["state"]) == (202, "unmatched")
    assert "/data/order_id: It is not a text." in answer.json["reason"]
    assert server.post(body("e-2", type="never.declared", data={"customer": {"id": "c"}})).json["state"] == "accepted"
    assert server.post(body("e-3")).json["state"] == "accepted"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {KEY}", KEY, f"Bearer {KEY}x"])
def test_without_a_known_key_nothing_is_told(server: Server, authorization: str | None) -> None:
    """401 and the same words for a missing key and a wrong one, at both doors."""
    for answer in (
        server.post(body("e-1"), {"Authorization": authorization}),
        server.ask("GET", "/v1/receipts/r-1", headers={"Authorization": authorization}),
    ):
        assert (answer.status, answer.json["code"]) == (401, "no-key")
        assert answer.headers["www-authenticate"] == 'Bearer realm="wayfare"'
    assert server.ids() == []


def test_the_scheme_of_the_key_may_be_written_in_any_case(server: Server) -> None:
    """As HTTP has it."""
    assert server.post(body("e-1"), {"Authorization": f"bearer {KEY}"}).status == 202


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_with_the_right_one(server: Server, method: str) -> None:
    """405 with Allow, in the form of every other refusal."""
    answer = server.ask(method, "/v1/events")
    assert (answer.status, answer.headers["allow"], answer.json["code"]) == (405, "POST, OPTIONS", "wrong-method")
    assert server.ask("POST", "/v1/receipts/r-1", b"{}").headers["allow"] == "GET, HEAD"


def test_a_system_that_asks_whether_it_may_send_is_told_that_it_may(server: Server) -> None:
    """The handshake of the CloudEvents webhook standard, before any key: Azure Event Grid sends nothing without it."""
    asked: dict[str, str | None] = {"WebHook-Request-Origin": "eventgrid.azure.net", "Authorization": None}
    answer = server.ask("OPTIONS", "/v1/events", headers=asked)
    assert (answer.status, answer.headers["webhook-allowed-origin"]) == (200, "eventgrid.azure.net")
    assert "webhook-allowed-rate" not in answer.headers
    answer = server.ask("OPTIONS", "/v1/events", headers=asked | {"WebHook-Request-Rate": "120"})
    assert answer.headers["webhook-allowed-rate"] == "*"


def test_anybody_may_ask_which_methods_there_are(server: Server) -> None:
    """A plain OPTIONS grants nothing and names the methods."""
    answer = server.ask("OPTIONS", "/v1/events")
    assert (answer.status, answer.headers["allow"]) == (200, "POST, OPTIONS")
    assert "webhook-allowed-origin" not in answer.headers


@pytest.mark.parametrize("receipt", ["none", "%00", "a%20b", "x" * 5_000, "%ff", "'--"])
def test_an_unknown_receipt_is_not_found(server: Server, receipt: str) -> None:
    """404, also for what could not be a receipt at all."""
    answer = server.ask("GET", f"/v1/receipts/{receipt}")
    assert (answer.status, answer.json["code"]) == (404, "unknown-receipt")


def test_a_connection_serves_many_events(server: Server) -> None:
    """A sender need not connect anew, not even after a refusal."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": 'application/json; charset="UTF-8"'}
    statuses = []
    for sent in (body("e-1"), b"[]", body("e-2")):
        connection.request("POST", "/v1/events", sent, headers)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    assert statuses == [202, 400, 202]


def test_a_body_is_asked_for_only_when_it_is_wanted(server: Server) -> None:
    """`Expect: 100-continue`: refused at once by the headers, or told to go on."""
    refused, _ = server.raw([head(Authorization="Bearer x", Content_Length="9", Expect="100-continue")])
    assert refused.status == 401
    with server.connect() as line:
        line.sendall(head(Content_Length=str(len(body())), Expect="100-continue"))
        assert line.recv(100).startswith(b"HTTP/1.1 100")
        line.sendall(body())
        assert line.recv(1000).startswith(b"HTTP/1.1 202")


def test_two_hundred_at_once_are_each_answered_and_share_commits(server: Server) -> None:
    """Each gets its own receipt, and there are far fewer transactions than events."""
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda n: server.post(body(f"e-{n}")), range(200)))
    assert {answer.status for answer in answers} == {202}
    assert [answer.json["id"] for answer in answers] == [f"e-{n}" for n in range(200)]
    assert len({answer.json["receipt"] for answer in answers}) == 200
    assert sorted(server.ids()) == sorted(f"e-{n}" for n in range(200))
    assert server.db.transactions < 200


def test_a_failing_store_answers_503_and_nothing_is_lost_after_a_retry(server: Server) -> None:
    """Nothing was accepted that is not there; the sender repeats, and each event is there once."""
    server.db.fault = sqlite3.OperationalError("disk I/O error")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: server.post(body(f"e-{n}")), range(40)))
        assert {answer.status for answer in answers} == {503}
        assert {answer.headers["retry-after"] for answer in answers} == {"2"}
        assert server.ids() == []
        server.db.fault = None
        answers = list(pool.map(lambda n: server.post(body(f"e-{n}")), range(40)))
    assert {answer.status for answer in answers} == {202}
    assert sorted(server.ids()) == sorted(f"e-{n}" for n in range(40))


def test_a_commit_whose_answer_was_lost_is_found_by_the_retry(server: Server) -> None:
    """503 does not mean that it was not stored; the same id again shows that it was."""
    server.db.answers_to_lose = 1
    assert server.post(body("e-1")).status == 503
    assert server.post(body("e-1")).json["state"] == "duplicate"
    assert server.ids() == ["e-1"]


def test_a_store_locked_by_somebody_else_is_waited_for_briefly(hasty: Server) -> None:
    """503 in time, and 202 as soon as the lock is gone; what was asked for meanwhile is there once at most."""
    assert sent(hasty, body("e-1")) == 202
    other = sqlite3.connect(hasty.folder / "store.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert [hasty.post(body("e-2")).status, hasty.post(body("e-3")).status] == [503, 503]
    other.execute("COMMIT")
    other.close()
    assert [sent(hasty, body("e-2")), sent(hasty, body("e-3"))] == [202, 202]
    assert hasty.ids() == ["e-1", "e-2", "e-3"]


def test_a_receipt_cannot_be_read_while_the_store_is_away(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """503, not a page of code; and what cannot be a receipt is not even asked for."""

    def away() -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(server.db, "read", away)
    answer = server.ask("GET", "/v1/receipts/r-1")
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert server.ask("GET", "/v1/receipts/r%00").status == 404


def test_a_slash_at_the_end_of_an_address_changes_nothing(server: Server) -> None:
    """Clients write it so, and follow no redirect."""
    answer = server.ask("POST", "/v1/events/", body("e-1"))
    assert answer.status == 202
    assert server.ask("GET", f"{answer.json['receipt_url']}/").status == 200
    assert server.ask("PUT", "/v1/events/").headers["allow"] == "POST, OPTIONS"
