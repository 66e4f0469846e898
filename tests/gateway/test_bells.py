"""Bells: rung after the commit, lost without harm, and rung again by the sweeper until they are heard."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from gateway import bells
from gateway.bells import GONE, Bells, Pauses, launch_of
from gateway.router import Router
from journey import machine
from journey.engine import EngineDown
from journey.inputs import Event, EventReceived
from journey.work import Launch, standing
from store import instances
from store.clock import now
from store.database import Database
from store.tables import instance
from tests.gateway.routing import FakeEngine, House, started
from tests.store.makers import a_journey, accept, new_event, publish, rows, the_row

SETUP = "setup.completed"


@pytest.fixture
async def house(db: Database) -> House:
    await publish(db, a_journey())
    return House(db)


async def launch(db: Database, instance_id: str) -> Launch:
    async with db.read() as tx:
        row = await instances.launch(tx, instance_id)
    assert row is not None
    return launch_of(row)


async def trouble(db: Database) -> str | None:
    said: str | None = (await the_row(db, "instance"))["trouble"]
    return said


async def test_what_begins_is_started_with_all_it_needs(house: House) -> None:
    instance_id = started(await house.post())
    await house.ring()

    begun = house.engine.runs[instance_id]
    assert begun == await launch(house.db, instance_id)
    assert begun.entry is not None and begun.entry.event.data["order_id"] == "o-1"
    assert (begun.plan, begun.cursor, begun.upto) == (a_journey().plan, 1, 1)


async def test_what_is_heard_is_rung_with_the_event_inside(house: House) -> None:
    instance_id = started(await house.post())
    await house.post("e-2", SETUP, order_id="o-1")
    await house.ring()

    [(rung, upto, event)] = house.engine.rung
    assert (rung, upto) == (instance_id, 2)
    assert event is not None and event.data == {"order_id": "o-1"}


async def test_a_bell_that_comes_before_its_start_starts_the_instance_first(house: House) -> None:
    instance_id = started(await house.post())
    house.bells._queue.get_nowait()
    await house.post("e-2", SETUP)
    await house.ring()

    assert house.engine.started == [instance_id]
    assert [upto for _, upto, _ in house.engine.rung] == [2]
    assert house.engine.runs[instance_id].upto == 2


async def test_a_process_that_dies_between_commit_and_bell_is_made_up_for_by_the_sweeper(house: House) -> None:
    first = started(await house.post())
    await house.ring()
    second = started(await house.post("e-2", order_id="o-2"))
    await house.post("e-3", SETUP)
    heir = House(house.db)
    heir.engine = house.engine
    heir.bells = Bells(house.db, house.engine)

    assert await heir.bells.sweep() == 0, "the dead process may have been about to ring"
    assert await heir.sweep() == 2
    assert house.engine.started == [first, second]
    assert sorted(house.engine.rung) == sorted([(first, 2, None), (second, 2, None)])


async def test_what_has_been_applied_is_not_rung_again(house: House) -> None:
    instance_id = started(await house.post())
    await house.ring()
    await house.alter(instance_id, acked_seq=1)

    assert await house.sweep() == 0


async def test_an_instance_that_overslept_is_woken(house: House) -> None:
    instance_id = started(await house.post())
    await house.ring()
    await house.alter(instance_id, acked_seq=1, wake_at=now() - timedelta(minutes=1))

    assert await house.sweep() == 1
    assert house.engine.rung == [(instance_id, 1, None)]


async def test_while_the_engine_is_away_nothing_is_lost_and_all_is_delivered_when_it_is_back(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.engine.down = True
    with caplog.at_level(logging.WARNING):
        for number in range(6):
            await house.post(f"p-{number}", order_id=f"o-{number}")
            await house.ring()
        for number in range(4):
            await house.post(f"e-{number}", SETUP)
        await house.ring()
        assert house.engine.asked == 1, "bells are dropped while it is known to be away"
        for _ in range(3):
            with pytest.raises(EngineDown):
                await house.sweep()
        assert house.engine.asked == 4, "one instance is tried at a time"

        house.engine.down = False
        assert await house.sweep() == 1
        assert await house.sweep() == 5

    running = {row["instance_id"]: row["next_seq"] for row in await rows(house.db, "instance")}
    assert set(house.engine.started) == set(running) and len(house.engine.started) == 6
    assert {rung: upto for rung, upto, _ in house.engine.rung} == dict.fromkeys(running, 5)
    assert [record.message.split(";")[0] for record in caplog.records] == [
        "Temporal cannot be reached", "Temporal is back",
    ]  # fmt: skip


async def test_after_an_outage_bells_ring_at_once_again(house: House) -> None:
    house.engine.down = True
    instance_id = started(await house.post())
    await house.ring()
    house.engine.down = False
    await house.sweep()
    await house.post("e-2", SETUP)
    await house.ring()

    assert house.engine.rung[-1][:2] == (instance_id, 2)
    assert house.engine.rung[-1][2] is not None


async def test_while_one_that_cannot_be_reached_is_tried_the_next_one_gets_its_turn(house: House) -> None:
    tried = []

    class Refusing(FakeEngine):
        async def ring(self, instance_id: str, upto: int, event: Event | None = None) -> bool:
            tried.append(instance_id)
            raise EngineDown("too large")

    house.bells = Bells(house.db, Refusing())
    ids = {started(await house.post(f"p-{number}", order_id=f"o-{number}")) for number in range(3)}
    await house.ring()
    async with house.db.write() as tx:
        await tx.execute(update(instance).values(rung_at=now() - timedelta(minutes=1)))
    house.bells._down = True
    for _ in ids:
        with pytest.raises(EngineDown):
            await house.bells.sweep()

    assert set(tried) == ids


async def test_what_the_engine_has_lost_is_started_again_where_it_stood(house: House) -> None:
    instance_id = started(await house.post())
    await house.ring()
    begun = house.engine.runs[instance_id]
    assert begun.entry is not None
    turn = machine.start(a_journey(), begun.entry, begun.entry.event.at)
    assert turn.state.wake_at is not None
    await house.alter(instance_id, snapshot=standing(a_journey(), turn.state, 1).snapshot, acked_seq=1)
    house.engine.forget()
    await house.post("e-2", SETUP)
    await house.ring()

    again = house.engine.runs[instance_id]
    assert (again.entry, again.snapshot, again.cursor, again.upto) == (None, turn.state, 1, 2)
    assert house.engine.started == [instance_id] * 2
    [(rung, upto, event)] = house.engine.rung
    assert (rung, upto, await trouble(house.db)) == (instance_id, 2, None)
    assert event is not None and again.snapshot is not None
    heard = machine.advance(a_journey(), again.snapshot, EventReceived(event=event, at=event.at))
    assert heard.state.ended is not None and heard.state.ended.outcome == "activated"


async def test_an_instance_ended_by_hand_is_not_started_again_and_says_so(house: House) -> None:
    instance_id = started(await house.post())
    await house.ring()
    house.engine.end(instance_id)
    await house.post("e-2", SETUP)
    await house.ring()

    assert house.engine.started == [instance_id]
    assert await trouble(house.db) == GONE


async def test_an_instance_that_has_ended_by_itself_is_no_trouble(house: House) -> None:
    instance_id = started(await house.post())
    await house.post("e-2", SETUP)
    await house.end(instance_id)
    house.bells._queue.get_nowait()
    await house.ring()

    assert (house.engine.started, await trouble(house.db)) == ([], None)


async def test_an_instance_that_is_to_end_is_rung_until_its_workflow_knows(house: House) -> None:
    instance_id = started(await house.post())
    await house.ring()
    async with house.db.write() as tx:
        await instances.stop(tx, instance_id, "merged", "why")
    assert await house.sweep() == 1
    [(rung, upto, _)] = house.engine.rung
    assert (rung, upto, (await the_row(house.db, "instance"))["state"]) == (instance_id, 2, "ending")

    house.engine.forget()
    house.bells._pauses = Pauses()
    assert await house.sweep() == 1
    row = await the_row(house.db, "instance")
    assert (row["state"], row["outcome"], house.engine.started) == ("ended", "merged", [instance_id])


async def test_an_instance_that_cannot_be_started_says_so_and_the_others_are_rung(house: House) -> None:
    broken, sound = [started(await house.post(f"p-{number}", order_id=f"o-{number}")) for number in range(2)]
    while not house.bells._queue.empty():
        house.bells._queue.get_nowait()
    await house.alter(broken, snapshot={"written": "by nobody"}, acked_seq=1, next_seq=3)
    await house.sweep()

    said = (await the_row(house.db, "instance", instance_id=broken))["trouble"]
    assert said.startswith("it cannot be started: ValidationError")
    assert house.engine.started == [sound]


async def test_a_store_that_is_away_stops_no_ringer(house: House, caplog: pytest.LogCaptureFixture) -> None:
    elsewhere = Bells(Database("postgresql+psycopg://nobody@127.0.0.1:9/nothing"), FakeEngine())
    elsewhere._queue.put_nowait(("i-1", lambda: elsewhere._ring("i-1", 2, None)))
    with caplog.at_level(logging.WARNING):
        await elsewhere._next()

    assert "the store is away" in caplog.text


async def test_too_many_bells_are_left_to_the_sweeper(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.bells._queue = asyncio.Queue(2)
    for number in range(5):
        await house.post(f"p-{number}", order_id=f"o-{number}")
    await house.ring()
    assert len(house.engine.started) == 2

    house.bells._queue = asyncio.Queue(100)
    await house.sweep()
    assert len(house.engine.started) == 5


async def test_everything_together_rings_within_a_moment(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real loops: a purchase is started at once, and what is dropped during an outage a little later."""
    monkeypatch.setattr(bells, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(bells, "UNHEARD_FOR", timedelta(seconds=0.1))
    awake = asyncio.Event()
    loops = [asyncio.create_task(one.run()) for one in (house.bells, Router(house.db, house.bells, awake))]
    async with asyncio.timeout(20):
        await accept(house.db, new_event())
        awake.set()
        while len(house.engine.started) < 1:
            await asyncio.sleep(0.01)
        house.engine.down = True
        await accept(house.db, new_event("e-2", order_id="o-2"), new_event("e-3", SETUP))
        awake.set()
        while len(await rows(house.db, "instance")) < 2 or house.engine.asked < 4:
            await asyncio.sleep(0.01)
        house.engine.down = False
        while len(house.engine.started) < 2 or len({rung for rung, upto, _ in house.engine.rung if upto == 2}) < 2:
            await asyncio.sleep(0.01)
    for loop in loops:
        loop.cancel()
    await asyncio.wait(loops)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> Any:
        return self.at


def test_an_instance_that_does_not_move_is_left_alone_ever_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(bells, "now", clock)
    pauses, waited = Pauses(), []
    assert pauses.over("i-1", 3)
    for _ in range(7):
        pauses.rung("i-1", 3)
        began = clock.at
        while not pauses.over("i-1", 3):
            clock.at += timedelta(seconds=5)
        waited.append(round((clock.at - began).total_seconds()))

    assert waited == [20, 80, 320, 1280, 3600, 3600, 3600]


def test_another_delivery_ends_the_pause_and_begins_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(bells, "now", clock)
    pauses = Pauses()
    for _ in range(5):
        pauses.rung("i-1", 3)

    assert not pauses.over("i-1", 3) and pauses.over("i-1", 4) and pauses.over("i-2", 3)
    pauses.rung("i-1", 4)
    clock.at += timedelta(seconds=20)
    assert pauses.over("i-1", 4)


def test_what_is_remembered_of_pauses_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "KEPT", 10)
    pauses = Pauses()
    for number in range(1_000):
        pauses.rung(f"i-{number}", 1)

    assert len(pauses._rung) <= 10


async def test_workers_that_are_away_for_a_night_find_few_bells(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine takes every bell, and nobody is there to hear it."""
    clock = Clock()
    monkeypatch.setattr(bells, "now", clock)
    await house.post()
    await house.ring()
    for _ in range(40):
        clock.at += timedelta(minutes=15)
        await house.sweep()

    assert len(house.engine.rung) < 20
