"""A web server that does as it is told: what was posted is kept, and the answers come from a list or a function."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web


@dataclass(frozen=True)
class Posted:
    """One request: path, headers by small letters, body."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Posted], web.StreamResponse]


GONE = web.Response(status=200)
"""In place of an answer: the connection is cut."""


class Listener:
    """Listens on a port of its own. ``answer`` makes the answers; ``kept`` are the requests that came whole."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.kept: list[Posted] = []
        self.answer = answer or (lambda posted: web.Response(status=200))
        self.gate: asyncio.Event | None = None
        """While it is there, answers wait for it."""
        self.port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def up(self) -> None:
        """Listen, on the same port as before."""
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        """Refuse connections and cut those there are."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.down()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        posted = Posted(request.method, request.path_qs, headers, body)
        self.kept.append(posted)
        if self.gate is not None:
            await self.gate.wait()
        told = self.answer(posted)
        if told is GONE and request.transport is not None:
            request.transport.abort()
        return told
