"""Who may knock: keys, each of one source, with what it may do.

Kept as digests only, so that neither a dump nor the time of a comparison shows one. The embedded key comes from the
settings; all others are rows (`wayfare keys`), read anew every moment or so.
"""

import asyncio
import base64
import binascii
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass

from gateway import refusals
from gateway.patience import within
from store import api_keys
from store.database import Database

log = logging.getLogger(__name__)

SEND, READ, STEER, SEE, EDIT, WORK = "send", "read", "steer", "see", "edit", "work"
SCOPES = {
    SEND: "send events",
    READ: "read receipts",
    STEER: "steer journeys",
    SEE: "see customers",
    EDIT: "change customers",
    WORK: "see and do tasks",
}
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
    """The keys in force. After `fresh` seconds they are read anew, while whoever knocks is judged by those that are
    known; a key that is not among them is judged when they have been read. While the store is away, those that were
    count."""

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
        self._reading: asyncio.Task[None] | None = None

    async def who(self, key: str) -> Caller:
        """Whose key it is. Raises `NoKey`, or `StoreAway` if the kept keys were never read."""
        offered = api_keys.digest(key)
        if embedded := self._embedded.get(offered):
            return embedded
        age = time.monotonic() - self._read_at
        if self._db is not None and age > self._fresh and self._reading is None:
            self._reading = asyncio.create_task(self._refresh(self._db))
        unknown = self._kept is None or offered not in self._kept
        if self._reading is not None and (unknown or age > 10 * self._fresh):
            await asyncio.shield(self._reading)
        if self._kept is None:
            raise refusals.StoreAway
        if found := self._kept.get(offered):
            return found
        raise refusals.NoKey

    async def _refresh(self, db: Database) -> None:
        try:
            self._kept = await within(self._patience, self._read(db))
        except Exception as error:  # noqa: BLE001 - whatever the driver raises, what was known counts
            log.warning("The keys could not be read: %s %s", type(error).__name__, str(error).split("\n")[0])
        finally:
            self._read_at = time.monotonic()
            self._reading = None

    async def _read(self, db: Database) -> dict[str, Caller]:
        async with db.read() as tx:
            rows = await api_keys.live(tx)
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
