"""Two customers that turn out to be one, and the way back.

Everything of the other customer moves to the one that stays: the rows of every table that has a ``customer_id``. Each
moved row is written down, and an undo moves it back, together with what came since then by the other's names.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update

from journey.identity import joined, names, news, parted, separated, united
from store import belongings, changes, derived, doubles, segments, timeline
from store.clock import now
from store.database import Tx
from store.sayings import said_by, sayings, whole
from store.tables import customer, customer_alias, customer_merge, inbox


class UnknownMerge(Exception):
    """No such merge was made."""


class CannotPart(Exception):
    """A merge that cannot be undone now; the text says why and what to do first."""


async def merge(tx: Tx, customer_id: str, other_id: str, reason: str) -> dict[str, Any]:
    """Make ``other_id`` a part of ``customer_id``; returns the row of the latter as it is then.

    1. both records are locked, 2. journeys that run twice are made one, 3. the rows move, 4. the record is joined.
    """
    moment = now()
    rows = await _locked(tx, customer_id, other_id)
    mine, other = rows[customer_id], rows[other_id]
    merge_id = await _written_down(tx, mine, other, reason, moment)
    await doubles.settle(tx, customer_id, other_id)
    await belongings.move(tx, merge_id, other_id, customer_id)
    record = {
        **whole(joined(sayings(mine), sayings(other))),
        "tags": united(mine["tags"], other["tags"]),
        "external_id": mine["external_id"] or other["external_id"],
        "updated_at": moment,
    }
    await _write(tx, customer_id, record)
    await _write(tx, other_id, {"merged_into": customer_id, "updated_at": moment})
    await segments.united(tx, customer_id)
    record["derived"] = await derived.refresh(tx, customer_id)
    text = f"{_called(other)} turned out to be the same customer: {reason}. The two records are one now."
    await timeline.add(tx, [timeline.entry(customer_id, f"merge:{merge_id}", moment, "merge", text)])
    return {**mine, **record}


async def _locked(tx: Tx, *customer_ids: str) -> dict[str, dict[str, Any]]:
    """The rows, so that nobody adds anything to either (a foreign key waits too) until we have committed."""
    query = select(customer).where(customer.c.customer_id.in_(customer_ids)).order_by(customer.c.customer_id)
    return {row["customer_id"]: dict(row) for row in (await tx.execute(query.with_for_update())).mappings()}


async def _written_down(tx: Tx, mine: dict[str, Any], other: dict[str, Any], reason: str, at: datetime) -> str:
    merge_id = secrets.token_hex(12)
    newest = (await tx.execute(select(func.coalesce(func.max(inbox.c.event_pk), 0)))).scalar_one()
    await tx.execute(
        customer_merge.insert().values(
            merge_id=merge_id,
            customer_id=mine["customer_id"],
            other_id=other["customer_id"],
            before={**_record(mine), "tags": mine["tags"], "external_id": mine["external_id"]},
            up_to_event=newest,
            reason=reason,
            merged_at=at,
        )
    )
    return merge_id


def _record(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in whole({})}


async def _write(tx: Tx, customer_id: str, values: dict[str, Any]) -> None:
    await tx.execute(update(customer).where(customer.c.customer_id == customer_id).values(**values))


def _called(row: Mapping[str, Any]) -> str:
    return next((str(row[name]) for name in ("external_id", "email", "name") if row[name]), "Somebody without a name")


async def get(tx: Tx, merge_id: str) -> dict[str, Any]:
    """A merge. Raises UnknownMerge."""
    found = (await tx.execute(select(customer_merge).where(customer_merge.c.merge_id == merge_id))).mappings().first()
    if found is None:
        raise UnknownMerge(merge_id)
    return dict(found)


async def undo(tx: Tx, merge_id: str) -> str:
    """Take a merge back; returns the id of the customer that is there again. Raises CannotPart.

    The other gets back what it brought in, and every event that came since by its names, with what that event said,
    bought and began. A journey that the merge ended stays ended.
    """
    made = await get(tx, merge_id)
    customer_id, other_id = made["customer_id"], made["other_id"]
    rows = await _locked(tx, customer_id, other_id)
    await _refuse_if_not_last(tx, made, rows[customer_id])
    mine, other, before = rows[customer_id], rows[other_id], made["before"]
    await belongings.give_back(tx, merge_id, customer_id, other_id)
    others = sayings(other)
    for event in await _events_since(tx, made):
        others |= news(others, said_by(event["data"]["customer"], event["occurred_at"], event["accepted_at"]))
        await belongings.follow(tx, event["event_pk"], customer_id, other_id)
    record = {
        **whole(parted(sayings(mine), sayings(before), others)),
        "tags": separated(mine["tags"], before["tags"], other["tags"]),
        "external_id": before["external_id"],
    }
    moment = now()
    await _write(tx, customer_id, {**record, "updated_at": moment})
    await _write(tx, other_id, {**whole(others), "merged_into": None, "updated_at": moment})
    await tx.execute(update(customer_merge).where(customer_merge.c.merge_id == merge_id).values(undone_at=moment))
    for one in (customer_id, other_id):
        await segments.parted(tx, one)
        await derived.refresh(tx, one)
        await changes.changed(tx, one, "a merge was undone")
    await timeline.add(tx, _lines(merge_id, mine, other, moment))
    return str(other_id)


def _lines(merge_id: str, mine: dict[str, Any], other: dict[str, Any], at: datetime) -> list[dict[str, Any]]:
    key = f"merge:{merge_id}:undone"
    gone = f"{_called(other)} is a customer of their own again: the merge was undone."
    back = f"The merge into {_called(mine)} was undone. What came since by this customer's names is here."
    return [
        timeline.entry(mine["customer_id"], key, at, "merge", gone),
        timeline.entry(other["customer_id"], key, at, "merge", back),
    ]


async def _refuse_if_not_last(tx: Tx, made: Mapping[str, Any], survivor: Mapping[str, Any]) -> None:
    if made["undone_at"] is not None:
        raise CannotPart("This merge was undone already.")
    if survivor["merged_into"] is not None:
        raise CannotPart("The customer was merged into another one since. Undo that merge first.")
    later = select(customer_merge.c.merge_id).where(
        customer_merge.c.customer_id == made["customer_id"],
        customer_merge.c.undone_at.is_(None),
        customer_merge.c.merged_at > made["merged_at"],
    )
    newest = (await tx.execute(later.order_by(customer_merge.c.merged_at.desc()).limit(1))).scalar_one_or_none()
    if newest is not None:
        raise CannotPart(f"Another customer was merged into this one since. Undo the merge {newest} first.")


async def _events_since(tx: Tx, made: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The events after the merge whose strongest name is one that the other has back."""
    query = select(customer_alias.c.kind, customer_alias.c.value).where(
        customer_alias.c.customer_id == made["other_id"]
    )
    theirs = {(row.kind, row.value) for row in await tx.execute(query)}
    since = select(inbox.c.event_pk, inbox.c.data, inbox.c.occurred_at, inbox.c.accepted_at).where(
        inbox.c.customer_id == made["customer_id"], inbox.c.event_pk > made["up_to_event"]
    )
    rows = [dict(row) for row in (await tx.execute(since.order_by(inbox.c.event_pk))).mappings()]
    return [row for row in rows if next(iter(names(row["data"]["customer"]).items()), None) in theirs]


async def of_customer(tx: Tx, customer_id: str) -> list[dict[str, Any]]:
    """The merges of which a customer was a part, the newest first."""
    mine = or_(customer_merge.c.customer_id == customer_id, customer_merge.c.other_id == customer_id)
    rows = await tx.execute(select(customer_merge).where(mine).order_by(customer_merge.c.merged_at.desc()))
    return [dict(row) for row in rows.mappings()]
