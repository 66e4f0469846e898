"""A journey: the frame around its steps. One frozen model is both the schema of the YAML and the program."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from journey import conditions, durations
from journey.declared.fields import DeclaredField
from journey.declared.values import check_value
from journey.inputs import CUSTOMER_CHANGED
from journey.model import Frozen, Mistake
from journey.steps import AnyStep, Step
from journey.steps.base import Duration, EventType, Expression, Name, Variable
from journey.time import zones

OWNER = r"^[^@\s]+@[^@\s]+$"
OURS = ("semantics", "pinned")
"""Keys of a plan that no author writes."""
SEMANTICS = 1
"""The number of the meaning of the steps; it rises when a step kind begins to behave differently."""

Condition = Annotated[Expression | None, Field(alias="if", description="a condition; without it every such event")]


class Start(Frozen):
    """Which event begins an instance, for which key, and whether it may happen again."""

    on: Annotated[EventType, Field(description="the event type that begins the journey")]
    if_: Condition = None
    key: Annotated[
        Expression | None, Field(description="one running instance per customer and key; without it per customer")
    ] = None
    again: Annotated[str, Field(description="never, always, or after <duration> since the last one ended")] = "never"

    @field_validator("again")
    @classmethod
    def _again(cls, value: str) -> str:
        if value not in ("never", "always"):
            word, _, rest = value.partition(" ")
            if word != "after":
                raise Mistake(
                    f'"{value}" is not a rule for starting again; write never, always or after 90 days',
                    rule="bad-again",
                )
            durations.parse(rest)
        return value


class Watch(Frozen):
    """An event that ends the journey at any moment, and the outcome it gives."""

    on: Annotated[EventType, Field(description="the event type")]
    if_: Condition = None
    as_: Annotated[Name, Field(alias="as", description="the outcome, in one word")]
    do: Annotated[tuple[AnyStep, ...], Field(description="closing steps before the end: no waits")] = ()


class Goal(Watch):
    """The event that makes it a success, if it comes in time."""

    within: Annotated[
        Duration | None, Field(description="only so long after the start, for example 30 days; later it does not count")
    ] = None


class DeclaredVariable(DeclaredField):
    """A variable of the journey: its type, and the value it begins with."""

    default: Annotated[
        Any, Field(description="the value at the start; without it the variable is missing until it is set")
    ] = None

    @model_validator(mode="after")
    def _default_fits(self) -> "DeclaredVariable":
        for violation in check_value(self, self.default) if self.default is not None else ():
            raise Mistake(
                f"the default does not fit: {violation.what[0].lower()}{violation.what[1:-1]}",
                "default",
                hint=violation.remedy.replace("Send ", "Write ", 1),
                rule="bad-default",
            )
        return self


@dataclass(frozen=True)
class Spot:
    """A step and its surroundings: what comes after it, and the first step of each of its blocks (None: nothing)."""

    step: Step
    after: str | None
    blocks: dict[str, str | None]


@dataclass(frozen=True)
class Needs:
    """What a step reads before it is entered: the customer's fields, the local time, calendars by name."""

    fields: tuple[str, ...]
    local_time: bool
    calendars: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether it can be entered at once."""
        return not self.fields and not self.local_time


class Journey(Frozen):
    """One journey, as written and as run."""

    journey: Annotated[Name, Field(description="the journey's name: the file's name without .yaml")]
    title: Annotated[str, Field(min_length=1, max_length=200, description="what it is, in a few words")]
    owner: Annotated[str, Field(min_length=3, max_length=200, pattern=OWNER, description="whom to ask")]
    start: Annotated[Start, Field(description="which event begins it, for whom, and whether it may happen again")]
    exit: Annotated[tuple[Watch, ...], Field(description="events that end it early")] = ()
    goal: Annotated[Goal | None, Field(description="the event that makes it a success")] = None
    track: Annotated[
        tuple[Literal["clicks", "opens"], ...] | None,
        Field(
            description="what is noted of its letters: clicks, opens, or nothing: []; without it, as company.yaml says"
        ),
    ] = None
    priority: Annotated[
        int, Field(ge=1, le=9, description="1 to 9: of the journeys that one event starts, the highest begins first")
    ] = 5
    variables: Annotated[
        dict[Variable, DeclaredVariable], Field(description="variables of the journey: name, type and default")
    ] = Field(default_factory=dict)
    on_merge: Annotated[
        Literal["keep oldest", "keep newest"],
        Field(alias="on merge", description="which goes on when two customers who are both on it become one"),
    ] = "keep oldest"
    time_zone: Annotated[
        str | None,
        Field(alias="time zone", description="for customers whose zone is not known; without it the company's"),
    ] = None
    calendar: Annotated[
        Name | None, Field(description="what business time is counted in (definitions/calendars); else the company's")
    ] = None
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1, description="what happens, in order")]
    semantics: int = SEMANTICS
    pinned: dict[str, str] = Field(default_factory=dict)
    """The message texts that belong to this version (``pin: true``), by name, each with the hash of its content."""

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None:
            zones.zone(value)
        return value

    @cached_property
    def spots(self) -> dict[str, Spot]:
        """Every step by its id, in reading order."""
        found: dict[str, Spot] = {}
        _index(self.steps, None, found)
        for watch in self.watches:
            _index(watch.do, None, found)
        return found

    @cached_property
    def needs(self) -> dict[str, Needs]:
        """What each step reads before it is entered, by its id; worked out once, for it is asked at every step."""
        return {step_id: self._needs(spot.step) for step_id, spot in self.spots.items()}

    def _needs(self, step: Step) -> Needs:
        named = [*step.calendars(), *(self._calendars_of_clock(step.follows_clock()) if step.follows_clock() else ())]
        calendars = tuple(dict.fromkeys(name or self.calendar or "" for name in named))
        return Needs(step.reads(), bool(calendars) or step.reads_zone(), calendars)

    def _calendars_of_clock(self, name: str) -> Iterator[str]:
        """The calendars that a clock may be counted in: those of the steps that start it."""
        for spot in self.spots.values():
            if spot.step.starts_clock() == name:
                yield from spot.step.calendars()

    def inside(self, step_id: str) -> frozenset[str]:
        """The ids of the steps inside a step's blocks."""
        spot = self.spots.get(step_id)
        return frozenset(inner.id for _, block in spot.step.blocks() for inner in walk(block)) if spot else frozenset()

    @cached_property
    def placed(self) -> tuple[tuple[Step, tuple[str | int, ...]], ...]:
        """Every step with its path in the file: exits, goal, then steps, each in reading order."""
        found = [place for number, watch in enumerate(self.exit) for place in _placed(watch.do, ("exit", number, "do"))]
        found += _placed(self.goal.do, ("goal", "do")) if self.goal else ()
        return (*found, *_placed(self.steps, ("steps",)))

    @property
    def first(self) -> str:
        """The id of the first step."""
        return self.steps[0].id

    @cached_property
    def places(self) -> frozenset[str]:
        """The ids of the steps where an instance may be put: all but closing steps and those beside the way."""
        beside = {inner for spot in self.spots.values() if spot.step.beside() for inner in self.inside(spot.step.id)}
        return frozenset(step.id for step in walk(self.steps)) - beside

    @cached_property
    def by_uid(self) -> dict[str, str]:
        """The ids of the steps by the names that survive renaming."""
        return {spot.step.uid: step_id for step_id, spot in self.spots.items()}

    def loops_around(self, step_id: str) -> frozenset[str]:
        """The uids of the repeating steps that a step stands in, itself not included."""
        loops = [spot.step for spot in self.spots.values() if spot.step.loops()]
        inside = {loop.uid: {inner.id for _, block in loop.blocks() for inner in walk(block)} for loop in loops}
        return frozenset(loop for loop, steps in inside.items() if step_id in steps)

    @cached_property
    def watches(self) -> tuple[Watch, ...]:
        """Exit and goal together: what may end the journey at any moment, in the order they are asked."""
        return (*self.exit, *((self.goal,) if self.goal else ()))

    @cached_property
    def hears(self) -> tuple[str, ...]:
        """The event types a running instance can use, sorted."""
        steps = [spot.step for spot in self.spots.values()]
        waits = [kind for step in steps for kind in (*step.hears(), *step.listens())]
        return tuple(sorted({*waits, *(watch.on for watch in self.watches)}))

    @cached_property
    def waits_for(self) -> frozenset[str]:
        """The event types that some wait step wants; they are kept in the mailbox when nobody rests."""
        return frozenset(kind for spot in self.spots.values() for kind in spot.step.hears())

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """What the variables begin with."""
        return {name: one.default for name, one in self.variables.items() if one.default is not None}

    @cached_property
    def follows(self) -> frozenset[str]:
        """The customer's fields that waiting conditions read: a change of them is delivered."""
        return frozenset(
            field
            for spot in self.spots.values()
            if CUSTOMER_CHANGED in spot.step.hears()
            for field in spot.step.reads()
        )

    @cached_property
    def keeps(self) -> frozenset[str]:
        """The event types that count since the journey began."""
        return frozenset(kind for spot in self.spots.values() for kind in spot.step.keeps())

    @cached_property
    def reads_at_events(self) -> tuple[str, ...]:
        """The customer's fields that conditions on events read, sorted; the router sends them along."""
        sources = [watch.if_ for watch in self.watches if watch.if_]
        sources += [use.source for spot in self.spots.values() if spot.step.hears() for use in spot.step.uses()]
        return tuple(sorted({field for source in sources for field in conditions.fields(source, "customer")}))

    @cached_property
    def plan(self) -> dict[str, Any]:
        """The journey as JSON data, defaults left out; what a workflow carries."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True) | {"semantics": self.semantics}

    @cached_property
    def hash(self) -> str:
        """The content hash (SHA-256 of the canonical plan): the version an instance is pinned to."""
        return hashlib.sha256(json.dumps(self.plan, sort_keys=True).encode()).hexdigest()


def walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    """Every step, in reading order, blocks included."""
    for step in steps:
        yield step
        for _, block in step.blocks():
            yield from walk(block)


def _placed(steps: tuple[Step, ...], path: tuple[str | int, ...]) -> Iterator[tuple[Step, tuple[str | int, ...]]]:
    for number, step in enumerate(steps):
        here = (*path, number)
        yield step, here
        for name, block in step.blocks():
            parts = tuple(int(part) if part.isdigit() else part for part in name.split("/"))
            yield from _placed(block, (*here, *parts))


def _index(steps: tuple[Step, ...], after: str | None, found: dict[str, Spot]) -> None:
    for position, step in enumerate(steps):
        following = steps[position + 1].id if position + 1 < len(steps) else after
        inside = step.id if step.loops() else following
        blocks = {name: (block[0].id if block else inside) for name, block in step.blocks()}
        found[step.id] = Spot(step, following, blocks)
        for _, block in step.blocks():
            _index(block, inside, found)
