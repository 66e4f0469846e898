"""``finish: stalled``: the journey ends here with an outcome."""

from typing import Annotated, ClassVar

from pydantic import Field

from journey.steps.base import Name, Step
from journey.turn import Desk, Finish, Move


class FinishStep(Step):
    """The outcome, in one word."""

    kind: ClassVar[str] = "finish"
    finish: Annotated[Name, Field(description="the outcome, in one word")]

    def words(self) -> str:
        return self.finish

    def goes_on(self) -> bool:
        return False

    def enter(self, desk: Desk) -> Move:
        return Finish(self.finish, f'The journey reached its step "{self.finish}".')

    def ends(self) -> bool:
        return True
