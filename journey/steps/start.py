"""``start: complaint``: begin another journey for this customer; with ``up to`` this one waits for its end.

The other one begins as if its event had come with the data of ``with``: its own condition, key and rule for starting
again decide.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field, model_validator

from journey import conditions
from journey.declared.fields import DeclaredField, Fields
from journey.effects import StartJourney
from journey.inputs import JOURNEY_ENDED, EffectDone, Event
from journey.model import Frozen, Mistake
from journey.steps import values
from journey.steps.base import CalendarName, Length, Name, Step, Use, Variable
from journey.steps.trying import AGAIN, Failure, Trying
from journey.turn import Asked, Desk, Into, Move, Next, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep

_TEXT = DeclaredField.model_validate("text")
INSTANCE = "instance"
"""The other instance, while its end is waited for (``State.here``)."""


class End(Frozen):
    """One outcome, and what follows."""

    as_: Annotated[Name, Field(alias="as", description="the outcome, in one word")]
    do: "Annotated[tuple[AnyStep, ...], Field(description='the steps when it ended so; [] for none')]"


class StartStep(Trying):
    """The journey, the data it begins with, and whether its end is waited for."""

    kind: ClassVar[str] = "start"
    passing: ClassVar[tuple[str, ...]] = ("refused",)
    failures: ClassVar[tuple[str, ...]] = ("refused",)
    start: Annotated[Name, Field(description="the journey to begin, by name")]
    with_: Annotated[
        dict[str, Any],
        Field(alias="with", description="the data it begins with; values that begin with = are expressions"),
    ] = Field(default_factory=dict)
    up_to: Annotated[
        Length | None, Field(alias="up to", description="wait for its end at most so long; without it go on at once")
    ] = None
    calendar: CalendarName = None
    ends_with_this: Annotated[
        bool, Field(alias="ends with this", description="true: it is cancelled when this journey ends before it")
    ] = False
    into: Annotated[Variable | None, Field(description="a name: its outcome is kept as vars.<name>.outcome")] = None
    outcomes: Annotated[tuple[End, ...], Field(description="what follows which outcome; others simply go on")] = ()
    otherwise: "Annotated[tuple[AnyStep, ...], Field(description='steps when it has not ended in time')]" = ()

    @model_validator(mode="after")
    def _who_waits_says_how_long(self) -> "StartStep":
        for key, given in (("into", self.into), ("outcomes", self.outcomes), ("otherwise", self.otherwise)):
            if given and self.up_to is None:
                raise Mistake(f'"{key}" needs up to: beside it, the longest wait for the end of the other journey', key)
        return self

    def title(self) -> str:
        return f"start {self.start}"

    def starts(self) -> str | None:
        return self.start

    def words(self) -> str:
        return f"▸ {self.start}"

    def doing(self) -> str:
        return f"waits for the end of {self.start}"

    def label(self, block: str) -> str:
        if block == "otherwise":
            return f"not within {self.up_to}"
        return self.outcomes[int(block.split("/")[1])].as_ if block.startswith("outcomes/") else super().label(block)

    def past(self) -> str:
        return "it has ended" if self.up_to is not None else super().past()

    def attempt(self, desk: Desk) -> Move:
        data, problem = values.work_out(desk, self.with_)
        if problem:
            desk.decide(f"A value is left empty: {problem}.")
        return Asked(
            StartJourney(
                id=desk.effect_id(),
                journey=self.start,
                data={key: value for key, value in data.items() if value is not None},
                awaited=self.up_to is not None,
                bound=self.ends_with_this,
            )
        )

    def answered(self, desk: Desk, done: EffectDone) -> Move:
        if done.outcome != "accepted":
            reason = str(done.value.get("reason") or "")
            said = f"{self.start} did not start{f' ({reason})' if reason else ''}"
            return self.failed(desk, Failure("refused", reason, said))
        desk.decide(f"{self.start} has started.")
        if self.up_to is None:
            return Next()
        desk.here[INSTANCE] = done.value.get(INSTANCE, "")
        return Rest(desk.later(self.up_to, self.calendar))

    def heard(self, desk: Desk, event: Event) -> Move | None:
        """The end of the instance that was started; in a story that names none, of the journey."""
        if event.type != JOURNEY_ENDED or AGAIN in desk.here:
            return None
        if event.data.get(INSTANCE, desk.here.get(INSTANCE)) != desk.here.get(INSTANCE):
            return None
        if event.data.get("journey") != self.start:
            return None
        outcome = str(event.data.get("outcome") or "")
        desk.decide(f'{self.start} ended as "{outcome}".')
        if self.into:
            desk.vars[self.into] = {"outcome": outcome}
        number = next((number for number, end in enumerate(self.outcomes) if end.as_ == outcome), None)
        return Next() if number is None else Into(f"outcomes/{number}/do")

    def rested(self, desk: Desk) -> Move:
        desk.decide(f"{self.start} did not end in time.")
        return Next() if self.up_to is None else Into("otherwise")  # a version that does not wait for it goes on

    def may_rest(self) -> bool:
        return self.up_to is not None or super().may_rest()

    def must_rest(self) -> bool:
        return False

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("up to",), self.up_to),) if self.up_to else ()

    def counts_later(self) -> bool:
        return bool(self.calendars()) or self.reads_zone()

    def hears(self) -> tuple[str, ...]:
        return (JOURNEY_ENDED,) if self.up_to is not None else ()

    def reads(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(field for use in self.uses() for field in conditions.fields(use.source, "customer")))

    def makes(self) -> tuple[str, ...]:
        return (*super().makes(), *((self.into,) if self.into else ()))

    def certain(self, block: str) -> tuple[str, ...]:
        if block.startswith("outcomes/"):
            return (self.into,) if self.into else ()
        return super().certain(block) if block or self.on_failure is not None else ()

    def shapes(self) -> dict[str, Fields]:
        return {**super().shapes(), **({self.into: {"outcome": _TEXT}} if self.into else {})}

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        for number, end in enumerate(self.outcomes):
            yield f"outcomes/{number}/do", end.do
        if self.up_to is not None:
            yield "otherwise", self.otherwise
        yield from super().blocks()

    def uses(self) -> Iterator[Use]:
        yield from values.uses(self.with_, ("with",))
