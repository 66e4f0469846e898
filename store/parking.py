"""Events of somebody whom nobody knows yet: they wait until it is said who that is, for a limited time.

By what they wait: ``anonymous``, an id that a browser made up, or ``order``, an order that nobody has bought here yet.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select, tuple_, update

from journey import identity
from store.clock import now
from store.database import Tx
from store.tables import customer_alias, inbox, parked, purchase

LONGEST = timedelta(days=30)
"""How long an event waits; then it is put into quarantine."""
AT_ONCE = 500
ANONYMOUS, ORDER = "anonymous", "order"

Name = tuple[str, str]


async def known(tx: Tx, given: Mapping[str, Any]) -> Mapping[str, Any] | Name:
    """The customer of an event so that the record can tell who it is; or, if nobody can, by what it has to wait."""
    names = identity.names(given)
    if names.keys() - {ANONYMOUS}:
        return given
    if (order := given.get("order_id")) is not None and (owner := await _owner(tx, str(order))):
        return {**given, **owner}
    if anonymous := names.get(ANONYMOUS):
        mine = and_(customer_alias.c.kind == ANONYMOUS, customer_alias.c.value == anonymous)
        found = (await tx.execute(select(customer_alias.c.customer_id).where(mine))).first()
        return given if found else (ANONYMOUS, anonymous)
    return (ORDER, str(order))


async def _owner(tx: Tx, order: str) -> dict[str, str] | None:
    """A name of whoever bought an order; the latest, should shops number alike."""
    newest = select(purchase.c.customer_id).where(purchase.c.order_id == order).order_by(purchase.c.purchase_pk.desc())
    owner = (await tx.execute(newest.limit(1))).scalar_one_or_none()
    if owner is None:
        return None
    rows = await tx.execute(select(customer_alias).where(customer_alias.c.customer_id == owner))
    names = {row.kind: row.value for row in rows}
    return next(({identity.KEYS[kind]: names[kind]} for kind in identity.KINDS if kind in names), None)


async def park(tx: Tx, event_pk: int, accepted_at: datetime, name: Name) -> None:
    """Let an event wait."""
    kind, value = name
    until = accepted_at + LONGEST
    whom = f"the anonymous id {value}" if kind == ANONYMOUS else f"the order {value}"
    reason = f"nobody here is known by {whom} yet; it waits for that until {until:%Y-%m-%d %H:%M} UTC"
    await tx.execute(parked.insert().values(event_pk=event_pk, kind=kind, value=value, until=until))
    values = {"state": "parked", "result": {"reason": reason}, "next_try_at": None}
    await tx.execute(update(inbox).where(inbox.c.event_pk == event_pk).values(**values))


async def release(tx: Tx, event: Mapping[str, Any]) -> int:
    """Let go what waited for what this event has told; returns how many events that were."""
    names = list(_told(event))
    if not names:
        return 0
    return await _let_go(tx, tuple_(parked.c.kind, parked.c.value).in_(names))


def _told(event: Mapping[str, Any]) -> list[Name]:
    data = event["data"]
    found = [data["customer"].get("anonymous_id")]
    if event["type"] == "customer.aliased":
        found.append(data.get("previous_id"))
    if event["type"] == "customer.merged" and isinstance(data.get("other"), dict):
        found.append(data["other"].get("anonymous_id"))
    told = [(ANONYMOUS, str(one)) for one in found if one]
    if event["type"] == "purchase.completed" and data.get("order_id"):
        told.append((ORDER, str(data["order_id"])))
    return told


async def tend(tx: Tx) -> tuple[int, int]:
    """Let go what waits for a name that has become known in another way, and put into quarantine what has waited too
    long; how many of each."""
    by_alias = and_(
        parked.c.kind == ANONYMOUS,
        exists().where(customer_alias.c.kind == ANONYMOUS, customer_alias.c.value == parked.c.value),
    )
    by_order = and_(parked.c.kind == ORDER, exists().where(purchase.c.order_id == parked.c.value))
    freed = await _let_go(tx, or_(by_alias, by_order))
    late = (await tx.execute(select(parked.c.event_pk).where(parked.c.until < now()).limit(AT_ONCE))).scalars().all()
    if late:
        reason = f"nobody was known by its name within {LONGEST.days} days"
        await tx.execute(delete(parked).where(parked.c.event_pk.in_(late)))
        values = {"state": "quarantined", "result": {"reason": reason}}
        await tx.execute(update(inbox).where(inbox.c.event_pk.in_(late), inbox.c.state == "parked").values(**values))
    return freed, len(late)


async def forget(tx: Tx, event_pk: int) -> None:
    """An event waits no longer."""
    await tx.execute(delete(parked).where(parked.c.event_pk == event_pk))


async def _let_go(tx: Tx, which: Any) -> int:
    found = select(parked.c.event_pk).where(which).order_by(parked.c.event_pk).limit(AT_ONCE)
    freed = (await tx.execute(found)).scalars().all()
    if freed:
        await tx.execute(delete(parked).where(parked.c.event_pk.in_(freed)))
        values = {"state": "new", "attempts": 0, "result": None}
        await tx.execute(update(inbox).where(inbox.c.event_pk.in_(freed), inbox.c.state == "parked").values(**values))
    return len(freed)
