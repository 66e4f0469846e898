"""One customer's journey in virtual time, without a server: the machine, a clock that jumps, and a world that answers.

Messages always go, staff are always told, the customer record is a dictionary.
"""

import heapq
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from journey import customer, machine
from journey.definition import Journey
from journey.effects import AddNote, Ask, NotifyTeam, ReadCustomer, SendMessage, UpdateCustomer
from journey.inputs import EffectDone, Entry, Event, EventReceived, WokeUp
from journey.state import State
from journey.turn import Turn


@dataclass(frozen=True)
class Line:
    """One line of a trace: when (since the start), what kind, what. Kinds: why, event, send, notify, note, set,
    wait, finish; ``why`` lines are reasons. A line with a text to write carries its ``source`` and the ``facts``."""

    after: timedelta
    kind: str
    text: str
    until: timedelta | None = None
    source: str = ""
    facts: dict[str, Any] | None = None


@dataclass(frozen=True)
class Coming:
    """An event so long after the start; ``customer`` are fields of the record that change with it."""

    after: timedelta
    type: str
    data: dict[str, Any] = field(default_factory=dict)
    customer: dict[str, Any] = field(default_factory=dict)


@dataclass
class Trace:
    """What happened, in order, and the last state."""

    lines: list[Line]
    state: State


@dataclass
class _World:
    journey: Journey
    began: datetime
    record: dict[str, Any]
    lines: list[Line] = field(default_factory=list)

    def note(self, at: datetime, kind: str, text: str, until: datetime | None = None) -> None:
        self.lines.append(Line(at - self.began, kind, text, until - self.began if until else None))

    def write(self, at: datetime, kind: str, text: str, source: str, state: State, variables: dict[str, Any]) -> None:
        facts = {"customer": customer.facts(self.record), "start": state.start, "vars": variables}
        self.lines.append(Line(at - self.began, kind, text, source=source, facts=facts))


def simulate(
    journey: Journey, began: datetime, start: dict[str, Any], record: dict[str, Any], events: Sequence[Coming] = ()
) -> Trace:
    """Run one instance to its end, or until nothing more can happen. ``record`` is the customer's record as
    ``journey.customer.facts`` reads it; it is not changed."""
    world = _World(journey, began, {**record, "attributes": dict(record.get("attributes") or {})})
    count = itertools.count()
    queue = [(began + event.after, next(count), event) for event in events]
    heapq.heapify(queue)
    world.note(began, "event", journey.start.on)
    entry = Entry(event=Event(type=journey.start.on, data=start, at=began), who=str(record.get("id") or ""))
    state = _settle(world, machine.start(journey, entry, began))
    while state.ended is None and (queue or state.wake_at is not None):
        if queue and (state.wake_at is None or queue[0][0] <= state.wake_at):
            at, _, coming = heapq.heappop(queue)
            state = _happen(world, state, at, coming)
        else:
            at = state.wake_at or began
            state = _settle(world, machine.advance(journey, state, WokeUp(at=at)))
    return Trace(world.lines, state)


def _happen(world: _World, state: State, at: datetime, coming: Coming) -> State:
    _change(world.record, coming.customer)
    world.note(at, "event", coming.type)
    seen = customer.choose(customer.facts(world.record), world.journey.reads_at_events)
    event = Event(type=coming.type, data=coming.data, at=at, customer=seen)
    turn = machine.advance(world.journey, state, EventReceived(event=event, at=at))
    if turn.ignored:
        world.note(at, "why", f"Nothing happens: {turn.ignored}.")
    return _settle(world, turn)


def _settle(world: _World, turn: Turn) -> State:
    """Write down a turn and answer what it asks, until it rests or ends."""
    while True:
        state = turn.state
        closing = turn.decisions[-1:] if state.ended else ()  # the reason of the end comes after what came before it
        for decision in turn.decisions[: len(turn.decisions) - len(closing)]:
            world.note(decision.at, "why", decision.text)
        for write in turn.writes:
            _write(world, state, write)
        for decision in closing:
            world.note(decision.at, "why", decision.text)
        if turn.ask is None:
            break
        done = _answer(world, state, turn.ask)
        turn = machine.advance(world.journey, state, done)
    if state.ended is not None:
        world.note(state.ended.at, "finish", state.ended.outcome)
    elif state.wake_at is not None and state.step is not None and not turn.ignored and _is_news(world, state):
        world.note(state.now, "wait", world.journey.spots[state.step].step.title(), state.wake_at)
    return state


def _is_news(world: _World, state: State) -> bool:
    """Whether this wait was not the last one told."""
    waits = [line for line in world.lines if line.kind == "wait"]
    until = state.wake_at - world.began if state.wake_at else None
    return not waits or waits[-1].until != until


def _write(world: _World, state: State, write: UpdateCustomer | AddNote) -> None:
    at = state.now
    if isinstance(write, AddNote):
        world.write(at, "note", write.text, write.text, state, write.vars)
        return
    _change(world.record, write.attributes)
    tags = set(world.record.get("tags") or ()) | set(write.add_tags)
    world.record["tags"] = sorted(tags - set(write.remove_tags))
    changes = [f"customer.{name} = {_say(value)}" for name, value in write.attributes.items()]
    changes += [f"tag {tag}" for tag in write.add_tags] + [f"no tag {tag}" for tag in write.remove_tags]
    world.note(at, "set", "; ".join(changes))


def _say(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


def _change(record: dict[str, Any], changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if name in customer.CONTACT or name in ("tags", "orders"):
            record[name] = value
        else:
            record["attributes"][name] = value


def _answer(world: _World, state: State, ask: Ask) -> EffectDone:
    at = state.now
    if isinstance(ask, ReadCustomer):
        value = customer.choose(customer.facts(world.record), ask.fields)
        return EffectDone(effect=ask.id, value=value, at=at)
    if isinstance(ask, SendMessage):
        world.write(at, "send", ask.message, "", state, ask.vars)
    elif isinstance(ask, NotifyTeam):
        world.write(at, "notify", ask.team, ask.text, state, ask.vars)
    return EffectDone(effect=ask.id, outcome="accepted", at=at)
