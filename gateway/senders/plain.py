"""Any system that can post JSON and show a key: its messages are named and known as the source says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.datastructures import Headers

from gateway.senders.base import Label, moment_of
from journey import translation
from journey.declared.source import Source


class Plain:
    """The key vouches for it."""

    def verify(self, headers: Headers, body: bytes, secrets: Sequence[str], now: datetime) -> None:
        """See `Sender`: there is no signature."""

    def label(self, headers: Headers, message: Mapping[str, Any], source: Source, now: datetime) -> Label:
        """See `Sender`."""
        name, known = translation.named(source, message, now)
        return Label(name, known, moment_of(message.get("time")))

    def lasting(self, message: dict[str, Any]) -> dict[str, Any]:
        """See `Sender`."""
        return message
