"""Wayfare on this machine as it runs in production: every part a process of its own that can be killed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import Row, Select, func, select
from temporalio.client import Client

from store.database import Database
from store.mailbox import CaughtMessage, Mailbox
from store.tables import instance, message
from tests.ports import free_port
from workers import folder, lineup
from workers.children import Child, ChildSpec
from workers.preparation import migrated
from workers.publish import publish
from workers.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ALL_ROLES = ",".join(lineup.ROLES)


class Installation:
    """One data folder, free ports, the processes on them, and eyes for the store, the mail and Temporal."""

    def __init__(self, data: Path, definitions: Path = ROOT / "definitions", **settings: Any) -> None:
        given = {
            "data": data,
            "definitions": definitions,
            "http_port": free_port(),
            "smtp_port": free_port(),
            "temporal_port": free_port(1000),
            "demo": False,
            "mail_patience": 4,
        }
        self.settings = Settings(**{**given, **settings})
        self.db = Database(self.settings.database_url)
        self._children: dict[str, Child] = {}
        self._http: aiohttp.ClientSession | None = None
        self._mailbox: Mailbox | None = None

    async def prepare(self) -> None:
        """What ``wayfare up`` does before it starts anything."""
        folder.prepare(self.settings.data)
        await asyncio.to_thread(migrated, self.settings)
        await self.publish()

    async def publish(self) -> None:
        """Make the definitions folder the one in force."""
        assert await asyncio.to_thread(publish, self.settings) == []

    async def start(self, *parts: str) -> None:
        """Start ``temporal``, ``mailbox`` or roles (``gateway,console``), and wait until each is ready."""
        for part in parts:
            child = self._children.setdefault(part, Child(self._spec(part), self.settings.data / "logs"))
            await child.start()
        for part in parts:
            await self._ready(self._children[part])

    async def kill(self, part: str) -> None:
        """SIGKILL, as if the machine had lost it."""
        await self._children[part].kill()

    async def stop(self, *parts: str) -> None:
        """SIGTERM, and wait."""
        await asyncio.gather(*(self._children[part].stop(asyncio.Event()) for part in parts))

    async def close(self) -> None:
        """Leave nothing behind."""
        await asyncio.gather(*(child.kill() for child in self._children.values() if child.pid))
        await self.db.close()
        if self._http is not None:
            await self._http.close()
        if self._mailbox is not None:
            self._mailbox.close()

    def log(self, part: str) -> str:
        """All that a part has said."""
        return self._children[part].log.read_text()

    def _spec(self, part: str) -> ChildSpec:
        if part == "temporal":
            return lineup.temporal(self.settings)
        if part == "mailbox":
            return lineup.mailbox(self.settings)
        everything = lineup.serve(self.settings)
        command = (*everything.command[:-1], part)
        ready = everything.ready if {"gateway", "console"} & set(part.split(",")) else None
        return ChildSpec(part.replace(",", "-"), part, command, ready, environment=everything.environment)

    async def _ready(self, child: Child) -> None:
        if child.spec.ready is None:
            return
        deadline = time.monotonic() + 60
        while problem := await child.spec.ready():
            assert child.pid, f"{child.spec.title} ended at once:\n{child.log.read_text()}"
            assert time.monotonic() < deadline, f"{problem}\n{child.log.read_text()}"
            await asyncio.sleep(0.05)

    async def post(self, event: dict[str, Any]) -> int:
        """Post one event as a good sender does: again with the same id until it is answered. Returns the status."""
        if self._http is None:
            self._http = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {folder.api_key(self.settings)}"},
                timeout=aiohttp.ClientTimeout(total=5),
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                async with self._http.post(f"{self.settings.local_url}/v1/events", json=event) as answer:
                    if answer.status < 500:
                        return answer.status
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            assert time.monotonic() < deadline, f"{event['id']} was not accepted"
            await asyncio.sleep(0.1)

    async def post_all(self, events: Sequence[dict[str, Any]], clients: int = 8, pause: float = 0.0) -> list[int]:
        """Post by so many clients at the same time, each with a pause before every event; the statuses."""
        waiting = iter(events)
        statuses: list[int] = []

        async def client() -> None:
            for event in waiting:
                await asyncio.sleep(random.uniform(0, 2 * pause))
                statuses.append(await self.post(event))

        await asyncio.gather(*(client() for _ in range(clients)))
        return statuses

    async def rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """What the store says."""
        async with self.db.read() as tx:
            return list(await tx.execute(query))

    async def count(self, query: Select[Any]) -> int:
        """How many rows the store finds."""
        return int((await self.rows(select(func.count()).select_from(query.subquery())))[0][0])

    async def ledger(self, name: str) -> dict[str, str]:
        """The states of the messages of this name, by Message-ID."""
        query = select(message.c.message_id, message.c.state).where(message.c.name == name)
        return {row.message_id: row.state for row in await self.rows(query)}

    def caught(self) -> int:
        """How many messages the catcher has."""
        return self._box().count()

    def mails(self, subject: str = "") -> list[CaughtMessage]:
        """The caught messages whose subject contains this, oldest first."""
        return [mail for mail in reversed(self._box().list(100_000)) if subject in mail.subject]

    def _box(self) -> Mailbox:
        if self._mailbox is None:
            self._mailbox = Mailbox(self.settings.data / "mailbox.db")
        return self._mailbox

    async def temporal(self) -> Client:
        """A client of this installation's Temporal."""
        return await Client.connect(self.settings.temporal_address, namespace=self.settings.temporal_namespace)

    async def resting(self, journey: str) -> int:
        """How many instances of a journey rest at a wait."""
        mine = (instance.c.journey == journey) & (instance.c.state == "running") & instance.c.wake_at.is_not(None)
        return await self.count(select(instance.c.instance_id).where(mine))


def purchase(number: int | str, customer: str | None = None, **data: Any) -> dict[str, Any]:
    """A purchase as a shop posts it; every number is another customer unless one is named."""
    who = customer or f"c-{number}"
    return {
        "id": f"purchase-{number}",
        "type": "purchase.completed",
        "data": {
            "customer": {"id": who, "email": f"{who}@example.org", "name": f"Customer {who}"},
            "order_id": f"o-{number}",
            "product": {"sku": "P-1", "name": "Lamp", "needs_setup": True},
            "amount": "49.00",
            "currency": "EUR",
            **data,
        },
    }
