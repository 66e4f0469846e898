"""What conditions and texts can see of a customer record."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from journey.record import habits, loyalty, products
from journey.record.rules import NONE, Rules

CONTACT = (
    "id", "email", "name", "first_name", "last_name", "phone", "locale", "time_zone", "birth_date", "gender", "address",
)  # fmt: skip
"""What events say about a person."""

ALWAYS: dict[str, Any] = {
    "orders": 0, "orders_last_year": 0, "consents": (), "declined": (), "owns": (), "products": (), "recommended": (),
    "points": 0, "segments": (), "open_complaints": 0,
}  # fmt: skip
"""What follows from the rest of the record and is always there, with what it is before anything has happened."""

FOLLOWS = (
    *ALWAYS, "organisation", "age", "lifetime_value", "average_order", "currency", "first_purchase", "last_purchase",
    "usual_days", "days_since_purchase", "churn_risk", "tier", "points_to_next_tier", "preferred_channel",
)  # fmt: skip
"""All that follows from the rest of the record."""

FIELDS = (*CONTACT, "tags", *FOLLOWS)
"""Every field that is no attribute."""

READ_ONLY = ("id", "email", "tags", *FOLLOWS)
"""Fields that only events or the record itself change."""


def facts(record: Mapping[str, Any], rules: Rules = NONE, now: datetime | None = None) -> dict[str, Any]:
    """The record as ``customer.*``: contact fields that are known, what follows from the rest of the record, tags, and
    every attribute.

    ``record`` holds the contact fields, ``tags`` (list), ``attributes`` (object), and what follows, each under its name
    or worked out from ``derived`` (``store.derived``) by the rules; an attribute never hides anything else. Without
    ``now`` nothing is worked out that depends on the day.
    """
    known = {field: record[field] for field in CONTACT if record.get(field) not in (None, "", {})}
    said = {name: record[name] for name in FOLLOWS if record.get(name) is not None}
    return {
        **dict(record.get("attributes") or {}),
        **known,
        **_names(known),
        **{name: list(value) if isinstance(value, tuple) else value for name, value in ALWAYS.items()},
        **_follows(record.get("derived") or {}, rules, now),
        **_preferred(record.get("attributes") or {}),
        **({"age": age(str(known["birth_date"]), now.date())} if now and "birth_date" in known else {}),
        **said,
        "tags": sorted(record.get("tags") or ()),
    }


def _names(known: Mapping[str, Any]) -> dict[str, str]:
    """The whole name from its parts, the first name from the whole, as far as they are known."""
    parts = [str(known[part]).strip() for part in ("first_name", "last_name") if part in known]
    name = str(known.get("name") or "").strip() or " ".join(parts)
    first = str(known.get("first_name") or "").strip() or next(iter(name.split()), "")
    return {key: value for key, value in (("name", name), ("first_name", first)) if value}


KEPT = (*habits.SHOWN, "consents", "declined", "open_complaints", "preferred_channel", "segments")
"""What is kept under ``derived`` as it is seen."""


def _follows(derived: Mapping[str, Any], rules: Rules, now: datetime | None) -> dict[str, Any]:
    has = derived.get("owned", ())
    skus = sorted({one["sku"] for one in has})
    found = {name: derived[name] for name in KEPT if name in derived}
    found |= {"owns": skus}
    if now is not None:
        found |= habits.today(derived, now) | loyalty.standing(rules.loyalty, derived, now)
        found |= {
            "products": products.had(has, rules.products, now.date()),
            "recommended": products.recommended(skus, rules.products, now.date()),
        }
    return found


def _preferred(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What customers say themselves of the way they want to be reached goes before what they do."""
    said = attributes.get("preferred_channel")
    return {"preferred_channel": said} if isinstance(said, str) and said else {}


def age(birth_date: str, today: date) -> int | None:
    """In whole years on a day; None if the day of birth cannot be read."""
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def choose(known: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """Only the named fields, as far as they exist."""
    return {field: known[field] for field in fields if field in known}
