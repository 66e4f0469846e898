"""What every channel keeps to, whoever is at its other end; and what only some of them have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from activities.channels.base import Outcome
from activities.channels.inbox import Inbox
from activities.channels.sms import Sms
from activities.channels.webhook import Webhook
from activities.public import Inside
from journey.channels import CHANNELS
from store import ledger, site_messages
from store.database import Database
from tests.contracts.counterparts import BODY, COUNTERPARTS, SECRET, TEXT, Counterpart, Fcm, Twilio
from tests.store.makers import begun, the_row
from tests.system.listener import Listener


class Gate:
    """A barrier that tells how much the other side had when it was asked."""

    def __init__(self, there: Counterpart | None = None, *, opens: bool = True) -> None:
        self.there = there
        self.opens = opens
        self.asked: list[int] = []

    async def __call__(self) -> bool:
        self.asked.append(len(self.there.received) if self.there else 0)
        return self.opens


@pytest.fixture(params=list(COUNTERPARTS))
async def there(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    made = COUNTERPARTS[request.param]()
    if isinstance(made, Fcm):
        made.folder = tmp_path
    await made.up()
    yield made
    await made.close()


async def sent(there: Counterpart, gate: Gate | None = None) -> Outcome:
    return await there.channel.transmit(there.parcel("key-1"), gate or Gate(there))


def test_every_channel_keeps_the_contract() -> None:
    assert {*COUNTERPARTS, "inbox"} == set(CHANNELS)


async def test_a_message_arrives_whole_after_the_barrier_was_asked_once(there: Any) -> None:
    gate = Gate(there)
    outcome = await sent(there, gate)
    assert (outcome.state, outcome.fault) == ("accepted", None)
    assert gate.asked == [0] and [text for _, text in there.received] == [TEXT]
    assert there.received[0][0] == there.parcel("x").recipient


async def test_nothing_arrives_when_the_barrier_says_no(there: Any) -> None:
    outcome = await sent(there, Gate(there, opens=False))
    assert outcome.state == "stopped" and there.received == []
    assert (await sent(there)).state == "accepted" and len(there.received) == 1


async def test_a_provider_that_is_away_is_asked_again_and_the_barrier_is_not_touched(there: Any) -> None:
    await there.down()
    gate = Gate(there)
    outcome = await sent(there, gate)
    assert (outcome.state, outcome.fault, gate.asked) == ("later", "unreachable", [])
    await there.up()
    assert (await sent(there)).state == "accepted"


async def test_a_lost_answer_after_the_barrier_is_a_doubt(there: Any) -> None:
    there.mood("cut off")
    gate = Gate(there)
    assert (await sent(there, gate)).state == "unknown"
    assert len(there.received) == 1 and gate.asked == [0]


async def test_a_busy_provider_is_asked_later_as_it_says(there: Any) -> None:
    there.mood("busy")
    outcome = await sent(there)
    assert outcome.state == "later" and there.received == []
    assert outcome.again_after in (None, timedelta(seconds=7))
    assert (outcome.again_after is None) == (there.__class__.__name__ == "MailServer")
    there.mood("well")
    assert (await sent(there)).state == "accepted"


async def test_an_address_without_anybody_is_a_refusal_for_good(there: Any) -> None:
    there.mood("no such address")
    outcome = await sent(there)
    assert outcome.state in ("failed", "refused") and outcome.fault is None and there.received == []
    assert outcome.nobody_there == (there.__class__.__name__ != "CompanysOwn"), "a receiver speaks of no address"


async def test_a_fault_of_ours_fails_no_message_and_stops_the_lane(there: Any) -> None:
    there.mood("ours")
    outcome = await sent(there)
    assert (outcome.state, outcome.fault) == ("later", "ours") and there.received == []


async def test_every_try_has_the_same_key(there: Any) -> None:
    there.mood("busy")
    await sent(there)
    there.mood("well")
    await sent(there)
    assert set(getattr(there, "keys", ["key-1"])) == {"key-1"}


@pytest.mark.parametrize(
    ("status", "code", "state", "fault"),
    [
        (400, 21610, "refused", None),  # "stop" was said
        (400, 63016, "refused", None),  # WhatsApp wants a template
        (400, 21606, "later", "ours"),  # our number cannot send
        (402, 0, "later", "ours"),
        (404, 20404, "later", "ours"),
        (500, 20500, "later", "broke off"),
        (503, 0, "later", "broke off"),
        (302, 0, "later", "ours"),
        (201, 30003, "later", None),  # its status is failed, but the handset may be on later
        (200, 0, "refused", None),
    ],
)
async def test_what_a_provider_of_short_messages_answers_is_read_as_it_is_meant(
    status: int, code: int, state: str, fault: str | None
) -> None:
    there = Twilio()
    said = {"code": code, "status": "failed" if status < 300 else status}
    there.listener.answer = lambda posted: web.json_response(said, status=status, headers={"Location": "/elsewhere"})
    await there.up()
    try:
        outcome = await sent(there)
        assert (outcome.state, outcome.fault, outcome.code) == (state, fault, status)
        assert outcome.nobody_there == (code == 21610) and len(there.listener.kept) == 1
    finally:
        await there.close()


async def test_what_the_provider_calls_a_message_is_kept(tmp_path: Path) -> None:
    there = Twilio()
    await there.up()
    assert (await sent(there)).remote_id == "SM123"
    await there.close()


async def test_an_answer_that_never_comes_is_a_doubt_when_the_patience_is_over() -> None:
    there = Twilio()
    there.listener.gate = asyncio.Event()
    await there.up()
    there.channel = Sms(there.account, timedelta(seconds=0.3))
    try:
        assert (await sent(there)).state == "unknown"
        there.listener.gate.set()
    finally:
        await there.close()


async def test_an_answer_without_an_end_is_read_no_further_than_anybody_needs() -> None:
    there = Twilio()
    there.listener.answer = lambda posted: web.Response(status=201, body=b'{"sid": "' + b"x" * 3_000_000)
    await there.up()
    assert (await sent(there)).state == "accepted"
    await there.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_webhook_goes_to_nobody_inside_who_is_not_named(host: str) -> None:
    async with Listener() as inside:
        gate = Gate()
        channel = Webhook(f"http://{host}:{inside.port}/", [SECRET], Inside())
        outcome = await channel.transmit(Twilio().parcel("key-1"), gate)
        assert (outcome.state, outcome.fault) == ("later", "ours") and "WAYFARE_CALL_HOSTS" in outcome.reason
        assert inside.kept == [] and gate.asked == []


async def test_a_webhook_follows_no_name_that_leads_inside() -> None:
    channel = Webhook("http://localhost/", [SECRET], Inside())
    outcome = await channel.transmit(Twilio().parcel("key-1"), Gate())
    assert (outcome.state, outcome.fault) == ("later", "ours")
    assert "is not an address of the public internet" in outcome.reason


async def test_the_inbox_takes_a_message_once_and_after_the_barrier(db: Database) -> None:
    instance_id = await begun(db)
    async with db.write() as tx:
        row = await ledger.intend(tx, instance_id, "send/1/0", "welcome", "", "inbox")
    parcel = Twilio().parcel(row.send_key)
    channel = Inbox(db)
    assert (await channel.transmit(parcel, Gate(opens=False))).state == "stopped"
    owner = (await the_row(db, "customer"))["customer_id"]
    async with db.write() as tx:
        assert await site_messages.of_customer(tx, owner, 10) == []
    for _ in range(2):
        assert (await channel.transmit(parcel, Gate())).state == "accepted"
    async with db.write() as tx:
        [kept] = await site_messages.of_customer(tx, owner, 10)
        assert (kept["title"], kept["text"], kept["html"]) == ("A lamp", TEXT, f"<p>{TEXT}</p>")
        assert await site_messages.unread(tx, owner) == 1
        assert not await site_messages.read(tx, "somebody else", row.send_key)
        assert await site_messages.read(tx, owner, row.send_key)
        assert await site_messages.unread(tx, owner) == 0
    assert BODY
