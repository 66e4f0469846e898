"""Local time on the real parts: published calendars, the customer's zone, and what it costs in history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from journey.library import Library
from journey.load import load
from journey.time import business, local, zones
from journey.time.calendar import Calendar
from tests.system import definitions
from tests.system.waiting import until
from tests.system.workshop import Workshop, handle
from workflows.journey import JourneyWorkflow

DATED = """\
start: {on: test.dated, key: event.order_id}
steps:
  - set: {customer.time_zone: Asia/Tokyo}
  - wait: {date: 1 day before start.ends_on, at: "9:00"}
    on_past: go on
    on_invalid: go on
"""
PLAIN = """\
start: {on: test.plain, key: event.order_id}
steps:
  - set: {customer.time_zone: Asia/Tokyo}
  - wait: 30 days
"""
WORKING = """\
start: {on: test.working, key: event.order_id}
calendar: office
steps:
  - wait: 5 business days
"""
BESIDE = """\
start: {on: test.beside, key: event.order_id}
steps:
  - clock: {start: answer, kind: internal, due: 1 second}
    breach:
      - notify: care-team
        text: It is late.
  - send: hello
    window: never
  - wait: {for: test.answered, up to: 1 hour}
  - clock: {stop: answer}
"""
CLOCKED = """\
start: {on: test.clocked, key: event.order_id}
steps:
  - clock: {start: answer, kind: internal, due: 40 business hours}
    calendar: office
    breach: [{note: too late}]
  - wait: {for: test.answered, up to: 60 days}
  - clock: {stop: answer}
"""
NEVER = "calendar: never\ntitle: Closed\ntime zone: UTC\nhours: {{daily: {span}}}\n"
OFFICE = "calendar: office\ntitle: The office\ntime zone: Europe/Berlin\nholidays: DE\nhours: {{mon-fri: {hours}}}\n"


def library(hours: str = "9:00-17:00") -> Library:
    files = definitions.files(dated=DATED, plain=PLAIN, working=WORKING, clocked=CLOCKED)
    return load({**files, "calendars/office.yaml": OFFICE.format(hours=hours)})


async def test_a_clock_rings_and_a_message_is_held_back_beside_the_wait(house: Workshop) -> None:
    """The breach comes by Temporal's timer while the journey waits; the message whose window is closed does not go."""
    hour = (datetime.now(UTC).hour + 12) % 24
    files = {**definitions.files(beside=BESIDE), "calendars/never.yaml": NEVER.format(span=f"{hour}:00-{hour}:01")}
    await house.publish(load(files))
    instance_id = await house.begin("beside", "test.beside", customer="c-beside")

    async def breached() -> bool:
        return any("is breached" in text for text in await house.said(instance_id, "why"))

    await until(breached, "the clock is breached")
    await house.rests(instance_id, "wait-for-test.answered")
    assert [name for name, _ in await house.messages(instance_id)] == ["care-team"]

    await house.accept("test.answered", "c-beside")

    async def over() -> bool:
        return "held back" in ((await house.row(instance_id)).doing or "")

    await until(over, "the way is over")
    assert (await house.row(instance_id)).wake_at > datetime.now(UTC)
    assert any("stopped too late" in text for text in await house.said(instance_id, "why"))


@pytest.fixture
async def house(workshop: Workshop, client: Client) -> AsyncIterator[Workshop]:
    """The workshop at work: router, bells, worker."""
    async with workshop.working(client), workshop.routing(workshop.engine(client)):
        yield workshop


async def activities(client: Client, instance_id: str) -> int:
    """How many local activities its history holds."""
    history = await handle(client, instance_id).fetch_history()
    return sum(event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED for event in history.events)


async def test_a_date_is_waited_for_in_the_zone_of_the_customers_record(house: Workshop, client: Client) -> None:
    await house.publish(library())
    tokyo = zones.zone("Asia/Tokyo")
    ends_on = (datetime.now(tokyo) + timedelta(days=40)).date()
    instance_id = await house.begin("dated", "test.dated", ends_on=ends_on.isoformat())

    row = await house.rests(instance_id)
    assert row.wake_at == local.moment(ends_on - timedelta(days=1), time(9), tokyo)
    assert "09:00 (Asia/Tokyo)" in (await house.said(instance_id, "why"))[-1]


async def test_local_time_costs_one_activity_and_its_absence_none(house: Workshop, client: Client) -> None:
    await house.publish(library())
    dated = await house.begin("dated", "test.dated", ends_on=(datetime.now(zones.zone("UTC")).date()).isoformat())
    plain = await house.begin("plain", "test.plain")
    waiting = await house.begin("working", "test.working")

    assert await house.ended(dated) == "completed"
    await house.rests(plain)
    await house.rests(waiting)
    assert await activities(client, plain) == 1
    assert await activities(client, waiting) == 2


async def test_a_published_change_of_a_calendar_counts_for_the_next_wait_and_moves_no_running_one(
    house: Workshop,
) -> None:
    await house.publish(library())
    first = await house.begin("working", "test.working")
    before = await house.rests(first)
    assert before.wake_at == _expected(library().calendars["office"], before.snapshot["now"])

    await house.publish(library("10:00-10:15"))
    second = await house.begin("working", "test.working")
    after = await house.rests(second)
    assert after.wake_at == _expected(library("10:00-10:15").calendars["office"], after.snapshot["now"])
    assert (await house.row(first)).wake_at == before.wake_at


def _expected(calendar: Calendar, now: str) -> datetime:
    return business.days_after(calendar, datetime.fromisoformat(now), 5)


async def test_a_changed_calendar_reaches_a_running_clock_and_its_history_replays(
    house: Workshop, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bells.SWEEP_SECONDS", 0.1)
    await house.publish(library())
    instance_id = await house.begin("clocked", "test.clocked")
    alone = await house.begin("plain", "test.plain", customer="c-plain")
    row = await house.rests(instance_id, "wait-for-test.answered")
    before = row.wake_at
    await house.publish(library())
    assert (await house.row(instance_id)).next_seq == 2, "nothing has changed: nobody is told"

    await house.publish(library("9:00-13:00"))

    async def told() -> bool:
        return any(
            "The calendar of the clock answer has changed" in one for one in await house.said(instance_id, "why")
        )

    await until(told, "the clock has its new time")
    row = await house.rests(instance_id, "wait-for-test.answered")
    assert row.wake_at > before, "forty hours take ten days now, not five"
    assert (await house.row(alone)).next_seq == 2, "whoever has no clock is not told"
    replayer = Replayer(workflows=[JourneyWorkflow], workflow_runner=UnsandboxedWorkflowRunner())
    result = await replayer.replay_workflow(await handle(client, instance_id).fetch_history())
    assert result.replay_failure is None
