"""What goes back: JSON, and refusals in one form at every door."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from gateway import refusals
from gateway.bodies import Limits


class Json(Response):
    """An answer in JSON; moments in ISO 8601."""

    media_type = "application/json"

    def __init__(self, content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(json.dumps(content, default=_plain), status, headers)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


class Parting(Json):
    """A refusal given while the body may still be coming, after which the connection ends.

    The answer goes out first; then we listen on for a moment, discarding what comes. Closing at once would reset the
    connection under a client that is still sending, and it would never see why.
    """

    def __init__(self, refusal: refusals.Refused, limits: Limits) -> None:
        super().__init__(refusal.as_json(), refusal.status, {**refusal.headers, "Connection": "close"})
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, listen on, end."""
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


class Door(Route):
    """An address. With a slash at its end it is the same one: many clients write it so, and follow no redirect."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether it is this one."""
        if scope["type"] == "http" and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].removesuffix("/")}
        return super().matches(scope)


class Only:
    """Answers 405 for every method that no earlier route of the same address took."""

    def __init__(self, allowed: str, limits: Limits) -> None:
        self._allowed = allowed
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say which methods there are."""
        refusal = refusals.WrongMethod("method", "This address does not take it.", f"Use {self._allowed}.")
        response = Parting(refusal, self._limits)
        response.headers["Allow"] = self._allowed
        await response(scope, receive, send)


Ask = Callable[[Request], Awaitable[Response]]


def refusing(ask: Ask, limits: Limits, headers: Mapping[str, str] = MappingProxyType({})) -> Ask:
    """The same door, with every refusal made an answer (with these headers, too). One given before the body was read to
    its end is a parting."""

    async def answer(request: Request) -> Response:
        try:
            return await ask(request)
        except refusals.Refused as refusal:
            whole = request.method in ("GET", "HEAD") or getattr(request.state, "body_read", False)
            said = Json(refusal.as_json(), refusal.status, refusal.headers) if whole else Parting(refusal, limits)
            said.headers.update(headers)
            return said

    return answer
