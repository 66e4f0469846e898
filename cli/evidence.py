"""`wayfare evidence`: everything on record of one complaint, in a file that shows every change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def evidence(
    what: Annotated[str, typer.Argument(help="The complaint's number; or verify.")],
    file: Annotated[Path | None, typer.Argument(help="With verify: the file.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; evidence-<number>.json without it.")] = None,
    journey: Annotated[str, typer.Option(help="The journey whose case it is.")] = "complaint",
) -> int:
    """Write the evidence pack of a case, or say whether one is as it was written.

    The pack holds what happened and why, every letter as it was sent, tasks and what people did with them, and the
    clocks with their pauses and reasons. It holds personal data: keep it accordingly.

    Examples:

      wayfare evidence k-17

      wayfare evidence verify evidence-k-17.json
    """
    import asyncio

    from workers import evidence as work
    from workers.mistakes import UserMistake
    from workers.settings import settings_in_force

    if what != "verify":
        print(asyncio.run(work.written(settings_in_force(), journey, what, out)))
        return 0
    if file is None:
        raise UserMistake("say which file: wayfare evidence verify evidence-k-17.json")
    found = work.verified(settings_in_force(), file)
    print("\n".join(found) or f"{file} is as it was written.")
    return 1 if found else 0
