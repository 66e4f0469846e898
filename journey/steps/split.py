"""``split:``: part of the customers go one way, part another, by a hash and not by chance.

The same customer always takes the same arm of the same experiment, in every journey and every time; nothing is drawn
and nothing has to be remembered. Editing the percentages moves only the customers between the old and the new border.
"""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, field_validator

from journey.model import Frozen
from journey.steps.base import Name, Step, Variable
from journey.turn import Desk, Into, Move

if TYPE_CHECKING:
    from journey.steps import AnyStep


class Arm(Frozen):
    """One way: its share, its name, its steps. A holdout is an arm that does nothing."""

    percent: Annotated[float, Field(ge=0, le=100, strict=False, description="its share of the customers, 0 to 100")]
    as_: Annotated[Name, Field(alias="as", description="the arm's name")]
    do: "Annotated[tuple[AnyStep, ...], Field(description='its steps; [] for none')]"


class Split(Step):
    """The arms; their shares add up to 100."""

    kind: ClassVar[str] = "split"
    split: Annotated[tuple[Arm, ...], Field(min_length=2, description="the arms")]
    experiment: Annotated[Name | None, Field(description="the name that the hash takes; the step's id without it")] = (
        None
    )
    into: Annotated[Variable | None, Field(description="a name: the arm's name is kept as vars.<name>")] = None

    @field_validator("split")
    @classmethod
    def _whole(cls, arms: tuple[Arm, ...]) -> tuple[Arm, ...]:
        total = sum(arm.percent for arm in arms)
        if abs(total - 100) > 0.001:
            raise ValueError(f"the shares add up to {total:g} percent; they must add up to 100")
        return arms

    def title(self) -> str:
        return f"split {self.experiment or ''}".strip()

    def label(self, block: str) -> str:
        arm = self.split[int(block.split("/")[1])]
        return f"{arm.percent:g} % {arm.as_}"

    def enter(self, desk: Desk) -> Move:
        place = bucket(self.experiment or self.uid, desk.state.who)
        border = 0.0
        for number, arm in enumerate(self.split):
            border += arm.percent
            if place < border or number == len(self.split) - 1:
                break
        desk.decide(f'This customer falls into "{arm.as_}" (place {place:.2f} of 100).')
        if self.into:
            desk.vars[self.into] = arm.as_
        return Into(f"split/{number}/do")

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for number, arm in enumerate(self.split):
            yield f"split/{number}/do", arm.do

    def makes(self) -> tuple[str, ...]:
        return (self.into,) if self.into else ()


def bucket(experiment: str, who: str) -> float:
    """The customer's place from 0 (included) to 100 (excluded), even over customers (SHA-256)."""
    digest = hashlib.sha256(f"{experiment}|{who}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100
