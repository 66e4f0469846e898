"""The HTTP side of a process: the doors for events, the console, and the health of both."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvicorn
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from console.app import routes as console_routes
from console.company_sign_in import Company
from console.door import KeyOwner
from gateway import site_inbox
from gateway.app import customer_routes
from gateway.app import routes as gateway_routes
from gateway.bells import Bells, Routed
from gateway.desk import EMBEDDED, Desk
from gateway.foresight import Foresight
from gateway.intake import Intake
from gateway.keys import READ, Keys
from gateway.mail_door import open_door
from gateway.patience import within
from gateway.published import Published
from gateway.refusals import NoKey
from gateway.stream import Stream
from store.database import Database
from store.mailbox import Mailbox
from store.seal import Seal
from workers import folder
from workers.broker import Broker
from workers.settings import Settings, secrets_in_force

log = logging.getLogger(__name__)


@dataclass
class Health:
    """What this process does, whether it has reached Temporal (None: it does not need it), and its bells."""

    roles: frozenset[str]
    temporal: bool | None = None
    bells: Bells | None = None

    def ring(self, instance_id: str, upto: int) -> None:
        """Tell an instance at once, if the bells are in this process; else the sweeper of another does, soon."""
        if self.bells is not None:
            self.bells.put(Routed(bells=[(instance_id, upto, None)]))


@contextlib.asynccontextmanager
async def web(
    settings: Settings,
    roles: frozenset[str],
    db: Database,
    awake: asyncio.Event,
    health: Health,
    broker: Broker | None = None,
) -> AsyncIterator[asyncio.Task[None]]:
    """Serve HTTP inside the block, and take events from the broker; yields the server's task."""
    async with contextlib.AsyncExitStack() as stack:
        routes: list[BaseRoute] = [_healthz(db, health)]
        if "gateway" in roles:
            intake = await stack.enter_async_context(Intake(db, on_accepted=awake.set))
            keys = Keys({EMBEDDED: folder.api_key(settings)}, db)
            foresight = Foresight(db, settings.speed)
            desk = Desk(intake, db, keys, Published(db), foresight, settings.public_url, secrets_in_force())
            seal = Seal(folder.secret(settings))
            routes += gateway_routes(desk) + customer_routes(db, seal, awake.set)
            if settings.inbound_port is not None:
                door = open_door(db, seal, settings.http_host, settings.inbound_port, awake.set)
                await stack.enter_async_context(door)
            routes += site_inbox.routes(db, secrets_in_force().get(site_inbox.SECRET, ()))
            if broker is not None:
                stream = Stream(broker.client, settings.nats_events, intake, desk.published)
                listening = asyncio.create_task(stream.run())
                stack.callback(listening.cancel)
        if "console" in roles:
            mailbox = Mailbox(settings.data / "mailbox.db") if settings.starts_mailbox else None
            ui = f"http://127.0.0.1:{settings.temporal_ui_port}" if settings.starts_temporal else None
            routes += console_routes(
                db,
                mailbox,
                public_url=settings.public_url,
                temporal_ui=ui,
                namespace=settings.temporal_namespace,
                key_owner=_key_owner(Keys({EMBEDDED: folder.api_key(settings)}, db)),
                ring=health.ring,
                pace=settings.speed,
                company=_company(settings),
            )
        server = _Server(
            uvicorn.Config(
                Starlette(routes=routes),
                host=settings.http_host,
                port=settings.http_port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=5,
                timeout_keep_alive=15,
                server_header=False,
            )
        )
        task = asyncio.create_task(server.serve())
        try:
            yield task
        finally:
            server.should_exit = True
            await asyncio.wait([task])


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: ``serve`` has them."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # uvicorn's own signature has a generator type
        yield


def _company(settings: Settings) -> Company | None:
    if settings.oidc_issuer is None or settings.oidc_client is None:
        return None
    return Company(
        settings.oidc_title,
        settings.oidc_issuer,
        settings.oidc_client,
        settings.oidc_secret or "",
        f"{settings.public_url}/sign-in/company/back",
        folder.secret(settings),
    )


def _key_owner(keys: Keys) -> KeyOwner:
    async def owner(key: str) -> str | None:
        try:
            caller = await keys.who(key)
        except NoKey:
            return None
        return caller.source if READ in caller.scopes else None

    return owner


def _healthz(db: Database, health: Health) -> Route:
    async def asked() -> None:
        async with db.read() as tx:
            await tx.execute(text("SELECT 1"))

    async def healthz(request: Request) -> JSONResponse:
        try:
            await within(2, asked())
        except Exception as error:  # noqa: BLE001  whatever it is, this process cannot serve now
            log.warning("not healthy: %s", error)
            return JSONResponse({"status": "the store is away"}, status_code=503)
        return JSONResponse({"status": "ok", "roles": sorted(health.roles), "temporal": health.temporal})

    return Route("/healthz", healthz, methods=["GET"])
