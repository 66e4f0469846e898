"""A journey that another one starts: by its own rules, once; its end is told, and it may end with the other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from journey.effects import StartJourney
from journey.inputs import JOURNEY_ENDED, Entry
from journey.state import Ended
from journey.work import Standing, Work
from store import beginnings, record
from store.clock import now
from store.database import Database
from tests.store.makers import a_journey, begun, publish, rows, the_row
from tests.store.test_instances import end, unheard

COMPLAINT = {"start": {"on": "complaint.opened", "key": "event.complaint_id", "if": "event.complaint_id != ''"}}


async def family(db: Database) -> str:
    """A running instance, and beside it a journey that it may start."""
    parent = await begun(db)
    await publish(db, a_journey(), a_journey("complaint", title="A complaint", **COMPLAINT))
    return parent


async def ask(db: Database, parent: str, visit: int = 1, **more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"journey": "complaint", "data": {"complaint_id": "k-1"}, "awaited": True, "bound": True}
    effect = StartJourney(id=f"start-complaint/{visit}/0", **(usual | more))
    async with db.write() as tx:
        await beginnings.one_decides(tx)
        return await beginnings.begin_for(tx, parent, effect)


async def ended(db: Database, instance_id: str, outcome: str = "resolved") -> None:
    over = Ended(outcome=outcome, at=now(), why="It is over.")
    standing = Standing(cursor=1, snapshot={"turns": 2}, step=None, doing=f"ended: {outcome}", ended=over)
    async with db.write() as tx:
        await record.write(tx, Work(instance_id=instance_id, standing=standing))


async def test_a_journey_is_started_once_for_the_same_customer_and_names_who_started_it(db: Database) -> None:
    parent = await family(db)
    answers = [await ask(db, parent) for _ in range(2)]

    child = await the_row(db, "instance", journey="complaint")
    assert answers == [{"outcome": "accepted", "value": {"instance": child["instance_id"]}}] * 2
    assert (child["parent_id"], child["parent_effect"], child["entry_key"]) == (parent, "start-complaint/1/0", "k-1")
    entry = Entry.model_validate(child["entry"])
    assert (entry.event.type, entry.event.data) == ("complaint.opened", {"complaint_id": "k-1"})
    assert entry.who == child["customer_id"] == (await the_row(db, "instance", instance_id=parent))["customer_id"]
    assert await unheard(db) == {child["instance_id"]: 1}, "the sweeper starts it at its next round"
    assert [row["text"] for row in await rows(db, "timeline", kind="started")] == ["A complaint began."]


async def test_its_own_rules_decide_whether_it_starts(db: Database) -> None:
    parent = await family(db)
    assert (await ask(db, parent))["outcome"] == "accepted"
    reasons = [
        (await ask(db, parent, 2))["value"]["reason"],
        (await ask(db, parent, 3, data={"complaint_id": ""}))["value"]["reason"],
        (await ask(db, parent, 4, data={}))["value"]["reason"],
        (await ask(db, parent, 5, journey="party"))["value"]["reason"],
    ]
    assert reasons == [
        "it is running already for this customer and key",
        "its condition is not met (event.complaint_id != '')",
        "its condition is not met (event.complaint_id != '': event.complaint_id is missing)",
        "there is no journey party in force",
    ]


async def test_one_that_has_ended_starts_nothing(db: Database) -> None:
    parent = await family(db)
    await end(db, parent)

    assert await ask(db, parent) == {"outcome": "refused", "value": {"reason": "this journey has ended"}}


async def test_its_end_is_told_once_to_the_one_that_waits_for_it(db: Database) -> None:
    parent = await family(db)
    child = (await ask(db, parent))["value"]["instance"]
    for _ in range(2):
        await ended(db, child)

    [told] = [row["content"] for row in await rows(db, "delivery", instance_id=parent, kind="event")]
    assert (told["type"], told["data"]) == (
        JOURNEY_ENDED, {"instance": child, "journey": "complaint", "outcome": "resolved"},
    )  # fmt: skip
    assert parent in await unheard(db, older_than=timedelta(seconds=5))


async def test_an_end_that_nobody_waits_for_is_told_to_nobody(db: Database) -> None:
    parent = await family(db)
    await ended(db, (await ask(db, parent, awaited=False))["value"]["instance"])

    assert await rows(db, "delivery", instance_id=parent, kind="event") == []


async def test_those_that_are_bound_to_it_are_cancelled_with_it(db: Database) -> None:
    parent = await family(db)
    bound = (await ask(db, parent))["value"]["instance"]
    free = (await ask(db, parent, 2, data={"complaint_id": "k-2"}, bound=False))["value"]["instance"]
    over = (await ask(db, parent, 3, data={"complaint_id": "k-3"}))["value"]["instance"]
    await end(db, over)
    for _ in range(2):
        await ended(db, parent)

    [order] = await rows(db, "delivery", kind="command")
    assert (order["instance_id"], order["content"]["kind"]) == (bound, "cancel")
    assert order["content"]["reason"] == "onboarding, which started it, has ended as resolved"
    assert free not in {row["instance_id"] for row in await rows(db, "delivery", kind="command")}
