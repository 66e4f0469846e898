"""`wayfare test`: the scenarios beside the journeys, in virtual time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def test(
    journey: Annotated[str, typer.Argument(help="Only the scenarios of this journey.")] = "",
    min: Annotated[  # noqa: A002  the option's name
        float, typer.Option(help="Fail when less than so much of a journey is reached, in percent.", metavar="PERCENT")
    ] = 0.0,
    update: Annotated[bool, typer.Option("--update", help="Write what was seen as what is expected.")] = False,
    odd_days: Annotated[
        bool, typer.Option(help="Also begin every scenario when the clocks change and on a leap day.")
    ] = True,
    junit: Annotated[Path | None, typer.Option(help="Also write the results as JUnit XML, for CI.")] = None,
) -> int:
    """Run the scenarios in definitions/scenarios: nobody is mailed, months pass in milliseconds.

    Each scenario is also begun on odd days (the clocks change, 29 February): the same must happen there. At the end it
    says which steps, ways, exits and messages no scenario reaches, each at its line.

    Examples:

      wayfare test                              all of them

      wayfare test onboarding --min 100         one journey, every way of it

      wayfare test --update                     after a change that was meant

      wayfare test --min 100 --junit test.xml   in CI
    """
    from cli.definitions import definitions_or_mistakes, journey_named
    from cli.junit import report
    from cli.rehearsing import Played, rewrite, tell, tell_coverage

    found = definitions_or_mistakes()
    if journey:
        journey_named(found.library, journey)
    played = Played.of(found, journey, odd_days=odd_days)
    if not played.results:
        print(f"There are no scenarios{f' of {journey}' if journey else ''}.")
        return 1
    tell(played)
    if update:
        rewrite(found, played)
        played = Played.of(definitions_or_mistakes(), journey, odd_days=odd_days)
    tell_coverage(played, min)
    if junit is not None:
        junit.write_text(report(played, min), encoding="utf-8")
    return 1 if played.failed or played.below(min) else 0
