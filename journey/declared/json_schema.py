"""Declared events as JSON Schema (2020-12) for upstream developers, and from it, as far as the two say the same."""

from collections.abc import Mapping
from typing import Any

from journey.declared.event import DeclaredEvent
from journey.declared.fields import TYPES, DeclaredField, Fields
from journey.model import Mistake

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_AMOUNT = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,4})?$"}
_CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$"}
_PLAIN: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "whole number": {"type": "integer"},
    "yes/no": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
    "amount": _AMOUNT,
    "currency": _CURRENCY,
    "money": {
        "type": "object",
        "properties": {"amount": _AMOUNT, "currency": _CURRENCY},
        "required": ["amount", "currency"],
    },
    "anything": {},
}
_BOUNDS = (("minimum", "at least"), ("maximum", "at most"))
_NOTES = ("title", "description", "default", "deprecated", "$comment", "$schema", "$id", "readOnly", "writeOnly")
_READ = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "const", "format", "pattern"}
)


def exported(event: DeclaredEvent) -> dict[str, Any]:
    """The schema of the data of one type of event; the customer is a key of every one."""
    made = _group(event.fields, closed=event.closed)
    made["properties"]["customer"] = {"type": "object", "description": "whom it is about"}
    made["required"] = [*made.get("required", ()), "customer"]
    about = {"title": event.title, **({"description": event.description} if event.description else {})}
    examples = {"examples": [event.example]} if event.example is not None else {}
    return {"$schema": DIALECT, "$id": f"urn:wayfare:event:{event.event}", **about, **made, **examples}


def imported(event: str, schema: Mapping[str, Any]) -> DeclaredEvent:
    """The declaration that says what a JSON Schema says of an event's data; descriptions and titles are kept. Raises
    Mistake, with the place in the schema, for what a declaration cannot say (``oneOf``, ``$ref``, …)."""
    own = {name: inner for name, inner in schema.get("properties", {}).items() if name != "customer"}
    group = _read_group({**schema, "properties": own}, ())
    examples = schema.get("examples")
    return DeclaredEvent.model_validate(
        {
            "event": event,
            "title": schema.get("title") or event,
            "description": schema.get("description", ""),
            "closed": group.get("closed", False),
            "fields": group["fields"],
            "example": examples[0] if isinstance(examples, list) and examples else None,
        }
    )


def _group(fields: Fields, *, closed: bool) -> dict[str, Any]:
    required = [name for name, field in fields.items() if not field.optional]
    made: dict[str, Any] = {"type": "object", "properties": {name: _value(field) for name, field in fields.items()}}
    if required:
        made["required"] = required
    return made | ({"additionalProperties": False} if closed else {})


def _value(field: DeclaredField) -> dict[str, Any]:
    if field.fields is not None:
        made = _group(field.fields, closed=field.closed)
    elif field.list_of is not None:
        made = {"type": "array", "items": _value(field.list_of)}
    elif field.one_of is not None:
        made = {"enum": list(field.one_of)}
    else:
        made = dict(_PLAIN[field.type or "anything"])
    for name, bound in zip(("minimum", "maximum"), (field.at_least, field.at_most), strict=True):
        if bound is not None:
            made[name] = bound
    if field.description:
        made["description"] = field.description
    return made | ({"examples": [field.example]} if field.example is not None else {})


def _read_group(schema: Mapping[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
    if schema.get("type") != "object":
        raise Mistake("only an object with properties can be declared", *at, "type")
    properties, required = schema.get("properties", {}), schema.get("required", ())
    fields = {}
    for name, inner in properties.items():
        field = _read_value(inner, (*at, "properties", name))
        fields[name] = {**field, "optional": True} if name not in required else field
    return {"fields": fields, **({"closed": True} if schema.get("additionalProperties") is False else {})}


def _read_value(schema: Any, at: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        return {"type": "anything"}
    kinds = schema.get("type")
    if isinstance(kinds, list) and len(kinds) == 2 and "null" in kinds:  # null counts as missing
        [kind] = [kind for kind in kinds if kind != "null"]
        return {**_read_value({**schema, "type": kind}, at), "optional": True}
    made = _read_type(schema, at)
    for name, key in _BOUNDS:
        if name in schema:
            made[key] = schema[name]
    if isinstance(schema.get("description"), str):
        made["description"] = schema["description"]
    if isinstance(schema.get("examples"), list) and schema["examples"]:
        made["example"] = schema["examples"][0]
    return made


def _read_type(schema: Mapping[str, Any], at: tuple[str, ...]) -> dict[str, Any]:
    bare = {name: value for name, value in schema.items() if name not in (*_NOTES, "examples", "minimum", "maximum")}
    for unknown in bare.keys() - _READ:
        raise Mistake(f'"{unknown}" cannot be said in a declaration', *at, unknown)
    for name, plain in _PLAIN.items():
        if bare == plain:
            return {"type": name}
    if bare.get("type") == "object":
        return _read_group(schema, at) if "properties" in bare else {"type": "anything"}
    if bare.get("type") == "array" and set(bare) <= {"type", "items"}:
        return {"list of": _read_value(schema.get("items", True), (*at, "items"))}
    words = bare.get("enum", [bare["const"]] if "const" in bare else None)
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        return {"one of": words}
    if bare.get("type") == "string":
        return {"type": "text"}  # a pattern or format that no type has: the text is taken as it comes
    raise Mistake(f"this cannot be said in a declaration; the types are {', '.join(TYPES)}", *at)
