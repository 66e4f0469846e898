"""`wayfare check`: every mistake in the definitions, at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def check(
    folder: Annotated[
        Path | None, typer.Argument(help="The definitions folder; WAYFARE_DEFINITIONS without it.")
    ] = None,
) -> int:
    """Check the journeys, their messages and the company, without starting anything."""
    from journey.problems import render_all
    from workers.publish import checked
    from workers.settings import settings_in_force

    place = folder or settings_in_force().definitions
    library, problems, sources = checked(place)
    if problems:
        print(render_all(problems, sources))
        print()
    mistakes = sum(not problem.warning for problem in problems)
    if library is None:
        print(
            f"{mistakes} mistake{'s' if mistakes != 1 else ''} in {place}. Nothing is published before they are mended."
        )
        return 1
    names = ", ".join(library.journeys) or "none"
    print(f"No mistakes in {place}: {len(library.journeys)} journeys ({names}), {len(library.messages)} messages.")
    return 0
