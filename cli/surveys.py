"""`wayfare surveys`: what customers answered to the questions in our letters."""

from __future__ import annotations

from typing import Annotated

import typer


def surveys(
    name: Annotated[str, typer.Argument(help="Only the question of this text, with how its answers spread.")] = "",
    days: Annotated[int, typer.Option(help="Only what was asked in so many days.", min=1, max=3660)] = 365,
) -> int:
    """List the questions, how many answered, and what the answers come to.

    Examples:

      wayfare surveys

      wayfare surveys check-in --days 90
    """
    import asyncio

    from workers.settings import settings_in_force
    from workers.surveys import told

    for line in asyncio.run(told(settings_in_force(), name, days)):
        print(line)
    return 0
