"""What one journey costs: history events, bytes, workflow tasks, and CPU of worker and server.

    make bench                                              both measurements, default options
    .venv/bin/python -m benchmarks.journey_cost [--count 100] [--rounds 3]

Two journeys: "fixed" (3 messages, 2 waits of a second, 3 store updates) and Dittofeed's six nodes (event entry,
message, delay, split on a customer attribute, message, exit). Three ways, in turn, in one run on one Temporal dev
server (on a file, write-ahead log), each with its worker in a process of its own, real SMTP to the real catcher, and
SQLite on disk:

  Wayfare            `wayfare serve --roles worker`: machine, ledger with barrier, timeline, record
  by hand, sandbox   temporalio in the usual way, one regular activity per effect, the default worker
  by hand, plain     the same with the unsandboxed runner

A span goes from the first start to the last workflow in status Completed. Whoever starts them is measured apart.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from benchmarks._contenders import ByHand, Contender, Wayfare
from benchmarks._lab import Lab, Meter, Spent, machine, run, say, table

AT_ONCE = 16
LONGEST_SPAN_S = 60.0
HISTORIES = 5
"""Of how many workflows a span the whole history is read (the counts of events are of all)."""


@dataclass(frozen=True)
class Plan:
    """One journey: what it sends, and what the issue that asked for these figures expects."""

    name: str
    title: str
    mails: int
    bound: int
    aim: int


PLANS = (
    Plan("fixed", "3 messages, 2 waits, 3 updates", 3, 33, 21),
    Plan("six-nodes", "Dittofeed's six nodes (92 events in their engine)", 2, 25, 17),
)


@dataclass
class Cell:
    """All spans of one contender and one journey."""

    spent: list[Spent] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    size: list[int] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    odd: Counter[str] = field(default_factory=Counter)

    def cpu(self, name: str, count: int) -> list[float]:
        """CPU milliseconds a journey, span by span."""
        return [one.cpu[name] / count for one in self.spent]

    def both(self, count: int) -> list[float]:
        """Worker and server together."""
        return [a + b for a, b in zip(self.cpu("worker", count), self.cpu("server", count), strict=True)]


async def main(lab: Lab, count: int, rounds: int) -> int:
    """Start everything, warm up, measure in turn, print."""
    temporal, catcher = await lab.servers()
    client = await lab.client()
    contenders: list[Contender] = [
        await Wayfare.begin(lab, client),
        await ByHand.begin(lab, client, "by hand, sandbox", sandbox=True),
        await ByHand.begin(lab, client, "by hand, plain", sandbox=False),
    ]
    say(machine())
    cells = {(plan.name, contender.name): Cell() for plan in PLANS for contender in contenders}
    for number in range(rounds + 1):
        for plan in PLANS:
            for contender in contenders:
                cell = Cell() if number == 0 else cells[plan.name, contender.name]
                pids = {"worker": contender.worker.pid, "server": temporal.pid, "catcher": catcher.pid}
                await _span(lab, client, contender, plan, cell, pids, 10 if number == 0 else count)
                last = cell.spent[-1]
                what = f"{f'round {number}' if number else 'warm-up'}, {plan.name}, {contender.name}"
                say(f"{what}: {last.seconds:.1f} s, others took {last.foreign:.2f} cores")
    for contender in contenders:
        await contender.end()
    return _report(cells, [contender.name for contender in contenders], count, rounds)


async def _span(
    lab: Lab, client: Client, contender: Contender, plan: Plan, cell: Cell, pids: dict[str, int | None], count: int
) -> None:
    """One contender, ``count`` journeys, from the first start to the last Completed."""
    starts = await contender.prepare(plan.name, count)
    mails, done = lab.mails(), await _completed(client, contender)
    await asyncio.sleep(0.5)
    meter = Meter(pids | {"starter": os.getpid()})
    await _all(starts)
    async with asyncio.timeout(LONGEST_SPAN_S):
        while await _completed(client, contender) < done + count:
            await asyncio.sleep(0.5)
    await asyncio.sleep(0.3)
    cell.spent.append(meter.spent())
    if lab.mails() - mails != plan.mails * count:
        raise RuntimeError(f"{contender.name}: {lab.mails() - mails} mails came instead of {plan.mails * count}")
    await _histories(client, contender, cell, count)


async def _all(starts: list[Callable[[], Awaitable[None]]]) -> None:
    """Start every one, at most ``AT_ONCE`` under way."""
    waiting = iter(starts)

    async def starter() -> None:
        for start in waiting:
            await start()

    await asyncio.gather(*(starter() for _ in range(AT_ONCE)))


async def _completed(client: Client, contender: Contender) -> int:
    query = f"TaskQueue = '{contender.task_queue}' AND ExecutionStatus = 'Completed'"
    return (await client.count_workflows(query)).count


async def _histories(client: Client, contender: Contender, cell: Cell, count: int) -> None:
    """Events and bytes of all, workflow tasks of a few; and what no healthy journey has."""
    query = f"TaskQueue = '{contender.task_queue}' AND ExecutionStatus = 'Completed'"
    seen = 0
    async for one in client.list_workflows(query, limit=count):
        cell.events.append(one.history_length)
        cell.size.append(one.raw_info.history_size_bytes)
        seen += 1
        if seen > HISTORIES:
            continue
        history = await client.get_workflow_handle(one.id, run_id=one.run_id).fetch_history()
        kinds = Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events)
        cell.tasks.append(kinds["WORKFLOW_TASK_STARTED"])
        cell.odd.update({kind: kinds[kind] for kind in kinds if "FAILED" in kind or "TIMED_OUT" in kind})


def _report(cells: dict[tuple[str, str], Cell], names: list[str], count: int, rounds: int) -> int:
    """The tables; the exit code says whether the bounds on events hold."""
    print(f"\n{machine()}\n{count} journeys a round, {rounds} rounds in turn, medians of the rounds (least to most)\n")
    broken = 0
    for plan in PLANS:
        mine = {name: cells[plan.name, name] for name in names}
        print(f"### {plan.name}: {plan.title}\n")
        print(_counts(mine, plan), "\n")
        print(_cpu(mine, count), "\n")
        broken += max(mine[names[0]].events) > plan.bound
    foreign = [one.foreign for cell in cells.values() for one in cell.spent]
    middle = statistics.median(foreign)
    print(f"CPU of others meanwhile: {middle:.2f} cores ({min(foreign):.2f} to {max(foreign):.2f}).")
    return 1 if broken else 0


def _counts(mine: dict[str, Cell], plan: Plan) -> str:
    first = next(iter(mine.values()))
    rows = []
    for name, cell in mine.items():
        events = statistics.median(cell.events)
        ratio = statistics.median(first.events) / events
        odd = ", ".join(f"{kind} {number}" for kind, number in cell.odd.items())
        rows.append(
            [
                name,
                f"{events:g} ({min(cell.events)} to {max(cell.events)})",
                f"{statistics.median(cell.size):g}",
                f"{statistics.median(cell.tasks):g}",
                f"{ratio:.2f}" + (f" ({odd})" if odd else ""),
            ]
        )
    head = ["", "events", "bytes", "workflow tasks", "Wayfare's events to these"]
    most, usual = max(first.events), statistics.median(first.events)
    bound = "held" if most <= plan.bound else "BROKEN"
    aim = "reached" if most <= plan.aim else "missed by some" if usual <= plan.aim else "missed"
    return f"{table(head, rows)}\n\nExpected: at most {plan.bound} events ({bound}), better {plan.aim} ({aim})."


def _cpu(mine: dict[str, Cell], count: int) -> str:
    first = statistics.median(next(iter(mine.values())).both(count))
    rows = []
    for name, cell in mine.items():
        both = cell.both(count)
        columns = [_spread(cell.cpu(part, count)) for part in ("worker", "server")]
        others = [f"{statistics.median(cell.cpu(part, count)):.1f}" for part in ("catcher", "starter")]
        rows.append([name, *columns, _spread(both), f"{first / statistics.median(both):.2f}", *others])
    head = ["CPU ms a journey", "worker", "server", "both", "Wayfare to this", "mail catcher", "starter"]
    return table(head, rows)


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=100, help="journeys a round, 1 to 1000")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, 1 to 20")
    options = parser.parse_args()
    if not (1 <= options.count <= 1000 and 1 <= options.rounds <= 20):
        sys.exit("--count is 1 to 1000 and --rounds 1 to 20")
    limit = 60 + options.rounds * len(PLANS) * 3 * LONGEST_SPAN_S
    run(lambda lab: main(lab, options.count, options.rounds), limit)
