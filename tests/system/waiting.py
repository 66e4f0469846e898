"""Waiting for a condition, never for a length of time."""

from __future__ import annotations

import asyncio
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
