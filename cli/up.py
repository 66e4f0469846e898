"""`wayfare up`: everything on this machine, under one supervisor."""

from __future__ import annotations

from typing import Annotated

import typer


def up(
    speed: Annotated[
        str, typer.Option(help="How much faster waits pass: '1 day = 10 seconds', 8640, or off.", metavar="SPEED")
    ] = "",
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Feed no demonstration purchases.")] = False,
) -> int:
    """Start everything on this machine and keep it running.

    Temporal, the mail catcher, gateway, console, router and worker, and the demonstration. Ctrl-C stops them.
    """
    import asyncio

    from workers.preparation import for_a_start
    from workers.settings import settings_in_force
    from workers.supervisor import Supervisor

    settings = for_a_start(settings_in_force(), speed, no_demo)
    return asyncio.run(Supervisor(settings).run())
