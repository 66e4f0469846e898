"""When an address gets nothing more because letters to it came back.

Rule 1: a hard bounce (nobody is there) suppresses it at once, for good.
Rule 2: five letters in a row that came back softly, the first of them at least three days before the last, suppress it
for thirty days. Whatever shows that it works (a delivery that is reported, a reply, an answer, a click) begins the row
anew. After the thirty days the next five have to come back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

IN_A_ROW = 5
OVER = timedelta(days=3)
FOR = timedelta(days=30)


@dataclass(frozen=True)
class Verdict:
    """An address is suppressed, until a moment or (None) for good, with the reason."""

    reason: str
    until: datetime | None


def verdict(hard: bool, said: str, soft: Sequence[datetime], at: datetime) -> Verdict | None:
    """What a bounce means for its address. ``soft`` are the moments at which the letters of the row came back, this one
    included; ``said`` are the words of the other mail server."""
    if hard:
        return Verdict(f"it bounced ({said})", None)
    if len(soft) >= IN_A_ROW and max(soft) - min(soft) >= OVER:
        return Verdict(f"{len(soft)} letters in a row came back ({said})", at + FOR)
    return None
