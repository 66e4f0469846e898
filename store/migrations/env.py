"""Alembic's entry: run migrations on the database the caller names, in one transaction, one process at a time."""

import sqlite3
import time
from typing import Any

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, event, text
from sqlalchemy.engine import make_url

from store.tables import metadata

LOCK = 7_310_000
PATIENCE = 10
"""Seconds to wait for another process that migrates the same file."""


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, transactional_ddl=True
    )
    with context.begin_transaction():
        context.run_migrations()


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver would leave tables outside the transaction: see _begin
    connection.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")
    _use_wal(connection)


def _use_wal(connection: Any) -> None:
    """A change of the journal mode does not wait for another process's lock as statements do: SQLite refuses at once."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _main() -> None:
    url = make_url(context.config.attributes["url"])
    if url.get_backend_name() == "sqlite":
        url = url.set(drivername="sqlite")
    engine = create_engine(url, poolclass=NullPool)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
    with engine.begin() as connection:
        _run(connection)


_main()
