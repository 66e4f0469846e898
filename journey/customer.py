"""What conditions and texts can see of a customer record."""

from collections.abc import Mapping
from typing import Any

CONTACT = (
    "id", "email", "name", "first_name", "last_name", "phone", "locale", "time_zone", "birth_date", "gender", "address",
)  # fmt: skip
"""What events say about a person."""

FOLLOWS: dict[str, Any] = {"orders": 0, "consents": (), "declined": (), "organisation": None}
"""What follows from the rest of the record, and what it is before anything has happened (None: not known)."""

FIELDS = (*CONTACT, "tags", *FOLLOWS)
"""Every field that is no attribute."""

READ_ONLY = ("id", "email", "tags", *FOLLOWS)
"""Fields that only events or the record itself change."""


def facts(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as ``customer.*``: contact fields that are known, what follows from the rest of the record, tags, and
    every attribute.

    ``record`` holds the contact fields, ``tags`` (list), ``attributes`` (object), and what follows, each under its name
    or together under ``derived``; an attribute never hides anything else.
    """
    known = {field: record[field] for field in CONTACT if record.get(field) not in (None, "", {})}
    return {
        **dict(record.get("attributes") or {}),
        **known,
        **_names(known),
        **_follows(record),
        "tags": sorted(record.get("tags") or ()),
    }


def _names(known: Mapping[str, Any]) -> dict[str, str]:
    """The whole name from its parts, the first name from the whole, as far as they are known."""
    parts = [str(known[part]).strip() for part in ("first_name", "last_name") if part in known]
    name = str(known.get("name") or "").strip() or " ".join(parts)
    first = str(known.get("first_name") or "").strip() or next(iter(name.split()), "")
    return {key: value for key, value in (("name", name), ("first_name", first)) if value}


def _follows(record: Mapping[str, Any]) -> dict[str, Any]:
    derived = record.get("derived") or {}
    found = {name: record.get(name, derived.get(name)) for name in FOLLOWS}
    whole = {name: before if found[name] is None else found[name] for name, before in FOLLOWS.items()}
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in whole.items() if value is not None
    }


def choose(known: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Only the named fields, as far as they exist."""
    return {field: known[field] for field in fields if field in known}
