"""``wait:``: for a length of time, or for an event with a mandatory maximum.

``since: step`` (the default): an event counts from the moment the journey last left a wait (or began), so what arrives
while a message goes out is not missed. ``since: journey``: it counts from the beginning of the journey. An event that
was accepted at or before the deadline wins against the deadline.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from journey import durations
from journey.inputs import Event
from journey.model import Frozen, Mistake
from journey.steps.base import Duration, EventType, Expression, Step, Use, Variable
from journey.turn import Desk, Into, Move, Next, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep


class WaitFor(Frozen):
    """The event, an optional condition on it, the maximum, and where its data is kept."""

    for_: Annotated[EventType, Field(alias="for", description="the event type")]
    if_: Annotated[Expression | None, Field(alias="if", description="which of these events counts")] = None
    up_to: Annotated[Duration, Field(alias="up to", description="the longest wait, for example 5 days")]
    since: Annotated[
        Literal["step", "journey"], Field(description="step: events since the last wait count; journey: since it began")
    ] = "step"
    into: Annotated[Variable | None, Field(description="a name: the event's data is kept as vars.<name>")] = None


def _form(value: Any) -> str:
    return "(event)" if isinstance(value, (dict, WaitFor)) else "(length)"


class Wait(Step):
    """A duration, or an event; then ``then:`` is done when it came and ``otherwise:`` when it did not."""

    kind: ClassVar[str] = "wait"
    only_waits: ClassVar[bool] = True
    wait: Annotated[
        Annotated[Duration, Tag("(length)")] | Annotated[WaitFor, Tag("(event)")],
        Discriminator(_form),
        Field(description="a length of time, or {for, if, up to, into}"),
    ]
    then: "Annotated[tuple[AnyStep, ...], Field(description='steps when the event came')]" = ()
    otherwise: "Annotated[tuple[AnyStep, ...], Field(description='steps when it did not come in time')]" = ()

    @model_validator(mode="after")
    def _blocks_belong_to_events(self) -> "Wait":
        if isinstance(self.wait, str) and (self.then or self.otherwise):
            key = "then" if self.then else "otherwise"
            raise Mistake(f"{key} belongs to a wait for an event; after a wait of a fixed time simply go on", key)
        return self

    def title(self) -> str:
        return f"wait {self.wait}" if isinstance(self.wait, str) else f"wait for {self.wait.for_}"

    def label(self, block: str) -> str:
        return "it came" if block == "then" or isinstance(self.wait, str) else f"not within {self.wait.up_to}"

    def may_rest(self) -> bool:
        return True

    def doing(self) -> str:
        return f"waits {self.title().removeprefix('wait ')}"

    def enter(self, desk: Desk) -> Move:
        length = durations.parse(self.wait if isinstance(self.wait, str) else self.wait.up_to)
        return Rest(desk.at + length / desk.state.pace)

    def woke(self, desk: Desk) -> Move:
        if isinstance(self.wait, str):
            desk.decide(f"The wait of {self.wait} is over.")
            return Next()
        desk.decide(f"{self.wait.for_} did not come within {self.wait.up_to}.")
        return Into("otherwise")

    def heard(self, desk: Desk, event: Event) -> Move | None:
        if isinstance(self.wait, str) or event.type != self.wait.for_:
            return None
        if self.wait.if_ is not None and not desk.holds(self.wait.if_, event, f"{event.type} came"):
            return None
        if self.wait.into:
            desk.vars[self.wait.into] = event.data
        if self.wait.if_ is None:
            desk.decide(f"{event.type} came.")
        return Into("then")

    def counts(self, event: Event, moved_at: datetime) -> bool:
        return not isinstance(self.wait, str) and (self.wait.since == "journey" or event.at >= moved_at)

    def keeps(self) -> tuple[str, ...]:
        return self.hears() if not isinstance(self.wait, str) and self.wait.since == "journey" else ()

    def hears(self) -> tuple[str, ...]:
        return () if isinstance(self.wait, str) else (self.wait.for_,)

    def makes(self) -> tuple[str, ...]:
        return (self.wait.into,) if not isinstance(self.wait, str) and self.wait.into else ()

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        if not isinstance(self.wait, str):
            yield "then", self.then
            yield "otherwise", self.otherwise

    def uses(self) -> Iterator[Use]:
        if not isinstance(self.wait, str) and self.wait.if_ is not None:
            yield Use(("wait", "if"), self.wait.if_, names=("event", "start", "vars", "customer", "now"))
