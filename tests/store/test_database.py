"""Transactions, moments and JSON: the same on SQLite and PostgreSQL."""

import asyncio
import gc
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg.errors
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from store.database import Database, passing
from store.tables import UtcDateTime, company, customer
from tests.store.makers import count, resolve, the_row

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, UTC)


async def keep(db: Database, content: Any, at: datetime = NOON) -> None:
    async with db.write() as tx:
        await tx.execute(company.delete())
        await tx.execute(insert(company).values(id=1, content=content, published_at=at))


async def kept(db: Database) -> Any:
    return (await the_row(db, "company"))["content"]


async def test_what_a_transaction_wrote_is_there_when_it_ends(db: Database) -> None:
    await keep(db, {"company": "Northlight"})

    assert await kept(db) == {"company": "Northlight"}


async def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    async def fail() -> None:
        async with db.write() as tx:
            await tx.execute(insert(company).values(id=1, content={}, published_at=NOON))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await count(db, "company") == 0


async def test_a_transaction_that_is_cancelled_leaves_nothing_and_blocks_nobody(db: Database) -> None:
    begun = asyncio.Event()

    async def hang() -> None:
        async with db.write() as tx:
            await tx.execute(insert(company).values(id=1, content={}, published_at=NOON))
            begun.set()
            await asyncio.Event().wait()

    hanging = asyncio.create_task(hang())
    await begun.wait()
    hanging.cancel()
    await asyncio.wait([hanging])

    async with asyncio.timeout(3):
        await keep(db, "next")
    assert await kept(db) == "next"


# A connection that was being opened when the cancellation came is closed by the garbage collector, which says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_being_cancelled_at_any_moment_blocks_nobody(db: Database) -> None:
    async def write() -> None:
        async with db.write() as tx:
            await tx.execute(company.delete())
            await tx.execute(insert(company).values(id=1, content={}, published_at=NOON))

    for turns in range(40):
        task = asyncio.create_task(write())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    async with asyncio.timeout(5):
        await keep(db, "last")
    assert await kept(db) == "last"
    gc.collect()


async def test_many_writers_wait_for_each_other_and_none_is_refused(db: Database) -> None:
    await keep(db, {"count": 0})

    async def add() -> None:
        async with db.write() as tx:
            row = (await tx.execute(select(company.c.content).with_for_update())).one()
            await tx.execute(company.update().values(content={"count": row.content["count"] + 1}))

    await asyncio.gather(*(add() for _ in range(60)))

    assert await kept(db) == {"count": 60}


async def test_two_processes_worth_of_writers_wait_for_each_other(db: Database) -> None:
    other = Database(db.url)
    await keep(db, {"count": 0})

    async def add(through: Database) -> None:
        async with through.write() as tx:
            row = (await tx.execute(select(company.c.content).with_for_update())).one()
            await tx.execute(company.update().values(content={"count": row.content["count"] + 1}))

    await asyncio.gather(*(add(one) for one in (db, other) * 15))
    await other.close()

    assert await kept(db) == {"count": 30}


async def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(db: Database) -> None:
    await keep(db, "before")

    async with db.read() as tx:
        first = (await tx.execute(select(company.c.content))).scalar_one()
        await keep(db, "after")
        second = (await tx.execute(select(company.c.content))).scalar_one()

    assert (first, second) == ("before", "before")
    assert await kept(db) == "after"


async def test_what_a_row_refers_to_must_be_there(db: Database) -> None:
    with pytest.raises(IntegrityError):
        async with db.write() as tx:
            await tx.execute(text("INSERT INTO customer_alias (kind, value, customer_id) VALUES ('id', 'x', 'nobody')"))


async def test_an_error_does_not_quote_the_data_it_failed_on(db: Database) -> None:
    await resolve(db, id="c-1")
    person = await the_row(db, "customer")

    with pytest.raises(IntegrityError) as error:
        async with db.write() as tx:
            await tx.execute(insert(customer).values(person | {"name": "Grete Hermann"}))

    assert "Grete" not in str(error.value)


def test_a_store_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        Database("sqlite+aiosqlite:///:memory:")


async def test_a_store_that_is_away_passes_and_a_wrong_statement_does_not(db: Database) -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:9/nothing" if not db.sqlite else "sqlite+aiosqlite:////no/x")
    with pytest.raises(DBAPIError) as nobody:
        async with away.read() as tx:
            await tx.execute(select(customer))
    with pytest.raises(DBAPIError) as wrong:
        async with db.read() as tx:
            await tx.execute(text("SELECT * FROM nothing"))
    await away.close()

    assert (passing(nobody.value), passing(wrong.value)) == (True, False)


def test_a_deadlock_and_a_locked_file_pass() -> None:
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    causes = (psycopg.errors.DeadlockDetected(), psycopg.errors.DiskFull(), locked)

    assert [passing(OperationalError("…", {}, cause)) for cause in causes] == [True, True, True]
    assert not passing(IntegrityError("…", {}, psycopg.errors.UniqueViolation()))


async def test_a_moment_comes_back_as_the_same_moment_in_utc(db: Database) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    await keep(db, {}, at=elsewhere)

    found = (await the_row(db, "company"))["published_at"]
    assert (found, found.tzinfo) == (NOON, UTC)


async def test_a_moment_without_a_time_zone_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        await keep(db, {}, at=NOON.replace(tzinfo=None))


@pytest.mark.parametrize("moment", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, 23, 59, 59, 999999, UTC)])
async def test_far_moments_come_back_too_and_compare(db: Database, moment: datetime) -> None:
    await keep(db, {}, at=moment)

    async with db.read() as tx:
        same = select(company.c.published_at).where(company.c.published_at == moment)
        later = select(company.c.id).where(company.c.published_at > moment - timedelta(microseconds=1))
        assert (await tx.execute(same)).scalar_one() == moment
        assert (await tx.execute(later)).scalar_one() == 1


def test_no_moment_stays_no_moment() -> None:
    kind, dialect = UtcDateTime(), Table("t", MetaData(), Column("at", UtcDateTime())).c.at.type.dialect_impl
    assert dialect is not None
    assert kind.process_bind_param(None, None) is None  # type: ignore[arg-type]  # it does not look at the dialect
    assert kind.process_result_value(None, None) is None  # type: ignore[arg-type]  # nor here


ODD = {
    "words": "Zoë 日本 👩‍👩‍👧 \u200f\u2028 \"'\\ %s :name {{ x }}",
    "numbers": [0, -1, 2**53 - 1, -(2**53) + 1, 10**30, 0.1, -0.0, 1e-300, 5e-324, 1e15],
    "nothing": None,
    "truth": [True, False],
    "": {"empty": [{}, [], ""]},
    "deep": [[[[[[{"a": [{"b": None}]}]]]]]],
}


async def test_odd_json_comes_back_as_it_was(db: Database) -> None:
    await keep(db, ODD)

    assert await kept(db) == ODD


# Floats below 1e16: beyond, they have no fraction, and PostgreSQL's JSONB hands them back as whole numbers.
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(-1e15, 1e15)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc é\t", max_size=3), inner, max_size=4),
    max_leaves=12,
)


async def test_any_json_comes_back_as_it_was(db: Database) -> None:
    loop = asyncio.get_running_loop()

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(JSON)
    def comes_back(value: Any) -> None:
        async def there_and_back() -> Any:
            await keep(db, [value])
            return await kept(db)

        assert asyncio.run_coroutine_threadsafe(there_and_back(), loop).result(20) == [value]

    await asyncio.to_thread(comes_back)
