"""Tasks as people look at them: queues in the order in which they are due, one whole task, counts."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from store import task_acts
from store.clock import now
from store.database import Tx
from store.tables import UtcDateTime, customer, definition, instance, task

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
STATES = ("open", "done", "overtaken", "cancelled")
NOBODY = "nobody"
"""In place of a person: tasks that nobody has."""


@dataclass(frozen=True)
class Sought:
    """Which tasks: '' stands for any. ``teams``: only those of one of these; ``late``: only those that are due already;
    ``follow_up_by``: those at which somebody wanted to look again by then."""

    state: str = "open"
    team: str = ""
    assignee: str = ""
    customer_id: str = ""
    late: bool = False
    teams: tuple[str, ...] = ()
    follow_up_by: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where a list goes on: after this task."""

    due_at: datetime
    task_id: str

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Place":
        """The place of a task in its list."""
        return cls(row["due_at"] or NEVER, row["task_id"])


_due = func.coalesce(task.c.due_at, literal(NEVER, UtcDateTime()))
_BRIEF = [column for column in task.c if column.name not in ("playbook", "form", "answers", "text")]
_WHOSE = (customer.c.name.label("customer_name"), customer.c.email.label("customer_email"), customer.c.external_id)
_LIST = (
    select(*_BRIEF, *_WHOSE, instance.c.journey, instance.c.entry_key)
    .join(customer, customer.c.customer_id == task.c.customer_id)
    .join(instance, instance.c.instance_id == task.c.instance_id)
)


async def listed(
    tx: Tx, sought: Sought, limit: int, after: Place | None = None, also: ColumnElement[bool] | None = None
) -> list[dict[str, Any]]:
    """Tasks in the order in which they are due; those without a time come last. ``also``: a further condition."""
    asked = {"state": sought.state, "team": sought.team, "customer_id": sought.customer_id}
    conditions = [task.c[name] == value for name, value in asked.items() if value]
    if sought.assignee:
        nobodys = sought.assignee == NOBODY
        conditions.append(task.c.assignee.is_(None) if nobodys else task.c.assignee == sought.assignee)
    if sought.teams:
        conditions.append(task.c.team.in_(sought.teams))
    if sought.late:
        conditions.append(task.c.due_at < now())
    if sought.follow_up_by is not None:
        conditions.append(task.c.follow_up_at <= sought.follow_up_by)
    if also is not None:
        conditions.append(also)
    if after is not None:
        conditions.append(or_(_due > after.due_at, and_(_due == after.due_at, task.c.task_id > after.task_id)))
    rows = await tx.execute(_LIST.where(*conditions).order_by(_due, task.c.task_id).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def one(tx: Tx, task_id: str) -> dict[str, Any] | None:
    """A whole task: what it asks for, whose it is, which journey waits for it, and what was done with it."""
    whole = _LIST.add_columns(
        task.c.playbook,
        task.c.form,
        task.c.answers,
        task.c.text,
        definition.c.plan["title"].as_string().label("journey_title"),
    ).join(definition, definition.c.hash == instance.c.def_hash)
    row = (await tx.execute(whole.where(task.c.task_id == task_id))).mappings().first()
    return dict(row) | {"acts": await task_acts.log(tx, task_id)} if row is not None else None


async def counts(tx: Tx) -> list[dict[str, Any]]:
    """For each team with open tasks: how many there are, how many are late, how many nobody has."""
    late = func.count().filter(task.c.due_at < now())
    nobodys = func.count().filter(task.c.assignee.is_(None))
    query = select(task.c.team, func.count().label("open"), late.label("late"), nobodys.label("nobodys"))
    rows = await tx.execute(query.where(task.c.state == "open").group_by(task.c.team).order_by(task.c.team))
    return [dict(row) for row in rows.mappings()]


async def who_has(tx: Tx, instance_id: str, effect_id: str) -> tuple[str, str | None]:
    """The id of the task that an effect opened ('' if it is not there), and the person who has it."""
    mine = (task.c.instance_id == instance_id) & (task.c.effect_id == effect_id)
    row = (await tx.execute(select(task.c.task_id, task.c.assignee).where(mine))).first()
    return (row.task_id, row.assignee) if row else ("", None)


async def named(tx: Tx, beginning: str, most: int = 5) -> list[str]:
    """The ids of tasks that begin so."""
    mine = task.c.task_id.startswith(beginning, autoescape=True)
    return list(await tx.scalars(select(task.c.task_id).where(mine).order_by(task.c.task_id).limit(most)))
