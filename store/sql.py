"""What SQLite and PostgreSQL both say, each in its own words."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

from store.database import Tx


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
    insert = (postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert)(table)
    statement = insert.on_conflict_do_nothing(index_elements=list(key))
    if not returning:
        await tx.execute(statement, rows)
        return []
    return (await tx.execute(statement.returning(*returning), rows)).all()


async def one_at_a_time(tx: Tx, number: int) -> None:
    """Let only one such transaction run in the whole installation (SQLite has one writer anyway)."""
    if tx.dialect.name == "postgresql":
        await tx.exec_driver_sql(f"SELECT pg_advisory_xact_lock({number:d})")
