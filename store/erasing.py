"""Erasing a customer: everything that says who they were or what they did goes, in one transaction.

What stays, and why: a row of ours without anything in it, because others point to it; of each event and message its own
id, type and moment, so that the same one again is still the same one and nothing is sent twice; the marks of suppressed
addresses (``store.seal``), so that nobody writes to them; the audit, which says who did what, for the law.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, cast, delete, or_, select, update
from sqlalchemy import Text as TextType

from journey.commands import ERASED, Erase
from store import instances, ledger, timeline
from store.beginnings import one_decides
from store.clock import now
from store.database import Tx
from store.sayings import CONTACT, FRESH
from store.seal import Seal
from store.tables import (
    customer,
    customer_alias,
    customer_merge,
    customer_merge_row,
    delivery,
    inbox,
    incoming,
    instance,
    message,
    metadata,
    parked,
    purchase,
    purchase_line,
    survey,
    task,
    task_act,
)

KEPT = ("audit", "customer", "inbox", "instance", "message", "survey", "task", "customer_merge", "customer_alias")
"""Tables of which the rows of an erased customer are not simply deleted. Whatever is not named here is: so a table that
is added tomorrow keeps nobody."""
UNROUTED = ("new", "parked", "quarantined")


async def erase(tx: Tx, customer_id: str, seal: Seal, by: str, reason: str) -> int:
    """Erase a customer, with all who were merged into them; returns how many records that were.

    1. their journeys end and forget, 2. what they said and were sent loses its content, 3. everything else is deleted.
    """
    await one_decides(tx)
    who = await _all_of(tx, customer_id)
    names = [row.value for row in await tx.execute(select(customer_alias.c.value).where(_of(customer_alias, who)))]
    await _end_journeys(tx, who, by, reason)
    await _blank_events(tx, who, names)
    await _blank_messages(tx, who, seal)
    await _delete_the_rest(tx, who)
    await _blank_tasks(tx, who)
    await tx.execute(update(customer).where(_of(customer, who)).values(**_blank(now())))
    text = f"Everything that was known of this customer was erased by {by}: {reason}"
    await timeline.add(tx, [timeline.entry(customer_id, "erased", now(), "staff", text)])
    return len(who)


def _of(table: Table, who: Collection[str]) -> ColumnElement[bool]:
    return table.c.customer_id.in_(who)


async def _all_of(tx: Tx, customer_id: str) -> list[str]:
    """The customer and those who became part of them, locked."""
    found = [customer_id]
    for one in found:
        query = select(customer.c.customer_id).where(customer.c.merged_into == one).with_for_update()
        found += [row.customer_id for row in await tx.execute(query)]
    return found


async def _end_journeys(tx: Tx, who: Collection[str], by: str, reason: str) -> None:
    mine = _of(instance, who)
    query = select(instance.c.instance_id).where(mine, instance.c.state == "running")
    for instance_id in list(await tx.scalars(query)):
        given = Erase(at=now(), by=by, reason=reason)
        await instances.command(tx, instance_id, given, key="erase", soon=True)
        ended = instances.ending(now(), ERASED) | {"state": "ending"}
        await tx.execute(update(instance).where(instance.c.instance_id == instance_id).values(**ended))
        await ledger.withdraw(tx, instance_id, "the customer was erased")
    rows = (await tx.execute(select(instance.c.instance_id, instance.c.entry).where(mine))).all()
    for row in rows:
        event = {**row.entry["event"], "data": {}, "customer": {}}
        blank: dict[str, Any] = {"snapshot": None, "told": None, "doing": "", "entry_key": f"erased:{row.instance_id}"}
        blank["entry"] = {**row.entry, "event": event}
        await tx.execute(update(instance).where(instance.c.instance_id == row.instance_id).values(**blank))
        heard = select(delivery.c.seq, delivery.c.kind, delivery.c.content)
        for one in (await tx.execute(heard.where(delivery.c.instance_id == row.instance_id))).all():
            if one.kind != "command":
                here = (delivery.c.instance_id == row.instance_id) & (delivery.c.seq == one.seq)
                await tx.execute(update(delivery).where(here).values(content=_silent(one.kind, one.content)))


def _silent(kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """A delivery without what it said."""
    if kind == "entry":
        return {**content, "event": {**content["event"], "data": {}, "customer": {}}}
    return {**content, "data": {}, "customer": {}}


async def _blank_events(tx: Tx, who: Collection[str], names: Collection[str]) -> None:
    """What they said, and what still waits in the inbox and names them."""
    said = [cast(inbox.c.envelope, TextType).contains(name, autoescape=True) for name in names if len(name) > 5]
    unrouted = and_(inbox.c.customer_id.is_(None), inbox.c.state.in_(UNROUTED), or_(*said)) if said else None
    theirs = or_(_of(inbox, who), unrouted) if unrouted is not None else _of(inbox, who)
    await tx.execute(delete(parked).where(parked.c.event_pk.in_(select(inbox.c.event_pk).where(theirs))))
    waiting = theirs & inbox.c.state.in_(UNROUTED)
    result = {"reason": "the customer was erased"}
    await tx.execute(
        update(inbox).where(waiting).values(state="unmatched", data={"customer": {}}, envelope="{}", result=result)
    )
    await tx.execute(update(inbox).where(_of(inbox, who)).values(data={"customer": {}}, envelope="{}", result=result))


async def _blank_messages(tx: Tx, who: Collection[str], seal: Seal) -> None:
    query = select(message.c.send_key, message.c.recipient).where(_of(message, who), message.c.recipient.is_not(None))
    for row in (await tx.execute(query)).all():
        mine = (message.c.send_key == row.send_key) & message.c.mark.is_(None)
        await tx.execute(update(message).where(mine).values(mark=seal.mark(row.recipient)))
    nothing = dict.fromkeys(("recipient", "subject", "body", "links", "reason", "remote_id"))
    await tx.execute(update(message).where(_of(message, who)).values(**nothing))
    await tx.execute(update(survey).where(_of(survey, who)).values(comment=None, question=""))


async def _blank_tasks(tx: Tx, who: Collection[str]) -> None:
    mine = _of(task, who)
    still_open = update(task).where(mine, task.c.state == "open")
    await tx.execute(still_open.values(state="cancelled", closed_at=now()))
    await tx.execute(update(task).where(mine).values(title="Erased", text="", answers=None, reason=None, playbook={}))
    acts = task_act.c.task_id.in_(select(task.c.task_id).where(mine))
    await tx.execute(update(task_act).where(acts).values(text="", detail={}))


async def _delete_the_rest(tx: Tx, who: Collection[str]) -> None:
    addresses = [row.email for row in await tx.execute(select(customer.c.email).where(_of(customer, who))) if row.email]
    await tx.execute(delete(incoming).where(incoming.c.sender.in_(addresses)))
    merges = or_(_of(customer_merge, who), customer_merge.c.other_id.in_(who))
    made = select(customer_merge.c.merge_id).where(merges)
    await tx.execute(delete(customer_merge_row).where(customer_merge_row.c.merge_id.in_(made)))
    await tx.execute(delete(customer_merge).where(merges))
    bought = select(purchase.c.purchase_pk).where(_of(purchase, who))
    await tx.execute(delete(purchase_line).where(purchase_line.c.purchase_pk.in_(bought)))
    await tx.execute(delete(customer_alias).where(_of(customer_alias, who)))
    for table in reversed(metadata.sorted_tables):
        if "customer_id" in table.c and table.name not in KEPT:
            await tx.execute(delete(table).where(_of(table, who)))


def _blank(moment: datetime) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys((*CONTACT, "external_id", "due_at"))
    empty = {"attributes": {}, "tags": [], "said": {}, "derived": {}, "ruled_by": FRESH}
    return nothing | empty | {"erased_at": moment, "updated_at": moment}
