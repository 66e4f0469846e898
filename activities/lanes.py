"""The lanes as one process sees them: what it met itself at once, what others met within a second."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from activities.channels.base import Outcome
from journey import circuit
from journey.circuit import Circuit
from store import alerts, lanes
from store.clock import now
from store.database import Database, Tx

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=1)
"""For how long a look into the store counts."""
ITS_TURN = "others that were held before go first"


class Lanes:
    """The circuits of all providers."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen: dict[str, tuple[datetime, Circuit, str | None]] = {}
        self._suspects: dict[str, tuple[str, ...]] = {}

    async def closed_to(self, tx: Tx, name: str, key: str, *, new: bool, service: bool) -> str | None:
        """Why a message may not go now; None if it may. While a lane drains, a ``new`` lifecycle message queues behind
        those that were held; ``service`` mail does not."""
        at, seen, trying = self._seen.get(name, (None, Circuit(), None))
        if at is None or now() - at > FRESH:
            seen, trying = await lanes.read(tx, name)
            self._seen[name] = (now(), seen, trying)
        if seen.closed and trying != key:
            seen, trying = await lanes.read(tx, name)  # it may have been chosen this very moment
        if seen.closed and trying != key:
            return seen.reason
        return ITS_TURN if seen.state == "draining" and new and not service else None

    async def met(self, name: str, key: str, outcome: Outcome) -> None:
        """What a message met on its way says something about the way."""
        _, seen, _ = self._seen.get(name, (None, Circuit(), None))
        if outcome.fault is None and not seen.closed and not self._suspects.get(name):
            return
        async with self._db.write() as tx:
            before, _ = await lanes.read(tx, name, to_change=True)
            before = replace(before, suspects=self._suspects.get(name, ()))
            if outcome.fault is None:
                after = circuit.answered(before, now())
            else:
                after = circuit.failed(before, key, outcome.fault, outcome.reason, now())
            self._suspects[name] = after.suspects
            if replace(after, suspects=()) != replace(before, suspects=()):
                await lanes.write(tx, name, after)
                if after.state == "stopped" and before.state != "stopped":
                    await _alert(tx, name, after)
                self._seen.pop(name, None)
        if after.state != before.state:
            log.warning("the way to %s is %s now%s", name, after.state, f": {after.reason}" if after.reason else "")


async def _alert(tx: Tx, name: str, stopped: Circuit) -> None:
    """Once for each stop, not for each message that meets it."""
    since = stopped.since.isoformat() if stopped.since else ""
    text = f"{stopped.reason}. Messages by {name} are held, and none is lost; they go when this is mended."
    await alerts.tell(tx, f"lane:{name}:{since}", alerts.OPERATORS, f"Wayfare: no {name} goes out", text)
