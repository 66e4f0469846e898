"""The products that customers have: by purchase, by registration of a piece, until they are given back or replaced."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from journey.record.products import Catalogue, warranty_until
from store.database import Tx
from store.purchases import short
from store.sql import insert_new
from store.tables import owned, purchase, purchase_line


async def follow(tx: Tx, customer_id: str, catalogue: Catalogue) -> None:
    """Bring what a customer has by purchase up to date with the purchases: what came back is not theirs any more, and a
    registered piece counts for itself."""
    await _bind(tx, customer_id, catalogue)
    rows = {row.key: row for row in await tx.execute(select(owned).where(owned.c.customer_id == customer_id))}
    pieces = Counter((row.purchase_pk, row.sku) for row in rows.values() if row.serial is not None)
    query = (
        select(purchase_line, purchase.c.state, purchase.c.purchased_at)
        .join(purchase, purchase.c.purchase_pk == purchase_line.c.purchase_pk)
        .where(purchase.c.customer_id == customer_id, purchase_line.c.sku.is_not(None))
        .order_by(purchase_line.c.purchase_pk, purchase_line.c.number)
    )
    for line in (await tx.execute(query)).all():
        product = catalogue.get(line.sku)
        if product is not None and product.used_up:
            continue
        key = f"line:{line.purchase_pk}:{line.number}"
        left = 0 if line.state == "refunded" else line.quantity - line.returned
        registered = min(pieces[line.purchase_pk, line.sku], left)
        pieces[line.purchase_pk, line.sku] -= registered
        until = warranty_until(product, line.purchased_at.date())
        row = {
            "customer_id": customer_id,
            "key": key,
            "sku": line.sku,
            "name": line.name,
            "version": line.version,
            "quantity": left - registered,
            "purchase_pk": line.purchase_pk,
            "since": line.purchased_at,
            "warranty_until": until.isoformat() if until else None,
        }
        await _keep(tx, rows.get(key), row)


async def _bind(tx: Tx, customer_id: str, catalogue: Catalogue) -> None:
    """What was registered belongs to the customer's own purchase of it, whichever of the two was known first, and on
    whose record: two customers may have become one, or two again."""
    theirs = select(purchase.c.purchase_pk).where(purchase.c.customer_id == customer_id)
    loose = owned.c.purchase_pk.is_(None) | owned.c.purchase_pk.not_in(theirs)
    mine = (owned.c.customer_id == customer_id) & owned.c.key.not_like("line:%") & loose
    for row in (await tx.execute(select(owned).where(mine))).all():
        bought = await _purchase_of(tx, customer_id, row.sku, None)
        values: dict[str, Any] = {"purchase_pk": bought.purchase_pk if bought else None}
        if bought is not None:
            until = warranty_until(catalogue.get(row.sku), bought.purchased_at.date())
            values |= {"since": bought.purchased_at, "quantity": 1 if row.serial else 0}
            values |= {"warranty_until": until.isoformat()} if until else {}
        if any(getattr(row, name) != value for name, value in values.items()):
            await tx.execute(update(owned).where(owned.c.owned_pk == row.owned_pk).values(**values))


async def _keep(tx: Tx, known: Any, row: dict[str, Any]) -> None:
    """A row as it is now; what ended by itself stays ended."""
    if known is None:
        await insert_new(tx, owned, [row], ["customer_id", "key"])
        return
    changes = {name: row[name] for name in ("quantity", "warranty_until") if row[name] != getattr(known, name)}
    if changes:
        await tx.execute(update(owned).where(owned.c.owned_pk == known.owned_pk).values(**changes))


async def register(
    tx: Tx, customer_id: str, key: str, data: Mapping[str, Any], at: datetime, catalogue: Catalogue
) -> None:
    """A piece with its serial number (or a product without one); the same event once, the same serial once."""
    product = data.get("product")
    given = {**(product if isinstance(product, dict) else {}), **data}
    sku, serial = short(given.get("sku")), short(given.get("serial"), 120)
    if not sku:
        return
    version = short(given.get("version"), 80)
    if serial and await _renew(tx, customer_id, sku, serial, version):
        return
    bought = await _purchase_of(tx, customer_id, sku, short(given.get("order_id")))
    if bought is not None and serial is None:
        await renew(tx, customer_id, data)  # it is theirs by the purchase already
        return
    since = bought.purchased_at if bought else at
    until = warranty_until(catalogue.get(sku), since.date())
    row = {
        "customer_id": customer_id,
        "key": key,
        "sku": sku,
        "name": short(given.get("name")),
        "version": version,
        "serial": serial,
        "quantity": 1,
        "purchase_pk": bought.purchase_pk if bought else None,
        "since": since,
        "warranty_until": short(given.get("warranty_until"), 10) or (until.isoformat() if until else None),
    }
    await insert_new(tx, owned, [row], ["customer_id", "key"])


async def _renew(tx: Tx, customer_id: str, sku: str, serial: str, version: str | None) -> bool:
    """Whether this very piece is known already; its version may be another one now."""
    mine = (owned.c.customer_id == customer_id) & (owned.c.sku == sku) & (owned.c.serial == serial)
    values = {"ended_at": None, "ended_why": None} | ({"version": version} if version else {})
    return (await tx.execute(update(owned).where(mine).values(**values))).rowcount > 0


async def _purchase_of(tx: Tx, customer_id: str, sku: str, order_id: str | None) -> Any:
    """The purchase that a piece comes from: of the order that is named, or the last one."""
    query = (
        select(purchase.c.purchase_pk, purchase.c.purchased_at)
        .join(purchase_line, purchase_line.c.purchase_pk == purchase.c.purchase_pk)
        .where(purchase.c.customer_id == customer_id, purchase_line.c.sku == sku)
    )
    if order_id:
        query = query.where(purchase.c.order_id == order_id)
    newest = (purchase.c.purchased_at.desc(), purchase.c.purchase_pk.desc())
    return (await tx.execute(query.order_by(*newest).limit(1))).first()


async def renew(tx: Tx, customer_id: str, data: Mapping[str, Any]) -> None:
    """Another version of a product: of one piece if a serial is named, else of all of that product."""
    version = short(data.get("version"), 80)
    mine = _meant(customer_id, data)
    if version and mine is not None:
        await tx.execute(update(owned).where(mine).values(version=version))


async def end(tx: Tx, customer_id: str, data: Mapping[str, Any], why: str, at: datetime) -> None:
    """The customer does not have a product any more: one piece if a serial is named, else all of that product."""
    mine = _meant(customer_id, data)
    if mine is not None:
        await tx.execute(update(owned).where(mine).values(ended_at=at, ended_why=why[:40]))


def _meant(customer_id: str, data: Mapping[str, Any]) -> Any:
    product = data.get("product")
    given = {**(product if isinstance(product, dict) else {}), **data}
    sku, serial = short(given.get("sku")), short(given.get("serial"), 120)
    if not sku:
        return None
    mine = (owned.c.customer_id == customer_id) & (owned.c.sku == sku) & owned.c.ended_at.is_(None)
    return mine & (owned.c.serial == serial) if serial else mine


async def of_customer(tx: Tx, customer_id: str, *, history: bool = False) -> list[dict[str, Any]]:
    """What a customer has now, the oldest first; with ``history`` also what they had."""
    query = select(owned).where(owned.c.customer_id == customer_id)
    if not history:
        query = query.where(owned.c.ended_at.is_(None), owned.c.quantity > 0)
    order = (owned.c.since, owned.c.sku, func.coalesce(owned.c.serial, ""), owned.c.owned_pk)
    return [dict(row) for row in (await tx.execute(query.order_by(*order))).mappings()]
