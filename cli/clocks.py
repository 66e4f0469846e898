"""`wayfare clocks`: the deadlines of running journeys."""

from __future__ import annotations

from typing import Annotated

import typer

WHAT = "list (all that run), forecast (what will be breached), kept (how many were)"


def clocks(
    what: Annotated[str, typer.Argument(help=WHAT)] = "list",
    within: Annotated[
        str, typer.Option(help="With forecast: how far ahead, for example 8 business hours or 2 days.")
    ] = "8 business hours",
    journey: Annotated[str, typer.Option(help="Only those of this journey.")] = "",
    since: Annotated[str, typer.Option(help="With kept: so far back.")] = "30 days",
) -> int:
    """Clocks that journeys have started: when each is due, which will be breached if nothing happens, how many were
    kept.

    Examples:

      wayfare clocks forecast --within "8 business hours"

      wayfare clocks kept --since "90 days"
    """
    import asyncio

    from workers import clocks as work
    from workers.mistakes import UserMistake

    if what == "list":
        print(asyncio.run(work.listing(journey)))
    elif what == "forecast":
        print(asyncio.run(work.forecast(within, journey)))
    elif what == "kept":
        print(asyncio.run(work.kept(since)))
    else:
        raise UserMistake(f'"{what}" is nothing to ask of clocks: {WHAT}')
    return 0
