"""A flood of events by several clients that keep a book of what they were told, and what the store has to say of it.

The book is kept apart from the product: an id is in it with the answers that its sender got, none when the line broke.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import aiohttp
from sqlalchemy import select

from store.database import Database
from store.tables import delivery, inbox, instance
from tests.system.installation import ROOT, Installation
from tests.system.waiting import until

JOURNEY = """journey: listening
title: Hears every tick
owner: tests@example.org
start: {on: began}
goal: {on: never.comes, as: done}
exit:
  - {on: tick, if: "false", as: no}
steps:
  - wait: 300 days
"""
COMPANY = "company: Flood\nmail from: Flood <flood@example.org>\n"


def events(customers: int, each: int, chance: random.Random) -> list[dict[str, Any]]:
    """For every customer a beginning and so many ticks, all customers mixed, each one's in order."""
    turns = [number for number in range(customers) for _ in range(each)]
    chance.shuffle(turns)
    told: Counter[int] = Counter()
    made = [event(number, 0) for number in range(customers)]
    for number in turns:
        told[number] += 1
        made.append(event(number, told[number]))
    return made


def event(customer: int, number: int) -> dict[str, Any]:
    """The n-th event of a customer; 0 is the beginning."""
    data = {"customer": {"id": f"c-{customer}"}, "number": number}
    kind = "tick" if number else "began"
    return {"specversion": "1.0", "source": "/flood", "id": f"{customer}-{number}", "type": kind, "data": data}


@dataclass
class Book:
    """What the clients were told: the statuses of every attempt, by id."""

    told: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def accepted(self) -> set[str]:
        """The ids for which somebody got a 2xx."""
        return {one for one, statuses in self.told.items() if any(200 <= status < 300 for status in statuses)}


class Flood:
    """Clients that send events, alone and in batches, each again until it gets an answer below 500."""

    def __init__(self, url: str, key: str, chance: random.Random) -> None:
        self._url = f"{url}/v1/events"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._chance = chance
        self.book = Book()
        self.sent = 0

    async def pour(self, made: Sequence[dict[str, Any]], clients: int, *, again: float = 0.05) -> None:
        """Send all; each customer's events by one client, in order. `again`: what share is sent a second time
        anyway."""
        lanes: list[list[dict[str, Any]]] = [[] for _ in range(clients)]
        for one in made:
            lanes[int(one["id"].split("-")[0]) % clients].append(one)
        await asyncio.gather(*(self._client(lane, again) for lane in lanes))

    async def _client(self, lane: Sequence[dict[str, Any]], again: float) -> None:
        timeout = aiohttp.ClientTimeout(total=5)
        async with aiohttp.ClientSession(headers=self._headers, timeout=timeout) as http:
            at = 0
            while at < len(lane):
                size = self._chance.choice((1, 1, 1, 20))
                part = lane[at : at + size]
                await self._until_answered(http, part)
                if self._chance.random() < again:
                    await self._until_answered(http, part)
                at += size
                self.sent += len(part)

    async def _until_answered(self, http: aiohttp.ClientSession, part: Sequence[dict[str, Any]]) -> None:
        media = "application/cloudevents-batch+json" if len(part) > 1 else "application/cloudevents+json"
        body = json.dumps(part if len(part) > 1 else part[0]).encode()
        while True:
            try:
                async with http.post(self._url, data=body, headers={"Content-Type": media}) as answer:
                    await answer.read()
                    for one in part:
                        self.book.told[one["id"]].append(answer.status)
                    if answer.status < 500:
                        return
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(0.05)


class Routers:
    """Routers in processes of their own, started again whenever they are killed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start one."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.system.router_alone", self._url, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL
        )

    async def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


async def routed(db: Database, within: float) -> None:
    """Wait until nothing is new."""

    async def done() -> bool:
        async with db.read() as tx:
            return (await tx.execute(select(inbox.c.event_pk).where(inbox.c.state == "new").limit(1))).first() is None

    await until(done, "every accepted event is routed", within=within, every=0.2)


async def verdict(db: Database, book: Book, made: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is wrong, by name: all of it must be empty."""
    async with db.read() as tx:
        kept = (await tx.execute(select(inbox.c.event_id, inbox.c.event_pk, inbox.c.state))).all()
        query = select(delivery.c.instance_id, delivery.c.seq, delivery.c.event_pk).join(instance)
        told = (await tx.execute(query.order_by(delivery.c.instance_id, delivery.c.seq))).all()
    times = Counter(row.event_id for row in kept)
    by_instance: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in told:
        by_instance[row.instance_id].append((row.seq, row.event_pk))
    number_of = {row.event_pk: int(row.event_id.split("-")[1]) for row in kept}
    return {
        "told 2xx and not kept": sorted(book.accepted - times.keys()),
        "kept more than once": sorted(one for one, count in times.items() if count > 1),
        "kept and never sent": sorted(times.keys() - {one["id"] for one in made}),
        "refused": sorted(one for one, statuses in book.told.items() if any(400 <= s < 500 for s in statuses)),
        "not routed": [row.event_id for row in kept if row.state != "routed"],
        "gaps in a sequence": [one for one, rows in by_instance.items() if [s for s, _ in rows] != _from_one(rows)],
        "inversions": sum(_inversions([pk for _, pk in rows]) for rows in by_instance.values()),
        "out of the senders' order": sum(
            _inversions([number_of[pk] for _, pk in rows]) for rows in by_instance.values()
        ),
        "missing from a sequence": len(kept) - len(told),
    }


def _from_one(rows: Sequence[Any]) -> list[int]:
    return list(range(1, len(rows) + 1))


def _inversions(numbers: Iterable[int]) -> int:
    found = list(numbers)
    return sum(later < earlier for earlier, later in pairwise(found))


def definitions(house: Installation) -> None:
    """A folder with the one journey that hears every tick."""
    folder = house.settings.definitions
    folder.mkdir()
    (folder / "company.yaml").write_text(COMPANY)
    (folder / "listening.yaml").write_text(JOURNEY)
