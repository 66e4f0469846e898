"""What journeys need of events, and which of them a sender's own schema would break."""

from typing import Any

from jsonschema import Draft202012Validator

from journey import contract
from journey.library import Library
from journey.load import load
from tests.journey.folders import shipped_files

COMPANY = "company: Example\nmail from: Example <hello@example.org>\nwebsite: https://example.org\n"
JOURNEY = """journey: story
title: A story
owner: tests@example.org
start:
  on: bought
  if: event.total > 5.0 && has(event.gift) && event.gift.wrapped
  key: event.order.id
exit:
  - {on: sent-back, if: event.order == start.order.id, as: refunded}
steps:
  - send: hello
  - wait: {for: answered, if: event.order == start.order.id, up to: 2 days, into: answer}
  - choose:
      - if: vars.answer.score > 3
        do:
          - note: Glad.
      - if: start.?channel.orValue("") == "web"
        do: []
      - else: []
"""
HELLO = """---
subject: Hello {{ customer.name | default: "you" }}
class: transactional
---
Thank you for {{ start.product.name }}, {{ start.product.colour | default: "in black" }}.
{% if start.voucher %}Your voucher is {{ start.voucher.code }}.{% endif %}
"""


def library(**more: str) -> Library:
    files = {"company.yaml": COMPANY, "story.yaml": JOURNEY, "messages/hello.md": HELLO}
    return load(files | {name.replace("__", "/"): text for name, text in more.items()})


def needed(event: str, of: Library | None = None) -> dict[str, bool]:
    """Each needed path, and whether it has to be there."""
    found: dict[str, bool] = {}
    for need in contract.needs(of or library()):
        if need.event == event:
            path = "/".join(need.path)
            found[path] = found.get(path, False) or not need.optional
    return found


def test_a_need_is_whatever_is_read_of_an_event_now_or_later() -> None:
    assert needed("bought") == {
        "total": True,
        "gift": False,
        "gift/wrapped": False,
        "order/id": True,
        "channel": False,
        "product/name": True,
        "product/colour": False,
        "voucher": False,
        "voucher/code": False,
    }
    assert needed("answered") == {"order": True, "score": True}
    assert needed("sent-back") == {"order": True}
    assert contract.hears(library()) == {"answered": ["story"], "bought": ["story"], "sent-back": ["story"]}


def test_the_schema_takes_what_is_enough_and_refuses_what_is_not() -> None:
    made = contract.schema(library(), "bought")
    Draft202012Validator.check_schema(made)
    judge = Draft202012Validator(made)
    enough: dict[str, Any] = {"customer": {}, "total": 7, "order": {"id": "o"}, "product": {"name": "Lamp"}}
    assert judge.is_valid(enough)
    for missing in ("total", "order", "product", "customer"):
        assert not judge.is_valid({name: value for name, value in enough.items() if name != missing})
    assert not judge.is_valid(enough | {"product": {}})
    said = made["properties"]["product"]["properties"]["name"]["description"]
    assert said == "needed by story (the text hello)"


def test_the_kinds_are_those_that_are_declared_and_what_may_be_missing_is_not_demanded() -> None:
    made = contract.schema(load(shipped_files()), "purchase.completed")
    assert made["properties"]["order_id"]["type"] == "string"
    assert "needs_setup" not in made["properties"]["product"]["required"]
    assert {"name"} <= set(made["properties"]["product"]["required"])


def gaps(given: dict[str, Any], event: str = "bought") -> dict[str, tuple[str, bool]]:
    return {"/".join(gap.path): (gap.what, gap.breaks) for gap in contract.gaps(library(), event, given)}


FULL: dict[str, Any] = {
    "type": "object",
    "required": ["total", "order", "product"],
    "properties": {
        "total": {"type": "number"},
        "gift": {"type": "object"},
        "channel": {"type": "string"},
        "voucher": {"type": "object", "properties": {"code": {}}},
        "order": {"$ref": "#/$defs/order"},
        "product": {
            "allOf": [{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}],
            "properties": {"colour": {}},
        },
    },
    "$defs": {"order": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}},
}


def test_a_schema_that_promises_everything_breaks_nothing() -> None:
    assert {path: said for path, said in gaps(FULL).items() if said[1]} == {}
    assert set(gaps(FULL)) <= {"gift/wrapped"}


def test_what_is_not_there_breaks_the_journeys_that_need_it_and_no_other() -> None:
    without = {**FULL, "properties": {**FULL["properties"], "product": {"type": "object", "properties": {}}}}
    found = gaps(without)
    assert found["product/name"] == ('"name" is not there.', True)
    assert found["product/colour"] == ('"colour" is not there.', False)
    assert "total" not in found


def test_what_may_be_missing_is_said_and_breaks_nothing() -> None:
    assert gaps(FULL | {"required": ["order", "product"]})["total"] == ('"total" may be missing.', False)
    assert gaps({"type": "object"})["total"] == ('"total" is not described.', False)
    closed = gaps({"type": "object", "additionalProperties": False})
    assert closed["total"] == ('"total" is not there.', True)


def test_a_value_of_another_kind_breaks_what_compares_it() -> None:
    """As far as kinds are declared."""
    declared = "event: bought\ntitle: Bought\nfields: {total: number, order: {fields: {id: text}}, product: anything}\n"
    more = "gift: {fields: {wrapped: yes/no}, optional: true}, channel: optional text, voucher: optional anything"
    declared = declared.replace("product: anything", f"product: anything, {more}")
    others = {
        f"events__{name}.yaml": f"event: {name}\ntitle: X\nfields: {{order: text, score: number}}\n"
        for name in ("answered", "sent-back")
    }
    known = library(**{"events__bought.yaml": declared}, **others)
    given = {**FULL, "properties": {**FULL["properties"], "total": {"type": ["string", "null"]}}}
    found = {"/".join(gap.path): gap for gap in contract.gaps(known, "bought", given)}
    assert (found["total"].what, found["total"].breaks) == ("It is string, not number.", True)
    assert found["total"].sentence() == "/total: It is string, not number. story breaks (start.if)."
