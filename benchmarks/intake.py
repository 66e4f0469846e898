"""How fast events are accepted for good, and how soon a mail comes of one.

    make bench                                          both measurements, default options
    .venv/bin/python -m benchmarks.intake [--seconds 3] [--rounds 2] [--count 40]

1. POST /v1/events from 1, 8 and 64 clients at once, each waiting for its answers. 202 means committed (SQLite,
   synchronous=FULL). In turn with the same gateway answering without the store. Server and clients are processes of
   their own on one machine.
2. From the acceptance of an event to the mail in the catcher, through everything: inbox, router, Temporal, machine,
   ledger, SMTP. In turn with the least that temporalio can do: from start_workflow until its first activity runs, and
   until a mail that it sends is in the catcher. One at a time, then five a second.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.client import Client

from benchmarks._contenders import ByHand, body
from benchmarks._lab import Lab, Meter, free_port, machine, quantile, run, say, table, until
from benchmarks._poster import Posted, Poster, post_for
from workers.addresses import near
from workers.probes import http_answers
from workers.settings import Settings

CLIENTS = (1, 8, 64)
MOST = 50_000
A_SECOND = 5
LONGEST_S = 400.0


async def main(lab: Lab, seconds: float, rounds: int, count: int) -> int:
    """Both measurements."""
    print(f"{machine()}\n")
    await _accepting(lab, seconds, rounds)
    async with contextlib.AsyncExitStack() as stack:
        fresh = Lab(stack)  # without the thousands of events that nobody has routed
        await fresh.prepare()
        await _delivering(fresh, count)
    return 0


async def _accepting(lab: Lab, seconds: float, rounds: int) -> None:
    real = await lab.serve("gateway")
    other = lab.settings.model_copy(update={"http_port": free_port()})
    bare = await lab.python("storeless", "benchmarks._storeless", settings=other, ready=_answers(other))
    doors = {"committed": (lab.settings.http_port, real.pid), "without the store": (other.http_port, bare.pid)}
    rows = []
    accepted = 0
    for clients in CLIENTS:
        runs: dict[str, list[Posted]] = {name: [] for name in doors}
        cpu = dict.fromkeys(doors, 0.0)
        for number in range(rounds + 1):
            for name, (port, pid) in doors.items():
                meter = Meter({"gateway": pid})
                posted = await post_for(port, "bench", clients, seconds if number else 0.5, MOST)
                accepted += len(posted.seconds) if name == "committed" else 0
                if number:
                    runs[name].append(posted)
                    cpu[name] += meter.spent().cpu["gateway"]
                say(f"{clients} clients, {name}: {posted.rate:.0f}/s")
        rows += _rows(clients, runs, cpu)
    head = ["POST /v1/events", "accepted a second", "p50 ms", "p95 ms", "p99 ms", "CPU ms of the gateway each", "rate"]
    print(f"### Accepting ({rounds} rounds of {seconds:g} s in turn)\n\n{table(head, rows)}\n")
    kept = _count(lab.folder / "wayfare.db", "inbox")
    print(f"{accepted} answers 202, {kept} events in the inbox.\n")
    if kept != accepted:
        raise RuntimeError("an answer and the inbox disagree")
    for child in (real, bare):
        await child.stop(asyncio.Event())


def _answers(settings: Settings) -> Callable[[], Awaitable[str | None]]:
    return http_answers(near(settings.http_host), settings.http_port, "/healthz")


def _rows(clients: int, runs: dict[str, list[Posted]], cpu: dict[str, float]) -> list[list[str]]:
    rates = {name: sum(len(run.seconds) for run in all_) / sum(run.took for run in all_) for name, all_ in runs.items()}
    rows = []
    for name, all_ in runs.items():
        seconds = [one for run in all_ for one in run.seconds]
        middle, late, latest = (f"{1000 * quantile(seconds, share):.1f}" for share in (0.5, 0.95, 0.99))
        each = f"{cpu[name] / len(seconds):.2f}"
        ratio = f"{rates[name] / rates['without the store']:.2f}"
        title = f"{clients} client{'s' if clients > 1 else ''}, {name}"
        rows.append([title, f"{rates[name]:.0f}", middle, late, latest, each, ratio])
    return rows


def _count(file: Path, name: str) -> int:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0])


async def _delivering(lab: Lab, count: int) -> None:
    """One at a time in turn, then each five a second."""
    await lab.servers()
    await lab.serve("gateway,console,router,worker")
    client = await lab.client()
    delivery = Delivery(lab, client, await ByHand.begin(lab, client, "by hand", sandbox=False))
    ways: dict[str, Way] = {
        "Wayfare: event accepted to mail received": delivery.event,
        "by hand: start_workflow to mail received": delivery.mail_by_hand,
        "by hand: start_workflow to its first activity": delivery.bare,
    }
    async with Poster(lab.settings.http_port, "bench") as poster:
        delivery.poster = poster
        rows = [*await _one_at_a_time(ways, count), *await _steadily(ways, count)]
    print(f"### From an event to a mail ({count} each)\n")
    print(table(["", "p50 ms", "p95 ms", "most ms"], rows), "\n")


Way = Callable[[], Coroutine[Any, Any, float]]


async def _one_at_a_time(ways: dict[str, Way], count: int) -> list[list[str]]:
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(count + 5):
        for name, way in ways.items():
            took = await way()
            await asyncio.sleep(0.1)
            if number >= 5:  # the first ones warm up
                found[name].append(took)
    say("one at a time: done")
    return [_row(f"{name}, one at a time", took) for name, took in found.items()]


async def _steadily(ways: dict[str, Way], count: int) -> list[list[str]]:
    rows = []
    for name, way in ways.items():
        tasks: list[asyncio.Task[float]] = []
        for _ in range(count):
            tasks.append(asyncio.create_task(way()))
            await asyncio.sleep(1 / A_SECOND)
        rows.append(_row(f"{name}, {A_SECOND} a second", await asyncio.gather(*tasks)))
        await asyncio.sleep(1)
        say(f"{name}, {A_SECOND} a second: done")
    return rows


def _row(title: str, took: Iterable[float]) -> list[str]:
    milliseconds = [1000 * one for one in took]
    return [title, *(f"{quantile(milliseconds, share):.0f}" for share in (0.5, 0.95, 1.0))]


class Delivery:
    """The ways that are compared; each returns seconds, told by the clocks of those who act."""

    def __init__(self, lab: Lab, client: Client, hand: ByHand) -> None:
        self._lab = lab
        self._client = client
        self._hand = hand
        self._mails = sqlite3.connect(f"file:{lab.folder / 'mailbox.db'}?mode=ro", uri=True)
        self._store = sqlite3.connect(f"file:{lab.folder / 'wayfare.db'}?mode=ro", uri=True)
        self._line = asyncio.Lock()
        self.poster: Poster | None = None

    async def event(self) -> float:
        """From the moment of acceptance in the inbox to the moment in the catcher."""
        assert self.poster is not None
        posted = body("one-mail")
        async with self._line:
            await self.poster.post(json.dumps(posted).encode())
        came = await self._came(posted["data"]["customer"]["email"])
        query = "SELECT accepted_at FROM inbox WHERE event_id = ?"
        (accepted,) = self._store.execute(query, (posted["id"],)).fetchone()
        return (came - datetime.fromisoformat(accepted).replace(tzinfo=UTC)).total_seconds()

    async def mail_by_hand(self) -> float:
        """From start_workflow to the moment in the catcher."""
        (order,) = self._hand.orders(1)
        began = datetime.now(UTC)
        await self._hand.start("one-mail", order)
        return (await self._came(order.address) - began).total_seconds()

    async def bare(self) -> float:
        """From start_workflow to the moment that its first activity saw."""
        began = datetime.now(UTC)
        name = f"bare-{time.monotonic_ns()}"
        queue = self._hand.task_queue
        ran: datetime = await self._client.execute_workflow("Bare", id=name, task_queue=queue, result_type=datetime)
        return (ran - began).total_seconds()

    async def _came(self, address: str) -> datetime:
        query = "SELECT received_at FROM message WHERE envelope_to = ?"
        wanted = (json.dumps([address]),)
        (moment,) = await until(lambda: self._mails.execute(query, wanted).fetchone(), 30, "a mail")
        return datetime.fromisoformat(moment)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each round of accepting takes, 1 to 30")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of accepting, 1 to 10")
    parser.add_argument("--count", type=int, default=40, help="mails a way, 5 to 500")
    options = parser.parse_args()
    if not (1 <= options.seconds <= 30 and 1 <= options.rounds <= 10 and 5 <= options.count <= 500):
        sys.exit("--seconds is 1 to 30, --rounds 1 to 10 and --count 5 to 500")
    limit = 120 + 6 * options.rounds * options.seconds + 3 * options.count * 3
    run(lambda lab: main(lab, options.seconds, options.rounds, options.count), limit)
