"""The world outside a workflow: the store with its ledger, and a mail server. Small models that keep the same rules as
``store/`` and ``activities/`` do, and can die between any two of their steps."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journey.commands import Command
from journey.definition import Journey
from journey.effects import Write
from journey.inputs import Event
from journey.state import State
from journey.work import Delivery, Work

LIFECYCLE, TRANSACTIONAL = "lifecycle", "transactional"


@dataclass
class Accepted:
    """An event in the inbox. ``heard`` are the instances that got it, ``began`` those that it began."""

    event: Event
    who: str
    key: str
    state: str = "new"
    heard: tuple[str, ...] = ()
    began: tuple[str, ...] = ()


@dataclass
class Row:
    """One message in the ledger."""

    state: str = "intent"
    epoch: int = 0
    again: bool = False
    """A transactional message in doubt may be sent once more."""


@dataclass
class Instance:
    """One customer's run of a journey, as the store knows it."""

    id: str
    who: str
    key: str
    version: str
    deliveries: list[Delivery]
    plan: dict[str, Any]
    acked: int = 0
    turns: int = -1
    ended: str = ""
    snapshot: State | None = None
    versions: list[str] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    """What became of commands: '' if they took effect."""


@dataclass
class Store:
    """SQL: every function is one transaction."""

    broken: str = ""
    versions: dict[str, Journey] = field(default_factory=dict)
    active: str = ""
    inbox: list[Accepted] = field(default_factory=list)
    instances: dict[str, Instance] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    ledger: dict[str, Row] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)

    def running(self, who: str, key: str | None = None) -> list[Instance]:
        """The customer's running instances, of one key or of all."""
        return [
            one
            for one in self.instances.values()
            if one.who == who and not one.ended and (key is None or one.key == key)
        ]

    def route(self, accepted: Accepted) -> Iterator[str]:
        """Which running instances hear it, which one begins; yields whom to ring."""
        event = accepted.event
        hearing = [one for one in self.running(accepted.who) if event.type in self.versions[one.version].hears]
        for one in hearing if self.broken != "loses events" else ():
            one.deliveries.append(Delivery(seq=len(one.deliveries) + 1, event=event))
        began: list[str] = []
        free = not self.running(accepted.who, accepted.key) or self.broken == "begins twice"
        if event.type == "began" and free:
            began.append(self.begin(accepted))
        accepted.heard = tuple(one.id for one in hearing)
        accepted.began = tuple(began)
        accepted.state = "routed" if hearing or began else "unmatched"
        yield from (*accepted.heard, *began)

    def begin(self, accepted: Accepted) -> str:
        """A new instance, pinned to the version in force."""
        name = f"i-{len(self.instances) + 1}"
        journey = self.versions[self.active]
        first = Delivery.model_construct(seq=1, event=accepted.event)
        made = Instance(name, accepted.who, accepted.key, journey.hash, [first], journey.plan, versions=[journey.hash])
        self.instances[name] = made
        return name

    def command(self, instance: Instance, command: Command) -> int:
        """Append a command to the sequence; its number."""
        instance.deliveries.append(Delivery(seq=len(instance.deliveries) + 1, command=command))
        return len(instance.deliveries)

    def write(self, work: Work) -> None:
        """Write a turn down; see ``store/record.py``."""
        mine = self.instances[work.instance_id]
        for write in work.writes:
            self._effect(work.instance_id, write)
        mine.refused |= work.commands if self.broken != "forgets commands" else {}
        standing = work.standing
        if work.given_up:
            self._withdraw(f"{work.instance_id}:{work.given_up}")
        if standing is None:
            return
        turns = standing.snapshot.get("turns", 0)
        further = (standing.cursor, turns) >= (mine.acked, mine.turns)
        if standing.ended is not None or (not mine.ended and further):
            mine.acked, mine.turns = standing.cursor, turns
            mine.snapshot = State.model_validate(standing.snapshot)
            if standing.version is not None:
                mine.version, mine.plan = standing.version, self.versions[standing.version].plan
                mine.versions.append(standing.version)
        if standing.ended is not None:
            mine.ended = standing.ended.outcome
            for key in [key for key in self.ledger if key.startswith(f"{mine.id}:")]:
                self._withdraw(key)

    def _effect(self, instance_id: str, write: Write) -> None:
        key = f"{instance_id}:{write.id}"
        if not self.made[key] or self.broken == "writes again":
            self.made[key] += 1
            self.record |= getattr(write, "attributes", {})

    def _withdraw(self, key: str) -> None:
        row = self.ledger.get(key)
        if row is not None and row.state in ("intent", "held"):
            row.state = "suppressed"

    def claim(self, key: str, patience: bool) -> int | str:
        """The epoch of a new attempt, or the word for what is decided or has to wait. ``patience``: an attempt that is
        older may still be under way."""
        row = self.ledger.setdefault(key, Row())
        if row.state in ("accepted", "refused", "failed", "suppressed", "unknown"):
            return row.state
        if row.state in ("claimed", "at_dot") and patience:
            return "wait"
        if row.state == "at_dot":
            return self.doubt(key, row.epoch)
        row.state, row.epoch = "claimed", row.epoch + 1
        return row.epoch

    def doubt(self, key: str, epoch: int) -> str:
        """Nobody can say whether it went: for good, or it is sent once more (transactional)."""
        row = self.ledger[key]
        if row.epoch != epoch or row.state != "at_dot":
            return row.state if row.state != "claimed" else "wait"
        if kind_of(key) == TRANSACTIONAL and not row.again:
            row.state, row.again = "held", True
            return "wait"
        row.state = "unknown"
        return row.state

    def sweep(self, wanted: set[str]) -> None:
        """Decide what was begun and is wanted by nobody any more: its journey has ended or gone on without it."""
        for key, row in self.ledger.items():
            if key not in wanted:
                row.state = {"claimed": "suppressed", "held": "suppressed", "at_dot": "unknown"}.get(
                    row.state, row.state
                )

    def at_dot(self, key: str, epoch: int) -> bool:
        """The barrier."""
        row = self.ledger[key]
        if row.state != "claimed" or row.epoch != epoch:
            return False
        row.state = "at_dot"
        return True

    def settle(self, key: str, epoch: int, state: str) -> bool:
        """What an attempt came to."""
        row = self.ledger[key]
        if row.epoch != epoch or row.state not in ("claimed", "at_dot", "unknown"):
            return False
        row.state = state
        return True


def kind_of(key: str) -> str:
    """The class of a message: those of step ``send: c`` are transactional."""
    return TRANSACTIONAL if "send-c" in key else LIFECYCLE


@dataclass
class Dot:
    """A message that the mail server has accepted."""

    key: str
    at: datetime


@dataclass
class MailServer:
    """Takes messages; ``mood`` says what it does to the next one."""

    accepted: list[Dot] = field(default_factory=list)

    def copies(self) -> Counter[str]:
        """How many times each message went out."""
        return Counter(dot.key for dot in self.accepted)
