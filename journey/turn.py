"""One turn of the machine: what comes out of it, and the desk it is worked on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field

from journey import conditions
from journey.effects import Ask, ReadCustomer, WantedTime, Write
from journey.inputs import Event
from journey.model import Frozen, changed, made
from journey.state import Aside, Ended, State, alarm
from journey.time import lengths
from journey.time.wall import LocalTime, Pace, Wall

if TYPE_CHECKING:
    from journey.definition import Journey
    from journey.steps.base import Step


READ = 99
"""The ordinal of the effect that reads the customer before a step is entered."""
READ_BESIDE = 98
"""The ordinal of the effect that reads the customer before a step does something beside the way."""
TRY = 100
"""So many ordinals of effects a step has for each try."""
LOCAL = "local"
"""Where a step keeps the local time that was read when it was entered (``State.here``)."""
TRIES = "tries"
"""Where a step counts how often it has tried again (``State.here``)."""


class Decision(Frozen):
    """Why something happened: a sentence, and for a rule its source, the values it read and what it came to."""

    id: str
    at: datetime
    step: str | None
    text: str
    rule: str = ""
    values: dict[str, Any] = Field(default_factory=dict)
    result: bool | None = None


class Way(NamedTuple):
    """A way that was taken: into a block of a step, or out by an exit or goal (no step; ``exit/0``, ``goal``)."""

    step: str
    block: str


class Turn(Frozen):
    """The new state, the store writes to make first, the ask to perform after them (if any), the reasons, and the ways
    that were taken.

    ``given_up`` is the id of an effect that was asked for before and is not wanted any more; ``plan`` the version to go
    on with, after a migration. An input that changed nothing says why in ``ignored``; a command that did not fit also
    in ``refused``, even if a deadline passed before it."""

    state: State
    writes: tuple[Write, ...] = ()
    ask: Ask | None = None
    decisions: tuple[Decision, ...] = ()
    ways: tuple[Way, ...] = ()
    given_up: str = ""
    plan: dict[str, Any] | None = None
    ignored: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Next:
    """Go on with the step after this one."""


@dataclass(frozen=True)
class Into:
    """Go into a block of this step: the first step of ``block``, or on if the block is empty."""

    block: str


@dataclass(frozen=True)
class Jump:
    """Go on with another step, by its id."""

    step: str


@dataclass(frozen=True)
class Again:
    """Enter this step once more, with the customer read anew."""


@dataclass(frozen=True)
class Rest:
    """Stay here until ``until`` (or an event this step hears). A step that rests on has not been left."""

    until: datetime


@dataclass(frozen=True)
class Asked:
    """Stay here until the effect is answered."""

    effect: Ask


@dataclass(frozen=True)
class Finish:
    """End the instance."""

    outcome: str
    why: str


Move = Next | Into | Jump | Again | Rest | Asked | Finish


class Desk:
    """The working copy of one turn: what steps may look at and what they may leave. Gone when the turn is over."""

    def __init__(self, journey: "Journey", state: State, at: datetime) -> None:
        self.journey = journey
        self.state = state
        self.at = max(at, state.now)
        self.start = state.start
        self.step = state.step
        self.vars = dict(state.vars)
        self.visits = dict(state.visits)
        self.rounds = dict(state.rounds)
        self.here = dict(state.here)
        self.clocks = dict(state.clocks)
        self.asides = state.asides
        self.beside = state.beside
        self.over = state.over
        self.closing = state.closing
        self.paused = state.paused
        self.moved_at = state.moved_at
        self.wake_at = state.wake_at
        self.asked: Ask | None = state.asked
        self.mailbox = state.mailbox
        self.ended: Ended | None = None
        self.customer: Mapping[str, Any] = {}
        self.local: LocalTime | None = None
        self.writes: list[Write] = []
        self.decisions: list[Decision] = []
        self.ways: list[Way] = []
        self.given_up = ""
        self.plan: dict[str, Any] | None = None
        self.refused = ""

    def close(self) -> "Turn":
        """The turn that was worked out here. An instance that has ended asks for nothing more."""
        asked = None if self.ended else self.asked
        state = changed(
            self.state,
            {
                "now": self.at,
                "start": self.start,
                "vars": self.vars,
                "step": self.step,
                "visits": self.visits,
                "rounds": self.rounds,
                "here": {} if self.ended else self.here,
                "clocks": self.clocks,
                "asides": self.asides,
                "beside": None if self.ended else self.beside,
                "over": None if self.ended else self.over,
                "closing": self.closing,
                "paused": None if self.ended else self.paused,
                "moved_at": self.moved_at,
                "wake_at": None if self.ended else self.wake_at,
                "asked": asked,
                "mailbox": () if self.ended else self.mailbox,
                "turns": self.state.turns + 1,
                "ended": self.ended,
            },
        )
        fresh = asked if asked != self.state.asked else None
        values = {
            "state": state,
            "writes": tuple(self.writes),
            "ask": fresh,
            "decisions": tuple(self.decisions),
            "ways": tuple(self.ways),
            "given_up": self.given_up,
            "plan": self.plan,
            "refused": self.refused,
        }
        return made(Turn, values)

    @property
    def uid(self) -> str:
        """The present step by the name that survives renaming."""
        return self.journey.spots[self.step or ""].step.uid

    def stand_at(self, step: "Step") -> None:
        """Come to a step: one more visit."""
        self.step, self.here = step.id, {}
        self.visits[step.uid] = self.visits.get(step.uid, 0) + 1

    @property
    def rests(self) -> bool:
        """See ``State.rests``."""
        at_rest = self.wake_at is not None or self.over is not None
        busy = self.beside or self.asked or self.paused or self.closing or self.ended
        return at_rest and not busy

    @property
    def alarm_at(self) -> datetime | None:
        """See ``State.alarm_at``."""
        return alarm(self.wake_at, self.asides if self.rests else ())

    @property
    def held_back(self) -> tuple[Aside, ...]:
        """The asides that are no alarms of clocks: messages that wait for their window."""
        return tuple(aside for aside in self.asides if not aside.clock)

    @property
    def doing_aside(self) -> bool:
        """Whether the present step does something beside the way itself, and not as one of the steps of an aside."""
        return self.beside is not None and self.uid == self.beside.aside.step

    @property
    def beside_steps(self) -> frozenset[str]:
        """The steps that may be done beside the way now: those inside the step of the aside."""
        uid = self.beside.aside.step if self.beside is not None else ""
        return self.journey.inside(self.journey.by_uid.get(uid, ""))

    def put_aside(self, asides: Iterable[Aside]) -> None:
        """These are to be done beside the way, and no others."""
        self.asides = tuple(sorted(asides, key=lambda aside: aside.at))

    def leave_aside(self) -> None:
        """Nothing is done beside the way any more; the instance stands where it stood."""
        if self.beside is not None:
            self.step, self.here = self.beside.step, self.beside.here
            self.visits[self.beside.aside.step] = self.beside.visits
            self.beside = None

    def reading(self) -> Asked | None:
        """The question about the customer that the present step needs answered before it can do anything; most need
        none."""
        needs = self.journey.needs[self.step or ""]
        if needs.nothing:
            return None
        local = WantedTime(at=self.wall.now, calendars=needs.calendars) if needs.local_time else None
        ordinal = READ_BESIDE if self.doing_aside else READ
        return Asked(ReadCustomer(id=self.effect_id(ordinal), fields=needs.fields, local=local))

    def give_up(self) -> None:
        """Want no more what was asked for or waited for; a pause is over, too."""
        if self.asked is not None and self.asked == self.state.asked:
            self.given_up = self.asked.id
        self.asked = self.wake_at = self.paused = None
        self.here = {}

    def forget(self) -> None:
        """Keep nothing that was said about the customer."""
        self.start, self.vars, self.here, self.mailbox = {}, {}, {}, ()
        self.clocks, self.asides = {}, ()

    def effect_id(self, ordinal: int = 0) -> str:
        """The business identity of an effect of the present step: its uid, visit, ordinal. A step that tries again has
        ordinals of its own for each try."""
        uid = self.uid
        return f"{uid}/{self.visits.get(uid, 1)}/{ordinal + TRY * self.here.get(TRIES, 0)}"

    def keep_local(self) -> None:
        """Keep the local time as it was read, for what the present step works out later."""
        self.here[LOCAL] = (self.local or LocalTime()).model_dump(mode="json", exclude_defaults=True)

    def read_anew(self, local: LocalTime) -> None:
        """From now on this counts as local time."""
        self.local = local
        self.__dict__.pop("wall", None)  # what was read on it before

    def later(self, length: str, calendar: str | None = None) -> datetime:
        """The moment so long from now, at the pace of this instance. Business time is counted in the calendar of that
        name, else in the journey's or the company's; a step that counts in one says so (``Step.calendars``)."""
        real = lengths.parse(length).real
        return self.wall.after(length, calendar) if real is None else self.at + real / self.state.pace

    @cached_property
    def wall(self) -> Wall:
        """The clock and the calendars that count for this customer."""
        kept = self.here.get(LOCAL)
        return Wall(
            self.local or (LocalTime.model_validate(kept) if kept is not None else None),
            (self.journey.time_zone or "", self.journey.calendar or ""),
            Pace(self.state.started_at, self.state.pace),
            self.at,
            lambda text, values: self.decide(text, values=values),
        )

    def decide(
        self, text: str, rule: str = "", values: Mapping[str, Any] | None = None, result: bool | None = None
    ) -> None:
        """Put a reason on record."""
        key = f"{self.state.turns + 1}.{len(self.decisions)}"
        reason = {"id": key, "at": self.at, "step": self.step, "text": text}
        if rule or values or result is not None:
            reason |= {"rule": rule, "values": dict(values or {}), "result": result}
        self.decisions.append(made(Decision, reason))

    def judge(self, source: str, event: Event | None = None) -> conditions.Judgement:
        """What an expression comes to now; with an event, ``event.*`` is its data and ``customer.*`` as it was then."""
        now = self.at if self.state.pace == 1 else self.wall.now
        return conditions.judge(source, self.facts(event), now)

    def holds(self, source: str, event: Event | None = None, meaning: str = "") -> bool:
        """Whether a condition is met, with the reason on record. ``meaning`` says what hangs on it."""
        judgement = self.judge(source, event)
        verdict = "is met" if judgement.holds else "is not met"
        because = f": {judgement.problem}" if judgement.problem else ""
        prefix = f"{meaning}: " if meaning else ""
        self.decide(f"{prefix}{source} {verdict}{because}.", source, self._read(source, event), judgement.holds)
        return judgement.holds

    def facts(self, event: Event | None = None) -> dict[str, Any]:
        """What expressions can see."""
        return {
            "event": event.data if event else {},
            "customer": event.customer if event else dict(self.customer),
            "start": self.start,
            "vars": self.vars,
        }

    def _read(self, source: str, event: Event | None) -> dict[str, Any]:
        facts = self.facts(event)
        return {name: facts[root].get(field) for name, root, field in _mentioned(source)}


@lru_cache(maxsize=4096)
def _mentioned(source: str) -> tuple[tuple[str, str, str], ...]:
    """What an expression reads: ``customer.plan``, its root and its field."""
    roots = ("event", "customer", "start", "vars")
    return tuple((f"{root}.{field}", root, field) for root in roots for field in conditions.fields(source, root))
