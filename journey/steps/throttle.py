"""``throttle: reminders``: go on only so many times in so long; more often ``otherwise`` is done.

The budget belongs to the customer and has a name: every journey that names it takes from the same one.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from journey import conditions, durations
from journey.effects import TakeFrom
from journey.inputs import EffectDone
from journey.steps.base import Duration, Expression, Name, Step, Use
from journey.turn import Asked, Desk, Into, Move, Next

if TYPE_CHECKING:
    from journey.steps import AnyStep

KEY_LENGTH = 200


class Throttle(Step):
    """The budget, how much is in it, and what is done when it is used up."""

    kind: ClassVar[str] = "throttle"
    throttle: Annotated[Name, Field(description="the budget's name; all journeys that name it share it")]
    at_most: Annotated[int, Field(alias="at most", ge=1, le=1000, description="how many times in this length of time")]
    per: Annotated[Duration, Field(description="the length of time, for example 1 week")]
    key: Annotated[
        Expression | None, Field(description="a budget for each value, for example start.order_id; without it one")
    ] = None
    otherwise: "Annotated[tuple[AnyStep, ...], Field(min_length=1, description='steps when it is used up')]"

    def words(self) -> str:
        return f"at most {self.at_most} {self.throttle} per {self.per}"

    def label(self, block: str) -> str:
        return "used up"

    def enter(self, desk: Desk) -> Move:
        per = durations.parse(self.per) / desk.state.pace
        effect = TakeFrom(
            id=desk.effect_id(),
            budget=self.throttle,
            key=self._key(desk),
            at_most=self.at_most,
            per=per.total_seconds(),
        )
        return Asked(effect)

    def _key(self, desk: Desk) -> str:
        if self.key is None:
            return ""
        judgement = desk.judge(self.key)
        if judgement.problem:
            desk.decide(f"{self.key} cannot be read ({judgement.problem}): the budget without a key counts.", self.key)
        return "" if judgement.value is None else str(judgement.value)[:KEY_LENGTH]

    def answered(self, desk: Desk, done: EffectDone) -> Move:
        if done.outcome == "accepted":
            return Next()
        desk.decide(f"{self.throttle} is used up: {self.at_most} in {self.per}.")
        return Into("otherwise")

    def goes_on(self) -> bool:
        return True

    def reads(self) -> tuple[str, ...]:
        return conditions.fields(self.key, "customer") if self.key else ()

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        yield "otherwise", self.otherwise

    def uses(self) -> Iterator[Use]:
        if self.key is not None:
            yield Use(("key",), self.key, condition=False)
