"""Instances and their deliveries: one dense sequence each, written by the router, read by the workflow."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, text, update

from journey.commands import Cancel, Command
from journey.definition import Journey
from journey.inputs import Entry, Event
from journey.routing import Former
from store import ledger
from store.clock import now
from store.database import Tx
from store.tables import RUNNING, UNHEARD, customer, definition, delivery, instance

NEVER_RUNG = datetime(2000, 1, 1, tzinfo=UTC)


async def former(tx: Tx, journey: str, customer_id: str, key: str) -> Former | None:
    """The latest instance of this journey for this customer and key."""
    mine = (instance.c.journey == journey) & (instance.c.customer_id == customer_id) & (instance.c.entry_key == key)
    newest = (instance.c.started_at.desc(), instance.c.state.desc())  # of two of one moment, the one that runs
    query = select(instance.c.state, instance.c.ended_at).where(mine).order_by(*newest).limit(1)
    row = (await tx.execute(query)).first()
    return Former(running=row.state == "running", ended_at=row.ended_at) if row else None


@dataclass(frozen=True)
class Parent:
    """The instance and the effect that start another one; whether its end is awaited, and whether it ends with it."""

    instance_id: str
    effect_id: str
    awaited: bool
    bound: bool


async def begin(
    tx: Tx,
    journey: Journey,
    customer_id: str,
    key: str,
    entry: Entry,
    event_pk: int | None,
    parent: Parent | None = None,
) -> str:
    """A new instance with its first delivery; returns its id (opaque: it goes into workflow ids). One that another
    instance starts is started by the sweeper."""
    moment = now()
    instance_id = secrets.token_hex(12)
    content = entry.model_dump(mode="json")
    started_by = (
        {
            "parent_id": parent.instance_id,
            "parent_effect": parent.effect_id,
            "awaited": parent.awaited,
            "bound": parent.bound,
        }
        if parent
        else {}
    )
    await tx.execute(
        instance.insert().values(
            instance_id=instance_id,
            journey=journey.journey,
            def_hash=journey.hash,
            customer_id=customer_id,
            entry_key=key,
            entry=content,
            state="running",
            started_at=entry.event.at,
            next_seq=2,
            acked_seq=0,
            rung_at=NEVER_RUNG if parent else moment,
            doing="about to begin",
            updated_at=moment,
            **started_by,
        )
    )
    await tx.execute(
        delivery.insert().values(
            instance_id=instance_id, seq=1, kind="entry", event_pk=event_pk, content=content, created_at=moment
        )
    )
    return instance_id


async def started_by(tx: Tx, parent_id: str, effect_id: str) -> str | None:
    """The instance that an effect of another one has started already."""
    mine = (instance.c.parent_id == parent_id) & (instance.c.parent_effect == effect_id)
    found: str | None = (await tx.execute(select(instance.c.instance_id).where(mine))).scalar_one_or_none()
    return found


async def listening(tx: Tx, customer_id: str) -> list[dict[str, Any]]:
    """The customer's running instances, the oldest first."""
    columns = (instance.c.instance_id, instance.c.journey, instance.c.def_hash, instance.c.told, instance.c.started_at)
    query = select(*columns).where(instance.c.customer_id == customer_id, instance.c.state == "running")
    # Put in order here: asked for an order, SQLite reads every running instance by the index of the console's list.
    rows = sorted((await tx.execute(query)).mappings(), key=lambda row: (row["started_at"], row["instance_id"]))
    return [dict(row) for row in rows]


async def running_of(
    tx: Tx, journey: str, *, key: str | None = None, customer_id: str | None = None
) -> list[dict[str, Any]]:
    """The running instances of a journey with this key, of this customer, or both, the oldest first."""
    mine = (instance.c.journey == journey) & (instance.c.state == "running")
    if key is not None:
        mine &= instance.c.entry_key == key
    if customer_id is not None:
        mine &= instance.c.customer_id == customer_id
    query = select(instance.c.instance_id, instance.c.customer_id).where(mine)
    rows = await tx.execute(query.order_by(instance.c.started_at, instance.c.instance_id).with_for_update())
    return [dict(row) for row in rows.mappings()]


async def deliver(
    tx: Tx, instance_id: str, event: Event, event_pk: int | None = None, *, soon: bool = False
) -> int | None:
    """Put an event into a running instance's sequence; returns its number, or None if the instance has just ended.
    What comes from ourselves has no ``event_pk``. ``soon``: nobody rings after the commit, but the sweeper at its next
    round."""
    seq = await _number(tx, instance_id, soon=soon)
    if seq is not None:
        row = {"kind": "event", "event_pk": event_pk, "content": event.model_dump(mode="json"), "created_at": now()}
        await tx.execute(delivery.insert().values(instance_id=instance_id, seq=seq, **row))
    return seq


async def _number(tx: Tx, instance_id: str, *, soon: bool = False) -> int | None:
    """The next number of a running instance's sequence, taken."""
    mine = (instance.c.instance_id == instance_id) & (instance.c.state == "running")
    bump = update(instance).where(mine).values(next_seq=instance.c.next_seq + 1, rung_at=NEVER_RUNG if soon else now())
    following = (await tx.execute(bump.returning(instance.c.next_seq))).scalar_one_or_none()
    return None if following is None else int(following) - 1


@dataclass(frozen=True)
class Present:
    """Where an instance stands, for somebody who gave a command from an older view of it."""

    state: str
    seq: int
    step: str | None
    doing: str | None
    wake_at: datetime | None


class Stale(Exception):
    """The instance has heard something since, or has ended: look again, then decide. ``present`` is what it is now;
    None if there is no such instance."""

    def __init__(self, present: Present | None) -> None:
        super().__init__("there is no such instance" if present is None else f"it is at {present.seq} by now")
        self.present = present


async def standings(tx: Tx, instance_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Where instances stand, with the version of the journey that they are on, by their ids."""
    if not instance_ids:
        return {}
    names = ("instance_id", "state", "step", "doing", "wake_at", "outcome", "acked_seq")
    query = (
        select(*(instance.c[name] for name in names), definition.c.version)
        .join(definition, definition.c.hash == instance.c.def_hash)
        .where(instance.c.instance_id.in_(instance_ids))
    )
    return {row["instance_id"]: dict(row) for row in (await tx.execute(query)).mappings()}


async def command(
    tx: Tx,
    instance_id: str,
    given: Command,
    *,
    expected_seq: int | None = None,
    key: str = "",
    soon: bool = False,
) -> int:
    """Put a command into a running instance's sequence; returns its number. Ring the instance after the commit.

    ``expected_seq`` is the number of the last delivery that whoever commands has seen. ``key`` names the command: given
    again it is not placed again, and its first number is returned. ``soon``: as for ``deliver``. Raises Stale, and
    nothing is placed.
    """
    columns = (instance.c.state, instance.c.next_seq, instance.c.step, instance.c.doing, instance.c.wake_at)
    query = select(*columns).where(instance.c.instance_id == instance_id).with_for_update()
    row = (await tx.execute(query)).first()
    placed = await _placed(tx, instance_id, key) if key else None
    if placed is not None:
        return placed
    if row is None:
        raise Stale(None)
    present = Present(row.state, row.next_seq - 1, row.step, row.doing, row.wake_at)
    if present.state != "running" or expected_seq not in (None, present.seq):
        raise Stale(present)
    seq = await _number(tx, instance_id, soon=soon)
    assert seq is not None, "the row is locked and runs"
    row_of = {"kind": "command", "content": given.model_dump(mode="json"), "command_key": key or None}
    await tx.execute(delivery.insert().values(instance_id=instance_id, seq=seq, created_at=now(), **row_of))
    return seq


async def stop(tx: Tx, instance_id: str, outcome: str, why: str) -> None:
    """End a running instance. From the commit on it sends nothing more and hears nothing more; its workflow ends when
    it has been rung (the sweeper does)."""
    moment = now()
    await command(tx, instance_id, Cancel(at=moment, outcome=outcome, reason=why))
    values = ending(moment, outcome) | {"state": "ending", "doing": "is being ended"}
    await tx.execute(update(instance).where(instance.c.instance_id == instance_id).values(**values))
    await ledger.withdraw(tx, instance_id, f"the journey ended before: {outcome}")


async def gone(tx: Tx, instance_id: str) -> None:
    """The engine does not know an instance that was to end: so it has."""
    mine = (instance.c.instance_id == instance_id) & (instance.c.state == "ending")
    await tx.execute(update(instance).where(mine).values(state="ended"))


async def _placed(tx: Tx, instance_id: str, key: str) -> int | None:
    mine = (delivery.c.instance_id == instance_id) & (delivery.c.command_key == key)
    seq: int | None = (await tx.execute(select(delivery.c.seq).where(mine))).scalar_one_or_none()
    return seq


async def obeyed(tx: Tx, instance_id: str, seq: int, refused: str) -> None:
    """Write down what became of a command: why it did not fit, or '' if it took effect. The last word counts: a worker
    that died may have said something else before."""
    mine = (delivery.c.instance_id == instance_id) & (delivery.c.seq == seq)
    await tx.execute(update(delivery).where(mine).values(refused=refused[:300] or None))


async def after(tx: Tx, instance_id: str, seq: int, limit: int = 50) -> list[dict[str, Any]]:
    """The deliveries after ``seq``, in order."""
    query = select(delivery.c.seq, delivery.c.kind, delivery.c.content).where(
        delivery.c.instance_id == instance_id, delivery.c.seq > seq
    )
    return [dict(row) for row in (await tx.execute(query.order_by(delivery.c.seq).limit(limit))).mappings()]


async def launch(tx: Tx, instance_id: str) -> dict[str, Any] | None:
    """All that is needed to start its workflow; None if it does not run."""
    query = (
        select(
            instance.c.instance_id,
            instance.c.journey,
            instance.c.entry,
            instance.c.snapshot,
            instance.c.acked_seq,
            instance.c.next_seq,
            definition.c.plan,
        )
        .join(definition, definition.c.hash == instance.c.def_hash)
        .where(instance.c.instance_id == instance_id, instance.c.state == "running")
    )
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def unheard(tx: Tx, older_than: timedelta, overdue_by: timedelta, limit: int) -> dict[str, int]:
    """Running instances with deliveries not yet applied, or that should have woken up, and those that are to end, if
    they were not rung for a while; each with the number of its last delivery.

    Three questions, for two indexes: as one with an OR it reads every running instance.
    """
    moment = now()
    columns = (instance.c.instance_id, instance.c.next_seq, instance.c.rung_at)
    quiet = instance.c.rung_at < moment - older_than
    unheard = select(*columns).where(text(UNHEARD), quiet)
    late = select(*columns).where(text(RUNNING), instance.c.wake_at < moment - overdue_by, quiet)
    stopped = select(*columns).where(instance.c.state == "ending", quiet)
    rows = await tx.execute(unheard.union(late, stopped).order_by("rung_at").limit(limit))
    return {row.instance_id: row.next_seq - 1 for row in rows}


async def rung(tx: Tx, instance_ids: Collection[str]) -> None:
    """Note that these are rung now."""
    await tx.execute(update(instance).where(instance.c.instance_id.in_(instance_ids)).values(rung_at=now()))


@dataclass(frozen=True)
class Wish:
    """What an instance is about, when one of its effects is performed. ``waits_for``: the effect whose answer it needs;
    None if nothing is known of it yet."""

    running: bool
    paused: bool
    known: bool
    waits_for: str | None

    def wants(self, effect_id: str) -> bool:
        """Whether this effect is still to be performed."""
        return self.running and (not self.known or self.waits_for == effect_id)


async def wish(tx: Tx, instance_id: str) -> Wish:
    """Of one instance that there is."""
    return Wish(*(await tx.execute(_WISH, {"of": instance_id})).one())


_WISH = select(
    instance.c.state == "running",
    instance.c.paused_at.is_not(None),
    instance.c.acked_seq > 0,
    instance.c.snapshot[("asked", "id")].as_string(),
).where(instance.c.instance_id == bindparam("of"))


async def lock(tx: Tx, instance_id: str) -> dict[str, Any]:
    """The row of an instance that there is, locked until the transaction ends."""
    query = select(instance).where(instance.c.instance_id == instance_id).with_for_update()
    return dict((await tx.execute(query)).mappings().one())


async def bound_to(tx: Tx, parent_id: str) -> list[str]:
    """Running instances that end with the one that started them."""
    mine = (instance.c.parent_id == parent_id) & instance.c.bound.is_(True) & (instance.c.state == "running")
    return list(await tx.scalars(select(instance.c.instance_id).where(mine).order_by(instance.c.instance_id)))


async def running(tx: Tx, instance_id: str) -> bool:
    """Whether an instance is running."""
    query = select(instance.c.state).where(instance.c.instance_id == instance_id)
    return (await tx.execute(query)).scalar_one_or_none() == "running"


async def get(tx: Tx, instance_id: str) -> dict[str, Any] | None:
    """One instance."""
    row = (await tx.execute(select(instance).where(instance.c.instance_id == instance_id))).mappings().first()
    return dict(row) if row else None


@dataclass(frozen=True)
class Owner:
    """Whose an instance is, and what keeps it."""

    customer_id: str
    trouble: str | None


async def owner(tx: Tx, instance_id: str) -> Owner:
    """Of one instance that there is. Their record is locked: of two attempts at one turn, the second then sees what the
    first has made, and a merge waits for us or we for it. (Everybody locks the customer before the instance.)"""
    while True:
        row = (await tx.execute(_OWNER, {"of": instance_id})).one()
        if row.merged_into is None:  # else a merge has moved the instance while we waited
            return Owner(row.customer_id, row.trouble)


_OWNER = (
    select(instance.c.customer_id, instance.c.trouble, customer.c.merged_into)
    .join(customer, customer.c.customer_id == instance.c.customer_id)
    .where(instance.c.instance_id == bindparam("of"))
    .with_for_update(of=customer, key_share=True)
)


async def trouble(tx: Tx, instance_id: str, reason: str | None) -> None:
    """Say, or take back, that an instance needs attention."""
    mine = instance.c.instance_id == instance_id
    await tx.execute(update(instance).where(mine).values(trouble=reason[:500] if reason else None, updated_at=now()))


async def open_ids(tx: Tx, limit: int, after_id: str = "") -> list[str]:
    """Running instances by id, paged."""
    query = select(instance.c.instance_id).where(instance.c.state == "running", instance.c.instance_id > after_id)
    return [row.instance_id for row in await tx.execute(query.order_by(instance.c.instance_id).limit(limit))]


async def count_by_state(tx: Tx) -> dict[str, int]:
    """How many instances run and have ended."""
    rows = await tx.execute(select(instance.c.state, func.count()).group_by(instance.c.state))
    return {state: count for state, count in rows}


def ending(at: datetime, outcome: str) -> dict[str, Any]:
    """The columns of an instance that has ended."""
    nothing_more = dict.fromkeys(("wake_at", "paused_at", "trouble", "clock_due", "clock_over"))
    return {"state": "ended", "outcome": outcome, "ended_at": at, **nothing_more}
