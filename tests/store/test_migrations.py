"""The tables: made, compared with what the code says, taken down and made again; by one process or several at once."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from store import migrate as migrations
from store.database import Database
from store.migrate import config, migrate
from store.tables import customer, metadata

ROOT = Path(__file__).parents[2]


async def tables(url: str) -> set[str]:
    db = Database(url)
    try:
        async with db.read() as tx:
            return set(await tx.run_sync(lambda connection: inspect(connection).get_table_names()))
    finally:
        await db.close()


async def test_a_migrated_database_has_the_tables_of_the_code(db: Database) -> None:
    assert await tables(db.url) == {*metadata.tables, "alembic_version"}


def test_the_migrations_say_the_same_as_the_code(db: Database) -> None:
    command.check(config(db.url))


async def test_the_tables_can_be_taken_down_and_made_again(bare_url: str) -> None:
    migrate(bare_url)
    command.downgrade(config(bare_url), "base")

    assert await tables(bare_url) == {"alembic_version"}
    migrate(bare_url)
    command.check(config(bare_url))


async def test_migrating_again_keeps_what_is_there(db: Database) -> None:
    async with db.write() as tx:
        await tx.execute(
            text(
                "INSERT INTO customer (customer_id, attributes, tags, created_at, updated_at) "
                "VALUES ('c', '{}', '[]', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
            )
        )

    migrate(db.url)

    async with db.read() as tx:
        assert (await tx.execute(select(customer.c.customer_id))).scalars().all() == ["c"]


def test_two_processes_may_migrate_at_the_same_time(bare_url: str) -> None:
    program = "import sys; from store.migrate import migrate; print('go', flush=True); sys.stdin.readline(); "
    program += "migrate(sys.argv[1])"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, bare_url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60) for process in started]

    assert [process.returncode for process in started] == [0, 0], answers
    command.check(config(bare_url))


async def test_a_migration_that_breaks_off_leaves_nothing_behind(
    bare_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "100% migrations"
    copy.mkdir()
    versions = copy / "versions"
    versions.mkdir()
    for file in ("env.py", "script.py.mako"):
        (copy / file).write_text((migrations.FOLDER / file).read_text())
    [first] = (migrations.FOLDER / "versions").glob("0001*.py")
    whole = first.read_text()
    broken = whole.replace("\n\ndef downgrade()", "    op.execute('NOT SQL')\n\n\ndef downgrade()", 1)
    assert broken != whole
    (versions / first.name).write_text(broken)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "FOLDER", copy)
        with pytest.raises(DBAPIError):
            migrate(bare_url)

    assert await tables(bare_url) <= {"alembic_version"}
    migrate(bare_url)
    command.check(config(bare_url))


def test_a_table_without_its_migration_is_found(own_url: str) -> None:
    command.downgrade(config(own_url), "base")

    with pytest.raises(CommandError, match="not up to date"):
        command.check(config(own_url))


async def test_a_store_whose_tables_are_missing_says_so_at_once(bare_url: str) -> None:
    db = Database(bare_url)
    with pytest.raises(DBAPIError, match="customer"):
        async with asyncio.timeout(20), db.read() as tx:
            await tx.execute(select(customer))
    await db.close()
