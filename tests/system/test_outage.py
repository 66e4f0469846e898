"""The mail server is away, or refuses us: what is held, who may try, and how it goes out again."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.testing import ActivityEnvironment

from activities import drain as draining
from activities.drain import Drain
from activities.mail import Held
from journey.effects import SendMessage
from journey.load import load
from journey.work import Work
from store import ledger
from store.clock import now
from store.tables import instance, lane, message
from tests.system import definitions
from tests.system.smtp_server import Fault, SmtpServer
from tests.system.test_mail import Silent
from tests.system.waiting import until
from tests.system.workshop import Workshop

MANY = 60
RATE = 20.0


class Town:
    """One instance that has asked for many messages at once, and a drain whose knocks reach it. ``knocks`` are counted
    for each look of the drain."""

    def __init__(self, workshop: Workshop, instance_id: str) -> None:
        self.workshop = workshop
        self.instance_id = instance_id
        self.drain = Drain(workshop.db, self.knock)
        self.asked: dict[str, Work] = {}

    async def ask(self, name: str, number: int) -> str:
        """Ask for a message; "held", or what became of it."""
        effect = SendMessage(id=f"{name}-{number}/1/0", message=name)
        work = Work(instance_id=self.instance_id, effect=effect)
        self.asked[ledger.send_key(self.instance_id, effect.id)] = work
        return await self._attempt(work)

    async def _attempt(self, work: Work) -> str:
        try:
            answer = await ActivityEnvironment().run(self.workshop.mail.send, work.model_dump(mode="json"))
        except Held:
            return "held"
        return str(answer["outcome"])

    async def knock(self, instance_id: str) -> None:
        """What a workflow does when somebody knocks. All are asked again; those whose turn it is not stay held."""
        asked = (message.c.state == "held") & (message.c.waits.is_(None) | (message.c.send_key == _trying()))
        turn = select(message.c.send_key).where(asked | (message.c.waits == "over"))
        query = turn.order_by(message.c.created_at, message.c.send_key)
        for key in [row.send_key for row in await self.workshop.rows(query)]:
            await self._attempt(self.asked[key])

    async def states(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for row in await self.workshop.rows(select(message.c.state)):
            counted[row.state] = counted.get(row.state, 0) + 1
        return counted

    async def lane(self) -> Any:
        return (await self.workshop.rows(select(lane)))[0]

    async def soon(self) -> None:
        """The next try is due."""
        async with self.workshop.db.write() as tx:
            await tx.execute(lane.update().values(try_at=now()))
        self.workshop.mail._lanes._seen.clear()


def _trying() -> Any:
    return select(lane.c.trying).scalar_subquery()


@pytest.fixture
async def town(workshop: Workshop) -> Town:
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: tips}, {send: receipt}]\n")
    files["messages/receipt.md"] = files["messages/receipt.md"].replace("---\n", "---\nclass: transactional\n", 1)
    await workshop.publish(load(files))
    async with workshop.routing(Silent()):
        return Town(workshop, await workshop.begin("hello", customer="c-1"))


async def test_while_the_server_is_away_one_message_tries_and_the_others_are_held_without_trying(
    town: Town, smtp: SmtpServer
) -> None:
    await smtp.down()
    for number in range(5):
        assert await town.ask("tips", number) == "held"
    opened = smtp.connections
    first = await town.lane()
    assert (first.state, first.since is not None) == ("away", True) and "no connection" in first.reason
    assert await town.drain.some() == 0, "it is not time for a try yet"
    await town.soon()
    assert await town.drain.some() == 1
    lane_now = await town.lane()
    assert lane_now.state == "away" and lane_now.tries == 1 and lane_now.try_at > now()
    assert smtp.connections == opened and await town.states() == {"held": 5}
    [row] = await town.workshop.rows(select(instance.c.state, instance.c.trouble))
    assert row.state == "running" and "waits: no connection to the mail server" in row.trouble


async def test_when_it_is_back_what_was_held_goes_in_order_at_a_rate_service_first_and_each_once(
    town: Town, smtp: SmtpServer
) -> None:
    await smtp.down()
    for number in range(MANY):
        await town.ask("tips", number)
    await town.ask("receipt", 0)
    await smtp.up()
    await town.soon()
    a_go = round(RATE * draining.TICK.total_seconds())

    looks = []
    while (await town.states()).get("held"):
        looks.append(await town.drain.some())
    assert looks[0] == 1 and max(looks) == a_go and sum(looks) == MANY + 1
    subjects = smtp.subjects
    assert len({one.letter["Message-ID"] for one in smtp.kept}) == len(subjects) == MANY + 1
    assert subjects[0].startswith("receipt"), "service mail before lifecycle mail"
    ids = [
        row.message_id for row in await town.workshop.rows(select(message.c.message_id).order_by(message.c.created_at))
    ]
    assert [one.letter["Message-ID"] for one in smtp.kept[1:]] == ids[:MANY], "the oldest first"
    assert (await town.lane()).state == "open"
    [row] = await town.workshop.rows(select(instance.c.trouble))
    assert row.trouble is None


async def test_a_new_message_queues_behind_what_was_held_and_service_mail_does_not(
    town: Town, smtp: SmtpServer
) -> None:
    await smtp.down()
    for number in range(15):
        await town.ask("tips", number)
    await smtp.up()
    await town.soon()
    await town.drain.some()
    assert (await town.lane()).state == "draining"
    town.workshop.mail._lanes._seen.clear()
    assert await town.ask("tips", 99) == "held"
    assert await town.ask("receipt", 0) == "accepted"
    while (await town.states()).get("held"):
        await town.drain.some()
    assert len(smtp.kept) == 17 and (await town.states()) == {"accepted": 17}


async def test_a_wrong_password_stops_the_way_marks_no_customer_and_is_said_in_words(
    town: Town, smtp: SmtpServer
) -> None:
    smtp.fault = Fault("mail", "5xx")
    for number in range(3):
        assert await town.ask("tips", number) == "held"
    stopped = await town.lane()
    assert stopped.state == "stopped" and "refuses our sender address" in stopped.reason
    assert await town.states() == {"held": 3}
    smtp.fault = None
    await town.soon()
    while (await town.states()).get("held"):
        await town.drain.some()
    assert len(smtp.kept) == 3


async def test_a_message_that_makes_the_server_break_off_does_not_hold_the_others(town: Town, smtp: SmtpServer) -> None:
    smtp.answer = lambda stage, line: None
    smtp.fault = Fault("rcpt", "close")
    assert await town.ask("tips", 0) == "held"
    assert await town.workshop.rows(select(lane.c.state)) == []
    smtp.fault = None
    assert await town.ask("tips", 1) == "accepted"


async def test_two_drains_do_not_double_the_rate(town: Town, smtp: SmtpServer) -> None:
    await smtp.down()
    for number in range(30):
        await town.ask("tips", number)
    await smtp.up()
    await town.soon()
    other = Drain(town.workshop.db, town.knock)
    assert await town.drain.some() == 1
    assert await town.drain.some() == 10
    assert await other.some() == 0, "one process drains a lane at a time"
    async with town.workshop.db.write() as tx:
        await tx.execute(lane.update().values(drains_until=now() - timedelta(seconds=1)))
    assert await other.some() == 10, "and another takes over when it is gone"


async def test_the_policies_say_how_fast_what_was_held_goes_out(town: Town, smtp: SmtpServer) -> None:
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: tips}]\n")
    files["policies.yaml"] = "providers: {email: {after an outage: 1 per second}}\n"
    await town.workshop.publish(load(files))
    await smtp.down()
    for number in range(4):
        await town.ask("tips", number)
    await smtp.up()
    await town.soon()
    assert [await town.drain.some() for _ in range(6)] == [1, 1, 0, 1, 0, 1]


async def test_a_way_that_nothing_waits_for_is_open_again(town: Town, smtp: SmtpServer) -> None:
    await smtp.down()
    await town.ask("tips", 0)
    await smtp.up()
    await town.soon()
    await town.drain.some()
    assert (await town.lane()).state == "draining" and await town.states() == {"accepted": 1}
    await town.drain.some()
    assert (await town.lane()).state == "open"


async def test_what_is_due_goes_out_by_itself(town: Town, smtp: SmtpServer) -> None:
    """The loop, and not only its parts."""
    await smtp.down()
    await town.ask("tips", 0)
    await smtp.up()
    loop = asyncio.create_task(town.drain.run())

    async def gone() -> bool:
        return await town.states() == {"accepted": 1}

    await until(gone, "it goes out")
    loop.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await loop


async def test_a_transactional_message_in_doubt_is_sent_once_more_by_the_drain_itself(
    town: Town, smtp: SmtpServer
) -> None:
    smtp.fault = Fault("after", "close")
    assert await town.ask("receipt", 0) == "held"
    smtp.fault = None
    async with town.workshop.db.write() as tx:  # the cool-down is over
        await tx.execute(message.update().values(due_at=now()))
    while await town.drain.some():
        pass
    assert await town.states() == {"accepted": 1} and len(smtp.kept) == 2
