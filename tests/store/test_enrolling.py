"""Past customers are taken into a journey where they would stand, once, whatever dies meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from journey.definition import Journey
from store.clock import now
from store.database import Database
from tests.cli.inside import ROOT
from tests.gateway.routing import House
from tests.store import makers
from tests.store.makers import a_journey, rows, the_row
from tests.store.people import RULES, ruled
from workers.enrolling import Asked, enrolled, tried
from workers.mistakes import UserMistake

STEPS = [
    {"send": "welcome", "id": "welcome"},
    {"wait": "2 days", "id": "pause"},
    {"send": "guide", "id": "guide"},
    {
        "wait": {"for": "setup.completed", "up to": "5 days"},
        "id": "answer",
        "otherwise": [{"task": "call", "team": "care", "title": "Call", "id": "call", "up to": "60 days"}],
    },
]
ASKED = Asked("onboarding", "buyers")


def later_published(**frame: Any) -> Journey:
    return a_journey(steps=STEPS, **frame)


async def publish(db: Database, *journeys: Journey) -> None:
    await makers.publish(db, *journeys)
    await ruled(db)


async def bought(house: House, *ages: float) -> None:
    """Customers c-0, c-1 and so on bought so many days ago, before the journey was published."""
    for number, age in enumerate(ages):
        who = {"id": f"c-{number}", "name": f"Customer {number}"}
        moment = now() - timedelta(days=age)
        await house.post(f"p-{number}", customer=who, order_id=f"o-{number}", occurred_at=moment)


@pytest.fixture
async def house(db: Database) -> House:
    return await ruled(db)


def say(line: str) -> None:
    """Nobody listens."""


async def test_the_dry_run_lists_who_would_stand_where_and_writes_nothing(house: House, db: Database) -> None:
    await bought(house, 1, 3, 8, 90)
    await publish(db, later_published())
    lines: list[str] = []
    said = await tried(db, ASKED, lines.append)

    places = sorted(line.split(" until ")[0].split("  at ")[1] for line in lines if "  at " in line)
    assert places[0].startswith("answer: waits for setup.completed") and places[-1].startswith("pause: waits")
    assert any("not: it would be over" in line for line in lines)
    assert said.startswith("3 would be taken into onboarding, 1 not.")
    assert await rows(db, "instance") == [] == await rows(db, "job")


async def test_they_are_taken_in_where_they_would_stand_and_nothing_of_the_past_is_done(
    house: House, db: Database
) -> None:
    await bought(house, 1, 3, 8)
    await publish(db, later_published())
    assert await enrolled(db, ASKED, say) == "3 are taken into onboarding, 0 not."

    found = {row["entry_key"]: row for row in await rows(db, "instance")}
    assert [found[f"o-{n}"]["step"] for n in range(3)] == ["pause", "answer", "call"]
    left = found["o-1"]["wake_at"] - now()
    assert timedelta(days=3, hours=23) < left < timedelta(days=4)
    assert await rows(db, "message") == []
    [task] = await rows(db, "task")
    assert (task["name"], task["instance_id"]) == ("call", found["o-2"]["instance_id"])
    lines = [row["text"] for row in await rows(db, "timeline", kind="started")]
    assert any("Passed over: welcome, guide." in line for line in lines)


async def test_the_sweeper_starts_them_from_where_they_stand(house: House, db: Database) -> None:
    await bought(house, 3)
    await publish(db, later_published())
    await enrolled(db, ASKED, say)
    await house.sweep()

    [launch] = house.engine.runs.values()
    assert launch.snapshot is not None and (launch.snapshot.step, launch.cursor, launch.upto) == ("answer", 1, 2)


async def test_nobody_is_taken_in_twice(house: House, db: Database) -> None:
    await bought(house, 1, 3)
    await publish(db, later_published(start={"on": "purchase.completed", "key": "event.order_id", "again": "always"}))
    await enrolled(db, ASKED, say)
    lines: list[str] = []
    await tried(db, ASKED, lines.append)
    assert all("they are in it, or were, since that date" in line for line in lines) and len(lines) == 2
    assert await enrolled(db, ASKED, say) == "0 are taken into onboarding, 2 not."
    assert len(await rows(db, "instance")) == 2


async def test_who_came_in_by_the_event_itself_is_not_taken_in_again(house: House, db: Database) -> None:
    await publish(db, later_published(start={"on": "purchase.completed", "again": "always"}))
    await house.post(customer={"id": "c-0"})
    instance = await the_row(db, "instance")
    await house.end(instance["instance_id"])
    assert await enrolled(db, ASKED, say) == "0 are taken into onboarding, 1 not."


async def test_entering_the_segment_is_the_date_of_a_journey_that_begins_with_it(house: House, db: Database) -> None:
    await bought(house, 3)
    start = {"on": "segment.entered", "if": 'event.segment == "buyers"'}
    await publish(db, a_journey(start=start, goal={"on": "segment.left", "as": "left"}, steps=STEPS))
    assert await enrolled(db, ASKED, say) == "1 are taken into onboarding, 0 not."
    assert (await the_row(db, "instance"))["step"] == "pause", "they entered just now"


async def test_what_does_not_fit_the_journey_is_told_with_its_reason(house: House, db: Database) -> None:
    await bought(house, 1)
    await publish(
        db,
        later_published(start={"on": "purchase.completed", "if": 'event.order_id == "none"'}),
        a_journey("other", start={"on": "nothing.ever"}),
    )
    lines: list[str] = []
    await tried(db, ASKED, lines.append)
    await tried(db, Asked("other", "buyers"), lines.append)
    assert "not: its condition is not met" in lines[0] and "not: no nothing.ever of theirs is known" in lines[1]
    for asked, word in ((Asked("none", "buyers"), 'no journey "none"'), (Asked("other", "none"), 'no segment "none"')):
        with pytest.raises(UserMistake, match=word):
            await enrolled(db, asked, say)


def killed_when(db: Database, enough: Callable[[], bool]) -> None:
    """Start the verb in a process of its own, and kill it when this is so."""
    command = [sys.executable, "-m", "cli", "enrol", "onboarding", "--segment", "buyers", "--per-minute", "900"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "WAYFARE_DATABASE_URL": db.url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not enough():
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait(30)


async def test_a_killed_enrolment_goes_on_where_it_was(house: House, db: Database) -> None:
    await bought(house, *([3.0] * 40))
    await publish(db, later_published())
    loop = asyncio.get_running_loop()

    def enough() -> bool:
        return len(asyncio.run_coroutine_threadsafe(rows(db, "instance"), loop).result(30)) >= 5

    await asyncio.to_thread(killed_when, db, enough)
    done = len(await rows(db, "instance"))
    assert 5 <= done < 40, "it was killed in the middle"
    lines: list[str] = []

    assert await enrolled(db, ASKED, lines.append) == "40 are taken into onboarding, 0 not."
    assert lines[0] == f"Going on where it was: {done} are in, 0 not."
    taken = await rows(db, "instance")
    assert len({row["customer_id"] for row in taken}) == 40 == len(taken)


async def test_a_customer_costs_as_much_however_many_there_are(house: House, db: Database) -> None:
    assert RULES.segments["buyers"].if_ == "customer.orders >= 1"
    from sqlalchemy import event

    await bought(house, *([3.0] * 12))
    await publish(db, later_published())
    seen: list[int] = [0]
    event.listen(db._engine.sync_engine, "before_cursor_execute", lambda *said: seen.__setitem__(0, seen[0] + 1))
    await enrolled(db, ASKED, say)
    assert seen[0] < 12 * 60, "statements for each customer"
