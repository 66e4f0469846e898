"""All doors of the gateway, put together.

A refusal says the place, what is wrong and what to do, as `{"error": {"code", "place", "message", "remedy"}, ...}`.
"""

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from gateway import events, instances, manual, receipts, tracking, webhooks
from gateway.desk import Desk

DOORS = (events, tracking, webhooks, instances, receipts, manual)


def routes(desk: Desk) -> list[BaseRoute]:
    """The routes of every door, to be put into an application."""
    return [route for door in DOORS for route in door.routes(desk)]


def alone(desk: Desk) -> Starlette:
    """An application of nothing but these doors, which opens and closes the intake; for tests and measurements."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with desk.intake:
            yield

    return Starlette(routes=routes(desk), lifespan=lifespan)
