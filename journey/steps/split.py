"""``split:``: part of the customers go one way, part another, by a hash and not by chance.

The same customer always takes the same arm of the same experiment, in every journey and every time; nothing is drawn
and nothing has to be remembered. Editing the percentages moves only the customers between the old and the new border.

A holdout rests and gets nothing: exit and goal still end its journey, so what the others reach can be compared.
"""

import hashlib
import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, field_validator, model_validator

from journey.model import Frozen, Mistake
from journey.steps.base import Duration, Name, Step, Variable
from journey.turn import Desk, Finish, Into, Move, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep


HOLDOUT = "holdout"


class Arm(Frozen):
    """One way: its share, its name, its steps. Or a holdout: its share, and how long its goal is watched."""

    percent: Annotated[
        float | None, Field(ge=0, le=100, strict=False, description="its share of the customers, 0 to 100")
    ] = None
    as_: Annotated[Name | None, Field(alias="as", description="the arm's name")] = None
    do: "Annotated[tuple[AnyStep, ...] | None, Field(description='its steps; [] for none')]" = None
    holdout: Annotated[
        float | None, Field(ge=0, le=100, strict=False, description="the share that gets nothing, for comparison")
    ] = None
    up_to: Annotated[
        Duration | None, Field(alias="up to", description="a holdout: how long it is watched for the goal: 30 days")
    ] = None

    @model_validator(mode="after")
    def _one_form(self) -> "Arm":
        given = {"percent": self.percent, "as": self.as_, "do": self.do}
        if (self.percent is None) == (self.holdout is None):
            raise Mistake(
                "an arm is written as percent: with as: and do:, or as holdout: with up to:", rule="split-form"
            )
        if self.holdout is not None:
            odd = next((key for key, value in given.items() if value is not None), None)
            if odd is not None:
                raise Mistake(f'a holdout gets nothing and has no "{odd}"', odd, rule="split-form")
            if self.up_to is None:
                raise Mistake(
                    "say how long the holdout is watched for the goal, for example up to: 30 days", rule="split-form"
                )
        elif self.up_to is not None:
            raise Mistake('"up to" belongs to a holdout', "up to", rule="split-form")
        elif self.as_ is None or self.do is None:
            missing = "as" if self.as_ is None else "do"
            raise Mistake(f'"{missing}" is missing here; an arm is written as percent:, as: and do:', rule="split-form")
        return self

    @property
    def share(self) -> float:
        """Percent of the customers."""
        return self.percent if self.percent is not None else self.holdout or 0.0

    @property
    def name(self) -> str:
        """What it is called in variables and on record."""
        return self.as_ or HOLDOUT


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
        total = sum(arm.share for arm in arms)
        if abs(total - 100) > 0.001:
            raise Mistake(f"the shares add up to {total:g} percent; they must add up to 100", rule="split-form")
        return arms

    def title(self) -> str:
        return f"split {self.experiment or ''}".strip()

    def doing(self) -> str:
        return "is held out: gets nothing, and is watched for the goal"

    def label(self, block: str) -> str:
        arm = self.split[int(block.split("/")[1])]
        return f"{arm.share:g} % {arm.name}"

    def enter(self, desk: Desk) -> Move:
        place = bucket(self.experiment or self.uid, desk.state.who)
        borders = itertools.accumulate(arm.share for arm in self.split)
        number = next((number for number, border in enumerate(borders) if place < border), len(self.split) - 1)
        arm = self.split[number]
        desk.decide(f'This customer falls into "{arm.name}" (place {place:.2f} of 100).')
        if self.into:
            desk.vars[self.into] = arm.name
        return Rest(desk.later(arm.up_to)) if arm.up_to else Into(_block(number))

    def woke(self, desk: Desk) -> Move:
        return Finish(HOLDOUT, "The holdout has been watched to its end.")

    def may_rest(self) -> bool:
        return any(arm.up_to for arm in self.split)

    def must_rest(self) -> bool:
        return False

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return tuple((("split", number, "up to"), arm.up_to) for number, arm in enumerate(self.split) if arm.up_to)

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for number, arm in enumerate(self.split):
            if arm.do is not None:
                yield _block(number), arm.do

    def makes(self) -> tuple[str, ...]:
        return (self.into,) if self.into else ()

    def certain(self, block: str) -> tuple[str, ...]:
        return self.makes()


def _block(number: int) -> str:
    return f"split/{number}/do"


def bucket(experiment: str, who: str) -> float:
    """The customer's place from 0 (included) to 100 (excluded), even over customers (SHA-256)."""
    digest = hashlib.sha256(f"{experiment}|{who}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * 100
