"""The doors for events: POST /v1/events and GET /v1/receipts/{id}.

A refusal says the place, what is wrong and what to do, as `{"error": {"code", "place", "message", "remedy"}, ...}`.
The limit on a body counts the bytes that arrive, whatever its header says.
"""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gateway import envelopes, refusals
from gateway.intake import Intake
from gateway.keys import Keys
from store import inbox
from store.database import Database

EVENTS = "/v1/events"
RECEIPTS = "/v1/receipts"

# Nothing else is looked up: PostgreSQL fails on a NUL where SQLite finds nothing.
_RECEIPT = re.compile(r"[A-Za-z0-9_.:-]{1,80}", re.ASCII)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much of a body is read, and for how long; and how long we listen on after refusing one."""

    body_bytes: int = 1024 * 1024
    body_seconds: float = 10.0
    parting_seconds: float = 1.0
    store_seconds: float = 2.0


def routes(
    intake: Intake, db: Database, keys: Keys, *, public_url: str = "", limits: Limits = Limits()
) -> list[BaseRoute]:
    """The doors for events, to be put into an application. `public_url` goes before the receipts' addresses."""
    door = _Door(intake, db, keys, public_url.rstrip("/"), limits)
    receipt = RECEIPTS + "/{receipt}"
    return [
        Route(EVENTS, door.post, methods=["POST"], name="events"),
        Route(EVENTS, _Only("POST", limits)),
        Route(receipt, door.receipt, methods=["GET"], name="receipt"),
        Route(receipt, _Only("GET, HEAD", limits)),
    ]


def alone(intake: Intake, db: Database, keys: Keys, *, limits: Limits = Limits()) -> Starlette:
    """An application of nothing but these doors, which opens and closes the intake; for tests and measurements."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with intake:
            yield

    return Starlette(routes=routes(intake, db, keys, limits=limits), lifespan=lifespan)


class _Door:
    def __init__(self, intake: Intake, db: Database, keys: Keys, public_url: str, limits: Limits) -> None:
        self._intake = intake
        self._db = db
        self._keys = keys
        self._public_url = public_url
        self._limits = limits

    async def post(self, request: Request) -> Response:
        """1. Who, and can we read it, 2. the body, 3. the event, 4. the commit, 5. the receipt."""
        try:
            source = self._keys.name_of(request.headers.get("authorization"))
            form = envelopes.form_of(request.headers)
            body = await _read_body(request.receive, self._limits)
        except refusals.Refused as refusal:
            return _Parting(refusal, self._limits)
        try:
            event = envelopes.read(form, request.headers, body, source)
            receipt = await self._intake.accept(event)
        except refusals.Refused as refusal:
            return _refusal(refusal)
        return self._receipt_given(receipt)

    async def receipt(self, request: Request) -> Response:
        """What became of an event, by its receipt."""
        try:
            self._keys.name_of(request.headers.get("authorization"))
            return _Json(await self._find(request.path_params["receipt"]))
        except refusals.Refused as refusal:
            return _refusal(refusal)

    def _receipt_given(self, receipt: inbox.Receipt) -> Response:
        answer = {
            "receipt": receipt.receipt,
            "receipt_url": f"{self._public_url}{RECEIPTS}/{receipt.receipt}",
            "source": receipt.source,
            "id": receipt.event_id,
            "state": receipt.state,
        }
        if receipt.state != "conflict":
            return _Json(answer, status=202)
        refusal = refusals.OtherBody(
            "/id",
            "An event with this source and id was accepted before, and it said something else. The first one is kept.",
            "Give each event an id of its own; to send an event again, send exactly the same one.",
        )
        return _Json(refusal.as_json() | answer, status=refusal.status)

    async def _find(self, receipt: str) -> dict[str, Any]:
        found = None
        if _RECEIPT.fullmatch(receipt):
            try:
                async with asyncio.timeout(self._limits.store_seconds), self._db.read() as tx:
                    found = await inbox.receipt(tx, receipt)
            except Exception as error:  # noqa: BLE001 - whatever the driver raises, the answer is the same
                log.warning("A receipt could not be read: %s %s", type(error).__name__, str(error).split("\n")[0])
                raise refusals.StoreAway from None
        if found is None:
            raise refusals.UnknownReceipt(
                "receipt", "There is no such receipt.", "Take it from the answer to an event."
            )
        return found


class _Only:
    """Answers 405 for every method that no earlier route of the same address took."""

    def __init__(self, allowed: str, limits: Limits) -> None:
        self._allowed = allowed
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = refusals.WrongMethod("method", "This address does not take it.", f"Use {self._allowed}.")
        response = _Parting(refusal, self._limits)
        response.headers["Allow"] = self._allowed
        await response(scope, receive, send)


async def _read_body(receive: Receive, limits: Limits) -> bytes:
    """The whole body, or a refusal as soon as it is too large, too slow or broken off."""
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise refusals.Malformed("body", "It broke off before its end.", "Send the whole event again.")
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > limits.body_bytes:
                    raise refusals.TooLarge(
                        "body", f"It has more than {limits.body_bytes:,} bytes.", "Send a smaller event, or several."
                    )
    except TimeoutError:
        raise refusals.TooSlow(
            "body", f"It did not arrive within {limits.body_seconds:g} seconds.", "Send the event again."
        ) from None
    return bytes(body)


class _Json(Response):
    media_type = "application/json"

    def __init__(self, content: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(json.dumps(content, default=_plain), status, headers)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _refusal(refusal: refusals.Refused) -> Response:
    return _Json(refusal.as_json(), refusal.status, refusal.headers)


class _Parting(_Json):
    """A refusal given while the body may still be coming, after which the connection ends.

    The answer goes out first; then we listen on for a moment, discarding what comes. Closing at once would reset the
    connection under a client that is still sending, and it would never see why.
    """

    def __init__(self, refusal: refusals.Refused, limits: Limits) -> None:
        super().__init__(refusal.as_json(), refusal.status, refusal.headers | {"Connection": "close"})
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.parting_seconds):
                await self._discard(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _discard(self, receive: Receive) -> None:
        discarded = 0
        while discarded <= 16 * self._limits.body_bytes:
            message = await receive()
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return
            discarded += len(message.get("body", b""))
