"""One message against a mail server that fails at every stage; and the ledger's word for what came of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.testing import ActivityEnvironment

from activities import smtp as wire
from activities.letter import UnsafeLetter, compose
from activities.mail import Held, Mail
from activities.patience import Patience
from journey.channels import EMAIL
from journey.effects import NotifyTeam, SendMessage
from journey.engine import Engine
from journey.inputs import Event
from journey.library import Library
from journey.load import load
from journey.work import Launch, Work
from store import definitions as published
from store import instances, lanes, ledger, outbox, timeline
from store.clock import now
from store.tables import instance, message
from tests import hostile
from tests.system import definitions
from tests.system.smtp_server import Fault, SmtpServer
from tests.system.workshop import OFFICE, Workshop


class Silent(Engine):
    """An engine that starts nothing: these tests are the engine."""

    async def start(self, journey: str, launch: Launch, *, afresh: bool = False) -> None:
        pass

    async def ring(self, instance_id: str, upto: int, event: Event | None = None) -> bool:
        return True


class Desk:
    """An instance whose welcome is due, and attempts to send it."""

    def __init__(self, workshop: Workshop, instance_id: str) -> None:
        self.workshop = workshop
        self.instance_id = instance_id
        self.work = Work(instance_id=instance_id, effect=SendMessage(id="send-welcome/1/0", message="welcome"))
        self.mail = workshop.mail

    async def attempt(self, mail: Mail | None = None) -> str:
        """The outcome of one attempt; "later" if it has to wait."""
        async with self.workshop.db.write() as tx:  # as the drain says, while the lane is closed
            await lanes.may_try(tx, EMAIL, ledger.send_key(self.instance_id, "send-welcome/1/0"), timedelta())
        try:
            answer = await ActivityEnvironment().run((mail or self.mail).send, self.work.model_dump(mode="json"))
        except Held:
            return "later"
        return str(answer["outcome"])

    async def row(self) -> Any:
        """The ledger's row."""
        return (await self.workshop.rows(select(message).where(message.c.instance_id == self.instance_id)))[0]


@pytest.fixture
async def desk(workshop: Workshop) -> Desk:
    await workshop.publish(definitions.library(hello="start: {on: test.began}\nsteps: [{send: welcome}]\n"))
    async with workshop.routing(Silent()):
        return Desk(workshop, await workshop.begin("hello", customer="c-1"))


async def test_a_letter_that_has_to_wait_is_sent_with_the_very_same_bytes(desk: Desk, smtp: SmtpServer) -> None:
    smtp.fault = Fault("dot", "4xx")
    await desk.attempt()
    first = (await desk.row()).body
    await desk.workshop.publish(definitions.library(hello="start: {on: test.began}\nsteps: [{send: welcome}]\n"))
    smtp.fault = None
    await desk.attempt()

    assert smtp.kept[0].raw == first
    assert smtp.kept[0].letter["Message-ID"] == (await desk.row()).message_id


async def test_the_ledger_keeps_in_which_language_and_wording_a_letter_went(desk: Desk, smtp: SmtpServer) -> None:
    await desk.attempt()
    async with desk.workshop.db.read() as tx:
        text = await published.text(tx, "welcome")
    row = await desk.row()

    assert text is not None and text.version
    assert (row.locale, row.text_version) == ("en", text.version)
    assert smtp.kept[0].letter["Content-Language"] == "en"


async def test_trouble_is_said_in_words_and_taken_back(desk: Desk, smtp: SmtpServer) -> None:
    smtp.fault = Fault("mail", "5xx")
    await desk.attempt()
    said = (await desk.workshop.row(desk.instance_id)).trouble
    assert said == ('The message "welcome" waits: the mail server refuses our sender address (554 5.7.1 go away)')
    await smtp.down()
    await desk.attempt()
    assert "waits: no connection to the mail server" in (await desk.workshop.row(desk.instance_id)).trouble
    smtp.fault = None
    await smtp.up()
    assert await desk.attempt() == "accepted"
    assert (await desk.workshop.row(desk.instance_id)).trouble is None


@pytest.mark.parametrize("word", ["failed", "refused", "unknown"])
async def test_what_was_not_sent_stands_on_the_timeline_with_the_reason(
    desk: Desk, smtp: SmtpServer, word: str
) -> None:
    smtp.fault = Fault(*{"failed": ("rcpt", "5xx"), "refused": ("dot", "5xx"), "unknown": ("after", "close")}[word])  # type: ignore[arg-type]
    await desk.attempt()
    async with desk.workshop.db.read() as tx:
        entries = await timeline.of_instance(tx, desk.instance_id)
    said = [entry["text"] for entry in entries if entry["kind"] == "message"]
    verb = "may have been sent" if word == "unknown" else "was not sent"
    assert len(said) == 1 and said[0].startswith(f'The message "welcome" {verb}: ')


async def test_a_worker_that_lost_its_lease_sends_no_dot(
    desk: Desk, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed, other = Mail._barrier, Mail(desk.workshop.db, desk.workshop.mailer, OFFICE)
    woken = asyncio.Event()
    outcomes: list[str] = []

    async def frozen(mail: Mail, taken: Any) -> bool:
        if mail is not other and not outcomes:
            async with desk.workshop.db.write() as tx:  # as if it had slept for a minute: the lease is over
                await tx.execute(message.update().values(lease_until=now()))
            outcomes.append(await desk.attempt(other))
            woken.set()
        return await passed(mail, taken)

    monkeypatch.setattr(Mail, "_barrier", frozen)
    assert await desk.attempt() == "later"
    assert woken.is_set() and outcomes == ["accepted"] and len(smtp.kept) == 1
    assert await desk.attempt() == "accepted" and len(smtp.kept) == 1


async def test_two_attempts_at_the_same_time_send_once(desk: Desk, smtp: SmtpServer) -> None:
    outcomes = await asyncio.gather(*(desk.attempt() for _ in range(5)))

    assert sorted(outcomes) == ["accepted", "later", "later", "later", "later"] and len(smtp.kept) == 1


async def test_a_message_found_at_the_dot_with_a_dead_lease_is_in_doubt_and_not_sent_again(
    desk: Desk, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any) -> Any:
        raise asyncio.CancelledError

    with monkeypatch.context() as dead:
        dead.setattr(Mail, "_settle", dies)
        with pytest.raises(asyncio.CancelledError):
            await desk.attempt()
    assert (await desk.row()).state == "at_dot" and len(smtp.kept) == 1
    assert await desk.attempt() == "later"  # somebody may still be waiting for the answer
    async with desk.workshop.db.write() as tx:
        await tx.execute(message.update().values(lease_until=now()))

    assert await desk.attempt() == "unknown" and len(smtp.kept) == 1


def classed(kind: str) -> Library:
    """A journey with one message, of this class."""
    files = definitions.files(hello="start: {on: test.began}\nsteps: [{send: welcome}]\n")
    files["messages/welcome.md"] = files["messages/welcome.md"].replace("---\n", f"---\nclass: {kind}\n", 1)
    return load(files)


async def test_lifecycle_mail_can_be_stopped_by_one_click_and_service_mail_cannot(desk: Desk, smtp: SmtpServer) -> None:
    await desk.attempt()
    letter, row = smtp.kept[0].letter, await desk.row()
    link = letter["List-Unsubscribe"]
    token = link.removeprefix("<https://wayfare.example/u/").removesuffix(">")
    assert OFFICE.seal.opened("unsubscribe", token) == (row.send_key[:25], None)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Feedback-ID"] == "welcome:hello:lifecycle:wayfare"
    page = letter.get_body(("html",))
    assert page is not None and link.strip("<>") in page.get_content()
    assert b"c-1" not in token.encode() and b"example.org" not in token.encode()

    await desk.workshop.publish(classed("transactional"))
    desk.work = Work(instance_id=desk.instance_id, effect=SendMessage(id="other/1/0", message="welcome"))
    await desk.attempt()
    letter = smtp.kept[1].letter
    assert letter["List-Unsubscribe"] is None and letter["Feedback-ID"] == "welcome:hello:transactional:wayfare"


async def cool(desk: Desk) -> None:
    """Time passes: whatever is to be looked at again is due."""
    async with desk.workshop.db.write() as tx:
        await tx.execute(message.update().values(due_at=now()))


async def test_transactional_mail_in_doubt_is_sent_once_more_after_a_while_with_the_same_bytes(
    desk: Desk, smtp: SmtpServer
) -> None:
    await desk.workshop.publish(classed("transactional"))
    smtp.fault = Fault("after", "close")
    assert await desk.attempt() == "later"
    row = await desk.row()
    assert (row.state, row.waits, row.doubts, row.decided_at) == ("unknown", "again", 1, None)
    trouble = (await desk.workshop.row(desk.instance_id)).trouble
    assert "may have been sent" in trouble and trouble.endswith("it is sent once more after a while")
    smtp.fault = None
    assert await desk.attempt() == "later" and len(smtp.kept) == 1, "not before the cool-down is over"
    await cool(desk)

    assert await desk.attempt() == "accepted"
    assert [one.raw for one in smtp.kept] == [row.body] * 2
    assert (await desk.row()).doubts == 1 and (await desk.workshop.row(desk.instance_id)).trouble is None


async def test_transactional_mail_in_doubt_twice_waits_for_a_person(desk: Desk, smtp: SmtpServer) -> None:
    await desk.workshop.publish(classed("transactional"))
    smtp.fault = Fault("after", "close")
    for _ in range(2):
        assert await desk.attempt() == "later"
        await cool(desk)
    row = await desk.row()
    assert (row.state, row.waits, row.doubts) == ("held", "person", 2)
    smtp.fault = None
    assert await desk.attempt() == "later" and len(smtp.kept) == 2

    async with desk.workshop.db.write() as tx:
        assert await outbox.release(tx, row.send_key, "Emmy")
    assert await desk.attempt() == "accepted" and len(smtp.kept) == 3


async def test_legal_mail_in_doubt_waits_for_a_person_at_once(desk: Desk, smtp: SmtpServer) -> None:
    await desk.workshop.publish(classed("legal"))
    smtp.fault = Fault("after", "close")
    assert await desk.attempt() == "later"
    await cool(desk)
    assert await desk.attempt() == "later" and len(smtp.kept) == 1
    assert (await desk.workshop.row(desk.instance_id)).trouble.endswith("a person must say what is to be done")

    async with desk.workshop.db.write() as tx:
        assert await outbox.arrived(tx, (await desk.row()).send_key, "the customer has it")
    assert await desk.attempt() == "accepted" and len(smtp.kept) == 1


async def test_a_report_settles_a_doubt_before_it_is_sent_again(desk: Desk, smtp: SmtpServer) -> None:
    await desk.workshop.publish(classed("transactional"))
    smtp.fault = Fault("after", "close")
    await desk.attempt()
    async with desk.workshop.db.write() as tx:
        assert await outbox.learn(tx, (await desk.row()).message_id, "accepted", None)
    smtp.fault = None

    assert await desk.attempt() == "accepted" and len(smtp.kept) == 1
    assert (await desk.row()).due_at is None, "who waited has the answer"


async def test_an_attempt_that_ends_after_its_journey_leaves_nothing_waiting(desk: Desk, smtp: SmtpServer) -> None:
    desk.workshop.mailer.patience = Patience(command=timedelta(seconds=1))
    smtp.fault = Fault("rcpt", "hang")
    attempt = asyncio.create_task(desk.attempt())
    await asyncio.wait_for(smtp.shown.wait(), 10)
    async with desk.workshop.db.write() as tx:
        at = now()
        await tx.execute(
            instance.update()
            .where(instance.c.instance_id == desk.instance_id)
            .values(**instances.ending(at, "refunded"))
        )
        await ledger.withdraw(tx, desk.instance_id, "the journey ended before: refunded")

    assert await attempt == "suppressed"
    assert (await desk.row()).state == "suppressed"
    assert (await desk.workshop.row(desk.instance_id)).trouble is None


async def test_a_message_that_its_journey_has_given_up_meanwhile_is_not_tried_again(
    desk: Desk, smtp: SmtpServer
) -> None:
    desk.workshop.mailer.patience = Patience(command=timedelta(seconds=1))
    smtp.fault = Fault("rcpt", "hang")
    attempt = asyncio.create_task(desk.attempt())
    await asyncio.wait_for(smtp.shown.wait(), 10)
    async with desk.workshop.db.write() as tx:  # somebody skips the step while the message is on the wire
        await tx.execute(instance.update().values(acked_seq=2, snapshot={"asked": {"id": "send-other/1/0"}}))
        await ledger.withdraw(tx, desk.instance_id, "the journey went on without it", "send-welcome/1/0")

    assert await attempt == "suppressed"
    row = await desk.row()
    assert (row.state, row.reason, row.due_at) == ("suppressed", "the journey went on without it", None)


async def test_mail_to_staff_goes_the_same_way(desk: Desk, smtp: SmtpServer) -> None:
    text = "Please call {{ customer.name }} about {{ start.order_id }}."
    work = Work(
        instance_id=desk.instance_id, effect=NotifyTeam(id="notify/1/0", team="care-team", text=text)
    ).model_dump(mode="json")
    smtp.fault = Fault("rcpt", "4xx")
    with pytest.raises(Held):
        await ActivityEnvironment().run(desk.mail.notify, work)
    smtp.fault = None
    for _ in range(2):
        assert (await ActivityEnvironment().run(desk.mail.notify, work))["outcome"] == "accepted"

    assert [one.recipient for one in smtp.kept] == ["care@northlight.example"]
    assert "Please call Grete c-1 about" in smtp.kept[0].letter.get_content()


async def test_what_the_engine_hears_names_nobody(desk: Desk, smtp: SmtpServer) -> None:
    smtp.answer = lambda stage, line: "450 4.2.0 <c-1@example.org>: greylisted" if stage == "rcpt" else None
    with pytest.raises(Held) as held:
        await ActivityEnvironment().run(desk.mail.send, desk.work.model_dump(mode="json"))
    assert "greylisted" in str(held.value) and "@" not in str(held.value)
    assert "c-1@example.org" in (await desk.workshop.row(desk.instance_id)).trouble

    smtp.answer = lambda stage, line: "550 5.1.1 <c-1@example.org>: unknown here" if stage == "rcpt" else None
    answer = await ActivityEnvironment().run(desk.mail.send, desk.work.model_dump(mode="json"))
    assert answer["outcome"] == "failed" and "unknown here" in answer["value"]["reason"]
    assert "@" not in answer["value"]["reason"]
    assert "c-1@example.org" in (await desk.row()).reason


async def wire_bytes(smtp: SmtpServer, body: bytes) -> bytes:
    """What arrives when these bytes are sent."""

    async def yes() -> bool:
        return True

    mailer = wire.Mailer(wire.Server("127.0.0.1", smtp.port, "none"))
    assert (await mailer.transmit("a@example.org", "b@example.org", body, yes)).state == "accepted"
    await mailer.close()
    return smtp.kept[-1].raw


@pytest.mark.parametrize(
    ("written", "arrives"),
    [
        (b"a\r\n.\r\nb\r\n", b"a\r\n.\r\nb\r\n"),
        (b".\r\n..\r\n...\r\n", b".\r\n..\r\n...\r\n"),
        (b".leading\r\n. dot\r\n", b".leading\r\n. dot\r\n"),
        (b"unix\nlines\n.\n", b"unix\r\nlines\r\n.\r\n"),
        (b"mac\rlines\r.\rend", b"mac\r\nlines\r\n.\r\nend\r\n"),
        (b"mixed\r\r\n\n\rend\r\n", b"mixed\r\n\r\n\r\n\r\nend\r\n"),
        (b"no end", b"no end\r\n"),
        (b"\r\n.\r\nQUIT\r\n", b"\r\n.\r\nQUIT\r\n"),
        (b"x\n.\nMAIL FROM:<evil@example.org>\n", b"x\r\n.\r\nMAIL FROM:<evil@example.org>\r\n"),
        ("Grüße\r\n".encode(), "Grüße\r\n".encode()),
    ],
)
async def test_dots_and_odd_line_ends_arrive_as_they_were_meant(
    smtp: SmtpServer, written: bytes, arrives: bytes
) -> None:
    assert await wire_bytes(smtp, written) == arrives


async def test_one_connection_serves_many_letters_and_one_that_was_cut_is_opened_again(
    desk: Desk, smtp: SmtpServer
) -> None:
    async def yes() -> bool:
        return True

    mailer = wire.Mailer(wire.Server("127.0.0.1", smtp.port, "none"))
    for number in range(3):
        assert (await mailer.transmit("a@example.org", "b@example.org", b"%d" % number, yes)).state == "accepted"
    assert smtp.connections == 1
    await smtp.down()
    await smtp.up()
    assert (await mailer.transmit("a@example.org", "b@example.org", b"3", yes)).state == "accepted"
    assert (smtp.connections, len(smtp.kept)) == (2, 4)
    await mailer.close()


INJECTIONS = {name: value for name, value in hostile.HEADERS.items() if "encoded" in name or name.startswith("addr")}
"""The worst of them; all are tried in tests/activities/test_letter.py, but not over the wire."""
EXPECTED = ["From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Auto-Submitted", "MIME-Version", "Content-Type"]


@pytest.mark.parametrize("evil", INJECTIONS.values(), ids=INJECTIONS)
async def test_nothing_in_a_name_or_a_subject_makes_a_header_or_a_recipient(smtp: SmtpServer, evil: str) -> None:
    try:
        raw = compose(
            sender="Northlight Lamps <hello@northlight.example>",
            recipient_name=evil,
            recipient="grete@example.org",
            subject=evil,
            text="Hello.\n",
            html="<p>Hello.</p>",
            message_id="<key@northlight.example>",
            at=now(),
            reply_to="help@northlight.example",
        )
    except UnsafeLetter:
        return  # refused in words is as good
    arrived = await wire_bytes(smtp, raw)
    letter = smtp.kept[-1].letter
    head = arrived.split(b"\r\n\r\n")[0].split(b"\r\n")
    names = [line.split(b":")[0].decode() for line in head if line[:1] not in b" \t"]

    assert arrived == raw
    assert names == EXPECTED == letter.keys()
    assert [address.addr_spec for address in letter["To"].addresses] == ["grete@example.org"]
    assert letter["Bcc"] is None and b"\nBcc" not in arrived and b"\rBcc" not in arrived
    assert max(len(line) for line in arrived.split(b"\r\n")) <= 998
