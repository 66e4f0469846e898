"""A worker is killed (SIGKILL) at each point of handing a message over; what the ledger says then, and how many copies
there are when another worker has gone on."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from temporalio.testing import ActivityEnvironment

from activities.mail import Held, Mail
from journey.effects import SendMessage
from journey.load import load
from journey.work import Work
from store import ledger
from store.clock import now
from store.tables import message
from tests.system import definitions
from tests.system.installation import ROOT
from tests.system.smtp_server import SmtpServer
from tests.system.test_mail import Desk, Silent
from tests.system.waiting import until
from tests.system.workshop import Workshop

BEFORE = ("claimed", "after EHLO", "after MAIL", "after RCPT", "after 354", "half the body", "body complete")
TABLE = {
    "before the intent": (None, 1, 1),
    **dict.fromkeys(BEFORE, ("claimed", 1, 1)),
    "barrier committed": ("at_dot", 0, 1),
    "dot sent": ("at_dot", 1, 2),
    "answer read": ("at_dot", 1, 2),
    "settled": ("accepted", 1, 1),
}
"""For each point: the row that is left; the copies in the end of lifecycle mail and of transactional mail."""
DIFFERENT = ("body complete", "barrier committed", "dot sent", "answer read")
"""Where transactional mail ends differently, and the point before."""


@pytest.mark.parametrize("kind", ["lifecycle", "transactional"])
async def test_after_a_kill_at_each_point_there_are_as_many_copies_as_the_class_promises(
    workshop: Workshop, smtp: SmtpServer, kind: str
) -> None:
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: welcome}]\n")
    files["messages/welcome.md"] = files["messages/welcome.md"].replace("---\n", f"---\nclass: {kind}\n", 1)
    await workshop.publish(load(files))
    async with workshop.routing(Silent()):
        instance_id = await workshop.begin("hello")
    places = asyncio.Semaphore(3)
    points = tuple(TABLE) if kind == "lifecycle" else DIFFERENT

    async def killed(point: str) -> int | None:
        given = (workshop.db.url, str(smtp.port), instance_id, "welcome", _effect(point), point)
        async with places:
            command = (sys.executable, "-m", "tests.system.crash_child", *given)
            child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL)
            return await child.wait()

    codes = await asyncio.gather(*(killed(point) for point in points))
    assert set(codes) == {-signal.SIGKILL}, dict(zip(points, codes, strict=True))
    left = {point: await _row(workshop, instance_id, point) for point in points}
    assert {point: row and row.state for point, row in left.items()} == {one: TABLE[one][0] for one in points}

    for point in points:
        for _ in range(3):
            async with workshop.db.write() as tx:  # the dead worker's lease is over, and so is a cool-down
                await tx.execute(message.update().where(message.c.lease_until.is_not(None)).values(lease_until=now()))
                await tx.execute(message.update().where(message.c.due_at.is_not(None)).values(due_at=now()))
            work = Work(instance_id=instance_id, effect=SendMessage(id=_effect(point), message="welcome"))
            with suppress(Held):
                await ActivityEnvironment().run(workshop.mail.send, work.model_dump(mode="json"))
    wrong = {}
    for point in points:
        _, lifecycle, transactional = TABLE[point]
        row = await _row(workshop, instance_id, point)
        copies = [one.raw for one in smtp.kept if one.letter["Message-ID"] == row.message_id]
        wanted = lifecycle if kind == "lifecycle" else transactional
        doubtful = kind == "lifecycle" and TABLE[point][0] == "at_dot"
        if len(copies) != wanted or len(set(copies)) > 1 or row.state != ("unknown" if doubtful else "accepted"):
            wrong[point] = (row.state, len(copies))
    assert wrong == {}


def _effect(point: str) -> str:
    return f"{point.replace(' ', '-')}/1/0"


async def _row(workshop: Workshop, instance_id: str, point: str) -> Any:
    key = ledger.send_key(instance_id, _effect(point))
    rows = await workshop.rows(select(message).where(message.c.send_key == key))
    return rows[0] if rows else None


@pytest.mark.parametrize(
    ("point", "meanwhile"), [("frozen before the barrier", "accepted"), ("frozen at the dot", "unknown")]
)
async def test_a_worker_that_was_frozen_and_wakes_after_its_time_sends_no_second_copy(
    workshop: Workshop, smtp: SmtpServer, point: str, meanwhile: str
) -> None:
    """SIGSTOP: it still has its connection, and does not know that another attempt has taken over."""
    await workshop.publish(load(definitions.files(hello="start: {on: test.began}\nsteps: [{send: welcome}]\n")))
    async with workshop.routing(Silent()):
        desk = Desk(workshop, await workshop.begin("hello"))
    desk.work = Work(instance_id=desk.instance_id, effect=SendMessage(id=_effect(point), message="welcome"))
    given = (workshop.db.url, str(smtp.port), desk.instance_id, "welcome", _effect(point), point)
    command = (sys.executable, "-m", "tests.system.crash_child", *given)
    child = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.DEVNULL)
    try:

        async def frozen() -> bool:
            said = await asyncio.to_thread(Path(f"/proc/{child.pid}/stat").read_text)
            return said.rpartition(")")[2].split()[0] == "T"

        await until(frozen, "it is frozen")
        async with workshop.db.write() as tx:
            await tx.execute(message.update().values(lease_until=now()))
        assert await desk.attempt() == meanwhile
        child.send_signal(signal.SIGCONT)
        await asyncio.wait_for(child.wait(), 30)
    finally:
        with suppress(ProcessLookupError):
            child.kill()
    row = await _row(workshop, desk.instance_id, point)
    assert len(smtp.kept) == 1 and row.state == "accepted"


@pytest.mark.parametrize(("part", "kept", "state"), [("_barrier", 0, "accepted"), ("_settled", 1, "unknown")])
async def test_a_store_that_is_away_at_the_barrier_costs_a_try_and_after_the_answer_a_doubt(
    workshop: Workshop, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch, part: str, kept: int, state: str
) -> None:
    await workshop.publish(load(definitions.files(hello="start: {on: test.began}\nsteps: [{send: welcome}]\n")))
    async with workshop.routing(Silent()):
        desk = Desk(workshop, await workshop.begin("hello"))

    async def away(*_: Any) -> Any:
        raise OperationalError("UPDATE message", {}, OSError("the store is away"))

    monkeypatch.setattr(Mail, part, away)
    with pytest.raises(OperationalError):
        await desk.attempt()
    monkeypatch.undo()
    assert len(smtp.kept) == kept
    async with workshop.db.write() as tx:
        await tx.execute(message.update().where(message.c.lease_until.is_not(None)).values(lease_until=now()))
    assert await desk.attempt() == state and len(smtp.kept) == 1
