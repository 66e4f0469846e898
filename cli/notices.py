"""`wayfare notices`: what other systems were told, and were not."""

from __future__ import annotations

from typing import Annotated

import typer

WHAT = "list, again [SUBSCRIBER] (try the dead ones for another day)"


def notices(
    what: Annotated[str, typer.Argument(help=WHAT)] = "list",
    subscriber: Annotated[str, typer.Argument(help="Only those to this subscriber.")] = "",
    state: Annotated[str, typer.Option(help="Only these: waiting, delivered or dead.")] = "",
    limit: Annotated[int, typer.Option(help="How many are listed at most.")] = 20,
) -> int:
    """What subscribers (definitions/subscribers/) were told of changes here: delivered, waiting for the next try, or
    dead.

    A notice that was not taken for a day is dead; it stays here, and can be tried again."""
    import asyncio

    from workers.mistakes import UserMistake
    from workers.notices import again, listing

    if what == "list":
        print(asyncio.run(listing(subscriber, state, limit)))
    elif what == "again":
        print(asyncio.run(again(subscriber)))
    else:
        raise UserMistake(f'"{what}" is nothing to do with notices: {WHAT}')
    return 0
