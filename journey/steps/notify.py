"""``notify: care-team``: a mail to a team of the company, with a text that says what to do."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from journey.effects import NotifyTeam
from journey.inputs import EffectDone
from journey.steps.base import Name, Step
from journey.turn import Asked, Desk, Move, Next


class Notify(Step):
    """The team (of ``definitions/company.yaml``) and the text (Liquid)."""

    kind: ClassVar[str] = "notify"
    notify: Annotated[Name, Field(description="a team of definitions/company.yaml")]
    text: Annotated[str, Field(min_length=1, max_length=5000, description="what the team should know and do (Liquid)")]

    def words(self) -> str:
        return f"☎ {self.notify}"

    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        yield ("text",), self.text

    def teams(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("notify",), self.notify),)

    def enter(self, desk: Desk) -> Move:
        return Asked(NotifyTeam(id=desk.effect_id(), team=self.notify, text=self.text, vars=desk.vars))

    def answered(self, desk: Desk, done: EffectDone) -> Move:
        if done.outcome != "accepted":
            reason = f" ({done.value['reason']})" if done.value.get("reason") else ""
            desk.decide(f"The team {self.notify} could not be told for sure: {done.outcome}{reason}.")
        return Next()
