"""The gates at the moment of sending, on real parts: what stops a message is asked each time, and written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from journey.effects import SendMessage
from journey.load import load
from journey.work import Work
from store import consents, outbox, reach, timeline
from store.clock import now
from store.consents import Word
from store.tables import customer, instance, message
from tests.system import definitions
from tests.system.smtp_server import SmtpServer
from tests.system.test_mail import Desk, Silent
from tests.system.workshop import OFFICE, Workshop

MARK = OFFICE.seal.mark("c-1@example.org")


async def opened(workshop: Workshop, policies: str = "", effect: SendMessage | None = None) -> Desk:
    """An instance whose tips are due, under these policies."""
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: tips}]\n")
    files["messages/tips.md"] = files["messages/tips.md"].replace("---\n", "---\ntopic: tips\n", 1)
    files["policies.yaml"] = policies
    await workshop.publish(load(files if policies else {k: v for k, v in files.items() if k != "policies.yaml"}))
    async with workshop.routing(Silent()):
        desk = Desk(workshop, await workshop.begin("hello", customer="c-1"))
    asked = effect or SendMessage(id="send-welcome/1/0", message="tips")
    desk.work = Work(instance_id=desk.instance_id, effect=asked)
    return desk


async def live(workshop: Workshop, policies: str) -> None:
    """Other policies are published, and every process has read them."""
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: tips}]\n") | {"policies.yaml": policies}
    await workshop.publish(load(files))
    workshop.mail._gates._read = None


async def said(desk: Desk) -> list[str]:
    async with desk.workshop.db.read() as tx:
        entries = await timeline.of_instance(tx, desk.instance_id)
    return [entry["text"] for entry in entries if entry["kind"] == "message"]


async def test_a_suppressed_address_gets_nothing_and_the_timeline_says_why(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    desk = await opened(workshop)
    async with workshop.db.write() as tx:
        await reach.suppress(tx, MARK, "it bounced (550 5.1.1)", "bounce")

    assert await desk.attempt() == "suppressed" and smtp.kept == []
    assert await said(desk) == ['The message "tips" was not sent: the address is suppressed: it bounced (550 5.1.1).']
    row = await desk.row()
    assert (row.state, row.mark, row.topic) == ("suppressed", None, None)


async def test_an_address_that_is_suppressed_while_the_body_is_on_the_wire_gets_no_dot(
    workshop: Workshop, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await opened(workshop)
    passed = type(workshop.mail)._barrier

    async def barrier(mail: Any, taken: Any) -> bool:
        async with workshop.db.write() as tx:
            await reach.suppress(tx, MARK, "it complained", "complaint")
        return await passed(mail, taken)

    monkeypatch.setattr(type(workshop.mail), "_barrier", barrier)
    assert await desk.attempt() == "later" and smtp.kept == []
    monkeypatch.undo()
    async with workshop.db.write() as tx:
        await tx.execute(update(message).values(lease_until=now()))
    assert await desk.attempt() == "suppressed" and smtp.kept == []


async def test_who_declines_the_topic_while_the_message_is_held_does_not_get_it(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    """What was held is checked again when its turn comes."""
    desk = await opened(workshop)
    await smtp.down()
    assert await desk.attempt() == "later"
    await smtp.up()
    [row] = await workshop.rows(select(customer.c.customer_id))
    async with workshop.db.write() as tx:
        await consents.say(tx, row.customer_id, "1", [Word("tips", False, now(), "preference centre")])

    assert await desk.attempt() == "suppressed" and smtp.kept == []
    assert (await desk.row()).reason == 'the customer does not want mail about "tips"'
    assert (await workshop.row(desk.instance_id)).trouble is None


async def test_outside_the_hours_a_message_is_held_until_they_begin_and_nobody_is_alarmed(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    away = (now() + timedelta(hours=6)).strftime("%H")
    desk = await opened(workshop, f'hours: "{away}:00-{away}:59"\n')
    async with workshop.db.write() as tx:
        await tx.execute(update(customer).values(time_zone="UTC"))
    assert await desk.attempt() == "later" and smtp.kept == []
    row = await desk.row()
    assert (row.state, row.waits, row.body is not None) == ("held", "hours", True)
    assert row.due_at > now() + timedelta(hours=4) and "of the customer's day" in row.reason
    assert (await workshop.row(desk.instance_id)).trouble is None
    await live(workshop, "hours: all day\n")
    assert await desk.attempt() == "accepted", "policies are live"


async def test_a_draft_waits_for_a_person_and_goes_when_it_is_released(workshop: Workshop, smtp: SmtpServer) -> None:
    desk = await opened(workshop, "release: {messages: [tips]}\n")
    for _ in range(2):
        assert await desk.attempt() == "later"
    row = await desk.row()
    assert (row.waits, row.due_at, row.reason) == ("person", None, "it waits for a person to let it go")
    async with workshop.db.write() as tx:
        assert await outbox.release(tx, row.send_key, "Emmy")
    assert await desk.attempt() == "accepted" and len(smtp.kept) == 1


async def test_a_draft_that_a_person_drops_is_not_sent_and_its_journey_goes_on(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    desk = await opened(workshop, "release: {journeys: [hello]}\n")
    assert await desk.attempt() == "later"
    async with workshop.db.write() as tx:
        assert await outbox.drop(tx, (await desk.row()).send_key, "Emmy says no")
    assert await desk.attempt() == "suppressed" and smtp.kept == []


async def test_what_is_out_of_date_expires_or_asks_and_what_is_in_time_goes(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    late = now() - timedelta(minutes=1)
    desk = await opened(workshop, effect=SendMessage(id="send-welcome/1/0", message="tips", not_after=late))
    assert await desk.attempt() == "expired"
    assert "was worth sending until" in (await desk.row()).reason
    asking = SendMessage(id="send-welcome/2/0", message="tips", not_after=late, ask_when_stale=True)
    desk.work = Work(instance_id=desk.instance_id, effect=asking)
    assert await desk.attempt() == "later" and smtp.kept == []


async def test_a_text_that_another_journey_has_sent_lately_is_not_sent_again(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    desk = await opened(workshop)
    assert await desk.attempt() == "accepted"
    again = SendMessage(id="other/1/0", message="tips", dedupe=3600.0)
    desk.work = Work(instance_id=desk.instance_id, effect=again)
    assert await desk.attempt() == "suppressed" and len(smtp.kept) == 1


async def test_a_cap_holds_the_next_message_until_the_first_is_long_enough_ago(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    desk = await opened(workshop, "caps: [{at most: 1, within: 7 days}]\n")
    assert await desk.attempt() == "accepted"
    desk.work = Work(instance_id=desk.instance_id, effect=SendMessage(id="other/1/0", message="tips"))
    assert await desk.attempt() == "later" and len(smtp.kept) == 1
    held = (await workshop.rows(select(message).where(message.c.waits == "cap")))[0]
    assert timedelta(days=6) < held.due_at - now() < timedelta(days=7)
    async with workshop.db.write() as tx:
        await tx.execute(update(message).where(message.c.state == "accepted").values(decided_at=now() - timedelta(8)))
    assert await desk.attempt() == "accepted"


async def test_the_providers_limit_holds_what_is_too_much(workshop: Workshop, smtp: SmtpServer) -> None:
    desk = await opened(workshop, "providers: {email: {at most: 2 per minute}}\n")
    outcomes = []
    for number in range(3):
        effect = SendMessage(id=f"other/{number}/0", message="tips")
        desk.work = Work(instance_id=desk.instance_id, effect=effect)
        outcomes.append(await desk.attempt())
    assert outcomes == ["accepted", "later", "later"]
    rows = await workshop.rows(select(message.c.waits, message.c.due_at).where(message.c.state == "held"))
    assert {row.waits for row in rows} == {"rate"} and all(row.due_at > now() for row in rows)


async def test_a_journey_gives_way_to_a_complaint_that_runs(workshop: Workshop, smtp: SmtpServer) -> None:
    files = definitions.files(
        hello="start: {on: test.began}\nsteps: [{send: tips}]\n",
        complaint="start: {on: complaint.opened}\nsteps: [{wait: 1 day}]\n",
    )
    files["policies.yaml"] = "precedence: [{while: complaint, then: hold, journeys: [hello]}]\n"
    await workshop.publish(load(files))
    async with workshop.routing(Silent()):
        desk = Desk(workshop, await workshop.begin("hello", customer="c-1"))
        complaint = await workshop.begin("complaint", "complaint.opened", customer="c-1")
    desk.work = Work(instance_id=desk.instance_id, effect=SendMessage(id="send-welcome/1/0", message="tips"))
    assert await desk.attempt() == "later"
    assert (await desk.row()).waits == "journey"
    async with workshop.db.write() as tx:
        mine = instance.c.instance_id == complaint
        await tx.execute(update(instance).where(mine).values(state="ended", ended_at=now()))
    assert await desk.attempt() == "accepted" and len(smtp.kept) == 1


async def test_a_journey_that_is_to_end_while_another_runs_ends_when_it_would_write(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    files = definitions.files(
        hello="start: {on: test.began}\nsteps: [{send: tips}]\n",
        complaint="start: {on: complaint.opened}\nsteps: [{wait: 1 day}]\n",
    )
    files["policies.yaml"] = "precedence: [{while: complaint, then: end, journeys: [hello]}]\n"
    await workshop.publish(load(files))
    async with workshop.routing(Silent()):
        desk = Desk(workshop, await workshop.begin("hello", customer="c-1"))
        await workshop.begin("complaint", "complaint.opened", customer="c-1")
    desk.work = Work(instance_id=desk.instance_id, effect=SendMessage(id="send-welcome/1/0", message="tips"))
    assert await desk.attempt() == "suppressed" and smtp.kept == []
    row = await workshop.row(desk.instance_id)
    assert (row.state, row.outcome) == ("ending", "gave-way")


async def test_a_mailbox_that_does_not_exist_is_written_to_once_and_a_full_one_again(
    workshop: Workshop, smtp: SmtpServer
) -> None:
    desk = await opened(workshop)
    full = "552 5.2.2 mailbox full"
    smtp.answer = lambda stage, line: full if stage == "rcpt" else None
    assert await desk.attempt() == "failed"
    desk.work = Work(instance_id=desk.instance_id, effect=SendMessage(id="other/1/0", message="tips"))
    smtp.answer = lambda stage, line: "550 5.1.1 no such mailbox" if stage == "rcpt" else None
    assert await desk.attempt() == "failed", "a full mailbox is no reason never to write again"
    smtp.answer = lambda stage, line: None
    desk.work = Work(instance_id=desk.instance_id, effect=SendMessage(id="other/2/0", message="tips"))
    assert await desk.attempt() == "suppressed" and smtp.kept == []
    [last] = [one for one in await workshop.rows(select(message)) if one.effect_id == "other/2/0"]
    assert last.reason.startswith(
        "the address is suppressed: it bounced (the mail server refuses the recipient (550 5.1.1"
    )
