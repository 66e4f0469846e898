"""``notify: care-team``: a mail to a team of the company, with a text that says what to do."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from journey.effects import NotifyTeam
from journey.inputs import EffectDone
from journey.steps.base import Name
from journey.steps.trying import Failure, Trying
from journey.turn import Asked, Desk, Move, Next


class Notify(Trying):
    """The team (of ``definitions/company.yaml``) and the text (Liquid)."""

    kind: ClassVar[str] = "notify"
    passing: ClassVar[tuple[str, ...]] = ("refused", "failed")
    failures: ClassVar[tuple[str, ...]] = ("refused", "failed", "suppressed")
    notify: Annotated[Name, Field(description="a team of definitions/company.yaml")]
    text: Annotated[str, Field(min_length=1, max_length=5000, description="what the team should know and do (Liquid)")]

    def words(self) -> str:
        return f"☎ {self.notify}"

    def texts(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        yield ("text",), self.text

    def teams(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("notify",), self.notify),)

    def attempt(self, desk: Desk) -> Move:
        return Asked(NotifyTeam(id=desk.effect_id(), team=self.notify, text=self.text, vars=desk.vars))

    def answered(self, desk: Desk, done: EffectDone) -> Move:
        if done.outcome == "accepted":
            return Next()
        failure = untold(self.notify, done)
        if done.outcome != "unknown":
            return self.failed(desk, failure)
        desk.decide(f"{failure.said}; the journey goes on.")
        return Next()


def untold(team: str, done: EffectDone) -> Failure:
    """How a team was not told."""
    reason = str(done.value.get("reason") or "")
    because = f" ({reason})" if reason else ""
    return Failure(done.outcome, reason, f"The team {team} could not be told for sure: {done.outcome}{because}")
