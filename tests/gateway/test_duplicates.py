"""Every event many times over, in any order: what comes of it is what comes of each once."""

import random
from collections import defaultdict
from typing import Any

import pytest

from store.database import Database
from store.inbox import NewEvent
from tests.databases import empty
from tests.gateway.routing import House
from tests.store.makers import a_journey, accept, new_event, publish, rows

KINDS = (
    "purchase.completed",
    "setup.completed",
    "page.viewed",
    "survey.answered",
    "purchase.refunded",
    "setup.completed",
)


def story(customers: int) -> list[list[NewEvent]]:
    """Six events for every customer, in their order."""
    return [
        [
            new_event(f"{number}-{step}", kind, customer={"id": f"c-{number}"}, order_id=f"o-{number}", step=step)
            for step, kind in enumerate(KINDS)
        ]
        for number in range(customers)
    ]


async def outcome(db: Database) -> dict[str, Any]:
    """All that came of it, without ids that are made up and moments."""
    names = {row["customer_id"]: row["external_id"] for row in await rows(db, "customer")}
    events = {row["event_pk"]: row["event_id"] for row in await rows(db, "inbox")}
    keys = {row["instance_id"]: (row["journey"], row["entry_key"]) for row in await rows(db, "instance")}
    told: dict[Any, list[Any]] = defaultdict(list)
    for row in await rows(db, "delivery"):
        told[keys[row["instance_id"]]].append((row["seq"], row["kind"], events[row["event_pk"]]))
    lines = sorted((names[row["customer_id"]], row["kind"], row["text"]) for row in await rows(db, "timeline"))
    return {
        "customers": sorted(names.values()),
        "events": {row["event_id"]: row["state"] for row in await rows(db, "inbox")},
        "instances": sorted((names[row["customer_id"]], row["journey"]) for row in await rows(db, "instance")),
        "deliveries": dict(told),
        "purchases": sorted((row["order_id"], row["state"]) for row in await rows(db, "purchase")),
        "timeline": lines,
    }


async def play(db: Database, arriving: list[NewEvent]) -> dict[str, Any]:
    """Accept in batches and route as they come."""
    await empty(db)
    await publish(db, a_journey())
    house = House(db)
    for at in range(0, len(arriving), 150):
        await accept(db, *arriving[at : at + 150])
        await house.route()
    return await outcome(db)


def shuffled(told: list[list[NewEvent]], times: int, chance: random.Random) -> list[NewEvent]:
    """Every event so many times, all mixed; the first time each customer's come in their order."""
    turns = [number for number, events in enumerate(told) for _ in events]
    chance.shuffle(turns)
    left = [list(events) for events in told]
    once = [left[number].pop(0) for number in turns]
    places: list[tuple[float, NewEvent]] = list(enumerate(once))
    places += [(chance.uniform(at, len(once)), one) for at, one in enumerate(once) for _ in range(times - 1)]
    return [one for _, one in sorted(places, key=lambda place: place[0])]


async def same(db: Database, customers: int, times: int) -> None:
    told, chance = story(customers), random.Random(20261124)
    clean = await play(db, [one for events in told for one in events])
    arriving = shuffled(told, times, chance)
    assert len(arriving) == customers * len(KINDS) * times
    assert await play(db, arriving) == clean


async def test_every_event_ten_times_over_comes_to_what_each_once_comes_to(db: Database) -> None:
    await same(db, customers=12, times=10)


@pytest.mark.soak
async def test_a_hundred_and_twenty_thousand_shuffled_duplicates_change_nothing(db: Database) -> None:
    """P2: 2,000 customers, six events each, each ten times."""
    await same(db, customers=2_000, times=10)
