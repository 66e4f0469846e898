"""The ledger: one row per message ever intended, keyed by its business identity, never by a run.

Each change of state is one guarded UPDATE that must touch exactly one row: the state and the fencing epoch are in its
WHERE, so a process that lost its lease cannot go on. ``at_dot`` is committed after the body was transmitted and before
the final dot; a crash before it is provably not delivered (RFC 5321 4.1.1.10), so only ``at_dot`` is ambiguous.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal, or_, select, update
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


def _clock(tx: Tx) -> Any:
    """The same clock inside a statement."""
    return func.clock_timestamp() if tx.dialect.name == "postgresql" else now()


async def intend(tx: Tx, instance_id: str, effect_id: str, name: str, kind: str) -> Row:
    """The row of this message, made if it is new. Locks it on PostgreSQL until the transaction ends."""
    key = send_key(instance_id, effect_id)
    values = {
        "send_key": literal(key),
        "instance_id": instance.c.instance_id,
        "customer_id": instance.c.customer_id,
        "effect_id": literal(effect_id),
        "name": literal(name),
        "kind": literal(kind),
        "state": literal("intent"),
        "epoch": literal(0),
        "attempts": literal(0),
        "def_hash": instance.c.def_hash,
        "created_at": literal(now(), UtcDateTime()),
    }
    columns = [message.c[name] for name in Row.__dataclass_fields__]
    source = select(*values.values()).where(instance.c.instance_id == instance_id)
    insert = (postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert)(message)
    fresh = insert.from_select(list(values), source).on_conflict_do_nothing(index_elements=["send_key"])
    made = (await tx.execute(fresh.returning(*columns))).first()
    if made is not None:
        return Row(*made)
    return Row(*(await tx.execute(select(*columns).where(message.c.send_key == key).with_for_update())).one())


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
    }


async def claim(tx: Tx, row: Row, letter: Letter | None = None) -> int:
    """Take the message for one attempt: intent, held, or claimed by someone whose lease is over. Returns the epoch.
    ``letter`` is kept with it if the row has none yet."""
    values = {
        **(_content(letter) if letter and row.body is None else {}),
        "state": "claimed",
        "epoch": row.epoch + 1,
        "attempts": row.attempts + 1,
        "lease_until": _clock(tx) + LEASE,
        "reason": None,
    }
    dead = (message.c.state == "claimed") & (message.c.lease_until <= _clock(tx))
    free = or_(message.c.state.in_(("intent", "held")), dead)
    mine = (message.c.send_key == row.send_key) & (message.c.epoch == row.epoch)
    if (await tx.execute(update(message).where(mine, free).values(**values))).rowcount != 1:
        raise RuntimeError(f"the message {row.send_key} is not free: somebody else has it, or it is decided")
    return row.epoch + 1


async def renew(tx: Tx, key: str, epoch: int) -> bool:
    """Make the lease longer while the attempt goes on."""
    mine = (message.c.send_key == key) & (message.c.epoch == epoch) & message.c.state.in_(("claimed", "at_dot"))
    result = await tx.execute(update(message).where(mine).values(lease_until=_clock(tx) + LEASE))
    return result.rowcount == 1


async def at_dot(tx: Tx, key: str, epoch: int) -> bool:
    """The barrier: the body has gone, the dot has not. False if the lease is over or lost: then no dot may follow."""
    mine = (message.c.send_key == key) & (message.c.state == "claimed") & (message.c.epoch == epoch)
    live = message.c.lease_until > _clock(tx)
    values = {"state": "at_dot", "lease_until": _clock(tx) + LEASE}
    return (await tx.execute(update(message).where(mine, live).values(**values))).rowcount == 1


async def settle(tx: Tx, key: str, epoch: int, state: str, reason: str | None = None, code: int | None = None) -> bool:
    """What an attempt came to: a final state, ``held`` (to be tried again) or ``unknown``. False if the message is not
    this attempt's any more, or cannot come to that from where it is (``BEFORE``)."""
    values: dict[str, Any] = {"state": state, "reason": reason, "last_code": code, "lease_until": None}
    if state in FINAL:
        values["decided_at"] = now()
    mine = (message.c.send_key == key) & (message.c.epoch == epoch)
    open_still = message.c.state.in_(BEFORE[state])
    return (await tx.execute(update(message).where(mine, open_still).values(**values))).rowcount == 1


async def hold(tx: Tx, key: str, epoch: int, reason: str) -> None:
    """Say why a message that was not even claimed has to wait."""
    await settle(tx, key, epoch, "held", reason)


async def withdraw(tx: Tx, instance_id: str, reason: str) -> None:
    """Messages of an instance that has ended and were not handed over are not sent any more."""
    mine = (message.c.instance_id == instance_id) & message.c.state.in_(("intent", "held"))
    values = {"state": "suppressed", "reason": reason, "decided_at": now()}
    await tx.execute(update(message).where(mine).values(**values))


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
