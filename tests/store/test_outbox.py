"""What is due again, what a person and a report may say; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from journey.channels import EMAIL
from journey.ledger import PERSON
from store import ledger, outbox
from store.clock import now
from store.database import Database
from store.lanes import WAITS
from store.ledger import Row
from store.tables import instance, message
from tests.store.makers import begun, rows, the_row

AGO = timedelta(minutes=-1)
LATER = timedelta(minutes=1)


async def a_message(db: Database, effect: str, due: timedelta | None = AGO, **values: Any) -> Row:
    """One of Grete's messages, put where a test begins."""
    there = await rows(db, "instance")
    instance_id = there[0]["instance_id"] if there else await begun(db)
    values = {"state": "held", "due_at": now() + due if due else None, **values}
    async with db.write() as tx:
        row = await ledger.intend(tx, instance_id, effect, effect, "")
        await tx.execute(update(message).where(message.c.send_key == row.send_key).values(**values))
        return await ledger.find(tx, row.send_key)


async def taken(db: Database, limit: int = 10) -> list[str]:
    async with db.write() as tx:
        return [one.send_key for one in await outbox.take_due(tx, EMAIL, limit, LATER)]


async def test_service_mail_is_due_before_staff_mail_and_that_before_lifecycle_mail_the_oldest_first(
    db: Database,
) -> None:
    tips = await a_message(db, "tips", kind="lifecycle")
    old = await a_message(db, "old", kind="lifecycle", created_at=now() - timedelta(hours=1))
    staff = await a_message(db, "staff", kind="staff")
    receipt = await a_message(db, "receipt", kind="transactional")
    recall = await a_message(db, "recall", kind="legal")
    for other in ({"due": LATER}, {"due": None}):
        await a_message(db, f"not {other['due']}", **other)

    found = await taken(db)
    assert found == [one.send_key for one in (receipt, recall, staff, old, tips)]


async def test_what_was_knocked_at_is_left_alone_for_a_while_and_then_due_again(db: Database) -> None:
    first, second = await a_message(db, "a"), await a_message(db, "b")
    assert await taken(db, 1) == [first.send_key]
    assert await taken(db) == [second.send_key]
    async with db.read() as tx:
        assert await outbox.lanes_with_due(tx) == []
    async with db.write() as tx:
        await tx.execute(update(message).values(due_at=now() + AGO))
        assert await outbox.lanes_with_due(tx) == [EMAIL]
    assert await taken(db) == [first.send_key, second.send_key]


async def test_what_waits_for_a_person_goes_by_a_persons_word_alone(db: Database) -> None:
    row = await a_message(db, "recall", due=None, waits=PERSON, kind="legal")
    async with db.write() as tx:
        with pytest.raises(RuntimeError, match="not free"):
            await ledger.claim(tx, row)
        assert await outbox.release(tx, row.send_key, "Emmy")
        assert not await outbox.release(tx, row.send_key, "Emmy"), "once is enough"

    kept = await the_row(db, "message")
    assert (kept["state"], kept["waits"], kept["released_by"]) == ("held", None, "Emmy")
    assert await taken(db) == [row.send_key]
    async with db.write() as tx:
        assert await ledger.claim(tx, await ledger.find(tx, row.send_key)) == 1


async def test_a_person_may_say_that_it_is_not_to_go_or_that_it_did_arrive_if_that_can_be(db: Database) -> None:
    never = await a_message(db, "never", due=None, waits=PERSON)
    doubtful = await a_message(db, "doubtful", due=None, waits=PERSON, doubts=2)
    async with db.write() as tx:
        assert not await outbox.arrived(tx, never.send_key, "it arrived"), "it was never handed over"
        assert await outbox.drop(tx, never.send_key, "Emmy says no")
        assert await outbox.arrived(tx, doubtful.send_key, "Emmy has asked")
        assert not await outbox.drop(tx, doubtful.send_key, "too late")

    kept = {
        row["name"]: (row["state"], row["reason"], row["decided_at"] is not None) for row in await rows(db, "message")
    }
    assert kept == {
        "never": ("suppressed", "Emmy says no", True),
        "doubtful": ("accepted", "Emmy has asked", True),
    }
    assert await taken(db) == [never.send_key, doubtful.send_key], "and their journeys are told"


async def test_a_report_about_a_message_that_is_not_in_doubt_changes_nothing(db: Database) -> None:
    row = await a_message(db, "a", due=None, state="accepted", message_id="<a@example.org>")
    async with db.write() as tx:
        assert await outbox.learn(tx, "<a@example.org>", "refused", "late") is None
        assert await outbox.learn(tx, "<b@example.org>", "accepted", None) is None
    assert (await the_row(db, "message"))["state"] == "accepted" and row.message_id


async def test_a_report_decides_a_message_in_doubt_and_whoever_waits_for_it_is_knocked_at(db: Database) -> None:
    row = await a_message(db, "a", due=LATER, state="unknown", waits="again", doubts=1, message_id="<a@example.org>")
    async with db.write() as tx:
        assert await outbox.learn(tx, "<a@example.org>", "accepted", None) == row.send_key
    kept = await the_row(db, "message")
    assert (kept["state"], kept["waits"], kept["decided_at"] is not None) == ("accepted", None, True)
    assert await taken(db) == [row.send_key]


async def test_each_lane_has_its_own_queue_and_whose_turn_it_is_queues_no_more(db: Database) -> None:
    mail, text = await a_message(db, "a", waits=WAITS), await a_message(db, "b", channel="sms", waits=WAITS)
    async with db.read() as tx:
        assert await outbox.lanes_with_due(tx) == [EMAIL, "sms"]
        assert await outbox.held_for_lane(tx, EMAIL) and await outbox.held_for_lane(tx, "sms")
    assert await taken(db) == [mail.send_key]
    async with db.read() as tx:
        assert not await outbox.held_for_lane(tx, EMAIL) and await outbox.held_for_lane(tx, "sms")
        assert (await ledger.find(tx, text.send_key)).waits == WAITS


async def test_while_a_lane_is_closed_only_decided_messages_are_told_of(db: Database) -> None:
    await a_message(db, "waits")
    known = await a_message(db, "known", state="accepted")
    await a_message(db, "doubt", state="unknown", waits="again")
    async with db.write() as tx:
        assert [one.send_key for one in await outbox.take_due(tx, EMAIL, 9, LATER, decided=True)] == [known.send_key]


async def test_a_message_of_a_paused_journey_is_due_when_it_is_resumed(db: Database) -> None:
    row = await a_message(db, "a", waits=ledger.PAUSED)
    async with db.write() as tx:
        await tx.execute(update(instance).values(paused_at=now()))
    assert await taken(db) == []
    async with db.write() as tx:
        await tx.execute(update(instance).values(paused_at=None))
    assert await taken(db) == [row.send_key]


async def test_a_persons_word_has_a_name_and_stands_on_the_timeline(db: Database) -> None:
    row = await a_message(db, "recall", due=None, waits=PERSON)
    async with db.write() as tx:
        assert await outbox.named(tx, row.send_key[:12]) == [row.send_key]
        assert await outbox.named(tx, "no%") == [] == await outbox.named(tx, "zzzz")
        assert [one["send_key"] for one in await outbox.held(tx)] == [row.send_key]
        assert await outbox.decide(tx, row.send_key, "send", "Emmy")
        assert not await outbox.decide(tx, row.send_key, "send", "Emmy")
    [line] = await rows(db, "timeline")
    assert line["text"] == 'Emmy says that the message "recall" may go.'


DEAD = {"lease_until": now() - timedelta(hours=1)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"state": "claimed", **DEAD}, "suppressed"),
        ({"state": "at_dot", "kind": "transactional", **DEAD}, "unknown"),
        ({"state": "held"}, "suppressed"),
        ({"state": "unknown", "waits": "again", "doubts": 1}, "unknown"),
    ],
)
async def test_what_a_dead_worker_left_is_settled_when_its_journey_has_gone_on(
    db: Database, before: dict[str, Any], after: str
) -> None:
    await a_message(db, "left", epoch=1, **before)
    async with db.write() as tx:
        await tx.execute(update(instance).values(acked_seq=1, snapshot={"asked": {"id": "left"}}))
        assert await outbox.settle_what_nobody_asks_for(tx) == 0, "its journey still waits for it"
        await tx.execute(update(instance).values(snapshot={"turns": 3}))
        assert await outbox.settle_what_nobody_asks_for(tx) == 1
        assert await outbox.settle_what_nobody_asks_for(tx) == 0
    kept = await the_row(db, "message")
    assert (kept["state"], kept["waits"], kept["due_at"], kept["decided_at"] is not None) == (after, None, None, True)


async def test_what_is_still_on_the_wire_is_left_alone(db: Database) -> None:
    await a_message(db, "wire", due=None, state="at_dot", epoch=1, lease_until=now() + LATER)
    async with db.write() as tx:
        await tx.execute(update(instance).values(state="ended"))
        assert await outbox.settle_what_nobody_asks_for(tx) == 0


@pytest.mark.parametrize("waits", [PERSON, "hours", "cap", "journey"])
async def test_a_person_may_hurry_what_waits_for_its_hour_or_its_turn_once(db: Database, waits: str) -> None:
    row = await a_message(db, "tips", due=LATER, waits=waits)
    async with db.write() as tx:
        assert await outbox.decide(tx, row.send_key, "now", "Emmy")
        assert not await outbox.decide(tx, row.send_key, "now", "Emmy")
        assert await outbox.stands(tx, row.send_key) == "it waits (released by Emmy)"
    kept = await the_row(db, "message")
    assert (kept["waits"], kept["hurried"], kept["released_by"]) == (None, True, "Emmy")
    assert await taken(db) == [row.send_key]


@pytest.mark.parametrize("waits", [WAITS, "rate", "customer", "text", "paused"])
async def test_nobody_can_hurry_a_provider_a_customer_or_a_text(db: Database, waits: str) -> None:
    row = await a_message(db, "tips", due=LATER, waits=waits, reason="the mail server is away")
    async with db.write() as tx:
        assert not await outbox.decide(tx, row.send_key, "now", "Emmy")
        assert await outbox.stands(tx, row.send_key) == "it waits (the mail server is away)"


async def test_what_waits_for_anything_may_be_dropped_and_a_doubt_stays_a_doubt(db: Database) -> None:
    held = await a_message(db, "held", due=LATER, waits=WAITS)
    doubtful = await a_message(db, "doubtful", due=LATER, state="unknown", waits="again", doubts=1)
    gone = await a_message(db, "gone", due=None, state="accepted")
    async with db.write() as tx:
        assert await outbox.decide(tx, held.send_key, "drop", "Emmy")
        assert await outbox.decide(tx, doubtful.send_key, "drop", "Emmy")
        assert not await outbox.decide(tx, gone.send_key, "drop", "Emmy")
        assert await outbox.stands(tx, gone.send_key) == "it was sent"
    kept = {row["name"]: (row["state"], row["waits"]) for row in await rows(db, "message")}
    assert kept == {"held": ("suppressed", None), "doubtful": ("unknown", None), "gone": ("accepted", None)}
    assert set(await taken(db)) == {held.send_key, doubtful.send_key}, "and their journeys are told"


async def test_when_a_cool_down_is_over_the_message_may_be_sent_once_more_though_it_was_knocked_at(
    db: Database,
) -> None:
    await a_message(db, "receipt", state="unknown", waits="again", doubts=1, kind="transactional")
    [key] = await taken(db)
    async with db.write() as tx:
        row = await ledger.find(tx, key)
        assert (row.waits, row.due_at is not None and row.due_at > now()) == ("over", True)
        assert await ledger.claim(tx, row) == 1
