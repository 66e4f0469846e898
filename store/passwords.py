"""Passwords: what is kept of them, and whether one is right. Each call takes a tenth of a second, on purpose."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
"""Asked for names that are not there, so that the answer takes as long."""


def made() -> str:
    """A new password, easy to read out: four groups of five letters and digits (over 100 bits)."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(5))


def kept(password: str) -> str:
    """What is kept of a password (argon2id, with the library's own costs)."""
    return _HASHER.hash(password)


def fits(password: str, hashed: str | None) -> bool:
    """Whether a password is the one of which this was kept; None: somebody who has none."""
    try:
        _HASHER.verify(hashed or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def fault(password: str) -> str:
    """What is wrong with a new password; '' if it will do."""
    if len(password) < SHORTEST:
        return f"It is too short: at least {SHORTEST} characters. Three or four words are good."
    if len(password) > LONGEST:
        return f"It is too long: at most {LONGEST} characters."
    return "" if len(set(password)) > 4 else "It is too simple: use more different characters."
