"""What conditions and texts can see of a customer record."""

from collections.abc import Mapping
from typing import Any

CONTACT = ("id", "email", "name", "locale", "time_zone", "phone")


def facts(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as ``customer.*``: contact fields that are known, first name, tags, orders, and every attribute.

    ``record`` holds the contact fields, ``tags`` (list), ``orders`` (count) and ``attributes`` (object); an attribute
    never hides a contact field.
    """
    known = {field: record[field] for field in CONTACT if record.get(field) not in (None, "")}
    name = str(known.get("name") or "").strip()
    if name:
        known["first_name"] = name.split()[0]
    return {
        **dict(record.get("attributes") or {}),
        **known,
        "tags": sorted(record.get("tags") or ()),
        "orders": int(record.get("orders") or 0),
    }


def choose(known: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Only the named fields, as far as they exist."""
    return {field: known[field] for field in fields if field in known}
