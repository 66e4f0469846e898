"""The contract of a sender."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from starlette.datastructures import Headers

from gateway import refusals
from journey.declared.source import Source

TOLERANCE_SECONDS = 300
"""How far the moment in a signature may be from ours: an old request cannot be played back."""


@dataclass(frozen=True)
class Label:
    """What a message is called by its sender: its name (which rule is for it), its id (the same in every repetition)
    and when it happened."""

    name: str
    id: str
    at: datetime | None = None


class Sender(Protocol):
    """One kind of upstream system."""

    def verify(self, headers: Headers, body: bytes, secrets: Sequence[str], now: datetime) -> None:
        """Raise `BadSignature` unless one of the secrets signed the body. Two are in force while one is exchanged."""

    def label(self, headers: Headers, message: Mapping[str, Any], source: Source, now: datetime) -> Label:
        """What the message is called; '' for what it does not say."""

    def lasting(self, message: dict[str, Any]) -> dict[str, Any]:
        """The part of the message that stays the same when it is sent again."""


def signature(secret: bytes, signed: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.new(secret, signed, hashlib.sha256).digest()


def encoded(digest: bytes) -> str:
    """A digest in base64."""
    return base64.b64encode(digest).decode("ascii")


def matches(offered: Sequence[str], right: Sequence[str]) -> bool:
    """Whether one of the offered signatures is one of the right ones; every pair is compared, always."""
    pairs = [(one.encode("utf-8", "surrogatepass"), other.encode("ascii")) for one in offered for other in right]
    return sum(hmac.compare_digest(one, other) for one, other in pairs) > 0


def in_time(seconds: str, now: datetime, header: str) -> None:
    """Refuse a signature made at another time than about now; `seconds` counts from 1970."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        raise refusals.BadSignature(header, "It says no time.", "Send the seconds since 1970.")
    if abs(now.timestamp() - int(seconds)) > TOLERANCE_SECONDS:
        raise refusals.BadSignature(
            header, f"It was made more than {TOLERANCE_SECONDS // 60} minutes ago, or ahead.", "Check the clocks."
        )


def moment_of(value: object) -> datetime | None:
    """A moment in ISO 8601, or in seconds since 1970; None for anything else, since a sender's slip is no reason to
    refuse what it says."""
    try:
        if isinstance(value, str):
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 4_102_444_800:
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError):
        pass
    return None


def text_of(value: object) -> str:
    """A text or a number as text; '' for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value)
