"""What the ledger promises on a mail server that takes messages and loses the answers, beside a naive sender that marks
after sending, on the same chance."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress

import aiosmtplib
import pytest

from journey.effects import SendMessage
from journey.load import load
from journey.work import Work
from store.clock import now
from store.tables import message
from tests.system import definitions
from tests.system.smtp_server import Fault, SmtpServer
from tests.system.test_mail import Desk, Silent
from tests.system.workshop import Workshop

MANY = 120
CHANCE = {("after", "close"): 0.1, ("dot", "4xx"): 0.05, ("rcpt", "close"): 0.05}
"""Dropped after it was taken, refused for now after the end, cut off before."""


class Moody:
    """A mail server with moods, from a seed."""

    def __init__(self, smtp: SmtpServer, seed: int) -> None:
        self.smtp = smtp
        self.chance = random.Random(seed)

    def changes(self) -> None:
        """Its mood for the next message."""
        self.smtp.fault, draw = None, self.chance.random()
        for (stage, kind), share in CHANCE.items():
            draw -= share
            if draw < 0:
                self.smtp.fault = Fault(stage, kind)  # type: ignore[arg-type]  # of the table above
                return


async def sent(workshop: Workshop, smtp: SmtpServer, kind: str, seed: int) -> Counter[str]:
    """Send many of a class, each until it is decided or waits for a person; the states in the end."""
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: welcome}]\n")
    files["messages/welcome.md"] = files["messages/welcome.md"].replace("---\n", f"---\nclass: {kind}\n", 1)
    await workshop.publish(load(files))
    async with workshop.routing(Silent()):
        desk = Desk(workshop, await workshop.begin("hello"))
    moody, states = Moody(smtp, seed), Counter[str]()
    for number in range(MANY):
        effect = SendMessage(id=f"send/{number}/0", message="welcome")
        desk.work = Work(instance_id=desk.instance_id, effect=effect)
        outcome = "later"
        for _ in range(20):
            moody.changes()
            outcome = await desk.attempt()
            if outcome != "later":
                break
            async with workshop.db.write() as tx:  # the cool-down is over
                await tx.execute(message.update().where(message.c.due_at.is_not(None)).values(due_at=now()))
        states[outcome] += 1
    return states


@pytest.mark.parametrize("kind", ["lifecycle", "transactional"])
async def test_no_lifecycle_mail_comes_twice_no_transactional_mail_is_lost_and_every_doubt_is_a_row(
    workshop: Workshop, smtp: SmtpServer, kind: str
) -> None:
    states = await sent(workshop, smtp, kind, seed=7)
    rows = await workshop.rows(message.select())
    copies = Counter(one.letter["Message-ID"] for one in smtp.kept)
    doubtful = {row.message_id for row in rows if row.doubts}
    twice = {key for key, count in copies.items() if count > 1}
    lost = [row for row in rows if row.state == "accepted" and not copies[row.message_id]]
    never = [row for row in rows if row.state not in ("accepted", "unknown") and row.waits != "person"]

    assert len(rows) == MANY and len(doubtful) >= 5, "or this shows little"
    assert lost == [] == never
    assert twice <= doubtful
    if kind == "lifecycle":
        assert twice == set() and states["unknown"] == len(doubtful)
    else:
        assert all(copies[row.message_id] for row in rows) and max(copies.values()) <= 2
        assert len(twice) >= 5 and {one.raw for one in smtp.kept} == {row.body for row in rows}
    print(f"{kind}: sent {MANY} · unknown {states['unknown']} · duplicates {len(twice)} · lost {len(lost)}")


async def test_the_control_that_marks_after_sending_makes_duplicates_on_the_same_server(smtp: SmtpServer) -> None:
    """If it did not, the server would be too kind for the test above to show anything."""
    moody, marked = Moody(smtp, seed=7), set[int]()
    for number in range(MANY):
        while number not in marked:
            moody.changes()
            with suppress(aiosmtplib.SMTPException, OSError):
                letter = f"Message-ID: <{number}@example.org>\r\n\r\nHello.\r\n".encode()
                await aiosmtplib.send(
                    letter, sender="a@example.org", recipients=["b@example.org"], hostname="127.0.0.1", port=smtp.port
                )
                marked.add(number)
    copies = Counter(one.letter["Message-ID"] for one in smtp.kept)
    assert len(copies) == MANY and sum(count > 1 for count in copies.values()) >= 5
