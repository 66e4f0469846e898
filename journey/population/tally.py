"""What a population comes to, counted: per day, per team, per outcome, per step."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

Daily = Counter[tuple[str, int]]
"""How often, by name and day (0 is the first)."""


@dataclass
class Tally:
    """Counts of any number of customers; two can be added, in any order."""

    customers: int = 0
    turns: int = 0
    events: Daily = field(default_factory=Counter)
    messages: Daily = field(default_factory=Counter)
    unsent: Daily = field(default_factory=Counter)
    """Messages that did not go, by message."""
    tasks: Daily = field(default_factory=Counter)
    """Tasks that are opened, by team."""
    teams: Daily = field(default_factory=Counter)
    """What teams are told by mail, by team; the mail of a task is counted as the task."""
    begun: Counter[str] = field(default_factory=Counter)
    """Instances begun, by journey."""
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Instances ended, by journey and outcome."""
    days: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """The same, and after how many days."""
    reached: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Instances that came to a step, by journey and step."""
    standing: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Instances that are still at a step in the end."""

    def add(self, other: "Tally") -> None:
        """Take in what was counted elsewhere."""
        self.customers += other.customers
        self.turns += other.turns
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))


_COUNTERS = ("events", "messages", "unsent", "tasks", "teams", "begun", "outcomes", "days", "reached", "standing")


def whole(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    total = Tally()
    for one in tallies:
        total.add(one)
    return total
