"""When a provider counts as away, when as refusing us, and when it may be tried again. One lane a provider.

Rule 1: a fault of the way to the provider holds messages; it never fails one.
Rule 2: one message may be the cause of its own fault, so a fault in the middle of a conversation counts only when it
happens to several messages in a row. Where not even a greeting came, one is enough.
Rule 3: a fault of ours (password, certificate, sender) stops the lane at once, whoever's message met it.
Rule 4: while it is closed, one message at a time may try, ever more seldom; the first that gets through opens it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

IN_A_ROW = 3
"""So many different messages must meet a fault one after the other."""
FIRST, LONGEST = timedelta(seconds=2), timedelta(minutes=1)
"""Between two tries while the provider is away."""
STOPPED_FIRST, STOPPED_LONGEST = timedelta(seconds=15), timedelta(minutes=5)
"""Between two tries while it refuses us: somebody has to mend something first."""

Fault = Literal["unreachable", "broke off", "ours"]
State = Literal["open", "draining", "away", "stopped"]


@dataclass(frozen=True)
class Circuit:
    """One lane. ``draining``: open again, and what was held goes first. ``tries``: in vain since it was closed."""

    state: State = "open"
    reason: str = ""
    since: datetime | None = None
    tries: int = 0
    try_at: datetime | None = None
    suspects: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether messages are held."""
        return self.state in ("away", "stopped")


def failed(circuit: Circuit, key: str, fault: Fault, reason: str, at: datetime) -> Circuit:
    """A message (by its key) met a fault of the way."""
    if circuit.closed:
        tries = circuit.tries + 1
        state: State = "stopped" if fault == "ours" else "away"
        since = circuit.since if state == circuit.state else at
        return replace(circuit, state=state, reason=reason, since=since, tries=tries, try_at=at + pause(state, tries))
    suspects = (*(one for one in circuit.suspects if one != key), key)
    if fault == "broke off" and len(suspects) < IN_A_ROW:
        return replace(circuit, suspects=suspects)
    closed: State = "stopped" if fault == "ours" else "away"
    return Circuit(closed, reason, at, 0, at + pause(closed, 0))


def answered(circuit: Circuit, at: datetime) -> Circuit:
    """The provider has dealt with a message, whatever it said to it."""
    if circuit.closed:
        return Circuit("draining", "", at)
    return replace(circuit, suspects=()) if circuit.suspects else circuit


def drained(circuit: Circuit, at: datetime) -> Circuit:
    """Nothing is held for this lane any more."""
    return Circuit("open", "", at) if circuit.state == "draining" else circuit


def pause(state: State, tries: int) -> timedelta:
    """Until the next try."""
    first, longest = (STOPPED_FIRST, STOPPED_LONGEST) if state == "stopped" else (FIRST, LONGEST)
    return min(first * float(2 ** min(tries, 20)), longest)
