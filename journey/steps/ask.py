"""``ask: how-is-it``: a question to the customer; the journey waits for the answer, with a mandatory maximum.

The answer is an event (``survey.answered``) that names the message it answers (``ask``: what the mail room called it,
or the effect's id), or no message at all. An answer to another question is passed over.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from journey.inputs import ANSWERED, EffectDone, Event
from journey.steps.awaited import ON_EVENT
from journey.steps.base import CalendarName, EventType, Expression, Length, Name, Step, Use, Variable
from journey.steps.sending import Sending
from journey.steps.trying import AGAIN
from journey.turn import Desk, Into, Move, Rest

if TYPE_CHECKING:
    from journey.steps import AnyStep

MESSAGE = "message"
"""What the mail room calls the message that asks (``State.here``)."""


class Ask(Sending):
    """The message that asks, the longest wait for the answer, and where it is kept."""

    kind: ClassVar[str] = "ask"
    ask: Annotated[Name, Field(description="the message that asks: a text in definitions/messages/, without .md")]
    for_: Annotated[EventType, Field(alias="for", description="the event type that the answer comes as")] = ANSWERED
    if_: Annotated[Expression | None, Field(alias="if", description="which of these answers counts")] = None
    up_to: Annotated[Length, Field(alias="up to", description="the longest wait for the answer, for example 1 week")]
    calendar: CalendarName = None
    into: Annotated[Variable | None, Field(description="a name: the answer is kept as vars.<name>")] = None
    then: "Annotated[tuple[AnyStep, ...], Field(description='steps when the answer came')]" = ()
    otherwise: "Annotated[tuple[AnyStep, ...], Field(description='steps when none came or it was not asked')]" = ()

    def words(self) -> str:
        return f"✉ {self.ask}?"

    def doing(self) -> str:
        return f"waits for the answer to {self.ask}"

    def label(self, block: str) -> str:
        return {"then": "it was answered", "otherwise": f"not within {self.up_to}"}.get(block) or super().label(block)

    def question(self) -> str:
        return self.for_

    def sent(self, desk: Desk, done: EffectDone) -> Move:
        desk.here[MESSAGE] = done.value.get(MESSAGE) or done.effect
        return Rest(desk.later(self.up_to, self.calendar))

    def not_sent(self) -> Move:
        return Into("otherwise")

    def heard(self, desk: Desk, event: Event) -> Move | None:
        named = event.data.get("ask")
        if event.type != self.for_ or AGAIN in desk.here or named not in (None, desk.here.get(MESSAGE)):
            return None
        if self.if_ is not None and not desk.holds(self.if_, event, f"{event.type} came"):
            return None
        if self.into:
            desk.vars[self.into] = {key: value for key, value in event.data.items() if key != "ask"}
        if self.if_ is None:
            desk.decide(f"The question {self.ask} was answered.")
        return Into("then")

    def rested(self, desk: Desk) -> Move:
        desk.decide(f"The question {self.ask} was not answered within {self.up_to}.")
        return Into("otherwise")

    def may_rest(self) -> bool:
        return True

    def goes_on(self) -> bool:
        return False

    def lengths(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return ((("up to",), self.up_to),)

    def counts_later(self) -> bool:
        return bool(self.calendars()) or self.reads_zone()

    def hears(self) -> tuple[str, ...]:
        return (self.for_,)

    def makes(self) -> tuple[str, ...]:
        return (*super().makes(), *((self.into,) if self.into else ()))

    def events(self) -> tuple[tuple[tuple[str | int, ...], str], ...]:
        return () if self.for_ == ANSWERED else ((("for",), self.for_),)

    def takes(self) -> tuple[tuple[str, str], ...]:
        return ((self.into, self.for_),) if self.into else ()

    def blocks(self) -> Iterator[tuple[str, tuple[Step, ...]]]:
        yield "then", self.then
        yield "otherwise", self.otherwise
        yield from super().blocks()

    def uses(self) -> Iterator[Use]:
        if self.if_ is not None:
            yield Use(("if",), self.if_, names=ON_EVENT, event=self.for_)
