"""Connections and transactions, the same on SQLite and PostgreSQL.

One request or activity is one transaction, committed where ``write`` ends. SQLite has one writer: writers of this
process queue here instead of polling the file, and begin IMMEDIATE so that a read never has to become a write.
``synchronous=FULL``, because a 2xx and the ledger's barrier stand on it.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from store import sqlite_driver

Tx = AsyncConnection
"""One open transaction, as the functions of this room take it."""

BUSY_SECONDS = 5


class Database:
    """The store's door. ``url`` is an async SQLAlchemy URL (``sqlite+aiosqlite:///…`` or ``postgresql+psycopg://…``)."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self.sqlite = url.startswith("sqlite")
        self._engine = _engine(url, pool_size)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """One transaction that may write; committed at the end, rolled back if an exception leaves it."""
        async with self._writing(), self._engine.connect() as tx:
            if self.sqlite:
                tx = await tx.execution_options(wayfare_write=True)
            async with tx.begin():
                yield tx

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """One consistent view for reading."""
        async with self._engine.connect() as tx:
            if not self.sqlite:
                tx = await tx.execution_options(isolation_level="REPEATABLE READ")
            async with tx.begin():
                yield tx

    def _writing(self) -> AbstractAsyncContextManager[Any]:
        return self._turn if self.sqlite else nullcontext()

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


AWAY = ("08", "25", "40", "53", "55", "57", "58")
"""Classes of SQLSTATE: connection, read-only standby, deadlock, resources, locks, shutdown, system."""
BUSY = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
)


def passing(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed later: the store is away, full or busy, or another was in the way."""
    cause = error.orig
    if error.connection_invalidated:
        return True
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in BUSY
    state = getattr(cause, "sqlstate", None)
    return state[:2] in AWAY if state else isinstance(error, (InterfaceError, OperationalError))


def _engine(url: str, pool_size: int) -> AsyncEngine:
    # Parameters stay out of error messages: they are customers' data.
    sizes: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size, "hide_parameters": True}
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 5}, **sizes)
    if ":memory:" in url:
        raise ValueError("the store needs a file: an in-memory SQLite database cannot be shared")
    engine = create_async_engine(url, connect_args={"timeout": BUSY_SECONDS}, **sizes)
    event.listen(engine.sync_engine, "do_connect", sqlite_driver.connect)
    event.listen(engine.sync_engine, "connect", _configure)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: see _begin
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "cache_size=-16000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    writing = connection.get_execution_options().get("wayfare_write")
    connection.exec_driver_sql(sqlite_driver.TAKE_LOCK if writing else "BEGIN")
