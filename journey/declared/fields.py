"""The type of one value, as an author writes it: ``text``, ``optional list of whole number``, or a group of keys.

The short form is one line (``order_id: text``); the long form says more (``one of``, ``fields``, ``description``).
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from journey.model import Frozen, Mistake
from journey.problems import did_you_mean

FIELD = r"^[A-Za-z_][A-Za-z0-9_]{0,79}$"
"""What a field may be called, so that an expression can name it."""

TypeName = Literal[
    "text", "number", "whole number", "yes/no", "date", "moment", "amount", "currency", "money", "anything"
]
TYPES: dict[str, str] = {
    "text": "any text",
    "number": "a number, for example 7 or 7.5",
    "whole number": "a number without a fraction",
    "yes/no": "true or false",
    "date": 'a day as text, for example "2027-03-31"',
    "moment": 'a point in time as text with its zone, for example "2027-03-31T09:30:00Z"',
    "amount": 'an amount of money as text, for example "49.00"; its currency stands in a field beside it',
    "currency": 'a currency as three capital letters, for example "EUR"',
    "money": 'an amount with its currency, for example {"amount": "49.00", "currency": "EUR"}',
    "anything": "any value; nothing is known of what is inside",
}
"""The plain types, each with its meaning."""

NUMBERS = ("number", "whole number")

_SHORT = re.compile(r"(?P<optional>optional\s+)?(?P<lists>(?:list of\s+)*)(?P<type>.+)")
_FORMS = ("type", "one of", "fields", "list of")


class DeclaredField(Frozen):
    """The type of a value, in one of four forms: a plain type, one of a few words, a group of fields, a list."""

    type: Annotated[TypeName | None, Field(description=f"the type: {', '.join(TYPES)}")] = None
    one_of: Annotated[
        tuple[Annotated[str, Field(max_length=200)], ...] | None,
        Field(alias="one of", min_length=1, max_length=500, description="the texts that are possible"),
    ] = None
    fields: Annotated["Fields | None", Field(description="a group: its fields, each with its type")] = None
    list_of: Annotated[
        "DeclaredField | None", Field(alias="list of", description="a list: the type of its entries")
    ] = None
    optional: Annotated[bool, Field(description="true: it may be missing")] = False
    closed: Annotated[bool, Field(description="true: the group may hold no other fields than these")] = False
    at_least: Annotated[float | None, Field(alias="at least", description="the smallest number")] = None
    at_most: Annotated[float | None, Field(alias="at most", description="the largest number")] = None
    description: Annotated[str, Field(max_length=1000, description="what it means, for people")] = ""
    example: Annotated[Any, Field(description="a value as it may come")] = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Both forms, for editors: the one line and the group of keys."""
        made = handler.resolve_ref_schema(handler(core))
        long_form = dict(made)
        names = "|".join(TYPES)
        short_form = {
            "type": "string",
            "pattern": f"^(optional +)?(list of +)*({names})$",
            "description": "the type in one line: " + ", ".join(TYPES) + "; also optional … and list of …",
            "examples": ["text", "optional whole number", "list of text"],
        }
        made.clear()
        made["anyOf"] = [short_form, long_form]
        return made

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, written: Any) -> Any:
        if not isinstance(written, str):
            if not isinstance(written, (dict, cls)):
                raise Mistake("a type is expected here", hint=_known_types(""), rule="field-type")
            return written
        found = _SHORT.fullmatch(written.strip())
        if found is None:
            raise Mistake("the type is missing", hint=_known_types(""), rule="field-type")
        value: dict[str, Any] = {"type": found["type"]}
        if found["type"] not in TYPES:
            raise Mistake(f'"{found["type"]}" is not a type', hint=_known_types(found["type"]), rule="field-type")
        for _ in range(found["lists"].count("list of")):
            value = {"list of": value}
        return {**value, "optional": True} if found["optional"] else value

    @model_validator(mode="after")
    def _one_form(self) -> "DeclaredField":
        given = [name for name, value in zip(_FORMS, self._forms(), strict=True) if value is not None]
        if not given:
            raise Mistake("the type is missing", hint="Write type:, one of:, fields: or list of:.", rule="field-type")
        if len(given) > 1:
            raise Mistake(
                f'"{given[0]}" and "{given[1]}" cannot stand together',
                given[1],
                hint="Keep one of the two.",
                rule="field-type",
            )
        if self.closed and self.fields is None:
            raise Mistake('"closed" belongs to a group with fields', "closed", hint="Remove it.", rule="field-type")
        for key, bound in (("at least", self.at_least), ("at most", self.at_most)):
            if bound is not None and self.type not in NUMBERS:
                raise Mistake(
                    f'"{key}" belongs to a number', key, hint="Remove it, or write type: number.", rule="field-type"
                )
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise Mistake(
                "no number is that large and that small", "at most", hint="Exchange the two.", rule="field-type"
            )
        return self

    def _forms(self) -> tuple[object, ...]:
        return self.type, self.one_of, self.fields, self.list_of

    @property
    def title(self) -> str:
        """The type in a few words, as the short form writes it: ``optional list of text``."""
        return f"{'optional ' if self.optional else ''}{self._name}"

    @property
    def _name(self) -> str:
        if self.list_of is not None:
            return f"list of {self.list_of.title}"
        if self.one_of is not None:
            return f"one of {', '.join(self.one_of)}"
        return self.type or "group"


FieldName = Annotated[str, Field(pattern=FIELD)]
Fields = dict[FieldName, DeclaredField]
"""The fields of a group, by name."""

DeclaredField.model_rebuild()


def paths(fields: Fields, before: str = "") -> Iterator[tuple[str, DeclaredField]]:
    """Every field by its path, in order: ``product``, ``product.sku``; what is inside a list is left out."""
    for name, field in fields.items():
        yield f"{before}{name}", field
        if field.fields is not None:
            yield from paths(field.fields, f"{before}{name}.")


def _known_types(word: str) -> str:
    hint = did_you_mean(word.removeprefix("a "), TYPES)
    return hint if hint.startswith("Did") else f"The types are {', '.join(TYPES)}; also optional … and list of …."
