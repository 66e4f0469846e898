"""Store, router, bells, activities and a Temporal worker in this process: the real parts, wired as in ``serve``."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from temporalio.client import Client, WorkflowHandle

from activities.drain import Drain
from activities.mail import Mail
from activities.office import Office
from activities.smtp import Mailer, Server
from gateway.bells import Bells
from gateway.router import Router
from journey.commands import Command
from journey.engine import Engine
from journey.inputs import Event
from journey.library import Library
from store import definitions, inbox, instances
from store.clock import now
from store.database import Database
from store.inbox import NewEvent
from store.seal import Seal
from store.tables import customer, instance, message, timeline
from tests.system.smtp_server import SmtpServer
from tests.system.waiting import until
from workers import wiring
from workers.settings import Settings
from workflows.engine import TemporalEngine, workflow_id

OFFICE = Office(Seal("a secret of the tests"), "https://wayfare.example")


class Workshop:
    """One store and its mail server. ``routing`` rings the given engine; ``working`` runs a Temporal worker besides."""

    def __init__(self, url: str, smtp: SmtpServer) -> None:
        self.db = Database(url)
        self.smtp = smtp
        self.mailer = Mailer(Server("127.0.0.1", smtp.port, "none"))
        self.mail = Mail(self.db, self.mailer, OFFICE)
        self.task_queue = f"test-{secrets.token_hex(4)}"
        self.awake = asyncio.Event()
        self.bells: Bells

    async def close(self) -> None:
        """Leave nothing open."""
        await self.mail.finish()
        await self.mailer.close()
        await self.db.close()

    async def publish(self, library: Library) -> None:
        """Make a library the one in force."""
        async with self.db.write() as tx:
            await definitions.publish(tx, library, {})

    @contextlib.asynccontextmanager
    async def routing(self, engine: Engine, pace: float = 1.0) -> AsyncIterator[None]:
        """The router, its bells and the drain at work."""
        self.bells = Bells(self.db, engine)
        tasks = [
            asyncio.create_task(Drain(self.db, self.bells.knock).run()),
            asyncio.create_task(self.bells.run()),
            asyncio.create_task(Router(self.db, self.bells, self.awake, pace).run()),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    @contextlib.asynccontextmanager
    async def working(self, client: Client, call_hosts: frozenset[str] = frozenset()) -> AsyncIterator[None]:
        """A worker on this workshop's task queue; journeys may call these hosts inside."""
        hosts = {"call_hosts": ",".join(sorted(call_hosts))}
        settings = Settings(data=Path("/nowhere"), task_queue=self.task_queue, **hosts)  # type: ignore[arg-type]  # as text
        async with wiring.worker(client, settings, self.db, self.mail):
            yield

    def engine(self, client: Client) -> TemporalEngine:
        """The engine on this workshop's task queue."""
        return TemporalEngine(client, self.task_queue)

    async def accept(self, type_: str, customer: str = "c-1", **data: Any) -> None:
        """Accept an event, as the gateway does."""
        body = {"customer": {"id": customer, "email": f"{customer}@example.org", "name": f"Grete {customer}"}, **data}
        envelope = json.dumps(body)
        digest = hashlib.sha256(envelope.encode()).hexdigest()
        event = NewEvent("test", secrets.token_hex(8), type_, None, body, envelope, digest)
        async with self.db.write() as tx:
            await inbox.accept(tx, [event])
        self.awake.set()

    async def begin(self, journey: str, start: str = "test.began", **data: Any) -> str:
        """Start an instance by an event of a new customer; its id, once the router has made it."""
        customer = data.pop("customer", f"c-{secrets.token_hex(3)}")
        key = data.setdefault("order_id", secrets.token_hex(4))
        await self.accept(start, customer, **data)

        async def made() -> str:
            query = select(instance.c.instance_id, instance.c.entry).where(instance.c.journey == journey)
            for row in await self.rows(query):
                if row.entry["event"]["data"].get("order_id") == key:
                    return str(row.instance_id)
            return ""

        return await until(made, f"{journey} for {key} begins")

    async def begin_for(self, customer_id: str, like: str) -> str:
        """Another customer, and an instance of the same journey for them, straight into the store; its id."""
        instance_id = secrets.token_hex(12)
        mine = {"instance_id": instance_id, "customer_id": customer_id}
        person = {"customer_id": customer_id, "email": f"{customer_id}@example.org", "name": f"Grete {customer_id}"}
        async with self.db.write() as tx:
            await tx.execute(
                customer.insert().values(**person, attributes={}, tags=[], created_at=now(), updated_at=now())
            )
            row = dict((await tx.execute(select(instance).where(instance.c.instance_id == like))).mappings().one())
            await tx.execute(instance.insert().values(**{**row, **mine}))
        return instance_id

    async def deliver(self, instance_id: str, type_: str, **data: Any) -> tuple[int, Event]:
        """Put an event into an instance's sequence without ringing; its number, and the event."""
        event = Event(type=type_, data=data, at=now())
        async with self.db.write() as tx:
            number = await instances.deliver(tx, instance_id, event, None)
            assert number is not None
        return number, event

    async def order(self, client: Client, instance_id: str, command: Command, seen: int | None = None) -> int:
        """Give a command and wait until it is applied; its number."""
        async with self.db.write() as tx:
            seq = await instances.command(tx, instance_id, command, expected_seq=seen)
        assert await self.engine(client).ring(instance_id, seq)

        async def applied() -> bool:
            return bool((await self.row(instance_id)).acked_seq >= seq)

        await until(applied, f"command {seq} is applied")
        return seq

    async def rows(self, query: Select[Any]) -> Sequence[Any]:
        """What the store says."""
        async with self.db.read() as tx:
            return list(await tx.execute(query))

    async def row(self, instance_id: str) -> Any:
        """One instance's row."""
        return (await self.rows(select(instance).where(instance.c.instance_id == instance_id)))[0]

    async def messages(self, instance_id: str) -> list[tuple[str, str]]:
        """The names and states of an instance's messages, oldest first."""
        query = select(message.c.name, message.c.state).where(message.c.instance_id == instance_id)
        return [(row.name, row.state) for row in await self.rows(query.order_by(message.c.created_at))]

    async def said(self, instance_id: str, kind: str) -> list[str]:
        """The texts of one kind on the timeline, oldest first."""
        query = select(timeline.c.text).where(timeline.c.instance_id == instance_id, timeline.c.kind == kind)
        return [row.text for row in await self.rows(query.order_by(timeline.c.entry_pk))]

    async def ended(self, instance_id: str, within: float = 30.0) -> str:
        """Wait for the end; the outcome."""

        async def outcome() -> str:
            return (await self.row(instance_id)).outcome or ""

        return await until(outcome, f"{instance_id} ends", within)

    async def rests(self, instance_id: str, step: str | None = None) -> Any:
        """Wait until it rests at a wait (at that step); its row."""

        async def resting() -> Any:
            row = await self.row(instance_id)
            return row if row.wake_at is not None and step in (None, row.step) else None

        return await until(resting, f"{instance_id} rests at {step or 'a wait'}")

    async def troubled(self, instance_id: str, word: str) -> str:
        """Wait until its trouble says this word; the whole sentence."""

        async def trouble() -> str:
            said = (await self.row(instance_id)).trouble or ""
            return said if word in said else ""

        return await until(trouble, f"{instance_id} is in trouble: {word}")


def handle(client: Client, instance_id: str) -> WorkflowHandle[Any, Any]:
    """The workflow of an instance."""
    return client.get_workflow_handle(workflow_id(instance_id))
