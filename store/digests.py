"""Daily digests: each goes to each address once a day, and what it tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from journey.company import Company
from store import task_lists
from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import company, digest, task

MOST = 200


@dataclass(frozen=True)
class Digest:
    """What somebody is told: tasks that are late, due by the end of the day, or to be looked at again by then."""

    late: Sequence[dict[str, Any]]
    today: Sequence[dict[str, Any]]
    again: Sequence[dict[str, Any]]

    def __bool__(self) -> bool:
        return bool(self.late or self.today or self.again)


async def company_in_force(tx: Tx) -> Company | None:
    """The company; None before anything is published."""
    content = (await tx.execute(select(company.c.content))).scalar_one_or_none()
    return Company.model_validate(content) if content is not None else None


async def of(tx: Tx, team: str, assignee: str, ends: datetime) -> Digest:
    """The open tasks of a team that matter on a day which ends then; of one person, or of everybody ('')."""
    matters = or_(task.c.due_at <= ends, task.c.follow_up_at <= ends)
    rows = await task_lists.listed(tx, task_lists.Sought(team=team, assignee=assignee), MOST, also=matters)
    moment = now()
    late = [row for row in rows if row["due_at"] and row["due_at"] < moment]
    today = [row for row in rows if row["due_at"] and moment <= row["due_at"] <= ends]
    told = {row["task_id"] for row in (*late, *today)}
    return Digest(late, today, [row for row in rows if row["task_id"] not in told])


async def begin(tx: Tx, team: str, day: date, recipient: str) -> bool:
    """Take the digest of a day for one address; False if it was taken before."""
    row = {"team": team, "day": day.isoformat(), "recipient": recipient, "state": "begun", "at": now()}
    key = ["team", "day", "recipient"]
    return bool(await insert_new(tx, digest, [row], key, returning=[digest.c.team]))


async def settle(tx: Tx, team: str, day: date, recipient: str, state: str, reason: str) -> None:
    """What became of it. One that may go later is free again."""
    mine = (digest.c.team == team) & (digest.c.day == day.isoformat()) & (digest.c.recipient == recipient)
    if state == "later":
        await tx.execute(digest.delete().where(mine))
    else:
        await tx.execute(digest.update().where(mine).values(state=state, reason=reason[:500] or None))
