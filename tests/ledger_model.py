"""The ledger as a value: what may be done to one message's row, by the tables of ``journey.ledger``.

The exploration in ``tests/journey/test_ledger.py`` takes every path through it; ``tests/store/test_ledger.py`` holds
the SQL to the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from journey.ledger import AGAIN, BEFORE, PERSON, decided, doubt


@dataclass(frozen=True)
class Line:
    """One row. ``live``: its lease is not over; ``due``: its cool-down is."""

    kind: str
    state: str = "intent"
    epoch: int = 0
    live: bool = False
    waits: str | None = None
    due: bool = False
    doubts: int = 0

    @property
    def decided(self) -> bool:
        return decided(self.state, self.waits)

    @property
    def free(self) -> bool:
        """Whether an attempt may take it."""
        if self.state in ("intent", "held"):
            return self.waits != PERSON
        if self.state == "claimed":
            return not self.live
        return self.state == "unknown" and self.waits == AGAIN and self.due

    def claimed(self) -> Line:
        return replace(self, state="claimed", epoch=self.epoch + 1, live=True, waits=None, due=False)

    def barrier(self, epoch: int) -> Line | None:
        """At the dot; None if the attempt has lost its lease."""
        mine = self.state == "claimed" and self.epoch == epoch and self.live
        return replace(self, state="at_dot") if mine else None

    def settled(self, epoch: int, state: str) -> Line | None:
        """What an attempt came to; None if it has no say any more."""
        mine = self.epoch == epoch and self.state in BEFORE[state]
        return replace(self, state=state, live=False, waits=None, due=False) if mine else None

    def in_doubt(self, epoch: int) -> Line | None:
        """Nobody can say whether it went; None if the attempt has no say any more."""
        if self.epoch != epoch or self.state != "at_dot":
            return None
        verdict = doubt(self.kind, self.doubts)
        return replace(self, state=verdict.state, waits=verdict.waits, live=False, due=False, doubts=self.doubts + 1)

    def learned(self, state: str) -> Line | None:
        """A report says what became of one in doubt."""
        doubtful = self.state == "unknown" or (self.state == "held" and self.doubts > 0)
        return replace(self, state=state, waits=None, due=False) if doubtful else None

    def withdrawn(self) -> Line | None:
        """Its journey has ended."""
        if not (self.state in ("intent", "held") or (self.state == "unknown" and self.waits)):
            return None
        return replace(self, state="unknown" if self.doubts else "suppressed", waits=None, due=False)
