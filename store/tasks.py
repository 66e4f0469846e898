"""Tasks: opened and closed by journeys, completed by people; the completion is delivered in the same transaction."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select, update

from journey import templates
from journey.declared.fields import Fields
from journey.effects import CloseTask, OpenTask
from journey.forms import wrong
from journey.inputs import TASK_COMPLETED, Event
from store import assigning, instances, playbooks, timeline
from store.clock import now
from store.database import Tx
from store.facts import facts
from store.sql import insert_new
from store.tables import task

_FORM = TypeAdapter(Fields)


class NotOpen(Exception):
    """The task cannot be completed: there is none, or it is done or closed already. ``state`` says which ('': none)."""

    def __init__(self, state: str) -> None:
        super().__init__(f"the task is {state}" if state else "there is no such task")
        self.state = state


class NotFilledIn(Exception):
    """What was filled in is not what the task asks for; ``problems`` says all of it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Completed:
    """Whose task it was, and the number of the delivery to ring for; None if nobody waits for it."""

    instance_id: str
    seq: int | None


def task_id(instance_id: str, effect_id: str) -> str:
    """26 characters from instance and effect: the same for every attempt and rebuild."""
    digest = hashlib.sha256(f"{instance_id}|{effect_id}|task".encode()).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


async def open_task(tx: Tx, instance_id: str, customer_id: str, effect: OpenTask) -> dict[str, Any]:
    """A new task, its texts written now; returns its line for the timeline."""
    known = await facts(tx, instance_id, effect.vars)
    title = templates.one_line(playbooks.said(effect.title, known))[:500]
    row = {
        "task_id": task_id(instance_id, effect.id),
        "customer_id": customer_id,
        "instance_id": instance_id,
        "effect_id": effect.id,
        "name": effect.task,
        "team": effect.team,
        "title": title,
        "text": playbooks.said(effect.text, known),
        "form": {name: field.model_dump(mode="json", by_alias=True) for name, field in effect.form.items()},
        "outcomes": list(effect.outcomes),
        "priority": effect.priority,
        "awaited": effect.awaited,
        "state": "open",
        "due_at": effect.due_at,
        "opened_at": now(),
        "skill": effect.skill or None,
        "playbook": await playbooks.written(tx, effect.playbook, known) if effect.playbook else {},
    }
    if await insert_new(tx, task, [row], ["instance_id", "effect_id"], returning=[task.c.task_id]):
        await assigning.assign(tx, task_id(instance_id, effect.id), effect)
    text = f"Task for {effect.team}: {title}"
    detail = {"task_id": row["task_id"], "task": effect.task, "team": effect.team}
    key = f"{instance_id}:{effect.id}"
    return timeline.entry(customer_id, key, now(), "task", text, instance_id=instance_id, detail=detail)


async def close_task(tx: Tx, instance_id: str, customer_id: str, effect: CloseTask) -> dict[str, Any]:
    """A task that is not needed any more, if it is still open; returns its line for the timeline."""
    mine = (task.c.instance_id == instance_id) & (task.c.effect_id == effect.opened) & (task.c.state == "open")
    values = {
        "state": effect.state,
        "reason": effect.reason,
        "closed_at": now(),
        "revision": task.c.revision + 1,
    }
    title = (await tx.execute(update(task).where(mine).values(**values).returning(task.c.title))).scalar_one_or_none()
    said = f'The task "{title}" is closed' if title else "A task was done already"
    text = f"{said}: {effect.reason}."
    key = f"{instance_id}:{effect.id}"
    return timeline.entry(customer_id, key, now(), "task", text, instance_id=instance_id)


async def locked(tx: Tx, task_id: str) -> dict[str, Any]:
    """An open task, locked until the transaction ends. Raises NotOpen."""
    row = (await tx.execute(select(task).where(task.c.task_id == task_id).with_for_update())).mappings().first()
    if row is None or row["state"] != "open":
        raise NotOpen(row["state"] if row else "")
    return dict(row)


async def complete(tx: Tx, task_id: str, outcome: str, answers: Mapping[str, Any], by: str) -> Completed:
    """A person has done it. The journey that waits for it hears so; ring it after the commit. Raises NotOpen and
    NotFilledIn, and nothing is written."""
    row = await locked(tx, task_id)
    problems = wrong(_FORM.validate_python(row["form"]), row["outcomes"], outcome, answers)
    if problems:
        raise NotFilledIn(problems)
    moment = now()
    done = {
        "state": "done",
        "outcome": outcome or None,
        "answers": dict(answers),
        "completed_by": by,
        "closed_at": moment,
        "revision": row["revision"] + 1,
    }
    await tx.execute(update(task).where(task.c.task_id == task_id).values(**done))
    instance_id = row["instance_id"]
    text = f'{by or "Somebody"} has done the task "{row["title"]}"{f": {outcome}" if outcome else ""}.'
    key, detail = f"task:{task_id}:done", {"task_id": task_id, "outcome": outcome, "answers": dict(answers)}
    line = timeline.entry(row["customer_id"], key, moment, "task", text, instance_id=instance_id, detail=detail)
    await timeline.add(tx, [line])
    if not row["awaited"]:
        return Completed(instance_id, None)
    data = {"task": row["effect_id"], "name": row["name"], "outcome": outcome, "answers": dict(answers)}
    event = Event(type=TASK_COMPLETED, data=data, at=moment)
    return Completed(instance_id, await instances.deliver(tx, instance_id, event, soon=True))
