"""A customer's row as what was said and when, and back (``journey.identity``)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from journey.identity import LONG_AGO, Said, Sayings
from store.tables import customer

TEXTS = (
    "email", "name", "first_name", "last_name", "phone", "locale", "time_zone", "birth_date", "gender",
    "organisation_id",
)  # fmt: skip
CONTACT = (*TEXTS, "address")
"""The values that have a column of their own; every other one is an attribute."""

FRESH = "new"
"""Ruled by nothing yet: there is nothing to work out of a record that has just been made."""

_ATTRIBUTE = "attributes."


def sayings(row: Mapping[str, Any]) -> dict[str, Said]:
    """What a row says, each value with its moment."""
    moments = row["said"] or {}
    values = {name: row[name] for name in CONTACT if row[name] is not None or name in moments}
    values |= {_ATTRIBUTE + name: value for name, value in row["attributes"].items()}
    return {name: Said(value, _moment(moments.get(name))) for name, value in values.items()}


def columns(row: Mapping[str, Any], said: Sayings) -> dict[str, Any]:
    """The columns of a row that change when these things are said; none if nothing is."""
    if not said:
        return {}
    contact = {name: fitting(name, one.value) for name, one in said.items() if name in CONTACT}
    attributes = {name.removeprefix(_ATTRIBUTE): one.value for name, one in said.items() if name not in contact}
    moments = {name: _text(one.at) for name, one in said.items()}
    changes: dict[str, Any] = {**contact, "said": {**row["said"], **moments}}
    if attributes:
        changes["attributes"] = {**row["attributes"], **attributes}
    return {name: value for name, value in changes.items() if name not in row or value != row[name]}


def said_by(given: Mapping[str, Any], occurred_at: datetime | None, accepted_at: datetime) -> dict[str, Said]:
    """What an event says about its customer; what it leaves out or leaves empty it does not say. Nothing was said later
    than we heard it, whatever the sender's clock shows."""
    at = min(occurred_at or accepted_at, accepted_at)
    parts = [str(given[part]).strip() for part in ("first_name", "last_name") if given.get(part)]
    given = {**given, "name": given.get("name") or " ".join(parts)}
    said = {name: Said(fitting(name, given[name]), at) for name in CONTACT if given.get(name) not in (None, "")}
    attributes = given.get("attributes") or {}
    return said | {_ATTRIBUTE + name: Said(value, at) for name, value in attributes.items()}


def said_now(values: Mapping[str, Any], at: datetime) -> dict[str, Said]:
    """Contact fields and attributes by their bare names, as journeys set them; what is empty is said too."""
    return {
        name if name in CONTACT else _ATTRIBUTE + name: Said(fitting(name, value) if name in CONTACT else value, at)
        for name, value in values.items()
    }


def whole(said: Sayings) -> dict[str, Any]:
    """All columns of a row that says this and nothing else."""
    blank: dict[str, Any] = {**dict.fromkeys(CONTACT), "attributes": {}, "said": {}}
    return blank | columns({**dict.fromkeys(CONTACT), "attributes": {}, "said": {}}, said)


def fitting(name: str, value: Any) -> Any:
    """A contact field as its column takes it: an address as an object, everything else as a text that is no longer than
    the column. A journey may set anything, and PostgreSQL would refuse."""
    if name not in TEXTS:
        return value if isinstance(value, dict) else None
    return None if value is None else str(value)[: getattr(customer.c[name].type, "length", None) or 255]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else LONG_AGO
