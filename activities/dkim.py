"""DKIM (RFC 6376, RFC 8463): a letter signed in the name of the sender's domain, relaxed/relaxed.

The signature covers both headers of one-click unsubscribing, as RFC 8058 asks.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

SIGNED = (
    "from", "to", "subject", "date", "message-id", "reply-to", "auto-submitted", "content-language", "mime-version",
    "content-type", "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post", "feedback-id",
)  # fmt: skip
"""The header fields that are signed, as far as a letter has them."""
Key = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class Signer:
    """Signs with the key that the DNS of the sender's domain shows under ``selector``."""

    selector: str
    key: Key

    @classmethod
    def from_pem(cls, selector: str, pem: bytes) -> "Signer":
        """With a private key in PEM, RSA or Ed25519. Raises ValueError with a sentence."""
        try:
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError) as error:
            raise ValueError(f"the DKIM key cannot be read ({error})") from None
        if not isinstance(key, (rsa.RSAPrivateKey, ed25519.Ed25519PrivateKey)):
            raise ValueError("the DKIM key is neither an RSA nor an Ed25519 key")
        return cls(selector, key)

    def signed(self, letter: bytes, domain: str, at: datetime) -> bytes:
        """The letter (CRLF line ends) with the signature of a domain before it."""
        head, _, body = letter.partition(b"\r\n\r\n")
        fields = _fields(head)
        names = [name for name in SIGNED if name in fields]
        kind = "rsa" if isinstance(self.key, rsa.RSAPrivateKey) else "ed25519"
        digest = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()
        value = (
            f"v=1; a={kind}-sha256; c=relaxed/relaxed; d={domain}; s={self.selector}; t={int(at.timestamp())};"
            f" h={':'.join(names)}; bh={digest}; b="
        )
        said = "".join(f"{name}:{_relaxed(fields[name])}\r\n" for name in names)
        data = f"{said}dkim-signature:{_relaxed(value)}".encode()
        signature = base64.b64encode(self._sign(data)).decode()
        return f"DKIM-Signature: {value}{signature}\r\n".encode() + letter

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.key.sign(hashlib.sha256(data).digest())  # RFC 8463: Ed25519 signs the hash


def _fields(head: bytes) -> dict[str, str]:
    """The header fields by their names in small letters; of several the last one, which is signed first."""
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", head).decode("utf-8", "surrogateescape")
    lines = (line.partition(":") for line in unfolded.split("\r\n"))
    return {name.strip().lower(): value for name, _, value in lines}


def _relaxed(value: str) -> str:
    return re.sub(r"[ \t]+", " ", value).strip()


def _relaxed_body(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
