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

from sqlalchemy import func, select, update

from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import instance, message

FINAL = ("accepted", "refused", "failed", "suppressed", "expired", "unknown")
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


async def intend(tx: Tx, instance_id: str, effect_id: str, name: str, kind: str) -> Row:
    """The row of this message, made if it is new. Locks it on PostgreSQL until the transaction ends."""
    key = send_key(instance_id, effect_id)
    row = await _row(tx, key)
    if row is not None:
        return row
    query = select(instance.c.customer_id, instance.c.def_hash).where(instance.c.instance_id == instance_id)
    owner = (await tx.execute(query)).one()
    values = {
        "send_key": key,
        "instance_id": instance_id,
        "customer_id": owner.customer_id,
        "effect_id": effect_id,
        "name": name,
        "kind": kind,
        "state": "intent",
        "epoch": 0,
        "attempts": 0,
        "def_hash": owner.def_hash,
        "created_at": now(),
    }
    await insert_new(tx, message, [values], ["send_key"])
    row = await _row(tx, key)
    assert row is not None, "a row that was just inserted"
    return row


async def _row(tx: Tx, key: str) -> Row | None:
    columns = [message.c[name] for name in Row.__dataclass_fields__]
    found = (await tx.execute(select(*columns).where(message.c.send_key == key).with_for_update())).first()
    return Row(*found) if found else None


async def written(tx: Tx, key: str, letter: Letter) -> None:
    """Keep the letter; it is written once."""
    values = {
        "recipient": letter.recipient,
        "subject": letter.subject,
        "body": letter.body,
        "body_hash": hashlib.sha256(letter.body).hexdigest(),
        "message_id": letter.message_id,
        "kind": letter.kind,
    }
    await tx.execute(update(message).where(message.c.send_key == key, message.c.body.is_(None)).values(**values))


async def claim(tx: Tx, row: Row) -> int:
    """Take the message for one attempt: intent, held, or claimed by someone whose lease is over. Returns the epoch."""
    values = {
        "state": "claimed",
        "epoch": row.epoch + 1,
        "attempts": row.attempts + 1,
        "lease_until": await moment(tx) + LEASE,
        "reason": None,
    }
    await _change(tx, row.send_key, row.state, row.epoch, values)
    return row.epoch + 1


async def renew(tx: Tx, key: str, epoch: int) -> bool:
    """Make the lease longer while the attempt goes on."""
    mine = (message.c.send_key == key) & (message.c.epoch == epoch) & message.c.state.in_(("claimed", "at_dot"))
    result = await tx.execute(update(message).where(mine).values(lease_until=await moment(tx) + LEASE))
    return result.rowcount == 1


async def at_dot(tx: Tx, key: str, epoch: int) -> bool:
    """The barrier: the body has gone, the dot has not. False if the lease is over or lost: then no dot may follow."""
    clock = await moment(tx)
    mine = (message.c.send_key == key) & (message.c.state == "claimed") & (message.c.epoch == epoch)
    live = message.c.lease_until > clock
    result = await tx.execute(update(message).where(mine & live).values(state="at_dot", lease_until=clock + LEASE))
    return result.rowcount == 1


async def settle(
    tx: Tx, key: str, epoch: int, state: str, reason: str | None = None, code: int | None = None
) -> bool:
    """What an attempt came to: a final state, ``held`` (to be tried again) or ``unknown``. A late answer of the same
    epoch may still turn ``unknown`` into what really happened."""
    values: dict[str, Any] = {"state": state, "reason": reason, "last_code": code, "lease_until": None}
    if state in FINAL:
        values["decided_at"] = now()
    mine = (message.c.send_key == key) & (message.c.epoch == epoch)
    open_states = message.c.state.in_(("intent", "held", "claimed", "at_dot", "unknown"))
    return (await tx.execute(update(message).where(mine & open_states).values(**values))).rowcount == 1


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


async def _change(tx: Tx, key: str, state: str, epoch: int, values: dict[str, Any]) -> None:
    mine = (message.c.send_key == key) & (message.c.state == state) & (message.c.epoch == epoch)
    result = await tx.execute(update(message).where(mine).values(**values))
    if result.rowcount != 1:
        raise RuntimeError(f"the message {key} changed under our hands")
