"""One turn of one instance, written down: its writes, its reasons, where it stands now. One transaction."""

import json
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from journey import templates
from journey.effects import AddNote, CloseTask, OpenTask, UpdateCustomer, Write
from journey.state import Ended
from journey.turn import Decision
from journey.work import Standing, Work, clock_times
from store import beginnings, changes, customers, instances, ledger, tasks, timeline
from store.clock import now
from store.database import Tx
from store.facts import facts
from store.instances import ending
from store.tables import instance
from store.tables import timeline as table


async def write(tx: Tx, work: Work) -> None:
    """Write a turn down; writing it again changes nothing, and an earlier one written late does not put the instance
    back."""
    customer_id = (await instances.owner(tx, work.instance_id)).customer_id
    rows = [_reason(work.instance_id, customer_id, decision) for decision in work.decisions]
    new = await _new(tx, customer_id, work)
    for effect in new:
        rows.append(await _effect(tx, work.instance_id, customer_id, effect))
    if any(isinstance(effect, UpdateCustomer) for effect in new):
        await changes.changed(tx, customer_id, "a journey changed the record", but=work.instance_id)
    standing = work.standing
    if work.given_up:
        await ledger.withdraw(tx, work.instance_id, "the journey went on without it", work.given_up)
    for seq, refused in work.commands.items():
        await instances.obeyed(tx, work.instance_id, seq, refused)
        rows += [_refusal(work.instance_id, customer_id, seq, refused)] if refused else []
    if standing is not None:
        statement = _MINE if standing.ended is not None else _NOT_FURTHER
        given = {"mine": work.instance_id, "upto": standing.cursor, "turn": standing.snapshot.get("turns", 0)}
        before = await instances.lock(tx, work.instance_id) if standing.ended is not None else None
        await tx.execute(statement, {**given, **_columns(standing)})
        if before is not None and standing.ended is not None:
            if before["state"] != "ended":
                await beginnings.told_of_the_end(tx, before, standing.ended)
            rows.append(_end(work.instance_id, customer_id, standing.ended))
            await ledger.withdraw(tx, work.instance_id, f"the journey ended before: {standing.ended.outcome}")
    await timeline.add(tx, rows)


_MINE = update(instance).where(instance.c.instance_id == bindparam("mine"))
"""An end always counts: nothing comes after it."""
_THERE = func.coalesce(instance.c.snapshot["turns"].as_integer(), 0)
_AS_FAR = and_(instance.c.acked_seq == bindparam("upto"), bindparam("turn") >= _THERE)
_NOT_FURTHER = _MINE.where(instance.c.state == "running", or_(instance.c.acked_seq < bindparam("upto"), _AS_FAR))
"""Unless the instance has applied more deliveries than this turn, or as many in more turns."""


async def _new(tx: Tx, customer_id: str, work: Work) -> list[Write]:
    """The writes that were not made before: a retry hours later must not undo what came since."""
    keys = [f"{work.instance_id}:{effect.id}" for effect in work.writes]
    if not keys:
        return []
    query = select(table.c.key).where(table.c.customer_id == customer_id, table.c.key.in_(keys))
    made = {row.key for row in await tx.execute(query)}
    return [effect for effect, key in zip(work.writes, keys, strict=True) if key not in made]


def _columns(standing: Standing) -> dict[str, Any]:
    values: dict[str, Any] = {
        "acked_seq": standing.cursor,
        "snapshot": standing.snapshot,
        "step": standing.step,
        "doing": standing.doing[:300],
        "wake_at": standing.wake_at,
        "paused_at": standing.paused_at,
        "trouble": standing.trouble[:500] if standing.trouble else None,
        "updated_at": now(),
        **clock_times(standing.snapshot),
    }
    if standing.version is not None:
        values["def_hash"] = standing.version
    if standing.ended is not None:
        values |= ending(standing.ended.at, standing.ended.outcome)
    return values


def _refusal(instance_id: str, customer_id: str, seq: int, why: str) -> dict[str, Any]:
    text = f"A command changed nothing: {why}."
    return timeline.entry(customer_id, f"{instance_id}:refused:{seq}", now(), "why", text, instance_id=instance_id)


def _reason(instance_id: str, customer_id: str, decision: Decision) -> dict[str, Any]:
    return timeline.entry(
        customer_id,
        f"{instance_id}:why:{decision.id}",
        decision.at,
        "why",
        decision.text,
        instance_id=instance_id,
        detail={
            "step": decision.step,
            "rule": decision.rule,
            "values": decision.values,
            "result": decision.result,
        },
    )


async def _effect(tx: Tx, instance_id: str, customer_id: str, effect: Write) -> dict[str, Any]:
    key = f"{instance_id}:{effect.id}"
    if isinstance(effect, OpenTask):
        return await tasks.open_task(tx, instance_id, customer_id, effect)
    if isinstance(effect, CloseTask):
        return await tasks.close_task(tx, instance_id, customer_id, effect)
    if isinstance(effect, AddNote):
        text = await _note(tx, instance_id, effect)
        return timeline.entry(customer_id, key, now(), "note", text, instance_id=instance_id)
    await customers.change(tx, customer_id, effect)
    said = [f"{name} is now {_shown(value)}" for name, value in effect.attributes.items()]
    said += [f"tag {tag} added" for tag in effect.add_tags] + [f"tag {tag} removed" for tag in effect.remove_tags]
    detail = effect.model_dump(mode="json")
    return timeline.entry(customer_id, key, now(), "set", "; ".join(said), instance_id=instance_id, detail=detail)


def _shown(value: Any) -> str:
    """A value as people write it: text as it is, true and not True."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def _note(tx: Tx, instance_id: str, effect: AddNote) -> str:
    try:
        return templates.render(effect.text, await facts(tx, instance_id, effect.vars))
    except templates.TextProblem as problem:
        return f"{effect.text} ({problem})"


def _end(instance_id: str, customer_id: str, ended: Ended) -> dict[str, Any]:
    text = f'The journey ended as "{ended.outcome}". {ended.why}'
    return timeline.entry(customer_id, f"{instance_id}:ended", ended.at, "ended", text, instance_id=instance_id)
