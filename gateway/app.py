"""All doors of the gateway, put together.

A refusal says the place, what is wrong and what to do, as `{"error": {"code", "place", "message", "remedy"}, ...}`.
"""

import contextlib
from collections.abc import AsyncIterator, Callable

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from gateway import (
    customer_pages,
    customers,
    events,
    instances,
    links,
    manual,
    preferences,
    provider_reports,
    receipts,
    surveys,
    tasks,
    tracking,
    webhooks,
)
from gateway.desk import Desk
from store.database import Database
from store.seal import Seal

PAGES = (preferences, surveys, links)
DOORS = (events, tracking, webhooks, instances, customers, tasks, provider_reports, receipts, manual)


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of every door, to be put into an application."""
    return [route for door in DOORS for route in door.routes(desk)]


def customer_routes(db: Database, seal: Seal, on_accepted: Callable[[], None] = lambda: None) -> list[BaseRoute]:
    """The pages that customers come to by a link in a letter. ``on_accepted`` is the router's doorbell."""
    pages = [route for page in PAGES for route in page.routes(db, seal, on_accepted)]
    return [*pages, customer_pages.style()]


def alone(desk: Desk) -> Starlette:
    """An application of nothing but these doors, which opens and closes the intake; for tests and measurements."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with desk.intake:
            yield

    return Starlette(routes=routes(desk), lifespan=lifespan)
