"""SQLite's statements take few changes of thread, and still nothing slow holds up the program."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from store.database import Database

SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT count(*) FROM n"


@pytest.fixture
async def lamps(tmp_path: Path) -> AsyncIterator[Database]:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'lamps.db'}")
    async with db.write() as tx:
        await tx.execute(text("CREATE TABLE lamp (id INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    yield db
    await db.close()


class Ticking:
    """The longest time for which the event loop did nothing else."""

    longest = 0.0

    async def __aenter__(self) -> "Ticking":
        self._task = asyncio.create_task(self._tick())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(0)
        self._task.cancel()

    async def _tick(self) -> None:
        before = time.monotonic()
        while True:
            await asyncio.sleep(0.01)
            self.longest, before = max(self.longest, time.monotonic() - before), time.monotonic()


async def test_rows_counts_and_numbers_come_back(lamps: Database) -> None:
    async with lamps.write() as tx:
        added = await tx.execute(text("INSERT INTO lamp (name) VALUES (:name)"), [{"name": "a"}, {"name": "b"}])
        one = await tx.execute(text("INSERT INTO lamp (name) VALUES ('c')"))
        changed = await tx.execute(text("UPDATE lamp SET name = name || '!' WHERE id > 1"))
        returned = await tx.execute(text("DELETE FROM lamp WHERE id = 1 RETURNING name"))
        assert (added.rowcount, one.lastrowid, changed.rowcount, returned.all()) == (2, 3, 2, [("a",)])

    async with lamps.read() as tx:
        rows = await tx.execute(text("SELECT id, name FROM lamp ORDER BY id"))
        assert [dict(row) for row in rows.mappings()] == [{"id": 2, "name": "b!"}, {"id": 3, "name": "c!"}]


@pytest.mark.parametrize("writing", [True, False])
async def test_a_statement_that_fails_gives_sqlalchemys_error_and_the_connection_goes_on(
    lamps: Database, writing: bool
) -> None:
    for _ in range(20):  # more often than the pool has connections
        with pytest.raises(OperationalError, match="no such table"):
            async with lamps.write() if writing else lamps.read() as tx:
                await tx.execute(text("SELECT * FROM shade"))

    async with lamps.write() as tx:
        await tx.execute(text("INSERT INTO lamp (name) VALUES ('a')"))
        with pytest.raises(IntegrityError):
            await tx.execute(text("INSERT INTO lamp (name) VALUES ('a')"))

    async with lamps.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM lamp"))).scalar_one() == 1


async def test_a_slow_question_does_not_hold_up_the_program(lamps: Database) -> None:
    async with Ticking() as ticking, lamps.read() as tx:
        began = time.monotonic()
        await tx.execute(text(SLOW))
        took = time.monotonic() - began

    assert ticking.longest < took / 2


async def test_waiting_for_the_lock_of_another_process_does_not_hold_up_the_program(
    lamps: Database, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "lamps.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    async with Ticking() as ticking:
        asyncio.get_running_loop().call_later(0.5, other.execute, "COMMIT")
        began = time.monotonic()
        async with lamps.write() as tx:
            await tx.execute(text("INSERT INTO lamp (name) VALUES ('a')"))
        waited = time.monotonic() - began
    other.close()

    assert waited >= 0.4
    assert ticking.longest < 0.3
