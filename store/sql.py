"""What SQLite and PostgreSQL both say, each in its own words."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, and_, false, or_
from sqlalchemy.dialects import postgresql, sqlite

from store.database import Tx


def any_of(columns: Sequence[Column[Any]], keys: Iterable[Sequence[Any]]) -> ColumnElement[bool]:
    """Whether the columns hold one of these keys. Written out, because SQLite finds no index for a list of pairs when
    tables are joined, and reads the whole of one."""
    return or_(false(), *(and_(*(column == value for column, value in zip(columns, key, strict=True))) for key in keys))


async def insert_new(
    tx: Tx,
    table: Table,
    rows: list[dict[str, Any]],
    key: Sequence[str],
    returning: Sequence[Column[Any]] = (),
) -> Sequence[Row[Any]]:
    """INSERT … ON CONFLICT DO NOTHING; returns the given columns of the rows that are new."""
    if not rows:
        return []
    result = await tx.execute(_insert(tx.dialect.name, table, tuple(key), tuple(returning)), rows)
    return result.all() if returning else []


@cache
def _insert(dialect: str, table: Table, key: tuple[str, ...], returning: tuple[Column[Any], ...]) -> Any:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    statement = insert.on_conflict_do_nothing(index_elements=list(key))
    return statement.returning(*returning) if returning else statement


async def put(tx: Tx, table: Table, row: dict[str, Any], key: Sequence[str]) -> None:
    """INSERT, or replace the row that is there."""
    await tx.execute(_put(tx.dialect.name, table, tuple(row), tuple(key)), row)


@cache
def _put(dialect: str, table: Table, columns: tuple[str, ...], key: tuple[str, ...]) -> Any:
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    changed = {name: insert.excluded[name] for name in columns if name not in key}
    return insert.on_conflict_do_update(index_elements=list(key), set_=changed)


async def one_at_a_time(tx: Tx, number: int) -> None:
    """Let only one such transaction run in the whole installation (SQLite has one writer anyway)."""
    if tx.dialect.name == "postgresql":
        await tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({number:d})")
