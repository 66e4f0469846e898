"""The doors of the tracking API as browsers use them, and what they refuse."""

import base64
import gzip
import http.client
import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway import tracking
from tests.gateway.server import KEY, Server
from tests.journey.folders import shipped_files

NO_KEY: dict[str, str | None] = {"Authorization": None}
PLAIN = NO_KEY | {"Content-Type": "text/plain", "Origin": "https://shop.example"}
DONE = {"order_id": "o-1"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("tracking")) as server:
        server.publish(shipped_files())
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """A gateway with the shipped definitions and an empty inbox."""
    running.empty()
    return running


def tracked(**more: Any) -> dict[str, Any]:
    """A call that comes to an event."""
    return {"type": "track", "userId": "c-1", "event": "Setup Completed", "properties": DONE} | more


@pytest.mark.parametrize("last", tracking.PATHS)
def test_every_address_of_the_tracking_api_answers_exactly_as_its_clients_expect(server: Server, last: str) -> None:
    sent = {"batch": [tracked()]} if tracking.PATHS[last] == "batch" else tracked(traits={}, previousId="a-1")
    answer = server.send(f"/v1/{last}", sent)
    assert (answer.status, answer.json) == (200, {"success": True})


@pytest.mark.parametrize("place", ["beside the batch", "in the message", "Basic", "Bearer"])
def test_the_write_key_may_stand_wherever_a_client_puts_it(server: Server, place: str) -> None:
    """analytics.js puts it into the body, server libraries into the header."""
    batch: dict[str, Any] = {"batch": [tracked(messageId="m-1")]}
    headers = dict(PLAIN)
    if place == "beside the batch":
        batch["writeKey"] = KEY
    elif place == "in the message":
        batch["batch"][0]["writeKey"] = KEY
    elif place == "Basic":
        headers["Authorization"] = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
    else:
        headers["Authorization"] = f"Bearer {KEY}"
    assert server.send("/v1/b", batch, headers).status == 200
    assert server.ids() == ["m-1"]
    assert KEY not in server.rows("inbox")[0]["envelope"]


@pytest.mark.parametrize("body", [{"batch": [tracked()]}, {"writeKey": "wrong", "batch": []}, {"writeKey": 7}])
def test_without_a_known_key_anywhere_nothing_is_kept(server: Server, body: dict[str, Any]) -> None:
    answer = server.send("/v1/batch", body, PLAIN)
    assert (answer.status, answer.json["code"]) == (401, "no-key")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert server.ids() == []


def test_a_page_of_any_origin_may_ask_and_send(server: Server) -> None:
    """The preflight needs no key, and every answer may be read by the page."""
    asked: dict[str, str | None] = NO_KEY | {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = server.ask("OPTIONS", "/v1/t", headers=asked)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert "POST" in answer.headers["access-control-allow-methods"]
    sent = server.send("/v1/t", tracked(writeKey=KEY), PLAIN)
    assert (sent.status, sent.headers["access-control-allow-origin"]) == (200, "*")


def test_a_page_may_send_the_headers_that_it_asks_for(server: Server) -> None:
    """RudderStack's pages send AnonymousId; a browser sends nothing that the preflight does not allow."""
    asked: dict[str, str | None] = NO_KEY | {"Access-Control-Request-Headers": "anonymousid,authorization"}
    assert server.ask("OPTIONS", "/v1/batch", headers=asked).headers["access-control-allow-headers"] == (
        "anonymousid,authorization"
    )


def test_analytics_js_is_told_where_to_send(server: Server) -> None:
    answer = server.ask("GET", f"/v1/projects/{KEY}/settings", headers=NO_KEY)
    told = answer.json["integrations"]["Segment.io"]
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert (told["apiHost"], told["protocol"]) == (f"127.0.0.1:{server.port}/v1", "http")
    sent = tracked(writeKey=told["apiKey"], messageId="m-1")
    connection = http.client.HTTPConnection(told["apiHost"].removesuffix("/v1"), timeout=15)
    connection.request("POST", "/v1/t", json.dumps(sent), {"Content-Type": "text/plain"})
    assert connection.getresponse().status == 200 and server.ids() == ["m-1"]
    connection.close()
    assert server.ask("GET", "/v1/projects/nobodys/settings", headers=NO_KEY).status == 401


def test_a_beacon_has_its_key_in_the_address(server: Server) -> None:
    """What RudderStack's pages send when they are left; nowhere else does a key in the address count."""
    sent = {"batch": [tracked(messageId="m-1")]}
    assert server.send(f"/beacon/v1/batch?writeKey={KEY}", sent, PLAIN).status == 200
    assert server.send("/beacon/v1/batch?writeKey=wrong", sent, PLAIN).status == 401
    assert server.send(f"/v1/batch?writeKey={KEY}", sent, PLAIN).status == 401
    assert server.ids() == ["m-1"]


@pytest.mark.parametrize("path", ["/v1/batch/", "/v1/import/", "/v1/b/", "/beacon/v1/batch/"])
def test_a_slash_at_the_end_changes_nothing(server: Server, path: str) -> None:
    assert server.send(path, {"batch": [tracked()]}).json == {"success": True}


BAD: dict[str, Any] = {
    "no object": 7,
    "no type": {"userId": "c-1"},
    "another type": tracked(type="sneeze"),
    "nobody": tracked(userId=None),
    "half a surrogate pair": tracked(properties={"x": "\ud800"}),
    "infinity": tracked(properties={"x": float("inf")}),
    "NUL": tracked(properties={"x": "\0"}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_message_is_put_aside_and_its_batch_still_gets_its_200(server: Server, name: str) -> None:
    """Segment's clients drop the whole batch on a 4xx, and RudderStack's send it for ever on anything else."""
    sent = {"batch": [tracked(messageId="m-1"), BAD[name], tracked(messageId="m-2")]}
    answer = server.send("/v1/batch", sent)
    assert (answer.status, answer.json) == (200, {"success": True})
    states = [row["state"] for row in server.rows("inbox")]
    assert sorted(states) == ["new", "new", "quarantined"]


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"batch": 7}', b'{"batch": {}}', b"{} x", b"\xff"])
def test_a_body_that_cannot_be_read_is_refused_with_a_code_and_a_message(server: Server, body: bytes) -> None:
    answer = server.ask("POST", "/v1/batch", body)
    assert answer.status == 400
    assert {"code", "message"} <= answer.json.keys()
    assert server.ids() == []


def test_a_packed_body_is_bounded_when_it_is_unpacked(server: Server) -> None:
    """A bomb is cut off; two packings, another packing and a torn one are refused; a good one is read."""
    packed: dict[str, str | None] = {"Content-Encoding": "gzip"}
    good = gzip.compress(json.dumps({"batch": [tracked(messageId="m-1")]}).encode())
    refused: list[tuple[bytes, dict[str, str | None], int]] = [
        (gzip.compress(bytes(200 * 1024 * 1024), 1), packed, 413),
        (gzip.compress(gzip.compress(b"{}")), packed, 400),
        (good, {"Content-Encoding": "gzip, gzip"}, 415),
        (good, {"Content-Encoding": "br"}, 415),
        (good[:-9], packed, 400),
        (good + b"more", packed, 400),
        (b"{}", packed, 400),
        (good, {}, 400),
    ]
    for body, headers, status in refused:
        assert server.ask("POST", "/v1/batch", body, headers).status == status
    assert server.ids() == []
    assert server.ask("POST", "/v1/batch", good, packed).status == 200
    assert server.ids() == ["m-1"]


def test_a_body_of_packed_nothings_ends(server: Server) -> None:
    """Blocks that unpack to nothing count by the bytes that come."""
    empty = gzip.compress(b"")
    body = empty[:10] + b"\x00\x00\x00\xff\xff" * 1_200_000
    assert server.ask("POST", "/v1/batch", body, {"Content-Encoding": "gzip"}).status == 413


def test_ids_that_are_numbers_are_taken_as_text(server: Server) -> None:
    """Clients let programmers pass numbers."""
    server.send("/v1/identify", {"userId": 42, "traits": {"email": "grete@example.org"}})
    assert server.rows("inbox")[0]["data"]["customer"]["id"] == "42"


def test_what_the_record_cannot_use_of_a_person_is_left_out_and_the_rest_is_taken(server: Server) -> None:
    """A mistyped phone number loses no order."""
    traits = {"email": "no address", "phone": "1\n2", "timezone": "Nowhere", "plan": "pro"}
    server.send("/v1/identify", {"userId": "c-1", "traits": traits, "context": {"timezone": "Nowhere"}})
    [kept] = server.rows("inbox")
    assert (kept["state"], kept["data"]["customer"]) == ("new", {"id": "c-1", "attributes": {"plan": "pro"}})


def test_an_event_that_does_not_fit_its_declaration_is_put_aside_with_what_is_missing(server: Server) -> None:
    server.send("/v1/track", tracked(properties={}))
    [kept] = server.rows("inbox")
    assert kept["state"] == "unmatched"
    assert "/data/order_id: It is missing." in kept["result"]["reason"]
    assert "event.properties.order_id is missing" in kept["result"]["reason"]


def test_a_message_without_an_id_is_its_own_unless_it_says_when_it_happened(server: Server) -> None:
    for _ in range(2):
        server.send("/v1/track", tracked())
        server.send("/v1/track", tracked(timestamp="2026-11-24T09:30:00Z"))
    assert len(server.ids()) == 3


def test_who_somebody_is_gets_into_the_record_even_without_a_declared_source(server: Server) -> None:
    files = {name: text for name, text in shipped_files().items() if not name.startswith("sources/")}
    server.publish(files)
    server.send("/v1/identify", {"userId": "c-1", "traits": {"email": "grete@example.org", "plan": "pro"}})
    server.send("/v1/track", tracked())
    server.publish(shipped_files())
    identified, other = server.rows("inbox")
    assert identified["data"]["customer"] == {
        "id": "c-1",
        "email": "grete@example.org",
        "attributes": {"plan": "pro"},
    }
    assert (other["state"], other["result"]["reason"]) == (
        "unmatched",
        'no rule of segment is for "track Setup Completed"',
    )


def test_a_source_of_the_keys_own_goes_before_the_usual_one(server: Server) -> None:
    own = """source: app
title: The app
sent by: segment
customer: {id: = event.userId}
events:
  - {when: track *, type: = "app." + event.properties.what, data: {}}
"""
    key = server.add_key("app").key
    server.publish(shipped_files() | {"sources/app.yaml": own})
    server.send("/v1/track", tracked(properties={"what": "opened"}), {"Authorization": f"Bearer {key}"})
    server.publish(shipped_files())
    [kept] = server.rows("inbox")
    assert (kept["source"], kept["type"]) == ("app", "app.opened")
