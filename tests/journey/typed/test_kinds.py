"""What an expression comes to, and what is said when its kinds do not fit."""

import pytest

from journey.typed.kinds import ANY, TEXT, Kind, join, of_value
from journey.typed.names import Unknown
from tests.journey.typed.reading import known, read

GIVES = [
    ("event.order_id", "text"),
    ("event.count + 1", "whole"),
    ("double(event.weight) + 1.5", "fraction"),
    ("event.score > 7.5", "truth"),
    ("event.kind", "words"),
    ('event.kind in ["home"]', "truth"),
    ("event.items.map(item, item.count)[0]", "whole"),
    ("event.items.filter(item, item.count > 2)[0].sku", "text"),
    ('event.words.exists(word, word == "a")', "truth"),
    ("event.?product.?name.orValue('x')", "text"),
    ("event.?coupon.hasValue()", "truth"),
    ("event[?'coupon']", "optional"),
    ("event.more.anything.at.all", "any"),
    ("now + days(3)", "time"),
    ("date(event.ends_on) - now", "length"),
    ("amount(event.amount)", "fraction"),
    ('amount(event.price, "EUR") >= 100', "truth"),
    ("event.paid ? event.order_id : event.kind", "text"),
    ("event.paid ? event.count : event.weight", "number"),
    ("[1, 2][0]", "whole"),
    ('{"a": event.count}.a', "whole"),
    ("cel.bind(name, event.order_id, name + name)", "text"),
    ("size(event.items) + 1", "whole"),
    ("event.order_id + '-' + event.kind", "text"),
    ("customer.tags[0]", "words"),
    ("vars.answer.score", "whole"),
    ("-event.count", "whole"),
    ("event.price.amount", "amount"),
    ("event.items", "list"),
    ("event.product", "group"),
    ("null", "nothing"),
    ("event.order_id.split(',')[0]", "text"),
]


@pytest.mark.parametrize(("source", "kind"), GIVES)
def test_an_expression_has_a_kind_and_nothing_to_complain_of(source: str, kind: str) -> None:
    _, reading = read(source)
    assert reading.findings == []
    assert reading.kind.name == kind


def test_what_is_optional_on_the_way_may_be_missing_at_the_end() -> None:
    maybe = {source: read(source)[1].kind.maybe for source in ("event.coupon", "event.extra.color", "event.kind")}
    assert maybe == {"event.coupon": True, "event.extra.color": True, "event.kind": False}
    assert not read("event.?coupon.orValue('x')")[1].kind.maybe


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("event.totl", 6),
        ('event["totl"]', 7),
        ("has(event.product.totl)", 18),
        ("event.product . totl", 16),
        ("event.\n  totl == 'ü'", 9),
        ("'üü' == event.totl", 14),
        ("event.event", 6),
    ],
)
def test_an_unknown_field_is_told_where_it_stands(source: str, at: int) -> None:
    [finding] = read(source)[1].findings
    assert (finding.rule, finding.at) == ("unknown-field", at)


def test_a_mistake_inside_a_loop_is_told_once() -> None:
    assert [finding.message for finding in read("event.items.all(item, item.skuu == 'a')")[1].findings] == [
        '"item.skuu" is not declared for purchase.completed.'
    ]


def test_kinds_join_to_what_both_allow() -> None:
    assert join([TEXT, TEXT]) == TEXT
    assert join([TEXT, of_value(3)]) == ANY
    assert join([]) == ANY
    assert join([of_value(["a"]), of_value([])]).entry == TEXT
    group = join([of_value({"a": 1, "b": "x"}), of_value({"a": 2.5})])
    assert group.fields == {"a": Kind("number"), "b": Kind("text", maybe=True)}


def test_a_name_in_a_text_is_found_or_told() -> None:
    found = known().find("start", "items", "first", "sku")
    assert isinstance(found, Kind) and found.name == "text"
    assert known().find("start", "items", "size") == of_value(3)
    assert known().find("company", "name") == ANY
    wrong = known().find("start", "product", "nmae")
    assert isinstance(wrong, Unknown)
    assert (wrong.message, wrong.hint) == (
        '"start.product.nmae" is not declared for purchase.completed.',
        'Did you mean "name"?',
    )
