"""`wayfare outbox`: the messages that wait, and a person's word on them."""

from __future__ import annotations

from typing import Annotated

import typer


def outbox(
    send: Annotated[str, typer.Option(help="Let this message go (its key).", metavar="KEY")] = "",
    now: Annotated[
        str, typer.Option(help="Let it go now, whatever the hour and however many the customer had.", metavar="KEY")
    ] = "",
    drop: Annotated[str, typer.Option(help="Do not send this message.", metavar="KEY")] = "",
    arrived: Annotated[str, typer.Option(help="This message in doubt did arrive.", metavar="KEY")] = "",
    by: Annotated[str, typer.Option(help="Who says so; it is written on the customer's timeline.")] = "",
) -> int:
    """List the messages that wait, and why; or say what is to become of one.

    Examples:

      wayfare outbox

      wayfare outbox --send if5decg2aqkp --by "Emmy Noether"
    """
    import asyncio

    from workers.mistakes import UserMistake
    from workers.outbox import said, waiting
    from workers.settings import settings_in_force

    words = [(word, key) for word, key in (("send", send), ("now", now), ("drop", drop), ("arrived", arrived)) if key]
    if not words:
        rows = asyncio.run(waiting(settings_in_force()))
        for row in rows:
            print(f"{row.key}  {row.message} to {row.customer}: {row.reason}")
        print(f"{len(rows)} messages wait." if len(rows) != 1 else "1 message waits.")
        return 0
    if not by.strip():
        raise UserMistake('say who you are: --by "Emmy Noether"')
    for word, key in words:
        print(asyncio.run(said(settings_in_force(), word, key, by.strip())))
    return 0
