"""What comes next for one customer: the definition is walked from the present state with the machine itself.

Time passes and nothing else happens: that is one way. Where the journey waits for an event, the way on which it comes
is walked too. What lies behind such a wait is conditional, and says on what; everything else is certain, unless an exit
or the goal ends the journey before. A world in which messages go and calls are answered is assumed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from journey import customer, machine
from journey.clocks import BREACH
from journey.commands import MoveTo
from journey.definition import Journey
from journey.effects import (
    Ask,
    CallService,
    NotifyTeam,
    OpenTask,
    ReadCustomer,
    SendMessage,
    StartJourney,
    UpdateCustomer,
)
from journey.inputs import CommandReceived, EffectDone, WokeUp
from journey.life import NO_TIMES
from journey.state import State
from journey.time.wall import TimesInForce
from journey.turn import Turn

MOST_WAYS = 60
MOST_TURNS = 200
"""So many ways and turns are walked at most; journeys have loops."""
MESSAGE, TASK, TEAM, START, DEADLINE, END = "message", "task", "team", "start", "deadline", "end"


@dataclass(frozen=True)
class Expected:
    """One thing to come: when at the earliest, its kind, its name, and under which conditions, in sentences; none: it
    is certain. ``step``: where it happens."""

    at: datetime
    kind: str
    name: str
    step: str
    conditions: tuple[str, ...] = ()


@dataclass
class _Way:
    """One way that is walked: its state, the customer as they would be, and what must hold for it."""

    turn: Turn
    known: Mapping[str, Any]
    conditions: tuple[str, ...] = ()


@dataclass
class _Walk:
    journey: Journey
    until: datetime
    times: TimesInForce
    found: dict[tuple[str, str, str, datetime], Expected] = field(default_factory=dict)
    turns: int = 0

    def note(self, at: datetime, kind: str, name: str, step: str, conditions: tuple[str, ...]) -> None:
        """Something to come; of two ways to the same thing at the same moment the one with fewer conditions counts."""
        key = (kind, name, step, at)
        before = self.found.get(key)
        if at <= self.until and (before is None or len(conditions) < len(before.conditions)):
            self.found[key] = Expected(at, kind, name, step, conditions)


def outlook(
    journey: Journey,
    state: State,
    known: Mapping[str, Any],
    until: datetime,
    times: TimesInForce = NO_TIMES,
) -> list[Expected]:
    """What comes until a moment, in order. ``known`` is what conditions can name of the customer. Of a paused instance
    nothing is said: nothing comes while it is paused."""
    if state.ended is not None or state.paused is not None:
        return []
    walk = _Walk(journey, until, times)
    _deadlines(walk, state)
    ways = [_Way(Turn(state=state, ask=state.asked), known)]
    walked = 0
    while ways and walked < MOST_WAYS and walk.turns < MOST_TURNS:
        walked += 1
        ways += _follow(walk, ways.pop(0))
    return sorted(walk.found.values(), key=lambda one: (one.at, len(one.conditions), one.kind, one.name))


def _deadlines(walk: _Walk, state: State) -> None:
    for aside in state.asides:
        if aside.what == BREACH and aside.clock:
            walk.note(aside.at, DEADLINE, aside.clock, state.step or "", ())


def _follow(walk: _Walk, way: _Way) -> Iterator[_Way]:
    """Follow one way to its end; yields the ways that leave it."""
    while walk.turns < MOST_TURNS:
        walk.turns += 1
        state = way.turn.state
        _notice(walk, way)
        if state.ended is not None:
            walk.note(state.ended.at, END, state.ended.outcome, state.step or "", way.conditions)
            return
        if way.turn.ask is not None:
            way.turn = _answered(walk, way, way.turn.ask)
            continue
        at = state.alarm_at
        if at is None or at > walk.until:
            yield from _comes(walk, way)
            return
        if state.wake_at == at:
            yield from _comes(walk, way)
            way.conditions = _and(way.conditions, _not_come(walk, state))
        way.turn = machine.advance(walk.journey, state, WokeUp(at=at))


def _notice(walk: _Walk, way: _Way) -> None:
    """What a turn writes."""
    state = way.turn.state
    for write in way.turn.writes:
        if isinstance(write, OpenTask):
            walk.note(state.now, TASK, write.task, state.step or "", way.conditions)
            if write.due_at is not None:
                walk.note(write.due_at, DEADLINE, write.task, state.step or "", _and(way.conditions, "if it is open"))
        elif isinstance(write, UpdateCustomer):
            way.known = {**way.known, **write.attributes}


def _answered(walk: _Walk, way: _Way, ask: Ask) -> Turn:
    """The answer of a world in which all goes well, and what is said of the asking."""
    state = way.turn.state
    step, now = state.step or "", state.now
    outcome, value, local = "accepted", dict[str, Any](), None
    if isinstance(ask, ReadCustomer):
        outcome, value = "done", customer.choose(way.known, ask.fields)
        zone = str(way.known.get("time_zone") or "")
        local = walk.times.of(zone, ask.local.calendars, ask.local.at) if ask.local else None
    elif isinstance(ask, SendMessage):
        walk.note(now, MESSAGE, ask.message, step, way.conditions)
    elif isinstance(ask, NotifyTeam):
        if not ask.task:
            walk.note(now, TEAM, ask.team, step, way.conditions)
    elif isinstance(ask, StartJourney):
        walk.note(now, START, ask.journey, step, way.conditions)
    elif isinstance(ask, CallService):
        way.conditions = _and(way.conditions, f"if {ask.name} answers")
    done = EffectDone(effect=ask.id, outcome=outcome, value=value, local=local, at=now)
    return machine.advance(walk.journey, state, done)


def _comes(walk: _Walk, way: _Way) -> Iterator[_Way]:
    """The ways on which something that the present step waits for comes, as early as it can: now."""
    state = way.turn.state
    spot = walk.journey.spots.get(state.step or "")
    if spot is None or not spot.step.hears() or state.beside is not None:
        return
    comes = f"if {' or '.join(spot.step.hears())} comes"
    firsts = {first for name, first in spot.blocks.items() if name != "otherwise"} or {spot.after}
    for first in sorted(first for first in firsts if first in walk.journey.places):
        order = CommandReceived(command=MoveTo(at=state.now, to=first), at=state.now)
        turn = machine.advance(walk.journey, state, order)
        if not turn.refused:
            yield _Way(turn, way.known, _and(way.conditions, comes))


def _not_come(walk: _Walk, state: State) -> str:
    spot = walk.journey.spots.get(state.step or "")
    return f"if no {' or '.join(spot.step.hears())} comes before" if spot is not None and spot.step.hears() else ""


def _and(conditions: tuple[str, ...], more: str) -> tuple[str, ...]:
    return (*conditions, more) if more and more not in conditions else conditions


def on_one_day(expected: list[tuple[str, Expected]], zone: ZoneInfo) -> dict[int, str]:
    """Clashes, by place in the list: certain or not, messages of one customer on one day of their zone, where there is
    more than one."""
    days: dict[date, list[int]] = {}
    for number, (_, one) in enumerate(expected):
        if one.kind == MESSAGE:
            days.setdefault(one.at.astimezone(zone).date(), []).append(number)
    crowded = [numbers for numbers in days.values() if len(numbers) > 1]
    return {number: f"{len(numbers)} messages on this day" for numbers in crowded for number in numbers}
