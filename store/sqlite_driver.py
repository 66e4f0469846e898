"""SQLite with fewer changes of thread: a statement costs a quarter of the time.

aiosqlite hands every step of a statement (make a cursor, execute, fetch, close) to a thread of its own. Here a
statement is one step. In a transaction that holds the write lock it is not handed over at all: it cannot be made to
wait, writing transactions are short, and a change of thread takes longer than the statement. Taking the lock,
committing (which waits for the disk) and everything outside such transactions stay in the thread. The rest is
SQLAlchemy's own adapter.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util.concurrency import await_

TAKE_LOCK = "BEGIN IMMEDIATE"
OVER = 5.0
"""How long the thread of a connection that could not be opened may take to end, in seconds."""


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """One statement: executed, fetched whole and closed before anybody looks at it."""

    __slots__ = ("_description", "_last_row", "_row_count")

    _adapt_connection: "_Connection"

    def __init__(self, adapt_connection: "_Connection") -> None:
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection
        self._rows = deque()
        self._description: Any = None
        self._row_count = -1
        self._last_row = 0

    @property
    def description(self) -> Any:
        """The columns of the answer, or None."""
        return self._description

    @property
    def rowcount(self) -> int:
        """How many rows a change touched."""
        return self._row_count

    @property
    def lastrowid(self) -> int:
        """The number of the row inserted last."""
        return self._last_row

    def execute(self, operation: Any, parameters: Any = None) -> None:
        """Run one statement."""
        self._run(lambda cursor: cursor.execute(operation, parameters or ()))
        if operation == TAKE_LOCK:
            self._adapt_connection.locked = True

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        """Run one statement for each of these."""
        self._run(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    def close(self) -> None:
        """It is closed already; forget the rows."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """It is closed already."""

    def _run(self, statement: Callable[[Any], Any]) -> None:
        def whole() -> tuple[Any, list[Any], int, int]:
            cursor = self._connection._conn.cursor()
            try:
                statement(cursor)
                rows = cursor.fetchall() if cursor.description else []
                return cursor.description, rows, cursor.rowcount, cursor.lastrowid
            finally:
                cursor.close()

        answer = _at_once(whole) if self._adapt_connection.locked else self._connection._execute(whole)
        try:
            self._description, rows, self._row_count, self._last_row = await_(answer)
        except Exception as error:  # noqa: BLE001  SQLAlchemy makes its own errors of the driver's
            self._adapt_connection._handle_exception(error)
        self._rows.extend(rows)


async def _at_once(work: Callable[[], Any]) -> Any:
    return work()


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ("locked",)

    _cursor_cls = _Cursor  # type: ignore[assignment]  # SQLAlchemy means its subclasses too

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.locked = False

    def commit(self) -> None:
        self.locked = False
        super().commit()

    def rollback(self) -> None:
        self.locked = False
        super().rollback()


def connect(dialect: Any, _record: Any, arguments: Any, keywords: Any) -> _Connection:
    """For SQLAlchemy's event ``do_connect``."""
    opened = aiosqlite.connect(*arguments, **keywords)
    thread = opened._thread
    thread.daemon = True
    try:
        made = dialect.loaded_dbapi.connect(async_creator_fn=lambda: opened)
    except BaseException:
        thread.join(OVER)  # it would still speak to a loop that may be closed by then
        raise
    return _Connection(dialect.loaded_dbapi, made._connection)
