"""``clock:``: starts, pauses, resumes or stops a named deadline that runs beside the steps (``journey.clocks``).

When a share of its time is used, and when its time is over, the steps that are written here are done beside the way:
the journey stays where it is, unless one of them is a ``goto`` or a ``finish``.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from journey import clocks
from journey.inputs import Event
from journey.model import Frozen, Mistake
from journey.state import Aside, Clock, Hold
from journey.steps.awaited import ON_EVENT
from journey.steps.base import CalendarName, EventType, Expression, Length, Name, Step, Use
from journey.time import lengths
from journey.turn import Desk, Into, Move, Next

if TYPE_CHECKING:
    from journey.steps import AnyStep

VERBS = ("start", "pause", "resume", "stop")

_SHARE = re.compile(r"([1-9]\d?)\s*%\Z")


def _share(text: str) -> str:
    if not _SHARE.match(text):
        raise Mistake(f'"{text}" is not a share of the time; write 1% to 99%, for example 75%', rule="bad-share")
    return text


class Warned(Frozen):
    """A share of the time, and what is done when it is used."""

    at: Annotated[str, Field(max_length=6, description="the share of its time: 75%"), AfterValidator(_share)]
    do: "Annotated[tuple[AnyStep, ...], Field(min_length=1, description='what is done then: no waits')]"

    @property
    def share(self) -> float:
        """The share, from 0 to 1."""
        return int(self.at.rstrip("% ")) / 100


class StartClock(Frozen):
    """A new clock, or new time for one that runs."""

    start: Annotated[Name, Field(description="the clock's name")]
    kind: Annotated[
        Literal["internal", "statutory"],
        Field(description="internal: may pause, counts business time; statutory: never pauses, counts calendar time"),
    ]
    due: Annotated[Length, Field(description="its time: 8 business hours, 3 business days, 8 weeks")]
    since: Annotated[
        Literal["step", "journey"], Field(description="from when it counts: this step, or the beginning of the journey")
    ] = "step"


class PauseClock(Frozen):
    """An internal clock stands still."""

    pause: Annotated[Name, Field(description="the clock's name")]
    reason: Annotated[str, Field(min_length=1, max_length=300, description="why it stands, for the record")]
    until: Annotated[EventType, Field(description="the event by which it goes on by itself: the customer's reply")]
    if_: Annotated[Expression | None, Field(alias="if", description="which of these events counts")] = None
    up_to: Annotated[Length, Field(alias="up to", description="how long it stands at most: 5 business days")]


class ResumeClock(Frozen):
    """A clock that stands goes on."""

    resume: Annotated[Name, Field(description="the clock's name")]


class StopClock(Frozen):
    """A clock is over: what it was for has been done."""

    stop: Annotated[Name, Field(description="the clock's name")]


def _verb(value: Any) -> str:
    keys = value if isinstance(value, dict) else type(value).model_fields if isinstance(value, Frozen) else ()
    return f"({next((verb for verb in VERBS if verb in keys), 'start')})"


class ClockStep(Step):
    """What happens to which clock; for a start, what is done when its time is running out and when it is over."""

    kind: ClassVar[str] = "clock"
    clock: Annotated[
        Annotated[StartClock, Tag("(start)")]
        | Annotated[PauseClock, Tag("(pause)")]
        | Annotated[ResumeClock, Tag("(resume)")]
        | Annotated[StopClock, Tag("(stop)")],
        Discriminator(_verb),
        Field(description="{start, kind, due}, {pause, reason, until, up to}, {resume} or {stop}"),
    ]
    calendar: CalendarName = None
    warn: Annotated[tuple[Warned, ...], Field(max_length=10, description="what is done when a share is used")] = ()
    breach: "Annotated[tuple[AnyStep, ...], Field(description='what is done when its time is over: no waits')]" = ()

    @model_validator(mode="after")
    def _belongs_to_a_start(self) -> "ClockStep":
        if isinstance(self.clock, StartClock):
            return self
        for key, value in (("warn", self.warn), ("breach", self.breach)):
            if value:
                raise Mistake(f'"{key}" belongs to the start of a clock', key, rule="clock-form")
        if self.calendar is not None and not self.calendars():
            raise Mistake("no business time is counted here; calendar: has no use", "calendar", rule="clock-form")
        return self

    @property
    def verb(self) -> str:
        """What happens to the clock: start, pause, resume or stop."""
        return _verb(self.clock).strip("()")

    @property
    def name(self) -> str:
        """The clock's name."""
        return str(getattr(self.clock, self.verb))

    def title(self) -> str:
        due = f", due in {self.clock.due}" if isinstance(self.clock, StartClock) else ""
        return f"{self.verb} clock {self.name}{due}"

    def label(self, block: str) -> str:
        return f"at {self.warn[int(block.split('/')[1])].at}" if block != clocks.BREACH else "breach"

    def past(self) -> str:
        return "at once"

    def enter(self, desk: Desk) -> Move:
        visit = desk.visits[self.uid]
        if isinstance(self.clock, StartClock):
            now = desk.wall.now
            began = desk.wall.shown(desk.state.started_at) if self.clock.since == "journey" else now
            clocks.start(desk, self.name, self.new(began, visit), self.shares())
        elif isinstance(self.clock, PauseClock):
            given = self.clock
            hold = Hold(reason=given.reason, on=given.until, if_=given.if_, step=self.uid, visit=visit)
            clocks.pause(desk, self.name, hold, given.up_to, self.calendar)
        elif isinstance(self.clock, ResumeClock):
            clocks.resume(desk, self.name, desk.wall.now, "the journey says so", started(desk, self.name))
        else:
            clocks.stop(desk, self.name)
        return Next()

    def aside(self, desk: Desk, aside: Aside) -> Move:
        if aside.what == clocks.RESUME:
            why = aside.here.get("why") or f"it has stood for {getattr(self.clock, 'up_to', 'long')}"
            at = desk.wall.shown(aside.at)
            clocks.resume(desk, aside.clock, at, str(why), started(desk, aside.clock))
            return Next()
        said = clocks.came(desk, aside)
        if aside.what == clocks.BREACH:
            desk.decide(f"The clock {aside.clock} is breached: {said}")
        else:
            share = self.shares().get(aside.what, 0.0)
            desk.decide(f"The clock {aside.clock} has used {share:.0%} of its time. {said}")
        return Into(aside.what) if aside.what in dict(self.blocks()) else Next()

    def new(self, began: datetime, visit: int) -> Clock:
        """The clock that it starts, whose run is not worked out yet."""
        assert isinstance(self.clock, StartClock), "only a start has a time"
        business = lengths.parse(self.clock.due).business
        return Clock(
            step=self.uid,
            visit=visit,
            kind=self.clock.kind,
            due=self.clock.due,
            calendar=(self.calendar or "") if business else None,
            began=began,
            run=clocks.nothing_yet(began),
        )

    def shares(self) -> dict[str, float]:
        """Its warnings: the block and the share of the time."""
        return {_block(number): warned.share for number, warned in enumerate(self.warn)}

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        if isinstance(self.clock, StartClock):
            return ((("clock", "due"), self.clock.due),)
        return ((("clock", "up to"), self.clock.up_to),) if isinstance(self.clock, PauseClock) else ()

    def starts_clock(self) -> str:
        return self.name if self.verb == "start" else ""

    def follows_clock(self) -> str:
        return self.name

    def reads_for(self, aside: Aside) -> bool:
        return aside.what == clocks.RESUME

    def listens(self) -> tuple[str, ...]:
        return (self.clock.until,) if isinstance(self.clock, PauseClock) else ()

    def events(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("clock", "until"), self.clock.until),) if isinstance(self.clock, PauseClock) else ()

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for number, warned in enumerate(self.warn):
            yield _block(number), warned.do
        if self.breach:
            yield clocks.BREACH, self.breach

    def beside(self) -> bool:
        return isinstance(self.clock, StartClock)

    def goes_on(self) -> bool:
        return True

    def uses(self) -> Iterator[Use]:
        if isinstance(self.clock, PauseClock) and self.clock.if_ is not None:
            yield Use(("clock", "if"), self.clock.if_, names=ON_EVENT, event=self.clock.until)


def follow_version(desk: Desk) -> None:
    """In another version of the journey: a running clock whose time is written otherwise there gets its new time."""
    for name, running in list(desk.clocks.items()):
        step_id = desk.journey.by_uid.get(running.step)
        step = desk.journey.spots[step_id].step if step_id is not None else None
        if not isinstance(step, ClockStep) or not isinstance(step.clock, StartClock):
            continue
        said = (step.clock.kind, step.clock.due, step.calendar or "")
        if said != (running.kind, running.due, running.calendar or ""):
            clocks.start(desk, name, step.new(running.began, running.visit), step.shares())


def started(desk: Desk, name: str) -> dict[str, float]:
    """The warnings of a clock, from the step that started it."""
    clock = desk.clocks.get(name)
    step_id = desk.journey.by_uid.get(clock.step) if clock is not None else None
    step = desk.journey.spots[step_id].step if step_id is not None else None
    return step.shares() if isinstance(step, ClockStep) else {}


def heard(desk: Desk, event: Event) -> None:
    """An event by which clocks that stand may go on: they do so from the moment it was accepted, as soon as the
    instance rests."""
    for name, clock in desk.clocks.items():
        hold = clock.hold
        if hold is None or hold.on != event.type:
            continue
        if hold.if_ is None or desk.holds(hold.if_, event, f"{event.type} came"):
            here = {"why": f"{event.type} came"}
            at = Aside(at=event.at, step=hold.step, visit=hold.visit, what=clocks.RESUME, clock=name, here=here)
            desk.put_aside([*(aside for aside in desk.asides if aside.clock != name), at])


def _block(number: int) -> str:
    return f"warn/{number}/do"
