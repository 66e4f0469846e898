"""One customer's journey in virtual time, without a server: the machine, a clock that jumps, and a world that answers.

Unless told otherwise messages always go, staff are always told at once, and the customer record is a dictionary.
"""

import heapq
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from journey import customer, machine
from journey.definition import Journey
from journey.effects import AddNote, Ask, NotifyTeam, ReadCustomer, SendMessage, Write
from journey.inputs import EffectDone, Entry, Event, EventReceived, WokeUp
from journey.state import State
from journey.turn import Turn, Way


@dataclass(frozen=True)
class Line:
    """One line of a trace: when (since the start), what kind, what. Kinds: why, event, send, notify, note, set,
    vars, wait, finish; ``why`` lines are reasons. ``name`` is the message or team, ``outcome`` how it went if it did
    not go. A line with a text to write carries its ``source`` and the ``facts``."""

    after: timedelta
    kind: str
    text: str
    until: timedelta | None = None
    name: str = ""
    outcome: str = ""
    source: str = ""
    facts: dict[str, Any] | None = None


@dataclass(frozen=True)
class Coming:
    """An event so long after the start; ``customer`` are fields of the record that change with it."""

    after: timedelta
    type: str
    data: dict[str, Any] = field(default_factory=dict)
    customer: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """How the world answers an effect, and how long after it was asked."""

    outcome: str = "accepted"
    value: dict[str, Any] = field(default_factory=dict)
    after: timedelta = timedelta()


Answers = Callable[[Ask, timedelta], Answer]
"""The world: how it answers an effect that is asked for so long after the start."""


def always(ask: Ask, asked: timedelta) -> Answer:
    """A world in which everything goes well, at once."""
    return Answer()


@dataclass
class Trace:
    """What happened, in order, the last state, and the ways that were taken."""

    lines: list[Line]
    state: State
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class _Pending:
    """An answer that is under way, and what there is to tell when it comes."""

    at: datetime
    done: EffectDone
    line: Line | None


class Life:
    """One instance in virtual time. ``record`` is the customer's record as ``journey.customer.facts`` reads it, with
    its ``attributes``; it changes as the journey and its events say."""

    def __init__(self, journey: Journey, record: dict[str, Any], entry: Entry, answers: Answers = always) -> None:
        self.journey = journey
        self.record = record
        self.lines: list[Line] = []
        self.ways: list[Way] = []
        self._answers = answers
        self._began = entry.event.at
        self._pending: _Pending | None = None
        self._vars: dict[str, Any] = {}
        self._note(self._began, "event", journey.start.on)
        self._settle(machine.start(journey, entry, self._began))

    @property
    def due(self) -> datetime | None:
        """When something happens by itself: an answer comes, or a rest is over. None if nothing will."""
        return self._pending.at if self._pending else self.state.wake_at

    def go_on(self) -> None:
        """It is the moment that was due."""
        pending, self._pending = self._pending, None
        if pending is not None:
            self._settle(self._answered(pending))
        elif self.state.wake_at is not None:
            self._settle(machine.advance(self.journey, self.state, WokeUp(at=self.state.wake_at)))

    def hear(self, at: datetime, coming: Coming) -> None:
        """An event, accepted and applied at this moment."""
        change(self.record, coming.customer)
        self._note(at, "event", coming.type)
        seen = customer.choose(customer.facts(self.record), self.journey.reads_at_events)
        event = Event(type=coming.type, data=coming.data, at=at, customer=seen)
        turn = machine.advance(self.journey, self.state, EventReceived(event=event, at=at))
        if turn.ignored:
            self._note(at, "why", f"Nothing happens: {turn.ignored}.")
            return
        self._settle(turn)

    def _settle(self, turn: Turn) -> None:
        """Write down a turn and answer what it asks, until it rests, ends, or an answer takes its time."""
        while True:
            self.state = turn.state
            self.ways += turn.ways
            self._tell(turn)
            if turn.ask is not None:
                self._pending = self._answer(turn.ask)
            if self.state.asked is None:
                self._pending = None  # it was given up
            if self._pending is None or self._pending.at > self.state.now:
                break
            turn = self._answered(self._pending)
        if self.state.ended is not None:
            self._note(self.state.ended.at, "finish", self.state.ended.outcome)
        elif self._pending is None:
            self._tell_rest()

    def _answered(self, pending: _Pending) -> Turn:
        self._pending = None
        if pending.line is not None:
            self.lines.append(pending.line)
        return machine.advance(self.journey, self.state, pending.done)

    def _answer(self, ask: Ask) -> _Pending:
        """How the world answers, and when. What is sent is told when it has gone, with the facts of the asking."""
        asked = self.state.now
        if isinstance(ask, ReadCustomer):
            value = customer.choose(customer.facts(self.record), ask.fields)
            return _Pending(asked, EffectDone(effect=ask.id, value=value, at=asked), None)
        answer = _in_time(ask, asked, self._answers(ask, asked - self._began))
        at = asked + answer.after
        kind, name, source = said(ask)
        outcome = "" if answer.outcome == "accepted" else answer.outcome
        text = f"{name} ({outcome})" if outcome else name
        line = Line(at - self._began, kind, text, None, name, outcome, source, self._facts(ask.vars))
        return _Pending(at, EffectDone(effect=ask.id, outcome=answer.outcome, value=answer.value, at=at), line)

    def _tell(self, turn: Turn) -> None:
        # The reason of the end comes after what came before it.
        closing = turn.decisions[-1:] if turn.state.ended else ()
        for decision in turn.decisions[: len(turn.decisions) - len(closing)]:
            self._note(decision.at, "why", decision.text)
        for name, value in turn.state.vars.items():
            if name not in self._vars or self._vars[name] != value:
                self._note(turn.state.now, "vars", f"vars.{name} = {_say(value)}")
        self._vars = turn.state.vars
        for write in turn.writes:
            self._write(write)
        for decision in closing:
            self._note(decision.at, "why", decision.text)

    def _write(self, write: Write) -> None:
        at = self.state.now
        if isinstance(write, AddNote):
            facts = self._facts(write.vars)
            self.lines.append(Line(at - self._began, "note", write.text, source=write.text, facts=facts))
            return
        change(self.record, write.attributes)
        tags = set(self.record.get("tags") or ()) | set(write.add_tags)
        self.record["tags"] = sorted(tags - set(write.remove_tags))
        changes = [f"customer.{name} = {_say(value)}" for name, value in write.attributes.items()]
        changes += [f"tag {tag}" for tag in write.add_tags] + [f"no tag {tag}" for tag in write.remove_tags]
        self._note(at, "set", "; ".join(changes))

    def _tell_rest(self) -> None:
        """That it waits, unless this wait was the last one told."""
        if self.state.wake_at is None or self.state.step is None:
            return
        until = self.state.wake_at - self._began
        told = next((line.until for line in reversed(self.lines) if line.kind == "wait"), None)
        if told != until:
            self._note(self.state.now, "wait", self.journey.spots[self.state.step].step.title(), self.state.wake_at)

    def _note(self, at: datetime, kind: str, text: str, until: datetime | None = None) -> None:
        self.lines.append(Line(at - self._began, kind, text, until - self._began if until else None))

    def _facts(self, variables: dict[str, Any]) -> dict[str, Any]:
        return {"customer": customer.facts(self.record), "start": self.state.start, "vars": variables}


def simulate(
    journey: Journey,
    began: datetime,
    start: dict[str, Any],
    record: dict[str, Any],
    events: Sequence[Coming] = (),
    answers: Answers = always,
) -> Trace:
    """Run one instance to its end, or until nothing more can happen. ``record`` is the customer's record as
    ``journey.customer.facts`` reads it; it is not changed."""
    copy = {**record, "attributes": dict(record.get("attributes") or {})}
    entry = Entry(event=Event(type=journey.start.on, data=start, at=began), who=str(record.get("id") or ""))
    life = Life(journey, copy, entry, answers)
    queue = [(began + event.after, number, event) for number, event in enumerate(events)]
    heapq.heapify(queue)
    while life.state.ended is None and (queue or life.due is not None):
        if queue and (life.due is None or queue[0][0] <= life.due):
            at, _, coming = heapq.heappop(queue)
            life.hear(at, coming)
        else:
            life.go_on()
    return Trace(life.lines, life.state, tuple(life.ways))


def _in_time(ask: Ask, asked: datetime, answer: Answer) -> Answer:
    """A message that would go out when it is out of date does not go."""
    limit = getattr(ask, "not_after", None)
    if limit is None or answer.outcome != "accepted" or asked + answer.after <= limit:
        return answer
    return Answer("expired", answer.value, max(limit - asked, timedelta()))


def said(ask: Ask) -> tuple[str, str, str]:
    """What people see of an effect: the kind of its line, the name in it, and the text to write, if it has one."""
    return _SAID[type(ask)](ask)


def change(record: dict[str, Any], changes: dict[str, Any]) -> None:
    """Set fields of a customer's record, in place: contact fields, tags and orders beside the attributes."""
    for name, value in changes.items():
        if name in customer.CONTACT or name in ("tags", "orders"):
            record[name] = value
        else:
            record["attributes"][name] = value


def _say(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


_SAID: dict[type, Callable[[Any], tuple[str, str, str]]] = {
    SendMessage: lambda ask: ("send", ask.message, ""),
    NotifyTeam: lambda ask: ("notify", ask.team, ask.text),
}
