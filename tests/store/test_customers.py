"""Who an event is about, and what is known of them."""

import asyncio
from typing import Any

import pytest

from journey.effects import UpdateCustomer
from store import customers, derived, identity, purchases
from store.clock import now
from store.database import Database
from tests.store.makers import GRETE, count, event_pks, resolve, rows, the_row


async def change(db: Database, customer_id: str, **write: Any) -> None:
    async with db.write() as tx:
        await customers.change(tx, customer_id, UpdateCustomer(id="1/1/0", **write))


async def known(db: Database, customer_id: str) -> dict[str, Any]:
    async with db.read() as tx:
        return await customers.known(tx, customer_id)


async def find(db: Database, reference: str) -> str | None:
    async with db.read() as tx:
        row = await identity.find(tx, reference)
        return row["customer_id"] if row else None


async def test_a_new_customer_is_made_with_all_that_the_event_says(db: Database) -> None:
    said = {**GRETE, "phone": "+49 30 1", "locale": "de", "time_zone": "Europe/Berlin", "attributes": {"plan": "pro"}}
    person = await resolve(db, **said)

    row = await the_row(db, "customer")
    assert row == person
    assert {name: row[name] for name in said if name != "id"} == {k: v for k, v in said.items() if k != "id"}
    assert (row["external_id"], row["tags"]) == ("c-1", [])
    assert {(one["kind"], one["value"]) for one in await rows(db, "customer_alias")} == {
        ("id", "c-1"),
        ("email", "grete@example.org"),
    }


async def test_the_shops_id_finds_the_customer_whatever_the_address(db: Database) -> None:
    first = await resolve(db, **GRETE)
    again = await resolve(db, id="c-1", email="new@example.org")

    assert again["customer_id"] == first["customer_id"]
    assert again["email"] == "new@example.org"


async def test_the_address_finds_the_customer_when_there_is_no_id_in_any_case(db: Database) -> None:
    first = await resolve(db, **GRETE)
    again = await resolve(db, email="GRETE@Example.org")

    assert again["customer_id"] == first["customer_id"]


async def test_every_address_ever_used_finds_the_customer(db: Database) -> None:
    first = await resolve(db, **GRETE)
    await resolve(db, id="c-1", email="new@example.org")

    assert (await resolve(db, email="grete@example.org"))["customer_id"] == first["customer_id"]
    assert (await resolve(db, email="new@example.org"))["customer_id"] == first["customer_id"]


async def test_an_address_known_before_its_id_gets_the_id(db: Database) -> None:
    first = await resolve(db, email="grete@example.org")
    later = await resolve(db, **GRETE)

    assert later["customer_id"] == first["customer_id"]
    assert (await the_row(db, "customer"))["external_id"] == "c-1"


async def test_an_address_never_joins_two_ids(db: Database) -> None:
    one = await resolve(db, id="c-1", email="family@example.org")
    other = await resolve(db, id="c-2", email="family@example.org")

    assert one["customer_id"] != other["customer_id"]
    assert (await resolve(db, email="family@example.org"))["customer_id"] == one["customer_id"]
    assert (await resolve(db, id="c-2"))["customer_id"] == other["customer_id"]
    assert other["email"] == "family@example.org"


async def test_an_id_and_somebody_elses_address_stay_two(db: Database) -> None:
    one = await resolve(db, id="c-1")
    nameless = await resolve(db, email="grete@example.org")
    again = await resolve(db, **GRETE)

    assert again["customer_id"] == one["customer_id"] != nameless["customer_id"]
    assert await count(db, "customer") == 2


async def test_attributes_are_added_and_replaced_and_none_is_lost(db: Database) -> None:
    await resolve(db, **GRETE, attributes={"plan": "free", "size": 3})
    person = await resolve(db, **GRETE, attributes={"plan": "pro", "deep": {"a": [1]}})

    assert person["attributes"] == {"plan": "pro", "size": 3, "deep": {"a": [1]}}
    assert (await the_row(db, "customer"))["attributes"] == person["attributes"]


async def test_what_an_event_leaves_out_stays(db: Database) -> None:
    await resolve(db, **GRETE, phone="+49 30 1", attributes={"plan": "pro"})
    person = await resolve(db, id="c-1", email=None, name="", attributes=None)

    assert (person["name"], person["phone"], person["attributes"]) == ("Grete Hermann", "+49 30 1", {"plan": "pro"})


async def test_an_event_that_says_nothing_new_writes_nothing(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await resolve(db, **GRETE, attributes={"plan": "pro"})
    before = await the_row(db, "customer")
    statements = spy(db, monkeypatch)
    again = await resolve(db, **GRETE, attributes={"plan": "pro"})

    assert again == before == await the_row(db, "customer")
    assert not [one for one in statements if one.startswith(("INSERT", "UPDATE", "DELETE"))]


def spy(db: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    from sqlalchemy import event

    seen: list[str] = []
    event.listen(
        db._engine.sync_engine, "before_cursor_execute", lambda *said: seen.append(str(said[2]).lstrip().upper())
    )
    return seen


@pytest.mark.parametrize("said", [{"id": "c-1"}, {"email": "grete@example.org"}, GRETE])
async def test_seen_first_by_many_at_once_it_is_one_customer(db: Database, said: dict[str, Any]) -> None:
    seen = await asyncio.gather(*(resolve(db, **said, attributes={f"a{one}": one}) for one in range(12)))

    assert len({person["customer_id"] for person in seen}) == 1
    assert (await the_row(db, "customer"))["attributes"] == {f"a{one}": one for one in range(12)}
    assert await count(db, "customer_alias") == len(said) - ("name" in said)


async def test_what_events_and_journeys_write_at_once_is_all_there(db: Database) -> None:
    person = (await resolve(db, **GRETE))["customer_id"]
    events = [resolve(db, **GRETE, attributes={f"e{one}": one}) for one in range(10)]
    journeys = [change(db, person, attributes={f"j{one}": one}, add_tags=(f"t{one}",)) for one in range(10)]
    await asyncio.gather(*(one for pair in zip(events, journeys, strict=True) for one in pair))

    row = await the_row(db, "customer")
    assert row["attributes"] == {f"{kind}{one}": one for kind in "ej" for one in range(10)}
    assert row["tags"] == [f"t{one}" for one in range(10)]


async def test_a_journey_sets_contact_fields_attributes_and_tags(db: Database) -> None:
    person = (await resolve(db, **GRETE, attributes={"plan": "free", "size": 3}))["customer_id"]
    await change(db, person, attributes={"plan": "pro", "name": "G. Hermann", "locale": "de"}, add_tags=("b", "a", "c"))
    await change(db, person, add_tags=("d",), remove_tags=("b", "never there"))

    row = await the_row(db, "customer")
    assert (row["name"], row["locale"], row["email"]) == ("G. Hermann", "de", "grete@example.org")
    assert (row["attributes"], row["tags"]) == ({"plan": "pro", "size": 3}, ["a", "c", "d"])


@pytest.mark.parametrize("field", ["email", "name", "phone", "locale", "time_zone"])
@pytest.mark.parametrize(("value", "kept"), [("x" * 1_000, None), (12, "12"), (None, None)])
async def test_whatever_a_journey_sets_fits(db: Database, field: str, value: object, kept: str | None) -> None:
    person = (await resolve(db, **GRETE))["customer_id"]
    await change(db, person, attributes={field: value})

    found = (await the_row(db, "customer"))[field]
    assert found == kept or (kept is None and value is not None and set(found) == {"x"})


async def test_the_record_as_conditions_see_it(db: Database) -> None:
    person = (await resolve(db, **GRETE, attributes={"plan": "pro", "email": "hidden@example.org"}))["customer_id"]
    [first, second, third] = await event_pks(db, 3)
    async with db.write() as tx:
        await purchases.bought(tx, person, first, {"order_id": "o-1"}, now())
        await purchases.bought(tx, person, second, {"order_id": "o-2"}, now())
        await purchases.given_back(tx, person, third, "refund", {"order_id": "o-2"}, now())
        await derived.refresh(tx, person)

    seen = await known(db, person)
    said = {"id": "c-1", "email": "grete@example.org", "name": "Grete Hermann", "first_name": "Grete", "plan": "pro"}
    assert {name: seen[name] for name in said} == said
    assert (seen["tags"], seen["orders"], seen["consents"], seen["owns"]) == ([], 1, [], [])


async def test_a_customer_without_the_shops_id_is_seen_by_ours(db: Database) -> None:
    person = (await resolve(db, email="grete@example.org"))["customer_id"]

    assert (await known(db, person))["id"] == person


async def test_a_customer_is_found_by_our_id_the_shops_id_and_any_address(db: Database) -> None:
    person = (await resolve(db, **GRETE))["customer_id"]
    await resolve(db, id="c-1", email="new@example.org")

    found = [await find(db, one) for one in (person, "c-1", "Grete@Example.ORG", "new@example.org", "nobody")]
    assert found == [person, person, person, person, None]
