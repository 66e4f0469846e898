"""`wayfare simulate`: one customer's journey in virtual time, with the reasons."""

from __future__ import annotations

from typing import Annotated

import typer


def simulate(
    journey: Annotated[str, typer.Argument(help="The journey's name.")],
    scenario: Annotated[
        str, typer.Option(help="The scenario to play (its name or number); the first without it.")
    ] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Without the reasons.")] = False,
    event: Annotated[
        list[str] | None,
        typer.Option(help="Instead of a scenario's events: 'setup.completed after 3 days'; may be repeated."),
    ] = None,
) -> int:
    """Play one customer's journey: what is sent and noted, when, and why. No server, nobody is mailed."""
    from cli.definitions import journey_named, library_or_mistakes
    from cli.tracing import chosen, lines, without_events
    from journey import rehearsal

    library = library_or_mistakes()
    definition = journey_named(library, journey)
    played = chosen(library, definition, scenario)
    if event:
        played = without_events(played, event, definition)
    print(f"{definition.title} ({journey}): {played.name}")
    for line in lines(rehearsal.play(library, journey, played), quiet=quiet):
        print(line)
    return 0
