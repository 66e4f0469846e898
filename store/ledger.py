"""The ledger: one row per message ever intended, keyed by its business identity, never by a run.

Each change of state is one guarded UPDATE that must touch exactly one row: the state and the fencing epoch are in its
WHERE, so a process that lost its lease cannot go on. ``at_dot`` is committed after the body was transmitted and before
the final dot; a crash before it is provably not delivered (RFC 5321 4.1.1.10), so only ``at_dot`` is ambiguous.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import String, bindparam, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store.clock import now
from store.database import Tx
from store.tables import UtcDateTime, instance, message

FINAL = ("accepted", "refused", "failed", "suppressed", "expired", "unknown")
BEFORE = {
    "held": ("intent", "held", "claimed", "at_dot"),
    "suppressed": ("intent", "held", "claimed"),
    "expired": ("intent", "held", "claimed"),
    "failed": ("intent", "held", "claimed"),
    "unknown": ("at_dot",),
    "accepted": ("at_dot", "unknown"),
    "refused": ("at_dot", "unknown"),
}
"""From which states a message may come to each. A late answer to the dot may still turn ``unknown`` into what really
happened; what is decided otherwise stays."""
LEASE = timedelta(seconds=20)


@dataclass(frozen=True)
class Letter:
    """A message as it will be transmitted, written once: later attempts send the same bytes."""

    recipient: str
    subject: str
    body: bytes
    message_id: str
    kind: str
    locale: str = ""
    text_version: str = ""


@dataclass(frozen=True)
class Row:
    """The ledger's row of one message, as far as sending needs it."""

    send_key: str
    state: str
    epoch: int
    attempts: int
    lease_until: datetime | None
    body: bytes | None
    recipient: str | None
    message_id: str | None
    reason: str | None


def send_key(instance_id: str, effect_id: str) -> str:
    """52 characters from instance and effect id (step, visit, ordinal): the same for every attempt, run and rebuild."""
    digest = hashlib.sha256(f"{instance_id}|{effect_id}|v1".encode()).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


async def moment(tx: Tx) -> datetime:
    """The database's clock: leases of several machines are compared by one clock."""
    if tx.dialect.name == "postgresql":
        value: datetime = (await tx.execute(select(func.clock_timestamp()))).scalar_one()
        return value
    return now()


async def intend(tx: Tx, instance_id: str, effect_id: str, name: str, kind: str) -> Row:
    """The row of this message, made if it is new. Locks it on PostgreSQL until the transaction ends."""
    key = send_key(instance_id, effect_id)
    given = {"key": key, "of": instance_id, "effect": effect_id, "called": name, "class": kind, "at": now()}
    made = (await tx.execute(_insert(tx.dialect.name), given)).first()
    return Row(*made) if made is not None else Row(*(await tx.execute(_FIND, {"key": key})).one())


_ROW = [message.c[name] for name in Row.__dataclass_fields__]
_FIND = select(*_ROW).where(message.c.send_key == bindparam("key")).with_for_update()


@cache
def _insert(dialect: str) -> Any:
    values = {
        "send_key": bindparam("key", type_=String),
        "instance_id": instance.c.instance_id,
        "customer_id": instance.c.customer_id,
        "effect_id": bindparam("effect", type_=String),
        "name": bindparam("called", type_=String),
        "kind": bindparam("class", type_=String),
        "state": literal("intent"),
        "epoch": literal(0),
        "attempts": literal(0),
        "def_hash": instance.c.def_hash,
        "created_at": bindparam("at", type_=UtcDateTime()),
    }
    source = select(*values.values()).where(instance.c.instance_id == bindparam("of"))
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(message)
    fresh = insert.from_select(list(values), source).on_conflict_do_nothing(index_elements=["send_key"])
    return fresh.returning(*_ROW)


async def written(tx: Tx, key: str, letter: Letter) -> None:
    """Keep the letter; it is written once."""
    mine = (message.c.send_key == key) & message.c.body.is_(None)
    await tx.execute(update(message).where(mine).values(**_content(letter)))


def _content(letter: Letter) -> dict[str, Any]:
    return {
        "recipient": letter.recipient,
        "subject": letter.subject,
        "body": letter.body,
        "body_hash": hashlib.sha256(letter.body).hexdigest(),
        "message_id": letter.message_id,
        "kind": letter.kind,
        "locale": letter.locale or None,
        "text_version": letter.text_version or None,
    }


async def claim(tx: Tx, row: Row, letter: Letter | None = None) -> int:
    """Take the message for one attempt: intent, held, or claimed by someone whose lease is over. Returns the epoch.
    ``letter`` is kept with it if the row has none yet."""
    values = {
        **(_content(letter) if letter and row.body is None else {}),
        "epoch": row.epoch + 1,
        "attempts": row.attempts + 1,
    }
    given = {"key": row.send_key, "mine": row.epoch, **_moments(tx), **values}
    if (await tx.execute(_claim(tx.dialect.name), given)).rowcount != 1:
        raise RuntimeError(f"the message {row.send_key} is not free: somebody else has it, or it is decided")
    return row.epoch + 1


async def renew(tx: Tx, key: str, epoch: int) -> bool:
    """Make the lease longer while the attempt goes on."""
    result = await tx.execute(_renew(tx.dialect.name), {"key": key, "mine": epoch, **_moments(tx)})
    return result.rowcount == 1


async def at_dot(tx: Tx, key: str, epoch: int) -> bool:
    """The barrier: the body has gone, the dot has not. False if the lease is over or lost: then no dot may follow."""
    result = await tx.execute(_barrier(tx.dialect.name), {"key": key, "mine": epoch, **_moments(tx)})
    return result.rowcount == 1


async def settle(tx: Tx, key: str, epoch: int, state: str, reason: str | None = None, code: int | None = None) -> bool:
    """What an attempt came to: a final state, ``held`` (to be tried again) or ``unknown``. False if the message is not
    this attempt's any more, or cannot come to that from where it is (``BEFORE``)."""
    values: dict[str, Any] = {"state": state, "reason": reason, "last_code": code, "lease_until": None}
    if state in FINAL:
        values["decided_at"] = now()
    given = {"key": key, "mine": epoch, **values}
    return (await tx.execute(_settle(state), given)).rowcount == 1


# Statements are made once: making one takes as long as running it. What a statement sets is named in its parameters.
_OURS = update(message).where(message.c.send_key == bindparam("key"), message.c.epoch == bindparam("mine"))


def _moments(tx: Tx) -> dict[str, datetime]:
    """Now and the end of a lease, for the statements of SQLite; PostgreSQL asks its own clock."""
    if tx.dialect.name == "postgresql":
        return {}
    moment = now()
    return {"moment": moment, "over": moment + LEASE}


def _now_there(dialect: str) -> Any:
    return func.clock_timestamp() if dialect == "postgresql" else bindparam("moment", type_=UtcDateTime())


def _lease(dialect: str) -> Any:
    return func.clock_timestamp() + LEASE if dialect == "postgresql" else bindparam("over", type_=UtcDateTime())


@cache
def _claim(dialect: str) -> Any:
    dead = (message.c.state == "claimed") & (message.c.lease_until <= _now_there(dialect))
    free = or_(message.c.state.in_(("intent", "held")), dead)
    return _OURS.where(free).values(state="claimed", lease_until=_lease(dialect), reason=None)


@cache
def _renew(dialect: str) -> Any:
    return _OURS.where(message.c.state.in_(("claimed", "at_dot"))).values(lease_until=_lease(dialect))


@cache
def _barrier(dialect: str) -> Any:
    live = (message.c.state == "claimed") & (message.c.lease_until > _now_there(dialect))
    return _OURS.where(live).values(state="at_dot", lease_until=_lease(dialect))


@cache
def _settle(state: str) -> Any:
    return _OURS.where(message.c.state.in_(BEFORE[state]))


async def hold(tx: Tx, key: str, epoch: int, reason: str) -> None:
    """Say why a message that was not even claimed has to wait."""
    await settle(tx, key, epoch, "held", reason)


async def withdraw(tx: Tx, instance_id: str, reason: str, effect_id: str | None = None) -> None:
    """Messages of an instance that has ended (or the one of an effect that is not wanted any more) and were not handed
    over are not sent any more."""
    given = {"of": instance_id, "state": "suppressed", "reason": reason, "decided_at": now()}
    if effect_id is None:
        await tx.execute(_WAITING, given)
    else:
        await tx.execute(_WAITING.where(message.c.effect_id == effect_id), given)


_WAITING = update(message).where(message.c.instance_id == bindparam("of"), message.c.state.in_(("intent", "held")))


async def of_customer(tx: Tx, customer_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """The messages of one customer, newest first, without their bodies."""
    columns = [column for column in message.c if column.name != "body"]
    query = select(*columns).where(message.c.customer_id == customer_id)
    rows = await tx.execute(query.order_by(message.c.created_at.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def counts(tx: Tx) -> dict[str, int]:
    """How many messages are in each state."""
    rows = await tx.execute(select(message.c.state, func.count()).group_by(message.c.state))
    return {state: count for state, count in rows}
