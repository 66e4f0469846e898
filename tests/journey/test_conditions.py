"""The expression language: what a condition comes to, what it reads, and what it says when it cannot be judged."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey import conditions
from journey.conditions import ExpressionError, Judgement

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "event": {"n": 3, "amount": "49.00", "list": [1, "two", None], "deep": {"a": {"b": True}}, "size": 5},
    "customer": {"plan": "pro", "tags": ["new", "vip"], "orders": 2, "name": "Zoë 😀"},
    "start": {"order": "o-1", "n": 3.0, "nothing": None},
    "vars": {"answer": {"score": 9}},
}


def judged(source: str) -> Judgement:
    return conditions.judge(source, FACTS, NOW)


@pytest.mark.parametrize(
    "source",
    [
        'customer.plan == "pro"', "event.n == start.n", "event.n + 1 == 4", "customer.plan in ['pro', 'enterprise']",
        '"vip" in customer.tags', "customer.tags.exists(tag, tag == 'vip')", "has(event.deep.a) && event.deep.a.b",
        "!has(customer.phone)", "size(event.list) == 3", "double(event.amount) >= 49.0",
        "now > timestamp('2026-03-29T01:00:00Z')", "now.getHours('Europe/Berlin') == 3",
        "customer.name.startsWith('Zo')", "customer.name.size() == 5", "event.size == 5",
        "vars.answer.score > 8 || vars.nothing", "start.?product.?name.orValue('') == ''", "start.nothing == null",
        'customer["plan"] == "pro"', "event.list[1] == 'two'", "customer.name.matches('^Z')",
        "now - duration('1h') < now", "{'a': 1}['a'] == 1", "customer.tags == ['new', 'vip']",
        "cel.bind(n, event.n, n * n == 9)", "math.greatest(1, event.n) == 3", "'a,b'.split(',') == ['a', 'b']",
        "true // as it seems",
    ],
)  # fmt: skip
def test_a_condition_that_is_met(source: str) -> None:
    assert judged(source) == Judgement(True)
    assert judged(source).holds


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("customer.phone == 'x'", "customer.phone is missing"),
        ("event.deep.x.y", "event.deep.x is missing"),
        ("vars.reply.score > 3", "vars.reply is missing"),
        ("!customer.vip", "customer.vip is missing"),
        ("event.n > 'a'", "the kinds of its values do not fit together"),
        ("event.amount > 3", "the kinds of its values do not fit together"),
        ("event.n", ""),
        ("event.list[7] == 1", "there is no entry 7 in a list of 3"),
        ("1 / (event.n - 3) == 1", "divide by zero"),
        ("int(customer.plan) == 1", "cannot convert"),
        ("timestamp(customer.plan) < now", ""),
        ("customer.name.matches('(')", "invalid regular expression"),
        ("event.n == 9223372036854775807 + event.n", "overflow"),
        ("now.getHours('Nowhere') == 1", "Invalid timezone"),
        ("start.nothing.x == 1", ""),
        ("this is not readable", "it cannot be worked out"),
    ],
)
def test_a_condition_that_cannot_be_judged_is_not_met_and_says_why(source: str, reason: str) -> None:
    judgement = judged(source)
    assert not judgement.holds
    assert reason in judgement.problem


@pytest.mark.parametrize("value", ["1.0 / 0.0", "0.0 / 0.0", "double('NaN')", "-1.0 / 0.0"])
def test_what_is_no_number_is_no_value(value: str) -> None:
    assert judged(value) == Judgement(None, "it is no number (divided by zero?)")
    assert judged(f"[1.0, {value}]").value == [1.0, None]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("event", FACTS["event"]),
        ("{'b': 1, 'a': now, 2: [null]}", {"2": [None], "a": "2026-03-29T01:30:00+00:00", "b": 1}),
        ("duration('90m')", "1:30:00"),
        ("uint(3)", 3),
        ("null", None),
        ("customer.tags.map(tag, tag + '!')", ["new!", "vip!"]),
    ],
)
def test_a_value_comes_out_as_json(source: str, value: Any) -> None:
    assert judged(source) == Judgement(value)


def test_the_keys_of_an_object_come_out_in_order() -> None:
    assert list(judged("{'b': 1, 'a': 2, 'c': 3}").value) == ["a", "b", "c"]


def test_a_number_too_large_for_the_language_or_half_a_character_is_a_reason_and_no_failure() -> None:
    for odd in (2**70, "\ud800", {"x": 2**64}, float("inf")):
        judgement = conditions.judge("event.x == 1", {"event": {"x": odd}}, NOW)
        assert not judgement.holds


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(st.text(alphabet="abevntcusomr.()[]{}<>=!&|+-*/'\"?:, 019\\\n#@ü😀", max_size=40))
def test_any_text_is_compiled_or_refused_with_a_sentence_and_a_place_inside_it(source: str) -> None:
    try:
        conditions.compile(source)
    except ExpressionError as error:
        lines = source.split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 2
        assert str(error).endswith(".")
    conditions.judge(source, FACTS, NOW)
    conditions.mentions(source)


@pytest.mark.parametrize(
    ("source", "root", "fields"),
    [
        ("customer.plan == 'pro' && customer.vip", "customer", ("plan", "vip")),
        ("has(customer.plan) && customer.plan.size() > 1", "customer", ("plan",)),
        ('customer["plan"] == "x" || customer[ \'city\' ] == "y"', "customer", ("plan", "city")),
        ("customer.?plan.orValue('x') == customer[?'city'].orValue('')", "customer", ("plan", "city")),
        ('event.customer.name == "customer.city"', "customer", ()),
        ("'customer.a' + \"customer.b\" == customer.c // customer.d", "customer", ("c",)),
        ("customers.plan || mycustomer.x || customer_x", "customer", ()),
        ("customer.tags.exists(t, t == vars.tag)", "vars", ("tag",)),
        ("customer.a == customer.b && customer.a == 1", "customer", ("a", "b")),
        ("event.n > start.n", "start", ("n",)),
        ("customer\n  .plan == 1", "customer", ("plan",)),
    ],
)
def test_which_fields_an_expression_reads(source: str, root: str, fields: tuple[str, ...]) -> None:
    assert conditions.fields(source, root) == fields


def test_a_name_that_is_used_as_a_whole_is_mentioned_without_a_field() -> None:
    used = [(use.root, use.field, use.index) for use in conditions.mentions("'x' in customer && now > start.t")]
    assert used == [("customer", "", 7), ("now", "", 19), ("start", "t", 25)]


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("customr.plan", 1, 1),
        ("customer.plan == foo.bar.baz", 1, 18),
        ("'üü😀' == foo", 1, 10),
        ("event.n == 1\n  && foo", 2, 6),
        ("event.n == 1 &&\n(event.n > 2", 2, 1),
        ("event.n.foo(1)", 1, 9),
        ("event.n = 1", 1, 9),
    ],
)
def test_a_mistake_is_placed_at_its_first_character(source: str, line: int, column: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        conditions.compile(source)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_an_expression_has_a_largest_length() -> None:
    conditions.compile("'" + "x" * 1998 + "'")
    with pytest.raises(ExpressionError, match="longer than 2000 characters"):
        conditions.compile("'" + "x" * 1999 + "'")


def test_what_can_be_a_condition() -> None:
    for source in ("event.x", "1 == 1", "has(event.x)", "true"):
        assert conditions.returns_boolean(source)
    for source in ("'x'", "1", "now", "size(vars)", "event"):
        assert not conditions.returns_boolean(source)
