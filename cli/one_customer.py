"""One customer's journey, played and told: from a scenario, from events given by hand, for a customer of the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from cli.definitions import journey_named, library_or_mistakes
from cli.tracing import chosen, lines, with_events, with_values
from journey import rehearsal
from journey.definition import Journey
from journey.scenarios import Scenario
from workers.mistakes import UserMistake
from workers.settings import settings_in_force


@dataclass(frozen=True)
class Flags:
    """What was asked for: a scenario or a customer of the store, and what is otherwise."""

    scenario: str
    customer: str
    events: tuple[str, ...]
    start: tuple[str, ...]
    having: tuple[str, ...]


def tell(name: str, flags: Flags, *, quiet: bool) -> int:
    """Print the trace."""
    library = library_or_mistakes()
    journey = journey_named(library, name)
    played = recorded(journey, flags.customer) if flags.customer else chosen(library, journey, flags.scenario)
    played = with_values(played, flags.start, flags.having)
    if flags.events:
        played = with_events(played, list(flags.events), journey)
    print(f"{journey.title} ({name}): {played.name}")
    for line in lines(rehearsal.play(library, name, played), quiet=quiet):
        print(line)
    return 0


def recorded(journey: Journey, reference: str) -> Scenario:
    """A customer of the store, with their last event that begins this journey. The store is only read."""
    record, start = asyncio.run(_read(reference, journey.start.on))
    name = f"{record.get('name') or record['id']}, as the store knows them"
    if start is None:
        name += f" (without any {journey.start.on} on record)"
    return Scenario(name=name, customer=record, start=start or {})


async def _read(reference: str, kind: str) -> tuple[dict[str, object], dict[str, object] | None]:
    from store import customers, identity, inbox
    from store.database import Database

    db = Database(settings_in_force().database_url)
    try:
        async with db.read() as tx:
            row = await identity.find(tx, reference)
            if row is None:
                raise UserMistake(f'The store knows no customer "{reference}". Give an id or a mail address.')
            known = await customers.known(tx, row["customer_id"])
            return known, await inbox.last_of(tx, row["customer_id"], kind)
    finally:
        await db.close()
