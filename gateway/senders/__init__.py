"""Upstream systems that send messages of their own: what proves who sent one, and what it is called. One file each."""

from gateway.senders.base import Sender
from gateway.senders.plain import Plain
from gateway.senders.shopify import Shopify
from gateway.senders.standard import Standard
from gateway.senders.stripe import Stripe
from journey.declared.source import SentBy

SENDERS: dict[SentBy, Sender] = {
    "shopify": Shopify(),
    "stripe": Stripe(),
    "standard webhooks": Standard(),
    "json": Plain(),
}
"""Each kind of sender, as a source names it (`sent by:`); `segment` has doors of its own."""
