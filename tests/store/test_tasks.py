"""Tasks of people in the store: opened once, completed once, closed when they are not needed any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from journey.declared.fields import DeclaredField
from journey.effects import CloseTask, OpenTask, TakeFrom, Write
from journey.inputs import TASK_COMPLETED
from journey.work import Work
from store import budgets, instances, record, tasks
from store.clock import now
from store.database import Database
from tests.store.makers import begun, rows, the_row
from tests.store.test_instances import end, unheard

FORM = {name: DeclaredField.model_validate(kind) for name, kind in (("reached", "yes/no"), ("note", "optional text"))}


def opened(**more: Any) -> OpenTask:
    usual: dict[str, Any] = {
        "id": "task-call/1/0", "task": "call", "team": "care", "title": "Call {{ customer.name }}",
        "text": "Order {{ start.order_id }}.", "form": FORM, "outcomes": ("helped", "lost"), "awaited": True,
        "due_at": now() + timedelta(hours=8), "priority": 7,
    }  # fmt: skip
    return OpenTask(**(usual | more))


async def write(db: Database, instance_id: str, *writes: Write) -> None:
    async with db.write() as tx:
        await record.write(tx, Work(instance_id=instance_id, writes=writes))


async def complete(db: Database, task_id: str, outcome: str = "helped", **answers: Any) -> tasks.Completed:
    async with db.write() as tx:
        return await tasks.complete(tx, task_id, outcome, answers or {"reached": True}, "Ada")


async def test_a_task_is_opened_once_with_its_texts_written(db: Database) -> None:
    instance_id = await begun(db)
    effect = opened()
    for _ in range(2):
        await write(db, instance_id, effect)

    row = await the_row(db, "task")
    assert (row["title"], row["text"]) == ("Call Grete Hermann", "Order o-1.")
    assert (row["state"], row["team"], row["priority"], row["due_at"]) == ("open", "care", 7, effect.due_at)
    assert (row["outcomes"], set(row["form"]), row["awaited"]) == (["helped", "lost"], {"reached", "note"}, True)
    assert row["task_id"] == tasks.task_id(instance_id, effect.id)
    [line] = await rows(db, "timeline", kind="task")
    assert line["text"] == "Task for care: Call Grete Hermann"


async def test_a_task_whose_text_cannot_be_written_is_opened_with_the_reason(db: Database) -> None:
    await write(db, await begun(db), opened(text="Shoe {{ customer.shoe }}."))

    assert "{{ customer.shoe }}. (" in (await the_row(db, "task"))["text"]


async def test_who_completes_it_tells_the_journey_in_the_same_transaction(db: Database) -> None:
    instance_id = await begun(db)
    await write(db, instance_id, opened())
    task_id = (await the_row(db, "task"))["task_id"]
    done = await complete(db, task_id, "helped", reached=True, note="All is well.")

    assert done == tasks.Completed(instance_id, 2)
    row = await the_row(db, "task")
    assert (row["state"], row["outcome"], row["completed_by"]) == ("done", "helped", "Ada")
    assert row["answers"] == {"reached": True, "note": "All is well."}
    [told] = [row["content"] for row in await rows(db, "delivery", kind="event")]
    assert told["type"] == TASK_COMPLETED
    answers = {"reached": True, "note": "All is well."}
    assert told["data"] == {"task": "task-call/1/0", "name": "call", "outcome": "helped", "answers": answers}
    assert await unheard(db) == {instance_id: 2}, "the sweeper rings at its next round"


async def test_a_task_is_completed_once(db: Database) -> None:
    await write(db, await begun(db), opened())
    task_id = (await the_row(db, "task"))["task_id"]
    await complete(db, task_id)
    with pytest.raises(tasks.NotOpen, match="the task is done"):
        await complete(db, task_id, "lost")
    with pytest.raises(tasks.NotOpen, match="there is no such task"):
        await complete(db, "nothing")

    assert len(await rows(db, "delivery", kind="event")) == 1


@pytest.mark.parametrize(
    ("outcome", "answers", "said"),
    [
        ("danced", {"reached": True}, '"danced" is not an outcome of this task. Choose one of helped, lost.'),
        ("", {"reached": True}, "The outcome is missing. Choose one of helped, lost."),
        ("helped", {"note": "x"}, "reached: It is missing."),
        ("helped", {"reached": "perhaps"}, "reached: It is not true or false."),
        ("helped", {"reached": True, "more": 1}, "more: It is not declared."),
    ],
)
async def test_what_is_not_filled_in_as_asked_is_said_and_nothing_is_written(
    db: Database, outcome: str, answers: dict[str, Any], said: str
) -> None:
    await write(db, await begun(db), opened())
    task_id = (await the_row(db, "task"))["task_id"]
    with pytest.raises(tasks.NotFilledIn) as caught:
        await complete(db, task_id, outcome, **answers)

    assert said in caught.value.problems[0]
    assert (await the_row(db, "task"))["state"] == "open"


async def test_a_task_that_nobody_waits_for_and_one_whose_journey_has_ended_tell_nobody(db: Database) -> None:
    alone, over = await begun(db), await begun(db, key="o-2")
    await write(db, alone, opened(awaited=False))
    await write(db, over, opened())
    await end(db, over)
    for row in await rows(db, "task"):
        assert (await complete(db, row["task_id"])).seq is None

    assert await rows(db, "delivery", kind="event") == []


@pytest.mark.parametrize("state", ["overtaken", "cancelled"])
async def test_a_task_that_is_not_needed_any_more_is_closed_with_the_reason(db: Database, state: Any) -> None:
    instance_id = await begun(db)
    close = CloseTask(id="task-call/1/98", opened="task-call/1/0", state=state, reason="the lamp shines")
    await write(db, instance_id, opened())
    for _ in range(2):
        await write(db, instance_id, close)

    row = await the_row(db, "task")
    assert (row["state"], row["reason"]) == (state, "the lamp shines") and row["closed_at"] is not None
    lines = [line["text"] for line in await rows(db, "timeline", kind="task")]
    assert lines[-1] == 'The task "Call Grete Hermann" is closed: the lamp shines.' and len(lines) == 2
    with pytest.raises(tasks.NotOpen):
        await complete(db, row["task_id"])


async def test_a_task_that_was_done_meanwhile_stays_done(db: Database) -> None:
    instance_id = await begun(db)
    await write(db, instance_id, opened())
    await complete(db, (await the_row(db, "task"))["task_id"])
    close = CloseTask(id="task-call/1/98", opened="task-call/1/0", state="overtaken", reason="the lamp shines")
    await write(db, instance_id, close)

    assert (await the_row(db, "task"))["state"] == "done"


# Budgets


async def take(db: Database, instance_id: str, number: int, **more: Any) -> bool:
    usual: dict[str, Any] = {"id": f"throttle/{number}/0", "budget": "mail", "key": "", "at_most": 2, "per": 3600.0}
    async with db.write() as tx:
        owner = await instances.owner(tx, instance_id)
        return await budgets.take(tx, owner.customer_id, instance_id, TakeFrom(**(usual | more)))


async def test_a_budget_is_used_up_and_asking_again_takes_nothing(db: Database) -> None:
    instance_id = await begun(db)
    assert [await take(db, instance_id, number) for number in (1, 2, 1, 2, 3, 3)] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]


async def test_a_budget_is_shared_by_the_journeys_of_one_customer_and_by_nobody_else(db: Database) -> None:
    first, second = await begun(db), await begun(db, key="o-2")
    other = await begun(db, key="o-3", id="c-2", email="emmy@example.org")
    assert await take(db, first, 1) and await take(db, second, 1)

    assert not await take(db, second, 2) and await take(db, other, 1)
    assert await take(db, first, 2, budget="calls") and await take(db, first, 3, key="o-1")


async def test_what_was_taken_long_ago_is_there_again(db: Database) -> None:
    instance_id = await begun(db)
    assert await take(db, instance_id, 1, at_most=1)
    assert not await take(db, instance_id, 2, at_most=1)

    assert await take(db, instance_id, 2, at_most=1, per=0.000001)
