"""The installation's secret: addresses become marks that cannot be read back, and links become tokens that cannot be
made by others."""

import base64
import hashlib
import hmac
from typing import Literal

from itsdangerous import BadSignature, Signer

Purpose = Literal["unsubscribe", "click", "open", "answer"]
SHORT = 25
"""So much of a message's key stands in its tokens: 125 bits."""


class Seal:
    """Made from one secret, which must stay the same for as long as anybody may click a link, and for ever if addresses
    are to stay suppressed."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def mark(self, address: str) -> str:
        """What stands for an address (64 hexadecimal digits): it survives erasure and tells nobody the address."""
        return hmac.new(self._secret, b"address:" + address.strip().lower().encode(), hashlib.sha256).hexdigest()

    def of_evidence(self, head: str) -> str:
        """The seal of an evidence pack whose last hash this is."""
        return hmac.new(self._secret, b"evidence:" + head.encode(), hashlib.sha256).hexdigest()

    def token(self, purpose: Purpose, send_key: str, number: int | None = None) -> str:
        """A token for a link in one message, good for one purpose: short, and without anything about the customer."""
        value = send_key[:SHORT] if number is None else f"{send_key[:SHORT]}{number:x}"
        return self._signer(purpose).sign(value.encode()).decode()

    def opened(self, purpose: Purpose, token: str) -> tuple[str, int | None] | None:
        """The beginning of the message's key, and the number; None for what we did not make for this purpose."""
        try:
            value = self._signer(purpose).unsign(token.encode("ascii")).decode()
        except (BadSignature, UnicodeError):
            return None
        return value[:SHORT], int(value[SHORT:], 16) if value[SHORT:] else None

    def address(self, send_key: str, base: str) -> str:
        """The address that letters about one message come back to: ``name+token@domain``. Mail servers may change the
        case of a name, and give it 64 characters; 80 bits of a signature are enough for what comes one at a time."""
        name, _, domain = base.rpartition("@")
        return f"{name}+{send_key[:SHORT]}{self._short(send_key[:SHORT])}@{domain}"

    def of_address(self, address: str) -> str | None:
        """The beginning of the message's key in such an address; None if we did not make it."""
        token = address.strip().lower().rpartition("@")[0].partition("+")[2]
        beginning, signed = token[:SHORT], token[SHORT:]
        right = self._short(beginning)
        return beginning if hmac.compare_digest(signed.encode("utf-8", "replace"), right.encode()) else None

    def _short(self, beginning: str) -> str:
        digest = hmac.new(self._secret, b"returns:" + beginning.encode("utf-8", "replace"), hashlib.sha256).digest()
        return base64.b32encode(digest[:10]).decode().lower()

    def _signer(self, purpose: Purpose) -> Signer:
        return Signer(self._secret, salt=f"wayfare.{purpose}", key_derivation="hmac", digest_method=hashlib.sha256)
