"""``race:``: wait for the first of several events; each has its own steps, and the maximum is mandatory.

What counts is the order of acceptance. ``since`` and the deadline mean what they mean for ``wait``.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from journey import durations
from journey.inputs import Event
from journey.model import Frozen
from journey.steps.base import Duration, EventType, Expression, Step, Use, Variable
from journey.turn import Desk, Into, Move, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep


class Lane(Frozen):
    """One event of the race, and what follows when it is the first."""

    for_: Annotated[EventType, Field(alias="for", description="the event type")]
    if_: Annotated[Expression | None, Field(alias="if", description="which of these events counts")] = None
    into: Annotated[Variable | None, Field(description="a name: the event's data is kept as vars.<name>")] = None
    do: "Annotated[tuple[AnyStep, ...], Field(description='the steps when it came first; [] for none')]"


class Race(Step):
    """The events, the longest wait, and what to do when none of them came."""

    kind: ClassVar[str] = "race"
    only_waits: ClassVar[bool] = True
    race: Annotated[tuple[Lane, ...], Field(min_length=2, description="the events, each with its steps")]
    up_to: Annotated[Duration, Field(alias="up to", description="the longest wait, for example 5 days")]
    since: Annotated[
        Literal["step", "journey"], Field(description="step: events since the last wait count; journey: since it began")
    ] = "step"
    otherwise: "Annotated[tuple[AnyStep, ...], Field(description='steps when none came in time')]" = ()

    def title(self) -> str:
        return f"wait for {' or '.join(self.hears())}"

    def label(self, block: str) -> str:
        return f"not within {self.up_to}" if block == "otherwise" else self.race[int(block.split("/")[1])].for_

    def may_rest(self) -> bool:
        return True

    def doing(self) -> str:
        return f"waits for {' or '.join(self.hears())}"

    def enter(self, desk: Desk) -> Move:
        return Rest(desk.at + durations.parse(self.up_to) / desk.state.pace)

    def woke(self, desk: Desk) -> Move:
        desk.decide(f"None of {', '.join(self.hears())} came within {self.up_to}.")
        return Into("otherwise")

    def heard(self, desk: Desk, event: Event) -> Move | None:
        for number, lane in enumerate(self.race):
            if lane.for_ != event.type:
                continue
            if lane.if_ is None or desk.holds(lane.if_, event, f"{event.type} came"):
                if lane.into:
                    desk.vars[lane.into] = event.data
                if lane.if_ is None:
                    desk.decide(f"{event.type} came first.")
                return Into(f"race/{number}/do")
        return None

    def counts(self, event: Event, moved_at: datetime) -> bool:
        return self.since == "journey" or event.at >= moved_at

    def keeps(self) -> tuple[str, ...]:
        return self.hears() if self.since == "journey" else ()

    def hears(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(lane.for_ for lane in self.race))

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for number, lane in enumerate(self.race):
            yield f"race/{number}/do", lane.do
        yield "otherwise", self.otherwise

    def uses(self) -> Iterator[Use]:
        for number, lane in enumerate(self.race):
            if lane.if_ is not None:
                yield Use(("race", number, "if"), lane.if_, names=("event", "start", "vars", "customer", "now"))

    def makes(self) -> tuple[str, ...]:
        return tuple(lane.into for lane in self.race if lane.into)
