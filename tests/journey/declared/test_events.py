"""Declared events: what data fits, and what its sender is told when it does not."""

from typing import Any

import pytest

from journey.declared.customer import DeclaredCustomer
from journey.declared.event import DeclaredEvent
from journey.declared.fields import DeclaredField, paths
from journey.declared.values import check_value
from tests.journey.folders import shipped
from workers.demonstration import COURSES, courses, purchases


def event(**fields: Any) -> DeclaredEvent:
    return DeclaredEvent.model_validate({"event": "a.b", "title": "An event", "fields": fields})


def field(written: Any) -> DeclaredField:
    return DeclaredField.model_validate(written)


FITTING: list[tuple[Any, list[Any]]] = [
    ("text", ["", "x"]),
    ("number", [0, -1.5, 10**18]),
    ("whole number", [0, -3, 10**18]),
    ("yes/no", [True, False]),
    ("date", ["2027-03-31", "2028-02-29"]),
    ("moment", ["2027-03-31T09:30:00Z", "2027-03-31t09:30:00.123456789+02:00"]),
    ("amount", ["49.00", "0", "-1.5", "0.001"]),
    ("currency", ["EUR"]),
    ("money", [{"amount": "1.00", "currency": "EUR"}, {"amount": "1", "currency": "JPY", "more": 1}]),
    ("anything", [1, "x", [], {}]),
    ("list of text", [[], ["a", "b"]]),
    ({"one of": ["a", "b"]}, ["a"]),
    ({"fields": {"a": "optional text"}}, [{}, {"a": "x"}, {"a": None}, {"b": 1}]),
    ({"type": "number", "at least": 0, "at most": 10}, [0, 10, 2.5]),
]
UNFIT: list[tuple[Any, list[Any]]] = [
    ("text", [1, True, [], {}]),
    ("number", ["1", True, float("nan"), float("inf"), []]),
    ("whole number", [1.5, 4.0, "1", True]),
    ("yes/no", ["yes", 1, 0]),
    ("date", ["31.3.2027", "2027-02-29", "20270331", "2027-W13-3", 5, "2027-03-31\n"]),
    ("moment", ["2027-03-31", "2027-03-31T09:30:00", "2027-03-31T25:00:00Z", "20270331T093000Z", 1]),
    ("amount", [49.0, "49,00", "1e3", "+1", "01", ".5", "", "49.00 EUR", "1\n"]),
    ("currency", ["eur", "EURO", "", 1]),
    ("money", ["49.00 EUR", {"amount": "1"}, {"amount": 1, "currency": "EUR"}]),
    ("list of text", ["a", [1], {}]),
    ({"one of": ["a", "b"]}, ["c", 1, ["a"]]),
    ({"fields": {"a": "text"}}, ["a", [], {}, {"a": None}]),
    ({"fields": {"a": "text"}, "closed": True}, [{"a": "x", "b": 1}]),
    ({"type": "number", "at least": 0, "at most": 10}, [-1, 10.5]),
]


@pytest.mark.parametrize(("written", "value"), [(written, value) for written, values in FITTING for value in values])
def test_a_value_of_the_declared_type_fits(written: Any, value: Any) -> None:
    assert list(check_value(field(written), value)) == []


@pytest.mark.parametrize(("written", "value"), [(written, value) for written, values in UNFIT for value in values])
def test_a_value_of_another_type_is_told_with_what_to_send(written: Any, value: Any) -> None:
    [violation] = check_value(field(written), value)
    assert violation.what.startswith("It is ")
    assert violation.what.endswith(".")
    assert violation.remedy[-1] in ".?"


def test_every_violation_is_told_at_once_with_its_pointer() -> None:
    declared = event(
        order_id="text",
        items={"list of": {"fields": {"sku": "text", "count": "whole number"}}},
        plan={"one of": ["home"]},
    )
    data = {"customer": {"id": 7}, "items": [{"sku": "a", "count": 1}, {"count": "2"}], "plan": "hom", "more": 1}
    assert declared.check(data) == [
        ("/order_id", "It is missing.", "Send any text."),
        ("/items/1/sku", "It is missing.", "Send any text."),
        ("/items/1/count", "It is not a whole number.", "Send a number without a fraction."),
        ("/plan", "It is none of the declared texts.", 'Did you mean "home"?'),
    ]


def test_a_closed_event_refuses_what_is_not_declared_and_escapes_its_pointer() -> None:
    declared = event(order_id="text").model_copy(update={"closed": True})
    assert declared.check({"customer": {}, "order_id": "o", "a/b~c": 1}) == [
        ("/a~1b~0c", "It is not declared.", "Known here: order_id.")
    ]


def test_null_counts_as_missing() -> None:
    assert event(a="optional text").check({"a": None}) == []
    assert [violation.what for violation in event(a="text").check({"a": None})] == ["It is missing."]


def test_an_attribute_that_is_not_declared_does_not_fit_and_none_must_be_there() -> None:
    customer = DeclaredCustomer.model_validate({"attributes": {"plan": {"one of": ["pro"]}}})
    assert customer.check({}) == []
    assert [violation.pointer for violation in customer.check({"plan": "x", "palan": "pro"})] == ["/plan", "/palan"]


def test_the_short_form_and_the_long_form_say_the_same() -> None:
    assert field("optional list of whole number") == field({"list of": {"type": "whole number"}, "optional": True})
    assert field("optional list of whole number").title == "optional list of whole number"
    assert field({"one of": ["a", "b"]}).title == "one of a, b"


def test_every_field_has_a_path() -> None:
    declared = event(a="text", b={"fields": {"c": "text"}}, d={"list of": {"fields": {"e": "text"}}})
    assert [path for path, _ in paths(declared.fields)] == ["a", "b", "b.c", "d"]


def test_what_the_demonstration_sends_is_what_the_shipped_events_declare() -> None:
    import random
    from datetime import date

    chance = random.Random(7)
    course, purchase = courses(chance), purchases("r", chance, lambda: date(2026, 3, 1))
    sent: list[tuple[str, dict[str, Any]]] = []
    for _ in range(6 * len(COURSES)):
        bought = next(purchase)
        sent.append(("purchase.completed", bought.data()))
        sent += [(happening.type, happening.data) for happening in next(course)(bought, chance)]
    events = shipped().events
    assert [(kind, events[kind].check(data)) for kind, data in sent if events[kind].check(data)] == []
    assert {kind for kind, _ in sent} <= set(events)


def test_the_scenarios_that_ship_send_what_the_shipped_events_declare() -> None:
    library = shipped()
    wrong = []
    for name, scenarios in library.scenarios.items():
        for scenario in scenarios.scenarios:
            sent = [(library.journeys[scenarios.journey].start.on, scenario.start)]
            sent += [(happening.type, happening.data) for happening in scenario.events]
            wrong += [(name, scenario.name, kind, library.events[kind].check(data)) for kind, data in sent]
    assert [row for row in wrong if row[3]] == []
