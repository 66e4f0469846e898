"""``wait:``: for a length of time, or for an event or a condition with a mandatory maximum.

``since: step`` (the default): an event counts from the moment the journey last left a wait (or began), so what arrives
while a message goes out is not missed. ``since: journey``: from the beginning of the journey; ``since: 2 days``: so far
back from this step. An event that was accepted at or before the deadline wins against the deadline.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag, model_validator

from journey.inputs import Event
from journey.model import Mistake
from journey.steps.awaited import Awaited, Since, counts
from journey.steps.base import Duration, Step, Use
from journey.turn import Desk, Into, Move, Next, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep


class WaitFor(Awaited):
    """An event or a condition, and the maximum."""

    up_to: Annotated[Duration, Field(alias="up to", description="the longest wait, for example 5 days")]
    since: Since = "step"


def _form(value: Any) -> str:
    return "(event)" if isinstance(value, (dict, WaitFor)) else "(length)"


class Wait(Step):
    """A duration, or an event or a condition; ``then`` is done when it came and ``otherwise`` when it did not."""

    kind: ClassVar[str] = "wait"
    only_waits: ClassVar[bool] = True
    wait: Annotated[
        Annotated[Duration, Tag("(length)")] | Annotated[WaitFor, Tag("(event)")],
        Discriminator(_form),
        Field(description="a length of time, or {for, if, up to, into}, or {until, up to}"),
    ]
    then: "Annotated[tuple[AnyStep, ...], Field(description='steps when the event came')]" = ()
    otherwise: "Annotated[tuple[AnyStep, ...], Field(description='steps when it did not come in time')]" = ()

    @model_validator(mode="after")
    def _blocks_belong_to_events(self) -> "Wait":
        if isinstance(self.wait, str) and (self.then or self.otherwise):
            key = "then" if self.then else "otherwise"
            raise Mistake(
                f"{key} belongs to a wait for an event; after a wait of a fixed time simply go on",
                key,
                rule="wait-form",
            )
        return self

    def title(self) -> str:
        if isinstance(self.wait, str):
            return f"wait {self.wait}"
        return f"wait for {self.wait.for_}" if self.wait.for_ else f"wait until {self.wait.until}"

    def label(self, block: str) -> str:
        if block == "then" or isinstance(self.wait, str):
            return "it came" if isinstance(self.wait, str) or self.wait.for_ else "it is so"
        return f"not within {self.wait.up_to}"

    def may_rest(self) -> bool:
        return True

    def must_rest(self) -> bool:
        return isinstance(self.wait, str) or self.wait.until is None

    def doing(self) -> str:
        return f"waits {self.title().removeprefix('wait ')}"

    def enter(self, desk: Desk) -> Move:
        if isinstance(self.wait, str):
            return Rest(desk.later(self.wait))
        return Into("then") if self.wait.there(desk) else Rest(desk.later(self.wait.up_to))

    def woke(self, desk: Desk) -> Move:
        if isinstance(self.wait, str):
            desk.decide(f"The wait of {self.wait} is over.")
            return Next()
        verb = "did not come" if self.wait.for_ else "was not met"
        desk.decide(f"{self.wait.name} {verb} within {self.wait.up_to}.")
        return Into("otherwise")

    def heard(self, desk: Desk, event: Event) -> Move | None:
        if isinstance(self.wait, str) or not self.wait.came(desk, event, f"{event.type} came."):
            return None
        return Into("then")

    def counts(self, event: Event, desk: Desk) -> bool:
        return not isinstance(self.wait, str) and counts(self.wait.since, event, desk)

    def keeps(self) -> tuple[str, ...]:
        return () if isinstance(self.wait, str) or self.wait.since == "step" else self.hears()

    def hears(self) -> tuple[str, ...]:
        return () if isinstance(self.wait, str) else self.wait.hears()

    def reads(self) -> tuple[str, ...]:
        return () if isinstance(self.wait, str) else self.wait.reads()

    def events(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return () if isinstance(self.wait, str) or not self.wait.for_ else ((("wait", "for"), self.wait.for_),)

    def takes(self) -> tuple[tuple[str, str], ...]:
        return () if isinstance(self.wait, str) else self.wait.takes()

    def makes(self) -> tuple[str, ...]:
        return (self.wait.into,) if not isinstance(self.wait, str) and self.wait.into else ()

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        if not isinstance(self.wait, str):
            yield "then", self.then
            yield "otherwise", self.otherwise

    def uses(self) -> Iterator[Use]:
        if not isinstance(self.wait, str):
            for use in self.wait.uses():
                yield replace(use, path=("wait", *use.path))
