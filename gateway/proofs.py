"""What proves that a report came from the provider it names: SendGrid signs, SES by way of SNS signs, Postmark shows a
password.

A report that is played back is harmless: each is told once, by the name that its provider gives it.
"""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import load_pem_x509_certificate
from starlette.datastructures import Headers

from gateway import refusals
from gateway.senders.base import matches

Fetch = Callable[[str], Awaitable[bytes]]
"""Reads what stands at an address that has been looked at before. Raises OSError."""

_HOST = r"https://sns\.[a-z0-9-]{3,40}\.amazonaws\.com(?:\.cn)?"
CERTIFICATE = re.compile(_HOST + r"/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem")
SUBSCRIBE = re.compile(_HOST + r"/\?Action=ConfirmSubscription&[\w\-.~%=&:+/]{1,1500}")
"""Where SNS keeps its certificates and confirms subscriptions. Nothing else is ever fetched."""

_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


def sendgrid(headers: Headers, body: bytes, keys: Sequence[str]) -> None:
    """Raise BadSignature unless one of the public keys (base64, as SendGrid shows them) has signed: ECDSA over P-256
    with SHA-256, of the timestamp and the body."""
    stamp = headers.get("x-twilio-email-event-webhook-timestamp", "").encode("utf-8", "surrogateescape")
    given = headers.get("x-twilio-email-event-webhook-signature", "")
    for key in keys:
        try:
            public = serialization.load_der_public_key(base64.b64decode(key, validate=True))
            if isinstance(public, ec.EllipticCurvePublicKey):
                public.verify(base64.b64decode(given, validate=True), stamp + body, ec.ECDSA(hashes.SHA256()))
                return
        except (InvalidSignature, ValueError, binascii.Error):
            continue
    raise refusals.BadSignature(
        "header X-Twilio-Email-Event-Webhook-Signature",
        "It does not fit the body and the key.",
        "Give the verification key of the event webhook as WAYFARE_SECRET_SENDGRID.",
    )


def postmark(headers: Headers, body: bytes, passwords: Sequence[str]) -> None:
    """Raise BadSignature unless the request shows one of the passwords (``user:password``, RFC 7617); Postmark signs
    nothing."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    right = [base64.b64encode(one.encode()).decode() for one in passwords]
    if scheme.lower() != "basic" or not matches([given.strip()], right):
        raise refusals.BadSignature(
            "header Authorization", "It does not show the password.", "Write user:password@ into the webhook's address."
        )


class Sns:
    """Messages of the Simple Notification Service, proven by its certificate. ``fetch`` gets certificates, which are
    kept, and confirms subscriptions."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._keys: dict[str, rsa.RSAPublicKey] = {}

    async def verify(self, message: Mapping[str, Any], topics: Sequence[str]) -> None:
        """Raise BadSignature unless SNS has signed the message and it is of one of the topics (their ARNs)."""
        names = _SIGNED.get(str(message.get("Type")))
        if names is None or str(message.get("TopicArn")) not in topics:
            raise refusals.BadSignature(
                "TopicArn", "It is not a topic that we listen to.", "Name its ARN in WAYFARE_SECRET_SES."
            )
        signed = "".join(f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None)
        hash_ = hashes.SHA256() if message.get("SignatureVersion") == "2" else hashes.SHA1()  # noqa: S303  theirs
        try:
            key = await self._key(str(message.get("SigningCertURL")))
            signature = base64.b64decode(str(message.get("Signature")), validate=True)
            key.verify(signature, signed.encode("utf-8", "surrogatepass"), padding.PKCS1v15(), hash_)
        except (InvalidSignature, ValueError, binascii.Error):
            raise refusals.BadSignature(
                "Signature", "It does not fit the message.", "Let SNS send the messages as they are, not raw."
            ) from None

    async def confirm(self, message: Mapping[str, Any]) -> None:
        """Confirm a subscription, of a message that has been verified."""
        address = str(message.get("SubscribeURL"))
        if SUBSCRIBE.fullmatch(address) is None:
            raise refusals.BadSignature("SubscribeURL", "It is not an address of SNS.", "Subscribe the topic again.")
        try:
            await self._fetch(address)
        except OSError:
            raise refusals.StoreAway from None  # SNS sends it again

    async def _key(self, address: str) -> rsa.RSAPublicKey:
        if CERTIFICATE.fullmatch(address) is None:
            raise ValueError("no certificate of SNS")
        if address not in self._keys:
            try:
                pem = await self._fetch(address)
            except OSError:
                raise refusals.StoreAway from None
            key = load_pem_x509_certificate(pem).public_key()
            if not isinstance(key, rsa.RSAPublicKey):
                raise ValueError("no RSA key")
            if len(self._keys) > 20:
                self._keys.clear()
            self._keys[address] = key
        return self._keys[address]
