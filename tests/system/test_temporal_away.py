"""Temporal comes late, and is away for ten seconds while events come in: none is lost, order and deadlines hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.api.enums.v1 import EventType

from store.clock import now
from store.tables import customer, inbox, instance, timeline
from tests.system import definitions
from tests.system.installation import Installation, purchase
from tests.system.waiting import until
from workflows.engine import workflow_id

pytestmark = pytest.mark.timeout(240)

PURCHASES = 50
COUNTING = 20
WAITING = 10
AWAY = timedelta(seconds=10)
JOURNEYS = {
    "counting": """\
start: {on: purchase.completed, key: event.order_id}
steps:
  - send: hello
  - wait: {for: count.made, up to: 1 hour, into: first}
  - wait: {for: count.made, up to: 1 hour, into: second}
  - wait: {for: count.made, up to: 1 hour, into: third}
  - note: "{{ vars.first.n }} {{ vars.second.n }} {{ vars.third.n }}"
""",
    "asking": """\
start: {on: question.asked}
steps:
  - wait: {for: question.answered, up to: 10 seconds}
    then: [{finish: answered}]
    otherwise: [{finish: silent}]
""",
}


def event(kind: str, who: str, number: int = 0, **data: Any) -> dict[str, Any]:
    person = {"id": who, "email": f"{who}@example.org"}
    return {"id": f"{kind}-{who}-{number}", "type": kind, "data": {"customer": person, **data}}


async def outcomes(house: Installation) -> dict[str, str]:
    """How the asking journeys ended, by customer."""
    query = select(customer.c.external_id, instance.c.outcome).join(
        customer, customer.c.customer_id == instance.c.customer_id
    )
    ended = query.where(instance.c.journey == "asking", instance.c.state == "ended")
    return {row.external_id: row.outcome for row in await house.rows(ended)}


async def deadlines(house: Installation) -> dict[str, datetime]:
    """Until when the asking journeys wait, by customer."""
    query = select(customer.c.external_id, instance.c.wake_at).join(
        customer, customer.c.customer_id == instance.c.customer_id
    )
    waiting = query.where(instance.c.journey == "asking", instance.c.wake_at.is_not(None))
    return {row.external_id: row.wake_at for row in await house.rows(waiting)}


async def all_kept(house: Installation) -> bool:
    """Whether the timers are in Temporal's own file. A deadline whose workflow task was not finished is set anew."""
    client = await house.temporal()
    waiting = await house.rows(select(instance.c.instance_id).where(instance.c.journey == "asking"))
    for row in waiting:
        history = await client.get_workflow_handle(workflow_id(row.instance_id)).fetch_history()
        if not any(event.event_type == EventType.EVENT_TYPE_TIMER_STARTED for event in history.events):
            return False
    return True


async def test_nothing_is_lost_or_reordered_while_temporal_is_away(
    install: Callable[..., Installation], tmp_path: Path
) -> None:
    house = install(definitions=definitions.write(tmp_path / "definitions", **JOURNEYS))
    await house.prepare()
    await house.start("mailbox", "gateway,console", "router,worker")
    asked = [f"w-{number}" for number in range(WAITING)]
    assert await house.post_all([event("question.asked", who) for who in asked]) == [202] * WAITING

    async def all_routed() -> bool:
        return await house.count(select(inbox.c.event_pk).where(inbox.c.state == "routed")) == WAITING

    await until(all_routed, "what came is routed although Temporal has never answered", within=60)
    await house.start("temporal")

    async def all_wait() -> bool:
        return len(await deadlines(house)) == WAITING

    await until(all_wait, "all of them wait for an answer", within=60)
    until_when = await deadlines(house)
    await until(partial(all_kept, house), "Temporal keeps every deadline, too", within=60)
    await house.kill("temporal")
    gone = now()
    statuses = await house.post_all([event("question.answered", who) for who in asked[: WAITING // 2]])
    statuses += await house.post_all([purchase(number) for number in range(PURCHASES)])

    async def count(who: str) -> list[int]:
        return [await house.post(event("count.made", who, number, n=number)) for number in (1, 2, 3)]

    counts = await asyncio.gather(*(count(f"c-{number}") for number in range(COUNTING)))
    statuses += [status for some in counts for status in some]

    async def over() -> bool:
        return now() > max(*until_when.values(), gone + AWAY)

    await until(over, "the deadlines have passed")
    statuses += await house.post_all([event("question.answered", who) for who in asked[WAITING // 2 :]])
    assert statuses == [202] * (WAITING + PURCHASES + 3 * COUNTING)
    await house.start("temporal")

    async def all_went_on() -> bool:
        rest = await house.resting("counting")
        ended = await house.count(select(instance.c.instance_id).where(instance.c.state == "ended"))
        return (rest, ended) == (PURCHASES - COUNTING, COUNTING + WAITING)

    await until(all_went_on, "every journey goes on", within=90, every=0.25)
    accepted = await house.rows(
        select(inbox.c.event_id, inbox.c.accepted_at).where(inbox.c.type == "question.answered")
    )
    in_time = {row.event_id.split("-", 1)[1].removesuffix("-0"): row.accepted_at for row in accepted}
    expected = {who: "answered" if in_time[who] <= until_when[who] else "silent" for who in asked}
    assert await outcomes(house) == expected and set(expected.values()) == {"answered", "silent"}

    notes = await house.rows(select(timeline.c.text).where(timeline.c.kind == "note"))
    assert [row.text for row in notes] == ["1 2 3"] * COUNTING
    assert len(house.mails()) == len({mail.to for mail in house.mails()}) == PURCHASES
    states = await house.rows(select(inbox.c.state).distinct())
    assert [row.state for row in states] == ["routed"]
