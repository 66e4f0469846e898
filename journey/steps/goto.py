"""``goto: wait-2-days``: go on with another step of this journey. A way back must lead through a wait."""

from typing import Annotated, ClassVar

from pydantic import Field

from journey.steps.base import Name, Step
from journey.turn import Desk, Jump, Move


class Goto(Step):
    """The id of a step."""

    kind: ClassVar[str] = "goto"
    goto: Annotated[Name, Field(description="the id of a step of this journey")]

    def words(self) -> str:
        return f"↺ {self.goto}"

    def goes_to(self) -> str | None:
        return self.goto

    def goes_on(self) -> bool:
        return False

    def enter(self, desk: Desk) -> Move:
        desk.decide(f"Goes on at {self.goto}.")
        return Jump(self.goto)

    def ends(self) -> bool:
        return True
