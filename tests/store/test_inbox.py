"""Accepted events: kept once for ever, each with a receipt, and what their routing came to."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store import inbox
from store.clock import now
from store.database import Database
from store.inbox import MAX_ATTEMPTS
from tests.store.makers import GRETE, accept, new_event, resolve, rows, the_row

SEVERAL = 200


async def waiting(db: Database, limit: int = 50) -> list[str]:
    async with db.read() as tx:
        return [row["event_id"] for row in await inbox.waiting(tx, limit)]


async def receipt(db: Database, receipt_id: str) -> dict[str, Any] | None:
    async with db.read() as tx:
        return await inbox.receipt(tx, receipt_id)


async def settle(db: Database, event_pk: int, state: str, result: dict[str, Any], customer: str | None = None) -> None:
    async with db.write() as tx:
        await inbox.settle(tx, event_pk, state, result, customer)


async def fail(db: Database, event_pk: int, reason: str = "it broke") -> str:
    async with db.write() as tx:
        return await inbox.failed(tx, event_pk, reason)


async def test_a_new_event_is_kept_whole(db: Database) -> None:
    happened = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    event = new_event(occurred_at=happened, note="Größe 日本")
    [kept] = await accept(db, event)

    row = await the_row(db, "inbox")
    assert kept.state == "accepted" and kept.receipt == row["receipt"]
    said = {name: value for name, value in vars(event).items() if name != "reason"}
    assert {name: row[name] for name in said} == said
    assert (row["state"], row["attempts"], row["result"], row["customer_id"]) == ("new", 0, None, None)
    assert now() - row["accepted_at"] < timedelta(minutes=1)


async def test_the_same_event_again_gets_the_same_receipt_and_is_kept_once(db: Database) -> None:
    [first] = await accept(db, new_event())
    [again] = await accept(db, new_event())

    assert (again.receipt, again.state) == (first.receipt, "duplicate")
    assert len(await rows(db, "inbox")) == 1


async def test_the_same_id_with_another_body_is_a_conflict_and_changes_nothing(db: Database) -> None:
    [first] = await accept(db, new_event(amount="49.00"))
    [other] = await accept(db, new_event(amount="1.00"))

    assert (other.receipt, other.state) == (first.receipt, "conflict")
    assert (await the_row(db, "inbox"))["data"]["amount"] == "49.00"


async def test_the_same_id_from_another_source_is_another_event(db: Database) -> None:
    kept = await accept(db, new_event(source="shop"), new_event(source="app"))

    assert [one.state for one in kept] == ["accepted", "accepted"]


async def test_ids_are_compared_letter_by_letter(db: Database) -> None:
    ids = ["e", "E", "e ", " e", "\u00e9", "e\u0301"]
    kept = await accept(db, *(new_event(one) for one in ids))

    assert [one.state for one in kept] == ["accepted"] * len(ids)


async def test_of_one_batch_the_first_of_an_id_is_kept_and_the_others_are_told(db: Database) -> None:
    kept = await accept(db, new_event("a", n=1), new_event("b"), new_event("a", n=1), new_event("a", n=2))

    assert [(one.event_id, one.state) for one in kept] == [
        ("a", "accepted"), ("b", "accepted"), ("a", "duplicate"), ("a", "conflict"),
    ]  # fmt: skip
    assert len({one.receipt for one in kept}) == 2


async def test_a_batch_of_known_and_new_events_gets_its_receipts_in_order(db: Database) -> None:
    before = {one.event_id: one.receipt for one in await accept(db, new_event("b"), new_event("d"))}
    kept = await accept(db, *(new_event(one) for one in "abcd"))

    assert [one.event_id for one in kept] == list("abcd")
    assert [one.state for one in kept] == ["accepted", "duplicate", "accepted", "duplicate"]
    assert {one.event_id: one.receipt for one in kept if one.state == "duplicate"} == before


async def test_no_events_get_no_receipts(db: Database) -> None:
    assert await accept(db) == []


async def test_a_large_batch_is_kept_in_its_order(db: Database) -> None:
    ids = [f"e-{number}" for number in range(1_500)]
    random.Random(7).shuffle(ids)
    await accept(db, *(new_event(one) for one in ids))

    assert await waiting(db, 2_000) == ids


async def test_of_many_writers_with_the_same_events_each_event_is_kept_once(db: Database) -> None:
    dice = random.Random(11)
    numbers = [sorted(dice.sample(range(50), 5)) for _ in range(SEVERAL)]
    answers = await asyncio.gather(*(accept(db, *(new_event(f"e-{one}") for one in some)) for some in numbers))

    kept = [one for receipts in answers for one in receipts]
    assert sorted(one.event_id for one in kept if one.state == "accepted") == sorted({one.event_id for one in kept})
    assert {one.state for one in kept} == {"accepted", "duplicate"}
    assert {one.event_id: one.receipt for one in kept} == {
        row["event_id"]: row["receipt"] for row in await rows(db, "inbox")
    }
    assert len({(one.event_id, one.receipt) for one in kept}) == len(await rows(db, "inbox"))


async def test_a_receipt_says_what_the_event_came_to(db: Database) -> None:
    [kept] = await accept(db, new_event())
    event_pk = (await the_row(db, "inbox"))["event_pk"]
    before = await receipt(db, kept.receipt)
    await settle(db, event_pk, "routed", {"started": ["i-1"]}, None)
    after = await receipt(db, kept.receipt)

    assert before is not None and after is not None
    assert (before["id"], before["type"], before["state"], before["result"]) == ("e-1", "purchase.completed", "new", {})
    assert (after["state"], after["result"]) == ("routed", {"started": ["i-1"]})
    assert "data" not in after and "envelope" not in after


async def test_an_unknown_receipt_is_nothing(db: Database) -> None:
    assert await receipt(db, "nobody") is None


async def test_only_new_events_wait_in_the_order_of_acceptance(db: Database) -> None:
    await accept(db, *(new_event(one) for one in "cab"))
    event_pk = (await the_row(db, "inbox", event_id="a"))["event_pk"]
    await settle(db, event_pk, "unmatched", {})

    assert await waiting(db) == ["c", "b"]
    assert await waiting(db, 1) == ["c"]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_an_event_committed_late_is_not_passed_over(db: Database) -> None:
    """Numbers are given out before the commit: the lower one may appear after the higher one was routed."""
    async with db.write() as slow:
        await inbox.accept(slow, [new_event("slow")])
        await accept(db, new_event("fast"))
        assert await waiting(db) == ["fast"]
        await settle(db, (await the_row(db, "inbox"))["event_pk"], "routed", {})

    assert await waiting(db) == ["slow"]


async def test_a_failed_event_waits_longer_each_time_and_is_then_quarantined_with_the_reason(db: Database) -> None:
    await accept(db, new_event())
    pauses = []
    for _ in range(MAX_ATTEMPTS - 1):
        assert await fail(db, (await the_row(db, "inbox"))["event_pk"]) == "new"
        row = await the_row(db, "inbox")
        pauses.append(round((row["next_try_at"] - now()).total_seconds()))
        assert await waiting(db) == []

    assert await fail(db, (await the_row(db, "inbox"))["event_pk"], "it broke for good") == "quarantined"
    row = await the_row(db, "inbox")
    assert pauses == sorted(pauses) and pauses[0] == 2 and pauses[-1] == 2 ** (MAX_ATTEMPTS - 1)
    assert (row["state"], row["attempts"], row["result"]) == (
        "quarantined", MAX_ATTEMPTS, {"reason": "it broke for good"},
    )  # fmt: skip


async def test_a_failed_event_is_tried_again_when_its_pause_is_over(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accept(db, new_event())
    await fail(db, (await the_row(db, "inbox"))["event_pk"])
    monkeypatch.setattr(inbox, "now", lambda: now() + timedelta(seconds=3))

    assert await waiting(db) == ["e-1"]


async def test_a_failure_told_late_does_not_take_back_what_another_router_did(db: Database) -> None:
    await accept(db, new_event())
    event_pk = (await the_row(db, "inbox"))["event_pk"]
    await settle(db, event_pk, "routed", {"started": ["i-1"]})

    assert await fail(db, event_pk) == "routed"
    row = await the_row(db, "inbox")
    assert (row["state"], row["result"], row["attempts"]) == ("routed", {"started": ["i-1"]}, 0)


@pytest.mark.parametrize("reason", ["a NUL \0 in it", "half a pair \ud800", "x" * 5_000])
async def test_whatever_the_reason_says_it_is_kept(db: Database, reason: str) -> None:
    await accept(db, new_event())
    await fail(db, (await the_row(db, "inbox"))["event_pk"], reason)

    assert (await the_row(db, "inbox"))["result"]["reason"][:5] == reason[:5]


async def test_events_are_counted_and_listed_with_their_customer(db: Database) -> None:
    await accept(db, *(new_event(one) for one in "abc"))
    person = await resolve(db, **GRETE)
    keys = [row["event_pk"] for row in await rows(db, "inbox")]
    await settle(db, keys[1], "routed", {}, person["customer_id"])

    async with db.read() as tx:
        counted = await inbox.counts(tx)
        everything = await inbox.recent(tx, None, 10)
        routed = await inbox.recent(tx, "routed", 10)
        older = await inbox.recent(tx, None, 10, before=keys[2])
    assert counted == {"new": 2, "routed": 1}
    assert [row["event_id"] for row in everything] == ["c", "b", "a"]
    assert [(row["event_id"], row["name"]) for row in routed] == [("b", "Grete Hermann")]
    assert [row["event_id"] for row in older] == ["b", "a"]
