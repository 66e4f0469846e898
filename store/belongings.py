"""What belongs to a customer, told from the tables themselves: whatever has a ``customer_id``.

So a table that is added tomorrow moves with its customer, without anybody having to think of it.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    exists,
    literal,
    select,
    tuple_,
    union_all,
    update,
)

from store.database import Tx
from store.tables import customer_merge_row, delivery, metadata

STAYS = ("customer", "customer_merge")
"""Tables whose rows say who is who, and belong to nobody."""


def tables() -> list[Table]:
    """The tables whose rows belong to customers."""
    return [table for table in metadata.sorted_tables if "customer_id" in table.c and table.name not in STAYS]


async def move(tx: Tx, merge_id: str, giver: str, taker: str) -> None:
    """Give all rows of one customer to another, and write down which. A row that the taker has already (by a unique
    key) stays where it is."""
    for name in (await tx.execute(_any_rows(), {"giver": giver})).scalars().all():
        table = metadata.tables[name]
        free = [~_taken(table, columns, taker) for columns in _unique(table)]
        mine = and_(table.c.customer_id == giver, *free)
        keys = [list(row) for row in await tx.execute(select(*_key(table)).where(mine))]
        if not keys:
            continue
        await tx.execute(update(table).where(mine).values(customer_id=taker))
        rows = [{"merge_id": merge_id, "table_name": table.name, "row_key": key} for key in keys]
        await tx.execute(customer_merge_row.insert(), rows)


@cache
def _any_rows() -> CompoundSelect[Any]:
    """The names of the tables in which somebody has any rows: most have none in most."""
    giver: ColumnElement[str] = bindparam("giver")
    asked = [select(literal(table.name)).where(exists().where(table.c.customer_id == giver)) for table in tables()]
    return union_all(*asked)


async def give_back(tx: Tx, merge_id: str, giver: str, taker: str) -> None:
    """Move the rows of a merge back, as far as they are still there."""
    query = select(customer_merge_row.c.table_name, customer_merge_row.c.row_key)
    found: dict[str, list[list[Any]]] = {}
    for row in await tx.execute(query.where(customer_merge_row.c.merge_id == merge_id)):
        found.setdefault(row.table_name, []).append(row.row_key)
    for table in tables():
        for keys in _some(found.get(table.name, [])):
            mine = and_(table.c.customer_id == giver, tuple_(*_key(table)).in_(keys))
            await tx.execute(update(table).where(mine).values(customer_id=taker))


async def follow(tx: Tx, event_pk: int, giver: str, taker: str) -> None:
    """Move what one event left: its own rows, and the instances that it began with everything of theirs."""
    began = select(delivery.c.instance_id).where(delivery.c.event_pk == event_pk, delivery.c.seq == 1)
    for table in tables():
        marks: list[ColumnElement[bool]] = []
        if "event_pk" in table.c:
            marks.append(table.c.event_pk == event_pk)
        if "instance_id" in table.c:
            marks.append(table.c.instance_id.in_(began))
        if table.name == "timeline":
            marks.append(table.c.key == f"event:{event_pk}")
        for mark in marks:
            await tx.execute(update(table).where(table.c.customer_id == giver, mark).values(customer_id=taker))


def _key(table: Table) -> list[Any]:
    """The primary key without the customer, who may change."""
    return [column for column in table.primary_key.columns if column.name != "customer_id"]


def _unique(table: Table) -> Iterator[Sequence[str]]:
    """The other columns of every unique key that has the customer in it. A key for some rows only is the business of
    whoever made it (``store.doubles``)."""
    groups = [list(table.primary_key.columns.keys())]
    groups += [list(one.columns.keys()) for one in table.constraints if isinstance(one, UniqueConstraint)]
    groups += [
        [column.name for column in index.columns]
        for index in table.indexes
        if index.unique and index.dialect_options["sqlite"]["where"] is None
    ]
    for group in groups:
        if "customer_id" in group:
            yield [name for name in group if name != "customer_id"]


def _taken(table: Table, columns: Sequence[str], taker: str) -> ColumnElement[bool]:
    theirs = table.alias()
    same = [theirs.c[name] == table.c[name] for name in columns]
    return exists().where(theirs.c.customer_id == taker, *same)


def _some(keys: list[list[Any]], most: int = 200) -> Iterator[list[tuple[Any, ...]]]:
    """A few at a time: databases take only so many parameters."""
    for start in range(0, len(keys), most):
        yield [tuple(key) for key in keys[start : start + most]]
