"""`wayfare inbox`: every accepted event, where it is and why."""

from __future__ import annotations

from typing import Annotated

import typer

WHAT = "list, show RECEIPT, again [RECEIPT …] (drive them once more)"


def inbox(
    what: Annotated[str, typer.Argument(help=WHAT)] = "list",
    receipts: Annotated[list[str] | None, typer.Argument(help="The receipts of events.")] = None,
    state: Annotated[str, typer.Option(help="Only these: new, routed, unmatched, parked or quarantined.")] = "",
    source: Annotated[str, typer.Option(help="Only those of this source.")] = "",
    type: Annotated[str, typer.Option(help="Only those of this type.")] = "",  # noqa: A002  the option's name
    limit: Annotated[int, typer.Option(help="How many are listed at most.")] = 20,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")] = False,
) -> int:
    """Events that were accepted: where each is and why; drive once more what could not be used at first.

    Unmatched: no journey, or no rule of its source, was for it. Parked: it waits until somebody is known by its name.
    Quarantined: it could not be read, or not be routed in several tries.
    """
    import asyncio

    from workers.inbox import again, listing, one
    from workers.mistakes import UserMistake

    named = receipts or []
    if what == "list":
        print(asyncio.run(listing(state, source, type, limit)))
    elif what == "show" and len(named) == 1:
        print(asyncio.run(one(named[0])))
    elif what == "again":
        print(asyncio.run(again(named, state, source, type, dry_run=dry_run)))
    else:
        raise UserMistake(f'"{" ".join([what, *named])}" is nothing to do with the inbox: {WHAT}')
    return 0
