"""Notices to other systems: written down with the change that they tell, sent by ``activities.courier``."""

import hashlib
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, select, true, update

from journey.declared.subscriber import Subscriber
from journey.notices import type_of, wanted
from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import customer, instance, notice, subscriber

FRESH_SECONDS = 2.0
"""How late a process may learn who the subscribers are."""
LEASE = timedelta(seconds=60)
"""For so long a notice belongs to the courier that has taken it."""
DEAD_AFTER = timedelta(days=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)

_known: dict[str, tuple[float, dict[str, Subscriber]]] = {}


async def publish(tx: Tx, subscribers: Mapping[str, Subscriber]) -> None:
    """Make these subscribers the ones in force. One that had gone is told again if what is said of it has changed."""
    rows = {row.subscriber: row for row in await tx.execute(select(subscriber))}
    await tx.execute(delete(subscriber).where(subscriber.c.subscriber.not_in(subscribers.keys())))
    for name, one in subscribers.items():
        content = one.model_dump(mode="json")
        if name not in rows:
            await tx.execute(subscriber.insert().values(subscriber=name, content=content, published_at=now()))
        elif rows[name].content != content:
            values = {"content": content, "published_at": now(), "gone_at": None}
            await tx.execute(update(subscriber).where(subscriber.c.subscriber == name).values(**values))
    _known.clear()


async def in_force(tx: Tx) -> dict[str, Subscriber]:
    """The subscribers that are told something, by name."""
    rows = await tx.execute(select(subscriber.c.subscriber, subscriber.c.content).where(subscriber.c.gone_at.is_(None)))
    return {row.subscriber: Subscriber.model_validate(row.content) for row in rows}


async def _remembered(tx: Tx) -> dict[str, Subscriber]:
    """The same, as this process has read it a moment ago: every line of every timeline asks."""
    place = str(tx.engine.url)
    read_at, known = _known.get(place, (float("-inf"), {}))
    if time.monotonic() > read_at + FRESH_SECONDS:
        known = await in_force(tx)
        _known[place] = (time.monotonic(), known)
    return known


async def write(tx: Tx, lines: Sequence[Mapping[str, Any]]) -> None:
    """Write down whom these lines of timelines are to be told; again it changes nothing."""
    subscribers = await _remembered(tx)
    if not subscribers:
        return
    moment = now()
    rows = []
    for line in lines:
        kind = type_of(line["kind"], line["key"], line["detail"])
        told = [name for name, one in subscribers.items() if kind and wanted(one.changes, kind)]
        digest = hashlib.sha256(f"{line['customer_id']} {line['key']}".encode()).hexdigest()
        rows += [_row(line, kind, name, f"n_{digest[:32]}", moment) for name in told]
    await insert_new(tx, notice, rows, ["notice_id", "subscriber"])


async def changed(tx: Tx, customer_id: str, at: datetime, how: str, names: Sequence[str]) -> None:
    """Write down that the record of a customer has changed, by what an event said: that is no line of its own. Without
    a name nothing has."""
    if not names:
        return
    key = f"changed:{secrets.token_hex(8)}"
    line = {"customer_id": customer_id, "instance_id": None, "key": key, "at": at, "kind": "changed"}
    await write(tx, [{**line, "text": f"The customer {how}.", "detail": {"fields": list(names)}}])


def _row(line: Mapping[str, Any], kind: str, name: str, notice_id: str, moment: datetime) -> dict[str, Any]:
    return {
        "notice_id": notice_id,
        "subscriber": name,
        "type": kind,
        "customer_id": line["customer_id"],
        "instance_id": line["instance_id"],
        "at": line["at"],
        "content": {"text": line["text"], "detail": line["detail"]},
        "state": "waiting",
        "attempts": 0,
        "next_try_at": moment,
        "created_at": moment,
    }


async def due(tx: Tx) -> list[str]:
    """The subscribers for whom something is due."""
    query = select(notice.c.subscriber).where(_due()).distinct().order_by(notice.c.subscriber)
    return list(await tx.scalars(query))


def _due() -> ColumnElement[bool]:
    return and_(notice.c.state == "waiting", notice.c.next_try_at <= now())


async def take(tx: Tx, name: str, limit: int) -> list[dict[str, Any]]:
    """Notices to a subscriber that are due, the oldest first and of each customer only the oldest that waits, with whom
    and what they are about. They belong to the caller for a minute; whoever dies meanwhile leaves them to the next
    one."""
    earlier = notice.alias("earlier")
    mine = and_(earlier.c.subscriber == notice.c.subscriber, earlier.c.customer_id == notice.c.customer_id)
    ahead = exists().where(mine, earlier.c.state == "waiting", earlier.c.notice_pk < notice.c.notice_pk)
    query = select(notice.c.notice_pk).where(_due(), notice.c.subscriber == name, not_(ahead))
    query = query.order_by(notice.c.next_try_at, notice.c.notice_pk).limit(limit)
    keys = list(await tx.scalars(query.with_for_update(of=notice, skip_locked=True)))
    if not keys:
        return []
    await tx.execute(update(notice).where(notice.c.notice_pk.in_(keys)).values(next_try_at=now() + LEASE))
    whole = (
        select(notice, customer.c.external_id, instance.c.journey, instance.c.entry_key, instance.c.outcome)
        .join(customer, customer.c.customer_id == notice.c.customer_id)
        .outerjoin(instance, instance.c.instance_id == notice.c.instance_id)
        .where(notice.c.notice_pk.in_(keys))
    )
    return [dict(row) for row in (await tx.execute(whole.order_by(notice.c.notice_pk))).mappings()]


async def written(tx: Tx, notice_pk: int, body: str) -> None:
    """This is what goes out, in every try: who the customer is may have changed until the next one."""
    await tx.execute(update(notice).where(notice.c.notice_pk == notice_pk).values(body=body))


async def delivered(tx: Tx, notice_pk: int) -> None:
    """It was taken."""
    values = {"state": "delivered", "decided_at": now(), "attempts": notice.c.attempts + 1, "reason": None}
    await tx.execute(update(notice).where(notice.c.notice_pk == notice_pk).values(**values))


async def failed(tx: Tx, row: Mapping[str, Any], reason: str) -> str:
    """It was not taken; the next try is later each time, and after a day it is dead. Returns its state."""
    moment, attempts = now(), row["attempts"] + 1
    pause = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    dead = moment + pause > row["created_at"] + DEAD_AFTER
    values: dict[str, Any] = {"attempts": attempts, "reason": reason[:500]}
    values |= {"state": "dead", "decided_at": moment} if dead else {"next_try_at": moment + pause}
    await tx.execute(update(notice).where(notice.c.notice_pk == row["notice_pk"]).values(**values))
    return "dead" if dead else "waiting"


async def gone(tx: Tx, name: str) -> None:
    """A subscriber wants nothing more (410): what waits for it is dead."""
    moment = now()
    reason = "it has answered 410: it wants nothing more"
    await tx.execute(update(subscriber).where(subscriber.c.subscriber == name).values(gone_at=moment))
    mine = (notice.c.subscriber == name) & (notice.c.state == "waiting")
    await tx.execute(update(notice).where(mine).values(state="dead", decided_at=moment, reason=reason))
    _known.clear()


async def again(tx: Tx, name: str = "") -> int:
    """Let dead notices be tried once more, for another day; of one subscriber or of all."""
    mine = notice.c.state == "dead"
    if name:
        mine &= notice.c.subscriber == name
    values = {"state": "waiting", "attempts": 0, "next_try_at": now(), "created_at": now(), "decided_at": None}
    return (await tx.execute(update(notice).where(mine).values(**values))).rowcount


async def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """How many notices of each subscriber are in each state."""
    query = select(notice.c.subscriber, notice.c.state, func.count()).group_by(notice.c.subscriber, notice.c.state)
    return {(name, state): count for name, state, count in await tx.execute(query)}


async def listed(
    tx: Tx, limit: int, *, name: str = "", state: str = "", before: int | None = None
) -> list[dict[str, Any]]:
    """Notices, the newest first; ``before`` is the ``notice_pk`` of the last one seen."""
    mine = notice.c.subscriber == name if name else true()
    query = select(notice).where(mine, notice.c.state == state if state else true())
    query = query.where(notice.c.notice_pk < before if before is not None else true())
    return [dict(row) for row in (await tx.execute(query.order_by(notice.c.notice_pk.desc()).limit(limit))).mappings()]
