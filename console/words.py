"""Words for people: times, amounts, names and states as the pages say them. Nothing here reads a clock."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from journey import durations

_UNITS = (
    ("second", 1.0, 90.0),
    ("minute", 60.0, 90 * 60.0),
    ("hour", 3600.0, 36 * 3600.0),
    ("day", 86_400.0, 60 * 86_400.0),
    ("month", 30.44 * 86_400, 23.5 * 30.44 * 86_400),
    ("year", 365.25 * 86_400, float("inf")),
)
"""A unit, its length, and up to which length it is used: 90 seconds, but two minutes."""


class State(NamedTuple):
    """A state in words; ``tone`` is its colour: good, quiet, busy, odd or bad."""

    words: str
    tone: str


KINDS = {
    "event": "event",
    "contact": "contact",
    "reply": "reply",
    "survey": "answer",
    "complaint": "complaint",
    "started": "began",
    "why": "why",
    "message": "message",
    "staff": "team",
    "task": "task",
    "note": "note",
    "set": "record",
    "ended": "ended",
    "trouble": "trouble",
    "merge": "merged",
}
"""The kinds of entries on a timeline, as they are called there."""

MESSAGES: Mapping[str, State] = {
    "intent": State("about to be sent", "busy"),
    "held": State("held back", "odd"),
    "claimed": State("being sent", "busy"),
    "at_dot": State("being handed over", "busy"),
    "accepted": State("sent", "good"),
    "refused": State("refused by the mail server", "bad"),
    "failed": State("failed", "bad"),
    "suppressed": State("not sent", "quiet"),
    "expired": State("not sent: too late", "quiet"),
    "unknown": State("may have been sent", "bad"),
}
LANES: Mapping[str, str] = {"email": "mail"}
EVENTS: Mapping[str, State] = {
    "new": State("new", "busy"),
    "routed": State("routed", "good"),
    "unmatched": State("unmatched", "quiet"),
    "parked": State("parked", "quiet"),
    "quarantined": State("quarantined", "bad"),
}
NOTICES: Mapping[str, State] = {
    "waiting": State("waiting", "busy"),
    "delivered": State("delivered", "good"),
    "dead": State("dead", "bad"),
}
CONSENT: Mapping[str, State] = {
    "given": State("agrees", "good"),
    "withdrawn": State("does not want it", "bad"),
}
COMPLAINTS: Mapping[str, State] = {
    "opened": State("open", "bad"),
    "answered": State("answered", "busy"),
    "rejected": State("answer rejected", "bad"),
    "accepted": State("settled", "good"),
    "withdrawn": State("withdrawn", "quiet"),
}
PURCHASES: Mapping[str, State] = {
    "completed": State("kept", "good"),
    "refunded": State("refunded", "quiet"),
}


def relative(at: datetime, now: datetime) -> str:
    """How far away a moment is: ``in 2 days``, ``3 hours ago``, ``now``."""
    seconds = (at - now).total_seconds()
    if abs(seconds) < 1:
        return "now"
    word, size, _ = next(unit for unit in _UNITS if abs(seconds) < unit[2])
    length = counted(max(1, round(abs(seconds) / size)), word)
    return f"in {length}" if seconds > 0 else f"{length} ago"


def exact(at: datetime) -> str:
    """``24 Nov 2026, 03:05 UTC``."""
    return f"{_utc(at).day} {_utc(at):%b %Y, %H:%M} UTC"


def in_full(at: datetime) -> str:
    """``Tuesday, 24 November 2026, 03:05:06 UTC``."""
    return f"{day(at)}, {clock(at)} UTC"


def day(at: datetime) -> str:
    """``Tuesday, 24 November 2026``."""
    return f"{_utc(at):%A}, {_utc(at).day} {_utc(at):%B %Y}"


def clock(at: datetime) -> str:
    """``03:05:06``, in UTC."""
    return f"{_utc(at):%H:%M:%S}"


def brief(at: datetime) -> str:
    """``24 Nov 03:05``, in UTC."""
    return f"{_utc(at).day} {_utc(at):%b %H:%M}"


def machine(at: datetime) -> str:
    """A moment for a ``datetime`` attribute."""
    return f"{_utc(at):%Y-%m-%dT%H:%M:%SZ}"


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def moment(text: str | None) -> datetime | None:
    """A moment that is kept as text, if it is one."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def counted(count: int, word: str, plural: str = "") -> str:
    """``1 journey``, ``2,000 journeys``."""
    return f"{count:,} {word if count == 1 else plural or word + 's'}"


def day_takes(pace: float) -> str:
    """How long a day of journey time takes at a pace: ``10 seconds``."""
    return durations.say(timedelta(days=1) / pace)


def who(row: Mapping[str, Any]) -> str:
    """What to call a customer: the name, else the address, else the shop's id, else ours."""
    for name in ("name", "email", "external_id"):
        value = str(row.get(name) or "").strip()
        if value:
            return short(value)
    return "customer" if not row.get("customer_id") else f"customer {row['customer_id']}"


def also(row: Mapping[str, Any]) -> str:
    """What else a customer is known by: the address or the shop's id, whichever ``who`` does not say."""
    known = (str(row.get(name) or "").strip() for name in ("email", "external_id"))
    return next((short(value) for value in known if value and short(value) != who(row)), "no address")


def short(text: Any, length: int = 80) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(str(text).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def plain(value: Any) -> str:
    """A value of a record as a person reads it: a text as it is, yes and no, everything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def laid_out(value: Any) -> str:
    """A structure as indented JSON, in the order of the alphabet: PostgreSQL does not keep the sender's order."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2)


def capital(text: str) -> str:
    """The text with its first letter in capitals; the others stay as they are."""
    return text[:1].upper() + text[1:]
