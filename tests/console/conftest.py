"""Stores, clocks and browsers for the console's tests."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

import console
import store
import store.clock
from console.app import routes
from tests.console.town import TOKENS, Clock, Town
from tests.databases import Databases

UI = "http://temporal.example"
ADDRESS = "http://wayfare.example"
COOKIE = "wayfare-80"


@pytest.fixture(scope="module")
def clock() -> Iterator[Clock]:
    """One clock for the store and the pages, which the test moves."""
    clock = Clock()
    real = store.clock.now
    with pytest.MonkeyPatch.context() as patch:
        for room in (store, console):
            for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
                if found.ispkg:
                    continue
                module = importlib.import_module(found.name)
                if vars(module).get("now") is real:
                    patch.setattr(module, "now", clock)
        yield clock


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory, databases: Databases, clock: Clock) -> AsyncIterator[Town]:
    """An empty town, one for each file of tests."""
    town = await Town.founded(databases.migrated("sqlite"), clock, tmp_path_factory.mktemp("town"))
    yield town
    await town.close()


def site_of(town: Town, *, mail: bool = True, temporal: str | None = UI) -> Starlette:
    """The console of a town as an application."""
    mailbox = town.mailbox if mail else None
    return Starlette(routes=routes(town.db, mailbox, public_url=ADDRESS, temporal_ui=temporal, namespace="default"))


def reader_of(app: Starlette, role: str = "lead") -> httpx2.AsyncClient:
    """Somebody of a role who reads pages, signed in."""
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url=ADDRESS,
        cookies={COOKIE: TOKENS[role]},
        headers={"Origin": ADDRESS},
    )


@pytest.fixture(scope="module")
async def reader(town: Town) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who reads the console of the town."""
    async with reader_of(site_of(town)) as reader:
        yield reader


@pytest.fixture
async def new_town(tmp_path: Path, databases: Databases, clock: Clock) -> AsyncIterator[Town]:
    """An empty town for one test."""
    town = await Town.founded(databases.migrated("sqlite"), clock, tmp_path)
    yield town
    await town.close()
