"""Person, address, organisation, and attributes that fit what is declared."""

from typing import Any

import pytest

from journey.declared.customer import DeclaredCustomer
from journey.record.rules import Rules
from store import customers, organisations, rules
from store.database import Database
from tests.gateway.routing import House
from tests.store.makers import resolve, rows, the_row

PERSON: dict[str, Any] = {
    "id": "c-1",
    "first_name": "Grete",
    "last_name": "Hermann",
    "birth_date": "1901-03-02",
    "gender": "woman",
    "address": {"street": "Am Wall 1", "city": "Bremen", "country": "DE"},
}


async def known(db: Database, customer_id: str) -> dict[str, Any]:
    async with db.read() as tx:
        return await customers.known(tx, customer_id)


async def test_a_person_is_known_by_all_that_was_said(db: Database) -> None:
    person = await resolve(db, **PERSON)
    seen = await known(db, person["customer_id"])

    assert {name: seen[name] for name in PERSON} == PERSON
    assert seen["name"] == "Grete Hermann", "the whole name from its parts"


async def test_an_address_is_replaced_as_a_whole(db: Database) -> None:
    await resolve(db, **PERSON)
    person = await resolve(db, id="c-1", address={"city": "Göttingen"})

    assert person["address"] == {"city": "Göttingen"}


async def test_people_of_one_organisation_share_what_is_known_of_it(db: Database) -> None:
    house = House(db)
    acme = {"id": "acme", "name": "Acme", "attributes": {"size": "small"}}
    await house.post("e-1", "customer.identified", customer={"id": "c-1", "organisation": acme})
    later = {"id": "acme", "attributes": {"size": "large"}}
    await house.post("e-2", "customer.identified", customer={"id": "c-2", "organisation": later})
    people = await rows(db, "customer")

    for person in people:
        assert (await known(db, person["customer_id"]))["organisation"] == {
            "id": "acme", "name": "Acme", "size": "large",
        }  # fmt: skip
    async with db.read() as tx:
        found = await organisations.people(tx, (await the_row(db, "organisation"))["organisation_id"])
    assert {row["external_id"] for row in found} == {"c-1", "c-2"}


async def test_an_attribute_that_does_not_fit_is_left_out_and_said_on_the_timeline(db: Database) -> None:
    declared = DeclaredCustomer.model_validate({"attributes": {"plan": {"one of": ["home", "pro"]}, "size": "number"}})
    async with db.write() as tx:
        await rules.publish(tx, Rules(customer=declared))
    attributes = {"plan": "por", "size": 3, "more": True}
    await House(db).post("e-1", "customer.identified", customer={"id": "c-1", "attributes": attributes})

    assert (await the_row(db, "customer"))["attributes"] == {"size": 3, "more": True}
    [line] = await rows(db, "timeline")
    assert line["text"].startswith("customer.identified came from shop. Left out: plan. It is none of the declared")


async def test_new_rules_are_in_force_at_once(db: Database) -> None:
    async with db.write() as tx:
        await rules.publish(tx, Rules())
        assert (await rules.in_force(tx)).customer is None
        declared = Rules(customer=DeclaredCustomer.model_validate({"attributes": {"size": "number"}}))
        await rules.publish(tx, declared)
        assert await rules.in_force(tx) == declared


@pytest.mark.parametrize("organisation", [{}, {"id": ""}, {"id": 7}, "acme"])
async def test_an_organisation_without_an_id_is_none(db: Database, organisation: Any) -> None:
    await House(db).post("e-1", "customer.identified", customer={"id": "c-1", "organisation": organisation})

    assert await rows(db, "organisation") == [] and (await the_row(db, "customer"))["organisation_id"] is None
