"""Kinds of values in expressions: what was declared, and what CEL makes of it.

A number of an event may come with or without a fraction, which CEL keeps apart (``whole``, ``fraction``); ``number`` is
either. Dates, moments and amounts of money are texts in the data; their family is ``text``, and their name says more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from journey.declared.fields import DeclaredField, Fields

FAMILIES = {
    "text": "text", "words": "text", "date": "text", "moment": "text", "amount": "text", "currency": "text",
    "whole": "number", "fraction": "number", "number": "number",
    "truth": "truth", "time": "time", "length": "length", "list": "list", "group": "group", "money": "group",
    "nothing": "nothing", "any": "any", "optional": "optional",
}  # fmt: skip
"""Each kind and its family: what may be compared with what."""

TITLES = {
    "text": "a text", "words": "a text", "date": "a date written as text",
    "moment": "a point in time written as text", "amount": "an amount of money written as text",
    "currency": "a currency", "whole": "a number", "fraction": "a number", "number": "a number",
    "truth": "true or false", "time": "a point in time", "length": "a length of time", "list": "a list",
    "group": "a group of fields", "money": "money", "nothing": "null", "any": "a value",
    "optional": "a value that may be missing",
}  # fmt: skip
"""Each kind in a few words."""

_PLAIN = {"text": "text", "number": "number", "whole number": "whole", "yes/no": "truth", "anything": "any"}


@dataclass(frozen=True)
class Kind:
    """A kind of value. ``maybe``: it may be missing. ``fields``: those of a group, None if nothing is known of them."""

    name: str
    maybe: bool = False
    fields: "Mapping[str, Kind] | None" = field(default=None, hash=False)
    entry: "Kind | None" = None
    declared: DeclaredField | None = field(default=None, hash=False)
    origin: str = ""
    """Where its fields are declared, in words: ``purchase.completed``."""

    @cached_property
    def perhaps(self) -> "Kind":
        """The same kind where it may be missing."""
        return self if self.maybe else replace(self, maybe=True)

    @property
    def family(self) -> str:
        """What it may be compared with."""
        return FAMILIES[self.name]

    @property
    def title(self) -> str:
        """The kind in a few words: ``a number``."""
        return TITLES[self.name]

    @property
    def words(self) -> tuple[str, ...]:
        """The texts that are possible; none for any text."""
        return (self.declared.one_of or ()) if self.declared is not None else ()


ANY, TEXT, WHOLE, FRACTION, NUMBER = Kind("any"), Kind("text"), Kind("whole"), Kind("fraction"), Kind("number")
TRUTH, TIME, LENGTH, NOTHING, LIST = (
    Kind("truth"),
    Kind("time"),
    Kind("length"),
    Kind("nothing"),
    Kind("list"),
)
GROUP = Kind("group")
MONEY_FIELDS = {"amount": Kind("amount"), "currency": Kind("currency")}


def of(declared: DeclaredField, origin: str = "") -> Kind:
    """The kind of a declared field."""
    known = {"maybe": declared.optional, "declared": declared, "origin": origin}
    if declared.fields is not None:
        return Kind("group", fields=of_fields(declared.fields, origin), **known)  # type: ignore[arg-type] # see known
    if declared.list_of is not None:
        return Kind("list", entry=of(declared.list_of, origin), **known)  # type: ignore[arg-type] # see known
    if declared.one_of is not None:
        return Kind("words", **known)  # type: ignore[arg-type] # see known
    if declared.type == "money":
        return Kind("money", fields=MONEY_FIELDS, **known)  # type: ignore[arg-type] # see known
    name = _PLAIN.get(declared.type or "", declared.type or "any")
    return Kind(name, **known)  # type: ignore[arg-type] # see known


def of_fields(fields: Fields, origin: str = "") -> dict[str, Kind]:
    """The kinds of declared fields, by name."""
    return {name: of(declared, origin) for name, declared in fields.items()}


def of_value(value: object) -> Kind:
    """The kind of a value as written in a definition."""
    if isinstance(value, bool):
        return TRUTH
    if isinstance(value, int):
        return WHOLE
    if isinstance(value, float):
        return FRACTION
    if isinstance(value, str):
        return TEXT
    if isinstance(value, list):
        return Kind("list", entry=join([of_value(one) for one in value]) if value else None)
    if isinstance(value, Mapping):
        return Kind("group", fields={str(key): of_value(one) for key, one in value.items()})
    return NOTHING


def join(kinds: list[Kind]) -> Kind:
    """The kind of a value that is one of these: the same if they agree, else what their family allows."""
    if not kinds:
        return ANY
    first, *others = kinds
    if all(other == first for other in others):
        return first
    maybe = any(kind.maybe for kind in kinds)
    families = {kind.family for kind in kinds}
    if families == {"number"}:
        return replace(NUMBER, maybe=maybe)
    if families == {"text"}:
        return replace(TEXT, maybe=maybe)
    if families == {"list"}:
        entries = [kind.entry for kind in kinds if kind.entry is not None]
        return Kind("list", maybe=maybe, entry=join(entries) if entries else None)
    if families == {"group"} and all(kind.fields is not None for kind in kinds):
        return Kind(
            "group", maybe=maybe, fields=_joined(kinds), origin=" or ".join(sorted({k.origin for k in kinds} - {""}))
        )
    return replace(ANY, maybe=maybe)


def _joined(kinds: list[Kind]) -> dict[str, Kind]:
    """The fields of any of these groups; one that some group lacks may be missing."""
    groups = [kind.fields or {} for kind in kinds]
    names = dict.fromkeys(name for group in groups for name in group)
    joined = {name: join([group[name] for group in groups if name in group]) for name in names}
    return {
        name: kind if all(name in group for group in groups) else replace(kind, maybe=True)
        for name, kind in joined.items()
    }
