"""What is published and matters at the doors: the declared events and the upstream systems. Read anew every moment or
so."""

import asyncio
import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway import refusals
from journey.declared.event import DeclaredEvent
from journey.declared.source import Source
from store import definitions
from store.database import Database
from store.inbox import NewEvent


@dataclass(frozen=True)
class InForce:
    """The declared events (none at all: nothing is typed) and the sources, each by name."""

    events: Mapping[str, DeclaredEvent] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)

    def fitting(self, event: NewEvent) -> NewEvent:
        """The event, if its data is what its type declares (or nothing is declared of it); put aside, or refused with
        `DoesNotFit`, as the declaration says, if it is not."""
        declared = self.events.get(event.type)
        violations = declared.check(event.data) if declared is not None else ()
        if declared is None or not violations:
            return event
        problems = [refusals.Problem(f"/data{one.pointer}", one.what, one.remedy) for one in violations]
        if declared.on_violation == "refuse":
            raise refusals.DoesNotFit(*problems[0], more=problems[1:])
        return dataclasses.replace(event, state="unmatched", reason=" ".join(one.sentence() for one in problems))


class Published:
    """Knows what is in force, at most ``fresh`` seconds late. While the store is away, what was in force counts."""

    def __init__(self, db: Database, *, fresh: float = 2.0, patience: float = 2.0) -> None:
        self._db = db
        self._fresh = fresh
        self._patience = patience
        self._known: InForce | None = None
        self._until = 0.0
        self._reading: asyncio.Task[InForce] | None = None

    async def now(self) -> InForce:
        """What is in force. Raises `StoreAway` if it was never read."""
        if self._known is not None and time.monotonic() < self._until:
            return self._known
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        try:
            self._known = await asyncio.shield(self._reading)
        except Exception:  # noqa: BLE001 - whatever the driver raises, the answer is the same
            if self._known is None:
                raise refusals.StoreAway from None
        self._until = time.monotonic() + self._fresh
        return self._known

    async def _read(self) -> InForce:
        try:
            async with asyncio.timeout(self._patience), self._db.read() as tx:
                return InForce(await definitions.events(tx), await definitions.sources(tx))
        finally:
            self._reading = None
