"""One Temporal server a session for the tests that run in this process; what needs a server of its own starts one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.databases import Databases
from tests.system.installation import Installation
from tests.system.smtp_server import SmtpServer
from tests.system.temporal import temporal_server
from tests.system.workshop import Workshop


@pytest.fixture(scope="session")
async def client(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """A client of the shared Temporal server."""
    async with temporal_server(tmp_path_factory.mktemp("temporal")) as connected:
        yield connected


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    """A mail server that can be told to fail."""
    async with SmtpServer() as server:
        yield server


@pytest.fixture
def store_url(databases: Databases) -> Iterator[str]:
    """The URL of an empty store in a file."""
    url = databases.migrated("sqlite")
    yield url
    databases.drop(url)


@pytest.fixture
async def workshop(store_url: str, smtp: SmtpServer) -> AsyncIterator[Workshop]:
    """The parts in this process, with a store and a mail server of their own; nothing runs yet."""
    made = Workshop(store_url, smtp)
    yield made
    await made.close()


@pytest.fixture
async def install(tmp_path: Path) -> AsyncIterator[Callable[..., Installation]]:
    """Makes installations, and removes their processes in the end."""
    made: list[Installation] = []

    def make(**changes: Any) -> Installation:
        made.append(Installation(tmp_path / f"data{len(made)}", **changes))
        return made[-1]

    yield make
    for one in made:
        await one.close()
