"""Orders of upstream systems for journeys that run on Temporal: each once, whatever races, in their order."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.client import Client

from gateway.orders import OURS
from store.inbox import NewEvent
from tests.store.makers import accept, new_event, rows
from tests.system import definitions
from tests.system.racing import COUNTING, answers, applied
from tests.system.waiting import until
from tests.system.workshop import Workshop


def order(what: str, name: str) -> NewEvent:
    """An order for the journey of order o-1, as the door writes it."""
    made = new_event(name, OURS + what, customer={"id": "c-1"})
    return NewEvent(**{**vars(made), "data": {"journey": "counting", "key": "o-1", "reason": "The shop says so."}})


async def given(shop: Workshop, *orders: NewEvent) -> None:
    """All at the same time, each as a request of its own."""
    await asyncio.gather(*(accept(shop.db, one) for one in orders))
    shop.awake.set()


async def test_hold_resume_and_cancel_take_effect_once_however_often_they_come(
    workshop: Workshop, client: Client
) -> None:
    await workshop.publish(definitions.library(counting=COUNTING))
    async with workshop.working(client), workshop.routing(workshop.engine(client)):
        one = await workshop.begin("counting", customer="c-1", order_id="o-1")
        await workshop.rests(one)
        await given(workshop, *[order("hold", "hold-1")] * 8)
        await until(lambda: _paused(workshop, one, True), "it is held")
        await answers(workshop, "c-1", 1)
        await applied(workshop, one, 3)
        assert (await workshop.row(one)).step == "wait-for-test.answered"
        await given(workshop, *[order("resume", "resume-1")] * 8)
        await until(lambda: _paused(workshop, one, False), "it goes on")
        assert (await workshop.rests(one, "wait-for-test.answered-2")).acked_seq == 4
        await given(workshop, *(order("cancel", f"cancel-{number}") for number in range(6)))
        assert await workshop.ended(one) == "cancelled"

        async def all_routed() -> bool:
            return all(row["state"] != "new" for row in await rows(workshop.db, "inbox"))

        await until(all_routed, "every order has its receipt")
    told: list[dict[str, Any]] = await rows(workshop.db, "delivery", instance_id=one)
    kinds = [row["content"]["kind"] for row in told if row["kind"] == "command"]
    assert kinds[:2] == ["pause", "resume"] and set(kinds[2:]) == {"cancel"}
    cancels = [row["state"] for row in await rows(workshop.db, "inbox") if row["event_id"].startswith("cancel")]
    assert cancels.count("routed") == len(kinds) - 2 and set(cancels) <= {"routed", "unmatched"}
    assert len(await workshop.said(one, "ended")) == 1


async def _paused(shop: Workshop, instance_id: str, wanted: bool) -> bool:
    return ((await shop.row(instance_id)).paused_at is not None) == wanted
