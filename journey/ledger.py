"""The law of the ledger: which state of a message may follow which, and what a class promises about doubts.

Rule 1: no dot is sent unless ``at_dot`` was committed before it, by the attempt that holds the lease and the epoch.
Rule 2: only what was ``at_dot`` can be in doubt; whatever broke off earlier was not delivered and is just tried again.
Rule 3: accepted, refused, failed, suppressed and expired are final. ``unknown`` may still become what really happened.
Rule 4: lifecycle mail has at most one dot. Transactional mail has one more after a doubt, with the same bytes; whatever
is in doubt again, and legal mail at its first doubt, waits for a person. Staff are told until it is known.
"""

from dataclasses import dataclass

BEFORE: dict[str, tuple[str, ...]] = {
    "held": ("intent", "held", "claimed", "at_dot"),
    "suppressed": ("intent", "held", "claimed"),
    "expired": ("intent", "held", "claimed"),
    "failed": ("intent", "held", "claimed"),
    "unknown": ("at_dot",),
    "accepted": ("at_dot", "unknown"),
    "refused": ("at_dot", "unknown"),
}
"""From which states an attempt may bring its message to each."""
FINAL = ("accepted", "refused", "failed", "suppressed", "expired", "unknown")
STATES = ("intent", "held", "claimed", "at_dot", *FINAL)

PERSON = "person"
"""``waits``: for somebody's word. Nothing but that lets the message go."""
AGAIN = "again"
"""``waits``: in doubt, and sent once more when the cool-down is over."""
OVER = "over"
"""``waits``: the cool-down is over; it is sent once more as soon as its journey asks."""


@dataclass(frozen=True)
class Doubt:
    """What becomes of a message of which nobody can say whether it went."""

    state: str
    waits: str | None = None

    @property
    def final(self) -> bool:
        """Whether the journey is told now."""
        return self.waits is None


def doubt(kind: str, before: int) -> Doubt:
    """What a doubt comes to, after so many ``before`` it, by the class of the message."""
    if kind == "staff" or (kind == "transactional" and before == 0):
        return Doubt("unknown", AGAIN)
    if kind in ("transactional", "legal"):
        return Doubt("held", PERSON)
    return Doubt("unknown")


def decided(state: str, waits: str | None) -> bool:
    """Whether a message needs no further attempt."""
    return state in FINAL and waits is None
