"""`wayfare check`: every mistake in the definitions, at its place."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from journey.rules.earlier import Earlier


class Format(StrEnum):
    """How problems are printed."""

    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"


def check(
    folder: Annotated[
        Path | None, typer.Argument(help="The definitions folder; WAYFARE_DEFINITIONS without it.")
    ] = None,
    running: Annotated[
        bool, typer.Option("--running", help="Also against the versions that customers are on; needs the store.")
    ] = False,
    format: Annotated[Format, typer.Option(help="For people, or for programs.")] = Format.text,  # noqa: A002  the option's name
) -> int:
    """Check the journeys, their messages and the company, without starting anything."""
    from journey.problems import render_all
    from workers.checking import checked
    from workers.settings import settings_in_force

    place = folder or settings_in_force().definitions
    library, problems, sources = checked(place, _in_use() if running else ())
    mistakes = sum(not problem.warning for problem in problems)
    if format is not Format.text:
        from cli.reports import REPORTS

        print(REPORTS[format.value](problems))
        return 1 if mistakes else 0
    if problems:
        print(render_all(problems, sources), end="\n\n")
    if library is None:
        noun = "mistake" if mistakes == 1 else "mistakes"
        print(f"{mistakes} {noun} in {place}. Nothing is published before they are mended.")
        print("What a word in [brackets] means: wayfare explain, for example wayfare explain unknown-key.")
        return 1
    names = ", ".join(library.journeys) or "none"
    print(f"No mistakes in {place}: {len(library.journeys)} journeys ({names}), {len(library.messages)} messages.")
    return 0


def _in_use() -> Sequence[Earlier]:
    """The versions that customers are on."""
    import asyncio

    from workers.publish import in_use
    from workers.settings import settings_in_force

    return asyncio.run(in_use(settings_in_force()))
