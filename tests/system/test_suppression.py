"""Once a suppression is committed, no message to the address passes the barrier any more, on either store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text, update

from journey.effects import SendMessage
from journey.work import Work
from store import ledger, reach
from store.clock import now
from store.ledger import LEASE
from store.tables import message
from tests.databases import Databases
from tests.system.smtp_server import SmtpServer
from tests.system.test_gates import MARK, opened
from tests.system.test_mail import Desk
from tests.system.waiting import until
from tests.system.workshop import OFFICE, Workshop


@pytest.fixture
async def workshop(databases: Databases, kind: str, smtp: SmtpServer) -> AsyncIterator[Workshop]:
    """The parts in this process, on each kind of store."""
    made = Workshop(databases.migrated(kind), smtp)
    yield made
    await made.close()


async def suppressed_on_the_way(
    workshop: Workshop, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch, many: int
) -> tuple[int, int]:
    """Every second address of so many is suppressed while the messages go out; how many of these were stopped in time,
    and how many had gone before. The log is written inside the transactions, in the order of their commits."""
    desk, log = await opened(workshop), list[str]()

    async def barrier(mail: Any, taken: Any) -> bool:
        async with workshop.db.write() as tx:
            passed = await ledger.at_dot(tx, taken.row.send_key, taken.epoch)
            log.append(f"{'dot' if passed else 'no dot'} {taken.recipient}")
        return passed

    async def suppress() -> None:
        for number in reversed(range(1, many, 2)):
            address = f"q-{number}@example.org"
            async with workshop.db.write() as tx:
                await reach.suppress(tx, OFFICE.seal.mark(address), "the customer asked us to stop", "staff")
                log.append(f"stop {address}")

    async def send(number: int) -> None:
        one = Desk(workshop, await workshop.begin_for(f"q-{number}", desk.instance_id))
        one.work = Work(instance_id=one.instance_id, effect=SendMessage(id="send-welcome/1/0", message="tips"))
        async with places:
            await one.attempt()

    async def some_have_gone() -> bool:
        return len(log) >= many // 4

    places = asyncio.Semaphore(4)
    monkeypatch.setattr(type(workshop.mail), "_barrier", barrier)
    sending = [asyncio.create_task(send(number)) for number in range(many)]
    await until(some_have_gone, "some have gone", every=0.001, within=600)
    await asyncio.gather(suppress(), *sending)

    place = {line: number for number, line in enumerate(log)}
    gone = {line.removeprefix("dot ") for line in log if line.startswith("dot ")}
    stopped = {line.removeprefix("stop ") for line in log if line.startswith("stop ")}
    after = [one for one in gone & stopped if place[f"stop {one}"] < place[f"dot {one}"]]
    print(f"{many} queued, {len(stopped)} suppressed on the way: {len(after)} sent after it was committed")
    assert after == []
    assert {one.recipient for one in smtp.kept} == gone
    assert {f"q-{number}@example.org" for number in range(0, many, 2)} <= gone
    return len(stopped - gone), len(stopped & gone)


async def test_of_many_queued_messages_none_goes_after_its_address_was_suppressed(
    workshop: Workshop, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_time, _ = await suppressed_on_the_way(workshop, smtp, monkeypatch, 80)
    assert in_time > 10, "most of them were stopped in time, or this shows little"


@pytest.mark.soak
async def test_of_a_thousand_queued_messages_none_of_five_hundred_goes_after_it_was_suppressed(
    workshop: Workshop, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_time, before = await suppressed_on_the_way(workshop, smtp, monkeypatch, 1_000)
    assert in_time + before == 500 and in_time > 125


async def test_a_barrier_waits_for_a_suppression_that_is_about_to_be_committed(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    """Without a lock PostgreSQL would let a barrier that began before the commit pass after it."""
    desk = await opened(workshop)
    async with workshop.db.write() as tx:
        key = (await ledger.intend(tx, desk.instance_id, "send-welcome/1/0", "tips", "")).send_key
        lease = {"state": "claimed", "epoch": 1, "mark": MARK, "lease_until": now() + LEASE}
        await tx.execute(update(message).where(message.c.send_key == key).values(**lease))

    async def barrier() -> bool:
        async with workshop.db.write() as tx:
            return await ledger.at_dot(tx, key, 1)

    async with workshop.db.write() as tx:
        await reach.suppress(tx, MARK, "it complained", "complaint")
        passing = asyncio.create_task(barrier())

        async def it_waits() -> bool:
            return passing.done() or await _waits(workshop)

        await until(it_waits, "the barrier has come to the lock")
    assert await passing is False


async def _waits(workshop: Workshop) -> bool:
    if workshop.db.sqlite:
        return True  # its one writer is the lock
    async with workshop.db.read() as tx:
        query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return int((await tx.execute(query)).scalar_one()) > 0
