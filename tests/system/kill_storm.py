"""Journeys that each send several messages, two workers killed in turn, and a mail server that takes a share of the
messages and drops the connection before it answers; what the ledger and the server say afterwards.

Beside it, on the same server, a sender that marks after sending: if that makes no duplicates, the server is too kind.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiosmtplib
from sqlalchemy import func, select

from store.tables import instance, message
from tests.system import definitions
from tests.system.installation import Installation
from tests.system.smtp_server import SmtpServer, _Gone
from tests.system.waiting import until

DROPPED = 0.05
"""The share of messages after which the connection is cut: they were taken, and nobody is told."""
LETTERS = {"first": "lifecycle", "second": "transactional", "third": "lifecycle", "fourth": "transactional"}
JOURNEY = "start: {on: test.began, key: event.order_id}\nsteps:\n" + "  - wait: 1 second\n".join(
    f"  - send: {name}\n" for name in LETTERS
)
WORKERS = ("router,worker", "worker")


@dataclass(frozen=True)
class Outcome:
    """What a storm came to. ``waiting``: transactional messages in doubt twice, which a person has to decide."""

    journeys: int
    kills: int
    sent: int
    unknown: int
    waiting: int
    duplicates: dict[str, int]
    lost: dict[str, int]
    bodies: int
    states: dict[str, int]

    def line(self) -> str:
        """In one line, as it is printed."""
        return (
            f"{self.journeys} journeys, {self.kills} kills: sent {self.sent} · unknown {self.unknown} · "
            f"duplicates(lifecycle) = {self.duplicates['lifecycle']} · lost(transactional) = "
            f"{self.lost['transactional']} · duplicates(transactional) {self.duplicates['transactional']} · "
            f"for a person {self.waiting}"
        )


class Dropping(SmtpServer):
    """Takes every message and cuts a share of the connections before the answer."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.dropped = 0
        self._chance = chance
        self.answer = self._mood

    def _mood(self, stage: str, line: str) -> str | None:
        if stage == "after" and self._chance.random() < DROPPED:
            self.dropped += 1
            raise _Gone
        return None


async def storm(folder: Path, journeys: int, seed: int, apart: int) -> Outcome:
    """Live through it; after every ``apart`` messages one of two workers is killed and started again."""
    files = definitions.write(folder / "definitions", hello=JOURNEY)
    for name, kind in LETTERS.items():
        text = files / f"messages/{name}.md"
        text.write_text(text.read_text().replace("---\n", f"---\nclass: {kind}\n", 1))
    async with Dropping(random.Random(seed)) as smtp:
        house = Installation(
            folder / "data", files, smtp_url=f"smtp://127.0.0.1:{smtp.port}?tls=none", mail_patience=2.0
        )
        try:
            await house.prepare()
            await house.start("temporal", "gateway", *WORKERS)
            kills = await _raged(house, smtp, journeys, apart)
            return await _counted(house, smtp, journeys, kills)
        finally:
            await house.close()


async def _raged(house: Installation, smtp: SmtpServer, journeys: int, apart: int) -> int:
    events = [_event(number) for number in range(journeys)]
    posting = asyncio.create_task(house.post_all(events))
    over, kills = asyncio.Event(), 0

    async def killing() -> None:
        nonlocal kills
        while not over.is_set():
            goal = len(smtp.kept) + apart
            while len(smtp.kept) < goal and not over.is_set():
                await asyncio.sleep(0.02)
            if not over.is_set():
                victim = WORKERS[kills % 2]
                await house.kill(victim)
                await house.start(victim)
                kills += 1

    killer = asyncio.create_task(killing())
    try:
        assert set(await posting) == {202}
        await until(lambda: _all_over(house, journeys), "every journey is over", within=120 + journeys * 2, every=0.5)
    finally:
        over.set()
        await killer
    return kills


def _event(number: int) -> dict[str, Any]:
    who = {"id": f"c-{number}", "email": f"c-{number}@example.org", "name": f"Customer {number}"}
    return {"id": f"began-{number}", "type": "test.began", "data": {"customer": who, "order_id": f"o-{number}"}}


async def _all_over(house: Installation, journeys: int) -> bool:
    """Whether every journey has ended, or waits for a person's word on a message that was in doubt twice."""
    ended = await house.count(select(instance.c.instance_id).where(instance.c.state == "ended"))
    waiting = await house.count(select(message.c.instance_id).where(message.c.waits == "person").distinct())
    return ended + waiting == journeys


async def _counted(house: Installation, smtp: SmtpServer, journeys: int, kills: int) -> Outcome:
    columns = (message.c.kind, message.c.state, message.c.waits, message.c.message_id)
    rows = await house.rows(select(*columns))
    copies = Counter(str(one.letter["Message-ID"]) for one in smtp.kept)
    bodies: dict[str, set[bytes]] = {}
    for one in smtp.kept:
        bodies.setdefault(str(one.letter["Message-ID"]), set()).add(one.raw)
    duplicates, lost = Counter[str](), Counter[str]()
    for row in rows:
        duplicates[row.kind] += max(copies[row.message_id] - 1, 0)
        visible = row.state == "unknown" or row.waits == "person"
        lost[row.kind] += not copies[row.message_id] and not visible
    return Outcome(
        journeys=journeys,
        kills=kills,
        sent=len(rows),
        unknown=sum(row.state == "unknown" for row in rows),
        waiting=sum(row.waits == "person" for row in rows),
        duplicates={kind: duplicates[kind] for kind in ("lifecycle", "transactional")},
        lost={kind: lost[kind] for kind in ("lifecycle", "transactional")},
        bodies=max((len(found) for found in bodies.values()), default=0),
        states=dict(await house.rows(select(message.c.state, func.count()).group_by(message.c.state))),  # type: ignore[arg-type]  # rows of two
    )


async def control(messages: int, seed: int) -> tuple[int, int]:
    """A sender that sends each message until it is told that it has gone, and marks it then; on the same server. How
    many it sent, and how many copies were too many."""
    async with Dropping(random.Random(seed)) as smtp:
        for number in range(messages):
            letter = f"Message-ID: <{number}@example.org>\r\n\r\nHello.\r\n".encode()
            marked = False
            while not marked:
                with suppress(aiosmtplib.SMTPException, OSError):
                    await aiosmtplib.send(
                        letter, sender="a@x.org", recipients=["b@x.org"], hostname="127.0.0.1", port=smtp.port
                    )
                    marked = True
        copies = Counter(str(one.letter["Message-ID"]) for one in smtp.kept)
        return len(copies), sum(count - 1 for count in copies.values())
