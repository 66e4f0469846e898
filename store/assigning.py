"""Who gets a task: by hand, in turn, the least loaded, by skill, or one person by name."""

from collections.abc import Sequence

from sqlalchemy import func, select, update

from journey.company import Company
from journey.effects import BY_HAND, LEAST_LOADED, ROUND_ROBIN, OpenTask
from store import definitions
from store.clock import now
from store.database import Tx
from store.sql import one_at_a_time
from store.tables import task, task_act

ASSIGNING = 7_310_004
BY_RULE = "assigned"


async def assign(tx: Tx, task_id: str, effect: OpenTask) -> str | None:
    """Give a new task to whom its rule says; returns that person, None if whoever likes may claim it."""
    company = await definitions.the_company(tx)
    team = company.teams.get(effect.team)
    rule = effect.assign or (team.assign if team is not None else BY_HAND)
    if rule == BY_HAND:
        return None
    if rule not in (ROUND_ROBIN, LEAST_LOADED):
        named = _there(company, rule)
        return await _given(tx, task_id, named, "by name") if named else None
    candidates = [name for name in company.members(effect.team, effect.skill) if not company.staff[name].away]
    if not candidates:
        return None
    await one_at_a_time(tx, ASSIGNING)  # or two tasks of one moment would go to the same person
    chosen = await (_longest_ago if rule == ROUND_ROBIN else _least)(tx, candidates)
    return await _given(tx, task_id, chosen, rule)


def _there(company: Company, person: str) -> str | None:
    """The person, unless they are away or work here no more: then the task is for the whole team."""
    known = company.staff.get(person)
    return person if known is not None and not known.away else None


async def _given(tx: Tx, task_id: str, person: str, rule: str) -> str:
    await tx.execute(update(task).where(task.c.task_id == task_id).values(assignee=person))
    act = {"key": BY_RULE, "kind": BY_RULE, "by": "", "at": now(), "person": person, "text": rule, "detail": {}}
    await tx.execute(task_act.insert().values(task_id=task_id, **act))
    return person


async def _longest_ago(tx: Tx, candidates: Sequence[str]) -> str:
    """Who was given a task by a rule the longest ago, or never."""
    latest = func.max(task_act.c.act_pk)
    query = select(task_act.c.person, latest).where(task_act.c.kind == BY_RULE, task_act.c.person.in_(candidates))
    last = {row[0]: row[1] for row in await tx.execute(query.group_by(task_act.c.person))}
    return min(candidates, key=lambda name: last.get(name, 0))


async def _least(tx: Tx, candidates: Sequence[str]) -> str:
    """Who has the fewest open tasks."""
    query = select(task.c.assignee, func.count()).where(task.c.state == "open", task.c.assignee.in_(candidates))
    loads = {row[0]: row[1] for row in await tx.execute(query.group_by(task.c.assignee))}
    return min(candidates, key=lambda name: loads.get(name, 0))
