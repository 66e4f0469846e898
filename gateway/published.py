"""What is published and matters at the doors: the declared events and the upstream systems. Read anew every moment or
so."""

import asyncio
import dataclasses
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway import refusals
from gateway.patience import within
from journey.declared.event import DeclaredEvent
from journey.declared.source import Source
from store import definitions
from store.database import Database
from store.inbox import NewEvent

log = logging.getLogger(__name__)


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
    """Knows what is in force. After ``fresh`` seconds it is read anew, while whoever asks is told what is known; only
    what is ten times as old is waited for. While the store is away, what was in force counts."""

    def __init__(self, db: Database, *, fresh: float = 2.0, patience: float = 2.0) -> None:
        self._db = db
        self._fresh = fresh
        self._patience = patience
        self._known: InForce | None = None
        self._read_at = float("-inf")
        self._reading: asyncio.Task[None] | None = None

    async def now(self) -> InForce:
        """What is in force. Raises `StoreAway` if it was never read."""
        age = time.monotonic() - self._read_at
        if age > self._fresh and self._reading is None:
            self._reading = asyncio.create_task(self._refresh())
        if self._reading is not None and age > 10 * self._fresh:
            await asyncio.shield(self._reading)
        if self._known is None:
            raise refusals.StoreAway
        return self._known

    async def _refresh(self) -> None:
        try:
            self._known = await within(self._patience, self._read())
        except Exception as error:  # noqa: BLE001 - whatever the driver raises, what was known counts
            log.warning("What is published could not be read: %s %s", type(error).__name__, str(error).split("\n")[0])
        finally:
            self._read_at = time.monotonic()
            self._reading = None

    async def _read(self) -> InForce:
        async with self._db.read() as tx:
            return InForce(await definitions.events(tx), await definitions.sources(tx))
