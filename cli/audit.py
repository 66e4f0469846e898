"""`wayfare audit`: who did what."""

from __future__ import annotations

from typing import Annotated

import typer

WHAT = "list (what people did last), verify (whether the chain holds)"


def audit(
    what: Annotated[str, typer.Argument(help=WHAT)] = "list",
    who: Annotated[str, typer.Option(help="Only what this person did.")] = "",
    limit: Annotated[int, typer.Option(help="How many rows at most.", min=1, max=100_000)] = 50,
    head: Annotated[str, typer.Option(help="The last hash you kept, for `verify`: is it still in the chain?")] = "",
) -> int:
    """What people did, and whether anybody has changed the record of it."""
    import asyncio

    from workers import audits
    from workers.mistakes import UserMistake

    if what == "list":
        print(asyncio.run(audits.listing(who, limit)))
        return 0
    if what == "verify":
        print(asyncio.run(audits.verified(head)))
        return 0
    raise UserMistake(f'"{what}" is not something to do with the audit: {WHAT}')
