"""The intake alone: one writer, one commit for whoever waits, and an answer only after it."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers

from gateway import envelopes, intake
from gateway.intake import Intake
from gateway.refusals import StoreAway, TooFast
from store import inbox
from store.inbox import NewEvent, Receipt
from tests.gateway.fakes import UnsteadyDatabase, body, ids_in, new_database

Story = Callable[[Intake, UnsteadyDatabase], Awaitable[None]]


def event(event_id: str) -> NewEvent:
    """A good event."""
    return envelopes.read("plain", Headers(), body(event_id), "shop")


def play(folder: Path, story: Story, on_accepted: Callable[[], None] = lambda: None, **settings: float) -> None:
    """Let `story` happen with an open intake on an empty store."""

    async def whole() -> None:
        db = new_database(folder)
        try:
            async with Intake(db, on_accepted, **settings) as opened:
                await story(opened, db)
        finally:
            await db.close()  # or a failing test would make the next one fail, too

    asyncio.run(whole())


def test_whoever_waits_shares_one_commit(tmp_path: Path) -> None:
    """200 events that arrive together cost one transaction, and keep their order."""

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        names = [f"e-{n}" for n in range(200)]
        receipts = await asyncio.gather(*(door.accept(event(name)) for name in names))
        assert [receipt.event_id for receipt in receipts] == names
        assert await ids_in(db) == names
        assert db.transactions == 1

    play(tmp_path, story)


def test_a_lone_event_waits_for_nobody(tmp_path: Path) -> None:
    """One after the other: one commit each."""

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        for name in ("e-1", "e-2"):
            assert (await door.accept(event(name))).state == "accepted"
        assert db.transactions == 2

    play(tmp_path, story)


def test_one_id_twice_in_one_commit_is_accepted_once(tmp_path: Path) -> None:
    """A sender that repeats itself in the same moment gets one receipt twice."""

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        first, second = await asyncio.gather(door.accept(event("e-1")), door.accept(event("e-1")))
        assert [first.state, second.state] == ["accepted", "duplicate"]
        assert first.receipt == second.receipt

    play(tmp_path, story)


def test_the_doorbell_rings_after_the_commit_and_its_failure_harms_nobody(tmp_path: Path) -> None:
    """The router is called when there is something to find; a broken bell is its own matter."""
    rung = []

    def ring() -> None:
        rung.append(1)
        raise RuntimeError("no router")

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        for _ in range(2):
            await door.accept(event("e-1"))
        assert len(rung) == 1

    play(tmp_path, story, ring)


def test_one_event_that_the_store_cannot_take_does_not_refuse_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch fails, each is tried alone, and only the bad one is refused."""
    real = inbox.accept

    async def picky(tx: Any, events: list[NewEvent]) -> list[Receipt]:
        if any(one.event_id == "e-3" for one in events):
            raise sqlite3.DataError("too strange")
        return await real(tx, events)

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        monkeypatch.setattr(inbox, "accept", picky)
        answers = await asyncio.gather(*(door.accept(event(f"e-{n}")) for n in range(6)), return_exceptions=True)
        assert [type(answer) for answer in answers] == [Receipt] * 3 + [StoreAway] + [Receipt] * 2

    play(tmp_path, story)


def test_a_store_that_is_away_is_not_asked_once_for_each_event(tmp_path: Path) -> None:
    """Together once, alone twice, and then the rest is refused untried."""

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        db.fault = sqlite3.OperationalError("database is locked")
        answers = await asyncio.gather(*(door.accept(event(f"e-{n}")) for n in range(100)), return_exceptions=True)
        assert {type(answer) for answer in answers} == {StoreAway}
        assert db.transactions == 3

    play(tmp_path, story)


def test_a_commit_of_many_whose_answer_was_lost_is_noticed(tmp_path: Path) -> None:
    """Trying each alone finds it stored: everybody gets a receipt after all."""

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        db.answers_to_lose = 1
        receipts = await asyncio.gather(*(door.accept(event(f"e-{n}")) for n in range(5)))
        assert {receipt.state for receipt in receipts} == {"duplicate"}
        assert len(await ids_in(db)) == 5
        assert db.transactions == 6

    play(tmp_path, story)


def test_a_hanging_store_is_given_up_and_those_who_left_are_not_stored(tmp_path: Path) -> None:
    """Refused in time; the hanging transaction ends; who gave up while waiting is skipped; then all is well again."""

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        db.hang = True
        under_way = asyncio.create_task(door.accept(event("e-1")))
        await asyncio.sleep(0.01)
        answers = await asyncio.gather(under_way, door.accept(event("e-2")), return_exceptions=True)
        assert [type(answer) for answer in answers] == [StoreAway, StoreAway]
        db.hang = False
        await asyncio.sleep(0.2)
        assert (await door.accept(event("e-3"))).state == "accepted"
        assert await ids_in(db) == ["e-3"]

    play(tmp_path, story, patience=0.1, longest_commit=0.2)


def test_no_more_events_wait_than_memory_allows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limits an event is refused at once, by number and by size."""

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        db.hang = True
        waiting = [asyncio.create_task(door.accept(event(f"e-{n}"))) for n in range(3)]
        await asyncio.sleep(0.01)
        waiting += [asyncio.create_task(door.accept(event(f"e-{n}"))) for n in range(3, 6)]
        await asyncio.sleep(0.01)
        for limit in ("MOST_WAITING", "MOST_WAITING_CHARACTERS"):
            with monkeypatch.context() as smaller:
                smaller.setattr(intake, limit, 3)
                async with asyncio.timeout(0.1):
                    with pytest.raises(StoreAway):
                        await door.accept(event("e-9"))
        await asyncio.gather(*waiting, return_exceptions=True)

    play(tmp_path, story, patience=0.3, longest_commit=0.3)


def test_a_source_that_sends_a_flood_waits_behind_itself_and_not_before_others(tmp_path: Path) -> None:
    """The flood was there first; the lone event of another source is in the first commit all the same."""

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        flood = [asyncio.create_task(door.accept(event(f"f-{n}"), "hasty")) for n in range(450)]
        await asyncio.sleep(0)
        calm = asyncio.create_task(door.accept(event("calm-1"), "calm"))
        also = asyncio.create_task(door.accept(event("also-1"), "also"))
        assert {(await one).state for one in (calm, also, *flood)} == {"accepted"}
        kept = await ids_in(db)
        assert max(kept.index("calm-1"), kept.index("also-1")) <= intake.MOST_AT_ONCE + 3, "after the commit under way"
        assert [one for one in kept if one.startswith("f-")] == [f"f-{n}" for n in range(450)]

    play(tmp_path, story, patience=20)


def test_a_line_that_is_too_long_is_refused_and_the_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 with the seconds to wait; a batch that does not fit is refused whole, before any of it is tried."""
    monkeypatch.setattr(intake, "MOST_OF_ONE_SOURCE", 3)

    async def story(door: Intake, db: UnsteadyDatabase) -> None:
        db.hang = True
        first = asyncio.create_task(door.accept(event("e-0"), "calm"))
        await asyncio.sleep(0.01)
        waiting = [asyncio.create_task(door.accept(event(f"h-{n}"), "hasty")) for n in range(2)]
        await asyncio.sleep(0.01)
        with pytest.raises(TooFast) as refused:
            await door.accept_all([event("h-3"), event("h-4")], "hasty")
        assert refused.value.headers["Retry-After"] == "1"
        waiting.append(asyncio.create_task(door.accept(event("c-1"), "calm")))
        await asyncio.sleep(0.01)
        assert not waiting[-1].done()
        await asyncio.gather(first, *waiting, return_exceptions=True)

    play(tmp_path, story, patience=0.3, longest_commit=0.3)


def test_closing_commits_what_waits_and_refuses_newcomers(tmp_path: Path) -> None:
    """A stop loses nothing that was asked for before it."""

    async def whole() -> None:
        db = new_database(tmp_path)
        door = Intake(db)
        async with door:
            waiting = [asyncio.create_task(door.accept(event(f"e-{n}"))) for n in range(5)]
            await asyncio.sleep(0)
        assert {receipt.state for receipt in await asyncio.gather(*waiting)} == {"accepted"}
        with pytest.raises(StoreAway):
            await door.accept(event("e-9"))
        assert len(await ids_in(db)) == 5
        await db.close()

    asyncio.run(whole())
