"""From a message of another system to an event, by the table of its source."""

from datetime import UTC, datetime
from typing import Any

from journey.declared.source import Source
from journey.translation import Translated, Untranslated, named, translate

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def source(*events: dict[str, Any], **more: Any) -> Source:
    said = {"source": "shop", "title": "A shop", "sent by": "json", "customer": {"id": "= event.who"}}
    return Source.model_validate(said | {"events": list(events) or [{"when": "*", "type": "x"}]} | more)


def made(table: Source, name: str, **message: Any) -> Translated:
    found = translate(table, name, {"who": "c-1", **message}, NOW)
    assert isinstance(found, Translated)
    return found


def reason(table: Source, name: str, **message: Any) -> str:
    found = translate(table, name, {"who": "c-1", **message}, NOW)
    assert isinstance(found, Untranslated)
    return found.reason


def test_values_are_worked_out_in_groups_and_lists_and_everything_else_is_taken_as_written() -> None:
    data = {"a": "= event.x + 1", "b": {"c": ["= event.y", "= event.who", 7, None]}, "d": "text", "e": True}
    found = made(source({"when": "sale", "type": "x.sold", "data": data}), "sale", x=1, y=None)
    assert found.data == {"a": 2, "b": {"c": ["c-1", 7]}, "d": "text", "e": True, "customer": {"id": "c-1"}}
    assert found.left_out == ()


def test_what_cannot_be_read_is_left_out_and_said() -> None:
    found = made(source({"when": "sale", "type": "x", "data": {"a": "= event.a.b", "c": 1}}), "sale")
    assert found.data == {"c": 1, "customer": {"id": "c-1"}}
    assert found.left_out == ("data.a: event.a is missing",)


def test_the_first_of_several_that_comes_to_something_counts() -> None:
    first = {"first of": ["= event.a", "= event.b", "= event.c", "none"]}
    table = source({"when": "sale", "type": "x", "data": {"v": first}})
    assert made(table, "sale", b="", c="there").data["v"] == "there"
    assert made(table, "sale", a=None).data["v"] == "none"
    assert made(table, "sale").left_out == ()


def test_without_data_the_whole_message_is_taken_and_one_expression_may_give_a_group() -> None:
    assert made(source(), "sale", a=1).data == {"who": "c-1", "a": 1, "customer": {"id": "c-1"}}
    inner = source({"when": "*", "type": "x", "data": "= event.inner"})
    assert made(inner, "sale", inner={"a": 1}).data == {"a": 1, "customer": {"id": "c-1"}}
    assert reason(inner, "sale", inner=7) == "its data is no group of fields (= event.inner)"
    assert reason(inner, "sale") == "its data is no group of fields (data: event.inner is missing)"


def test_the_first_rule_whose_name_and_condition_fit_counts() -> None:
    table = source(
        {"when": "sale", "if": "event.sum > 10", "type": "large"},
        {"when": ["sale", "deal"], "if": "event.sum > 5", "type": "middle"},
        {"when": "s*", "type": "= 'some.' + event.kind"},
    )
    assert [made(table, "sale", sum=value, kind="k").type for value in (11, 6, 1)] == ["large", "middle", "some.k"]
    assert made(table, "deal", sum=6).type == "middle"
    assert "event.sum > 5" in reason(table, "deal", sum=1)
    assert reason(table, "deal") == 'no condition of shop for "deal" is met (event.sum > 5: event.sum is missing)'
    assert reason(table, "else") == 'no rule of shop is for "else"'
    assert reason(table, "sale", sum=1) == "the type of the event cannot be read (type: event.kind is missing)"


def test_a_rule_adds_to_what_every_message_says_of_the_customer() -> None:
    table = source({"when": "*", "type": "x", "customer": {"id": "= event.other", "email": "= event.mail"}})
    assert made(table, "sale", other="c-2", mail="a@b.org").data["customer"] == {"id": "c-2", "email": "a@b.org"}


def test_messages_that_are_ignored_are_told_apart_from_those_without_a_rule() -> None:
    table = source(ignore=["page*", "ping"])
    ignored = [translate(table, name, {}, NOW) for name in ("page", "page Home", "ping", "pings")]
    assert [isinstance(one, Untranslated) and one.ignored for one in ignored] == [True, True, True, False]


def test_a_message_is_named_and_known_as_its_source_says() -> None:
    table = source(**{"named by": "event.kind", "known by": "string(event.number)"})
    assert named(table, {"kind": "sale", "number": 7}, NOW) == ("sale", "7")
    assert named(table, {"kind": {"a": 1}}, NOW) == ("", "")
