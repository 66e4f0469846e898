"""Signed letters, checked by another program: Debian's python3-dkim, run by Debian's own Python."""

from __future__ import annotations

import base64
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from activities.dkim import Key, Signer
from activities.letter import compose

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PYTHON = "/usr/bin/python3"
VERIFY = """
import sys, dkim
record = sys.argv[1].encode()
ask = lambda name, **_: record if name.rstrip(b".") == b"s1._domainkey.northlight.example" else None
sys.exit(0 if dkim.verify(sys.stdin.buffer.read(), dnsfunc=ask) else 1)
"""


@pytest.fixture(scope="module")
def verifier() -> str:
    there = (
        Path(PYTHON).exists()
        and not subprocess.run([PYTHON, "-c", "import dkim, nacl"], capture_output=True, check=False).returncode
    )
    if not there:
        pytest.skip("no signature was checked: apt-get install python3-dkim python3-nacl")
    return PYTHON


def record(key: Key) -> str:
    """What the DNS shows."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(raw).decode()}"
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def verified(python: str, letter: bytes, key: Key) -> bool:
    asked = [python, "-c", VERIFY, record(key)]
    done = subprocess.run(asked, input=letter, capture_output=True, timeout=30, check=False)
    return done.returncode == 0


KEYS: dict[str, Key] = {"rsa": rsa.generate_private_key(65_537, 2048), "ed25519": ed25519.Ed25519PrivateKey.generate()}


def letter() -> bytes:
    return compose(
        sender="Northlight Lamps <hello@northlight.example>",
        recipient_name="Grüße  an   Grete",
        recipient="grete@example.org",
        subject="Willkommen,  Grete  🌟",
        text="Hello.\n\n.dots\n",
        html="<p>Hello.</p>",
        message_id="<key@northlight.example>",
        at=AT,
        more={"List-Unsubscribe": "<https://x.example/u/1>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )


def signer(kind: str) -> Signer:
    pem = KEYS[kind].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signer.from_pem("s1", pem)


@pytest.mark.parametrize("kind", KEYS)
def test_another_program_finds_the_signature_good_and_any_change_bad(verifier: str, kind: str) -> None:
    signed = signer(kind).signed(letter(), "northlight.example", AT)
    assert verified(verifier, signed, KEYS[kind])
    assert not verified(verifier, signed.replace(b"<p>Hello.</p>", b"<p>Hallo.</p>"), KEYS[kind])
    assert not verified(verifier, signed.replace(b"x.example/u/1", b"x.example/u/2"), KEYS[kind])
    assert not verified(verifier, signed.replace(b"One-Click", b"Two-Click"), KEYS[kind])


@pytest.mark.parametrize("kind", KEYS)
def test_the_signature_covers_both_headers_of_one_click_and_the_letter_stays_as_it_is(kind: str) -> None:
    signed = signer(kind).signed(letter(), "northlight.example", AT)
    line, _, rest = signed.partition(b"\r\n")
    assert rest == letter() and len(line) < 998
    covered = line.decode().partition(" h=")[2].partition(";")[0].split(":")
    assert {"from", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post"} <= set(covered)


@pytest.mark.parametrize("pem", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_key_is_said(pem: bytes) -> None:
    with pytest.raises(ValueError, match="the DKIM key cannot be read"):
        Signer.from_pem("s1", pem)
