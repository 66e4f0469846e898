"""`wayfare suppress`: an address to which nothing is sent any more."""

from __future__ import annotations

from typing import Annotated

import typer


def suppress(
    address: Annotated[str, typer.Argument(help="The mail address, or the telephone number with its country code.")],
    because: Annotated[str, typer.Option(help="The reason, as it will be read by whoever asks why.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Write to it again.")] = False,
) -> int:
    """Send nothing to an address any more, whatever journey wants to; or again.

    Only a mark of the address is kept, which nobody can read back, so it holds even when the customer is erased.

    Examples:

      wayfare suppress grete@example.org --because "she called and asked us to stop"

      wayfare suppress grete@example.org --lift
    """
    import asyncio

    from workers.mistakes import UserMistake
    from workers.outbox import lifted, suppressed
    from workers.settings import settings_in_force

    if not lift and not because.strip():
        raise UserMistake('say why: --because "she asked us to stop"')
    settings = settings_in_force()
    print(asyncio.run(lifted(settings, address) if lift else suppressed(settings, address, because.strip())))
    return 0
