"""Purchases with their lines, what came back of them, and what customers have."""

from itertools import permutations
from typing import Any

import pytest

from journey.record.products import Product
from journey.record.rules import Rules
from store import derived, owned, purchases, rules
from store.clock import now
from store.database import Database
from tests.databases import empty
from tests.gateway.routing import House
from tests.store.makers import GRETE, event_pks, resolve, rows, the_row

LINES = [
    {"sku": "LUX-20", "name": "Heron", "quantity": 2, "amount": "178.00"},
    {"sku": "LUX-21", "name": "Table", "amount": "99.00"},
]


@pytest.fixture
def house(db: Database) -> House:
    return House(db)


async def buy(house: House, event_id: str = "p-1", **data: Any) -> None:
    await house.post(event_id, **data)


async def has(db: Database) -> dict[tuple[str, str | None], int]:
    person = (await the_row(db, "customer"))["customer_id"]
    async with db.read() as tx:
        return {(row["sku"], row["serial"]): row["quantity"] for row in await owned.of_customer(tx, person)}


async def facts(db: Database) -> dict[str, Any]:
    found: dict[str, Any] = (await the_row(db, "customer"))["derived"]
    return found


async def test_a_purchase_is_kept_with_every_line(house: House) -> None:
    await buy(house, lines=LINES, amount=None)
    row = await the_row(house.db, "purchase")

    assert (row["order_id"], row["sku"], row["product"], row["amount"]) == ("o-1", "LUX-20", "Heron", "277.00")
    kept = [(one["sku"], one["quantity"], one["amount"]) for one in await rows(house.db, "purchase_line")]
    assert kept == [("LUX-20", 2, "178.00"), ("LUX-21", 1, "99.00")]


async def test_a_purchase_of_one_product_is_one_line(house: House) -> None:
    await buy(house)
    line = await the_row(house.db, "purchase_line")

    assert (line["sku"], line["name"], line["quantity"], line["amount"]) == ("P-1", "Lamp", 1, "49.00")


async def test_a_purchase_is_added_once_for_each_event(db: Database) -> None:
    person = (await resolve(db, **GRETE))["customer_id"]
    [event_pk] = await event_pks(db, 1)
    data = {"order_id": "o-1", "product": {"sku": "P-1", "name": "Lamp"}, "amount": "49.00", "currency": "EUR"}
    for _ in range(2):
        async with db.write() as tx:
            await purchases.bought(tx, person, event_pk, data, now())

    row = await the_row(db, "purchase")
    assert (row["order_id"], row["sku"], row["product"], row["amount"]) == ("o-1", "P-1", "Lamp", "49.00")
    assert (row["currency"], row["state"], len(await rows(db, "purchase_line"))) == ("EUR", "completed", 1)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"product": "Lamp"},
        {"order_id": {"a": 1}, "amount": True, "currency": [1]},
        {"order_id": "x" * 1_000, "lines": "many"},
        {"lines": [7, {}, {"sku": ["a"], "quantity": "two", "amount": {}}, {"quantity": -1}]},
    ],
)
async def test_a_purchase_of_any_shape_is_kept(db: Database, data: dict[str, Any]) -> None:
    grete = (await resolve(db, **GRETE))["customer_id"]
    [event_pk] = await event_pks(db, 1)
    async with db.write() as tx:
        await purchases.bought(tx, grete, event_pk, data, now())
        await purchases.given_back(tx, grete, event_pk, "refund", data, now())
        await derived.refresh(tx, grete)

    row = await the_row(db, "purchase")
    assert row["order_id"] in (None, "x" * 255) and row["amount"] is None
    assert all(line["quantity"] == 1 for line in await rows(db, "purchase_line"))


async def test_whatever_order_they_arrive_in_a_purchase_and_what_came_back_come_to_the_same(db: Database) -> None:
    events: list[tuple[str, str, dict[str, Any]]] = [
        ("p-1", "purchase.completed", {"order_id": "o-1", "lines": LINES, "amount": "277.00", "currency": "EUR"}),
        ("r-1", "purchase.refunded", {"order_id": "o-1", "amount": "99.00"}),
        ("r-2", "purchase.returned", {"order_id": "o-1", "lines": [{"sku": "LUX-20", "quantity": 1}]}),
    ]
    found = set()
    for order in permutations(events):
        await empty(db)
        house = House(db)
        for event_id, kind, data in order:
            await house.post(event_id, kind, **data)
        row = await the_row(db, "purchase")
        lines = [line["returned"] for line in await rows(db, "purchase_line")]
        value = (await facts(db))["lifetime_value"]
        found.add((row["state"], row["refunded"], tuple(lines), value, tuple((await has(db)).values())))

    assert found == {("completed", "99.00", (1, 0), 178.0, (1, 1))}


@pytest.mark.parametrize("data", [{}, {"amount": "277.00"}, {"lines": LINES}])
async def test_a_refund_of_all_that_was_paid_takes_the_purchase_off_the_count(house: House, data: Any) -> None:
    await buy(house, lines=LINES, amount="277.00")
    await house.post("r-1", "purchase.refunded", order_id="o-1", **data)

    assert (await the_row(house.db, "purchase"))["state"] == "refunded"
    assert (await facts(house.db))["orders"] == 0 and await has(house.db) == {}


async def test_a_refund_twice_is_a_refund_and_touches_nobody_else(house: House) -> None:
    await buy(house)
    await buy(house, "p-2", order_id="o-2")
    await buy(house, "p-3", customer={"id": "c-2"})
    for event_id in ("r-1", "r-2"):
        await house.post(event_id, "purchase.refunded", order_id="o-1")

    assert [row["state"] for row in await rows(house.db, "purchase")] == ["refunded", "completed", "completed"]


@pytest.mark.parametrize("order", [None, "", {"not": "an id"}])
async def test_refunding_without_an_order_refunds_nothing(house: House, order: Any) -> None:
    await buy(house)
    await house.post("r-1", "purchase.refunded", order_id=order)

    assert (await the_row(house.db, "purchase"))["state"] == "completed"
    assert await rows(house.db, "refund") == []


async def test_purchases_are_listed_from_the_newest_with_their_lines(db: Database) -> None:
    grete = (await resolve(db, **GRETE))["customer_id"]
    moment = now()
    for number, event_pk in enumerate(await event_pks(db, 3)):
        async with db.write() as tx:
            await purchases.bought(tx, grete, event_pk, {"order_id": f"o-{number}", "lines": LINES}, moment)

    async with db.read() as tx:
        found = await purchases.of_customer(tx, grete)
    assert [row["order_id"] for row in found] == ["o-2", "o-1", "o-0"]
    assert [[line["sku"] for line in row["lines"]] for row in found] == [["LUX-20", "LUX-21"]] * 3


# What customers have


async def test_what_was_bought_is_had_and_a_registered_piece_is_known_by_its_serial(house: House) -> None:
    await buy(house, lines=LINES)
    await house.post("g-1", "product.registered", product={"sku": "LUX-20"}, serial="A-1", version="1")
    await house.post("g-2", "product.registered", product={"sku": "LUX-20"}, serial="A-1", version="1.1")

    assert await has(house.db) == {("LUX-20", None): 1, ("LUX-21", None): 1, ("LUX-20", "A-1"): 1}
    piece = await the_row(house.db, "owned", serial="A-1")
    assert (piece["version"], piece["purchase_pk"] is not None) == ("1.1", True)
    await house.post("u-1", "product.updated", product={"sku": "LUX-20"}, version="2")
    assert {row["version"] for row in await rows(house.db, "owned", sku="LUX-20")} == {"2"}


async def test_what_was_given_back_or_replaced_is_not_had_any_more(house: House) -> None:
    await buy(house, lines=LINES)
    await house.post("m-1", "migration.completed", product={"sku": "LUX-20"})
    await house.post("b-1", "product.returned", product={"sku": "LUX-21"})

    assert await has(house.db) == {}
    async with house.db.read() as tx:
        person = (await the_row(house.db, "customer"))["customer_id"]
        history = await owned.of_customer(tx, person, history=True)
    assert [(row["sku"], row["ended_why"]) for row in history] == [("LUX-20", "replaced"), ("LUX-21", "given back")]


async def test_the_catalogue_says_how_long_the_warranty_is_and_what_nobody_keeps(house: House) -> None:
    said = [
        {"product": "LUX-20", "title": "Heron", "warranty": 24},
        {"product": "LUX-21", "title": "T", "used up": True},
    ]
    catalogue = {one["product"]: Product.model_validate(one) for one in said}
    async with house.db.write() as tx:
        await rules.publish(tx, Rules(products={str(sku): one for sku, one in catalogue.items()}))
    await buy(house, lines=LINES)

    [row] = await rows(house.db, "owned")
    until = row["since"].date().replace(year=row["since"].year + 2).isoformat()
    assert (row["sku"], row["warranty_until"]) == ("LUX-20", until)
