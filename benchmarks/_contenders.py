"""Who is measured: Wayfare, and the same journeys written by hand. Each prepares its starts before the clock runs."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from temporalio.client import Client

from benchmarks._hand_flows import Order
from benchmarks._lab import HAND_FILE, Lab
from gateway.bells import Bells, Routed
from gateway.router import Router
from journey.engine import Engine
from journey.work import Launch
from store import inbox
from store.database import Database
from store.inbox import NewEvent
from workers.children import Child
from workflows.engine import TemporalEngine

FLOWS = {"fixed": "FixedByHand", "six-nodes": "SixNodesByHand", "one-mail": "OneMailByHand"}

Starts = list[Callable[[], Awaitable[None]]]


class Contender(Protocol):
    """A way to run the journeys, with its worker."""

    name: str
    task_queue: str
    worker: Child

    async def prepare(self, journey: str, count: int) -> Starts:
        """New customers, and what starts a journey for each."""
        ...

    async def end(self) -> None:
        """Close what this process opened."""
        ...


class _Collecting(Bells):
    """Rings nothing: it remembers what was begun."""

    def __init__(self, db: Database, engine: Engine) -> None:
        super().__init__(db, engine)
        self.begun: list[Launch] = []

    def put(self, routed: Routed) -> None:
        self.begun += routed.begun


@dataclass
class Wayfare:
    """The real worker role; events are accepted and routed beforehand by the real inbox and router."""

    worker: Child
    db: Database
    engine: TemporalEngine
    task_queue: str
    name: str = "Wayfare"

    @classmethod
    async def begin(cls, lab: Lab, client: Client) -> Wayfare:
        worker = await lab.serve("worker")
        task_queue = lab.settings.task_queue
        return cls(worker, Database(lab.settings.database_url), TemporalEngine(client, task_queue), task_queue)

    async def prepare(self, journey: str, count: int) -> Starts:
        async with self.db.write() as tx:
            await inbox.accept(tx, [event(journey) for _ in range(count)])
        bells = _Collecting(self.db, self.engine)
        router = Router(self.db, bells, asyncio.Event())
        while await router.route_some():
            pass
        if len(bells.begun) != count:
            raise RuntimeError(f"{len(bells.begun)} journeys were begun instead of {count}")
        return [partial(self.engine.start, launch.plan["journey"], launch) for launch in bells.begun]

    async def end(self) -> None:
        await self.db.close()


@dataclass
class ByHand:
    """temporalio in the usual way."""

    name: str
    task_queue: str
    worker: Child
    client: Client
    lab: Lab

    @classmethod
    async def begin(cls, lab: Lab, client: Client, name: str, *, sandbox: bool) -> ByHand:
        task_queue = "hand-sandbox" if sandbox else "hand-plain"
        return cls(name, task_queue, await lab.by_hand(task_queue, sandbox=sandbox), client, lab)

    async def prepare(self, journey: str, count: int) -> Starts:
        return [partial(self.start, journey, order) for order in self.orders(count)]

    def orders(self, count: int) -> list[Order]:
        """Orders of new customers."""
        orders = [Order(f"c-{secrets.token_hex(8)}", f"o-{secrets.token_hex(8)}", "Lamp") for _ in range(count)]
        rows = [(order.customer_id, "Grete Hermann", order.address, "pro", "") for order in orders]
        with contextlib.closing(sqlite3.connect(self.lab.folder / HAND_FILE, timeout=10)) as connection, connection:
            connection.executemany("INSERT INTO customer VALUES (?, ?, ?, ?, ?)", rows)
        return orders

    async def start(self, journey: str, order: Order) -> None:
        """Start a journey for an order."""
        name = f"{self.task_queue}-{order.order_id}"
        await self.client.start_workflow(FLOWS[journey], order, id=name, task_queue=self.task_queue)

    async def end(self) -> None:
        """Nothing is open."""


def event(journey: str) -> NewEvent:
    """A purchase by a customer of her own, as the door hands it on."""
    whole = body(journey)
    envelope = json.dumps(whole, sort_keys=True)
    digest = hashlib.sha256(envelope.encode()).hexdigest()
    return NewEvent("bench", whole["id"], whole["type"], None, whole["data"], envelope, digest)


def body(journey: str) -> dict[str, Any]:
    """The event as it is posted."""
    customer = f"c-{secrets.token_hex(8)}"
    return {
        "id": f"e-{secrets.token_hex(8)}",
        "type": f"bench.{journey}",
        "data": {
            "customer": {
                "id": customer,
                "email": f"{customer}@example.org",
                "name": "Grete Hermann",
                "attributes": {"plan": "pro"},
            },
            "order_id": f"o-{secrets.token_hex(8)}",
            "product": {"sku": "P-1", "name": "Lamp", "needs_setup": True},
            "amount": "49.00",
            "currency": "EUR",
        },
    }
