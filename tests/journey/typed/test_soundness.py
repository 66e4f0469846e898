"""What the check lets through can be judged: random expressions on random data of the declared kinds.

An expression without findings gives an error at run time only for what the check leaves to the data: a field that is
missing, an entry beyond the end of a list, a division by zero, a text that is no number, a number too large.
"""

import re
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journey import conditions
from journey.declared.fields import DeclaredField, Fields
from journey.typed import possible
from tests.journey.typed.reading import library, read

NOW = datetime(2027, 1, 15, 9, 30, tzinfo=UTC)
LEFT_TO_THE_DATA = re.compile(
    r"is missing|there is no entry|divi|modulus|overflow|range|cannot convert|conversion failed|is no number"
    r"|is not an amount|is not a day|the money is in|longer than a thousand years|maximum allowed duration"
)
FIELDS = [
    "order_id", "count", "weight", "paid", "amount", "currency", "price", "ends_on", "at", "coupon", "kind", "score",
    "product", "product.sku", "product.needs_setup", "extra", "extra.color", "items", "items[0]", "items[0].sku",
    "items[0].count", "words", "words[0]", "price.amount", "price.currency",
]  # fmt: skip
CONSTANTS = [
    "0", "1", "7", "10", "2.5", '"home"', '"pro"', '"x"', '""', '"2027-03-31"', '"49.00"', "true", "false", "now", "[]",
    '["home", "x"]', "[1, 2]", "days(3)", "null",
]  # fmt: skip
BINARY = ["==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%", "in"]
CALLS = [
    "has({0})", "!{0}", "-{0}", "size({0})", "{0}.size()", "{0}.startsWith({1})", "{0}.contains({1})", "string({0})",
    "double({0})", "int({0})", "amount({0})", 'amount({0}, "EUR")', "date({0})", "timestamp({0})", "days({0})",
    "{0}.exists(x, x == {1})", "{0}.all(x, x != {1})", "{0}.map(x, x)", "{0}.filter(x, x == {1})[0]",
    "({0} ? {1} : {2})", "[{0}, {1}]", "{0}[0]", "{0}.getFullYear()", "{0}.lowerAscii()", "{0}.matches({1})",
    "{0}.split({1})", "event.?coupon.orValue({0})", "cel.bind(y, {0}, y == {1})", "{0} in [{1}, {2}]", "weeks({0})",
]  # fmt: skip

LEAVES = st.sampled_from([f"event.{name}" for name in FIELDS] * 2 + CONSTANTS)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(inner, st.sampled_from(BINARY), inner).map(lambda made: f"({made[0]} {made[1]} {made[2]})")
        | st.tuples(st.sampled_from(CALLS), inner, inner, inner).map(lambda made: made[0].format(*made[1:]))
    ),
    max_leaves=5,
)
VALUES: dict[str, list[Any]] = {
    "text": ["", "x", "home"], "number": [0, 2.5, 7], "whole number": [0, 1, 7, 10], "yes/no": [True, False],
    "date": ["2027-03-31"], "moment": ["2027-03-31T09:30:00Z"], "amount": ["49.00", "0"], "currency": ["EUR"],
    "money": [{"amount": "49.00", "currency": "EUR"}], "anything": [1, "x", {"x": 1}],
}  # fmt: skip


def values(field: DeclaredField) -> st.SearchStrategy[Any]:
    if field.fields is not None:
        return groups(field.fields)
    if field.list_of is not None:
        return st.lists(values(field.list_of), max_size=2)
    if field.one_of is not None:
        return st.sampled_from(field.one_of)
    return st.sampled_from(VALUES[field.type or "anything"])


def groups(fields: Fields) -> st.SearchStrategy[dict[str, Any]]:
    required = {name: values(field) for name, field in fields.items() if not field.optional}
    optional = {name: values(field) for name, field in fields.items() if field.optional}
    return st.fixed_dictionaries(required, optional=optional)


EVENTS = groups(library().events["purchase.completed"].fields)


def readable(source: str) -> bool:
    try:
        conditions.compile(source)
    except conditions.ExpressionError:
        return False
    return True


@given(EXPRESSIONS.filter(readable), st.lists(EVENTS, min_size=3, max_size=3))
@settings(max_examples=250, deadline=None, derandomize=True, database=None)
def test_what_the_check_lets_through_never_fails_for_its_kinds(source: str, events: list[dict[str, Any]]) -> None:
    _, reading = read(source)
    if reading.findings:
        return
    for event in events:
        judgement = conditions.judge(source, {"event": event}, NOW)
        assert not judgement.problem or LEFT_TO_THE_DATA.search(judgement.problem), judgement.problem


@given(EXPRESSIONS.filter(readable), st.lists(EVENTS, min_size=5, max_size=5))
@settings(max_examples=250, deadline=None, derandomize=True, database=None)
def test_what_is_called_impossible_never_holds_and_what_is_called_certain_always_does(
    source: str, events: list[dict[str, Any]]
) -> None:
    condition = read(source)
    if condition[1].findings or condition[1].kind.family != "truth":
        return
    never, always = possible.look(condition).never, possible.look(condition).always
    for event in events:
        holds = conditions.judge(source, {"event": event}, NOW).holds
        assert not (never and holds)
        assert holds or not always
