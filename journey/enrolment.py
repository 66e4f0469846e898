"""Where a customer would stand in a journey that had begun for them in the past: the machine lives through the past in
virtual time, hears what they did since, and stops at the present.

Rule 1: nothing of the past is done again. Messages, calls and other journeys count as done, whatever came of them;
notes and changes of the record are passed over.
Rule 2: a task for which the journey waits now is opened now: without it nobody could go on.
Rule 3: conditions see the customer as they are today; the past of the record is not kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journey.definition import Journey
from journey.effects import Ask, OpenTask, SendMessage, Write
from journey.inputs import Entry, Event
from journey.life import Answer, Coming, Life
from journey.state import State
from journey.time.wall import TimesInForce
from journey.turn import Turn
from journey.work import doing

MOST_ROUNDS = 10_000
"""After so many moments a life is given up: nothing that anybody would be taken into."""


@dataclass(frozen=True)
class Place:
    """Where they would stand: the state, in words what is waited for, the messages passed over, and the task that is to
    be opened, if the journey waits for one."""

    state: State
    doing: str
    passed: tuple[str, ...] = ()
    task: OpenTask | None = None


class _Past:
    """Witness of the past: keeps what the present needs."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.task: tuple[str | None, OpenTask] | None = None

    def came(self, at: datetime, kind: str) -> None:
        """Nothing to keep."""

    def turned(self, life: Life, turn: Turn) -> None:
        """Nothing to keep."""

    def wrote(self, life: Life, write: Write) -> None:
        """The last task that is waited for."""
        if isinstance(write, OpenTask) and write.awaited:
            self.task = life.state.step, write

    def asked(self, life: Life, ask: Ask) -> Any:
        """A message that would have gone out."""
        if isinstance(ask, SendMessage):
            self.sent.append(ask.message)

    def went(self, at: datetime, ask: Ask, answer: Answer, kept: Any) -> None:
        """Nothing to keep."""

    def rests(self, life: Life) -> None:
        """Nothing to keep."""


@dataclass(frozen=True)
class Known:
    """What is known of a customer: the record as ``journey.customer.facts`` reads it, what they did (in order, each at
    its moment), and what counts as local time."""

    record: Mapping[str, Any]
    events: Sequence[Event]
    times: TimesInForce = field(default_factory=TimesInForce)


def place(journey: Journey, entry: Entry, known: Known, now: datetime) -> Place | None:
    """Where somebody would stand now; None if that cannot be told in bounds."""
    past = _Past()
    record = {**known.record, "attributes": dict(known.record.get("attributes") or {})}
    life = Life(journey, record, entry, past, times=known.times)
    coming = [one for one in known.events if entry.event.at < one.at <= now]
    for _ in range(MOST_ROUNDS):
        due = life.due if life.state.ended is None else None
        if coming and (due is None or coming[0].at <= due):
            event = coming.pop(0)
            life.hear(event.at, Coming(event.at - life.began, event.type, event.data))
        elif due is not None and due <= now:
            life.go_on()
        else:
            task = past.task[1] if past.task and past.task[0] == life.state.step else None
            return Place(life.state, doing(journey, life.state), tuple(past.sent), task)
    return None
