"""What a message costs on its way through the ledger, and what the barrier costs.

    .venv/bin/python -m benchmarks.mail [--count 400]

Four ways to hand the same letters to one mail catcher (aiosmtpd, in a thread of this process), in turn, four at a time:
aiosmtplib alone; our own DATA phase with a barrier that costs nothing; with the ledger's rows around it (SQLite,
synchronous=FULL) but none of its own before the dot; and with the committed row before the dot. The last two differ by
what the barrier costs.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiosmtplib
from aiosmtpd.controller import Controller

from activities.smtp import Mailer, Server
from benchmarks._lab import free_port, machine, quantile, table
from journey.definition import Journey
from journey.inputs import Entry, Event
from journey.library import Library
from journey.load import load
from store import definitions, identity, inbox, instances, ledger
from store.clock import now
from store.database import Database
from store.inbox import NewEvent
from store.ledger import Letter
from store.migrate import migrate

AT_ONCE = 4
ROUNDS = 5
"""The median counts."""
LETTER = b"Subject: Hello\r\n\r\n" + b"A line of a usual length, as letters have them.\r\n" * 60
FROM, TO = "a@example.org", "b@example.org"


class _Sink:
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        return "250 taken"


async def main(count: int) -> None:
    """All four, and the table."""
    print(f"{machine()}\n")
    port = free_port()
    sink = Controller(_Sink(), hostname="127.0.0.1", port=port)
    sink.start()
    try:
        rounds = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory(prefix="wayfare-mail-") as folder:
                rounds.append(await _measured(count, port, Path(folder)))
    finally:
        sink.stop()
    rates = {way: quantile((one[way] for one in rounds), 0.5) for way in rounds[0]}
    bare = rates["aiosmtplib alone"]
    rows = [[name, f"{rate:.0f}", f"{rate / bare:.2f}"] for name, rate in rates.items()]
    print(table(["way", "messages a second", "to aiosmtplib alone"], rows))


async def _measured(count: int, port: int, folder: Path) -> dict[str, float]:
    url = f"sqlite+aiosqlite:///{folder / 'store.db'}"
    await asyncio.to_thread(migrate, url)
    db, mailer = Database(url), Mailer(Server("127.0.0.1", port, "none"), connections=AT_ONCE)
    try:
        instance_id = await _instance(db)
        return {
            "aiosmtplib alone": await _rate(count, await _bare(port)),
            "our DATA phase": await _rate(count, lambda number: _ours(mailer)),
            "with the ledger, without the barrier": await _rate(
                count, lambda number: _ledger(db, mailer, instance_id, f"b/{number}", barrier=False)
            ),
            "with the ledger and the barrier": await _rate(
                count, lambda number: _ledger(db, mailer, instance_id, f"a/{number}", barrier=True)
            ),
        }
    finally:
        await mailer.close()
        await db.close()


async def _rate(count: int, send: Callable[[int], Awaitable[None]]) -> float:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await send(number)

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(count)))
    return count / (time.perf_counter() - began)


async def _bare(port: int) -> Callable[[int], Awaitable[None]]:
    clients: asyncio.Queue[aiosmtplib.SMTP] = asyncio.Queue()
    for _ in range(AT_ONCE):
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        clients.put_nowait(client)

    async def send(number: int) -> None:
        client = await clients.get()
        await client.sendmail(FROM, [TO], LETTER)
        clients.put_nowait(client)

    return send


async def _ours(mailer: Mailer) -> None:
    async def passes() -> bool:
        return True

    outcome = await mailer.transmit(FROM, TO, LETTER, passes)
    assert outcome.state == "accepted", outcome


async def _ledger(db: Database, mailer: Mailer, instance_id: str, effect: str, *, barrier: bool) -> None:
    async with db.write() as tx:
        row = await ledger.intend(tx, instance_id, effect, "hello", "lifecycle")
        letter = Letter(TO, "Hello", LETTER, f"<{row.send_key}@example.org>", "lifecycle")
        epoch = await ledger.claim(tx, row, letter)
        if not barrier:
            await ledger.at_dot(tx, row.send_key, epoch)

    async def at_dot() -> bool:
        if not barrier:
            return True
        async with db.write() as tx:
            return await ledger.at_dot(tx, row.send_key, epoch)

    outcome = await mailer.transmit(FROM, TO, LETTER, at_dot)
    async with db.write() as tx:
        assert await ledger.settle(tx, row.send_key, epoch, outcome.state)


async def _instance(db: Database) -> str:
    library = _library()
    journey: Journey = library.journeys["hello"]
    event = NewEvent("bench", "1", "began", None, {}, "{}", "0" * 64)
    async with db.write() as tx:
        await definitions.publish(tx, library, {})
        [receipt] = await inbox.accept(tx, [event])
        found = await inbox.by_receipt(tx, receipt.receipt)
        person = await identity.resolve(tx, {"id": "c-1", "email": TO})
        entry = Entry(event=Event(type="began", at=now()))
        return await instances.begin(tx, journey, person["customer_id"], "", entry, found["event_pk"])


def _library() -> Library:
    return load(
        {
            "company.yaml": "company: Bench\nmail from: a@example.org\n",
            "hello.yaml": "journey: hello\ntitle: Hello\nowner: a@example.org\n"
            "start: {on: began}\nsteps: [{note: hi}]\n",
        }
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=400)
    asyncio.run(main(arguments.parse_args().count))
    sys.stdout.flush()
