"""`wayfare test`: the scenarios beside the journeys, in virtual time."""

from __future__ import annotations

from typing import Annotated

import typer


def test(
    journey: Annotated[str, typer.Argument(help="Only the scenarios of this journey.")] = "",
) -> int:
    """Run the scenarios in definitions/scenarios: nobody is mailed, months pass in milliseconds."""
    from cli.definitions import journey_named, library_or_mistakes
    from journey.rehearsal import rehearse

    library = library_or_mistakes()
    if journey:
        journey_named(library, journey)
    failed = count = 0
    for scenarios in library.scenarios.values():
        if journey and scenarios.journey != journey:
            continue
        for scenario in scenarios.scenarios:
            result = rehearse(library, scenarios.journey, scenario)
            count += 1
            failed += not result.passed
            print(f"{'ok  ' if result.passed else 'FAIL'} {result.journey}: {result.scenario}")
            if not result.passed:
                print(result.render())
    if count == 0:
        print(f"There are no scenarios{f' of {journey}' if journey else ''}.")
        return 1
    print(f"{count - failed} of {count} scenarios went as expected.")
    return 1 if failed else 0
