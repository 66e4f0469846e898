"""`wayfare clocks`: what runs, what will be breached, what was kept; on both databases where it is asked of SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from cli.__main__ import run
from journey.state import Aside, Clock, Hold
from journey.time.clocks import Run
from store import deadlines, timeline
from store.clock import now
from store.database import Database
from store.migrate import migrate
from store.tables import instance
from tests.store.makers import a_journey, begun, rows
from tests.store.test_retiming import OFFICE, publish
from workers.mistakes import UserMistake


async def clocked(db: Database, key: str, due: datetime | None, **more: Any) -> str:
    """An instance with a clock that is due then; it stands without."""
    instance_id = await begun(db, key=key, id=f"c-{key}", email=f"{key}@example.org", name=f"Mrs {key}")
    run = Run(total=timedelta(hours=8), since=now() if due else None)
    clock = Clock(step="c", kind="internal", due="8 business hours", began=now(), run=run, **more)
    alarm = [Aside(at=due, step="c", what="breach", clock="answer")] if due and not clock.done else []
    snapshot = {
        "clocks": {"answer": clock.model_dump(mode="json", exclude_defaults=True)},
        "asides": [one.model_dump(mode="json", exclude_defaults=True) for one in alarm],
    }
    async with db.write() as tx:
        mine = instance.c.instance_id == instance_id
        await tx.execute(update(instance).where(mine).values(snapshot=snapshot, wake_at=due))
    return instance_id


async def four(db: Database) -> None:
    """One that was breached, one that stands, one that is due soon, one that is due later."""
    await clocked(db, "later", now() + timedelta(days=30))
    await clocked(db, "soon", now() + timedelta(minutes=30))
    await clocked(db, "stands", None, hold=Hold(reason="we have asked", on="replied", step="p"))
    await clocked(db, "over", now() + timedelta(days=90), done=("breach",))


async def test_the_first_due_come_first_and_only_what_is_due_by_then_is_forecast(db: Database) -> None:
    await four(db)
    async with db.read() as tx:
        assert [one.key for one in await deadlines.running(tx)] == ["over", "soon", "later", "stands"]
        soon = await deadlines.running(tx, until=now() + timedelta(hours=1))
        assert [(one.key, one.breached, one.customer) for one in soon] == [
            ("over", True, "Mrs over"), ("soon", False, "Mrs soon"),
        ]  # fmt: skip
        assert await deadlines.running(tx, journey="another") == []


async def test_however_many_there_are_all_are_found(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.deadlines.PAGE", 1)
    await four(db)
    async with db.read() as tx:
        assert len(await deadlines.running(tx)) == 4


async def test_business_hours_ahead_are_those_of_the_company(db: Database) -> None:
    await begun(db, a_journey())
    await publish(db, OFFICE)
    async with db.read() as tx:
        real, business = await deadlines.horizon(tx, "8 hours"), await deadlines.horizon(tx, "8 business hours")
    assert business >= real + timedelta(hours=15), "eight hours of work take at least a day"


async def test_what_was_kept_is_counted_by_journey_and_clock(db: Database) -> None:
    instance_id = await begun(db)
    customer_id = (await rows(db, "instance"))[0]["customer_id"]
    lines = [
        timeline.entry(
            customer_id, f"k{number}", now(), "why", "The clock …", instance_id=instance_id,
            detail={"values": {"clock": clock}, "result": kept},
        )
        for number, (clock, kept) in enumerate([("a", True), ("a", True), ("a", False), ("b", False), ("b", None)])
    ]  # fmt: skip
    async with db.write() as tx:
        await timeline.add(tx, lines)
    async with db.read() as tx:
        found = await deadlines.attained(tx, now() - timedelta(days=1))
        assert await deadlines.attained(tx, now() + timedelta(days=1)) == []
    assert [(one.journey, one.clock, one.kept, one.missed) for one in found] == [
        ("onboarding", "a", 2, 1), ("onboarding", "b", 0, 1),
    ]  # fmt: skip
    assert found[0].share == pytest.approx(2 / 3)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite+aiosqlite:///{tmp_path}/wayfare.db"
    migrate(url)
    monkeypatch.setenv("WAYFARE_DATABASE_URL", url)
    return url


def work(url: str, what: Callable[[Database], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        db = Database(url)
        try:
            return await what(db)
        finally:
            await db.close()

    return asyncio.run(go())


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["clocks", *words]) == 0
    return capsys.readouterr().out


def test_the_verb_lists_forecasts_and_says_what_was_kept(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    work(url, four)
    listed = said(capsys)
    assert "stands: we have asked  answer  onboarding  stands  Mrs stands" in listed and "4 clocks run." in listed
    forecast = said(capsys, "forecast", "--within", "1 hour")
    assert "Mrs soon" in forecast and "Mrs later" not in forecast and "2 clocks will be breached by" in forecast
    assert said(capsys, "forecast", "--journey", "another").startswith("No clock will be breached by")
    assert said(capsys, "kept") == "No clock has ended.\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["dance"], "nothing to ask of clocks"),
        (["forecast", "--within", "soon"], "--within"),
        (["kept", "--since", "x"], "--since"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(url: str, words: list[str], told: str) -> None:
    work(url, four)
    with pytest.raises(UserMistake, match=told):
        run(["clocks", *words])
