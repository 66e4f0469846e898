"""``repeat:``: the same steps several times, with a pause between, at most so often.

``until`` is asked before each round. There is no pause before the first round and none after the last.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from journey import conditions
from journey.model import Frozen
from journey.steps.base import CalendarName, Expression, Length, Step, Use
from journey.turn import Again, Desk, Into, Move, Next, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep


class Rounds(Frozen):
    """How often, how far apart, and what ends it early."""

    times: Annotated[int, Field(ge=1, le=1000, description="how many rounds at most")]
    every: Annotated[Length | None, Field(description="the pause between two rounds, for example 1 week")] = None
    until: Annotated[Expression | None, Field(description="a condition that ends it, asked before each round")] = None


class Repeat(Step):
    """The rounds, and the steps of each."""

    kind: ClassVar[str] = "repeat"
    repeat: Annotated[Rounds, Field(description="{times, every, until}")]
    calendar: CalendarName = None
    do: "Annotated[tuple[AnyStep, ...], Field(min_length=1, description='the steps of one round')]"

    def title(self) -> str:
        return f"repeat up to {self.repeat.times} times"

    def words(self) -> str:
        return f"{self.title()}, every {self.repeat.every}" if self.repeat.every else self.title()

    def label(self, block: str) -> str:
        return "each round"

    def goes_on(self) -> bool:
        return True

    def may_rest(self) -> bool:
        return self.repeat.every is not None

    def must_rest(self) -> bool:
        return False

    def doing(self) -> str:
        return "waits for the next round"

    def enter(self, desk: Desk) -> Move:
        done = desk.rounds.get(self.uid, 0)
        if self.repeat.every is not None and 0 < done < self.repeat.times:
            desk.rounds[self.uid] = -done  # the pause before the next round
            return Rest(desk.later(self.repeat.every, self.calendar))
        return self._round(desk, abs(done))

    def woke(self, desk: Desk) -> Move:
        return Again()

    def _round(self, desk: Desk, done: int) -> Move:
        over = done >= self.repeat.times
        if not over and self.repeat.until is not None:
            over = desk.holds(self.repeat.until, meaning="The repetition ends")
        if over:
            desk.rounds.pop(self.uid, None)
            return Next()
        desk.rounds[self.uid] = done + 1
        return Into("do")

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("repeat", "every"), self.repeat.every),) if self.repeat.every else ()

    def loops(self) -> bool:
        return True

    def reads(self) -> tuple[str, ...]:
        return conditions.fields(self.repeat.until, "customer") if self.repeat.until else ()

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        yield "do", self.do

    def uses(self) -> Iterator[Use]:
        if self.repeat.until is not None:
            yield Use(("repeat", "until"), self.repeat.until)
