"""`wayfare enrol`: take past customers into a journey."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def enrol(
    journey: Annotated[str, typer.Argument(help="The journey, as it is published.")],
    segment: Annotated[str, typer.Option(help="The segment whose customers are taken in.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say who would come in at which step, and change nothing.")
    ] = False,
    per_minute: Annotated[
        float, typer.Option(help="At most so many customers a minute; as fast as it goes without it.", min=0)
    ] = 0,
) -> int:
    """Take past customers into a journey, each at the step where they would stand if it had begun on their date.

    The date is that of the event with which the journey begins (for segment.entered: when they entered). What would
    have been sent since then is passed over. Whoever is in it, or was since that date, is not taken in again. One
    that was killed goes on where it was.

    Examples:

      wayfare enrol onboarding --segment new-buyers --dry-run

      wayfare enrol onboarding --segment new-buyers --per-minute 600
    """
    import asyncio

    from workers import enrolling
    from workers.keys import opened
    from workers.settings import settings_in_force

    asked = enrolling.Asked(journey, segment, per_minute, settings_in_force().speed)

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    async def go() -> str:
        async with opened() as db:
            return await (enrolling.tried(db, asked, print) if dry_run else enrolling.enrolled(db, asked, say))

    print(asyncio.run(go()))
    return 0
