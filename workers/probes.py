"""Does a server answer yet? Each probe returns None when it does, else what it met instead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Probe = Callable[[], Awaitable[str | None]]

PATIENCE_S = 3.0


def http_answers(host: str, port: int, path: str) -> Probe:
    """GET answers 200."""

    async def ask() -> str | None:
        request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        answer = await _exchange(host, port, request.encode())
        status = answer.split(b" ", 2)[1:2]
        if status == [b"200"]:
            return None
        body = answer.partition(b"\r\n\r\n")[2].decode("utf-8", "replace").strip()
        return f"GET {path} answered {b''.join(status).decode('ascii', 'replace') or 'nothing'} {body[:200]}".rstrip()

    return _in_time(ask, f"{host}:{port}")


def smtp_greets(host: str, port: int) -> Probe:
    """The mail server says 220."""

    async def ask() -> str | None:
        answer = await _exchange(host, port, b"QUIT\r\n")
        return None if answer.startswith(b"220") else f"{host}:{port} does not greet like a mail server"

    return _in_time(ask, f"{host}:{port}")


def accepts(host: str, port: int) -> Probe:
    """Something takes connections there."""

    async def ask() -> str | None:
        _, writer = await asyncio.open_connection(host, port)
        writer.close()
        return None

    return _in_time(ask, f"{host}:{port}")


async def _exchange(host: str, port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(request)
        return await reader.read(65_536)
    finally:
        writer.close()


def _in_time(ask: Probe, place: str) -> Probe:
    async def probe() -> str | None:
        try:
            return await asyncio.wait_for(ask(), PATIENCE_S)
        except TimeoutError:
            return f"{place} is silent"
        except OSError as error:
            return f"nothing answers on {place} ({error.strerror or error})"

    return probe
