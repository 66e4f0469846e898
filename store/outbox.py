"""The ledger's rows as others see them: what is due again, what a person or a report says, lists and counts."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select, update

from journey.ledger import AGAIN, FINAL, OVER, PERSON
from store import ledger, timeline
from store.clock import now
from store.database import Tx
from store.lanes import WAITS
from store.ledger import PAUSED, told_soon
from store.tables import UtcDateTime, customer, instance, message


@dataclass(frozen=True)
class Due:
    """A message that is to be looked at again, and whose."""

    send_key: str
    instance_id: str


async def lanes_with_due(tx: Tx) -> list[str]:
    """The lanes that have messages to be looked at again now."""
    due = message.c.due_at <= now()
    return list(
        await tx.scalars(select(message.c.channel).where(due, _NOT_PAUSED).distinct().order_by(message.c.channel))
    )


async def take_due(tx: Tx, lane: str, limit: int, again: timedelta, *, decided: bool = False) -> list[Due]:
    """Messages of a lane that are to be looked at again now: service mail first, then the oldest. It is their turn:
    they queue no more, and are due again after ``again`` unless something comes of it before. ``decided``: only those
    that somebody waits to hear about."""
    query = select(message.c.send_key, message.c.instance_id).where(message.c.due_at <= now(), _NOT_PAUSED)
    query = query.where(message.c.channel == lane, *([_DECIDED] if decided else []))
    query = query.order_by(_RANK, message.c.created_at, message.c.send_key).limit(limit)
    found = [Due(*row) for row in await tx.execute(query.with_for_update(skip_locked=True))]
    mine = message.c.send_key.in_([one.send_key for one in found])
    waits = case((message.c.waits == WAITS, None), (message.c.waits == AGAIN, OVER), else_=message.c.waits)
    await tx.execute(update(message).where(mine).values(due_at=now() + again, waits=waits))
    return found


async def settle_what_nobody_asks_for(tx: Tx) -> int:
    """Messages that were left behind by a worker that died, or that wait, while their journey has gone on without them:
    nobody will ask for them again. What was at the dot stays in doubt, the rest is not sent. Returns how many."""
    moment = await ledger.moment(tx)
    rows = (await tx.execute(_LEFT, {"moment": moment})).all()
    for key, instance_id, effect_id, state in rows:
        row = await ledger.find(tx, key)
        if state == "at_dot":
            await ledger.in_doubt(tx, replace(row, kind="lifecycle"), row.epoch, LEFT, dead=True)
        elif state == "claimed":
            await ledger.settle(tx, key, row.epoch, "suppressed", WITHOUT_IT)
        else:
            await ledger.withdraw(tx, instance_id, WITHOUT_IT, effect_id)
        await ledger.heard(tx, key)
    return len(rows)


LEFT = "the worker stopped while the message was being handed over"
WITHOUT_IT = "the journey went on without it"
_ASKED = func.coalesce(instance.c.snapshot[("asked", "id")].as_string(), "")
_UNASKED = or_(instance.c.state != "running", and_(instance.c.acked_seq > 0, message.c.effect_id != _ASKED))
_MOMENT = bindparam("moment", type_=UtcDateTime())
_LEFT = (
    select(message.c.send_key, message.c.instance_id, message.c.effect_id, message.c.state)
    .join(instance, instance.c.instance_id == message.c.instance_id)
    .where(
        or_(
            message.c.state.in_(("claimed", "at_dot")) & (message.c.lease_until <= _MOMENT),
            and_(message.c.due_at <= _MOMENT, or_(message.c.state == "held", message.c.waits.in_((AGAIN, OVER)))),
        ),
        _UNASKED,
    )
    .limit(200)
)


async def held_for_lane(tx: Tx, lane: str) -> bool:
    """Whether any message still queues for a lane."""
    query = select(message.c.send_key).where(message.c.due_at.is_not(None), message.c.waits == WAITS)
    return (await tx.execute(query.where(message.c.channel == lane).limit(1))).first() is not None


_DECIDED = message.c.state.in_(FINAL) & message.c.waits.is_(None)
_IS_PAUSED = select(instance.c.paused_at).where(instance.c.instance_id == message.c.instance_id).scalar_subquery()
_NOT_PAUSED = or_(func.coalesce(message.c.waits, "") != PAUSED, _IS_PAUSED.is_(None))
_RANK = case((message.c.kind.in_(("transactional", "legal")), 0), (message.c.kind == "staff", 1), else_=2)


async def learn(tx: Tx, message_id: str, state: str, reason: str | None) -> str | None:
    """What a report says of a message in doubt: ``accepted`` or ``refused``. Returns its key if that is news; whoever
    waits for it is told."""
    given = {"which": message_id, "state": state, "reason": reason, "moment": now()}
    key: str | None = (await tx.execute(_LEARN, given)).scalar_one_or_none()
    return key


_LEARN = (
    update(message)
    .where(message.c.message_id == bindparam("which"))
    .where(or_(message.c.state == "unknown", (message.c.state == "held") & (message.c.doubts > 0)))
    .values(waits=None, lease_until=None, decided_at=bindparam("moment"), due_at=told_soon())
    .returning(message.c.send_key)
)


WORDS = {"send": "may go", "now": "goes now", "drop": "is not to be sent", "arrived": "did arrive"}
"""What a person may say of a message, each as others read it."""


async def release(tx: Tx, key: str, by: str, *, now_: bool = False) -> bool:
    """A person says: send it; it asks nobody again. ``now_``: and neither hours, caps nor another journey hold it.
    False if it does not wait for that."""
    given = {"key": key, "waits": None, "due_at": now(), "reason": f"released by {by}", "released_by": by}
    if now_:
        return (await tx.execute(_FOR_AN_HOUR, {**given, "hurried": True})).rowcount == 1
    return (await tx.execute(_FOR_A_PERSON, given)).rowcount == 1


async def drop(tx: Tx, key: str, reason: str) -> bool:
    """A person says: do not send it, whatever it waits for. What is in doubt stays so and is not sent once more. False
    if it does not wait."""
    given = {"key": key, "reason": reason, "waits": None, "due_at": now(), "decided_at": now()}
    return (await tx.execute(_DROP, given)).rowcount == 1


async def arrived(tx: Tx, key: str, reason: str) -> bool:
    """A person says that one in doubt did arrive. False if it is not in doubt."""
    given = {"key": key, "reason": reason, "waits": None, "due_at": now(), "decided_at": now(), "state": "accepted"}
    return (await tx.execute(_IN_DOUBT, given)).rowcount == 1


async def decide(tx: Tx, key: str, word: str, by: str) -> bool:
    """A person's word (``WORDS``), by name, on the customer's timeline. It takes effect once; False if the message does
    not wait for it, and ``stands`` says how it stands instead."""
    said = f"{by} says that it {WORDS[word]}"
    if word in ("send", "now"):
        done = await release(tx, key, by, now_=word == "now")
    else:
        done = await (drop(tx, key, said) if word == "drop" else arrived(tx, key, said))
    if done:
        row = (await tx.execute(select(message).where(message.c.send_key == key))).one()
        text = f'{by} says that the message "{row.name}" {WORDS[word]}.'
        about = timeline.entry(
            row.customer_id, f"word:{key}:{row.epoch}:{word}", now(), "message", text, instance_id=row.instance_id
        )
        await timeline.add(tx, [about])
    return done


async def stands(tx: Tx, key: str) -> str:
    """How a message stands now, in a few words, for somebody whose word came too late or too early."""
    row = (await tx.execute(select(message).where(message.c.send_key == key))).one()
    told = f" ({row.reason})" if row.reason else ""
    if row.state == "held" or (row.state == "unknown" and row.waits):
        return f"it waits for a person{told}" if row.waits == PERSON else f"it waits{told}"
    return f"{_STANDS[row.state]}{told}"


_STANDS = {
    "intent": "it is about to be sent",
    "claimed": "it is being sent",
    "at_dot": "it is being sent",
    "accepted": "it was sent",
    "refused": "it was refused",
    "failed": "it could not be sent",
    "suppressed": "it was not sent",
    "expired": "it came too late and was not sent",
    "unknown": "it may have been sent",
}


async def whose(tx: Tx, key: str) -> dict[str, str] | None:
    """Whose a message is: its customer and its instance; None if there is none."""
    query = select(message.c.customer_id, message.c.instance_id).where(message.c.send_key == key)
    row = (await tx.execute(query)).mappings().first()
    return dict(row) if row else None


async def named(tx: Tx, beginning: str) -> list[str]:
    """The keys of the messages that begin so; two at most."""
    if not beginning.isalnum():
        return []
    there = message.c.send_key.between(beginning, beginning + "z" * max(52 - len(beginning), 0))
    return list(await tx.scalars(select(message.c.send_key).where(there).order_by(message.c.send_key).limit(2)))


async def held(tx: Tx, limit: int = 1000) -> list[dict[str, Any]]:
    """The messages that wait, the oldest first, without their bodies."""
    columns = [column for column in message.c if column.name != "body"]
    query = select(*columns, customer.c.name.label("customer")).join(
        customer, customer.c.customer_id == message.c.customer_id
    )
    waits = or_(message.c.state == "held", (message.c.state == "unknown") & message.c.waits.is_not(None))
    rows = await tx.execute(query.where(waits).order_by(message.c.created_at, message.c.send_key).limit(limit))
    return [dict(row) for row in rows.mappings()]


_ONE = update(message).where(message.c.send_key == bindparam("key"))
_HELD = message.c.state == "held"
_DOUBTFUL = (message.c.state == "unknown") & message.c.waits.is_not(None)
_FOR_A_PERSON = _ONE.where(_HELD, message.c.waits == PERSON)
_FOR_AN_HOUR = _ONE.where(_HELD, message.c.waits.in_((PERSON, "hours", "cap", "journey")))
_DROP = _ONE.where(or_(_HELD, _DOUBTFUL)).values(
    state=case((message.c.state == "unknown", "unknown"), else_="suppressed")
)
_IN_DOUBT = _ONE.where(message.c.doubts > 0, or_(_HELD, message.c.state == "unknown"))


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
