"""``choose:``: the first branch whose condition is met is taken; ``else`` is mandatory, so nobody falls through."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, field_validator, model_validator

from journey import conditions
from journey.model import Frozen, Mistake
from journey.steps.base import Expression, Step, Use
from journey.turn import Desk, Into, Move

if TYPE_CHECKING:
    from journey.steps import AnyStep


class Branch(Frozen):
    """``if`` and ``do``, or ``else`` alone."""

    if_: Annotated[Expression | None, Field(alias="if", description="the condition")] = None
    do: Annotated["tuple[AnyStep, ...] | None", Field(description="the steps when it is met; [] for none")] = None
    else_: Annotated["tuple[AnyStep, ...] | None", Field(alias="else", description="when no condition is met")] = None

    @model_validator(mode="after")
    def _one_form(self) -> "Branch":
        if (self.if_ is None) == (self.else_ is None):
            raise Mistake("a branch is written as if: … with do: […], or as else: […]", rule="choose-form")
        if self.else_ is not None and self.do is not None:
            raise Mistake("an else branch holds its steps itself: else: […]", "do", rule="choose-form")
        if self.if_ is not None and self.do is None:
            raise Mistake("this branch does not say what to do; write do: […] ([] for nothing)", rule="choose-form")
        return self

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of this branch, whichever form it has."""
        return (self.do if self.else_ is None else self.else_) or ()


class Choose(Step):
    """The branches, in order; the last one is ``else``."""

    kind: ClassVar[str] = "choose"
    choose: Annotated[tuple[Branch, ...], Field(min_length=1, description="the branches, in order")]

    @field_validator("choose")
    @classmethod
    def _else_is_last(cls, branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
        if branches[-1].else_ is None:
            message = "the last branch must be else: […], so that nobody falls through (it may be empty)"
            raise Mistake(message, len(branches) - 1, rule="choose-form")
        for number, branch in enumerate(branches[:-1]):
            if branch.else_ is not None:
                raise Mistake(
                    "else is the last branch; branches after it can never be taken", number, "else", rule="choose-form"
                )
        return branches

    def title(self) -> str:
        return "choose"

    def label(self, block: str) -> str:
        return self.choose[int(block.split("/")[1])].if_ or "else"

    def enter(self, desk: Desk) -> Move:
        for number, branch in enumerate(self.choose):
            if branch.if_ is None:
                desk.decide("No condition is met: else is taken.")
                return Into(_block(number, branch))
            if desk.holds(branch.if_):
                return Into(_block(number, branch))
        raise AssertionError("the model holds an else branch")

    def reads(self) -> tuple[str, ...]:
        found = [field for use in self.uses() for field in conditions.fields(use.source, "customer")]
        return tuple(dict.fromkeys(found))

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for number, branch in enumerate(self.choose):
            yield _block(number, branch), branch.steps

    def uses(self) -> Iterator[Use]:
        for number, branch in enumerate(self.choose):
            if branch.if_ is not None:
                yield Use(("choose", number, "if"), branch.if_)


def _block(number: int, branch: Branch) -> str:
    return f"choose/{number}/{'do' if branch.else_ is None else 'else'}"
