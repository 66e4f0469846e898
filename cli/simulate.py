"""`wayfare simulate`: one customer's journey in virtual time, with the reasons; or a population's, as a forecast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    journey: Annotated[str, typer.Argument(help="The journey's name; for a population all of them without it.")] = "",
    scenario: Annotated[
        str, typer.Option(help="The scenario to play (its name or number); the first without it.")
    ] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Without the reasons.")] = False,
    event: Annotated[
        list[str] | None,
        typer.Option(help="Instead of a scenario's events: 'setup.completed after 3 days'; may be repeated."),
    ] = None,
    start: Annotated[
        list[str] | None, typer.Option(help="Data of the starting event: 'product.name=Lamp'; may be repeated.")
    ] = None,
    having: Annotated[
        list[str] | None, typer.Option(help="What is on the customer's record: 'plan=enterprise'; may be repeated.")
    ] = None,
    customer: Annotated[
        str, typer.Option(help="A customer of the store, by id or mail address; the store is only read.")
    ] = "",
    population: Annotated[str, typer.Option(help="A population of definitions/populations, for a forecast.")] = "",
    events: Annotated[
        Path | None, typer.Option(help="Recorded events (JSON lines), for a forecast from real customers.")
    ] = None,
    customers: Annotated[int | None, typer.Option(min=1, help="How many customers, instead of the file's.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same lives.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Also draw the forecast into this SVG file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The forecast as JSON, for programs.")] = False,
    processes: Annotated[int, typer.Option(min=1, help="How many processes share the work of a forecast.")] = 1,
) -> int:
    """Play journeys in virtual time. No server, nobody is mailed, nothing is written to the store.

    One customer: what is sent and noted, when, and why; from a scenario, with events of your own, or for a customer of
    the store. A population, or the events of the past: messages and work per day, and how the journeys end.

    Examples:

      wayfare simulate onboarding

      wayfare simulate onboarding --scenario 3 --quiet

      wayfare simulate onboarding --event 'setup.completed after 3 days'

      wayfare simulate onboarding --having plan=enterprise --start product.mounting=ceiling

      wayfare simulate check-in --customer grete@example.org

      wayfare simulate --population a-year --out year.svg

      wayfare simulate --events events.jsonl
    """
    from cli import forecasting, one_customer
    from workers.mistakes import UserMistake

    if population or events is not None:
        wish = forecasting.Wish(journey, population, events, customers, seed, processes)
        return forecasting.tell(wish, out, as_json=as_json)
    if not journey:
        raise UserMistake("Name a journey to play, for example: wayfare simulate onboarding; or a --population.")
    told = one_customer.Flags(scenario, customer, tuple(event or ()), tuple(start or ()), tuple(having or ()))
    return one_customer.tell(journey, told, quiet=quiet)
