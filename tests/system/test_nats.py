"""A broker behind the same inbox, and changes on it: a real NATS server."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from nats.aio.client import Client
from nats.errors import Error as NatsError
from sqlalchemy import select, update

from activities.courier import Courier
from gateway.intake import Intake
from gateway.published import Published
from gateway.stream import Stream
from journey.declared.subscriber import Subscriber
from store import notices, timeline
from store.clock import now
from store.tables import inbox, notice
from tests.gateway.fakes import UnsteadyDatabase, ids_in, new_database, purchase
from tests.store.makers import GRETE, resolve, rows
from tests.system.installation import Installation
from tests.system.nats import NatsServer, needs_nats
from tests.system.waiting import until
from workers.broker import Broker

pytestmark = needs_nats()
SUBJECT = "wayfare.events.>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    folder = tmp_path / "nats"
    folder.mkdir()
    with NatsServer(folder) as running:
        yield running


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[UnsteadyDatabase]:
    made = new_database(tmp_path)
    yield made
    await made.close()


@contextlib.asynccontextmanager
async def listening(server: NatsServer, db: UnsteadyDatabase) -> AsyncIterator[None]:
    """The intake on the broker, as a gateway has it."""
    broker = Broker(server.url)
    async with Intake(db, patience=0.5) as intake:
        task = asyncio.create_task(Stream(broker.client, SUBJECT, intake, Published(db)).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            await broker.close()


@pytest.fixture
async def client(server: NatsServer) -> AsyncIterator[Client]:
    connected = await nats.connect(server.url, max_reconnect_attempts=-1, reconnect_time_wait=0.05)
    yield connected
    await connected.close()


async def publish(client: Client, body: bytes, **headers: str) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    while True:  # as a good publisher does
        try:
            await client.jetstream().publish("wayfare.events.shop", body, headers=named or None, timeout=1)
        except NatsError:
            continue
        return


async def kept(db: UnsteadyDatabase, count: int) -> list[str]:
    async def enough() -> list[str]:
        found = await ids_in(db)
        return found if len(found) >= count else []

    return await until(enough, f"{count} events are kept")


async def acknowledged(client: Client) -> None:
    """Until the broker owes nothing."""

    async def all_of_it() -> bool:
        info = await client.jetstream().consumer_info("WAYFARE", "wayfare")
        return bool(info.num_ack_pending == 0 and info.num_pending == 0)

    await until(all_of_it, "everything is acknowledged")


async def ready(client: Client) -> None:
    """Until the stream is there."""

    async def there() -> bool:
        with contextlib.suppress(Exception):
            await client.jetstream().consumer_info("WAYFARE", "wayfare")
            return True
        return False

    await until(there, "the intake listens")


async def test_events_are_taken_in_every_form_and_acknowledged(
    server: NatsServer, db: UnsteadyDatabase, client: Client
) -> None:
    made = CloudEvent(attributes={"id": "s", "source": "/shop", "type": "t"}, data={"customer": {"id": "c"}})
    structured = to_structured_event(made)
    binary = to_binary_event(CloudEvent(attributes={**made.get_attributes(), "id": "b"}, data=made.get_data()))
    batch = [purchase(one, specversion="1.0", source="/shop") for one in ("l-1", "l-2")]
    async with listening(server, db):
        await ready(client)
        await publish(client, bytes(structured.body), Content_Type="application/cloudevents+json")
        await client.jetstream().publish("wayfare.events.shop", bytes(binary.body), headers=dict(binary.headers))
        await publish(client, json.dumps(batch).encode(), Content_Type="application/cloudevents-batch+json")
        await publish(client, json.dumps(purchase("p")).encode())
        assert await kept(db, 5) == ["s", "b", "l-1", "l-2", "p"]
        await acknowledged(client)
    assert [row["source"] for row in await rows(db, "inbox")] == ["/shop"] * 4 + ["nats"]


async def test_what_is_no_event_is_kept_in_quarantine_and_does_not_come_again(
    server: NatsServer, db: UnsteadyDatabase, client: Client
) -> None:
    async with listening(server, db):
        await ready(client)
        for body in (b"{", b"\xff", b'{"id": "x"}', json.dumps(purchase("good")).encode()):
            await publish(client, body)
        await publish(client, json.dumps(purchase("good", type="other")).encode())
        await kept(db, 5)
        await acknowledged(client)
    states = [row["state"] for row in await rows(db, "inbox")]
    assert sorted(states) == ["new", "quarantined", "quarantined", "quarantined", "quarantined"]


async def test_nothing_is_acknowledged_before_it_is_committed_and_the_order_stays(
    server: NatsServer, db: UnsteadyDatabase, client: Client
) -> None:
    """The store is away, the gateway ends, the broker is killed: all the same each event is there once, in order."""
    names = [f"e-{number:03}" for number in range(60)]
    db.fault = OSError("away")
    async with listening(server, db):
        await ready(client)
        for name in names[:30]:
            await publish(client, json.dumps(purchase(name)).encode())

        async def taken() -> bool:
            info = await client.jetstream().consumer_info("WAYFARE", "wayfare")
            return bool(info.num_ack_pending)

        await until(taken, "they are taken and not acknowledged")
    assert await ids_in(db) == []
    db.fault = None
    server.kill()
    server.start()
    await until(lambda: asyncio.sleep(0, client.is_connected), "the client is back")
    async with listening(server, db):
        for name in names[30:]:
            await publish(client, json.dumps(purchase(name)).encode())
        assert await kept(db, 60) == names


async def test_a_gateway_that_is_killed_loses_and_doubles_nothing_of_the_broker(
    server: NatsServer, client: Client, install: Callable[..., Installation]
) -> None:
    """SIGKILL in the middle: what was not committed was not acknowledged, and comes again, in its order."""
    house = install(nats_url=server.url)
    await house.prepare()
    await house.start("gateway")
    await ready(client)
    names = [f"e-{number:03}" for number in range(100)]

    async def publish_all() -> None:
        for name in names:
            await publish(client, json.dumps(purchase(name)).encode())

    publishing = asyncio.create_task(publish_all())

    async def some() -> bool:
        return await house.count(select(inbox.c.event_pk)) >= 20

    await until(some, "the first ones are kept")
    await house.kill("gateway")
    await house.start("gateway")
    await publishing

    async def all_kept() -> bool:
        return await house.count(select(inbox.c.event_pk)) >= len(names)

    await until(all_kept, "all of them are kept", within=60)
    await acknowledged(client)
    assert [row.event_id for row in await house.rows(select(inbox.c.event_id).order_by(inbox.c.event_pk))] == names


async def test_changes_are_told_on_the_broker_each_once(
    server: NatsServer, db: UnsteadyDatabase, client: Client
) -> None:
    stream = client.jetstream()
    await stream.add_stream(name="CHANGES", subjects=["changes.>"])
    told = {"subscriber": "lake", "title": "The lake", "to": "nats:changes", "changes": ["customer.noted"]}
    async with db.write() as tx:
        await notices.publish(tx, {"lake": Subscriber.model_validate(told)})
    person = (await resolve(db, **GRETE))["customer_id"]
    async with db.write() as tx:
        await timeline.add(tx, [timeline.entry(person, "k", now(), "note", "Likes lamps.")])
    broker = Broker(server.url, connect_seconds=0.3)
    server.kill()
    courier = Courier(db, {}, "https://wayfare.example", broker=broker)
    await courier.tell_some()
    [row] = await rows(db, "notice")
    assert (row["state"], row["attempts"]) == ("waiting", 1)
    server.start()
    await _due(db)

    async def delivered() -> bool:
        await courier.tell_some()
        [row] = await rows(db, "notice")
        if row["state"] != "delivered":
            await _due(db)
        return bool(row["state"] == "delivered")

    await until(delivered, "it is told")
    subscription = await stream.subscribe("changes.>")
    message = await subscription.next_msg(timeout=10)
    event: dict[str, Any] = json.loads(message.data)
    assert message.subject == "changes.customer.noted"
    assert (event["type"], event["id"]) == ("wayfare.customer.noted", row["notice_id"])
    assert (message.headers or {})["Nats-Msg-Id"] == event["id"]
    assert (await stream.stream_info("CHANGES")).state.messages == 1
    await broker.close()


async def _due(db: UnsteadyDatabase) -> None:

    async with db.write() as tx:
        await tx.execute(update(notice).values(next_try_at=now()))
