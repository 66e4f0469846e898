"""Who may knock: keys, each of one source, with what it may do.

Kept as digests only, so that neither a dump nor the time of a comparison shows one. The embedded key comes from the
settings; all others are rows (`wayfare keys`), read anew every moment or so.
"""

import asyncio
import base64
import binascii
import time
from collections.abc import Mapping
from dataclasses import dataclass

from gateway import refusals
from store import api_keys
from store.database import Database

SEND, READ, STEER = "send", "read", "steer"
SCOPES = {SEND: "send events", READ: "read receipts", STEER: "steer journeys"}
"""What a key may be for."""


@dataclass(frozen=True)
class Caller:
    """Whoever showed a key. `sources` and `types` are what its events may name (* at the end stands for anything;
    nothing listed: anything); `per_second` is how many events it may send on average, if that is limited."""

    source: str
    scopes: frozenset[str] = frozenset(SCOPES)
    sources: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    per_second: float | None = None

    def check(self, source: str, kind: str) -> None:
        """Raise `NotAllowed` unless it may send such an event."""
        for name, value, allowed in (("source", source, self.sources), ("type", kind, self.types)):
            if allowed and not any(_fits(pattern, value) for pattern in allowed):
                raise refusals.NotAllowed(
                    f"/{name}",
                    f"This key may not send it; it may send {', '.join(allowed)}.",
                    "Use the key made for it.",
                )


def _fits(pattern: str, value: str) -> bool:
    return value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern


class Keys:
    """The keys in force, at most `fresh` seconds late; while the store is away, those that were."""

    def __init__(
        self, embedded: Mapping[str, str], db: Database | None = None, *, fresh: float = 2.0, patience: float = 2.0
    ) -> None:
        for name, key in embedded.items():
            if not name or not key:
                raise ValueError("An API key and its name must not be empty.")
        self._embedded = {api_keys.digest(key): Caller(name) for name, key in embedded.items()}
        self._db = db
        self._fresh = fresh
        self._patience = patience
        self._kept: dict[str, Caller] | None = {} if db is None else None
        self._read_at = float("-inf")
        self._reading: asyncio.Task[dict[str, Caller]] | None = None

    async def who(self, key: str) -> Caller:
        """Whose key it is. Raises `NoKey`, or `StoreAway` if the kept keys were never read."""
        offered = api_keys.digest(key)
        if embedded := self._embedded.get(offered):
            return embedded
        if self._db is not None and time.monotonic() > self._read_at + self._fresh:
            await self._refresh(self._db)
        if self._kept is None:
            raise refusals.StoreAway
        if found := self._kept.get(offered):
            return found
        raise refusals.NoKey

    async def _refresh(self, db: Database) -> None:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(db))
        try:
            self._kept = await asyncio.shield(self._reading)
        except Exception:  # noqa: BLE001 - whatever the driver raises, what was known counts
            return
        finally:
            self._read_at = time.monotonic()

    async def _read(self, db: Database) -> dict[str, Caller]:
        try:
            async with asyncio.timeout(self._patience), db.read() as tx:
                rows = await api_keys.live(tx)
        finally:
            self._reading = None
        return {
            row["digest"]: Caller(
                row["source"],
                frozenset(row["scopes"]),
                tuple(row["sources"]),
                tuple(row["types"]),
                row["per_second"],
            )
            for row in rows
        }


def key_in(authorization: str | None) -> str | None:
    """The key in an `Authorization` header: `Bearer <key>`, or the user name of Basic; None if there is none."""
    scheme, _, rest = (authorization or "").partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return rest or None
    if scheme.lower() != "basic":
        return None
    try:
        user, _, _ = base64.b64decode(rest.encode("ascii"), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return user or None
