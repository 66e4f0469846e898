"""Three records that turn out to be one person: the same customer comes of it in whatever order the events and the
merges arrive; and a merge that is undone leaves both as they were."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store import changes, consents, customers, identity, merges, owned
from store.database import Database
from tests.databases import empty
from tests.gateway.routing import House
from tests.store.makers import rows
from tests.store.people import FULL, STORY, lived, ruled

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
WHO: tuple[dict[str, Any], ...] = (
    {"id": "c-1", "email": "grete@example.org", "attributes": {"plan": "home", "shoe": 41}, "name": "Grete Hermann"},
    {"id": "c-2", "phone": "+43 1 234567", "attributes": {"plan": "pro"}, "name": "G. Hermann", "locale": "de-AT"},
    {"id": "c-3", "anonymous_id": "a-3", "consent": {"news": True}, "birth_date": "1990-05-17"},
)
"""Whom the events of the story are about, in turn: one and the same person, who does not know it yet."""
Told = tuple[str, dict[str, Any], dict[str, Any], datetime]


def told() -> list[Told]:
    """The story, each event about another record, at its moment; and the two merges."""
    events: list[Told] = [
        (kind, WHO[number % 3], data, BEGAN + timedelta(days=2 * number)) for number, (kind, data) in enumerate(STORY)
    ]
    given_back = {"topic": "tips"}
    events.append(("consent.withdrawn", WHO[0], given_back, BEGAN + timedelta(days=40)))
    events.append(("customer.merged", {"id": "c-1"}, {"other": {"id": "c-2"}}, BEGAN + timedelta(days=42)))
    events.append(("customer.merged", {"id": "c-2"}, {"other": {"id": "c-3"}}, BEGAN + timedelta(days=44)))
    return events


async def record(db: Database, who: str) -> dict[str, Any]:
    """All that conditions and texts see of a customer, and what stands behind it; but no ids of ours."""
    async with db.read() as tx:
        row = await identity.find(tx, who)
        assert row is not None
        known = await customers.known(tx, row["customer_id"])
        had = await owned.of_customer(tx, row["customer_id"])
        words = await consents.history(tx, row["customer_id"])
    pieces = sorted((one["sku"], one["serial"] or "", one["quantity"], one["version"] or "") for one in had)
    said = sorted((one["topic"], one["given"], one["said_at"], one["source"]) for one in words)
    inside = sorted(
        one["segment"] for one in await rows(db, "membership", customer_id=row["customer_id"]) if one["left_at"] is None
    )
    names = sorted((one["kind"], one["value"]) for one in await rows(db, "customer_alias"))
    return {**known, "id": "", "pieces": pieces, "said": said, "inside": inside, "names": names}


async def post(house: House, events: list[Told]) -> None:
    for kind, who, data, at in events:
        await house.post(f"{kind}-{at:%j}", kind, customer=who, occurred_at=at, **data)


async def test_merged_in_any_order_it_is_the_same_customer(db: Database) -> None:
    found = []
    for seed in range(6):
        await empty(db)
        house = await ruled(db)
        events = told()
        if seed:
            random.Random(seed).shuffle(events)
        await post(house, events)
        assert len(await rows(db, "customer", merged_into=None)) == 1
        found.append((seed, await record(db, "c-3")))

    for seed, one in found[1:]:
        assert one == found[0][1], f"order {seed}"
    first = found[0][1]
    assert (first["orders"], first["points"], first["tier"], first["plan"]) == (1, 60, "silver", "home")
    assert (first["consents"], first["declined"], first["inside"]) == (["news"], ["tips"], ["buyers"])


@pytest.mark.parametrize("mine", ["c-1", "x-1"])
async def test_a_merge_that_is_undone_leaves_both_with_all_that_they_had(db: Database, mine: str) -> None:
    house = await ruled(db)
    await lived(house)
    other = {**FULL, "id": "x-1", "email": "x@example.org", "phone": "+43 1 999999", "anonymous_id": "x"}
    await house.post("x-bought", customer={**other, "attributes": {"plan": "home"}}, order_id="o-9", amount="7.00")
    before = {who: await record(db, who) for who in ("c-1", "x-1")}
    theirs = "x-1" if mine == "c-1" else "c-1"
    async with db.write() as tx:
        one, two = [(await identity.find(tx, who) or {})["customer_id"] for who in (mine, theirs)]
        await merges.merge(tx, one, two, "they say so")
        await changes.changed(tx, one, "two customers became one")
    assert (await record(db, theirs))["orders"] == 2
    [made] = await rows(db, "customer_merge")
    async with db.write() as tx:
        await merges.undo(tx, made["merge_id"])

    assert {who: await record(db, who) for who in ("c-1", "x-1")} == before
