"""`wayfare feed`: demonstration purchases."""

from __future__ import annotations


def feed() -> int:
    """Send demonstration purchases to the gateway.

    Six within ten seconds, then one every fifteen, and what follows from each of them.
    """
    import asyncio

    from workers.feed import feed as run
    from workers.settings import settings_in_force

    return asyncio.run(run(settings_in_force()))
