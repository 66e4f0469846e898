"""One instance in virtual time: the machine, a clock that jumps, the customer's record, and a world that answers.

What it does is told to a witness, who writes it down (``journey.simulator``) or counts it (``journey.population``).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from journey import channels, customer, machine
from journey.definition import Journey
from journey.effects import Ask, ReadCustomer, SendMessage, UpdateCustomer, Write
from journey.inputs import CUSTOMER_CHANGED, EffectDone, Entry, Event, EventReceived, WokeUp
from journey.state import State
from journey.time.wall import LocalTime, TimesInForce
from journey.turn import Turn


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


NO_TIMES = TimesInForce()
"""A company without a zone and without calendars."""


class Witness(Protocol):
    """Who is told what happens, in order."""

    def came(self, at: datetime, kind: str) -> None:
        """An event was accepted."""

    def turned(self, life: "Life", turn: Turn) -> None:
        """The machine made a turn; its writes follow."""

    def wrote(self, life: "Life", write: Write) -> None:
        """The record was changed, or a note written."""

    def asked(self, life: "Life", ask: Ask) -> Any:
        """An effect is asked for; what is returned comes back with ``went``."""

    def went(self, at: datetime, ask: Ask, answer: Answer, kept: Any) -> None:
        """The effect has its answer."""

    def rests(self, life: "Life") -> None:
        """It ended, or nothing more happens by itself before ``life.due``."""


@dataclass(frozen=True)
class _Pending:
    """An answer that is under way."""

    at: datetime
    ask: Ask
    answer: Answer
    kept: Any
    local: LocalTime | None = None


class Life:
    """One instance. ``record`` is the customer's record as ``journey.customer.facts`` reads it, with its
    ``attributes``; it changes as the journey and its events say. ``due`` is when something happens by itself: an answer
    comes, or a rest is over; None if nothing will."""

    def __init__(
        self,
        journey: Journey,
        record: dict[str, Any],
        entry: Entry,
        witness: Witness,
        answers: Answers = always,
        times: TimesInForce = NO_TIMES,
    ) -> None:
        self.journey = journey
        self.record = record
        self.began = entry.event.at
        self._witness = witness
        self._answers = answers
        self._times = times
        self._pending: _Pending | None = None
        self.state: State
        self.due: datetime | None = None
        witness.came(self.began, journey.start.on)
        self._settle(machine.start(journey, entry, self.began))

    def go_on(self) -> None:
        """It is the moment that was due."""
        if self._pending is not None:
            self._settle(self._answered(self._pending))
        elif self.state.alarm_at is not None:
            self._settle(machine.advance(self.journey, self.state, WokeUp(at=self.state.alarm_at)))

    def hear(self, at: datetime, coming: Coming) -> None:
        """An event, accepted and applied at this moment. What it changes of the customer is told to a condition that
        waits for it, as the router does."""
        change(self.record, coming.customer)
        self._witness.came(at, coming.type)
        follows = self.journey.follows and coming.type not in self.journey.hears
        kind = CUSTOMER_CHANGED if follows and self.journey.follows & coming.customer.keys() else coming.type
        fields = self.journey.reads_at_events
        seen = customer.choose(customer.facts(self.record), fields) if fields else {}
        event = Event(type=kind, data=coming.data, at=at, customer=seen)
        turn = machine.advance(self.journey, self.state, EventReceived(event=event, at=at))
        if turn.ignored:
            self._witness.turned(self, turn)
        else:
            self._settle(turn)

    def _settle(self, turn: Turn) -> None:
        """Take a turn in and answer what it asks, until it rests, ends, or an answer takes its time."""
        while True:
            self.state = turn.state
            self._witness.turned(self, turn)
            for write in turn.writes:
                self._write(write)
                self._witness.wrote(self, write)
            if turn.ask is not None:
                self._pending = self._asked(turn.ask)
            if self.state.asked is None:
                self._pending = None  # it was given up
            if self._pending is None or self._pending.at > self.state.now:
                break
            turn = self._answered(self._pending)
        self.due = self._pending.at if self._pending else self.state.alarm_at
        if self._pending is None:
            self._witness.rests(self)

    def _asked(self, ask: Ask) -> _Pending:
        """How the world answers, and when."""
        now = self.state.now
        if isinstance(ask, ReadCustomer):
            value = customer.choose(customer.facts(self.record), ask.fields)
            zone = str(self.record.get("time_zone") or "")
            local = self._times.of(zone, ask.local.calendars, ask.local.at) if ask.local else None
            return _Pending(now, ask, Answer("done", value), None, local)
        if isinstance(ask, SendMessage) and ask.channels:
            return self._by_channel(ask, now, now)
        answer = _in_time(ask, now, self._answers(ask, now - self.began))
        return _Pending(now + answer.after, ask, answer, self._witness.asked(self, ask))

    def _by_channel(self, ask: SendMessage, now: datetime, at: datetime) -> _Pending:
        """A message by the first of its channels that reaches the customer; those in vain before it are told."""
        known = customer.facts(self.record)
        last: _Pending | None = None
        reason = ""
        for channel in channels.order(ask.channels, known):
            try:
                channels.address(channel, known)
            except ValueError as problem:
                reason = reason or str(problem)
                continue
            if last is not None:
                self._witness.went(last.at, last.ask, last.answer, last.kept)
            one = ask.model_copy(update={"message": channels.text_of(ask.message, channel)})
            answer = _in_time(one, at, self._answers(one, at - self.began))
            at += answer.after
            last = _Pending(at, one, answer, self._witness.asked(self, one))
            if answer.outcome not in channels.ELSEWHERE:
                break
        if last is None:
            answer = Answer("suppressed", {"reason": reason})
            last = _Pending(now, ask, answer, self._witness.asked(self, ask))
        return last

    def _answered(self, pending: _Pending) -> Turn:
        self._pending = None
        ask, answer = pending.ask, pending.answer
        if not isinstance(ask, ReadCustomer):
            self._witness.went(pending.at, ask, answer, pending.kept)
        done = EffectDone(effect=ask.id, outcome=answer.outcome, value=answer.value, local=pending.local, at=pending.at)
        return machine.advance(self.journey, self.state, done)

    def _write(self, write: Write) -> None:
        if not isinstance(write, UpdateCustomer):
            return
        change(self.record, write.attributes)
        tags = set(self.record.get("tags") or ()) | set(write.add_tags)
        self.record["tags"] = sorted(tags - set(write.remove_tags))


def change(record: dict[str, Any], changes: dict[str, Any]) -> None:
    """Set fields of a customer's record, in place: contact fields, tags and orders beside the attributes."""
    for name, value in changes.items():
        if name in customer.FIELDS:
            record[name] = value
        else:
            record["attributes"][name] = value


def _in_time(ask: Ask, asked: datetime, answer: Answer) -> Answer:
    """A message that would go out when it is out of date does not go."""
    limit = getattr(ask, "not_after", None)
    if limit is None or answer.outcome != "accepted" or asked + answer.after <= limit:
        return answer
    return Answer("expired", answer.value, max(limit - asked, timedelta()))
