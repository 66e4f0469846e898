"""A system that takes webhooks: it verifies them as its own library does, and can be told what to answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError


@dataclass
class Took:
    """One request: its id, its body as it came, and what was answered."""

    id: str
    body: bytes
    status: int
    signatures: str
    event: dict[str, Any] = field(default_factory=dict)


class Receiver:
    """Listens on a port of its own. ``answers`` gives the status for the n-th request;
    ``coming`` is what that one says."""

    def __init__(self, secret: str, answers: Callable[[int], int] = lambda number: 204) -> None:
        self.secret = secret
        self.answers = answers
        self.took: list[Took] = []
        self.forged = 0
        self.coming: dict[str, Any] = {}
        self._runner: web.AppRunner
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        app.router.add_get("/hook", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            Webhook(self.secret).verify(body, dict(request.headers))
        except WebhookVerificationError:
            self.forged += 1
            return web.Response(status=401)
        self.coming = json.loads(body)
        status = self.answers(len(self.took))
        said = Took(request.headers["webhook-id"], body, status, request.headers["webhook-signature"])
        said.event = self.coming
        self.took.append(said)
        headers = {"Location": self.url} if 300 <= status < 400 else {}
        return web.Response(status=status, headers=headers)
