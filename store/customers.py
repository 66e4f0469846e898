"""Customers: who an event is about, their record, and their purchases."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, func, or_, select, tuple_, update

from journey.customer import facts
from journey.effects import UpdateCustomer
from store.clock import now
from store.database import Tx
from store.sql import insert_new
from store.tables import customer, customer_alias, purchase

CONTACT = ("email", "name", "phone", "locale", "time_zone")


async def resolve(tx: Tx, given: dict[str, Any]) -> dict[str, Any]:
    """The customer an event's ``data.customer`` names, made if new, with the contact fields it brings.

    The shop's own ``id`` decides; without one, the e-mail address. An address alone never joins two different ids.
    """
    names = _names(given)
    known_by = await _known_by(tx, names)
    person = known_by.get("id")
    if person is None and "email" in known_by and not (given.get("id") and known_by["email"]["external_id"]):
        person = known_by["email"]
    mine = person or await _create(tx, given)
    new = [name for name in names if name not in known_by]
    made = await _alias(tx, {name: names[name] for name in new}, mine["customer_id"])
    if new and new[0] == next(iter(names)) and new[0] not in made:
        # Another transaction got to know this very customer while we did: it is theirs.
        if person is None:
            await _forget(tx, mine["customer_id"])
        return await resolve(tx, given)
    return mine if person is None else await _bring_in(tx, person, given)


def _names(given: dict[str, Any]) -> dict[str, str]:
    """By what the customer can be found; the one that decides comes first."""
    names = {"id": given.get("id"), "email": (given.get("email") or "").lower()}
    return {kind: value for kind, value in names.items() if value}


async def _known_by(tx: Tx, names: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The rows behind these names, locked, so that what we add to them and what journeys set do not undo each other."""
    query = (
        select(customer_alias.c.kind, customer)
        .join(customer, customer_alias.c.customer_id == customer.c.customer_id)
        .where(tuple_(customer_alias.c.kind, customer_alias.c.value).in_(list(names.items())))
        .with_for_update(of=customer, key_share=True)
    )
    found = [dict(row) for row in (await tx.execute(query)).mappings()]
    return {row.pop("kind"): row for row in found}


async def _create(tx: Tx, given: dict[str, Any]) -> dict[str, Any]:
    moment = now()
    row: dict[str, Any] = {
        "customer_id": secrets.token_hex(12),
        "external_id": given.get("id"),
        **{name: given.get(name) or None for name in CONTACT},
        "attributes": given.get("attributes") or {},
        "tags": [],
        "created_at": moment,
        "updated_at": moment,
    }
    await tx.execute(customer.insert().values(**row))
    return row


async def _alias(tx: Tx, names: dict[str, str], customer_id: str) -> set[str]:
    """Note by what else the customer is known; returns the kinds that nobody else had."""
    rows = [{"kind": kind, "value": value, "customer_id": customer_id} for kind, value in names.items()]
    made = await insert_new(tx, customer_alias, rows, ["kind", "value"], returning=[customer_alias.c.kind])
    return {row.kind for row in made}


async def _forget(tx: Tx, customer_id: str) -> None:
    await tx.execute(customer_alias.delete().where(customer_alias.c.customer_id == customer_id))
    await tx.execute(customer.delete().where(customer.c.customer_id == customer_id))


async def _bring_in(tx: Tx, row: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Write what the event says about the customer, if it says anything new."""
    changes = {name: given[name] for name in CONTACT if given.get(name) not in (None, "", row[name])}
    if given.get("id") and row["external_id"] is None:
        changes["external_id"] = given["id"]
    attributes = {**row["attributes"], **(given.get("attributes") or {})}
    if attributes != row["attributes"]:
        changes["attributes"] = attributes
    if changes:
        changes["updated_at"] = now()
        await tx.execute(update(customer).where(customer.c.customer_id == row["customer_id"]).values(**changes))
    return {**row, **changes}


async def change(tx: Tx, customer_id: str, write: UpdateCustomer) -> None:
    """What a journey sets: contact fields and attributes by name, tags added and removed."""
    query = select(customer.c.attributes, customer.c.tags).where(customer.c.customer_id == customer_id)
    row = (await tx.execute(query.with_for_update(key_share=True))).one()
    contact = {name: _fitting(name, value) for name, value in write.attributes.items() if name in CONTACT}
    attributes = {name: value for name, value in write.attributes.items() if name not in CONTACT}
    tags = sorted((set(row.tags) | set(write.add_tags)) - set(write.remove_tags))
    values = {**contact, "attributes": {**row.attributes, **attributes}, "tags": tags, "updated_at": now()}
    await tx.execute(update(customer).where(customer.c.customer_id == customer_id).values(**values))


def _fitting(name: str, value: Any) -> str | None:
    """A contact field as text, no longer than its column: a journey may set anything, and PostgreSQL would refuse."""
    return None if value is None else str(value)[: getattr(customer.c[name].type, "length", None) or 255]


async def known(tx: Tx, customer_id: str) -> dict[str, Any]:
    """The record as conditions and texts see it (``journey.customer.facts``)."""
    return seen(dict((await tx.execute(_KNOWN, {"of": customer_id})).mappings().one()))


async def known_of(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    """Like ``known``, for a row that is at hand."""
    orders = select(func.count()).where(purchase.c.customer_id == row["customer_id"], purchase.c.state == "completed")
    return seen({**row, "orders": (await tx.execute(orders)).scalar_one()})


ORDERS = (
    select(func.count())
    .where(purchase.c.customer_id == customer.c.customer_id, purchase.c.state == "completed")
    .correlate(customer)
    .scalar_subquery()
    .label("orders")
)
"""How many purchases a customer has made and kept: a column to read beside the customer's own."""


_KNOWN = select(customer, ORDERS).where(customer.c.customer_id == bindparam("of"))


def seen(row: Mapping[str, Any]) -> dict[str, Any]:
    """The record as conditions and texts see it, from the customer's row and ``ORDERS``."""
    return facts({**row, "id": row["external_id"] or row["customer_id"]})


async def bought(tx: Tx, customer_id: str, event_pk: int, data: dict[str, Any], at: Any) -> None:
    """Add a purchase to the customer's history; the same event adds it once."""
    product = data.get("product")
    product = product if isinstance(product, dict) else {}
    row = {
        "customer_id": customer_id,
        "event_pk": event_pk,
        "order_id": _short(data.get("order_id")),
        "sku": _short(product.get("sku")),
        "product": _short(product.get("name")),
        "amount": _short(data.get("amount"), 64),
        "currency": _short(data.get("currency"), 16),
        "state": "completed",
        "purchased_at": at,
    }
    await insert_new(tx, purchase, [row], ["event_pk"])


def _short(value: Any, length: int = 255) -> str | None:
    return str(value)[:length] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


async def refunded(tx: Tx, customer_id: str, order_id: Any) -> None:
    """Mark a purchase as refunded; without an order nothing is."""
    if _short(order_id) is None:
        return
    mine = (purchase.c.customer_id == customer_id) & (purchase.c.order_id == _short(order_id))
    await tx.execute(update(purchase).where(mine).values(state="refunded"))


async def find(tx: Tx, reference: str) -> dict[str, Any] | None:
    """A customer by our id, the shop's id or any e-mail address it is known by."""
    aliases = select(customer_alias.c.customer_id).where(
        tuple_(customer_alias.c.kind, customer_alias.c.value).in_([("id", reference), ("email", reference.lower())])
    )
    query = select(customer).where(or_(customer.c.customer_id == reference, customer.c.customer_id.in_(aliases)))
    row = (await tx.execute(query.limit(1))).mappings().first()
    return dict(row) if row else None


async def purchases(tx: Tx, customer_id: str) -> list[dict[str, Any]]:
    """The purchase history, newest first."""
    query = select(purchase).where(purchase.c.customer_id == customer_id)
    rows = await tx.execute(query.order_by(purchase.c.purchased_at.desc(), purchase.c.purchase_pk.desc()))
    return [dict(row) for row in rows.mappings()]
