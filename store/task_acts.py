"""What people do with a task, each act once: claim it, hand it over, comment on it, look again later, complete it.

Every act carries a key and may name the revision it was decided on: repeated with the same key it changes nothing and
is answered with the task as it is. Whoever acts on what has changed meanwhile gets ``Changed`` with the present state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from journey.company import Company
from store import definitions, tasks, timeline
from store.clock import now
from store.database import Tx
from store.tables import task, task_act


class Changed(Exception):
    """The task is not any more what whoever acts believes; the text says why. ``row``: the task as it is, None if there
    is none."""

    def __init__(self, why: str, row: dict[str, Any] | None) -> None:
        super().__init__(why)
        self.row = row


class Unknown(Exception):
    """Somebody, or a team, who is not in company.yaml or not of the team."""


@dataclass(frozen=True)
class Act:
    """Who acts, the key of the request, and the revision it was decided on (None: whatever it is)."""

    by: str
    key: str = ""
    revision: int | None = None


@dataclass(frozen=True)
class Done:
    """The task after an act; ``ring``: the instance and the delivery to ring for, None if nobody is to be rung."""

    row: dict[str, Any]
    ring: tuple[str, int] | None = None


@dataclass(frozen=True)
class Comment:
    """What somebody writes, with references to files kept elsewhere: each a name and an address."""

    text: str
    attachments: Sequence[Mapping[str, str]] = field(default=())


async def claim(tx: Tx, task_id: str, act: Act) -> Done:
    """Whoever acts has the task from now on; nobody else may have it."""
    company = await definitions.the_company(tx)
    row = await _begun(tx, task_id, act, company)
    if row is None:
        return await _as_it_is(tx, task_id)
    if row["assignee"] not in (None, act.by):
        raise Changed(f"{row['assignee']} has it already", row)
    if company.staff and act.by not in company.members(row["team"]):
        raise Unknown(f"{act.by} is not of the team {row['team']}")
    return await _kept(tx, row, act, "claimed", "claimed", person=act.by, assignee=act.by)


async def hand_over(tx: Tx, task_id: str, act: Act, *, to: str = "", team: str = "", why: str = "") -> Done:
    """The task goes to another person, or into the queue of a team (of its own, if neither is named)."""
    company = await definitions.the_company(tx)
    row = await _begun(tx, task_id, act, company)
    if row is None:
        return await _as_it_is(tx, task_id)
    goes = team or row["team"]
    if team and team not in company.teams:
        raise Unknown(f"there is no team {team}")
    if to and company.staff and to not in company.members(goes):
        raise Unknown(f"{to} is not of the team {goes}")
    said = f"handed over to {to or f'the team {goes}'}{f': {why}' if why else ''}"
    return await _kept(tx, row, act, "handed", said, person=to or None, assignee=to or None, team=goes)


async def comment(tx: Tx, task_id: str, act: Act, said: Comment) -> Done:
    """Something is written beside the task."""
    row = await _begun(tx, task_id, act, await definitions.the_company(tx))
    if row is None:
        return await _as_it_is(tx, task_id)
    detail = {"attachments": [dict(one) for one in said.attachments]} if said.attachments else {}
    return await _kept(tx, row, act, "comment", said.text, detail=detail)


async def follow_up(tx: Tx, task_id: str, act: Act, at: datetime | None, why: str = "") -> Done:
    """Somebody will look again at a moment (None: not any more)."""
    row = await _begun(tx, task_id, act, await definitions.the_company(tx))
    if row is None:
        return await _as_it_is(tx, task_id)
    said = f"look again on {at:%Y-%m-%d %H:%M} UTC" if at is not None else "nobody need look again"
    return await _kept(tx, row, act, "follow-up", f"{said}{f': {why}' if why else ''}", follow_up_at=at)


async def complete(tx: Tx, task_id: str, act: Act, outcome: str, answers: Mapping[str, Any]) -> Done:
    """It is done; the journey that waits for it hears so. Raises ``tasks.NotFilledIn``, too."""
    row = await _begun(tx, task_id, act, await definitions.the_company(tx))
    if row is None:
        return await _as_it_is(tx, task_id)
    done = await tasks.complete(tx, task_id, outcome, answers, act.by)
    detail = {"outcome": outcome, "answers": dict(answers)}
    await _log(tx, row, act, "done", outcome or "done", detail, None)
    ring = (done.instance_id, done.seq) if done.seq is not None else None
    return Done(await row_of(tx, task_id) or row, ring)


async def log(tx: Tx, task_id: str) -> list[dict[str, Any]]:
    """What was done with a task, the first act first."""
    query = select(task_act).where(task_act.c.task_id == task_id).order_by(task_act.c.act_pk)
    return [dict(row) for row in (await tx.execute(query)).mappings()]


async def row_of(tx: Tx, task_id: str) -> dict[str, Any] | None:
    """A task as it is."""
    found = (await tx.execute(select(task).where(task.c.task_id == task_id))).mappings().first()
    return dict(found) if found else None


async def _begun(tx: Tx, task_id: str, act: Act, company: Company) -> dict[str, Any] | None:
    """The open task, locked, if the act fits it; None if this very act was done before."""
    if company.staff and act.by not in company.staff:
        raise Unknown(f"there is no {act.by} among the staff")
    try:
        row = await tasks.locked(tx, task_id)
    except tasks.NotOpen as problem:
        if await _was_done(tx, task_id, act):
            return None
        raise Changed(str(problem), await row_of(tx, task_id)) from None
    if await _was_done(tx, task_id, act):
        return None
    if act.revision not in (None, row["revision"]):
        raise Changed(f"it is at revision {row['revision']} by now", row)
    return row


async def _was_done(tx: Tx, task_id: str, act: Act) -> bool:
    mine = (task_act.c.task_id == task_id) & (task_act.c.key == _key(act))
    return bool(act.key) and (await tx.execute(select(task_act.c.act_pk).where(mine))).first() is not None


def _key(act: Act) -> str:
    return f"{act.by}:{act.key}"


async def _kept(
    tx: Tx,
    row: dict[str, Any],
    act: Act,
    kind: str,
    said: str,
    *,
    person: str | None = None,
    detail: dict[str, Any] | None = None,
    **changed: Any,
) -> Done:
    """Write an act down, in the task's own list and on the customer's timeline."""
    mine, revision = task.c.task_id == row["task_id"], row["revision"] + 1
    await tx.execute(update(task).where(mine).values(revision=revision, **changed))
    number = await _log(tx, row, act, kind, said, detail or {}, person)
    text = f'The task "{row["title"]}", {act.by}: {said}'
    where = f"task:{row['task_id']}:{number}"
    line = timeline.entry(row["customer_id"], where, now(), "task", text, instance_id=row["instance_id"])
    await timeline.add(tx, [line])
    return Done(row | {"revision": revision} | changed)


async def _log(
    tx: Tx, row: dict[str, Any], act: Act, kind: str, said: str, detail: dict[str, Any], person: str | None
) -> int:
    """Put an act into the task's list; returns its number there."""
    mine = task_act.c.task_id == row["task_id"]
    number = int((await tx.execute(select(func.count()).select_from(task_act).where(mine))).scalar_one()) + 1
    values = {"kind": kind, "by": act.by, "at": now(), "person": person, "text": said, "detail": detail}
    key = _key(act) if act.key else f"{number}"
    await tx.execute(task_act.insert().values(task_id=row["task_id"], key=key, **values))
    return number


async def _as_it_is(tx: Tx, task_id: str) -> Done:
    row = await row_of(tx, task_id)
    assert row is not None, "an act belongs to a task"
    return Done(row)
