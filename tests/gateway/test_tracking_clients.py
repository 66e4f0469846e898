"""The real clients of Segment and RudderStack, of which only the host is changed, against the running gateway."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import rudderstack.analytics.client as rudder
import segment.analytics.client as segment

from tests.gateway.server import KEY, Server
from tests.journey.folders import shipped_files

PRODUCTS = [{"product_id": "P-1", "name": "Lamp"}]
CLIENTS = ("segment", "segment packed", "rudder", "rudder unpacked")


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


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest, server: Server) -> Any:
    """A client as a website's server has it: it sends in the background, in batches."""
    return new_client(request.param, server)


def new_client(kind: str, server: Server, key: str = KEY, **more: Any) -> Any:
    """A client of this kind whose mistakes are raised, not swallowed."""
    host, common = f"http://127.0.0.1:{server.port}", {"max_retries": 1, "timeout": 10, "upload_interval": 0.05} | more
    if kind.startswith("segment"):
        return segment.Client(write_key=key, host=host, gzip=kind.endswith("packed"), **common)
    return rudder.Client(write_key=key, host=host, gzip=not kind.endswith("unpacked"), **common)


def finish(client: Any) -> list[Any]:
    """Wait until all is sent; the errors that the client met."""
    errors: list[Any] = []
    client.on_error = lambda error, batch: errors.append(error)
    for consumer in client.consumers:
        consumer.on_error = client.on_error
    client.flush()
    client.shutdown()
    return errors


def test_every_call_of_a_client_is_kept_once_and_comes_to_our_events(client: Any, server: Server) -> None:
    bought = {"order_id": 17, "total": 49.5, "currency": "EUR", "products": PRODUCTS}
    client.identify("c-1", {"email": "grete@example.org", "firstName": "Grete", "lastName": "Hermann", "plan": "pro"})
    client.track("c-1", "Order Completed", bought)
    client.track("c-1", "Sofa Sat Upon", {"minutes": 3})
    client.page("c-1", "shop", "Lamps")
    client.screen("c-1", "app", "Lamps")
    client.group("c-1", "g-1", {"name": "Northlight"})
    client.alias("a-1", "c-1")
    assert finish(client) == []

    kept = {row["type"]: row for row in server.rows("inbox")}
    assert set(kept) == {
        "customer.identified",
        "purchase.completed",
        "track Sofa Sat Upon",
        "group",
        "customer.aliased",
    }
    grete = {"id": "c-1", "email": "grete@example.org", "name": "Grete Hermann", "attributes": {"plan": "pro"}}
    assert kept["customer.identified"]["data"] == {"customer": grete}
    assert kept["purchase.completed"]["data"] == {
        "customer": {"id": "c-1"},
        "order_id": "17",
        "product": {"sku": "P-1", "name": "Lamp"},
        "amount": "49.50",
        "currency": "EUR",
    }
    assert kept["customer.aliased"]["data"] == {"customer": {"id": "c-1"}, "previous_id": "a-1"}
    assert {row["state"] for row in kept.values() if row["type"] in ("track Sofa Sat Upon", "group")} == {"unmatched"}
    assert 'no rule of segment is for "track Sofa Sat Upon"' in kept["track Sofa Sat Upon"]["result"]["reason"]


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_message_sent_again_by_the_client_is_kept_once(kind: str, server: Server) -> None:
    """The same messageId: what the client adds at each sending makes it no other one."""
    moment = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    for _ in range(2):
        client = new_client(kind, server)
        client.track("c-1", "Setup Completed", {"order_id": "o-1"}, message_id="m-1", timestamp=moment)
        assert finish(client) == []
    assert [(row["event_id"], row["state"]) for row in server.rows("inbox")] == [("m-1", "new")]


@pytest.mark.parametrize("kind", ["segment", "rudder"])
def test_two_hundred_and_fifty_calls_come_in_batches_and_none_is_lost(kind: str, server: Server) -> None:
    client = new_client(kind, server)
    for number in range(250):
        client.track(f"c-{number % 7}", "Setup Completed", {"order_id": f"o-{number}"})
    assert finish(client) == []
    assert sorted(row["data"]["order_id"] for row in server.rows("inbox")) == sorted(f"o-{n}" for n in range(250))


@pytest.mark.parametrize("kind", ["segment", "rudder"])
def test_a_wrong_key_is_told_once_and_is_not_tried_again(kind: str, server: Server) -> None:
    """RudderStack's client takes every refusal without a code and a message for passing, and tries for ten minutes."""
    client = new_client(kind, server, "wrong", max_retries=3)
    client.track("c-1", "Setup Completed", {"order_id": "o-1"})
    logging.disable(logging.CRITICAL)
    errors = finish(client)
    logging.disable(logging.NOTSET)
    assert [getattr(error, "status", None) for error in errors] == [401]
    assert server.ids() == []


@pytest.mark.parametrize("kind", ["segment", "rudder"])
def test_a_client_sends_again_when_the_store_was_away(kind: str, server: Server) -> None:
    server.db.answers_to_lose = 1
    client = new_client(kind, server, max_retries=3)
    client.track("c-1", "Setup Completed", {"order_id": "o-1"}, message_id="m-1")
    assert finish(client) == []
    assert [row["event_id"] for row in server.rows("inbox")] == ["m-1"]


def test_the_moment_is_corrected_by_as_much_as_the_senders_clock_is_wrong(server: Server) -> None:
    """A browser whose clock is an hour ahead did not act in the future."""
    ahead = datetime.now(UTC) + timedelta(hours=1)
    message = {"type": "track", "userId": "c", "event": "Setup Completed", "properties": {"order_id": "o"}}
    sent = {"batch": [message | {"timestamp": (ahead - timedelta(minutes=5)).isoformat()}], "sentAt": ahead.isoformat()}
    assert server.send("/v1/batch", sent).status == 200
    [kept] = server.rows("inbox")
    assert abs(kept["occurred_at"] - (datetime.now(UTC) - timedelta(minutes=5))) < timedelta(minutes=1)
