"""Mail that came in: kept whole, matched to its letter, told to whom it concerns. The same again changes nothing."""

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from journey.returned import reading
from journey.returned.reading import Returned
from store import returns, surveys
from store.clock import now
from store.database import Tx
from store.seal import Seal
from store.sql import insert_new
from store.tables import customer, incoming, message

NULL = "\0"


@dataclass(frozen=True)
class Arrived:
    """A mail as the door took it: its bytes, and the addresses of its envelope."""

    raw: bytes
    sender: str
    recipients: tuple[str, ...]


async def keep(tx: Tx, mail: Arrived, read: Returned, seal: Seal) -> int:
    """Keep a mail and do what it asks for; its number. The caller's commit makes it durable."""
    recipient, send_key = await _matched(tx, mail, read, seal)
    digest = hashlib.sha256("\n".join((mail.sender, *mail.recipients, "")).encode() + mail.raw).hexdigest()
    owner = select(message.c.customer_id).where(message.c.send_key == send_key)
    row = {
        "digest": digest,
        "received_at": now(),
        "envelope_from": mail.sender[:320],
        "recipient": recipient[:320],
        "sender": read.sender,
        "subject": _storable(read.subject),
        "message_id": read.message_id[:320],
        "kind": read.kind,
        "note": _storable(read.note),
        "body_text": _storable(read.text),
        "send_key": send_key,
        "customer_id": (await tx.execute(owner)).scalar_one_or_none() if send_key else None,
        "raw": mail.raw,
    }
    made = await insert_new(tx, incoming, [row], ["digest"], returning=[incoming.c.incoming_pk])
    if not made:
        again = select(incoming.c.incoming_pk).where(incoming.c.digest == digest)
        return int((await tx.execute(again)).scalar_one())
    number = int(made[0].incoming_pk)
    if send_key is not None:
        await _follow(tx, number, send_key, read)
    return number


async def _matched(tx: Tx, mail: Arrived, read: Returned, seal: Seal) -> tuple[str, str | None]:
    """The address it came to, and the letter it is about: by that address, else by the message ids that it names."""
    for address in mail.recipients:
        beginning = seal.of_address(address)
        if beginning and (key := await returns.by_beginning(tx, beginning)):
            return address, key
    return (mail.recipients or ("",))[0], await returns.by_id(tx, *read.about)


async def _follow(tx: Tx, number: int, send_key: str, read: Returned) -> None:
    if read.bounce is not None:
        await returns.bounced(tx, send_key, read.bounce)
    elif read.kind == "complaint":
        await returns.complained(tx, send_key, read.note)
    elif read.kind == "reply":
        said = {"subject": _storable(read.subject) or None, "text": _storable(read.text) or None}
        await returns.replied(tx, send_key, number, {**said, "sender": read.sender or "unknown"})
        await _answer(tx, send_key, read.text)


async def _answer(tx: Tx, send_key: str, text: str) -> None:
    """A reply to a question that begins with a number alone answers it, the rest of it being the words."""
    asked = await surveys.find(tx, send_key)
    if asked is None or asked.answered_at is not None:
        return
    score, words = reading.score(text)
    if surveys.fits(asked.scale, score) and (score is not None or words):
        await surveys.answer(tx, asked, score, _storable(words))


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace(NULL, "")


async def page(tx: Tx, kind: str, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Mail that came in, the newest first; ``kind`` may be ``unmatched``: replies that belong to no letter."""
    columns = [column for column in incoming.c if column.name not in ("raw", "body_text")]
    query = select(*columns, customer.c.name.label("customer_name"), customer.c.email).outerjoin(
        customer, customer.c.customer_id == incoming.c.customer_id
    )
    if kind == "unmatched":
        query = query.where(incoming.c.send_key.is_(None), incoming.c.kind != "machine")
    elif kind:
        query = query.where(incoming.c.kind == kind)
    if before is not None:
        query = query.where(incoming.c.incoming_pk < before)
    rows = await tx.execute(query.order_by(incoming.c.incoming_pk.desc()).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def counts(tx: Tx) -> dict[str, int]:
    """How many mails there are of each kind, and how many of them belong to no letter (``unmatched``)."""
    found = {
        str(kind): int(n)
        for kind, n in await tx.execute(select(incoming.c.kind, func.count()).group_by(incoming.c.kind))
    }
    alone = incoming.c.send_key.is_(None) & (incoming.c.kind != "machine")
    unmatched = (await tx.execute(select(func.count()).select_from(incoming).where(alone))).scalar_one()
    return {**found, "unmatched": int(unmatched)}


async def one(tx: Tx, number: int) -> dict[str, Any] | None:
    """One mail, whole."""
    row = (await tx.execute(select(incoming).where(incoming.c.incoming_pk == number))).mappings().first()
    return dict(row) if row else None


async def letter(tx: Tx, send_key: str) -> dict[str, Any]:
    """The letter that a mail is about, and its customer."""
    query = (
        select(
            message.c.name,
            message.c.subject,
            customer.c.customer_id,
            customer.c.name.label("customer_name"),
            customer.c.email,
        )
        .join(customer, customer.c.customer_id == message.c.customer_id)
        .where(message.c.send_key == send_key)
    )
    return dict((await tx.execute(query)).mappings().one())
