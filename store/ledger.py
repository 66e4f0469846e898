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

from sqlalchemy import Interval, String, bindparam, case, exists, func, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from journey.channels import EMAIL
from journey.ledger import AGAIN, BEFORE, FINAL, OVER, PERSON, decided, doubt
from store.clock import now
from store.database import Tx
from store.reach import in_force
from store.tables import UtcDateTime, instance, message, suppression

PAUSED = "paused"
"""``waits``: until its journey is not paused any more."""
LEASE = timedelta(seconds=20)
DOUBT_AFTER = timedelta(minutes=15)
"""How long a message stays ``at_dot`` before it counts as in doubt: the mail server's ten minutes to answer the dot,
and five in which it drops a connection whose other end is frozen."""
COOL_DOWN = timedelta(minutes=15)
"""Between a doubt and the one re-send: a late answer or a report may still come in."""


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
    topic: str = ""
    mark: str | None = None
    text: str = ""
    """What staff are told, in plain words."""
    links: tuple[str, ...] = ()
    """Where its tracked links lead, in their order."""


@dataclass(frozen=True)
class Row:
    """The ledger's row of one message, as far as sending needs it."""

    send_key: str
    effect_id: str
    state: str
    epoch: int
    attempts: int
    kind: str
    topic: str | None
    mark: str | None
    waits: str | None
    due_at: datetime | None
    doubts: int
    lease_until: datetime | None
    body: bytes | None
    recipient: str | None
    message_id: str | None
    reason: str | None
    created_at: datetime
    released_by: str | None
    hurried: bool
    channel: str

    @property
    def decided(self) -> bool:
        """Whether it needs no further attempt."""
        return decided(self.state, self.waits)


def send_key(instance_id: str, effect_id: str, channel: str = EMAIL) -> str:
    """52 characters from instance, effect id (step, visit, ordinal) and channel: the same for every attempt, run and
    rebuild."""
    by = "" if channel == EMAIL else f"{channel}|"
    digest = hashlib.sha256(f"{instance_id}|{effect_id}|{by}v1".encode()).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


async def moment(tx: Tx) -> datetime:
    """The database's clock: leases of several machines are compared by one clock."""
    if tx.dialect.name == "postgresql":
        value: datetime = (await tx.execute(select(func.clock_timestamp()))).scalar_one()
        return value
    return now()


async def intend(tx: Tx, instance_id: str, effect_id: str, name: str, kind: str, channel: str = EMAIL) -> Row:
    """The row of this message by this channel, made if it is new. Locks it on PostgreSQL until the transaction ends."""
    key = send_key(instance_id, effect_id, channel)
    given = {"key": key, "of": instance_id, "effect": effect_id, "called": name, "class": kind, "at": now()}
    given["way"] = channel
    made = (await tx.execute(_insert(tx.dialect.name), given)).first()
    return Row(*made) if made is not None else await find(tx, key)


_ROW = [message.c[name] for name in Row.__dataclass_fields__]
_OF_EFFECT = (
    select(*_ROW)
    .where(message.c.instance_id == bindparam("of"), message.c.effect_id == bindparam("effect"))
    .order_by(message.c.created_at)
    .with_for_update()
)
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
        "channel": bindparam("way", type_=String),
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


async def find(tx: Tx, key: str) -> Row:
    """The row of a message that there is, locked on PostgreSQL."""
    return Row(*(await tx.execute(_FIND, {"key": key})).one())


async def by_all_channels(tx: Tx, instance_id: str, effect_id: str) -> list[Row]:
    """The rows of one message by every channel that was tried, in this order; locked on PostgreSQL."""
    rows = await tx.execute(_OF_EFFECT, {"of": instance_id, "effect": effect_id})
    return [Row(*row) for row in rows]


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
        "topic": letter.topic or None,
        "mark": letter.mark,
        "links": list(letter.links) or None,
    }


async def claim(tx: Tx, row: Row, letter: Letter | None = None) -> int:
    """Take the message for one attempt: intent, held (but not for a person's word), claimed by someone whose lease is
    over, or due to be sent again after a doubt. Returns the epoch. ``letter`` is kept with it if the row has none."""
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
    """Make the lease longer while the attempt goes on, up to the barrier."""
    result = await tx.execute(_renew(tx.dialect.name), {"key": key, "mine": epoch, **_moments(tx)})
    return result.rowcount == 1


async def at_dot(tx: Tx, key: str, epoch: int, doubt_after: timedelta = DOUBT_AFTER) -> bool:
    """The barrier: the body has gone, the dot has not. False if the lease is over or lost, or the address has been
    suppressed meanwhile: then no dot may follow. From now on the lease says when the message is in doubt if no answer
    is heard."""
    given = {"key": key, "mine": epoch, **_moments(tx, doubt_after)}
    if tx.dialect.name == "postgresql":
        await tx.execute(_NOT_BESIDE_A_SUPPRESSION, {"key": key})
    return (await tx.execute(_barrier(tx.dialect.name), given)).rowcount == 1


async def settle(
    tx: Tx,
    key: str,
    epoch: int,
    state: str,
    reason: str | None = None,
    code: int | None = None,
    remote_id: str | None = None,
) -> bool:
    """What an attempt came to: a final state, or ``held`` (to be tried again). False if the message is not this
    attempt's any more, or cannot come to that from where it is (``BEFORE``). Whoever waits for it is told soon."""
    final = state in FINAL
    values = {"state": state, "reason": reason, "last_code": code, "remote_id": remote_id}
    given = {"key": key, "mine": epoch, "moment": now(), **values}
    return (await tx.execute(_settle(state, final), given)).rowcount == 1


async def hold(
    tx: Tx,
    key: str,
    epoch: int,
    reason: str,
    *,
    waits: str | None = None,
    due_at: datetime | None = None,
    code: int | None = None,
) -> bool:
    """Say why a message has to wait, for what (``waits``, one word), and when to look at it again: ``due_at``, or when
    somebody says so. False if it is not this attempt's."""
    values = {"state": "held", "reason": reason, "waits": waits, "due_at": due_at, "last_code": code}
    return (await tx.execute(_HOLD, {"key": key, "mine": epoch, **values})).rowcount == 1


async def look_again(tx: Tx, key: str, due_at: datetime) -> None:
    """Somebody waits for another attempt to come to something: knock then."""
    await tx.execute(_LOOK, {"key": key, "due_at": due_at})


async def in_doubt(
    tx: Tx, row: Row, epoch: int, reason: str, cool_down: timedelta = COOL_DOWN, *, dead: bool = False
) -> str | None:
    """Nobody can say whether it went; what becomes of it is its class's promise (``journey.ledger``). ``dead``: it was
    found so, and only counts when the lease is over. Returns the state, None if the message is not this attempt's."""
    verdict = doubt(row.kind, row.doubts)
    values = {
        "state": verdict.state,
        "waits": verdict.waits,
        "reason": reason,
        "doubts": row.doubts + 1,
        "due_at": now() + cool_down if verdict.waits == AGAIN else None,
        "decided_at": now() if verdict.final else None,
    }
    given = {"key": row.send_key, "mine": epoch, **(_now_given(tx) if dead else {}), **values}
    found = await tx.execute(_doubt(tx.dialect.name, dead), given)
    return verdict.state if found.rowcount == 1 else None


async def heard(tx: Tx, key: str) -> None:
    """Whoever waited for this message has its answer."""
    await tx.execute(_LOOK, {"key": key, "due_at": None})


# Statements are made once: making one takes as long as running it. What a statement sets is named in its parameters.
_KEY = update(message).where(message.c.send_key == bindparam("key"))
_OURS = _KEY.where(message.c.epoch == bindparam("mine"))
_HOLD = _OURS.where(message.c.state.in_(BEFORE["held"])).values(lease_until=None)
_LOOK = _KEY


_NOT_BESIDE_A_SUPPRESSION = text(
    "SELECT pg_advisory_xact_lock_shared(hashtextextended(mark, 0)) FROM message"
    " WHERE send_key = :key AND mark IS NOT NULL"
)
"""Waits for a suppression of the same address that is about to be committed, and lets the next one wait: without it a
barrier that began before that commit would pass after it. SQLite has one writer anyway."""


def told_soon() -> Any:
    """A value for ``due_at``: whoever asked meanwhile, and was told to wait, is knocked at now (``moment``)."""
    return case((message.c.due_at.is_(None), None), else_=bindparam("moment", type_=UtcDateTime()))


def _moments(tx: Tx, length: timedelta = LEASE) -> dict[str, Any]:
    """Now and the end of a lease, for the statements of SQLite; PostgreSQL asks its own clock."""
    if tx.dialect.name == "postgresql":
        return {"length": length}
    moment = now()
    return {"moment": moment, "over": moment + length}


def _now_given(tx: Tx) -> dict[str, Any]:
    return {} if tx.dialect.name == "postgresql" else {"moment": now()}


def _now_there(dialect: str) -> Any:
    return func.clock_timestamp() if dialect == "postgresql" else bindparam("moment", type_=UtcDateTime())


def _lease(dialect: str) -> Any:
    if dialect == "postgresql":
        return func.clock_timestamp() + bindparam("length", type_=Interval)
    return bindparam("over", type_=UtcDateTime())


@cache
def _claim(dialect: str) -> Any:
    dead = (message.c.state == "claimed") & (message.c.lease_until <= _now_there(dialect))
    free = message.c.state.in_(("intent", "held")) & (func.coalesce(message.c.waits, "") != PERSON)
    cooled = (message.c.waits == OVER) | ((message.c.waits == AGAIN) & (message.c.due_at <= _now_there(dialect)))
    again = (message.c.state == "unknown") & cooled
    claimed = {"state": "claimed", "lease_until": _lease(dialect), "reason": None, "waits": None, "due_at": None}
    return _OURS.where(or_(free, dead, again)).values(**claimed)


@cache
def _renew(dialect: str) -> Any:
    return _OURS.where(message.c.state == "claimed").values(lease_until=_lease(dialect))


@cache
def _barrier(dialect: str) -> Any:
    moment = _now_there(dialect)
    live = (message.c.state == "claimed") & (message.c.lease_until > moment)
    allowed = ~exists(select(suppression.c.mark).where(in_force(message.c.mark, moment)))
    return _OURS.where(live, allowed).values(state="at_dot", lease_until=_lease(dialect))


@cache
def _settle(state: str, final: bool) -> Any:
    moment = bindparam("moment", type_=UtcDateTime())
    values = {"lease_until": None, "waits": None, "due_at": told_soon() if final else moment}
    if final:
        values["decided_at"] = moment
    return _OURS.where(message.c.state.in_(BEFORE[state])).values(**values)


@cache
def _doubt(dialect: str, dead: bool) -> Any:
    found = _OURS.where(message.c.state == "at_dot").values(lease_until=None)
    return found.where(message.c.lease_until <= _now_there(dialect)) if dead else found


async def withdraw(tx: Tx, instance_id: str, reason: str, effect_id: str | None = None) -> None:
    """Messages of an instance that has ended (or the one of an effect that is not wanted any more) and were not handed
    over are not sent any more; one in doubt stays so."""
    given = {"of": instance_id, "reason": reason, "decided_at": now(), "waits": None, "due_at": None}
    mine = _WITHDRAW if effect_id is None else _WITHDRAW.where(message.c.effect_id == effect_id)
    await tx.execute(mine, given)


_WITHDRAW = (
    update(message)
    .where(message.c.instance_id == bindparam("of"))
    .where(or_(message.c.state.in_(("intent", "held")), (message.c.state == "unknown") & message.c.waits.is_not(None)))
    .values(state=case((message.c.doubts > 0, "unknown"), else_="suppressed"))
)
