"""Who is in which segment: kept current by events and, where a condition depends on the day, when it is due.

Whoever enters or leaves is told to the router by an event of our own (``segment.entered``, ``segment.left``), so that
journeys may begin or end with it. One customer is asked about at a time, however many there are.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update

from journey import identity
from journey.customer import facts
from journey.record import segments
from journey.record.rules import Rules
from store import derived, inbox, names, rules
from store.clock import now
from store.customers import RECORD, record_of
from store.database import Tx
from store.inbox import NewEvent
from store.sayings import FRESH
from store.tables import customer, membership

SOURCE = "wayfare"
"""The source of our own events."""
NEW_RULES = "the rules changed"
A_DAY_CAME = "time passed"
IMPORTED = "an import"
SILENT = (NEW_RULES, IMPORTED)
"""What begins and ends no journeys: whoever publishes a segment or imports a file did not mean to write to everybody
whom it moves."""


async def follow(tx: Tx, customer_id: str, because: str) -> dict[str, Any]:
    """Ask the conditions about one customer, note what has changed and when to ask again; returns the record as
    conditions see it. ``because`` says in a few words what happened."""
    in_force, moment = await rules.in_force(tx), now()
    row = await _row(tx, customer_id)
    if row["ruled_by"] not in (in_force.hash, FRESH):
        row["derived"] = await derived.refresh(tx, customer_id)
        row["ruled_by"] = in_force.hash
    seen = facts(record_of(row), in_force, moment)
    before = list(row["derived"].get("segments", ()))
    inside = segments.members(in_force.segments.values(), seen, moment)
    record = {**row, "loyalty": in_force.loyalty, "read_at": moment}
    due_at = segments.due(in_force.segments.values(), record, moment)
    values: dict[str, Any] = {"due_at": due_at, "ruled_by": in_force.hash}
    if inside != before:
        values["derived"] = {**row["derived"], "segments": inside}
        await _moved(tx, customer_id, before, inside, because, moment, in_force)
    if any(row[name] != value for name, value in values.items()):
        await tx.execute(update(customer).where(customer.c.customer_id == customer_id).values(**values))
    return {**seen, "segments": inside}


async def _row(tx: Tx, customer_id: str) -> dict[str, Any]:
    return dict((await tx.execute(_RECORD, {"of": customer_id})).mappings().one())


_RECORD = RECORD.where(customer.c.customer_id == bindparam("of")).with_for_update(of=customer, key_share=True)


async def _moved(
    tx: Tx,
    customer_id: str,
    before: Sequence[str],
    inside: Sequence[str],
    because: str,
    at: datetime,
    in_force: Rules,
) -> None:
    """Write down who entered and left what, and tell the router unless the reason is a silent one."""
    entered, left = sorted(set(inside) - set(before)), sorted(set(before) - set(inside))
    for name in entered:
        row = {"customer_id": customer_id, "segment": name, "entered_at": at, "entered_because": because[:120]}
        await tx.execute(membership.insert().values(**row))
    if left:
        mine = (membership.c.customer_id == customer_id) & membership.c.segment.in_(left)
        closed = update(membership).where(mine, membership.c.left_at.is_(None))
        await tx.execute(closed.values(left_at=at, left_because=because[:120]))
    if because in SILENT:
        return
    known_as = await names.of_customer(tx, customer_id)
    if not known_as:
        return
    whom = {identity.KEYS[known_as[0]["kind"]]: known_as[0]["value"]}
    moves = [("segment.entered", name) for name in entered] + [("segment.left", name) for name in left]
    known = [(kind, name) for kind, name in moves if name in in_force.segments]
    await inbox.accept(tx, [_event(kind, name, whom, because, at, in_force, customer_id) for kind, name in known])


def _event(
    kind: str, name: str, whom: Mapping[str, str], because: str, at: datetime, in_force: Rules, customer_id: str
) -> NewEvent:
    data = {"customer": dict(whom), "segment": name, "title": in_force.segments[name].title, "because": because}
    event_id = f"{kind}:{name}:{customer_id}:{at.isoformat()}"
    whole = {"specversion": "1.0", "source": SOURCE, "id": event_id, "type": kind, "data": data}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return NewEvent(SOURCE, event_id, kind, None, data, text, digest)


UNITED = "two customers became one"


async def parted(tx: Tx, customer_id: str) -> None:
    """After a merge was undone: a stay that ended only because another one counted goes on."""
    mine = membership.c.customer_id == customer_id
    other = membership.alias()
    inside = select(other.c.segment).where(other.c.customer_id == customer_id, other.c.left_at.is_(None))
    closed = update(membership).where(mine, membership.c.left_because == UNITED, membership.c.segment.not_in(inside))
    await tx.execute(closed.values(left_at=None, left_because=None))


async def united(tx: Tx, customer_id: str) -> None:
    """After a merge: of a segment that both were in, the longer stay counts."""
    query = select(membership).where(membership.c.customer_id == customer_id, membership.c.left_at.is_(None))
    rows = (await tx.execute(query.order_by(membership.c.entered_at, membership.c.membership_pk))).all()
    seen: set[str] = set()
    for row in rows:
        if row.segment in seen:
            mine = membership.c.membership_pk == row.membership_pk
            values = {"left_at": row.entered_at, "left_because": UNITED}
            await tx.execute(update(membership).where(mine).values(**values))
        seen.add(row.segment)


async def waiting(tx: Tx, in_force: Rules, limit: int) -> list[tuple[str, str]]:
    """Customers to ask about, with the reason: those who are due, and those who were not seen under these rules."""
    alive = customer.c.merged_into.is_(None) & customer.c.erased_at.is_(None)
    due = select(customer.c.customer_id).where(customer.c.due_at <= now(), alive)
    found = [(row.customer_id, A_DAY_CAME) for row in await tx.execute(due.order_by(customer.c.due_at).limit(limit))]
    # Two questions for one index: "not equal" would read everybody.
    for other in (customer.c.ruled_by < in_force.hash, customer.c.ruled_by > in_force.hash):
        more = select(customer.c.customer_id).where(other, alive).limit(limit)
        found += [(row.customer_id, NEW_RULES) for row in await tx.execute(more)]
    return found[:limit]


async def put_off(tx: Tx, customer_id: str, in_force: Rules, length: timedelta) -> None:
    """Leave a customer alone for a while."""
    values = {"due_at": now() + length, "ruled_by": in_force.hash}
    await tx.execute(update(customer).where(customer.c.customer_id == customer_id).values(**values))


async def of_customer(tx: Tx, customer_id: str, limit: int = 100) -> list[dict[str, Any]]:
    """The segments that a customer is in or was in, the last entered first."""
    query = select(membership).where(membership.c.customer_id == customer_id)
    newest = (membership.c.entered_at.desc(), membership.c.membership_pk.desc())
    return [dict(row) for row in (await tx.execute(query.order_by(*newest).limit(limit))).mappings()]


async def members(tx: Tx, segment: str, limit: int, after: str = "") -> list[str]:
    """The customers in a segment by our id, paged."""
    query = select(membership.c.customer_id).where(
        membership.c.segment == segment, membership.c.left_at.is_(None), membership.c.customer_id > after
    )
    return [row.customer_id for row in await tx.execute(query.order_by(membership.c.customer_id).limit(limit))]


async def sizes(tx: Tx) -> dict[str, int]:
    """How many customers are in each segment."""
    query = select(membership.c.segment, func.count()).where(membership.c.left_at.is_(None))
    return {segment: count for segment, count in await tx.execute(query.group_by(membership.c.segment))}
