"""Stripe webhooks. https://docs.stripe.com/webhooks#verify-manually: `Stripe-Signature: t=…,v1=…` over `t.body`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.datastructures import Headers

from gateway import refusals
from gateway.senders.base import Label, in_time, matches, moment_of, signature, text_of
from journey.declared.source import Source

HEADER = "header Stripe-Signature"


class Stripe:
    """Named by type (`charge.refunded`); known by id (`evt_…`)."""

    def verify(self, headers: Headers, body: bytes, secrets: Sequence[str], now: datetime) -> None:
        """See `Sender`."""
        parts = [part.strip().partition("=") for part in headers.get("stripe-signature", "").split(",")]
        seconds = next((value for name, _, value in parts if name == "t"), "")
        offered = [value for name, _, value in parts if name == "v1"]
        signed = seconds.encode("utf-8", "surrogatepass") + b"." + body
        if not matches(offered, [signature(secret.encode(), signed).hex() for secret in secrets]):
            raise refusals.BadSignature(
                HEADER, "It does not fit the body and the secret.", "Check the secret (whsec_…)."
            )
        in_time(seconds, now, HEADER)

    def label(self, headers: Headers, message: Mapping[str, Any], source: Source, now: datetime) -> Label:
        """See `Sender`."""
        return Label(text_of(message.get("type")), text_of(message.get("id")), moment_of(message.get("created")))

    def lasting(self, message: dict[str, Any]) -> dict[str, Any]:
        """See `Sender`: how many endpoints are still to be told changes with every try."""
        return {name: value for name, value in message.items() if name != "pending_webhooks"}
