"""Products and what follows from having them; and what follows from purchases."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from journey import customer
from journey.record.habits import Bought, habits, today, turns
from journey.record.products import Product, had, recommended, warranty_until
from journey.record.rules import Rules

TODAY = date(2026, 11, 28)
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def products(**said: dict[str, Any]) -> dict[str, Product]:
    return {sku: Product.model_validate({"product": sku, "title": sku.title(), **more}) for sku, more in said.items()}


def skus(owned: list[str], **said: dict[str, Any]) -> list[str]:
    return [one["sku"] for one in recommended(owned, products(**said), TODAY)]


def test_what_goes_with_a_product_of_the_customers_is_recommended_with_the_reason() -> None:
    found = recommended(
        ["lamp"], products(lamp={}, table={"goes with": ["lamp"]}, chair={"goes with": ["desk"]}), TODAY
    )

    assert found == [{"sku": "table", "name": "Table", "because": "it goes with the Lamp"}]


def test_a_successor_comes_first_then_upgrades_then_what_goes_with_it() -> None:
    said: dict[str, dict[str, Any]] = {
        "old": {"end of support": "2027-06-01", "successor": "new"},
        "new": {},
        "better": {"upgrade of": ["old"]},
        "table": {"goes with": ["old"]},
    }
    assert skus(["old"], **said) == ["new", "better", "table"]


def test_a_successor_is_not_pressed_while_the_product_lives() -> None:
    assert skus(["old"], old={"end of support": "2031-06-01", "successor": "new"}, new={}) == []


def test_only_what_is_on_sale_that_day_and_not_there_already_is_recommended() -> None:
    said: dict[str, dict[str, Any]] = {
        "lamp": {},
        "gone": {"goes with": ["lamp"], "end of sale": "2026-11-27"},
        "last": {"goes with": ["lamp"], "end of sale": "2026-11-28"},
        "soon": {"goes with": ["lamp"], "released": "2026-11-29"},
        "has": {"goes with": ["lamp"]},
    }
    assert skus(["lamp", "has"], **said) == ["last"]


def test_the_successor_of_a_successor_is_meant_when_the_first_is_gone_too() -> None:
    said: dict[str, dict[str, Any]] = {
        "a": {"end of sale": "2020-01-01", "successor": "b"},
        "b": {"end of sale": "2022-01-01", "successor": "c"},
        "c": {},
    }
    assert skus(["a"], **said) == ["c"]


def test_what_more_products_lead_to_comes_first() -> None:
    said: dict[str, dict[str, Any]] = {"x": {}, "y": {}, "one": {"goes with": ["x"]}, "two": {"goes with": ["x", "y"]}}

    assert skus(["x", "y"], **said) == ["two", "one"]


def test_what_a_customer_has_is_told_with_the_life_of_its_version() -> None:
    versions = {"1": {"end of support": "2026-01-01"}, "2": {}}
    known = products(lamp={"end of support": "2030-01-01", "successor": "next", "versions": versions}, next={})
    old, new = had([{"sku": "lamp", "version": "1"}, {"sku": "lamp", "version": "2"}], known, TODAY)

    assert (old["supported"], old["end_of_support"]) == (False, "2026-01-01")
    assert (new["supported"], new["end_of_support"]) == (True, "2030-01-01")
    assert new["successor"] == {"sku": "next", "name": "Next"}
    assert had([{"sku": "unknown", "name": "A thing"}], known, TODAY) == [{"sku": "unknown", "name": "A thing"}]


@pytest.mark.parametrize(
    ("bought", "months", "until"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-11-28", 24, "2028-11-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-11-28", 0, "2026-11-28"),
    ],
)
def test_a_warranty_is_counted_in_months(bought: str, months: int, until: str) -> None:
    [product] = products(lamp={"warranty": months}).values()

    assert warranty_until(product, date.fromisoformat(bought)) == date.fromisoformat(until)


# Habits


def bought(days_ago: float, paid: str = "10.00", currency: str = "EUR") -> Bought:
    return Bought(NOW - timedelta(days=days_ago), Decimal(paid), currency)


def test_nothing_follows_from_no_purchase() -> None:
    assert habits([]) == {"orders": 0} and today({"orders": 0}, NOW) == {"orders_last_year": 0}


def test_sums_are_kept_for_each_currency_and_the_usual_one_counts() -> None:
    found = habits([bought(30, "10.10"), bought(20, "0.20"), bought(10, "99", "CHF")])

    assert found["spent"] == {"CHF": "99.00", "EUR": "10.30"}
    assert (found["currency"], found["lifetime_value"], found["average_order"]) == ("EUR", 10.3, 5.15)
    assert habits([bought(30), bought(10, "5", "CHF")])["currency"] == "CHF", "the later one of two that are even"


def test_recency_and_frequency_are_told_for_the_day() -> None:
    kept = habits([bought(500), bought(364), bought(10.5)])

    assert today(kept, NOW) == {"days_since_purchase": 10, "orders_last_year": 2, "churn_risk": "low"}
    assert kept["usual_days"] == 244.8


@pytest.mark.parametrize(("pauses", "risk"), [(1.0, "low"), (1.49, "low"), (1.51, "medium"), (3.01, "high")])
def test_churn_risk_follows_the_customers_own_rhythm(pauses: float, risk: str) -> None:
    kept = habits([bought(10 + 10 * pauses), bought(10 * pauses)])

    assert today(kept, NOW)["churn_risk"] == risk


@pytest.mark.parametrize("fact", ["churn_risk", "orders_last_year"])
def test_the_turning_points_are_exactly_where_the_fact_changes(fact: str) -> None:
    kept = habits([bought(40), bought(20)])
    for moment in turns(kept, fact):
        before, after = (today(kept, moment + timedelta(seconds=side)) for side in (-1, 1))
        assert before[fact] != after[fact]


@pytest.mark.parametrize("amount", [None, "much", "NaN", "1e99", "-", {"a": 1}])
def test_an_amount_that_is_none_counts_nothing(amount: Any) -> None:
    from journey.record.habits import money

    assert money(amount) == 0


# Seen together


def test_conditions_and_texts_see_what_follows_worked_out_for_the_day() -> None:
    catalogue = products(lamp={}, table={"goes with": ["lamp"]})
    derived = habits([bought(100)]) | {"owned": [{"sku": "lamp", "since": "2026-08-20"}], "consents": ["news"]}
    record = {"birth_date": "1990-11-29", "derived": derived}
    seen = customer.facts(record, Rules(products=catalogue), NOW)

    assert (seen["orders"], seen["days_since_purchase"], seen["owns"], seen["age"]) == (1, 100, ["lamp"], 35)
    assert (seen["consents"], seen["recommended"][0]["sku"], seen["products"][0]["name"]) == (["news"], "table", "Lamp")


def test_every_fact_that_can_be_seen_is_declared_with_its_type() -> None:
    from journey.declared.customer import BUILT_IN

    assert set(customer.FIELDS) == set(BUILT_IN)
    derived = habits([bought(30), bought(10)]) | {"owned": [{"sku": "lamp", "since": "2026-08-20"}]}
    record = {"id": "c-1", "birth_date": "1990-11-29", "derived": derived, "organisation": {"id": "acme"}}
    seen = customer.facts(record, Rules(products=products(lamp={})), NOW)
    problems = [one for name, field in BUILT_IN.items() if name in seen for one in check_one(field, seen[name], name)]
    assert problems == []
    assert [name for name, field in BUILT_IN.items() if not field.optional and name not in seen] == []


def check_one(field: Any, value: Any, name: str) -> list[Any]:
    from journey.declared.values import check_value

    return list(check_value(field, value, name))
