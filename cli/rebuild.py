"""`wayfare rebuild`: begin again in Temporal what it has lost."""

from __future__ import annotations


def rebuild() -> int:
    """Start every running journey again that Temporal does not know.

    Each goes on where it stood, and nothing is sent twice: for the day when Temporal's data was lost.
    """
    import asyncio

    from workers.rebuild import rebuilt
    from workers.settings import settings_in_force

    known, begun = asyncio.run(rebuilt(settings_in_force()))
    print(
        f"{known + begun} instances run: {known} were running in Temporal, {begun} were started again where they stood."
    )
    return 0
