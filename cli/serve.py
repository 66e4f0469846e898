"""`wayfare serve`: some or all roles of Wayfare in this process."""

from __future__ import annotations

from typing import Annotated

import typer


def serve(
    roles: Annotated[
        str, typer.Option(help="Which roles this process takes, separated by commas.")
    ] = "gateway,console,router,worker",
) -> int:
    """Run Wayfare itself, or some of its roles, in this process."""
    import asyncio

    from workers.lineup import roles_named
    from workers.settings import settings_in_force

    wanted, settings = roles_named(roles), settings_in_force()

    from workers.serve import serve as run

    return asyncio.run(run(settings, wanted))
