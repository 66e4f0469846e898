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
from journey.effects import StartJourney
from journey.inputs import JOURNEY_ENDED, Entry, Event
from journey.life import NO_TIMES, Answer, Coming, Life, change
from journey.population.chance import Chance
from journey.population.counting import Counting
from journey.population.model import Behaviour, Reaction
from journey.population.tally import Tally
from journey.time.wall import TimesInForce

_SIMPLE = re.compile(r"(?:event|start|vars|customer)(?:\.[A-Za-z_]\w*)+")

_CUSTOMER = re.compile(r"\bcustomer\s*[.\[]")

CANCELLED = "cancelled"

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
        self._coming: list[tuple[datetime, int, Coming, Life | None]] = []
        self._count = itertools.count(1)
        self._running: dict[tuple[str, str], Life] = {}
        self._ended: dict[tuple[str, str], datetime] = {}
        self._parents: dict[tuple[str, str], tuple[Life, str]] = {}
        self._bound: list[tuple[Life, Life]] = []

    def expect(self, at: datetime, coming: Coming, only: Life | None = None) -> None:
        """An event is to come. ``only`` one instance hears it: its task is done, a journey it began has ended."""
        if at < self.setting.ends:
            heapq.heappush(self._coming, (at, next(self._count), coming, only))

    def live(self) -> None:
        """Everything that happens until the end, in order; an event at the moment of a deadline is first."""
        while True:
            life = min(self._running.values(), key=_due, default=None)
            due = life.due if life is not None else None
            if self._coming and (due is None or self._coming[0][0] <= due):
                at, _, coming, only = heapq.heappop(self._coming)
                self._happens(at, coming) if only is None else self._reaches(only, at, coming)
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
            if coming.type in life.journey.hears or life.journey.follows & coming.customer.keys():
                self._reaches(life, at, coming)
        if coming.type in self.setting.starts:
            known = customer.facts(self.record)
            for wish in routing.wishes(self.setting.journeys, coming.type, coming.data, known, at):
                if isinstance(wish, routing.Wish):
                    self._begin(at, coming, wish)
        self.follow(coming.type, at, {"event": coming.data})

    def _reaches(self, life: Life, at: datetime, coming: Coming) -> None:
        if life.state.ended is None:
            life.hear(at, coming)
            self._look(life)

    def _begin(self, at: datetime, coming: Coming, wish: routing.Wish) -> None:
        if not self._may_begin(wish, at):
            self._run(at, coming.type, coming.data, wish)

    def _may_begin(self, wish: routing.Wish, at: datetime) -> str:
        """The reason against it; '' if it may."""
        place = wish.journey.journey, wish.key
        running, ended = place in self._running, self._ended.get(place)
        return routing.may_begin(wish.journey, routing.Former(running, ended) if running or ended else None, at)

    def _run(self, at: datetime, kind: str, data: dict[str, Any], wish: routing.Wish) -> Life:
        self.tally.begun[wish.journey.journey] += 1
        entry = Entry(event=Event(type=kind, data=data, at=at), who=str(self.record.get("id") or ""))
        counting = Counting(self, data)
        life = Life(wish.journey, self.record, entry, counting, counting.answer, self.setting.times)
        self._running[wish.journey.journey, wish.key] = life
        self._look(life)
        return life

    def other(self, ask: StartJourney, at: datetime) -> routing.Wish | str:
        """The journey that another one wants to begin for this customer, with its key, or the reason against it."""
        journey = self.setting.journeys.get(ask.journey)
        if journey is None:
            return "it is not in this forecast"
        wish = routing.wish(journey, ask.data, customer.facts(self.record), at)
        if isinstance(wish, routing.Refusal):
            return wish.reason
        return self._may_begin(wish, at) or wish

    def begin_other(self, ask: StartJourney, at: datetime, parent: Life) -> None:
        """Begin it; its end is told to the one that began it, if it waits for that."""
        wish = self.other(ask, at)
        if isinstance(wish, str):
            return
        if ask.awaited:
            self._parents[wish.journey.journey, wish.key] = parent, ask.id
        child = self._run(at, wish.journey.start.on, ask.data, wish)
        if ask.bound and child.state.ended is None:
            self._bound.append((parent, child))

    def _look(self, life: Life) -> None:
        """Whether an instance has ended; then those end too that are bound to it."""
        ended = life.state.ended
        if ended is None:
            return
        self._over(life, ended.outcome, ended.at)
        for parent, child in self._bound:
            if parent is life and child in self._running.values():
                self._over(child, CANCELLED, ended.at)

    def _over(self, life: Life, outcome: str, at: datetime) -> None:
        name = life.journey.journey
        place = next(place for place, one in self._running.items() if one is life)
        del self._running[place]
        self._ended[place] = at
        self.tally.outcomes[name, outcome] += 1
        self.tally.days[name, outcome, (at - life.state.started_at).days] += 1
        self._lived(life)
        if place in self._parents:
            parent, asked = self._parents.pop(place)
            data = {"start": asked, "journey": name, "outcome": outcome}
            self.expect(at, Coming(timedelta(), JOURNEY_ENDED, data), parent)

    def _lived(self, life: Life) -> None:
        self.tally.turns += life.state.turns
        for uid in life.state.visits:
            self.tally.reached[life.journey.journey, life.journey.by_uid.get(uid, uid)] += 1


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
