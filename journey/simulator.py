"""One customer's journey, written down line by line: what happens, when, and why.

Unless told otherwise messages always go, staff are always told at once, and the customer record is a dictionary.
"""

import heapq
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from journey import customer
from journey.clocks import BREACH
from journey.definition import Journey
from journey.effects import (
    AddNote,
    Ask,
    CallService,
    CloseTask,
    NotifyTeam,
    OpenTask,
    SendMessage,
    StartJourney,
    TakeFrom,
    Write,
)
from journey.inputs import Entry, Event
from journey.life import NO_TIMES, Answer, Answers, Coming, Life, always
from journey.state import Clock, State
from journey.time.wall import TimesInForce
from journey.turn import Decision, Turn, Way

Follows = Callable[[OpenTask | StartJourney], Coming | None]
"""What comes of a task that was opened, or of another journey that has started."""


def nothing(begun: OpenTask | StartJourney) -> None:
    """A world in which nobody does a task, and no other journey ends."""


@dataclass(frozen=True)
class Line:
    """One line of a trace: when (since the start), what kind, what. Kinds: why, event, send, notify, note, set, task,
    call, start, throttle, vars, clock, wait, finish; ``why`` lines are reasons. ``name`` is the message or team,
    ``team`` who has the task, ``outcome`` how it went if it did not go. A line with a text to write carries its
    ``source`` and the ``facts``."""

    after: timedelta
    kind: str
    text: str
    until: timedelta | None = None
    name: str = ""
    team: str = ""
    outcome: str = ""
    source: str = ""
    facts: dict[str, Any] | None = None


@dataclass
class Trace:
    """What happened, in order, the last state, and the ways that were taken."""

    lines: list[Line]
    state: State
    ways: tuple[Way, ...] = ()


def simulate(
    journey: Journey,
    began: datetime,
    start: dict[str, Any],
    record: dict[str, Any],
    events: Sequence[Coming] = (),
    answers: Answers = always,
    times: TimesInForce = NO_TIMES,
    follows: Follows = nothing,
) -> Trace:
    """Run one instance to its end, or until nothing more can happen. ``record`` is the customer's record as
    ``journey.customer.facts`` reads it; it is not changed."""
    copy = {**record, "attributes": dict(record.get("attributes") or {})}
    entry = Entry(event=Event(type=journey.start.on, data=start, at=began), who=str(record.get("id") or ""))
    numbers = itertools.count()
    queue = [(began + event.after, next(numbers), event) for event in events]
    heapq.heapify(queue)

    def begun(at: datetime, what: OpenTask | StartJourney) -> None:
        coming = follows(what)
        if coming is not None:
            heapq.heappush(queue, (at + coming.after, next(numbers), coming))

    diary = Diary(began, begun)
    life = Life(journey, copy, entry, diary, answers, times)
    while life.state.ended is None and (queue or life.due is not None):
        if queue and (life.due is None or queue[0][0] <= life.due):
            at, _, coming = heapq.heappop(queue)
            life.hear(at, coming)
        else:
            life.go_on()
    return Trace(diary.lines, life.state, tuple(diary.ways))


class Diary:
    """The witness who writes everything down. It began when the instance began; what was ``begun`` is told."""

    def __init__(self, began: datetime, begun: Callable[[datetime, OpenTask | StartJourney], None]) -> None:
        self.lines: list[Line] = []
        self.ways: list[Way] = []
        self._began = began
        self._begun = begun
        self._vars: dict[str, Any] = {}
        self._clocks: Mapping[str, Clock] = {}
        self._told_until: datetime | None = None
        self._last_word: tuple[Decision, ...] = ()

    def came(self, at: datetime, kind: str) -> None:
        """An event."""
        self._note(at, "event", kind)

    def turned(self, life: Life, turn: Turn) -> None:
        """The reasons, and what the journey keeps. The reason of the end waits for what comes before it."""
        if turn.ignored:
            self.lines.append(Line(self.lines[-1].after, "why", f"Nothing happens: {turn.ignored}."))
            return
        self.ways += turn.ways
        self._last_word = turn.decisions[-1:] if turn.state.ended else ()
        for decision in turn.decisions[: len(turn.decisions) - len(self._last_word)]:
            self._note(decision.at, "why", decision.text)
        for name, value in turn.state.vars.items():
            if name not in self._vars or self._vars[name] != value:
                self._note(turn.state.now, "vars", f"vars.{name} = {_say(value)}")
        self._vars = turn.state.vars
        for text in _clocks(self._clocks, turn.state):
            self._note(turn.state.now, "clock", text)
        self._clocks = turn.state.clocks

    def wrote(self, life: Life, write: Write) -> None:
        """A note, a task or a change of the record."""
        at = life.state.now
        if isinstance(write, AddNote):
            facts = _facts(life, write.vars)
            self.lines.append(Line(at - self._began, "note", write.text, source=write.text, facts=facts))
            return
        if isinstance(write, OpenTask):
            source = f"{write.title}\n{write.text}"
            kept, text = _facts(life, write.vars), f"{write.task} for {write.team}"
            self.lines.append(
                Line(at - self._began, "task", text, name=write.task, team=write.team, source=source, facts=kept)
            )
            self._begun(at, write)
            return
        if isinstance(write, CloseTask):
            self._note(at, "why", f"The task is closed as {write.state}: {write.reason}.")
            return
        changes = [f"customer.{name} = {_say(value)}" for name, value in write.attributes.items()]
        changes += [f"tag {tag}" for tag in write.add_tags] + [f"no tag {tag}" for tag in write.remove_tags]
        self._note(at, "set", "; ".join(changes))

    def asked(self, life: Life, ask: Ask) -> dict[str, Any]:
        """The facts of the asking: what is sent is written with them."""
        return _facts(life, getattr(ask, "vars", {}))

    def went(self, at: datetime, ask: Ask, answer: Answer, kept: dict[str, Any]) -> None:
        """What was sent, when it has gone."""
        if isinstance(ask, NotifyTeam) and ask.task and answer.outcome == "accepted":
            return  # the line of the task says it
        kind, name, source = said(ask)
        outcome = "" if answer.outcome == "accepted" else answer.outcome
        text = f"{name} ({outcome})" if outcome else name
        line = Line(at - self._began, kind, text, name=name, outcome=outcome, source=source, facts=kept)
        self.lines.append(line)
        if isinstance(ask, StartJourney) and not outcome:
            self._begun(at, ask)

    def rests(self, life: Life) -> None:
        """That it ended or waits, unless this wait was the last one told."""
        state = life.state
        if state.ended is not None:
            for decision in self._last_word:
                self._note(decision.at, "why", decision.text)
            self._note(state.ended.at, "finish", state.ended.outcome)
        elif state.wake_at is not None and state.step is not None and state.wake_at != self._told_until:
            self._note(state.now, "wait", life.journey.spots[state.step].step.title(), state.wake_at)
            self._told_until = state.wake_at

    def _note(self, at: datetime, kind: str, text: str, until: datetime | None = None) -> None:
        self.lines.append(Line(at - self._began, kind, text, until - self._began if until else None))


def _facts(life: Life, variables: dict[str, Any]) -> dict[str, Any]:
    return {"customer": customer.facts(life.record), "start": life.state.start, "vars": variables}


def _clocks(before: Mapping[str, Clock], state: State) -> Iterator[str]:
    """What has happened to the clocks, each in two words: ``first-answer paused``."""
    for name, clock in state.clocks.items():
        old = before.get(name)
        if old is None or old.due != clock.due:
            yield f"{name} started"
        if clock.hold is not None and (old is None or old.hold is None):
            yield f"{name} paused"
        if clock.hold is None and old is not None and old.hold is not None:
            yield f"{name} resumed"
        for what in clock.done[len(old.done) if old else 0 :]:
            yield f"{name} {'breached' if what == BREACH else 'warned'}"
    yield from (f"{name} stopped" for name in before if name not in state.clocks)


def said(ask: Ask) -> tuple[str, str, str]:
    """What people see of an effect: the kind of its line, the name in it, and the text to write, if it has one."""
    return _SAID[type(ask)](ask)


def _say(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


_SAID: dict[type, Callable[[Any], tuple[str, str, str]]] = {
    SendMessage: lambda ask: ("send", ask.message, ""),
    NotifyTeam: lambda ask: ("notify", ask.team, ask.text),
    TakeFrom: lambda ask: ("throttle", ask.budget, ""),
    CallService: lambda ask: ("call", ask.name, ""),
    StartJourney: lambda ask: ("start", ask.journey, ""),
}
