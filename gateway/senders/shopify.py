"""Shopify webhooks, both families of headers: `X-Shopify-Topic` and the newer `shopify-topic`.

https://shopify.dev/docs/apps/build/webhooks: the signature is base64(HMAC-SHA256(secret, body)).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.datastructures import Headers

from gateway import refusals
from gateway.senders.base import Label, encoded, matches, moment_of, signature
from journey.declared.source import Source


class Shopify:
    """Named by topic (`orders/paid`); known by shop, topic and event."""

    def verify(self, headers: Headers, body: bytes, secrets: Sequence[str], now: datetime) -> None:
        """See `Sender`."""
        right = [encoded(signature(secret.encode(), body)) for secret in secrets]
        if not matches([_header(headers, "hmac-sha256")], right):
            raise refusals.BadSignature(
                "header X-Shopify-Hmac-Sha256", "It does not fit the body and the secret.", "Check the app's secret."
            )

    def label(self, headers: Headers, message: Mapping[str, Any], source: Source, now: datetime) -> Label:
        """See `Sender`."""
        topic, action = _header(headers, "topic"), _header(headers, "action")
        name = f"{topic}/{action}" if action and "/" not in topic else topic
        number = _header(headers, "event-id") or _header(headers, "webhook-id")
        known = " ".join((_header(headers, "shop-domain"), name, number)) if number else ""
        return Label(name, known, moment_of(_header(headers, "triggered-at")))

    def lasting(self, message: dict[str, Any]) -> dict[str, Any]:
        """See `Sender`."""
        return message


def _header(headers: Headers, name: str) -> str:
    return headers.get(f"x-shopify-{name}") or headers.get(f"shopify-{name}") or ""
