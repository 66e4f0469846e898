"""Who did what: one chain without gaps, however many write at once, and no row can be changed unseen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete, update

from store import audit
from store.audit import Broken, Head
from store.database import Database
from store.tables import audit as table


async def written(db: Database, count: int) -> None:
    async def one(number: int) -> None:
        async with db.write() as tx:
            await audit.note(
                tx,
                "ada",
                "pause",
                f"instance {number}",
                reason="wants to think — „später“",
                detail={"step": [number, True]},
            )

    await asyncio.gather(*(one(number) for number in range(count)))


async def test_rows_written_at_once_are_one_chain_without_gaps(db: Database) -> None:
    await written(db, 20)
    async with db.read() as tx:
        rows, end = await audit.recent(tx, 50), await audit.verify(tx)
    assert [row["number"] for row in rows] == list(range(20, 0, -1))
    assert end == Head(20, rows[0]["hash"])


async def test_what_is_rolled_back_was_never_done(db: Database) -> None:
    async def fails() -> None:
        async with db.write() as tx:
            await audit.note(tx, "ada", "pause", "instance 1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    await written(db, 1)
    async with db.read() as tx:
        assert [row["number"] for row in await audit.recent(tx, 5)] == [1]
        assert isinstance(await audit.verify(tx), Head)


CHANGES: list[dict[str, Any]] = [
    {"who": "bo"},
    {"what": "resume"},
    {"about": "instance 9"},
    {"customer_id": "c"},
    {"reason": ""},
    {"detail": {"step": [2, False]}},
    {"hash": "0" * 64},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
async def test_a_changed_row_is_found(db: Database, change: dict[str, Any]) -> None:
    await written(db, 4)
    async with db.write() as tx:
        await tx.execute(update(table).where(table.c.number == 2).values(**change))
        found = await audit.verify(tx)
    assert isinstance(found, Broken) and found.number == 2


async def test_a_missing_row_is_found(db: Database) -> None:
    await written(db, 4)
    async with db.write() as tx:
        await tx.execute(delete(table).where(table.c.number == 3))
        found = await audit.verify(tx)
    assert found == Broken(3, "row 3 is missing")


async def test_rows_are_found_by_who_and_by_what_they_are_about(db: Database) -> None:
    await written(db, 3)
    async with db.read() as tx:
        assert [row["about"] for row in await audit.recent(tx, 5, about="instance 2")] == ["instance 2"]
        assert await audit.recent(tx, 5, who="bo") == []
        assert [row["number"] for row in await audit.recent(tx, 5, before=3)] == [2, 1]
