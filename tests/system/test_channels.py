"""Messages by several channels on real parts: one row a channel, the next one only when the first certainly failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from activities.channels.inbox import Inbox
from activities.mail import Held, Mail
from journey.effects import SendMessage
from journey.load import load
from journey.work import Work
from store import consents, ledger, reach, timeline
from store.clock import now
from store.consents import Word
from store.tables import customer, message, site_message
from tests.contracts.counterparts import CompanysOwn, Fcm, Twilio, TwilioWhatsApp
from tests.system import definitions
from tests.system.smtp_server import Fault, SmtpServer
from tests.system.test_mail import Silent
from tests.system.workshop import OFFICE, Workshop

PHONE = "+491701234567"
JOURNEY = "start: {on: test.began}\nsteps:\n  - send: welcome\n    channels: [whatsapp, sms, email]\n"
EFFECT = SendMessage(id="send-welcome/1/0", message="welcome", channels=("whatsapp", "sms", "email"))


def files(kind: str = "lifecycle", policies: str = "") -> dict[str, str]:
    made = definitions.files(hello=JOURNEY)
    made["messages/welcome.md"] = made["messages/welcome.md"].replace("---\n", f"---\nclass: {kind}\ntopic: tips\n", 1)
    for channel in ("sms", "whatsapp", "webhook"):
        made[f"messages/welcome.{channel}.md"] = f"Hello {{{{ customer.name }}}} by {channel}.\n"
    for channel in ("push", "inbox"):
        made[f"messages/welcome.{channel}.md"] = f"---\nsubject: A lamp\n---\nHello by **{channel}**.\n"
    made["hello.yaml"] += "  - send: welcome\n    channels: [push, inbox, webhook]\n"
    return made | ({"policies.yaml": policies} if policies else {})


class Street:
    """An instance whose welcome is due, and a provider at each end."""

    def __init__(self, workshop: Workshop, folder: Path) -> None:
        self.workshop = workshop
        self.sms, self.whatsapp, self.push, self.webhook = Twilio(), TwilioWhatsApp(), Fcm(), CompanysOwn()
        self.push.folder = folder
        self.instance_id = ""
        self.mail: Mail

    async def up(self) -> None:
        for one in (self.sms, self.whatsapp, self.push, self.webhook):
            await one.up()
        channels = {
            "sms": self.sms.channel,
            "whatsapp": self.whatsapp.channel,
            "push": self.push.channel,
            "webhook": self.webhook.channel,
            "inbox": Inbox(self.workshop.db),
        }
        self.mail = Mail(self.workshop.db, self.workshop.mailer, OFFICE, channels)

    async def open(self, kind: str = "lifecycle", policies: str = "", **known: Any) -> None:
        await self.workshop.publish(load(files(kind, policies)))
        async with self.workshop.routing(Silent()):
            self.instance_id = await self.workshop.begin("hello", customer="c-1")
        async with self.workshop.db.write() as tx:
            await tx.execute(update(customer).values(**{"phone": PHONE, **known}))

    async def attempt(self, effect: SendMessage = EFFECT) -> dict[str, Any]:
        work = Work(instance_id=self.instance_id, effect=effect).model_dump(mode="json")
        try:
            answer: dict[str, Any] = await ActivityEnvironment().run(self.mail.send, work)
        except Held as held:
            return {"outcome": "later", "value": {"reason": held.message}}
        return answer

    async def states(self) -> dict[str, str]:
        rows = await self.workshop.rows(select(message).order_by(message.c.created_at))
        return {row.channel: row.state for row in rows}

    async def close(self) -> None:
        for one in (self.sms, self.whatsapp, self.push, self.webhook):
            await one.close()


@pytest.fixture
async def street(workshop: Workshop, tmp_path: Path) -> AsyncIterator[Street]:
    made = Street(workshop, tmp_path)
    await made.up()
    yield made
    await made.close()


async def test_a_message_goes_by_the_first_channel_and_once_however_often_it_is_asked_for(street: Street) -> None:
    await street.open()
    for _ in range(3):
        answer = await street.attempt()
        assert (answer["outcome"], answer["value"]["channel"]) == ("accepted", "whatsapp")
    assert street.whatsapp.received == [(PHONE, "Hello Grete c-1 by whatsapp.")] and street.sms.received == []
    assert await street.states() == {"whatsapp": "accepted"}
    [row] = await street.workshop.rows(select(message))
    assert (row.remote_id, row.recipient, row.topic, row.name) == ("SM123", PHONE, "tips", "welcome")
    async with street.workshop.db.read() as tx:
        said = [entry["text"] for entry in await timeline.of_instance(tx, street.instance_id)]
    assert 'The message "welcome" was sent by whatsapp.' in said


async def test_what_one_channel_certainly_did_not_deliver_goes_by_the_next(street: Street, smtp: SmtpServer) -> None:
    await street.open()
    street.whatsapp.mood("no such address")
    street.sms.mood("no such address")
    answer = await street.attempt()
    assert answer["outcome"] == "accepted" and len(smtp.kept) == 1
    assert await street.states() == {"whatsapp": "refused", "sms": "refused", "email": "accepted"}
    async with street.workshop.db.write() as tx:
        for channel in ("whatsapp", "sms"):
            assert await reach.suppressed(tx, OFFICE.seal.mark(f"{channel}:{PHONE}")), "and is not tried again"


async def test_when_no_channel_delivers_the_answer_is_that_of_the_last(street: Street, smtp: SmtpServer) -> None:
    await street.open()
    street.whatsapp.mood("no such address")
    street.sms.mood("no such address")
    smtp.fault = Fault("rcpt", "5xx")
    for _ in range(2):
        assert (await street.attempt())["outcome"] == "failed"
    assert await street.states() == {"whatsapp": "refused", "sms": "refused", "email": "failed"}


async def test_a_message_in_doubt_goes_by_no_other_channel(street: Street, smtp: SmtpServer) -> None:
    await street.open()
    street.whatsapp.mood("cut off")
    for _ in range(2):
        assert (await street.attempt())["outcome"] == "unknown"
    assert await street.states() == {"whatsapp": "unknown"}
    assert len(street.whatsapp.received) == 1 and street.sms.received == [] and smtp.kept == []


async def test_a_transactional_message_in_doubt_is_sent_once_more_by_the_same_channel(street: Street) -> None:
    await street.open("transactional")
    street.whatsapp.mood("cut off")
    assert (await street.attempt())["outcome"] == "later"
    street.whatsapp.mood("well")
    async with street.workshop.db.write() as tx:
        await tx.execute(update(message).values(due_at=now()))
    assert (await street.attempt())["outcome"] == "accepted"
    assert len(street.whatsapp.received) == 2 and await street.states() == {"whatsapp": "accepted"}


async def test_a_provider_that_is_away_or_busy_holds_its_lane_and_no_other(street: Street, smtp: SmtpServer) -> None:
    await street.open()
    await street.whatsapp.down()
    assert (await street.attempt())["outcome"] == "later"
    assert (await street.attempt(EFFECT.model_copy(update={"id": "b/1/0", "channels": ("sms",)})))[
        "outcome"
    ] == "accepted"
    assert (await street.attempt(EFFECT.model_copy(update={"id": "c/1/0", "channels": ()})))["outcome"] == "accepted"
    assert len(smtp.kept) == 1, "an outage is no reason to take another channel: the message is held"
    rows = {row.channel: row for row in await street.workshop.rows(select(message))}
    assert (rows["whatsapp"].state, rows["whatsapp"].waits) == ("held", "lane")


async def test_a_busy_provider_is_asked_again_when_it_says(street: Street) -> None:
    await street.open()
    street.whatsapp.mood("busy")
    assert (await street.attempt())["outcome"] == "later"
    [row] = await street.workshop.rows(select(message))
    assert row.state == "held" and row.due_at - now() > timedelta(seconds=4)


async def test_whom_a_channel_cannot_reach_is_reached_by_another_one(street: Street, smtp: SmtpServer) -> None:
    await street.open(phone=None)
    assert (await street.attempt())["outcome"] == "accepted" and await street.states() == {"email": "accepted"}


async def test_whom_no_channel_reaches_gets_nothing_and_the_reasons_are_kept(street: Street) -> None:
    await street.open(phone="0170 1", email=None)
    answer = await street.attempt()
    assert answer["outcome"] == "suppressed"
    [row] = await street.workshop.rows(select(message))
    assert row.reason == '"0170 1" is no telephone number with its country code; the customer has no e-mail address'


async def test_the_customers_own_channel_comes_first(street: Street) -> None:
    await street.open(attributes={"preferred_channel": "sms"})
    assert (await street.attempt())["value"]["channel"] == "sms"


async def test_a_preference_that_changes_under_way_takes_no_second_channel(street: Street) -> None:
    await street.open()
    street.whatsapp.mood("busy")
    assert (await street.attempt())["outcome"] == "later"
    async with street.workshop.db.write() as tx:
        await tx.execute(update(customer).values(attributes={"preferred_channel": "sms"}))
        await tx.execute(update(message).values(due_at=now()))
    street.whatsapp.mood("well")
    assert (await street.attempt())["outcome"] == "accepted"
    assert await street.states() == {"whatsapp": "accepted"} and street.sms.received == []


@pytest.mark.parametrize("how", ["declined", "suppressed"])
async def test_a_channel_that_the_customer_declines_is_left_out_and_a_topic_ends_it_on_all(
    street: Street, how: str
) -> None:
    await street.open()
    who = (await street.workshop.rows(select(customer)))[0].customer_id
    async with street.workshop.db.write() as tx:
        if how == "declined":
            await consents.say(tx, who, "1", [Word("whatsapp", False, now(), "test")])
        else:
            await reach.suppress(tx, OFFICE.seal.mark(f"whatsapp:{PHONE}"), "said stop", "provider")
    answer = await street.attempt()
    assert (answer["outcome"], answer["value"]["channel"]) == ("accepted", "sms")
    async with street.workshop.db.write() as tx:
        await consents.say(tx, who, "2", [Word("tips", False, now(), "test")])
    answer = await street.attempt(EFFECT.model_copy(update={"id": "again/1/0"}))
    assert answer["outcome"] == "suppressed" and "does not want mail about" in answer["value"]["reason"]
    assert len(street.sms.received) == 1


async def test_caps_and_hours_count_for_every_channel(street: Street) -> None:
    await street.open(policies="caps:\n  - {at most: 1, within: 7 days}\n")
    assert (await street.attempt())["outcome"] == "accepted"
    again = await street.attempt(EFFECT.model_copy(update={"id": "again/1/0", "channels": ("sms",)}))
    assert again["outcome"] == "later" and "at most 1 within 7 days" in again["value"]["reason"]


async def test_a_channel_without_a_provider_is_left_out_and_alone_it_waits_for_one(street: Street) -> None:
    await street.open()
    street.mail = Mail(street.workshop.db, street.workshop.mailer, OFFICE, {"sms": street.sms.channel})
    assert (await street.attempt())["value"]["channel"] == "sms"
    alone = EFFECT.model_copy(update={"id": "alone/1/0", "channels": ("whatsapp",)})
    held = await street.attempt(alone)
    assert (held["outcome"], held["value"]["reason"]) == ("later", "no provider is set up for whatsapp")
    street.mail = Mail(street.workshop.db, street.workshop.mailer, OFFICE, {"whatsapp": street.whatsapp.channel})
    async with street.workshop.db.write() as tx:
        await tx.execute(update(message).where(message.c.state == "held").values(due_at=now()))
    assert (await street.attempt(alone))["outcome"] == "accepted"


async def test_push_inbox_and_webhook_take_their_texts(street: Street) -> None:
    await street.open(attributes={"push_token": "device-1"})
    for number, channel in enumerate(("push", "inbox", "webhook")):
        one = SendMessage(id=f"{number}/1/0", message="welcome", channels=(channel,))
        assert (await street.attempt(one))["outcome"] == "accepted", channel
    assert street.push.received == [("device-1", "Hello by push.")]
    assert street.webhook.received == [("c-1", "Hello Grete c-1 by webhook.")]
    [shown] = await street.workshop.rows(select(site_message))
    assert (shown.title, shown.text) == ("A lamp", "Hello by inbox.")
    assert shown.html == "<p>Hello by <strong>inbox</strong>.</p>\n"


async def test_where_repetitions_are_recognised_a_lost_answer_is_no_doubt(street: Street) -> None:
    await street.open()
    one = SendMessage(id="0/1/0", message="welcome", channels=("webhook",))
    street.webhook.understood = lambda posted: (posted.headers["webhook-id"], "")  # type: ignore[method-assign]
    street.webhook.mood("cut off")
    assert (await street.attempt(one))["outcome"] == "later"
    street.webhook.mood("well")
    async with street.workshop.db.write() as tx:
        await tx.execute(update(message).values(due_at=now()))
    assert (await street.attempt(one))["outcome"] == "accepted"
    key = ledger.send_key(street.instance_id, "0/1/0", "webhook")
    assert street.webhook.received == [(key, "")] * 2, "the same id: the receiver has it once"


async def test_an_attempt_that_died_at_the_barrier_is_a_doubt_only_where_repetitions_are_not_recognised(
    street: Street,
) -> None:
    await street.open()
    for number, (channel, outcome) in enumerate((("sms", "unknown"), ("inbox", "accepted"))):
        one = SendMessage(id=f"{number}/1/0", message="welcome", channels=(channel,))
        await street.attempt(one)
        dead = {"state": "at_dot", "lease_until": now(), "decided_at": None}
        async with street.workshop.db.write() as tx:
            key = ledger.send_key(street.instance_id, one.id, channel)
            await tx.execute(update(message).where(message.c.send_key == key).values(**dead))
        assert (await street.attempt(one))["outcome"] == outcome, channel
    assert len(street.sms.received) == 1 and len(await street.workshop.rows(select(site_message))) == 1


async def test_two_attempts_at_once_take_one_channel(street: Street, smtp: SmtpServer) -> None:
    await street.open()
    outcomes = await asyncio.gather(*(street.attempt() for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, dict) and one["outcome"] == "accepted" for one in outcomes) >= 1
    assert len(street.whatsapp.received) + len(street.sms.received) + len(smtp.kept) == 1


async def test_a_journey_goes_on_when_its_message_has_gone_by_its_channel(street: Street, client: Client) -> None:
    await street.workshop.publish(load(files()))
    workshop = street.workshop
    workshop.mail = street.mail
    async with workshop.routing(workshop.engine(client)), workshop.working(client):
        instance_id = await workshop.begin("hello", customer="c-2")
        assert await workshop.ended(instance_id) == "completed"
    assert set((await street.states()).values()) == {"accepted"}
