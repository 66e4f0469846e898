"""The customers' inboxes on the company's own site."""

from typing import Any

from sqlalchemy import func, select, update

from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import message, site_message


async def put_in(tx: Tx, send_key: str, title: str, text: str, html: str) -> None:
    """Put a message of the ledger into the inbox of its customer, once."""
    owner = (await tx.execute(select(message.c.customer_id).where(message.c.send_key == send_key))).scalar_one()
    row = {"send_key": send_key, "customer_id": owner, "title": title, "text": text, "html": html, "created_at": now()}
    await insert_new(tx, site_message, [row], ["send_key"])


async def of_customer(tx: Tx, customer_id: str, limit: int) -> list[dict[str, Any]]:
    """A customer's messages, the newest first."""
    mine = select(site_message).where(site_message.c.customer_id == customer_id)
    rows = await tx.execute(mine.order_by(site_message.c.created_at.desc(), site_message.c.send_key).limit(limit))
    return [dict(row) for row in rows.mappings()]


async def unread(tx: Tx, customer_id: str) -> int:
    """How many the customer has not read."""
    mine = site_message.c.customer_id == customer_id
    query = select(func.count()).select_from(site_message).where(mine, site_message.c.read_at.is_(None))
    return int((await tx.execute(query)).scalar_one())


async def read(tx: Tx, customer_id: str, send_key: str) -> bool:
    """The customer has read one; again it changes nothing. False if it is none of theirs."""
    mine = (site_message.c.customer_id == customer_id) & (site_message.c.send_key == send_key)
    moment = func.coalesce(site_message.c.read_at, now())
    return (await tx.execute(update(site_message).where(mine).values(read_at=moment))).rowcount == 1
