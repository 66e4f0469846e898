"""Purchases with their lines, and what came back of them.

What came back is kept as it was said, whether or not its purchase is known yet, and settled against the purchases of
the same order: so it does not matter which of the two arrives first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from journey.record.habits import Bought, money
from store.database import Tx
from store.sql import insert_new
from store.tables import purchase, purchase_line, refund

MOST_LINES = 500


async def bought(tx: Tx, customer_id: str, event_pk: int, data: Mapping[str, Any], at: datetime) -> None:
    """Add a purchase to the customer's history; the same event adds it once. ``lines`` or one ``product``."""
    lines = _lines(data)
    first = lines[0] if lines else {}
    row = {
        "customer_id": customer_id,
        "event_pk": event_pk,
        "order_id": short(data.get("order_id")),
        "sku": first.get("sku"),
        "product": first.get("name"),
        "amount": short(data.get("amount"), 64) or _total(lines),
        "currency": short(data.get("currency"), 16),
        "state": "completed",
        "purchased_at": at,
    }
    made = await insert_new(tx, purchase, [row], ["event_pk"], returning=[purchase.c.purchase_pk])
    if made and lines:
        (number_of,) = made[0]
        rows = [{"purchase_pk": number_of, "number": number, **line} for number, line in enumerate(lines, 1)]
        await tx.execute(purchase_line.insert(), rows)


def _lines(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = data.get("lines")
    if isinstance(given, list) and given:
        return [_line(one) for one in given[:MOST_LINES] if isinstance(one, dict)]
    product = data.get("product")
    if not isinstance(product, dict):
        return []
    return [_line({"quantity": data.get("quantity"), "amount": data.get("amount"), **product})]


def _line(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sku": short(given.get("sku")),
        "name": short(given.get("name")),
        "version": short(given.get("version"), 80),
        "quantity": _count(given.get("quantity")),
        "amount": short(given.get("amount"), 64),
    }


def _count(value: Any) -> int:
    plain = isinstance(value, int) and not isinstance(value, bool)
    return min(max(value, 1), 1_000_000) if plain else 1


def _total(lines: Sequence[Mapping[str, Any]]) -> str | None:
    """The sum of the lines, if every one says what it cost."""
    amounts = [line["amount"] for line in lines]
    return str(sum((money(amount) for amount in amounts), Decimal(0))) if amounts and all(amounts) else None


def short(value: Any, length: int = 255) -> str | None:
    """A plain value as a text that a column takes; None for anything else."""
    return str(value)[:length] if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None


async def given_back(tx: Tx, customer_id: str, event_pk: int, kind: str, data: Mapping[str, Any], at: datetime) -> None:
    """Keep that money (``refund``) or goods (``return``) of an order came back; the same event once. Without an order
    there is nothing to keep. A refund without an amount and without lines is of the whole order."""
    order_id = short(data.get("order_id"))
    if not order_id:
        return
    given = data.get("lines")
    lines = [_line(one) for one in given[:MOST_LINES] if isinstance(one, dict)] if isinstance(given, list) else []
    row = {
        "customer_id": customer_id,
        "event_pk": event_pk,
        "order_id": order_id,
        "kind": kind,
        "amount": short(data.get("amount"), 64) or _total(lines),
        "lines": [{"sku": line["sku"], "quantity": line["quantity"]} for line in lines],
        "made_at": at,
    }
    await insert_new(tx, refund, [row], ["event_pk"])


async def settle(tx: Tx, customer_id: str) -> None:
    """Say of each purchase what came back of it."""
    back: dict[str, list[Any]] = {}
    for row in await tx.execute(select(refund).where(refund.c.customer_id == customer_id)):
        back.setdefault(row.order_id, []).append(row)
    if not back:
        return
    mine = (purchase.c.customer_id == customer_id) & purchase.c.order_id.in_(list(back))
    for row in (await tx.execute(select(purchase).where(mine).order_by(purchase.c.purchase_pk))).all():
        await _settle_one(tx, row, back[row.order_id])


async def _settle_one(tx: Tx, row: Any, back: Sequence[Any]) -> None:
    money_back = [one for one in back if one.kind == "refund"]
    total = sum((money(one.amount) for one in money_back), Decimal(0))
    wholly = any(one.amount is None and not one.lines for one in money_back) or (
        row.amount is not None and total >= money(row.amount) > 0
    )
    values: dict[str, Any] = {"state": "refunded" if wholly else "completed", "refunded": str(total) if total else None}
    if values != {"state": row.state, "refunded": row.refunded}:
        await tx.execute(update(purchase).where(purchase.c.purchase_pk == row.purchase_pk).values(**values))
    returned: dict[str | None, int] = {}
    for one in back:
        for line in one.lines if one.kind == "return" else ():
            returned[line["sku"]] = returned.get(line["sku"], 0) + line["quantity"]
    everything = any(one.kind == "return" and not one.lines for one in back)
    for line in (await tx.execute(select(purchase_line).where(purchase_line.c.purchase_pk == row.purchase_pk))).all():
        count = line.quantity if everything else min(returned.get(line.sku, 0), line.quantity)
        returned[line.sku] = returned.get(line.sku, 0) - count
        if count != line.returned:
            mine = (purchase_line.c.purchase_pk == line.purchase_pk) & (purchase_line.c.number == line.number)
            await tx.execute(update(purchase_line).where(mine).values(returned=count))


async def kept(tx: Tx, customer_id: str) -> list[Bought]:
    """The purchases that were not given back wholly, for ``journey.record.habits``."""
    mine = (purchase.c.customer_id == customer_id) & (purchase.c.state == "completed")
    columns = (purchase.c.purchased_at, purchase.c.amount, purchase.c.refunded, purchase.c.currency)
    rows = await tx.execute(select(*columns).where(mine).order_by(purchase.c.purchased_at))
    return [Bought(row.purchased_at, money(row.amount) - money(row.refunded), row.currency or "") for row in rows]


async def of_customer(tx: Tx, customer_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """The purchase history, newest first, each with its ``lines``."""
    query = select(purchase).where(purchase.c.customer_id == customer_id)
    newest = (purchase.c.purchased_at.desc(), purchase.c.purchase_pk.desc())
    rows = (await tx.execute(query.order_by(*newest).limit(limit))).mappings()
    return await with_lines(tx, [dict(row) for row in rows])


async def with_lines(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Purchases, each with its ``lines``."""
    found = {row["purchase_pk"]: {**row, "lines": []} for row in rows}
    lines = select(purchase_line).where(purchase_line.c.purchase_pk.in_(list(found)))
    for line in (await tx.execute(lines.order_by(purchase_line.c.purchase_pk, purchase_line.c.number))).mappings():
        found[line["purchase_pk"]]["lines"].append(dict(line))
    return list(found.values())
