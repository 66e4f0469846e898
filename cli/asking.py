"""`wayfare list`, `show`, `next`, `why`: the console's answers in the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

Customer = Annotated[str, typer.Argument(help="The customer: our id, the shop's id or an address.")]


def listed(
    journey: Annotated[str, typer.Option(help="Only this journey.")] = "",
    state: Annotated[str, typer.Option(help="running, ended or attention.")] = "running",
    step: Annotated[str, typer.Option(help="Only those at this step.")] = "",
    find: Annotated[str, typer.Option(help="A name, an address, an id or an order.")] = "",
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=10_000)] = 50,
) -> int:
    """Who is on which journey, where, and until when.

    Examples:

      wayfare list --journey onboarding --step wait-2-days

      wayfare list --state attention
    """
    import asyncio

    from store.pages import Sought
    from workers import asking
    from workers.mistakes import UserMistake

    if state not in ("running", "ended", "attention"):
        raise UserMistake(f"--state {state}: running, ended or attention")
    print(asyncio.run(asking.listing(Sought(state=state, journey=journey, step=step, text=find), limit)))
    return 0


def show(customer: Customer) -> int:
    """One customer: every journey, where it stands, and what happened last."""
    import asyncio

    from workers import asking

    print(asyncio.run(asking.shown(customer)))
    return 0


def coming(customer: Customer) -> int:
    """What a customer gets in the next 30 days, over all journeys: certain, or under which condition."""
    import asyncio

    from workers import asking

    print(asyncio.run(asking.coming(customer)))
    return 0


def why(
    customer: Customer,
    what: Annotated[str, typer.Argument(help="A message or a step; everything without it.")] = "",
) -> int:
    """Why something happened to a customer or did not: the rule, what it read, the event, the version."""
    import asyncio

    from workers import asking

    print(asyncio.run(asking.why(customer, what)))
    return 0
