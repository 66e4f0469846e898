"""One process, some roles: gateway and console (HTTP), router, worker. They run until SIGTERM or Ctrl-C.

Each role waits for its neighbours by itself: intake goes on while Temporal is away, and the router and the worker join
in when it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from temporalio.client import Client

from activities.digest import Digests
from activities.drain import Drain
from gateway.bells import Bells
from gateway.halts import Halts
from gateway.keeper import Keeper
from gateway.router import Router
from store.database import Database
from workers import logs, wiring
from workers.broker import Broker
from workers.settings import Settings
from workers.web import Health, web
from workflows.engine import TemporalEngine

log = logging.getLogger(__name__)

HTTP_ROLES = frozenset({"gateway", "console"})
ENGINE_ROLES = frozenset({"router", "worker"})


async def serve(settings: Settings, roles: frozenset[str]) -> int:
    """Run the roles until a signal comes; then stop taking in, finish what is under way, and leave. A role that breaks
    ends the process with an error, so that its supervisor starts it again."""
    logs.configure()
    stop = _stopped_by_signals()
    db = Database(settings.database_url)
    awake = asyncio.Event()
    health = Health(roles)
    try:
        async with contextlib.AsyncExitStack() as stack:
            broken: list[asyncio.Task[None]] = []
            if roles & ENGINE_ROLES:
                broken.append(
                    await stack.enter_async_context(_running(_engine_side(settings, roles, db, awake, health)))
                )
            broker = Broker(settings.nats_url) if settings.nats_url else None
            if broker is not None:
                stack.push_async_callback(broker.close)
            if "router" in roles:
                broken.append(await stack.enter_async_context(_running(wiring.courier(settings, db, broker).run())))
            if roles & HTTP_ROLES:
                broken.append(await stack.enter_async_context(web(settings, roles, db, awake, health, broker)))
            log.info("serving %s", ", ".join(sorted(roles)))
            await _until(stop, broken)
    finally:
        await db.close()
    return 0


def _stopped_by_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _until(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Until the signal, or until a role ends by itself, which it never should."""
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for task in done - {waiting}:
        task.result()
        raise RuntimeError("a role ended by itself")


@contextlib.asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """The work as a task, cancelled at the end and waited for."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _engine_side(
    settings: Settings, roles: frozenset[str], db: Database, awake: asyncio.Event, health: Health
) -> None:
    """Router and worker on one Temporal client: then a new journey's first task runs in this very process. Routing does
    not wait for Temporal; the worker joins in when it answers."""
    engine = TemporalEngine(None, settings.task_queue)
    bells = Bells(db, engine)
    health.bells = bells if "router" in roles else None
    async with contextlib.AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        if "router" in roles:
            group.create_task(bells.run())
            group.create_task(Halts(db, bells, settings.speed).run())
            group.create_task(Router(db, bells, awake, settings.speed).run())
            group.create_task(Keeper(db, awake).run())
        client = await _connected(settings)
        engine.reached(client)
        health.temporal = True
        if "worker" in roles:
            mailer = wiring.mailer(settings)
            stack.push_async_callback(mailer.close)
            mail = wiring.mail(settings, db, mailer)
            stack.push_async_callback(mail.finish)
            await stack.enter_async_context(wiring.worker(client, settings, db, mail))
            group.create_task(Drain(db, bells.knock).run())
            group.create_task(Digests(db, mailer).run())
            group.create_task(wiring.alerts(settings, db).run())


async def _connected(settings: Settings) -> Client:
    """A client of the Temporal server, as soon as it answers."""
    said = False
    while True:
        try:
            return await Client.connect(settings.temporal_address, namespace=settings.temporal_namespace)
        except RuntimeError as error:
            if not said:
                log.warning("Temporal at %s does not answer yet: %s", settings.temporal_address, error)
                said = True
            await asyncio.sleep(1)
