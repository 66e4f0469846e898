"""Waiting for the store no longer than is good for whoever asks."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The work's answer; or TimeoutError after so many seconds, whatever the work still does.

    It is told to give up and is not waited for: a driver whose database stands still takes ten seconds to give up.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        _abandon(task)
        raise
    if task.done():
        return task.result()
    _abandon(task)
    raise TimeoutError


def _abandon(task: asyncio.Task[Any]) -> None:
    task.cancel()
    task.add_done_callback(_look_at)


def _look_at(task: asyncio.Task[Any]) -> None:
    """Or asyncio would complain that nobody did."""
    if not task.cancelled():
        task.exception()
