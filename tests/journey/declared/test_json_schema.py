"""Declarations as JSON Schema and back: the two say the same."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from journey.declared.event import DeclaredEvent
from journey.declared.fields import TYPES, DeclaredField
from journey.declared.json_schema import exported, imported
from journey.model import Mistake
from tests.journey.folders import shipped


def names() -> st.SearchStrategy[str]:
    return st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True).filter(lambda name: name != "customer")


def a_field() -> st.SearchStrategy[dict[str, Any]]:
    plain = st.sampled_from(sorted(TYPES)).map(lambda name: {"type": name})
    words = st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=3, unique=True)
    simple = plain | words.map(lambda said: {"one of": said})
    return st.recursive(
        simple,
        lambda inner: (
            inner.map(lambda one: {"list of": one})
            | st.tuples(st.dictionaries(names(), with_optional(inner), min_size=1, max_size=3), st.booleans()).map(
                lambda made: {"fields": made[0], "closed": made[1]}
            )
        ),
        max_leaves=6,
    )


def with_optional(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(inner, st.booleans()).map(lambda made: {**made[0], "optional": made[1]})


EVENTS = st.tuples(st.dictionaries(names(), with_optional(a_field()), max_size=4), st.booleans()).map(
    lambda made: DeclaredEvent.model_validate(
        {"event": "a.b", "title": "An event", "fields": made[0], "closed": made[1]}
    )
)


@given(EVENTS)
@settings(max_examples=150, deadline=None)
def test_a_declaration_comes_back_from_its_schema_as_it_was(event: DeclaredEvent) -> None:
    assert imported("a.b", exported(event)) == event


VALUES = st.recursive(
    st.sampled_from(["", "a", "2027-03-31", "2027-03-31T09:30:00Z", "49.00", "EUR", 0, 1, 2.5, True, None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names() | st.just("amount"), inner, max_size=2),
    max_leaves=4,
)


@given(a_field(), VALUES.filter(lambda value: value is not None))
@settings(max_examples=300, deadline=None)
def test_the_schema_and_the_declaration_judge_alike(written: dict[str, Any], value: Any) -> None:
    field = DeclaredField.model_validate(written)
    event = DeclaredEvent.model_validate({"event": "a.b", "title": "An event", "fields": {"it": field}})
    data = {"customer": {}, "it": value}
    schema = Draft202012Validator(exported(event), format_checker=FormatChecker(["date"]))
    if "date-time" in str(written) or "moment" in str(written) or has_null(value):
        return  # the validator here knows no moments; and a null is a matter of the store of the sender
    assert bool(event.check(data)) == (not schema.is_valid(data))


def has_null(value: Any) -> bool:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(has_null(item) for item in inside)


@pytest.mark.parametrize("name", sorted(shipped().events))
def test_the_shipped_events_are_said_as_schemas_that_their_examples_fit(name: str) -> None:
    event = shipped().events[name]
    schema = exported(event)
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid({**(event.example or {}), "customer": {"id": "c-1"}})
    assert imported(name, schema).fields == event.fields


def test_what_a_declaration_cannot_say_is_told_with_its_place() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"oneOf": []}}}}}
    with pytest.raises(Mistake, match='"oneOf" cannot be said') as caught:
        imported("a.b", schema)
    assert caught.value.path == ("properties", "a", "properties", "b", "oneOf")


def test_a_value_that_may_be_null_is_optional_and_a_pattern_is_a_text() -> None:
    properties = {"a": {"type": ["string", "null"]}, "b": {"type": "string", "pattern": "^x"}}
    event = imported("a.b", {"type": "object", "properties": properties, "required": ["a", "b"]})
    assert {name: field.title for name, field in event.fields.items()} == {"a": "optional text", "b": "text"}
