"""Waiting for a condition, never for a length of time."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(what: Callable[[], Awaitable[T]], say: str, within: float = 30.0, every: float = 0.05) -> T:
    """Ask until the answer is true; the answer. ``say`` tells what was waited for."""
    deadline = time.monotonic() + within
    while True:
        answer = await what()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {within:g} s: {say}; last seen: {answer!r}"
        await asyncio.sleep(every)


_given: set[int] = set()


def free_port(offset: int = 0) -> int:
    """A port that is free and was not given out before, and so is the one ``offset`` above it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            wanted = {port, port + offset}
            if wanted & _given or port + offset > 65_535:
                continue
            try:
                second.bind(("127.0.0.1", port + offset if offset else 0))
            except OSError:
                continue
        _given.update(wanted)
        return port
