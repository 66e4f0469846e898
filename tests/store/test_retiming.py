"""Clocks that run are told of other calendars when these are published, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from journey.commands import Retime
from journey.state import Clock
from journey.time.calendar import Calendar
from journey.time.clocks import Run
from store import definitions, instances, pages, retiming
from store.clock import now
from store.database import Database
from store.tables import instance
from tests.store.makers import a_journey, a_library, begun, rows

WEEK = (*["9:00-17:00"] * 5, "closed", "closed")
OFFICE = Calendar(name="office", zone="UTC", week=WEEK).stamped()
SHORT = Calendar(name="office", zone="UTC", week=(*["9:00-12:00"] * 5, "closed", "closed")).stamped()
DESK = Calendar(name="desk", zone="UTC", week=WEEK).stamped()


async def publish(db: Database, *calendars: Calendar, usual: str = "office", head: str | None = None) -> None:
    library = a_library(a_journey(**({"calendar": head} if head else {})))
    company = library.company.model_copy(update={"calendar": usual})
    known = {"company": company, "calendars": {one.name: one for one in calendars}}
    async with db.write() as tx:
        await definitions.publish(tx, library.model_copy(update=known), {})


async def clocked(db: Database, *, head: str | None = None, **more: Any) -> str:
    """An instance with a clock; without more it runs by the company's calendar."""
    instance_id = await begun(db, a_journey(**({"calendar": head} if head else {})))
    await publish(db, OFFICE, DESK, head=head)
    usual: dict[str, Any] = {"kind": "internal", "due": "8 business hours", "calendar": "", "version": OFFICE.version}
    run = Run(total=timedelta(hours=8), since=now())
    clock = Clock(step="c", began=now(), run=run, **(usual | more)).model_dump(mode="json", exclude_defaults=True)
    async with db.write() as tx:
        mine = instance.c.instance_id == instance_id
        await tx.execute(update(instance).where(mine).values(snapshot={"clocks": {"answer": clock}, "pace": 2.0}))
    return instance_id


async def told(db: Database) -> list[str]:
    return [row["content"]["kind"] for row in await rows(db, "delivery", kind="command")]


@pytest.mark.parametrize(
    ("clock", "published", "usual", "expected"),
    [
        ({}, (OFFICE, DESK), "office", []),
        ({}, (SHORT, DESK), "office", ["retime"]),
        ({}, (OFFICE, DESK), "desk", ["retime"]),  # the company counts in another one by now
        ({"calendar": "office"}, (OFFICE, DESK), "desk", []),
        ({"calendar": "desk", "version": DESK.version}, (SHORT, DESK), "office", []),
        ({"calendar": "desk", "version": DESK.version}, (OFFICE,), "office", ["retime"]),  # it is gone: the company's
        ({"calendar": None, "version": ""}, (SHORT,), "office", []),  # real time
        ({"done": ("breach",)}, (SHORT,), "office", []),
    ],
)
async def test_only_clocks_whose_calendar_is_another_one_are_told(
    db: Database, clock: dict[str, Any], published: tuple[Calendar, ...], usual: str, expected: list[str]
) -> None:
    await clocked(db, **clock)
    await publish(db, *published, usual=usual)
    assert await told(db) == expected


async def test_the_calendar_of_the_journey_counts_before_the_companys(db: Database) -> None:
    await clocked(db, head="desk", version=DESK.version)
    await publish(db, SHORT, DESK, head="desk")
    assert await told(db) == []


async def test_everybody_is_told_however_many_there_are(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.retiming.PAGE", 1)
    await clocked(db)
    first = (await rows(db, "instance"))[0]
    await begun(db, key="o-2")
    async with db.write() as tx:
        await tx.execute(update(instance).values(snapshot=first["snapshot"]))
    before = await told(db)
    await publish(db, SHORT)
    assert await told(db) == [*before, "retime", "retime"]


async def test_what_counts_is_said_with_the_calendars_of_before(db: Database) -> None:
    instance_id = await clocked(db)
    await publish(db, SHORT, DESK)
    async with db.read() as tx:
        said = Retime(at=now(), **await retiming.what_counts(tx, instance_id))
    assert said.local is not None
    assert {name: one.version for name, one in said.local.calendars.items()} == {
        "": SHORT.version, "office": SHORT.version, "desk": DESK.version,
    }  # fmt: skip
    assert said.was == {OFFICE.version: OFFICE}


async def test_an_instance_without_clocks_has_no_calendars_of_before(db: Database) -> None:
    instance_id = await begun(db)
    async with db.read() as tx:
        assert (await retiming.what_counts(tx, instance_id))["was"] == {}


async def test_the_console_shows_the_end_of_the_wait_and_not_the_alarm_of_a_clock(db: Database) -> None:
    instance_id, ends, alarm = await begun(db), now() + timedelta(days=9), now() + timedelta(hours=1)
    async with db.write() as tx:
        mine = instance.c.instance_id == instance_id
        snapshot = {"wake_at": ends.isoformat().replace("+00:00", "Z")}
        await tx.execute(update(instance).where(mine).values(wake_at=alarm, snapshot=snapshot))
    async with db.read() as tx:
        row = await instances.get(tx, instance_id)
        assert row is not None and row["wake_at"] == alarm, "the sweeper goes by the alarm"
        [shown] = await pages.instances_of(tx, row["customer_id"])
        page = await pages.instances(tx, pages.Sought("running", "", ""), now(), None, 5)
    assert shown["wake_at"] == page.rows[0]["wake_at"] == ends
