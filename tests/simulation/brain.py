"""What a workflow does, as a generator that can die at any moment, be played again from its log, and be compared.

It follows ``workflows/journey.py`` line by line: deliveries in order first, then an answer, then the time. What it asks
of the world it yields; what the world says it is sent, with the time.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journey import machine
from journey.definition import Journey
from journey.inputs import EffectDone, Input, WokeUp
from journey.state import State
from journey.turn import Turn
from journey.work import Delivery, Launch, Work, standing

_plans: dict[str, Journey] = {}


def journey_of(plan: dict[str, Any]) -> Journey:
    """The plan as a journey, parsed once."""
    return _plans.setdefault(str(plan), Journey.model_validate(plan))


@dataclass(frozen=True)
class Keep:
    """Write a turn down; wait until it is."""

    work: Work


@dataclass(frozen=True)
class Begin:
    """Begin an effect (its work holds the turn, too); go on meanwhile."""

    work: Work


@dataclass(frozen=True)
class GiveUp:
    """An effect that was begun is not wanted any more."""

    effect: str


@dataclass(frozen=True)
class Fetch:
    """The deliveries after a number; with a moment, only once all that was accepted by then is routed."""

    after: int
    by: datetime | None = None


@dataclass(frozen=True)
class Rest:
    """Nothing to do until something is said, or until the deadline."""

    until: datetime | None


Request = Keep | Begin | GiveUp | Fetch | Rest


@dataclass(frozen=True)
class Said:
    """What the world says, and when: deliveries that were fetched or rung, an effect's answer, or that time is up."""

    at: datetime
    rung: int = 0
    deliveries: tuple[Delivery, ...] = ()
    answer: EffectDone | None = None
    alarm: bool = False


@dataclass
class Step:
    """One call of the machine: what it was given and what it gave."""

    journey: Journey
    state: State | None
    happened: Input | None
    turn: Turn
    delivery: Delivery | None = None


class Brain:
    """One instance's mind. ``steps`` is every call of the machine that it made, of which so many were ``reported`` to
    Temporal: the others never happened, if the mind died."""

    def __init__(self, launch: Launch, broken: str = "") -> None:
        self.broken = broken
        self.launch = launch
        self.journey = journey_of(launch.plan)
        self.cursor = launch.cursor
        self.upto = max(launch.cursor, launch.upto)
        self.known: dict[int, Delivery] = {}
        self.asking = ""
        self.begun: Work | None = None
        self.steered = False
        self.answer: EffectDone | None = None
        self.rings = False
        self.looked: datetime | None = None
        self.now = machine_time(launch)
        self.steps: list[Step] = []
        self.reported = 0

    def live(self) -> Generator[Request, Said, None]:
        """Turn after turn, to the end."""
        said = yield Rest(None)  # the first word is that it may begin
        self.now = said.at
        turn = self._begin()
        while True:
            yield from self._keep(turn)
            if turn.state.ended is not None:
                return
            while not self._has_news():
                self._hear((yield Rest(turn.state.wake_at)))
            turn = yield from self._next(turn.state)

    def _begin(self) -> Turn:
        if self.launch.snapshot is not None:
            return Turn(state=self.launch.snapshot, ask=self.launch.snapshot.asked)
        assert self.launch.entry is not None
        turn = machine.start(self.journey, self.launch.entry, self.now)
        self.steps.append(Step(self.journey, None, None, turn))
        return turn

    def _keep(self, turn: Turn) -> Generator[Request, Said, None]:
        unwritten = self.begun if self.asking else None
        if self.asking and turn.given_up:
            self._hear((yield GiveUp(self.asking)))
            self.asking, self.answer = "", None
        version = self.journey.hash if turn.plan is not None else None
        work = Work.model_construct(
            instance_id=self.launch.instance_id,
            writes=turn.writes,
            decisions=turn.decisions,
            standing=standing(self.journey, turn.state, self.cursor, version=version),
            given_up=turn.given_up,
            commands={self.cursor: turn.refused} if self.steered else {},
            effect=turn.ask,
        )
        if unwritten is not None and self.broken != "drops what it gives up":
            work = work.after(unwritten)
        if turn.ask is not None:
            self.begun, self.asking, self.answer = work, turn.ask.id, None
            self._hear((yield Begin(work)))
        else:
            self._hear((yield Keep(work)))

    def _has_news(self) -> bool:
        return self.upto > self.cursor or self.answer is not None or self.rings

    def _next(self, state: State) -> Generator[Request, Said, Turn]:
        self.steered = False
        if self.upto > self.cursor:
            if self.cursor + 1 not in self.known:
                self._hear((yield Fetch(self.cursor)))
            if self.cursor + 1 in self.known:
                return self._apply(state)
            self.upto = self.cursor
        if self.answer is not None:
            answer, self.answer, self.asking = self.answer, None, ""
            return self._advance(state, answer)
        if self.rings and state.wake_at is not None:
            return (yield from self._wake(state, state.wake_at))
        self.rings = False
        return Turn(state=state, ignored="a bell without a delivery")

    def _wake(self, state: State, deadline: datetime) -> Generator[Request, Said, Turn]:
        if self.journey.hears and self.looked != deadline:
            self._hear((yield Fetch(self.cursor, deadline)))
            if self.cursor + 1 in self.known:
                return self._apply(state)
            self.looked = deadline
        self.rings = False
        return self._advance(state, WokeUp(at=max(self.now, deadline)))

    def _apply(self, state: State) -> Turn:
        self.cursor += 1
        delivery = self.known.pop(self.cursor)
        self.steered = delivery.command is not None
        turn = self._advance(state, delivery.happened(self.now), delivery)
        if turn.plan is not None:
            self.journey = journey_of(turn.plan)
            self.launch = self.launch.model_copy(update={"plan": turn.plan})
        return turn

    def _advance(self, state: State, happened: Input, delivery: Delivery | None = None) -> Turn:
        turn = machine.advance(self.journey, state, happened)
        self.steps.append(Step(self.journey, state, happened, turn, delivery))
        if turn.state.wake_at != state.wake_at:
            self.rings = False
        return turn

    def _hear(self, said: Said) -> None:
        self.now = max(self.now, said.at)
        self.upto = max(self.upto, said.rung, *(delivery.seq for delivery in said.deliveries), 0)
        for delivery in said.deliveries:
            if delivery.seq > self.cursor:
                self.known[delivery.seq] = delivery
        if said.answer is not None and said.answer.effect == self.asking:
            self.answer = said.answer
        self.rings = self.rings or said.alarm


def machine_time(launch: Launch) -> datetime:
    """A moment at which the launch was certainly possible."""
    if launch.snapshot is not None:
        return launch.snapshot.now
    assert launch.entry is not None
    return launch.entry.event.at
