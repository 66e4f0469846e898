"""Any sender that follows Standard Webhooks (https://www.standardwebhooks.com), by its names or those of Svix."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.datastructures import Headers

from gateway import refusals
from gateway.senders.base import Label, encoded, in_time, matches, moment_of, signature, text_of
from journey.declared.source import Source


class Standard:
    """Named by `type` in its body; known by the header `webhook-id`."""

    def verify(self, headers: Headers, body: bytes, secrets: Sequence[str], now: datetime) -> None:
        """See `Sender`."""
        head = ".".join((_header(headers, "id"), _header(headers, "timestamp"), "")).encode("utf-8", "surrogatepass")
        versions = [part.partition(",") for part in _header(headers, "signature").split()]
        offered = [value for version, _, value in versions if version == "v1"]
        right = [encoded(signature(key, head + body)) for key in map(_key, secrets) if key]
        if not matches(offered, right):
            raise refusals.BadSignature(
                "header webhook-signature", "It does not fit the body and the secret.", "Check the secret (whsec_…)."
            )
        in_time(_header(headers, "timestamp"), now, "header webhook-timestamp")

    def label(self, headers: Headers, message: Mapping[str, Any], source: Source, now: datetime) -> Label:
        """See `Sender`."""
        return Label(text_of(message.get("type")), _header(headers, "id"), moment_of(message.get("timestamp")))

    def lasting(self, message: dict[str, Any]) -> dict[str, Any]:
        """See `Sender`."""
        return message


def _header(headers: Headers, name: str) -> str:
    return headers.get(f"webhook-{name}") or headers.get(f"svix-{name}") or ""


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return b""
