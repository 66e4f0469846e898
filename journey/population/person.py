"""One customer of a population: what comes, which journeys it begins and moves, and what follows from that."""

import heapq
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from journey import conditions, customer, routing
from journey.definition import Journey
from journey.effects import Ask, Write
from journey.inputs import Entry, Event
from journey.life import NO_TIMES, Answer, Coming, Life, change
from journey.population.chance import Chance
from journey.population.model import Behaviour, Reaction
from journey.population.tally import Tally
from journey.simulator import said
from journey.time.wall import TimesInForce
from journey.turn import Turn

_SIMPLE = re.compile(r"(?:event|start|vars|customer)(?:\.[A-Za-z_]\w*)+")

_CUSTOMER = re.compile(r"\bcustomer\s*[.\[]")

PURCHASE = "purchase.completed"
"""The event that the store counts in ``customer.orders``."""


@dataclass(frozen=True)
class Setting:
    """What is the same for every customer: the journeys, what follows from what, the first moment and the last, and
    what is known about time."""

    journeys: Mapping[str, Journey]
    behaviours: Mapping[str, Sequence[Behaviour]]
    begins: datetime
    ends: datetime
    times: TimesInForce = NO_TIMES

    @cached_property
    def starts(self) -> frozenset[str]:
        """The event types that begin some journey."""
        return frozenset(journey.start.on for journey in self.journeys.values())

    @cached_property
    def _reading(self) -> frozenset[str]:
        return frozenset(
            moment
            for moment, behaviours in self.behaviours.items()
            if any(_CUSTOMER.search(repr(behaviour)) for behaviour in behaviours)
        )

    def reads_customer(self, moment: str) -> bool:
        """Whether what follows from a moment may depend on the record; to make its facts costs most of an event."""
        return moment in self._reading

    def day(self, at: datetime) -> int:
        """The number of a day; the first is 0."""
        return (at - self.begins).days


class Person:
    """A customer: their record, the events that are to come, and their instances."""

    def __init__(self, setting: Setting, record: dict[str, Any], chance: Chance, tally: Tally) -> None:
        self.setting = setting
        self.record = {**record, "attributes": dict(record.get("attributes") or {})}
        self.tally = tally
        self._chance = chance
        self._coming: list[tuple[datetime, int, Coming]] = []
        self._count = itertools.count(1)
        self._running: dict[tuple[str, str], Life] = {}
        self._ended: dict[tuple[str, str], datetime] = {}

    def expect(self, at: datetime, coming: Coming) -> None:
        """An event is to come."""
        if at < self.setting.ends:
            heapq.heappush(self._coming, (at, next(self._count), coming))

    def live(self) -> None:
        """Everything that happens until the end, in order; an event at the moment of a deadline is first."""
        while True:
            life = min(self._running.values(), key=_due, default=None)
            due = life.due if life is not None else None
            if self._coming and (due is None or self._coming[0][0] <= due):
                at, _, coming = heapq.heappop(self._coming)
                self._happens(at, coming)
            elif life is not None and due is not None and due < self.setting.ends:
                life.go_on()
                self._look(life)
            else:
                break
        for life in self._running.values():
            self.tally.standing[life.journey.journey, life.state.step or ""] += 1
            self._lived(life)

    def follow(self, moment: str, at: datetime, facts: Mapping[str, Any]) -> Answer | None:
        """What follows from a moment: events to come, and how it went, if a behaviour says so."""
        answer = None
        if self.setting.reads_customer(moment):
            facts = {**facts, "customer": customer.facts(self.record)}
        for behaviour in self.setting.behaviours.get(moment, ()):
            if behaviour.if_ is not None and not conditions.judge(behaviour.if_, facts, at).holds:
                continue
            reaction = self._chance.one_of([(one.percent, one) for one in behaviour.one_of])
            if reaction is None:
                continue
            after = self._chance.length(reaction.after)
            if reaction.outcome is not None:
                answer = answer or Answer(reaction.outcome, self._values(reaction.value, facts, at), after)
            else:
                self.expect(at + after, self._event(reaction, facts, at))
        return answer

    def _event(self, reaction: Reaction, facts: Mapping[str, Any], at: datetime) -> Coming:
        changes = self._values(reaction.customer, facts, at)
        return Coming(timedelta(), reaction.event or "", self._values(reaction.data, facts, at), changes)

    def _values(self, given: Mapping[str, Any], facts: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """Data with its expressions worked out; what cannot be worked out is left out."""
        found: dict[str, Any] = {}
        for name, value in given.items():
            if isinstance(value, dict):
                found[name] = self._values(value, facts, at)
            elif isinstance(value, str) and value.startswith("= "):
                worked_out = _worked_out(value[2:], facts, at)
                if worked_out is not None:
                    found[name] = worked_out
            elif isinstance(value, str) and "{number}" in value:
                found[name] = value.replace("{number}", f"{self.record.get('id')}-{next(self._count)}")
            else:
                found[name] = value
        return found

    def _happens(self, at: datetime, coming: Coming) -> None:
        """One event, as the router takes it: running instances hear it, then journeys start."""
        self.tally.events[coming.type, self.setting.day(at)] += 1
        change(self.record, coming.customer)
        if coming.type == PURCHASE:
            self.record["orders"] = int(self.record.get("orders") or 0) + 1
        for life in list(self._running.values()):
            if coming.type in life.journey.hears:
                life.hear(at, coming)
                self._look(life)
        if coming.type in self.setting.starts:
            known = customer.facts(self.record)
            for wish in routing.wishes(self.setting.journeys, coming.type, coming.data, known, at):
                if isinstance(wish, routing.Wish):
                    self._begin(at, coming, wish)
        self.follow(coming.type, at, {"event": coming.data})

    def _begin(self, at: datetime, coming: Coming, wish: routing.Wish) -> None:
        place = wish.journey.journey, wish.key
        running, ended = place in self._running, self._ended.get(place)
        former = routing.Former(running, ended) if running or ended else None
        if routing.may_begin(wish.journey, former, at):
            return
        self.tally.begun[wish.journey.journey] += 1
        event = Event(type=coming.type, data=coming.data, at=at)
        entry = Entry(event=event, who=str(self.record.get("id") or ""))
        counting = _Counting(self, coming.data)
        life = Life(wish.journey, self.record, entry, counting, counting.answer, self.setting.times)
        self._running[place] = life
        self._look(life, place)

    def _look(self, life: Life, place: tuple[str, str] | None = None) -> None:
        """Whether an instance has ended."""
        ended = life.state.ended
        if ended is None:
            return
        name = life.journey.journey
        place = place or next(place for place, one in self._running.items() if one is life)
        del self._running[place]
        self._ended[place] = ended.at
        self.tally.outcomes[name, ended.outcome] += 1
        self.tally.days[name, ended.outcome, (ended.at - life.state.started_at).days] += 1
        self._lived(life)

    def _lived(self, life: Life) -> None:
        self.tally.turns += life.state.turns
        for uid in life.state.visits:
            self.tally.reached[life.journey.journey, life.journey.by_uid.get(uid, uid)] += 1


class _Counting:
    """The witness of one instance: what it does is counted, and what follows from that is asked."""

    def __init__(self, person: Person, start: dict[str, Any]) -> None:
        self._person = person
        self._start = start
        self._began: datetime | None = None

    def answer(self, ask: Ask, asked: timedelta) -> Answer:
        """How the world answers: as a behaviour says, or well and at once."""
        kind, name, _ = said(ask)
        person = self._person
        moment = f"{kind} {name}"
        if moment not in person.setting.behaviours or self._began is None:
            return _WELL
        facts = {"start": self._start, "vars": getattr(ask, "vars", {})}
        return person.follow(moment, self._began + asked, facts) or _WELL

    def came(self, at: datetime, kind: str) -> None:
        """An event; the first one is the beginning."""
        self._began = self._began or at

    def turned(self, life: Life, turn: Turn) -> None:
        """Nothing to count."""

    def wrote(self, life: Life, write: Write) -> None:
        """Nothing to count."""

    def asked(self, life: Life, ask: Ask) -> None:
        """Nothing to keep."""

    def went(self, at: datetime, ask: Ask, answer: Answer, kept: None) -> None:
        """A message or a team's work."""
        kind, name, _ = said(ask)
        tally, day = self._person.tally, self._person.setting.day(at)
        if kind != "send":
            tally.teams[name, day] += 1
        elif answer.outcome == "accepted":
            tally.messages[name, day] += 1
        else:
            tally.unsent[name, day] += 1

    def rests(self, life: Life) -> None:
        """Nothing to count."""


_WELL = Answer()
_NEVER = datetime.max.replace(tzinfo=UTC)


def _due(life: Life) -> datetime:
    return life.due or _NEVER


def _worked_out(source: str, facts: Mapping[str, Any], at: datetime) -> Any:
    """An expression's value; a plain path needs no compiler."""
    path = _path(source)
    if not path:
        return conditions.judge(source, facts, at).value
    value: Any = facts.get(path[0])
    for name in path[1:]:
        value = value.get(name) if isinstance(value, dict) else None
    return value


@lru_cache(maxsize=1024)
def _path(source: str) -> tuple[str, ...]:
    return tuple(source.split(".")) if _SIMPLE.fullmatch(source) else ()
