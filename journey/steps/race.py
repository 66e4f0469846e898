"""``race:``: wait for the first of several events or conditions; each has its own steps, and the maximum is mandatory.

What counts is the order of acceptance. ``since`` and the deadline mean what they mean for ``wait``. A condition that
holds when the race is reached has won it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from journey.inputs import Event
from journey.steps.awaited import Awaited, Since, counts
from journey.steps.base import CalendarName, Length, Step, Use
from journey.turn import Desk, Into, Move, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep


class Lane(Awaited):
    """One event or condition of the race, and what follows when it is the first."""

    do: "Annotated[tuple[AnyStep, ...], Field(description='the steps when it came first; [] for none')]"


class Race(Step):
    """The events and conditions, the longest wait, and what to do when none of them came."""

    kind: ClassVar[str] = "race"
    only_waits: ClassVar[bool] = True
    race: Annotated[tuple[Lane, ...], Field(min_length=2, description="the events or conditions, each with its steps")]
    up_to: Annotated[Length, Field(alias="up to", description="the longest wait, for example 5 days")]
    calendar: CalendarName = None
    since: Since = "step"
    otherwise: "Annotated[tuple[AnyStep, ...], Field(description='steps when none came in time')]" = ()

    def title(self) -> str:
        return f"wait for {' or '.join(self._names())}"

    def label(self, block: str) -> str:
        return f"not within {self.up_to}" if block == "otherwise" else self.race[int(block.split("/")[1])].name

    def may_rest(self) -> bool:
        return True

    def must_rest(self) -> bool:
        return all(lane.until is None for lane in self.race)

    def doing(self) -> str:
        return f"waits for {' or '.join(self._names())}"

    def enter(self, desk: Desk) -> Move:
        for number, lane in enumerate(self.race):
            if lane.there(desk):
                return Into(_block(number))
        return Rest(desk.later(self.up_to, self.calendar))

    def woke(self, desk: Desk) -> Move:
        desk.decide(f"None of {', '.join(self._names())} came within {self.up_to}.")
        return Into("otherwise")

    def heard(self, desk: Desk, event: Event) -> Move | None:
        for number, lane in enumerate(self.race):
            if lane.came(desk, event, f"{event.type} came first."):
                return Into(_block(number))
        return None

    def counts(self, event: Event, desk: Desk) -> bool:
        return counts(self.since, event, desk)

    def keeps(self) -> tuple[str, ...]:
        return () if self.since == "step" else self.hears()

    def hears(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kind for lane in self.race for kind in lane.hears()))

    def reads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(field for lane in self.race for field in lane.reads()))

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("up to",), self.up_to),)

    def makes(self) -> tuple[str, ...]:
        return tuple(lane.into for lane in self.race if lane.into)

    def certain(self, block: str) -> tuple[str, ...]:
        return tuple(lane.into for number, lane in enumerate(self.race) if lane.into and block == _block(number))

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for number, lane in enumerate(self.race):
            yield _block(number), lane.do
        yield "otherwise", self.otherwise

    def uses(self) -> Iterator[Use]:
        for number, lane in enumerate(self.race):
            for use in lane.uses():
                yield replace(use, path=("race", number, *use.path))

    def events(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return tuple((("race", number, "for"), lane.for_) for number, lane in enumerate(self.race) if lane.for_)

    def takes(self) -> tuple[tuple[str, str], ...]:
        return tuple(taken for lane in self.race for taken in lane.takes())

    def _names(self) -> list[str]:
        return list(dict.fromkeys(lane.name for lane in self.race))


def _block(number: int) -> str:
    return f"race/{number}/do"
